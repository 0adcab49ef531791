/* SPDX-License-Identifier: BSD-3-Clause */
// vasprun.c.
#include "support/frames.hpp"

namespace
{
class Vasprun : public Frames
{
  protected:
    void SetUp() override { file_name = "vasprun.xml"; }
    const frame_file &file() const { return set.files[0]; }
};

const std::string HEAD =
    "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n<modeling>\n <incar>\n  <i type=\"int\" name=\"NELM\"> 40</i>\n"
    " </incar>\n <parameters><separator name=\"electronic\"><i type=\"int\" name=\"NELM\"> 3</i></separator>\n"
    "  <i type=\"logical\" name=\"ML_LMLFF\"> F </i></parameters>\n <atominfo>\n  <atoms> 2 </atoms>\n"
    "  <array name=\"atoms\" ><field type=\"string\">element</field><field type=\"int\">atomtype</field>\n"
    "   <set><rc><c>r </c><c>   1</c></rc>\n<rc><c>O </c><c>   2</c></rc></set></array>\n"
    "  <array name=\"atomtypes\" ><set><rc><c>   1</c><c>Si</c></rc></set></array>\n </atominfo>\n";
const std::string BASIS = "<varray name=\"basis\" ><v> 8.0 0.5 0.0 </v><v> 0.0 9.0 0.0 </v><v> 0 1 10 </v></varray>";
const std::string STRUCTURE = "<structure><crystal>" + BASIS +
                              "<varray name=\"rec_basis\" ><v>1 2 3</v></varray></crystal>"
                              "<varray name=\"positions\" ><v> 0.25 0.5 0.0 </v><v>0 0 0.5</v></varray></structure>\n";
const std::string ELECTRONS = "<scstep><energy><i name=\"e_fr_energy\"> -99.0 </i></energy></scstep>\n";
const std::string FORCES = "<varray name=\"forces\" ><v> 0.1 0.2 -0.3 </v><v>-0.1 -0.2 0.3</v></varray>\n";
const std::string STRESS = "<varray name=\"stress\" ><v>10 40 60</v><v>40 20 50</v><v>60 50 30</v></varray>\n";
const std::string ENERGY = "<energy><i name=\"e_fr_energy\">   -76.50000000 </i><i name=\"e_wo_entrp\"> -76.3 </i>"
                           "<i name=\"e_0_energy\"> -76.4</i></energy>\n";
const std::string STEP = "<calculation>" + ELECTRONS + STRUCTURE + FORCES + STRESS + ENERGY + "</calculation>\n";
const std::string END = "<structure name=\"finalpos\">" + BASIS + "</structure></modeling>\n";
const double VOLUME = 720;

std::string with(std::string text, const std::string &from, const std::string &to)
{
    return text.replace(text.find(from), from.size(), to);
}
} // namespace

TEST_F(Vasprun, ReadsEveryStep)
{
    parse_well(HEAD + STEP + STEP + END);
    ASSERT_EQ(set.n_frames, 2u);
    const frame &f = set.frames[1];
    ASSERT_EQ(f.structure.n_atoms, 2u);
    EXPECT_EQ(f.structure.species[0], 40); // "r" is how VASP misprints Zr
    EXPECT_EQ(f.structure.species[1], 8);
    EXPECT_TRUE(f.structure.pbc[0] && f.structure.pbc[1] && f.structure.pbc[2]);
    EXPECT_EQ(f.structure.cell[2][1], 1.0);
    expect_position(f.structure, 0, 2, 0.125 + 4.5, 0, 1e-15);
    expect_position(f.structure, 1, 0, 0.5, 5, 1e-15);
    ASSERT_TRUE(f.has_energy && f.has_forces && f.has_virial);
    EXPECT_EQ(f.energy, -76.5);
    EXPECT_EQ(f.forces[0][2], -0.3);
    const double kbar[6] = {10, 20, 30, 40, 60, 50};
    for (int k = 0; k < 6; k++) EXPECT_LE(std::fabs(f.virial[k] - kbar[k] * VOLUME / 1602.1766208), 1e-9) << k;
    EXPECT_EQ(f.index, 1u);
    EXPECT_STREQ(file().targets[TARGET_ENERGY].key, "e_fr_energy");
    EXPECT_STREQ(file().targets[TARGET_VIRIAL].key, "stress");
    EXPECT_EQ(file().n_unconverged + file().n_incomplete + file().n_predicted, 0u);
}

