/* SPDX-License-Identifier: BSD-3-Clause */
/** @file cif_symmetry.h
 *  Symmetry operations x' = W x + w in fractional coordinates, as in International Tables for Crystallography A, and
 *  the orbits of sites. */
#ifndef MLSOAP_CIF_SYMMETRY_H
#define MLSOAP_CIF_SYMMETRY_H

#include "io/text_lines.h"

typedef struct symmetry_operation {
    int rotation[3][3];    /**< W, determinant +-1 */
    double translation[3]; /**< w */
} symmetry_operation;

enum { SYMMETRY_OPERATIONS_MAX = 192 }; /* of a space group in its usual setting: F m -3 m */

/** "x,y,z", "-x+1/2, y, z+0.5", "1/2-x,..." in any case. MLSOAP_ERROR_VALUE: not of this form. */
mlsoap_status symmetry_parse(const text_place *place, text_slice text, symmetry_operation *operation,
                             mlsoap_error *error);

bool symmetry_is_identity(const symmetry_operation *operation);

/** True where the operation keeps all lengths: W^T G W = G with the metric G of the cell, to 1 % of the largest. */
bool symmetry_fits_cell(const symmetry_operation *operation, const double cell[3][3]);

/** Do two fractional positions mean the same place (to 0.05 angstrom, up to lattice vectors)? */
bool symmetry_same_place(const double cell[3][3], const double a[3], const double b[3]);

/** The images of a site under the operations, each place once; the site itself, as it is, comes first, images lie in
 *  [0, 1). @param[out] orbit [n_operations + 1][3], fractional   @return how many */
size_t symmetry_orbit(const symmetry_operation *operations, size_t n_operations, const double cell[3][3],
                      const double site[3], double (*orbit)[3]);

#endif
