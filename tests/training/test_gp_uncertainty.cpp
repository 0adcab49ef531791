// SPDX-License-Identifier: BSD-3-Clause
// The packed uncertainty of a fit (training/solvers/gp_uncertainty.c): against its definition with dense matrices in
// long double, for all points and for some, with several kinds of centers; the reduced one follows the full one; the
// fitted potential carries it.
#include "training_fixtures.hpp"

#include <algorithm>
#include <random>

#include <omp.h>

#include "support/uncertainty.hpp"

extern "C" {
#include "app/predict.h"
#include "app/reliability.h" // rank_correlation
#include "solvers/gp_uncertainty.h"
#include "solvers/regression.h"
#include "solvers/tall_qr.h"
}

using namespace testing_support;

namespace
{

constexpr size_t M[2] = {17, 9}, N = M[0] + M[1], ROWS = 60;
const double jitter = 1e-6;

/* Points on a sphere of two kinds, rows of random numbers that look like kernels. */
struct Problem {
    kernel_term basis{}; // the only one
    regression r{};
    std::vector<double> rows;
    double *U = nullptr, *R = nullptr;

    explicit Problem(double shrink = 1)
    {
        std::mt19937_64 engine(3);
        std::normal_distribution<double> normal;
        std::vector<std::vector<double>> x(N + 2, std::vector<double>(12));
        for (auto &row : x) {
            double square = 0;
            for (double &v : row) {
                v = normal(engine);
                square += v * v;
            }
            for (double &v : row) v /= std::sqrt(square);
        }
        auto kernel = [&](size_t i, size_t j) {
            double t = 0;
            for (size_t f = 0; f < 12; f++) t += x[i][f] * x[j][f];
            return t * t;
        };
        const int kinds[2] = {6, 14};
        basis.n_columns = r.n = N;
        r.K = MEMORY_NEW(double, N *N);
        for (size_t kind = 0, first = 0; kind < 2; first += M[kind++]) {
            int z = kinds[kind];
            basis.n_points[z] = M[kind];
            basis.first_column[z] = first;
            basis.isolated[z] = MEMORY_NEW(double, M[kind]);
            basis.isolated_self[z] = 1;
            for (size_t i = 0; i < M[kind]; i++) {
                basis.isolated[z][i] = kernel(N + kind, first + i);
                for (size_t j = 0; j < M[kind]; j++) r.K[(first + i) * N + first + j] = kernel(first + i, first + j);
            }
        }
        EXPECT_EQ(MLSOAP_SUCCESS, regression_set_blocks(&r, &basis.n_columns, 1, nullptr));
        rows.resize(ROWS * (N + 1));
        for (double &v : rows) v = shrink * normal(engine);
        tall_qr *qr = nullptr;
        EXPECT_EQ(MLSOAP_SUCCESS, tall_qr_new(N + 1, &qr, nullptr));
        EXPECT_EQ(MLSOAP_SUCCESS, tall_qr_add(qr, rows.data(), ROWS, N + 1, 1, nullptr));
        EXPECT_EQ(MLSOAP_SUCCESS, tall_qr_take(qr, &r.fit.R[TARGET_FORCES], nullptr));
        tall_qr_free(qr);
        r.fit.n_rows[TARGET_FORCES] = ROWS;
        r.fit.weight[TARGET_FORCES] = ROWS;
        const double weight[N_FRAME_TARGETS] = {0, 4, 0};
        EXPECT_EQ(MLSOAP_SUCCESS, regression_prior(&r, jitter, &U, nullptr));
        EXPECT_EQ(MLSOAP_SUCCESS, regression_triangle(&r, weight, U, false, &R, nullptr));
    }
    ~Problem()
    {
        for (double *isolated : basis.isolated) memory_free(isolated);
        regression_release(&r);
        memory_free(U);
        memory_free(R);
    }
};

/* B of the columns of one kind alone, without K. */
Dense data_part(const Problem &p, const std::vector<size_t> &columns)
{
    Dense B = zeros(columns.size(), columns.size());
    for (size_t i = 0; i < columns.size(); i++)
        for (size_t j = 0; j < columns.size(); j++)
            for (size_t k = 0; k < ROWS; k++)
                B[i][j] += 4 * (long double)p.rows[k * (N + 1) + columns[i]] * p.rows[k * (N + 1) + columns[j]];
    return B;
}

/* G G^T of a kind against K^-1 - B_S^-1, S its points, by dense matrices. */
void check(const Problem &p, const uncertainty_points &points, const gp_uncertainty &u)
{
    double shift = regression_shift(&p.r, 0, jitter);
    for (int z : {6, 14}) {
        size_t m = points.n[z];
        std::vector<size_t> columns;
        for (size_t k = 0; k < m; k++) columns.push_back(p.basis.first_column[z] + points.index[z][k]);
        Dense K = zeros(m + 1, m + 1), B = data_part(p, columns);
        K[0][0] = p.basis.isolated_self[z] + shift;
        for (size_t i = 0; i < m; i++) {
            K[0][i + 1] = K[i + 1][0] = p.basis.isolated[z][points.index[z][i]];
            for (size_t j = 0; j < m; j++) {
                K[i + 1][j + 1] = p.r.K[columns[i] * N + columns[j]] + (i == j ? shift : 0);
                B[i][j] += K[i + 1][j + 1];
            }
        }
        Dense X = inverse(B);
        Dense P = inverse(K);
        long double largest = 0;
        for (size_t i = 0; i <= m; i++)
            for (size_t j = 0; j <= m; j++) {
                if (i && j) P[i][j] -= X[i - 1][j - 1];
                largest = std::max(largest, fabsl(P[i][j]));
            }
        for (size_t i = 0; i <= m; i++)
            for (size_t j = 0; j <= m; j++) {
                double sum = 0;
                for (size_t k = 0; k <= std::min(i, j); k++) sum += u.G[z][i * (m + 1) + k] * u.G[z][j * (m + 1) + k];
                EXPECT_LE(std::fabs(sum - (double)P[i][j]), 1e-8 * (double)largest) << z << " " << i << " " << j;
            }
    }
}

} // namespace

