/* SPDX-License-Identifier: BSD-3-Clause */
/** @file structure.h
 *  A structure: species, positions, cell. Angstrom; rows of the cell are the lattice vectors a, b, c. */
#ifndef MLSOAP_STRUCTURE_H
#define MLSOAP_STRUCTURE_H

#include "core/status.h"

typedef struct structure {
    size_t n_atoms;
    int *species;           /**< [n_atoms] atomic numbers, 1 ... 118 */
    double (*positions)[3]; /**< [n_atoms][3] */
    double cell[3][3];      /**< rows a, b, c; a row of zeros where there is none */
    int pbc[3];
    double *atom_weights; /**< reserved: [n_atoms] weight of each atom's forces in a fit, NULL = 1 */
    unsigned char *masks; /**< reserved: [n_atoms] atoms to leave out, NULL = none */
} structure;

/** Arrays for n_atoms, zeroed. `s` needs no initialization. Release with structure_release. */
mlsoap_status structure_new(structure *s, size_t n_atoms, mlsoap_error *error);
void structure_release(structure *s);
mlsoap_status structure_copy(const structure *from, structure *to, mlsoap_error *error);

/** Everything finite, species known, and where a direction is periodic the lattice vectors span a volume
 *  (MLSOAP_ERROR_VALUE otherwise). A non-periodic direction without a lattice vector is completed for the purposes of
 *  neighbor lists only: `s` is not changed. */
mlsoap_status structure_validate(const structure *s, mlsoap_error *error);

/** |a . (b x c)|, Angstrom^3; 0 where the cell is incomplete. */
double structure_volume(const structure *s);

#endif
