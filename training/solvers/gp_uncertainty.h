/* SPDX-License-Identifier: BSD-3-Clause */
/** @file gp_uncertainty.h
 *  The packed uncertainty of a sparse GP from the triangle of its fit (models/sparse_gp/dtc_variance.h; spec models.md
 * 4).
 *
 *  Each kind of center has the variance of its energies that is left when those of the other kinds are known: B of its
 *  own columns alone, not its block of the inverse for all. How the energy is divided among the elements is hardly told
 *  by energies of frames and forces, and changes none of them; in the alloys of Mo-Nb-Ta-W it would make the standard
 *  deviation 25 times what it is without.
 *
 *  With R of regression_triangle, columns S of it, all of one kind, give B_S = K_SS + K_SN Lambda^-1 K_NS of the GP on
 * the points S alone, so that a smaller GP costs no other look at the data. S is chosen point by point, for each kind
 * of center, so that the reduced GP follows the full one: the next point s explains most of what the rows of the data
 * (energies, forces, virials, each over its sigma) leave unexplained,
 *
 *      largest |r_s|^2/k_ss,  then r_j -= r_s k_js/k_ss,  k_ij -= k_is k_js/k_ss      r: columns of R, k: K
 *
 *  (pivoted Cholesky with the data as its measure; the first points of FPS alone leave out where most of the data are).
 *  With the isolated atom in front of the points then
 * (K: [n + 1]; its row of R_S^-1 is 0),
 *
 *      K = L L^T,   Y = L^T R_S^-1,   Y Y^T = W diag(s) W^T,   G G^T = K^-1 - B_S^-1 = A^T A,
 *      A = diag(sqrt(1 - s)) W^T L^-1 = Q G^T
 *
 *  where s in [0, 1] is what is left of the prior variance along each direction.
 *
 *  All of this is for a fit of one term: with several, the posterior of each is correlated with those of the others,
 *  which triangles of single terms cannot hold. */
#ifndef MLSOAP_GP_UNCERTAINTY_H
#define MLSOAP_GP_UNCERTAINTY_H

#include "solvers/kernel_rows.h"

/** Points of each kind: indices among the sparse points of the kind, in the order of their choice; owned. */
typedef struct uncertainty_points {
    size_t n[KERNEL_KINDS];
    size_t *index[KERNEL_KINDS];
} uncertainty_points;

/** Choose up to n_points of each kind. The same for any number of threads.
 *  @param[in] R  of regression_triangle, [n_columns + 1] column-major
 *  @param[in] K  [n_columns][n_columns], and `shift`, what was added to its diagonal in R
 *  Error: MLSOAP_ERROR_MEMORY. Release with uncertainty_points_release, also on failure. */
mlsoap_status uncertainty_points_choose(uncertainty_points *points, const kernel_term *term, const double *R,
                                        const double *K, double shift, size_t n_points, mlsoap_error *error);
void uncertainty_points_release(uncertainty_points *points);

/** Lower triangles G [n + 1][n + 1], row-major, of the isolated atom and the chosen points of each kind; owned. */
typedef struct gp_uncertainty {
    double *G[KERNEL_KINDS];
} gp_uncertainty;

/** The triangles. Errors: MLSOAP_ERROR_MEMORY, _NUMERICS (K is singular even with the shift). */
mlsoap_status gp_uncertainty_new(gp_uncertainty *u, const uncertainty_points *points, const kernel_term *term,
                                 const double *R, const double *K, double shift, mlsoap_error *error);
void gp_uncertainty_release(gp_uncertainty *u);

/** The same for a linear model, whose columns are features and whose K is 1: G [n_points][n_points] of each kind with
 *  G G^T = (B_zz)^-1, the posterior covariance of its weights; no isolated atom in front. */
mlsoap_status linear_uncertainty_new(gp_uncertainty *u, const kernel_term *term, const double *R, mlsoap_error *error);

#endif
