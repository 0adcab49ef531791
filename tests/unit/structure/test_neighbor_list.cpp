/* SPDX-License-Identifier: BSD-3-Clause */
// neighbor_list.c against a brute-force search over all images.
extern "C" {
#include "core/memory.h"
#include "structure/neighbor_list.h"
}

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <random>
#include <vector>

namespace
{
using Key = std::array<int, 4>; // atom, image
using Pairs = std::vector<std::map<Key, std::array<double, 3>>>;

// Owns a structure and a list; both are released at the end of the test.
class NeighborList : public ::testing::Test
{
  protected:
    structure s{};
    neighbor_list list{};
    mlsoap_error error{};

    void TearDown() override
    {
        memory_fail_after(0);
        structure_release(&s);
        neighbor_list_release(&list);
    }

    void make(const std::vector<std::array<double, 3>> &positions, const std::array<std::array<double, 3>, 3> &cell,
              const std::array<int, 3> &pbc)
    {
        structure_release(&s);
        ASSERT_EQ(structure_new(&s, positions.size(), &error), MLSOAP_SUCCESS);
        for (size_t i = 0; i < positions.size(); i++) {
            s.species[i] = 1 + static_cast<int>(i) % 3;
            for (int k = 0; k < 3; k++) s.positions[i][k] = positions[i][k];
        }
        for (int i = 0; i < 3; i++) {
            for (int k = 0; k < 3; k++) s.cell[i][k] = cell[i][k];
            s.pbc[i] = pbc[i];
        }
    }

    mlsoap_status build(double r_cut, const neighbor_centers *centers = nullptr)
    {
        return neighbor_list_build(&list, &s, r_cut, centers, &error);
    }

    Pairs listed() const
    {
        Pairs pairs(list.n_centers);
        for (size_t i = 0; i < list.n_centers; i++)
            for (int p = list.first[i]; p < list.first[i + 1]; p++) {
                EXPECT_EQ(list.species[p], s.species[list.atom[p]]);
                Key key{list.atom[p], list.image[p][0], list.image[p][1], list.image[p][2]};
                EXPECT_TRUE(pairs[i].emplace(key, std::array<double, 3>{list.dx[p], list.dy[p], list.dz[p]}).second)
                    << "pair listed twice";
            }
        return pairs;
    }

    // All images within `reach` cells of the one that brings the pair together in fractional coordinates.
    Pairs brute_force(double r_cut, int reach, const std::vector<std::array<double, 3>> &points = {}) const
    {
        bool atoms = points.empty();
        size_t n_centers = atoms ? s.n_atoms : points.size();
        Pairs pairs(n_centers);
        for (size_t i = 0; i < n_centers; i++)
            for (size_t j = 0; j < s.n_atoms; j++) {
                std::array<int, 3> home{};
                std::array<double, 3> difference{};
                for (int k = 0; k < 3; k++)
                    difference[k] = s.positions[j][k] - (atoms ? s.positions[i][k] : points[i][k]);
                for (int k = 0; k < 3; k++)
                    home[k] = s.pbc[k] ? -static_cast<int>(std::floor(fraction(difference, k))) : 0;
                for (int a = -reach * s.pbc[0]; a <= reach * s.pbc[0]; a++)
                    for (int b = -reach * s.pbc[1]; b <= reach * s.pbc[1]; b++)
                        for (int c = -reach * s.pbc[2]; c <= reach * s.pbc[2]; c++) {
                            std::array<int, 3> n{home[0] + a, home[1] + b, home[2] + c};
                            if (atoms && i == j && n[0] == 0 && n[1] == 0 && n[2] == 0) continue;
                            std::array<double, 3> r = difference;
                            for (int k = 0; k < 3; k++)
                                for (int d = 0; d < 3; d++) r[k] += n[d] * (s.pbc[d] ? s.cell[d][k] : 0.0);
                            if (std::hypot(r[0], r[1], r[2]) < r_cut)
                                pairs[i][{static_cast<int>(j), n[0], n[1], n[2]}] = r;
                        }
            }
        return pairs;
    }

    // Fractional coordinate k; only for cells with three vectors.
    double fraction(const std::array<double, 3> &r, int k) const
    {
        const auto &c = s.cell;
        const double *a = c[k], *u = c[(k + 1) % 3], *v = c[(k + 2) % 3];
        double normal[3] = {u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]};
        double volume = a[0] * normal[0] + a[1] * normal[1] + a[2] * normal[2];
        return (r[0] * normal[0] + r[1] * normal[1] + r[2] * normal[2]) / volume;
    }

