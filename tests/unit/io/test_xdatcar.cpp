/* SPDX-License-Identifier: BSD-3-Clause */
// xdatcar.c: trajectories with a fixed and with a varying cell.
#include "support/frames.hpp"

namespace
{
class Xdatcar : public Frames
{
  protected:
    void SetUp() override { file_name = "XDATCAR"; }
};

std::string head(const std::string &comment, const std::string &a = "4")
{
    return comment + "\n 1.0\n " + a + " 0 0\n 0 5 0\n 0 0 6\n Si O\n 1 1\n";
}
std::string atoms(const std::string &x)
{
    return "  " + x + " 0.00000000  0.00000000\n  0.50000000  0.50000000  0.25000000\n";
}
} // namespace

TEST_F(Xdatcar, FixedCell)
{
    parse_well(head("unknown system") + "Direct configuration=     1\n" + atoms("0.0") +
               "Direct configuration=     2\n" + atoms("0.25") + "Cartesian configuration=     3\n" + atoms("0.25"));
    ASSERT_EQ(set.n_frames, 3u);
    for (size_t i = 0; i < 3; i++) {
        EXPECT_EQ(set.frames[i].index, i);
        EXPECT_EQ(set.frames[i].structure.cell[0][0], 4.0);
        EXPECT_EQ(set.frames[i].structure.species[1], 8);
        EXPECT_TRUE(set.frames[i].structure.pbc[2]);
    }
    expect_position(set.frames[0].structure, 0, 0, 0, 0, 0);
    expect_position(set.frames[1].structure, 0, 1, 0, 0, 1e-15);
    expect_position(set.frames[1].structure, 1, 2, 2.5, 1.5, 1e-15);
    expect_position(set.frames[2].structure, 0, 0.25, 0, 0, 0);
    EXPECT_EQ(set.frames[0].line, 1);
    EXPECT_EQ(set.frames[1].line, 11);
    EXPECT_EQ(set.files[0].n_frames, 3u);
}

TEST_F(Xdatcar, VaryingCellAndBlankComments)
{
    for (const char *comment : {"run", "", "Direct to the point"}) {
        parse_well(head(comment) + "Direct configuration= 1\n" + atoms("0.5") + head(comment, "8") +
                   "Direct configuration= 2\n" + atoms("0.5"));
        ASSERT_EQ(set.n_frames, 2u) << comment;
        EXPECT_EQ(set.frames[1].structure.cell[0][0], 8.0);
        expect_position(set.frames[0].structure, 0, 2, 0, 0, 1e-15);
        expect_position(set.frames[1].structure, 0, 4, 0, 0, 1e-15);
    }
}

TEST_F(Xdatcar, IsRecognizedByContent)
{
    file_name = "movie";
    parse_well(head("x") + "Direct configuration=     1\n" + atoms("0.0"));
    file_name = "POSCAR";
    parse_well(head("x") + "Direct configuration=     1\n" + atoms("0.0") + "Direct configuration=     2\n" +
               atoms("0"));
    EXPECT_EQ(set.n_frames, 2u);
}

TEST_F(Xdatcar, ErrorsNameLineAndFrame)
{
    const std::string good = head("x") + "Direct configuration=     1\n" + atoms("0.0");
    expect_error(good + "Direct configuration=     2\n0 0 0\n", MLSOAP_ERROR_FORMAT,
                 {"XDATCAR:12", "frame 1", "ends before the last position"});
    expect_error(good + "Direct configuration=     2\n0 0 x\n0 0 0\n", MLSOAP_ERROR_VALUE,
                 {"XDATCAR:12", "frame 1", "a position is 'x'"});
    expect_error(good + head("x", "y") + "Direct configuration=     2\n" + atoms("0"), MLSOAP_ERROR_VALUE,
                 {"XDATCAR:13", "frame 1", "lattice vector a is 'y'"});
    expect_error(good + head("x") + "0 0 0\n0 0 0\n", MLSOAP_ERROR_FORMAT,
                 {"XDATCAR:18", "frame 1", "'Direct configuration= 1' is needed", "found '0 0 0'"});
    expect_error(good + "0 0 0.5\nDirect configuration= 2\n", MLSOAP_ERROR_VALUE, {"XDATCAR:12", "frame 1"});
    expect_error(" \n\n", MLSOAP_ERROR_FORMAT, {"XDATCAR", "the file holds no frame"});
    options.keys[TARGET_FORCES] = "forces";
    expect_error(good, MLSOAP_ERROR_VALUE, {"XDATCAR", "data.keys.forces", "hold no forces"});
}
