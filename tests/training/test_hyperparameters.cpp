// SPDX-License-Identifier: BSD-3-Clause
// Least squares from triangles and the search of weights on synthetic data.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <cstring>
#include <omp.h>
#include <random>
#include <string>
#include <unistd.h>
#include <vector>

extern "C" {
#include "core/memory.h"
#include "solvers/hyperparameters.h"
#include "solvers/tall_qr.h"
}

namespace
{

constexpr size_t N = 12;

struct rows {
    std::vector<double> A; // [m][N + 1], y last
    size_t m;
};

rows make_rows(size_t m, const std::vector<double> &truth, double noise, unsigned seed)
{
    std::mt19937_64 engine(seed);
    std::normal_distribution<double> normal;
    rows r{std::vector<double>(m * (N + 1)), m};
    for (size_t i = 0; i < m; i++) {
        double y = noise * normal(engine);
        for (size_t j = 0; j < N; j++) y += truth[j] * (r.A[i * (N + 1) + j] = normal(engine));
        r.A[i * (N + 1) + N] = y;
    }
    return r;
}

void put(regression_part &part, int target, const rows &r)
{
    tall_qr *qr;
    mlsoap_error error;
    ASSERT_EQ(MLSOAP_SUCCESS, tall_qr_new(N + 1, &qr, &error));
    ASSERT_EQ(MLSOAP_SUCCESS, tall_qr_add(qr, r.A.data(), r.m, N + 1, 1, &error));
    ASSERT_EQ(MLSOAP_SUCCESS, tall_qr_take(qr, &part.R[target], &error));
    part.n_rows[target] = r.m;
    part.weight[target] = (double)r.m;
    tall_qr_free(qr);
}

std::vector<double> truth()
{
    std::vector<double> x(N);
    for (size_t j = 0; j < N; j++) x[j] = std::sin(1 + 2.0 * (double)j);
    return x;
}

regression make_regression(double noise_energy, double noise_forces)
{
    regression r{};
    r.n = N;
    r.K = (double *)memory_new(N * N, sizeof(double));
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < N; j++) r.K[i * N + j] = std::exp(-0.5 * std::fabs((double)i - (double)j));
    EXPECT_EQ(MLSOAP_SUCCESS, regression_set_blocks(&r, &r.n, 1, nullptr));
    put(r.fit, TARGET_ENERGY, make_rows(8, truth(), noise_energy, 1));
    put(r.fit, TARGET_FORCES, make_rows(60, truth(), noise_forces, 2));
    put(r.validation, TARGET_ENERGY, make_rows(5, truth(), noise_energy, 3));
    put(r.validation, TARGET_FORCES, make_rows(20, truth(), noise_forces, 4));
    return r;
}

// The objective is at its minimum: its gradient, evaluated from the rows themselves in long double, vanishes.
double relative_gradient(const regression &r, const std::vector<std::pair<double, rows>> &data, double shift,
                         const std::vector<double> &x)
{
    long double worst = 0, size = 0;
    std::vector<long double> gradient(N, 0);
    for (auto &[weight, d] : data)
        for (size_t i = 0; i < d.m; i++) {
            long double e = -(long double)d.A[i * (N + 1) + N];
            for (size_t j = 0; j < N; j++) e += (long double)d.A[i * (N + 1) + j] * x[j];
            for (size_t j = 0; j < N; j++) {
                gradient[j] += weight * e * d.A[i * (N + 1) + j];
                size += std::fabs(weight * (double)e * d.A[i * (N + 1) + j]);
            }
        }
    for (size_t j = 0; j < N; j++) {
        for (size_t k = 0; k < N; k++) gradient[j] += (long double)r.K[j * N + k] * x[k];
        gradient[j] += shift * x[j];
        worst = std::max(worst, std::fabs(gradient[j]));
    }
    return (double)(worst / size);
}

mlsoap_status solve(const regression &r, const double *weight, const double *U, bool with_validation, double *x)
{
    double *R = nullptr;
    mlsoap_error error;
    mlsoap_status status = regression_triangle(&r, weight, U, with_validation, &R, &error);
    if (!status) status = regression_solve(&r, R, x, &error);
    memory_free(R);
    return status;
}

} // namespace

TEST(Regression, MinimizesTheObjective)
{
    regression r = make_regression(0.1, 0.2);
    double weight[N_FRAME_TARGETS] = {4.0, 25.0, 9.0}, *U = nullptr;
    std::vector<double> x(N);
    mlsoap_error error;
    ASSERT_EQ(MLSOAP_SUCCESS, regression_prior(&r, 1e-3, &U, &error));
    ASSERT_EQ(MLSOAP_SUCCESS, solve(r, weight, U, false, x.data()));
    EXPECT_LE(
        relative_gradient(r, {{4.0, make_rows(8, truth(), 0.1, 1)}, {25.0, make_rows(60, truth(), 0.2, 2)}}, 1e-3, x),
        1e-14);
    ASSERT_EQ(MLSOAP_SUCCESS, solve(r, weight, U, true, x.data()));
    EXPECT_LE(relative_gradient(r,
                                {{4.0, make_rows(8, truth(), 0.1, 1)},
                                 {25.0, make_rows(60, truth(), 0.2, 2)},
                                 {4.0, make_rows(5, truth(), 0.1, 3)},
                                 {25.0, make_rows(20, truth(), 0.2, 4)}},
                                1e-3, x),
              1e-14);
    memory_free(U);
    regression_release(&r);
}

