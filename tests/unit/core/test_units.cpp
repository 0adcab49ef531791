/* SPDX-License-Identifier: BSD-3-Clause */
// units.c: names and values.
extern "C" {
#include "core/units.h"
}

#include <gtest/gtest.h>

TEST(Units, KnowsTheirNames)
{
    EXPECT_EQ(unit_of_length("angstrom")->value, 1.0);
    EXPECT_EQ(unit_of_length("bohr")->value, 0.529177210903);
    EXPECT_EQ(unit_of_energy("eV")->value, 1.0);
    EXPECT_EQ(unit_of_energy("hartree")->value, 27.211386245988);
    EXPECT_STREQ(unit_of_length("bohr")->name, "bohr");
    EXPECT_EQ(unit_of_length("eV"), nullptr);
    EXPECT_EQ(unit_of_energy("bohr"), nullptr);
    EXPECT_EQ(unit_of_energy(""), nullptr);
}
