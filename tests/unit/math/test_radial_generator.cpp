// SPDX-License-Identifier: BSD-3-Clause
// Radial functions: against tables of other programs, against a quadrature in 113 bits of their definition, and against
// differences; orthonormality; every refusal.
#include "support/radial_settings.hpp"
#include "support/structures.hpp"

#include <gtest/gtest.h>

#include <cstring>

extern "C" {
#include "math/bessel.h"
#include "math/quad_linalg.h"
#include "math/quadrature.h"
#include "math/radial_methods.h"
}

using testing_support::Json;
using testing_support::numbers;
using testing_support::read_json;

namespace
{
const radial_basis exact = RADIAL_GAUSSIANS_EXACT, collocation = RADIAL_GAUSSIANS_COLLOCATION, gto = RADIAL_GTO,
                   polynomial = RADIAL_POLYNOMIAL;

struct functions {
    int n_max, l_max;
    std::vector<double> R, dR, d2R;
};

functions evaluate(const radial_settings &settings, double r)
{
    size_t n = static_cast<size_t>(settings.n_max * (settings.l_max + 1));
    functions f{settings.n_max, settings.l_max, std::vector<double>(n, NAN), std::vector<double>(n, NAN),
                std::vector<double>(n, NAN)};
    radial_generator *g = nullptr;
    mlsoap_error error = {};
    EXPECT_EQ(radial_generator_new(&settings, &g, &error), MLSOAP_SUCCESS) << error.message;
    if (g) radial_generator_evaluate(g, r, f.R.data(), f.dR.data(), f.d2R.data());
    radial_generator_free(g);
    return f;
}

double magnitude(const std::vector<double> &list)
{
    double largest = 0;
    for (double x : list) largest = fmax(largest, fabs(x));
    return largest;
}

// largest |a - b|, NaN where anything is NaN or a size differs
double deviation(const std::vector<double> &a, const std::vector<double> &b)
{
    double largest = a.size() == b.size() ? 0 : NAN;
    for (size_t i = 0; i < a.size() && i < b.size(); ++i)
        if (!(fabs(a[i] - b[i]) <= largest)) largest = fabs(a[i] - b[i]);
    return largest;
}

std::vector<double> row(const std::vector<double> &list, int l, int n_max)
{
    return std::vector<double>(list.begin() + l * n_max, list.begin() + (l + 1) * n_max);
}

json_t *at(json_t *value, size_t index)
{
    return json_array_get(value, index);
}

// p_nn'l of one atom at distance r of a bare center: sum_m Y_lm^2 = (2l+1)/(4 pi)
std::vector<double> power_of_one(const functions &f)
{
    std::vector<double> p;
    for (int l = 0; l <= f.l_max; ++l)
        for (int n = 0; n < f.n_max; ++n)
            for (int k = n; k < f.n_max; ++k)
                p.push_back(M_PI * sqrt(8.0 / (2 * l + 1)) * (2 * l + 1) / (4 * M_PI) * f.R[l * f.n_max + n] *
                            f.R[l * f.n_max + k]);
    return p;
}

// A quadrature rule of 113 bits over the support of a basis, fine enough for everything below.
struct fine_rule {
    std::vector<quad> t, w;
    explicit fine_rule(const radial_settings &s)
    {
        const int n_rule = 20;
        quad x[n_rule], weight[n_rule];
        gauss_legendre(n_rule, x, weight);
        double end = s.basis == polynomial ? s.r_cut : s.basis == gto ? 3.6 * s.r_cut : 2 * s.r_cut + 20 * s.sigma;
        int n_panels = (int)ceil(end / fmin(s.sigma, 0.4));
        for (int p = 0; p < n_panels; ++p)
            for (int i = 0; i < n_rule; ++i) {
                t.push_back((2 * p + 1 + x[i]) * (quad)end / (2 * n_panels));
                w.push_back(weight[i] * (quad)end / (2 * n_panels));
            }
    }
};

// phi_lk(t) by the formulas of the specification, written again
std::vector<quad> primitives(const radial_settings &s, int l, quad t)
{
    std::vector<quad> phi(s.n_max);
    for (int k = 0; k < s.n_max; ++k) {
        if (s.basis == polynomial) {
            phi[k] = quad_power(s.r_cut - t, k + 3);
        } else if (s.basis == gto) {
            quad a = s.n_max == 1 ? 1 : 1 + ((quad)s.r_cut - 1) * k / (s.n_max - 1);
            quad alpha = -quad_log(1 / ((quad)1000 * quad_power(a, l))) / (a * a);
            phi[k] = quad_power(t, l) * quad_exp(-alpha * t * t);
        } else {
            quad r_b = s.r_cut, sigma = s.sigma;
            if (!std::isnan(s.basis_error_exponent))
                r_b += sigma * quad_sqrt(2 * (quad)s.basis_error_exponent * quad_log(10));
            quad x = (t - r_b * k / s.n_max) / sigma;
            phi[k] = quad_exp(-x * x / 2);
        }
    }
    return phi;
}

std::vector<quad> overlap(const radial_settings &s, int l)
{
    std::vector<quad> S(s.n_max * s.n_max), other(s.n_max * s.n_max), list((s.l_max + 1) * s.n_max);
    if (s.basis == polynomial) {
        radial_polynomial_overlap(&s, S.data());
    } else if (s.basis == gto) {
        radial_gto_exponents(&s, list.data());
        radial_gto_overlap(s.n_max, l, list.data(), S.data());
    } else {
        radial_gaussians_basis(&s, list.data(), S.data(), other.data());
    }
    return S;
}
} // namespace

