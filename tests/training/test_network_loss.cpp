// SPDX-License-Identifier: BSD-3-Clause
// Loss and gradient of networks (training/solvers/network): the value against the errors of the stored potential, the
// gradient against central differences for every target, activation and kind of inputs, the same bits for any number of
// threads, a broken frame named.
#include "training_fixtures.hpp"

#include <omp.h>

#include <functional>

extern "C" {
#include "solvers/network/network_inputs.h"
#include "solvers/network/network_loss.h"
}

namespace
{

const char *const soap = R"({"r_cut":3.5,"n_max":3,"l_max":2,"sigma":0.5})";
const char *const soap_block =
    R"({"r_cut":3.5,"n_max":3,"l_max":2,"sigma":0.5,"normalize":true,"bispectrum":{"channels":1,"l_max":2,
        "matrix":[[[0.6,0.5,0.4]],[[0.3,0.8,-0.2]]],"scale":1.0,"weight":0.4}})";
const char *const midpoint = R"({"centers":"midpoint","r_cut":3.5,"n_max":3,"l_max":1,"sigma":0.5})";
const char *const point = R"({"centers":[[0.3,0.2,0.1]],"r_cut":3.5,"n_max":3,"l_max":1,"sigma":0.5})";

struct Network : training_fixture {
    network_form form{};
    network_frames frames{};
    network_loss *loss = nullptr;
    std::vector<double> theta;

    void build(const char *settings, const std::vector<std::string> &activations, network_inputs_method method,
               bool normalized, bool skip, size_t n_atoms = 4)
    {
        mlsoap_error error{};
        add_random_frames(data.train, 4, n_atoms, {14, 6}, 3);
        for (size_t k_frame = 0; k_frame < 4; k_frame++) {
            frame &labeled = data.train.frames[k_frame];
            set_forces(labeled, 0.3 + 0.2 * double(k_frame));
            labeled.has_energy = true;
            labeled.energy = -3 + 0.7 * double(k_frame);
            for (int k = 0; k < 6; k++) labeled.virial[k] = 0.5 * double(k) - double(k_frame);
            labeled.has_virial = true;
        }
        begin(settings, {"data.validation=0"}, {6, 14}, {-0.5, -0.3});
        form.features = &features;
        form.transform.normalized = normalized;
        form.n_layers = int(activations.size());
        for (size_t t = 0; t < activations.size(); t++) {
            form.n_hidden[t] = t ? 4 : 7;
            form.activations[t] = activation_find(activations[t].c_str());
        }
        form.linear_skip = skip;
        form.scale = 0.8;
        ASSERT_EQ(network_inputs_find(&form, &data.train, method, 0, 0.1, &error), MLSOAP_SUCCESS) << error.message;
        loss_statistics statistics;
        dataset_statistics(data.fit, data.n_fit, elements.data(), 2, offsets.data(), &statistics);
        ASSERT_EQ(network_frames_new(&features, data.fit, data.n_fit, &data.train, elements.data(), 2, offsets.data(),
                                     &statistics, &frames, &error),
                  MLSOAP_SUCCESS)
            << error.message;
        ASSERT_EQ(network_loss_new(&form, &loss, &error), MLSOAP_SUCCESS);
        theta.resize(form.n_parameters);
        network_form_start(&form, 5, theta.data());
        for (double &x : theta) x += 0.05; // skip and constant too
    }
    double value(const std::vector<double> &at, const double *lambda, double *gradient = nullptr)
    {
        network_errors e{};
        mlsoap_error error{};
        EXPECT_EQ(network_loss_evaluate(loss, at.data(), &frames, nullptr, frames.n, lambda, &e, gradient, &error),
                  MLSOAP_SUCCESS)
            << error.message;
        return lambda[0] * e.term[0] + lambda[1] * e.term[1] + lambda[2] * e.term[2];
    }
    void check_gradient(const double *lambda, const std::string &what)
    {
        std::vector<double> gradient(theta.size(), NAN);
        value(theta, lambda, gradient.data());
        double scale = 0;
        for (double g : gradient) scale = std::max(scale, std::fabs(g));
        EXPECT_GT(scale, 0) << what;
        const double h = 1e-4, tolerance = 2e-7 * scale;
        for (size_t i = 0; i < theta.size(); i += theta.size() / 30 + 1) {
            auto shifted = [&](double x) {
                auto at = theta;
                at[i] += x;
                return value(at, lambda);
            };
            double difference = (8 * (shifted(h) - shifted(-h)) - (shifted(2 * h) - shifted(-2 * h))) / (12 * h);
            EXPECT_LE(std::fabs(difference - gradient[i]), tolerance) << what << " parameter " << i;
        }
    }
    ~Network()
    {
        network_loss_free(loss);
        network_frames_release(&frames);
        network_form_release(&form);
    }
};

const double all[3] = {1, 1, 1};

TEST(NetworkLoss, GradientOfEveryTarget)
{
    for (const char *settings : {soap, soap_block, midpoint, point}) {
        Network n;
        n.build(settings, {"silu", "tanh"}, NETWORK_PCA, settings == soap, true);
        for (int t = 0; t < 3; t++) {
            const double one[3] = {t == 0 ? 1.0 : 0.0, t == 1 ? 1.0 : 0.0, t == 2 ? 1.0 : 0.0};
            n.check_gradient(one, std::string(settings) + " target " + std::to_string(t));
        }
        n.check_gradient(all, settings);
    }
}

TEST(NetworkLoss, GradientOfEveryActivation)
{
    for (const char *const *name = activation_names(); *name; name++) {
        if (!activation_find(*name)->is_smooth) continue;
        Network n;
        n.build(soap, {*name, *name}, NETWORK_PCA, true, false);
        if (std::string(*name) == "exponential" || std::string(*name) == "square")
            for (double &x : n.theta) x *= 0.3;
        n.check_gradient(all, *name);
    }
}

