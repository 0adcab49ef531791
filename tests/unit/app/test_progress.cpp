/* SPDX-License-Identifier: BSD-3-Clause */
// progress.c: silent for short work, one line for long work that is not on a terminal, counting from many threads.
extern "C" {
#include "app/progress.h"
#include "core/memory.h"
}

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <regex>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

namespace
{

/* What `work` writes to stderr, and the seconds that it took. */
std::string said(const std::function<void()> &work, double &seconds)
{
    const auto start = std::chrono::steady_clock::now();
    testing::internal::CaptureStderr();
    work();
    seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return testing::internal::GetCapturedStderr();
}

/* Work of some milliseconds is silent. A busy machine may take the two seconds over it from which on its end is told:
 * then it is done again. */
void expect_silence(const std::function<void()> &work)
{
    double seconds = 2;
    std::string text;
    for (int i = 0; i < 20 && seconds >= 2; i++) text = said(work, seconds);
    ASSERT_LT(seconds, 2);
    EXPECT_EQ(text, "");
}

} // namespace

TEST(Progress, ShortWorkIsSilent)
{
    expect_silence([] {
        progress *p = progress_begin("work", 10);
        progress_add(p, 4);
        progress_add(p, 100); // more than there is
        progress_end(p);
    });
}

TEST(Progress, LongWorkEndsWithALine)
{
    double seconds;
    std::string text = said(
        [] {
            progress *p = progress_begin("describing", 2);
            usleep(2100000);
            progress_add(p, 2);
            progress_end(p);
        },
        seconds);
    std::smatch found;
    ASSERT_TRUE(std::regex_match(text, found, std::regex("describing: done in (\\d+) s\n"))) << text;
    EXPECT_GE(std::stoi(found[1]), 2);
    EXPECT_LE(std::stoi(found[1]), seconds + 0.5);
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
    expect_silence([] {
        progress *p = progress_begin("work", 4000);
        std::vector<std::thread> threads;
        for (int t = 0; t < 4; t++)
            threads.emplace_back([p] {
                for (int i = 0; i < 1000; i++) progress_add(p, 1);
            });
        for (auto &t : threads) t.join();
        progress_end(p);
    });
}
