/* SPDX-License-Identifier: BSD-3-Clause */
/* Inputs of networks; see network_inputs.h. */
#include "solvers/network/network_inputs.h"

#include "core/memory.h"

#include <cblas.h>
#include <lapacke.h>
#include <math.h>
#include <string.h>

static const double SHARE_FLOOR = 1e-3; /* delta, relative to the largest variance */
enum { SAMPLE = 40000, ROWS = 256 };    /* environments of a kind at most; rows that are added at a time */
static const double MEAN_SQUARE = 30, SMALLEST_VARIANCE = 1e-12, SMALLEST_DEVIATION = 1e-12;

/* Moments of z of one kind, about the first row that came. */
typedef struct moments {
    double *origin, *sum, *square; /* [stride], [stride], [stride][stride] */
    double *rows;                  /* [ROWS][stride] waiting */
    size_t n, n_waiting;
} moments;

typedef struct sampling {
    network_form *form;
    size_t counts[NETWORK_KINDS], seen[NETWORK_KINDS];
    moments of[NETWORK_KINDS];
} sampling;

static void sampling_release(sampling *s)
{
    for (int z = 0; z < NETWORK_KINDS; z++) {
        memory_free(s->of[z].origin);
        memory_free(s->of[z].sum);
        memory_free(s->of[z].square);
        memory_free(s->of[z].rows);
    }
}

static void moments_fold(moments *m, size_t stride)
{
    int d = (int)stride;
    if (m->n_waiting == 0) return;
    cblas_dsyrk(CblasRowMajor, CblasUpper, CblasTrans, d, (int)m->n_waiting, 1, m->rows, d, 1, m->square, d);
    for (size_t i = 0; i < m->n_waiting; i++)
        for (size_t f = 0; f < stride; f++) m->sum[f] += m->rows[i * stride + f];
    m->n += m->n_waiting;
    m->n_waiting = 0;
}

static mlsoap_status moments_add(moments *m, size_t stride, const double *z, mlsoap_error *error)
{
    if (!m->origin) {
        m->origin = MEMORY_NEW(double, stride);
        m->sum = MEMORY_NEW(double, stride);
        m->square = MEMORY_NEW(double, stride *stride);
        m->rows = MEMORY_NEW(double, ROWS *stride);
        if (!m->origin || !m->sum || !m->square || !m->rows)
            return status_no_memory(error, stride * stride * sizeof(double), "the covariance of the features");
        memcpy(m->origin, z, stride * sizeof *z);
    }
    double *row = m->rows + m->n_waiting++ * stride;
    for (size_t f = 0; f < stride; f++) row[f] = z[f] - m->origin[f];
    if (m->n_waiting == ROWS) moments_fold(m, stride);
    return MLSOAP_SUCCESS;
}

/* True for evenly chosen environments of a kind, SAMPLE at most. */
static bool is_sampled(sampling *s, int kind)
{
    size_t i = s->seen[kind]++, step = (s->counts[kind] + SAMPLE - 1) / SAMPLE;
    return i % step == 0;
}

static mlsoap_status add_frame(sampling *s, feature_worker *w, const structure *atoms, bool count_only, double *D,
                               mlsoap_error *error)
{
    const network_form *form = s->form;
    mlsoap_status status = feature_worker_begin(w, atoms, error);
    for (size_t i = 0; i < w->list.n_centers && !status; i++) {
        int kind = w->list.center_species[i];
        if (!feature_set_serves(form->features, kind)) continue;
        if (count_only) {
            s->counts[kind]++;
            continue;
        }
        if (!is_sampled(s, kind)) continue;
        status = feature_worker_values(w, i, D, error);
        if (status) break;
        sparse_gp_transform(&form->transform, form->features->stride, form->features->weights, D, D);
        double sum = cblas_dasum((int)form->features->stride, D, 1);
        if (!isfinite(sum))
            return status_fail(error, MLSOAP_ERROR_NUMERICS,
                               "the features of atom %zu are not finite: look for coinciding atoms", i);
        status = moments_add(&s->of[kind], form->features->stride, D, error);
    }
    return status;
}

static mlsoap_status add_set(sampling *s, feature_worker *w, const frame_set *set, double *D, mlsoap_error *error)
{
    for (int pass = 0; pass < 2; pass++)
        for (size_t c = 0; c < set->n_frames; c++) {
            const frame *f = &set->frames[c];
            mlsoap_status status = add_frame(s, w, &f->structure, pass == 0, D, error);
            if (status)
                return status_prefix(error, status, "%s: frame %zu (line %ld)", set->files[f->i_file].path, f->index,
                                     f->line);
        }
    for (int z = 0; z < NETWORK_KINDS; z++)
        if (s->of[z].rows) moments_fold(&s->of[z], s->form->features->stride);
    return MLSOAP_SUCCESS;
}

