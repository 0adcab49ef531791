// SPDX-License-Identifier: BSD-3-Clause
// The repulsive core of a potential (src/potential/pair_core.c): adds the pair energies and nothing else, forces and
// virial are derivatives, an isolated atom keeps its offset, it widens the cutoff where it must; what is refused.
#include <gtest/gtest.h>

#include "support/potentials.hpp"

using namespace testing_support;

namespace
{

const char *const soap = R"({"species":["H","C","O"],"r_cut":4.0,"n_max":3,"l_max":2,"sigma":0.5})";
const char *const all_pairs =
    R"([{"type":"zbl","pairs":{"H-H":[0.8,2.0],"H-C":[0.9,2.2],"H-O":[0.7,2.1],"C-C":[1.0,2.6],"C-O":[1.1,2.5],
        "O-O":[1.0,2.4]}}])";

mlsoap_potential *make(const std::string &pair_terms, mlsoap_error *error = nullptr,
                       const std::string &descriptor = soap)
{
    Features features = features_of({descriptor}, {small_cell()});
    const char *model = R"({"type":"sparse_gp","zeta":2})";
    json_t *description = describe({descriptor}, model, {1, 6, 8}, false);
    tensor_set tensors{};
    Json completed(complete_model(model));
    for (int z : {1, 6, 8})
        default_parameters(12, 1.0)(&tensors, std::string("terms.0.") + element_symbol(z), completed.value, features,
                                    z);
    json_object_set_new(description, "pair_terms", json_of(pair_terms));
    mlsoap_potential *p = nullptr;
    potential_new(description, &tensors, &p, error);
    return p;
}

/* A cell in which many pairs are within the ranges. */
Structure crowded()
{
    Structure s = random_structure(8, {1, 6, 8, 1, 6, 8, 8, 1}, 6.0);
    for (auto &x : s.positions)
        for (double &c : x) c *= 0.6;
    for (auto &c : s.cell)
        for (double &x : c) x *= 0.6;
    return s;
}

/* Pair energies by a double loop over images. */
double direct(const Structure &s)
{
    Json terms(json_of(all_pairs));
    json_t *pairs = json_object_get(json_array_get(terms.value, 0), "pairs");
    double sum = 0;
    for (size_t i = 0; i < s.species.size(); i++)
        for (size_t j = 0; j < s.species.size(); j++)
            for (int a = -2; a <= 2; a++)
                for (int b = -2; b <= 2; b++)
                    for (int c = -2; c <= 2; c++) {
                        double square = 0;
                        if (i == j && a == 0 && b == 0 && c == 0) continue;
                        for (size_t k = 0; k < 3; k++) {
                            double d = s.positions[j][k] - s.positions[i][k] + a * s.cell[0][k] + b * s.cell[1][k] +
                                       c * s.cell[2][k];
                            square += d * d;
                        }
                        int zi = std::min(s.species[i], s.species[j]), zj = std::max(s.species[i], s.species[j]);
                        std::string name = std::string(element_symbol(zi)) + "-" + element_symbol(zj);
                        json_t *range = json_object_get(pairs, name.c_str());
                        zbl_pair p = zbl_pair_new(zi, zj, json_number_value(json_array_get(range, 0)),
                                                  json_number_value(json_array_get(range, 1)));
                        double slope;
                        sum += 0.5 * zbl_pair_energy(&p, std::sqrt(square), &slope);
                    }
    return sum;
}

TEST(PairCore, AddsThePairEnergies)
{
    Potential with(make(all_pairs)), without(make("[]"));
    Structure s = crowded();
    double core = with.evaluate(s).energy - without.evaluate(s).energy, expected = direct(s);
    EXPECT_GT(expected, 10);
    EXPECT_LE(std::fabs(core - expected), 1e-12 * (expected + std::fabs(without.evaluate(s).energy)));
}

