/* SPDX-License-Identifier: BSD-3-Clause */
// poscar.c, poscar_head.c and the choice of formats in io.c.
#include "support/frames.hpp"

namespace
{
class Poscar : public Frames
{
  protected:
    void SetUp() override { file_name = "POSCAR"; }
};

const std::string HEAD = "rutile\n2.0\n1 0 0\n0.5 2 0\n0 0.25 3\n", SPECIES = "Ti O\n1 2\n";
const std::string ATOMS = "0 0 0\n0.5 0.25 0.125 O and more\n-0.5 1.5 0.75\n";
} // namespace

TEST_F(Poscar, DirectCoordinates)
{
    parse_well(HEAD + SPECIES + "Direct\n" + ATOMS);
    ASSERT_EQ(set.n_frames, 1u);
    const frame &f = set.frames[0];
    const structure &s = f.structure;
    ASSERT_EQ(s.n_atoms, 3u);
    EXPECT_EQ(s.species[0], 22);
    EXPECT_EQ(s.species[1], 8);
    EXPECT_EQ(s.species[2], 8);
    EXPECT_EQ(s.cell[1][0], 1.0);
    EXPECT_EQ(s.cell[2][2], 6.0);
    expect_position(s, 1, 0.5 * 2 + 0.25 * 1, 0.25 * 4 + 0.125 * 0.5, 0.125 * 6, 1e-15);
    EXPECT_TRUE(s.pbc[0] && s.pbc[1] && s.pbc[2]);
    EXPECT_FALSE(f.has_energy || f.has_forces || f.has_virial);
    EXPECT_STREQ(f.config_type, "default");
    EXPECT_EQ(f.weight, 1.0);
    EXPECT_EQ(f.line, 1);
    EXPECT_EQ(set.files[0].n_frames, 1u);
    EXPECT_EQ(set.files[0].n_atoms, 3u);
    EXPECT_EQ(set.files[0].length_unit, nullptr);
}

TEST_F(Poscar, CartesianCoordinatesAreScaled)
{
    for (const char *mode : {"Cartesian", "  cart", "Kartesisch"}) {
        parse_well(HEAD + SPECIES + mode + "\n" + ATOMS);
        expect_position(set.frames[0].structure, 1, 1.0, 0.5, 0.25, 0.0);
    }
}

TEST_F(Poscar, ScalingByVolumeAndByThreeFactors)
{
    parse_well("x\n-48.0\n1 0 0\n0.5 2 0\n0 0.25 3\n" + SPECIES + "Cartesian\n" + ATOMS); // 6 A^3 as written
    EXPECT_LE(std::fabs(structure_volume(&set.frames[0].structure) - 48.0), 1e-12);
    expect_position(set.frames[0].structure, 1, 1.0, 0.5, 0.25, 1e-14);
    parse_well("x\n1.0 2.0 3.0\n1 0 0\n0.5 2 0\n0 0.25 3\n" + SPECIES + "Cartesian\n" + ATOMS);
    EXPECT_EQ(set.frames[0].structure.cell[1][0], 0.5);
    EXPECT_EQ(set.frames[0].structure.cell[1][1], 4.0);
    EXPECT_EQ(set.frames[0].structure.cell[2][1], 0.5);
    expect_position(set.frames[0].structure, 1, 0.5, 0.5, 0.375, 0.0);
}

TEST_F(Poscar, Vasp4TakesTheSpeciesFromTheComment)
{
    parse_well("Ti O rutile, 3 atoms\n1\n5 0 0\n0 5 0\n0 0 5\n1 2 ! numbers\nDirect\n" + ATOMS);
    EXPECT_EQ(set.frames[0].structure.species[0], 22);
    EXPECT_EQ(set.frames[0].structure.species[2], 8);
}

TEST_F(Poscar, SpeciesAsNewerVersionsWriteThem)
{
    parse_well(HEAD + "H_GW Ti_sv/1a2b O/0123abcd ! hashes\n1 1 1\nDirect\n" + ATOMS);
    EXPECT_EQ(set.frames[0].structure.species[0], 1);
    EXPECT_EQ(set.frames[0].structure.species[1], 22);
    EXPECT_EQ(set.frames[0].structure.species[2], 8);
    parse_well(HEAD + "O Ti O\n1 0 2\nDirect\n" + ATOMS); // VASP allows an empty species
    EXPECT_EQ(set.frames[0].structure.species[1], 8);
}

