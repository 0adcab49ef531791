// SPDX-License-Identifier: BSD-3-Clause
// data_probe.c on frames labeled by a pair potential, which a linear model of a power spectrum can follow.
#include "training/training_fixtures.hpp"

extern "C" {
#include "app/doctor/data_probe.h"
#include "structure/neighbor_list.h"
}

namespace
{
// E = sum over pairs of exp(-2 (r - 2)) (1 - r/5)^3 below 5 Angstrom.
void label_by_pairs(frame &f)
{
    neighbor_list list{};
    mlsoap_error error{};
    structure &s = f.structure;
    ASSERT_EQ(MLSOAP_SUCCESS, neighbor_list_build(&list, &s, 5, nullptr, &error));
    set_forces(f);
    f.energy = -3.0 * (double)s.n_atoms;
    const int rows[6] = {0, 1, 2, 0, 0, 1}, columns[6] = {0, 1, 2, 1, 2, 2};
    for (size_t i = 0; i < s.n_atoms; i++)
        for (int p = list.first[i]; p < list.first[i + 1]; p++) {
            const double d[3] = {list.dx[p], list.dy[p], list.dz[p]};
            const double r = std::sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2]), c = 1 - r / 5;
            const double e = 0.5 * std::exp(-2 * (r - 2)) * c * c * c, slope = e * (-2 - 0.6 / c);
            f.energy += e;
            for (int a = 0; a < 3; a++) {
                f.forces[i][a] += slope * d[a] / r;
                f.forces[list.atom[p]][a] -= slope * d[a] / r;
            }
            for (int k = 0; k < 6; k++) f.virial[k] -= slope * d[rows[k]] * d[columns[k]] / r;
        }
    f.has_energy = f.has_virial = true;
    neighbor_list_release(&list);
}

class DataProbe : public ::testing::Test
{
  protected:
    frame_set set{};
    data_probe probe{};
    void SetUp() override
    {
        for (unsigned i = 0; i < 5; i++) add_random_frames(set, 6, 12, {14}, 11 + i, 5.8 + 0.15 * i);
        for (size_t i = 0; i < set.n_frames; i++) label_by_pairs(set.frames[i]);
    }
    void TearDown() override
    {
        data_probe_release(&probe);
        frame_set_release(&set);
    }
    void run()
    {
        std::vector<const frame *> frames;
        mlsoap_error error{};
        for (size_t i = 0; i < set.n_frames; i++) frames.push_back(&set.frames[i]);
        ASSERT_EQ(MLSOAP_SUCCESS, data_probe_run(frames.data(), frames.size(), &probe, &error)) << error.message;
    }
};
} // namespace

TEST_F(DataProbe, SlopesAreOne)
{
    run();
    char text[900];
    EXPECT_EQ(30u, probe.n_frames);
    EXPECT_GE(probe.force_correlation, 0.95);
    EXPECT_GE(probe.energy.correlation, 0.95);
    EXPECT_LE(std::fabs(probe.energy.slope - 1), 0.15);
    for (int g = 0; g < 2; g++) {
        EXPECT_GE(probe.virial.correlation[g], 0.9) << g;
        EXPECT_LE(std::fabs(probe.virial.slope[g] - 1), 0.2) << g;
        EXPECT_GE(probe.virial.same_sign[g], 0.9) << g;
    }
    EXPECT_FALSE(energy_slope_verdict(&probe.energy, 12, text, sizeof text)) << text;
    EXPECT_FALSE(virial_slopes_verdict(&probe.virial, text, sizeof text)) << text;
}

TEST_F(DataProbe, FindsUnitsOfEnergies)
{
    for (size_t i = 0; i < set.n_frames; i++) set.frames[i].energy /= 27.211386;
    run();
    char text[900];
    EXPECT_TRUE(energy_slope_verdict(&probe.energy, 12, text, sizeof text));
    EXPECT_NE(nullptr, std::strstr(text, "energies in hartree")) << text;
}

TEST_F(DataProbe, FindsStressGivenAsVirial)
{
    for (size_t i = 0; i < set.n_frames; i++)
        for (double &w : set.frames[i].virial) w /= -structure_volume(&set.frames[i].structure);
    run();
    char text[900];
    EXPECT_TRUE(virial_slopes_verdict(&probe.virial, text, sizeof text));
    EXPECT_NE(nullptr, std::strstr(text, "given as virial")) << text;
    EXPECT_NE(nullptr, std::strstr(text, "sign is wrong")) << text;
}

TEST_F(DataProbe, AFewBadFramesDoNotMakeAnErrorOfAll)
{
    for (size_t i = 0; i < set.n_frames; i += 4)
        for (double &w : set.frames[i].virial) w *= -1;
    run();
    char text[900];
    EXPECT_FALSE(virial_slopes_verdict(&probe.virial, text, sizeof text)) << text;
}

TEST_F(DataProbe, TheNumberOfFramesMayBeTooSmall)
{
    while (set.n_frames > 2) frame_release(&set.frames[--set.n_frames]);
    run();
    EXPECT_EQ(0u, probe.n_frames);
    EXPECT_EQ(0u, probe.virial.n_frames);
}

TEST_F(DataProbe, LackOfMemoryIsAnError)
{
    std::vector<const frame *> frames;
    mlsoap_error error{};
    for (size_t i = 0; i < 4; i++) frames.push_back(&set.frames[i]);
    mlsoap_status status = MLSOAP_ERROR_MEMORY;
    for (long n = 1; status && n < 3000; n += 1 + n / 20) {
        memory_fail_after(n);
        status = data_probe_run(frames.data(), frames.size(), &probe, &error);
        memory_fail_after(0);
        data_probe_release(&probe);
        ASSERT_TRUE(!status || status == MLSOAP_ERROR_MEMORY) << error.message;
    }
    EXPECT_EQ(MLSOAP_SUCCESS, status);
}

TEST_F(DataProbe, ForcesOverTheCutoff)
{
    std::vector<const frame *> frames;
    for (size_t i = 0; i < set.n_frames; i++) frames.push_back(&set.frames[i]);
    probe_forces found[3];
    const double r_cut[3] = {3, 5, 6};
    mlsoap_error error{};
    for (int k = 0; k < 3; k++)
        ASSERT_EQ(MLSOAP_SUCCESS, data_probe_forces(frames.data(), frames.size(), r_cut[k], &found[k], &error));
    double square = 0;
    size_t n = 0;
    for (const frame *f : frames)
        for (size_t i = 0; i < 3 * f->structure.n_atoms; i++, n++) square += std::pow(f->forces[i / 3][i % 3], 2);
    EXPECT_EQ(found[0].n_atoms, 15u * 12);
    EXPECT_GT(found[0].rmse, 2 * found[1].rmse); // the pair potential ends at 5 Angstrom
    EXPECT_LT(found[1].rmse, 0.2 * std::sqrt(square / double(n)));
    EXPECT_LT(found[2].rmse, 3 * found[1].rmse);
    EXPECT_NEAR(found[1].n_neighbors / found[0].n_neighbors, std::pow(5.0 / 3, 3), 2);
    ASSERT_EQ(MLSOAP_SUCCESS, data_probe_forces(frames.data(), 2, 5, &found[0], &error));
    EXPECT_EQ(found[0].n_atoms, 0u); // too few frames
}
