// SPDX-License-Identifier: BSD-3-Clause
// The ranks of a training run. Started alone it is a run of one rank; test_ranks.py starts it by mpirun.
#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <string>
#include <vector>

extern "C" {
#include "core/memory.h"
#include "parallel/parallel.h"
#include "solvers/shared_selection.h"
#include "solvers/tall_qr.h"
}

namespace
{

parallel *ranks = nullptr; // of this process; a failure ends it, so it is the last test that provokes one

int rank()
{
    return parallel_rank(ranks);
}

int size()
{
    return parallel_size(ranks);
}

TEST(Parallel, OwnersAscendFromTheFirst)
{
    int last = 0;
    EXPECT_EQ(0, parallel_owner(ranks, 0, 100));
    for (int k = 0; k < 100; k++) {
        int owner = parallel_owner(ranks, k, 100);
        EXPECT_GE(owner, last);
        last = owner;
    }
    EXPECT_EQ(size() - 1, last);
    EXPECT_EQ(0, parallel_owner(ranks, 0, 0));
}

TEST(Parallel, BroadcastsMovesAndFindsTheLargest)
{
    mlsoap_error error{};
    double numbers[3] = {1.0 * rank(), 2.0 * rank(), 3.0 * rank()};
    ASSERT_EQ(MLSOAP_SUCCESS, parallel_broadcast(ranks, size() - 1, numbers, sizeof numbers, &error));
    EXPECT_EQ(3.0 * (size() - 1), numbers[2]);
    double moved = rank();
    ASSERT_EQ(MLSOAP_SUCCESS, parallel_move(ranks, size() - 1, 0, &moved, sizeof moved, &error));
    EXPECT_EQ(rank() == 0 ? size() - 1 : rank(), moved);
    double value = rank() == 0 ? -INFINITY : 5; // twice there where there are three ranks
    size_t index = 10 + (size_t)rank();
    int owner;
    ASSERT_EQ(MLSOAP_SUCCESS, parallel_largest(ranks, &value, &index, &owner, &error));
    EXPECT_EQ(size() > 1 ? 1 : 0, owner);
    EXPECT_EQ(size() > 1 ? 11u : 10u, index);
    EXPECT_EQ(size() > 1 ? 5 : -INFINITY, value);
}

// The triangle of a tree of n_leaves whose leaves are put by their owners, on rank 0.
std::vector<double> joined(size_t n_leaves, bool divided)
{
    const size_t n = 5;
    mlsoap_error error{};
    r_tree *tree = nullptr;
    std::vector<int> owner;
    for (size_t i = 0; i < n_leaves; i++)
        owner.push_back(divided ? parallel_owner(ranks, (double)i, (double)n_leaves) : 0);
    EXPECT_EQ(MLSOAP_SUCCESS, r_tree_new(n_leaves, n, &tree, &error));
    for (size_t i = 0; i < n_leaves; i++) {
        std::mt19937_64 engine(i);
        double *R = MEMORY_NEW(double, n *n);
        for (size_t j = 0; j < n; j++)
            for (size_t k = 0; k <= j; k++) R[j * n + k] = std::uniform_real_distribution<double>(-1, 1)(engine);
        if (divided && owner[i] != rank()) {
            memory_free(R);
            continue;
        }
        EXPECT_EQ(MLSOAP_SUCCESS, r_tree_put(tree, i, R, &error));
    }
    if (divided) {
        EXPECT_EQ(MLSOAP_SUCCESS, r_tree_join(tree, ranks, owner.data(), &error));
    }
    double *root = r_tree_take(tree);
    std::vector<double> result(root, root + n * n);
    memory_free(root);
    r_tree_free(tree);
    return result;
}

TEST(Parallel, TheTreeOfSeveralRanksIsThatOfOne)
{
    for (size_t n_leaves : {1, 2, 3, 4, 5, 7, 8, 13}) {
        std::vector<double> divided = joined(n_leaves, true);
        if (rank() == 0) {
            EXPECT_EQ(joined(n_leaves, false), divided) << n_leaves;
        }
    }
}

TEST(Parallel, SelectionsOfSeveralRanksAreThoseOfOne)
{
    const size_t n_rows = 40, stride = 6, n = 12;
    mlsoap_error error{};
    std::mt19937_64 engine(1);
    std::vector<double> X(n_rows * stride), points(n * stride), expected(n * stride);
    for (double &x : X) x = std::normal_distribution<double>()(engine);
    size_t first = n_rows, last = 0;
    for (size_t i = 0; i < n_rows; i++)
        if (parallel_owner(ranks, (double)i, (double)n_rows) == rank()) {
            first = std::min(first, i);
            last = i + 1;
        }
    for (auto [method, small] : {std::pair("fps", 0), std::pair("fps", 1000), std::pair("cur", 0)}) {
        shared_rows own = {ranks, X.data() + first * stride, first, last - first, n_rows, stride};
        size_t n_points, selected[n], n_selected;
        ASSERT_EQ(MLSOAP_SUCCESS, shared_selection(&own, method, (size_t)small, n, points.data(), &n_points, &error))
            << error.message;
        ASSERT_EQ(MLSOAP_SUCCESS,
                  selection_find(method)(X.data(), n_rows, stride, stride, 0, n, selected, &n_selected, &error));
        ASSERT_EQ(n_selected, n_points);
        for (size_t s = 0; s < n_points; s++)
            for (size_t f = 0; f < stride; f++)
                EXPECT_EQ(X[selected[s] * stride + f], points[s * stride + f]) << method;
    }
}

TEST(Parallel, TheFailureOfOneRankReachesAll)
{
    mlsoap_error error{};
    double number = 0;
    if (rank() == size() - 1) {
        mlsoap_status own = status_fail(&error, MLSOAP_ERROR_VALUE, "a bad number");
        EXPECT_EQ(MLSOAP_ERROR_VALUE, parallel_meet(ranks, own, &error));
    } else {
        EXPECT_EQ(MLSOAP_ERROR_VALUE, parallel_broadcast(ranks, 0, &number, sizeof number, &error));
    }
    std::string prefix = size() > 1 ? "rank " + std::to_string(size() - 1) + ": " : "";
    EXPECT_EQ(prefix + "a bad number", error.message);
    if (ranks) {
        EXPECT_EQ(MLSOAP_ERROR_VALUE, parallel_meet(ranks, MLSOAP_SUCCESS, &error)); // without waiting
    }
}

} // namespace

int main(int argc, char **argv)
{
    mlsoap_error error{};
    testing::InitGoogleTest(&argc, argv);
    if (parallel_start(&ranks, &error)) {
        fprintf(stderr, "%s\n", error.message);
        return 1;
    }
    int code = RUN_ALL_TESTS();
    parallel_end(ranks);
    return code;
}
