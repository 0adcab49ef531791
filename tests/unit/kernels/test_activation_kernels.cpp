// SPDX-License-Identifier: BSD-3-Clause
// Activation functions of every instruction set against the formulas in long double (spec n2p2-import.md 3, models.md
// 2b), for ordinary and extreme arguments.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <memory>
#include <vector>

extern "C" {
#include "core/memory.h"
#include "kernels/kernels.h"
}

namespace
{

using Formula = std::function<long double(long double)>;

struct Shape {
    activation_shape shape;
    Formula value, slope, curvature;
};

long double g(long double u)
{
    return 1 / (1 + std::exp(-u));
}
long double dg(long double u)
{
    return g(u) * g(-u);
}
long double ddg(long double u)
{
    return dg(u) * (g(-u) - g(u));
}

const std::vector<Shape> &shapes()
{
    using R = long double;
    static const std::vector<Shape> all = {
        {ACTIVATION_LINEAR, [](R u) { return u; }, [](R) { return 1; }, [](R) { return 0; }},
        {ACTIVATION_TANH, [](R u) { return std::tanh(u); }, [](R u) { return 1 / (std::cosh(u) * std::cosh(u)); },
         [](R u) { return -2 * std::tanh(u) / (std::cosh(u) * std::cosh(u)); }},
        {ACTIVATION_LOGISTIC, g, dg, ddg},
        {ACTIVATION_REVERSE_LOGISTIC, [](R u) { return g(-u); }, [](R u) { return -dg(u); },
         [](R u) { return -ddg(u); }},
        {ACTIVATION_SOFTPLUS, [](R u) { return std::log1p(std::exp(-std::fabs(u))) + std::max(u, R(0)); }, g, dg},
        {ACTIVATION_RELU, [](R u) { return std::max(u, R(0)); }, [](R u) { return u > 0; }, [](R) { return 0; }},
        {ACTIVATION_GAUSSIAN, [](R u) { return std::exp(-u * u / 2); }, [](R u) { return -u * std::exp(-u * u / 2); },
         [](R u) { return (u * u - 1) * std::exp(-u * u / 2); }},
        {ACTIVATION_COSINE, [](R u) { return std::cos(u); }, [](R u) { return -std::sin(u); },
         [](R u) { return -std::cos(u); }},
        {ACTIVATION_EXPONENTIAL, [](R u) { return std::exp(-u); }, [](R u) { return -std::exp(-u); },
         [](R u) { return std::exp(-u); }},
        {ACTIVATION_SQUARE, [](R u) { return u * u; }, [](R u) { return 2 * u; }, [](R) { return 2; }},
        {ACTIVATION_SILU, [](R u) { return u * g(u); }, [](R u) { return g(u) + u * dg(u); },
         [](R u) { return 2 * dg(u) + u * ddg(u); }},
    };
    return all;
}

TEST(ActivationKernels, EqualTheFormulas)
{
    const int n = 8000;
    const double tolerance = 1e-15; // times 1 + |u|: 1 - g is rounded before it is multiplied with u
    std::shared_ptr<double> data(MEMORY_NEW(double, 4 * n), memory_free);
    double *u = data.get(), *h = u + n, *slope = h + n, *curvature = slope + n;
    for (int i = 0; i < n; i++) u[i] = i < n / 2 ? -8 + 32.0 * i / n : -50 + 100.0 * (i - n / 2) / (n / 2);
    u[0] = 0;
    for (int k = 0; kernels_available()[k]; k++)
        for (const Shape &s : shapes()) {
            const kernels *table = kernels_available()[k];
            table->activation(s.shape, n, u, h, slope, curvature);
            for (int i = 0; i < n; i++) {
                // relative for large values; near 0 relative to 1, the size of what is added to it
                auto near = [&](double found, long double expected) {
                    return std::fabs(found - double(expected)) <=
                           tolerance * (1 + std::fabs(u[i])) * std::max(1.0, std::fabs(double(expected)));
                };
                ASSERT_TRUE(near(h[i], s.value(u[i]))) << table->isa << " shape " << s.shape << " u " << u[i];
                ASSERT_TRUE(near(slope[i], s.slope(u[i]))) << table->isa << " slope " << s.shape << " u " << u[i];
                ASSERT_TRUE(near(curvature[i], s.curvature(u[i])))
                    << table->isa << " curvature " << s.shape << " u " << u[i];
            }
        }
}

// Values of spec models.md 2b.
TEST(ActivationKernels, SiluTable)
{
    alignas(64) double u[8] = {-3, -0.5, 0, 2}, h[8], slope[8], curvature[8];
    const double expected[3][4] = {{-0.1422776195327, -0.188770334399073, 0, 1.76159415595576},
                                   {-0.0881041060151696, 0.260038812697348, 0.5, 1.0907842487849},
                                   {-0.0323214045210062, 0.441229026977029, 0.5, 0.0500621686947069}};
    kernels_active()->activation(ACTIVATION_SILU, 8, u, h, slope, curvature);
    for (int i = 0; i < 4; i++) {
        EXPECT_NEAR(h[i], expected[0][i], 2e-13);
        EXPECT_NEAR(slope[i], expected[1][i], 2e-13);
        EXPECT_NEAR(curvature[i], expected[2][i], 2e-13);
    }
}

TEST(ActivationKernels, ExtremesAndNaN)
{
    alignas(64) double u[8] = {1000, -1000, 1e5, -1e5, NAN, 0, 0, 0}, h[8];
    for (int k = 0; kernels_available()[k]; k++)
        for (const Shape &s : shapes()) {
            kernels_available()[k]->activation(s.shape, 8, u, h, nullptr, nullptr);
            for (int i = 0; i < 4; i++) EXPECT_TRUE(std::isfinite(h[i])) << s.shape << " " << u[i];
            EXPECT_TRUE(std::isnan(h[4])) << kernels_available()[k]->isa << " shape " << s.shape;
        }
}

} // namespace
