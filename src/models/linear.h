/* SPDX-License-Identifier: BSD-3-Clause */
/** @file linear.h
 *  The linear model eps = w . x + c with x = D, or D/|D| where normalized (x = 0 where |D| = 0); spec models.md 5.
 *  Uncertainty, where stored (model_tensors.h): the variance of Bayesian ridge regression, v = |G^T (x - x_0)|^2 with
 * the posterior covariance of the weights G G^T = (prior + X^T Lambda^-1 X)^-1 and x_0 of an isolated atom. Tensors:
 * "<prefix>.weights" [stride], zero in the padding, and "<prefix>.constant" [8], zero but for its first. */
#ifndef MLSOAP_LINEAR_H
#define MLSOAP_LINEAR_H

#include "models/model.h"

extern const model_class linear_class;

/** Add the two tensors of a model in their stored form. @param[in] weights [stride], stride a multiple of 8 */
mlsoap_status linear_add_tensors(tensor_set *tensors, const char *prefix, size_t stride, const double *weights,
                                 double constant, mlsoap_error *error);

#endif