TEST(PairCore, ForcesAndVirialAreDerivatives)
{
    Potential p(make(all_pairs));
    Structure s = crowded();
    Result r = p.evaluate(s);
    double scale = 1;
    for (double f : r.forces) scale = std::max(scale, std::fabs(f));
    for (size_t i = 0; i < 3; i++)
        for (size_t a = 0; a < 3; a++) {
            const double h = 1e-5;
            Structure up = s, down = s;
            up.positions[i][a] += h;
            down.positions[i][a] -= h;
            double slope = (p.evaluate(up).energy - p.evaluate(down).energy) / (2 * h);
            EXPECT_LE(std::fabs(slope + r.forces[3 * i + a]), 1e-6 * scale);
        }
    const int rows[6] = {0, 1, 2, 0, 0, 1}, columns[6] = {0, 1, 2, 1, 2, 2};
    for (int k = 0; k < 6; k++) {
        const double h = 1e-6;
        double energies[2];
        for (int sign = 0; sign < 2; sign++) {
            Structure t = s;
            double e = sign ? -h : h;
            auto strain = [&](Vector &x, const Vector &y) {
                x[size_t(rows[k])] += 0.5 * e * y[size_t(columns[k])];
                x[size_t(columns[k])] += 0.5 * e * y[size_t(rows[k])];
            };
            for (size_t i = 0; i < s.positions.size(); i++) strain(t.positions[i], s.positions[i]);
            for (size_t i = 0; i < 3; i++) strain(t.cell[i], s.cell[i]);
            energies[sign] = p.evaluate(t).energy;
        }
        EXPECT_LE(std::fabs((energies[0] - energies[1]) / (2 * h) + r.virial[size_t(k)]), 1e-5 * scale);
    }
    for (size_t a = 0; a < 3; a++) {
        double total = 0;
        for (size_t i = 0; i < s.species.size(); i++) total += r.forces[3 * i + a];
        EXPECT_LE(std::fabs(total), 1e-11 * scale);
    }
}

TEST(PairCore, AnIsolatedAtomIsItsOffsetAndDistantAtomsAreUntouched)
{
    Potential with(make(all_pairs)), without(make("[]"));
    Structure alone, pair;
    alone.species = {8};
    alone.positions = {{0, 0, 0}};
    pair.species = {8, 8};
    pair.positions = {{0, 0, 0}, {2.4, 0, 0}};
    EXPECT_EQ(with.evaluate(alone).energy, without.evaluate(alone).energy);
    EXPECT_EQ(with.evaluate(pair).energy, without.evaluate(pair).energy);
    EXPECT_EQ(with.evaluate(pair).forces, without.evaluate(pair).forces);
    pair.positions[1][0] = 2.39;
    EXPECT_GT(with.evaluate(pair).energy, without.evaluate(pair).energy);
    pair.positions[1][0] = 0.2;
    EXPECT_GT(with.evaluate(pair).forces[3], 100);
}

TEST(PairCore, WidensTheCutoffOfAShortDescriptor)
{
    const char *brief = R"({"species":["H","C","O"],"r_cut":1.5,"n_max":2,"l_max":1,"sigma":0.4})";
    Potential p(make(all_pairs, nullptr, brief)), without(make("[]", nullptr, brief));
    EXPECT_EQ(mlsoap_potential_cutoff(p.get()), 2.6);
    EXPECT_EQ(mlsoap_potential_cutoff(without.get()), 1.5);
    Structure pair;
    pair.species = {6, 6};
    pair.positions = {{0, 0, 0}, {2.2, 0, 0}};
    zbl_pair zbl = zbl_pair_new(6, 6, 1.0, 2.6);
    double slope, energy = zbl_pair_energy(&zbl, 2.2, &slope);
    EXPECT_LE(std::fabs(p.evaluate(pair).energy - without.evaluate(pair).energy - energy), 1e-12);
}

