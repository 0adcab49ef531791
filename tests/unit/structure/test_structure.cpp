/* SPDX-License-Identifier: BSD-3-Clause */
// structure.c: life cycle, checks, volume.
extern "C" {
#include "core/memory.h"
#include "structure/structure.h"
}

#include <gtest/gtest.h>

#include <cmath>
#include <string>

namespace
{
class Structure : public ::testing::Test
{
  protected:
    structure s{};
    mlsoap_error error{};

    void SetUp() override
    {
        ASSERT_EQ(structure_new(&s, 2, &error), MLSOAP_SUCCESS);
        s.species[0] = 14;
        s.species[1] = 6;
        s.positions[1][2] = 1.5;
    }
    void TearDown() override
    {
        memory_fail_after(0);
        structure_release(&s);
    }
    void set_cell(double a, double b, double c)
    {
        s.cell[0][0] = a;
        s.cell[1][1] = b;
        s.cell[2][2] = c;
    }
    void expect_error(const char *part)
    {
        EXPECT_EQ(structure_validate(&s, &error), MLSOAP_ERROR_VALUE);
        EXPECT_NE(std::string(error.message).find(part), std::string::npos) << error.message;
    }
};
} // namespace

TEST_F(Structure, CopiesEverything)
{
    set_cell(1, 2, 3);
    s.pbc[1] = 1;
    s.atom_weights = MEMORY_NEW(double, 2);
    s.masks = MEMORY_NEW(unsigned char, 2);
    s.atom_weights[1] = 0.5;
    s.masks[0] = 1;
    structure copy;
    ASSERT_EQ(structure_copy(&s, &copy, &error), MLSOAP_SUCCESS);
    EXPECT_EQ(copy.n_atoms, 2u);
    EXPECT_EQ(copy.species[1], 6);
    EXPECT_EQ(copy.positions[1][2], 1.5);
    EXPECT_EQ(copy.cell[2][2], 3);
    EXPECT_EQ(copy.pbc[1], 1);
    EXPECT_EQ(copy.atom_weights[1], 0.5);
    EXPECT_EQ(copy.masks[0], 1);
    EXPECT_NE(copy.positions, s.positions);
    structure_release(&copy);
    for (long n = 1; n <= 4; n++) {
        memory_fail_after(n);
        EXPECT_EQ(structure_copy(&s, &copy, &error), MLSOAP_ERROR_MEMORY);
        EXPECT_EQ(copy.positions, nullptr);
    }
    memory_fail_after(0);
    structure_release(nullptr);
}

TEST_F(Structure, VolumeOfAnyHandedness)
{
    EXPECT_EQ(structure_volume(&s), 0.0);
    set_cell(2, 3, -4);
    s.cell[1][0] = 0.7;
    EXPECT_LE(std::fabs(structure_volume(&s) - 24.0), 1e-12);
}

TEST_F(Structure, ValidStructures)
{
    EXPECT_EQ(structure_validate(&s, &error), MLSOAP_SUCCESS);
    set_cell(2, 2, 0);
    s.pbc[0] = s.pbc[1] = 1;
    EXPECT_EQ(structure_validate(&s, &error), MLSOAP_SUCCESS) << "a slab without a third vector";
    s.cell[0][0] = 1e-3;
    EXPECT_EQ(structure_validate(&s, &error), MLSOAP_SUCCESS);
}

TEST_F(Structure, SpeciesAreElements)
{
    s.species[1] = 0;
    expect_error("atom 1 has the atomic number 0");
    s.species[1] = 119;
    expect_error("119");
}

TEST_F(Structure, EverythingIsFinite)
{
    s.positions[1][2] = std::nan("");
    expect_error("coordinate z of atom 1");
    s.positions[1][2] = -HUGE_VAL;
    expect_error("coordinate z of atom 1");
    s.positions[1][2] = 0;
    s.cell[2][0] = std::nan("");
    expect_error("lattice vector c");
    s.cell[2][0] = HUGE_VAL;
    expect_error("lattice vector c");
}

TEST_F(Structure, PeriodicDirectionsSpanAVolume)
{
    s.pbc[0] = 1;
    expect_error("direction a is periodic, but its lattice vector is zero");
    s.pbc[0] = 2;
    expect_error("pbc of direction a is 2");
    for (int k = 0; k < 3; k++) s.pbc[k] = 1;
    set_cell(3, 3, 3);
    EXPECT_EQ(structure_validate(&s, &error), MLSOAP_SUCCESS);
    s.cell[2][2] = 0;
    s.cell[2][0] = s.cell[2][1] = 1;
    expect_error("linearly dependent");
    s.pbc[2] = 0;
    EXPECT_EQ(structure_validate(&s, &error), MLSOAP_SUCCESS);
    s.cell[1][0] = 3;
    s.cell[1][1] = 0;
    expect_error("linearly dependent");
}

TEST_F(Structure, NoMemory)
{
    structure t;
    memory_fail_after(2);
    EXPECT_EQ(structure_new(&t, 5, &error), MLSOAP_ERROR_MEMORY);
    memory_fail_after(0);
    EXPECT_EQ(t.species, nullptr);
    EXPECT_EQ(structure_new(&t, SIZE_MAX / 4, &error), MLSOAP_ERROR_MEMORY);
}