TEST(radial_generator, gaussians_exact_reference)
{
    Json file(read_json("soap_gaussians_exact.json"));
    std::vector<double> r = numbers(json_object_get(file["R_nl"], "r"));
    json_t *values = json_object_get(file["R_nl"], "values[r][l][n]");
    ASSERT_EQ(r.size(), 4u);
    for (size_t i = 0; i < r.size(); ++i) {
        std::vector<double> reference = numbers(at(values, i));
        functions f = evaluate(make_radial(exact, 8, 6, 0.5, 4.5), r[i]);
        EXPECT_LE(deviation(f.R, reference), 3e-13 * magnitude(reference)) << "r " << r[i];
    }
}

TEST(radial_generator, gaussians_collocation_reference)
{
    Json file(read_json("soap_gaussians.json"));
    json_t *basis = json_object_get(at(file["cases"], 0), "basis");
    functions f = evaluate(make_radial(collocation, 8, 6, 0.5, 4.5), 1.9);
    for (size_t i = 0; i < 3; ++i) {
        int l = 3 * (int)i;
        EXPECT_LE(deviation(row(f.R, l, 8), numbers(at(json_object_get(basis, "b"), i))), 1e-16);
        EXPECT_LE(deviation(row(f.dR, l, 8), numbers(at(json_object_get(basis, "db_dr"), i))), 1e-16);
    }
    radial_settings s = make_radial(collocation, 8, 6, 0.5, 4.5);
    quad centers[8], S[64], C[64];
    radial_gaussians_basis(&s, centers, S, C);
    quad_cholesky(8, S, S);
    std::vector<double> diagonal(8), r_k(8), T(64);
    for (int k = 0; k < 8; ++k) {
        diagonal[k] = (double)S[k * 9];
        r_k[k] = (double)centers[k];
    }
    quad_cholesky(8, C, C);
    quad_cholesky_solve(8, C, 8, S);
    for (int i = 0; i < 64; ++i) T[i] = (double)S[i];
    EXPECT_LE(deviation(r_k, numbers(json_object_get(basis, "r_basis"))), 1e-15);
    EXPECT_LE(deviation(diagonal, numbers(json_object_get(basis, "cholesky_L_diagonal"))), 1e-15);
    EXPECT_LE(deviation(T, numbers(json_object_get(basis, "transform_T"))), 1e-15);
}

TEST(radial_generator, collocation_in_quip_numbers)
{
    // spec soap.md 10: cutoff 4, n_max 2, sigma 0.5, e 10: r_basis and L
    radial_settings s = make_radial(collocation, 2, 1, 0.5, 4, 10);
    quad centers[2], S[4], C[4];
    radial_gaussians_basis(&s, centers, S, C);
    quad_cholesky(2, S, S);
    EXPECT_NEAR((double)centers[1], 3.696535106104, 1e-12);
    EXPECT_NEAR((double)S[0], 0.2353490659442, 1e-13);
    EXPECT_NEAR((double)S[2], 1.550988296204e-5, 1e-17);
    EXPECT_NEAR((double)S[3], 3.495784971322, 1e-12);
    functions f = evaluate(s, 0); // the central Gaussian is phi_1: row L_1n
    EXPECT_NEAR(f.R[0], 0.2353490659442, 1e-13);
    EXPECT_NEAR(f.R[1], 0, 1e-30);
}

