/* SPDX-License-Identifier: BSD-3-Clause */
/* Parameters of networks; see network_form.h. */
#include "solvers/network/network_form.h"

#include "core/elements.h"
#include "core/memory.h"
#include "core/random_numbers.h"
#include "models/model_tensors.h"
#include "solvers/network/network_pass.h"

#include <cblas.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Widths of the random start (found best over many fits): pre-activations of some 1.5, an output near 0. */
static const double WIDTH = 1.5, OUTPUT_WIDTH = 0.1, BIAS_WIDTHS[2] = {0.5, 0.2};

void network_form_release(network_form *form)
{
    for (int z = 0; z < NETWORK_KINDS; z++) {
        memory_free(form->kinds[z].P);
        memory_free(form->kinds[z].mean);
        memory_free(form->kinds[z].isolated);
        memory_free(form->kinds[z].share);
    }
    memset(form, 0, sizeof *form);
}

void network_form_number(network_form *form)
{
    size_t at = 0, last = (size_t)form->n_hidden[form->n_layers - 1];
    form->n_kinds = 0;
    for (int z = 0; z < NETWORK_KINDS; z++) {
        network_kind *k = &form->kinds[z];
        if (k->n_inputs == 0) continue;
        form->present[form->n_kinds++] = z;
        size_t before = k->n_inputs;
        k->first = at;
        for (int t = 0; t < form->n_layers; t++) {
            size_t n = (size_t)form->n_hidden[t];
            k->weights[t] = at;
            k->biases[t] = at += before * n;
            at += n;
            before = n;
        }
        k->output = at;
        k->skip = at += last;
        k->constant = at += form->linear_skip ? k->n_inputs : 0;
        at++;
    }
    form->n_parameters = at;
}

double network_share_slope(const network_form *form, int kind, const double *dz)
{
    const network_kind *k = &form->kinds[kind];
    return k->share ? cblas_ddot((int)form->features->stride, k->share, 1, dz, 1) : 0;
}

double network_share(const network_form *form, int kind, const double *z)
{
    return network_share_slope(form, kind, z) - form->kinds[kind].share_origin;
}

static void fill_normal(double *x, size_t n, double width, uint64_t *state)
{
    for (size_t i = 0; i < n; i++) x[i] = width * random_normal(state);
}

void network_form_start(const network_form *form, uint64_t seed, double *theta)
{
    uint64_t state = seed;
    memset(theta, 0, form->n_parameters * sizeof *theta);
    for (int z = 0; z < NETWORK_KINDS; z++) {
        const network_kind *k = &form->kinds[z];
        if (k->n_inputs == 0) continue;
        double scale = k->rms;
        size_t before = k->n_inputs;
        for (int t = 0; t < form->n_layers; t++) {
            size_t n = (size_t)form->n_hidden[t];
            fill_normal(theta + k->weights[t], before * n, WIDTH / scale, &state);
            fill_normal(theta + k->biases[t], n, BIAS_WIDTHS[t > 0], &state);
            before = n;
            scale = sqrt((double)n);
        }
        fill_normal(theta + k->output, before, OUTPUT_WIDTH / scale, &state);
    }
}

/* One kind and one member with inputs, feature weights and the share of the isolated atom folded in; memory holds the
 * arrays it makes. */
static void fold(const network_form *form, const network_kind *k, const double *theta, double isolated, double *memory,
                 network_weights *out)
{
    size_t stride = form->features->stride, n = (size_t)form->n_hidden[0], K = k->n_inputs;
    const double *a = form->features->weights, scale = form->scale;
    double *W = memory, *biases = W + stride * n, *skip = biases + n, *output = skip + stride;
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)stride, (int)n, (int)K, 1, k->P, (int)K,
                theta + k->weights[0], (int)n, 0, W, (int)n);
    if (form->linear_skip)
        cblas_dgemv(CblasRowMajor, CblasNoTrans, (int)stride, (int)K, scale, k->P, (int)K, theta + k->skip, 1, 0, skip,
                    1);
    if (k->share) cblas_daxpy((int)stride, -isolated, k->share, 1, skip, 1);
    memcpy(biases, theta + k->biases[0], n * sizeof *biases);
    cblas_dgemv(CblasRowMajor, CblasTrans, (int)stride, (int)n, -1, W, (int)n, k->mean, 1, 1, biases, 1);
    out->constant =
        scale * theta[k->constant] + isolated * k->share_origin - cblas_ddot((int)stride, skip, 1, k->mean, 1);
    for (size_t f = 0; f < stride; f++) {
        for (size_t j = 0; j < n; j++) W[f * n + j] *= a[f];
        skip[f] *= a[f];
    }
    for (int j = 0; j < form->n_hidden[form->n_layers - 1]; j++) output[j] = scale * theta[k->output + (size_t)j];
    for (int t = 1; t < form->n_layers; t++) {
        out->weights[t] = theta + k->weights[t];
        out->biases[t] = theta + k->biases[t];
    }
    out->weights[0] = W;
    out->biases[0] = biases;
    out->skip = skip;
    out->output = output;
}

