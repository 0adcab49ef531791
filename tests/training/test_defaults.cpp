// SPDX-License-Identifier: BSD-3-Clause
// Default descriptors from the data.
#include "training_fixtures.hpp"

extern "C" {
#include "core/elements.h"
#include "defaults.h"
}

namespace
{
double number(const json_t *settings, const char *key)
{
    return json_number_value(json_object_get(settings, key));
}

// Diamond or simple cubic cells would do: a chain in a long cell has first shells that are easy to name.
frame chain(int a, int b, double short_bond, double long_bond)
{
    double L = short_bond + long_bond;
    frame f = make_frame({{a, 0, 0, 0}, {b, short_bond, 0, 0}}, L);
    f.structure.cell[1][1] = f.structure.cell[2][2] = 30;
    return f;
}
} // namespace

TEST(Defaults, OneElementFollowsTheNearestNeighbor)
{
    frame_set set{};
    add_frame(set, chain(14, 14, 2.3, 2.6));
    add_frame(set, make_frame({{14, 0, 0, 0}})); // an isolated atom changes nothing
    const frame *frames[] = {&set.frames[0], &set.frames[1]};
    const int elements[] = {14};
    default_lengths lengths;
    mlsoap_error error;
    char why[512];
    ASSERT_EQ(MLSOAP_SUCCESS, default_lengths_find(frames, 2, elements, 1, &lengths, &error)) << error.message;
    EXPECT_LE(std::fabs(lengths.shell - 2.3), 1e-12);
    json_t *d = default_descriptor(&lengths, elements, 1, 0, why, sizeof why);
    EXPECT_LE(std::fabs(number(d, "r_cut") - 2.65 * 2.3), 1e-3);
    EXPECT_LE(std::fabs(number(d, "sigma") - 0.21 * 2.3), 1e-3);
    EXPECT_LE(std::fabs(number(json_object_get(d, "cutoff"), "width") - 0.4 * 2.3), 1e-3);
    EXPECT_LE(std::fabs(number(json_object_get(d, "radial_scaling"), "r0") - 1.08 * 2.3), 1e-3);
    EXPECT_EQ(8, number(d, "n_max"));
    EXPECT_EQ(6, number(d, "l_max"));
    EXPECT_STREQ("none", json_string_value(json_object_get(d, "compression")));
    json_decref(d);
    d = default_descriptor(&lengths, elements, 1, default_cutoff(&lengths, 1, 3.2), why, sizeof why);
    EXPECT_LE(std::fabs(number(d, "r_cut") - 3.2 * 2.3), 1e-3);
    EXPECT_LE(std::fabs(number(d, "sigma") - 0.21 * 2.3), 1e-3); // lengths but the cutoff stay
    EXPECT_EQ(12, number(d, "n_max"));
    json_decref(d);
    const int metal[] = {42};
    d = default_descriptor(&lengths, metal, 1, 0, why, sizeof why);
    EXPECT_EQ(10, number(d, "n_max"));
    EXPECT_EQ(5, number(d, "l_max"));
    json_decref(d);
    frame_set_release(&set);
}

TEST(Defaults, SeveralElementsFollowTheLongestLikeShell)
{
    frame_set set{};
    add_frame(set, chain(1, 8, 1.0, 1.7)); // like atoms are 2.7 apart
    const frame *frames[] = {&set.frames[0]};
    const int elements[] = {1, 8};
    default_lengths lengths;
    mlsoap_error error;
    char why[512];
    ASSERT_EQ(MLSOAP_SUCCESS, default_lengths_find(frames, 1, elements, 2, &lengths, &error)) << error.message;
    EXPECT_LE(std::fabs(lengths.shell - 2.7), 1e-12);
    EXPECT_LE(std::fabs(lengths.shortest - 1.0), 1e-12);
    json_t *d = default_descriptor(&lengths, elements, 2, 0, why, sizeof why);
    EXPECT_LE(std::fabs(number(d, "r_cut") - 2.3 * 2.7), 1e-3);
    EXPECT_LE(std::fabs(number(json_object_get(d, "radial_scaling"), "r0") - 1.5), 1e-3);
    json_decref(d);
    lengths.shell = 5; // such as N-N of a molecular crystal
    d = default_descriptor(&lengths, elements, 2, 0, why, sizeof why);
    EXPECT_LE(std::fabs(number(d, "r_cut") - 7), 1e-9);
    json_decref(d);
    const int three[] = {1, 6, 8};
    d = default_descriptor(&lengths, three, 3, 0, why, sizeof why);
    EXPECT_STREQ("mix", json_string_value(json_object_get(json_object_get(d, "compression"), "type")));
    EXPECT_EQ(2, number(json_object_get(d, "compression"), "channels"));
    json_decref(d);
    frame_set_release(&set);
}

