/* SPDX-License-Identifier: BSD-3-Clause */
/* Search of the mixing of species by validation; see mixing_search.h. */
#include "mixing_search.h"

#include "app/progress.h"
#include "core/memory.h"
#include "descriptors/soap/species_mixing.h"
#include "descriptors/species_list.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const double FIRST_STEP = 0.5, LAST_STEP = 0.1; /* radian */
static const double SMALLEST_GAIN = 2e-3;              /* of the objective */
/* Atoms of the frames, and sparse points per element, of the fits of the search and of the one that confirms. */
enum { SEARCH_ATOMS = 700, CONFIRM_ATOMS = 2000, SEARCH_POINTS = 60, CONFIRM_POINTS = 150 };

/* Part of the data, evenly chosen; frames are those of the whole. */
typedef struct sample {
    dataset data;
    training_frame *fit, *validation;
    frame *train;
    size_t n_points;
} sample;

typedef struct search {
    const fit_problem *problem;
    int i_descriptor, n_channels, n_species;
    json_t *settings;
    const char *path;
    config trial_config; /**< as the problem's, with the small model */
    sample small, large;
    int n_trials;
    progress *bar;
} search;

typedef struct score {
    double energy, forces, objective;
} score;

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

/* ---------------------------------------------------------------------------------------------------------- sample */

/* Evenly chosen frames of at most n_atoms atoms in all, at least one. */
static training_frame *choose_frames(const training_frame *frames, size_t n, size_t n_atoms, size_t *n_chosen)
{
    size_t total = 0;
    for (size_t i = 0; i < n; i++) total += frames[i].source->structure.n_atoms;
    double keep = total > n_atoms ? (double)n_atoms / (double)total : 1;
    training_frame *chosen = MEMORY_NEW(training_frame, n);
    *n_chosen = 0;
    for (size_t i = 0; chosen && i < n; i++)
        if (i == 0 || floor((double)(i + 1) * keep) > floor((double)i * keep)) chosen[(*n_chosen)++] = frames[i];
    return chosen;
}

static mlsoap_status sample_new(sample *s, const dataset *data, size_t n_atoms, size_t n_points, mlsoap_error *error)
{
    s->data = *data;
    s->n_points = n_points;
    s->data.fit = s->fit = choose_frames(data->fit, data->n_fit, n_atoms, &s->data.n_fit);
    s->data.validation = s->validation =
        choose_frames(data->validation, data->n_validation, n_atoms / 2, &s->data.n_validation);
    s->data.train.frames = s->train = MEMORY_NEW(frame, s->data.n_fit);
    if (!s->fit || !s->validation || !s->train) return status_no_memory(error, 4096, "the search of a mixing");
    s->data.train.n_frames = s->data.n_fit;
    for (size_t i = 0; i < s->data.n_fit; i++) s->train[i] = *s->fit[i].source; /* sparse points are taken from these */
    return MLSOAP_SUCCESS;
}

static void sample_release(sample *s)
{
    memory_free(s->fit);
    memory_free(s->validation);
    memory_free(s->train);
}

/* ---------------------------------------------------------------------------------------------------------- search */

static mlsoap_status trial_config(search *s, mlsoap_error *error)
{
    json_t *keys = json_pack("{s:s, s:i, s:b, s:f, s:f, s:i, s:s, s:f, s:s}", "type", "sparse_gp", "zeta", 2,
                             "normalized", 1, "constant", 0.0, "delta", 1.0, "n_sparse", SEARCH_POINTS, "selection",
                             "fps", "jitter", 1e-8, "noise", "auto");
    s->trial_config = *s->problem->config;
    s->trial_config.root = json_deep_copy(s->problem->config->root);
    if (!keys || !s->trial_config.root || json_object_set_new(s->trial_config.root, "model", keys) ||
        json_object_set_new(s->trial_config.root, "uncertainty", json_string("none")))
        return status_no_memory(error, 4096, "the search of a mixing");
    return MLSOAP_SUCCESS;
}

