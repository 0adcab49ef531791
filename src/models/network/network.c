/* SPDX-License-Identifier: BSD-3-Clause */
/* Dense networks as a model; see network.h. The first layers of all members stand side by side in one product, the
 * others are one product per member. With n = |a o D| (1 where not normalized), weights folded in:
 *     u^1 = W_1^T D/n + b_1,   d eps/dD = h (plain),  (h - a^2 o D (D . h)/n^2)/n (normalized),   h = W_1 d^1 + v
 *     d^T = w s_T'(u^T),  d^(t-1) = s_(t-1)'(u^(t-1)) W_t d^t */
#include "models/network/network.h"

#include "core/memory.h"
#include "models/dot_product.h"
#include "models/model_tensors.h"
#include "models/network/activation.h"
#include "models/packed_matrix.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct network_layer {
    const activation *activation;
    size_t n, n_padded;      /* neurons of one member */
    size_t width;            /* n_padded times members */
    double *biases;          /* [width] */
    packed_matrix *forward;  /* first layer: one [stride][width]; else [members] of [n_padded before][n_padded] */
    packed_matrix *backward; /* transposed */
} network_layer;

typedef struct network {
    model base;
    int normalized, n_layers, n_members;
    double *weights2; /* [stride] a^2 */
    double *skip;     /* [members][stride] */
    double *output;   /* [members][n_padded of the last layer] */
    double *mean_skip, *mean_output;
    double *constants; /* [members] */
    double mean_constant;
    size_t widest;
    network_layer layers[NETWORK_LAYERS_MAX];
} network;

static const schema_key settings[] = {
    {"type", SCHEMA_TEXT, NULL, NULL, 1, 0, NULL, NULL, "network"},
    {"hidden", SCHEMA_LIST, NULL, NULL, 1, 0, NULL, NULL, "neurons of each hidden layer"},
    {"activations", SCHEMA_LIST, NULL, NULL, 1, 0, NULL, NULL, "activation of each hidden layer"},
    {"normalized", SCHEMA_BOOLEAN, "false", NULL, 1, 0, NULL, NULL, "features of unit length"},
    {"members", SCHEMA_INTEGER, "1", NULL, 1, NETWORK_MEMBERS_MAX, NULL, NULL, "networks whose mean is the energy"},
    {"uncertainty", SCHEMA_BOOLEAN, "false", NULL, 1, 0, NULL, NULL, "the spread of the members is the uncertainty"},
    {0},
};

static const char *const parameters[] = {"weights_1", "weights_2", "weights_3", "weights_4", "weights_5",
                                         "weights_6", "weights_7", "weights_8", "biases_1",  "biases_2",
                                         "biases_3",  "biases_4",  "biases_5",  "biases_6",  "biases_7",
                                         "biases_8",  "output",    "skip",      "constant",  NULL};

static void network_free(model *m)
{
    network *net = (network *)m;
    for (int t = 0; t < net->n_layers; t++) {
        network_layer *layer = &net->layers[t];
        for (int k = 0; k < (t == 0 ? 1 : net->n_members); k++) {
            if (layer->forward) packed_matrix_release(&layer->forward[k]);
            if (layer->backward) packed_matrix_release(&layer->backward[k]);
        }
        memory_free(layer->forward);
        memory_free(layer->backward);
        memory_free(layer->biases);
    }
    memory_free(net->weights2);
    memory_free(net->skip);
    memory_free(net->output);
    memory_free(net->mean_skip);
    memory_free(net->mean_output);
    memory_free(net->constants);
    memory_free(net);
}

/* ----------------------------------------------------------------------------------------------------------- build */

