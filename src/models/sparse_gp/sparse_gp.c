/* SPDX-License-Identifier: BSD-3-Clause */
/* The sparse GP as a model; see sparse_gp.h. The feature weights a are folded into the parameters, so that rows D are
 * used as they come. With n = |a o D| (1 for the plain kernel), D_s = a o x_s, h' = a o d eps/dx:
 *     x . x_s = D . D_s/n,   d eps/dD = h' (plain),  (h' - a^2 o D (D . h')/n^2)/n (normalized)
 * Collapsed: eps = e_0 + w . D/n + D^T A D/n^2,  h' = w + 2 A D/n,  w and A with the weights folded in. */
#include "models/sparse_gp/sparse_gp.h"

#include "core/memory.h"
#include "models/dot_product.h"
#include "models/model_tensors.h"
#include "models/packed_matrix.h"
#include "models/sparse_gp/dtc_variance.h"
#include "models/sparse_gp/square_sum.h"

#include <math.h>
#include <string.h>

enum { ZETA_MAX = 64 };

typedef struct sparse_gp {
    model base;
    sparse_gp_settings settings;
    double *weights2; /* [stride] a^2 */
    size_t n_padded;  /* terms, rounded up to a multiple of 8 */
    int collapsed;
    double e0;                /* collapsed */
    double *w;                /* collapsed: [stride] */
    packed_matrix A;          /* collapsed, zeta = 2: [stride][stride] */
    double *alpha;            /* not collapsed: [n_padded] */
    packed_matrix points;     /* not collapsed: rows D_s [M][stride] */
    packed_matrix transposed; /* not collapsed: [stride][n_padded] */
    dtc_variance uncertainty; /* n = 0: none */
} sparse_gp;

static const schema_key settings[] = {
    {"type", SCHEMA_TEXT, NULL, NULL, 1, 0, NULL, NULL, "sparse_gp"},
    {"zeta", SCHEMA_INTEGER, "2", NULL, 1, ZETA_MAX, NULL, NULL, "exponent of the kernel"},
    {"normalized", SCHEMA_BOOLEAN, "true", NULL, 1, 0, NULL, NULL, "features of unit length"},
    {"constant", SCHEMA_REAL, "0.0", NULL, 0, 1e30, NULL, NULL, "c of the kernel (c + x.s)^zeta"},
    {"delta", SCHEMA_REAL, "1.0", "eV", 1e-30, 1e30, NULL, NULL, "size of the energies"},
    {0},
};

static const char *const parameters[] = {"sparse_points",         "alpha", "square_sum", "uncertainty_triangle",
                                         "uncertainty_reference", NULL};

static void sparse_gp_free(model *m)
{
    sparse_gp *gp = (sparse_gp *)m;
    memory_free(gp->weights2);
    memory_free(gp->w);
    memory_free(gp->alpha);
    packed_matrix_release(&gp->A);
    packed_matrix_release(&gp->points);
    packed_matrix_release(&gp->transposed);
    dtc_variance_release(&gp->uncertainty);
    memory_free(gp);
}

/* Unit length where the kernel is normalized (a point of zeros, an empty environment, is allowed), and the size of the
 * terms that the sum over sparse points adds up. */
static mlsoap_status check_points(sparse_gp *gp, const tensor *points, const tensor *alpha, mlsoap_error *error)
{
    size_t stride = gp->base.stride;
    double sum = 0;
    for (size_t s = 0; s < points->shape[0]; s++) {
        const double *x = points->data + s * stride;
        double square = dot_product(stride, x, x), k;
        if (gp->settings.normalized && square != 0 && !(fabs(square - 1) <= 1e-9))
            return status_fail(error, MLSOAP_ERROR_VALUE,
                               "tensor %s: row %zu has length %.10g; points of a normalized kernel must have length 1",
                               points->name, s, sqrt(square));
        sparse_gp_kernel(&gp->settings, 1, &square, &k, NULL);
        sum += fabs(alpha->data[s]) * k;
    }
    for (size_t s = points->shape[0]; s < alpha->shape[0]; s++)
        if (alpha->data[s] != 0)
            return status_fail(error, MLSOAP_ERROR_VALUE, "tensor %s: number %zu pads %zu sparse points and must be 0",
                               alpha->name, s, points->shape[0]);
    gp->base.magnitude = sum;
    return isfinite(sum) ? MLSOAP_SUCCESS
                         : status_fail(error, MLSOAP_ERROR_VALUE, "tensors %s and %s: the kernel overflows",
                                       points->name, alpha->name);
}

