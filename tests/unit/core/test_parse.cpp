/* SPDX-License-Identifier: BSD-3-Clause */
// parse.c against the library, in any locale.
extern "C" {
#include "core/parse.h"
}

#include <gtest/gtest.h>

#include <cfloat>
#include <clocale>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>

namespace
{
parse_result parse(const std::string &text, double *value)
{
    return parse_real(text.data(), text.size(), value);
}

void expect_as_library(const std::string &text)
{
    double value = 0.0, expected = std::strtod(text.c_str(), nullptr);
    ASSERT_EQ(parse(text, &value), PARSE_OK) << text;
    EXPECT_EQ(std::memcmp(&value, &expected, sizeof value), 0) << text << ": " << value << " " << expected;
}
} // namespace

TEST(Parse, RealsAreRoundedCorrectly)
{
    for (const char *text : {"0",
                             "-0",
                             "1",
                             "+1.5",
                             ".5",
                             "5.",
                             "00012.500",
                             "1e22",
                             "1e23",
                             "123456789012345678",
                             "0.1",
                             "-12.44466114",
                             "9007199254740993",
                             "9007199254740993.0",
                             "9007199254740992.5",
                             "0.30000000000000004",
                             "1.7976931348623157e308",
                             "4.9e-324",
                             "2.2250738585072011e-308",
                             "1e-400",
                             "6.02214076E+23",
                             "123456789012345678901234567890",
                             "0.000000000000000000000000000000123456789012345678901",
                             "1234567890123456789e-19",
                             "18446744073709551615",
                             "9999999999999999999",
                             "0.9999999999999999999",
                             "99999999999999999999"})
        expect_as_library(text);
}

TEST(Parse, RandomRealsAreAsTheLibrarySays)
{
    std::mt19937_64 random(7);
    for (int i = 0; i < 200000; i++) {
        uint64_t digits = random();
        size_t n = 1 + random() % 19;
        int point = static_cast<int>(random() % 20);
        std::string text = std::to_string(digits).substr(0, n);
        if (point <= static_cast<int>(text.size())) text.insert(text.size() - point, ".");
        if (i % 3 == 0) text += "e" + std::to_string(static_cast<int>(random() % 60) - 30);
        expect_as_library(text);
    }
}

TEST(Parse, FortranExponents)
{
    double value;
    ASSERT_EQ(parse("1.0D+02", &value), PARSE_OK);
    EXPECT_EQ(value, 100.0);
    ASSERT_EQ(parse("-1.234567890123456789012d-100", &value), PARSE_OK);
    EXPECT_EQ(value, -1.234567890123456789012e-100);
}

TEST(Parse, WhatIsNoReal)
{
    double value = 42.0;
    for (const char *text : {"",      "-",  "+",  ".",   "e5",    "1e",   "1e+",      "1.2.3", "1,5",   "0x10",
                             "12abc", "1 ", " 1", "--1", "1e5.0", "nano", "infinite", "T",     "1_000", "1f"})
        EXPECT_EQ(parse(text, &value), PARSE_NOT_A_NUMBER) << text;
    for (const char *text :
         {"nan", "NaN", "-nan", "inf", "-Inf", "+INFINITY", "1e400", "-1e309", "1e99999999999999999999"})
        EXPECT_EQ(parse(text, &value), PARSE_NOT_FINITE) << text;
    EXPECT_EQ(parse(std::string(500, '1'), &value), PARSE_NOT_A_NUMBER); // longer than any number
    EXPECT_STREQ(parse_result_text(PARSE_NOT_FINITE), "finite");
    EXPECT_STREQ(parse_result_text(PARSE_NOT_A_NUMBER), "a number");
}

TEST(Parse, OnlyTheGivenCharacters)
{
    double value;
    EXPECT_EQ(parse_real("1.5xyz", 3, &value), PARSE_OK);
    EXPECT_EQ(value, 1.5);
    long number;
    EXPECT_EQ(parse_integer("123", 2, 0, 100, &number), PARSE_OK);
    EXPECT_EQ(number, 12);
}

