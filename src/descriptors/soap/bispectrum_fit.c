/* SPDX-License-Identifier: BSD-3-Clause */
/* What the bispectrum block takes from data (spec bispectrum.md 1 and 3): per degree the leading eigenvectors of
 * sum_i sum_m c_nlm c_n'lm, the root mean square of |B|, and the weight w_B by which
 * w_B^2 sum |dB/dr|^2 = phi sum |d(p/|p|)/dr|^2. A sample of the atoms, evenly spread, is enough for all three. */
#include "core/memory.h"
#include "descriptors/soap/soap.h"
#include "math/quad_linalg.h"
#include "structure/neighbor_list.h"

#include <math.h>
#include <string.h>

enum { CENTERS_FOR_VALUES = 3000, CENTERS_FOR_GRADIENTS = 300 };

/* Sums over the sampled centers. */
typedef struct fit_sums {
    double *covariance; /* [L][n_max][n_max] */
    double B2, dB2, dp2;
    size_t n_values;
} fit_sums;

typedef struct fit_sample {
    const structure *const *structures;
    size_t n_structures, step; /* every step-th center */
    descriptor *d;
    descriptor_workspace *w;
    neighbor_list list;
    double *D, *jacobian;
    size_t capacity;
} fit_sample;

typedef mlsoap_status (*visit_center)(fit_sample *sample, const mlsoap_environments *block, fit_sums *sums,
                                      mlsoap_error *error);

static mlsoap_status add_covariance(fit_sample *sample, const mlsoap_environments *block, fit_sums *sums,
                                    mlsoap_error *error)
{
    const soap *s = (const soap *)sample->d;
    const double *c = sample->w->channels + (size_t)s->block->density * s->n_coefficients;
    (void)block;
    (void)error;
    for (int l = 1; l <= s->block->l_max; l++)
        for (int m = 0; m < 2 * l + 1; m++)
            for (int n = 0; n < s->n_max; n++)
                for (int k = 0; k < s->n_max; k++)
                    sums->covariance[((l - 1) * s->n_max + n) * s->n_max + k] +=
                        c[(l * l + m) * s->n_padded + n] * c[(l * l + m) * s->n_padded + k];
    return MLSOAP_SUCCESS;
}

static mlsoap_status add_square(fit_sample *sample, const mlsoap_environments *block, fit_sums *sums,
                                mlsoap_error *error)
{
    const soap *s = (const soap *)sample->d;
    (void)block;
    (void)error;
    for (size_t f = s->n_power; f < s->n_raw; f++) sums->B2 += sample->D[f] * sample->D[f];
    sums->n_values++;
    return MLSOAP_SUCCESS;
}

static mlsoap_status add_gradients(fit_sample *sample, const mlsoap_environments *block, fit_sums *sums,
                                   mlsoap_error *error)
{
    const soap *s = (const soap *)sample->d;
    const double *a = sample->d->weights;
    size_t stride = sample->d->stride, n = 3 * (size_t)block->first[1];
    if (!MEMORY_RESERVE(&sample->jacobian, &sample->capacity, n * stride))
        return status_no_memory(error, n * stride * sizeof(double), "derivatives of features");
    double norm2 = 0;
    for (size_t f = 0; f < s->n_power; f++) norm2 += a[f] * a[f] * sample->D[f] * sample->D[f];
    sample->d->class_->jacobian(sample->d, sample->w, block, 0, sample->jacobian, stride);
    for (size_t p = 0; p < n && norm2 > 0; p++) {
        const double *row = sample->jacobian + p * stride;
        double square = 0, along = 0;
        for (size_t f = 0; f < s->n_power; f++) {
            square += a[f] * a[f] * row[f] * row[f];
            along += a[f] * a[f] * row[f] * sample->D[f];
        }
        sums->dp2 += (square - along * along / norm2) / norm2;
        for (size_t f = s->n_power; f < s->n_raw; f++) sums->dB2 += row[f] * row[f];
    }
    return MLSOAP_SUCCESS;
}

/* Visit every step-th center of the sample. */
static mlsoap_status visit(fit_sample *sample, visit_center visitor, fit_sums *sums, mlsoap_error *error)
{
    size_t count = 0;
    const descriptor *d = sample->d;
    for (size_t i = 0; i < sample->n_structures; i++) {
        const structure *s = sample->structures[i];
        size_t skip = (sample->step - count % sample->step) % sample->step;
        count += s->n_atoms;
        if (skip >= s->n_atoms) continue;
        mlsoap_status status = neighbor_list_build(&sample->list, s, d->r_cut, NULL, error);
        for (size_t k = skip; k < s->n_atoms && !status; k += sample->step) {
            int o = sample->list.first[k], first[2] = {0, sample->list.first[k + 1] - o};
            mlsoap_environments block = {sizeof block,
                                         1,
                                         sample->list.center_species + k,
                                         first,
                                         sample->list.species + o,
                                         sample->list.dx + o,
                                         sample->list.dy + o,
                                         sample->list.dz + o};
            status = d->class_->workspace_reserve(d, sample->w, (size_t)first[1], error);
            if (status) break;
            d->class_->values(d, sample->w, &block, sample->D, d->stride);
            status = visitor(sample, &block, sums, error);
        }
        if (status) return status_prefix(error, status, "structure %zu of those that fit the bispectrum", i);
    }
    return MLSOAP_SUCCESS;
}

static void sample_release(fit_sample *sample)
{
    if (sample->w) sample->d->class_->workspace_free(sample->w);
    descriptor_free(sample->d);
    neighbor_list_release(&sample->list);
    memory_free(sample->D);
    memory_free(sample->jacobian);
}