TEST(radial_generator, gto_basis_of_dscribe)
{
    struct {
        const char *name;
        radial_settings settings;
        double tolerance; // of beta: lost there to the condition of S
    } cases[] = {{"rc4_n3_l3", make_radial(gto, 3, 3, 0.5, 4), 1e-12},
                 {"rc5_n8_l8", make_radial(gto, 8, 8, 0.5, 5), 1e-8},
                 {"rc5_n3_l0", make_radial(gto, 3, 0, 0.5, 5), 1e-12}};
    Json file(read_json("soap_dscribe.json"));
    for (auto &c : cases) {
        json_t *table = json_object_get(file["gto_basis"], c.name);
        const int n = c.settings.n_max, n_l = c.settings.l_max + 1;
        std::vector<quad> alpha(n_l * n), S(n * n), beta(n * n);
        std::vector<double> rounded_alpha, rounded_beta;
        radial_gto_exponents(&c.settings, alpha.data());
        for (quad a : alpha) rounded_alpha.push_back((double)a);
        for (int l = 0; l < n_l; ++l) {
            radial_gto_overlap(n, l, alpha.data(), S.data());
            ASSERT_EQ(radial_orthonormalize(&c.settings, S.data(), beta.data(), nullptr), MLSOAP_SUCCESS);
            for (quad b : beta) rounded_beta.push_back((double)b);
        }
        EXPECT_LE(deviation(rounded_alpha, numbers(json_object_get(table, "alpha_l_n"))), 1e-13);
        EXPECT_LE(deviation(rounded_beta, numbers(json_object_get(table, "beta_l_n_k"))),
                  c.tolerance * magnitude(rounded_beta));
    }
}

TEST(radial_generator, polynomial_reference)
{
    Json file(read_json("soap_gaussians.json"));
    json_t *basis = json_object_get(at(file["cases"], 3), "basis");
    radial_settings s = make_radial(polynomial, 4, 4, 0.5, 4.6);
    quad S[16], beta[16];
    radial_polynomial_overlap(&s, S);
    ASSERT_EQ(radial_orthonormalize(&s, S, beta, nullptr), MLSOAP_SUCCESS);
    std::vector<double> rounded(16), central(4);
    for (int i = 0; i < 16; ++i) rounded[i] = (double)beta[i];
    EXPECT_LE(deviation(rounded, numbers(json_object_get(basis, "beta"))), 1e-12 * magnitude(rounded));
    functions f = evaluate(s, 0);
    for (int n = 0; n < 4; ++n) central[n] = f.R[n] / sqrt(4 * M_PI);
    EXPECT_LE(deviation(central, numbers(json_object_get(basis, "central"))), 1e-12);
}

TEST(radial_generator, numbers_of_the_specification)
{
    // spec soap.md 10: one atom at distance 1, r_cut 4, n_max 2, l_max 1, sigma 0.5; by DScribe, which has 2.5e-11 here
    std::vector<double> p_gto = {0.00481919287,  0.080750520567, 1.353057814419,
                                 0.031595376395, 0.184833848738, 1.081283261569};
    std::vector<double> p_polynomial = {0.083465970358, 0.334412101909, 1.339844890365,
                                        0.145818496763, 0.399814911672, 1.09623927789};
    functions one = evaluate(make_radial(gto, 2, 1, 0.5, 4), 1);
    EXPECT_LE(deviation(power_of_one(one), p_gto), 3e-11);
    EXPECT_LE(deviation(power_of_one(evaluate(make_radial(polynomial, 2, 1, 0.5, 4), 1)), p_polynomial), 2e-11);
    // the first again, the same formulas evaluated with 40 digits
    std::vector<double> p_40_digits = {0.004819192869940415, 0.08075052056715129, 1.353057814419149,
                                       0.03159537639469022,  0.1848338487336869,  1.081283261542307};
    EXPECT_LE(deviation(power_of_one(one), p_40_digits), 2e-15);
    // with an atom in the center, the other one at sqrt 2
    functions near = evaluate(make_radial(gto, 2, 1, 0.5, 4), sqrt(2.0)),
              center = evaluate(make_radial(gto, 2, 1, 0.5, 4), 0);
    for (int n = 0; n < 2; ++n) near.R[n] += center.R[n];
    std::vector<double> p_both = {1.786331848996,    3.250100925973,     5.913322339825,
                                  4.514701261337e-3, -6.557533459949e-2, 0.9524715499251};
    EXPECT_LE(deviation(power_of_one(near), p_both), 3e-11);
}