static mlsoap_status read_layers(network *net, const json_t *model_settings, mlsoap_error *error)
{
    const json_t *hidden = json_object_get(model_settings, "hidden");
    const json_t *activations = json_object_get(model_settings, "activations");
    size_t n = json_array_size(hidden);
    if (n < 1 || n > NETWORK_LAYERS_MAX || json_array_size(activations) != n)
        return status_fail(error, MLSOAP_ERROR_VALUE,
                           "a network of %zu hidden layers and %zu activations; give 1 to %d layers and an activation "
                           "for each",
                           n, json_array_size(activations), NETWORK_LAYERS_MAX);
    for (size_t t = 0; t < n; t++) {
        const json_t *count = json_array_get(hidden, t);
        const char *name = json_string_value(json_array_get(activations, t));
        long neurons = json_is_integer(count) ? (long)json_integer_value(count) : 0;
        if (neurons < 1 || neurons > NETWORK_NEURONS_MAX)
            return status_fail(error, MLSOAP_ERROR_VALUE, "hidden layer %zu must have 1 to %d neurons", t + 1,
                               NETWORK_NEURONS_MAX);
        network_layer *layer = &net->layers[t];
        layer->activation = activation_find(name);
        if (!layer->activation)
            return status_fail(error, MLSOAP_ERROR_VALUE,
                               "unknown activation '%.40s' of hidden layer %zu; there are tanh, silu, softplus, "
                               "logistic, reverse_logistic, gaussian, cos, exponential, square, linear, relu",
                               name ? name : "(not a text)", t + 1);
        layer->n = (size_t)neurons;
        layer->n_padded = padded_to_8(layer->n);
        layer->width = layer->n_padded * (size_t)net->n_members;
        net->n_layers = (int)t + 1;
        net->base.is_discontinuous |= !layer->activation->is_smooth;
        if (layer->width > net->widest) net->widest = layer->width;
    }
    return MLSOAP_SUCCESS;
}

/* Padding beyond n of every row of n_padded numbers must be 0. */
static mlsoap_status check_columns(const tensor *t, size_t n, mlsoap_error *error)
{
    size_t n_padded = t->shape[t->n_dimensions - 1], n_rows = tensor_size(t) / n_padded;
    for (size_t i = 0; i < n_rows; i++)
        for (size_t j = n; j < n_padded; j++)
            if (t->data[i * n_padded + j] != 0)
                return status_fail(error, MLSOAP_ERROR_VALUE, "tensor %s: row %zu, column %zu is padding and must be 0",
                                   t->name, i, j);
    return MLSOAP_SUCCESS;
}

/* Rows of weights that belong to padding must be 0: `used` tells (weights of features), or the first n are used. */
static mlsoap_status check_rows(const tensor *t, const double *used, size_t n, mlsoap_error *error)
{
    size_t n_rows = t->shape[1], n_columns = t->shape[2];
    for (size_t k = 0; k < t->shape[0]; k++)
        for (size_t i = 0; i < n_rows; i++) {
            if (used ? used[i] != 0 : i < n) continue;
            for (size_t j = 0; j < n_columns; j++)
                if (t->data[(k * n_rows + i) * n_columns + j] != 0)
                    return status_fail(error, MLSOAP_ERROR_VALUE, "tensor %s: row %zu is padding and must be 0",
                                       t->name, i);
        }
    return MLSOAP_SUCCESS;
}

/* Both orders of a matrix B [k][n]; k a multiple of 8. */
static mlsoap_status pack_both(packed_matrix *forward, packed_matrix *backward, size_t k, size_t n, const double *B,
                               mlsoap_error *error)
{
    mlsoap_status status = packed_matrix_new(forward, k, n, NULL, B, n, error);
    return status ? status : packed_matrix_new_transposed(backward, n, k, NULL, B, n, error);
}

/* The members' first layers side by side: [stride][width]. */
static mlsoap_status pack_first(network *net, const tensor *weights, mlsoap_error *error)
{
    network_layer *layer = &net->layers[0];
    size_t stride = net->base.stride, n = layer->n_padded, size;
    double *joined = size_multiply(stride, layer->width, &size) ? MEMORY_NEW(double, size) : NULL;
    if (!joined) return status_no_memory(error, stride * layer->width * sizeof(double), "the weights of a network");
    for (size_t k = 0; k < (size_t)net->n_members; k++)
        for (size_t f = 0; f < stride; f++)
            memcpy(joined + f * layer->width + k * n, weights->data + (k * stride + f) * n, n * sizeof(double));
    mlsoap_status status = pack_both(layer->forward, layer->backward, stride, layer->width, joined, error);
    memory_free(joined);
    return status;
}

