/* SPDX-License-Identifier: BSD-3-Clause */
/** @file square_sum.h
 *  S = sum_s alpha_s x_s x_s^T of a sparse GP with zeta = 2 and more terms than half of its features: all that the
 *  energy needs of the points. Files store it, so that loading need not multiply (57 GFLOP for 100 MB of points take
 *  a third of a second). */
#ifndef MLSOAP_SQUARE_SUM_H
#define MLSOAP_SQUARE_SUM_H

#include "models/sparse_gp/sparse_gp.h"

/** Whether a model with that many terms (sparse_gp_count_terms) evaluates S in place of its points. */
static inline int square_sum_serves(const sparse_gp_settings *s, size_t n_terms, size_t stride)
{
    return s->zeta == 2 && n_terms > stride / 2;
}

/** S [stride][stride] of points [n_points][stride] into newly allocated memory: its lower triangle, anything above.
 *  Errors: MLSOAP_ERROR_MEMORY, _CAPACITY. */
mlsoap_status square_sum_compute(size_t n_points, size_t stride, const double *points, const double *alpha, double **S,
                                 mlsoap_error *error);

/** MLSOAP_ERROR_FORMAT where a model stores S that does not evaluate it. */
mlsoap_status square_sum_check_absent(const tensor_set *tensors, const char *prefix, mlsoap_error *error);

/** The stored S, or where the file has none the computed one, as above. Errors: also MLSOAP_ERROR_FORMAT, _VALUE
 *  (shape, numbers not finite, a trace that is not that of the points). */
mlsoap_status square_sum_get(const tensor_set *tensors, const char *prefix, const tensor *points, const tensor *alpha,
                             double **S, mlsoap_error *error);

#endif
