/* SPDX-License-Identifier: BSD-3-Clause */
/* The linear probe; see data_probe.h. With rows e (energy), f (forces) and v (virial) of the sample, two ridge
 * regressions on the same normal equations: F alone, and F with E; each kind of row is weighted by 1/(n variance). */
#include "app/doctor/data_probe.h"

#include "app/doctor/probe_cutoff.h"
#include "core/elements.h"
#include "core/memory.h"
#include "descriptors/descriptor.h"
#include "structure/neighbor_list.h"

#include <cblas.h>
#include <lapacke.h>
#include <math.h>
#include <string.h>

enum { MOST_FRAMES = 200, MOST_ATOMS = 6000, MOST_ATOMS_OF_FRAME = 1500, FEWEST_FRAMES = 3, FEWEST_OF_GROUP = 4 };
static const double RIDGE = 1e-7;
/* Of the scan of cutoffs: the resolution stays the same at all of them. */
enum { MOST_ATOMS_OF_SCAN = 1500 };
static const double SCAN_SIGMA = 0.55, SCAN_SPACING = 1.1; /* Angstrom */

typedef struct probe_fit {
    const frame **sample;
    size_t n;
    int elements[ELEMENT_MAX + 1], slot[ELEMENT_MAX + 1], n_elements;
    double r_cut, sigma; /* Angstrom */
    int n_max;
    descriptor *d;
    descriptor_workspace *workspace;
    neighbor_list list;
    size_t n_features; /* of one element */
    size_t n_weights;  /* of all elements */
    size_t n_columns;  /* and an offset of each */
    double *J;
    size_t capacity_J;
    double *E;       /* [n][n_columns] per atom */
    double *W;       /* [n][6][n_columns] per atom */
    double *FF, *Ff; /* [n_columns][n_columns], [n_columns] */
    double *forces;  /* [3 N][n_columns] of the frame at hand */
    size_t capacity_forces;
    double *weights;  /* [n_columns] */
    double *energies; /* [n] of the data, per atom */
    double *scratch;
    double force_squares;
    size_t n_forces;
} probe_fit;

static void release(probe_fit *p)
{
    if (p->workspace) p->d->class_->workspace_free(p->workspace);
    descriptor_free(p->d);
    neighbor_list_release(&p->list);
    double *const arrays[] = {p->J, p->E, p->W, p->FF, p->Ff, p->forces, p->weights, p->energies, p->scratch};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) memory_free(arrays[i]);
    memory_free(p->sample);
}

/* ------------------------------------------------------------------------------------------------ sample */

static bool usable(const frame *f)
{
    return f->has_forces && f->structure.n_atoms > 1 && f->structure.n_atoms <= MOST_ATOMS_OF_FRAME;
}

/* Frames spread evenly over those that can be used; those with virials where there are such. */
static mlsoap_status take_sample(probe_fit *p, const frame *const *frames, size_t n_frames, size_t most_atoms,
                                 mlsoap_error *error)
{
    size_t n_usable = 0, n_with = 0, n_atoms = 0, seen = 0, taken = 0;
    bool virials;
    for (size_t i = 0; i < n_frames; i++) {
        n_usable += usable(frames[i]);
        n_with += usable(frames[i]) && frames[i]->has_virial;
        n_atoms += usable(frames[i]) ? frames[i]->structure.n_atoms : 0;
    }
    if (n_usable < FEWEST_FRAMES) return MLSOAP_SUCCESS;
    virials = n_with >= n_usable / 2 && n_with >= FEWEST_FRAMES;
    if (virials) n_usable = n_with;
    double mean = (double)n_atoms / (double)n_usable;
    size_t wanted = (size_t)((double)most_atoms / mean);
    if (wanted > MOST_FRAMES) wanted = MOST_FRAMES;
    if (wanted < FEWEST_FRAMES) wanted = FEWEST_FRAMES;
    if (wanted > n_usable) wanted = n_usable;
    p->sample = MEMORY_NEW(const frame *, wanted);
    if (!p->sample) return status_no_memory(error, wanted * sizeof *p->sample, "the sample of frames");
    for (size_t i = 0; i < n_frames && taken < wanted; i++) {
        if (!usable(frames[i]) || (virials && !frames[i]->has_virial)) continue;
        if (seen++ == taken * n_usable / wanted) p->sample[taken++] = frames[i];
    }
    p->n = taken;
    return MLSOAP_SUCCESS;
}

