/* SPDX-License-Identifier: BSD-3-Clause */
/* The linear model; see linear.h. d eps/dD = w, or (w - D (D . w)/|D|^2)/|D| where normalized. */
#include "models/linear.h"

#include "core/memory.h"
#include "models/dot_product.h"
#include "models/model_tensors.h"
#include "models/packed_matrix.h"

#include <math.h>
#include <string.h>

typedef struct linear {
    model base;
    int normalized;
    double constant;
    double *weights;   /* [stride] */
    packed_triangle G; /* of the uncertainty; n = 0: none */
    double *reference; /* [stride] x_0 */
} linear;

static const schema_key settings[] = {
    {"type", SCHEMA_TEXT, NULL, NULL, 1, 0, NULL, NULL, "linear"},
    {"normalized", SCHEMA_BOOLEAN, "false", NULL, 1, 0, NULL, NULL, "features of unit length"},
    {0},
};

static const char *const parameters[] = {"weights", "constant", "uncertainty_triangle", "uncertainty_reference", NULL};

static void linear_free(model *m)
{
    linear *l = (linear *)m;
    memory_free(l->weights);
    memory_free(l->reference);
    packed_triangle_release(&l->G);
    memory_free(l);
}

static mlsoap_status linear_build(linear *l, const tensor_set *tensors, const char *prefix,
                                  const double *feature_weights, mlsoap_error *error)
{
    size_t stride = l->base.stride, eight = 8;
    const tensor *weights, *constant;
    mlsoap_status status = model_tensor_get(tensors, prefix, "weights", 1, &stride, &weights, error);
    if (!status) status = model_tensor_get(tensors, prefix, "constant", 1, &eight, &constant, error);
    if (!status) status = model_tensor_check_padding(weights, 1, stride, feature_weights, error);
    if (status) return status;
    for (size_t i = 1; i < eight; i++)
        if (constant->data[i] != 0)
            return status_fail(error, MLSOAP_ERROR_VALUE, "tensor %s: number %zu is padding and must be 0",
                               constant->name, i);
    l->weights = MEMORY_NEW(double, stride);
    if (!l->weights) return status_no_memory(error, stride * sizeof(double), "a linear model");
    memcpy(l->weights, weights->data, stride * sizeof(double));
    l->constant = constant->data[0];
    l->base.n_parameters = 1;
    l->base.magnitude = fabs(l->constant);
    for (size_t f = 0; f < stride; f++) {
        l->base.n_parameters += feature_weights[f] != 0;
        l->base.magnitude += l->normalized ? fabs(l->weights[f]) : 0;
    }
    return MLSOAP_SUCCESS;
}

static mlsoap_status read_uncertainty(linear *l, const tensor_set *tensors, const char *prefix,
                                      const double *feature_weights, mlsoap_error *error)
{
    const tensor *triangle, *reference;
    size_t n, stride = l->base.stride;
    mlsoap_status status =
        model_uncertainty_get(tensors, prefix, stride, feature_weights, &n, &triangle, &reference, error);
    if (status || n == 0) return status;
    if (n != stride)
        return status_fail(error, MLSOAP_ERROR_FORMAT, "tensor %s is for %zu features, but there are %zu",
                           triangle->name, n, stride);
    l->reference = MEMORY_NEW(double, stride);
    if (!l->reference) return status_no_memory(error, stride * sizeof(double), "a linear model");
    memcpy(l->reference, reference->data, stride * sizeof(double));
    l->base.has_uncertainty = 1;
    return packed_triangle_new(&l->G, n, triangle->data, error);
}

static mlsoap_status linear_create(const json_t *model_settings, const tensor_set *tensors, const char *prefix,
                                   size_t n_features, size_t stride, const double *weights, model **out,
                                   mlsoap_error *error)
{
    *out = NULL;
    linear *l = MEMORY_NEW(linear, 1);
    if (!l) return status_no_memory(error, sizeof *l, "a linear model");
    l->base = (model){.class_ = &linear_class, .n_features = n_features, .stride = stride};
    l->normalized = schema_boolean(model_settings, "normalized");
    mlsoap_status status = linear_build(l, tensors, prefix, weights, error);
    if (!status) status = read_uncertainty(l, tensors, prefix, weights, error);
    if (status) {
        linear_free(&l->base);
        return status;
    }
    *out = &l->base;
    return MLSOAP_SUCCESS;
}

static size_t linear_workspace_size(const model *m, int n_rows)
{
    return m->has_uncertainty ? 2 * (size_t)n_rows * m->stride : 0;
}

static void linear_evaluate(const model *m, double *workspace, int n_rows, const double *D, double *eps, double *g)
{
    (void)workspace;
    const linear *l = (const linear *)m;
    size_t stride = m->stride;
    for (int i = 0; i < n_rows; i++, D += stride) {
        double inverse = 1, product = dot_product(stride, l->weights, D), along = 0;
        if (l->normalized) {
            inverse = inverse_root(dot_product(stride, D, D));
            along = product * inverse * inverse;
        }
        eps[i] = l->constant + inverse * product;
        if (!g) continue;
        double *row = g + (size_t)i * stride;
        for (size_t f = 0; f < stride; f++) row[f] = inverse * (l->weights[f] - along * D[f]);
    }
}

static void linear_variance(const model *m, double *workspace, int n_rows, const double *D, double *variance)
{
    const linear *l = (const linear *)m;
    size_t stride = m->stride;
    double *x = workspace, *y = workspace + (size_t)n_rows * stride;
    for (size_t i = 0; i < (size_t)n_rows; i++) {
        const double *row = D + i * stride;
        double inverse = l->normalized ? inverse_root(dot_product(stride, row, row)) : 1;
        for (size_t f = 0; f < stride; f++) x[i * stride + f] = inverse * row[f] - l->reference[f];
    }
    packed_triangle_multiply(&l->G, n_rows, x, stride, y, stride);
    for (size_t i = 0; i < (size_t)n_rows; i++) variance[i] = dot_product(stride, y + i * stride, y + i * stride);
}

mlsoap_status linear_add_tensors(tensor_set *tensors, const char *prefix, size_t stride, const double *weights,
                                 double constant, mlsoap_error *error)
{
    mlsoap_status status = model_tensor_add(tensors, prefix, "weights", 1, 1, stride, weights, stride, error);
    if (!status) status = model_tensor_add(tensors, prefix, "constant", 1, 1, 1, &constant, 1, error);
    return status;
}

const model_class linear_class = {
    .type = "linear",
    .settings = settings,
    .parameters = parameters,
    .create = linear_create,
    .free = linear_free,
    .workspace_size = linear_workspace_size,
    .evaluate = linear_evaluate,
    .variance = linear_variance,
};
