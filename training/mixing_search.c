/* SPDX-License-Identifier: BSD-3-Clause */
/* Search of the mixing of species by validation; see mixing_search.h. */
#include "mixing_search.h"

#include "app/progress.h"
#include "core/memory.h"
#include "descriptors/soap/species_mixing.h"
#include "descriptors/species_list.h"
#include "trial_fit.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const double FIRST_STEP = 0.5, LAST_STEP = 0.1; /* radian */
static const double SMALLEST_GAIN = 2e-3;              /* of the objective */
/* Atoms of the frames, and sparse points per element, of the fits of the search and of the one that confirms. */
enum { SEARCH_ATOMS = 700, CONFIRM_ATOMS = 2000, SEARCH_POINTS = 60, CONFIRM_POINTS = 150 };

typedef struct search {
    const fit_problem *problem;
    size_t i_term;
    int i_descriptor, n_channels, n_species;
    json_t *settings;
    const char *path;
    trial_sample small, large;
    int n_trials;
    progress *bar;
} search;

bool mixing_is_wanted(const json_t *settings)
{
    const json_t *compression = json_object_get(settings, "compression");
    const char *mixing = json_string_value(json_object_get(compression, "mixing"));
    return mixing && strcmp(mixing, "learned") == 0 && !json_object_get(compression, "matrix");
}

/* ---------------------------------------------------------------------------------------------------------- matrix */

static mlsoap_status set_matrix(json_t *settings, const double *U, int n_channels, int n_species, mlsoap_error *error)
{
    json_t *rows = json_array();
    for (int k = 0; k < n_channels; k++) {
        json_t *row = json_array();
        for (int z = 0; z < n_species; z++) json_array_append_new(row, json_real(U[k * n_species + z]));
        json_array_append_new(rows, row);
    }
    return json_object_set_new(json_object_get(settings, "compression"), "matrix", rows)
               ? status_no_memory(error, 1024, "a mixing matrix")
               : MLSOAP_SUCCESS;
}

mlsoap_status mixing_start(json_t *settings, const char *path, const schema_source *source, mlsoap_error *error)
{
    const json_t *channels = json_object_get(json_object_get(settings, "compression"), "channels");
    int *species = NULL, n = 0, n_channels = json_is_integer(channels) ? (int)json_integer_value(channels) : 2;
    mlsoap_status status =
        species_list_read(json_object_get(settings, "species"), path, "species", 0, source, &species, &n, error);
    if (!status && (n_channels < 1 || n_channels > n))
        status = schema_fail(source, path, "compression.channels", error,
                             "%d channels for %d species; at most one for each species makes sense", n_channels, n);
    double *U = status ? NULL : MEMORY_NEW(double, (size_t)(n_channels * n));
    if (!status && !U) status = status_no_memory(error, 1024, "a mixing matrix");
    if (!status) status = species_mixing(n_channels, n, species, U, error);
    if (!status) status = set_matrix(settings, U, n_channels, n, error);
    memory_free(U);
    memory_free(species);
    return status;
}

/* Directions in which column z may go: across it, along every channel but that of its largest entry. */
static int free_directions(int n_channels)
{
    return n_channels > 1 ? n_channels - 1 : 1;
}

/* Column z turned by an angle towards its i-th direction; with one channel: times exp(angle). */
static void turn_column(double *U, int n_channels, int n_species, int z, int i, double angle)
{
    if (n_channels == 1) {
        U[z] *= exp(angle);
        return;
    }
    int largest = 0;
    for (int k = 1; k < n_channels; k++)
        if (fabs(U[k * n_species + z]) > fabs(U[largest * n_species + z])) largest = k;
    int axis = i < largest ? i : i + 1;
    double along = U[axis * n_species + z], length = sqrt(1 - fmin(along * along, 0.999999)), square = 0;
    for (int k = 0; k < n_channels; k++) {
        double u = U[k * n_species + z], across = ((k == axis) - along * u) / length;
        U[k * n_species + z] = cos(angle) * u + sin(angle) * across;
        square += U[k * n_species + z] * U[k * n_species + z];
    }
    for (int k = 0; k < n_channels; k++) U[k * n_species + z] /= sqrt(square);
}

