/* SPDX-License-Identifier: BSD-3-Clause */
// config.c, config_complete.c, config_schema.c: files, assignments, defaults, refusals.
extern "C" {
#include "app/config.h"
#include "app/config_terms.h"
#include "core/memory.h"
}

#include <gtest/gtest.h>

#include <cstdio>
#include <string>
#include <unistd.h>
#include <vector>

namespace
{
class Config : public ::testing::Test
{
  protected:
    config c{};
    mlsoap_error error{};
    std::string path = ::testing::TempDir() + "config_" + std::to_string(getpid()) + ".yaml";

    void TearDown() override
    {
        config_release(&c);
        std::remove(path.c_str());
    }

    mlsoap_status read(const std::string &text)
    {
        config_release(&c);
        FILE *file = std::fopen(path.c_str(), "w");
        std::fwrite(text.data(), 1, text.size(), file);
        std::fclose(file);
        return config_read(path.c_str(), &c, &error);
    }

    // Read, assign, complete: the first failure.
    mlsoap_status complete(const std::string &text, const std::vector<std::string> &assignments = {})
    {
        mlsoap_status status = read(text);
        for (const auto &a : assignments)
            if (!status) status = config_set(&c, a.c_str(), &error);
        return status ? status : config_complete(&c, &error);
    }

    std::string text() const
    {
        char *t = config_text(&c);
        std::string out = t ? t : "";
        memory_free(t);
        return out;
    }

    const json_t *at(std::vector<const char *> keys) const
    {
        const json_t *value = c.root;
        for (const char *key : keys)
            value = json_is_array(value) ? json_array_get(value, std::stoul(key)) : json_object_get(value, key);
        return value;
    }

    void expect_failure(const std::string &yaml, const std::vector<std::string> &assignments, const std::string &start,
                        const std::string &part, mlsoap_status code = MLSOAP_ERROR_VALUE)
    {
        EXPECT_EQ(complete(yaml, assignments), code) << yaml << " " << error.message;
        std::string message = error.message, begin = start;
        if (begin.rfind("FILE", 0) == 0) begin = path + begin.substr(4);
        EXPECT_EQ(message.rfind(begin, 0), 0u) << message;
        EXPECT_NE(message.find(part), std::string::npos) << message;
    }
};

const char *const one = "descriptors: [{r_cut: 5, n_max: 8, l_max: 6, sigma: 0.5}]\n";
} // namespace

TEST_F(Config, EmptyHasAllDefaults)
{
    ASSERT_EQ(complete(""), MLSOAP_SUCCESS) << error.message;
    EXPECT_EQ(json_number_value(at({"data", "validation"})), 0.1);
    EXPECT_STREQ(json_string_value(at({"data", "keys", "forces"})), "auto");
    EXPECT_STREQ(json_string_value(at({"offsets"})), "auto");
    EXPECT_STREQ(json_string_value(at({"zbl"})), "auto");
    EXPECT_STREQ(json_string_value(at({"uncertainty"})), "auto");
    EXPECT_STREQ(json_string_value(at({"model", "type"})), "sparse_gp");
    EXPECT_EQ(json_integer_value(at({"model", "zeta"})), 2);
    EXPECT_EQ(json_integer_value(at({"model", "n_sparse"})), 1000);
    EXPECT_EQ(at({"model", "normalized"}), nullptr); // the trainer chooses it by the descriptors
    EXPECT_EQ(at({"model", "constant"}), nullptr);
    EXPECT_EQ(json_number_value(at({"model", "jitter"})), 1e-8);
    EXPECT_EQ(json_number_value(at({"loss", "forces"})), 1);
    EXPECT_EQ(json_integer_value(at({"seed"})), 1);
    EXPECT_EQ(json_array_size(at({"descriptors"})), 0u);
    EXPECT_EQ(at({"elements"}), nullptr);
    EXPECT_EQ(at({"output"}), nullptr);
    size_t bytes = 0;
    ASSERT_EQ(config_memory(&c, &bytes, &error), MLSOAP_SUCCESS);
    EXPECT_EQ(bytes, 8589934592u);
}

