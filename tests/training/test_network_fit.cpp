// SPDX-License-Identifier: BSD-3-Clause
// Fits of networks (training/solvers/network): a potential is recovered from its own labels, the dimer of the teaching
// material to the last digits, the same identity for any number of threads, committees, clear refusals.
#include "training_fixtures.hpp"

#include <omp.h>

#include <memory>

extern "C" {
#include "solvers/network/network_fit.h"
#include "solvers/network/network_inputs.h"
#include "solvers/network/network_residuals.h"
}

namespace
{

const char *const soap = R"({"r_cut":3.5,"n_max":3,"l_max":2,"sigma":0.5})";
using Owned = std::unique_ptr<mlsoap_potential, void (*)(mlsoap_potential *)>;

Owned solve(training_fixture &t, fit_stage stage)
{
    mlsoap_error error{};
    if (!t.f) {
        EXPECT_EQ(MLSOAP_SUCCESS, fit_method_find("network")->create(&t.problem, &t.f, &error)) << error.message;
        EXPECT_EQ(MLSOAP_SUCCESS, t.f->method->prepare(t.f, &error)) << error.message;
    }
    fit_result result{};
    mlsoap_potential *p = nullptr;
    EXPECT_EQ(MLSOAP_SUCCESS, t.f->method->solve(t.f, stage, &result, &error)) << error.message;
    EXPECT_EQ(MLSOAP_SUCCESS, train_potential(&t.problem, &result, &p, &error)) << error.message;
    fit_result_release(&result);
    return Owned(p, mlsoap_potential_free);
}

// Root mean square error of the forces over that of the forces.
double relative_force_error(const mlsoap_potential *p, const frame_set &set)
{
    mlsoap_workspace *w = nullptr;
    EXPECT_EQ(MLSOAP_SUCCESS, mlsoap_workspace_new(p, &w, nullptr));
    double difference = 0, size = 0;
    for (size_t c = 0; c < set.n_frames; c++) {
        const frame &f = set.frames[c];
        std::vector<double> forces(3 * f.structure.n_atoms);
        double energy;
        EXPECT_EQ(MLSOAP_SUCCESS, potential_evaluate(p, w, &f.structure, &energy, nullptr,
                                                     reinterpret_cast<double(*)[3]>(forces.data()), nullptr, nullptr));
        for (size_t i = 0; i < forces.size(); i++) {
            difference += std::pow(forces[i] - f.forces[i / 3][i % 3], 2);
            size += std::pow(f.forces[i / 3][i % 3], 2);
        }
    }
    mlsoap_workspace_free(w);
    return std::sqrt(difference / size);
}

// Frames labeled by a sparse GP.
void labeled(training_fixture &t, size_t n, const std::vector<std::string> &keys)
{
    training_fixture teacher;
    add_random_frames(teacher.data.train, 3, 6, {14, 6}, 11);
    for (size_t c = 0; c < 3; c++) {
        set_forces(teacher.data.train.frames[c], 1.0 + double(c));
        teacher.data.train.frames[c].has_energy = true;
        teacher.data.train.frames[c].energy = -double(c);
    }
    teacher.begin(soap, {"data.validation=0", "model.n_sparse=12", "loss.energy=1", "model.noise=0.01"}, {6, 14},
                  {0, 0});
    Owned p(teacher.potential(FIT_FINAL), mlsoap_potential_free);
    add_random_frames(t.data.train, n, 6, {14, 6}, 5);
    label(t.data.train, p.get());
    t.begin(soap, keys, {6, 14}, {0, 0});
}

TEST(NetworkFit, RecoversAPotential)
{
    training_fixture t;
    labeled(
        t, 40,
        {"model.type=network", "model.normalized=true", "model.hidden=[16]", "model.epochs=60", "data.validation=0.2"});
    Owned partial = solve(t, FIT_VALIDATION), final = solve(t, FIT_FINAL);
    EXPECT_LE(relative_force_error(final.get(), t.data.train), 0.1);
    EXPECT_LE(relative_force_error(partial.get(), t.data.train), 0.2);
}

TEST(NetworkFit, EveryOptimizerLearns)
{
    for (const char *optimizer : {"adam", "lbfgs", "levenberg_marquardt"}) {
        training_fixture t;
        labeled(t, 12,
                {"model.type=network", "model.normalized=true", "model.hidden=[4]", "model.epochs=20",
                 "data.validation=0.2", std::string("model.optimizer=") + optimizer});
        EXPECT_LE(relative_force_error(solve(t, FIT_FINAL).get(), t.data.train), 0.6) << optimizer;
    }
}

TEST(NetworkFit, SameIdentityForAnyNumberOfThreads)
{
    const int threads = omp_get_max_threads();
    std::string identities[4];
    for (int k = 0; k < 4; k++) {
        omp_set_num_threads(k == 1 ? 3 : 1);
        training_fixture t;
        labeled(t, 12,
                {"model.type=network", "model.normalized=true", "model.hidden=[5, 4]", "model.epochs=1",
                 "model.optimizer=adam", "model.batch=9", "data.validation=0.25", k == 3 ? "seed=2" : "seed=1",
                 k == 2 ? "model.committee=2" : "model.committee=1"});
        solve(t, FIT_VALIDATION);
        identities[k] = mlsoap_potential_identity(solve(t, FIT_FINAL).get());
    }
    omp_set_num_threads(threads);
    EXPECT_EQ(identities[0], identities[1]);
    EXPECT_NE(identities[0], identities[2]);
    EXPECT_NE(identities[0], identities[3]);
}

// Lennard-Jones, epsilon 1 eV, sigma 2.9 Angstrom, seen from the midpoint: 30 of 200 distances are trained on.
frame dimer(double d)
{
    frame f = make_frame({{1, -d / 2, 0, 0}, {1, d / 2, 0, 0}});
    double c6 = std::pow(2.9 / d, 6), shift6 = std::pow(1.0 / 3, 6);
    f.has_energy = true;
    f.energy = 4 * (c6 * c6 - c6) - 4 * (shift6 * shift6 - shift6);
    set_forces(f);
    f.forces[0][0] = 24 * (c6 - 2 * c6 * c6) / d;
    f.forces[1][0] = -f.forces[0][0];
    return f;
}

TEST(NetworkFit, Dimer)
{
    struct Case {
        const char *hidden;
        int seed;
    };
    for (const Case &c : {Case{"[5]", 1}, Case{"[5]", 2}, Case{"[5]", 3}, Case{"[20]", 1}}) {
        training_fixture t;
        for (int k = 0; k < 30; k++) add_frame(t.data.train, dimer(2.5 + 2.5 * (199 * k / 29) / 199));
        t.begin(R"({"centers":"midpoint","basis":"gto","r_cut":5.0,"n_max":3,"l_max":0,"sigma":0.5})",
                {"model.type=network", "model.normalized=false", std::string("model.hidden=") + c.hidden,
                 "data.validation=0", "seed=" + std::to_string(c.seed)},
                {1}, {0});
        Owned p = solve(t, FIT_FINAL);
        mlsoap_workspace *w = nullptr;
        ASSERT_EQ(MLSOAP_SUCCESS, mlsoap_workspace_new(p.get(), &w, nullptr));
        double energy_error = 0, force_error = 0;
        for (int i = 0; i < 200; i++) {
            frame f = dimer(2.5 + 2.5 * i / 199);
            double energy, forces[2][3];
            ASSERT_EQ(MLSOAP_SUCCESS,
                      potential_evaluate(p.get(), w, &f.structure, &energy, nullptr, forces, nullptr, nullptr));
            energy_error += std::fabs(energy - f.energy) / 200;
            for (int k = 0; k < 6; k++) force_error += std::fabs(forces[k / 3][k % 3] - f.forces[k / 3][k % 3]) / 1200;
            frame_release(&f);
        }
        mlsoap_workspace_free(w);
        EXPECT_LE(energy_error, 1e-4) << c.hidden << " seed " << c.seed; // eV
        EXPECT_LE(force_error, 1e-3) << c.hidden << " seed " << c.seed;  // eV/Angstrom
    }
}

// 2 J^T r is the gradient of the loss, for every kind of centers.
TEST(NetworkFit, ResidualsBelongToTheLoss)
{
    for (const char *settings : {soap, R"({"centers":"midpoint","r_cut":3.5,"n_max":2,"l_max":1,"sigma":0.5})",
                                 R"({"centers":[[0.3,0.2,0.1]],"r_cut":3.5,"n_max":2,"l_max":1,"sigma":0.5})"}) {
        training_fixture t;
        mlsoap_error error{};
        add_random_frames(t.data.train, 3, 4, {14, 6}, 3);
        for (size_t k = 0; k < 3; k++) {
            frame &one = t.data.train.frames[k];
            set_forces(one, 0.4);
            one.has_energy = one.has_virial = true;
            one.energy = double(k);
            for (int v = 0; v < 6; v++) one.virial[v] = 0.3 * v - double(k);
        }
        t.begin(settings, {"data.validation=0"}, {6, 14}, {0, 0});
        network_form form{};
        form.features = &t.features;
        form.transform.normalized = 1;
        form.n_layers = 2;
        form.n_hidden[0] = 3;
        form.n_hidden[1] = 2;
        form.activations[0] = form.activations[1] = activation_find("tanh");
        form.linear_skip = true;
        form.scale = 0.7;
        ASSERT_EQ(network_inputs_find(&form, &t.data.train, NETWORK_PCA, 0, 0.1, &error), MLSOAP_SUCCESS);
        loss_statistics statistics;
        dataset_statistics(t.data.fit, t.data.n_fit, t.elements.data(), 2, t.offsets.data(), &statistics);
        network_frames frames{};
        ASSERT_EQ(network_frames_new(&t.features, t.data.fit, 3, &t.data.train, t.elements.data(), 2, t.offsets.data(),
                                     &statistics, &frames, &error),
                  MLSOAP_SUCCESS);
        const double lambda[3] = {0.5, 1.5, 0.3};
        network_loss *loss = nullptr;
        network_residuals *residuals = nullptr;
        ASSERT_EQ(network_loss_new(&form, &loss, &error), MLSOAP_SUCCESS);
        ASSERT_EQ(network_residuals_new(&form, &frames, nullptr, 3, lambda, &residuals, &error), MLSOAP_SUCCESS);
        const size_t n = form.n_parameters, m = n + 1;
        std::vector<double> theta(n), gradient(n), R(m * m);
        network_form_start(&form, 3, theta.data());
        for (double &x : theta) x += 0.1;
        network_errors e{};
        double square;
        ASSERT_EQ(network_loss_evaluate(loss, theta.data(), &frames, nullptr, 3, lambda, &e, gradient.data(), &error),
                  MLSOAP_SUCCESS);
        ASSERT_EQ(network_residuals_evaluate(residuals, theta.data(), &square, R.data(), &error), MLSOAP_SUCCESS);
        double expected = lambda[0] * e.term[0] + lambda[1] * e.term[1] + lambda[2] * e.term[2], scale = 0;
        EXPECT_NEAR(square / expected, 1, 1e-11) << settings;
        for (double g : gradient) scale = std::max(scale, std::fabs(g));
        for (size_t i = 0; i < n; i++) {
            double sum = 0;
            for (size_t k = 0; k <= i; k++) sum += 2 * R[i * m + k] * R[n * m + k];
            EXPECT_LE(std::fabs(sum - gradient[i]), 1e-11 * scale) << settings << " parameter " << i;
        }
        network_residuals_free(residuals);
        network_loss_free(loss);
        network_frames_release(&frames);
        network_form_release(&form);
    }
}

TEST(NetworkFit, Refusals)
{
    struct Case {
        std::vector<std::string> keys;
        mlsoap_status status;
        const char *message;
    };
    const Case cases[] = {
        {{"model.activation=relu"}, MLSOAP_ERROR_VALUE, "forces would jump"},
        {{"model.activation=swish"}, MLSOAP_ERROR_VALUE, "`swish` is unknown"},
        {{"model.activation=[silu, tanh, silu]"}, MLSOAP_ERROR_VALUE, "3 activations for 2 hidden layers"},
        {{"model.hidden=[]"}, MLSOAP_ERROR_VALUE, "0 layers"},
        {{"model.hidden=[8, 0]"}, MLSOAP_ERROR_VALUE, "item 1 must be a number of neurons"},
    };
    for (const Case &c : cases) {
        training_fixture t;
        auto keys = c.keys;
        keys.insert(keys.end(), {"model.type=network", "model.normalized=true"});
        labeled(t, 3, keys);
        mlsoap_error error{};
        EXPECT_EQ(fit_method_find("network")->create(&t.problem, &t.f, &error), c.status) << c.message;
        EXPECT_NE(std::string(error.message).find(c.message), std::string::npos) << error.message;
    }
    training_fixture t;
    labeled(t, 3, {"model.type=network", "model.normalized=true"});
    t.problem.memory = 1 << 20;
    mlsoap_error error{};
    ASSERT_EQ(fit_method_find("network")->create(&t.problem, &t.f, &error), MLSOAP_SUCCESS);
    EXPECT_EQ(t.f->method->prepare(t.f, &error), MLSOAP_ERROR_CAPACITY);
    EXPECT_NE(std::string(error.message).find("raise `memory`"), std::string::npos) << error.message;
}

// Centers that all look the same have nothing to learn from.
TEST(NetworkFit, RefusesASingleEnvironment)
{
    training_fixture t;
    add_frame(t.data.train, dimer(3));
    t.begin(soap, {"model.type=network", "model.normalized=true", "data.validation=0"}, {1}, {0});
    mlsoap_error error{};
    ASSERT_EQ(fit_method_find("network")->create(&t.problem, &t.f, &error), MLSOAP_SUCCESS);
    EXPECT_EQ(t.f->method->prepare(t.f, &error), MLSOAP_ERROR_VALUE);
    EXPECT_NE(std::string(error.message).find("have the same features"), std::string::npos) << error.message;
}

} // namespace