TEST(Defaults, CompletesOnlyWhatLacksAKey)
{
    frame_set set{};
    add_frame(set, chain(14, 14, 2.3, 2.6));
    const frame *frames[] = {&set.frames[0]};
    const int elements[] = {14};
    mlsoap_error error;
    char why[512];
    json_t *root = json_loads("{\"descriptors\": [{\"r_cut\": 4.0, \"n_max\": 4},"
                              "{\"r_cut\": 4.0, \"n_max\": 4, \"l_max\": 2, \"sigma\": 0.5}]}",
                              0, nullptr);
    ASSERT_EQ(MLSOAP_SUCCESS, default_descriptors(root, frames, 1, elements, 1, 0, why, sizeof why, &error));
    const json_t *list = json_object_get(root, "descriptors"), *first = json_array_get(list, 0);
    EXPECT_EQ(4.0, number(first, "r_cut"));
    EXPECT_EQ(4, number(first, "n_max"));
    EXPECT_LE(std::fabs(number(first, "sigma") - 0.21 * 4 / 2.2), 1e-3); // shorter than 2.2 a: widths shrink with it
    EXPECT_EQ(4u, json_object_size(json_array_get(list, 1)));
    EXPECT_NE(nullptr, std::strstr(why, "n_max as given"));
    EXPECT_EQ(nullptr, std::strstr(why, "l_max as given"));
    json_decref(root);
    root = json_loads("{\"descriptors\": []}", 0, nullptr);
    ASSERT_EQ(MLSOAP_SUCCESS, default_descriptors(root, frames, 1, elements, 1, 0, why, sizeof why, &error));
    EXPECT_EQ(1u, json_array_size(json_object_get(root, "descriptors")));
    json_decref(root);
    frame_set_release(&set);
}

// One element gets a block that fits into what the user gave; a long cutoff gets more radial functions instead.
TEST(Defaults, OneElementGetsABlock)
{
    struct Case {
        const char *root;
        int channels, l_max; // 0: no block
    };
    frame_set set{};
    add_frame(set, chain(14, 14, 2.3, 2.6));
    const frame *frames[] = {&set.frames[0]};
    const int elements[] = {14};
    for (const Case &c : {Case{R"({"model": {"type": "network"}, "descriptors": []})", 3, 4},
                          Case{R"({"model": {"type": "network"}, "descriptors": [{"n_max": 2, "l_max": 3}]})", 2, 3},
                          Case{R"({"model": {"type": "network"}, "descriptors": [{"l_max": 0}]})", 0, 0},
                          Case{R"({"model": {"type": "network"}, "descriptors": [{"bispectrum": "none"}]})", 0, 0},
                          Case{R"({"descriptors": [{"r_cut": 8}]})", 0, 0},
                          Case{R"({"model": {"type": "sparse_gp"}, "descriptors": []})", 2, 4}}) {
        char why[512];
        mlsoap_error error;
        json_t *root = json_loads(c.root, 0, nullptr);
        ASSERT_EQ(MLSOAP_SUCCESS, default_descriptors(root, frames, 1, elements, 1, 0, why, sizeof why, &error));
        const json_t *block = json_object_get(json_array_get(json_object_get(root, "descriptors"), 0), "bispectrum");
        EXPECT_EQ(json_is_object(block), c.channels > 0) << c.root;
        if (json_is_object(block)) {
            EXPECT_EQ(number(block, "channels"), c.channels);
            EXPECT_EQ(number(block, "l_max"), c.l_max);
        }
        json_decref(root);
    }
    frame_set_release(&set);
}

