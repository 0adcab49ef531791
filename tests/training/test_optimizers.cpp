// SPDX-License-Identifier: BSD-3-Clause
// The optimizers (training/optimizers) on functions with known minima.
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

extern "C" {
#include "core/memory.h"
#include "optimizers/adam.h"
#include "optimizers/lbfgs.h"
#include "optimizers/levenberg_marquardt.h"
}

namespace
{

// Rosenbrock 1960: sum_i 100 (x_2i+1 - x_2i^2)^2 + (1 - x_2i)^2, minimum 0 at 1; n even.
mlsoap_status valley(void *context, const double *x, double *value, double *gradient, mlsoap_error *)
{
    const size_t n = *static_cast<size_t *>(context);
    *value = 0;
    for (size_t i = 0; i < n; i += 2) {
        double a = x[i + 1] - x[i] * x[i], b = 1 - x[i];
        *value += 100 * a * a + b * b;
        if (!gradient) continue;
        gradient[i] = -400 * a * x[i] - 2 * b;
        gradient[i + 1] = 200 * a;
    }
    return MLSOAP_SUCCESS;
}

// The same as residuals 10 (x_2i+1 - x_2i^2), 1 - x_2i; they are square: [J | r] is reduced to a triangle by rotations.
mlsoap_status valley_residuals(void *context, const double *x, double *square, double *R, mlsoap_error *error)
{
    const size_t n = *static_cast<size_t *>(context), m = n + 1;
    valley(context, x, square, nullptr, error);
    if (!R) return MLSOAP_SUCCESS;
    std::fill(R, R + m * m, 0.0);
    for (size_t i = 0; i < n; i += 2) {
        double J[2][2] = {{-20 * x[i], 10}, {-1, 0}}, r[2] = {10 * (x[i + 1] - x[i] * x[i]), 1 - x[i]};
        double norm = std::hypot(J[0][0], J[1][0]), c = J[0][0] / norm, s = J[1][0] / norm;
        R[i * m + i] = norm;
        R[(i + 1) * m + i] = c * J[0][1] + s * J[1][1];
        R[(i + 1) * m + i + 1] = -s * J[0][1] + c * J[1][1];
        R[n * m + i] = c * r[0] + s * r[1];
        R[n * m + i + 1] = -s * r[0] + c * r[1];
    }
    return MLSOAP_SUCCESS;
}

struct Count {
    size_t steps = 0;
};

TEST(Optimizers, LbfgsFindsTheMinimum)
{
    size_t n = 20;
    std::vector<double> x(n, -1.2);
    double value = NAN;
    minimization problem = {n, valley, nullptr, &n, 1000, nullptr};
    ASSERT_EQ(lbfgs(&problem, x.data(), &value, nullptr), MLSOAP_SUCCESS);
    EXPECT_LE(value, 1e-12);
    for (double y : x) EXPECT_NEAR(y, 1, 1e-5);
}

TEST(Optimizers, LevenbergMarquardtFindsTheMinimum)
{
    size_t n = 20;
    std::vector<double> x(n, -1.2);
    double value = NAN;
    least_squares problem = {n, valley_residuals, nullptr, &n, 1000, 0, nullptr};
    ASSERT_EQ(levenberg_marquardt(&problem, x.data(), &value, nullptr), MLSOAP_SUCCESS);
    EXPECT_LE(value, 1e-20);
    for (double y : x) EXPECT_NEAR(y, 1, 1e-9);
    std::fill(x.begin(), x.end(), -1.2);
    problem.enough = 1;
    ASSERT_EQ(levenberg_marquardt(&problem, x.data(), &value, nullptr), MLSOAP_SUCCESS);
    EXPECT_LE(value, 1);
    EXPECT_GT(value, 1e-12); // it stopped where it was enough
}

TEST(Optimizers, ErrorsAndWatchesEndTheRun)
{
    size_t n = 2;
    std::vector<double> x(n, -1.2);
    double value = NAN;
    minimization broken = {
        n,       [](void *, const double *, double *, double *, mlsoap_error *) { return MLSOAP_ERROR_VALUE; },
        nullptr, &n,
        9,       nullptr};
    EXPECT_EQ(lbfgs(&broken, x.data(), &value, nullptr), MLSOAP_ERROR_VALUE);
    minimization watched = {n,
                            valley,
                            [](void *, size_t i, const double *, mlsoap_error *) { return i < 2 ? MLSOAP_SUCCESS : MLSOAP_ERROR_FILE; },
                            &n,
                            100,
                            nullptr};
    EXPECT_EQ(lbfgs(&watched, x.data(), &value, nullptr), MLSOAP_ERROR_FILE);
    least_squares squares = {n,
                             valley_residuals,
                             [](void *, size_t i, const double *, double, mlsoap_error *) {
                                 return i < 2 ? MLSOAP_SUCCESS : MLSOAP_ERROR_FILE;
                             },
                             &n,
                             100,
                             0,
                             nullptr};
    x = {-1.2, 1};
    EXPECT_EQ(levenberg_marquardt(&squares, x.data(), &value, nullptr), MLSOAP_ERROR_FILE);
}

TEST(Optimizers, FailCleanlyWithoutMemory)
{
    size_t n = 4;
    std::vector<double> x(n, 0.5);
    double value;
    minimization problem = {n, valley, nullptr, &n, 5, nullptr};
    least_squares squares = {n, valley_residuals, nullptr, &n, 5, 0, nullptr};
    adam a;
    for (long k = 1; k < 4; k++) {
        memory_fail_after(k);
        mlsoap_status one = lbfgs(&problem, x.data(), &value, nullptr);
        memory_fail_after(k);
        mlsoap_status two = levenberg_marquardt(&squares, x.data(), &value, nullptr);
        memory_fail_after(k);
        mlsoap_status three = adam_new(&a, n, x.data(), 0, 0, nullptr);
        memory_fail_after(0);
        EXPECT_EQ(one, MLSOAP_ERROR_MEMORY);
        EXPECT_EQ(two, MLSOAP_ERROR_MEMORY);
        EXPECT_EQ(three, MLSOAP_ERROR_MEMORY);
    }
}

// First steps by hand: m/sqrt(v) of a first gradient is its sign.
TEST(Optimizers, AdamSteps)
{
    std::vector<double> x = {1, -2}, g = {3, -0.5};
    adam a;
    ASSERT_EQ(adam_new(&a, 2, x.data(), 0.1, 0, nullptr), MLSOAP_SUCCESS);
    adam_step(&a, 0.01, g.data(), x.data());
    EXPECT_NEAR(x[0], 1 - 0.01 - 0.01 * 0.1 * 1, 1e-9);
    EXPECT_NEAR(x[1], -2 + 0.01 + 0.01 * 0.1 * 2, 1e-9);
    EXPECT_EQ(a.average[0], x[0]); // averaging 0
    adam_release(&a);
}

TEST(Optimizers, AdamFindsAMinimumAndAverages)
{
    std::vector<double> x = {5, -3};
    const size_t n_steps = 2000;
    adam a;
    ASSERT_EQ(adam_new(&a, 2, x.data(), 0, 0.9, nullptr), MLSOAP_SUCCESS);
    for (size_t i = 0; i < n_steps; i++) {
        double g[2] = {2 * (x[0] - 1), 20 * (x[1] - 2)};
        adam_step(&a, adam_schedule(0.1, i, n_steps, 50), g, x.data());
    }
    EXPECT_NEAR(a.average[0], 1, 1e-3);
    EXPECT_NEAR(a.average[1], 2, 1e-3);
    adam_release(&a);
}

TEST(Optimizers, Schedule)
{
    EXPECT_DOUBLE_EQ(adam_schedule(2, 0, 100, 10), 0.2);
    EXPECT_DOUBLE_EQ(adam_schedule(2, 9, 100, 10), 2);
    EXPECT_DOUBLE_EQ(adam_schedule(2, 10, 100, 10), 2);
    EXPECT_NEAR(adam_schedule(2, 55, 100, 10), 1, 1e-12);
    EXPECT_LT(adam_schedule(2, 99, 100, 10), 0.01);
}

} // namespace
