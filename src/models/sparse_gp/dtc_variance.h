/* SPDX-License-Identifier: BSD-3-Clause */
/** @file dtc_variance.h
 *  Predictive variance of a sparse GP on its first m sparse points (DTC: Quinonero-Candela, Rasmussen 2005, J. Mach.
 *  Learn. Res. 6, 1939; spec models.md 4), of the energy that a potential uses: eps minus that of an isolated atom x_0.
 *
 *      v(x) = q(x, x) - q^T K^-1 q + q_S^T B^-1 q_S = q(x, x) - |G^T q|^2
 *      q(x, y) = k(x, y) - k(x, x_0) - k(y, x_0) + k(x_0, x_0),   q_s = k(x, x_s) - k(x_0, x_s),   s = 0, 1 ... m
 *
 *  with K the kernel of x_0 and the m points S, B = K_SS + K_SN Lambda^-1 K_NS, and a lower triangle G G^T = K^-1 -
 * B^-1 (B^-1 with a row and column of zeros for x_0): one product instead of two. x_0 is among the points because its
 * energy is fixed: without it an atom in the middle of the data would keep what is unknown of k(., x_0). Far from all
 * data v grows to q(x, x); for the isolated atom it is 0. */
#ifndef MLSOAP_DTC_VARIANCE_H
#define MLSOAP_DTC_VARIANCE_H

#include "models/packed_matrix.h"
#include "models/sparse_gp/sparse_gp.h"

typedef struct dtc_variance {
    sparse_gp_settings settings;
    size_t stride, n;       /**< n = 0: none; a multiple of 8 */
    const double *weights2; /**< [stride] a^2; not owned */
    packed_matrix points;   /**< columns a o x_s, then a o x_0: [stride][n + 8] */
    packed_triangle G;
    double *reference; /**< [n] k(x_0, x_s) */
} dtc_variance;

/** Read the two tensors of the uncertainty; n stays 0 where there are none.
 *  @param[in] points  the sparse points of the model; `weights2` must live as long as the result */
mlsoap_status dtc_variance_new(dtc_variance *v, const sparse_gp_settings *settings, const tensor_set *tensors,
                               const char *prefix, const tensor *points, size_t stride, const double *weights,
                               const double *weights2, mlsoap_error *error);
void dtc_variance_release(dtc_variance *v);
/** Doubles of scratch memory. */
size_t dtc_variance_workspace_size(const dtc_variance *v, int n_rows);
void dtc_variance_evaluate(const dtc_variance *v, double *workspace, int n_rows, const double *D, double *variance);

#endif
