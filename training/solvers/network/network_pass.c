/* SPDX-License-Identifier: BSD-3-Clause */
/* Passes over rows; see network_pass.h. With S = e eps + g . dz, the derivative of S with respect to udot^t is d^t and
 * that with respect to hdot^t is back^t = d eps/dh^t, so that only ubar has to be carried backwards:
 *     ubar^t = s_t' hbar^t + s_t'' udot^t back^t,   hbar^(t-1) = W_t ubar^t,   hbar^T = e scale w,  back^T = scale w */
#include "solvers/network/network_pass.h"

#include "core/memory.h"
#include "models/model_tensors.h"

#include <cblas.h>
#include <string.h>

static size_t width_of(const network_form *form, int t)
{
    return padded_to_8((size_t)form->n_hidden[t]);
}

mlsoap_status network_rows_new(const network_form *form, size_t capacity, network_rows *rows, mlsoap_error *error)
{
    size_t stride = form->features->stride;
    memset(rows, 0, sizeof *rows);
    rows->capacity = capacity;
    rows->z = memory_new(capacity, stride * sizeof(double));
    rows->dz = memory_new(capacity, stride * sizeof(double));
    rows->inverse_norm = MEMORY_NEW(double, capacity);
    rows->eps = MEMORY_NEW(double, capacity);
    rows->e = MEMORY_NEW(double, capacity);
    rows->share = MEMORY_NEW(double, capacity);
    rows->dshare = MEMORY_NEW(double, capacity);
    bool complete = rows->z && rows->dz && rows->inverse_norm && rows->eps && rows->e && rows->share && rows->dshare;
    for (int t = 0; t < form->n_layers; t++) {
        double **arrays[] = {&rows->h[t],    &rows->slope[t], &rows->curvature[t], &rows->d[t],
                             &rows->back[t], &rows->hdot[t],  &rows->ubar[t]};
        for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) {
            *arrays[i] = memory_new(capacity, width_of(form, t) * sizeof(double));
            complete = complete && *arrays[i];
        }
    }
    if (complete) return MLSOAP_SUCCESS;
    network_rows_release(rows);
    return status_no_memory(error, capacity * stride * 2 * sizeof(double), "a batch of structures");
}

void network_rows_release(network_rows *rows)
{
    memory_free(rows->z);
    memory_free(rows->dz);
    memory_free(rows->inverse_norm);
    memory_free(rows->eps);
    memory_free(rows->e);
    memory_free(rows->share);
    memory_free(rows->dshare);
    for (int t = 0; t < NETWORK_LAYERS_MAX; t++) {
        double *arrays[] = {rows->h[t],    rows->slope[t], rows->curvature[t], rows->d[t],
                            rows->back[t], rows->hdot[t],  rows->ubar[t]};
        for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) memory_free(arrays[i]);
    }
    memset(rows, 0, sizeof *rows);
}

double network_rows_bytes(const network_form *form, double capacity)
{
    double width = 2 * (double)form->features->stride + 5;
    for (int t = 0; t < form->n_layers; t++) width += 7 * (double)width_of(form, t);
    return 8 * capacity * width;
}

mlsoap_status network_folded_new(const network_form *form, network_folded folded[NETWORK_KINDS], mlsoap_error *error)
{
    size_t stride = form->features->stride;
    memset(folded, 0, NETWORK_KINDS * sizeof *folded);
    for (int z = 0; z < NETWORK_KINDS; z++) {
        if (form->kinds[z].n_inputs == 0) continue;
        folded[z].F = MEMORY_NEW(double, stride *(size_t)form->n_hidden[0]);
        folded[z].skip = MEMORY_NEW(double, stride);
        if (!folded[z].F || !folded[z].skip) {
            network_folded_release(folded);
            return status_no_memory(error, stride * (size_t)form->n_hidden[0] * sizeof(double), "a first layer");
        }
    }
    return MLSOAP_SUCCESS;
}

void network_folded_release(network_folded folded[NETWORK_KINDS])
{
    for (int z = 0; z < NETWORK_KINDS; z++) {
        memory_free(folded[z].F);
        memory_free(folded[z].skip);
        folded[z] = (network_folded){0};
    }
}

void network_fold(const network_form *form, int kind, const double *theta, size_t first, size_t last,
                  network_folded *folded)
{
    const network_kind *k = &form->kinds[kind];
    int n = form->n_hidden[0], K = (int)k->n_inputs, m = (int)(last - first);
    const double *P = k->P + first * k->n_inputs;
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, m, n, K, 1, P, K, theta + k->weights[0], n, 0,
                folded->F + first * (size_t)n, n);
    if (form->linear_skip)
        cblas_dgemv(CblasRowMajor, CblasNoTrans, m, K, 1, P, K, theta + k->skip, 1, 0, folded->skip + first, 1);
}