static void find_elements(probe_fit *p)
{
    for (size_t c = 0; c < p->n; c++)
        for (size_t i = 0; i < p->sample[c]->structure.n_atoms; i++) p->slot[p->sample[c]->structure.species[i]] = 1;
    for (int z = 1; z <= ELEMENT_MAX; z++) {
        if (!p->slot[z]) continue;
        p->slot[z] = p->n_elements;
        p->elements[p->n_elements++] = z;
    }
}

/* ------------------------------------------------------------------------------------------------ descriptor */

static mlsoap_status make_descriptor(probe_fit *p, mlsoap_error *error)
{
    json_t *species = json_array();
    for (int e = 0; e < p->n_elements; e++) json_array_append_new(species, json_string(element_symbol(p->elements[e])));
    bool few = p->n_elements <= 2;
    json_t *settings = json_pack("{s:s, s:s, s:f, s:i, s:i, s:f, s:s, s:{s:s, s:f}, s:s, s:o}", "name", "probe", "type",
                                 "soap", "r_cut", p->r_cut, "n_max", p->n_max, "l_max", 3, "sigma", p->sigma, "basis",
                                 "gaussians", "cutoff", "function", "shifted_cosine", "width", 0.25 * p->r_cut,
                                 "compression", few ? "none" : "mu1nu1", "species", species);
    if (!settings) return status_no_memory(error, 1024, "the probe of the data");
    mlsoap_status status = descriptor_new(settings, "probe", NULL, &p->d, error);
    json_decref(settings);
    if (!status) status = p->d->class_->workspace_new(p->d, &p->workspace, error);
    if (status) return status;
    p->n_features = p->d->n_features;
    p->n_weights = p->n_features * (size_t)p->n_elements;
    p->n_columns = p->n_weights + (size_t)p->n_elements;
    return MLSOAP_SUCCESS;
}

/* ------------------------------------------------------------------------------------------------ rows */

/* += alpha x for the features of one center. */
static void add_features(size_t n, double alpha, const double *x, double *y)
{
    for (size_t f = 0; f < n; f++) y[f] += alpha * x[f];
}

