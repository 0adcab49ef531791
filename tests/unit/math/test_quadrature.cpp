// SPDX-License-Identifier: BSD-3-Clause
// Gauss-Legendre rules: exact for every monomial up to degree 2n - 1, not beyond.
#include <gtest/gtest.h>

#include <math.h>
#include <vector>

extern "C" {
#include "math/quadrature.h"
}

class gauss_legendre_rule : public testing::TestWithParam<int>
{
  protected:
    void SetUp() override { gauss_legendre(GetParam(), nodes.data(), weights.data()); }

    double monomial_error(int degree) const
    {
        quad sum = 0, exact = degree % 2 ? (quad)0 : (quad)2 / (degree + 1);
        for (size_t i = 0; i < nodes.size(); ++i) sum += weights[i] * quad_power(nodes[i], degree);
        return (double)quad_abs(sum - exact);
    }

    std::vector<quad> nodes = std::vector<quad>(GetParam()), weights = std::vector<quad>(GetParam());
};

TEST_P(gauss_legendre_rule, integrates_monomials)
{
    const int n = GetParam();
    for (int degree = 0; degree <= 2 * n - 1; ++degree) EXPECT_LE(monomial_error(degree), 1e-31) << "degree " << degree;
    EXPECT_GE(monomial_error(2 * n), n < 20 ? 1e-12 : 0.0); // small for long rules
}

TEST_P(gauss_legendre_rule, is_symmetric_and_ascending)
{
    const size_t n = nodes.size();
    for (size_t i = 0; i < n; ++i) {
        EXPECT_TRUE(nodes[i] == -nodes[n - 1 - i]);
        EXPECT_TRUE(weights[i] == weights[n - 1 - i]);
        EXPECT_TRUE(weights[i] > 0);
        EXPECT_TRUE(i == 0 || nodes[i - 1] < nodes[i]);
    }
}

INSTANTIATE_TEST_SUITE_P(sizes, gauss_legendre_rule, testing::Values(1, 2, 3, 5, 14, 33, 100));

TEST(gauss_legendre, two_points)
{
    quad nodes[2], weights[2];
    gauss_legendre(2, nodes, weights);
    EXPECT_LE((double)quad_abs(nodes[1] - 1 / quad_sqrt(3)), 1e-33);
    EXPECT_LE((double)quad_abs(weights[0] - 1), 1e-33);
}
