/* SPDX-License-Identifier: BSD-3-Clause */
// arguments.c and console.c: options, keys, help, usage errors.
extern "C" {
#include "app/arguments.h"
#include "app/console.h"
#include "core/memory.h"
}

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace
{
const option_row rows[] = {{"output", 'o', OPTION_VALUE, "FILE", "where to write"},
                           {"test", 0, OPTION_REPEATED, "FILE", "a file to test on"},
                           {"dry-run", 0, OPTION_FLAG, nullptr, "do nothing"},
                           {nullptr, 0, OPTION_FLAG, nullptr, nullptr}};

command_description description()
{
    command_description c{};
    c.name = "mlsoap try";
    c.synopsis = "DATA [MORE]";
    c.summary = "Tries.";
    c.options = rows;
    c.n_min = 1;
    c.n_max = 2;
    c.takes_keys = true;
    c.example = "mlsoap try data.xyz";
    return c;
}

// Parsed arguments with what was printed.
struct Line {
    command_description command = description();
    std::vector<std::string> words;
    std::vector<char *> argv;
    arguments a{};
    int code;
    std::string out, err;

    explicit Line(std::vector<std::string> given, bool keys = true) : words(std::move(given))
    {
        command.takes_keys = keys;
        words.insert(words.begin(), "try");
        for (auto &w : words) argv.push_back(w.data());
        argv.push_back(nullptr);
        testing::internal::CaptureStdout();
        testing::internal::CaptureStderr();
        code = arguments_parse(&command, static_cast<int>(words.size()), argv.data(), &a);
        out = testing::internal::GetCapturedStdout();
        err = testing::internal::GetCapturedStderr();
    }
    Line(const Line &) = delete;
    Line &operator=(const Line &) = delete;
    ~Line() { arguments_release(&a); }
};

void expect_usage_error(std::vector<std::string> words, const std::string &part, bool keys = true)
{
    Line line(std::move(words), keys);
    EXPECT_EQ(line.code, EXIT_USAGE) << part;
    EXPECT_NE(line.err.find("mlsoap try: error: "), std::string::npos) << line.err;
    EXPECT_NE(line.err.find(part), std::string::npos) << line.err;
    EXPECT_NE(line.err.find("--help"), std::string::npos) << line.err;
    EXPECT_EQ(line.out, "");
}
} // namespace

TEST(Arguments, EverythingMixes)
{
    Line line({"a.xyz", "-o", "x", "--test", "t1", "--dry-run", "--test=t2", "b.xyz", "--model.zeta=3", "--seed=7"});
    ASSERT_EQ(line.code, -1) << line.err;
    ASSERT_EQ(line.a.n_positional, 2u);
    EXPECT_STREQ(line.a.positional[1], "b.xyz");
    EXPECT_STREQ(arguments_value(&line.a, "output"), "x");
    EXPECT_EQ(arguments_count(&line.a, "test"), 2u);
    EXPECT_STREQ(arguments_value_at(&line.a, "test", 0), "t1");
    EXPECT_STREQ(arguments_value_at(&line.a, "test", 1), "t2");
    EXPECT_EQ(arguments_count(&line.a, "dry-run"), 1u);
    ASSERT_EQ(line.a.n_keys, 2u);
    EXPECT_STREQ(line.a.keys[0], "model.zeta=3");
    EXPECT_EQ(arguments_count(&line.a, "absent"), 0u);
    EXPECT_EQ(arguments_value(&line.a, "absent"), nullptr);
}

TEST(Arguments, ShortOptionsAndEndOfOptions)
{
    Line line({"-ox", "--", "--test"});
    ASSERT_EQ(line.code, -1) << line.err;
    EXPECT_STREQ(arguments_value(&line.a, "output"), "x");
    EXPECT_STREQ(line.a.positional[0], "--test");
    Line dash({"-"});
    ASSERT_EQ(dash.code, -1);
    EXPECT_STREQ(dash.a.positional[0], "-");
    Line negative({"a", "--test", "-1,0,0"});
    ASSERT_EQ(negative.code, -1);
    EXPECT_STREQ(arguments_value(&negative.a, "test"), "-1,0,0");
}

TEST(Arguments, HelpAndVersion)
{
    Line help({"--nonsense", "--help"});
    EXPECT_EQ(help.code, EXIT_GOOD);
    for (const char *part : {"usage: mlsoap try DATA [MORE]", "-o, --output FILE", "--dry-run", "(may be repeated)",
                             "--path.to.key=VALUE", "example:\n  mlsoap try data.xyz"})
        EXPECT_NE(help.out.find(part), std::string::npos) << part;
    EXPECT_EQ(help.err, "");
    Line version({"--version"});
    EXPECT_EQ(version.code, EXIT_GOOD);
    EXPECT_EQ(version.out, std::string("mlsoap ") + mlsoap_version() + "\n");
    Line hidden({"--", "--help"});
    EXPECT_EQ(hidden.code, -1);
}

TEST(Arguments, UsageErrors)
{
    expect_usage_error({}, "too few arguments");
    expect_usage_error({"a", "b", "c"}, "unexpected argument `c`");
    expect_usage_error({"a", "--tset", "x"}, "did you mean --test?");
    expect_usage_error({"a", "--qwertz"}, "--qwertz=VALUE");
    expect_usage_error({"a", "--model.zeta=3"}, "unknown option --model.zeta", false);
    expect_usage_error({"a", "-x"}, "unknown option -x");
    expect_usage_error({"a", "--output"}, "needs a value");
    expect_usage_error({"a", "--output="}, "needs a value");
    expect_usage_error({"a", "--output", "--dry-run"}, "needs a value");
    expect_usage_error({"a", "-o", "x", "--output=y"}, "given twice");
    expect_usage_error({"a", "--dry-run=3"}, "takes no value");
}

TEST(Arguments, FailsWithoutMemory)
{
    for (long n = 1; n < 12; n++) {
        memory_fail_after(n);
        Line line({"a", "-o", "x", "--model.zeta=3"});
        memory_fail_after(0);
        EXPECT_TRUE(line.code == -1 || line.code == EXIT_BAD_INPUT) << n;
    }
}

TEST(Console, CodesAndTexts)
{
    mlsoap_error error{};
    error.code = MLSOAP_ERROR_INTERRUPTED;
    testing::internal::CaptureStderr();
    EXPECT_EQ(console_fail("mlsoap eval", &error), EXIT_INTERRUPTED);
    error.code = MLSOAP_ERROR_VALUE;
    std::snprintf(error.message, sizeof error.message, "r_cut is 3 %%");
    EXPECT_EQ(console_fail("mlsoap eval", &error), EXIT_BAD_INPUT);
    console_warn("mlsoap eval", "%d keys", 2);
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "mlsoap eval: error: interrupted\n"
                                                      "mlsoap eval: error: r_cut is 3 %\n"
                                                      "mlsoap eval: warning: 2 keys\n");
    EXPECT_EQ(console_finish("mlsoap eval", EXIT_GOOD), EXIT_GOOD);
}
