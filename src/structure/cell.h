/* SPDX-License-Identifier: BSD-3-Clause */
/** @file cell.h
 *  Algebra of cells, 3x3 matrices whose rows are the lattice vectors. */
#ifndef MLSOAP_CELL_H
#define MLSOAP_CELL_H

static inline double vector_dot(const double a[3], const double b[3])
{
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

static inline void vector_cross(const double a[3], const double b[3], double c[3])
{
    c[0] = a[1] * b[2] - a[2] * b[1];
    c[1] = a[2] * b[0] - a[0] * b[2];
    c[2] = a[0] * b[1] - a[1] * b[0];
}

/** a . (b x c), Angstrom^3: negative for left-handed cells, 0 where a row is 0. */
double cell_volume(const double cell[3][3]);

/** The inverse of a cell, so that fractional coordinate k of r is sum_j r_j inverse[j][k]. Returns cell_volume; where
 * it is 0 the inverse is not finite. */
double cell_inverse(const double cell[3][3], double inverse[3][3]);

/** `cell` with the rows of directions that are not periodic replaced by unit vectors perpendicular to the periodic ones
 *  and to each other. */
void cell_complete(const double cell[3][3], const int pbc[3], double completed[3][3]);

#endif
