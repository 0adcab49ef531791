/* SPDX-License-Identifier: BSD-3-Clause */
// outcar.c and vasp_step.c.
#include "support/frames.hpp"

namespace
{
class Outcar : public Frames
{
  protected:
    void SetUp() override { file_name = "OUTCAR"; }
    const frame_file &file() const { return set.files[0]; }
};

const std::string HEAD =
    " vasp.5.4.4.18Apr17 (build) complex\n   VRHFIN =Si: s2p2\n   TITEL  = PAW_PBE Si 05Jan2001\n"
    "   VRHFIN =O: s2p4\n   TITEL  = PAW_PBE O_s 07Sep2000\n   ions per type =               1   2\n";
const std::string CELL = "      direct lattice vectors                 reciprocal lattice vectors\n"
                         "     8.000000000  0.500000000-10.000000000     0.125000000  0.000000000  0.000000000\n"
                         "     0.000000000  9.000000000  0.000000000     0.125000000  0.000000000  0.000000000\n"
                         "     0.000000000  1.000000000 10.000000000     0.125000000  0.000000000  0.000000000\n";
const std::string ITERATION = "--------------------------------------- Iteration      1(   1)  -----------\n"
                              "  free energy    TOTEN  =       -99.00000000 eV\n";
const std::string CONVERGED = "------------------------ aborting loop because EDIFF is reached ----------\n";
const std::string STRESS = "  in kB      10.00000    20.00000-12345.67890    40.00000    50.00000    60.00000\n";
const std::string ATOMS = " POSITION                                       TOTAL-FORCE (eV/Angst)\n ----------\n"
                          "      1.00000      2.00000      3.00000         0.100000      0.200000     -0.300000\n"
                          "      2.50000      2.00000      3.00000        -0.100000     -0.200000      0.300000\n"
                          "      2.50000      5.00000      3.00000         0.000000      0.000000      0.000000\n"
                          " ----------\n    total drift:      0.1 0.1 0.1\n";
const std::string ENERGY = "  free  energy   TOTEN  =       -76.50000000 eV\n\n"
                           "  energy  without entropy=      -76.3  energy(sigma->0) =      -76.4\n";
const std::string STEP = ITERATION + CONVERGED + STRESS + CELL + ATOMS + ENERGY;
const double VOLUME = 720;
} // namespace

TEST_F(Outcar, ReadsEveryStep)
{
    parse_well(HEAD + CELL + STEP + STEP);
    ASSERT_EQ(set.n_frames, 2u);
    const frame &f = set.frames[1];
    const int species[3] = {14, 8, 8};
    ASSERT_EQ(f.structure.n_atoms, 3u);
    for (int i = 0; i < 3; i++) EXPECT_EQ(f.structure.species[i], species[i]);
    EXPECT_TRUE(f.structure.pbc[0] && f.structure.pbc[1] && f.structure.pbc[2]);
    EXPECT_EQ(f.structure.cell[0][1], 0.5); // touches the next one
    EXPECT_EQ(f.structure.cell[0][2], -10.0);
    expect_position(f.structure, 2, 2.5, 5, 3, 0);
    ASSERT_TRUE(f.has_energy && f.has_forces && f.has_virial);
    EXPECT_EQ(f.energy, -76.5); // the free energy: forces are its derivatives
    EXPECT_EQ(f.forces[0][2], -0.3);
    // XX YY ZZ XY YZ ZX in kbar to xx yy zz xy xz yz in eV, the same sign
    const double kbar[6] = {10, 20, -12345.6789, 40, 60, 50};
    for (int k = 0; k < 6; k++) EXPECT_LE(std::fabs(f.virial[k] - kbar[k] * VOLUME / 1602.1766208), 1e-9) << k;
    EXPECT_EQ(f.index, 1u);
    EXPECT_STREQ(file().targets[TARGET_ENERGY].key, "TOTEN");
    EXPECT_STREQ(file().targets[TARGET_FORCES].key, "TOTAL-FORCE");
    EXPECT_STREQ(file().targets[TARGET_VIRIAL].key, "in kB");
    EXPECT_EQ(file().targets[TARGET_FORCES].n_numbers, 18u);
    EXPECT_EQ(file().n_unconverged + file().n_incomplete + file().n_predicted, 0u);
}

TEST_F(Outcar, CountsWhatDidNotConverge)
{
    std::string loose = ITERATION + STRESS + ATOMS + ENERGY;
    parse_well(HEAD + CELL + STEP + loose + STEP + loose);
    EXPECT_EQ(set.n_frames, 4u);
    EXPECT_EQ(file().n_unconverged, 2u);
    parse_well(HEAD + CELL + ATOMS + ENERGY); // electronic steps were cut out of the file: nothing is known
    EXPECT_EQ(file().n_unconverged, 0u);
}

