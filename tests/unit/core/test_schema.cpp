/* SPDX-License-Identifier: BSD-3-Clause */
// schema.c: every rule provoked once.
extern "C" {
#include "core/schema.h"
}

#include <gtest/gtest.h>

#include <cmath>
#include <string>

namespace
{
const char *const functions[] = {"cosine", "shifted_cosine", "poly", nullptr};
const schema_key cutoff_rows[] = {
    {"function", SCHEMA_TEXT, "\"cosine\"", nullptr, 1, 0, functions, nullptr, "shape"},
    {"width", SCHEMA_REAL, "1", "angstrom", 0, HUGE_VAL, nullptr, nullptr, "width"},
    {nullptr, 0, nullptr, nullptr, 0, 0, nullptr, nullptr, nullptr},
};
const schema_key rows[] = {
    {"r_cut", SCHEMA_REAL, nullptr, "angstrom", 0.5, 20, nullptr, nullptr, "cutoff"},
    {"n_max", SCHEMA_INTEGER, "8", nullptr, 1, 16, nullptr, nullptr, "radial functions"},
    {"normalize", SCHEMA_BOOLEAN, "false", nullptr, 1, 0, nullptr, nullptr, "unit length"},
    {"cutoff", SCHEMA_OBJECT, "{}", nullptr, 1, 0, nullptr, cutoff_rows, "cutoff function"},
    {"zbl", SCHEMA_NULL | SCHEMA_OBJECT | SCHEMA_TEXT, "\"none\"", nullptr, 1, 0, nullptr, nullptr, "core"},
    {"depth", SCHEMA_REAL, "0", "eV", -HUGE_VAL, 5, nullptr, nullptr, "depth"},
    {"species", SCHEMA_LIST, "", nullptr, 1, 0, nullptr, nullptr, "elements"},
    {"weights", SCHEMA_OBJECT, "", nullptr, 1, 0, nullptr, nullptr, "free keys"},
    {nullptr, 0, nullptr, nullptr, 0, 0, nullptr, nullptr, nullptr},
};

// Knows the places of two paths.
int locate(void *, const char *path, long *line, long *column)
{
    std::string p = path;
    if (p != "soap" && p != "soap.n_max") return 0;
    *line = p == "soap" ? 3 : 5;
    *column = 7;
    return 1;
}
const schema_source source = {"train.yaml", locate, nullptr, nullptr};

class Schema : public ::testing::Test
{
  protected:
    json_t *object = nullptr;
    mlsoap_error error{};

    void TearDown() override { json_decref(object); }

    mlsoap_status complete(const char *text)
    {
        json_decref(object);
        object = json_loads(text, JSON_DECODE_ANY, nullptr);
        EXPECT_NE(object, nullptr);
        return schema_complete(object, rows, "soap", &source, &error);
    }
    void expect_message(const char *text, const char *part)
    {
        EXPECT_EQ(complete(text), MLSOAP_ERROR_VALUE);
        EXPECT_NE(std::string(error.message).find(part), std::string::npos) << error.message;
    }
};
} // namespace

TEST_F(Schema, CompletesWithDefaults)
{
    ASSERT_EQ(complete("{\"r_cut\": 5}"), MLSOAP_SUCCESS) << error.message;
    EXPECT_EQ(schema_real(object, "r_cut"), 5.0);
    EXPECT_TRUE(json_is_real(json_object_get(object, "r_cut"))); // an integer becomes a real
    EXPECT_EQ(schema_integer(object, "n_max"), 8);
    EXPECT_EQ(schema_boolean(object, "normalize"), 0);
    EXPECT_TRUE(schema_is_none(object, "zbl"));
    EXPECT_FALSE(schema_is_none(object, "n_max"));
    const json_t *cutoff = json_object_get(object, "cutoff");
    EXPECT_STREQ(schema_text(cutoff, "function"), "cosine");
    EXPECT_EQ(schema_real(cutoff, "width"), 1.0);
    EXPECT_EQ(json_object_get(object, "species"), nullptr);
}

TEST_F(Schema, CompletingTwiceChangesNothing)
{
    ASSERT_EQ(complete("{\"r_cut\": 5, \"zbl\": \"off\"}"), MLSOAP_SUCCESS);
    json_t *copy = json_deep_copy(object);
    ASSERT_EQ(schema_complete(object, rows, "soap", &source, &error), MLSOAP_SUCCESS);
    EXPECT_TRUE(json_equal(object, copy));
    json_decref(copy);
}

TEST_F(Schema, NoneAndOffAreTheSame)
{
    for (const char *text :
         {"{\"r_cut\":5,\"zbl\":\"none\"}", "{\"r_cut\":5,\"zbl\":\"off\"}", "{\"r_cut\":5,\"zbl\":null}"}) {
        ASSERT_EQ(complete(text), MLSOAP_SUCCESS) << error.message;
        EXPECT_STREQ(schema_text(object, "zbl"), "none");
    }
    expect_message("{\"r_cut\":5,\"n_max\":\"none\"}", "must be an integer");
}

