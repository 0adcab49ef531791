/* SPDX-License-Identifier: BSD-3-Clause */
// target_keys.c and extxyz_targets.c: which key feeds which target, what is reported, what contradicts.
#include "support/frames.hpp"

#include <cmath>

namespace
{
using TargetKeys = Frames;

// Two atoms; force columns F and F2 (the latter optional, shifted by d).
std::string text(const std::string &keys, const std::string &forces = "", const std::string &forces_2 = "",
                 double d = 0)
{
    std::string properties = "Properties=species:S:1:pos:R:3", atoms[2] = {"Si 0 0 0", "Si 2 1 1"};
    for (const std::string &column : {forces, forces_2}) {
        if (column.empty()) continue;
        properties += ":" + column + ":R:3";
        atoms[0] += " " + std::to_string(0.5 + (column == forces_2 ? d : 0.0)) + " 0 0.25";
        atoms[1] += " -0.5 0 -0.25";
    }
    return "2\nLattice=\"4 0 0 0 5 0 0 0 5\" " + properties + " " + keys + "\n" + atoms[0] + "\n" + atoms[1] + "\n";
}
using Names = std::vector<std::string>;
} // namespace

TEST_F(TargetKeys, TwelveSpellingsGiveTheSameFrame)
{
    const struct {
        const char *keys, *forces;
    } spellings[] = {
        {"energy=-9.5 virial=\"1 2 3 2 4 5 3 5 6\"", "forces"},
        {"REF_energy=-9.5 REF_virial=\"1 2 3 2 4 5 3 5 6\"", "REF_forces"},
        {"ref_energy=-9.5 REF_virials=\"1 2 3 2 4 5 3 5 6\"", "REF_force"},
        {"dft_energy=-9.5 dft_virial=\"1 2 3 2 4 5 3 5 6\"", "dft_forces"},
        {"DFT_energy=-9.5 DFT_Virial=\"1 2 3 2 4 5 3 5 6\"", "DFT_force"},
        {"Energy=-9.5 virials=\"1 2 3 2 4 5 3 5 6\"", "Forces"},
        {"free_energy=-9.5 Virial=\"1 4 6 5 3 2\"", "force"}, // xx yy zz yz xz xy
        {"total_energy=-9.5 stress=\"-0.01 -0.04 -0.06 -0.05 -0.03 -0.02\"", "Force"},
        {"energy=-9.5 stress=\"-0.01 -0.02 -0.03 -0.02 -0.04 -0.05 -0.03 -0.05 -0.06\"", "FORCES"},
        {"energy=\"-9.5\" virial=\"_JSON [[1, 2, 3], [2, 4, 5], [3, 5, 6]]\"", "forces"},
        {"ENERGY=-9.5 REF_stress=\"-0.01 -0.04 -0.06 -0.05 -0.03 -0.02\"", "forces"},
        {"energy=-9.5 free_energy=-9.5 dft_stress={-0.01 -0.04 -0.06 -0.05 -0.03 -0.02}", "forces"},
    };
    for (const auto &spelling : spellings) {
        ASSERT_NO_FATAL_FAILURE(parse_well(text(spelling.keys, spelling.forces))) << spelling.keys;
        const frame &f = set.frames[0];
        ASSERT_TRUE(f.has_energy && f.has_forces && f.has_virial) << spelling.keys;
        EXPECT_EQ(f.energy, -9.5);
        EXPECT_EQ(f.forces[1][2], -0.25);
        const double virial[6] = {1, 4, 6, 2, 3, 5};
        for (int i = 0; i < 6; i++) EXPECT_EQ(f.virial[i], virial[i]) << spelling.keys;
        EXPECT_EQ(unused(), Names{}) << spelling.keys;
        EXPECT_EQ(key(TARGET_FORCES), spelling.forces);
    }
}

TEST_F(TargetKeys, TheFirstOfTheTableIsTaken)
{
    parse_well(
        text("total_energy=-9.50005 energy=-9.5 REF_energy=-9.50001 stress=\"0 0 0 0 0 0\" virial=\"0 0 0 0 0 0\"",
             "forces", "REF_forces", 1e-9));
    EXPECT_EQ(key(TARGET_ENERGY), "REF_energy");
    EXPECT_EQ(set.frames[0].energy, -9.50001);
    EXPECT_EQ(key(TARGET_FORCES), "REF_forces");
    EXPECT_EQ(key(TARGET_VIRIAL), "virial");
    EXPECT_EQ(unused(), Names{}); // the others agree: used up
}

