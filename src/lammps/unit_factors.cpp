/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit_factors.h"

#include <cstring>

namespace
{
// CODATA 2018; 23.060549 kcal/mol is the value that LAMMPS itself converts potential files with.
constexpr double EV_IN_JOULE = 1.602176634e-19;
constexpr double U_IN_KG = 1.66053906660e-27;
constexpr double HARTREE_IN_EV = 27.211386245988;
constexpr double BOHR_IN_ANGSTROM = 0.529177210903;

// micro: picogram, micrometer, microsecond (energy 1e-15 J); nano: attogram, nanometer, nanosecond (1e-21 J).
constexpr UnitFactors FACTORS[] = {
    {"metal", 1.0, 1.0, 1.0},
    {"real", 23.060549, 1.0, 1.0},
    {"electron", 1.0 / HARTREE_IN_EV, 1.0 / BOHR_IN_ANGSTROM, 1.0},
    {"si", EV_IN_JOULE, 1e-10, U_IN_KG},
    {"cgs", EV_IN_JOULE * 1e7, 1e-8, U_IN_KG * 1e3},
    {"micro", EV_IN_JOULE * 1e15, 1e-4, U_IN_KG * 1e15},
    {"nano", EV_IN_JOULE * 1e21, 0.1, U_IN_KG * 1e21},
};
} // namespace

const UnitFactors *unit_factors(const char *style)
{
    for (const UnitFactors &factors : FACTORS)
        if (std::strcmp(factors.style, style) == 0) return &factors;
    return nullptr;
}