static mlsoap_status build_layer(network *net, int t, const tensor_set *tensors, const char *prefix,
                                 const double *feature_weights, mlsoap_error *error)
{
    network_layer *layer = &net->layers[t];
    const network_layer *before = t > 0 ? layer - 1 : NULL;
    char name[24];
    const tensor *weights, *biases;
    size_t members = (size_t)net->n_members, rows = before ? before->n_padded : net->base.stride;
    snprintf(name, sizeof name, "weights_%d", t + 1);
    mlsoap_status status =
        model_tensor_get(tensors, prefix, name, 3, (size_t[]){members, rows, layer->n_padded}, &weights, error);
    snprintf(name, sizeof name, "biases_%d", t + 1);
    if (!status)
        status = model_tensor_get(tensors, prefix, name, 2, (size_t[]){members, layer->n_padded}, &biases, error);
    if (!status) status = check_columns(weights, layer->n, error);
    if (!status) status = check_columns(biases, layer->n, error);
    if (!status) status = check_rows(weights, before ? NULL : feature_weights, before ? before->n : 0, error);
    if (status) return status;
    layer->biases = MEMORY_NEW(double, layer->width);
    layer->forward = MEMORY_NEW(packed_matrix, before ? members : 1);
    layer->backward = MEMORY_NEW(packed_matrix, before ? members : 1);
    if (!layer->biases || !layer->forward || !layer->backward)
        return status_no_memory(error, layer->width * sizeof(double), "a network");
    memcpy(layer->biases, biases->data, layer->width * sizeof(double));
    if (!before) return pack_first(net, weights, error);
    for (size_t k = 0; k < members && !status; k++)
        status = pack_both(&layer->forward[k], &layer->backward[k], rows, layer->n_padded,
                           weights->data + k * rows * layer->n_padded, error);
    return status;
}

static mlsoap_status build_output(network *net, const tensor_set *tensors, const char *prefix,
                                  const double *feature_weights, mlsoap_error *error)
{
    const network_layer *last = &net->layers[net->n_layers - 1];
    size_t stride = net->base.stride, members = (size_t)net->n_members, n = last->n_padded;
    const tensor *output, *skip, *constant;
    mlsoap_status status = model_tensor_get(tensors, prefix, "output", 2, (size_t[]){members, n}, &output, error);
    if (!status) status = model_tensor_get(tensors, prefix, "skip", 2, (size_t[]){members, stride}, &skip, error);
    if (!status) status = model_tensor_get(tensors, prefix, "constant", 2, (size_t[]){members, 8}, &constant, error);
    if (!status) status = check_columns(output, last->n, error);
    if (!status) status = model_tensor_check_padding(skip, members, stride, feature_weights, error);
    if (!status) status = check_columns(constant, 1, error);
    if (status) return status;
    net->skip = MEMORY_NEW(double, members *stride);
    net->output = MEMORY_NEW(double, last->width);
    net->mean_skip = MEMORY_NEW(double, stride);
    net->mean_output = MEMORY_NEW(double, last->width);
    net->constants = MEMORY_NEW(double, members);
    if (!net->skip || !net->output || !net->mean_skip || !net->mean_output || !net->constants)
        return status_no_memory(error, members * stride * sizeof(double), "a network");
    memcpy(net->skip, skip->data, members * stride * sizeof(double));
    memcpy(net->output, output->data, last->width * sizeof(double));
    double share = 1 / (double)members;
    for (size_t k = 0; k < members; k++) {
        net->constants[k] = constant->data[8 * k];
        net->mean_constant += share * net->constants[k];
        for (size_t f = 0; f < stride; f++) net->mean_skip[f] += share * net->skip[k * stride + f];
        for (size_t j = 0; j < n; j++) net->mean_output[k * n + j] = share * net->output[k * n + j];
    }
    return MLSOAP_SUCCESS;
}

/* Bound of the terms that add up to eps for features of unit length: the norms of the columns of W_1, then sums of
 * absolute values (no activation grows faster than its argument, but for the constants that 1 covers). */
