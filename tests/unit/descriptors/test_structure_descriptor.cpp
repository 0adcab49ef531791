// SPDX-License-Identifier: BSD-3-Clause
// Descriptors of whole structures: DScribe's numbers, independence of the order of the atoms, brute force, refusals.
#include "support/structures.hpp"

extern "C" {
#include "descriptors/structure/structure_descriptor.h"
}

#include <gtest/gtest.h>

#include <algorithm>

using namespace testing_support;

namespace
{

using Built = std::shared_ptr<structure_descriptor>;

Built build(const std::string &text, mlsoap_error *error = nullptr)
{
    json_t *settings = json_loads(text.c_str(), 0, nullptr);
    structure_descriptor *d = nullptr;
    mlsoap_error own{};
    mlsoap_status status = structure_descriptor_new(settings, "descriptors.0", nullptr, &d, error ? error : &own);
    EXPECT_EQ(status == MLSOAP_SUCCESS, d != nullptr);
    json_decref(settings);
    EXPECT_TRUE(d || error) << own.message;
    return {d, structure_descriptor_free};
}

std::string settings(const std::string &type, const std::string &permutation, size_t n, const std::string &more = "")
{
    return "{\"type\":\"" + type + "\",\"permutation\":" + permutation + ",\"n_atoms_max\":" + std::to_string(n) +
           more + "}";
}

std::vector<double> values(const Built &d, const Structure &s)
{
    std::vector<double> row(d->n_features, -1);
    structure view = s.view();
    mlsoap_error error{};
    EXPECT_EQ(structure_descriptor_values(d.get(), &view, row.data(), &error), MLSOAP_SUCCESS) << error.message;
    return row;
}

void expect_equal(const std::vector<double> &found, const std::vector<double> &expected, double tolerance)
{
    double scale = 0;
    for (double x : expected) scale = std::max(scale, std::fabs(x));
    ASSERT_EQ(found.size(), expected.size());
    for (size_t f = 0; f < expected.size(); f++) EXPECT_LE(std::fabs(found[f] - expected[f]), tolerance * scale) << f;
}

/* The same structure with its atoms in another order. */
Structure reversed(const Structure &s)
{
    Structure other = s;
    std::reverse(other.species.begin(), other.species.end());
    std::reverse(other.positions.begin(), other.positions.end());
    return other;
}

/* DScribe's numbers are printed to 15 digits: matrices.json, tolerance 1e-10. */
TEST(StructureDescriptor, Reference)
{
    Json file(read_json("matrices.json"));
    const json_t *methanol = file["coulomb_methanol"];
    Structure s = structure_from_json(json_object_get(methanol, "structure"));
    for (const char *permutation : {"none", "sorted_l2", "eigenspectrum"})
        expect_equal(values(build(settings("coulomb_matrix", "\"" + std::string(permutation) + "\"", 6)), s),
                     numbers(json_object_get(methanol, permutation)), 1e-14);
    for (const char *name : {"NaCl", "Al2", "Fe", "A"}) {
        Structure crystal = structure_from_json(json_object_get(file[name], "structure"));
        size_t n = crystal.species.size();
        expect_equal(values(build(settings("sine_matrix", "\"none\"", n)), crystal),
                     numbers(json_object_get(file[name], "sine")), 1e-14);
        expect_equal(values(build(settings("ewald_sum_matrix", "\"none\"", n)), crystal),
                     numbers(json_object_get(file[name], "ewald")), 1e-14);
    }
}

TEST(StructureDescriptor, PaddedWithZeros)
{
    Structure s = small_cell();
    for (const char *type : {"coulomb_matrix", "sine_matrix", "ewald_sum_matrix"}) {
        auto exact = values(build(settings(type, "\"none\"", 6)), s),
             wide = values(build(settings(type, "\"none\"", 9)), s);
        for (size_t i = 0; i < 9; i++)
            for (size_t j = 0; j < 9; j++) EXPECT_EQ(wide[i * 9 + j], i < 6 && j < 6 ? exact[i * 6 + j] : 0);
        auto spectrum = values(build(settings(type, "\"eigenspectrum\"", 9)), s);
        ASSERT_EQ(spectrum.size(), 9u);
        for (size_t i = 0; i < 9; i++) EXPECT_EQ(spectrum[i] == 0, i >= 6) << type << " " << i;
    }
}

TEST(StructureDescriptor, OrderOfTheAtomsDoesNotMatter)
{
    Structure s = small_cell(), other = reversed(s);
    for (const char *type : {"coulomb_matrix", "sine_matrix", "ewald_sum_matrix"})
        for (const char *permutation : {"\"sorted_l2\"", "\"eigenspectrum\""}) {
            auto d = build(settings(type, permutation, 7));
            expect_equal(values(d, other), values(d, s), 1e-13);
        }
}

TEST(StructureDescriptor, RowsAreSortedByTheirNorms)
{
    auto row = values(build(settings("coulomb_matrix", "\"sorted_l2\"", 6)), small_cell());
    double before = INFINITY;
    for (size_t i = 0; i < 6; i++) {
        double norm = 0;
        for (size_t j = 0; j < 6; j++) {
            norm += row[i * 6 + j] * row[i * 6 + j];
            EXPECT_EQ(row[i * 6 + j], row[j * 6 + i]);
        }
        EXPECT_LE(norm, before);
        before = norm;
    }
}

// Two H atoms on equal footing keep their order: rows 0 and 1 are those of the input.
TEST(StructureDescriptor, TiesKeepTheInputOrder)
{
    Structure s;
    s.species = {1, 1, 8};
    s.positions = {{-1, 0, 0.3}, {1, 0, 0.3}, {0, 0, 0}};
    auto sorted = values(build(settings("coulomb_matrix", "\"sorted_l2\"", 3)), s);
    auto plain = values(build(settings("coulomb_matrix", "\"none\"", 3)), s);
    const size_t order[] = {2, 0, 1};
    for (size_t i = 0; i < 3; i++)
        for (size_t j = 0; j < 3; j++) EXPECT_EQ(sorted[i * 3 + j], plain[order[i] * 3 + order[j]]);
}

TEST(StructureDescriptor, RandomOrders)
{
    Structure s = small_cell();
    auto random = [](double sigma, int seed) {
        return build(settings(
            "coulomb_matrix",
            "{\"type\":\"random\",\"sigma\":" + std::to_string(sigma) + ",\"seed\":" + std::to_string(seed) + "}", 6));
    };
    auto sorted = values(build(settings("coulomb_matrix", "\"sorted_l2\"", 6)), s);
    EXPECT_EQ(values(random(0, 1), s), sorted);
    EXPECT_EQ(values(random(50, 3), s), values(random(50, 3), s));
    // the width: how far the noise of a seed lies apart from that of the next, by the order of two rows
    size_t changed = 0;
    for (int seed = 1; seed <= 40; seed++) {
        auto row = values(random(50, seed), s), entries = row;
        changed += row != sorted;
        std::sort(entries.begin(), entries.end()); // the entries stay, in another order
        auto expected = sorted;
        std::sort(expected.begin(), expected.end());
        EXPECT_EQ(entries, expected);
    }
    EXPECT_GT(changed, 30u);
    EXPECT_EQ(values(random(1e-6, 5), s)[0], sorted[0]);
}

// Any lattice translation of an atom, and of the origin, leaves the periodic matrices as they are.
TEST(StructureDescriptor, PeriodicityOfTheMatrices)
{
    Structure s = small_cell(), other = s;
    for (size_t i = 0; i < other.positions.size(); i++)
        for (size_t a = 0; a < 3; a++)
            other.positions[i][a] += 0.7 + (i == 2 ? 3 * s.cell[0][a] - s.cell[2][a] : 0) - (i == 4 ? s.cell[1][a] : 0);
    for (const char *type : {"sine_matrix", "ewald_sum_matrix"}) {
        auto d = build(settings(type, "\"none\"", 6));
        expect_equal(values(d, other), values(d, s), 1e-12);
    }
    auto d = build(settings("coulomb_matrix", "\"none\"", 6));
    EXPECT_GT(std::fabs(values(d, other)[12] - values(d, s)[12]), 1e-3);
}

// The energy, a sum over the matrix, does not depend on the screening, and falls to its limit with the accuracy.
TEST(StructureDescriptor, EwaldEnergy)
{
    Structure s = small_cell();
    auto energy = [&](const std::string &more) {
        auto M = values(build(settings("ewald_sum_matrix", "\"none\"", 6, more)), s);
        double sum = 0;
        for (size_t i = 0; i < 6; i++)
            for (size_t j = i; j < 6; j++) sum += M[i * 6 + j];
        return sum;
    };
    double exact = energy(",\"accuracy\":1e-14");
    EXPECT_LE(std::fabs(energy(",\"accuracy\":1e-14,\"screening\":0.6") - exact), 1e-10 * std::fabs(exact));
    EXPECT_LE(std::fabs(energy(",\"accuracy\":1e-14,\"screening\":0.4") - exact), 1e-10 * std::fabs(exact));
    EXPECT_LE(std::fabs(energy("") - exact), 1e-4 * std::fabs(exact));
    EXPECT_GT(std::fabs(energy(",\"accuracy\":0.05") - exact), 1e-6 * std::fabs(exact));
}

TEST(StructureDescriptor, Names)
{
    char text[32];
    structure_descriptor_feature_name(build(settings("sine_matrix", "\"none\"", 3)).get(), 5, text, sizeof text);
    EXPECT_STREQ(text, "M 2 3");
    structure_descriptor_feature_name(build(settings("sine_matrix", "\"eigenspectrum\"", 3)).get(), 2, text,
                                      sizeof text);
    EXPECT_STREQ(text, "eigenvalue 3");
}

TEST(StructureDescriptor, BadSettings)
{
    const struct {
        std::string settings;
        const char *message;
    } cases[] = {
        {R"({"type":"coulomb_matrix"})", "descriptors.0.n_atoms_max: missing"},
        {R"({"type":"coulomb_matrix","n_atoms_max":0})", "n_atoms_max: 0 is out of range"},
        {settings("coulomb_matrix", "\"sorted\"", 3), "sorted_l2"},
        {settings("coulomb_matrix", "\"random\"", 3), "random needs the width of its noise"},
        {settings("coulomb_matrix", "{\"seed\":3}", 3), "random needs the width of its noise"},
        {settings("coulomb_matrix", "{\"type\":\"none\",\"sigma\":3}", 3), "make no sense with type none"},
        {settings("coulomb_matrix", "\"none\"", 3, ",\"accuracy\":1e-5"), "descriptors.0.accuracy: unknown key"},
        {settings("ewald_sum_matrix", "\"none\"", 3, ",\"accuracy\":2"), "accuracy: 2 is out of range"},
        {settings("sine_matrix", "\"none\"", 3, ",\"species\":[\"Xx\"]"), "Xx"},
        {R"({"type":"soap"})", "descriptors.0.type"},
    };
    for (const auto &c : cases) {
        mlsoap_error error{};
        EXPECT_EQ(build(c.settings, &error), nullptr);
        EXPECT_NE(std::string(error.message).find(c.message), std::string::npos) << error.message;
    }
}

TEST(StructureDescriptor, BadStructures)
{
    Structure good = small_cell(), bad;
    auto expect = [&](const std::string &type, const std::string &more, mlsoap_status code, const char *message) {
        auto d = build(settings(type, "\"none\"", 6, more));
        std::vector<double> row(d->n_features);
        mlsoap_error error{};
        structure view = bad.view();
        EXPECT_EQ(structure_descriptor_values(d.get(), &view, row.data(), &error), code) << error.message;
        EXPECT_NE(std::string(error.message).find(message), std::string::npos) << error.message;
    };
    bad = random_structure(3, std::vector<int>(7, 14), 9);
    expect("coulomb_matrix", "", MLSOAP_ERROR_CAPACITY, "7 atoms are more than n_atoms_max = 6");
    bad = good;
    expect("sine_matrix", ",\"species\":[\"H\",\"O\"]", MLSOAP_ERROR_SPECIES, "atom 3 is C");
    bad.pbc = {1, 1, 0};
    expect("sine_matrix", "", MLSOAP_ERROR_VALUE, "periodic in three directions");
    expect("ewald_sum_matrix", "", MLSOAP_ERROR_VALUE, "periodic in three directions");
    bad = good;
    bad.positions[5] = bad.positions[1];
    expect("coulomb_matrix", "", MLSOAP_ERROR_VALUE, "atoms 1 and 5 coincide");
    for (size_t a = 0; a < 3; a++) bad.positions[5][a] += 2 * bad.cell[1][a];
    expect("sine_matrix", "", MLSOAP_ERROR_VALUE, "atoms 1 and 5 coincide");
    expect("ewald_sum_matrix", "", MLSOAP_ERROR_VALUE, "atoms 1 and 5 coincide");
    bad = good;
    bad.cell[2] = bad.cell[1];
    expect("ewald_sum_matrix", "", MLSOAP_ERROR_VALUE, "lattice vectors");
    bad = good;
    bad.positions[0][1] = NAN;
    expect("coulomb_matrix", "", MLSOAP_ERROR_VALUE, "atom");
    bad = good;
    expect("ewald_sum_matrix", ",\"screening\":1000", MLSOAP_ERROR_CAPACITY, "terms");
}

TEST(StructureDescriptor, FailsWithoutMemory)
{
    Structure s = small_cell();
    structure view = s.view();
    for (long n = 1; n < 12; n++) {
        json_t *list = json_loads(
            settings("ewald_sum_matrix", "\"none\"", 6, ",\"species\":[\"H\",\"C\",\"O\"]").c_str(), 0, nullptr);
        structure_descriptor *d = nullptr;
        mlsoap_error error{};
        double row[36];
        memory_fail_after(n);
        mlsoap_status status = structure_descriptor_new(list, "descriptors.0", nullptr, &d, &error);
        if (!status) status = structure_descriptor_values(d, &view, row, &error);
        memory_fail_after(0);
        EXPECT_EQ(status, n <= 7 ? MLSOAP_ERROR_MEMORY : MLSOAP_SUCCESS) << n << error.message;
        structure_descriptor_free(d);
        json_decref(list);
    }
}

} // namespace