TEST_F(Schema, UnknownKeysNameTheNearest)
{
    expect_message("{\"rcut\": 5}", "train.yaml:3:7: soap.rcut: unknown key; did you mean 'r_cut'?");
    EXPECT_EQ(error.line, 3);
    EXPECT_STREQ(error.file, "train.yaml");
    expect_message("{\"r_cut\": 5, \"temperature\": 1}", "valid here: r_cut, n_max");
    expect_message("{\"r_cut\": 5, \"cutoff\": {\"widht\": 1}}",
                   "soap.cutoff.widht: unknown key; did you mean 'width'?");
}

TEST_F(Schema, MissingRequiredKey)
{
    expect_message("{}", "soap.r_cut: missing; it is required: a number, unit angstrom");
}

TEST_F(Schema, WrongTypes)
{
    expect_message("{\"r_cut\": \"five\"}", "found \"five\"; it must be a number, unit angstrom");
    expect_message("{\"r_cut\": 5, \"n_max\": 8.5}", "train.yaml:5:7: soap.n_max: found 8.5; it must be an integer");
    expect_message("{\"r_cut\": 5, \"normalize\": 1}", "true or false");
    expect_message("{\"r_cut\": 5, \"cutoff\": [1]}", "a mapping");
    expect_message("{\"r_cut\": 5, \"species\": \"Si\"}", "a list");
    expect_message("[1]", "it must be a mapping");
}

TEST_F(Schema, Ranges)
{
    expect_message("{\"r_cut\": 21}", "21 angstrom is out of range; it must be 0.5 ... 20");
    expect_message("{\"r_cut\": 0.25}", "0.25 angstrom is out of range");
    expect_message("{\"r_cut\": 5, \"n_max\": 0}", "it must be 1 ... 16");
    expect_message("{\"r_cut\": 5, \"cutoff\": {\"width\": -1}}", "it must be at least 0");
    expect_message("{\"r_cut\": 5, \"depth\": 6}", "it must be at most 5");
    EXPECT_EQ(complete("{\"r_cut\": 20, \"n_max\": 16}"), MLSOAP_SUCCESS);
}

TEST_F(Schema, Choices)
{
    expect_message("{\"r_cut\": 5, \"cutoff\": {\"function\": \"cosin\"}}", "did you mean 'cosine'?");
    expect_message("{\"r_cut\": 5, \"cutoff\": {\"function\": \"step\"}}", "one of: cosine, shifted_cosine, poly");
}

TEST_F(Schema, FreeMappingsAreLeftAlone)
{
    ASSERT_EQ(complete("{\"r_cut\": 5, \"weights\": {\"Si\": 1, \"C\": 2}}"), MLSOAP_SUCCESS);
    EXPECT_EQ(json_object_size(json_object_get(object, "weights")), 2u);
}

TEST_F(Schema, BrokenDefaultIsOurFault)
{
    const schema_key broken[] = {{"a", SCHEMA_REAL, "1,5", nullptr, 1, 0, nullptr, nullptr, ""},
                                 {nullptr, 0, nullptr, nullptr, 0, 0, nullptr, nullptr, nullptr}};
    object = json_object();
    EXPECT_EQ(schema_complete(object, broken, "", nullptr, &error), MLSOAP_ERROR_INTERNAL);
}

TEST_F(Schema, ErrorsOfTheCaller)
{
    EXPECT_EQ(schema_fail(&source, "soap", "n_max", &error, "%d is odd", 7), MLSOAP_ERROR_VALUE);
    EXPECT_STREQ(error.message, "train.yaml:5:7: soap.n_max: 7 is odd");
    schema_fail(nullptr, "", "seed", &error, "no");
    EXPECT_STREQ(error.message, "seed: no");
    const schema_source line = {"command line", nullptr, nullptr, nullptr};
    schema_fail(&line, "", "seed", &error, "no");
    EXPECT_STREQ(error.message, "command line: seed: no");
    EXPECT_EQ(schema_fail(nullptr, nullptr, nullptr, nullptr, "no"), MLSOAP_ERROR_VALUE);
}

TEST_F(Schema, ValuesMayComeFromAnotherSource)
{
    auto in_no_line = [](void *, const char *, long *line, long *column) { return *line = *column = 0, 1; };
    auto name_of = [](void *, const char *path) -> const char * {
        return std::string(path) == "seed" ? "command line" : nullptr;
    };
    const schema_source mixed = {"train.yaml", in_no_line, nullptr, name_of};
    schema_fail(&mixed, "", "seed", &error, "no");
    EXPECT_STREQ(error.message, "command line: seed: no");
    schema_fail(&mixed, "", "other", &error, "no");
    EXPECT_STREQ(error.message, "train.yaml: other: no");
}
