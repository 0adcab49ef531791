// SPDX-License-Identifier: BSD-3-Clause
// Uncertainty of atoms (src/potential/uncertainty.c): both entries agree, several elements and terms, invariance,
// calibration, what is refused, and that the file keeps it.
#include <gtest/gtest.h>

#include "support/potentials.hpp"
#include "support/uncertainty.hpp"

extern "C" {
#include "models/model_tensors.h"
}

using namespace testing_support;

namespace
{

const char *const soap = R"({"species":["H","C","O"],"r_cut":4.0,"n_max":3,"l_max":2,"sigma":0.5})";

/* default_parameters, and an uncertainty by data that are the sparse points themselves. */
ModelMaker with_uncertainty(size_t n_sparse, double noise2)
{
    return [=](tensor_set *tensors, const std::string &prefix, const json_t *model, const Features &features,
               int species) {
        default_parameters(n_sparse, 1.0)(tensors, prefix, model, features, species);
        const tensor *points = tensor_find(tensors, (prefix + ".sparse_points").c_str());
        sparse_gp_settings settings;
        sparse_gp_settings_get(model, &settings);
        size_t n = n_sparse, stride = features.stride;
        std::vector<double> x0(stride);
        auto row = [&](size_t i) { return i ? points->data + (i - 1) * stride : x0.data(); };
        for (size_t f = 0; f < stride; f++) x0[f] = features.weights[f] * (1 + wave(f, 9));
        if (settings.normalized) {
            double square = 0;
            for (double x : x0) square += x * x;
            for (double &x : x0) x /= std::sqrt(square);
        }
        auto kernel = [&](const double *a, const double *b) {
            double t = 0, k;
            for (size_t f = 0; f < stride; f++) t += a[f] * b[f];
            sparse_gp_kernel(&settings, 1, &t, &k, nullptr);
            return (long double)k;
        };
        Dense K = zeros(n + 1, n + 1), B = zeros(n, n);
        for (size_t i = 0; i <= n; i++)
            for (size_t j = 0; j <= n; j++) K[i][j] = kernel(row(i), row(j)) + (i == j ? 1e-8L : 0);
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < n; j++) {
                B[i][j] = K[i + 1][j + 1];
                for (size_t k = 1; k <= n; k++)
                    B[i][j] += (K[k][i + 1] - K[0][i + 1]) * (K[k][j + 1] - K[0][j + 1]) / noise2;
            }
        std::vector<double> G = uncertainty_triangle(K, B);
        mlsoap_error error{};
        if (model_uncertainty_add(tensors, prefix.c_str(), n + 1, G.data(), n + 1, stride, x0.data(), &error))
            throw std::runtime_error(error.message);
    };
}

const char *const calibrations =
    R"({"H":{"energy":2.0,"forces":[[1.0,1.0]]},"C":{"energy":0.5,"forces":[[0.01,0.1],[0.02,0.3]]},
        "O":{"energy":1.0,"forces":[[1.0,3.0]]}})";

/* One term for all three elements, or two of different kernels. */
mlsoap_potential *make(int n_terms, const std::string &calibration, mlsoap_error *error)
{
    std::vector<Structure> structures = {small_cell(), random_structure(5, {1, 6, 8, 8}, 5.5)};
    Features features = features_of({soap}, structures);
    json_t *description = describe({soap}, R"({"type":"sparse_gp","zeta":2})", {1, 6, 8}, false);
    tensor_set tensors{};
    for (int t = 0; t < n_terms; t++) {
        std::string settings = t ? R"({"type":"sparse_gp","zeta":4,"delta":0.3})" : R"({"type":"sparse_gp","zeta":2})";
        Json completed(complete_model(settings));
        for (int z : {1, 6, 8})
            with_uncertainty(t ? 7 : 12, 1e-2)(&tensors, "terms." + std::to_string(t) + "." + element_symbol(z),
                                               completed.value, features, z);
        if (t == 0) continue;
        json_t *term = json_deep_copy(json_array_get(json_object_get(description, "terms"), 0));
        json_object_set_new(term, "model", json_of(settings));
        for (int z : {1, 6, 8})
            json_object_set_new(json_object_get(json_object_get(term, "species"), element_symbol(z)), "tensors",
                                json_string((std::string("terms.1.") + element_symbol(z)).c_str()));
        json_array_append_new(json_object_get(description, "terms"), term);
    }
    if (!calibration.empty()) json_object_set_new(description, "uncertainty", json_of(calibration));
    mlsoap_potential *p = nullptr;
    mlsoap_status status = potential_new(description, &tensors, &p, error);
    EXPECT_EQ(status == MLSOAP_SUCCESS, p != nullptr);
    return p;
}

