/* SPDX-License-Identifier: BSD-3-Clause */
// extxyz_read.c, extxyz_comment.c and io.c: what is accepted, and each error with its place.
#include "support/frames.hpp"

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <unistd.h>
#include <zlib.h>

namespace
{
using ExtxyzRead = Frames;

const char *const CO = "2\n"
                       "Lattice=\"10 0 0 1 11 0 2 3 12\" Properties=species:S:1:pos:R:3:forces:R:3 energy=-14.5 "
                       "virial=\"1 2 3 2 4 5 3 5 6\" config_type=molecule weight=2.5 pbc=\"T F T\"\n"
                       "C 0 0 0 0.1 0.2 0.3\n"
                       "O 1.1 -0.5 1e1 -0.1 -0.2 -0.3\n";

// The same with a comment line of its own.
std::string co(const std::string &comment, const std::string &atoms = "C 0 0 0\nO 1.1 0 0\n")
{
    return "2\n" + comment + "\n" + atoms;
}
} // namespace

TEST_F(ExtxyzRead, AFrame)
{
    parse_well(CO);
    ASSERT_EQ(set.n_frames, 1u);
    const frame &f = set.frames[0];
    EXPECT_EQ(f.structure.n_atoms, 2u);
    EXPECT_EQ(f.structure.species[0], 6);
    EXPECT_EQ(f.structure.species[1], 8);
    EXPECT_EQ(f.structure.positions[1][0], 1.1);
    EXPECT_EQ(f.structure.positions[1][2], 10.0);
    EXPECT_EQ(f.structure.cell[0][0], 10.0); // rows are the vectors
    EXPECT_EQ(f.structure.cell[1][0], 1.0);
    EXPECT_EQ(f.structure.cell[2][1], 3.0);
    EXPECT_EQ(f.structure.pbc[0], 1);
    EXPECT_EQ(f.structure.pbc[1], 0);
    EXPECT_EQ(f.structure.pbc[2], 1);
    ASSERT_TRUE(f.has_energy && f.has_forces && f.has_virial);
    EXPECT_EQ(f.energy, -14.5);
    EXPECT_EQ(f.forces[1][1], -0.2);
    const double virial[6] = {1, 4, 6, 2, 3, 5}; // xx yy zz xy xz yz
    for (int i = 0; i < 6; i++) EXPECT_EQ(f.virial[i], virial[i]);
    EXPECT_STREQ(f.config_type, "molecule");
    EXPECT_EQ(f.weight, 2.5);
    EXPECT_EQ(f.index, 0u);
    EXPECT_EQ(f.line, 1);
    EXPECT_FALSE(f.has_prediction);
}

TEST_F(ExtxyzRead, RecordsOfAFile)
{
    parse_well(std::string(CO) + "\n" + CO + "\n\n");
    ASSERT_EQ(set.n_frames, 2u);
    EXPECT_EQ(set.frames[1].index, 1u);
    EXPECT_EQ(set.frames[1].line, 6); // a blank line between
    const frame_file &file = set.files[0];
    EXPECT_STREQ(file.path, "data.xyz");
    EXPECT_EQ(file.n_frames, 2u);
    EXPECT_EQ(file.n_atoms, 4u);
    EXPECT_EQ(file.targets[TARGET_ENERGY].n_numbers, 2u);
    EXPECT_EQ(file.targets[TARGET_FORCES].n_numbers, 12u);
    EXPECT_EQ(file.targets[TARGET_VIRIAL].n_numbers, 12u);
    EXPECT_EQ(file.targets[TARGET_VIRIAL].n_frames, 2u);
    EXPECT_EQ(file.targets[TARGET_FORCES].min, -0.3);
    EXPECT_EQ(file.targets[TARGET_FORCES].max, 0.3);
    EXPECT_TRUE(unused().empty());
}