static mlsoap_status add_center(probe_fit *p, size_t c, size_t i_center, mlsoap_error *error)
{
    static const int strain_a[6] = {0, 1, 2, 0, 0, 1}, strain_b[6] = {0, 1, 2, 1, 2, 2};
    const neighbor_list *list = &p->list;
    size_t first_pair = (size_t)list->first[i_center], n_pairs = (size_t)list->first[i_center + 1] - first_pair;
    size_t stride = p->d->stride, n = p->n_features, columns = p->n_columns;
    int first[2] = {0, (int)n_pairs};
    mlsoap_environments block = {.size = sizeof block,
                                 .n_centers = 1,
                                 .center_species = list->center_species + i_center,
                                 .first = first,
                                 .species = list->species + first_pair,
                                 .dx = list->dx + first_pair,
                                 .dy = list->dy + first_pair,
                                 .dz = list->dz + first_pair};
    mlsoap_status status = p->d->class_->workspace_reserve(p->d, p->workspace, n_pairs, error);
    if (status) return status;
    if (!MEMORY_RESERVE(&p->J, &p->capacity_J, (3 * n_pairs + 1) * stride))
        return status_no_memory(error, 3 * n_pairs * stride * sizeof(double), "derivatives of the probe");
    double *D = p->J + 3 * n_pairs * stride, inverse = 1 / (double)list->n_centers;
    p->d->class_->values(p->d, p->workspace, &block, D, stride);
    p->d->class_->jacobian(p->d, p->workspace, &block, 0, p->J, stride);
    size_t slot = (size_t)p->slot[list->center_species[i_center]], at = slot * n;
    double *E = p->E + c * columns, *W = p->W + c * 6 * columns;
    add_features(n, inverse, D, E + at);
    E[p->n_weights + slot] += inverse;
    for (size_t pair = 0; pair < n_pairs; pair++) {
        const double *J = p->J + 3 * pair * stride;
        size_t q = first_pair + pair, j = (size_t)list->atom[q];
        const double r[3] = {list->dx[q], list->dy[q], list->dz[q]};
        for (int a = 0; a < 3; a++) {
            add_features(n, -1, J + (size_t)a * stride, p->forces + (3 * j + (size_t)a) * columns + at);
            add_features(n, 1, J + (size_t)a * stride, p->forces + (3 * i_center + (size_t)a) * columns + at);
        }
        for (int k = 0; k < 6; k++)
            add_features(n, -inverse * r[strain_a[k]], J + (size_t)strain_b[k] * stride, W + (size_t)k * columns + at);
    }
    return MLSOAP_SUCCESS;
}

/* Forces of the frame at hand as functions of the weights: p->forces; energy and virial rows too. */
static mlsoap_status make_rows(probe_fit *p, size_t c, mlsoap_error *error)
{
    const structure *s = &p->sample[c]->structure;
    size_t n_rows = 3 * s->n_atoms, columns = p->n_columns;
    neighbor_centers atoms = {0};
    if (!MEMORY_RESERVE(&p->forces, &p->capacity_forces, n_rows * columns))
        return status_no_memory(error, n_rows * columns * sizeof(double), "rows of the probe");
    memset(p->forces, 0, n_rows * columns * sizeof(double));
    mlsoap_status status = neighbor_list_build(&p->list, s, p->r_cut, &atoms, error);
    for (size_t i = 0; i < s->n_atoms && !status; i++) status = add_center(p, c, i, error);
    return status ? status_prefix(error, status, "frame %zu", p->sample[c]->index) : MLSOAP_SUCCESS;
}

static mlsoap_status add_frame(probe_fit *p, size_t c, mlsoap_error *error)
{
    const frame *f = p->sample[c];
    int n_rows = (int)(3 * f->structure.n_atoms), columns = (int)p->n_columns;
    mlsoap_status status = make_rows(p, c, error);
    if (status) return status;
    p->energies[c] = f->has_energy ? f->energy / (double)f->structure.n_atoms : 0;
    cblas_dsyrk(CblasRowMajor, CblasUpper, CblasTrans, columns, n_rows, 1, p->forces, columns, 1, p->FF, columns);
    cblas_dgemv(CblasRowMajor, CblasTrans, n_rows, columns, 1, p->forces, columns, &f->forces[0][0], 1, 1, p->Ff, 1);
    p->force_squares += cblas_ddot(n_rows, &f->forces[0][0], 1, &f->forces[0][0], 1);
    p->n_forces += (size_t)n_rows;
    return MLSOAP_SUCCESS;
}

/* Every step-th frame of the sample. */
static mlsoap_status collect(probe_fit *p, size_t step, mlsoap_error *error)
{
    size_t m = p->n_columns;
    p->E = MEMORY_NEW(double, p->n *m);
    p->W = MEMORY_NEW(double, 6 * p->n * m);
    p->FF = MEMORY_NEW(double, m *m);
    p->Ff = MEMORY_NEW(double, m);
    p->weights = MEMORY_NEW(double, m);
    p->energies = MEMORY_NEW(double, p->n);
    p->scratch = MEMORY_NEW(double, m *m);
    if (!p->E || !p->W || !p->FF || !p->Ff || !p->weights || !p->energies || !p->scratch)
        return status_no_memory(error, (2 * m + 7 * p->n) * m * sizeof(double), "the probe of the data");
    mlsoap_status status = MLSOAP_SUCCESS;
    for (size_t c = 0; c < p->n && !status; c += step) status = add_frame(p, c, error);
    return status;
}