/* C [n][width] = A [n][k] B [k][m] (or B^T of [m][k]) */
static void multiply(size_t n, size_t m, size_t k, const double *A, size_t lda, const double *B, bool transposed,
                     double *C, size_t ldc)
{
    cblas_dgemm(CblasRowMajor, CblasNoTrans, transposed ? CblasTrans : CblasNoTrans, (int)n, (int)m, (int)k, 1, A,
                (int)lda, B, (int)(transposed ? k : m), 0, C, (int)ldc);
}

static void backward(const network_form *form, const network_kind *k, const double *theta, const network_folded *folded,
                     network_rows *rows, size_t first, size_t n, double *g)
{
    int last = form->n_layers - 1;
    size_t stride = form->features->stride, width = width_of(form, last);
    const double *w = theta + k->output;
    for (size_t i = first; i < first + n; i++)
        for (size_t j = 0; j < (size_t)form->n_hidden[last]; j++)
            rows->d[last][i * width + j] = form->scale * w[j] * rows->slope[last][i * width + j];
    for (int t = last; t > 0; t--) {
        size_t m = (size_t)form->n_hidden[t - 1], below = width_of(form, t - 1);
        width = width_of(form, t);
        double *d = rows->d[t - 1] + first * below, *back = rows->back[t - 1] + first * below;
        const double *slope = rows->slope[t - 1] + first * below;
        multiply(n, m, (size_t)form->n_hidden[t], rows->d[t] + first * width, width, theta + k->weights[t], true, back,
                 below);
        for (size_t i = 0; i < n * below; i++) d[i] = slope[i] * back[i];
    }
    if (!g) return;
    width = width_of(form, 0);
    multiply(n, stride, (size_t)form->n_hidden[0], rows->d[0] + first * width, width, folded->F, true, g, stride);
    for (size_t i = 0; i < n && form->linear_skip; i++)
        for (size_t f = 0; f < stride; f++) g[i * stride + f] += form->scale * folded->skip[f];
}

void network_forward(const network_form *form, int kind, const double *theta, const network_folded *folded,
                     network_rows *rows, size_t first, size_t n, bool derivatives, double *g)
{
    const network_kind *k = &form->kinds[kind];
    size_t stride = form->features->stride, before = stride, lda = stride;
    const double *A = rows->z + first * stride;
    for (int t = 0; t < form->n_layers; t++) {
        size_t m = (size_t)form->n_hidden[t], width = width_of(form, t), o = first * width;
        double *u = rows->h[t] + o;
        multiply(n, m, before, A, lda, t == 0 ? folded->F : theta + k->weights[t], false, u, width);
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < m; j++) u[i * width + j] += theta[k->biases[t] + j];
        activation_evaluate(form->activations[t], n * width, u, u, derivatives ? rows->slope[t] + o : NULL,
                            derivatives ? rows->curvature[t] + o : NULL);
        A = u;
        before = m;
        lda = width;
    }
    for (size_t i = 0; i < n; i++) {
        double sum = theta[k->constant] + cblas_ddot((int)before, A + i * lda, 1, theta + k->output, 1);
        if (form->linear_skip) sum += cblas_ddot((int)stride, rows->z + (first + i) * stride, 1, folded->skip, 1);
        rows->eps[first + i] = form->scale * sum;
    }
    if (derivatives) backward(form, k, theta, folded, rows, first, n, g);
}

/* udot^t of all layers, kept in ubar for the way back, and hdot^t. */
static void tangent_forward(const network_form *form, const network_kind *k, const double *theta,
                            const network_folded *folded, network_rows *rows, size_t first, size_t n)
{
    size_t stride = form->features->stride, before = stride, lda = stride;
    const double *A = rows->dz + first * stride;
    for (int t = 0; t < form->n_layers; t++) {
        size_t m = (size_t)form->n_hidden[t], width = width_of(form, t), o = first * width;
        double *udot = rows->ubar[t] + o, *hdot = rows->hdot[t] + o;
        multiply(n, m, before, A, lda, t == 0 ? folded->F : theta + k->weights[t], false, udot, width);
        for (size_t i = 0; i < n * width; i++) hdot[i] = rows->slope[t][o + i] * udot[i];
        A = hdot;
        before = m;
        lda = width;
    }
}

/* udot^T -> ubar^T of the last layer. */
static void tangent_last(const network_form *form, const network_kind *k, const double *theta, network_rows *rows,
                         size_t first, size_t n)
{
    int t = form->n_layers - 1;
    size_t width = width_of(form, t);
    const double *w = theta + k->output;
    for (size_t i = first; i < first + n; i++)
        for (size_t j = 0, at = i * width; j < (size_t)form->n_hidden[t]; j++, at++)
            rows->ubar[t][at] =
                form->scale * w[j] * (rows->curvature[t][at] * rows->ubar[t][at] + rows->e[i] * rows->slope[t][at]);
}