TEST_F(ExtxyzRead, SeveralFilesAreAppended)
{
    ASSERT_EQ(frames_parse(CO, strlen(CO), "a.xyz", nullptr, &set, &error), MLSOAP_SUCCESS);
    EXPECT_EQ(frames_parse("2\n", 2, "b.xyz", nullptr, &set, &error), MLSOAP_ERROR_FORMAT);
    EXPECT_EQ(set.n_frames, 1u); // a failed file leaves the set as it was
    EXPECT_EQ(set.n_files, 1u);
    ASSERT_EQ(frames_parse(CO, strlen(CO), "c.xyz", nullptr, &set, &error), MLSOAP_SUCCESS);
    EXPECT_EQ(set.n_frames, 2u);
    EXPECT_EQ(set.frames[1].i_file, 1);
    EXPECT_STREQ(set.files[1].path, "c.xyz");
}

TEST_F(ExtxyzRead, SpellingsOfOneFrame)
{
    const char *const spellings[] = {
        "LATTICE='10 0 0 1 11 0 2 3 12' properties=species:S:1:pos:R:3:forces:R:3 ENERGY=-14.5 PBC='T F T'",
        "Lattice={10 0 0 1 11 0 2 3 12} Properties=species:S:1:pos:R:3:forces:R:3 energy={-14.5} pbc={T F T}",
        "Lattice=[10,0,0,1,11,0,2,3,12] Properties=species:S:1:pos:R:3:forces:R:3 energy=\"-14.5\" pbc=[1,0,1]",
        "Lattice=\"_JSON [[10, 0, 0], [1, 11, 0], [2, 3, 12]]\" Properties=species:S:1:pos:R:3:forces:R:3 "
        "energy=-1.45e1 pbc=\"_JSON [true, false, true]\"",
        "Lattice = \"10 0 0 1 11 0 2 3 12\" Properties = species:S:1:pos:R:3:forces:R:3 energy = -1.45D+01 pbc = TFT",
        "a_word Lattice=[[10, 0, 0], [1, 11, 0], [2, 3, 12]] Properties=\"species:S:1:pos:R:3:forces:R:3\" "
        "energy=-14.5 "
        "pbc=\"true false .true.\" note=\"a \\\"quoted = word\\\"\"",
    };
    for (const char *comment : spellings) {
        ASSERT_NO_FATAL_FAILURE(parse_well(co(comment, "C 0 0 0 0.1 0.2 0.3\r\n\tO  1.1 -0.5 10  -0.1 -0.2 -0.3 \n")))
            << comment;
        const frame &f = set.frames[0];
        EXPECT_EQ(f.structure.cell[2][1], 3.0) << comment;
        EXPECT_EQ(f.structure.cell[1][0], 1.0) << comment;
        EXPECT_EQ(f.structure.pbc[1], 0) << comment;
        EXPECT_EQ(f.structure.pbc[2], 1) << comment;
        EXPECT_EQ(f.energy, -14.5) << comment;
        EXPECT_EQ(f.structure.positions[1][1], -0.5) << comment;
        EXPECT_EQ(f.forces[1][2], -0.3) << comment;
    }
}

TEST_F(ExtxyzRead, ColumnsInAnyOrderAndUnknownOnes)
{
    parse_well(co("Properties=tag:I:1:force:R:3:Z:I:1:name:S:2:pos:R:3:magmom:R:1 energy=1",
                  "7 1 2 3 6 x y 4 5 6 nan\n8 -1 -2 -3 8 x y 5 6 7 0\n"));
    EXPECT_EQ(set.frames[0].structure.species[0], 6);
    EXPECT_EQ(set.frames[0].structure.positions[0][2], 6.0);
    EXPECT_EQ(set.frames[0].forces[1][2], -3.0);
    EXPECT_TRUE(unused().empty());
    parse_well(co("Properties=species:S:1:Z:I:1:pos:R:3 energy=1", "C 6 0 0 0\nO 8 1 1 1\n"));
    EXPECT_EQ(set.frames[0].structure.species[1], 8);
    parse_well(co("energy=1", "14 0 0 0\nSi 2 0 0\n")); // numbers for symbols
    EXPECT_EQ(set.frames[0].structure.species[0], 14);
}