/* w = factor * a o sum_s alpha_s x_s and e_0 (zeta = 1: factor delta^2; zeta = 2: 2 c delta^2). */
static mlsoap_status collapse_linear(sparse_gp *gp, const double *weights, const tensor *points, const tensor *alpha,
                                     mlsoap_error *error)
{
    const sparse_gp_settings *s = &gp->settings;
    size_t stride = gp->base.stride;
    double zero = 0, k_zero, factor;
    gp->w = MEMORY_NEW(double, stride);
    if (!gp->w) return status_no_memory(error, stride * sizeof(double), "a sparse GP");
    sparse_gp_kernel(s, 1, &zero, &k_zero, &factor);
    for (size_t i = 0; i < points->shape[0]; i++) {
        gp->e0 += k_zero * alpha->data[i];
        for (size_t f = 0; f < stride; f++) gp->w[f] += alpha->data[i] * points->data[i * stride + f];
    }
    for (size_t f = 0; f < stride; f++) gp->w[f] *= factor * weights[f];
    return MLSOAP_SUCCESS;
}

/* A = delta^2 diag(a) (sum_s alpha_s x_s x_s^T) diag(a), symmetric to the last bit. */
static mlsoap_status collapse_square(sparse_gp *gp, const tensor_set *tensors, const char *prefix,
                                     const double *weights, const tensor *points, const tensor *alpha,
                                     mlsoap_error *error)
{
    size_t stride = gp->base.stride;
    double delta2 = gp->settings.delta * gp->settings.delta, *A;
    mlsoap_status status = square_sum_get(tensors, prefix, points, alpha, &A, error);
    if (status) return status;
    for (size_t i = 0; i < stride; i++)
        for (size_t j = 0; j <= i; j++)
            A[j * stride + i] = A[i * stride + j] = delta2 * (A[i * stride + j] * (weights[i] * weights[j]));
    status = packed_matrix_new(&gp->A, stride, stride, NULL, A, stride, error);
    memory_free(A);
    return status;
}

/* Both orders of D_s = a o x_s for the sum over sparse points x_s [n]. */
static mlsoap_status pack_points(sparse_gp *gp, const double *weights, size_t n, const double *points,
                                 mlsoap_error *error)
{
    size_t stride = gp->base.stride;
    mlsoap_status status = packed_matrix_new(&gp->points, n, stride, weights, points, stride, error);
    if (!status) status = packed_matrix_new_transposed(&gp->transposed, stride, n, weights, points, stride, error);
    return status;
}

/* The terms of the sum: the points but those of alpha 0. */
static mlsoap_status keep_points(sparse_gp *gp, const double *weights, const tensor *points, const tensor *alpha,
                                 size_t n_terms, mlsoap_error *error)
{
    size_t stride = gp->base.stride, n_points = points->shape[0], at = 0;
    gp->n_padded = padded_to_8(n_terms);
    gp->alpha = MEMORY_NEW(double, gp->n_padded);
    if (!gp->alpha) return status_no_memory(error, gp->n_padded * sizeof(double), "the weights of a sparse GP");
    if (n_terms == n_points) {
        memcpy(gp->alpha, alpha->data, gp->n_padded * sizeof(double));
        return pack_points(gp, weights, n_points, points->data, error);
    }
    double *terms = MEMORY_NEW(double, n_terms *stride);
    if (!terms) return status_no_memory(error, n_terms * stride * sizeof(double), "the terms of a sparse GP");
    for (size_t s = 0; s < n_points; s++) {
        if (alpha->data[s] == 0) continue;
        memcpy(terms + at * stride, points->data + s * stride, stride * sizeof *terms);
        gp->alpha[at++] = alpha->data[s];
    }
    mlsoap_status status = pack_points(gp, weights, n_terms, terms, error);
    memory_free(terms);
    return status;
}

