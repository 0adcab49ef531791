/* SPDX-License-Identifier: BSD-3-Clause */
// status.c: messages with their place, never overrun.
extern "C" {
#include "core/status.h"
}

#include <gtest/gtest.h>

#include <string>

TEST(Status, EveryCodeHasItsText)
{
    EXPECT_STREQ(mlsoap_status_text(MLSOAP_SUCCESS), "success");
    EXPECT_STREQ(mlsoap_status_text(MLSOAP_ERROR_SPECIES), "unknown element");
    EXPECT_STREQ(mlsoap_status_text(MLSOAP_ERROR_INTERNAL), "internal error");
    EXPECT_STREQ(mlsoap_status_text(static_cast<mlsoap_status>(999)), "unknown status");
    EXPECT_STREQ(mlsoap_version(), MLSOAP_VERSION);
}

TEST(Status, FailFillsTheError)
{
    mlsoap_error error{};
    EXPECT_EQ(status_fail(&error, MLSOAP_ERROR_VALUE, "r_cut is %g", -1.0), MLSOAP_ERROR_VALUE);
    EXPECT_EQ(error.code, MLSOAP_ERROR_VALUE);
    EXPECT_STREQ(error.message, "r_cut is -1");
    EXPECT_STREQ(error.file, "");
    EXPECT_EQ(error.line, 0);
}

TEST(Status, NullErrorIsAllowed)
{
    EXPECT_EQ(status_fail(nullptr, MLSOAP_ERROR_VALUE, "x"), MLSOAP_ERROR_VALUE);
    EXPECT_EQ(status_fail_at(nullptr, MLSOAP_ERROR_FILE, "a", 1, "x"), MLSOAP_ERROR_FILE);
    EXPECT_EQ(status_prefix(nullptr, MLSOAP_ERROR_FORMAT, "x"), MLSOAP_ERROR_FORMAT);
    EXPECT_EQ(status_no_memory(nullptr, 1, "x"), MLSOAP_ERROR_MEMORY);
}

TEST(Status, FailAtSaysFileAndLine)
{
    mlsoap_error error{};
    status_fail_at(&error, MLSOAP_ERROR_FORMAT, "a.xyz", 7, "found %s", "x");
    EXPECT_STREQ(error.message, "a.xyz:7: found x");
    EXPECT_STREQ(error.file, "a.xyz");
    EXPECT_EQ(error.line, 7);
    status_fail_at(&error, MLSOAP_ERROR_FORMAT, "a.xyz", 0, "empty");
    EXPECT_STREQ(error.message, "a.xyz: empty");
}

TEST(Status, PrefixStandsInFrontAndKeepsTheCode)
{
    mlsoap_error error{};
    status_fail(&error, MLSOAP_ERROR_SPECIES, "no such element");
    EXPECT_EQ(status_prefix(&error, MLSOAP_ERROR_VALUE, "frame %d", 3), MLSOAP_ERROR_SPECIES);
    EXPECT_STREQ(error.message, "frame 3: no such element");
}

TEST(Status, LongTextsAreCutNotOverrun)
{
    std::string text(5000, 'a');
    mlsoap_error error{};
    status_fail(&error, MLSOAP_ERROR_VALUE, "%s", text.c_str());
    EXPECT_EQ(std::string(error.message).size(), sizeof error.message - 1);
    status_fail_at(&error, MLSOAP_ERROR_VALUE, text.c_str(), 1, "%s", text.c_str());
    EXPECT_EQ(std::string(error.message).size(), sizeof error.message - 1);
    EXPECT_EQ(std::string(error.file).size(), sizeof error.file - 1);
    status_prefix(&error, MLSOAP_ERROR_VALUE, "%s", text.c_str());
    EXPECT_EQ(std::string(error.message).size(), sizeof error.message - 1);
}

TEST(Status, NoMemorySaysHowMuchForWhat)
{
    mlsoap_error error{};
    EXPECT_EQ(status_no_memory(&error, 640, "a table"), MLSOAP_ERROR_MEMORY);
    EXPECT_NE(std::string(error.message).find("a table needs 640 bytes"), std::string::npos);
}