TEST_F(TargetKeys, ContradictionsAreErrors)
{
    expect_error(text("energy=-9.5 free_energy=-9.6", "forces"), MLSOAP_ERROR_VALUE,
                 {"data.xyz:2", "frame 0", "'energy' gives -9.5", "'free_energy' gives -9.6", "data.keys.energy",
                  "derivatives of free_energy", "data.ignore"});
    expect_error(text("energy=-9.5 Energy=-9.6"), MLSOAP_ERROR_VALUE, {"'energy'", "'Energy'"});
    expect_error(
        text("energy=1", "forces", "dft_forces", 1e-3), MLSOAP_ERROR_VALUE,
        {"data.xyz:3", "frame 0, atom 0", "'dft_forces' gives 0.501", "'forces' gives 0.5", "data.keys.forces"});
    expect_error(text("energy=1 virial=\"1 4 6 5 3 2\" stress=\"0.01 0.04 0.06 0.05 0.03 0.02\""), MLSOAP_ERROR_VALUE,
                 {"'virial' gives 1", "'stress' gives -1", "data.keys.virial"}); // the wrong sign
    expect_error(text("energy=1 virial=\"1 4 6 2 3 5\" stress=\"-0.01 -0.04 -0.06 -0.05 -0.03 -0.02\""),
                 MLSOAP_ERROR_VALUE, {"'virial' gives 5", "'stress' gives 2"}); // the wrong order
    parse_well(text("energy=-9.5 free_energy=-9.5001"));                        // below 0.1 meV/atom
}

TEST_F(TargetKeys, NamedKeysSettleIt)
{
    options.keys[TARGET_ENERGY] = "free_energy";
    options.keys[TARGET_FORCES] = "dft_forces";
    options.keys[TARGET_VIRIAL] = "Stress";
    parse_well(
        text("energy=-9.5 free_energy=-9.6 virial=\"1 1 1 0 0 0\" stress=\"1 0 0 0 0 0\"", "forces", "dft_forces", 1));
    EXPECT_EQ(set.frames[0].energy, -9.6);
    EXPECT_EQ(set.frames[0].forces[0][0], 1.5);
    EXPECT_EQ(set.frames[0].virial[0], -100.0);
    EXPECT_EQ(unused(), Names{});

    options = {};
    options.keys[TARGET_ENERGY] = "Energy"; // the exact spelling where both are there
    parse_well(text("energy=-9.5 Energy=-9.6"));
    EXPECT_EQ(set.frames[0].energy, -9.6);
    options.keys[TARGET_ENERGY] = "U"; // any name
    options.keys[TARGET_FORCES] = "my_f";
    parse_well(text("u=-3 energy=7", "my_f", "forces", 1));
    EXPECT_EQ(set.frames[0].energy, -3.0);
    EXPECT_EQ(key(TARGET_FORCES), "my_f");
    EXPECT_EQ(set.frames[0].forces[0][0], 0.5);
    options = {};
    options.keys[TARGET_ENERGY] = "auto";
    parse_well(text("energy=7"));
    EXPECT_EQ(set.frames[0].energy, 7.0);
}

TEST_F(TargetKeys, NamedKeysMustBeThere)
{
    options.keys[TARGET_ENERGY] = "REF_energy";
    expect_error(text("dft_energy=1 my_energy=2"), MLSOAP_ERROR_VALUE,
                 {"'REF_energy'", "data.keys.energy", "dft_energy, my_energy"});
    options.keys[TARGET_ENERGY] = "mlsoap_energy";
    expect_error(text("energy=1 mlsoap_energy=2"), MLSOAP_ERROR_VALUE, {"predictions"});
}

TEST_F(TargetKeys, NoneAndIgnore)
{
    options.keys[TARGET_VIRIAL] = "none";
    const char *const ignore[] = {"my_forces", "ENERGY_SIGMA", nullptr};
    options.ignore = ignore;
    parse_well(text("energy=1 stress=\"1 0 0 0 0 0\" energy_sigma=0.1", "forces", "my_forces", 1));
    EXPECT_FALSE(set.frames[0].has_virial);
    EXPECT_EQ(unused(), Names{});
    const char *const ignore_free[] = {"free_energy", nullptr};
    options.ignore = ignore_free;
    parse_well(text("energy=1 free_energy=2"));
    EXPECT_EQ(set.frames[0].energy, 1.0);
}

TEST_F(TargetKeys, WhatLooksLikeATargetIsReported)
{
    parse_well(text("energy=1 my_energy=2 energies=\"1 2\" max_force=3", "forces", "my_forces", 1));
    EXPECT_EQ(unused(), (Names{"my_energy", "my_forces"}));
    parse_well(text("energy=1 copy_of_energy=1", "forces", "forces_copy")); // equal values: used up
    EXPECT_EQ(unused(), Names{});
    parse_well(text("E_energy=1 my_stress=\"1 0 0 0 0 0\"", "fitted_force")); // nothing to compare with
    EXPECT_FALSE(set.frames[0].has_energy || set.frames[0].has_forces || set.frames[0].has_virial);
    EXPECT_EQ(unused(), (Names{"E_energy", "my_stress", "fitted_force"}));
    parse_well(
        "1\nProperties=species:S:1:pos:R:3:dft_force_x:R:1:fx:R:1:stresses:R:6 energy=1\nSi 0 0 0 1 2 1 2 3 4 5 6\n");
    EXPECT_EQ(unused(), (Names{"dft_force_x", "fx"}));
    parse_well(text("energy=1 my_virial=nonsense my_stress=\"1 2 3\""));
    EXPECT_EQ(unused(), Names{}); // not of the shape of a target
}

