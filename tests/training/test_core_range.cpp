// SPDX-License-Identifier: BSD-3-Clause
// The core of a fit (training/core_range.c, core_baseline.c): its ranges by the data, targets without it and back.
#include "training_fixtures.hpp"

#include <array>

extern "C" {
#include "core/elements.h"
#include "core_baseline.h"
#include "core_range.h"
}

namespace
{

double number(const json_t *pairs, const char *name, size_t k)
{
    return json_number_value(json_array_get(json_object_get(pairs, name), k));
}

json_t *choose(const char *zbl, const std::vector<double> &shortest)
{
    int elements[] = {6, 14};
    training_domain domain{};
    domain.shortest = const_cast<double *>(shortest.data());
    json_t *value = json_loads(zbl, JSON_DECODE_ANY, nullptr), *terms = nullptr;
    EXPECT_EQ(MLSOAP_SUCCESS, core_range_choose(value, &domain, elements, 2, nullptr, &terms, nullptr));
    json_decref(value);
    return terms;
}

/* Core of Si and C with ranges that reach into frames. */
struct Core {
    int elements[2] = {6, 14}, index[ELEMENT_MAX + 1];
    pair_core core{};
    Core()
    {
        for (int &i : index) i = -1;
        index[6] = 0;
        index[14] = 1;
        json_t *terms =
            json_loads(R"([{"type":"zbl","pairs":{"C-C":[0.9,2.0],"C-Si":[0.9,2.4],"Si-Si":[1.0,2.6]}}])", 0, nullptr);
        EXPECT_EQ(MLSOAP_SUCCESS, pair_core_read(&core, terms, elements, 2, index, nullptr, nullptr));
        json_decref(terms);
    }
    ~Core() { pair_core_release(&core); }
};

} // namespace

TEST(CoreRange, StaysBelowTheShortestDistances)
{
    json_t *terms = choose("\"auto\"", {1.3, 9.0, 9.0, INFINITY});
    json_t *pairs = json_object_get(json_array_get(terms, 0), "pairs");
    EXPECT_EQ(3u, json_object_size(pairs));
    EXPECT_DOUBLE_EQ(0.95 * 1.3, number(pairs, "C-C", 1));
    EXPECT_DOUBLE_EQ(0.5 * 0.95 * 1.3, number(pairs, "C-C", 0));
    EXPECT_DOUBLE_EQ(0.9 * (element_covalent_radius(6) + element_covalent_radius(14)), number(pairs, "C-Si", 1));
    EXPECT_DOUBLE_EQ(1.5 * element_covalent_radius(14), number(pairs, "Si-Si", 1));
    json_decref(terms);
}

/* Relaxed alloys hold unlike atoms near equilibrium only: what like atoms do when hot counts for them. */
TEST(CoreRange, UnlikePairsReachNoFurtherThanTheMeanOfTheLikeOnes)
{
    json_t *terms = choose("\"auto\"", {1.0, 1.6, 1.6, 2.0});
    json_t *pairs = json_object_get(json_array_get(terms, 0), "pairs");
    EXPECT_DOUBLE_EQ(0.95 * 1.5, number(pairs, "C-Si", 1));
    EXPECT_DOUBLE_EQ(0.95 * 1.0, number(pairs, "C-C", 1));
    json_decref(terms);
}

TEST(CoreRange, GivenOrNone)
{
    json_t *terms = choose(R"({"r_inner":0.7,"r_outer":1.4})", {1.3, 9.0, 9.0, 2.1});
    json_t *pairs = json_object_get(json_array_get(terms, 0), "pairs");
    EXPECT_EQ(0.7, number(pairs, "C-Si", 0));
    EXPECT_EQ(1.4, number(pairs, "C-C", 1));
    json_decref(terms);
    terms = choose("\"none\"", {1.3, 9.0, 9.0, 2.1});
    EXPECT_EQ(0u, json_array_size(terms));
    json_decref(terms);
}

/* What is taken out of the targets is what the potential adds. */
TEST(CoreBaseline, TakesOutWhatAPotentialAdds)
{
    Core c;
    frame_set set{};
    mlsoap_error error{};
    add_random_frames(set, 4, 8, {14, 6}, 3, 6.0);
    add_frame(set, make_frame({{14, 0, 0, 0}, {14, 2.9, 0, 0}})); // beyond every range
    add_frame(set, make_frame({{6, 0, 0, 0}, {6, 2.3, 0, 0}}));   // within the range of others, beyond its own
    training_fixture t;
    add_random_frames(t.data.train, 3, 8, {14, 6}, 5);
    t.begin(R"({"r_cut": 4.5, "n_max": 3, "l_max": 2, "sigma": 0.6})", {"model.n_sparse=8", "model.noise=1e-3"},
            {6, 14}, {-1, -2});
    for (size_t k = 0; k < 3; k++) t.data.train.frames[k].has_energy = true;
    t.problem.pair_terms =
        json_loads(R"([{"type":"zbl","pairs":{"C-C":[0.9,2.0],"C-Si":[0.9,2.4],"Si-Si":[1.0,2.6]}}])", 0, nullptr);
    mlsoap_potential *with = t.potential(FIT_FINAL);
    json_decref(t.problem.pair_terms);
    t.problem.pair_terms = nullptr;
    mlsoap_potential *without = t.potential(FIT_FINAL);
    label(set, with);
    std::vector<double> energies;
    std::vector<std::array<double, 3>> forces;
    for (size_t k = 0; k < set.n_frames; k++) {
        energies.push_back(set.frames[k].energy);
        forces.push_back({set.frames[k].forces[1][0], set.frames[k].forces[1][1], set.frames[k].forces[1][2]});
    }
    core_baseline baseline{};
    ASSERT_EQ(MLSOAP_SUCCESS, core_baseline_add(&baseline, &c.core, &set, &error)) << error.message;
    EXPECT_EQ(4u, baseline.n);
    EXPECT_EQ(energies[0], set.frames[0].energy);
    core_baseline_apply(&baseline, true);
    mlsoap_workspace *w = nullptr;
    ASSERT_EQ(MLSOAP_SUCCESS, mlsoap_workspace_new(without, &w, &error));
    for (size_t k = 0; k < set.n_frames; k++) {
        const frame &f = set.frames[k];
        double energy, virial[6], predicted[8][3];
        ASSERT_EQ(MLSOAP_SUCCESS,
                  potential_evaluate(without, w, &f.structure, &energy, nullptr, predicted, virial, &error));
        EXPECT_LE(std::fabs(f.energy - energy), 1e-10);
        for (size_t i = 0; i < f.structure.n_atoms; i++)
            for (int a = 0; a < 3; a++) EXPECT_LE(std::fabs(f.forces[i][a] - predicted[i][a]), 1e-9);
        for (int a = 0; a < 6 && f.has_virial; a++) EXPECT_LE(std::fabs(f.virial[a] - virial[a]), 1e-9);
    }
    core_baseline_apply(&baseline, false);
    for (size_t k = 0; k < set.n_frames; k++) {
        EXPECT_EQ(energies[k], set.frames[k].energy);
        for (size_t a = 0; a < 3; a++) EXPECT_EQ(forces[k][a], set.frames[k].forces[1][a]);
    }
    core_baseline_apply(&baseline, true);
    core_baseline_release(&baseline); // puts them back
    EXPECT_EQ(energies[0], set.frames[0].energy);
    mlsoap_workspace_free(w);
    mlsoap_potential_free(with);
    mlsoap_potential_free(without);
    frame_set_release(&set);
}
