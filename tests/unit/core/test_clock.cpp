// SPDX-License-Identifier: BSD-3-Clause
// Time that has passed (core/clock.c): it does not go back, and work takes some of the processor's.
#include <cmath>
#include <gtest/gtest.h>

extern "C" {
#include "core/clock.h"
}

TEST(Clock, GoesOn)
{
    double wall = clock_seconds(), processor = clock_thread_seconds(), last = wall;
    volatile double sum = 0;
    for (int i = 0; i < 1000000; i++) sum = sum + std::sqrt(i);
    for (int i = 0; i < 100; i++) {
        double now = clock_seconds();
        EXPECT_GE(now, last);
        last = now;
    }
    EXPECT_GT(last, wall);
    EXPECT_GT(clock_thread_seconds(), processor);
}