static double largest_terms(const network *net, const tensor_set *tensors, const char *prefix, double *scratch)
{
    double magnitude = 0, *before = scratch, *now = scratch + net->widest;
    for (int t = 0; t < net->n_layers; t++) {
        const network_layer *layer = &net->layers[t];
        char name[24];
        const tensor *weights;
        snprintf(name, sizeof name, "weights_%d", t + 1);
        if (model_tensor_get(tensors, prefix, name, 3, (size_t[]){0, 0, 0}, &weights, NULL)) return 0;
        size_t rows = weights->shape[1], n = layer->n_padded;
        for (size_t k = 0; k < weights->shape[0]; k++)
            for (size_t j = 0; j < n; j++) {
                double sum = 0;
                for (size_t i = 0; i < rows; i++) {
                    double w = weights->data[(k * rows + i) * n + j];
                    sum += t == 0 ? w * w : fabs(w) * before[k * rows + i];
                }
                now[k * n + j] = (t == 0 ? sqrt(sum) : sum) + fabs(layer->biases[k * n + j]) + 1;
            }
        double *swap = before;
        before = now;
        now = swap;
    }
    for (size_t j = 0; j < net->layers[net->n_layers - 1].width; j++)
        magnitude += fabs(net->mean_output[j]) * before[j];
    return magnitude + fabs(net->mean_constant) + sqrt(dot_product(net->base.stride, net->mean_skip, net->mean_skip));
}

static mlsoap_status network_build(network *net, const tensor_set *tensors, const char *prefix,
                                   const double *feature_weights, mlsoap_error *error)
{
    size_t stride = net->base.stride, n_before = 0, n = 1; /* the constant */
    mlsoap_status status = MLSOAP_SUCCESS;
    for (int t = 0; t < net->n_layers && !status; t++)
        status = build_layer(net, t, tensors, prefix, feature_weights, error);
    if (!status) status = build_output(net, tensors, prefix, feature_weights, error);
    if (status) return status;
    net->weights2 = MEMORY_NEW(double, stride);
    double *scratch = MEMORY_NEW(double, 2 * net->widest);
    if (net->weights2 && scratch) net->base.magnitude = largest_terms(net, tensors, prefix, scratch);
    memory_free(scratch);
    if (!net->weights2 || !scratch) return status_no_memory(error, stride * sizeof(double), "a network");
    for (size_t f = 0; f < stride; f++) {
        net->weights2[f] = feature_weights[f] * feature_weights[f];
        n_before += feature_weights[f] != 0;
    }
    n += n_before; /* the skip */
    for (int t = 0; t < net->n_layers; n_before = net->layers[t++].n) n += (n_before + 1) * net->layers[t].n;
    net->base.n_parameters = (n + n_before) * (size_t)net->n_members;
    return MLSOAP_SUCCESS;
}

static mlsoap_status network_create(const json_t *model_settings, const tensor_set *tensors, const char *prefix,
                                    size_t n_features, size_t stride, const double *weights, model **out,
                                    mlsoap_error *error)
{
    *out = NULL;
    network *net = MEMORY_NEW(network, 1);
    if (!net) return status_no_memory(error, sizeof *net, "a network");
    net->base = (model){.class_ = &network_class, .n_features = n_features, .stride = stride};
    net->normalized = schema_boolean(model_settings, "normalized");
    net->n_members = (int)schema_integer(model_settings, "members");
    net->base.has_uncertainty = schema_boolean(model_settings, "uncertainty");
    mlsoap_status status = MLSOAP_SUCCESS;
    if (net->base.has_uncertainty && net->n_members < 2)
        status =
            status_fail(error, MLSOAP_ERROR_VALUE, "a single network has no uncertainty: it needs members to differ");
    if (!status) status = read_layers(net, model_settings, error);
    if (!status) status = network_build(net, tensors, prefix, weights, error);
    if (status) {
        network_free(&net->base);
        return status;
    }
    *out = &net->base;
    return MLSOAP_SUCCESS;
}

/* ------------------------------------------------------------------------------------------------------ evaluation */

/* Two arrays of the widest layer, the inverse norms of the rows, the slopes of all layers or the energies of the
 * members. */
static size_t network_workspace_size(const model *m, int n_rows)
{
    const network *net = (const network *)m;
    size_t width = 2 * net->widest + (size_t)net->n_members;
    for (int t = 0; t < net->n_layers; t++) width += net->layers[t].width;
    return (size_t)n_rows * width + padded_to_8((size_t)n_rows);
}

static double *inverse_norms(const network *net, double *workspace, int n_rows)
{
    return workspace + 2 * (size_t)n_rows * net->widest;
}

/* Products of all members: each reads and writes its own columns. */
static void multiply_members(const network *net, const packed_matrix *matrices, int n_rows, const double *A, size_t lda,
                             double *C, size_t ldc)
{
    for (int k = 0; k < net->n_members; k++)
        packed_matrix_multiply(&matrices[k], n_rows, A + (size_t)k * matrices[k].k, lda, C + (size_t)k * matrices[k].n,
                               ldc);
}

