// SPDX-License-Identifier: BSD-3-Clause
// CUR selection against a dense SVD in every step.
#include "selection_oracle.hpp"

#include <gtest/gtest.h>
#include <set>

extern "C" {
#include "app/cur.h"
#include "app/selection.h"
#include "core/memory.h"
}

namespace
{
std::vector<size_t> select(const std::vector<double> &X, size_t rows, size_t d, size_t n)
{
    std::vector<size_t> selected(n);
    size_t found = 0;
    mlsoap_error error;
    EXPECT_EQ(MLSOAP_SUCCESS, cur_select(X.data(), rows, d, d, 0, n, selected.data(), &found, &error));
    selected.resize(found);
    return selected;
}
} // namespace

TEST(Cur, EqualsTheSvdForm)
{
    for (unsigned seed = 1; seed <= 5; seed++) {
        auto X = random_rows(40, 12, seed, seed % 2);
        EXPECT_EQ(cur_oracle(X, 40, 12, 6), select(X, 40, 12, 6)) << "seed " << seed;
    }
}

TEST(Cur, SweepsAgainBeyondTheRankWithoutRepeats)
{
    auto X = random_rows(30, 4, 3, true);
    auto selected = select(X, 30, 4, 20);
    EXPECT_EQ(20u, selected.size());
    EXPECT_EQ(20u, std::set<size_t>(selected.begin(), selected.end()).size());
}

TEST(Cur, StopsWhereAllIsRepeated)
{
    auto X = random_rows(5, 4, 3, true);
    std::vector<double> twice(X);
    twice.insert(twice.end(), X.begin(), X.end());
    EXPECT_EQ(5u, select(twice, 10, 4, 10).size());
    EXPECT_EQ(0u, select(std::vector<double>(12, 0.0), 3, 4, 2).size());
}

TEST(Cur, RefusesNonFiniteRowsAndNoMemory)
{
    auto X = random_rows(6, 3, 1, false);
    size_t selected[3], n;
    mlsoap_error error;
    X[2] = INFINITY;
    EXPECT_EQ(MLSOAP_ERROR_VALUE, cur_select(X.data(), 6, 3, 3, 0, 3, selected, &n, &error));
    memory_fail_after(2);
    EXPECT_EQ(MLSOAP_ERROR_MEMORY, cur_select(X.data(), 6, 3, 3, 0, 3, selected, &n, &error));
    memory_fail_after(0);
}

TEST(Selection, TableOfMethods)
{
    EXPECT_NE(nullptr, selection_find("fps"));
    EXPECT_NE(nullptr, selection_find("cur"));
    EXPECT_EQ(nullptr, selection_find("random"));
}
