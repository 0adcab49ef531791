// SPDX-License-Identifier: BSD-3-Clause
// Virials across a vacuum are sum f r: of slabs, wires and molecules of a pair potential, however they lie in the cell.
#include <gtest/gtest.h>

#include <cmath>
#include <random>

extern "C" {
#include "app/doctor/vacuum_virial.h"
#include "core/memory.h"
}

namespace
{

constexpr double RANGE = 6; // of the pair potential (1 - r/RANGE)^3, below the width of a vacuum

// Energy derivatives by hand: every pair with every periodic image.
void evaluate(frame &f)
{
    const structure &s = f.structure;
    double w[3][3] = {};
    for (size_t i = 0; i < s.n_atoms; i++)
        for (size_t j = 0; j < s.n_atoms; j++)
            for (int image = 0; image < 27; image++) {
                const int shift[3] = {image % 3 - 1, image / 3 % 3 - 1, image / 9 - 1};
                bool absent = i == j && image == 13;
                double d[3], r = 0;
                for (int k = 0; k < 3; k++) absent |= shift[k] != 0 && !s.pbc[k];
                for (int a = 0; a < 3; a++) {
                    d[a] = s.positions[j][a] - s.positions[i][a];
                    for (int k = 0; k < 3; k++) d[a] += shift[k] * s.cell[k][a];
                    r += d[a] * d[a];
                }
                r = std::sqrt(r);
                if (absent || r >= RANGE) continue;
                double slope = -3 / RANGE * (1 - r / RANGE) * (1 - r / RANGE);
                for (int a = 0; a < 3; a++) {
                    f.forces[i][a] += slope * d[a] / r;
                    for (int b = 0; b < 3; b++) w[a][b] -= 0.5 * slope * d[a] * d[b] / r;
                }
            }
    const double voigt[6] = {w[0][0], w[1][1], w[2][2], w[0][1], w[0][2], w[1][2]};
    std::copy(voigt, voigt + 6, f.virial);
}

struct sample {
    frame f{};
    mlsoap_error error{};

    // Atoms in the part of a triclinic cell that `filled` says, moved by whole cells in periodic directions.
    sample(const double (&filled)[3], const int (&pbc)[3], unsigned seed)
    {
        const double cell[3][3] = {{12.0, 1.5, 0.0}, {-2.0, 13.0, 0.0}, {3.0, 1.0, 16.0}};
        std::mt19937 generator(seed);
        std::uniform_real_distribution<double> uniform(0, 1);
        EXPECT_EQ(MLSOAP_SUCCESS, structure_new(&f.structure, 12, &error));
        f.forces = (double(*)[3])memory_new(12, sizeof *f.forces);
        for (int k = 0; k < 3; k++) {
            f.structure.pbc[k] = pbc[k];
            for (int a = 0; a < 3; a++) f.structure.cell[k][a] = cell[k][a];
        }
        for (size_t i = 0; i < 12; i++) {
            f.structure.species[i] = 14;
            for (int k = 0; k < 3; k++) {
                double x = 0.8 + filled[k] * uniform(generator);
                for (int a = 0; a < 3; a++) f.structure.positions[i][a] += x * cell[k][a];
            }
        }
        evaluate(f);
        for (size_t i = 0; i < 12; i++)
            for (int k = 0; k < 3; k++) {
                double whole = pbc[k] ? std::floor(5 * uniform(generator)) - 2 : 0;
                for (int a = 0; a < 3; a++) f.structure.positions[i][a] += whole * cell[k][a];
            }
        f.has_forces = f.has_virial = true;
    }
    ~sample() { frame_release(&f); }

    double difference()
    {
        double found = NAN;
        EXPECT_EQ(MLSOAP_SUCCESS, vacuum_virial_difference(&f, &found, &error)) << error.message;
        return found;
    }
};

constexpr double ROUNDING = 1e-12; // of sums of a few hundred terms of at most some eV

TEST(VacuumVirial, SlabsWiresAndMoleculesOfAPairPotentialObeyTheLaw)
{
    const double slab[] = {1, 1, 0.3}, wire[] = {0.15, 1, 0.3}, molecule[] = {0.15, 0.2, 0.3};
    for (const auto &filled : {slab, wire, molecule})
        for (unsigned seed = 0; seed < 5; seed++) {
            sample s({filled[0], filled[1], filled[2]}, {1, 1, 1}, seed);
            double found = s.difference();
            EXPECT_GE(found, 0);
            EXPECT_LT(found, ROUNDING);
        }
    for (unsigned seed = 0; seed < 5; seed++) {
        EXPECT_LT(sample({1, 1, 0.9}, {1, 1, 0}, seed).difference(), ROUNDING);
        EXPECT_GE(sample({1, 1, 0.9}, {1, 1, 0}, seed).difference(), 0) << "nothing periodic there: no gap is needed";
    }
}

TEST(VacuumVirial, ComponentsAlongTheVacuumCountAndNoOthers)
{
    sample slab({1, 1, 0.3}, {1, 1, 1}, 3); // z is the normal of the cell's first two vectors
    EXPECT_LT(slab.difference(), ROUNDING);
    const double seen[6] = {0, 0, 1, 0, 1, 1};
    for (int k = 0; k < 6; k++) {
        slab.f.virial[k] += 0.7;
        EXPECT_NEAR(slab.difference(), 0.7 * seen[k], ROUNDING) << "component " << k;
        slab.f.virial[k] -= 0.7;
    }
}

TEST(VacuumVirial, SaysNothingWithoutVacuumOrTargets)
{
    EXPECT_EQ(-1, sample({1, 1, 1}, {1, 1, 1}, 1).difference());
    EXPECT_EQ(-1, sample({1, 1, 0.6}, {1, 1, 1}, 2).difference()) << "a gap below the width";
    sample s({1, 1, 0.3}, {1, 1, 1}, 1);
    s.f.has_virial = false;
    EXPECT_EQ(-1, s.difference());
    s.f.has_virial = true;
    s.f.has_forces = false;
    EXPECT_EQ(-1, s.difference());
}

} // namespace