struct Uncertainties {
    std::vector<double> energy, force;
};

Uncertainties of_structure(Potential &p, const Structure &s)
{
    Uncertainties u{std::vector<double>(s.species.size(), NAN), std::vector<double>(s.species.size(), NAN)};
    mlsoap_structure_view view = {sizeof view,           s.species.size(), s.species.data(),
                                  s.positions[0].data(), s.cell[0].data(), s.pbc.data()};
    mlsoap_error error{};
    EXPECT_EQ(mlsoap_uncertainty_structure(p.get(), p.workspace(), &view, u.energy.data(), u.force.data(), &error),
              MLSOAP_SUCCESS)
        << error.message;
    return u;
}

TEST(Uncertainty, EnvironmentsAndStructuresAgree)
{
    Potential p(make(1, calibrations, nullptr));
    ASSERT_EQ(mlsoap_potential_has_uncertainty(p.get()), 1);
    Structure s = small_cell();
    Uncertainties u = of_structure(p, s);
    neighbor_list list{};
    structure view = s.view();
    neighbor_centers all{};
    ASSERT_EQ(neighbor_list_build(&list, &view, 4.0, &all, nullptr), MLSOAP_SUCCESS);
    mlsoap_environments e = {
        sizeof e, int(list.n_centers), list.center_species, list.first, list.species, list.dx, list.dy, list.dz};
    std::vector<double> energy(list.n_centers), force(list.n_centers);
    ASSERT_EQ(mlsoap_uncertainty_environments(p.get(), p.workspace(), &e, energy.data(), force.data(), nullptr),
              MLSOAP_SUCCESS);
    for (size_t i = 0; i < energy.size(); i++) {
        EXPECT_EQ(energy[i], u.energy[i]);
        EXPECT_EQ(force[i], u.force[i]);
        EXPECT_GT(energy[i], 0);
    }
    ASSERT_EQ(mlsoap_uncertainty_environments(p.get(), p.workspace(), &e, energy.data(), nullptr, nullptr),
              MLSOAP_SUCCESS);
    EXPECT_EQ(energy[0], u.energy[0]);
    neighbor_list_release(&list);
}

/* H: factor 2, force s; O: factor 1, force 3 s; C: factor 0.5, force by two knots. */
TEST(Uncertainty, IsCalibratedByElement)
{
    Potential p(make(1, calibrations, nullptr));
    Structure s = small_cell();
    Uncertainties u = of_structure(p, s);
    int seen = 0;
    for (size_t i = 0; i < s.species.size(); i++) {
        double factor = s.species[i] == 1 ? 2 : s.species[i] == 6 ? 0.5 : 1, sigma = u.energy[i] / factor;
        double force = s.species[i] == 1 ? sigma : s.species[i] == 8 ? 3 * sigma : 0;
        if (s.species[i] == 6)
            force = sigma <= 0.01 ? 10 * sigma : sigma >= 0.02 ? 15 * sigma : 0.1 + 0.2 * (sigma - 0.01) / 0.01;
        EXPECT_LE(std::fabs(u.force[i] - force), 1e-14 * (1 + force));
        seen |= s.species[i] == 1 ? 1 : s.species[i] == 6 ? 2 : 4;
    }
    EXPECT_EQ(seen, 7);
}

