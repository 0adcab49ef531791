// SPDX-License-Identifier: BSD-3-Clause
// Presets lie under what the user says.
#include <gtest/gtest.h>

#include <cstring>
#include <string>

extern "C" {
#include "preset.h"
}

namespace
{
std::string text(const json_t *root, const char *section, const char *key)
{
    const json_t *part = json_object_get(root, section), *object = json_is_array(part) ? json_array_get(part, 0) : part;
    char *dump = json_dumps(json_object_get(object, key), JSON_ENCODE_ANY);
    std::string result = dump ? dump : "";
    free(dump);
    return result;
}
} // namespace

TEST(Preset, FillsWhatIsNotGiven)
{
    const struct {
        const char *root, *preset, *section, *key, *value;
    } cases[] = {
        {"{}", "fast", "model", "type", "\"sparse_gp\""},
        {"{}", "fast", "descriptors", "n_max", "6"},
        {"{}", "accurate", "model", "type", "\"network\""},
        {R"({"model": {"type": "linear"}})", "fast", "model", "zeta", ""}, // another type: nothing of the model
        {R"({"model": {"zeta": 1}})", "fast", "model", "zeta", "1"},
        {R"({"model": [{"zeta": 1}]})", "fast", "model", "zeta", "1"}, // a list of one is a mapping
        {R"({"model": [{"n_sparse": 9}]})", "fast", "model", "zeta", "2"},
        {R"({"model": [{"type": "linear"}]})", "fast", "model", "zeta", ""},
        {R"({"descriptors": [{"n_max": 4}]})", "fast", "descriptors", "n_max", "4"},
        {R"({"descriptors": [{"n_max": 4}]})", "fast", "descriptors", "l_max", "4"},
        {R"({"descriptors": [{"type": "acsf"}]})", "fast", "descriptors", "l_max", ""},
        {R"({"descriptors": [{"r_cut": 5, "n_max": 8, "l_max": 6, "sigma": 0.5}]})", "fast", "descriptors", "l_max",
         "6"}};
    for (const auto &c : cases) {
        json_t *root = json_loads(c.root, 0, nullptr);
        mlsoap_error error{};
        ASSERT_EQ(MLSOAP_SUCCESS, preset_apply(root, c.preset, &error)) << error.message;
        EXPECT_EQ(c.value, text(root, c.section, c.key)) << c.root << " " << c.preset << " " << c.key;
        json_decref(root);
    }
}

TEST(Preset, NamesAndForm)
{
    EXPECT_TRUE(preset_is_known("fast"));
    EXPECT_TRUE(preset_is_known("accurate"));
    EXPECT_FALSE(preset_is_known("best"));
    mlsoap_error error{};
    json_t *root = json_loads(R"({"model": [{"type": "linear"}, {"zeta": 2}]})", 0, nullptr);
    EXPECT_EQ(MLSOAP_ERROR_VALUE, preset_apply(root, "fast", &error));
    EXPECT_NE(nullptr, strstr(error.message, "has 2 terms")) << error.message;
    json_decref(root);
}
