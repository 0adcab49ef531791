/* SPDX-License-Identifier: BSD-3-Clause */
/** @file vacuum_virial.h
 *  Virials of slabs, wires and molecules against their own forces. Across a vacuum nothing interacts: a strain along
 * the direction n that crosses it moves the atoms and does nothing else, so that for each Cartesian a
 *
 *      W_an = sum_i f_ia (r_i . n)
 *
 *  exactly (W = -dE/d strain, by the chain rule), whatever the energy is. Virials that break it are not derivatives of
 *  the energy (Pulay stress of a basis that does not follow the cell, a kinetic part, an electronic structure that was
 *  not converged), and no potential can give them and the forces. */
#ifndef MLSOAP_VACUUM_VIRIAL_H
#define MLSOAP_VACUUM_VIRIAL_H

#include "io/frame.h"

#define VACUUM_WIDTH 10.0 /* Angstrom without an atom: beyond the cutoff of potentials */

/** The largest |W_an - sum_i f_ia (r_i . n)| of the directions of the frame that cross a vacuum: those that are not
 *  periodic, and those with a gap of VACUUM_WIDTH between planes of atoms. Positions count from their mean, so that a
 *  net force does not matter where the slab stands.
 *  @param[out] difference  eV of the whole frame; -1 where no direction crosses a vacuum or a target is absent
 *  Errors: MLSOAP_ERROR_MEMORY. Thread-safe. */
mlsoap_status vacuum_virial_difference(const frame *f, double *difference, mlsoap_error *error);

#endif