TEST_F(Poscar, SelectiveDynamicsAndVelocitiesAreNotUsed)
{
    parse_well(HEAD + SPECIES + "Selective dynamics\nDirect\n0 0 0 T T T\n0.5 0.25 0.125 F F F\n0 0 0.5 T F T\n" +
               "\n1 2 3\n4 5 6\n7 8 9\n");
    ASSERT_EQ(set.frames[0].structure.n_atoms, 3u);
    EXPECT_EQ(set.frames[0].structure.masks, nullptr);
    EXPECT_LE(std::fabs(set.frames[0].structure.positions[1][2] - 0.75), 1e-15);
    parse_well(HEAD + SPECIES + "Direct\n" + ATOMS + "Lattice velocities and vectors\n1\n0 0 0\n");
}

TEST_F(Poscar, IsRecognizedByContent)
{
    for (const char *any : {"data.xyz", "input.data", "x"}) {
        file_name = any;
        parse_well(HEAD + SPECIES + "Direct\n" + ATOMS);
        parse_well("8\n1.0\n5 0 0\r\n0 5 0\r\n0 0 5\r\nSi\r\n1\r\nDirect\r\n0 0 0\r\n"); // a comment that is a number
        EXPECT_EQ(set.frames[0].structure.n_atoms, 1u);
    }
    file_name = "POSCAR";
    options.structures_only = true;
    parse_well("1\n\nH 0 0 0\n"); // extxyz all the same
    EXPECT_FALSE(set.frames[0].structure.pbc[0]);
}

TEST_F(Poscar, ErrorsNameLineAndFrame)
{
    const std::string direct = HEAD + SPECIES + "Direct\n";
    expect_error("x\n0\n1 0 0\n0 1 0\n0 0 1\nSi\n1\nDirect\n0 0 0\n", MLSOAP_ERROR_VALUE,
                 {"POSCAR:2", "frame 0", "a scaling factor is 0"});
    expect_error("x\n1 -1 1\n1 0 0\n0 1 0\n0 0 1\nSi\n1\nDirect\n0 0 0\n", MLSOAP_ERROR_VALUE,
                 {"POSCAR:2", "a scaling factor is -1"});
    expect_error("x\n-10\n1 0 0\n2 0 0\n0 0 1\nSi\n1\nDirect\n0 0 0\n", MLSOAP_ERROR_VALUE,
                 {"POSCAR:5", "span no volume"});
    expect_error("x\nabc\n", MLSOAP_ERROR_VALUE, {"POSCAR:2", "the scaling factor is 'abc'"});
    expect_error("x\n1\n1 0\n0 1 0\n", MLSOAP_ERROR_FORMAT, {"POSCAR:3", "lattice vector a needs 3 numbers"});
    expect_error("x\n1\n1 0 0\n0 1 nan\n", MLSOAP_ERROR_VALUE, {"POSCAR:4", "lattice vector b is 'nan'"});
    expect_error("x\n1\n1 0 0\n0 1 0\n", MLSOAP_ERROR_FORMAT, {"POSCAR:4", "ends before lattice vector c"});
    expect_error(HEAD + "Ti Xx\n1 2\nDirect\n" + ATOMS, MLSOAP_ERROR_SPECIES, {"POSCAR:6", "'Xx' is no chemical"});
    expect_error(HEAD + "H.5\n3\nDirect\n" + ATOMS, MLSOAP_ERROR_SPECIES, {"POSCAR:6", "'H.5'"});
    expect_error(HEAD + "1 2\nDirect\n" + ATOMS, MLSOAP_ERROR_SPECIES, {"POSCAR:6", "names no species", "Si O"});
    expect_error(HEAD + "Ti O\n3\nDirect\n" + ATOMS, MLSOAP_ERROR_FORMAT,
                 {"POSCAR:7", "2 species are named and 1 numbers"});
    expect_error(HEAD + "Ti\n1 2\nDirect\n" + ATOMS, MLSOAP_ERROR_FORMAT,
                 {"POSCAR:7", "1 species are named and 2 numbers"});
    expect_error(HEAD + "Ti O\n1 x\nDirect\n" + ATOMS, MLSOAP_ERROR_FORMAT, {"POSCAR:7", "found 'x'"});
    expect_error(HEAD + "Ti O\n1 1000000000\nDirect\n" + ATOMS, MLSOAP_ERROR_FORMAT,
                 {"POSCAR:7", "1000000000 or more atoms cannot stand"});
    expect_error(HEAD + "Ti O\n0 0\nDirect\n" + ATOMS, MLSOAP_ERROR_VALUE, {"POSCAR:7", "has no atoms"});
    expect_error(HEAD + SPECIES + "0 0 0\n" + ATOMS, MLSOAP_ERROR_FORMAT,
                 {"POSCAR:8", "Direct or Cartesian", "'0 0 0'"});
    expect_error(HEAD + SPECIES, MLSOAP_ERROR_FORMAT, {"POSCAR:7"});
    expect_error(direct + "0 0 0\n0 0 0.5\n", MLSOAP_ERROR_FORMAT, {"POSCAR:10", "ends before the last position"});
    expect_error(direct + "0 0 0\n0 0\n0 0 0.5\n", MLSOAP_ERROR_FORMAT, {"POSCAR:10", "a position needs 3 numbers"});
    expect_error(direct + "0 0 0\n0 0 inf\n0 0 0.5\n", MLSOAP_ERROR_VALUE, {"POSCAR:10", "a position is 'inf'"});
    expect_error(direct + ATOMS + "0.1 0.2 0.3\n", MLSOAP_ERROR_FORMAT,
                 {"POSCAR:12", "another position follows the 3"});
    expect_error("x\n1\n1 0 0\n2 0 0\n0 0 1\nSi\n1\nDirect\n0 0 0\n", MLSOAP_ERROR_VALUE,
                 {"POSCAR:1", "linearly dependent"});
    expect_error("", MLSOAP_ERROR_FORMAT, {"POSCAR", "the file is empty"});
}

