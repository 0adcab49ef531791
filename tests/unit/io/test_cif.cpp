/* SPDX-License-Identifier: BSD-3-Clause */
// cif.c and cif_block.c: syntax, symmetry, refusals.
#include "support/frames.hpp"

#include <map>

namespace
{
class Cif : public Frames
{
  protected:
    void SetUp() override { file_name = "data.cif"; }
};

const std::string CELL = "_cell_length_a 4.0(1)\n_cell_length_b 5\n_cell_length_c 6.0\n"
                         "_cell_angle_alpha 90\n_cell_angle_beta 90.00(2)\n_cell_angle_gamma 90\n";
const std::string SITES = "loop_\n_atom_site_label\n_atom_site_type_symbol\n_atom_site_fract_x\n_atom_site_fract_y\n"
                          "_atom_site_fract_z\n_atom_site_occupancy\n";

// A block with cell and sites; the sites begin in line 15.
std::string block(const std::string &sites, const std::string &more = "")
{
    return "data_x\n" + CELL + SITES + sites + more;
}
std::string cell(const std::string &a, const std::string &b, const std::string &c, const std::string &alpha,
                 const std::string &beta, const std::string &gamma)
{
    return "data_x\n_cell_length_a " + a + "\n_cell_length_b " + b + "\n_cell_length_c " + c + "\n_cell_angle_alpha " +
           alpha + "\n_cell_angle_beta " + beta + "\n_cell_angle_gamma " + gamma + "\n";
}
std::string operations(const std::string &tag, const std::vector<std::string> &list)
{
    std::string text = "loop_\n_symmetry_equiv_pos_site_id\n" + tag + "\n";
    int i = 1;
    for (const std::string &operation : list) text += std::to_string(i++) + " '" + operation + "'\n";
    return text;
}
std::map<int, int> composition(const structure &s)
{
    std::map<int, int> counts;
    for (size_t i = 0; i < s.n_atoms; i++) counts[s.species[i]]++;
    return counts;
}
} // namespace

TEST_F(Cif, Positions)
{
    parse_well("# written by hand\n" + block("Si1 Si 0.25(1) 0.5 -0.125 1\nO2 O2- .5 0 1.25 1.000(4)\n"));
    ASSERT_EQ(set.n_frames, 1u);
    const structure &s = set.frames[0].structure;
    ASSERT_EQ(s.n_atoms, 2u);
    EXPECT_EQ(s.species[0], 14);
    EXPECT_EQ(s.species[1], 8);
    expect_position(s, 0, 1, 2.5, -0.75, 1e-15);
    expect_position(s, 1, 2, 0, 7.5, 1e-15);
    EXPECT_TRUE(s.pbc[0] && s.pbc[1] && s.pbc[2]);
    EXPECT_EQ(s.cell[0][0], 4.0);
    EXPECT_EQ(s.cell[1][0], 0.0); // exact where angles are 90
    EXPECT_EQ(s.cell[2][2], 6.0);
    EXPECT_EQ(set.frames[0].line, 2);
    EXPECT_FALSE(set.frames[0].has_energy || set.frames[0].has_forces || set.frames[0].has_virial);
}

TEST_F(Cif, TriclinicCell)
{
    parse_well(cell("4", "5", "6", "80", "95", "110") + SITES + "Si1 Si 0 0 0 1\n");
    const double(*c)[3] = set.frames[0].structure.cell, degree = std::acos(-1.0) / 180;
    auto dot = [&](int i, int j) { return c[i][0] * c[j][0] + c[i][1] * c[j][1] + c[i][2] * c[j][2]; };
    EXPECT_LE(std::fabs(dot(0, 0) - 16), 1e-13);
    EXPECT_LE(std::fabs(dot(1, 1) - 25), 1e-13);
    EXPECT_LE(std::fabs(dot(2, 2) - 36), 1e-13);
    EXPECT_LE(std::fabs(dot(1, 2) - 30 * std::cos(80 * degree)), 1e-13);
    EXPECT_LE(std::fabs(dot(0, 2) - 24 * std::cos(95 * degree)), 1e-13);
    EXPECT_LE(std::fabs(dot(0, 1) - 20 * std::cos(110 * degree)), 1e-13);
    EXPECT_GT(c[2][2], 0.0);
}

