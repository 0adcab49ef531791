/* SPDX-License-Identifier: BSD-3-Clause */
/** @file regression.h
 *  The linear least-squares problem behind every model that is linear in its unknowns, from stored triangles:
 *
 *      minimize  sum_t weight_t |A_t x - y_t|^2 + x^T (K + jitter mean(diag K) 1) x        t: energy, forces, virial
 *
 *  where K is block diagonal over the terms of a potential, and the mean is taken in each block. There is one triangle
 * per kind of target for the fit part and one for the validation part (tall_qr.h), so that weights can be tried without
 * the data. Sparse GP: K = K_MM; linear model: K = 1. The normal equations are never formed (spec
 * training.md 3). */
#ifndef MLSOAP_REGRESSION_H
#define MLSOAP_REGRESSION_H

#include "io/frame.h"
#include "solvers/distributed_triangle.h"

typedef struct regression_part {
    double *R[N_FRAME_TARGETS];     /**< [n+1][n+1] triangles, NULL where the target is absent; owned */
    size_t n_rows[N_FRAME_TARGETS]; /**< rows that went in */
    double weight[N_FRAME_TARGETS]; /**< sum over rows of their weights: |R (x,-1)|^2/weight is a mean square error */
} regression_part;

/** Unknowns [first, first + n) of a term. */
typedef struct regression_block {
    size_t first, n;
    double trace; /**< of its part of K */
} regression_block;

typedef struct regression {
    size_t n; /**< unknowns */
    regression_part fit, validation;
    double *K;                /**< [n][n] symmetric; owned */
    regression_block *blocks; /**< [n_blocks] of K, one after the other; owned */
    size_t n_blocks;
    /** NULL; or all matrices here, and those that the functions below take and give, are parts of matrices over all
     * ranks (owned): the functions are collective then. */
    distributed *distributed;
} regression;

void regression_release(regression *r);

/** Cut K, which stays in one piece, into blocks of these sizes; their traces are taken where K is on this rank.
 *  Error: MLSOAP_ERROR_MEMORY. */
mlsoap_status regression_set_blocks(regression *r, const size_t *sizes, size_t n_blocks, mlsoap_error *error);

/** What jitter adds to the diagonal of a block of K: jitter mean(diag K). */
double regression_shift(const regression *r, size_t i_block, double jitter);

/** The triangle U of K + jitter mean(diag K) 1 = U^T U, block by block: Cholesky, or where rounding made that matrix
 *  indefinite, from its eigenvalues, negative ones taken as 0.
 *  @param[out] U [n+1][n+1] column-major with a last row and column of zeros, memory_free it
 *  Errors: MLSOAP_ERROR_MEMORY, _NUMERICS. */
mlsoap_status regression_prior(const regression *r, double jitter, double **U, mlsoap_error *error);

/** The triangle [n+1][n+1] of all rows at given weights, prior included: its first n columns R give
 *  R^T R = K + jitter + sum_t weight_t A_t^T A_t, from which solution and posterior covariance follow.
 *  @param[in] weight  1/sigma^2 of the rows of each target as they went in; 0 leaves a target out
 *  @param[in] U       of regression_prior   @param[in] with_validation  use its rows as well
 *  @param[out] R      memory_free it
 *  Thread-safe. Errors: MLSOAP_ERROR_MEMORY. */
mlsoap_status regression_triangle(const regression *r, const double weight[N_FRAME_TARGETS], const double *U,
                                  bool with_validation, double **R, mlsoap_error *error);

/** Solve from the triangle of all rows, x [n]. Error: MLSOAP_ERROR_NUMERICS (singular: names what to do). */
mlsoap_status regression_solve(const regression *r, const double *R, double *x, mlsoap_error *error);

/** |A_t x - y_t| / sqrt(weight) of each target of a part; 0 where it is absent. */
mlsoap_status regression_rmse(const regression *r, const regression_part *part, const double *x,
                              double rmse[N_FRAME_TARGETS], mlsoap_error *error);

#endif