TEST(Uncertainty, MapOfForcesIsContinuousAndIncreases)
{
    uncertainty_calibration c{};
    Json entry(json_of(R"({"energy":1.0,"forces":[[0.01,0.1],[0.02,0.3],[0.05,0.31]]})"));
    ASSERT_EQ(uncertainty_calibration_read(entry.value, "x", nullptr, &c, nullptr), MLSOAP_SUCCESS);
    EXPECT_EQ(calibrated_force(&c, 0), 0);
    EXPECT_DOUBLE_EQ(calibrated_force(&c, 0.005), 0.05);
    EXPECT_DOUBLE_EQ(calibrated_force(&c, 0.015), 0.2);
    EXPECT_DOUBLE_EQ(calibrated_force(&c, 0.1), 0.62);
    for (double s = 0; s < 0.1; s += 1e-4) {
        double step = calibrated_force(&c, s + 1e-4) - calibrated_force(&c, s);
        EXPECT_GT(step, 0);
        EXPECT_LT(step, 0.0021);
    }
}

TEST(Uncertainty, VariancesOfTermsAdd)
{
    const char *plain = R"({"H":{"energy":1.0,"forces":[[1.0,1.0]]},"C":{"energy":1.0,"forces":[[1.0,1.0]]},
                            "O":{"energy":1.0,"forces":[[1.0,1.0]]}})";
    Potential one(make(1, plain, nullptr)), two(make(2, plain, nullptr));
    Structure s = small_cell();
    Uncertainties a = of_structure(one, s), b = of_structure(two, s);
    for (size_t i = 0; i < s.species.size(); i++) EXPECT_GT(b.energy[i], a.energy[i]);
}

TEST(Uncertainty, DoesNotChangeUnderRotationReflectionTranslationAndPermutation)
{
    Potential p(make(2, calibrations, nullptr));
    Structure s = random_structure(11, {1, 6, 8, 1, 6, 8, 8}, 6.0), t = s;
    size_t n = s.species.size();
    double c = std::cos(0.7), d = std::sin(0.7);
    auto map = [&](const Vector &x) { return Vector{c * x[0] - d * x[1], d * x[0] + c * x[1], -x[2]}; };
    for (size_t k = 0; k < 3; k++) t.cell[k] = map(s.cell[k]);
    for (size_t i = 0; i < n; i++) {
        t.species[i] = s.species[n - 1 - i];
        t.positions[i] = map(s.positions[n - 1 - i]);
        for (size_t k = 0; k < 3; k++) t.positions[i][k] += 0.3 * double(k + 1);
    }
    Uncertainties a = of_structure(p, s), b = of_structure(p, t);
    for (size_t i = 0; i < n; i++) EXPECT_LE(std::fabs(b.energy[i] - a.energy[n - 1 - i]), 1e-9 * a.energy[n - 1 - i]);
}

TEST(Uncertainty, FileKeepsItAndTheIdentityHoldsIt)
{
    mlsoap_potential *p = make(1, calibrations, nullptr);
    std::string path = scratch_path("uncertainty.mlsoap"), before = mlsoap_potential_identity(p);
    ASSERT_EQ(potential_write_file(p, path.c_str(), nullptr), MLSOAP_SUCCESS);
    mlsoap_potential *q = nullptr;
    mlsoap_error error{};
    ASSERT_EQ(mlsoap_potential_read_file(path.c_str(), &q, &error), MLSOAP_SUCCESS) << error.message;
    std::remove(path.c_str());
    EXPECT_EQ(before, mlsoap_potential_identity(q));
    json_t *other = json_of(calibrations);
    json_object_set_new(json_object_get(other, "O"), "energy", json_real(1.5));
    ASSERT_EQ(potential_set_calibrations(q, other, &error), MLSOAP_SUCCESS) << error.message;
    EXPECT_NE(before, mlsoap_potential_identity(q));
    ASSERT_EQ(potential_set_golden(q, nullptr, 0, &error), MLSOAP_SUCCESS) << error.message;
    EXPECT_EQ(mlsoap_potential_check(q, nullptr, &error), MLSOAP_SUCCESS) << error.message; // the identity too
    Potential a(p), b(q);
    Structure s = small_cell();
    Uncertainties u = of_structure(a, s), v = of_structure(b, s);
    for (size_t i = 0; i < s.species.size(); i++)
        EXPECT_DOUBLE_EQ(v.energy[i], (s.species[i] == 8 ? 1.5 : 1) * u.energy[i]);
}