static mlsoap_status sparse_gp_build(sparse_gp *gp, const tensor_set *tensors, const char *prefix,
                                     const double *weights, mlsoap_error *error)
{
    const tensor *points, *alpha;
    size_t stride = gp->base.stride;
    mlsoap_status status = model_tensor_get(tensors, prefix, "sparse_points", 2, (size_t[]){0, stride}, &points, error);
    if (status) return status;
    status = model_tensor_get(tensors, prefix, "alpha", 1, (size_t[]){padded_to_8(points->shape[0])}, &alpha, error);
    if (!status) status = model_tensor_check_padding(points, points->shape[0], stride, weights, error);
    if (!status) status = check_points(gp, points, alpha, error);
    if (status) return status;

    gp->weights2 = MEMORY_NEW(double, stride);
    if (!gp->weights2) return status_no_memory(error, stride * sizeof(double), "a sparse GP");
    for (size_t f = 0; f < stride; f++) gp->weights2[f] = weights[f] * weights[f];
    size_t n_terms = sparse_gp_count_terms(points->shape[0], alpha->data);
    gp->base.n_parameters = n_terms;
    gp->base.n_uncertainty = points->shape[0] - n_terms;
    int square = square_sum_serves(&gp->settings, n_terms, stride);
    gp->collapsed = gp->settings.zeta == 1 || square;
    if (!square_sum_serves(&gp->settings, points->shape[0], stride)) /* older files count all points */
        status = square_sum_check_absent(tensors, prefix, error);
    if (status) return status;
    status = dtc_variance_new(&gp->uncertainty, &gp->settings, tensors, prefix, points, stride, weights, gp->weights2,
                              error);
    gp->base.has_uncertainty = gp->uncertainty.n > 0;
    if (status) return status;
    if (!gp->collapsed) return keep_points(gp, weights, points, alpha, n_terms, error);
    status = collapse_linear(gp, weights, points, alpha, error);
    if (!status && square) status = collapse_square(gp, tensors, prefix, weights, points, alpha, error);
    return status;
}

static mlsoap_status sparse_gp_create(const json_t *model_settings, const tensor_set *tensors, const char *prefix,
                                      size_t n_features, size_t stride, const double *weights, model **out,
                                      mlsoap_error *error)
{
    *out = NULL;
    sparse_gp *gp = MEMORY_NEW(sparse_gp, 1);
    if (!gp) return status_no_memory(error, sizeof *gp, "a sparse GP");
    gp->base = (model){.class_ = &sparse_gp_class, .n_features = n_features, .stride = stride};
    sparse_gp_settings_get(model_settings, &gp->settings);
    mlsoap_status status = sparse_gp_build(gp, tensors, prefix, weights, error);
    if (status) {
        sparse_gp_free(&gp->base);
        return status;
    }
    *out = &gp->base;
    return MLSOAP_SUCCESS;
}

/* [n_rows][stride] for A D or h'; for the sum [n_rows][n_padded] of its kernel, and the inverse norms of the rows. */
static size_t sparse_gp_workspace_size(const model *m, int n_rows)
{
    const sparse_gp *gp = (const sparse_gp *)m;
    size_t energies = (size_t)n_rows * (m->stride + (gp->collapsed ? 0 : gp->n_padded + 1));
    size_t variances = dtc_variance_workspace_size(&gp->uncertainty, n_rows);
    return energies > variances ? energies : variances;
}

static double inverse_norm(const sparse_gp *gp, const double *D)
{
    if (!gp->settings.normalized) return 1;
    return inverse_root(weighted_square(gp->base.stride, gp->weights2, D));
}

