// SPDX-License-Identifier: BSD-3-Clause
// Algebra of cells (structure/cell.c): inverse and volume, rows of free directions.
#include <cmath>
#include <gtest/gtest.h>

extern "C" {
#include "structure/cell.h"
}

namespace
{
const double triclinic[3][3] = {{3.1, 0.2, -0.4}, {0.5, 2.7, 0.3}, {-0.6, 0.8, 4.2}};
}

TEST(Cell, InverseTimesCellIsOne)
{
    double inverse[3][3], volume = cell_inverse(triclinic, inverse);
    EXPECT_DOUBLE_EQ(cell_volume(triclinic), volume);
    EXPECT_GT(volume, 0);
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 3; k++) {
            double sum = 0;
            for (int j = 0; j < 3; j++) sum += triclinic[i][j] * inverse[j][k];
            EXPECT_LE(std::fabs(sum - (i == k)), 4e-16 * 4);
        }
}

TEST(Cell, VolumeHasTheSignOfTheHandedness)
{
    const double left[3][3] = {{0, 2, 0}, {3, 0, 0}, {0, 0, 4}}, flat[3][3] = {{1, 0, 0}, {2, 0, 0}, {0, 0, 1}};
    EXPECT_EQ(-24, cell_volume(left));
    EXPECT_EQ(0, cell_volume(flat));
}

TEST(Cell, FreeDirectionsGetPerpendicularUnitVectors)
{
    for (int mask = 0; mask < 8; mask++) {
        const int pbc[3] = {mask & 1, (mask >> 1) & 1, (mask >> 2) & 1};
        double completed[3][3];
        cell_complete(triclinic, pbc, completed);
        for (int i = 0; i < 3; i++)
            for (int k = 0; k < 3; k++) {
                if (pbc[i]) {
                    EXPECT_EQ(triclinic[i][k], completed[i][k]);
                } else {
                    double expected = i == k ? 1 : 0; // unit length, and no part along any other row
                    EXPECT_LE(std::fabs(vector_dot(completed[i], completed[k]) - expected), 1e-14) << mask;
                }
            }
    }
}
