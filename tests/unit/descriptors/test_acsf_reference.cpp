// SPDX-License-Identifier: BSD-3-Clause
// ACSF against reference numbers (tests/reference/README.md) and against the direct sums of the definition: the oracle.
#include <gtest/gtest.h>

#include <algorithm>

#include "support/acsf_oracle.hpp"
#include "support/structures.hpp"

using namespace testing_support;

namespace
{

double largest(const std::vector<double> &v)
{
    double m = 0;
    for (double x : v) m = std::max(m, std::fabs(x));
    return m;
}

std::vector<std::string> texts(const json_t *list)
{
    std::vector<std::string> out;
    size_t i;
    json_t *item;
    json_array_foreach(list, i, item) out.emplace_back(json_string_value(item));
    return out;
}

std::string name_of_feature(const std::shared_ptr<descriptor> &d, size_t f)
{
    char text[128];
    d->class_->feature_name(d.get(), f, text, sizeof text);
    return text;
}

Structure n2p2_structure(const json_t *value)
{
    Structure s = structure_from_json(value);
    for (const auto &symbol : texts(json_object_get(value, "symbols"))) s.species.push_back(symbol == "H" ? 1 : 8);
    auto x = numbers(json_object_get(value, "positions"));
    for (size_t i = 0; i < s.species.size(); i++) s.positions.push_back({x[3 * i], x[3 * i + 1], x[3 * i + 2]});
    s.pbc = {1, 1, 1};
    return s;
}

// Values and dG_i/dr_i = -sum_j dG_i/dr_ij + (images of i: moving i moves them, too) of all types and cutoffs.
// Tolerance of the file: 1e-9 of the value; numbers below 1e-6 are printed with fewer digits (spec acsf.md 6).
TEST(AcsfReference, N2p2)
{
    Json file(read_json("acsf_n2p2.json"));
    Structure s = n2p2_structure(file["structure"]);
    size_t i_case;
    json_t *c;
    json_array_foreach(file["cases"], i_case, c)
    {
        double alpha = json_number_value(json_object_get(c, "alpha"));
        auto type = json_integer_value(json_object_get(c, "cutoff_type"));
        std::string text = acsf_runner(texts(file["symfunctions_in_file_order"]), int(type), alpha);
        Described described(make_descriptor(text), s);
        auto d = make_descriptor(text);
        ASSERT_EQ(d->n_features, 19u);
        for (size_t i = 0; i < 2; i++) {
            auto G = numbers(json_array_get(json_object_get(c, "G"), i));
            auto dG = numbers(json_array_get(json_object_get(c, "dG_dr_centre"), i));
            auto jacobian = described.jacobian(i);
            size_t n = size_t(described.list.first[i + 1] - described.list.first[i]);
            for (size_t f = 0; f < 19; f++) {
                EXPECT_LE(std::fabs(described.row(i)[f] - G[f]), 1e-9 * std::fabs(G[f]) + 1e-14)
                    << type << " " << alpha << " " << name_of_feature(d, f);
                for (size_t a = 0; a < 3; a++) {
                    double sum = 0;
                    for (size_t j = 0; j < n; j++) {
                        size_t pair = size_t(described.list.first[i]) + j;
                        if (size_t(described.list.atom[pair]) != i) sum -= jacobian[(3 * j + a) * d->stride + f];
                    }
                    EXPECT_LE(std::fabs(sum - dG[3 * f + a]),
                              1e-9 * std::max(std::fabs(G[f]), std::fabs(dG[3 * f + a])) + 1e-14)
                        << type << " " << alpha << " " << name_of_feature(d, f);
                }
            }
        }
    }
}

// The order of the features is n2p2's, whatever the order of the lines.
TEST(AcsfReference, OrderIsN2p2s)
{
    Json file(read_json("acsf_n2p2.json"));
    auto lines = texts(file["symfunctions_in_file_order"]);
    std::reverse(lines.begin(), lines.end());
    auto d = make_descriptor(acsf_runner(lines, 1, 0));
    auto keys = texts(json_object_get(file["index_order"], "H"));
    for (size_t f = 0; f < keys.size(); f++) {
        std::string name = name_of_feature(d, f), type = keys[f].substr(0, keys[f].find(' '));
        EXPECT_EQ(name.substr(2, type.size() + 1), type + " ") << name << " / " << keys[f];
    }
    EXPECT_EQ(name_of_feature(d, 3), "* 3 O O 0.03 -1.0 4.0 5.0 0.7");
    EXPECT_EQ(name_of_feature(d, 9), "* 20 H 1.0 4.5 e");
    EXPECT_EQ(name_of_feature(d, 14), "* 22 O O -1.0 5.0 30 150 e");
}

TEST(AcsfReference, DScribe)
{
    Json file(read_json("acsf_dscribe.json"));
    auto list = [&](const char *key) {
        char *text = json_dumps(json_object_get(file["parameters"], key), 0);
        std::string out = text;
        free(text);
        return out;
    };
    Structure s = structure_from_json(file["structure"]);
    Described described(make_descriptor(R"({"type":"acsf","mode":"dscribe","species":["O","H","C"],"r_cut":4.0,"g2":)" +
                                        list("g2_eta_Rs") + ",\"g3\":" + list("g3_kappa") + ",\"g4\":" +
                                        list("g4_eta_zeta_lambda") + ",\"g5\":" + list("g5_eta_zeta_lambda") + "}"),
                        s);
    ASSERT_EQ(json_array_size(file["values"]), s.species.size());
    for (size_t i = 0; i < s.species.size(); i++) {
        auto expected = numbers(json_array_get(file["values"], i));
        for (size_t f = 0; f < expected.size(); f++)
            EXPECT_LE(std::fabs(described.row(i)[f] - expected[f]), 1e-12 * largest(expected)) << f;
    }
}

// The table of spec acsf.md 7: one O with two H.
TEST(AcsfReference, OneMolecule)
{
    Structure s;
    s.species = {8, 1, 1};
    s.positions = {{0, 0, 0}, {0, 0, 1.8}, {1.7, 0, -0.4}};
    const struct {
        const char *line;
        double values[4]; // cos, tanhu, poly2, cos with alpha 0.2; one where the cutoff does not matter
    } rows[] = {
        {"2 H 0.5 0.0 6.0", {0.33232197579, 0.09308349686822, 0.3502834991948, 0.4011029806629}},
        {"2 H 0.5 1.0 6.0", {1.185850709608, 0.3320958932382, 1.249948723222, 1.431428850907}},
        {"3 H H 0.1 -1.0 1.0 6.0", {0.1077632938128, 1.787740444764e-3, 0.1220961179901, 0.2128842458004}},
        {"3 H H 0.1 1.0 2.0 6.0", {0.02605790653805, 4.322879505232e-4, 0.02952368212476, 0.05147687662673}},
        {"9 H H 0.1 1.0 4.0 6.0", {0.01504844138827, 1.179699963093e-3, 0.01671933924604, 0.02193078065176}},
        {"12 0.5 0.0 6.0", {0.33232197579, 0.09308349686822, 0.3502834991948, 0.4011029806629}},
        {"13 0.1 0.0 1.0 2.0 6.0", {0.02605790653805, 4.322879505232e-4, 0.02952368212476, 0.05147687662673}},
        {"20 H 0.0 6.0 p2", {1.333826861467}},
        {"20 H 0.0 6.0 p2a", {0.4690723122999}},
        {"21 H H 0.0 6.0 0.0 180.0 p2", {0.4317934808721}},
        {"22 H H 0.0 6.0 30.0 150.0 e", {0.6355854858259}},
    };
    const int types[4] = {1, 2, 6, 1};
    for (const auto &row : rows)
        for (int k = 0; k < 4; k++) {
            double expected = row.values[row.values[1] != 0 ? k : 0];
            Described described(make_descriptor(acsf_runner({row.line}, types[k], k == 3 ? 0.2 : 0, "O ")), s);
            EXPECT_LE(std::fabs(described.row(0)[0] - expected), 1e-12 * std::fabs(expected) * 20) << row.line;
        }
}

// Every kind of function with every cutoff, three species, centers of their own, against the direct sums.
TEST(AcsfReference, DirectSums)
{
    Structure s = random_structure(3, {1, 8, 6, 1, 8, 1, 6}, 5.2);
    for (int type = 0; type <= 8; type++)
        for (double alpha : {0.0, 0.35}) {
            auto lines = acsf_lines();
            auto d = make_descriptor(acsf_runner(lines, type, alpha, ""));
            Described described(d, s);
            for (size_t f = 0; f < d->n_features; f++) {
                AcsfOracle oracle(name_of_feature(d, f), type, alpha);
                for (size_t i = 0; i < s.species.size(); i++) {
                    double expected = oracle(described.list, i);
                    EXPECT_LE(std::fabs(described.row(i)[f] - expected), 1e-12 * std::max(1.0, std::fabs(expected)))
                        << type << " " << alpha << " atom " << i << " " << name_of_feature(d, f);
                }
            }
        }
}

// More triples than one batch holds, a neighborhood of one species.
TEST(AcsfReference, ManyNeighbors)
{
    Structure s = random_structure(8, {14, 14, 14, 14}, 4.0);
    auto d = make_descriptor(
        R"({"type":"acsf","mode":"runner","species":["Si"],"functions":["Si 3 Si Si 0.02 1 4 6.0","Si 9 Si Si 0.01 -1 2.5 6.0","Si 21 Si Si 0 5 20 170 p3"]})");
    Described described(d, s);
    ASSERT_GT(described.list.first[1], 40);
    for (size_t f = 0; f < d->n_features; f++) {
        AcsfOracle oracle(name_of_feature(d, f), 1, 0);
        for (size_t i = 0; i < 4; i++) {
            double expected = oracle(described.list, i);
            EXPECT_LE(std::fabs(described.row(i)[f] - expected), 1e-12 * std::fabs(expected));
        }
    }
}

} // namespace
