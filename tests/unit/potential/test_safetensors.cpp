// SPDX-License-Identifier: BSD-3-Clause
// The container (src/potential/safetensors.c): what is written can be read, and it is laid out as safetensors wants it.
#include <gtest/gtest.h>

#include "support/potential_container.hpp"

extern "C" {
#include "potential/safetensors.h"
}

using namespace testing_support;

namespace
{

/* Two tensors and some metadata as a file. */
std::string sample(tensor_set *set)
{
    const size_t shape[2] = {3, 8}, eight = 8;
    std::vector<double> data(24);
    for (size_t i = 0; i < 24; i++) data[i] = wave(i);
    EXPECT_EQ(tensor_add(set, "a.matrix", 2, shape, data.data(), nullptr, nullptr), MLSOAP_SUCCESS);
    EXPECT_EQ(tensor_add(set, "b.vector", 1, &eight, data.data(), nullptr, nullptr), MLSOAP_SUCCESS);
    Json metadata(json_of(R"({"format":"mlsoap","mlsoap":"{\"text\":\"\u00e9 \\\" \"}"})"));
    char *header = nullptr;
    size_t n = 0;
    EXPECT_EQ(safetensors_header(metadata.value, set, &header, &n, nullptr), MLSOAP_SUCCESS);
    std::string bytes(header, n);
    memory_free(header);
    for (size_t i = 0; i < set->n; i++)
        bytes.append(reinterpret_cast<const char *>(set->items[i].data), tensor_size(&set->items[i]) * 8);
    return bytes;
}

/** A copy that safetensors_read may take over. */
char *owned(const std::string &bytes)
{
    char *copy = MEMORY_NEW(char, bytes.size());
    return static_cast<char *>(std::memcpy(copy, bytes.data(), bytes.size()));
}

TEST(Safetensors, RoundTrip)
{
    tensor_set set{}, read{};
    std::string bytes = sample(&set);
    json_t *metadata = nullptr;
    mlsoap_error error{};
    ASSERT_EQ(safetensors_read(owned(bytes), bytes.size(), "x", &metadata, &read, &error), MLSOAP_SUCCESS)
        << error.message;
    EXPECT_STREQ(json_string_value(json_object_get(metadata, "mlsoap")), "{\"text\":\"\xc3\xa9 \\\" \"}");
    ASSERT_EQ(read.n, 2u);
    for (size_t i = 0; i < 2; i++) {
        EXPECT_STREQ(read.items[i].name, set.items[i].name);
        EXPECT_EQ(reinterpret_cast<uintptr_t>(read.items[i].data) % MEMORY_ALIGNMENT, 0u);
        EXPECT_EQ(std::memcmp(read.items[i].data, set.items[i].data, tensor_size(&set.items[i]) * 8), 0);
    }
    json_decref(metadata);
    tensor_set_release(&set);
    tensor_set_release(&read);
}

TEST(Safetensors, Layout)
{
    tensor_set set{};
    std::string bytes = sample(&set);
    tensor_set_release(&set);
    uint64_t length;
    std::memcpy(&length, bytes.data(), 8);
    EXPECT_EQ((8 + length) % 64, 0u) << "data begin at a multiple of 64";
    EXPECT_EQ(bytes.size(), 8 + length + 24 * 8 + 64);
    Json root(json_of(bytes.substr(8, length)));
    EXPECT_EQ(json_integer_value(json_array_get(json_object_get(root["b.vector"], "data_offsets"), 0)), 24 * 8);
    EXPECT_STREQ(json_string_value(json_object_get(root["a.matrix"], "dtype")), "F64");
    EXPECT_EQ(Container(bytes).bytes(), bytes) << "the independent writer of the tests agrees";
    Container again(bytes);
    again.sign_tensors();
    EXPECT_EQ(again.bytes(), bytes);
}

TEST(Safetensors, NoMemory)
{
    tensor_set set{};
    std::string bytes = sample(&set);
    mlsoap_status status = MLSOAP_ERROR_MEMORY;
    for (long n = 1; status == MLSOAP_ERROR_MEMORY && n < 50; n++) {
        tensor_set read{};
        json_t *metadata = nullptr;
        char *copy = owned(bytes);
        memory_fail_after(n);
        status = safetensors_read(copy, bytes.size(), "x", &metadata, &read, nullptr);
        memory_fail_after(0);
        json_decref(metadata);
        tensor_set_release(&read);
    }
    EXPECT_EQ(status, MLSOAP_SUCCESS);
    Json empty(json_object());
    char *header = nullptr;
    size_t size = 0;
    memory_fail_after(1);
    EXPECT_EQ(safetensors_header(empty.value, &set, &header, &size, nullptr), MLSOAP_ERROR_MEMORY);
    memory_fail_after(0);
    EXPECT_EQ(header, nullptr);
    tensor_set_release(&set);
}

} // namespace