class radial_definition : public testing::TestWithParam<radial_settings>
{
};

TEST_P(radial_definition, overlap_is_the_integral)
{
    const radial_settings s = GetParam();
    const fine_rule rule(s);
    for (int l : {0, s.l_max}) {
        std::vector<quad> S = overlap(s, l), numeric(S.size());
        for (size_t i = 0; i < rule.t.size(); ++i) {
            std::vector<quad> phi = primitives(s, l, rule.t[i]);
            for (int a = 0; a < s.n_max; ++a)
                for (int b = 0; b < s.n_max; ++b)
                    numeric[a * s.n_max + b] += rule.w[i] * rule.t[i] * rule.t[i] * phi[a] * phi[b];
        }
        for (size_t i = 0; i < S.size(); ++i) {
            double scale = (double)quad_sqrt(S[i / s.n_max * (s.n_max + 1)] * S[i % s.n_max * (s.n_max + 1)]);
            EXPECT_LE((double)quad_abs(S[i] - numeric[i]), 1e-29 * scale) << "l " << l << " entry " << i;
        }
    }
}

// R_nl and the orthonormality of g_nl by quadrature in 113 bits.
TEST_P(radial_definition, functions_are_orthonormal_and_projected)
{
    const radial_settings s = GetParam();
    const fine_rule rule(s);
    const int n_max = s.n_max;
    const double distances[] = {0.0, 0.37 * s.r_cut, 0.8 * s.r_cut, s.r_cut};
    std::vector<functions> found;
    for (double r : distances) found.push_back(evaluate(s, r));
    const quad eta = 1 / (2 * (quad)s.sigma * s.sigma);
    for (int l : {0, s.l_max / 2, s.l_max}) {
        std::vector<quad> beta(n_max * n_max), S = overlap(s, l), gram(n_max * n_max), R(4 * n_max);
        ASSERT_EQ(radial_orthonormalize(&s, S.data(), beta.data(), nullptr), MLSOAP_SUCCESS);
        for (size_t i = 0; i < rule.t.size(); ++i) {
            const quad t = rule.t[i];
            std::vector<quad> phi = primitives(s, l, t), g(n_max);
            for (int n = 0; n < n_max; ++n)
                for (int k = 0; k < n_max; ++k) g[n] += beta[n * n_max + k] * phi[k];
            for (int n = 0; n < n_max; ++n)
                for (int k = 0; k < n_max; ++k) gram[n * n_max + k] += rule.w[i] * t * t * g[n] * g[k];
            for (int d = 0; d < 4; ++d) {
                quad h[RADIAL_L_MAX + 1];
                gaussian_shell_quad(l, eta, distances[d], t, h, nullptr, nullptr);
                for (int n = 0; n < n_max; ++n) R[d * n_max + n] += 4 * quad_pi() * rule.w[i] * t * t * g[n] * h[l];
            }
        }
        for (int i = 0; i < n_max * n_max; ++i) EXPECT_NEAR((double)gram[i], i % (n_max + 1) == 0, 1e-12);
        for (int d = 0; d < 4; ++d)
            for (int n = 0; n < n_max; ++n) {
                double scale = 0;
                for (int e = 0; e < 4; ++e) scale = fmax(scale, fabs((double)R[e * n_max + n]));
                EXPECT_LE(fabs(found[d].R[l * n_max + n] - (double)R[d * n_max + n]), 2e-13 * scale)
                    << "l " << l << " n " << n << " r " << distances[d];
            }
    }
}

