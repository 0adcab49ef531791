/* SPDX-License-Identifier: BSD-3-Clause */
/* Kernel and row transforms of the sparse GP, for the trainer; see sparse_gp.h. */
#include "models/dot_product.h"
#include "models/model_tensors.h"
#include "models/sparse_gp/sparse_gp.h"

#include <math.h>

void sparse_gp_settings_get(const json_t *model_settings, sparse_gp_settings *out)
{
    out->zeta = (int)schema_integer(model_settings, "zeta");
    out->normalized = schema_boolean(model_settings, "normalized");
    out->constant = schema_real(model_settings, "constant");
    out->delta = schema_real(model_settings, "delta");
}

double sparse_gp_transform(const sparse_gp_settings *s, size_t stride, const double *weights, const double *D,
                           double *x)
{
    for (size_t f = 0; f < stride; f++) x[f] = weights[f] * D[f];
    if (!s->normalized) return 1;
    double inverse = inverse_root(dot_product(stride, x, x));
    for (size_t f = 0; f < stride; f++) x[f] *= inverse;
    return inverse;
}

void sparse_gp_transform_tangent(const sparse_gp_settings *s, size_t stride, const double *weights, const double *x,
                                 double inverse_norm, const double *v, double *dx)
{
    for (size_t f = 0; f < stride; f++) dx[f] = weights[f] * v[f];
    if (!s->normalized) return;
    double along = dot_product(stride, x, dx);
    for (size_t f = 0; f < stride; f++) dx[f] = inverse_norm * (dx[f] - along * x[f]);
}

void sparse_gp_transform_adjoint(const sparse_gp_settings *s, size_t stride, const double *weights, const double *x,
                                 double inverse_norm, const double *h, double *g)
{
    double along = s->normalized ? dot_product(stride, x, h) : 0;
    for (size_t f = 0; f < stride; f++) g[f] = inverse_norm * weights[f] * (h[f] - along * x[f]);
}

/* t^n by multiplication; n >= 0. */
static inline double power(double t, int n)
{
    double result = 1;
    for (; n > 0; n >>= 1, t *= t)
        if (n & 1) result *= t;
    return result;
}

void sparse_gp_kernel(const sparse_gp_settings *s, size_t n, const double *t, double *k, double *dk_dt)
{
    double delta2 = s->delta * s->delta;
    for (size_t i = 0; i < n; i++) {
        double base = s->constant + t[i], below = delta2 * power(base, s->zeta - 1);
        if (k) k[i] = below * base;
        if (dk_dt) dk_dt[i] = s->zeta * below;
    }
}

size_t sparse_gp_count_terms(size_t n, const double *alpha)
{
    size_t n_terms = 0;
    for (size_t s = 0; s < n; s++) n_terms += alpha[s] != 0;
    return n_terms > 0 ? n_terms : n;
}

mlsoap_status sparse_gp_add_tensors(tensor_set *tensors, const char *prefix, size_t n_sparse, size_t stride,
                                    const double *sparse_points, const double *alpha, mlsoap_error *error)
{
    mlsoap_status status =
        model_tensor_add(tensors, prefix, "sparse_points", 2, n_sparse, stride, sparse_points, stride, error);
    if (!status) status = model_tensor_add(tensors, prefix, "alpha", 1, 1, n_sparse, alpha, n_sparse, error);
    return status;
}
