// SPDX-License-Identifier: BSD-3-Clause
// Numbers in order (core/sorting.c).
#include <cmath>
#include <gtest/gtest.h>
#include <vector>

extern "C" {
#include "core/sorting.h"
}

TEST(Sorting, AscendsAndPutsNanLast)
{
    std::vector<double> x{3, NAN, -1, 2, -INFINITY, NAN, 2};
    sort_reals(x.data(), x.size());
    EXPECT_EQ(-INFINITY, x[0]);
    EXPECT_EQ((std::vector<double>{-1, 2, 2, 3}), std::vector<double>(x.begin() + 1, x.begin() + 5));
    EXPECT_TRUE(std::isnan(x[5]) && std::isnan(x[6]));
    sort_reals(nullptr, 0);
}

TEST(Sorting, EqualValuesKeepTheOrderOfTheirPlaces)
{
    std::vector<ranked_real> x{{1, 3}, {NAN, 0}, {1, 1}, {0, 4}, {1, 2}};
    sort_ranked(x.data(), x.size());
    std::vector<size_t> places;
    for (const ranked_real &item : x) places.push_back(item.index);
    EXPECT_EQ((std::vector<size_t>{4, 1, 2, 3, 0}), places);
}