/* ------------------------------------------------------------------------------------------------ solution */

/* Minimize |F w - f|^2/(n var F) + energy |E w - e|^2/(n var E) + ridge; columns scaled to equal size. */
static bool solve(probe_fit *p, double energy_factor)
{
    size_t m = p->n_columns;
    double *A = p->scratch, force_factor = p->force_squares > 0 ? 1 / p->force_squares : 0;
    double *scale = MEMORY_NEW(double, m);
    if (!scale) return false;
    for (size_t i = 0; i < m * m; i++) A[i] = force_factor * p->FF[i];
    for (size_t i = 0; i < m; i++) p->weights[i] = force_factor * p->Ff[i];
    if (energy_factor > 0) {
        cblas_dsyrk(CblasRowMajor, CblasUpper, CblasTrans, (int)m, (int)p->n, energy_factor, p->E, (int)m, 1, A,
                    (int)m);
        cblas_dgemv(CblasRowMajor, CblasTrans, (int)p->n, (int)m, energy_factor, p->E, (int)m, p->energies, 1, 1,
                    p->weights, 1);
    }
    for (size_t i = 0; i < m; i++) scale[i] = A[i * m + i] > 0 ? 1 / sqrt(A[i * m + i]) : 1;
    for (size_t i = 0; i < m; i++) {
        for (size_t j = i; j < m; j++) A[i * m + j] *= scale[i] * scale[j];
        A[i * m + i] += A[i * m + i] > 0 ? RIDGE : 1;
        p->weights[i] *= scale[i];
    }
    int info = LAPACKE_dposv(LAPACK_ROW_MAJOR, 'U', (int)m, 1, A, (int)m, p->weights, 1);
    for (size_t i = 0; i < m; i++) p->weights[i] *= scale[i];
    memory_free(scale);
    return info == 0;
}

/* Subtract from y what the composition explains. */
static bool subtract_composition(const probe_fit *p, double *y)
{
    size_t n = p->n, k = (size_t)p->n_elements, rows = n > k ? n : k;
    double *A = MEMORY_NEW(double, rows *k), *b = MEMORY_NEW(double, rows), *s = MEMORY_NEW(double, k);
    int rank, info = 1;
    if (A && b && s) {
        for (size_t c = 0; c < n; c++) memcpy(A + c * k, p->E + c * p->n_columns + p->n_weights, k * sizeof *A);
        memcpy(b, y, n * sizeof *b);
        info = LAPACKE_dgelsd(LAPACK_ROW_MAJOR, (int)n, (int)k, 1, A, (int)k, b, 1, s, 1e-10, &rank);
    }
    for (size_t c = 0; c < n && info == 0; c++)
        y[c] -= cblas_ddot((int)k, p->E + c * p->n_columns + p->n_weights, 1, b, 1);
    memory_free(A);
    memory_free(b);
    memory_free(s);
    return info == 0;
}

/* Energies per atom of the data and of the weights at hand, without what the composition explains; false where the
 * energies do not vary. */
static bool compare_energies(probe_fit *p, data_probe *probe)
{
    double *data = probe->energy_data = MEMORY_NEW(double, p->n);
    double *model = probe->energy_model = MEMORY_NEW(double, p->n);
    size_t n_with = 0;
    bool good = data && model;
    for (size_t c = 0; c < p->n && good; c++) {
        n_with += p->sample[c]->has_energy;
        data[c] = p->energies[c];
        model[c] = cblas_ddot((int)p->n_weights, p->E + c * p->n_columns, 1, p->weights, 1);
    }
    good = good && n_with == p->n && p->n > (size_t)p->n_elements + 1 && subtract_composition(p, data) &&
           subtract_composition(p, model);
    if (!good) return false;
    target_slope_find(data, model, p->n, &probe->energy);
    probe->n_energies = p->n;
    return true;
}

