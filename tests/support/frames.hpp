/* SPDX-License-Identifier: BSD-3-Clause */
// A set of frames read from text, for the tests of readers.
#pragma once

extern "C" {
#include "core/memory.h"
#include "io/io.h"
}

#include <gtest/gtest.h>

#include <string>
#include <vector>

// Owns a frame_set; reads texts into it.
class Frames : public ::testing::Test
{
  protected:
    frame_set set{};
    mlsoap_error error{};
    read_options options{};

    void TearDown() override
    {
        memory_fail_after(0);
        frame_set_release(&set);
    }

    mlsoap_status parse(const std::string &text)
    {
        frame_set_release(&set);
        return frames_parse(text.data(), text.size(), "data.xyz", &options, &set, &error);
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
        for (char **name = set.files[0].unused_keys; *name; name++) names.push_back(*name);
        return names;
    }

    std::string key(frame_target target) const
    {
        const char *name = set.files[0].targets[target].key;
        return name ? name : "";
    }
};