TEST_F(Cif, SyntaxOfValues)
{
    parse_well(
        "\xEF\xBB\xBF#\\#CIF_1.1\r\nDATA_quotes\r\n_note\n;text with loop_ and data_ and 'quotes\n"
        " ;not the end\n;\n_title 'Bragg's law' # a comment\n_other \"a 'b' c\" _Cell.Length_A 4 _cell.length_b 5\n"
        "_cell.length_c 6 _cell.angle_alpha 90 _cell.angle_beta 90 _cell.angle_gamma 90\nLOOP_ _Atom_Site.Fract_x "
        "_atom_site.fract_y _atom_site.fract_z\n_atom_site.label 0.1 0.2 # not the third\n0.3 'Si1'\n");
    ASSERT_EQ(set.n_frames, 1u);
    EXPECT_EQ(set.frames[0].structure.species[0], 14);
    expect_position(set.frames[0].structure, 0, 0.4, 1.0, 1.8, 1e-15);
}

TEST_F(Cif, LabelsAndSymbols)
{
    parse_well(block("a si 0 0 0 1\nb FE3+ .1 0 0 .\nc D .2 0 0 ?\nNa1 ? .3 0 0 1\nO2a . .4 0 0 1\n"));
    const structure &s = set.frames[0].structure;
    const int expected[] = {14, 26, 1, 11, 8};
    for (size_t i = 0; i < 5; i++) EXPECT_EQ(s.species[i], expected[i]) << i;
    for (const char *ambiguous : {"CA1 ?", "X1 ?", "Si1 Wat", "Si1 Xx", "Si1 Si_1", "1 ?"})
        expect_error(block(std::string(ambiguous) + " 0 0 0 1\n"), MLSOAP_ERROR_SPECIES,
                     {"data.cif:15", "frame 0, site 0", "_atom_site_type_symbol"});
}

TEST_F(Cif, SymmetryIsAppliedAndSpecialPositionsStandOnce)
{
    const std::vector<std::string> c2m = {
        "x, y, z",           "-X, Y, -Z",           "-x,-y,-z",     "x,-y,z", "1/2+x, y+1/2, z",
        "-x+0.5, 1/2+y, -z", "1/2 - x, 1/2 - y,-z", "x+1/2,1/2-y,z"};
    for (const char *tag : {"_symmetry_equiv_pos_as_xyz", "_space_group_symop_operation_xyz"}) {
        parse_well(cell("5", "4", "6", "90", "100", "90") + operations(tag, c2m) + SITES +
                   "Ti Ti 0 0 0 1\nO O 0.2 0 0.3 1\nH H 0.1 0.2 0.3 1\n");
        const structure &s = set.frames[0].structure;
        EXPECT_EQ(composition(s), (std::map<int, int>{{22, 2}, {8, 4}, {1, 8}})) << tag;
        expect_position(s, 1, 2.5, 2, 0, 1e-14);
    }
}

TEST_F(Cif, RoundedCoordinatesAndSitesListedTwice)
{
    const std::vector<std::string> p3 = {"x,y,z", "-y,x-y,z", "-x+y,-x,z"};
    const std::string hexagonal = cell("5", "5", "6", "90", "90", "120");
    parse_well(hexagonal + operations("_symmetry_equiv_pos_as_xyz", p3) + SITES +
               "Si1 Si 0.333 0.667 0 1\nSi2 Si 0 0 0.5 1\n");
    EXPECT_EQ(set.frames[0].structure.n_atoms, 2u);
    parse_well(hexagonal + operations("_symmetry_equiv_pos_as_xyz", p3) + SITES +
               "Si1 Si 0.1 0 0 1\nSi2 Si 0 0.1 1 1\n");
    EXPECT_EQ(set.frames[0].structure.n_atoms, 3u); // the second is an image of the first
    expect_error(hexagonal + operations("_symmetry_equiv_pos_as_xyz", p3) + SITES +
                     "Si1 Si 0.1 0 0 1\nC2 C 0 0.1 1 1\n",
                 MLSOAP_ERROR_VALUE, {"data.cif:22", "site 1", "C lies where Si lies already"});
}

