// SPDX-License-Identifier: BSD-3-Clause
// Uncertainties of the models (src/models/sparse_gp/dtc_variance.c, linear.c, packed_matrix.c): with every training row
// a sparse point, against the variance of a dense Gaussian process; never below 0; larger far from the data; refusals.
#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "support/uncertainty.hpp"

extern "C" {
#include "core/memory.h"
#include "models/linear.h"
#include "models/model_tensors.h"
#include "models/packed_matrix.h"
#include "models/sparse_gp/sparse_gp.h"
}

using namespace testing_support;

namespace
{

constexpr size_t n_features = 21, stride = 24;

std::vector<double> row(size_t i, double spread = 0.5)
{
    std::vector<double> D(stride);
    for (size_t f = 0; f < n_features; f++)
        D[f] = 0.5 + spread * std::sin(1.0 + 2.3 * double(f) + 0.37 * double(i) * double(f + 1));
    return D;
}

struct Settings {
    int zeta;
    bool normalized;
    double constant;
    size_t n; // training rows, all of them sparse points
};

/* Targets y_i = eps(D_i) - eps(D_0) with noise, every row a sparse point: a Gaussian process of known variance. */
class DenseGP
{
  public:
    DenseGP(const Settings &s, bool with_reference) : s_(s), weights(stride), x0(stride)
    {
        settings = {s.zeta, s.normalized, s.constant, 0.8};
        for (size_t f = 0; f < n_features; f++) weights[f] = f % 3 ? std::sqrt(2.0) : 1;
        if (with_reference) sparse_gp_transform(&settings, stride, weights.data(), row(7, 0.1).data(), x0.data());
        points.resize(s.n * stride);
        for (size_t i = 0; i < s.n; i++)
            sparse_gp_transform(&settings, stride, weights.data(), row(100 + i).data(), point(i));
        K = zeros(s.n + 1, s.n + 1);
        for (size_t i = 0; i <= s.n; i++)
            for (size_t j = 0; j <= s.n; j++)
                K[i][j] = kernel(i ? point(i - 1) : x0.data(), j ? point(j - 1) : x0.data());
        if (K[0][0] == 0) K[0][0] = 1; // x_0 = 0 without a constant: its products are 0, any number does
        B = zeros(s.n, s.n);
        for (size_t i = 0; i < s.n; i++)
            for (size_t j = 0; j < s.n; j++) {
                B[i][j] = K[i + 1][j + 1];
                for (size_t k = 0; k < s.n; k++) B[i][j] += shifted(point(k), i) * shifted(point(k), j) / noise2(k);
            }
    }
    double *point(size_t i) { return &points[i * stride]; }
    long double kernel(const double *a, const double *b) const
    {
        long double dot = 0;
        for (size_t f = 0; f < stride; f++) dot += (long double)a[f] * b[f];
        return 0.64L * powl(s_.constant + dot, s_.zeta);
    }
    /* Of eps(a) - eps(0) and eps(b) - eps(0), and of eps(a) - eps(0) and eps(x_i). */
    long double covariance(const double *a, const double *b) const
    {
        return kernel(a, b) - kernel(a, x0.data()) - kernel(x0.data(), b) + kernel(x0.data(), x0.data());
    }
    long double shifted(const double *a, size_t i) { return kernel(a, point(i)) - kernel(x0.data(), point(i)); }
    static long double noise2(size_t i) { return 1e-4L * (1 + i % 3); }
    std::vector<double> transformed(const std::vector<double> &D) const
    {
        std::vector<double> x(stride);
        sparse_gp_transform(&settings, stride, weights.data(), D.data(), x.data());
        return x;
    }
    /* The exact variance at a row. */
    long double exact(const std::vector<double> &D)
    {
        std::vector<double> x = transformed(D);
        Dense A = zeros(s_.n, s_.n);
        std::vector<long double> c(s_.n);
        for (size_t i = 0; i < s_.n; i++) {
            for (size_t j = 0; j < s_.n; j++) A[i][j] = covariance(point(i), point(j)) + (i == j ? noise2(i) : 0);
            c[i] = covariance(point(i), x.data());
        }
        return covariance(x.data(), x.data()) - quadratic(inverse(A), c);
    }
    /* The formula of dtc_variance.h. */
    long double formula(const std::vector<double> &D)
    {
        std::vector<double> x = transformed(D);
        std::vector<long double> q(s_.n + 1);
        q[0] = kernel(x.data(), x0.data()) - kernel(x0.data(), x0.data());
        for (size_t i = 0; i < s_.n; i++) q[i + 1] = shifted(x.data(), i);
        return covariance(x.data(), x.data()) - quadratic(known_part(K, B), q);
    }
    mlsoap_status create(mlsoap_error *error = nullptr)
    {
        size_t n = s_.n;
        std::vector<double> G = uncertainty_triangle(K, B), alpha(n, 0.1);
        sparse_gp_add_tensors(&tensors, "m", n, stride, points.data(), alpha.data(), nullptr);
        model_uncertainty_add(&tensors, "m", n + 1, G.data(), n + 1, stride, x0.data(), nullptr);
        return build(error);
    }
    mlsoap_status build(mlsoap_error *error)
    {
        json.reset(json_pack("{s:s,s:i,s:b,s:f,s:f}", "type", "sparse_gp", "zeta", s_.zeta, "normalized", s_.normalized,
                             "constant", s_.constant, "delta", 0.8),
                   json_decref);
        return sparse_gp_class.create(json.get(), &tensors, "m", n_features, stride, weights.data(), &m, error);
    }
    ~DenseGP()
    {
        model_free(m);
        tensor_set_release(&tensors);
    }
    DenseGP(const DenseGP &) = delete;
    DenseGP &operator=(const DenseGP &) = delete;

