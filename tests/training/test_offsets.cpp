// SPDX-License-Identifier: BSD-3-Clause
// Energy offsets: isolated atoms, least squares with and without full rank, refusals.
#include "training_fixtures.hpp"

extern "C" {
#include "app/doctor/offsets.h"
}

namespace
{
struct frames {
    frame_set set{};
    std::vector<const frame *> pointers;

    void add(const std::vector<int> &species, double energy, const char *type = "default", double L = 0)
    {
        std::vector<atom> atoms;
        for (size_t i = 0; i < species.size(); i++) atoms.push_back({species[i], 2.0 * (double)i, 0, 0});
        frame f = make_frame(atoms, L, type);
        f.has_energy = true;
        f.energy = energy;
        add_frame(set, f);
        pointers.clear();
        for (size_t i = 0; i < set.n_frames; i++) pointers.push_back(&set.frames[i]);
    }
    mlsoap_status find(const std::vector<int> &z, offsets_method method, double r_cut)
    {
        offsets.assign(z.size(), NAN);
        return offsets_find(pointers.data(), pointers.size(), z.data(), (int)z.size(), method, r_cut, offsets.data(),
                            &result, &error);
    }
    std::vector<double> offsets;
    offsets_result result{};
    mlsoap_error error{};
    ~frames() { frame_set_release(&set); }
};
} // namespace

TEST(Offsets, IsolatedAtomsByNameOrByDistance)
{
    frames f;
    f.add({1}, -13.6, "IsolatedAtom", 3);
    f.add({8}, -430, "default", 30);
    f.add({1, 1, 8}, -470);
    ASSERT_EQ(MLSOAP_SUCCESS, f.find({1, 8}, OFFSETS_AUTO, 5)) << f.error.message;
    EXPECT_EQ(OFFSETS_ISOLATED, f.result.method);
    EXPECT_EQ((std::vector<double>{-13.6, -430}), f.offsets);
    EXPECT_EQ(MLSOAP_SUCCESS, f.find({1, 8}, OFFSETS_AUTO, 16)); // the O atom meets its images within 2 r_cut
    EXPECT_EQ(OFFSETS_LEAST_SQUARES, f.result.method);
    EXPECT_EQ(MLSOAP_ERROR_VALUE, f.find({1, 8}, OFFSETS_ISOLATED, 16));
    EXPECT_NE(nullptr, std::strstr(f.error.message, "isolated"));
    f.add({1}, -13.7, "isolated_atom");
    EXPECT_EQ(MLSOAP_ERROR_VALUE, f.find({1, 8}, OFFSETS_AUTO, 5));
    EXPECT_NE(nullptr, std::strstr(f.error.message, "different energies"));
}

TEST(Offsets, LeastSquaresRecoversExactSums)
{
    frames f;
    f.add({14, 14, 6}, 2 * -5.25 - 9.5);
    f.add({14, 6, 6, 6}, -5.25 - 3 * 9.5);
    f.add({6, 14}, -5.25 - 9.5);
    ASSERT_EQ(MLSOAP_SUCCESS, f.find({6, 14}, OFFSETS_AUTO, 5));
    EXPECT_EQ(2, f.result.rank);
    EXPECT_LE(std::fabs(f.offsets[0] + 9.5), 1e-12);
    EXPECT_LE(std::fabs(f.offsets[1] + 5.25), 1e-12);
    EXPECT_LE(f.result.rms, 1e-12);
}

TEST(Offsets, FixedStoichiometryGivesTheMinimumNorm)
{
    frames f;
    f.add({1, 1, 8}, -15);
    f.add({1, 1, 8, 1, 1, 8}, -30);
    ASSERT_EQ(MLSOAP_SUCCESS, f.find({1, 8}, OFFSETS_LEAST_SQUARES, 5));
    EXPECT_EQ(1, f.result.rank);
    EXPECT_LE(std::fabs(f.offsets[0] + 6), 1e-12); // (2, 1) * -15/5
    EXPECT_LE(std::fabs(f.offsets[1] + 3), 1e-12);
}

TEST(Offsets, MeanAndRefusals)
{
    frames f;
    f.add({14, 14}, -10);
    f.add({14}, -6, "default", 2);
    ASSERT_EQ(MLSOAP_SUCCESS, f.find({14}, OFFSETS_MEAN, 5));
    EXPECT_DOUBLE_EQ(-5.5, f.offsets[0]);
    f.add({14, 14}, -10000);
    EXPECT_EQ(MLSOAP_ERROR_VALUE, f.find({14}, OFFSETS_AUTO, 5));
    EXPECT_NE(nullptr, std::strstr(f.error.message, "eV/atom"));
    for (size_t i = 0; i < f.set.n_frames; i++) f.set.frames[i].has_energy = false;
    EXPECT_EQ(MLSOAP_ERROR_VALUE, f.find({14}, OFFSETS_AUTO, 5));
    EXPECT_NE(nullptr, std::strstr(f.error.message, "no frame has an energy"));
}