TEST(Regression, RecoversKnownUnknowns)
{
    regression r = make_regression(0, 0);
    double weight[N_FRAME_TARGETS] = {1e12, 1e12, 0}, *U = nullptr, rmse[N_FRAME_TARGETS];
    std::vector<double> x(N), known = truth();
    mlsoap_error error;
    ASSERT_EQ(MLSOAP_SUCCESS, regression_prior(&r, 1e-10, &U, &error));
    ASSERT_EQ(MLSOAP_SUCCESS, solve(r, weight, U, false, x.data()));
    for (size_t j = 0; j < N; j++) EXPECT_LE(std::fabs(x[j] - known[j]), 1e-10);
    x[3] += 0.5; // residuals are then 0.5 A_i3
    ASSERT_EQ(MLSOAP_SUCCESS, regression_rmse(&r, &r.validation, x.data(), rmse, &error));
    auto rows = make_rows(20, truth(), 0, 4);
    double sum = 0;
    for (size_t i = 0; i < rows.m; i++) sum += std::pow(0.5 * rows.A[i * (N + 1) + 3], 2);
    EXPECT_LE(std::fabs(rmse[TARGET_FORCES] - std::sqrt(sum / 20)), 1e-10);
    EXPECT_EQ(0, rmse[TARGET_VIRIAL]);
    memory_free(U);
    regression_release(&r);
}

TEST(Regression, PriorOfAnIndefiniteMatrix)
{
    regression r{};
    r.n = 3;
    const double K[9] = {1, 1, 0, 1, 1, 0, 0, 0, -1e-17}; // rank one, rounding below zero
    r.K = (double *)memory_new(9, sizeof(double));
    std::memcpy(r.K, K, sizeof K);
    ASSERT_EQ(MLSOAP_SUCCESS, regression_set_blocks(&r, &r.n, 1, nullptr));
    double *U = nullptr;
    mlsoap_error error;
    ASSERT_EQ(MLSOAP_SUCCESS, regression_prior(&r, 0, &U, &error)) << error.message;
    for (size_t i = 0; i < 3; i++)
        for (size_t j = 0; j < 3; j++) {
            double sum = 0;
            for (size_t k = 0; k < 4; k++) sum += U[i * 4 + k] * U[j * 4 + k];
            EXPECT_LE(std::fabs(sum - K[i * 3 + j]), 1e-14);
        }
    memory_free(U);
    double weight[N_FRAME_TARGETS] = {0}, x[3];
    ASSERT_EQ(MLSOAP_SUCCESS, regression_prior(&r, 0, &U, &error));
    std::memset(U, 0, 16 * sizeof(double));
    EXPECT_EQ(MLSOAP_ERROR_NUMERICS, solve(r, weight, U, false, x));
    memory_free(U);
    regression_release(&r);
}

TEST(Hyperparameters, WeightsFollowTheLoss)
{
    hyperparameters h = {{2, 3, 0}, 0.5, 1e-8};
    double scale[N_FRAME_TARGETS] = {10, 20, 30}, weight[N_FRAME_TARGETS];
    hyperparameters_weights(&h, scale, weight);
    EXPECT_DOUBLE_EQ(2 / (0.25 * 10), weight[TARGET_ENERGY]);
    EXPECT_DOUBLE_EQ(3 / (0.25 * 20), weight[TARGET_FORCES]);
    EXPECT_EQ(0, weight[TARGET_VIRIAL]);
}

TEST(Hyperparameters, SearchBeatsItsStartAndFindsTheNoise)
{
    mlsoap_error error;
    hyperparameter_search search = {{1, 1, 1}, {true, false, true}, true, false, {{1, 1, 1}, 0.1, 1e-8}, nullptr,
                                    nullptr};
    hyperparameter_result clean, noisy;
    regression r = make_regression(1e-6, 1e-6);
    ASSERT_EQ(MLSOAP_SUCCESS, hyperparameters_search(&r, &search, &clean, &error));
    EXPECT_LE(clean.rmse[TARGET_FORCES], 1e-5);
    EXPECT_EQ(1, clean.best.lambda[TARGET_FORCES]); // was not free
    EXPECT_EQ(1e-8, clean.best.jitter);
    EXPECT_GT(clean.n_evaluations, 5);
    regression_release(&r);
    r = make_regression(30, 30); // hardly any signal
    ASSERT_EQ(MLSOAP_SUCCESS, hyperparameters_search(&r, &search, &noisy, &error));
    EXPECT_GT(noisy.best.noise, 10 * clean.best.noise);
    regression_release(&r);
}