TEST_F(ExtxyzRead, Boundaries)
{
    parse_well(co("energy=1"));
    for (int k = 0; k < 3; k++) EXPECT_EQ(set.frames[0].structure.pbc[k], 0); // no Lattice: open
    parse_well(co("energy=1 Lattice=\"9 0 0 0 9 0 0 0 9\""));
    for (int k = 0; k < 3; k++) EXPECT_EQ(set.frames[0].structure.pbc[k], 1);
    parse_well(co("energy=1 Lattice=\"9 0 0 0 9 0 0 0 9\" pbc=F"));
    for (int k = 0; k < 3; k++) EXPECT_EQ(set.frames[0].structure.pbc[k], 0);
    parse_well(co("energy=1 Lattice=\"0 0 0 0 0 0 0 0 0\" pbc=\"F F F\""));
    expect_error(co("energy=1 pbc=\"T T T\""), MLSOAP_ERROR_VALUE, {"data.xyz:2", "frame 0", "lattice vector is zero"});
    expect_error(co("energy=1 pbc=\"T T\""), MLSOAP_ERROR_FORMAT, {"pbc", "three of T and F"});
    expect_error(co("energy=1 pbc=\"T T x\""), MLSOAP_ERROR_FORMAT, {"'T T x'"});
    expect_error(co("energy=1 pbc=\"T T T T\""), MLSOAP_ERROR_FORMAT, {"three of T and F"});
    expect_error(co("energy=1 Lattice=\"1 2 3\""), MLSOAP_ERROR_FORMAT, {"Lattice has 3 numbers", "9"});
    expect_error(co("energy=1 Lattice=\"1 2 3 4 5 6 7 8 9 10\""), MLSOAP_ERROR_FORMAT, {"more than 9"});
    expect_error(co("energy=1 Lattice=\"1 0 0 0 1 0 1 1 0\""), MLSOAP_ERROR_VALUE, {"linearly dependent"});
}

TEST_F(ExtxyzRead, ConfigTypeAndWeight)
{
    parse_well(co("energy=1 Config_Type=\"bulk \\\"a\\\" x\" config_weight=0.5"));
    EXPECT_STREQ(set.frames[0].config_type, "bulk \"a\" x");
    EXPECT_EQ(set.frames[0].weight, 0.5);
    parse_well(co("energy=1 config_type=\"\""));
    EXPECT_STREQ(set.frames[0].config_type, "default");
    EXPECT_EQ(set.frames[0].weight, 1.0);
    expect_error(co("energy=1 weight=-1"), MLSOAP_ERROR_VALUE, {"weight must be one number >= 0"});
    expect_error(co("energy=1 weight=nan"), MLSOAP_ERROR_VALUE, {"'weight' holds 'nan'"});
    expect_error(co("energy=1 weight=1 config_weight=2"), MLSOAP_ERROR_VALUE, {"weight is 1", "config_weight is 2"});
}

TEST_F(ExtxyzRead, PlainXyzOnlyForStructures)
{
    expect_error(co("a water molecule"), MLSOAP_ERROR_FORMAT, {"data.xyz:2", "no key=value pair"});
    options.structures_only = true;
    parse_well(co("a water molecule") + co(""));
    EXPECT_EQ(set.n_frames, 2u);
    parse_well(std::string(CO));
    EXPECT_FALSE(set.frames[0].has_energy || set.frames[0].has_forces || set.frames[0].has_virial);
    EXPECT_EQ(set.frames[0].forces, nullptr);
    EXPECT_TRUE(unused().empty());
}

TEST_F(ExtxyzRead, NumberOfAtoms)
{
    expect_error("-3\nenergy=1\n", MLSOAP_ERROR_VALUE, {"data.xyz:1", "frame 0", "-3", "positive"});
    expect_error("0\nenergy=1\n", MLSOAP_ERROR_VALUE, {"data.xyz:1", "0", "positive"});
    expect_error("99999999999999999999\nenergy=1\n", MLSOAP_ERROR_VALUE, {"99999999999999999999"});
    expect_error("999999999999\nenergy=1\nC 0 0 0\n", MLSOAP_ERROR_FORMAT, {"says 999999999999 atoms", "ends after 1"});
    expect_error("1.5\nenergy=1\nC 0 0 0\n", MLSOAP_ERROR_FORMAT, {"data.xyz:1", "'1.5'"});
    expect_error("1\nenergy=1\nC 0 0 0\nC 1 1 1\n", MLSOAP_ERROR_FORMAT,
                 {"data.xyz:4", "frame 1", "'C 1 1 1'", "more atoms than it says"});
}

