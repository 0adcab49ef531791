// SPDX-License-Identifier: BSD-3-Clause
// The tables of keys in training/README.md are made of the schema tables of the code: run this test with
// MLSOAP_UPDATE_DOCS=1 to write them.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

extern "C" {
#include "app/config.h"
extern const schema_key acsf_schema[], soap_schema[]; // their headers cannot be read side by side
}

namespace
{
const std::string BEGIN = "<!-- keys: begin (written by tests/unit/app/test_config_docs.cpp) -->\n",
                  END = "<!-- keys: end -->\n";

std::string escaped(const std::string &text)
{
    std::string result;
    for (char c : text) result += c == '|' ? std::string("\\|") : std::string(1, c);
    return result;
}

// "`auto`", "required", "-" where the key stays absent.
std::string default_of(const schema_key &key)
{
    if (!key.default_json) return "required";
    std::string text = key.default_json;
    if (text.empty()) return "";
    if (text.front() == '"') text = text.substr(1, text.size() - 2);
    return "`" + escaped(text) + "`";
}

void add_rows(std::string &table, const schema_key *rows, const std::string &prefix)
{
    for (const schema_key *key = rows; key->name; key++) {
        const std::string path = prefix + key->name;
        std::string words;
        for (const char *const *choice = key->choices; choice && *choice; choice++)
            words += std::string(words.empty() ? " (" : ", ") + *choice;
        if (!words.empty()) words += ")";
        const bool has_children = key->children != nullptr;
        table += "| `" + path + "` | " + (has_children ? "" : default_of(*key)) + " | " + (key->unit ? key->unit : "") +
                 " | " + escaped(key->meaning ? key->meaning : "") + escaped(words) + " |\n";
        if (has_children) add_rows(table, key->children, path + ".");
    }
}

std::string table_of(const schema_key *rows, const std::string &prefix)
{
    std::string table = "| key | default | unit | meaning |\n|---|---|---|---|\n";
    add_rows(table, rows, prefix);
    return table;
}

std::string model_table(const char *type)
{
    json_t *term = json_pack("{s:s}", "type", type);
    const std::string table = table_of(config_model_schema(term), "model.");
    json_decref(term);
    return table;
}

std::string expected()
{
    return "\n" + table_of(config_schema, "") + "\nOf `model` with `type: sparse_gp`:\n\n" + model_table("sparse_gp") +
           "\nOf `model` with `type: network`:\n\n" + model_table("network") + "\nOf `model` with `type: linear`:\n\n" +
           model_table("linear") + "\nOf a descriptor of `type: soap`:\n\n" + table_of(soap_schema, "") +
           "\nOf a descriptor of `type: acsf`:\n\n" + table_of(acsf_schema, "") + "\n";
}

std::string read(const std::string &path)
{
    std::ifstream stream(path);
    std::stringstream text;
    text << stream.rdbuf();
    return text.str();
}
} // namespace

TEST(ConfigDocs, TheTablesOfTheReadmeAreThoseOfTheCode)
{
    const std::string path = std::string(MLSOAP_SOURCE_DIR) + "/training/README.md";
    std::string text = read(path);
    const size_t begin = text.find(BEGIN), end = text.find(END);
    ASSERT_NE(begin, std::string::npos);
    ASSERT_NE(end, std::string::npos);
    const std::string found = text.substr(begin + BEGIN.size(), end - begin - BEGIN.size());
    if (std::getenv("MLSOAP_UPDATE_DOCS")) {
        text.replace(begin + BEGIN.size(), found.size(), expected());
        std::ofstream(path) << text;
        return;
    }
    EXPECT_EQ(found, expected()) << "run this test with MLSOAP_UPDATE_DOCS=1 to write the tables";
}

TEST(ConfigDocs, EveryKeyHasAMeaning)
{
    std::string text = expected();
    EXPECT_EQ(text.find("|  |\n"), std::string::npos) << text.substr(text.find("|  |\n") - 80, 85);
}