/* Validation errors of a fit on a sample with these features. */
static mlsoap_status fit_sample(search *s, const sample *part, const feature_set *features, score *out,
                                mlsoap_error *error)
{
    fit_problem problem = *s->problem;
    problem.n_uncertainty = 0; /* only the errors count */
    fit_result result = {0};
    fit *f = NULL;
    problem.config = &s->trial_config;
    problem.data = &part->data;
    problem.features = features;
    problem.log = NULL;
    problem.checkpoint = NULL; /* a trial is done or not */
    json_object_set_new(json_object_get(s->trial_config.root, "model"), "n_sparse",
                        json_integer((json_int_t)part->n_points));
    const fit_method *method = fit_method_find("sparse_gp");
    mlsoap_status status = method->create(&problem, &f, error);
    if (!status) status = method->prepare(f, error);
    if (!status) status = method->solve(f, FIT_VALIDATION, &result, error);
    const json_t *rmse = json_object_get(result.summary, "validation_rmse");
    out->energy = json_number_value(json_object_get(rmse, "energy"));
    out->forces = json_number_value(json_object_get(rmse, "forces"));
    out->objective = (out->forces > 0 ? log(out->forces) : 0) + (out->energy > 0 ? 0.5 * log(out->energy) : 0);
    fit_result_release(&result);
    method->free(f);
    return status;
}

static mlsoap_status fit_matrix(search *s, const double *U, const sample *part, score *out, mlsoap_error *error)
{
    const feature_set *given = s->problem->features;
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
    if (!status) status = fit_sample(s, part, &features, out, error);
    feature_set_release(&features);
    descriptor_free(d);
    json_decref(settings);
    memory_free(descriptors);
    return status ? status_prefix(error, status, "search of a mixing") : MLSOAP_SUCCESS;
}

/* The score of a matrix, from the checkpoint where an earlier run has made this trial. */
static mlsoap_status try_matrix(search *s, const double *U, const sample *part, score *out, mlsoap_error *error)
{
    checkpoint *held = s->problem->checkpoint;
    const checkpoint_part bytes = {out, sizeof *out};
    char name[64];
    bool found;
    snprintf(name, sizeof name, "mixing %d trial %d", s->i_descriptor, s->n_trials++);
    mlsoap_status status = checkpoint_read(held, name, &bytes, 1, &found, error);
    if (status) return status;
    if (found) {
        progress_skip(s->bar, 1);
        return MLSOAP_SUCCESS;
    }
    status = fit_matrix(s, U, part, out, error);
    if (!status) status = checkpoint_keep(held, name, &bytes, 1, error);
    if (!status) status = checkpoint_poll(held, error);
    progress_add(s->bar, 1);
    return status;
}

/* One free number a step up, then down; keeps what gains. */
static mlsoap_status try_number(search *s, int z, int i, double step, double *U, score *best, bool *gained,
                                mlsoap_error *error)
{
    size_t n = (size_t)(s->n_channels * s->n_species);
    double *trial = MEMORY_NEW(double, n);
    if (!trial) return status_no_memory(error, n * sizeof *trial, "the search of a mixing");
    mlsoap_status status = MLSOAP_SUCCESS;
    for (int sign = 1; sign >= -1 && !status && s->n_trials < MIXING_TRIALS; sign -= 2) {
        score next;
        memcpy(trial, U, n * sizeof *trial);
        turn_column(trial, s->n_channels, s->n_species, z, i, sign * step);
        status = try_matrix(s, trial, &s->small, &next, error);
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
    score best;
    mlsoap_status status = try_matrix(s, U, &s->small, &best, error);
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
    score before, after;
    size_t size = (size_t)(s->n_channels * s->n_species) * sizeof *U;
    if (memcmp(fixed, U, size) == 0) return MLSOAP_SUCCESS;
    mlsoap_status status = try_matrix(s, fixed, &s->large, &before, error);
    if (!status) status = try_matrix(s, U, &s->large, &after, error);
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
    json_decref(s->trial_config.root);
    sample_release(&s->small);
    sample_release(&s->large);
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
    if (!status) status = trial_config(s, error);
    if (!status) status = sample_new(&s->small, data, SEARCH_ATOMS, SEARCH_POINTS, error);
    if (!status) status = sample_new(&s->large, data, CONFIRM_ATOMS, CONFIRM_POINTS, error);
    s->bar = training_log_progress(s->problem->log, "mixing of species", MIXING_TRIALS + 2);
    if (!status) status = compass_search(s, U, error);
    if (!status) status = confirm(s, fixed, U, result, error);
    memory_free(fixed);
    memory_free(U);
    return status;
}

mlsoap_status mixing_search(const fit_problem *problem, int i_descriptor, json_t *settings, const char *path,
                            mixing_result *result, mlsoap_error *error)
{
    *result = (mixing_result){.kept_fixed = true};
    search s = {.problem = problem, .i_descriptor = i_descriptor, .settings = settings, .path = path};
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