TEST(Hyperparameters, NothingFreeOrNoValidationKeepsTheStart)
{
    mlsoap_error error;
    regression r = make_regression(0.1, 0.1);
    hyperparameter_search search = {{1, 1, 1}, {false, false, false}, false, false, {{2, 1, 0}, 0.3, 1e-6}, nullptr,
                                    nullptr};
    hyperparameter_result result;
    ASSERT_EQ(MLSOAP_SUCCESS, hyperparameters_search(&r, &search, &result, &error));
    EXPECT_EQ(1, result.n_evaluations);
    EXPECT_EQ(0.3, result.best.noise);
    for (int t = 0; t < N_FRAME_TARGETS; t++) {
        memory_free(r.validation.R[t]);
        r.validation.R[t] = nullptr;
    }
    search.free_noise = true;
    ASSERT_EQ(MLSOAP_SUCCESS, hyperparameters_search(&r, &search, &result, &error));
    EXPECT_EQ(0.3, result.best.noise);
    regression_release(&r);
}

TEST(Hyperparameters, SameForAnyNumberOfThreads)
{
    mlsoap_error error;
    regression r = make_regression(0.1, 0.2);
    hyperparameter_search search = {{1, 1, 1}, {true, false, false}, true, true, {{1, 1, 0}, 1, 1e-6}, nullptr,
                                    nullptr};
    hyperparameter_result one, four;
    omp_set_num_threads(1);
    ASSERT_EQ(MLSOAP_SUCCESS, hyperparameters_search(&r, &search, &one, &error));
    omp_set_num_threads(4);
    ASSERT_EQ(MLSOAP_SUCCESS, hyperparameters_search(&r, &search, &four, &error));
    EXPECT_EQ(0, std::memcmp(&one.best, &four.best, sizeof one.best));
    EXPECT_EQ(one.n_evaluations, four.n_evaluations);
    regression_release(&r);
}

namespace
{
/* A user who stops the run at a poll: 1 = the first, 0 = never. */
struct stop {
    int at, polls;
    static long ask(void *context)
    {
        stop *s = static_cast<stop *>(context);
        return ++s->polls >= s->at && s->at > 0 ? -1 : 0;
    }
};

struct HeldSearch : testing::Test {
    const std::string path = testing::TempDir() + "mlsoap_hyperparameters_" + std::to_string(getpid()) + ".ckpt";
    hyperparameter_search search = {{1, 1, 1}, {true, false, false}, true, true, {{1, 1, 0}, 1, 1e-6}, nullptr,
                                    nullptr};
    mlsoap_error error{};

    ~HeldSearch() override { std::remove(path.c_str()); }
    /* A run on a checkpoint file, stopped where `s` says so. */
    mlsoap_status run(const regression &r, bool resume, stop *s, hyperparameter_result *result)
    {
        json_t *fingerprint = json_object();
        checkpoint_settings settings = {path.c_str(), fingerprint, INFINITY, stop::ask, s, nullptr, nullptr};
        bool found = false;
        mlsoap_status status = checkpoint_new(&settings, &search.checkpoint, &error);
        if (!status && resume) status = checkpoint_resume(search.checkpoint, &found, &error);
        EXPECT_EQ(found, resume);
        if (!status) status = hyperparameters_search(&r, &search, result, &error);
        checkpoint_free(search.checkpoint);
        search.checkpoint = nullptr;
        json_decref(fingerprint);
        return status;
    }
};
} // namespace

/* Stopped after any step a search goes on to the same bits, and what was tried is not tried again. */
TEST_F(HeldSearch, GoesOnFromItsTrials)
{
    regression r = make_regression(0.1, 0.2), other = make_regression(3, 5);
    hyperparameter_result whole, stopped, resumed;
    stop never{0, 0};
    ASSERT_EQ(MLSOAP_SUCCESS, run(r, false, &never, &whole));
    for (int at = 1; at <= never.polls; at++) {
        stop once{at, 0}, again{0, 0};
        ASSERT_EQ(MLSOAP_ERROR_INTERRUPTED, run(r, false, &once, &stopped)) << at;
        ASSERT_EQ(MLSOAP_SUCCESS, run(r, true, &again, &resumed)) << at << error.message;
        EXPECT_EQ(0, std::memcmp(&whole, &resumed, sizeof whole)) << at;
        EXPECT_EQ(again.polls, never.polls - at) << "one after each new step";
        if (at < never.polls) continue;
        ASSERT_EQ(MLSOAP_SUCCESS, run(other, true, &again, &resumed)); // all is known: no number of it is looked at
        EXPECT_EQ(0, std::memcmp(&whole, &resumed, sizeof whole));
    }
    EXPECT_GT(never.polls, 4);
    regression_release(&r);
    regression_release(&other);
}
