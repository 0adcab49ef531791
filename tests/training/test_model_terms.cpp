// SPDX-License-Identifier: BSD-3-Clause
// Models of several terms: one joint least-squares fit, what delta of each means, derivatives of the file, the same
// bits for any number of threads and any memory.
#include "dense_fit.hpp"
#include "training_fixtures.hpp"

#include <omp.h>

namespace
{

const char *const SOAP = R"({"name": "soap", "r_cut": 3.5, "n_max": 3, "l_max": 2, "sigma": 0.5})";
// Of pairs alone, to a longer cutoff.
const char *const PAIRS = R"({"name": "pairs", "type": "acsf", "mode": "dscribe", "r_cut": 4.5,
                              "g2": [[0.5, 0.0], [0.5, 2.0], [2.0, 3.0]]})";
const char *const OTHER_PAIRS = R"({"name": "others", "type": "acsf", "mode": "dscribe", "r_cut": 3.0,
                                    "g2": [[1.0, 0.0], [1.0, 1.5]]})";

const std::vector<std::string> TWO = {"model.0.type=linear", "model.0.on=[pairs]",     "model.0.delta=0.3",
                                      "model.1.on=[soap]",   "model.1.type=sparse_gp", "model.1.n_sparse=8",
                                      "model.1.delta=2"};

std::vector<std::string> with(std::vector<std::string> keys, const std::vector<std::string> &more)
{
    keys.insert(keys.end(), more.begin(), more.end());
    return keys;
}

// Frames of two elements with a smooth energy of pairs and of triples: no term alone can fit it.
void set_labeled(training_fixture &t, size_t n_frames)
{
    training_fixture truth;
    add_random_frames(truth.data.train, 6, 6, {14, 6}, 21);
    for (size_t c = 0; c < 6; c++) {
        frame &f = truth.data.train.frames[c];
        f.has_energy = true;
        f.energy = -30 + 0.5 * (double)c;
        set_forces(f, 0.3 * (double)(c + 1));
    }
    truth.begin_several({SOAP, PAIRS}, with(TWO, {"model.0.noise=0.01", "data.validation=0"}), {6, 14}, {-5, -5});
    mlsoap_potential *p = truth.potential(FIT_FINAL);
    add_random_frames(t.data.train, n_frames, 6, {14, 6}, 33);
    label(t.data.train, p);
    std::mt19937_64 engine(5);
    std::normal_distribution<double> noise(0, 0.02);
    for (size_t c = 0; c < n_frames; c++)
        for (size_t i = 0; i < 18; i++) t.data.train.frames[c].forces[i / 3][i % 3] += noise(engine);
    mlsoap_potential_free(p);
}

// Energies, forces and virials of the training frames by a potential.
std::vector<double> predictions(const training_fixture &t, const mlsoap_potential *p)
{
    std::vector<double> all;
    mlsoap_workspace *w = nullptr;
    mlsoap_error error{};
    EXPECT_EQ(MLSOAP_SUCCESS, mlsoap_workspace_new(p, &w, &error));
    for (size_t c = 0; c < t.data.train.n_frames; c++) {
        double energy, forces[6][3], virial[6];
        EXPECT_EQ(MLSOAP_SUCCESS, potential_evaluate(p, w, &t.data.train.frames[c].structure, &energy, nullptr, forces,
                                                     virial, &error));
        all.push_back(energy);
        all.insert(all.end(), &forces[0][0], &forces[0][0] + 18);
        all.insert(all.end(), virial, virial + 6);
    }
    mlsoap_workspace_free(w);
    return all;
}

std::string identity_of(const std::vector<std::string> &descriptors, const std::vector<std::string> &keys, int threads,
                        size_t memory)
{
    training_fixture t;
    set_labeled(t, 20);
    omp_set_num_threads(threads);
    t.begin_several(descriptors, keys, {6, 14}, {-5, -5});
    t.problem.memory = memory;
    mlsoap_potential *p = t.potential(FIT_FINAL);
    std::string identity = mlsoap_potential_identity(p);
    mlsoap_potential_free(p);
    omp_set_num_threads(2);
    return identity;
}

} // namespace

