// SPDX-License-Identifier: BSD-3-Clause
// Repulsion of nuclei (src/models/zbl.c): the numbers of LAMMPS's pair style zbl, its derivative, smoothness at both
// ends.
#include <gtest/gtest.h>

#include <cmath>

extern "C" {
#include "models/zbl.h"
}

namespace
{

double energy(const zbl_pair &p, double r)
{
    double slope;
    return zbl_pair_energy(&p, r, &slope);
}

double slope(const zbl_pair &p, double r)
{
    double s;
    zbl_pair_energy(&p, r, &s);
    return s;
}

/* spec models.md 9: equal to LAMMPS 22Jul2025 to 1e-10 */
TEST(Zbl, IsThatOfLammps)
{
    const struct {
        int zi, zj;
        double r, energy, slope;
    } numbers[] = {{14, 14, 1.0, 50.370647963029, -189.796219426240},
                   {14, 14, 2.5, 0.205774376071, -1.237362710831},
                   {6, 8, 0.5, 151.192326217205, -792.939668761352},
                   {6, 8, 2.9, 0.000792676713, -0.023663533508}};
    for (const auto &n : numbers)
        for (bool swapped : {false, true}) {
            zbl_pair p = swapped ? zbl_pair_new(n.zj, n.zi, 2, 3) : zbl_pair_new(n.zi, n.zj, 2, 3);
            EXPECT_LE(std::fabs(energy(p, n.r) - n.energy), 1e-10);
            EXPECT_LE(std::fabs(slope(p, n.r) - n.slope), 1e-10);
        }
}

TEST(Zbl, SlopeIsTheDerivative)
{
    zbl_pair p = zbl_pair_new(14, 8, 0.9, 1.8);
    for (double r : {0.3, 0.7, 0.9, 1.2, 1.5, 1.79}) {
        double h = 1e-4, errors[2];
        for (int k = 0; k < 2; k++, h /= 2)
            errors[k] = std::fabs((energy(p, r + h) - energy(p, r - h)) / (2 * h) - slope(p, r));
        EXPECT_LE(errors[1], 1e-4 * std::fabs(slope(p, r)));
        EXPECT_LE(errors[1], 0.6 * errors[0] + 1e-9);
    }
}

/* Value, first and second derivative go on at r_inner and vanish at r_outer. */
TEST(Zbl, IsSmoothAtBothEnds)
{
    zbl_pair p = zbl_pair_new(14, 14, 0.9, 1.8);
    const double h = 1e-5;
    for (double r : {0.9, 1.8}) {
        double below = (slope(p, r) - slope(p, r - h)) / h, above = (slope(p, r + h) - slope(p, r)) / h;
        EXPECT_LE(std::fabs(energy(p, r + 1e-12) - energy(p, r - 1e-12)), 1e-9);
        EXPECT_LE(std::fabs(slope(p, r + 1e-12) - slope(p, r - 1e-12)), 1e-8);
        EXPECT_LE(std::fabs(below - above), 1e-2 * (1 + std::fabs(below)));
    }
    EXPECT_EQ(energy(p, 1.8), 0);
    EXPECT_EQ(energy(p, 3), 0);
    EXPECT_EQ(slope(p, 1.8), 0);
    EXPECT_LE(std::fabs(energy(p, 1.8 - 1e-4)), 1e-9);
}

TEST(Zbl, RepelsEverywhereWithinItsRange)
{
    for (int z : {1, 3, 8, 14, 42, 79})
        for (double outer : {0.6, 1.2, 2.4}) {
            zbl_pair p = zbl_pair_new(z, z, 0.5 * outer, outer);
            for (double r = 0.05; r < outer - 1e-3; r += 0.01) EXPECT_LT(slope(p, r), 0) << z << " " << outer << " " << r;
        }
}

TEST(Zbl, NoRangeIsNoRepulsionAndNanStaysNan)
{
    zbl_pair none = zbl_pair_new(14, 14, 0, 0), p = zbl_pair_new(14, 14, 0.9, 1.8);
    EXPECT_EQ(energy(none, 0.1), 0);
    EXPECT_TRUE(std::isnan(energy(p, NAN)));
}

} // namespace
