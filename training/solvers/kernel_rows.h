/* SPDX-License-Identifier: BSD-3-Clause */
/** @file kernel_rows.h
 *  The rows of K_NM of one structure: energy, forces and virial of every basis function k(., x_s) (spec training.md 3,
 *  models.md 2b). Never more than those of one structure are in memory.
 *
 *      energy   sum_i [ k(x_i, x_s) - k(x_isolated, x_s) ]             over the centers i of the kind of s
 *      forces   F_j -= dk(x_i, x_s)/dr_ij,  F_i += dk(x_i, x_s)/dr_ij  (a midpoint spreads its part over all atoms)
 *      virial   W_ab = - sum_ij (r_ij,a dk/dr_ij,b + r_ij,b dk/dr_ij,a)/2     xx yy zz xy xz yz
 *               (of a fixed point R_j takes the place of r_ij: strain moves the atoms alone)
 *
 *  The isolated atom is subtracted because a potential subtracts it (potential.h, shifts): its atoms then have exactly
 *  their offset when alone. */
#ifndef MLSOAP_KERNEL_ROWS_H
#define MLSOAP_KERNEL_ROWS_H

#include "feature_set.h"
#include "models/sparse_gp/sparse_gp.h"

enum { KERNEL_KINDS = 119 };

/** Basis functions of a term: sparse points of each kind of center (atomic number, 0 = point in space). */
typedef struct kernel_term {
    const feature_set *features;
    sparse_gp_settings settings;
    size_t n_points[KERNEL_KINDS];     /**< M of each kind, 0 where it has no model */
    size_t first_column[KERNEL_KINDS]; /**< among the columns of all terms, in order of kind */
    double *points[KERNEL_KINDS];      /**< [M][stride] x_s; owned */
    int *unit; /**< NULL; or the points of every kind are the unit vectors of these features: no product is made; owned
                */
    double *isolated[KERNEL_KINDS];     /**< [M] k(x_isolated, x_s); zeros for points in space; owned */
    double isolated_self[KERNEL_KINDS]; /**< k(x_isolated, x_isolated) */
    size_t n_columns;                   /**< sum of M */
} kernel_term;

/** Basis functions of a potential: those of its terms, whose energies add, side by side. Shared by threads. */
typedef struct kernel_basis {
    kernel_term *terms; /**< [n_terms], columns in this order; owned */
    size_t n_terms;
    size_t n_columns; /**< of all terms */
} kernel_basis;

/** Terms without features or points, to be filled. Error: MLSOAP_ERROR_MEMORY. */
mlsoap_status kernel_basis_new(kernel_basis *basis, size_t n_terms, mlsoap_error *error);
void kernel_basis_release(kernel_basis *basis);
/** Number the columns and evaluate the isolated atoms, once all points are set. */
mlsoap_status kernel_basis_finish(kernel_basis *basis, mlsoap_error *error);
/** K_MM [n_columns][n_columns], block diagonal over terms and kinds. */
void kernel_basis_matrix(const kernel_basis *basis, double *K);
/** Its row i in row [n_columns], of which only the columns of the term and kind of i are written. */
void kernel_basis_row(const kernel_basis *basis, size_t i, double *row);

/** Scratch and results of one thread. Rows have n_columns + 1 doubles; the last, for the target, is left 0. */
typedef struct kernel_rows {
    const kernel_basis *basis;
    feature_worker *workers; /**< [n_terms] */
    const kernel_term *term; /**< at work */
    feature_worker *worker;  /**< of it */
    size_t row_size;         /**< n_columns + 1 */
    double *energy;          /**< [1] row */
    double *forces;          /**< [3 n_atoms] rows */
    double *virial;          /**< [6] rows */
    double *D, *x;           /**< [stride] of the center at work */
    double *jacobian;        /**< [n_neighbors][3][stride] */
    double *directions;      /**< [3 n_moving + 6][stride]: dD, then dx along the atoms that move and the strains */
    double *products;        /**< [3 n_moving + 7][M]: dx . x_s from row 1 on, row 0 for sums */
    double *k, *slope;       /**< [M] k(x, x_s), dk/d(x . x_s) */
    int *moving;             /**< atoms that move relative to the center, merged images */
    int *slot_of_atom;       /**< [n_atoms] index into moving, -1 */
    size_t n_moving, capacity_forces, capacity_jacobian, capacity_directions, capacity_products, capacity_moving,
        capacity_atoms;
} kernel_rows;

mlsoap_status kernel_rows_new(kernel_rows *rows, const kernel_basis *basis, mlsoap_error *error);
void kernel_rows_release(kernel_rows *rows);

/** Fill the rows of a structure; `with_derivatives` false leaves forces and virial alone.
 *  Errors: those of the neighbor list; MLSOAP_ERROR_NUMERICS (a row is not finite), _MEMORY. */
mlsoap_status kernel_rows_fill(kernel_rows *rows, const structure *s, bool with_derivatives, mlsoap_error *error);

/** Bytes that kernel_rows holds for a term of this stride in structures of n_atoms with n_neighbors per center: the
 * forecast of memory. */
double kernel_rows_bytes(double n_columns, double stride, double n_atoms, double n_neighbors);

#endif