TEST(ModelTerms, EqualDenseLeastSquaresOfAllTerms)
{
    training_fixture t;
    set_labeled(t, 14);
    t.begin_several({SOAP, PAIRS},
                    with(TWO, {"model.1.rank=full", "model.1.noise=0.05", "loss.energy=2", "loss.virial=0.5",
                               "model.1.jitter=1e-4"}),
                    {6, 14}, {-5, -5});
    ASSERT_EQ(2u, t.problem.n_terms);
    expect_equals_dense(t, 8, false);
}

TEST(ModelTerms, EqualDenseLeastSquaresWithGivenSigmas)
{
    training_fixture t;
    set_labeled(t, 14);
    t.begin_several({SOAP, PAIRS},
                    with(TWO, {"model.1.rank=full", "model.0.sigma={energy: 0.01, forces: 0.1, virial: 0.1}"}), {6, 14},
                    {-5, -5});
    expect_equals_dense(t, 8, true);
}

// Two linear terms of equal delta are the linear model on both descriptors; the rounding of sums of some 1e3 rows with
// condition numbers of some 1e4.
TEST(ModelTerms, LinearTermsAddUp)
{
    std::vector<double> values[2];
    const std::vector<std::string> common = {"loss.energy=1", "loss.virial=1"},
                                   keys[2] = {
                                       with(common, {"model.type=linear", "model.delta=0.7", "model.noise=0.02"}),
                                       with(common, {"model.0.type=linear", "model.0.on=[pairs]", "model.0.delta=0.7",
                                                     "model.1.type=linear", "model.1.on=[others]", "model.1.delta=0.7",
                                                     "model.1.noise=0.02"})};
    for (int k = 0; k < 2; k++) {
        training_fixture t;
        set_labeled(t, 14);
        t.begin_several({PAIRS, OTHER_PAIRS}, keys[k], {6, 14}, {-5, -5});
        EXPECT_EQ(k == 0 ? 1u : 2u, t.problem.n_terms);
        mlsoap_potential *p = t.potential(FIT_FINAL);
        values[k] = predictions(t, p);
        mlsoap_potential_free(p);
    }
    ASSERT_EQ(values[0].size(), values[1].size());
    double largest = 0;
    for (double v : values[0]) largest = std::max(largest, std::fabs(v));
    for (size_t i = 0; i < values[0].size(); i++) EXPECT_NEAR(values[0][i], values[1][i], 1e-10 * largest);
}

TEST(ModelTerms, ForcesAreDerivativesOfTheEnergy)
{
    training_fixture t;
    set_labeled(t, 14);
    t.begin_several({SOAP, PAIRS}, TWO, {6, 14}, {-5, -5});
    mlsoap_potential *p = t.potential(FIT_FINAL);
    mlsoap_workspace *w = nullptr;
    mlsoap_error error{};
    ASSERT_EQ(MLSOAP_SUCCESS, mlsoap_workspace_new(p, &w, &error));
    structure s{};
    ASSERT_EQ(MLSOAP_SUCCESS, structure_copy(&t.data.train.frames[3].structure, &s, &error));
    double energy, forces[6][3], virial[6], scale = 0;
    ASSERT_EQ(MLSOAP_SUCCESS, potential_evaluate(p, w, &s, &energy, nullptr, forces, virial, &error));
    for (auto &f : forces)
        for (double component : f) scale = std::max(scale, std::fabs(component));
    const double h = 1e-4;
    auto energy_of = [&] {
        double e = NAN;
        EXPECT_EQ(MLSOAP_SUCCESS, potential_evaluate(p, w, &s, &e, nullptr, nullptr, nullptr, &error));
        return e;
    };
    for (size_t k = 0; k < 18; k++) {
        double &x = s.positions[k / 3][k % 3], x0 = x;
        x = x0 + h;
        double up = energy_of();
        x = x0 - h;
        double down = energy_of();
        x = x0;
        EXPECT_NEAR(forces[k / 3][k % 3], (down - up) / (2 * h), 1e-6 * (1 + scale));
    }
    EXPECT_GT(scale, 0.1);
    EXPECT_EQ(2u, json_array_size(json_object_get(p->description, "terms")));
    EXPECT_EQ(0, mlsoap_potential_has_uncertainty(p));
    structure_release(&s);
    mlsoap_workspace_free(w);
    mlsoap_potential_free(p);
}

