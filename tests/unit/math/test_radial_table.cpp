// SPDX-License-Identifier: BSD-3-Clause
// Tables of radial functions against their generator, between the nodes, for bases and settings up to the extremes.
#include "support/radial_settings.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

extern "C" {
#include "core/memory.h"
}

namespace
{
const radial_basis exact = RADIAL_GAUSSIANS_EXACT, collocation = RADIAL_GAUSSIANS_COLLOCATION, gto = RADIAL_GTO,
                   polynomial = RADIAL_POLYNOMIAL;

struct table_owner {
    radial_table *table = nullptr;
    explicit table_owner(const radial_settings &s)
    {
        mlsoap_error error = {};
        EXPECT_EQ(radial_table_new(&s, &table, &error), MLSOAP_SUCCESS) << error.message;
    }
    ~table_owner() { radial_table_free(table); }
    table_owner(const table_owner &) = delete;
    table_owner &operator=(const table_owner &) = delete;
};

void interpolate(const radial_table *t, double r, std::vector<double> &R, std::vector<double> &dR)
{
    R.assign(t->n_channels, NAN);
    dR.assign(t->n_channels, NAN);
    radial_table_evaluate(t, r, R.data(), dR.data());
    for (double &slope : dR) slope *= t->inverse_spacing;
}

struct errors {
    double value = 0, derivative = 0;
};

// Largest deviations relative to the largest value of the same (n, l), at three points of every fifth interval.
errors measure(const radial_table *t)
{
    const int n_max = t->settings.n_max, n_values = n_max * (t->settings.l_max + 1);
    std::vector<double> R, dR, f(n_values), df(n_values), value(n_values), slope(n_values), top(n_values),
        steep(n_values);
    radial_generator *g;
    EXPECT_EQ(radial_generator_new(&t->settings, &g, nullptr), MLSOAP_SUCCESS);
    for (int i = 0; i < t->n_intervals; i += 5) {
        for (double u : {0.21, 0.5, 0.77}) {
            double r = (i + u) * t->spacing;
            radial_generator_evaluate(g, r, f.data(), df.data(), nullptr);
            interpolate(t, r, R, dR);
            for (int k = 0; k < n_values; ++k) {
                int c = k / n_max * t->n_padded + k % n_max;
                top[k] = fmax(top[k], fabs(f[k]));
                steep[k] = fmax(steep[k], fabs(df[k]));
                value[k] = std::isnan(R[c]) ? INFINITY : fmax(value[k], fabs(R[c] - f[k]));
                slope[k] = std::isnan(dR[c]) ? INFINITY : fmax(slope[k], fabs(dR[c] - df[k]));
            }
        }
    }
    radial_generator_free(g);
    errors e;
    for (int k = 0; k < n_values; ++k) {
        e.value = fmax(e.value, value[k] / top[k]);
        e.derivative = fmax(e.derivative, slope[k] / steep[k]);
    }
    return e;
}
} // namespace

class radial_table_error : public testing::TestWithParam<radial_settings>
{
};

TEST_P(radial_table_error, is_below_the_bound)
{
    table_owner owner(GetParam());
    radial_table *t = owner.table;
    ASSERT_NE(t, nullptr);
    errors e = measure(t);
    RecordProperty("n_intervals", t->n_intervals);
    RecordProperty("error_of_value", std::to_string(e.value * 1e12) + "e-12");
    RecordProperty("error_of_derivative", std::to_string(e.derivative * 1e12) + "e-12");
    EXPECT_LE(t->error, 2e-11);
    EXPECT_LE(e.value, 2e-11);
    EXPECT_LE(e.derivative, 1e-8);
    EXPECT_GE(t->error, 0.6 * e.value); // what the table says of itself is true
    EXPECT_LE(t->n_intervals * fmin(t->settings.sigma, 0.5), 45 * t->settings.r_max); // no more than needed
}

INSTANTIATE_TEST_SUITE_P(
    settings, radial_table_error,
    testing::Values(make_radial(exact, 8, 6, 0.5, 6), make_radial(exact, 8, 6, 0.5, 6, 10),
                    make_radial(exact, 1, 0, 0.5, 4), make_radial(exact, 16, 20, 0.5, 5),
                    make_radial(exact, 16, 20, 0.2, 8), make_radial(exact, 12, 8, 1.0, 5),
                    make_radial(exact, 4, 20, 1.5, 3), make_radial(collocation, 8, 6, 0.5, 6),
                    make_radial(collocation, 8, 6, 0.5, 4.5, 10), make_radial(collocation, 1, 1, 0.5, 4),
                    make_radial(collocation, 16, 3, 0.5, 5), make_radial(collocation, 5, 20, 0.2, 4),
                    make_radial(gto, 8, 6, 0.5, 6), make_radial(gto, 8, 6, 0.5, 5, NAN, 3.716922 * 0.5),
                    make_radial(gto, 1, 0, 0.5, 3), make_radial(gto, 12, 8, 0.3, 6), make_radial(gto, 16, 2, 0.5, 8),
                    make_radial(gto, 4, 20, 0.2, 6), make_radial(gto, 3, 3, 1.5, 1.2),
                    make_radial(polynomial, 8, 6, 0.5, 6), make_radial(polynomial, 10, 8, 0.5, 5),
                    make_radial(polynomial, 10, 20, 0.2, 10),
                    make_radial(polynomial, 4, 9, 1.5, 5, NAN, 3.716922 * 1.5), make_radial(polynomial, 1, 0, 0.3, 3)));