/* ---------------------------------------------------------------------------------------------------------- search */

static mlsoap_status fit_matrix(search *s, const double *U, const trial_sample *part, size_t n_points, trial_score *out,
                                mlsoap_error *error)
{
    const feature_set *given = &s->problem->terms[s->i_term].features;
    int n = given->n_descriptors;
    feature_set features = {0};
    descriptor *d = NULL, **descriptors = MEMORY_NEW(descriptor *, (size_t)n);
    json_t *settings = json_deep_copy(s->settings);
    mlsoap_status status =
        descriptors && settings ? MLSOAP_SUCCESS : status_no_memory(error, 4096, "the search of a mixing");
    if (!status) status = set_matrix(settings, U, s->n_channels, s->n_species, error);
    if (!status) status = descriptor_new(settings, s->path, &s->problem->config->source, &d, error);
    for (int k = 0; k < n && !status; k++) descriptors[k] = k == s->i_descriptor ? d : given->descriptors[k];
    if (!status) status = feature_set_new(&features, descriptors, n, error);
    if (!status) status = trial_fit(s->problem, part, &features, n_points, out, error);
    feature_set_release(&features);
    descriptor_free(d);
    json_decref(settings);
    memory_free(descriptors);
    return status ? status_prefix(error, status, "search of a mixing") : MLSOAP_SUCCESS;
}

/* The score of a matrix, from the checkpoint where an earlier run has made this trial. */
static mlsoap_status try_matrix(search *s, const double *U, const trial_sample *part, size_t n_points, trial_score *out,
                                mlsoap_error *error)
{
    checkpoint *held = s->problem->checkpoint;
    const checkpoint_part bytes = {out, sizeof *out};
    char name[64];
    bool found;
    snprintf(name, sizeof name, "mixing %s trial %d", s->path, s->n_trials++);
    mlsoap_status status = checkpoint_read(held, name, &bytes, 1, &found, error);
    if (status) return status;
    if (found) {
        progress_skip(s->bar, 1);
        return MLSOAP_SUCCESS;
    }
    status = fit_matrix(s, U, part, n_points, out, error);
    if (!status) status = checkpoint_keep(held, name, &bytes, 1, error);
    if (!status) status = checkpoint_poll(held, error);
    progress_add(s->bar, 1);
    return status;
}

/* One free number a step up, then down; keeps what gains. */
static mlsoap_status try_number(search *s, int z, int i, double step, double *U, trial_score *best, bool *gained,
                                mlsoap_error *error)
{
    size_t n = (size_t)(s->n_channels * s->n_species);
    double *trial = MEMORY_NEW(double, n);
    if (!trial) return status_no_memory(error, n * sizeof *trial, "the search of a mixing");
    mlsoap_status status = MLSOAP_SUCCESS;
    for (int sign = 1; sign >= -1 && !status && s->n_trials < MIXING_TRIALS; sign -= 2) {
        trial_score next;
        memcpy(trial, U, n * sizeof *trial);
        turn_column(trial, s->n_channels, s->n_species, z, i, sign * step);
        status = try_matrix(s, trial, &s->small, SEARCH_POINTS, &next, error);
        if (status || !(next.objective < best->objective - SMALLEST_GAIN)) continue;
        memcpy(U, trial, n * sizeof *trial);
        *best = next;
        *gained = true;
        training_log_text(s->problem->log, "mixing: trial %d: energy %.3g meV/atom, forces %.4g eV/angstrom",
                          s->n_trials, 1e3 * next.energy, next.forces);
        break;
    }
    memory_free(trial);
    return status;
}