TEST_F(Config, WithoutFile)
{
    ASSERT_EQ(config_read(nullptr, &c, &error), MLSOAP_SUCCESS);
    ASSERT_EQ(config_set(&c, "--descriptors.0.r_cut=5.5", &error), MLSOAP_SUCCESS);
    ASSERT_EQ(config_set(&c, "seed=7", &error), MLSOAP_SUCCESS);
    ASSERT_EQ(config_complete(&c, &error), MLSOAP_SUCCESS) << error.message;
    EXPECT_EQ(json_number_value(at({"descriptors", "0", "r_cut"})), 5.5);
    EXPECT_EQ(json_integer_value(at({"seed"})), 7);
}

TEST_F(Config, AssignmentsLieOverTheFile)
{
    ASSERT_EQ(complete(std::string(one) + "model: {zeta: 4, delta: 2}\nzbl: off\n",
                       {"--model.zeta=3", "--descriptors.0.r_cut=6", "--descriptors.1={r_cut: 3}",
                        "--loss.config_type.Surface.forces=2", "--data.train=a.xyz", "--offsets.Si=-0.79",
                        "--data.validation=v.xyz", "--memory=500 MB"}),
              MLSOAP_SUCCESS)
        << error.message;
    EXPECT_EQ(json_integer_value(at({"model", "zeta"})), 3);
    EXPECT_EQ(json_number_value(at({"model", "delta"})), 2);
    EXPECT_EQ(json_number_value(at({"descriptors", "0", "r_cut"})), 6);
    EXPECT_EQ(json_integer_value(at({"descriptors", "0", "n_max"})), 8);
    EXPECT_STREQ(json_string_value(at({"descriptors", "0", "name"})), "soap");
    EXPECT_STREQ(json_string_value(at({"descriptors", "1", "name"})), "soap2");
    EXPECT_EQ(json_number_value(at({"loss", "config_type", "Surface", "forces"})), 2);
    EXPECT_EQ(json_number_value(at({"loss", "config_type", "Surface", "energy"})), 1);
    EXPECT_STREQ(json_string_value(at({"data", "train", "0"})), "a.xyz");
    EXPECT_STREQ(json_string_value(at({"data", "validation", "0"})), "v.xyz");
    EXPECT_EQ(json_number_value(at({"offsets", "Si"})), -0.79);
    size_t bytes = 0;
    ASSERT_EQ(config_memory(&c, &bytes, &error), MLSOAP_SUCCESS);
    EXPECT_EQ(bytes, 500000000u);
}

TEST_F(Config, CompletedTextReadsBackEqualAndOrdered)
{
    ASSERT_EQ(complete("seed: 3\nmodel: {noise: 0.5, sigma: {energy: 1e-3, forces: .1}}\nelements: [Si, C]\n" +
                       std::string(one) + "data: {train: ['1', \"a b.xyz\"]}\n"),
              MLSOAP_SUCCESS)
        << error.message;
    std::string first = text();
    EXPECT_EQ(first.rfind("data:", 0), 0u) << first;
    EXPECT_LT(first.find("\nelements:"), first.find("\ndescriptors:"));
    EXPECT_LT(first.find("\nmodel:"), first.find("\nseed:"));
    ASSERT_EQ(complete(first), MLSOAP_SUCCESS) << error.message;
    EXPECT_EQ(text(), first);
}

TEST_F(Config, ElementsReachTheDescriptors)
{
    const int numbers[] = {6, 14};
    ASSERT_EQ(complete("descriptors: [{r_cut: 5}, {r_cut: 3, species: [C]}]\n"), MLSOAP_SUCCESS) << error.message;
    ASSERT_EQ(config_set_elements(&c, numbers, 2, &error), MLSOAP_SUCCESS);
    EXPECT_STREQ(json_string_value(at({"elements", "1"})), "Si");
    EXPECT_EQ(json_array_size(at({"descriptors", "0", "species"})), 2u);
    EXPECT_EQ(json_array_size(at({"descriptors", "1", "species"})), 1u);
    ASSERT_EQ(complete("elements: [O]\ndescriptors: [{r_cut: 5}]\n"), MLSOAP_SUCCESS) << error.message;
    ASSERT_EQ(config_set_elements(&c, numbers, 2, &error), MLSOAP_SUCCESS);
    EXPECT_STREQ(json_string_value(at({"descriptors", "0", "species", "0"})), "O");
    EXPECT_EQ(json_array_size(at({"elements"})), 1u);
}