TEST(ModelTerms, SameIdentityForAnyThreadsAndMemory)
{
    const size_t GiB = (size_t)1 << 30;
    const std::string one = identity_of({SOAP, PAIRS}, TWO, 1, 4 * GiB);
    EXPECT_EQ(one, identity_of({SOAP, PAIRS}, TWO, 3, 4 * GiB));
    EXPECT_EQ(one, identity_of({SOAP, PAIRS}, TWO, 1, GiB / 4));
}

TEST(ModelTerms, AListOfOneIsTheMapping)
{
    const size_t GiB = (size_t)1 << 30;
    for (const char *type : {"linear", "sparse_gp"}) {
        const std::string value = std::string("type=") + type;
        EXPECT_EQ(identity_of({SOAP}, {"model." + value, "model.on=[soap]"}, 2, GiB),
                  identity_of({SOAP}, {"model.0." + value, "model.0.on=[soap]"}, 2, GiB));
    }
}

// delta is the prior size of a term: next to nothing leaves all to the other one.
TEST(ModelTerms, DeltaSharesTheEnergyOut)
{
    double size[2];
    for (int k = 0; k < 2; k++) {
        training_fixture t;
        set_labeled(t, 14);
        t.begin_several({SOAP, PAIRS}, with(TWO, {"model.1.noise=0.02", k ? "model.0.delta=1e-5" : "model.0.delta=1"}),
                        {6, 14}, {-5, -5});
        mlsoap_potential *p = t.potential(FIT_FINAL);
        const tensor *w = tensor_find(&p->tensors, "terms.0.Si.weights");
        ASSERT_NE(nullptr, w);
        size[k] = 0;
        for (size_t i = 0; i < w->shape[0]; i++) size[k] = std::max(size[k], std::fabs(w->data[i]));
        mlsoap_potential_free(p);
    }
    EXPECT_GT(size[0], 1e-2);
    EXPECT_LT(size[1], 1e-4 * size[0]);
}

// Two terms together fit better than each alone on frames that hold both.
TEST(ModelTerms, TogetherBetterThanEachAlone)
{
    double rmse[3];
    const std::vector<std::string> keys[3] = {{"model.type=linear"}, {"model.n_sparse=8"}, TWO};
    for (int k = 0; k < 3; k++) {
        training_fixture t;
        set_labeled(t, 40);
        std::vector<std::string> descriptors = {SOAP, PAIRS};
        if (k < 2) descriptors = {k == 0 ? PAIRS : SOAP};
        t.begin_several(descriptors, keys[k], {6, 14}, {-5, -5});
        mlsoap_potential *p = t.potential(FIT_VALIDATION);
        std::vector<double> all = predictions(t, p);
        double sum = 0;
        size_t n = 0;
        for (size_t v = 0; v < t.data.n_validation; v++) {
            size_t c = (size_t)(t.data.validation[v].source - t.data.train.frames);
            for (size_t i = 0; i < 18; i++, n++)
                sum += std::pow(all[25 * c + 1 + i] - t.data.train.frames[c].forces[i / 3][i % 3], 2);
        }
        rmse[k] = std::sqrt(sum / (double)n);
        mlsoap_potential_free(p);
    }
    EXPECT_LT(rmse[2], 0.9 * rmse[0]);
    EXPECT_LT(rmse[2], 0.9 * rmse[1]);
}