TEST_F(Cif, CartesianSites)
{
    const std::string sites =
        "loop_\n_atom_site_type_symbol\n_atom_site_Cartn_x\n_atom_site_Cartn_y\n_atom_site_Cartn_z\n"
        "C 0.5 1 1.5\nO 0.5 1 2.7\n";
    parse_well("data_molecule\n" + sites);
    EXPECT_FALSE(set.frames[0].structure.pbc[0]);
    expect_position(set.frames[0].structure, 1, 0.5, 1, 2.7, 0);
    parse_well(cell("4", "5", "6", "80", "95", "110") + sites);
    EXPECT_TRUE(set.frames[0].structure.pbc[0]);
    expect_position(set.frames[0].structure, 1, 0.5, 1, 2.7, 1e-14);
}

TEST_F(Cif, BlocksAreFrames)
{
    const std::string more = "data_empty\n_title 'no structure'\ndata_global\n_journal 'X'\n";
    parse_well(more + block("Si1 Si 0 0 0 1\n") + more + block("O O 0 0 0 1\nC C .5 .5 .5 1\nD1 ? 0 0 .5 1\n"));
    ASSERT_EQ(set.n_frames, 2u);
    EXPECT_EQ(set.frames[0].structure.n_atoms, 1u);
    EXPECT_EQ(set.frames[1].structure.n_atoms, 3u);
    EXPECT_EQ(set.frames[1].index, 1u);
    expect_error(more, MLSOAP_ERROR_FORMAT, {"data.cif", "no data block holds a structure"});
}

TEST_F(Cif, DummySitesAreNotAtoms)
{
    const std::string sites = "loop_\n_atom_site_label\n_atom_site_fract_x\n_atom_site_fract_y\n_atom_site_fract_z\n"
                              "_atom_site_calc_flag\nSi1 0 0 0 d\nX1 0.5 0.5 0.5 dum\n";
    parse_well("data_x\n" + CELL + sites);
    EXPECT_EQ(set.frames[0].structure.n_atoms, 1u);
}

TEST_F(Cif, SpaceGroupWithoutOperations)
{
    for (const char *p1 : {"_symmetry_space_group_name_H-M 'P 1'\n", "_space_group_IT_number 1\n",
                           "_space_group_name_Hall 'P 1'\n", "_symmetry_Int_Tables_number ?\n"})
        parse_well(block("Si1 Si 0 0 0 1\n", p1));
    expect_error(block("Si1 Si 0 0 0 1\n", "_symmetry_space_group_name_H-M 'F d -3 m'\n"), MLSOAP_ERROR_VALUE,
                 {"data.cif:16", "'F d -3 m'", "lists no symmetry operations"});
    expect_error(block("Si1 Si 0 0 0 1\n", "_space_group_IT_number 227\n"), MLSOAP_ERROR_VALUE,
                 {"data.cif:16", "'227'"});
}

TEST_F(Cif, OperationsThatAreNone)
{
    auto with = [](const std::string &operation) {
        return block("Si1 Si 0 0 0 1\n", operations("_symmetry_equiv_pos_as_xyz", {operation}));
    };
    for (const char *bad : {"x,y", "x,y,z,x", "x,,z", "x,y,w", "xy,y,z", "x,y,z/2", "x,y,1/0+z", "x,y,0.5*x+z",
                            "x,y,2*", "--x,y,z", "x+1e400,y,z"})
        expect_error(with(bad), MLSOAP_ERROR_VALUE, {"data.cif:19", bad, "-x+1/2, y, z+1/2"});
    expect_error(with("x,y,x"), MLSOAP_ERROR_VALUE, {"data.cif:19", "is no rotation"});
    expect_error(with("y,x,z"), MLSOAP_ERROR_VALUE, {"data.cif:19", "does not fit the cell", "lengths or angles"});
    std::vector<std::string> many;
    for (int i = 1; i <= 193; i++) many.push_back("x+" + std::to_string(i) + "/1000,y,z");
    expect_error(block("Si1 Si 0 0 0 1\n", operations("_symmetry_equiv_pos_as_xyz", many)), MLSOAP_ERROR_VALUE,
                 {"data.cif:211", "more than 192"});
}