TEST_F(Config, KeepsSections)
{
    const char *const keys[] = {"elements", "descriptors", nullptr};
    ASSERT_EQ(read(std::string(one) + "model: {type: network}\nmodle: 1\n"), MLSOAP_SUCCESS);
    config_keep(&c, keys);
    EXPECT_EQ(at({"model"}), nullptr);
    EXPECT_NE(at({"descriptors"}), nullptr);
    EXPECT_EQ(config_complete(&c, &error), MLSOAP_ERROR_VALUE); // the unknown key is still found
}

TEST_F(Config, UnknownKeysHavePlaceAndNeighbor)
{
    expect_failure("seed: 1\nmodel:\n  zetta: 3\n", {}, "FILE:3:3: model.zetta", "did you mean 'zeta'?");
    expect_failure("sed: 1\n", {}, "FILE:1:1: sed", "did you mean 'seed'?");
    expect_failure("seed: 1\n", {"--model.zetta=3"}, "command line: model.zetta", "did you mean 'zeta'?");
    expect_failure("seed: 1\n", {"--modell.zeta=3"}, "command line: modell", "did you mean 'model'?");
    expect_failure("loss: {config_type: {A: {force: 2}}}\n", {}, "FILE:1:26: loss.config_type.A.force", "forces");
    // a key of the file keeps its place where another comes from the command line
    expect_failure("model:\n  zeta: x\n", {"--model.delta=3"}, "FILE:2:3: model.zeta", "integer");
    // ... and loses it where the command line replaces it
    expect_failure("model:\n  zeta: x\n", {"--model={zeta: y}"}, "command line: model.zeta", "integer");
}

TEST_F(Config, RefusesWrongValues)
{
    expect_failure("seed: 1.5\n", {}, "FILE:1:1: seed", "integer");
    expect_failure("seed: -1\n", {}, "FILE:1:1: seed", "range");
    expect_failure("data: {validation: 1.5}\n", {}, "FILE:1:8: data.validation", "0.9");
    expect_failure("data: {train: [1]}\n", {}, "FILE:1:8: data.train", "text");
    expect_failure("data: {units: {length: furlong}}\n", {}, "FILE:1:16: data.units.length", "angstrom");
    expect_failure("elements: [Si, Xx]\n", {}, "FILE:1:1: elements", "Xx");
    expect_failure("elements: [Si, Si]\n", {}, "FILE:1:1: elements", "twice");
    expect_failure("elements: []\n", {}, "FILE:1:1: elements", "empty");
    expect_failure("offsets: {Q: 1}\n", {}, "FILE:1:11: offsets.Q", "element");
    expect_failure("offsets: {Si: x}\n", {}, "FILE:1:11: offsets.Si", "number");
    expect_failure("offsets: isolate\n", {}, "FILE:1:1: offsets", "isolated");
    expect_failure("memory: 8 Gigs\n", {}, "FILE:1:1: memory", "8 GiB");
    expect_failure("memory: 0 GiB\n", {}, "FILE:1:1: memory", "8 GiB");
    expect_failure("descriptors: [3]\n", {}, "FILE:1:15: descriptors.0", "mapping");
    expect_failure("descriptors: [{name: a}, {name: a}]\n", {}, "FILE:1:27: descriptors.1.name", "descriptors.0");
    expect_failure("model: {sigma: {energy: 1}}\n", {}, "FILE:1:9: model.sigma.forces", "required");
    expect_failure("model: {normalized: off}\n", {}, "FILE:1:9: model.normalized", "true or false");
    expect_failure("model: {selection: cure}\n", {}, "FILE:1:9: model.selection", "'cur'");
    expect_failure("- 1\n", {}, "FILE:1: ", "mapping", MLSOAP_ERROR_FORMAT);
    expect_failure("seed: 1\nseed: 2\n", {}, "FILE:2:1: ", "twice", MLSOAP_ERROR_FORMAT);
}

TEST_F(Config, EveryModelHasItsKeys)
{
    for (const char *type : {"sparse_gp", "network", "linear"}) {
        ASSERT_EQ(complete(std::string("model: {type: ") + type + "}\n"), MLSOAP_SUCCESS) << error.message;
        EXPECT_EQ(at({"model", "zeta"}) != nullptr, std::string(type) == "sparse_gp");
        EXPECT_EQ(at({"model", "hidden"}) != nullptr, std::string(type) == "network");
    }
    expect_failure("model: {type: network, zeta: 2}\n", {}, "FILE:1:24: model.zeta", "unknown key");
    expect_failure("model: {type: linear, hidden: [4]}\n", {}, "FILE:1:23: model.hidden", "unknown key");
    expect_failure("model: {hidden: [4]}\n", {}, "FILE:1:9: model.hidden", "unknown key");
}