TEST(Uncertainty, RefusesWhatDoesNotFit)
{
    auto refused = [](const std::string &calibration) {
        mlsoap_error error{};
        mlsoap_potential *p = make(1, calibration, &error);
        mlsoap_potential_free(p);
        return std::string(p ? "accepted" : error.message);
    };
    std::string good = calibrations;
    auto with = [&](const std::string &from, const std::string &to) {
        std::string text = good;
        text.replace(text.find(from), from.size(), to);
        return refused(text);
    };
    EXPECT_NE(refused("").find("uncertainty: is missing"), std::string::npos);
    EXPECT_NE(with("\"O\"", "\"N\"").find("uncertainty.O: there is no calibration"), std::string::npos);
    EXPECT_NE(with("{\"H\"", "{\"N\":{},\"H\"").find("has 4 entries, but there are 3"), std::string::npos);
    EXPECT_NE(with("\"energy\":2.0,", "").find("uncertainty.H.energy"), std::string::npos);
    EXPECT_NE(with("\"energy\":2.0", "\"energy\":-2.0").find("uncertainty.H.energy"), std::string::npos);
    EXPECT_NE(with("[[1.0,3.0]]", "[]").find("uncertainty.O.forces: 0 pairs"), std::string::npos);
    EXPECT_NE(with("[0.02,0.3]", "[0.02,0.1]").find("uncertainty.C.forces: pair 1 is not"), std::string::npos);
    EXPECT_NE(with("[0.02,0.3]", "[0.02]").find("pair 1 is not"), std::string::npos);
    EXPECT_NE(with("[0.02,0.3]", "[\"a\",1]").find("pair 1 is not"), std::string::npos);
    EXPECT_NE(with("[[1.0,3.0]]", "[[0.0,3.0]]").find("pair 0 is not"), std::string::npos);
}

TEST(Uncertainty, RefusesCalls)
{
    auto none = small_potential();
    Potential p(make(1, calibrations, nullptr));
    Structure s = small_cell();
    mlsoap_structure_view view = {sizeof view,           s.species.size(), s.species.data(),
                                  s.positions[0].data(), s.cell[0].data(), s.pbc.data()};
    std::vector<double> u(s.species.size());
    mlsoap_error error{};
    EXPECT_EQ(mlsoap_potential_has_uncertainty(none->get()), 0);
    EXPECT_EQ(mlsoap_potential_has_uncertainty(nullptr), 0);
    EXPECT_EQ(mlsoap_uncertainty_structure(none->get(), none->workspace(), &view, u.data(), nullptr, &error),
              MLSOAP_ERROR_UNSUPPORTED);
    EXPECT_NE(std::string(error.message).find("stores no uncertainty"), std::string::npos);
    EXPECT_EQ(mlsoap_uncertainty_environments(none->get(), none->workspace(), nullptr, u.data(), nullptr, &error),
              MLSOAP_ERROR_UNSUPPORTED);
    EXPECT_EQ(mlsoap_uncertainty_structure(p.get(), p.workspace(), &view, nullptr, nullptr, &error),
              MLSOAP_ERROR_ARGUMENT);
    EXPECT_EQ(mlsoap_uncertainty_structure(p.get(), none->workspace(), &view, u.data(), nullptr, &error),
              MLSOAP_ERROR_ARGUMENT);
    EXPECT_EQ(mlsoap_uncertainty_structure(nullptr, p.workspace(), &view, u.data(), nullptr, &error),
              MLSOAP_ERROR_ARGUMENT);
    EXPECT_EQ(mlsoap_uncertainty_environments(p.get(), p.workspace(), nullptr, u.data(), nullptr, &error),
              MLSOAP_ERROR_ARGUMENT);
    int first[2] = {0, 1}, hydrogen = 1;
    double zero = 0, nan = NAN;
    mlsoap_environments bad = {sizeof bad, 1, &hydrogen, first, &hydrogen, &nan, &zero, &zero};
    mlsoap_status status = mlsoap_uncertainty_environments(p.get(), p.workspace(), &bad, u.data(), nullptr, &error);
    EXPECT_TRUE(status == MLSOAP_ERROR_NUMERICS || status == MLSOAP_ERROR_VALUE) << status;
}

} // namespace
