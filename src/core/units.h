/* SPDX-License-Identifier: BSD-3-Clause */
/** @file units.h
 *  Units of other programs in ours, eV and Angstrom (CODATA 2018, doi:10.1103/RevModPhys.93.025010). */
#ifndef MLSOAP_UNITS_H
#define MLSOAP_UNITS_H

#define BOHR_IN_ANGSTROM              0.529177210903
#define HARTREE_IN_EV                 27.211386245988
#define EV_PER_CUBIC_ANGSTROM_IN_KBAR 1602.1766208 /* as ASE and its users have it (CODATA 2014) */

/** A unit by its name in configurations. */
typedef struct unit {
    const char *name;
    double value; /**< in Angstrom or eV */
} unit;

/** "angstrom", "bohr"; NULL where there is no such unit. */
const unit *unit_of_length(const char *name);

/** "eV", "hartree"; NULL where there is no such unit. */
const unit *unit_of_energy(const char *name);

#endif
