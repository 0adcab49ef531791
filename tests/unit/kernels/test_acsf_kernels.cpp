// SPDX-License-Identifier: BSD-3-Clause
// The kernels of the symmetry functions: each instruction set equals the scalar one to rounding (1e-13 of the largest
// value: sums of some 1000 terms in another order), windows equal their definition.
#include <gtest/gtest.h>

#include "support/acsf_oracle.hpp"
#include "support/structures.hpp"

extern "C" {
#include "descriptors/acsf/acsf.h"
}

using namespace testing_support;

namespace
{

std::vector<double> run(const std::string &settings, const kernels *table)
{
    auto d = make_descriptor(settings);
    reinterpret_cast<acsf *>(d.get())->kernels = table;
    Described described(d, small_cell());
    std::vector<double> out = described.features, g(d->n_features);
    for (size_t f = 0; f < g.size(); f++) g[f] = std::sin(1.0 + double(f));
    for (size_t i = 0; i < described.list.n_centers; i++) {
        std::vector<double> J = described.jacobian(i), v(J.size() / d->stride);
        for (size_t k = 0; k < v.size(); k++) v[k] = std::cos(double(k));
        for (const auto &part : {described.adjoint(i, g), described.tangent(i, v), J})
            out.insert(out.end(), part.begin(), part.end());
    }
    return out;
}

TEST(AcsfKernels, EqualScalar)
{
    const kernels *const *all = kernels_available();
    std::vector<std::string> settings;
    for (int type = 0; type <= 8; type++) settings.push_back(acsf_runner(acsf_lines(), type, 0.2, ""));
    for (const auto &variant : acsf_variants()) settings.push_back(variant.settings);
    for (const auto &text : settings) {
        auto expected = run(text, all[0]);
        double scale = 0;
        for (double x : expected) scale = std::max(scale, std::fabs(x));
        EXPECT_GT(scale, 0);
        for (int k = 1; all[k]; k++) {
            auto found = run(text, all[k]);
            ASSERT_EQ(found.size(), expected.size());
            for (size_t i = 0; i < found.size(); i++)
                ASSERT_LE(std::fabs(found[i] - expected[i]), 1e-13 * scale) << all[k]->isa << " " << text;
        }
    }
}

// Values in the range 0 to 1, 0 outside, derivatives by differences, on a grid that meets center and edges.
TEST(AcsfKernels, Windows)
{
    const int n = 4096;
    std::shared_ptr<double> data(MEMORY_NEW(double, 5 * n), memory_free);
    double *r = data.get(), *w = r + n, *dw = w + n, *other = dw + n, *slope = other + n;
    std::vector<acsf_window> windows;
    for (int type = 0; type <= 8; type++) windows.push_back(acsf_cutoff_window(type, 0.25, 4));
    for (const char *sub : {"p1", "p2", "p3", "p4", "e", "p2a", "p4a", "ea"})
        windows.push_back(acsf_compact_window(sub, -1, 4));
    for (int i = 0; i < n; i++) r[i] = 5.0 * i / n;
    for (int t = 0; kernels_available()[t]; t++)
        for (const acsf_window &window : windows) {
            const kernels *table = kernels_available()[t];
            const double h = 1e-5;
            table->acsf_weights(&window, n, r, w, dw);
            for (int i = 0; i < n; i++) {
                EXPECT_TRUE(w[i] >= 0 && w[i] <= 1) << window.shape << " " << r[i];
                EXPECT_TRUE(r[i] < 4 || (w[i] == 0 && dw[i] == 0));
            }
            std::vector<double> difference(n), centers(r, r + n);
            for (int i = 0; i < n; i++) r[i] = centers[size_t(i)] + h;
            table->acsf_weights(&window, n, r, other, slope);
            for (int i = 0; i < n; i++) difference[size_t(i)] = other[i];
            for (int i = 0; i < n; i++) r[i] = centers[size_t(i)] - h;
            table->acsf_weights(&window, n, r, other, slope);
            for (int i = 0; i < n; i++) r[i] = centers[size_t(i)];
            for (int i = 1; i < n; i++) {
                bool edge = std::fabs(r[i] - 4) < 2 * h || std::fabs(r[i] - window.center) < 2 * h;
                if (edge) continue; // the second derivative jumps
                EXPECT_LE(std::fabs((difference[size_t(i)] - other[i]) / (2 * h) - dw[i]), 1e-8)
                    << window.shape << " " << r[i];
            }
        }
}

} // namespace