/* g = d eps/dD from h'. */
static void finish_gradient(const sparse_gp *gp, double inverse, const double *D, const double *h, double *g)
{
    size_t stride = gp->base.stride;
    if (!gp->settings.normalized) {
        for (size_t f = 0; f < stride; f++) g[f] = h[f];
        return;
    }
    normalized_gradient(stride, gp->weights2, inverse, D, h, g);
}

static void evaluate_collapsed(const sparse_gp *gp, double *AD, int n_rows, const double *D, double *eps, double *g)
{
    size_t stride = gp->base.stride;
    int square = gp->settings.zeta == 2;
    if (square) packed_matrix_multiply(&gp->A, n_rows, D, stride, AD, stride);
    for (int i = 0; i < n_rows; i++, D += stride, AD += stride) {
        double inverse = inverse_norm(gp, D);
        eps[i] = gp->e0 + inverse * dot_product(stride, gp->w, D);
        if (square) eps[i] += inverse * inverse * dot_product(stride, AD, D);
        if (!g) continue;
        for (size_t f = 0; f < stride; f++) AD[f] = square ? gp->w[f] + 2 * inverse * AD[f] : gp->w[f];
        finish_gradient(gp, inverse, D, AD, g + (size_t)i * stride);
    }
}

/* From D . D_s of one row: eps, and in place alpha_s dk/d(x . x_s). */
static double sum_kernel(const sparse_gp *gp, double inverse, double *t)
{
    const sparse_gp_settings *s = &gp->settings;
    double c = s->constant, delta2 = s->delta * s->delta, partial[8] = {0};
    for (size_t j = 0; j < gp->n_padded; j += 8) {
        double base[8], below[8];
        for (int i = 0; i < 8; i++) base[i] = c + inverse * t[j + i];
        for (int i = 0; i < 8; i++) below[i] = delta2 * gp->alpha[j + i];
        for (int z = 1; z < s->zeta; z++)
            for (int i = 0; i < 8; i++) below[i] *= base[i];
        for (int i = 0; i < 8; i++) partial[i] += below[i] * base[i];
        for (int i = 0; i < 8; i++) t[j + i] = s->zeta * below[i];
    }
    double sum = 0;
    for (int i = 0; i < 8; i++) sum += partial[i];
    return sum;
}

static void evaluate_sum(const sparse_gp *gp, double *workspace, int n_rows, const double *D, double *eps, double *g)
{
    size_t stride = gp->base.stride, n = gp->n_padded;
    double *h = workspace, *K = h + (size_t)n_rows * stride, *inverse = K + (size_t)n_rows * n;
    packed_matrix_multiply(&gp->transposed, n_rows, D, stride, K, n);
    for (int i = 0; i < n_rows; i++) {
        inverse[i] = inverse_norm(gp, D + (size_t)i * stride);
        eps[i] = sum_kernel(gp, inverse[i], K + (size_t)i * n);
    }
    if (!g) return;
    packed_matrix_multiply(&gp->points, n_rows, K, n, h, stride);
    for (int i = 0; i < n_rows; i++)
        finish_gradient(gp, inverse[i], D + (size_t)i * stride, h + (size_t)i * stride, g + (size_t)i * stride);
}

static void sparse_gp_evaluate(const model *m, double *workspace, int n_rows, const double *D, double *eps, double *g)
{
    const sparse_gp *gp = (const sparse_gp *)m;
    if (gp->collapsed)
        evaluate_collapsed(gp, workspace, n_rows, D, eps, g);
    else
        evaluate_sum(gp, workspace, n_rows, D, eps, g);
}

static void sparse_gp_variance(const model *m, double *workspace, int n_rows, const double *D, double *variance)
{
    dtc_variance_evaluate(&((const sparse_gp *)m)->uncertainty, workspace, n_rows, D, variance);
}

const model_class sparse_gp_class = {
    .type = "sparse_gp",
    .settings = settings,
    .parameters = parameters,
    .create = sparse_gp_create,
    .free = sparse_gp_free,
    .workspace_size = sparse_gp_workspace_size,
    .evaluate = sparse_gp_evaluate,
    .variance = sparse_gp_variance,
};
