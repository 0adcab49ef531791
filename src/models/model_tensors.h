/* SPDX-License-Identifier: BSD-3-Clause */
/** @file model_tensors.h
 *  What the models share in reading their parameters: tensors "<prefix>.<parameter>" of a given shape, padded to
 *  multiples of eight numbers with zeros (potentials/FORMAT.md). */
#ifndef MLSOAP_MODEL_TENSORS_H
#define MLSOAP_MODEL_TENSORS_H

#include "models/model.h"

/** n rounded up to a multiple of 8. */
static inline size_t padded_to_8(size_t n)
{
    return (n + 7) / 8 * 8;
}

/** The tensor "<prefix>.<parameter>" with n_dimensions dimensions and, where shape[i] is not 0, that many in dimension
 *  i; its numbers are finite. Errors: MLSOAP_ERROR_FORMAT, _VALUE; the message names the tensor. */
mlsoap_status model_tensor_get(const tensor_set *tensors, const char *prefix, const char *parameter, int n_dimensions,
                               const size_t *shape, const tensor **out, mlsoap_error *error);

/** Rows of features: wherever the weight of a feature is 0 (padding), every row must hold 0. MLSOAP_ERROR_VALUE. */
mlsoap_status model_tensor_check_padding(const tensor *t, size_t n_rows, size_t stride, const double *weights,
                                         mlsoap_error *error);

/** Add "<prefix>.<parameter>" = n_rows rows of n numbers, each padded with zeros to a multiple of eight (one row: a
 *  tensor of one dimension). Rows of `data` are `ld` apart. */
mlsoap_status model_tensor_add(tensor_set *tensors, const char *prefix, const char *parameter, int n_dimensions,
                               size_t n_rows, size_t n, const double *data, size_t ld, mlsoap_error *error);

/** The tensors of the uncertainty of a model that is linear in its parameters: "<prefix>.uncertainty_triangle", a lower
 *  triangle G [n][n] packed row after row, n a multiple of 8, and "<prefix>.uncertainty_reference" [stride], the
 *  features of the environment whose energy is fixed (an isolated atom).
 *  @param[out] n  0 where the model has neither tensor. Errors: MLSOAP_ERROR_FORMAT, _VALUE. */
mlsoap_status model_uncertainty_get(const tensor_set *tensors, const char *prefix, size_t stride, const double *weights,
                                    size_t *n, const tensor **triangle, const tensor **reference, mlsoap_error *error);
/** Add the two. @param[in] G [n_rows][ld], only its lower triangle is read; rows beyond n_rows up to a multiple of 8
 * are
 *  0 */
mlsoap_status model_uncertainty_add(tensor_set *tensors, const char *prefix, size_t n_rows, const double *G, size_t ld,
                                    size_t stride, const double *reference, mlsoap_error *error);

#endif