TEST(radial_table, layout)
{
    for (radial_basis basis : {exact, collocation, gto, polynomial}) {
        table_owner owner(make_radial(basis, 5, 3, 0.5, 4, NAN, 0.7));
        const radial_table *t = owner.table;
        ASSERT_NE(t, nullptr);
        EXPECT_EQ(t->n_padded, 8);
        EXPECT_EQ(t->n_channels, 32);
        EXPECT_NEAR(t->spacing * t->n_intervals, 4.7, 1e-14);
        EXPECT_DOUBLE_EQ(t->spacing * t->inverse_spacing, 1);
        for (int row = 0; row < 6 * 4 * t->n_intervals; ++row)
            for (int n = 5; n < 8; ++n) ASSERT_EQ(t->pieces[row * 8 + n], 0.0);
        radial_generator *g;
        ASSERT_EQ(radial_generator_new(&t->settings, &g, nullptr), MLSOAP_SUCCESS);
        std::vector<double> R(20), dR(20), d2R(20);
        radial_generator_evaluate(g, 0, R.data(), nullptr, nullptr);
        for (int n = 0; n < 8; ++n) EXPECT_NEAR(t->center[n], n < 5 ? R[n] : 0, 1e-15 * fabs(R[0]));
        radial_generator_evaluate(g, 7 * t->spacing, R.data(), dR.data(), d2R.data());
        radial_generator_free(g);
        for (int l = 0; l < 4; ++l)
            for (int n = 0; n < 5; ++n) {
                const double *piece = radial_table_pieces(t, 7) + l * 6 * 8 + n;
                EXPECT_EQ(piece[0], R[l * 5 + n]);
                EXPECT_DOUBLE_EQ(piece[8], t->spacing * dR[l * 5 + n]);
                EXPECT_DOUBLE_EQ(piece[16], 0.5 * t->spacing * t->spacing * d2R[l * 5 + n]);
            }
    }
}

TEST(radial_table, is_continuous_over_nodes_and_reaches_both_ends)
{
    table_owner owner(make_radial(exact, 4, 3, 0.5, 4));
    const radial_table *t = owner.table;
    ASSERT_NE(t, nullptr);
    std::vector<double> a, b, da, db;
    for (int i = 1; i < t->n_intervals; ++i) {
        interpolate(t, i * t->spacing * (1 - 1e-14), a, da);
        interpolate(t, i * t->spacing * (1 + 1e-14), b, db);
        for (int c = 0; c < t->n_channels; ++c) {
            ASSERT_NEAR(a[c], b[c], 1e-12);
            ASSERT_NEAR(da[c], db[c], 1e-12);
        }
    }
    interpolate(t, 0, a, da);
    for (int n = 0; n < t->n_padded; ++n) EXPECT_EQ(a[n], t->center[n]);
    radial_generator *g;
    ASSERT_EQ(radial_generator_new(&t->settings, &g, nullptr), MLSOAP_SUCCESS);
    std::vector<double> R(16), dR(16);
    radial_generator_evaluate(g, 4, R.data(), dR.data(), nullptr);
    radial_generator_free(g);
    interpolate(t, 4, a, da);
    for (int k = 0; k < 16; ++k) {
        EXPECT_NEAR(a[k / 4 * 8 + k % 4], R[k], 1e-14);
        EXPECT_NEAR(da[k / 4 * 8 + k % 4], dR[k], 1e-12);
    }
}

TEST(radial_table, intervals_end_where_they_should)
{
    radial_table t = {};
    t.n_intervals = 2;
    t.spacing = 0.25;
    t.inverse_spacing = 4;
    double u;
    EXPECT_EQ(radial_table_interval(&t, 0, &u), 0);
    EXPECT_EQ(u, 0);
    EXPECT_EQ(radial_table_interval(&t, 0.3, &u), 1);
    EXPECT_NEAR(u, 0.2, 1e-15);
    EXPECT_EQ(radial_table_interval(&t, 0.5, &u), 1);
    EXPECT_EQ(u, 1);
}

TEST(radial_table, hands_on_refusals)
{
    radial_settings s = make_radial(gto, 4, 3, 0.5, 0.9);
    radial_table *t = reinterpret_cast<radial_table *>(&s);
    mlsoap_error error = {};
    EXPECT_EQ(radial_table_new(&s, &t, &error), MLSOAP_ERROR_VALUE);
    EXPECT_EQ(t, nullptr);
    EXPECT_NE(std::string(error.message).find("r_cut is 0.9 A"), std::string::npos) << error.message;
    s = make_radial(exact, 16, 3, 2, 3);
    EXPECT_EQ(radial_table_new(&s, &t, &error), MLSOAP_ERROR_NUMERICS);
}

TEST(radial_table, survives_lack_of_memory)
{
    radial_settings s = make_radial(polynomial, 2, 1, 0.5, 3);
    long n = 1;
    for (;; ++n) {
        radial_table *t;
        mlsoap_error error = {};
        memory_fail_after(n);
        mlsoap_status status = radial_table_new(&s, &t, &error);
        memory_fail_after(0);
        radial_table_free(t);
        if (status == MLSOAP_SUCCESS) break;
        ASSERT_EQ(status, MLSOAP_ERROR_MEMORY);
        ASSERT_EQ(t, nullptr);
    }
    EXPECT_GE(n, 8); // three allocations of the generator, three of the table, one for each spacing tried
    EXPECT_LE(n, 12);
}