    Settings s_;
    sparse_gp_settings settings{};
    std::vector<double> weights, x0, points;
    Dense K, B;
    tensor_set tensors{};
    std::shared_ptr<json_t> json;
    model *m = nullptr;
};

std::vector<double> variances(const model *m, const std::vector<std::vector<double>> &rows)
{
    int n = int(rows.size());
    auto *D = MEMORY_NEW(double, rows.size() * stride);
    auto *scratch = MEMORY_NEW(double, m->class_->workspace_size(m, n));
    for (size_t i = 0; i < rows.size(); i++) std::copy(rows[i].begin(), rows[i].end(), D + i * stride);
    std::vector<double> v(rows.size());
    m->class_->variance(m, scratch, n, D, v.data());
    memory_free(D);
    memory_free(scratch);
    return v;
}

class DtcVariance : public testing::TestWithParam<Settings>
{
};

/* With M = N and an isolated atom without features the DTC variance is the exact one (spec models.md 4). */
TEST_P(DtcVariance, IsThatOfADenseProcess)
{
    Settings s = GetParam();
    s.constant = 0; // else k(., 0) is not 0, and shares a direction with the points
    DenseGP gp(s, false);
    mlsoap_error error{};
    ASSERT_EQ(gp.create(&error), MLSOAP_SUCCESS) << error.message;
    ASSERT_TRUE(gp.m->has_uncertainty);
    std::vector<std::vector<double>> rows;
    for (size_t i = 0; i < 13; i++) rows.push_back(row(95 + i)); // some of them are training rows
    std::vector<double> v = variances(gp.m, rows);
    double scale = double(gp.kernel(gp.point(0), gp.point(0)));
    for (size_t i = 0; i < rows.size(); i++) EXPECT_LE(std::fabs(v[i] - double(gp.exact(rows[i]))), 1e-10 * scale) << i;
}

TEST_P(DtcVariance, IsItsFormula)
{
    DenseGP gp(GetParam(), true);
    mlsoap_error error{};
    ASSERT_EQ(gp.create(&error), MLSOAP_SUCCESS) << error.message;
    std::vector<std::vector<double>> rows;
    for (size_t i = 0; i < 20; i++) rows.push_back(row(90 + i));
    std::vector<double> v = variances(gp.m, rows);
    double scale = double(gp.kernel(gp.point(0), gp.point(0)));
    for (size_t i = 0; i < rows.size(); i++)
        EXPECT_LE(std::fabs(v[i] - double(gp.formula(rows[i]))), 1e-10 * scale) << i;
}

TEST_P(DtcVariance, IsZeroForTheReferenceAndGrowsAwayFromTheData)
{
    DenseGP gp(GetParam(), true);
    ASSERT_EQ(gp.create(), MLSOAP_SUCCESS);
    std::vector<double> strange(stride), near = row(101);
    strange[3] = 2; // one feature alone: far from every row of the data
    near[0] += 1e-3;
    std::vector<double> v = variances(gp.m, {row(7, 0.1), row(100), near, strange});
    double scale = double(gp.kernel(gp.point(0), gp.point(0)));
    EXPECT_LE(v[0], 1e-10 * scale);
    EXPECT_LE(v[1], 1e-3);
    EXPECT_LE(v[2], 2e-3);
    for (double x : v) EXPECT_GE(x, 0);
    EXPECT_GT(v[3], 0.05 * double(gp.covariance(gp.transformed(strange).data(), gp.transformed(strange).data())));
    EXPECT_GT(v[3], 20 * v[1]);
}

INSTANTIATE_TEST_SUITE_P(All, DtcVariance,
                         testing::Values(Settings{1, true, 0, 5}, Settings{2, true, 0, 8}, Settings{2, true, 0, 19},
                                         Settings{2, true, 0.7, 9}, Settings{3, true, 0, 10}, Settings{4, true, 0, 17},
                                         Settings{4, true, 0.3, 11}, Settings{2, false, 0, 9},
                                         Settings{3, false, 0.5, 8}));

TEST(DtcVariance, NaNStaysNaNAndZeroFeaturesAreAllowed)
{
    DenseGP gp({2, true, 0, 9}, true);
    ASSERT_EQ(gp.create(), MLSOAP_SUCCESS);
    std::vector<double> bad = row(1), nothing(stride);
    bad[2] = NAN;
    std::vector<double> v = variances(gp.m, {bad, nothing});
    EXPECT_TRUE(std::isnan(v[0]));
    EXPECT_GE(v[1], 0);
}

TEST(DtcVariance, IsAbsentWithoutItsTensors)
{
    DenseGP gp({2, true, 0, 9}, true);
    std::vector<double> alpha(9, 0.1);
    sparse_gp_add_tensors(&gp.tensors, "m", 9, stride, gp.points.data(), alpha.data(), nullptr);
    ASSERT_EQ(gp.build(nullptr), MLSOAP_SUCCESS);
    EXPECT_FALSE(gp.m->has_uncertainty);
}

TEST(DtcVariance, RefusesWrongTensors)
{
    mlsoap_error error{};
    auto refused = [&](size_t n_points, size_t n_triangle, double reference, bool triangle) {
        DenseGP gp({2, true, 0, n_points}, true);
        std::vector<double> alpha(n_points, 0.1), G(n_triangle * n_triangle, 0.1), x0(gp.x0);
        for (double &x : x0) x *= reference;
        sparse_gp_add_tensors(&gp.tensors, "m", n_points, stride, gp.points.data(), alpha.data(), nullptr);
        model_uncertainty_add(&gp.tensors, "m", n_triangle, G.data(), n_triangle, stride, x0.data(), nullptr);
        if (!triangle) tensor_remove(&gp.tensors, "m.uncertainty_triangle");
        mlsoap_status status = gp.build(&error);
        EXPECT_NE(status, MLSOAP_SUCCESS);
        return std::string(error.message);
    };
    EXPECT_NE(refused(9, 24, 1, true).find("has 24 rows, but there are 9 sparse points"), std::string::npos);
    EXPECT_NE(refused(9, 8, 2, true).find("it must be 1 or 0"), std::string::npos);
    EXPECT_NE(refused(9, 8, 1, false).find("uncertainty_triangle is missing"), std::string::npos);
}

TEST(DtcVariance, RefusesATriangleOfNoSize)
{
    DenseGP gp({2, true, 0, 9}, true);
    std::vector<double> alpha(9, 0.1), numbers(48, 0.1);
    sparse_gp_add_tensors(&gp.tensors, "m", 9, stride, gp.points.data(), alpha.data(), nullptr);
    model_tensor_add(&gp.tensors, "m", "uncertainty_triangle", 1, 1, 48, numbers.data(), 48, nullptr);
    model_tensor_add(&gp.tensors, "m", "uncertainty_reference", 1, 1, stride, gp.x0.data(), stride, nullptr);
    mlsoap_error error{};
    EXPECT_EQ(gp.build(&error), MLSOAP_ERROR_FORMAT);
    EXPECT_NE(std::string(error.message).find("not the triangle of a multiple of 8 rows"), std::string::npos);
}

TEST(PackedTriangle, IsTheProduct)
{
    for (size_t n : {8u, 16u, 24u, 40u, 48u}) {
        std::vector<double> packed, G(n * n);
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j <= i; j++) packed.push_back(G[i * n + j] = std::sin(1.0 + double(i * n + j)));
        packed_triangle t{};
        ASSERT_EQ(packed_triangle_new(&t, n, packed.data(), nullptr), MLSOAP_SUCCESS);
        auto *A = MEMORY_NEW(double, 5 * n), *C = MEMORY_NEW(double, 5 * n);
        for (size_t k = 0; k < 5 * n; k++) A[k] = std::cos(0.3 * double(k));
        packed_triangle_multiply(&t, 5, A, n, C, n);
        for (size_t i = 0; i < 5; i++)
            for (size_t j = 0; j < n; j++) {
                double sum = 0;
                for (size_t k = 0; k < n; k++) sum += A[i * n + k] * G[k * n + j];
                EXPECT_LE(std::fabs(C[i * n + j] - sum), 1e-14 * double(n));
            }
        memory_free(A);
        memory_free(C);
        packed_triangle_release(&t);
    }
}

