// SPDX-License-Identifier: BSD-3-Clause
// What every potential must satisfy, over a table of descriptor settings times model settings: forces and virial are
// derivatives of the energy, and the energy does not change under rotation, reflection, translation, permutation and
// repetition of the cell (spec virial-and-units.md 5).
#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "support/potentials.hpp"

using namespace testing_support;

namespace
{

struct ModelVariant {
    const char *name, *settings;
    double size; // of alpha or the weights
};

const std::vector<ModelVariant> &model_variants()
{
    static const std::vector<ModelVariant> variants = {
        {"linear", R"({"type":"linear"})", 0.02},
        {"linear_normalized", R"({"type":"linear","normalized":true})", 1},
        {"zeta1", R"({"type":"sparse_gp","zeta":1})", 1},
        {"zeta2", R"({"type":"sparse_gp","zeta":2})", 1},
        {"zeta2_constant", R"({"type":"sparse_gp","zeta":2,"constant":0.7})", 1},
        {"zeta4", R"({"type":"sparse_gp","zeta":4,"delta":0.5})", 2},
        {"network", R"({"type":"network","hidden":[9,5],"activations":["silu","tanh"],"normalized":true})", 0.5},
        {"committee", R"({"type":"network","hidden":[6],"activations":["softplus"],"members":3})", 0.05},
        {"plain_zeta3", R"({"type":"sparse_gp","zeta":3,"normalized":false,"constant":2.0,"delta":0.02})", 1e-3},
    };
    return variants;
}

class PotentialProperties : public testing::TestWithParam<std::tuple<size_t, size_t>>
{
  protected:
    void SetUp() override
    {
        const DescriptorVariant &variant = descriptor_variants()[std::get<0>(GetParam())];
        const ModelVariant &model = model_variants()[std::get<1>(GetParam())];
        s_ = small_cell();
        potential_ = make_potential({variant.settings}, model.settings, {s_, random_structure(5, {1, 6, 8, 8}, 5.5)},
                                    default_parameters(14, model.size));
        r_ = potential_->evaluate(s_);
        for (double f : r_.forces) scale_ = std::max(scale_, std::fabs(f));
    }
    double energy(const Structure &s) { return potential_->evaluate(s).energy; }