TEST_F(TargetKeys, WeightsOfOtherCodesAreReported)
{
    parse_well("1\nProperties=species:S:1:pos:R:3:force_mask:L:1 energy=1 energy_sigma=0.1 virial_sigma=\"1 1 1\" "
               "config_energy_weight=2 length_sigma=1\nSi 0 0 0 T\n");
    EXPECT_EQ(unused(), (Names{"energy_sigma", "virial_sigma", "config_energy_weight", "force_mask"}));
}

TEST_F(TargetKeys, PredictionsAreNeverTaken)
{
    parse_well(
        text("mlsoap_energy=1 MACE_energy=2 gap_energy=3 xtb_energy=4 mlsoap_virial=\"1 1 1 0 0 0\" kinetic_energy=1",
             "mlsoap_forces", "MACE_forces", 1));
    EXPECT_FALSE(set.frames[0].has_energy || set.frames[0].has_forces || set.frames[0].has_virial);
    EXPECT_EQ(unused(), Names{});
}

TEST_F(TargetKeys, DumpsOfLammpsAreNoReference)
{
    std::string dump = text("Potential_energy=-3 Stress=\"1 0 0 0 1 0 0 0 1\"", "forces");
    parse_well(dump);
    EXPECT_FALSE(set.frames[0].has_energy || set.frames[0].has_forces || set.frames[0].has_virial);
    EXPECT_EQ(unused(), (Names{"Stress", "forces"}));
    options.keys[TARGET_ENERGY] = "Potential_energy"; // unless asked
    options.keys[TARGET_FORCES] = "forces";
    options.keys[TARGET_VIRIAL] = "none";
    parse_well(dump);
    EXPECT_EQ(set.frames[0].energy, -3.0);
    EXPECT_TRUE(set.frames[0].has_forces);
    options = {};
    parse_well(text("Potential_energy=-3 energy=-4", "forces"));
    EXPECT_EQ(set.frames[0].energy, -4.0);
    EXPECT_TRUE(set.frames[0].has_forces);
}

TEST_F(TargetKeys, TheChoiceIsThatOfTheFile)
{
    parse_well(text("energy=1", "forces") + text("REF_energy=2", "REF_forces") +
               text("REF_energy=2 virial=\"1 0 0 0 0 0\""));
    EXPECT_FALSE(set.frames[0].has_energy); // energy of another level is not mixed in
    EXPECT_FALSE(set.frames[0].has_forces);
    EXPECT_TRUE(set.frames[1].has_energy && set.frames[1].has_forces);
    EXPECT_FALSE(set.frames[2].has_forces);
    EXPECT_TRUE(set.frames[2].has_virial);
    EXPECT_EQ(unused(), (Names{"energy", "forces"}));
    EXPECT_EQ(set.files[0].targets[TARGET_ENERGY].n_frames, 2u);
    EXPECT_EQ(set.files[0].targets[TARGET_FORCES].n_frames, 1u);
}

TEST_F(TargetKeys, VirialForms)
{
    expect_error(text("energy=1 virial=\"1 2 3 4 5\""), MLSOAP_ERROR_FORMAT, {"'virial' has 5 numbers", "6", "9"});
    expect_error(text("energy=1 virial=\"1 2 3 9 4 5 3 5 6\""), MLSOAP_ERROR_VALUE,
                 {"'virial' is not symmetric", "xy and yx", "2", "9"});
    parse_well(text("energy=1 virial=\"100 2.01 0 2.03 100 0 0 0 100\"")); // by rounding only: the mean
    EXPECT_LE(std::fabs(set.frames[0].virial[3] - 2.02), 1e-12);
    expect_error("1\nenergy=1 stress=\"1 0 0 0 0 0\"\nSi 0 0 0\n", MLSOAP_ERROR_VALUE,
                 {"'stress' needs the volume", "Lattice"});
    expect_error(text("energy=\"1 2\""), MLSOAP_ERROR_FORMAT, {"'energy' has 2 numbers", "one"});
    expect_error(text("energy=\"\""), MLSOAP_ERROR_FORMAT, {"'energy' has 0 numbers"});
}

TEST_F(TargetKeys, TooManyKeys)
{
    std::string keys = "energy=1";
    for (int i = 0; i < 70; i++) keys += " energy_" + std::to_string(i) + "=1";
    expect_error(text(keys), MLSOAP_ERROR_CAPACITY, {"more than 64 keys"});
}