/* Bayesian ridge: the variance of w . x with the posterior of w. */
TEST(LinearVariance, IsThatOfRidgeRegression)
{
    for (bool normalized : {false, true}) {
        std::vector<double> weights(stride), w(stride), x0(stride);
        for (size_t f = 0; f < n_features; f++) weights[f] = 1, x0[f] = 0.01 * double(f);
        auto feature = [&](const std::vector<double> &D, size_t f) {
            long double square = 0;
            for (double d : D) square += (long double)d * d;
            return normalized ? D[f] / sqrtl(square) : (long double)D[f];
        };
        Dense precision = zeros(stride, stride);
        for (size_t f = 0; f < stride; f++) precision[f][f] = 0.5;
        for (size_t i = 0; i < 30; i++)
            for (size_t f = 0; f < n_features; f++)
                for (size_t g = 0; g < n_features; g++)
                    precision[f][g] += (feature(row(i), f) - x0[f]) * (feature(row(i), g) - x0[g]) / 1e-3L;
        Dense S = inverse(precision), L = cholesky(S);
        std::vector<double> G(stride * stride);
        for (size_t i = 0; i < stride; i++)
            for (size_t j = 0; j <= i; j++) G[i * stride + j] = double(L[i][j]);
        tensor_set tensors{};
        linear_add_tensors(&tensors, "m", stride, w.data(), 0.2, nullptr);
        model_uncertainty_add(&tensors, "m", stride, G.data(), stride, stride, x0.data(), nullptr);
        std::shared_ptr<json_t> json(json_pack("{s:s,s:b}", "type", "linear", "normalized", normalized), json_decref);
        model *m = nullptr;
        mlsoap_error error{};
        ASSERT_EQ(linear_class.create(json.get(), &tensors, "m", n_features, stride, weights.data(), &m, &error),
                  MLSOAP_SUCCESS)
            << error.message;
        std::vector<std::vector<double>> rows;
        for (size_t i = 0; i < 9; i++) rows.push_back(row(200 + i));
        std::vector<double> v = variances(m, rows);
        for (size_t i = 0; i < rows.size(); i++) {
            std::vector<long double> x(stride);
            for (size_t f = 0; f < n_features; f++) x[f] = feature(rows[i], f) - x0[f];
            EXPECT_LE(std::fabs(v[i] - double(quadratic(S, x))), 1e-12);
        }
        model_free(m);
        tensor_set_release(&tensors);
    }
}

} // namespace
