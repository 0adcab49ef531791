// SPDX-License-Identifier: BSD-3-Clause
// Sets of named tensors (src/models/tensor.c).
#include <gtest/gtest.h>

#include <cstdint>
#include <string>

extern "C" {
#include "core/memory.h"
#include "models/model.h"
}

namespace
{

TEST(Tensor, AddFindRemove)
{
    tensor_set set{};
    const double data[6] = {1, 2, 3, 4, 5, 6};
    const size_t shape[2] = {2, 3};
    tensor *added = nullptr;
    ASSERT_EQ(tensor_add(&set, "a.x", 2, shape, data, &added, nullptr), MLSOAP_SUCCESS);
    EXPECT_EQ(tensor_size(added), 6u);
    EXPECT_EQ(added->data[5], 6);
    ASSERT_EQ(tensor_add(&set, "a.y", 1, shape, nullptr, nullptr, nullptr), MLSOAP_SUCCESS);
    ASSERT_EQ(tensor_add(&set, "b.x", 1, shape, data, nullptr, nullptr), MLSOAP_SUCCESS);
    ASSERT_NE(tensor_find(&set, "a.y"), nullptr);
    EXPECT_EQ(tensor_find(&set, "a.y")->data[1], 0) << "zeros where no data are given";
    EXPECT_EQ(tensor_find(&set, "a"), nullptr);
    tensor_remove(&set, "a.");
    EXPECT_EQ(set.n, 1u);
    EXPECT_NE(tensor_find(&set, "b.x"), nullptr);
    tensor_set_release(&set);
    EXPECT_EQ(set.n, 0u);
    tensor_set_release(&set);
}

TEST(Tensor, Refusals)
{
    tensor_set set{};
    mlsoap_error error{};
    const size_t shape[2] = {2, 3}, zero[2] = {4, 0}, huge[2] = {SIZE_MAX / 8, 3};
    ASSERT_EQ(tensor_add(&set, "x", 2, shape, nullptr, nullptr, &error), MLSOAP_SUCCESS);
    EXPECT_EQ(tensor_add(&set, "x", 2, shape, nullptr, nullptr, &error), MLSOAP_ERROR_VALUE);
    EXPECT_NE(std::string(error.message).find("tensor x is there twice"), std::string::npos);
    EXPECT_EQ(tensor_add(&set, "y", 0, shape, nullptr, nullptr, &error), MLSOAP_ERROR_VALUE);
    EXPECT_EQ(tensor_add(&set, "y", 5, shape, nullptr, nullptr, &error), MLSOAP_ERROR_VALUE);
    EXPECT_EQ(tensor_add(&set, "y", 2, zero, nullptr, nullptr, &error), MLSOAP_ERROR_VALUE);
    EXPECT_NE(std::string(error.message).find("dimension 1 is 0"), std::string::npos);
    EXPECT_EQ(tensor_add(&set, "y", 2, huge, nullptr, nullptr, &error), MLSOAP_ERROR_MEMORY);
    for (long n = 1; n <= 3; n++) {
        memory_fail_after(n);
        EXPECT_EQ(tensor_add(&set, "z", 2, shape, nullptr, nullptr, &error), MLSOAP_ERROR_MEMORY) << n;
        memory_fail_after(0);
        EXPECT_EQ(set.n, 1u);
    }
    tensor_set_release(&set);
}

} // namespace
