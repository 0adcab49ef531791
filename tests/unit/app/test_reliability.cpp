// SPDX-License-Identifier: BSD-3-Clause
// Reliability of uncertainties (src/app/reliability.c): rank correlation with ties, bins, what is left out.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

extern "C" {
#include "app/reliability.h"
#include "core/memory.h"
}

namespace
{

double correlation(const std::vector<double> &x, const std::vector<double> &y)
{
    double r = 0;
    EXPECT_EQ(rank_correlation(x.size(), x.data(), y.data(), &r, nullptr), MLSOAP_SUCCESS);
    return r;
}

/* Frames of `n_atoms` atoms: force error e(k) along x and uncertainty u(k) of atom k of all. */
struct Frames {
    frame_set set{};
    Frames(size_t n_frames, size_t n_atoms, double (*e)(size_t), double (*u)(size_t))
    {
        EXPECT_TRUE(MEMORY_RESERVE(&set.frames, &set.capacity, n_frames));
        for (size_t c = 0; c < n_frames; c++) {
            frame f{};
            EXPECT_EQ(structure_new(&f.structure, n_atoms, nullptr), MLSOAP_SUCCESS);
            f.forces = (double(*)[3])memory_new(n_atoms, sizeof *f.forces);
            f.predicted_forces = (double(*)[3])memory_new(n_atoms, sizeof *f.forces);
            f.predicted_uncertainty = (double(*)[2])memory_new(n_atoms, sizeof *f.predicted_uncertainty);
            f.has_forces = f.has_prediction = f.has_energy = true;
            f.config_type = memory_copy_text(c % 2 ? "b" : "a");
            f.energy = 1;
            f.predicted_energy = 1 + 0.01 * double(n_atoms);
            for (size_t i = 0; i < n_atoms; i++) {
                f.predicted_forces[i][0] = 1 + e(c * n_atoms + i);
                f.forces[i][0] = 1;
                f.predicted_uncertainty[i][0] = 0.02;
                f.predicted_uncertainty[i][1] = u(c * n_atoms + i);
            }
            set.frames[set.n_frames++] = f;
        }
    }
    ~Frames() { frame_set_release(&set); }
};

TEST(Reliability, RankCorrelation)
{
    EXPECT_DOUBLE_EQ(correlation({1, 2, 3, 4}, {10, 20, 30, 1000}), 1);
    EXPECT_DOUBLE_EQ(correlation({1, 2, 3, 4}, {4, 3, 2, 1}), -1);
    EXPECT_DOUBLE_EQ(correlation({1, 2, 3}, {1, 3, 2}), 0.5);
    EXPECT_NEAR(correlation({1, 2, 2, 3}, {1, 2, 3, 4}), 4.5 / std::sqrt(4.5 * 5), 1e-15); // ties share their rank
    EXPECT_TRUE(std::isnan(correlation({1, 1}, {1, 2})));
    EXPECT_TRUE(std::isnan(correlation({}, {})));
}

TEST(Reliability, BinsOfCalibratedUncertainties)
{
    Frames f(
        10, 10, [](size_t k) { return 0.01 * double((k * 37) % 100 + 1); },
        [](size_t k) { return 0.01 * double((k * 37) % 100 + 1); });
    reliability r;
    ASSERT_EQ(reliability_find(&f.set, &r, nullptr), MLSOAP_SUCCESS);
    EXPECT_EQ(r.n, 100u);
    EXPECT_DOUBLE_EQ(r.spearman, 1);
    for (const reliability_bin &bin : r.bins) {
        EXPECT_EQ(bin.n, 10u);
        EXPECT_NEAR(bin.predicted, bin.error, 1e-12);
    }
    EXPECT_LT(r.bins[0].predicted, r.bins[9].predicted);
    EXPECT_NEAR(r.energy_predicted, 0.02, 1e-14);
    EXPECT_NEAR(r.energy_error, 0.01, 1e-14);
    json_t *json = reliability_json(&r);
    EXPECT_EQ(json_array_size(json_object_get(json, "bins")), 10u);
    EXPECT_NEAR(json_number_value(json_object_get(json_object_get(json, "energy"), "error")), 10, 1e-10);
    json_decref(json);
    reliability_release(&r);
}

TEST(Reliability, TellsWhatIsBelow)
{
    Frames f(
        1, 20, [](size_t k) { return k < 5 ? 2.0 : 0.5; }, [](size_t) { return 1.0; });
    reliability r;
    ASSERT_EQ(reliability_find(&f.set, &r, nullptr), MLSOAP_SUCCESS);
    EXPECT_DOUBLE_EQ(r.total.within, 0.75);
    EXPECT_TRUE(std::isnan(r.spearman)); // all uncertainties are equal
    EXPECT_EQ(reliability_remark(1000, r.spearman), nullptr);
    reliability_release(&r);
}

/* Two config_types that are each ranked well, with errors of a hundredth in the one of the larger uncertainties: what
 * all atoms together say is the contrary of each. */
TEST(Reliability, SaysWhereItDoesNotRank)
{
    auto e = [](size_t k) { return (k / 10 % 2 ? 0.01 : 1.0) * (0.5 + 0.01 * double(k)); };
    auto u = [](size_t k) { return (k / 10 % 2 ? 10.0 : 1.0) * (0.5 + 0.01 * double(k)); };
    Frames f(20, 10, e, u);
    reliability r;
    ASSERT_EQ(reliability_find(&f.set, &r, nullptr), MLSOAP_SUCCESS);
    EXPECT_LT(r.spearman, -0.4);
    ASSERT_EQ(r.n_rows, 2u);
    EXPECT_STREQ(r.rows[0].name, "a");
    EXPECT_STREQ(r.rows[1].name, "b");
    for (size_t k = 0; k < 2; k++) {
        EXPECT_EQ(r.rows[k].atoms.n, 100u);
        EXPECT_DOUBLE_EQ(r.rows[k].spearman, 1);
        EXPECT_NEAR(r.rows[k].atoms.error / r.rows[k].atoms.predicted, k ? 1e-3 : 1, 1e-12);
    }
    char *text = nullptr;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    reliability_print(&r, file);
    fclose(file);
    const std::string page = text;
    free(text);
    EXPECT_NE(page.find("below 0.3: the uncertainties do not tell"), std::string::npos) << page;
    EXPECT_NE(page.find("by config_type"), std::string::npos);
    EXPECT_NE(page.find("  b                    100"), std::string::npos) << page;
    json_t *json = reliability_json(&r), *row = json_object_get(json_object_get(json, "by_config_type"), "b");
    EXPECT_EQ(json_number_value(json_object_get(row, "n")), 100);
    EXPECT_DOUBLE_EQ(json_number_value(json_object_get(row, "spearman")), 1);
    json_decref(json);
    reliability_release(&r);
    EXPECT_NE(reliability_remark(100, 0.29), nullptr);
    EXPECT_EQ(reliability_remark(100, 0.3), nullptr);
    EXPECT_EQ(reliability_remark(99, 0.29), nullptr); // known to 0.1 at best
}

TEST(Reliability, LeavesOutWhatHasNoUncertainty)
{
    Frames f(
        3, 2, [](size_t k) { return double(k); }, [](size_t k) { return double(k); });
    memory_free(f.set.frames[0].predicted_uncertainty);
    f.set.frames[0].predicted_uncertainty = nullptr;
    f.set.frames[1].has_forces = false;
    reliability r;
    ASSERT_EQ(reliability_find(&f.set, &r, nullptr), MLSOAP_SUCCESS);
    EXPECT_EQ(r.n, 2u);
    EXPECT_EQ(r.n_energies, 2u);
    EXPECT_EQ(r.bins[0].n, 0u); // too few for bins
    reliability_release(&r);
    f.set.frames[2].has_prediction = false;
    ASSERT_EQ(reliability_find(&f.set, &r, nullptr), MLSOAP_SUCCESS);
    EXPECT_EQ(r.n, 0u);
    json_t *json = reliability_json(&r);
    EXPECT_TRUE(json_is_null(json));
    reliability_release(&r);
}

} // namespace
