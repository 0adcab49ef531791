/* SPDX-License-Identifier: BSD-3-Clause */
/** @file distributed_triangle.h
 *  Triangles of a least-squares problem (regression.h) spread over all ranks by ScaLAPACK, for those that outgrow one
 * rank (distributed_scalapack.c; distributed_none.c where the build has no ScaLAPACK). A matrix is m x m, m - 1
 * unknowns and the right-hand side, block-cyclic over a grid of the ranks; each holds a part of some m^2/n_ranks
 * numbers. The bits depend on the number of ranks.
 *
 *  All functions with a status are collective (parallel.h) and return MLSOAP_ERROR_MEMORY or what they name. */
#ifndef MLSOAP_DISTRIBUTED_TRIANGLE_H
#define MLSOAP_DISTRIBUTED_TRIANGLE_H

#include "parallel/parallel.h"

typedef struct distributed distributed;

/** Success where the build has ScaLAPACK and there are several ranks; not collective.
 *  Errors: MLSOAP_ERROR_UNSUPPORTED, _VALUE, with what to do. */
mlsoap_status distributed_check(const parallel *ranks, mlsoap_error *error);
mlsoap_status distributed_new(parallel *ranks, size_t m, distributed **out, mlsoap_error *error);
void distributed_free(distributed *d); /* NULL-safe */
/** The part of this rank of a matrix of zeros; memory_free it. NULL: no memory. */
double *distributed_zeros(const distributed *d);

/** A[first + i][j] = rows[i][j], rows [n_rows][m] of rank `owner`; the other ranks' rows are overwritten. */
mlsoap_status distributed_put(const distributed *d, double *A, size_t first, double *rows, size_t n_rows, int owner,
                              mlsoap_error *error);
/** R <- triangle of R on top of the rows [n_own][m] of every rank. */
mlsoap_status distributed_fold(const distributed *d, double *R, const double *rows, size_t n_own, mlsoap_error *error);
/** U^T U = K + diag(shift), shift [m - 1] (the last row and column are those of the right-hand side: zeros).
 *  Error: MLSOAP_ERROR_NUMERICS (not positive definite). */
mlsoap_status distributed_cholesky(const distributed *d, const double *K, const double *shift, double **U,
                                   mlsoap_error *error);
/** Triangle of the n matrices factor[k] A[k], one below the other. */
mlsoap_status distributed_stack(const distributed *d, const double *const *A, const double *factor, int n, double **R,
                                mlsoap_error *error);
/** x [m - 1] of the triangle, on every rank. Error: MLSOAP_ERROR_NUMERICS (singular). */
mlsoap_status distributed_solve(const distributed *d, const double *R, double *x, mlsoap_error *error);
/** |R (x, -1)|, on every rank. */
mlsoap_status distributed_residual(const distributed *d, const double *R, const double *x, double *norm,
                                   mlsoap_error *error);

#endif