TEST_F(Vasprun, CountsWhatDidNotConverge)
{
    std::string loose = with(STEP, ELECTRONS, ELECTRONS + ELECTRONS + ELECTRONS); // as many as NELM
    parse_well(HEAD + loose + STEP + END);
    EXPECT_EQ(set.n_frames, 2u);
    EXPECT_EQ(file().n_unconverged, 1u);
}

TEST_F(Vasprun, StressMayBeAbsent)
{
    parse_well(HEAD + STEP + with(STEP, STRESS, "") + END);
    EXPECT_TRUE(set.frames[0].has_virial);
    EXPECT_FALSE(set.frames[1].has_virial);
}

TEST_F(Vasprun, ReadsARunThatWasKilled)
{
    for (size_t n = 1; n < STEP.size() - 2; n += 11) {
        parse_well(HEAD + STEP + STEP.substr(0, n));
        ASSERT_EQ(set.n_frames, 1u);
        EXPECT_EQ(file().n_incomplete, n > std::string("<calculation>").size() - 1 ? 1u : 0u) << n;
    }
    expect_error(HEAD, MLSOAP_ERROR_FORMAT, {"no complete <calculation>"});
}

TEST_F(Vasprun, LeavesOutPredictionsOfAForceField)
{
    std::string learning = with(HEAD, "> F </i>", "> T </i>"), predicted = with(STEP, ELECTRONS, "");
    parse_well(learning + STEP + predicted + END);
    EXPECT_EQ(set.n_frames, 1u);
    EXPECT_EQ(file().n_predicted, 1u);
}

TEST_F(Vasprun, SaysWhatIsWrong)
{
    const std::string good = HEAD + STEP + END;
    expect_error(with(good, "-0.3 </v>", "***** </v>"), MLSOAP_ERROR_VALUE, {"vasprun.xml:", "asterisks"});
    expect_error(with(good, "<v>-0.1 -0.2 0.3</v>", ""), MLSOAP_ERROR_FORMAT, {"1 rows of forces", "2 are needed"});
    expect_error(with(good, "<v>0 0 0.5</v>", ""), MLSOAP_ERROR_FORMAT, {"1 rows of positions"});
    expect_error(with(good, "<v>60 50 30</v>", ""), MLSOAP_ERROR_FORMAT, {"2 rows of stress"});
    expect_error(with(good, "<c>O </c>", "<c>Qq</c>"), MLSOAP_ERROR_SPECIES, {"Qq"});
    expect_error(with(good, "-76.50000000", "inf"), MLSOAP_ERROR_VALUE, {"e_fr_energy"});
    expect_error(with(good, "</energy></scstep>", "</scstep>"), MLSOAP_ERROR_FORMAT, {"XML is broken", "mismatch"});
    expect_error(with(good, "<v> 0.0 9.0 0.0 </v>", "<v> 16 1 0 </v>"), MLSOAP_ERROR_VALUE, {"frame 0"});
    expect_error(with(good, "array name=\"atoms\"", "array name=\"ions\""), MLSOAP_ERROR_FORMAT, {"array name"});
    std::string deep = HEAD;
    for (int i = 0; i < 100; i++) deep += "<deep>";
    expect_error(deep, MLSOAP_ERROR_FORMAT, {"nested too deep"});
}

TEST_F(Vasprun, LackOfMemoryIsAnError)
{
    mlsoap_status status = MLSOAP_ERROR_MEMORY;
    for (long n = 1; status && n < 1000; n++) {
        memory_fail_after(n);
        status = parse(HEAD + STEP + STEP + END);
        memory_fail_after(0);
        ASSERT_TRUE(!status || status == MLSOAP_ERROR_MEMORY) << error.message;
    }
    EXPECT_EQ(status, MLSOAP_SUCCESS);
}
