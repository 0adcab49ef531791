// SPDX-License-Identifier: BSD-3-Clause
// Streaming QR: the triangle equals that of a dense QR, whatever the calls, leaves and threads.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <lapacke.h>
#include <random>
#include <vector>

extern "C" {
#include "core/memory.h"
#include "solvers/tall_qr.h"
}

namespace
{

std::vector<double> random_matrix(size_t rows, size_t columns, unsigned seed)
{
    std::mt19937_64 engine(seed);
    std::uniform_real_distribution<double> uniform(-1, 1);
    std::vector<double> A(rows * columns);
    for (double &a : A) a = uniform(engine);
    return A;
}

// R^T R = A^T A, columns of R compared up to the sign of its rows with LAPACK's dense QR.
void expect_triangle_of(const std::vector<double> &A, size_t rows, size_t n, const double *R, double tolerance)
{
    std::vector<double> B(A), tau(n);
    ASSERT_EQ(0, LAPACKE_dgeqrf(LAPACK_ROW_MAJOR, (int)rows, (int)n, B.data(), (int)n, tau.data()));
    for (size_t i = 0; i < n; i++) {
        double sign = B[i * n + i] * R[i * n + i] < 0 ? -1 : 1;
        for (size_t j = 0; j < n; j++) {
            double expected = j < i ? 0 : sign * B[i * n + j];
            EXPECT_LE(std::fabs(R[j * n + i] - expected), tolerance) << i << " " << j;
        }
    }
}

double *triangle(const std::vector<double> &A, size_t rows, size_t n, size_t piece)
{
    tall_qr *qr = nullptr;
    double *R = nullptr;
    mlsoap_error error;
    EXPECT_EQ(MLSOAP_SUCCESS, tall_qr_new(n, &qr, &error));
    for (size_t i = 0; i < rows; i += piece)
        EXPECT_EQ(MLSOAP_SUCCESS, tall_qr_add(qr, &A[i * n], std::min(piece, rows - i), n, 1, &error));
    EXPECT_EQ(MLSOAP_SUCCESS, tall_qr_take(qr, &R, &error));
    tall_qr_free(qr);
    return R;
}

} // namespace

TEST(TallQr, EqualsDenseQr)
{
    for (size_t rows : {70u, 511u, 512u, 513u, 2000u}) {
        const size_t n = 41;
        auto A = random_matrix(rows, n, 3);
        double *R = triangle(A, rows, n, 7);
        expect_triangle_of(A, rows, n, R, 1e-12 * std::sqrt((double)rows));
        memory_free(R);
    }
}

TEST(TallQr, BitsDoNotDependOnTheCalls)
{
    const size_t n = 33, rows = 1700;
    auto A = random_matrix(rows, n, 4);
    double *a = triangle(A, rows, n, 1), *b = triangle(A, rows, n, 600);
    EXPECT_EQ(0, std::memcmp(a, b, n * n * sizeof(double)));
    memory_free(a);
    memory_free(b);
}

TEST(TallQr, FewerRowsThanColumnsAndScale)
{
    const size_t n = 20, rows = 6;
    auto A = random_matrix(rows, n, 5);
    mlsoap_error error;
    tall_qr *qr;
    double *R;
    ASSERT_EQ(MLSOAP_SUCCESS, tall_qr_new(n, &qr, &error));
    ASSERT_EQ(MLSOAP_SUCCESS, tall_qr_add(qr, A.data(), rows, n, 3, &error));
    ASSERT_EQ(MLSOAP_SUCCESS, tall_qr_take(qr, &R, &error));
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) {
            double expected = 0, found = 0;
            for (size_t k = 0; k < rows; k++) expected += 9 * A[k * n + i] * A[k * n + j];
            for (size_t k = 0; k < n; k++) found += R[i * n + k] * R[j * n + k];
            EXPECT_LE(std::fabs(found - expected), 1e-13);
        }
    memory_free(R);
    double *empty;
    ASSERT_EQ(MLSOAP_SUCCESS, tall_qr_take(qr, &empty, &error)); // taken: empty again
    for (size_t i = 0; i < n * n; i++) EXPECT_EQ(0, empty[i]);
    memory_free(empty);
    tall_qr_free(qr);
}

// Few rows that begin with zeros, as energies of frames without the first elements, end in the last rows of a triangle.
TEST(TallQr, MergeOfAFewRows)
{
    const size_t n = 25, rows = 100, few = 4;
    for (size_t zeros : {0u, 9u, 22u}) {
        auto A = random_matrix(rows + few, n, 6);
        for (size_t i = rows; i < rows + few; i++) std::fill_n(&A[i * n], zeros, 0);
        double *R = triangle({A.begin(), A.begin() + rows * n}, rows, n, rows);
        double *other = triangle({A.begin() + rows * n, A.end()}, few, n, few);
        mlsoap_error error;
        ASSERT_EQ(MLSOAP_SUCCESS, r_merge(R, other, n, &error));
        expect_triangle_of(A, rows + few, n, R, 1e-12);
        memory_free(R);
        memory_free(other);
    }
}

TEST(RTree, SameBitsInAnyOrderAndEqualToDense)
{
    const size_t n = 17, rows = 40;
    mlsoap_error error;
    for (size_t n_leaves : {1u, 2u, 3u, 5u, 8u, 13u}) {
        auto A = random_matrix(rows * n_leaves, n, 7);
        std::vector<double> first;
        for (int order = 0; order < 3; order++) {
            r_tree *tree;
            ASSERT_EQ(MLSOAP_SUCCESS, r_tree_new(n_leaves, n, &tree, &error));
#pragma omp parallel for schedule(dynamic, 1) num_threads(1 + order)
            for (size_t k = 0; k < n_leaves; k++) {
                size_t leaf = order == 1 ? n_leaves - 1 - k : k;
                mlsoap_error own;
                double *R = triangle({&A[leaf * rows * n], &A[leaf * rows * n] + rows * n}, rows, n, rows);
                EXPECT_EQ(MLSOAP_SUCCESS, r_tree_put(tree, leaf, R, &own));
            }
            double *root = r_tree_take(tree);
            ASSERT_NE(nullptr, root);
            if (order == 0) {
                expect_triangle_of(A, rows * n_leaves, n, root, 1e-12);
                first.assign(root, root + n * n);
            }
            EXPECT_EQ(0, std::memcmp(first.data(), root, n * n * sizeof(double))) << n_leaves << " leaves";
            memory_free(root);
            r_tree_free(tree);
        }
    }
}

TEST(TallQr, NoMemoryIsAStatus)
{
    mlsoap_error error;
    for (long k = 1; k <= 6; k++) {
        tall_qr *qr;
        memory_fail_after(k);
        EXPECT_EQ(MLSOAP_ERROR_MEMORY, tall_qr_new(5, &qr, &error));
        memory_fail_after(0);
        EXPECT_EQ(nullptr, qr);
    }
}