TEST_F(Config, AListOfTerms)
{
    const std::string two = "descriptors: [{r_cut: 3}, {r_cut: 5, name: long}]\n";
    ASSERT_EQ(complete(two + "model: [{on: [long], type: linear}, {on: [soap], noise: 0.1, keep_triangles: true}]\n"),
              MLSOAP_SUCCESS)
        << error.message;
    EXPECT_EQ(json_number_value(at({"model", "0", "noise"})), 0.1); // of the fit: in any term
    EXPECT_TRUE(json_is_true(at({"model", "0", "keep_triangles"})));
    EXPECT_EQ(json_number_value(at({"model", "0", "delta"})), 1);
    EXPECT_EQ(at({"model", "0", "jitter"}), nullptr);
    EXPECT_EQ(json_number_value(at({"model", "1", "jitter"})), 1e-8);
    EXPECT_EQ(json_integer_value(at({"model", "1", "zeta"})), 2);
    ASSERT_EQ(complete(std::string(one) + "model: [{zeta: 4}]\n"), MLSOAP_SUCCESS) << error.message;
    EXPECT_EQ(json_integer_value(at({"model", "zeta"})), 4); // a list of one is the mapping
    ASSERT_EQ(complete(std::string(one) + "model: {zeta: 3}\nuncertainty: off\nzbl: none\n"), MLSOAP_SUCCESS)
        << error.message;
    EXPECT_STREQ(json_string_value(at({"uncertainty"})), "none");
}

TEST_F(Config, ListsOfTermsThatMakeNoSense)
{
    const std::string two = "descriptors: [{r_cut: 3}, {r_cut: 5, name: long}]\n";
    const struct {
        const char *model, *place, *part;
    } cases[] = {{"{on: [soup, long]}", "FILE:2:9: model.on", "did you mean `soap`"},
                 {"{on: [soap]}", "FILE:1:38: descriptors.1.name", "no term of the model acts on `long`"},
                 {"{on: []}", "FILE:2:9: model.on", "empty"},
                 {"{on: [soap, soap, long]}", "FILE:2:9: model.on", "twice"},
                 {"{on: [3, long]}", "FILE:2:9: model.on", "not a text"},
                 {"[{on: [soap]}, {on: [lang]}]", "FILE:2:24: model.1.on", "did you mean `long`"},
                 {"[]", "FILE:2:1: model", "empty"},
                 {"[3, {}]", "FILE:2:9: model.0", "mapping"},
                 {"[{on: [soap]}, {type: network}]", "FILE:2:24: model.1.type", "alone"},
                 {"[{on: [soap], sparse_points: X}, {}]", "FILE:2:22: model.0.sparse_points", "one term"},
                 {"[{on: [soap], noise: 0.1}, {noise: 0.2}]", "FILE:2:36: model.1.noise", "all terms together"},
                 {"[{sigma: {energy: 1, forces: 1}}, {sigma: {energy: 2, forces: 1}}]", "FILE:2:43: model.1.sigma",
                  "all terms together"},
                 {"[{zeta: 2}, {type: linear, zeta: 2}]", "FILE:2:35: model.1.zeta", "unknown key"}};
    for (const auto &k : cases) expect_failure(two + "model: " + k.model + "\n", {}, k.place, k.part);
}

TEST_F(Config, TheSameTermTwice)
{
    const std::string two = "descriptors: [{r_cut: 3}, {r_cut: 5, name: long}]\n";
    const struct {
        const char *model;
        bool good;
    } cases[] = {{"[{on: [soap]}, {}]", true},
                 {"[{}, {on: [long, soap], n_sparse: 3}]", false},
                 {"[{on: [soap]}, {}, {on: [soap], zeta: 4}]", true},
                 {"[{type: linear}, {}]", true},
                 {"[{type: linear}, {}, {type: linear, delta: 2}]", false},
                 {"[{type: linear}, {}, {type: linear, normalized: true}]", true}};
    for (const auto &k : cases) {
        ASSERT_EQ(complete(two + "model: " + k.model + "\n"), MLSOAP_SUCCESS) << error.message;
        EXPECT_EQ(config_check_duplicates(&c, &error), k.good ? MLSOAP_SUCCESS : MLSOAP_ERROR_VALUE) << k.model;
        if (!k.good) {
            EXPECT_NE(strstr(error.message, "same model of the same descriptors"), nullptr) << error.message;
        }
    }
}

