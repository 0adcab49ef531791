/* SPDX-License-Identifier: BSD-3-Clause */
// dimer.c: energies of pairs of atoms, and forces with the sign of a repulsion.
#include "support/potentials.hpp"

extern "C" {
#include "app/dimer.h"
}

#include <gtest/gtest.h>

using namespace testing_support;

TEST(Dimer, EnergiesAndForcesAgreeWithEvaluations)
{
    auto potential = small_potential();
    mlsoap_workspace *workspace = nullptr;
    mlsoap_error error{};
    ASSERT_EQ(mlsoap_workspace_new(potential->get(), &workspace, &error), MLSOAP_SUCCESS);
    const int species[2] = {6, 8};
    const double r[4] = {1.2, 1.2 + 1e-5, 2.5, 5.0};
    double energies[4], forces[4];
    ASSERT_EQ(dimer_scan(potential->get(), workspace, species, 4, r, energies, forces, &error), MLSOAP_SUCCESS);
    EXPECT_NEAR(forces[0], -(energies[1] - energies[0]) / 1e-5, 1e-3 * std::fabs(forces[0]));
    EXPECT_EQ(forces[3], 0); // beyond the cutoff of 4
    EXPECT_NE(energies[2], energies[3]);
    const int gold[2] = {6, 79};
    EXPECT_EQ(dimer_scan(potential->get(), workspace, gold, 1, r, energies, forces, &error), MLSOAP_ERROR_SPECIES);
    mlsoap_workspace_free(workspace);
}