    static void expect_equal(const Pairs &found, const Pairs &expected, double tolerance)
    {
        ASSERT_EQ(found.size(), expected.size());
        for (size_t i = 0; i < found.size(); i++) {
            EXPECT_EQ(found[i].size(), expected[i].size()) << "center " << i;
            for (const auto &[key, r] : expected[i]) {
                auto it = found[i].find(key);
                if (it == found[i].end()) {
                    ADD_FAILURE() << "center " << i << " lacks atom " << key[0] << " image " << key[1] << " " << key[2]
                                  << " " << key[3];
                    continue;
                }
                for (int k = 0; k < 3; k++) EXPECT_LE(std::fabs(it->second[k] - r[k]), tolerance);
            }
        }
    }
};

const std::array<std::array<double, 3>, 3> CUBE_4{{{4, 0, 0}, {0, 4, 0}, {0, 0, 4}}};
const std::array<std::array<double, 3>, 3> NO_CELL{};
} // namespace

TEST_F(NeighborList, EqualsBruteForceInRandomCells)
{
    std::mt19937_64 random(1);
    std::uniform_real_distribution<double> uniform(-1.0, 1.0);
    for (int trial = 0; trial < 200; trial++) {
        double size = trial % 4 == 0 ? 1.5 : trial % 4 == 1 ? 4.0 : trial % 4 == 2 ? 9.0 : 25.0;
        std::array<std::array<double, 3>, 3> cell{};
        for (int i = 0; i < 3; i++) {
            for (int k = 0; k < 3; k++) cell[i][k] = size * 0.45 * uniform(random);
            cell[i][i] += size;
        }
        size_t n = trial % 4 == 0 ? 2 : trial % 4 == 3 ? 60 : 8;
        std::vector<std::array<double, 3>> positions(n);
        for (auto &r : positions)
            for (int k = 0; k < 3; k++) r[k] = 3.0 * size * uniform(random); // several cells outside
        std::array<int, 3> pbc{trial & 1, trial >> 1 & 1, trial >> 2 & 1};
        if (trial % 4 == 0) pbc = {1, trial >> 3 & 1, 1};
        ASSERT_NO_FATAL_FAILURE(make(positions, cell, pbc));
        double r_cut = 4.3;
        int reach = size < 2 ? 12 : size < 5 ? 6 : 4;
        ASSERT_EQ(build(r_cut), MLSOAP_SUCCESS) << error.message;
        expect_equal(listed(), brute_force(r_cut, reach), 1e-12 * size * 10);
    }
}

TEST_F(NeighborList, SkewCellsMuchSmallerThanTheCutoff)
{
    make({{0.1, 0.2, 0.3}}, {{{1.2, 0, 0}, {2.9, 1.1, 0}, {-1.3, 2.2, 1.3}}}, {1, 1, 1});
    ASSERT_EQ(build(6.0), MLSOAP_SUCCESS) << error.message;
    expect_equal(listed(), brute_force(6.0, 50), 1e-12);
    double expected = 4.0 / 3.0 * M_PI * 216 / structure_volume(&s);
    EXPECT_LE(std::fabs(list.first[1] - expected), 0.1 * expected);
}

TEST_F(NeighborList, CubicLatticeHasItsShells)
{
    make({{0, 0, 0}}, CUBE_4, {1, 1, 1});
    ASSERT_EQ(build(4.0001), MLSOAP_SUCCESS);
    EXPECT_EQ(list.first[1], 6);
    ASSERT_EQ(build(4.0), MLSOAP_SUCCESS); // r < r_cut, not <=
    EXPECT_EQ(list.first[1], 0);
    ASSERT_EQ(build(8.0001), MLSOAP_SUCCESS);
    EXPECT_EQ(list.first[1], 6 + 12 + 8 + 6);
}

TEST_F(NeighborList, PairsAreExactlyAntisymmetric)
{
    make({{0.1, 0.2, 0.3}, {-9.4, 17.5, 2.2}, {1.1, 2.9, 3.7}}, {{{4, 0.3, 0}, {0.7, 4, 0.1}, {0.2, 0.4, 4}}},
         {1, 1, 1});
    ASSERT_EQ(build(5.5), MLSOAP_SUCCESS);
    Pairs pairs = listed();
    for (size_t i = 0; i < pairs.size(); i++)
        for (const auto &[key, r] : pairs[i]) {
            const auto &back = pairs[key[0]].at({static_cast<int>(i), -key[1], -key[2], -key[3]});
            for (int k = 0; k < 3; k++) EXPECT_EQ(back[k], -r[k]);
        }
}