TEST_F(Config, Zbl)
{
    ASSERT_EQ(complete(std::string(one) + "zbl: {r_inner: 0.7, r_outer: 1.4}\n"), MLSOAP_SUCCESS) << error.message;
    EXPECT_EQ(json_number_value(at({"zbl", "r_outer"})), 1.4);
    expect_failure("seed: 1\n", {"--zbl.r_inner=0.7"}, "command line: zbl.r_outer", "required");
    expect_failure("zbl: {r_inner: 1.4, r_outer: 0.7}\n", {}, "FILE:1:21: zbl.r_outer", "larger than r_inner");
    expect_failure("zbl: {r_inner: 0, r_outer: 0.7}\n", {}, "FILE:1:7: zbl.r_inner", "0.001");
    expect_failure("zbl: lj\n", {}, "FILE:1:1: zbl", "auto");
}

TEST_F(Config, Uncertainty)
{
    ASSERT_EQ(complete(std::string(one) + "uncertainty: {}\n"), MLSOAP_SUCCESS) << error.message;
    EXPECT_EQ(json_integer_value(at({"uncertainty", "n_points"})), 300);
    expect_failure("uncertainty: {points: 3}\n", {}, "FILE:1:15: uncertainty.points", "n_points");
    expect_failure("uncertainty: {n_points: 0}\n", {}, "FILE:1:15: uncertainty.n_points", "1");
    expect_failure("uncertainty: yes please\n", {}, "FILE:1:1: uncertainty", "auto");
}

TEST_F(Config, RefusesWrongAssignments)
{
    const char *wrong[] = {"seed", "=1", "--", ".a=1", "a.=1", "a..b=1", "seed=[1", "seed=&a 1", "seed=1e999"};
    ASSERT_EQ(read("seed: 1\ndescriptors: [{r_cut: 1}]\n"), MLSOAP_SUCCESS);
    for (const char *text : wrong) {
        EXPECT_NE(config_set(&c, text, &error), MLSOAP_SUCCESS) << text;
        EXPECT_EQ(std::string(error.message).rfind("command line", 0), 0u) << error.message;
    }
    EXPECT_EQ(config_set(&c, "descriptors.2.r_cut=1", &error), MLSOAP_ERROR_ARGUMENT);
    EXPECT_EQ(config_set(&c, "descriptors.x=1", &error), MLSOAP_ERROR_ARGUMENT);
    std::string message = error.message;
    EXPECT_NE(message.find("number of an item"), std::string::npos) << message;
    EXPECT_EQ(config_set(&c, (std::string(600, 'a') + "=1").c_str(), &error), MLSOAP_ERROR_ARGUMENT);
}

TEST_F(Config, MissingFile)
{
    EXPECT_EQ(config_read("/nonexistent/config.yaml", &c, &error), MLSOAP_ERROR_FILE);
    EXPECT_EQ(c.root, nullptr);
}

TEST_F(Config, EveryDefaultIsValid)
{
    ASSERT_EQ(complete("model: {sigma: {energy: 1, forces: 1}}\n"), MLSOAP_SUCCESS) << error.message;
    for (const schema_key *row = config_schema; row->name; row++) {
        EXPECT_NE(row->meaning, nullptr) << row->name;
        for (const schema_key *child = row->children; child && child->name; child++)
            EXPECT_NE(child->meaning, nullptr) << row->name << "." << child->name;
    }
}

TEST_F(Config, FailsWithoutMemory)
{
    for (long n = 1; n < 60; n++) {
        config d{};
        ASSERT_EQ(read(std::string(one) + "elements: [Si]\n"), MLSOAP_SUCCESS);
        memory_fail_after(n);
        mlsoap_status status = config_read(path.c_str(), &d, &error);
        if (!status) status = config_set(&d, "--model.zeta=3", &error);
        if (!status) status = config_complete(&d, &error);
        memory_fail_after(0);
        EXPECT_TRUE(status == MLSOAP_SUCCESS || status == MLSOAP_ERROR_MEMORY) << n << " " << error.message;
        config_release(&d);
    }
}
