/* SPDX-License-Identifier: BSD-3-Clause */
/* Computed, stored and read again; see square_sum.h. */
#include "models/sparse_gp/square_sum.h"

#include "core/memory.h"
#include "models/dot_product.h"
#include "models/model_tensors.h"
#include "models/packed_matrix.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { NAME_SIZE = 256 };

mlsoap_status square_sum_compute(size_t n_points, size_t stride, const double *points, const double *alpha, double **S,
                                 mlsoap_error *error)
{
    size_t size;
    packed_matrix X = {0};
    double *scaled = NULL; /* (alpha_s x_s)^T, [stride][n_points] */
    *S = NULL;
    mlsoap_status status = packed_matrix_new(&X, n_points, stride, NULL, points, stride, error);
    if (status) return status;
    scaled = size_multiply(stride, n_points, &size) ? MEMORY_NEW(double, size) : NULL;
    *S = size_multiply(stride, stride, &size) ? MEMORY_NEW(double, size) : NULL;
    if (scaled && *S) {
        for (size_t s = 0; s < n_points; s++)
            for (size_t f = 0; f < stride; f++) scaled[f * n_points + s] = alpha[s] * points[s * stride + f];
        packed_matrix_multiply_lower(&X, (int)stride, scaled, n_points, *S, stride);
    } else {
        status = status_no_memory(error, stride * (n_points + stride) * sizeof(double), "the collapse of a sparse GP");
        memory_free(*S);
        *S = NULL;
    }
    memory_free(scaled);
    packed_matrix_release(&X);
    return status;
}

/* The sum of the points' squares is the trace, up to rounding. */
static mlsoap_status check_trace(const tensor *stored, const tensor *points, const tensor *alpha, const double *S,
                                 mlsoap_error *error)
{
    size_t stride = points->shape[1];
    double trace = 0, expected = 0, magnitude = 0;
    for (size_t i = 0; i < stride; i++) trace += S[i * stride + i];
    for (size_t s = 0; s < points->shape[0]; s++) {
        const double *x = points->data + s * stride;
        double term = alpha->data[s] * dot_product(stride, x, x);
        expected += term;
        magnitude += fabs(term);
    }
    if (fabs(trace - expected) <= 1e-9 * magnitude) return MLSOAP_SUCCESS;
    return status_fail(error, MLSOAP_ERROR_VALUE, "tensor %s: its trace is %.10g; that of the sparse points is %.10g",
                       stored->name, trace, expected);
}

static const tensor *find_stored(const tensor_set *tensors, const char *prefix)
{
    char name[NAME_SIZE];
    int n = snprintf(name, sizeof name, "%s.square_sum", prefix);
    return n < NAME_SIZE ? tensor_find(tensors, name) : NULL;
}

mlsoap_status square_sum_check_absent(const tensor_set *tensors, const char *prefix, mlsoap_error *error)
{
    const tensor *stored = find_stored(tensors, prefix);
    if (!stored) return MLSOAP_SUCCESS;
    return status_fail(error, MLSOAP_ERROR_FORMAT,
                       "tensor %s: only models with zeta 2 and more sparse points of alpha other than 0 than half of "
                       "their features have it",
                       stored->name);
}

mlsoap_status square_sum_get(const tensor_set *tensors, const char *prefix, const tensor *points, const tensor *alpha,
                             double **S, mlsoap_error *error)
{
    size_t stride = points->shape[1], length = padded_to_8(stride * (stride + 1) / 2), size;
    const tensor *stored;
    *S = NULL;
    if (!find_stored(tensors, prefix))
        return square_sum_compute(points->shape[0], stride, points->data, alpha->data, S, error);
    mlsoap_status status = model_tensor_get(tensors, prefix, "square_sum", 1, &length, &stored, error);
    if (status) return status;
    double *full = size_multiply(stride, stride, &size) ? MEMORY_NEW(double, size) : NULL;
    if (!full) return status_no_memory(error, stride * stride * sizeof(double), "a sparse GP");
    const double *row = stored->data;
    for (size_t i = 0; i < stride; row += ++i) memcpy(full + i * stride, row, (i + 1) * sizeof *row);
    status = check_trace(stored, points, alpha, full, error);
    if (status)
        memory_free(full);
    else
        *S = full;
    return status;
}

mlsoap_status sparse_gp_add_square_sum(tensor_set *tensors, const char *prefix, const sparse_gp_settings *s,
                                       mlsoap_error *error)
{
    const tensor *points, *alpha;
    double *S;
    mlsoap_status status = model_tensor_get(tensors, prefix, "sparse_points", 2, (size_t[]){0, 0}, &points, error);
    if (!status) status = model_tensor_get(tensors, prefix, "alpha", 1, &(size_t){0}, &alpha, error);
    if (status || !square_sum_serves(s, sparse_gp_count_terms(points->shape[0], alpha->data), points->shape[1]))
        return status;
    size_t stride = points->shape[1], length = stride * (stride + 1) / 2;
    status = square_sum_compute(points->shape[0], stride, points->data, alpha->data, &S, error);
    if (status) return status;
    double *to = S; /* in place: a row begins at or behind the end of the triangle before it */
    for (size_t i = 0; i < stride; to += ++i) memmove(to, S + i * stride, (i + 1) * sizeof *S);
    status = model_tensor_add(tensors, prefix, "square_sum", 1, 1, length, S, length, error);
    memory_free(S);
    return status;
}
