/* SPDX-License-Identifier: BSD-3-Clause */
// npy.c: headers byte by byte here; whole archives are read by an independent reader in tests/tools.
extern "C" {
#include "app/npy.h"
#include "core/memory.h"
}

#include <gtest/gtest.h>

#include <cstdio>
#include <cstring>
#include <string>
#include <unistd.h>

namespace
{
class Npy : public ::testing::Test
{
  protected:
    std::string path = ::testing::TempDir() + "npy_" + std::to_string(getpid());
    mlsoap_error error{};
    npy_writer *writer = nullptr;

    void TearDown() override { std::remove(path.c_str()); }

    std::string bytes() const
    {
        std::string out;
        FILE *file = std::fopen(path.c_str(), "rb");
        if (!file) return "missing";
        for (int c; (c = std::fgetc(file)) != EOF;) out.push_back(static_cast<char>(c));
        std::fclose(file);
        return out;
    }
};
} // namespace

TEST_F(Npy, HeaderAndNumbers)
{
    const double numbers[6] = {1, -2, 3.5, 0, 1e300, -0.0};
    const npy_shape shape{NPY_FLOAT64, 2, {2, 3}};
    ASSERT_EQ(npy_open(path.c_str(), 0, &writer, &error), MLSOAP_SUCCESS) << error.message;
    ASSERT_EQ(npy_begin(writer, "", &shape, &error), MLSOAP_SUCCESS);
    ASSERT_EQ(npy_write(writer, numbers, 2, &error), MLSOAP_SUCCESS);
    EXPECT_EQ(bytes(), "missing"); // nothing before the end
    ASSERT_EQ(npy_write(writer, numbers + 2, 4, &error), MLSOAP_SUCCESS);
    ASSERT_EQ(npy_commit(writer, &error), MLSOAP_SUCCESS);
    std::string file = bytes();
    ASSERT_EQ(file.substr(0, 8), std::string("\x93NUMPY\x01\x00", 8));
    size_t n = static_cast<unsigned char>(file[8]) + 256u * static_cast<unsigned char>(file[9]);
    EXPECT_EQ((10 + n) % 64, 0u);
    EXPECT_EQ(file.substr(10, 60), "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3,), }");
    EXPECT_EQ(file[9 + n], '\n');
    ASSERT_EQ(file.size(), 10 + n + sizeof numbers);
    EXPECT_EQ(std::memcmp(file.data() + 10 + n, numbers, sizeof numbers), 0);
}

TEST_F(Npy, CountsItems)
{
    const double numbers[3] = {1, 2, 3};
    const npy_shape shape{NPY_FLOAT64, 1, {2}};
    ASSERT_EQ(npy_open(path.c_str(), 1, &writer, &error), MLSOAP_SUCCESS);
    ASSERT_EQ(npy_begin(writer, "a", &shape, &error), MLSOAP_SUCCESS);
    EXPECT_EQ(npy_write(writer, numbers, 3, &error), MLSOAP_ERROR_INTERNAL);
    ASSERT_EQ(npy_write(writer, numbers, 1, &error), MLSOAP_SUCCESS);
    EXPECT_EQ(npy_begin(writer, "b", &shape, &error), MLSOAP_ERROR_INTERNAL);
    EXPECT_EQ(npy_commit(writer, &error), MLSOAP_ERROR_INTERNAL); // one item lacks
    EXPECT_EQ(bytes(), "missing");
}

TEST_F(Npy, SizesThatOverflow)
{
    const npy_shape shape{NPY_FLOAT64, 3, {static_cast<size_t>(1) << 40, static_cast<size_t>(1) << 40, 3}};
    ASSERT_EQ(npy_open(path.c_str(), 0, &writer, &error), MLSOAP_SUCCESS);
    EXPECT_EQ(npy_begin(writer, "", &shape, &error), MLSOAP_ERROR_CAPACITY);
    npy_discard(writer);
    EXPECT_EQ(bytes(), "missing");
    npy_discard(nullptr);
}

TEST_F(Npy, ArchiveIsTheSameAtAnyTime)
{
    std::string first;
    const int64_t numbers[4] = {1, 2, 3, -4};
    for (int round = 0; round < 2; round++) {
        const npy_shape shape{NPY_INT64, 2, {2, 2}}, empty{NPY_FLOAT64, 2, {0, 5}};
        ASSERT_EQ(npy_open(path.c_str(), 1, &writer, &error), MLSOAP_SUCCESS);
        ASSERT_EQ(npy_begin(writer, "image", &shape, &error), MLSOAP_SUCCESS);
        ASSERT_EQ(npy_write(writer, numbers, 4, &error), MLSOAP_SUCCESS);
        ASSERT_EQ(npy_begin(writer, "none", &empty, &error), MLSOAP_SUCCESS);
        ASSERT_EQ(npy_write(writer, nullptr, 0, &error), MLSOAP_SUCCESS);
        ASSERT_EQ(npy_commit(writer, &error), MLSOAP_SUCCESS) << error.message;
        if (round == 0) first = bytes();
    }
    EXPECT_EQ(bytes(), first);
    EXPECT_EQ(first.substr(0, 4), std::string("PK\x03\x04"));
    EXPECT_NE(first.find("image.npy"), std::string::npos);
    EXPECT_EQ(first.substr(first.size() - 22, 4), std::string("PK\x05\x06"));
}

TEST_F(Npy, NoFolderNoMemory)
{
    EXPECT_EQ(npy_open("/nonexistent/x.npy", 0, &writer, &error), MLSOAP_ERROR_FILE);
    EXPECT_EQ(writer, nullptr);
    memory_fail_after(1);
    EXPECT_EQ(npy_open(path.c_str(), 0, &writer, &error), MLSOAP_ERROR_MEMORY);
    memory_fail_after(0);
}
