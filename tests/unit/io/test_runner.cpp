/* SPDX-License-Identifier: BSD-3-Clause */
// runner_read.c and runner_write.c.
#include "support/frames.hpp"

namespace
{
class Runner : public Frames
{
  protected:
    void SetUp() override { file_name = "input.data"; }

    void use_atomic_units()
    {
        options.length_unit = "bohr";
        options.energy_unit = "hartree";
    }
};

const std::string CELL = "lattice 8 0 0\nlattice 1 9 0\nlattice 0 0.5 7\n";
const std::string ATOMS = "atom 1 2 3 O -0.2 0.0 0.1 0.2 -0.3\natom 2.5 2 3 H 0.2 0.0 -0.1 -0.2 0.3\n";
const std::string FRAME = " begin\ncomment energy of nothing\n" + CELL + ATOMS + "energy -76.5\ncharge 0.0\n end\n";
const double BOHR = 0.529177210903, HARTREE = 27.211386245988;
} // namespace

TEST_F(Runner, UnitsAreAngstromAndElectronvoltUnlessToldOtherwise)
{
    parse_well(FRAME);
    ASSERT_EQ(set.n_frames, 1u);
    const frame &f = set.frames[0];
    EXPECT_TRUE(f.structure.pbc[0] && f.structure.pbc[1] && f.structure.pbc[2]);
    EXPECT_EQ(f.structure.cell[1][0], 1.0);
    EXPECT_EQ(f.structure.species[0], 8);
    EXPECT_EQ(f.structure.species[1], 1);
    expect_position(f.structure, 1, 2.5, 2, 3, 0);
    ASSERT_TRUE(f.has_energy && f.has_forces && !f.has_virial);
    EXPECT_EQ(f.energy, -76.5);
    EXPECT_EQ(f.forces[0][2], -0.3);
    EXPECT_EQ(f.forces[1][1], -0.2);
    EXPECT_EQ(f.line, 1);
    EXPECT_EQ(key(TARGET_ENERGY), "energy");
    EXPECT_EQ(key(TARGET_FORCES), "forces");
    EXPECT_EQ(set.files[0].targets[TARGET_FORCES].n_numbers, 6u);
    EXPECT_EQ(set.files[0].targets[TARGET_ENERGY].min, -76.5);
    EXPECT_STREQ(set.files[0].length_unit, "angstrom");
    EXPECT_STREQ(set.files[0].energy_unit, "eV");
}

TEST_F(Runner, ConvertsAtomicUnits)
{
    use_atomic_units();
    parse_well(FRAME);
    const frame &f = set.frames[0];
    EXPECT_LE(std::fabs(f.structure.cell[1][1] - 9 * BOHR), 1e-14);
    expect_position(f.structure, 1, 2.5 * BOHR, 2 * BOHR, 3 * BOHR, 1e-14);
    EXPECT_LE(std::fabs(f.energy + 76.5 * HARTREE), 1e-11);
    EXPECT_LE(std::fabs(f.forces[0][2] + 0.3 * HARTREE / BOHR), 1e-13);
    EXPECT_EQ(set.files[0].targets[TARGET_ENERGY].min, -76.5); // as read
    EXPECT_STREQ(set.files[0].length_unit, "bohr");
    options.length_unit = "nm";
    expect_error(FRAME, MLSOAP_ERROR_VALUE, {"data.units.length is 'nm'", "angstrom or bohr"});
    options.length_unit = nullptr;
    options.energy_unit = "Ry";
    expect_error(FRAME, MLSOAP_ERROR_VALUE, {"data.units.energy is 'Ry'", "eV or hartree"});
}

TEST_F(Runner, SeveralFramesWithAndWithoutCellAndTargets)
{
    parse_well(FRAME + "\nbegin\natom 0 0 0 C\natom 0 0 1.2 O\nend\n" + "begin\n" + ATOMS + "end\n\n");
    ASSERT_EQ(set.n_frames, 3u);
    EXPECT_FALSE(set.frames[1].structure.pbc[0]);
    EXPECT_FALSE(set.frames[1].has_energy || set.frames[1].has_forces);
    EXPECT_TRUE(set.frames[2].has_forces && !set.frames[2].has_energy);
    EXPECT_EQ(set.frames[1].line, 12);
    EXPECT_EQ(set.frames[2].index, 2u);
    EXPECT_EQ(set.files[0].n_atoms, 6u);
    EXPECT_EQ(set.files[0].targets[TARGET_FORCES].n_frames, 2u);
}

TEST_F(Runner, TakesTheTargetsThatAreAskedFor)
{
    options.keys[TARGET_FORCES] = "none";
    options.keys[TARGET_ENERGY] = "energy";
    parse_well(FRAME);
    EXPECT_TRUE(set.frames[0].has_energy && !set.frames[0].has_forces);
    options.structures_only = true;
    parse_well(FRAME);
    EXPECT_FALSE(set.frames[0].has_energy || set.frames[0].has_forces);
    options = {};
    options.keys[TARGET_ENERGY] = "REF_energy";
    expect_error(FRAME, MLSOAP_ERROR_VALUE, {"input.data", "data.keys.energy is 'REF_energy'", "only be 'energy'"});
    options = {};
    options.keys[TARGET_VIRIAL] = "virial";
    expect_error(FRAME, MLSOAP_ERROR_VALUE, {"data.keys.virial", "hold no virial"});
}

