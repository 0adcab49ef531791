// SPDX-License-Identifier: BSD-3-Clause
// Random numbers: the published sequence, and the moments of the normal distribution.
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <map>

extern "C" {
#include "core/random_numbers.h"
}

// The first numbers of splitmix64 with seed 1234567, as its authors give them.
TEST(RandomNumbers, Splitmix64)
{
    uint64_t state = 1234567;
    for (uint64_t expected : {6457827717110365317u, 3203168211198807973u, 9817491932198370423u})
        EXPECT_EQ(random_bits(&state), expected);
}

TEST(RandomNumbers, NormalDistribution)
{
    uint64_t state = 1;
    const int n = 100000;
    double moments[5] = {0};
    for (int i = 0; i < n; i++) {
        double x = random_normal(&state);
        ASSERT_TRUE(std::isfinite(x));
        for (int k = 1; k <= 4; k++) moments[k] += std::pow(x, k) / n;
    }
    const double expected[5] = {0, 0, 1, 0, 3};
    const double sigma[5] = {0, 1, std::sqrt(2.0), std::sqrt(15.0), std::sqrt(96.0)};
    for (int k = 1; k <= 4; k++) EXPECT_LE(std::fabs(moments[k] - expected[k]), 5 * sigma[k] / std::sqrt(n)) << k;
}

TEST(RandomNumbers, ShufflesKeepAllNumbersAndReachEveryOrderAlike)
{
    uint64_t state = 5;
    const int n = 60000;
    std::map<std::array<size_t, 3>, int> counts;
    for (int i = 0; i < n; i++) {
        std::array<size_t, 3> order{7, 8, 9};
        random_shuffle(order.data(), order.size(), &state);
        counts[order]++;
    }
    ASSERT_EQ(6u, counts.size());
    for (const auto &[order, count] : counts) EXPECT_LE(std::abs(count - n / 6), 5 * std::sqrt(n * 5. / 36));
    random_shuffle(nullptr, 0, &state);
}