INSTANTIATE_TEST_SUITE_P(settings, radial_definition,
                         testing::Values(make_radial(exact, 1, 0, 0.5, 4), make_radial(exact, 8, 6, 0.5, 4.5),
                                         make_radial(exact, 16, 4, 0.5, 5), make_radial(exact, 6, 20, 0.3, 4, 10),
                                         make_radial(gto, 1, 2, 0.5, 3), make_radial(gto, 8, 6, 0.5, 5),
                                         make_radial(gto, 12, 8, 0.5, 6), make_radial(gto, 5, 20, 0.3, 4),
                                         make_radial(polynomial, 1, 1, 0.5, 4), make_radial(polynomial, 4, 4, 0.5, 4.6),
                                         make_radial(polynomial, 10, 6, 0.5, 5),
                                         make_radial(polynomial, 10, 2, 0.5, 12),
                                         make_radial(polynomial, 10, 2, 0.5, 1), make_radial(gto, 16, 20, 0.5, 8),
                                         make_radial(polynomial, 6, 20, 0.2, 6)));

class radial_derivatives : public testing::TestWithParam<radial_settings>
{
};

TEST_P(radial_derivatives, match_differences)
{
    const radial_settings s = GetParam();
    for (double r : {0.05, 0.9, 2.3, s.r_cut - 0.01}) {
        functions f = evaluate(s, r);
        double first[2], second[2];
        for (int level = 0; level < 2; ++level) {
            double h = level ? 5e-4 : 1e-3;
            functions plus = evaluate(s, r + h), minus = evaluate(s, r - h);
            std::vector<double> d(f.R.size()), d2(f.R.size());
            for (size_t i = 0; i < d.size(); ++i) {
                d[i] = (plus.R[i] - minus.R[i]) / (2 * h);
                d2[i] = (plus.dR[i] - minus.dR[i]) / (2 * h);
            }
            first[level] = deviation(d, f.dR);
            second[level] = deviation(d2, f.d2R);
        }
        double scale = magnitude(f.R) / (s.sigma * s.sigma * s.sigma) + magnitude(f.dR);
        EXPECT_LE(first[1], 1e-5 * scale) << "r " << r;
        EXPECT_LE(first[1], 0.26 * first[0] + 1e-11 * scale) << "r " << r;
        EXPECT_LE(second[1], 1e-5 * scale / s.sigma) << "r " << r;
        EXPECT_LE(second[1], 0.26 * second[0] + 1e-11 * scale / s.sigma) << "r " << r;
    }
}

TEST_P(radial_derivatives, are_regular_at_the_center)
{
    const radial_settings s = GetParam();
    functions f = evaluate(s, 0);
    for (int l = 0; l <= s.l_max; ++l)
        for (int n = 0; n < s.n_max; ++n) { // R_nl = r^l (a + b r^2 ...)
            int i = l * s.n_max + n;
            EXPECT_TRUE(std::isfinite(f.R[i]) && std::isfinite(f.dR[i]) && std::isfinite(f.d2R[i]));
            EXPECT_EQ(f.R[i] == 0, l != 0);
            EXPECT_EQ(f.dR[i] == 0, l != 1);
            EXPECT_EQ(f.d2R[i] == 0, l != 0 && l != 2);
        }
}

TEST_P(radial_derivatives, do_not_depend_on_what_else_is_asked)
{
    const radial_settings s = GetParam();
    functions f = evaluate(s, 1.3);
    std::vector<double> R(f.R.size()), dR(f.R.size()), d2R(f.R.size());
    radial_generator *g;
    ASSERT_EQ(radial_generator_new(&s, &g, nullptr), MLSOAP_SUCCESS);
    radial_generator_evaluate(g, 1.3, R.data(), nullptr, nullptr);
    radial_generator_evaluate(g, 1.3, nullptr, dR.data(), nullptr);
    radial_generator_evaluate(g, 1.3, nullptr, nullptr, d2R.data());
    radial_generator_free(g);
    EXPECT_LE(deviation(R, f.R), 2e-15 * magnitude(f.R)); // another start of the recursion of the Bessel functions
    EXPECT_LE(deviation(dR, f.dR), 2e-14 * magnitude(f.dR));
    EXPECT_EQ(deviation(d2R, f.d2R), 0.0);
}

INSTANTIATE_TEST_SUITE_P(bases, radial_derivatives,
                         testing::Values(make_radial(exact, 6, 5, 0.4, 5), make_radial(exact, 16, 20, 0.5, 5, 10),
                                         make_radial(collocation, 6, 5, 0.4, 5),
                                         make_radial(collocation, 12, 20, 0.5, 5), make_radial(gto, 6, 5, 0.4, 5),
                                         make_radial(gto, 12, 20, 0.5, 5), make_radial(polynomial, 6, 5, 0.4, 5),
                                         make_radial(polynomial, 10, 20, 0.3, 5)));