    Structure s_;
    std::unique_ptr<Potential> potential_;
    Result r_;
    double scale_ = 1; // largest force component, at least 1 eV/A
};

double difference(const std::function<double(double)> &f, double h)
{
    return (f(h) - f(-h)) / (2 * h);
}

Structure strained(const Structure &s, int a, int b, double e)
{
    Structure t = s;
    for (size_t i = 0; i < s.positions.size(); i++) t.positions[i][size_t(a)] += e * s.positions[i][size_t(b)];
    for (size_t k = 0; k < 3; k++) t.cell[k][size_t(a)] += e * s.cell[k][size_t(b)];
    return t;
}

Structure transformed(const Structure &s, const std::array<Vector, 3> &R)
{
    Structure t = s;
    auto rotate = [&](const Vector &x) {
        Vector y{};
        for (size_t a = 0; a < 3; a++)
            for (size_t b = 0; b < 3; b++) y[a] += R[a][b] * x[b];
        return y;
    };
    for (auto &x : t.positions) x = rotate(x);
    for (auto &c : t.cell) c = rotate(c);
    return t;
}

/* Two rotations about x and z; with a mirror for determinant -1. */
std::array<Vector, 3> rotation(bool mirrored)
{
    double c1 = std::cos(0.7), s1 = std::sin(0.7), c2 = std::cos(-1.9), s2 = std::sin(-1.9), m = mirrored ? -1 : 1;
    return {Vector{c2 * m, -s2 * c1, s2 * s1}, Vector{s2 * m, c2 * c1, -c2 * s1}, Vector{0, s1, c1}};
}

TEST_P(PotentialProperties, ForcesAreDerivatives)
{
    const double tolerance = 1e-6 * scale_;
    double worst[2] = {0, 0};
    for (size_t i = 0; i < s_.species.size(); i++)
        for (size_t a = 0; a < 3; a++)
            for (int k = 0; k < 2; k++) {
                double d = difference(
                    [&](double h) {
                        Structure t = s_;
                        t.positions[i][a] += h;
                        return energy(t);
                    },
                    k == 0 ? 1e-4 : 5e-5);
                double deviation = std::fabs(-d - r_.forces[3 * i + a]);
                if (!(deviation <= worst[k])) worst[k] = deviation;
            }
    EXPECT_LE(worst[1], tolerance);
    EXPECT_LE(worst[1], std::max(0.5 * worst[0], 1e-8 * scale_)) << "halving the step must help until rounding";
}

TEST_P(PotentialProperties, VirialIsTheStrainDerivative)
{
    const double tolerance = 1e-6 * scale_;
    const int order[6][2] = {{0, 0}, {1, 1}, {2, 2}, {0, 1}, {0, 2}, {1, 2}};
    for (int k = 0; k < 6; k++)
        for (int transposed = 0; transposed < 2; transposed++) {
            int a = order[k][transposed], b = order[k][1 - transposed];
            double d = difference([&](double h) { return energy(strained(s_, a, b, h)); }, 1e-5);
            EXPECT_LE(std::fabs(-d - r_.virial[size_t(k)]), tolerance) << a << b;
        }
}

TEST_P(PotentialProperties, RotationAndReflection)
{
    for (bool mirrored : {false, true}) {
        auto R = rotation(mirrored);
        Result t = potential_->evaluate(transformed(s_, R));
        EXPECT_LE(std::fabs(t.energy - r_.energy), 1e-10 * scale_);
        for (size_t i = 0; i < s_.species.size(); i++)
            for (size_t a = 0; a < 3; a++) {
                double f = 0;
                for (size_t b = 0; b < 3; b++) f += R[a][b] * r_.forces[3 * i + b];
                EXPECT_LE(std::fabs(t.forces[3 * i + a] - f), 1e-10 * scale_);
            }
    }
}

TEST_P(PotentialProperties, TranslationAndWrapping)
{
    Structure t = s_;
    for (size_t i = 0; i < t.positions.size(); i++)
        for (size_t a = 0; a < 3; a++) t.positions[i][a] += 0.37 * double(a + 1) + s_.cell[i % 3][a] * (i % 2 ? 1 : -2);
    Result r = potential_->evaluate(t);
    EXPECT_LE(std::fabs(r.energy - r_.energy), 1e-10 * scale_);
    for (size_t k = 0; k < r.forces.size(); k++) EXPECT_LE(std::fabs(r.forces[k] - r_.forces[k]), 1e-10 * scale_);
    for (size_t k = 0; k < 6; k++) EXPECT_LE(std::fabs(r.virial[k] - r_.virial[k]), 1e-9 * scale_);
}

TEST_P(PotentialProperties, Permutation)
{
    Structure t = s_;
    size_t n = t.species.size();
    for (size_t i = 0; i < n; i++) {
        t.species[i] = s_.species[(i + 2) % n];
        t.positions[i] = s_.positions[(i + 2) % n];
    }
    Result r = potential_->evaluate(t);
    EXPECT_LE(std::fabs(r.energy - r_.energy), 1e-11 * scale_);
    for (size_t i = 0; i < n; i++) {
        EXPECT_LE(std::fabs(r.energies[i] - r_.energies[(i + 2) % n]), 1e-11 * scale_);
        for (size_t a = 0; a < 3; a++)
            EXPECT_LE(std::fabs(r.forces[3 * i + a] - r_.forces[3 * ((i + 2) % n) + a]), 1e-11 * scale_);
    }
}

TEST_P(PotentialProperties, Supercell)
{
    Structure t;
    t.pbc = s_.pbc;
    const int repeat[3] = {2, 1, 3};
    for (size_t a = 0; a < 3; a++)
        for (size_t b = 0; b < 3; b++) t.cell[a][b] = s_.cell[a][b] * repeat[a];
    for (int u = 0; u < repeat[0]; u++)
        for (int w = 0; w < repeat[2]; w++)
            for (size_t i = 0; i < s_.species.size(); i++) {
                Vector x = s_.positions[i];
                for (size_t a = 0; a < 3; a++) x[a] += u * s_.cell[0][a] + w * s_.cell[2][a];
                t.positions.push_back(x);
                t.species.push_back(s_.species[i]);
            }
    Result r = potential_->evaluate(t);
    EXPECT_LE(std::fabs(r.energy - 6 * r_.energy), 6e-10 * scale_);
    for (size_t k = 0; k < r.forces.size(); k++)
        EXPECT_LE(std::fabs(r.forces[k] - r_.forces[k % r_.forces.size()]), 1e-10 * scale_);
    for (size_t k = 0; k < 6; k++) EXPECT_LE(std::fabs(r.virial[k] - 6 * r_.virial[k]), 6e-10 * scale_);
}

/* One atom in a cell far smaller than the cutoff: its neighbors are itself. */
TEST_P(PotentialProperties, SelfImages)
{
    Structure s = s_;
    s.species = {6};
    s.positions = {{0.3, -0.2, 0.1}};
    for (auto &c : s.cell)
        for (auto &x : c) x *= 0.45;
    Result r = potential_->evaluate(s);
    for (double f : r.forces) EXPECT_LE(std::fabs(f), 1e-9 * scale_);
    double d = difference([&](double h) { return energy(strained(s, 0, 1, h)); }, 1e-5);
    EXPECT_LE(std::fabs(-d - r.virial[3]), 1e-6 * std::max(scale_, std::fabs(r.virial[3])));
    EXPECT_GE(std::fabs(r.virial[0]) + std::fabs(r.virial[3]), 1e-13) << "self-images must contribute to the virial";
}

TEST_P(PotentialProperties, NetForceIsZero)
{
    for (size_t a = 0; a < 3; a++) {
        double sum = 0;
        for (size_t i = 0; i < s_.species.size(); i++) sum += r_.forces[3 * i + a];
        EXPECT_LE(std::fabs(sum), 1e-12 * scale_ * double(s_.species.size()));
    }
    double sum = 0;
    for (double e : r_.energies) sum += e;
    EXPECT_LE(std::fabs(sum - r_.energy), 1e-12 * scale_);
}

/* All nine components before the average of the two triangles, through the environments interface. */
TEST_P(PotentialProperties, VirialIsSymmetric)
{
    neighbor_list list{};
    structure view = s_.view();
    neighbor_centers centers{};
    ASSERT_EQ(neighbor_list_build(&list, &view, potential_->get()->r_cut, &centers, nullptr), MLSOAP_SUCCESS);
    int n_pairs = list.first[list.n_centers];
    std::vector<double> energies(list.n_centers), f(3 * size_t(n_pairs));
    mlsoap_environments e{
        sizeof e, int(list.n_centers), list.center_species, list.first, list.species, list.dx, list.dy, list.dz};
    ASSERT_EQ(mlsoap_evaluate_environments(potential_->get(), potential_->workspace(), &e, energies.data(), f.data(),
                                           nullptr),
              MLSOAP_SUCCESS);
    double W[3][3] = {};
    for (size_t j = 0; j < size_t(n_pairs); j++) {
        double r[3] = {list.dx[j], list.dy[j], list.dz[j]};
        for (size_t a = 0; a < 3; a++)
            for (size_t b = 0; b < 3; b++) W[a][b] -= r[a] * f[3 * j + b];
    }
    neighbor_list_release(&list);
    const size_t order[6][2] = {{0, 0}, {1, 1}, {2, 2}, {0, 1}, {0, 2}, {1, 2}};
    double largest = 1;
    for (double w : r_.virial) largest = std::max(largest, std::fabs(w));
    for (size_t k = 0; k < 6; k++) {
        size_t a = order[k][0], b = order[k][1];
        EXPECT_LE(std::fabs(W[a][b] - W[b][a]), 1e-12 * largest);
        EXPECT_LE(std::fabs(0.5 * (W[a][b] + W[b][a]) - r_.virial[k]), 1e-12 * largest);
    }
    for (size_t i = 0; i < energies.size(); i++) EXPECT_LE(std::fabs(energies[i] - r_.energies[i]), 1e-13 * scale_);
}

/* An atom walks through the cutoff of another: energy and forces differ by O(d) across it. Where the features of an
 * isolated atom are all 0, no normalized model is smooth about it: then the atom has a companion. */
TEST_P(PotentialProperties, SmoothAtTheCutoff)
{
    const DescriptorVariant &variant = descriptor_variants()[std::get<0>(GetParam())];
    if (!variant.smooth) GTEST_SKIP() << "not made for MD";
    double r_cut = potential_->get()->r_cut;
    bool companion = !variant.central_atom;
    Structure s;
    s.species = {8, 6, 1};
    if (companion) s.species.push_back(8);
    auto at = [&](double d) {
        s.positions = {{0.1, 0.2, 0.3}, {0.1, 0.2, 1.6}, {0.1 + (r_cut + d), 0.2, 0.3}};
        if (companion) s.positions.push_back({1.2 + (r_cut + d), 0.2, 0.3});
        return potential_->evaluate(s);
    };
    for (double d : {1e-3, 1e-4, 1e-5, 1e-6, 1e-7}) {
        Result in = at(-d), out = at(d);
        EXPECT_LE(std::fabs(in.energy - out.energy), 10 * d * scale_) << d;
        for (size_t k = 0; k < in.forces.size(); k++)
            EXPECT_LE(std::fabs(in.forces[k] - out.forces[k]), 10 * d * scale_) << d;
        if (d == 1e-7) {
            EXPECT_LE(std::fabs(in.energy - out.energy), 1e-9);
        }
    }
}

TEST_P(PotentialProperties, IsolatedAtomHasItsOffset)
{
    const int species[3] = {1, 6, 8};
    for (int i = 0; i < 3; i++) {
        Structure s;
        s.species = {species[i]};
        s.positions = {{1.5, -2.0, 3.0}};
        Result r = potential_->evaluate(s);
        EXPECT_EQ(r.energy, -1.5 * (i + 1)) << "exactly";
        for (double f : r.forces) EXPECT_EQ(f, 0);
    }
    Structure far; // and two of them out of each other's reach
    far.species = {1, 8};
    far.positions = {{0, 0, 0}, {0, 0, 30}};
    EXPECT_EQ(potential_->evaluate(far).energy, -1.5 - 4.5);
}

TEST_P(PotentialProperties, NotANumberFails)
{
    for (double bad : {double(NAN), std::numeric_limits<double>::infinity()}) {
        Structure s = s_;
        s.positions[2][1] = bad;
        Result r;
        mlsoap_error error{};
        EXPECT_EQ(potential_->try_evaluate(s, r, error), MLSOAP_ERROR_VALUE);
        s = s_;
        s.cell[1][2] = bad;
        EXPECT_EQ(potential_->try_evaluate(s, r, error), MLSOAP_ERROR_VALUE);
        const int center = 6, first[2] = {0, 2}, neighbors[2] = {8, 1};
        const double x[2] = {1.2, bad}, y[2] = {0.1, 0.2}, z[2] = {0.3, 1.4};
        mlsoap_environments e{sizeof e, 1, &center, first, neighbors, x, y, z};
        double energy, f[6];
        EXPECT_EQ(mlsoap_evaluate_environments(potential_->get(), potential_->workspace(), &e, &energy, f, &error),
                  MLSOAP_ERROR_NUMERICS)
            << bad;
        EXPECT_NE(std::string(error.message).find("center 0 (C)"), std::string::npos) << error.message;
    }
}

std::string name_of(const testing::TestParamInfo<std::tuple<size_t, size_t>> &info)
{
    return descriptor_variants()[std::get<0>(info.param)].name + "_" + model_variants()[std::get<1>(info.param)].name;
}

INSTANTIATE_TEST_SUITE_P(All, PotentialProperties,
                         testing::Combine(testing::Range(size_t(0), descriptor_variants().size()),
                                          testing::Range(size_t(0), model_variants().size())),
                         name_of);

/* ------------------------------------------------------------------------------- centers that are points in space */

class PointCenters : public testing::TestWithParam<const char *>
{
};

/* Clusters, so that the midpoint is well defined. */
TEST_P(PointCenters, ForcesAndVirialAreDerivatives)
{
    Structure s = small_cell();
    s.pbc = {0, 0, 0};
    s.cell = {};
    std::string settings = R"({"species":["H","C","O"],"r_cut":5.0,"n_max":4,"l_max":3,"sigma":0.5,"centers":)" +
                           std::string(GetParam()) + "}";
    auto potential =
        make_potential({settings}, R"({"type":"sparse_gp","zeta":2,"constant":0.3})", {s}, default_parameters(1, 3));
    EXPECT_EQ(mlsoap_potential_drives_md(potential->get()), 0);
    Result r = potential->evaluate(s);
    double largest = 0, sum = 0;
    for (size_t i = 0; i < s.species.size(); i++) {
        sum += r.energies[i];
        for (size_t a = 0; a < 3; a++) {
            double d = difference(
                [&](double h) {
                    Structure t = s;
                    t.positions[i][a] += h;
                    return potential->evaluate(t).energy;
                },
                1e-4);
            EXPECT_LE(std::fabs(-d - r.forces[3 * i + a]), 1e-6) << i << a;
            largest = std::max(largest, std::fabs(r.forces[3 * i + a]));
        }
    }
    EXPECT_GE(largest, 1e-2) << "the test must test something";
    EXPECT_LE(std::fabs(sum - r.energy), 1e-12);
    const int order[6][2] = {{0, 0}, {1, 1}, {2, 2}, {0, 1}, {0, 2}, {1, 2}};
    for (int k = 0; k < 6; k++) { // the symmetric part: a fixed point gives an energy that rotation changes
        double ab = difference(
            [&](double h) { return potential->evaluate(strained(s, order[k][0], order[k][1], h)).energy; }, 1e-5);
        double ba = difference(
            [&](double h) { return potential->evaluate(strained(s, order[k][1], order[k][0], h)).energy; }, 1e-5);
        EXPECT_LE(std::fabs(-0.5 * (ab + ba) - r.virial[size_t(k)]), 1e-6) << k;
    }
}

TEST_P(PointCenters, HaveNoEnvironmentsOfAtoms)
{
    Structure s = small_cell();
    s.pbc = {0, 0, 0};
    std::string settings = R"({"species":["H","C","O"],"r_cut":5.0,"n_max":2,"l_max":1,"sigma":0.5,"centers":)" +
                           std::string(GetParam()) + "}";
    auto potential = make_potential({settings}, R"({"type":"linear"})", {s}, default_parameters(1, 1));
    const int center = 6, first[2] = {0, 0};
    mlsoap_environments e{sizeof e, 1, &center, first, nullptr, nullptr, nullptr, nullptr};
    double energy;
    EXPECT_EQ(mlsoap_evaluate_environments(potential->get(), potential->workspace(), &e, &energy, nullptr, nullptr),
              MLSOAP_ERROR_UNSUPPORTED);
}

INSTANTIATE_TEST_SUITE_P(All, PointCenters, testing::Values("\"midpoint\"", "[[2.0,2.1,1.8],[0.5,3.0,2.5]]"));

} // namespace
