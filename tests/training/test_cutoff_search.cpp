// SPDX-License-Identifier: BSD-3-Clause
// Cutoff by quick fits: the choice follows its rule, does not depend on threads or on the test set, and is left to the
// rule of the defaults where there is nothing to choose by.
#include "training_fixtures.hpp"

#include <omp.h>

extern "C" {
#include "cutoff_search.h"
}

namespace
{

const std::string SOAP = R"({"r_cut": 4.5, "n_max": 3, "l_max": 2, "sigma": 0.5})";

// Frames labelled by a potential, and a configuration that leaves the cutoff open.
struct labelled {
    training_fixture t;

    explicit labelled(const char *validation = "data.validation=0.3", std::vector<int> species = {14})
    {
        std::vector<double> zeros(species.size(), 0.0);
        training_fixture origin;
        add_random_frames(origin.data.train, 6, 6, species, 4);
        for (size_t i = 0; i < origin.data.train.n_frames; i++) {
            frame &f = origin.data.train.frames[i];
            set_forces(f, 0.2 * (double)(i + 1));
            f.has_energy = true;
            f.energy = -3 + 0.7 * (double)(i % 4);
        }
        origin.begin(SOAP, {"model.n_sparse=8", "data.validation=0", "seed=3"}, species, zeros);
        mlsoap_potential *p = origin.potential(FIT_FINAL);
        add_random_frames(t.data.train, 20, 4, species, 11);
        label(t.data.train, p);
        mlsoap_potential_free(p);
        t.begin(SOAP, {validation, "seed=5"}, species, zeros);
        json_object_set_new(t.c.root, "descriptors", json_loads(R"([{"n_max": 3, "l_max": 2}])", 0, nullptr));
    }
    cutoff_result search()
    {
        cutoff_result result{};
        mlsoap_error error{};
        EXPECT_EQ(MLSOAP_SUCCESS, cutoff_search(&t.c, &t.data, nullptr, nullptr, &result, &error)) << error.message;
        return result;
    }
};

} // namespace

TEST(CutoffSearch, TakesTheShortestCloseToTheBest)
{
    labelled l;
    cutoff_result r = l.search();
    EXPECT_GT(r.n_fit, 0u);
    EXPECT_GT(r.n_validation, 0u);
    double best = INFINITY;
    for (int k = 0; k < N_CUTOFFS; k++) {
        EXPECT_GT(r.scores[k].forces, 0);
        EXPECT_LE(std::fabs(r.r_cut[k] / r.r_cut[1] - cutoff_factors[k] / 2.65), 1e-3);
        best = std::fmin(best, r.scores[k].forces);
    }
    EXPECT_LE(r.scores[r.chosen].forces, 1.1 * best);
    for (int k = 0; k < r.chosen; k++) EXPECT_GT(r.scores[k].forces, 1.1 * best);
}

TEST(CutoffSearch, SameForAnyNumberOfThreads)
{
    int n = omp_get_max_threads();
    std::vector<double> forces;
    for (int threads : {1, 3}) {
        omp_set_num_threads(threads);
        cutoff_result r = labelled().search();
        for (const trial_score &score : r.scores) forces.push_back(score.forces);
    }
    omp_set_num_threads(n);
    for (int k = 0; k < N_CUTOFFS; k++) EXPECT_EQ(forces[k], forces[N_CUTOFFS + k]);
}

TEST(CutoffSearch, WithFewFramesOrSeveralElementsTheRuleDecides)
{
    labelled none("data.validation=0"), few("data.validation=0.1"), several("data.validation=0.3", {6, 14});
    for (labelled *l : {&none, &few, &several}) {
        cutoff_result r = l->search();
        EXPECT_EQ(1, r.chosen);
        EXPECT_EQ(0u, r.n_fit);
        EXPECT_GT(r.r_cut[1], 0);
    }
}

TEST(CutoffSearch, WhatIsOpen)
{
    const struct {
        const char *root;
        bool open;
    } cases[] = {{R"({})", true},
                 {R"({"descriptors": []})", true},
                 {R"({"descriptors": [{"n_max": 4}]})", true},
                 {R"({"descriptors": [{"r_cut": 5}]})", false},
                 {R"({"descriptors": [{"type": "acsf"}]})", false},
                 {R"({"descriptors": [{"type": "acsf"}, {"sigma": 0.4}]})", true}};
    for (const auto &c : cases) {
        json_t *root = json_loads(c.root, 0, nullptr);
        EXPECT_EQ(c.open, cutoff_is_open(root)) << c.root;
        json_decref(root);
    }
}