/* A descriptor of the same settings, not normalized, with the given matrix and unit scales. */
static mlsoap_status sample_open(fit_sample *sample, const json_t *settings, json_t *matrix, const char *path,
                                 const schema_source *source, mlsoap_error *error)
{
    json_t *copy = json_deep_copy(settings), *block = json_object_get(copy, "bispectrum");
    if (!block || json_object_set(block, "matrix", matrix) || json_object_set_new(block, "scale", json_real(1)) ||
        json_object_set_new(block, "weight", json_real(1)) || json_object_set_new(copy, "normalize", json_false())) {
        json_decref(copy);
        return status_no_memory(error, 4096, "the settings of a descriptor");
    }
    mlsoap_status status = descriptor_new(copy, path, source, &sample->d, error);
    json_decref(copy);
    if (!status) status = sample->d->class_->workspace_new(sample->d, &sample->w, error);
    if (status) return status;
    sample->D = MEMORY_NEW(double, sample->d->stride);
    return sample->D ? MLSOAP_SUCCESS : status_no_memory(error, sample->d->stride * 8, "features");
}

static size_t step_for(const fit_sample *sample, size_t wanted)
{
    size_t n = 0;
    for (size_t i = 0; i < sample->n_structures; i++) n += sample->structures[i]->n_atoms;
    return n > wanted ? (n + wanted - 1) / wanted : 1;
}

/* [L][A][n_max] from eigenvectors (covariance NULL: the first A unit vectors, to begin with). */
static json_t *channel_matrix(int A, int L, int n_max, const double *covariance)
{
    quad C[QUAD_LINALG_MAX * QUAD_LINALG_MAX] = {0}, values[QUAD_LINALG_MAX], V[QUAD_LINALG_MAX * QUAD_LINALG_MAX];
    json_t *matrix = json_array();
    for (int l = 0; l < L; l++) {
        json_t *rows = json_array();
        for (int e = 0; covariance && e < n_max * n_max; e++) C[e] = covariance[l * n_max * n_max + e];
        if (covariance) quad_eigen(n_max, C, values, V);
        for (int a = 0; a < A; a++) {
            json_t *row = json_array();
            int column = n_max - 1 - a, largest = 0;
            for (int n = 1; covariance && n < n_max; n++)
                if (fabs((double)V[n * n_max + column]) > fabs((double)V[largest * n_max + column])) largest = n;
            double sign = covariance && V[largest * n_max + column] < 0 ? -1 : 1;
            for (int n = 0; n < n_max; n++)
                json_array_append_new(row, json_real(covariance ? sign * (double)V[n * n_max + column] : n == a));
            json_array_append_new(rows, row);
        }
        json_array_append_new(matrix, rows);
    }
    return matrix;
}

static mlsoap_status find_matrix(fit_sample *sample, const json_t *settings, const char *path,
                                 const schema_source *source, json_t **matrix, mlsoap_error *error)
{
    const json_t *block = json_object_get(settings, "bispectrum");
    int A = (int)schema_integer(block, "channels"), L = (int)schema_integer(block, "l_max");
    int n_max = (int)schema_integer(settings, "n_max");
    fit_sums sums = {.covariance = MEMORY_NEW(double, (size_t)(L * n_max * n_max))};
    json_t *start = channel_matrix(A, L, n_max, NULL);
    mlsoap_status status = sums.covariance ? sample_open(sample, settings, start, path, source, error)
                                           : status_no_memory(error, 4096, "the bispectrum");
    json_decref(start);
    sample->step = step_for(sample, CENTERS_FOR_VALUES);
    if (!status) status = visit(sample, add_covariance, &sums, error);
    if (!status) *matrix = channel_matrix(A, L, n_max, sums.covariance);
    memory_free(sums.covariance);
    sample_release(sample);
    return status;
}

static mlsoap_status find_scales(fit_sample *sample, json_t *block, mlsoap_error *error)
{
    fit_sums sums = {0};
    sample->step = step_for(sample, CENTERS_FOR_VALUES);
    mlsoap_status status = visit(sample, add_square, &sums, error);
    sample->step = step_for(sample, CENTERS_FOR_GRADIENTS);
    if (!status) status = visit(sample, add_gradients, &sums, error);
    if (status) return status;
    double scale = sqrt(sums.B2 / (double)sums.n_values);
    double weight = sqrt(schema_real(block, "phi") * sums.dp2 / sums.dB2) * scale;
    if (!(scale > 0) || !isfinite(weight))
        return status_fail(
            error, MLSOAP_ERROR_VALUE,
            "the data have no environment with neighbors from which the bispectrum could take its scale");
    if (json_object_set_new(block, "scale", json_real(scale)) ||
        json_object_set_new(block, "weight", json_real(weight)))
        return status_no_memory(error, 128, "the bispectrum");
    return MLSOAP_SUCCESS;
}

mlsoap_status soap_fit(json_t *settings, const char *path, const schema_source *source,
                       const structure *const *structures, size_t n_structures, mlsoap_error *error)
{
    mlsoap_status status = schema_complete(settings, soap_schema, path, source, error);
    json_t *block = json_object_get(settings, "bispectrum"), *matrix = NULL;
    if (status || !json_is_object(block) || json_object_get(block, "matrix")) return status;
    fit_sample sample = {.structures = structures, .n_structures = n_structures};
    status = find_matrix(&sample, settings, path, source, &matrix, error);
    if (status) return status;
    sample = (fit_sample){.structures = structures, .n_structures = n_structures};
    status = sample_open(&sample, settings, matrix, path, source, error);
    if (!status) status = find_scales(&sample, block, error);
    if (!status && json_object_set(block, "matrix", matrix)) status = status_no_memory(error, 4096, "the bispectrum");
    sample_release(&sample);
    json_decref(matrix);
    return status;
}
