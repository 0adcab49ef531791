/* SPDX-License-Identifier: BSD-3-Clause */
// memory.c: checked sizes, alignment, growth, failure on demand.
extern "C" {
#include "core/memory.h"
}

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>

TEST(Memory, IsAlignedAndZeroed)
{
    for (size_t n : {0, 1, 7, 8, 1000}) {
        double *x = static_cast<double *>(memory_new(n, sizeof(double)));
        ASSERT_NE(x, nullptr);
        EXPECT_EQ(reinterpret_cast<uintptr_t>(x) % MEMORY_ALIGNMENT, 0u);
        for (size_t i = 0; i < n; i++) EXPECT_EQ(x[i], 0.0);
        memory_free(x);
    }
    memory_free(nullptr);
}

TEST(Memory, SizesThatOverflowAreRefused)
{
    EXPECT_EQ(memory_new(SIZE_MAX, 2), nullptr);
    EXPECT_EQ(memory_new(SIZE_MAX, 1), nullptr);
    EXPECT_EQ(memory_new(SIZE_MAX / 8 + 1, 8), nullptr);
    size_t result;
    EXPECT_FALSE(size_multiply(SIZE_MAX, 2, &result));
    EXPECT_FALSE(size_add(SIZE_MAX, 1, &result));
    ASSERT_TRUE(size_multiply(6, 7, &result));
    EXPECT_EQ(result, 42u);
}

TEST(Memory, ReserveKeepsItemsAndGrowsByHalf)
{
    int *items = nullptr;
    size_t capacity = 0;
    ASSERT_TRUE(memory_reserve(&items, &capacity, 100, sizeof *items));
    EXPECT_EQ(capacity, 100u);
    for (int i = 0; i < 100; i++) items[i] = i;
    ASSERT_TRUE(memory_reserve(&items, &capacity, 101, sizeof *items));
    EXPECT_EQ(capacity, 150u);
    for (int i = 0; i < 100; i++) EXPECT_EQ(items[i], i);
    for (int i = 100; i < 150; i++) EXPECT_EQ(items[i], 0);
    int *before = items;
    ASSERT_TRUE(memory_reserve(&items, &capacity, 150, sizeof *items));
    EXPECT_EQ(items, before);
    EXPECT_FALSE(memory_reserve(&items, &capacity, SIZE_MAX, sizeof *items));
    EXPECT_EQ(items, before);
    EXPECT_EQ(capacity, 150u);
    memory_free(items);
}

TEST(Memory, FailsOnDemandFromTheNthOn)
{
    memory_fail_after(2);
    void *first = memory_new(1, 1), *second = memory_new(1, 1), *third = memory_new(1, 1);
    memory_fail_after(0);
    EXPECT_NE(first, nullptr);
    EXPECT_EQ(second, nullptr);
    EXPECT_EQ(third, nullptr);
    memory_free(first);
}

TEST(Memory, CountsAllocations)
{
    unsigned long before = memory_n_allocations();
    memory_free(memory_new(1, 1));
    EXPECT_EQ(memory_n_allocations(), before + 1);
}

TEST(Memory, CopiesText)
{
    char *copy = memory_copy_text("abc");
    EXPECT_STREQ(copy, "abc");
    memory_free(copy);
    EXPECT_EQ(memory_copy_text(nullptr), nullptr);
}
