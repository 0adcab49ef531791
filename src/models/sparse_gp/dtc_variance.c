/* SPDX-License-Identifier: BSD-3-Clause */
/* Predictive variance of a sparse GP; see dtc_variance.h. */
#include "models/sparse_gp/dtc_variance.h"

#include "core/memory.h"
#include "models/dot_product.h"
#include "models/model_tensors.h"

#include <math.h>

/* The points with the weights folded in, and the kernel of the isolated atom with them and itself. */
static mlsoap_status pack_points(dtc_variance *v, const tensor *points, const tensor *reference, const double *weights,
                                 mlsoap_error *error)
{
    size_t stride = v->stride, n = v->n, size = 0;
    double square = dot_product(stride, reference->data, reference->data);
    if (v->settings.normalized && square != 0 && !(fabs(square - 1) <= 1e-9))
        return status_fail(error, MLSOAP_ERROR_VALUE, "tensor %s has length %.10g; it must be 1 or 0", reference->name,
                           sqrt(square));
    double *columns = size_multiply(stride, n, &size) ? MEMORY_NEW(double, size) : NULL;
    v->reference = MEMORY_NEW(double, n);
    if (!columns || !v->reference) {
        memory_free(columns);
        return status_no_memory(error, size * sizeof(double), "the uncertainty of a sparse GP");
    }
    for (size_t s = 0; s < n && s <= points->shape[0]; s++) {
        const double *row = s == 0 ? reference->data : points->data + (s - 1) * stride;
        for (size_t f = 0; f < stride; f++) columns[f * n + s] = weights[f] * row[f];
        v->reference[s] = dot_product(stride, row, reference->data);
    }
    sparse_gp_kernel(&v->settings, n, v->reference, v->reference, NULL);
    mlsoap_status status = packed_matrix_new(&v->points, stride, n, NULL, columns, n, error);
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
    if (v->n > padded_to_8(points->shape[0] + 1))
        return status_fail(error, MLSOAP_ERROR_FORMAT, "tensor %s has %zu rows, but there are %zu sparse points",
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
    return v->n ? 2 * (size_t)n_rows * v->n : 0;
}

/* In place: products D . (a o x_s) of one row -> q*; returns q(x, x). */
static double row_kernel(const dtc_variance *v, const double *D, double *row)
{
    const sparse_gp_settings *s = &v->settings;
    double square = weighted_square(v->stride, v->weights2, D), inverse = 1, own;
    if (s->normalized) {
        inverse = inverse_root(square);
        square *= inverse * inverse;
    }
    for (size_t j = 0; j < v->n; j++) row[j] *= inverse;
    sparse_gp_kernel(s, v->n, row, row, NULL);
    sparse_gp_kernel(s, 1, &square, &own, NULL);
    double q = own - 2 * row[0] + v->reference[0];
    for (size_t j = 0; j < v->n; j++) row[j] -= v->reference[j];
    return q;
}

void dtc_variance_evaluate(const dtc_variance *v, double *workspace, int n_rows, const double *D, double *variance)
{
    double *K = workspace, *Y = workspace + (size_t)n_rows * v->n;
    packed_matrix_multiply(&v->points, n_rows, D, v->stride, K, v->n);
    for (int i = 0; i < n_rows; i++) variance[i] = row_kernel(v, D + (size_t)i * v->stride, K + (size_t)i * v->n);
    packed_triangle_multiply(&v->G, n_rows, K, v->n, Y, v->n);
    for (int i = 0; i < n_rows; i++) {
        const double *y = Y + (size_t)i * v->n;
        double rest = variance[i] - dot_product(v->n, y, y);
        variance[i] = rest < 0 ? 0 : rest; /* by rounding, where the data determine the energy; NaN stays NaN */
    }
}