/* eps of the isolated atom of each kind, 0 for points in space. */
static mlsoap_status isolated_energies(const network_form *form, const double *theta, double eps[NETWORK_KINDS],
                                       mlsoap_error *error)
{
    network_folded folded[NETWORK_KINDS];
    network_rows row;
    size_t stride = form->features->stride;
    mlsoap_status status = network_folded_new(form, folded, error);
    if (status) return status;
    status = network_rows_new(form, 1, &row, error);
    for (int i = 0; i < form->n_kinds && !status; i++) {
        int z = form->present[i];
        eps[z] = 0;
        if (!form->kinds[z].isolated) continue;
        network_fold(form, z, theta, 0, stride, &folded[z]);
        memcpy(row.z, form->kinds[z].isolated, stride * sizeof(double));
        network_forward(form, z, theta, &folded[z], &row, 0, 1, false, NULL);
        eps[z] = row.eps[0];
    }
    if (!status) network_rows_release(&row);
    network_folded_release(folded);
    return status;
}

mlsoap_status network_form_store(const network_form *form, int n_members, double *const *theta, tensor_set *tensors,
                                 mlsoap_error *error)
{
    size_t stride = form->features->stride, n = (size_t)form->n_hidden[0];
    size_t size = (stride + 1) * n + stride + (size_t)form->n_hidden[form->n_layers - 1];
    network_weights members[NETWORK_MEMBERS_MAX] = {0};
    double *memory = MEMORY_NEW(double, size *(size_t)n_members);
    double(*isolated)[NETWORK_KINDS] = memory_new((size_t)n_members, sizeof *isolated);
    mlsoap_status status =
        memory && isolated ? MLSOAP_SUCCESS : status_no_memory(error, size * sizeof(double), "the network");
    for (int m = 0; m < n_members && !status; m++) status = isolated_energies(form, theta[m], isolated[m], error);
    for (int z = 0; z < NETWORK_KINDS && !status; z++) {
        char prefix[64];
        if (form->kinds[z].n_inputs == 0) continue;
        memset(memory, 0, size * (size_t)n_members * sizeof *memory);
        for (int m = 0; m < n_members; m++)
            fold(form, &form->kinds[z], theta[m], isolated[m][z], memory + size * (size_t)m, &members[m]);
        snprintf(prefix, sizeof prefix, "terms.0.%s", element_symbol(z));
        status =
            network_add_tensors(tensors, prefix, stride, form->n_layers, form->n_hidden, n_members, members, error);
    }
    memory_free(isolated);
    memory_free(memory);
    return status;
}

/* Member i of "<prefix>.<name>", [members][n_rows][n columns rounded up to eights]. */
static mlsoap_status member_rows(const tensor_set *tensors, const char *prefix, const char *name, int i_member,
                                 size_t n_rows, size_t n, const double **rows, size_t *ld, mlsoap_error *error)
{
    const tensor *t;
    *ld = padded_to_8(n);
    const size_t matrix[] = {0, n_rows, *ld}, row[] = {0, *ld};
    mlsoap_status status =
        model_tensor_get(tensors, prefix, name, n_rows > 1 ? 3 : 2, n_rows > 1 ? matrix : row, &t, error);
    if (status) return status_prefix(error, status, "the stored network is not of the form of this one");
    if ((size_t)i_member >= t->shape[0])
        return status_fail(error, MLSOAP_ERROR_VALUE, "model.committee is more than the %zu members that are stored",
                           t->shape[0]);
    *rows = t->data + (size_t)i_member * n_rows * *ld;
    return MLSOAP_SUCCESS;
}

/* x [K][n] of P x = rows / a: the columns of P are orthogonal, as many as features. */
static void onto_inputs(const network_form *form, const network_kind *k, const double *rows, size_t ld, size_t n,
                        double *x)
{
    const double *a = form->features->weights;
    memset(x, 0, k->n_inputs * n * sizeof *x);
    for (size_t i = 0; i < k->n_inputs; i++) {
        double square = 0;
        for (size_t f = 0; f < form->features->stride; f++)
            square += k->P[f * k->n_inputs + i] * k->P[f * k->n_inputs + i];
        for (size_t f = 0; f < form->features->stride; f++)
            if (a[f] != 0)
                cblas_daxpy((int)n, k->P[f * k->n_inputs + i] / square / a[f], rows + f * ld, 1, x + i * n, 1);
    }
}