/* mean and, in place of `square`, the covariance (upper triangle). */
static void finish_moments(moments *m, size_t stride, double *mean)
{
    double n = (double)m->n;
    for (size_t f = 0; f < stride; f++) m->sum[f] /= n;
    for (size_t f = 0; f < stride; f++)
        for (size_t g = f; g < stride; g++)
            m->square[f * stride + g] = m->square[f * stride + g] / n - m->sum[f] * m->sum[g];
    for (size_t f = 0; f < stride; f++) mean[f] = m->origin[f] + m->sum[f];
}

/* Eigenvectors of the covariance by falling eigenvalue. */
static mlsoap_status make_pca(network_kind *k, double *covariance, size_t stride, size_t n_inputs, double exponent,
                              mlsoap_error *error)
{
    double *values = MEMORY_NEW(double, stride), trace = 0;
    size_t n = 0;
    if (!values) return status_no_memory(error, stride * sizeof *values, "the inputs of a network");
    if (LAPACKE_dsyevd(LAPACK_ROW_MAJOR, 'V', 'U', (int)stride, covariance, (int)stride, values)) {
        memory_free(values);
        return status_fail(error, MLSOAP_ERROR_NUMERICS, "the covariance of the features has no eigenvalues");
    }
    double largest = values[stride - 1];
    while (n < stride && values[stride - 1 - n] > SMALLEST_VARIANCE * largest && values[stride - 1 - n] > 0) n++;
    if (n_inputs ==
        NETWORK_ALL_INPUTS) { /* directions that do not vary count as if they did, by the least that counts */
        n = stride;
        for (size_t i = 0; i < n; i++) values[i] = fmax(values[i], SMALLEST_VARIANCE * largest);
    }
    if (n_inputs > 0 && n > n_inputs) n = n_inputs;
    k->n_inputs = n;
    k->P = n > 0 ? MEMORY_NEW(double, stride *n) : NULL;
    for (size_t i = 0; i < n; i++) trace += pow(values[stride - 1 - i], 1 - 2 * exponent);
    for (size_t i = 0; i < n && k->P; i++) {
        double factor = pow(values[stride - 1 - i], -exponent) * sqrt(MEAN_SQUARE / trace);
        size_t column = stride - 1 - i, top = 0; /* the sign of an eigenvector is free: its largest entry is positive */
        for (size_t f = 0; f < stride; f++)
            if (fabs(covariance[f * stride + column]) > fabs(covariance[top * stride + column])) top = f;
        if (covariance[top * stride + column] < 0) factor = -factor;
        for (size_t f = 0; f < stride; f++) k->P[f * n + i] = factor * covariance[f * stride + column];
    }
    k->rms = sqrt(MEAN_SQUARE);
    memory_free(values);
    return n == 0 || k->P ? MLSOAP_SUCCESS : status_no_memory(error, stride * n * 8, "the inputs of a network");
}

/* Diagonal P: only features that vary are inputs. */
static mlsoap_status make_diagonal(network_kind *k, const double *covariance, size_t stride, const double *weights,
                                   bool scaled, mlsoap_error *error)
{
    double largest = 0, square = 0;
    size_t n = 0;
    for (size_t f = 0; f < stride; f++) largest = fmax(largest, covariance[f * stride + f]);
    double least = SMALLEST_DEVIATION * SMALLEST_DEVIATION * largest;
    for (size_t f = 0; f < stride; f++) n += scaled ? covariance[f * stride + f] > least : weights[f] != 0;
    k->n_inputs = n;
    k->P = n > 0 ? MEMORY_NEW(double, stride *n) : NULL;
    if (n > 0 && !k->P) return status_no_memory(error, stride * n * 8, "the inputs of a network");
    for (size_t f = 0, i = 0; f < stride; f++) {
        double variance = covariance[f * stride + f];
        if (!(scaled ? variance > least : weights[f] != 0)) continue;
        k->P[f * n + i++] = scaled ? 1 / sqrt(variance) : 1;
        square += scaled ? 1 : variance + k->mean[f] * k->mean[f];
        if (!scaled) k->mean[f] = 0;
    }
    k->rms = square > 0 ? sqrt(square) : 1;
    return MLSOAP_SUCCESS;
}

