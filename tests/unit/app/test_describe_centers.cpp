/* SPDX-License-Identifier: BSD-3-Clause */
// describe_centers.c: the three forms of --centers and their faults.
extern "C" {
#include "app/describe_centers.h"
#include "core/memory.h"
}

#include <gtest/gtest.h>

#include <cstdio>
#include <string>
#include <unistd.h>

namespace
{
class DescribeCenters : public ::testing::Test
{
  protected:
    describe_centers centers{};
    mlsoap_error error{};
    std::string path = ::testing::TempDir() + "centers_" + std::to_string(getpid());

    void TearDown() override
    {
        describe_centers_release(&centers);
        std::remove(path.c_str());
    }

    mlsoap_status read(const std::string &text)
    {
        describe_centers_release(&centers);
        return describe_centers_read(text.c_str(), &centers, &error);
    }
    mlsoap_status read_file(const std::string &text)
    {
        FILE *file = std::fopen(path.c_str(), "w");
        std::fputs(text.c_str(), file);
        std::fclose(file);
        return read(path);
    }
    std::string points() const
    {
        char *text = json_dumps(centers.points, JSON_COMPACT);
        std::string out = text ? text : "none";
        free(text);
        return out;
    }
};
} // namespace

TEST_F(DescribeCenters, ThreeForms)
{
    ASSERT_EQ(read("1,2,3; -4.5, .5 ,1e-1;"), MLSOAP_SUCCESS) << error.message;
    EXPECT_EQ(points(), "[[1.0,2.0,3.0],[-4.5,0.5,0.10000000000000001]]");
    ASSERT_EQ(read("atoms:0,3,12"), MLSOAP_SUCCESS) << error.message;
    ASSERT_EQ(centers.n_atoms, 3u);
    EXPECT_EQ(centers.atoms[2], 12u);
    EXPECT_EQ(centers.points, nullptr);
    ASSERT_EQ(read_file("# points\n1 2 3\n\n4,5,6 # a comment\r\n7\t8\t9"), MLSOAP_SUCCESS) << error.message;
    EXPECT_EQ(points(), "[[1.0,2.0,3.0],[4.0,5.0,6.0],[7.0,8.0,9.0]]");
}

TEST_F(DescribeCenters, Faults)
{
    EXPECT_EQ(read("1,2"), MLSOAP_ERROR_FORMAT);
    EXPECT_EQ(read("1,2,3,4"), MLSOAP_ERROR_FORMAT);
    EXPECT_EQ(read("1,2,x"), MLSOAP_ERROR_FORMAT);
    EXPECT_EQ(read("1,2,nan"), MLSOAP_ERROR_FORMAT);
    EXPECT_EQ(read(","), MLSOAP_ERROR_VALUE);
    EXPECT_EQ(read("atoms:"), MLSOAP_ERROR_VALUE);
    EXPECT_EQ(read("atoms:1,-2"), MLSOAP_ERROR_VALUE);
    EXPECT_EQ(read("atoms:1.5"), MLSOAP_ERROR_VALUE);
    EXPECT_EQ(read("/nonexistent/points.txt"), MLSOAP_ERROR_FILE);
    EXPECT_EQ(read_file("1 2 3\n4 5\n"), MLSOAP_ERROR_FORMAT);
    EXPECT_NE(std::string(error.message).find(":2: "), std::string::npos) << error.message;
    EXPECT_EQ(read_file("# none\n"), MLSOAP_ERROR_VALUE);
    EXPECT_EQ(centers.points, nullptr);
    memory_fail_after(1);
    EXPECT_EQ(read("atoms:1"), MLSOAP_ERROR_MEMORY);
    memory_fail_after(0);
}