/* h of the last layer into the array returned (in `workspace`), inverse norms of the rows; slopes[t] [n_rows][width]
 * where not NULL. */
static double *forward(const network *net, double *workspace, int n_rows, const double *D, double *const *slopes)
{
    size_t rows = (size_t)n_rows, stride = net->base.stride;
    double *now = workspace, *before = workspace + rows * net->widest;
    double *inverse = inverse_norms(net, workspace, n_rows);
    for (size_t i = 0; i < rows; i++)
        inverse[i] = net->normalized ? inverse_root(weighted_square(stride, net->weights2, D + i * stride)) : 1;
    for (int t = 0; t < net->n_layers; t++) {
        const network_layer *layer = &net->layers[t];
        if (t == 0)
            packed_matrix_multiply(layer->forward, n_rows, D, stride, now, layer->width);
        else
            multiply_members(net, layer->forward, n_rows, before, (layer - 1)->width, now, layer->width);
        for (size_t i = 0; i < rows; i++) {
            double *u = now + i * layer->width, factor = t == 0 ? inverse[i] : 1;
            for (size_t j = 0; j < layer->width; j++) u[j] = factor * u[j] + layer->biases[j];
        }
        activation_evaluate(layer->activation, rows * layer->width, now, now, slopes ? slopes[t] : NULL, NULL);
        double *swap = before;
        before = now;
        now = swap;
    }
    return before;
}

/* slopes of the first layer become d^1; `scratch` has room for the widest layer. */
static void backward(const network *net, double *scratch, int n_rows, double *const *slopes)
{
    size_t rows = (size_t)n_rows;
    const network_layer *last = &net->layers[net->n_layers - 1];
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < last->width; j++) slopes[net->n_layers - 1][i * last->width + j] *= net->mean_output[j];
    for (int t = net->n_layers - 1; t > 0; t--) {
        size_t width = net->layers[t - 1].width;
        multiply_members(net, net->layers[t].backward, n_rows, slopes[t], net->layers[t].width, scratch, width);
        for (size_t i = 0; i < rows * width; i++) slopes[t - 1][i] *= scratch[i];
    }
}

/* g <- d eps/dD of a row from W_1 d^1. */
static void finish_gradient(const network *net, double inverse, const double *D, double *g)
{
    size_t stride = net->base.stride;
    for (size_t f = 0; f < stride; f++) g[f] += net->mean_skip[f];
    if (net->normalized) normalized_gradient(stride, net->weights2, inverse, D, g, g);
}

static void network_evaluate(const model *m, double *workspace, int n_rows, const double *D, double *eps, double *g)
{
    const network *net = (const network *)m;
    const network_layer *last = &net->layers[net->n_layers - 1];
    size_t stride = m->stride, rows = (size_t)n_rows;
    double *slopes[NETWORK_LAYERS_MAX], *inverse = inverse_norms(net, workspace, n_rows);
    double *at = inverse + padded_to_8(rows);
    for (int t = 0; t < net->n_layers; t++) {
        slopes[t] = at;
        at += rows * net->layers[t].width;
    }
    const double *h = forward(net, workspace, n_rows, D, g ? slopes : NULL);
    for (size_t i = 0; i < rows; i++) {
        const double *row = D + i * stride;
        eps[i] = net->mean_constant + inverse[i] * dot_product(stride, net->mean_skip, row) +
                 dot_product(last->width, net->mean_output, h + i * last->width);
    }
    if (!g) return;
    backward(net, workspace, n_rows, slopes);
    packed_matrix_multiply(net->layers[0].backward, n_rows, slopes[0], net->layers[0].width, g, stride);
    for (size_t i = 0; i < rows; i++) finish_gradient(net, inverse[i], D + i * stride, g + i * stride);
}

