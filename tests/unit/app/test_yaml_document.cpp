/* SPDX-License-Identifier: BSD-3-Clause */
// yaml_document.c and yaml_text.c: the core schema, places, refusals, and reading back what was written.
extern "C" {
#include "app/yaml_document.h"
#include "core/memory.h"
}

#include <gtest/gtest.h>

#include <string>

namespace
{
struct Read {
    json_t *value = nullptr;
    yaml_places places{};
    mlsoap_error error{};
    mlsoap_status status;
    explicit Read(const std::string &text)
    {
        status = yaml_read(text.data(), text.size(), "x.yaml", &value, &places, &error);
    }
    Read(const Read &) = delete;
    Read &operator=(const Read &) = delete;
    ~Read()
    {
        json_decref(value);
        yaml_places_release(&places);
    }
};

std::string as_json(const std::string &text)
{
    Read read(text);
    EXPECT_EQ(read.status, MLSOAP_SUCCESS) << read.error.message;
    char *dump = read.value ? json_dumps(read.value, JSON_ENCODE_ANY | JSON_COMPACT) : nullptr;
    std::string out = dump ? dump : "failed";
    free(dump);
    return out;
}

void expect_failure(const std::string &text, const std::string &place, const std::string &part)
{
    Read read(text);
    EXPECT_EQ(read.status, MLSOAP_ERROR_FORMAT) << text;
    EXPECT_EQ(read.value, nullptr);
    std::string message = read.error.message;
    EXPECT_EQ(message.rfind(place, 0), 0u) << message;
    EXPECT_NE(message.find(part), std::string::npos) << message;
}
} // namespace

TEST(YamlDocument, ScalarsOfTheCoreSchema)
{
    EXPECT_EQ(as_json("[1, -2, +3, 007]"), "[1,-2,3,7]");
    EXPECT_EQ(as_json("[.5, 1e-3, 2., -1.5E+2]"), "[0.5,0.001,2.0,-150.0]");
    EXPECT_EQ(as_json("[true, False, TRUE]"), "[true,false,true]");
    EXPECT_EQ(as_json("[null, ~, Null, ]"), "[null,null,null]");
    EXPECT_EQ(as_json("[off, on, yes, no, none, No, N, Y]"), R"(["off","on","yes","no","none","No","N","Y"])");
    EXPECT_EQ(as_json("[\"1\", '2', 1.2.3, 1e, e1, ., 8 GiB]"), R"(["1","2","1.2.3","1e","e1",".","8 GiB"])");
    EXPECT_EQ(as_json(""), "null");
    EXPECT_EQ(as_json("# nothing\n"), "null");
    EXPECT_EQ(as_json("a:\nb: {c: [d, {e: 1}]}\n"), R"({"a":null,"b":{"c":["d",{"e":1}]}})");
    EXPECT_EQ(as_json("9223372036854775807"), "9223372036854775807");
}

TEST(YamlDocument, PlacesOfKeysAndItems)
{
    Read read("seed: 1\ndescriptors:\n  - r_cut: 5\n    cutoff: {width: 1}\n  - {r_cut: 3}\n");
    ASSERT_EQ(read.status, MLSOAP_SUCCESS);
    struct {
        const char *path;
        long line, column;
    } expected[] = {{"seed", 1, 1},
                    {"descriptors", 2, 1},
                    {"descriptors.0", 3, 5},
                    {"descriptors.0.r_cut", 3, 5},
                    {"descriptors.0.cutoff.width", 4, 14},
                    {"descriptors.1.r_cut", 5, 6}};
    for (const auto &e : expected) {
        const yaml_place *place = yaml_places_find(&read.places, e.path);
        ASSERT_NE(place, nullptr) << e.path;
        EXPECT_EQ(place->line, e.line) << e.path;
        EXPECT_EQ(place->column, e.column) << e.path;
    }
    EXPECT_EQ(yaml_places_find(&read.places, "descriptors.2"), nullptr);
    yaml_places_forget(&read.places, "descriptors");
    EXPECT_NE(yaml_places_find(&read.places, "descriptors"), nullptr);
    EXPECT_EQ(yaml_places_find(&read.places, "descriptors.0.r_cut"), nullptr);
}