/* From the fixed matrix in U to the best found on the small sample. */
static mlsoap_status compass_search(search *s, double *U, mlsoap_error *error)
{
    trial_score best;
    mlsoap_status status = try_matrix(s, U, &s->small, SEARCH_POINTS, &best, error);
    if (!status)
        training_log_text(
            s->problem->log,
            "mixing: fixed: energy %.3g meV/atom, forces %.4g eV/angstrom (validation RMSE of small fits: "
            "%zu frames, %zu to validate)",
            1e3 * best.energy, best.forces, s->small.data.n_fit, s->small.data.n_validation);
    double step = FIRST_STEP;
    while (!status && step >= LAST_STEP && s->n_trials < MIXING_TRIALS) {
        bool gained = false;
        for (int z = 1; z < s->n_species && !status; z++)
            for (int i = 0; i < free_directions(s->n_channels) && !status; i++)
                status = try_number(s, z, i, step, U, &best, &gained, error);
        if (!gained) step /= 2;
    }
    return status;
}

/* The matrix that is better on the larger sample goes into the settings. */
static mlsoap_status confirm(search *s, const double *fixed, const double *U, mixing_result *result,
                             mlsoap_error *error)
{
    trial_score before, after;
    size_t size = (size_t)(s->n_channels * s->n_species) * sizeof *U;
    if (memcmp(fixed, U, size) == 0) return MLSOAP_SUCCESS;
    mlsoap_status status = try_matrix(s, fixed, &s->large, CONFIRM_POINTS, &before, error);
    if (!status) status = try_matrix(s, U, &s->large, CONFIRM_POINTS, &after, error);
    if (status) return status;
    result->before = before.forces;
    result->after = after.forces;
    result->kept_fixed = !(after.objective < before.objective);
    training_log_text(s->problem->log,
                      "mixing: on a larger sample (%zu frames, %zu to validate): energy %.3g to %.3g meV/atom, forces "
                      "%.4g to %.4g eV/angstrom",
                      s->large.data.n_fit, s->large.data.n_validation, 1e3 * before.energy, 1e3 * after.energy,
                      before.forces, after.forces);
    return result->kept_fixed ? MLSOAP_SUCCESS : set_matrix(s->settings, U, s->n_channels, s->n_species, error);
}

static void search_release(search *s)
{
    progress_end(s->bar);
    trial_sample_release(&s->small);
    trial_sample_release(&s->large);
}

static mlsoap_status run_search(search *s, mixing_result *result, mlsoap_error *error)
{
    const dataset *data = s->problem->data;
    const json_t *rows = json_object_get(json_object_get(s->settings, "compression"), "matrix");
    s->n_channels = (int)json_array_size(rows);
    s->n_species = (int)json_array_size(json_array_get(rows, 0));
    size_t n = (size_t)(s->n_channels * s->n_species);
    double *fixed = MEMORY_NEW(double, n), *U = MEMORY_NEW(double, n);
    mlsoap_status status = fixed && U ? MLSOAP_SUCCESS : status_no_memory(error, n * 16, "the search of a mixing");
    for (size_t k = 0; k < n && !status; k++)
        fixed[k] = U[k] =
            json_number_value(json_array_get(json_array_get(rows, k / (size_t)s->n_species), k % (size_t)s->n_species));
    if (!status) status = trial_sample_new(&s->small, data, SEARCH_ATOMS, error);
    if (!status) status = trial_sample_new(&s->large, data, CONFIRM_ATOMS, error);
    s->bar = training_log_progress(s->problem->log, "mixing of species", MIXING_TRIALS + 2);
    if (!status) status = compass_search(s, U, error);
    if (!status) status = confirm(s, fixed, U, result, error);
    memory_free(fixed);
    memory_free(U);
    return status;
}

mlsoap_status mixing_search(const fit_problem *problem, size_t i_term, int i_descriptor, json_t *settings,
                            const char *path, mixing_result *result, mlsoap_error *error)
{
    *result = (mixing_result){.kept_fixed = true};
    search s = {.problem = problem, .i_term = i_term, .i_descriptor = i_descriptor, .settings = settings, .path = path};
    if (problem->data->n_validation == 0 || problem->data->n_fit == 0) {
        training_log_text(problem->log, "mixing: there are no validation frames to learn it from: fixed");
        return MLSOAP_SUCCESS;
    }
    mlsoap_status status = run_search(&s, result, error);
    result->n_trials = s.n_trials;
    search_release(&s);
    if (!status && result->kept_fixed)
        training_log_text(problem->log, "mixing: nothing better than the fixed matrix after %d fits", s.n_trials);
    return status;
}