TEST(NetworkLoss, GradientOfEveryKindOfInputs)
{
    for (auto method : {NETWORK_PCA, NETWORK_STANDARDIZE, NETWORK_NO_SCALING})
        for (bool normalized : {false, true})
            for (bool skip : {false, true}) {
                Network n;
                n.build(soap, {"silu"}, method, normalized, skip);
                n.check_gradient(all, std::to_string(method) + (normalized ? " normalized" : " plain"));
            }
}

// The loss is that of the potential that is stored, evaluated by the library.
TEST(NetworkLoss, EqualsTheStoredPotential)
{
    for (const char *settings : {soap, soap_block, midpoint, point}) {
        Network n;
        n.build(settings, {"silu", "softplus"}, NETWORK_PCA, settings == soap, true);
        fit_result result{};
        mlsoap_error error{};
        double *members[1] = {n.theta.data()};
        ASSERT_EQ(network_form_store(&n.form, 1, members, &result.tensors, &error), MLSOAP_SUCCESS);
        json_t *species = n.features.centers_are_atoms ? json_pack("{s:{s:s}, s:{s:s}}", "C", "tensors", "terms.0.C",
                                                                   "Si", "tensors", "terms.0.Si")
                                                       : json_pack("{s:{s:s}}", "X", "tensors", "terms.0.X");
        result.terms = json_pack("[{s:O, s:o, s:o}]", "descriptors", n.terms[0].descriptor_names, "model",
                                 network_form_describe(&n.form, 1), "species", species);
        mlsoap_potential *p = nullptr;
        ASSERT_EQ(train_potential(&n.problem, &result, &p, &error), MLSOAP_SUCCESS) << error.message;
        mlsoap_workspace *w = nullptr;
        ASSERT_EQ(mlsoap_workspace_new(p, &w, &error), MLSOAP_SUCCESS);
        double expected[3] = {0, 0, 0};
        for (size_t c = 0; c < n.frames.n; c++) {
            const frame &f = n.data.train.frames[c];
            const double *k = n.frames.items[c].coefficient;
            double energy, virial[6];
            std::vector<double> forces(3 * f.structure.n_atoms);
            ASSERT_EQ(potential_evaluate(p, w, &f.structure, &energy, nullptr,
                                         reinterpret_cast<double(*)[3]>(forces.data()), virial, &error),
                      MLSOAP_SUCCESS);
            expected[0] += k[0] * std::pow(energy - f.energy, 2);
            for (size_t i = 0; i < forces.size(); i++)
                expected[1] += k[1] * std::pow(forces[i] - f.forces[i / 3][i % 3], 2);
            for (int j = 0; j < 6; j++) expected[2] += k[2] * std::pow(virial[j] - f.virial[j], 2);
        }
        for (int t = 0; t < 3; t++) {
            const double one[3] = {t == 0 ? 1.0 : 0.0, t == 1 ? 1.0 : 0.0, t == 2 ? 1.0 : 0.0};
            EXPECT_NEAR(n.value(n.theta, one) / expected[t], 1, 1e-10) << settings << " target " << t;
        }
        mlsoap_workspace_free(w);
        mlsoap_potential_free(p);
        fit_result_release(&result);
    }
}

TEST(NetworkLoss, SameBitsForAnyNumberOfThreads)
{
    std::vector<double> gradients[2];
    double values[2];
    const int threads = omp_get_max_threads();
    for (int k = 0; k < 2; k++) {
        omp_set_num_threads(k == 0 ? 1 : 3);
        Network n;
        n.build(soap_block, {"silu", "silu"}, NETWORK_PCA, false, true, 20); // enough for all threads
        gradients[k].resize(n.theta.size());
        values[k] = n.value(n.theta, all, gradients[k].data());
    }
    omp_set_num_threads(threads);
    EXPECT_EQ(values[0], values[1]);
    EXPECT_EQ(gradients[0], gradients[1]);
}

TEST(NetworkLoss, BatchesAddUp)
{
    Network n;
    n.build(soap, {"silu"}, NETWORK_PCA, true, true);
    std::vector<double> whole(n.theta.size()), sum(n.theta.size()), part(n.theta.size());
    double total = n.value(n.theta, all, whole.data()), added = 0;
    for (size_t c = 0; c < n.frames.n; c++) {
        network_errors e{};
        ASSERT_EQ(network_loss_evaluate(n.loss, n.theta.data(), &n.frames, &c, 1, all, &e, part.data(), nullptr),
                  MLSOAP_SUCCESS);
        added += e.term[0] + e.term[1] + e.term[2];
        for (size_t i = 0; i < sum.size(); i++) sum[i] += part[i];
    }
    EXPECT_NEAR(added / total, 1, 1e-12);
    for (size_t i = 0; i < sum.size(); i++)
        EXPECT_NEAR(sum[i], whole[i], 1e-12 * std::fabs(total) + 1e-12 * std::fabs(sum[i]));
}

TEST(NetworkLoss, NamesTheBrokenFrame)
{
    Network n;
    n.build(soap, {"silu"}, NETWORK_PCA, true, true);
    n.frames.items[2].energy = NAN;
    network_errors e{};
    mlsoap_error error{};
    EXPECT_EQ(network_loss_evaluate(n.loss, n.theta.data(), &n.frames, nullptr, 4, all, &e, nullptr, &error),
              MLSOAP_ERROR_NUMERICS);
    EXPECT_NE(std::string(error.message).find("memory.xyz: frame 2 (line 21)"), std::string::npos) << error.message;
}

} // namespace
