// SPDX-License-Identifier: BSD-3-Clause
// Weights w(r): known values, derivatives, smooth end at r_cut.
#include "support/structures.hpp"

#include <gtest/gtest.h>

extern "C" {
#include "math/cutoff_function.h"
}

namespace
{
cutoff_function make(cutoff_type type, double width = 1, double m = 2, double r0 = 0, double scaling_m = 0)
{
    cutoff_function f = {};
    f.type = type;
    f.r_cut = 4.5;
    f.width = width;
    f.m = m;
    f.r0 = type == CUTOFF_POLY ? 4.5 : 2.1;
    f.c = 1;
    f.d = 1;
    f.scaling_r0 = r0;
    f.scaling_m = scaling_m;
    return f;
}

const cutoff_function all[] = {make(CUTOFF_COSINE),
                               make(CUTOFF_SHIFTED_COSINE, 1.0),
                               make(CUTOFF_SHIFTED_COSINE, 4.5),
                               make(CUTOFF_POLY, 0, 1),
                               make(CUTOFF_POLY, 0, 2),
                               make(CUTOFF_POLY, 0, 2.5),
                               make(CUTOFF_COSINE, 0, 0, 2.7, 4),
                               make(CUTOFF_SHIFTED_COSINE, 1.0, 0, 2.0, 2),
                               make(CUTOFF_POLY, 0, 2, 3.1, 7.5)};
} // namespace

TEST(cutoff_function, formulas)
{
    double r = 3.7, x = r / 4.5, d;
    cutoff_function f = make(CUTOFF_COSINE);
    EXPECT_NEAR(cutoff_function_evaluate(&f, r, nullptr), 0.5 * (cos(M_PI * x) + 1), 1e-15);
    f = make(CUTOFF_SHIFTED_COSINE, 1.5);
    EXPECT_NEAR(cutoff_function_evaluate(&f, r, nullptr), 0.5 * (cos(M_PI * (r - 4.5 + 1.5) / 1.5) + 1), 1e-15);
    EXPECT_EQ(cutoff_function_evaluate(&f, 2.9, &d), 1.0);
    EXPECT_EQ(d, 0.0);
    f = make(CUTOFF_POLY, 0, 3);
    EXPECT_NEAR(cutoff_function_evaluate(&f, r, nullptr), pow(1 + 2 * x * x * x - 3 * x * x, 3), 1e-15);
    f = make(CUTOFF_COSINE, 0, 0, 2.7, 4);
    EXPECT_NEAR(cutoff_function_evaluate(&f, r, nullptr), 0.5 * (cos(M_PI * x) + 1) / (1 + pow(r / 2.7, 4)), 1e-15);
}

TEST(cutoff_function, reference_with_scaling)
{
    testing_support::Json file(testing_support::read_json("soap_gaussians.json"));
    json_t *entry = json_array_get(file["cases"], 0), *basis = json_object_get(entry, "basis");
    cutoff_function f = make(CUTOFF_SHIFTED_COSINE, 1.0, 0, 2.7, 4); // the settings of case a
    std::vector<double> r = testing_support::numbers(json_object_get(basis, "weight_r"));
    std::vector<double> weight = testing_support::numbers(json_object_get(basis, "weight"));
    std::vector<double> derivative = testing_support::numbers(json_object_get(basis, "weight_derivative"));
    ASSERT_EQ(r.size(), 5u);
    for (size_t i = 0; i < r.size(); ++i) {
        double d;
        EXPECT_NEAR(cutoff_function_evaluate(&f, r[i], &d), weight[i], 1e-15);
        EXPECT_NEAR(d, derivative[i], 2e-15);
    }
}

TEST(cutoff_function, derivative_matches_differences)
{
    for (const cutoff_function &f : all) {
        for (double r : {0.2, 1.1, 2.9, 3.45, 3.8, 4.2, 4.49}) {
            auto difference = [&](double h) {
                return (cutoff_function_evaluate(&f, r + h, nullptr) - cutoff_function_evaluate(&f, r - h, nullptr)) /
                       (2 * h);
            };
            double derivative;
            cutoff_function_evaluate(&f, r, &derivative);
            double coarse = fabs(difference(2e-3) - derivative), fine = fabs(difference(1e-3) - derivative);
            EXPECT_LE(fine, 2e-5) << f.type << " " << r;
            EXPECT_LE(fine, 0.27 * coarse + 1e-12) << f.type << " " << r; // second order
        }
    }
}

TEST(cutoff_function, ends_smoothly_at_r_cut)
{
    for (const cutoff_function &f : all) {
        double d = 1;
        for (double r : {4.5, 4.6, 100.0}) {
            EXPECT_EQ(cutoff_function_evaluate(&f, r, &d), 0.0);
            EXPECT_EQ(d, 0.0);
        }
        double h = 1e-6, w = cutoff_function_evaluate(&f, 4.5 - h, &d);
        EXPECT_GT(w, 0.0);
        EXPECT_LE(w, 3e-12);
        EXPECT_LT(d, 0.0);
        EXPECT_LE(fabs(d), 6e-6);
        EXPECT_NEAR(w / -d, h / (f.type == CUTOFF_POLY ? 2 * f.m : 2), 1e-4 * h); // small values keep their digits
    }
}

TEST(cutoff_function, is_one_and_flat_at_zero)
{
    for (const cutoff_function &f : all) {
        double d = 1;
        EXPECT_EQ(cutoff_function_evaluate(&f, 0, &d), 1.0);
        EXPECT_EQ(d, 0.0);
    }
}