TEST(GpUncertainty, IsItsDefinition)
{
    Problem p;
    for (size_t n_points : {100, 8}) {
        uncertainty_points points;
        gp_uncertainty u;
        mlsoap_error error;
        double shift = regression_shift(&p.r, 0, jitter);
        ASSERT_EQ(MLSOAP_SUCCESS, uncertainty_points_choose(&points, &p.basis, p.R, p.r.K, shift, n_points, &error));
        EXPECT_EQ(std::min(n_points, M[0]), points.n[6]);
        EXPECT_EQ(std::min(n_points, M[1]), points.n[14]);
        ASSERT_EQ(MLSOAP_SUCCESS, gp_uncertainty_new(&u, &points, &p.basis, p.R, p.r.K, shift, &error))
            << error.message;
        check(p, points, u);
        gp_uncertainty_release(&u);
        uncertainty_points_release(&points);
    }
}

/* A linear model: the posterior covariance of the weights of a kind, those of the other known. */
TEST(GpUncertainty, OfALinearModelIsTheCovarianceOfItsWeights)
{
    Problem p;
    gp_uncertainty u;
    mlsoap_error error;
    ASSERT_EQ(MLSOAP_SUCCESS, linear_uncertainty_new(&u, &p.basis, p.R, &error)) << error.message;
    for (int z : {6, 14}) {
        size_t m = p.basis.n_points[z], first = p.basis.first_column[z];
        Dense B = zeros(m, m);
        for (size_t i = 0; i < m; i++)
            for (size_t j = 0; j < m; j++)
                for (size_t k = 0; k <= N; k++)
                    B[i][j] += (long double)p.R[(first + i) * (N + 1) + k] * p.R[(first + j) * (N + 1) + k];
        Dense X = inverse(B);
        for (size_t i = 0; i < m; i++)
            for (size_t j = 0; j < m; j++) {
                double sum = 0;
                for (size_t k = 0; k <= std::min(i, j); k++) sum += u.G[z][i * m + k] * u.G[z][j * m + k];
                EXPECT_LE(std::fabs(sum - (double)X[i][j]), 1e-12);
            }
    }
    gp_uncertainty_release(&u);
}