TEST(PairCore, LeavesOutPairsWithoutRange)
{
    Potential p(make(R"([{"type":"zbl","pairs":{"C-O":[1.1,2.5]}}])")), without(make("[]"));
    Structure pair;
    pair.species = {6, 6};
    pair.positions = {{0, 0, 0}, {1.2, 0, 0}};
    EXPECT_EQ(p.evaluate(pair).energy, without.evaluate(pair).energy);
    pair.species[1] = 8;
    EXPECT_GT(p.evaluate(pair).energy, without.evaluate(pair).energy + 1);
}

TEST(PairCore, FileKeepsItWithAGoldenFrameOfCloseAtoms)
{
    mlsoap_potential *p = make(all_pairs), *q = nullptr;
    mlsoap_error error{};
    std::string path = scratch_path("core.mlsoap");
    ASSERT_EQ(potential_set_golden(p, nullptr, 0, &error), MLSOAP_SUCCESS) << error.message;
    ASSERT_EQ(potential_write_file(p, path.c_str(), &error), MLSOAP_SUCCESS) << error.message;
    ASSERT_EQ(mlsoap_potential_read_file(path.c_str(), &q, &error), MLSOAP_SUCCESS) << error.message;
    std::remove(path.c_str());
    EXPECT_STREQ(mlsoap_potential_identity(p), mlsoap_potential_identity(q));
    EXPECT_EQ(mlsoap_potential_check(q, nullptr, &error), MLSOAP_SUCCESS) << error.message;
    q->core.pairs[0].charge *= 1 + 1e-6; // H-H is not in the row H C O H
    EXPECT_EQ(mlsoap_potential_check(q, nullptr, &error), MLSOAP_SUCCESS);
    for (int k = 0; k < 9; k++) q->core.pairs[k].charge *= 1 + 1e-6;
    EXPECT_EQ(mlsoap_potential_check(q, nullptr, &error), MLSOAP_ERROR_CHECKSUM);
    mlsoap_potential_free(p);
    mlsoap_potential_free(q);
}

TEST(PairCore, RefusesWhatIsNoCore)
{
    auto refused = [](const std::string &terms) {
        mlsoap_error error{};
        mlsoap_potential *p = make(terms, &error);
        mlsoap_potential_free(p);
        return std::string(p ? "accepted" : error.message);
    };
    auto has = [](const std::string &text, const char *part) { return text.find(part) != std::string::npos; };
    EXPECT_TRUE(has(refused(R"([{"type":"zbl","pairs":{"C-N":[1,2]}}])"), "is not a pair of elements"));
    EXPECT_TRUE(has(refused(R"([{"type":"zbl","pairs":{"O-C":[1,2]}}])"), "by ascending atomic number"));
    EXPECT_TRUE(has(refused(R"([{"type":"zbl","pairs":{"C":[1,2]}}])"), "is not a pair of elements"));
    EXPECT_TRUE(has(refused(R"([{"type":"zbl","pairs":{"C-O":[2,2]}}])"), "0 < r_inner < r_outer"));
    EXPECT_TRUE(has(refused(R"([{"type":"zbl","pairs":{"C-O":[0,2]}}])"), "0 < r_inner < r_outer"));
    EXPECT_TRUE(has(refused(R"([{"type":"zbl","pairs":{"C-O":[1]}}])"), "0 < r_inner < r_outer"));
    EXPECT_TRUE(has(refused(R"([{"type":"zbl","pairs":{"C-O":["a",2]}}])"), "0 < r_inner < r_outer"));
    EXPECT_TRUE(has(refused(R"([{"type":"lj","pairs":{}}])"), "pair_terms.0.type"));
    EXPECT_TRUE(has(refused(R"([{"type":"zbl"}])"), "pair_terms.0.pairs"));
    EXPECT_TRUE(has(refused(R"([{"type":"zbl","pairs":{}},{"type":"zbl","pairs":{}}])"), "has 2 entries"));
}

} // namespace