TEST_F(Cif, ErrorsNameLineAndFrame)
{
    const std::string good = "Si1 Si 0 0 0 1\n";
    expect_error(block("Si1 Si 0 0 0 0.5(1)\n"), MLSOAP_ERROR_VALUE,
                 {"data.cif:15", "site 0 Si1", "the occupancy is 0.5", "full sites"});
    expect_error(block(good + "Si2 Si 0 ? 0 1\n"), MLSOAP_ERROR_VALUE, {"data.cif:16", "_atom_site_fract_y is '?'"});
    expect_error(block("Si1 Si 0 0 1() 1\n"), MLSOAP_ERROR_VALUE, {"data.cif:15", "'1()'"});
    expect_error(block("Si1 Si 0 0 nan 1\n"), MLSOAP_ERROR_VALUE, {"data.cif:15", "'nan'"});
    expect_error(block("Si1 Si 0 0 0\n"), MLSOAP_ERROR_FORMAT, {"data.cif:8", "6 columns and 5 values"});
    expect_error(block(""), MLSOAP_ERROR_VALUE, {"data.cif:1", "frame 0 has no atoms"});
    expect_error(block(good, "x\n"), MLSOAP_ERROR_FORMAT, {"data.cif:8", "6 columns and 7 values"});
    expect_error("data_x\n_title two words\n", MLSOAP_ERROR_FORMAT, {"data.cif:2", "without a tag", "'words'"});
    expect_error("data_x\n_title\n_other 1\n", MLSOAP_ERROR_FORMAT, {"data.cif:3", "must have a value", "'_other'"});
    expect_error("data_x\n_title\n", MLSOAP_ERROR_FORMAT, {"data.cif:3", "the end of the file"});
    expect_error("data_x\nloop_\ndata_y\n", MLSOAP_ERROR_FORMAT, {"data.cif:3", "must be followed by tags"});
    expect_error("data_x\nsave_y\n", MLSOAP_ERROR_FORMAT, {"data.cif:2", "no such sections", "'save_y'"});
    expect_error("data_x\n_title 'open\n", MLSOAP_ERROR_FORMAT, {"data.cif:2", "the quote ' does not end"});
    expect_error("data_x\n_title\n;open\ntext\n", MLSOAP_ERROR_FORMAT, {"data.cif:3", "does not end with a ;"});
    expect_error("_title x\n", MLSOAP_ERROR_FORMAT, {"data.cif:1", "begins with data_NAME", "'_title'"});
    expect_error("data_x\n" + SITES + good, MLSOAP_ERROR_FORMAT, {"data.cif:1", "has no cell"});
    expect_error("data_x\n_cell_length_a 4\n" + SITES + good, MLSOAP_ERROR_FORMAT,
                 {"data.cif:1", "lacks _cell_angle_gamma"});
    expect_error(cell("0", "5", "6", "90", "90", "90") + SITES + good, MLSOAP_ERROR_VALUE,
                 {"data.cif:1", "no cell has"});
    expect_error(cell("4", "5", "6", "60", "60", "170") + SITES + good, MLSOAP_ERROR_VALUE, {"no cell has", "170"});
    expect_error(cell("4", "x", "6", "90", "90", "90") + SITES + good, MLSOAP_ERROR_VALUE,
                 {"data.cif:3", "_cell_length_b is 'x'"});
    expect_error("data_x\n" + CELL + "loop_\n_atom_site_label\n_atom_site_fract_x\nSi 0\n", MLSOAP_ERROR_FORMAT,
                 {"data.cif:1", "three columns of coordinates"});
    options.keys[TARGET_ENERGY] = "energy";
    expect_error(block(good), MLSOAP_ERROR_VALUE, {"data.cif", "data.keys.energy", "hold no energy"});
}

TEST_F(Cif, MemoryThatRunsOutIsAnError)
{
    const std::string text =
        block("Si1 Si 0 0 0 1\nO O .5 0 0 1\n", operations("_symmetry_equiv_pos_as_xyz", {"-x,-y,-z"}));
    for (long n = 1; n < 100; n++) {
        memory_fail_after(n);
        mlsoap_status status = parse(text);
        memory_fail_after(0);
        if (status == MLSOAP_SUCCESS) return;
        ASSERT_EQ(status, MLSOAP_ERROR_MEMORY);
        ASSERT_EQ(set.n_frames, 0u);
    }
    FAIL() << "never succeeded";
}
