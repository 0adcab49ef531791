/* SPDX-License-Identifier: BSD-3-Clause */
// A set of frames read from text, for the tests of readers.
#pragma once

extern "C" {
#include "core/memory.h"
#include "io/io.h"
}

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

// Owns a frame_set; reads texts into it.
class Frames : public ::testing::Test
{
  protected:
    frame_set set{};
    mlsoap_error error{};
    read_options options{};
    std::string file_name = "data.xyz"; // stands for the path

    void TearDown() override
    {
        memory_fail_after(0);
        frame_set_release(&set);
    }

    mlsoap_status parse(const std::string &text)
    {
        frame_set_release(&set);
        return frames_parse(text.data(), text.size(), file_name.c_str(), &options, &set, &error);
    }

    void parse_well(const std::string &text) { ASSERT_EQ(parse(text), MLSOAP_SUCCESS) << error.message; }

    // The text must be refused with this code and a message that has all these parts; the set must stay empty.
    void expect_error(const std::string &text, mlsoap_status code, const std::vector<std::string> &parts)
    {
        EXPECT_EQ(parse(text), code) << error.message << "\n" << text;
        EXPECT_EQ(set.n_frames, 0u);
        EXPECT_EQ(set.n_files, 0u);
        for (const std::string &part : parts)
            EXPECT_NE(std::string(error.message).find(part), std::string::npos)
                << "lacks '" << part << "': " << error.message;
    }

    std::vector<std::string> unused() const
    {
        std::vector<std::string> names;
        for (char **item = set.files[0].unused_keys; item && *item; item++) names.push_back(*item);
        return names;
    }

    // Write all frames to a file of this name in a new folder, and read it into the returned set.
    frame_set round_trip(const std::string &base_name)
    {
        frame_set back{};
        std::string folder = (std::filesystem::temp_directory_path() / "mlsoap_frames_XXXXXX").string();
        EXPECT_NE(mkdtemp(folder.data()), nullptr);
        std::string path = folder + "/" + base_name;
        std::vector<const frame *> frames;
        for (size_t i = 0; i < set.n_frames; i++) frames.push_back(&set.frames[i]);
        EXPECT_EQ(frames_write(path.c_str(), frames.data(), frames.size(), &error), MLSOAP_SUCCESS) << error.message;
        EXPECT_EQ(frames_read(path.c_str(), &options, &back, &error), MLSOAP_SUCCESS) << error.message;
        std::filesystem::remove_all(folder);
        return back;
    }

    // Equal structures, bit by bit.
    static void expect_same_structure(const structure &a, const structure &b)
    {
        ASSERT_EQ(a.n_atoms, b.n_atoms);
        for (size_t i = 0; i < a.n_atoms; i++) EXPECT_EQ(a.species[i], b.species[i]);
        EXPECT_EQ(std::memcmp(a.positions, b.positions, a.n_atoms * sizeof *a.positions), 0);
        EXPECT_EQ(std::memcmp(a.cell, b.cell, sizeof a.cell), 0);
        for (int k = 0; k < 3; k++) EXPECT_EQ(a.pbc[k], b.pbc[k]);
    }

    static void expect_position(const structure &s, size_t i, double x, double y, double z, double tolerance)
    {
        ASSERT_LT(i, s.n_atoms);
        EXPECT_LE(std::fabs(s.positions[i][0] - x), tolerance) << "x of atom " << i;
        EXPECT_LE(std::fabs(s.positions[i][1] - y), tolerance) << "y of atom " << i;
        EXPECT_LE(std::fabs(s.positions[i][2] - z), tolerance) << "z of atom " << i;
    }

    std::string key(frame_target target) const
    {
        const char *text = set.files[0].targets[target].key;
        return text ? text : "";
    }
};
