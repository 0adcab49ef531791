// SPDX-License-Identifier: BSD-3-Clause
// Collected frames: text that the extxyz reader takes, and a file that never holds a part of a frame.
#include "../../../src/lammps/frame_writer.cpp" // needs nothing of LAMMPS

#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <sstream>
#include <sys/resource.h>

extern "C" {
#include "io/io.h"
}

namespace
{
CollectedFrame make_frame(std::size_t n)
{
    CollectedFrame frame{};
    const double cell[3][3] = {{10, 0, 0}, {1.5, 9, 0}, {-2, 0.1, 8}};
    for (int k = 0; k < 9; k++) frame.cell[k / 3][k % 3] = cell[k / 3][k % 3];
    frame.pbc[0] = frame.pbc[1] = 1;
    frame.step = 4200000000L;
    frame.identity = "0123abcd";
    frame.symbols = {"", "Si", "X"};
    for (std::size_t i = 0; i < n; i++)
        frame.atoms.push_back(
            {1.0 + static_cast<double>(i), 1, {0.1 + static_cast<double>(i), 1.0 / 3, -2e-9}, 0.02, 0.3});
    return frame;
}

std::string contents(const std::string &path)
{
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

struct TemporaryFile {
    std::string path = std::string(MLSOAP_BINARY_DIR) + "/frame_writer." + std::to_string(getpid()) + ".xyz";
    TemporaryFile() { unlink(path.c_str()); }
    ~TemporaryFile() { unlink(path.c_str()); }
};
} // namespace

TEST(FrameWriter, ReaderTakesStructuresAndNoTargets)
{
    const std::string text = extxyz_text(make_frame(2)) + extxyz_text(make_frame(3));
    EXPECT_NE(std::string::npos, text.find(" step=4200000000 "));
    frame_set set{};
    mlsoap_error error{};
    read_options options{};
    options.structures_only = true;
    ASSERT_EQ(MLSOAP_SUCCESS, frames_parse(text.c_str(), text.size(), "collected.xyz", &options, &set, &error))
        << error.message;
    ASSERT_EQ(2U, set.n_frames);
    const structure &s = set.frames[1].structure;
    EXPECT_EQ(3U, s.n_atoms);
    EXPECT_EQ(14, s.species[2]);
    EXPECT_EQ(1.0 / 3, s.positions[2][1]) << "17 digits";
    EXPECT_EQ(-2.0, s.cell[2][0]);
    EXPECT_EQ(1, s.pbc[1]);
    EXPECT_EQ(0, s.pbc[2]);
    EXPECT_STREQ("collected", set.frames[1].config_type);
    EXPECT_FALSE(set.frames[1].has_energy || set.frames[1].has_forces || set.frames[1].has_virial);
    frame_set_release(&set);
}

TEST(FrameWriter, AppendsAndSaysWhyNot)
{
    const TemporaryFile file;
    EXPECT_EQ("", append_to_file(file.path, ""));
    EXPECT_EQ("", contents(file.path));
    EXPECT_EQ("", append_to_file(file.path, "first\n"));
    EXPECT_EQ("", append_to_file(file.path, "second\n"));
    EXPECT_EQ("first\nsecond\n", contents(file.path));
    EXPECT_EQ("No such file or directory", append_to_file("no/such/folder.xyz", "x"));
    EXPECT_EQ("No space left on device", append_to_file("/dev/full", "x"));
}

TEST(FrameWriter, LeavesNoPartOfAFrame)
{
    const TemporaryFile file;
    const std::string text = extxyz_text(make_frame(100));
    ASSERT_EQ("", append_to_file(file.path, text));
    rlimit before{}, small{};
    getrlimit(RLIMIT_FSIZE, &before);
    small = {text.size() + text.size() / 2, before.rlim_max};
    std::signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &small);
    const std::string problem = append_to_file(file.path, text);
    setrlimit(RLIMIT_FSIZE, &before);
    EXPECT_EQ("File too large", problem);
    EXPECT_EQ(text, contents(file.path)) << "the first frame stays as it was";
}
