// SPDX-License-Identifier: BSD-3-Clause
// Farthest point sampling against its definition.
#include "selection_oracle.hpp"

#include <gtest/gtest.h>
#include <omp.h>

extern "C" {
#include "app/fps.h"
#include "core/memory.h"
}

namespace
{
std::vector<size_t> select(const std::vector<double> &X, size_t rows, size_t d, size_t n)
{
    std::vector<size_t> selected(n);
    size_t found = 0;
    mlsoap_error error;
    EXPECT_EQ(MLSOAP_SUCCESS, fps_select(X.data(), rows, d, d, 0, n, selected.data(), &found, &error));
    selected.resize(found);
    return selected;
}
} // namespace

TEST(Fps, EqualsTheDefinition)
{
    for (unsigned seed = 1; seed <= 5; seed++) {
        auto X = random_rows(80, 13, seed, seed % 2);
        EXPECT_EQ(fps_oracle(X, 80, 13, 40), select(X, 80, 13, 40));
    }
}

TEST(Fps, TiesGoToTheLowestRow)
{
    std::vector<double> X{0, 0, 1, 0, -1, 0, 0, 1};
    EXPECT_EQ((std::vector<size_t>{0, 1, 2, 3}), select(X, 4, 2, 4));
}

TEST(Fps, StopsAtRepeats)
{
    auto X = random_rows(10, 5, 9, true);
    std::vector<double> twice(X);
    twice.insert(twice.end(), X.begin(), X.end());
    auto selected = select(twice, 20, 5, 20);
    EXPECT_EQ(10u, selected.size());
    for (size_t s : selected) EXPECT_LT(s, 10u);
}

TEST(Fps, SameForAnyNumberOfThreads)
{
    auto X = random_rows(500, 30, 11, true);
    omp_set_num_threads(1);
    auto one = select(X, 500, 30, 200);
    omp_set_num_threads(4);
    EXPECT_EQ(one, select(X, 500, 30, 200));
}

TEST(Fps, RefusesNonFiniteRowsAndNoMemory)
{
    auto X = random_rows(6, 3, 1, false);
    X[7] = NAN;
    size_t selected[3], n;
    mlsoap_error error;
    EXPECT_EQ(MLSOAP_ERROR_VALUE, fps_select(X.data(), 6, 3, 3, 0, 3, selected, &n, &error));
    X[7] = 0;
    EXPECT_EQ(MLSOAP_ERROR_ARGUMENT, fps_select(X.data(), 6, 3, 3, 6, 3, selected, &n, &error));
    memory_fail_after(1);
    EXPECT_EQ(MLSOAP_ERROR_MEMORY, fps_select(X.data(), 6, 3, 3, 0, 3, selected, &n, &error));
    memory_fail_after(0);
    EXPECT_EQ(MLSOAP_SUCCESS, fps_select(X.data(), 0, 3, 3, 0, 3, selected, &n, &error));
    EXPECT_EQ(0u, n);
}
