/* SPDX-License-Identifier: BSD-3-Clause */
/** @file leading_points.h
 *  Few sparse points in place of many, for zeta = 2 and c = 0: the energy is then a quadratic form, whose leading
 *  eigenvectors are sparse points of a model that does nearly the same:
 *
 *      eps = delta^2 x^T Q x,  Q = sum_s alpha_s x_s x_s^T;   C = (<x_s x_s^T> + x_0 x_0^T)/2 + e 1 tr/n = L L^T
 *      L^T Q L = V diag(lambda) V^T;   Q ~ sum over the largest |lambda_k| of lambda_k u_k u_k^T,  u_k = L^-T v_k
 *
 *  C, the second moment of the points and the isolated atom x_0, whose energy a potential subtracts, is a measure of
 * what environments look like: of all forms of that rank this is the closest in the mean over them (Eckart and Young
 * 1936, doi:10.1007/BF02288367). e keeps directions that the points hardly have. */
#ifndef MLSOAP_LEADING_POINTS_H
#define MLSOAP_LEADING_POINTS_H

#include "models/sparse_gp/sparse_gp.h"

#include <stdint.h>

/** Ranks: as many as the energies need; keep the points. */
#define LEADING_POINTS_AUTO ((size_t)0)
#define LEADING_POINTS_NONE SIZE_MAX

typedef struct leading_points {
    size_t n;        /**< 0: the points are better kept */
    double *points;  /**< [n][stride] u_k/|u_k|; owned */
    double *alpha;   /**< [n] lambda_k |u_k|^2; owned */
    double left_out; /**< root of the sum of the other lambda_k^2, relative to that of all */
} leading_points;

/** Whether models of these settings are a quadratic form alone. */
static inline int leading_points_serve(const sparse_gp_settings *s)
{
    return s->zeta == 2 && s->constant == 0;
}

/** Bytes that leading_points_find holds: the forecast of memory. */
double leading_points_bytes(double n_points, double stride);

/** The number that evaluates as fast as the points do. */
size_t leading_points_limit(size_t n_points, size_t stride);

/** Find those of points [n_points][stride], alpha [n_points] and isolated [stride], x_0 or zeros; n = 0 for other
 * settings than zeta = 2, c = 0.
 *  @param[in] rank how many, n = 0 where there are no more points; LEADING_POINTS_AUTO: the least multiple of 8 that
 *                  leaves out less than 1e-6, n = 0 where that is no less than leading_points_limit
 *
 *  Errors: MLSOAP_ERROR_MEMORY, _NUMERICS. */
mlsoap_status leading_points_find(const sparse_gp_settings *s, size_t n_points, size_t stride, const double *points,
                                  const double *alpha, const double *isolated, size_t rank, leading_points *out,
                                  mlsoap_error *error);
void leading_points_release(leading_points *p);

#endif