TEST_F(Poscar, HasNoTargets)
{
    options.keys[TARGET_ENERGY] = "none";
    parse_well(HEAD + SPECIES + "Direct\n" + ATOMS);
    options.keys[TARGET_ENERGY] = "REF_energy";
    expect_error(HEAD + SPECIES + "Direct\n" + ATOMS, MLSOAP_ERROR_VALUE,
                 {"POSCAR", "data.keys.energy is 'REF_energy'", "hold no energy"});
    options.structures_only = true;
    parse_well(HEAD + SPECIES + "Direct\n" + ATOMS);
}

TEST_F(Poscar, MemoryThatRunsOutIsAnError)
{
    for (long n = 1; n < 100; n++) {
        memory_fail_after(n);
        mlsoap_status status = parse(HEAD + SPECIES + "Direct\n" + ATOMS);
        memory_fail_after(0);
        if (status == MLSOAP_SUCCESS) return;
        ASSERT_EQ(status, MLSOAP_ERROR_MEMORY);
        ASSERT_EQ(set.n_frames, 0u);
    }
    FAIL() << "never succeeded";
}

TEST_F(Poscar, WhatIsWrittenReadsBackToTheSameBits)
{
    parse_well("x\n1\n5.1 0.1 0.7\n0.3 5.3 0\n0 -0.1 5.7\nH O H\n1 1 2\nDirect\n0.1 0.2 0.3\n0.4 0.5 0.6\n"
               "0.7 0.8 0.9\n0.12345678901234567 0.3333333333333333 1e-17\n");
    for (const char *base_name : {"POSCAR", "CONTCAR_2", "a.vasp", "a.poscar", "x.POSCAR"}) {
        frame_set back = round_trip(base_name);
        ASSERT_EQ(back.n_frames, 1u);
        expect_same_structure(set.frames[0].structure, back.frames[0].structure);
        frame_set_release(&back);
    }
}

TEST_F(Poscar, WritingRefusesWhatTheFormatCannotHold)
{
    const frame *frames[2];
    parse_well(HEAD + SPECIES + "Direct\n" + ATOMS);
    frames[0] = frames[1] = &set.frames[0];
    EXPECT_EQ(frames_write("/nowhere/POSCAR", frames, 2, &error), MLSOAP_ERROR_VALUE);
    EXPECT_NE(std::string(error.message).find("one frame, but there are 2"), std::string::npos);
    set.frames[0].structure.pbc[1] = 0;
    EXPECT_EQ(frames_write("/nowhere/POSCAR", frames, 1, &error), MLSOAP_ERROR_VALUE);
    EXPECT_NE(std::string(error.message).find("periodic in all directions"), std::string::npos);
    set.frames[0].structure.pbc[1] = 1;
    EXPECT_EQ(frames_write("/nowhere/POSCAR", frames, 1, &error), MLSOAP_ERROR_FILE);
    EXPECT_EQ(frames_write("/nowhere/a.cif", frames, 1, &error), MLSOAP_ERROR_UNSUPPORTED);
    EXPECT_NE(std::string(error.message).find("CIF is a format that can only be read"), std::string::npos);
}