TEST_F(ExtxyzRead, TruncatedAtEveryByte)
{
    std::string text = std::string(CO) + CO;
    size_t n_accepted = 0;
    for (size_t n = 0; n < text.size(); n++) {
        if (parse(text.substr(0, n)) == MLSOAP_SUCCESS)
            n_accepted++;
        else
            EXPECT_EQ(set.n_frames, 0u);
    }
    // Complete: behind the first frame (with and without its newline), and what only shortens the last number.
    EXPECT_LE(n_accepted, 8u);
    expect_error(std::string(CO) + "2\nenergy=1\nC 0 0 0\n", MLSOAP_ERROR_FORMAT,
                 {"frame 1, which begins in line 5", "says 2 atoms", "ends after 1", "truncated"});
    expect_error("2\n", MLSOAP_ERROR_FORMAT, {"truncated"});
}

TEST_F(ExtxyzRead, RaggedLines)
{
    expect_error(co("energy=1", "C 0 0 0\nO 1.1 0\n"), MLSOAP_ERROR_FORMAT,
                 {"data.xyz:4", "frame 0, atom 1", "3 columns", "asks for 4"});
    expect_error(co("energy=1", "C 0 0 0 0\nO 1.1 0 0\n"), MLSOAP_ERROR_FORMAT, {"data.xyz:3", "5 columns"});
    expect_error(co("energy=1", "C 0 0 0\n\n"), MLSOAP_ERROR_FORMAT, {"data.xyz:4", "0 columns"});
}

TEST_F(ExtxyzRead, NumbersThatAreNone)
{
    for (const char *bad : {"nan", "inf", "-Infinity", "1e400", "x", "1.0.0", "0x1p3"}) {
        std::string b = bad;
        expect_error(co("energy=1", "C 0 0 0\nO 1.1 " + b + " 0\n"), MLSOAP_ERROR_VALUE,
                     {"data.xyz:4", "frame 0, atom 1", "'pos'", "'" + b + "'", "finite number"});
        expect_error(co("energy=1 Properties=species:S:1:pos:R:3:forces:R:3", "C 0 0 0 0 0 " + b + "\nO 1 1 1 0 0 0\n"),
                     MLSOAP_ERROR_VALUE, {"data.xyz:3", "atom 0", "'forces'", "'" + b + "'"});
        expect_error(co("energy=" + b), MLSOAP_ERROR_VALUE, {"data.xyz:2", "frame 0", "'energy'", "'" + b + "'"});
        expect_error(co("energy=1 virial=\"1 0 0 0 1 0 0 0 " + b + "\""), MLSOAP_ERROR_VALUE,
                     {"'virial'", "'" + b + "'"});
        expect_error(co("energy=1 Lattice=\"9 0 0 0 9 0 0 0 " + b + "\""), MLSOAP_ERROR_VALUE,
                     {"'Lattice'", "'" + b + "'"});
    }
}

TEST_F(ExtxyzRead, UnknownElements)
{
    for (const char *bad : {"Q", "SI", "C1", "X", "0", "119", "-6"})
        expect_error(co("energy=1", std::string("C 0 0 0\n") + bad + " 1 1 1\n"), MLSOAP_ERROR_SPECIES,
                     {"data.xyz:4", "atom 1", "'" + std::string(bad) + "'", "no chemical element"});
}