/* The choice is that of the definition, computed without shortcuts, and does not repeat a point. */
TEST(GpUncertainty, ChoosesWhatExplainsMost)
{
    Problem p;
    uncertainty_points points, again;
    double shift = regression_shift(&p.r, 0, jitter);
    ASSERT_EQ(MLSOAP_SUCCESS, uncertainty_points_choose(&points, &p.basis, p.R, p.r.K, shift, 5, nullptr));
    omp_set_num_threads(1);
    ASSERT_EQ(MLSOAP_SUCCESS, uncertainty_points_choose(&again, &p.basis, p.R, p.r.K, shift, 5, nullptr));
    omp_set_num_threads(2);
    for (int z : {6, 14}) {
        size_t m = p.basis.n_points[z], first = p.basis.first_column[z];
        Dense K = zeros(m, m), Q = zeros(m, N + 1);
        for (size_t i = 0; i < m; i++) {
            for (size_t j = 0; j < m; j++) K[i][j] = p.r.K[(first + i) * N + first + j] + (i == j ? shift : 0);
            for (size_t k = 0; k <= N; k++) Q[i][k] = p.R[(first + i) * (N + 1) + k];
        }
        for (size_t n = 0; n < 5; n++) {
            size_t best = m;
            long double most = -1;
            for (size_t i = 0; i < m; i++) {
                long double square = 0;
                for (size_t k = 0; k <= N; k++) square += Q[i][k] * Q[i][k];
                if (K[i][i] > 1e-12L && square / K[i][i] > most) {
                    most = square / K[i][i];
                    best = i;
                }
            }
            EXPECT_EQ(best, points.index[z][n]);
            EXPECT_EQ(best, again.index[z][n]);
            Dense before = K;
            for (size_t i = 0; i < m; i++) {
                long double factor = before[i][best] / before[best][best];
                for (size_t k = 0; k <= N; k++)
                    if (i != best) Q[i][k] -= factor * Q[best][k];
                for (size_t j = 0; j < m; j++) K[i][j] -= factor * before[best][j];
            }
            K[best][best] = 0;
        }
    }
    uncertainty_points_release(&points);
    uncertainty_points_release(&again);
}

/* A fit of two elements: few points follow many, the order of the atoms by uncertainty is that of their true errors,
 * and neither the potential nor its energies depend on whether it carries one. */
TEST(GpUncertainty, OfAFit)
{
    const char *soap = R"({"r_cut": 4.5, "n_max": 4, "l_max": 3, "sigma": 0.6})";
    std::vector<std::vector<double>> columns;
    for (const char *n_points : {"8", "30", "200"}) {
        training_fixture known, t;
        mlsoap_error error{};
        add_random_frames(known.data.train, 3, 8, {14, 6}, 5);
        for (size_t c = 0; c < 3; c++) {
            frame &f = known.data.train.frames[c];
            set_forces(f, 0.4);
            f.energy = -3 - double(c);
            f.has_energy = true;
        }
        known.begin(soap, {"model.n_sparse=8", "model.noise=1e-3"}, {6, 14}, {-1, -2});
        mlsoap_potential *truth = known.potential(FIT_FINAL), *fitted = nullptr;
        add_random_frames(t.data.train, 20, 8, {14, 6}, 7);
        label(t.data.train, truth);
        t.begin(soap, {"model.n_sparse=40", "model.zeta=4"}, {6, 14}, {-1, -2});
        t.problem.n_uncertainty = (size_t)std::stoi(n_points);
        fitted = t.potential(FIT_VALIDATION);
        ASSERT_EQ(1, mlsoap_potential_has_uncertainty(fitted));
        frame_set fresh{};
        add_random_frames(fresh, 12, 8, {14, 6}, 99);
        add_random_frames(fresh, 6, 8, {14, 6}, 98, 4.6); // denser than any frame of the fit
        ASSERT_EQ(MLSOAP_SUCCESS, predict_frames(fitted, &fresh, nullptr, &error)) << error.message;
        columns.emplace_back();
        double mean[2] = {0, 0}; // within and beyond the data
        for (size_t c = 0; c < fresh.n_frames; c++)
            for (size_t i = 0; i < 8; i++) {
                columns.back().push_back(fresh.frames[c].predicted_uncertainty[i][0]);
                EXPECT_GT(columns.back().back(), 0);
                mean[c >= 12] += columns.back().back() / (c >= 12 ? 48 : 96);
            }
        EXPECT_GT(mean[1], 1.1 * mean[0]);
        frame_set_release(&fresh);
        mlsoap_potential_free(truth);
        mlsoap_potential_free(fitted);
    }
    double few, half;
    ASSERT_EQ(MLSOAP_SUCCESS, rank_correlation(columns[0].size(), columns[0].data(), columns[2].data(), &few, nullptr));
    ASSERT_EQ(MLSOAP_SUCCESS,
              rank_correlation(columns[1].size(), columns[1].data(), columns[2].data(), &half, nullptr));
    EXPECT_GT(few, 0.5);
    EXPECT_GT(half, 0.9);
}