/* First layer, skip and constant: x = P^T (z - b) takes the place of z. */
static mlsoap_status load_inputs(const network_form *form, int z, const char *prefix, const tensor_set *tensors,
                                 int i_member, double *theta, mlsoap_error *error)
{
    const network_kind *k = &form->kinds[z];
    const double *rows, *a = form->features->weights;
    size_t stride = form->features->stride, n = (size_t)form->n_hidden[0], ld;
    mlsoap_status status = member_rows(tensors, prefix, "weights_1", i_member, stride, n, &rows, &ld, error);
    if (status) return status;
    onto_inputs(form, k, rows, ld, n, theta + k->weights[0]);
    for (size_t f = 0; f < stride; f++)
        if (a[f] != 0) cblas_daxpy((int)n, k->mean[f] / a[f], rows + f * ld, 1, theta + k->biases[0], 1);
    status = member_rows(tensors, prefix, "skip", i_member, 1, stride, &rows, &ld, error);
    if (status) return status;
    onto_inputs(form, k, rows, 1, 1, theta + k->skip);
    cblas_dscal((int)k->n_inputs, 1 / form->scale, theta + k->skip, 1);
    for (size_t f = 0; f < stride; f++)
        if (a[f] != 0) theta[k->constant] += k->mean[f] / a[f] * rows[f] / form->scale;
    return MLSOAP_SUCCESS;
}

static mlsoap_status load_kind(const network_form *form, int z, const tensor_set *tensors, int i_member, double *theta,
                               mlsoap_error *error)
{
    const network_kind *k = &form->kinds[z];
    const double *rows;
    char prefix[64], name[32];
    size_t ld, before = (size_t)form->n_hidden[0], last = (size_t)form->n_hidden[form->n_layers - 1];
    mlsoap_status status = MLSOAP_SUCCESS;
    snprintf(prefix, sizeof prefix, "terms.0.%s", element_symbol(z));
    for (int t = 0; t < form->n_layers && !status; t++) {
        size_t n = (size_t)form->n_hidden[t];
        snprintf(name, sizeof name, "biases_%d", t + 1);
        status = member_rows(tensors, prefix, name, i_member, 1, n, &rows, &ld, error);
        if (!status) memcpy(theta + k->biases[t], rows, n * sizeof *theta);
        if (status || t == 0) continue;
        snprintf(name, sizeof name, "weights_%d", t + 1);
        status = member_rows(tensors, prefix, name, i_member, padded_to_8(before), n, &rows, &ld, error);
        for (size_t i = 0; i < before && !status; i++)
            memcpy(theta + k->weights[t] + i * n, rows + i * ld, n * sizeof *theta);
        before = n;
    }
    if (!status) status = member_rows(tensors, prefix, "output", i_member, 1, last, &rows, &ld, error);
    for (size_t j = 0; j < last && !status; j++) theta[k->output + j] = rows[j] / form->scale;
    if (!status) status = member_rows(tensors, prefix, "constant", i_member, 1, 1, &rows, &ld, error);
    if (!status) theta[k->constant] = rows[0] / form->scale;
    return status ? status : load_inputs(form, z, prefix, tensors, i_member, theta, error);
}

mlsoap_status network_form_load(const network_form *form, const tensor_set *tensors, int i_member, double *theta,
                                mlsoap_error *error)
{
    mlsoap_status status = MLSOAP_SUCCESS;
    memset(theta, 0, form->n_parameters * sizeof *theta);
    for (int i = 0; i < form->n_kinds && !status; i++)
        status = load_kind(form, form->present[i], tensors, i_member, theta, error);
    return status;
}

json_t *network_form_describe(const network_form *form, int n_members)
{
    json_t *hidden = json_array(), *activations = json_array();
    for (int t = 0; t < form->n_layers; t++) {
        json_array_append_new(hidden, json_integer(form->n_hidden[t]));
        json_array_append_new(activations, json_string(form->activations[t]->name));
    }
    return json_pack("{s:s, s:o, s:o, s:b, s:i}", "type", "network", "hidden", hidden, "activations", activations,
                     "normalized", form->transform.normalized, "members", n_members);
}
