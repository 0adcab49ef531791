/* SPDX-License-Identifier: BSD-3-Clause */
// progress.c: silent for short work, one line for long work that is not on a terminal, counting from many threads.
extern "C" {
#include "app/progress.h"
#include "core/memory.h"
}

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

TEST(Progress, ShortWorkIsSilent)
{
    testing::internal::CaptureStderr();
    progress *p = progress_begin("work", 10);
    progress_add(p, 4);
    progress_add(p, 100); // more than there is
    progress_end(p);
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST(Progress, LongWorkEndsWithALine)
{
    testing::internal::CaptureStderr();
    progress *p = progress_begin("describing", 2);
    progress_add(p, 1);
    usleep(2100000);
    progress_add(p, 1);
    progress_end(p);
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "describing: done in 2 s\n");
}

TEST(Progress, NullShowsNothing)
{
    progress_add(nullptr, 1);
    progress_end(nullptr);
    memory_fail_after(1);
    EXPECT_EQ(progress_begin("work", 1), nullptr);
    memory_fail_after(0);
}

TEST(Progress, CountsFromManyThreads)
{
    testing::internal::CaptureStderr();
    progress *p = progress_begin("work", 4000);
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; t++)
        threads.emplace_back([p] {
            for (int i = 0; i < 1000; i++) progress_add(p, 1);
        });
    for (auto &t : threads) t.join();
    progress_end(p);
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}
