/* SPDX-License-Identifier: BSD-3-Clause */
/** @file quad_linalg.h
 *  Linear algebra with 113 bits for small symmetric matrices (n <= QUAD_LINALG_MAX), row-major [n][n]. Thread-safe;
 *  nothing is allocated. */
#ifndef MLSOAP_QUAD_LINALG_H
#define MLSOAP_QUAD_LINALG_H

#include "math/quad.h"

#include <stdbool.h>

enum { QUAD_LINALG_MAX = 16 };

/** A = L L^T with L lower (its upper part is set to 0). False where A is not positive definite. L may be A. */
bool quad_cholesky(int n, const quad *A, quad *L);

/** Solve L L^T X = B in place for m right-hand sides, B [n][m]. */
void quad_cholesky_solve(int n, const quad *L, int m, quad *B);

/** Eigenvalues (ascending) and eigenvectors (columns of V) of a symmetric matrix by cyclic Jacobi rotations. */
void quad_eigen(int n, const quad *A, quad *values, quad *V);

/** The symmetric A^(-1/2) (Loewdin). False where A is not positive definite. */
bool quad_inverse_sqrt(int n, const quad *A, quad *result);

#endif