TEST_F(Runner, IsRecognizedByContent)
{
    file_name = "whatever.xyz";
    parse_well("\n  BEGIN \natom 0 0 0 H\nEnd\n");
    file_name = "n2p2.input.data"; // not recognized, but explained by the reader of its name
    expect_error("start\nend\n", MLSOAP_ERROR_FORMAT, {"n2p2.input.data:1", "begins with the line 'begin'", "'start'"});
}

TEST_F(Runner, ColumnsThatRunner2Declares)
{
    parse_well("begin position(3) element charge hirshfeld(2) forces(3) energy\natom 1 2 3 H 0.5 1 2 7 8 9 -3\nend\n"
               "begin position(3) element\natom 1 2 3 O\nend\n");
    ASSERT_EQ(set.n_frames, 2u);
    ASSERT_TRUE(set.frames[0].has_forces && !set.frames[1].has_forces);
    EXPECT_EQ(set.frames[0].forces[0][0], 7.0);
    EXPECT_EQ(set.frames[0].forces[0][2], 9.0);
    EXPECT_EQ(set.frames[1].structure.species[0], 8);
    file_name = "input.data";
    for (const char *bad : {"element position(3)", "position(3)", "position(3) element forces()",
                            "position(3) element forces(3", "position(3) element x(2000)", "forever"})
        expect_error(std::string("begin ") + bad + "\natom 1 2 3 H\nend\n", MLSOAP_ERROR_FORMAT,
                     {"input.data:1", "frame 0", bad});
    expect_error("begin position(3) element charge\natom 1 2 3 H\nend\n", MLSOAP_ERROR_FORMAT,
                 {"input.data:2", "4 columns", "ask for 5"});
}

TEST_F(Runner, ErrorsNameLineAndFrame)
{
    auto second = [](const std::string &lines) { return FRAME + "begin\n" + lines + "end\n"; };
    expect_error(second(""), MLSOAP_ERROR_VALUE, {"input.data:11", "frame 1 has no atoms"});
    expect_error(FRAME + "begin\n" + ATOMS, MLSOAP_ERROR_FORMAT, {"input.data:11", "frame 1", "no line 'end'"});
    expect_error(FRAME + "begin\n" + ATOMS + FRAME, MLSOAP_ERROR_FORMAT, {"input.data:11", "no line 'end'"});
    expect_error(FRAME + "atom 0 0 0 H\n", MLSOAP_ERROR_FORMAT, {"input.data:11", "begins with the line 'begin'"});
    expect_error(second("atom 0 0 0\n"), MLSOAP_ERROR_FORMAT, {"input.data:12", "frame 1, atom 0", "3 columns"});
    expect_error(second("atom 0 0 0 H 0 0 0 0\n"), MLSOAP_ERROR_FORMAT, {"input.data:12", "8 columns"});
    expect_error(second(ATOMS + "atom 0 0 0 H\n"), MLSOAP_ERROR_FORMAT,
                 {"input.data:14", "frame 1, atom 2", "4 columns", "the lines before it ask for 9"});
    expect_error(second("atom 0 0 0 h\n"), MLSOAP_ERROR_SPECIES, {"input.data:12", "'h' is no chemical element"});
    expect_error(second("atom 0 0 nan H\n"), MLSOAP_ERROR_VALUE, {"input.data:12", "a position is 'nan'"});
    expect_error(second("atom 0 0 0 H q 0 0 0 0\n"), MLSOAP_ERROR_VALUE,
                 {"input.data:12", "a column before the force", "'q'"});
    expect_error(second("atom 0 0 0 H 0 0 0 0 1e999\n"), MLSOAP_ERROR_VALUE, {"input.data:12", "a force is '1e999'"});
    expect_error(second("lattice 1 0 0\n" + ATOMS), MLSOAP_ERROR_FORMAT, {"input.data:11", "has 1 lattice vectors"});
    expect_error(second(CELL + "lattice 1 0 0\n" + ATOMS), MLSOAP_ERROR_FORMAT,
                 {"input.data:15", "three lattice vectors"});
    expect_error(second("lattice 1 0\n" + ATOMS), MLSOAP_ERROR_FORMAT, {"input.data:12", "a lattice vector needs 3"});
    expect_error(second("lattice 1 0 0\nlattice 2 0 0\nlattice 0 0 1\n" + ATOMS), MLSOAP_ERROR_VALUE,
                 {"input.data:11", "frame 1", "linearly dependent"});
    expect_error(second(ATOMS + "energy x\n"), MLSOAP_ERROR_VALUE, {"input.data:14", "the energy is 'x'"});
    expect_error(second(ATOMS + "energy 1\nenergy 1\n"), MLSOAP_ERROR_FORMAT, {"input.data:15", "a second energy"});
    expect_error(second(ATOMS + "energy 1 2\n"), MLSOAP_ERROR_FORMAT, {"input.data:14", "one number"});
    expect_error(second(ATOMS + "charge\n"), MLSOAP_ERROR_FORMAT, {"input.data:14", "the charge needs 1"});
    expect_error(second(ATOMS + "virial 1\n"), MLSOAP_ERROR_FORMAT, {"input.data:14", "found 'virial'"});
    use_atomic_units();
    expect_error(second(ATOMS + "energy 1e308\n"), MLSOAP_ERROR_VALUE, {"input.data:11", "not finite in eV"});
    expect_error(second("atom 0 0 0 H 0 0 0 0 1e308\n"), MLSOAP_ERROR_VALUE, {"input.data:11", "not finite in eV"});
}

