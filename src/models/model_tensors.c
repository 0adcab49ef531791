/* SPDX-License-Identifier: BSD-3-Clause */
/* Parameters of models as tensors; see model_tensors.h. */
#include "models/model_tensors.h"

#include "core/memory.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { NAME_SIZE = 256 };

static mlsoap_status tensor_name(const char *prefix, const char *parameter, char name[NAME_SIZE], mlsoap_error *error)
{
    int n = snprintf(name, NAME_SIZE, "%s.%s", prefix, parameter);
    if (n < 0 || n >= NAME_SIZE)
        return status_fail(error, MLSOAP_ERROR_VALUE, "the tensor name %.40s... is longer than %d characters", prefix,
                           NAME_SIZE - 1);
    return MLSOAP_SUCCESS;
}

mlsoap_status model_tensor_get(const tensor_set *tensors, const char *prefix, const char *parameter, int n_dimensions,
                               const size_t *shape, const tensor **out, mlsoap_error *error)
{
    char name[NAME_SIZE];
    mlsoap_status status = tensor_name(prefix, parameter, name, error);
    if (status) return status;
    const tensor *t = tensor_find(tensors, name);
    if (!t) return status_fail(error, MLSOAP_ERROR_FORMAT, "the tensor %s is missing", name);
    if (t->n_dimensions != n_dimensions)
        return status_fail(error, MLSOAP_ERROR_FORMAT, "tensor %s has %d dimensions; it must have %d", name,
                           t->n_dimensions, n_dimensions);
    for (int i = 0; i < n_dimensions; i++)
        if (shape[i] && t->shape[i] != shape[i])
            return status_fail(error, MLSOAP_ERROR_FORMAT,
                               "tensor %s: dimension %d is %zu; by the description it must be %zu", name, i,
                               t->shape[i], shape[i]);
    size_t size = tensor_size(t);
    for (size_t i = 0; i < size; i++)
        if (!isfinite(t->data[i]))
            return status_fail(error, MLSOAP_ERROR_VALUE, "tensor %s: number %zu is %g; all must be finite", name, i,
                               t->data[i]);
    *out = t;
    return MLSOAP_SUCCESS;
}

mlsoap_status model_tensor_check_padding(const tensor *t, size_t n_rows, size_t stride, const double *weights,
                                         mlsoap_error *error)
{
    for (size_t f = 0; f < stride; f++) {
        if (weights[f] != 0) continue;
        for (size_t i = 0; i < n_rows; i++)
            if (t->data[i * stride + f] != 0)
                return status_fail(error, MLSOAP_ERROR_VALUE,
                                   "tensor %s: row %zu, column %zu is %g; columns that pad the features must be 0",
                                   t->name, i, f, t->data[i * stride + f]);
    }
    return MLSOAP_SUCCESS;
}

mlsoap_status model_tensor_add(tensor_set *tensors, const char *prefix, const char *parameter, int n_dimensions,
                               size_t n_rows, size_t n, const double *data, size_t ld, mlsoap_error *error)
{
    char name[NAME_SIZE];
    mlsoap_status status = tensor_name(prefix, parameter, name, error);
    if (status) return status;
    size_t stride = padded_to_8(n), two[2] = {n_rows, stride};
    tensor *t = NULL;
    status = tensor_add(tensors, name, n_dimensions, n_dimensions == 2 ? two : &stride, NULL, &t, error);
    if (status) return status;
    for (size_t i = 0; i < n_rows; i++) memcpy(t->data + i * stride, data + i * ld, n * sizeof *data);
    return MLSOAP_SUCCESS;
}

mlsoap_status model_uncertainty_get(const tensor_set *tensors, const char *prefix, size_t stride, const double *weights,
                                    size_t *n, const tensor **triangle, const tensor **reference, mlsoap_error *error)
{
    char name[NAME_SIZE];
    size_t any = 0;
    *n = 0;
    mlsoap_status status = tensor_name(prefix, "uncertainty_triangle", name, error);
    if (status) return status;
    int has_triangle = tensor_find(tensors, name) != NULL;
    status = tensor_name(prefix, "uncertainty_reference", name, error);
    if (status || (!has_triangle && !tensor_find(tensors, name))) return status;
    status = model_tensor_get(tensors, prefix, "uncertainty_triangle", 1, &any, triangle, error);
    if (!status) status = model_tensor_get(tensors, prefix, "uncertainty_reference", 1, &stride, reference, error);
    if (!status) status = model_tensor_check_padding(*reference, 1, stride, weights, error);
    if (status) return status;
    size_t size = (*triangle)->shape[0], rows = 8;
    while (padded_to_8(rows * (rows + 1) / 2) < size) rows += 8;
    if (padded_to_8(rows * (rows + 1) / 2) != size)
        return status_fail(error, MLSOAP_ERROR_FORMAT,
                           "tensor %s has %zu numbers, which is not the triangle of a multiple of 8 rows",
                           (*triangle)->name, size);
    *n = rows;
    return MLSOAP_SUCCESS;
}

mlsoap_status model_uncertainty_add(tensor_set *tensors, const char *prefix, size_t n_rows, const double *G, size_t ld,
                                    size_t stride, const double *reference, mlsoap_error *error)
{
    size_t n = padded_to_8(n_rows), size = n * (n + 1) / 2;
    double *packed = MEMORY_NEW(double, size);
    if (!packed) return status_no_memory(error, size * sizeof(double), "an uncertainty");
    double *to = packed;
    for (size_t i = 0; i < n_rows; to += ++i) memcpy(to, G + i * ld, (i + 1) * sizeof *G);
    mlsoap_status status = model_tensor_add(tensors, prefix, "uncertainty_triangle", 1, 1, size, packed, size, error);
    if (!status)
        status = model_tensor_add(tensors, prefix, "uncertainty_reference", 1, 1, stride, reference, stride, error);
    memory_free(packed);
    return status;
}