void network_member_energies(const model *m, double *workspace, int n_rows, const double *D, double *eps)
{
    const network *net = (const network *)m;
    const network_layer *last = &net->layers[net->n_layers - 1];
    size_t stride = m->stride, members = (size_t)net->n_members, n = last->n_padded;
    const double *h = forward(net, workspace, n_rows, D, NULL), *inverse = inverse_norms(net, workspace, n_rows);
    for (size_t i = 0; i < (size_t)n_rows; i++) {
        const double *row = D + i * stride;
        for (size_t k = 0; k < members; k++)
            eps[i * members + k] = net->constants[k] + inverse[i] * dot_product(stride, net->skip + k * stride, row) +
                                   dot_product(n, net->output + k * n, h + i * last->width + k * n);
    }
}

/* Spread of the members with K - 1 in the denominator (spec training.md 6). */
static void network_variance(const model *m, double *workspace, int n_rows, const double *D, double *variance)
{
    const network *net = (const network *)m;
    size_t members = (size_t)net->n_members;
    double *eps = inverse_norms(net, workspace, n_rows) + padded_to_8((size_t)n_rows);
    network_member_energies(m, workspace, n_rows, D, eps);
    for (size_t i = 0; i < (size_t)n_rows; i++, eps += members) {
        double mean = 0, sum = 0;
        for (size_t k = 0; k < members; k++) mean += eps[k] / (double)members;
        for (size_t k = 0; k < members; k++) sum += (eps[k] - mean) * (eps[k] - mean);
        variance[i] = sum / (double)(members - 1);
    }
}

int network_n_members(const model *m)
{
    return ((const network *)m)->n_members;
}

/* --------------------------------------------------------------------------------------------------------- storing */

/* A tensor [n_members][n_rows][n padded] (n_rows 0: of two dimensions) whose member k is data[k]. */
static mlsoap_status add_tensor(tensor_set *tensors, const char *prefix, const char *name, int n_members, size_t n_rows,
                                size_t n_used_rows, size_t n, const double *const *data, mlsoap_error *error)
{
    char full[256];
    size_t members = (size_t)n_members, width = padded_to_8(n), three[3] = {members, n_rows, width};
    size_t two[2] = {members, width};
    tensor *t = NULL;
    snprintf(full, sizeof full, "%s.%s", prefix, name);
    mlsoap_status status = tensor_add(tensors, full, n_rows ? 3 : 2, n_rows ? three : two, NULL, &t, error);
    for (size_t k = 0; k < members && !status; k++)
        for (size_t i = 0; i < n_used_rows && data[k]; i++)
            memcpy(t->data + (k * (n_rows ? n_rows : 1) + i) * width, data[k] + i * n, n * sizeof(double));
    return status;
}

mlsoap_status network_add_tensors(tensor_set *tensors, const char *prefix, size_t stride, int n_layers,
                                  const int *n_hidden, int n_members, const network_weights *members,
                                  mlsoap_error *error)
{
    const double *data[NETWORK_MEMBERS_MAX] = {NULL};
    char name[24];
    mlsoap_status status = MLSOAP_SUCCESS;
    for (int t = 0; t < n_layers && !status; t++) {
        size_t used = t > 0 ? (size_t)n_hidden[t - 1] : stride, n = (size_t)n_hidden[t];
        for (int k = 0; k < n_members; k++) data[k] = members[k].weights[t];
        snprintf(name, sizeof name, "weights_%d", t + 1);
        status = add_tensor(tensors, prefix, name, n_members, padded_to_8(used), used, n, data, error);
        for (int k = 0; k < n_members; k++) data[k] = members[k].biases[t];
        snprintf(name, sizeof name, "biases_%d", t + 1);
        if (!status) status = add_tensor(tensors, prefix, name, n_members, 0, 1, n, data, error);
    }
    for (int k = 0; k < n_members; k++) data[k] = members[k].output;
    if (!status)
        status = add_tensor(tensors, prefix, "output", n_members, 0, 1, (size_t)n_hidden[n_layers - 1], data, error);
    for (int k = 0; k < n_members; k++) data[k] = members[k].skip;
    if (!status) status = add_tensor(tensors, prefix, "skip", n_members, 0, 1, stride, data, error);
    for (int k = 0; k < n_members; k++) data[k] = &members[k].constant;
    if (!status) status = add_tensor(tensors, prefix, "constant", n_members, 0, 1, 1, data, error);
    return status;
}

const model_class network_class = {
    .type = "network",
    .settings = settings,
    .parameters = parameters,
    .create = network_create,
    .free = network_free,
    .workspace_size = network_workspace_size,
    .evaluate = network_evaluate,
    .variance = network_variance,
};
