/* SPDX-License-Identifier: GPL-2.0-or-later */
/** @file unit_factors.h
 *  What one eV, one Angstrom and one atomic mass unit are in the unit styles of LAMMPS. */
#ifndef MLSOAP_UNIT_FACTORS_H
#define MLSOAP_UNIT_FACTORS_H

struct UnitFactors {
    const char *style;
    double energy; /**< of 1 eV */
    double length; /**< of 1 Angstrom */
    double mass;   /**< of 1 u */
};

/** Factors of a unit style (metal, real, electron, si, cgs, micro, nano); nullptr for lj, which has none, and for a
 * style we do not know. Thread-safe. */
const UnitFactors *unit_factors(const char *style);

#endif