TEST_F(NeighborList, MixedPeriodicityAndNoCell)
{
    make({{0, 0, 0}, {0, 0, 3}, {0, 0, 6}}, NO_CELL, {0, 0, 0});
    ASSERT_EQ(build(3.5), MLSOAP_SUCCESS) << error.message;
    EXPECT_EQ(list.first[1], 1);
    EXPECT_EQ(list.first[2] - list.first[1], 2);
    make({{0, 0, 0}, {0, 0, 3}}, {{{0, 0, 0}, {0, 2, 0}, {0, 0, 0}}}, {0, 1, 0}); // a wire; other vectors are absent
    ASSERT_EQ(build(3.5), MLSOAP_SUCCESS) << error.message;
    EXPECT_EQ(list.first[1], 2 + 1); // two images at 2, the other atom at 3 (at 3.6 too far)
    make({{0, 0, 0}, {0, 0, 3}}, {{{2, 0, 0}, {0, 2, 0}, {1, 1, 9}}}, {1, 1, 0}); // a slab; c is not used
    ASSERT_EQ(build(3.5), MLSOAP_SUCCESS) << error.message;
    EXPECT_EQ(list.first[1], 8 + 1);
}

TEST_F(NeighborList, HugeExtentsCostNothing)
{
    std::vector<std::array<double, 3>> positions;
    for (int i = 0; i < 4000; i++)
        positions.push_back({1.5 * (i % 20) + (i < 2000 ? 0.0 : 1e6), 1.5 * (i / 20 % 20), 1.5 * (i / 400 % 5)});
    positions.push_back({-1e12, 1e14, 1e200});
    make(positions, NO_CELL, {0, 0, 0});
    ASSERT_EQ(build(1.6), MLSOAP_SUCCESS) << error.message;
    EXPECT_EQ(list.first[list.n_centers], 2 * 2 * (19 * 20 * 5 + 20 * 19 * 5 + 20 * 20 * 4));
}

TEST_F(NeighborList, PointsAsCenters)
{
    make({{0, 0, 0}, {0, 0, 1}}, NO_CELL, {0, 0, 0});
    const double points[4][3] = {{0, 0, 0.5}, {0, 0, 1}, {0, 0, 9}, {0, 0, -1.0}};
    neighbor_centers centers = {4, points};
    ASSERT_EQ(build(2.5, &centers), MLSOAP_SUCCESS) << error.message;
    ASSERT_EQ(list.n_centers, 4u);
    EXPECT_EQ(list.center_atom[0], -1);
    EXPECT_EQ(list.center_species[0], 0);
    EXPECT_EQ(list.first[1], 2);
    ASSERT_EQ(list.first[2] - list.first[1], 2); // an atom on the point is in, with r = 0
    EXPECT_TRUE(list.dz[list.first[1]] == 0.0 || list.dz[list.first[1] + 1] == 0.0);
    EXPECT_EQ(list.first[3] - list.first[2], 0);
    EXPECT_EQ(list.first[4] - list.first[3], 2);

    make({{0.3, 0.1, 3.9}, {1, 2, 3}}, CUBE_4, {1, 0, 1});
    const std::vector<std::array<double, 3>> places{{0.5, 0.5, 0.5}, {-7, 3, 21}};
    double coordinates[2][3];
    for (int i = 0; i < 2; i++) std::copy(places[i].begin(), places[i].end(), coordinates[i]);
    centers = {2, coordinates};
    ASSERT_EQ(build(5.0, &centers), MLSOAP_SUCCESS) << error.message;
    expect_equal(listed(), brute_force(5.0, 5, places), 1e-12);
}

TEST_F(NeighborList, AnAtomOnAPointIsAtZeroDistance)
{
    make({{1e-10, 0, 0}, {1e-7, 0, 5}}, NO_CELL, {0, 0, 0});
    const double points[2][3] = {{0, 0, 0}, {0, 0, 5}};
    neighbor_centers centers = {2, points};
    ASSERT_EQ(build(2.5, &centers), MLSOAP_SUCCESS) << error.message;
    ASSERT_EQ(list.first[2], 2);
    EXPECT_EQ(list.dx[0], 0.0);
    EXPECT_EQ(list.dx[1], 1e-7); // close, but not the same place
}

