/* SPDX-License-Identifier: BSD-3-Clause */
/** @file symmetric_eigenvalues.h
 *  Eigenvalues of a dense symmetric matrix, so that the library needs no LAPACK. */
#ifndef MLSOAP_SYMMETRIC_EIGENVALUES_H
#define MLSOAP_SYMMETRIC_EIGENVALUES_H

#include <stddef.h>

/** Eigenvalues in ascending order, to some 1e-15 of the largest: reflections of Householder to tridiagonal form, then
 *  bisection by Sturm's counts, which cannot fail to converge. Thread-safe; nothing is allocated.
 *  @param[in,out] A  [n][n] symmetric, finite; destroyed   @param[in] scratch  [3 n]   @param[out] values  [n] */
void symmetric_eigenvalues(size_t n, double *A, double *scratch, double *values);

#endif
