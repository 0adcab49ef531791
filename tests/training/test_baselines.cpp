// SPDX-License-Identifier: BSD-3-Clause
// Errors without a model, against numbers by hand.
#include "training_fixtures.hpp"

extern "C" {
#include "baselines.h"
}

TEST(Baselines, CompositionAndMean)
{
    frame_set set{};
    add_frame(set, make_frame({{1, 0, 0, 0}, {8, 1, 0, 0}}, 5));
    add_frame(set, make_frame({{1, 0, 0, 0}}, 5));
    const int elements[] = {1, 8};
    const double offsets[] = {-1, -4};
    set.frames[0].has_energy = set.frames[1].has_energy = true;
    set.frames[0].energy = -5.2; // 0.1 eV/atom below its composition
    set.frames[1].energy = -0.7;
    set_forces(set.frames[0], 0.2); // -0.1 ... 0.3 along x, y, z of both atoms
    double mean = baselines_mean_energy(&set);
    EXPECT_LE(std::fabs(mean + 0.5 * (2.6 + 0.7)), 1e-12);
    baselines b = baselines_find(&set, elements, 2, offsets, mean);
    EXPECT_EQ(2u, b.composition[TARGET_ENERGY].n);
    EXPECT_LE(std::fabs(b.composition[TARGET_ENERGY].mae - 1e3 * 0.5 * (0.1 + 0.3)), 1e-9);
    EXPECT_LE(std::fabs(b.composition[TARGET_ENERGY].rmse - 1e3 * std::sqrt(0.5 * (0.01 + 0.09))), 1e-9);
    EXPECT_LE(std::fabs(b.mean_energy.mae - 1e3 * 0.95), 1e-9);
    EXPECT_EQ(6u, b.composition[TARGET_FORCES].n);
    EXPECT_LE(std::fabs(b.composition[TARGET_FORCES].mae - 0.2), 1e-12);
    EXPECT_EQ(0u, b.composition[TARGET_VIRIAL].n);
    char text[BASELINES_TEXT];
    EXPECT_NE(nullptr, std::strstr(baselines_text(&b, text), "energy 200 meV/atom by composition, 950"));
    frame_set_release(&set);
}
