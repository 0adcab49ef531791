/* SPDX-License-Identifier: BSD-3-Clause */
/** @file sparse_gp.h
 *  Sparse Gaussian process with a dot-product kernel (Bartok, Csanyi 2015, doi:10.1002/qua.24927; spec models.md 2b):
 *
 *      eps = sum_s alpha_s k(x, x_s),  k = delta^2 (c + x . x_s)^zeta
 *      x = a o D (plain) or a o D / |a o D| (normalized; x = 0 where |a o D| = 0);  a: feature weights
 *
 *  Tensors: "<prefix>.sparse_points" [M][stride] with rows x_s (weighted, and of unit length where normalized; zero in
 *  the padding), "<prefix>.alpha" [M rounded up to a multiple of 8], zero beyond M.
 *  "<prefix>.square_sum" (optional, square_sum.h).
 *  Its uncertainty, where stored, is that of dtc_variance.h.
 *  Points with alpha_s = 0 serve the uncertainty alone; those of the others are the terms of the sum. zeta = 1 always
 * and zeta = 2 with more terms than stride/2 run as the exact collapse eps = e_0 + w . x + x^T A x.
 *
 *  Besides the model this gives the trainer the transforms of single rows, so that it fits what is evaluated. */
#ifndef MLSOAP_SPARSE_GP_H
#define MLSOAP_SPARSE_GP_H

#include "models/model.h"

extern const model_class sparse_gp_class;

typedef struct sparse_gp_settings {
    int zeta; /**< >= 1 */
    int normalized;
    double constant; /**< c >= 0 */
    double delta;    /**< eV, > 0 */
} sparse_gp_settings;

/** From the completed keys of a term's `model`. */
void sparse_gp_settings_get(const json_t *model_settings, sparse_gp_settings *out);

/** x of a row of features D; all rows [stride], a multiple of 8. x may be D.
 *  @return 1/|a o D| (0 where that is 0), or 1 for the plain kernel: the argument inverse_norm below */
double sparse_gp_transform(const sparse_gp_settings *s, size_t stride, const double *weights, const double *D,
                           double *x);

/** Derivative of x along a direction v of D: dx = J v = a o v, or (a o v - x (x . (a o v)))/n. dx may be v. */
void sparse_gp_transform_tangent(const sparse_gp_settings *s, size_t stride, const double *weights, const double *x,
                                 double inverse_norm, const double *v, double *dx);

/** Transposed: g = J^T h = a o h, or a o (h - x (x . h))/n. g may be h. */
void sparse_gp_transform_adjoint(const sparse_gp_settings *s, size_t stride, const double *weights, const double *x,
                                 double inverse_norm, const double *h, double *g);

/** k = delta^2 (c + t)^zeta and dk/dt for n dot products t = x . x_s; NULL skips one; either may be t. */
void sparse_gp_kernel(const sparse_gp_settings *s, size_t n, const double *t, double *k, double *dk_dt);

/** Points that the energy needs: those of alpha [n] other than 0; all where there is none. */
size_t sparse_gp_count_terms(size_t n, const double *alpha);

/** Add the two tensors of a model in their stored form.
 *  @param[in] sparse_points [n_sparse][stride], stride a multiple of 8   @param[in] alpha [n_sparse] */
mlsoap_status sparse_gp_add_tensors(tensor_set *tensors, const char *prefix, size_t n_sparse, size_t stride,
                                    const double *sparse_points, const double *alpha, mlsoap_error *error);
/** Add "<prefix>.square_sum" to these where the model collapses (zeta = 2, more terms than stride/2): it loads faster.
 *  Errors: MLSOAP_ERROR_MEMORY, _CAPACITY. */
mlsoap_status sparse_gp_add_square_sum(tensor_set *tensors, const char *prefix, const sparse_gp_settings *s,
                                       mlsoap_error *error);

#endif