TEST_F(NeighborList, RebuildingDoesNotAllocateAndRepeatsTheOrder)
{
    make({{0.1, 0.2, 0.3}, {2, 2, 2}, {1, 3, 1}}, CUBE_4, {1, 1, 1});
    ASSERT_EQ(build(5.0), MLSOAP_SUCCESS);
    std::vector<double> dx(list.dx, list.dx + list.first[3]);
    ASSERT_EQ(build(3.0), MLSOAP_SUCCESS);
    unsigned long before = memory_n_allocations();
    ASSERT_EQ(build(5.0), MLSOAP_SUCCESS);
    EXPECT_EQ(memory_n_allocations(), before);
    EXPECT_EQ(dx, std::vector<double>(list.dx, list.dx + list.first[3]));
}

TEST_F(NeighborList, EmptyStructure)
{
    make({}, NO_CELL, {0, 0, 0});
    ASSERT_EQ(build(5.0), MLSOAP_SUCCESS) << error.message;
    EXPECT_EQ(list.n_centers, 0u);
    EXPECT_EQ(list.first[0], 0);
}

TEST_F(NeighborList, AtomsTooCloseAreNamed)
{
    make({{0, 0, 0}, {9, 9, 9}, {4, 0, 1e-7}}, {{{4, 0, 0}, {0, 20, 0}, {0, 0, 20}}}, {1, 1, 1});
    EXPECT_EQ(build(3.0), MLSOAP_ERROR_VALUE);
    EXPECT_NE(std::string(error.message).find("atoms 0 and 2"), std::string::npos) << error.message;
    make({{0, 0, 0}}, {{{1e-7, 0, 0}, {0, 1e-7, 0}, {0, 0, 4}}}, {1, 0, 0});
    EXPECT_EQ(build(1e-6), MLSOAP_ERROR_VALUE);
    EXPECT_NE(std::string(error.message).find("own periodic image"), std::string::npos) << error.message;
}

TEST_F(NeighborList, BadInputIsRefused)
{
    make({{0, 0, 0}}, CUBE_4, {1, 1, 1});
    for (double r_cut : {0.0, -1.0, std::nan(""), HUGE_VAL}) EXPECT_EQ(build(r_cut), MLSOAP_ERROR_VALUE);
    s.positions[0][1] = std::nan("");
    EXPECT_EQ(build(3.0), MLSOAP_ERROR_VALUE);
    s.positions[0][1] = 1e30; // more cells away than an image number can say
    EXPECT_EQ(build(3.0), MLSOAP_ERROR_VALUE);
    EXPECT_NE(std::string(error.message).find("wrap"), std::string::npos) << error.message;
    s.positions[0][1] = 0;
    const double points[1][3] = {{0, HUGE_VAL, 0}};
    neighbor_centers centers = {1, points};
    EXPECT_EQ(build(3.0, &centers), MLSOAP_ERROR_VALUE);
    s.cell[2][2] = 0;
    EXPECT_EQ(build(3.0), MLSOAP_ERROR_VALUE);
}

TEST_F(NeighborList, AbsurdNumbersOfPairsAreRefusedAtOnce)
{
    make({{0, 0, 0}}, {{{0.001, 0, 0}, {0, 0.001, 0}, {0, 0, 0.001}}}, {1, 1, 1});
    EXPECT_EQ(build(6.0), MLSOAP_ERROR_CAPACITY);
    make({{0, 0, 0}}, CUBE_4, {1, 1, 1});
    EXPECT_EQ(build(1e4), MLSOAP_ERROR_CAPACITY);
}

TEST_F(NeighborList, FailingAllocations)
{
    make({{0.1, 0.2, 0.3}, {2, 2, 2}}, CUBE_4, {1, 1, 1});
    int n_failures = 0;
    for (long n = 1; n < 100; n++) {
        neighbor_list_release(&list);
        memory_fail_after(n);
        mlsoap_status status = build(5.0);
        memory_fail_after(0);
        if (status == MLSOAP_SUCCESS) break;
        EXPECT_EQ(status, MLSOAP_ERROR_MEMORY);
        n_failures++;
    }
    EXPECT_GT(n_failures, 5);
    EXPECT_EQ(build(5.0), MLSOAP_SUCCESS);
}

TEST_F(NeighborList, TimeIsLinearInTheAtoms)
{
    // Counted, not timed: the pairs of a large crystal are those of its bulk.
    std::vector<std::array<double, 3>> positions;
    for (int i = 0; i < 30; i++)
        for (int j = 0; j < 30; j++)
            for (int k = 0; k < 30; k++) positions.push_back({2.0 * i, 2.0 * j, 2.0 * k});
    make(positions, {{{60, 0, 0}, {0, 60, 0}, {0, 0, 60}}}, {1, 1, 1});
    ASSERT_EQ(build(4.1), MLSOAP_SUCCESS);
    EXPECT_EQ(list.first[list.n_centers], 27000 * 32);
}
