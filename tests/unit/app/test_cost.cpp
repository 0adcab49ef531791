/* SPDX-License-Identifier: BSD-3-Clause */
// cost.c: which frame is timed and what is said of it; never how long it took.
#include "support/potentials.hpp"

extern "C" {
#include "app/cost.h"
}

#include <gtest/gtest.h>

using namespace testing_support;

namespace
{
class Cost : public ::testing::Test
{
  protected:
    std::unique_ptr<Potential> potential = small_potential();
    std::vector<Structure> structures;
    std::vector<frame> frames;
    frame_set set{};
    mlsoap_error error{};

    void add(size_t n_atoms)
    {
        structures.push_back(random_structure(3, std::vector<int>(n_atoms, 6), 2.5 * std::cbrt(double(n_atoms))));
    }
    evaluation_cost measure()
    {
        evaluation_cost cost{};
        frames.clear();
        for (const Structure &s : structures) {
            frame f{};
            f.structure = s.view();
            frames.push_back(f);
        }
        set.frames = frames.data();
        set.n_frames = frames.size();
        EXPECT_EQ(cost_measure(potential->get(), &set, &cost, &error), MLSOAP_SUCCESS) << error.message;
        return cost;
    }
};

TEST_F(Cost, TimesTheLargestFrameOfReasonableSize)
{
    add(505);
    EXPECT_EQ(measure().n_atoms, 505u); // there is no other
    add(501);
    EXPECT_EQ(measure().n_atoms, 501u); // the smallest of those that are too large
    add(2);
    add(9);
    add(4);
    evaluation_cost cost = measure();
    EXPECT_EQ(cost.n_atoms, 9u);
    EXPECT_GE(cost.n_evaluations, 3u);
    EXPECT_GT(cost.us_per_atom, 0);
    EXPECT_TRUE(std::isfinite(cost.us_per_atom));
    EXPECT_NE(cost.machine[0], '\0');
    char text[COST_TEXT_SIZE];
    std::string said = cost_text(&cost, text);
    for (const char *word : {" us/atom: wall time ", " 9 atoms ", " one thread of ", (const char *)cost.machine})
        EXPECT_NE(said.find(word), std::string::npos) << said;
}

TEST_F(Cost, NoFrameAndFrameThatFails)
{
    char text[COST_TEXT_SIZE];
    evaluation_cost cost = measure();
    EXPECT_EQ(cost.n_evaluations, 0u);
    EXPECT_EQ(std::string(cost_text(&cost, text)), "not measured: there is no frame");
    add(3);
    structures[0].species[1] = 26;
    frame f{};
    f.structure = structures[0].view();
    set.frames = &f;
    set.n_frames = 1;
    EXPECT_EQ(cost_measure(potential->get(), &set, &cost, &error), MLSOAP_ERROR_SPECIES);
}
} // namespace