TEST(Parse, Integers)
{
    long value = 0;
    auto integer = [&](const char *text, long min, long max) {
        return parse_integer(text, std::strlen(text), min, max, &value);
    };
    EXPECT_EQ(integer("-9223372036854775808", INT64_MIN, INT64_MAX), PARSE_OK);
    EXPECT_EQ(value, INT64_MIN);
    EXPECT_EQ(integer("+0017", 0, 20), PARSE_OK);
    EXPECT_EQ(value, 17);
    EXPECT_EQ(integer("9223372036854775808", INT64_MIN, INT64_MAX), PARSE_OUT_OF_RANGE);
    EXPECT_EQ(integer("99999999999999999999999", 0, 10), PARSE_OUT_OF_RANGE);
    EXPECT_EQ(integer("-1", 0, 10), PARSE_OUT_OF_RANGE);
    EXPECT_EQ(integer("11", 0, 10), PARSE_OUT_OF_RANGE);
    for (const char *text : {"", "-", "1.0", "1e3", "x", "1 "})
        EXPECT_EQ(integer(text, 0, 10), PARSE_NOT_A_NUMBER) << text;
}

TEST(Parse, PrintedNumbersReadBackTheSame)
{
    char text[32];
    EXPECT_STREQ(format_real(0.1, text), "0.1");
    EXPECT_STREQ(format_real(-5.5, text), "-5.5");
    EXPECT_STREQ(format_real(1e300, text), "1e+300");
    std::mt19937_64 random(3);
    for (int i = 0; i < 100000; i++) {
        uint64_t bits = random();
        double value, back;
        std::memcpy(&value, &bits, sizeof value);
        if (!std::isfinite(value)) continue;
        ASSERT_EQ(parse(format_real(value, text), &back), PARSE_OK) << text;
        EXPECT_EQ(std::memcmp(&value, &back, sizeof value), 0) << text;
    }
    for (double value : {DBL_MAX, DBL_MIN, DBL_TRUE_MIN, 0.0}) {
        double back;
        ASSERT_EQ(parse(format_real(value, text), &back), PARSE_OK);
        EXPECT_EQ(back, value);
    }
}

TEST(Parse, DoesNotDependOnTheLocale)
{
    const char *found = nullptr;
    for (const char *name : {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "de_DE"})
        if (!found) found = std::setlocale(LC_ALL, name);
    if (!found) GTEST_SKIP() << "no locale with a decimal comma is installed";
    char text[32];
    double value;
    EXPECT_STREQ(format_real(0.25, text), "0.25");
    EXPECT_EQ(parse("1.25e-300", &value), PARSE_OK);
    EXPECT_EQ(parse("1,25", &value), PARSE_NOT_A_NUMBER);
    std::setlocale(LC_ALL, "C");
    EXPECT_EQ(value, 1.25e-300);
}

TEST(Parse, NearestNames)
{
    const char *const names[] = {"energy", "forces", "virial", "r_cut", "n_max", nullptr};
    EXPECT_STREQ(parse_nearest("virail", names), "virial");
    EXPECT_STREQ(parse_nearest("rcut", names), "r_cut");
    EXPECT_STREQ(parse_nearest("R_CUT", names), "r_cut");
    EXPECT_STREQ(parse_nearest("force", names), "forces");
    EXPECT_EQ(parse_nearest("temperature", names), nullptr);
    EXPECT_EQ(parse_nearest("xy", names), nullptr);
    EXPECT_EQ(parse_nearest("", names), nullptr);
    EXPECT_EQ(parse_nearest(std::string(1000, 'e').c_str(), names), nullptr);
}

TEST(Parse, ComparingWithoutCase)
{
    EXPECT_TRUE(text_equal_no_case("REF_energy", "ref_Energy"));
    EXPECT_FALSE(text_equal_no_case("energy", "energ"));
    EXPECT_FALSE(text_equal_no_case("energy", "energy_"));
    EXPECT_TRUE(text_equal_no_case("", ""));
}
