/* SPDX-License-Identifier: BSD-3-Clause */
/** @file dimer.h
 *  Two atoms alone: the first curve that anybody looks at. */
#ifndef MLSOAP_DIMER_H
#define MLSOAP_DIMER_H

#include "potential/potential.h"

/** Energies, and forces along the axis, of two atoms at n distances.
 *  @param[in]  species  atomic numbers   @param[in] r  [n] Angstrom
 *  @param[out] energies [n] eV, offsets included   @param[out] forces [n] eV/Angstrom, positive = the atoms repel each
 *  other. Errors: those of potential_evaluate, MLSOAP_ERROR_MEMORY. */
mlsoap_status dimer_scan(const mlsoap_potential *potential, mlsoap_workspace *workspace, const int species[2], size_t n,
                         const double *r, double *energies, double *forces, mlsoap_error *error);

#endif
