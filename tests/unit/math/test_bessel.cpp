// SPDX-License-Identifier: BSD-3-Clause
// Scaled Bessel functions against their power series (all terms positive), the Gaussian shell against the expansion of
// a displaced Gaussian in Legendre polynomials and against central differences.
#include <gtest/gtest.h>

#include <math.h>
#include <vector>

extern "C" {
#include "math/bessel.h"
}

namespace
{
// e^-x sum_m (x^2/2)^m / (m! (2l+2m+1)!!)
quad series(int l, quad x)
{
    quad term = 1, sum;
    for (int i = 1; i <= l; ++i) term /= 2 * i + 1;
    sum = term;
    for (int m = 1; term > sum * (quad)1e-40; ++m) {
        term *= x * x / (2 * (quad)m * (2 * l + 2 * m + 1));
        sum += term;
    }
    return sum * quad_exp(-x);
}

const double arguments[] = {0,  1e-300, 1e-12, 1e-3, 0.1, 0.7, 1,     2.5, 5.5,    12,     30,
                            56, 57.1,   73,    99,   210, 253, 254.1, 400, 1234.5, 5000.25};
} // namespace

TEST(bessel, agrees_with_series)
{
    for (int l_max : {0, 1, 2, 8, 22}) {
        for (double x : arguments) {
            std::vector<double> j(l_max + 1);
            std::vector<quad> jq(l_max + 1);
            bessel_scaled(l_max, x, j.data());
            bessel_scaled_quad(l_max, x, jq.data());
            for (int l = 0; l <= l_max; ++l) {
                quad exact = series(l, x);
                EXPECT_LE((double)quad_abs(j[l] / exact - 1), 8e-15) << "l " << l << " of " << l_max << " x " << x;
                EXPECT_LE((double)quad_abs(jq[l] / exact - 1), 3e-32) << "l " << l << " of " << l_max << " x " << x;
            }
        }
    }
}

TEST(bessel, is_exact_at_zero_and_finite_far_out)
{
    double j[BESSEL_L_MAX + 1], double_factorial = 1;
    bessel_scaled(BESSEL_L_MAX, 0, j);
    for (int l = 0; l <= BESSEL_L_MAX; ++l) {
        double_factorial *= 2 * l + 1;
        EXPECT_DOUBLE_EQ(j[l] * double_factorial, 1.0);
    }
    for (double x : {1e6, 1e9, 1e12}) { // e^-x i_l -> 1/(2x)
        bessel_scaled(BESSEL_L_MAX, x, j);
        for (int l = 0; l <= BESSEL_L_MAX; ++l)
            EXPECT_NEAR(2 * x * j[l] * pow(x, l), 1, 1.01 * l * (l + 1) / (2 * x) + 1e-14);
    }
}

TEST(gaussian_shell, sums_to_the_displaced_gaussian)
{
    // exp(-eta |x - r|^2) = sum_l (2l+1) h_l P_l(cos)
    const int l_max = 20;
    double h[l_max + 1];
    for (double r : {0.0, 0.3, 0.9})
        for (double t : {0.0, 0.5, 1.1})
            for (double c : {-1.0, -0.2, 0.7}) {
                gaussian_shell(l_max, 1.3, r, t, h, nullptr, nullptr);
                double sum = 0, previous = 0, p = 1;
                for (int l = 0; l <= l_max; ++l) {
                    sum += (2 * l + 1) * h[l] * p;
                    double next = ((2 * l + 1) * c * p - l * previous) / (l + 1);
                    previous = p;
                    p = next;
                }
                EXPECT_NEAR(sum, exp(-1.3 * (r * r + t * t - 2 * r * t * c)), 1e-14);
            }
}

TEST(gaussian_shell, derivatives_match_differences)
{
    const int l_max = 20;
    const quad eta = 2;
    quad h[3][l_max + 1], dh[3][l_max + 1], d2h[l_max + 1];
    double hd[l_max + 1], dhd[l_max + 1], d2hd[l_max + 1];
    for (double r : {0.01, 0.4, 1.7, 6.0, 15.0})
        for (double t : {0.0, 0.2, 1.9, 5.5, 15.5}) {
            const quad step = r * (quad)1e-11;
            for (int i = 0; i < 3; ++i) gaussian_shell_quad(l_max, eta, r + (i - 1) * step, t, h[i], dh[i], nullptr);
            gaussian_shell_quad(l_max, eta, r, t, h[1], dh[1], d2h);
            gaussian_shell(l_max, 2, r, t, hd, dhd, d2hd);
            for (int l = 0; l <= l_max; ++l) {
                double first = (double)((h[2][l] - h[0][l]) / (2 * step)),
                       second = (double)((dh[2][l] - dh[0][l]) / (2 * step));
                double slope = 2 * (double)eta * (r + t) + l / r, scale = hd[l] * slope; // of the terms of dh/dr
                EXPECT_NEAR((double)dh[1][l], first, 1e-14 * scale) << l << " " << r << " " << t;
                EXPECT_NEAR((double)d2h[l], second, 1e-13 * scale * slope) << l << " " << r << " " << t;
                EXPECT_NEAR(hd[l], (double)h[1][l], 1e-13 * hd[l]);
                EXPECT_NEAR(dhd[l], (double)dh[1][l], 1e-12 * scale);
                EXPECT_NEAR(d2hd[l], (double)d2h[l], 1e-10 * scale * slope);
            }
        }
}

TEST(gaussian_shell, is_regular_at_the_center)
{
    // h_l = (2 eta r t)^l/(2l+1)!! (1 + O(r^2)) exp(-eta t^2)
    double h[4], dh[4], d2h[4], e = exp(-2 * 0.49), a = 4 * 0.7;
    gaussian_shell(3, 2, 0, 0.7, h, dh, d2h);
    EXPECT_NEAR(h[0], e, 1e-16);
    EXPECT_EQ(h[1], 0.0);
    EXPECT_EQ(dh[0], 0.0);
    EXPECT_NEAR(dh[1], e * a / 3, 1e-15);
    EXPECT_EQ(dh[2], 0.0);
    EXPECT_NEAR(d2h[0], e * (a * a / 3 - 4), 1e-14);
    EXPECT_EQ(d2h[1], 0.0);
    EXPECT_NEAR(d2h[2], e * 2 * a * a / 15, 1e-15);
    EXPECT_EQ(d2h[3], 0.0);
}