TEST_F(ExtxyzRead, BrokenComments)
{
    expect_error(co("energy=1 note=\"no end"), MLSOAP_ERROR_FORMAT, {"data.xyz:2", "\" has no end", "no end"});
    expect_error(co("energy=1 virial={1 2"), MLSOAP_ERROR_FORMAT, {"{ has no end"});
    expect_error(co("energy=1 energy=1"), MLSOAP_ERROR_FORMAT, {"'energy' stands twice"});
    expect_error(co("energy=1 Properties=species:S:1:pos"), MLSOAP_ERROR_FORMAT, {"name:type:number"});
    expect_error(co("energy=1 Properties=species:S:1:pos:R:0"), MLSOAP_ERROR_FORMAT, {"name:type:number"});
    expect_error(co("energy=1 Properties=species:S:1:pos:R:99999999999"), MLSOAP_ERROR_FORMAT, {"name:type:number"});
    expect_error(co("energy=1 Properties=species:S:1:pos:Q:3"), MLSOAP_ERROR_FORMAT, {"S, R, I or L"});
    expect_error(co("energy=1 Properties=species:S:1:pos:R:2"), MLSOAP_ERROR_FORMAT, {"pos:R:2", "R:3"});
    expect_error(co("energy=1 Properties=species:S:2:pos:R:3"), MLSOAP_ERROR_FORMAT, {"species:S:2", "one column"});
    expect_error(co("energy=1 Properties=species:S:1"), MLSOAP_ERROR_FORMAT, {"lacks pos:R:3"});
    expect_error(co("energy=1 Properties=pos:R:3"), MLSOAP_ERROR_FORMAT, {"lacks species:S:1"});
    expect_error(co("energy=1 Properties=species:S:1:pos:R:3:pos:R:3"), MLSOAP_ERROR_FORMAT, {"'pos' stands twice"});
    expect_error(co("energy=1 Properties=species:S:1:pos:R:3:forces:R:2"), MLSOAP_ERROR_FORMAT, {"forces:R:2", "R:3"});
    std::string many = "energy=1";
    for (int i = 0; i < 1200; i++) many += " k" + std::to_string(i) + "=1";
    expect_error(co(many), MLSOAP_ERROR_FORMAT, {"more than 1000 entries"});
}

TEST_F(ExtxyzRead, OtherContent)
{
    expect_error("", MLSOAP_ERROR_FORMAT, {"the file is empty", "extxyz"});
    expect_error("\n \n", MLSOAP_ERROR_FORMAT, {"no known format"});
    expect_error("<xml>\n", MLSOAP_ERROR_FORMAT, {"data.xyz:1", "'<xml>'", "extxyz"});
    expect_error(std::string("\0\1\2", 3), MLSOAP_ERROR_FORMAT, {"no known format"});
}

TEST_F(ExtxyzRead, FilesPlainAndPacked)
{
    std::string name = (std::filesystem::temp_directory_path() / "mlsoap_read_XXXXXX").string();
    int descriptor = mkstemp(name.data());
    ASSERT_GE(descriptor, 0);
    close(descriptor);
    gzFile packed = gzopen(name.c_str(), "wb");
    gzputs(packed, CO);
    gzclose(packed);
    EXPECT_EQ(frames_read(name.c_str(), nullptr, &set, &error), MLSOAP_SUCCESS) << error.message;
    std::ofstream(name) << CO;
    EXPECT_EQ(frames_read(name.c_str(), nullptr, &set, &error), MLSOAP_SUCCESS) << error.message;
    std::filesystem::remove(name);
    ASSERT_EQ(set.n_frames, 2u);
    EXPECT_EQ(set.frames[0].energy, set.frames[1].energy);
    EXPECT_EQ(std::string(set.files[1].sha256).size(), 64u);
    EXPECT_STRNE(set.files[0].sha256, set.files[1].sha256); // of the bytes as stored
    EXPECT_EQ(frames_read(name.c_str(), nullptr, &set, &error), MLSOAP_ERROR_FILE);
    EXPECT_NE(std::string(error.message).find(name), std::string::npos);
    EXPECT_EQ(set.n_files, 2u);
}

TEST_F(ExtxyzRead, FailingAllocations)
{
    std::string text = std::string(CO) + co("energy=1 my_energy=2 energy_sigma=1");
    int n_failures = 0;
    for (long n = 1; n < 200; n++) {
        frame_set_release(&set);
        memory_fail_after(n);
        mlsoap_status status = frames_parse(text.data(), text.size(), "data.xyz", nullptr, &set, &error);
        memory_fail_after(0);
        if (status == MLSOAP_SUCCESS) break;
        EXPECT_EQ(status, MLSOAP_ERROR_MEMORY) << n << ": " << error.message;
        EXPECT_EQ(set.n_frames, 0u);
        EXPECT_EQ(set.n_files, 0u);
        n_failures++;
    }
    EXPECT_GE(n_failures, 20);
    EXPECT_EQ(set.n_frames, 2u);
}