TEST_F(Outcar, StressMayBeAbsentAndIsNotThatOfTheStepBefore)
{
    parse_well(HEAD + STEP + ITERATION + CONVERGED + CELL + ATOMS + ENERGY);
    ASSERT_EQ(set.n_frames, 2u);
    EXPECT_TRUE(set.frames[0].has_virial);
    EXPECT_FALSE(set.frames[1].has_virial);
}

TEST_F(Outcar, LeavesOutALastStepThatIsNotComplete)
{
    const std::string whole = HEAD + STEP, next = ITERATION + CONVERGED + STRESS + CELL + ATOMS + ENERGY;
    for (size_t n = 0; n < next.size() - 60; n += 7) {
        parse_well(whole + next.substr(0, n));
        bool complete = n >= next.find(" eV\n", next.find("free  energy")) + 4;
        ASSERT_EQ(set.n_frames, complete ? 2u : 1u) << n;
        bool begun = n > next.find("(eV/Angst)") + 10;
        EXPECT_EQ(file().n_incomplete, begun && !complete ? 1u : 0u) << n;
    }
}

TEST_F(Outcar, LeavesOutPredictionsOfAForceField)
{
    std::string predicted = ATOMS;
    predicted.insert(predicted.find("(eV/Angst)") + 10, " (ML)");
    const std::string text = predicted + "  free  energy ML TOTEN  =       -70.00000000 eV\n";
    parse_well(HEAD + CELL + text + STEP + text);
    EXPECT_EQ(set.n_frames, 1u);
    EXPECT_EQ(file().n_predicted, 2u);
    expect_error(HEAD + CELL + text, MLSOAP_ERROR_FORMAT, {"no complete ionic step", "force field"});
}

TEST_F(Outcar, ElementsMayComeFromTitles)
{
    std::string text = HEAD + STEP;
    for (size_t at; (at = text.find("   VRHFIN")) != std::string::npos;) text.erase(at, text.find('\n', at) + 1 - at);
    parse_well(text);
    EXPECT_EQ(set.frames[0].structure.species[0], 14);
    EXPECT_EQ(set.frames[0].structure.species[1], 8);
}

TEST_F(Outcar, TakesWhatIsAskedFor)
{
    options.keys[TARGET_VIRIAL] = "none";
    options.keys[TARGET_FORCES] = "none";
    parse_well(HEAD + STEP);
    EXPECT_TRUE(set.frames[0].has_energy);
    EXPECT_FALSE(set.frames[0].has_forces || set.frames[0].forces || set.frames[0].has_virial);
    options.keys[TARGET_ENERGY] = "energy";
    expect_error(HEAD + STEP, MLSOAP_ERROR_VALUE, {"data.keys.energy", "TOTEN"});
}

TEST_F(Outcar, SaysWhatIsWrong)
{
    auto with = [](std::string text, const std::string &from, const std::string &to) {
        return text.replace(text.find(from), from.size(), to);
    };
    const std::string good = HEAD + STEP;
    expect_error(with(good, "0.300000\n", "*********\n"), MLSOAP_ERROR_VALUE, {"OUTCAR:", "asterisks", "frame 0"});
    expect_error(with(good, "  -76.50000000 eV", "  ************ eV"), MLSOAP_ERROR_VALUE, {"TOTEN", "asterisks"});
    expect_error(with(good, "-0.300000\n", "\n"), MLSOAP_ERROR_FORMAT, {"OUTCAR:", "position and a force"});
    expect_error(with(good, "VRHFIN =Si", "VRHFIN =Qq"), MLSOAP_ERROR_FORMAT, {"chemical element", "Qq"});
    expect_error(with(good, "   1   2\n", "   1   2   3\n"), MLSOAP_ERROR_FORMAT, {"2 species", "3 numbers"});
    expect_error(with(good, "   1   2\n", "   1   2000000000\n"), MLSOAP_ERROR_FORMAT, {"truncated"});
    expect_error(with(good, "ions per type", "ions of type"), MLSOAP_ERROR_FORMAT, {"'ions per type ='"});
    expect_error(HEAD + ATOMS + ENERGY, MLSOAP_ERROR_FORMAT, {"direct lattice vectors"});
    expect_error(with(good, "     8.000000000", "     nan        "), MLSOAP_ERROR_VALUE, {"lattice vector a"});
    expect_error(HEAD + CELL, MLSOAP_ERROR_FORMAT, {"no complete ionic step"});
}

TEST_F(Outcar, LackOfMemoryIsAnError)
{
    const std::string text = HEAD + STEP + STEP;
    mlsoap_status status = MLSOAP_ERROR_MEMORY;
    for (long n = 1; status && n < 1000; n++) {
        memory_fail_after(n);
        status = parse(text);
        memory_fail_after(0);
        ASSERT_TRUE(!status || status == MLSOAP_ERROR_MEMORY) << error.message;
    }
    EXPECT_EQ(status, MLSOAP_SUCCESS);
}
