/* SPDX-License-Identifier: BSD-3-Clause */
/* Predictive variance of a sparse GP; see dtc_variance.h. */
#include "models/sparse_gp/dtc_variance.h"

#include "core/memory.h"
#include "models/dot_product.h"
#include "models/model_tensors.h"

#include <math.h>

enum { REFERENCE_COLUMNS = 8 }; /* of which the first is used */

/* The points with the weights folded in, and the kernel of the isolated atom with them and itself. */
static mlsoap_status pack_points(dtc_variance *v, const tensor *points, const tensor *reference, const double *weights,
                                 mlsoap_error *error)
{
    size_t stride = v->stride, n = v->n, width = n + REFERENCE_COLUMNS, size = 0;
    size_t given = points->shape[0] < n ? points->shape[0] : n;
    v->reference_square = dot_product(stride, reference->data, reference->data);
    if (v->settings.normalized && v->reference_square != 0 && !(fabs(v->reference_square - 1) <= 1e-9))
        return status_fail(error, MLSOAP_ERROR_VALUE, "tensor %s has length %.10g; it must be 1 or 0", reference->name,
                           sqrt(v->reference_square));
    double *columns = size_multiply(stride, width, &size) ? MEMORY_NEW(double, size) : NULL;
    v->reference = MEMORY_NEW(double, n);
    if (!columns || !v->reference) {
        memory_free(columns);
        return status_no_memory(error, size * sizeof(double), "the uncertainty of a sparse GP");
    }
    for (size_t s = 0; s < given; s++) {
        const double *row = points->data + s * stride;
        for (size_t f = 0; f < stride; f++) columns[f * width + s] = weights[f] * row[f];
        v->reference[s] = dot_product(stride, row, reference->data);
    }
    for (size_t f = 0; f < stride; f++) columns[f * width + n] = weights[f] * reference->data[f];
    sparse_gp_kernel(&v->settings, n, v->reference, v->reference, NULL);
    sparse_gp_kernel(&v->settings, 1, &v->reference_square, &v->reference_square, NULL);
    mlsoap_status status = packed_matrix_new(&v->points, stride, width, 1, columns, width, error);
    memory_free(columns);
    return status;
}

mlsoap_status dtc_variance_new(dtc_variance *v, const sparse_gp_settings *settings, const tensor_set *tensors,
                               const char *prefix, const tensor *points, size_t stride, const double *weights,
                               const double *weights2, mlsoap_error *error)
{
    const tensor *triangle = NULL, *reference = NULL;
    *v = (dtc_variance){.settings = *settings, .stride = stride, .weights2 = weights2};
    mlsoap_status status = model_uncertainty_get(tensors, prefix, stride, weights, &v->n, &triangle, &reference, error);
    if (status || v->n == 0) return status;
    if (v->n >= points->shape[0] + 8)
        return status_fail(error, MLSOAP_ERROR_FORMAT, "tensor %s is for %zu sparse points, but there are %zu",
                           triangle->name, v->n, points->shape[0]);
    status = packed_triangle_new(&v->G, v->n, triangle->data, error);
    return status ? status : pack_points(v, points, reference, weights, error);
}

void dtc_variance_release(dtc_variance *v)
{
    memory_free(v->reference);
    packed_matrix_release(&v->points);
    packed_triangle_release(&v->G);
    v->n = 0;
}

size_t dtc_variance_workspace_size(const dtc_variance *v, int n_rows)
{
    return v->n ? (size_t)n_rows * (2 * v->n + REFERENCE_COLUMNS) : 0;
}

/* In place: products D . (a o x_s) of one row -> q*; returns q(x, x). */
static double row_kernel(const dtc_variance *v, const double *D, double *row)
{
    const sparse_gp_settings *s = &v->settings;
    double square = weighted_square(v->stride, v->weights2, D), inverse = 1, own;
    if (s->normalized) {
        inverse = square == 0 ? 0 : 1 / sqrt(square); /* NaN stays NaN */
        square *= inverse * inverse;
    }
    for (size_t j = 0; j < v->n + 1; j++) row[j] *= inverse;
    sparse_gp_kernel(s, v->n + 1, row, row, NULL);
    sparse_gp_kernel(s, 1, &square, &own, NULL);
    for (size_t j = 0; j < v->n; j++) row[j] -= v->reference[j];
    return own - 2 * row[v->n] + v->reference_square;
}

void dtc_variance_evaluate(const dtc_variance *v, double *workspace, int n_rows, const double *D, double *variance)
{
    size_t width = v->n + REFERENCE_COLUMNS;
    double *K = workspace, *Y = workspace + (size_t)n_rows * width;
    packed_matrix_multiply(&v->points, n_rows, D, v->stride, K, width);
    for (int i = 0; i < n_rows; i++) variance[i] = row_kernel(v, D + (size_t)i * v->stride, K + (size_t)i * width);
    packed_triangle_multiply(&v->G, n_rows, K, width, Y, v->n);
    for (int i = 0; i < n_rows; i++) {
        const double *y = Y + (size_t)i * v->n;
        double rest = variance[i] - dot_product(v->n, y, y);
        variance[i] = rest < 0 ? 0 : rest; /* by rounding, where the data determine the energy; NaN stays NaN */
    }
}