static double energy_variance(probe_fit *p)
{
    double sum = 0;
    double *rest = MEMORY_NEW(double, p->n);
    if (!rest) return 0;
    memcpy(rest, p->energies, p->n * sizeof *rest);
    if (subtract_composition(p, rest)) sum = cblas_ddot((int)p->n, rest, 1, rest, 1);
    memory_free(rest);
    return sum;
}

/* 1 - |F w - f|^2/|f|^2 as a correlation. */
static double force_correlation(const probe_fit *p)
{
    double along = cblas_ddot((int)p->n_columns, p->weights, 1, p->Ff, 1), square = 0;
    cblas_dsymv(CblasRowMajor, CblasUpper, (int)p->n_columns, 1, p->FF, (int)p->n_columns, p->weights, 1, 0, p->scratch,
                1);
    square = cblas_ddot((int)p->n_columns, p->scratch, 1, p->weights, 1);
    return square > 0 && p->force_squares > 0 ? along / sqrt(square * p->force_squares) : 0;
}

/* Virials of the frames of one config_type (NULL: of all) into data and model. */
static size_t collect_virials(const probe_fit *p, const char *config_type, double (*data)[6], double (*model)[6],
                              double *volumes)
{
    size_t n = 0;
    for (size_t c = 0; c < p->n; c++) {
        const frame *f = p->sample[c];
        if (!f->has_virial || (config_type && strcmp(config_type, f->config_type) != 0)) continue;
        volumes[n] = structure_volume(&f->structure);
        for (int k = 0; k < 6; k++) {
            data[n][k] = f->virial[k] / (double)f->structure.n_atoms;
            model[n][k] = cblas_ddot((int)p->n_columns, p->W + (6 * c + (size_t)k) * p->n_columns, 1, p->weights, 1);
        }
        n++;
    }
    return n;
}

static bool is_first_of_type(const probe_fit *p, size_t c)
{
    for (size_t i = 0; i < c; i++)
        if (strcmp(p->sample[i]->config_type, p->sample[c]->config_type) == 0) return false;
    return true;
}

static mlsoap_status compare_virials(const probe_fit *p, data_probe *probe, mlsoap_error *error)
{
    double(*data)[6] = probe->virial_data = memory_new(p->n, sizeof *data);
    double(*model)[6] = probe->virial_model = memory_new(p->n, sizeof *model);
    double *volumes = MEMORY_NEW(double, p->n);
    probe->groups = MEMORY_NEW(probe_group, p->n);
    if (!data || !model || !volumes || !probe->groups) {
        memory_free(volumes);
        return status_no_memory(error, p->n * sizeof *probe->groups, "virials of the probe");
    }
    for (size_t c = 0; c < p->n; c++) {
        probe_group *group = &probe->groups[probe->n_groups];
        if (!is_first_of_type(p, c)) continue;
        group->config_type = p->sample[c]->config_type;
        size_t n = collect_virials(p, group->config_type, data, model, volumes);
        virial_slopes_find((const double(*)[6])data, (const double(*)[6])model, volumes, n, &group->virial);
        probe->n_groups += n >= FEWEST_OF_GROUP;
    }
    probe->n_virials = collect_virials(p, NULL, data, model, volumes);
    virial_slopes_find((const double(*)[6])data, (const double(*)[6])model, volumes, probe->n_virials, &probe->virial);
    memory_free(volumes);
    return MLSOAP_SUCCESS;
}

void data_probe_release(data_probe *probe)
{
    memory_free(probe->groups);
    memory_free(probe->energy_data);
    memory_free(probe->energy_model);
    memory_free(probe->virial_data);
    memory_free(probe->virial_model);
    memset(probe, 0, sizeof *probe);
}