TEST(YamlDocument, RefusesWithThePlace)
{
    expect_failure("a: 1\nb: 2\na: 3\n", "x.yaml:3:1: ", "stands twice");
    expect_failure("b: {a: 1, a: 2}\n", "x.yaml:1:11: ", "stands twice");
    expect_failure("a:\n\tb: 1\n", "x.yaml:2:1: ", "tab");
    expect_failure("a: [1, 2\n", "x.yaml:", "closing bracket");
    expect_failure("a: 1\n---\nb: 2\n", "x.yaml:3:1: ", "second document");
    expect_failure("a: .nan\n", "x.yaml:1:4: ", "not finite");
    expect_failure("a: -.inf\n", "x.yaml:1:4: ", "not finite");
    expect_failure("a: 1e400\n", "x.yaml:1:4: ", "not finite");
    expect_failure("a: 9223372036854775808\n", "x.yaml:1:4: ", "64 bits");
    expect_failure("a: &x 1\nb: 2\n", "x.yaml:1:", "anchors");
    expect_failure("a: 1\nb: *x\n", "x.yaml:2:", "");
    expect_failure("a: !!str 1\n", "x.yaml:1:", "tags");
    expect_failure("? [1]\n: 2\n", "x.yaml:1:", "plain text");
    expect_failure(": 2\n", "x.yaml", "key");
    expect_failure("a: \"\\0\"\n", "x.yaml:1:", "zero byte");
    expect_failure("a: \xff\n", "x.yaml: ", "UTF-8");
    expect_failure(std::string("a: 1\n\0", 6), "x.yaml: ", "UTF-8");
    expect_failure("a: " + std::string(50, '[') + std::string(50, ']'), "x.yaml", "nested");
    expect_failure("a: " + std::string(1000, '['), "x.yaml", "");
}

TEST(YamlDocument, TextReadsBackEqual)
{
    const char *texts[] = {
        R"({"a":1,"b":1.0,"c":[1,2.5,"x"],"d":{"e":null,"f":true,"g":"none"},"h":[],"i":{}})",
        R"({"list":[{"a":1,"b":{"c":2}},{"a":[[1,2],[3,4]]},[{"x":1}],"plain"]})",
        R"({"words":["true","1","","a: b","#c"," d","e ","-f","'g","null","~","a,b","[","it's","é","a\nb"]})",
        R"({"numbers":[0.1,1e300,-1e-300,123456789012,1e21,0.30000000000000004]})",
        R"({"1":{"x y":2,"a.b":3,"off":4}})",
        R"([1,[2,[3]],{"a":[]}])",
        R"({"long":["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb","ccccccccccccccccccccccc"]})",
        "\"alone\""};
    for (const char *text : texts) {
        json_t *value = json_loads(text, JSON_DECODE_ANY, nullptr);
        ASSERT_NE(value, nullptr) << text;
        char *yaml = yaml_text(value);
        ASSERT_NE(yaml, nullptr);
        Read read(yaml);
        EXPECT_EQ(read.status, MLSOAP_SUCCESS) << yaml << read.error.message;
        EXPECT_TRUE(json_equal(value, read.value)) << text << "\n" << yaml;
        memory_free(yaml);
        json_decref(value);
    }
}

TEST(YamlDocument, FailsWithoutMemory)
{
    const std::string text = "a: {b: [1, x, 2.5]}\nc: 3\n";
    for (long n = 1; n < 30; n++) {
        memory_fail_after(n);
        Read read(text);
        memory_fail_after(0);
        EXPECT_TRUE(read.status == MLSOAP_SUCCESS || read.status == MLSOAP_ERROR_MEMORY) << n;
        EXPECT_EQ(read.value != nullptr, read.status == MLSOAP_SUCCESS) << n;
        EXPECT_TRUE(n > 1 || read.status == MLSOAP_ERROR_MEMORY);
        char *yaml = nullptr;
        if (read.value) {
            memory_fail_after(n);
            yaml = yaml_text(read.value);
            memory_fail_after(0);
        }
        memory_free(yaml);
    }
}