// Other modes of SOAP have other bases and weights, other descriptors nothing of it.
TEST(Defaults, OtherModesGetOnlyTheFourNumbers)
{
    frame_set set{};
    add_frame(set, chain(14, 14, 2.3, 2.6));
    const frame *frames[] = {&set.frames[0]};
    const int elements[] = {14};
    mlsoap_error error;
    char why[512];
    json_t *root = json_loads(R"({"descriptors": [{"mode": "dscribe"}, {"mode": "quip", "r_cut": 4},
                                  {"type": "acsf", "functions": ["Si 2 Si 1 0 5"]}]})",
                              0, nullptr);
    ASSERT_EQ(MLSOAP_SUCCESS, default_descriptors(root, frames, 1, elements, 1, 0, why, sizeof why, &error));
    const json_t *list = json_object_get(root, "descriptors");
    for (size_t i = 0; i < 2; i++) { // mode, r_cut, n_max, l_max, sigma, type
        EXPECT_EQ(6u, json_object_size(json_array_get(list, i)));
        EXPECT_GT(number(json_array_get(list, i), "sigma"), 0);
    }
    EXPECT_EQ(2u, json_object_size(json_array_get(list, 2)));
    json_decref(root);
    frame_set_release(&set);
}

TEST(Defaults, KernelFollowsTheIsolatedAtom)
{
    const struct {
        const char *settings;
        std::vector<std::string> keys;
        bool normalized, automatic;
    } cases[] = {{R"({"r_cut": 3.5, "n_max": 2, "l_max": 1, "sigma": 0.5})", {}, true, false},
                 {R"({"r_cut": 3.5, "n_max": 2, "l_max": 1, "sigma": 0.5, "w0": 0})", {}, false, true},
                 {R"({"type": "acsf", "functions": ["Si 2 Si 0.5 0 3.5"]})", {}, false, true},
                 {R"({"type": "acsf", "functions": ["Si 2 Si 0.5 0 3.5"]})", {"model.constant=2"}, false, false},
                 {R"({"type": "acsf", "functions": ["Si 2 Si 0.5 0 3.5"]})", {"model.normalized=true"}, true, false}};
    for (const auto &c : cases) {
        training_fixture t;
        add_random_frames(t.data.train, 3, 4, {14}, 1);
        t.begin(c.settings, c.keys, {14}, {0.0});
        const json_t *keys = json_object_get(t.c.root, "model");
        EXPECT_EQ(c.normalized, json_is_true(json_object_get(keys, "normalized"))) << c.settings;
        EXPECT_EQ(c.automatic, json_is_string(json_object_get(keys, "constant"))) << c.settings;
    }
}

TEST(Defaults, NoNeighborsIsAnError)
{
    frame_set set{};
    add_frame(set, make_frame({{14, 0, 0, 0}}));
    const frame *frames[] = {&set.frames[0]};
    const int elements[] = {14};
    default_lengths lengths;
    mlsoap_error error;
    EXPECT_EQ(MLSOAP_ERROR_VALUE, default_lengths_find(frames, 1, elements, 1, &lengths, &error));
    EXPECT_NE(nullptr, std::strstr(error.message, "descriptors"));
    frame_set_release(&set);
}

TEST(Defaults, Metals)
{
    for (int z : {3, 13, 26, 29, 42, 79, 92}) EXPECT_TRUE(element_is_metal(z)) << element_symbol(z);
    for (int z : {1, 6, 8, 14, 32, 52}) EXPECT_FALSE(element_is_metal(z)) << element_symbol(z);
}