void network_tangent(const network_form *form, int kind, const double *theta, const network_folded *folded,
                     network_rows *rows, size_t first, size_t n, bool has_direction)
{
    const network_kind *k = &form->kinds[kind];
    if (has_direction)
        tangent_forward(form, k, theta, folded, rows, first, n);
    else
        for (int t = 0; t < form->n_layers; t++) {
            size_t width = width_of(form, t);
            memset(rows->hdot[t] + first * width, 0, n * width * sizeof(double));
            memset(rows->ubar[t] + first * width, 0, n * width * sizeof(double));
        }
    tangent_last(form, k, theta, rows, first, n);
    for (int t = form->n_layers - 2; t >= 0; t--) {
        size_t width = width_of(form, t), above = width_of(form, t + 1), o = first * width;
        double *ubar = rows->ubar[t] + o, *back = rows->back[t] + o;
        const double *curvature = rows->curvature[t] + o, *slope = rows->slope[t] + o;
        for (size_t i = 0; i < n * width; i++) ubar[i] *= curvature[i] * back[i];
        multiply(n, (size_t)form->n_hidden[t], (size_t)form->n_hidden[t + 1], rows->ubar[t + 1] + first * above, above,
                 theta + k->weights[t + 1], true, back, width); /* hbar in its place */
        for (size_t i = 0; i < n * width; i++) ubar[i] += slope[i] * back[i];
    }
}

/* C [k][m] += A^T B of rows first ... last - 1, columns `begin` ... of A. */
static void accumulate(size_t first, size_t last, const double *A, size_t lda, size_t begin, size_t end,
                       const double *B, size_t ldb, size_t m, double *C, size_t ldc)
{
    cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, (int)(end - begin), (int)m, (int)(last - first), 1,
                A + first * lda + begin, (int)lda, B + first * ldb, (int)ldb, 1, C, (int)ldc);
}

void network_gradient_features(const network_form *form, const network_rows *rows, size_t first, size_t last,
                               size_t begin, size_t end, double *Fbar, double *sbar)
{
    size_t stride = form->features->stride, n = (size_t)form->n_hidden[0], width = width_of(form, 0);
    double *to = Fbar + begin * n;
    accumulate(first, last, rows->z, stride, begin, end, rows->ubar[0], width, n, to, n);
    accumulate(first, last, rows->dz, stride, begin, end, rows->d[0], width, n, to, n);
    if (!form->linear_skip) return;
    for (size_t i = first; i < last; i++)
        for (size_t f = begin; f < end; f++)
            sbar[f] += form->scale * (rows->e[i] * rows->z[i * stride + f] + rows->dz[i * stride + f]);
}

void network_gradient_inputs(const network_form *form, int kind, const double *Fbar, const double *sbar, size_t begin,
                             size_t end, double *gradient)
{
    const network_kind *k = &form->kinds[kind];
    int n = form->n_hidden[0], K = (int)k->n_inputs, m = (int)(end - begin), stride = (int)form->features->stride;
    cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, m, n, stride, 1, k->P + begin, K, Fbar, n, 1,
                gradient + k->weights[0] + begin * (size_t)n, n);
    if (form->linear_skip)
        cblas_dgemv(CblasRowMajor, CblasTrans, stride, m, 1, k->P + begin, K, sbar, 1, 1, gradient + k->skip + begin,
                    1);
}

void network_gradient_rest(const network_form *form, int kind, const network_rows *rows, size_t first, size_t last,
                           double *gradient)
{
    const network_kind *k = &form->kinds[kind];
    int top = form->n_layers - 1;
    for (int t = 0; t <= top; t++) {
        size_t width = width_of(form, t), n = (size_t)form->n_hidden[t];
        double *biases = gradient + k->biases[t], *weights = gradient + k->weights[t];
        for (size_t i = first; i < last; i++)
            for (size_t j = 0; j < n; j++) biases[j] += rows->ubar[t][i * width + j];
        if (t == 0) continue;
        size_t below = width_of(form, t - 1), m = (size_t)form->n_hidden[t - 1];
        accumulate(first, last, rows->h[t - 1], below, 0, m, rows->ubar[t], width, n, weights, n);
        accumulate(first, last, rows->hdot[t - 1], below, 0, m, rows->d[t], width, n, weights, n);
    }
    size_t width = width_of(form, top);
    double *output = gradient + k->output;
    for (size_t i = first; i < last; i++) {
        double e = form->scale * rows->e[i];
        for (size_t j = 0; j < (size_t)form->n_hidden[top]; j++)
            output[j] += e * rows->h[top][i * width + j] + form->scale * rows->hdot[top][i * width + j];
        gradient[k->constant] += e;
    }
}
