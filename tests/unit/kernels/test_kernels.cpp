// SPDX-License-Identifier: BSD-3-Clause
// Every kernel of every instruction set that this machine has equals the scalar one. Sums of up to some 100 products
// are done in another order or with fused multiply-adds: 1e-12 of the largest value is rounding with a wide margin.
#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <functional>
#include <random>

#include "support/structures.hpp"

extern "C" {
#include "descriptors/soap/soap.h"
}

using namespace testing_support;

namespace
{

struct Buffer {
    explicit Buffer(size_t n_, unsigned seed = 0) : n(n_), data(MEMORY_NEW(double, n_), memory_free)
    {
        std::mt19937 generator(seed);
        std::normal_distribution<double> normal;
        for (size_t i = 0; seed && i < n; i++) data.get()[i] = normal(generator);
    }
    operator double *() const { return data.get(); }
    size_t n;
    std::shared_ptr<double> data;
};

/* Run `kernel` with each table into a fresh buffer and compare with the first, the scalar one. */
void compare(size_t n, const std::function<void(const kernels &, double *)> &kernel, const char *what)
{
    const kernels *const *all = kernels_available();
    ASSERT_STREQ(all[0]->isa, "scalar");
    Buffer expected(n);
    kernel(*all[0], expected);
    double scale = 0;
    for (size_t i = 0; i < n; i++) scale = std::max(scale, std::fabs(expected[i]));
    EXPECT_GT(scale, 0) << what;
    for (int k = 1; all[k]; k++) {
        Buffer found(n);
        kernel(*all[k], found);
        for (size_t i = 0; i < n; i++)
            ASSERT_LE(std::fabs(found[i] - expected[i]), 1e-12 * scale) << what << " " << all[k]->isa << " entry " << i;
    }
}

class SoapKernels : public testing::TestWithParam<std::pair<int, int>>
{
};

TEST_P(SoapKernels, EqualScalar)
{
    const int n_max = GetParam().first, l_max = GetParam().second; // C++17 lambdas cannot capture a binding
    auto d = make_descriptor(R"({"species":["Si"],"r_cut":5,"sigma":0.5,"n_max":)" + std::to_string(n_max) +
                             ",\"l_max\":" + std::to_string(l_max) + R"(,"radial_scaling":{"r0":2.5,"m":4}})");
    const soap *s = reinterpret_cast<const soap *>(d.get());
    const int n_chunks = 3, n = n_chunks * LANES;
    const size_t rows = size_t(n) * size_t(s->table->n_channels), n_c = s->n_coefficients, size_n = size_t(n);
    Buffer r(size_n), inverse(size_n), u(3 * size_n, 3), w(size_n, 4), dw(size_n, 5);
    for (size_t i = 0; i < size_n; i++) {
        r[i] = 0.3 + 5.2 * double(i) / n; // some beyond the cutoff
        double norm = std::sqrt(u[i] * u[i] + u[size_n + i] * u[size_n + i] + u[2 * size_n + i] * u[2 * size_n + i]);
        for (size_t a = 0; a < 3; a++) u[a * size_n + i] /= norm;
    }
    for (cutoff_type type : {CUTOFF_COSINE, CUTOFF_SHIFTED_COSINE, CUTOFF_POLY, CUTOFF_POW, CUTOFF_EXP})
        for (double m : {0.0, 4.0, 3.5}) {
            cutoff_function f{type, 5, 1.5, 5, 2, 1, 1, m > 0 ? 2.5 : 0, m};
            compare(
                2 * size_n, [&](const kernels &k, double *out) { k.soap_weights(&f, n, r, out, out + n); }, "weights");
            Buffer weights(2 * size_n);
            s->kernels->soap_weights(&f, n, r, weights, weights + n);
            for (size_t i = 0; i < size_n; i++) {
                double derivative;
                EXPECT_NEAR(weights[i], cutoff_function_evaluate(&f, r[i], &derivative), 1e-14);
                EXPECT_NEAR(weights[size_n + i], derivative, 1e-13);
            }
        }
    for (size_t i = 0; i < size_n; i++) {
        r[i] = std::min(r[i], 5.0);
        inverse[i] = 1 / r[i];
    }
    compare(
        5 * size_n,
        [&](const kernels &k, double *out) {
            for (size_t i = 0; i < 3 * size_n; i++) out[i] = r[i % size_n] * u[i];
            k.soap_geometry(n, out, out + n, out + 2 * n, out + 3 * n, out + 4 * n);
            for (size_t i = 0; i < size_n; i++) {
                EXPECT_NEAR(out[i + size_n], u[i + size_n], 1e-15);
                EXPECT_NEAR(out[i + 3 * size_n], r[i], 1e-15 * r[i]);
                EXPECT_NEAR(out[i + 4 * size_n], inverse[i], 1e-15 * inverse[i]);
            }
        },
        "geometry");
    Buffer Y(size_n * s->n_lm), R(rows, 7), dR(rows, 8), c(n_c, 9), c2(n_c, 10), g(n_c * size_t(n_max), 11);
    Buffer fields(3 * n_c, 12);
    for (auto *array : {&R, &dR, &c, &c2, &fields}) /* padding is zero */
        for (size_t i = 0; i < array->n; i++)
            if (int(i % size_t(s->n_padded)) >= n_max) (*array)[i] = 0;
    s->kernels->soap_harmonics(&s->recursion, n_chunks, u, u + n, u + 2 * n, w, Y);
    compare(
        Y.n,
        [&](const kernels &k, double *out) { k.soap_harmonics(&s->recursion, n_chunks, u, u + n, u + 2 * n, w, out); },
        "harmonics");
    std::vector<int> order(size_n);
    for (int i = 0; i < n; i++) order[size_t(i)] = n - 1 - i;
    compare(
        2 * rows, [&](const kernels &k, double *out) { k.soap_radial(s->table, n, order.data(), r, out, out + rows); },
        "radial");
    Buffer table(2 * rows);
    s->kernels->soap_radial(s->table, n, order.data(), r, table, table + rows);
    for (size_t i = 0; i < size_n; i++) {
        const size_t n_radial = size_t(s->table->n_channels);
        Buffer single(2 * n_radial);
        radial_table_evaluate(s->table, r[i], single, single + n_radial);
        for (size_t k = 0; k < n_radial; k++) {
            EXPECT_NEAR(table[i * n_radial + k], single[k], 1e-13);
            EXPECT_NEAR(table[rows + i * n_radial + k], single[n_radial + k], 1e-13);
        }
    }
    for (int n_neighbors : {n, n - LANES - 3, 1})
        compare(
            n_c, [&](const kernels &k, double *out) { k.soap_density(l_max, s->n_padded, n_neighbors, Y, R, out); },
            "density");
    for (int packed : {0, 1}) {
        size_t n_features = size_t((l_max + 1) * (packed ? n_max * (n_max + 1) / 2 : n_max * n_max));
        compare(
            g.n,
            [&](const kernels &k, double *out) {
                k.soap_power(l_max, n_max, s->n_padded, packed, s->prefactors, c, packed ? c : c2, out);
                for (size_t i = n_features; i < g.n; i++) EXPECT_EQ(out[i], 0); /* nothing beyond the end */
            },
            "power");
        std::unique_ptr<double[]> exact(new double[n_features]); /* so that a sanitizer sees a read beyond it */
        std::copy(g + 0, g + n_features, exact.get());
        compare(
            2 * n_c,
            [&](const kernels &k, double *out) {
                k.soap_power_adjoint(l_max, n_max, s->n_padded, packed, s->prefactors, exact.get(), c, packed ? c : c2,
                                     out, out + n_c);
            },
            "power adjoint");
    }
    if (l_max > 0)
        compare(
            3 * n_c,
            [&](const kernels &k, double *out) { k.soap_fields(l_max, s->n_padded, s->n_entries, s->entries, c, out); },
            "fields");
    const soap_neighbors neighbors{u, u + n, u + 2 * n, inverse, w, dw, R, dR};
    compare(
        3 * size_n,
        [&](const kernels &k, double *out) {
            k.soap_forces(&s->recursion, n_max, s->n_padded, n_chunks, &neighbors, 9.0, c, out);
        },
        "forces");
    const size_t n_radial = size_t(s->table->n_channels);
    const double direction[3] = {u[1], u[size_n + 1], u[2 * size_n + 1]};
    auto project = [&](const kernels &k, const double *channel, double *out) {
        k.soap_projections(l_max, s->n_padded, s->prefactors, Y + 1, direction, 0.4, channel, fields, out);
    };
    compare(
        6 * n_radial, [&](const kernels &k, double *out) { project(k, c, out); }, "projections");
    Buffer x(2 * n_radial + LANES, 13), Pa(6 * n_radial + LANES), Pb(6 * n_radial + LANES);
    for (size_t i = 0; i < 2 * n_radial; i++)
        if (int(i % size_t(s->n_padded)) >= n_max) x[i] = 0;
    project(*s->kernels, c, Pa);
    project(*s->kernels, c2, Pb);
    for (int packed : {0, 1})
        for (std::pair<double, double> weights : {std::pair{1.5, 0.0}, std::pair{0.0, 0.5}, std::pair{0.7, 0.7}})
            compare(
                g.n + 1, // at an odd address, and nothing beyond the features
                [&](const kernels &k, double *out) {
                    k.soap_power_slopes(l_max, n_max, s->n_padded, packed, x, weights.first, packed ? Pa : Pb,
                                        weights.second, Pa, out + 1);
                },
                "power slopes");
}

INSTANTIATE_TEST_SUITE_P(Sizes, SoapKernels,
                         testing::Values(std::pair{1, 0}, std::pair{3, 2}, std::pair{8, 6}, std::pair{9, 4},
                                         std::pair{12, 9}, std::pair{16, 20}));

class BispectrumKernels : public testing::TestWithParam<std::array<int, 3>>
{
};

TEST_P(BispectrumKernels, EqualScalar)
{
    const int n_channels = GetParam()[0], l_max = GetParam()[1], n_max = GetParam()[2];
    Buffer U(size_t(l_max * n_channels * n_max), 3);
    bispectrum *b = nullptr;
    ASSERT_EQ(bispectrum_new(n_channels, l_max, n_max, U, &b, nullptr), MLSOAP_SUCCESS);
    bispectrum_set_factor(b, 0.7);
    const size_t n_T = size_t(b->plan.n_rows) * 16, n_d = b->n_coefficients * 16, n_B = b->n_features * 16;
    Buffer d(n_d, 1), g(n_B, 2), T(n_T), B(n_B), c(size_t((l_max + 1) * (l_max + 1) + LANES) * size_t(b->n_padded), 4);
    for (int stride : {1, 16}) {
        compare(
            b->n_coefficients * size_t(stride),
            [&](const kernels &k, double *out) { k.bispectrum_channels(&b->plan, b->n_padded, c, out, stride); },
            "channels");
        compare(
            c.n,
            [&](const kernels &k, double *out) {
                k.bispectrum_channels_adjoint(&b->plan, b->n_padded, d, stride, out);
            },
            "adjoint of the channels");
    }
    compare(
        n_T + n_B, [&](const kernels &k, double *out) { k.bispectrum(&b->plan, d, out, out + n_T); }, "bispectrum");
    kernels_available()[0]->bispectrum(&b->plan, d, T, B);
    compare(
        n_d, [&](const kernels &k, double *out) { k.bispectrum_adjoint(&b->plan, d, T, g, out); },
        "bispectrum adjoint");
    /* B is of third degree: g . B = (dE/dd) . d / 3 in every lane */
    Buffer dbar(n_d);
    kernels_available()[0]->bispectrum_adjoint(&b->plan, d, T, g, dbar);
    for (size_t lane = 0; lane < 16; lane++) {
        double left = 0, right = 0, size = 0;
        for (size_t f = lane; f < n_B; f += 16) left += g[f] * B[f], size += std::fabs(g[f] * B[f]);
        for (size_t i = lane; i < n_d; i += 16) right += dbar[i] * d[i];
        EXPECT_NEAR(left, right / 3, 1e-13 * size);
    }
    bispectrum_free(b);
}

INSTANTIATE_TEST_SUITE_P(Sizes, BispectrumKernels,
                         testing::Values(std::array<int, 3>{3, 4, 8}, std::array<int, 3>{2, 2, 3},
                                         std::array<int, 3>{2, 3, 12}, std::array<int, 3>{1, 8, 16}));

TEST(CombineKernel, EqualsScalarOnEverySet)
{
    const double u[] = {0.5, 7, 0, 7, -2, 7};
    for (size_t n : {8, 24, 64, 392, 1000}) {
        Buffer x(3 * n, 1);
        compare(
            n, [&](const kernels &k, double *out) { k.combine(3, u, 2, n, x, out); }, "combine");
        Buffer y(n);
        kernels_active()->combine(3, u, 2, n, x, y);
        for (size_t i = 0; i < n; i++) EXPECT_NEAR(y[i], 0.5 * x[i] - 2 * x[2 * n + i], 1e-14);
    }
}

TEST(MatrixKernel, EqualsPlainSumOnEverySet)
{
    for (int m : {1, 2, 7, 8, 16, 33})
        for (int n : {8, 16, 24, 256})
            for (int k : {1, 5, 64, 252}) {
                Buffer A(size_t(m * k), 1), B(size_t(k * n), 2);
                std::vector<double> expected(size_t(m * n));
                for (int i = 0; i < m; i++)
                    for (int p = 0; p < k; p++)
                        for (int j = 0; j < n; j++) expected[size_t(i * n + j)] += A[i * k + p] * B[p * n + j];
                for (int t = 0; kernels_available()[t]; t++) {
                    Buffer C(size_t(m * n));
                    kernels_available()[t]->matrix_multiply(m, n, k, A, k, B, n, C, n);
                    for (int e = 0; e < m * n; e++) ASSERT_LE(std::fabs(C[e] - expected[size_t(e)]), 1e-12 * k);
                }
            }
}

} // namespace