TEST_F(Runner, MemoryThatRunsOutIsAnError)
{
    for (long n = 1; n < 100; n++) {
        memory_fail_after(n);
        mlsoap_status status = parse(FRAME + FRAME);
        memory_fail_after(0);
        if (status == MLSOAP_SUCCESS) return;
        ASSERT_EQ(status, MLSOAP_ERROR_MEMORY);
        ASSERT_EQ(set.n_frames, 0u);
    }
    FAIL() << "never succeeded";
}

TEST_F(Runner, WhatIsWrittenReadsBackToTheSameBits)
{
    use_atomic_units(); // for numbers with all digits
    parse_well(FRAME + "begin\n" + ATOMS + "energy 1.25\nend\n");
    options = {};
    frame_set back = round_trip("out.input.data");
    ASSERT_EQ(back.n_frames, 2u);
    for (size_t i = 0; i < 2; i++) {
        expect_same_structure(set.frames[i].structure, back.frames[i].structure);
        EXPECT_EQ(set.frames[i].energy, back.frames[i].energy);
        EXPECT_EQ(std::memcmp(set.frames[i].forces, back.frames[i].forces, 2 * sizeof *set.frames[i].forces), 0);
    }
    frame_set_release(&back);
}

TEST_F(Runner, WritingRefusesWhatTheFormatCannotHold)
{
    auto expect_refused = [this](const char *part) {
        const frame *frames[1] = {&set.frames[0]};
        EXPECT_EQ(frames_write("/nowhere/input.data", frames, 1, &error), MLSOAP_ERROR_VALUE);
        EXPECT_NE(std::string(error.message).find(part), std::string::npos) << error.message;
    };
    parse_well("begin\natom 0 0 0 H\nenergy 1\nend\n");
    expect_refused("lacks energy or forces");
    parse_well(FRAME);
    set.frames[0].structure.pbc[2] = 0;
    expect_refused("some directions only");
    set.frames[0].structure.pbc[2] = 1;
    set.frames[0].energy = NAN;
    expect_refused("not finite");
}

// The published sets of n2p2, in their own units and converted by another program.
TEST_F(Runner, AgreesWithTheConvertedSets)
{
    const char *data = std::getenv("MLSOAP_DATA");
    if (!data) GTEST_SKIP() << "MLSOAP_DATA is not set";
    const struct {
        const char *name;
        bool atomic_units;
    } sets[] = {{"Cu2S_PBE", false}, {"Cu2S_PBE_train", false}, {"DMABN_SCAN", true}, {"H2O_RPBE-D3", true}};
    for (const auto &item : sets) {
        std::string base = std::string(data) + "/n2p2/sets/" + item.name;
        frame_set raw{}, converted{};
        options = {};
        if (item.atomic_units) use_atomic_units();
        ASSERT_EQ(frames_read((base + ".input.data").c_str(), &options, &raw, &error), MLSOAP_SUCCESS) << error.message;
        ASSERT_EQ(frames_read((base + ".xyz").c_str(), nullptr, &converted, &error), MLSOAP_SUCCESS) << error.message;
        ASSERT_EQ(raw.n_frames, converted.n_frames);
        for (size_t i = 0; i < raw.n_frames; i++) {
            const frame &a = raw.frames[i], &b = converted.frames[i];
            ASSERT_EQ(a.structure.n_atoms, b.structure.n_atoms);
            ASSERT_TRUE(a.has_energy && a.has_forces && b.has_energy && b.has_forces);
            EXPECT_LE(std::fabs(a.energy - b.energy), 1e-6); // 12 digits in the .xyz
            for (int k = 0; k < 9; k++)
                EXPECT_LE(std::fabs(a.structure.cell[k / 3][k % 3] - b.structure.cell[k / 3][k % 3]), 1e-8);
            for (int k = 0; k < 3; k++) EXPECT_EQ(a.structure.pbc[k], b.structure.pbc[k]);
            for (size_t j = 0; j < a.structure.n_atoms; j++) {
                EXPECT_EQ(a.structure.species[j], b.structure.species[j]);
                const double *r = b.structure.positions[j];
                expect_position(a.structure, j, r[0], r[1], r[2], 1e-8);
                for (int k = 0; k < 3; k++) EXPECT_LE(std::fabs(a.forces[j][k] - b.forces[j][k]), 1e-8);
            }
        }
        frame_set_release(&raw);
        frame_set_release(&converted);
    }
}