static mlsoap_status run(probe_fit *p, const frame *const *frames, size_t n_frames, data_probe *probe,
                         mlsoap_error *error)
{
    char text[1024];
    mlsoap_status status = take_sample(p, frames, n_frames, MOST_ATOMS, error);
    if (status || p->n < FEWEST_FRAMES) return status;
    find_elements(p);
    status = probe_cutoff(p->sample, p->n, &p->r_cut, error);
    p->sigma = 0.11 * p->r_cut;
    p->n_max = p->n_elements <= 2 ? 5 : 4;
    if (!status) status = make_descriptor(p, error);
    if (!status) status = collect(p, 1, error);
    if (status || !solve(p, 0)) return status;
    probe->n_frames = p->n;
    probe->r_cut = p->r_cut;
    for (size_t c = 0; c < p->n; c++) probe->n_atoms += p->sample[c]->structure.n_atoms;
    probe->force_correlation = force_correlation(p);
    bool energies = compare_energies(p, probe);
    double variance = energies ? energy_variance(p) : 0;
    double n_atoms = (double)probe->n_atoms / (double)p->n;
    bool belong = !energy_slope_verdict(&probe->energy, n_atoms, text, sizeof text);
    if (variance > 0 && belong && !solve(p, 1 / variance)) return MLSOAP_SUCCESS;
    return compare_virials(p, probe, error);
}

mlsoap_status data_probe_run(const frame *const *frames, size_t n_frames, data_probe *probe, mlsoap_error *error)
{
    probe_fit p = {0};
    memset(probe, 0, sizeof *probe);
    mlsoap_status status = run(&p, frames, n_frames, probe, error);
    release(&p);
    return status;
}

/* ------------------------------------------------------------------------------------------------ cutoffs */

/* Errors of the forces of the frames that the fit has not seen. */
static mlsoap_status judge_forces(probe_fit *p, probe_forces *result, mlsoap_error *error)
{
    double sum = 0;
    for (size_t c = 1; c < p->n; c += 2) {
        const frame *f = p->sample[c];
        mlsoap_status status = make_rows(p, c, error);
        if (status) return status;
        result->n_neighbors += (double)p->list.first[p->list.n_centers];
        for (size_t k = 0; k < 3 * f->structure.n_atoms; k++) {
            double predicted = cblas_ddot((int)p->n_columns, p->forces + k * p->n_columns, 1, p->weights, 1);
            sum += (f->forces[k / 3][k % 3] - predicted) * (f->forces[k / 3][k % 3] - predicted);
        }
        result->n_atoms += f->structure.n_atoms;
    }
    result->n_neighbors /= (double)result->n_atoms;
    result->rmse = sqrt(sum / (3 * (double)result->n_atoms));
    return MLSOAP_SUCCESS;
}

static mlsoap_status run_forces(probe_fit *p, const frame *const *frames, size_t n_frames, probe_forces *result,
                                mlsoap_error *error)
{
    mlsoap_status status = take_sample(p, frames, n_frames, MOST_ATOMS_OF_SCAN, error);
    if (status || p->n < FEWEST_FRAMES) return status;
    find_elements(p);
    p->sigma = SCAN_SIGMA;
    p->n_max = 1 + (int)ceil(p->r_cut / SCAN_SPACING);
    if (!status) status = make_descriptor(p, error);
    if (!status) status = collect(p, 2, error);
    if (status || !solve(p, 0)) return status;
    return judge_forces(p, result, error);
}

mlsoap_status data_probe_forces(const frame *const *frames, size_t n_frames, double r_cut, probe_forces *result,
                                mlsoap_error *error)
{
    probe_fit p = {.r_cut = r_cut};
    memset(result, 0, sizeof *result);
    mlsoap_status status = run_forces(&p, frames, n_frames, result, error);
    release(&p);
    return status;
}
