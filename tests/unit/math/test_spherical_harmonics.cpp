// SPDX-License-Identifier: BSD-3-Clause
// Real harmonics: closed forms, orthonormality on the sphere, addition theorem, gradients.
#include <gtest/gtest.h>

#include <math.h>
#include <vector>

extern "C" {
#include "math/quadrature.h"
#include "math/spherical_harmonics.h"
}

namespace
{
const int l_max = SPHERICAL_HARMONICS_L_MAX, n_lm = (l_max + 1) * (l_max + 1);
const double points[][3] = {{0.3, -0.5, 0.8},  {1, 0, 0},    {0, 0, 1},       {0, 0, -1},
                            {-0.7, 0.7, 1e-9}, {1e-9, 0, 1}, {0.1, 0.9, -0.2}};
} // namespace

TEST(spherical_harmonics, closed_forms_of_low_order)
{
    for (const auto &p : points) {
        double R[9], x = p[0], y = p[1], z = p[2], s = sqrt(1 / (4 * M_PI));
        solid_harmonics(2, p, R, nullptr);
        EXPECT_NEAR(R[0], s, 1e-15);
        EXPECT_NEAR(R[1], s * sqrt(3.0) * y, 1e-15);
        EXPECT_NEAR(R[2], s * sqrt(3.0) * z, 1e-15);
        EXPECT_NEAR(R[3], s * sqrt(3.0) * x, 1e-15);
        EXPECT_NEAR(R[4], s * sqrt(15.0) * x * y, 1e-15);
        EXPECT_NEAR(R[5], s * sqrt(15.0) * y * z, 1e-15);
        EXPECT_NEAR(R[6], s * sqrt(5.0) / 2 * (2 * z * z - x * x - y * y), 1e-15);
        EXPECT_NEAR(R[7], s * sqrt(15.0) * x * z, 1e-15);
        EXPECT_NEAR(R[8], s * sqrt(15.0) / 2 * (x * x - y * y), 1e-15);
    }
}

TEST(spherical_harmonics, are_orthonormal)
{
    // Gauss-Legendre in z times equispaced angles is exact for products of two harmonics of order 20
    const int n_z = 21, n_phi = 42;
    quad nodes[n_z], weights[n_z];
    gauss_legendre(n_z, nodes, weights);
    std::vector<double> overlap(n_lm * n_lm), Y(n_lm);
    for (int i = 0; i < n_z; ++i) {
        for (int k = 0; k < n_phi; ++k) {
            double z = (double)nodes[i], rho = sqrt(1 - z * z), phi = 2 * M_PI * (k + 0.3) / n_phi;
            double u[3] = {rho * cos(phi), rho * sin(phi), z}, w = (double)weights[i] * 2 * M_PI / n_phi;
            spherical_harmonics(l_max, u, Y.data());
            for (int a = 0; a < n_lm; ++a)
                for (int b = 0; b <= a; ++b) overlap[a * n_lm + b] += w * Y[a] * Y[b];
        }
    }
    for (int a = 0; a < n_lm; ++a)
        for (int b = 0; b <= a; ++b) ASSERT_NEAR(overlap[a * n_lm + b], a == b, 1e-13) << a << " " << b;
}

TEST(spherical_harmonics, addition_theorem)
{
    for (const auto &p : points) {
        double norm = sqrt(p[0] * p[0] + p[1] * p[1] + p[2] * p[2]), u[3] = {p[0] / norm, p[1] / norm, p[2] / norm};
        double Y[n_lm];
        spherical_harmonics(l_max, u, Y);
        for (int l = 0; l <= l_max; ++l) {
            double sum = 0;
            for (int m = -l; m <= l; ++m) sum += Y[l * l + l + m] * Y[l * l + l + m];
            EXPECT_NEAR(sum * 4 * M_PI / (2 * l + 1), 1, 1e-13) << l;
        }
    }
}

TEST(solid_harmonics, are_homogeneous)
{
    double R[n_lm], R2[n_lm], p[3] = {0.3, -0.5, 0.8}, p2[3] = {0.6, -1.0, 1.6};
    solid_harmonics(l_max, p, R, nullptr);
    solid_harmonics(l_max, p2, R2, nullptr);
    for (int l = 0; l <= l_max; ++l)
        for (int m = -l; m <= l; ++m) EXPECT_NEAR(R2[l * l + l + m], ldexp(R[l * l + l + m], l), 1e-13 * ldexp(1, l));
}

TEST(solid_harmonics, gradient_matches_differences)
{
    std::vector<double> R(n_lm), plus(n_lm), minus(n_lm), dR(3 * n_lm);
    for (const auto &p : points) {
        solid_harmonics(l_max, p, R.data(), dR.data());
        for (int axis = 0; axis < 3; ++axis) {
            double error[2];
            for (int level = 0; level < 2; ++level) {
                double h = level ? 5e-5 : 1e-4, a[3] = {p[0], p[1], p[2]}, b[3] = {p[0], p[1], p[2]};
                a[axis] += h;
                b[axis] -= h;
                solid_harmonics(l_max, a, plus.data(), nullptr);
                solid_harmonics(l_max, b, minus.data(), nullptr);
                error[level] = 0;
                for (int i = 0; i < n_lm; ++i) {
                    double deviation = fabs((plus[i] - minus[i]) / (2 * h) - dR[3 * i + axis]);
                    if (!(deviation <= error[level])) error[level] = deviation;
                }
            }
            EXPECT_LE(error[1], 2e-5);
            EXPECT_LE(error[1], 0.27 * error[0] + 1e-9);
        }
    }
}

TEST(solid_harmonics, gradient_at_the_origin)
{
    double R[n_lm], dR[3 * n_lm], zero[3] = {0, 0, 0}, s = sqrt(3 / (4 * M_PI));
    solid_harmonics(l_max, zero, R, dR);
    EXPECT_NEAR(R[0], sqrt(1 / (4 * M_PI)), 1e-16);
    for (int i = 1; i < n_lm; ++i) EXPECT_EQ(R[i], 0.0);
    for (int i = 0; i < n_lm; ++i)
        for (int axis = 0; axis < 3; ++axis)
            EXPECT_NEAR(dR[3 * i + axis], i >= 1 && i <= 3 && axis == i % 3 ? s : 0.0, 1e-15) << i;
}
