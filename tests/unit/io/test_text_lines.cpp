/* SPDX-License-Identifier: BSD-3-Clause */
// text_lines.c: lines, words and numbers with their places.
extern "C" {
#include "io/text_lines.h"
}

#include <gtest/gtest.h>

#include <string>

namespace
{
text_slice slice(const char *text)
{
    return {text, std::string(text).size()};
}
} // namespace

TEST(TextLines, CountsLinesAndSkipsBlankOnes)
{
    const std::string text = "one\r\n \t\r\n\nfour";
    text_reader r = text_reader_new(text.data(), text.size(), "file");
    text_slice line{};
    ASSERT_TRUE(text_next_line(&r, &line));
    EXPECT_EQ(std::string(line.text, line.n), "one\r");
    EXPECT_EQ(r.place.line, 1);
    ASSERT_TRUE(text_next_filled_line(&r, &line));
    EXPECT_EQ(std::string(line.text, line.n), "four");
    EXPECT_EQ(r.place.line, 4);
    EXPECT_FALSE(text_next_line(&r, &line));
    EXPECT_FALSE(text_next_filled_line(&r, &line));
}

TEST(TextLines, ComparesWithoutCase)
{
    EXPECT_TRUE(slice_equal_no_case(slice("Begin"), "bEGIN"));
    EXPECT_FALSE(slice_equal_no_case(slice("begin"), "begi"));
    EXPECT_FALSE(slice_equal_no_case(slice("begi"), "begin"));
    EXPECT_TRUE(slice_begins_no_case(slice("Data_x"), "dATA_"));
    EXPECT_FALSE(slice_begins_no_case(slice("dat"), "data_"));
    EXPECT_TRUE(slice_is_blank(slice(" \t\r")));
    EXPECT_FALSE(slice_is_blank(slice(" x")));
}

TEST(TextLines, NumbersFailWithPlaceAndReason)
{
    const text_place place = {"file", 7, 2};
    const std::string text = "1 -2.5e1 x";
    const char *p = text.data(), *end = p + text.size();
    double values[3];
    mlsoap_error error;
    ASSERT_EQ(text_reals(&place, &p, end, "a position", values, 2, nullptr), MLSOAP_SUCCESS);
    EXPECT_EQ(values[0], 1.0);
    EXPECT_EQ(values[1], -25.0);
    EXPECT_EQ(text_reals(&place, &p, end, "a position", values, 1, &error), MLSOAP_ERROR_VALUE);
    EXPECT_STREQ(error.message, "file:7: frame 2: a position is 'x', which is not a number; a finite number is needed");
    EXPECT_EQ(text_reals(&place, &p, end, "a position", values, 1, &error), MLSOAP_ERROR_FORMAT);
    EXPECT_NE(std::string(error.message).find("file:7: frame 2: a position needs 1 numbers"), std::string::npos);
}
