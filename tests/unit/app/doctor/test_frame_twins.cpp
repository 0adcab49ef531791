// SPDX-License-Identifier: BSD-3-Clause
// frame_twins.c: rotated, reflected, shifted and renumbered structures are found, others are not.
#include "training/training_fixtures.hpp"

extern "C" {
#include "app/doctor/frame_twins.h"
}

namespace
{
frame copy_of(const frame &f)
{
    frame copy = make_frame({}, 0, f.config_type);
    mlsoap_error error;
    structure_release(&copy.structure);
    EXPECT_EQ(MLSOAP_SUCCESS, structure_copy(&f.structure, &copy.structure, &error));
    return copy;
}

// x -> y -> z -> x, a rotation by a third of a turn, of cell and positions.
void turn(structure &s)
{
    auto turned = [](double v[3]) {
        const double u[3] = {v[0], v[1], v[2]};
        for (int k = 0; k < 3; k++) v[(k + 1) % 3] = u[k];
    };
    for (size_t i = 0; i < s.n_atoms; i++) turned(s.positions[i]);
    for (auto &row : s.cell) turned(row);
}

std::vector<std::pair<size_t, size_t>> twins_of(const frame_set &set)
{
    std::vector<const frame *> frames;
    for (size_t i = 0; i < set.n_frames; i++) frames.push_back(&set.frames[i]);
    frame_pair *pairs = nullptr;
    size_t n = 0;
    mlsoap_error error{};
    EXPECT_EQ(MLSOAP_SUCCESS, frame_twins_find(frames.data(), frames.size(), &pairs, &n, &error)) << error.message;
    std::vector<std::pair<size_t, size_t>> result;
    for (size_t i = 0; i < n; i++) result.emplace_back(pairs[i].a, pairs[i].b);
    memory_free(pairs);
    return result;
}
} // namespace

TEST(FrameTwins, FindsEquivalentFramesAndOnlyThose)
{
    frame_set set{};
    add_random_frames(set, 12, 6, {14, 6}, 5);
    frame turned = copy_of(set.frames[3]), mirrored = copy_of(set.frames[5]), moved = copy_of(set.frames[7]);
    turn(turned.structure);
    for (size_t i = 0; i < 6; i++) mirrored.structure.positions[i][1] *= -1;
    for (size_t i = 0; i < 6; i++) moved.structure.positions[i][2] += 1.7; // the same solid, shifted
    std::swap(moved.structure.positions[0], moved.structure.positions[2]);
    frame near = copy_of(set.frames[8]), same = copy_of(set.frames[9]);
    near.structure.positions[0][0] += 0.01;
    add_frame(set, turned);
    add_frame(set, mirrored);
    add_frame(set, moved);
    add_frame(set, near);
    add_frame(set, same); // a repeat is no twin
    const std::vector<std::pair<size_t, size_t>> expected = {{3, 12}, {5, 13}, {7, 14}};
    EXPECT_EQ(expected, twins_of(set));
    frame_set_release(&set);
}

TEST(FrameTwins, OtherForcesOrElementsMakeNoTwins)
{
    frame_set set{};
    add_random_frames(set, 2, 6, {14, 6}, 5);
    frame mirrored = copy_of(set.frames[0]), swapped = copy_of(set.frames[1]);
    for (size_t i = 0; i < 6; i++) mirrored.structure.positions[i][1] *= -1;
    for (size_t i = 0; i < 6; i++) swapped.structure.species[i] = swapped.structure.species[i] == 14 ? 6 : 14;
    set_forces(set.frames[0], 0.1);
    set_forces(mirrored, 0.3);
    add_frame(set, mirrored);
    add_frame(set, swapped);
    EXPECT_TRUE(twins_of(set).empty());
    frame_set_release(&set);
}