TEST(radial_generator, refuses_settings_out_of_range)
{
    auto changed = [](radial_basis basis, auto change) {
        radial_settings s = make_radial(basis, 4, 3, 0.5, 4);
        change(s);
        return s;
    };
    struct {
        radial_settings settings;
        const char *message;
    } cases[] = {
        {changed(gto, [](auto &s) { s.n_max = 0; }), "n_max is 0; it must be 1 ... 16"},
        {changed(exact, [](auto &s) { s.n_max = 17; }), "n_max is 17; it must be 1 ... 16"},
        {changed(polynomial, [](auto &s) { s.n_max = 11; }), "n_max is 11; it must be 1 ... 10"},
        {changed(gto, [](auto &s) { s.l_max = -1; }), "l_max is -1; it must be 0 ... 20"},
        {changed(gto, [](auto &s) { s.l_max = 21; }), "l_max is 21; it must be 0 ... 20"},
        {changed(gto, [](auto &s) { s.r_cut = 1; }), "r_cut is 1 A; it must be finite and > 1 A"},
        {changed(exact, [](auto &s) { s.r_cut = 0; }), "r_cut is 0 A; it must be finite and > 0 A"},
        {changed(exact, [](auto &s) { s.r_cut = INFINITY; }), "r_cut is inf A"},
        {changed(exact, [](auto &s) { s.r_cut = NAN; }), "r_cut is nan A"},
        {changed(exact, [](auto &s) { s.r_max = 0; }), "r_max is 0 A"},
        {changed(exact, [](auto &s) { s.r_max = NAN; }), "r_max is nan A"},
        {changed(exact, [](auto &s) { s.sigma = 0; }), "sigma is 0 A; it must be finite and >= 0.01 A"},
        {changed(exact, [](auto &s) { s.sigma = NAN; }), "sigma is nan A"},
        {changed(gto, [](auto &s) { s.sigma = INFINITY; }), "sigma is inf A"},
        {changed(polynomial, [](auto &s) { s.sigma = 0.05; }), "sigma is 0.05 A; it must be finite and >= 0.08 A"},
        {changed(collocation, [](auto &s) { s.basis_error_exponent = -1; }), "basis_error_exponent is -1"},
        {changed(gto,
                 [](auto &s) {
                     int number = 7; // as a C caller may do
                     memcpy(&s.basis, &number, sizeof s.basis);
                 }),
         "radial basis number 7"},
    };
    for (auto &c : cases) {
        mlsoap_error error = {};
        radial_generator *g = reinterpret_cast<radial_generator *>(&error);
        EXPECT_EQ(radial_generator_new(&c.settings, &g, &error), MLSOAP_ERROR_VALUE) << c.message;
        EXPECT_EQ(g, nullptr);
        EXPECT_NE(std::string(error.message).find(c.message), std::string::npos) << error.message;
    }
}

TEST(radial_generator, refuses_dependent_functions)
{
    for (radial_basis basis : {exact, collocation}) {
        radial_settings s = make_radial(basis, 16, 2, 2.0, 3);
        mlsoap_error error = {};
        radial_generator *g;
        EXPECT_EQ(radial_generator_new(&s, &g, &error), MLSOAP_ERROR_NUMERICS);
        EXPECT_NE(std::string(error.message).find("use a smaller n_max or sigma"), std::string::npos) << error.message;
    }
}

TEST(radial_generator, survives_lack_of_memory)
{
    for (radial_basis basis : {exact, collocation, gto, polynomial}) {
        radial_settings s = make_radial(basis, 4, 3, 0.5, 4);
        long n = 1;
        for (;; ++n) {
            radial_generator *g;
            mlsoap_error error = {};
            memory_fail_after(n);
            mlsoap_status status = radial_generator_new(&s, &g, &error);
            memory_fail_after(0);
            radial_generator_free(g);
            if (status == MLSOAP_SUCCESS) break;
            ASSERT_EQ(status, MLSOAP_ERROR_MEMORY);
            ASSERT_EQ(g, nullptr);
        }
        EXPECT_EQ(n, 4);
    }
}
