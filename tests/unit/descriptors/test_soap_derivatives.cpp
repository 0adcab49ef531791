// SPDX-License-Identifier: BSD-3-Clause
// Adjoint, tangent and Jacobian of every variant of SOAP: against central differences and against each other.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "support/structures.hpp"

using namespace testing_support;

namespace
{

/* One center with its neighbors, whose vectors the test may move. */
struct Environment {
    int center;
    std::vector<int> species, first;
    std::vector<double> dx, dy, dz;

    Environment(const neighbor_list &list, size_t i)
        : center(list.center_species[i]),
          species(list.species + list.first[i], list.species + list.first[i + 1]), first{0, list.first[i + 1] -
                                                                                                list.first[i]},
          dx(list.dx + list.first[i], list.dx + list.first[i + 1]),
          dy(list.dy + list.first[i], list.dy + list.first[i + 1]),
          dz(list.dz + list.first[i], list.dz + list.first[i + 1])
    {
    }
    double &coordinate(size_t pair, size_t axis) { return (axis == 0 ? dx : axis == 1 ? dy : dz)[pair]; }
    mlsoap_environments block() const
    {
        return {sizeof(mlsoap_environments), 1, &center, first.data(), species.data(), dx.data(), dy.data(), dz.data()};
    }
};

class Engine
{
  public:
    explicit Engine(std::shared_ptr<descriptor> d) : d_(std::move(d))
    {
        if (d_->class_->workspace_new(d_.get(), &w_, nullptr)) throw std::bad_alloc();
        D_.reset(MEMORY_NEW(double, d_->stride), memory_free);
    }
    Engine(const Engine &) = delete;
    Engine &operator=(const Engine &) = delete;
    ~Engine() { d_->class_->workspace_free(w_); }
    std::vector<double> values(const Environment &e)
    {
        auto block = e.block();
        if (d_->class_->workspace_reserve(d_.get(), w_, e.species.size(), nullptr)) throw std::bad_alloc();
        d_->class_->values(d_.get(), w_, &block, D_.get(), d_->stride);
        return {D_.get(), D_.get() + d_->n_features};
    }

  private:
    std::shared_ptr<descriptor> d_;
    descriptor_workspace *w_ = nullptr;
    std::shared_ptr<double> D_;
};

double largest(const std::vector<double> &v)
{
    double m = 0;
    for (double x : v) m = std::max(m, std::fabs(x));
    return m;
}

class SoapDerivatives : public testing::TestWithParam<SoapVariant>
{
};

// Error of central differences falls fourfold from h to h/2 while above rounding; at h = 1e-4 it is h^2/6 of the third
// derivative, some 1e-7 of the value here (lengths of 0.4 Angstrom); a wrong derivative is wrong in the first digit.
TEST_P(SoapDerivatives, JacobianAgainstDifferences)
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
TEST_P(SoapDerivatives, AdjointAndTangentAgreeWithJacobian)
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

TEST_P(SoapDerivatives, NeighborsAtTheCutoffContributeNothing)
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

TEST_P(SoapDerivatives, NotFinitePositionsGiveNaN)
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

TEST_P(SoapDerivatives, AloneAndOrderOfNeighbors)
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

INSTANTIATE_TEST_SUITE_P(Variants, SoapDerivatives, testing::ValuesIn(soap_variants()),
                         [](const auto &variant) { return std::string(variant.param.name); });

} // namespace
