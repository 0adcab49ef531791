// SPDX-License-Identifier: BSD-3-Clause
// Tests of the operations of a descriptor, for any variant: adjoint, tangent and Jacobian against central differences
// and against each other, the cutoff, positions that are not finite, no neighbors, the order of neighbors. A test file
// includes this and instantiates DescriptorDerivatives with its variants (species H, C, O).
#ifndef MLSOAP_TEST_DERIVATIVE_TESTS_HPP
#define MLSOAP_TEST_DERIVATIVE_TESTS_HPP

#include <gtest/gtest.h>

#include <algorithm>

#include "support/environment.hpp"

namespace testing_support
{

inline double largest(const std::vector<double> &v)
{
    double m = 0;
    for (double x : v) m = std::max(m, std::fabs(x));
    return m;
}

class DescriptorDerivatives : public testing::TestWithParam<DescriptorVariant>
{
};

// Error of central differences falls fourfold from h to h/2 while above rounding; at h = 1e-4 it is h^2/6 of the third
// derivative, some 1e-7 of the value here (lengths of 0.4 Angstrom); a wrong derivative is wrong in the first digit.
TEST_P(DescriptorDerivatives, JacobianAgainstDifferences)
{
    auto d = make_descriptor(GetParam().settings);
    Described described(d, small_cell());
    Engine engine(d);
    size_t i = 3;
    auto jacobian = described.jacobian(i);
    Environment e(described.list, i);
    double scale = largest(jacobian);
    ASSERT_GT(scale, 0);
    double worst[2] = {0, 0};
    for (size_t pair = 0; pair < e.species.size(); pair += 3)
        for (size_t axis = 0; axis < 3; axis++)
            for (int k = 0; k < 2; k++) {
                double h = k ? 1e-3 : 2e-3, &x = e.coordinate(pair, axis), x0 = x;
                x = x0 + h;
                auto plus = engine.values(e);
                x = x0 - h;
                auto minus = engine.values(e);
                x = x0;
                for (size_t f = 0; f < d->n_features; f++) {
                    double error =
                        std::fabs((plus[f] - minus[f]) / (2 * h) - jacobian[(3 * pair + axis) * d->stride + f]);
                    if (error > worst[k] || std::isnan(error)) worst[k] = error; // NaN stays
                }
            }
    EXPECT_LE(worst[0], 5e-4 * scale);
    EXPECT_LE(worst[1], worst[0] / 3.5 + 1e-9 * scale);
}

// Adjoint = g^T J and tangent = J v to rounding.
TEST_P(DescriptorDerivatives, AdjointAndTangentAgreeWithJacobian)
{
    auto d = make_descriptor(GetParam().settings);
    Described described(d, small_cell());
    std::mt19937 generator(5);
    std::normal_distribution<double> normal;
    for (size_t i = 0; i < described.list.n_centers; i++) {
        auto jacobian = described.jacobian(i);
        size_t n = jacobian.size() / d->stride;
        std::vector<double> g(d->n_features), v(n);
        for (double &x : g) x = normal(generator);
        for (double &x : v) x = normal(generator);
        auto f = described.adjoint(i, g);
        auto t = described.tangent(i, v);
        double scale = largest(jacobian);
        std::vector<double> gJ(n), Jv(d->n_features);
        for (size_t p = 0; p < n; p++)
            for (size_t k = 0; k < d->n_features; k++) {
                gJ[p] += g[k] * jacobian[p * d->stride + k];
                Jv[k] += v[p] * jacobian[p * d->stride + k];
            }
        for (size_t p = 0; p < n; p++) EXPECT_LE(std::fabs(f[p] - gJ[p]), 1e-12 * scale * double(d->n_features));
        for (size_t k = 0; k < d->n_features; k++) EXPECT_LE(std::fabs(t[k] - Jv[k]), 1e-12 * scale * double(n));
    }
}

TEST_P(DescriptorDerivatives, NeighborsAtTheCutoffContributeNothing)
{
    auto d = make_descriptor(GetParam().settings);
    Described described(d, small_cell());
    Engine engine(d);
    Environment e(described.list, 0);
    auto before = engine.values(e);
    double scale = largest(before);
    if (!GetParam().smooth) return; // ends with a jump: not made for MD (spec soap.md 5)
    for (double distance : {d->r_cut * (1 - 1e-7), d->r_cut, d->r_cut * (1 + 1e-7), d->r_cut + 3}) {
        Environment more = e;
        more.species.push_back(8);
        more.dx.push_back(0);
        more.dy.push_back(0);
        more.dz.push_back(distance); // on the z axis, too
        more.first[1]++;
        auto after = engine.values(more);
        for (size_t f = 0; f < d->n_features; f++)
            EXPECT_LE(std::fabs(after[f] - before[f]), 1e-10 * scale) << distance;
    }
}

TEST_P(DescriptorDerivatives, CoincidingAtomsGiveNaN)
{
    auto d = make_descriptor(GetParam().settings);
    Described described(d, small_cell());
    Engine engine(d);
    Environment e(described.list, 0);
    e.dx[1] = e.dy[1] = e.dz[1] = 0;
    auto values = engine.values(e);
    EXPECT_TRUE(std::all_of(values.begin(), values.end(), [](double x) { return std::isnan(x); }));
}

TEST_P(DescriptorDerivatives, NotFinitePositionsGiveNaN)
{
    auto d = make_descriptor(GetParam().settings);
    Described described(d, small_cell());
    Engine engine(d);
    for (double bad : {double(NAN), double(INFINITY)}) {
        Environment e(described.list, 0);
        e.dy[1] = bad;
        auto values = engine.values(e);
        EXPECT_TRUE(std::all_of(values.begin(), values.end(), [](double x) { return std::isnan(x); }));
    }
}

TEST_P(DescriptorDerivatives, AloneAndOrderOfNeighbors)
{
    auto d = make_descriptor(GetParam().settings);
    Described described(d, small_cell());
    Engine engine(d);
    Environment e(described.list, 2), alone = e;
    alone.species.clear();
    alone.first[1] = 0;
    for (double x : engine.values(alone)) EXPECT_TRUE(std::isfinite(x));
    auto before = engine.values(e);
    std::reverse(e.species.begin(), e.species.end());
    for (auto *x : {&e.dx, &e.dy, &e.dz}) std::reverse(x->begin(), x->end());
    auto after = engine.values(e);
    for (size_t f = 0; f < d->n_features; f++) EXPECT_LE(std::fabs(after[f] - before[f]), 1e-13 * largest(before));
}

inline std::string name_of_variant(const testing::TestParamInfo<DescriptorVariant> &variant)
{
    return variant.param.name;
}

} // namespace testing_support

#endif
