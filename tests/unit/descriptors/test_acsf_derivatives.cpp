// SPDX-License-Identifier: BSD-3-Clause
// Derivatives of the symmetry functions: the tests of support/derivative_tests.hpp, each type with each cutoff, and
// atoms in line.
#include "support/acsf_oracle.hpp"
#include "support/derivative_tests.hpp"

using namespace testing_support;

INSTANTIATE_TEST_SUITE_P(Acsf, DescriptorDerivatives, testing::ValuesIn(acsf_variants()), name_of_variant);

namespace
{

class AcsfCutoffs : public testing::TestWithParam<std::tuple<int, double>>
{
};

// Central differences of every function, at steps h and h/2. The second derivative of most functions jumps at their
// cutoff: a triple within h of it has an error of order h^2 times that jump, which does not fall.
TEST_P(AcsfCutoffs, EveryTypeAgainstDifferences)
{
    auto d = make_descriptor(acsf_runner(acsf_lines(), std::get<0>(GetParam()), std::get<1>(GetParam()), ""));
    Described described(d, small_cell());
    Engine engine(d);
    for (size_t i = 0; i < 4; i++) { // H O H C
        auto jacobian = described.jacobian(i);
        Environment e(described.list, i);
        std::vector<double> scale(d->n_features), worst[2];
        for (auto &w : worst) w.assign(d->n_features, 0);
        for (size_t row = 0; row < 3 * e.species.size(); row++)
            for (size_t f = 0; f < d->n_features; f++)
                scale[f] = std::max(scale[f], std::fabs(jacobian[row * d->stride + f]));
        for (size_t row = 0; row < 3 * e.species.size(); row += 2)
            for (int k = 0; k < 2; k++) {
                double h = k ? 5e-5 : 1e-4, &x = e.coordinate(row / 3, row % 3), x0 = x;
                x = x0 + h;
                auto plus = engine.values(e);
                x = x0 - h;
                auto minus = engine.values(e);
                x = x0;
                for (size_t f = 0; f < d->n_features; f++) {
                    double error = std::fabs((plus[f] - minus[f]) / (2 * h) - jacobian[row * d->stride + f]);
                    if (!(error <= worst[k][f])) worst[k][f] = error;
                }
            }
        for (size_t f = 0; f < d->n_features; f++) {
            EXPECT_LE(worst[0][f], 1e-5 * scale[f] + 1e-11) << "atom " << i << " feature " << f;
            EXPECT_LE(worst[1][f], worst[0][f] / 3 + 1e-8 * scale[f] + 1e-11) << "atom " << i << " feature " << f;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(All, AcsfCutoffs, testing::Combine(testing::Range(1, 9), testing::Values(0.0, 0.3)),
                         [](const auto &variant) {
                             return "type" + std::to_string(std::get<0>(variant.param)) +
                                    (std::get<1>(variant.param) > 0 ? "_alpha" : "");
                         });

/* An O with two H at these positions. */
Environment two_neighbors(const Vector &u, const Vector &v)
{
    Structure s;
    s.species = {8, 1, 1};
    s.positions = {{0, 0, 0}, u, v};
    structure view = s.view();
    neighbor_list list{};
    if (neighbor_list_build(&list, &view, 5, nullptr, nullptr)) throw std::bad_alloc();
    Environment e(list, 0);
    neighbor_list_release(&list);
    return e;
}

// Angle 0 and 180 degrees, exactly and nearly: values of the definition, derivatives that are finite and right.
TEST(AcsfInLine, AnglesZeroAndPi)
{
    const std::vector<std::string> lines = {"3 H H 0.1 1 1 5",     "3 H H 0.1 -1 1 5", "3 H H 0.1 1 2 5",
                                            "3 H H 0.1 -1 2.5 5",  "9 H H 0.1 1 16 5", "21 H H 0 5 10 170 p2",
                                            "22 H H 0 5 20 180 p3"};
    auto d = make_descriptor(acsf_runner(lines, 1, 0));
    Engine engine(d);
    for (double second : {2.3, -1.7})
        for (double off : {0.0, 1e-9, 1e-4}) {
            Environment e = two_neighbors({0.3, 0.4, 1.2}, {0.3 * second + off, 0.4 * second, 1.2 * second - off});
            double cosine = second > 0 ? 1 : -1;
            auto G = engine.values(e);
            for (double x : G) EXPECT_TRUE(std::isfinite(x));
            if (off == 0) {
                double a = 1.3, b = 1.3 * std::fabs(second), c = std::fabs(a - cosine * b);
                auto cut = [](double r) { return r < 5 ? 0.5 * (std::cos(M_PI * r / 5) + 1) : 0; };
                double W = std::exp(-0.1 * (a * a + b * b + c * c)) * cut(a) * cut(b) * cut(c);
                for (size_t f = 0; f < 2; f++) { // sorted: lambda -1, then 1
                    double expected = W * (1 + (f ? 1 : -1) * cosine);
                    EXPECT_NEAR(G[f], expected, 1e-15) << cosine;
                }
                EXPECT_EQ(G[5], 0);
            }
            auto block = e.block();
            std::shared_ptr<double> jacobian(MEMORY_NEW(double, 6 * d->stride), memory_free);
            d->class_->jacobian(d.get(), engine.workspace(), &block, 0, jacobian.get(), d->stride);
            for (size_t row = 0; row < 6; row++)
                for (size_t f = 0; f < d->n_features; f++) {
                    double found = jacobian.get()[row * d->stride + f], h = 1e-5, &x = e.coordinate(row / 3, row % 3);
                    ASSERT_TRUE(std::isfinite(found)) << off << " " << f;
                    double x0 = x;
                    x = x0 + h;
                    double plus = engine.values(e)[f];
                    x = x0 - h;
                    double minus = engine.values(e)[f];
                    x = x0;
                    engine.values(e);
                    EXPECT_NEAR(found, (plus - minus) / (2 * h), 2e-5) << off << " " << f;
                }
        }
}

TEST(AcsfInLine, CoincidingAtomsGiveNaN)
{
    auto d = make_descriptor(acsf_runner({"2 H 0.5 0 5"}, 1, 0));
    Engine engine(d);
    Environment e = two_neighbors({0, 0, 1}, {0, 1, 0});
    e.dz[e.dz[0] > 0.5 ? 0 : 1] = 0;
    EXPECT_TRUE(std::isnan(engine.values(e)[0]));
}

} // namespace