/* q = (C + delta 1)^-1 d / d . (C + delta 1)^-1 d for d = z_isolated - <z>, so that q . d = 1; C is destroyed. */
static mlsoap_status make_share(network_kind *k, size_t stride, double *covariance, const double *mean,
                                mlsoap_error *error)
{
    double largest = 0, *d = MEMORY_NEW(double, stride);
    k->share = MEMORY_NEW(double, stride);
    if (!d || !k->share) {
        memory_free(d);
        return status_no_memory(error, stride * sizeof(double), "an isolated atom");
    }
    for (size_t f = 0; f < stride; f++) largest = fmax(largest, covariance[f * stride + f]);
    for (size_t f = 0; f < stride; f++) {
        covariance[f * stride + f] += SHARE_FLOOR * (largest > 0 ? largest : 1);
        k->share[f] = d[f] = k->isolated[f] + k->mean[f] - mean[f];
    }
    int info = LAPACKE_dposv(LAPACK_ROW_MAJOR, 'U', (int)stride, 1, covariance, (int)stride, k->share, 1);
    double along = cblas_ddot((int)stride, k->share, 1, d, 1);
    memory_free(d);
    if (info || !(along > 0))
        return status_fail(error, MLSOAP_ERROR_NUMERICS,
                           "the isolated atom has the mean features of all environments: there is nothing to fit");
    cblas_dscal((int)stride, 1 / along, k->share, 1);
    k->share_origin = cblas_ddot((int)stride, k->share, 1, mean, 1) - cblas_ddot((int)stride, k->share, 1, k->mean, 1);
    return MLSOAP_SUCCESS;
}

/* z - b of the isolated atom. */
static mlsoap_status make_isolated(network_form *form, feature_worker *w, int kind, double *D, mlsoap_error *error)
{
    network_kind *k = &form->kinds[kind];
    size_t stride = form->features->stride;
    mlsoap_status status = feature_worker_isolated(w, kind, D, error);
    if (status) return status;
    k->isolated = MEMORY_NEW(double, stride);
    if (!k->isolated) return status_no_memory(error, stride * sizeof(double), "an isolated atom");
    sparse_gp_transform(&form->transform, stride, form->features->weights, D, k->isolated);
    for (size_t f = 0; f < stride; f++) k->isolated[f] -= k->mean[f];
    return MLSOAP_SUCCESS;
}

/* Inputs, isolated atom and its share for one kind. */
static mlsoap_status make_kind(network_form *form, feature_worker *w, int kind, moments *m,
                               network_inputs_method method, size_t n_inputs, double exponent, double *D,
                               mlsoap_error *error)
{
    network_kind *k = &form->kinds[kind];
    size_t stride = form->features->stride;
    double *covariance = MEMORY_NEW(double, stride *stride), *mean = m->rows; /* nothing waits in it any more */
    k->mean = MEMORY_NEW(double, stride);
    mlsoap_status status = MLSOAP_SUCCESS;
    if (!k->mean || !covariance) {
        memory_free(covariance);
        return status_no_memory(error, stride * stride * sizeof(double), "the inputs of a network");
    }
    finish_moments(m, stride, k->mean);
    memcpy(mean, k->mean, stride * sizeof *mean);
    memcpy(covariance, m->square, stride * stride * sizeof *covariance);
    status = method == NETWORK_PCA
                 ? make_pca(k, m->square, stride, n_inputs, exponent, error)
                 : make_diagonal(k, m->square, stride, form->features->weights, method == NETWORK_STANDARDIZE, error);
    if (!status && k->n_inputs == 0)
        status = status_fail(error, MLSOAP_ERROR_VALUE,
                             "all %zu environments of the centers with atomic number %d have the same features: a "
                             "network has nothing to learn from",
                             m->n, kind);
    if (!status && kind != 0) status = make_isolated(form, w, kind, D, error);
    if (!status && kind != 0) status = make_share(k, stride, covariance, mean, error);
    memory_free(covariance);
    return status;
}

mlsoap_status network_inputs_find(network_form *form, const frame_set *set, network_inputs_method method,
                                  size_t n_inputs, double exponent, mlsoap_error *error)
{
    sampling s = {.form = form};
    feature_worker w;
    mlsoap_status status = feature_worker_new(&w, form->features, error);
    if (status) return status;
    double *D = MEMORY_NEW(double, form->features->stride);
    status = D ? add_set(&s, &w, set, D, error) : status_no_memory(error, form->features->stride * 8, "features");
    for (int z = 0; z < NETWORK_KINDS && !status; z++) {
        if (s.of[z].n == 0) continue;
        status = make_kind(form, &w, z, &s.of[z], method, n_inputs, exponent, D, error);
    }
    if (!status) network_form_number(form);
    memory_free(D);
    sampling_release(&s);
    feature_worker_release(&w);
    return status;
}
