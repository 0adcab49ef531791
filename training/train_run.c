/* SPDX-License-Identifier: BSD-3-Clause */
/* A training run; see train_run.h. */
#include "train_run.h"

#include "app/doctor/offsets.h"
#include "app/reading.h"
#include "app/reliability.h"
#include "baselines.h"
#include "calibration.h"
#include "core/elements.h"
#include "core/file.h"
#include "core/memory.h"
#include "core_baseline.h"
#include "core_range.h"
#include "cutoff_search.h"
#include "defaults.h"
#include "descriptors/pooling.h"
#include "learning_curve.h"
#include "mixing_search.h"
#include "origin.h"
#include "scan.h"
#include "shared_prediction.h"
#include "train_output.h"

#include <math.h>
#include <omp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *const method_names[] = {"auto", "isolated", "least_squares", "mean"}; /* offsets_method */

/* Everything that a run holds. */
typedef struct train_state {
    config *c;
    const train_options *options;
    training_log *log;
    dataset data;
    descriptor **descriptors;
    size_t n_descriptors;
    bool *learned;     /* [n_descriptors] the mixing of species is to be learned */
    descriptor **term; /* of the model, into descriptors */
    json_t *term_names;
    feature_set features;
    training_domain domain;
    json_t *pair_terms; /* of the potential */
    int element_index[ELEMENT_MAX + 1];
    pair_core core;
    core_baseline baseline; /* applied where a fit or its offsets look at the targets */
    double *offsets;
    check_list checks;
    checkpoint *checkpoint;
    fit_origin from; /* path NULL: none */
    fit_problem problem;
    fit *fit;
    mlsoap_potential *potential;
    frame_set validation; /* shallow copies of the validation frames with predictions of their own */
    json_t *learning;     /* curve, array; NULL: none is wanted */
    json_t *calibrations; /* of the uncertainty; NULL: none */
    train_output output;
    double fit_began; /* by omp_get_wtime */
} train_state;

static void state_release(train_state *s)
{
    core_baseline_release(&s->baseline);
    pair_core_release(&s->core);
    json_decref(s->pair_terms);
    training_domain_release(&s->domain);
    for (int part = 0; part < N_REPORT_PARTS; part++)
        if (s->output.sets[part]) error_table_release(&s->output.tables[part]);
    for (size_t i = 0; i < s->validation.n_frames; i++) {
        memory_free(s->validation.frames[i].predicted_forces);
        memory_free(s->validation.frames[i].predicted_uncertainty);
    }
    json_decref(s->learning);
    json_decref(s->calibrations);
    memory_free(s->validation.frames);
    json_decref((json_t *)(uintptr_t)s->output.loss);
    json_decref((json_t *)(uintptr_t)s->output.summary);
    mlsoap_potential_free(s->potential);
    if (s->fit) s->fit->method->free(s->fit);
    checkpoint_free(s->checkpoint);
    origin_release(&s->from);
    check_list_release(&s->checks);
    memory_free(s->offsets);
    feature_set_release(&s->features);
    json_decref(s->term_names);
    memory_free(s->term);
    for (size_t i = 0; s->descriptors && i < s->n_descriptors; i++) descriptor_free(s->descriptors[i]);
    memory_free(s->descriptors);
    memory_free(s->learned);
    dataset_release(&s->data);
    training_log_free(s->log);
}

/* ------------------------------------------------------------------------------------------------------------ data */

static void put_log_line(void *log, const char *line)
{
    training_log_text(log, "%s", line);
}

static void print_files(training_log *log, const frame_set *set, const char *role)
{
    for (size_t k = 0; k < set->n_files; k++) {
        const frame_file *f = &set->files[k];
        training_log_text(log, "%s: %s, %zu frames, %zu atoms", role, f->path, f->n_frames, f->n_atoms);
        reading_print(f, put_log_line, log);
    }
}

/* The elements of the configuration, or those of the data: the two must be the same set. */
static mlsoap_status settle_elements(train_state *s, mlsoap_error *error)
{
    const json_t *given = json_object_get(s->c->root, "elements");
    dataset *d = &s->data;
    if (s->from.path) {
        mlsoap_status status = origin_elements(&s->from, &d->elements, &d->n_elements, error);
        if (status) return status;
    }
    for (int e = 0; e < d->n_elements && given; e++) {
        bool found = false;
        for (size_t i = 0; i < json_array_size(given); i++)
            found |= strcmp(json_string_value(json_array_get(given, i)), element_symbol(d->elements[e])) == 0;
        if (!found)
            return schema_fail(&s->c->source, "", "elements", error, "the training data hold %s, which is not listed",
                               element_symbol(d->elements[e]));
    }
    if (given && json_array_size(given) > (size_t)d->n_elements)
        return schema_fail(&s->c->source, "", "elements", error,
                           "%zu elements are listed and the training data hold %d: nothing could be fitted for the "
                           "others",
                           json_array_size(given), d->n_elements);
    for (size_t c = 0; c < d->test.n_frames; c++)
        for (size_t i = 0; i < d->test.frames[c].structure.n_atoms; i++) {
            bool found = false;
            for (int e = 0; e < d->n_elements; e++) found |= d->elements[e] == d->test.frames[c].structure.species[i];
            if (!found)
                return status_fail(error, MLSOAP_ERROR_SPECIES,
                                   "%s: frame %zu holds %s, which is not in the training data",
                                   d->test.files[d->test.frames[c].i_file].path, d->test.frames[c].index,
                                   element_symbol(d->test.frames[c].structure.species[i]));
        }
    return MLSOAP_SUCCESS;
}

/* "SiC.mlsoap" where no output is named. */
static mlsoap_status settle_output(train_state *s, mlsoap_error *error)
{
    char name[3 * (ELEMENT_MAX + 1) + 16] = "";
    if (json_object_get(s->c->root, "output")) return MLSOAP_SUCCESS;
    for (int e = 0; e < s->data.n_elements; e++) strcat(name, element_symbol(s->data.elements[e]));
    strcat(name, ".mlsoap");
    if (json_object_set_new(s->c->root, "output", json_string(name)))
        return status_no_memory(error, sizeof name, "the name of the output");
    return MLSOAP_SUCCESS;
}

static mlsoap_status read_data(train_state *s, mlsoap_error *error)
{
    mlsoap_status status = MLSOAP_SUCCESS;
    if (s->options->from) status = origin_read(s->options->from, s->c, &s->from, error);
    if (!status) status = config_complete(s->c, error);
    if (!status) status = dataset_read(&s->data, s->c, error);
    if (status) return status;
    print_files(s->log, &s->data.train, "train");
    print_files(s->log, &s->data.validation_files, "validation");
    print_files(s->log, &s->data.test, "test");
    status = settle_elements(s, error);
    if (!status) status = settle_output(s, error);
    if (!status) status = dataset_split(&s->data, s->c, error);
    if (!status && s->data.n_fit == 0)
        status = status_fail(error, MLSOAP_ERROR_VALUE, "no frame is left for the fit: lower data.validation");
    if (!status && s->data.n_validation == 0 && s->options->point)
        status =
            status_fail(error, MLSOAP_ERROR_VALUE,
                        "a scan judges by validation frames, and there are none: set data.validation, such as 0.1");
    training_log_stage(s->log, "data");
    return status;
}

/* ---------------------------------------------------------------------------------------------------- descriptors */

static bool is_text(const json_t *value, const char *text)
{
    return value && json_is_string(value) && strcmp(json_string_value(value), text) == 0;
}

/* Features of unit length, unless the user says otherwise: a bispectrum joins such a power spectrum (spec bispectrum.md
 * 3), and of several SOAPs side by side none may drown the others. */
static bool wants_unit_length(const config *c, const json_t *settings)
{
    const json_t *type = json_object_get(settings, "type"), *mode = json_object_get(settings, "mode"),
                 *centers = json_object_get(settings, "centers"), *w0 = json_object_get(settings, "w0");
    if (json_object_get(settings, "normalize")) return false;
    if (json_is_object(json_object_get(settings, "bispectrum"))) return true;
    return json_array_size(json_object_get(c->root, "descriptors")) > 1 && (!type || is_text(type, "soap")) &&
           (!mode || is_text(mode, "smooth")) && (!centers || is_text(centers, "atoms")) &&
           !(json_is_number(w0) && json_number_value(w0) == 0) &&
           !json_is_false(json_object_get(json_object_get(c->root, "model"), "normalized"));
}

/* What a descriptor takes from the training structures. */
static mlsoap_status fit_descriptor(train_state *s, size_t i, const char *path, mlsoap_error *error)
{
    json_t *settings = json_array_get(json_object_get(s->c->root, "descriptors"), i);
    size_t n = s->data.train.n_frames;
    if (wants_unit_length(s->c, settings) && json_object_set_new(settings, "normalize", json_true()))
        return status_no_memory(error, 64, "the settings of a descriptor");
    const structure **structures = MEMORY_NEW(const structure *, n);
    if (!structures) return status_no_memory(error, n * sizeof *structures, "the training structures");
    for (size_t c = 0; c < n; c++) structures[c] = &s->data.training[c]->structure;
    mlsoap_status status = descriptor_fit(settings, path, &s->c->source, structures, n, error);
    memory_free(structures);
    return status;
}

static mlsoap_status choose_cutoff(train_state *s, double *r_cut, mlsoap_error *error)
{
    cutoff_result found;
    mlsoap_status status = cutoff_search(s->c, &s->data, s->options->ranks, s->log, &found, error);
    if (!status) *r_cut = found.r_cut[found.chosen];
    training_log_stage(s->log, "cutoff");
    return status;
}

static mlsoap_status build_descriptors(train_state *s, mlsoap_error *error)
{
    char why[DEFAULT_WHY], path[64];
    double r_cut = 0;
    mlsoap_status status = cutoff_is_open(s->c->root) ? choose_cutoff(s, &r_cut, error) : MLSOAP_SUCCESS;
    if (!status)
        status = default_descriptors(s->c->root, s->data.training, s->data.train.n_frames, s->data.elements,
                                     s->data.n_elements, r_cut, why, sizeof why, error);
    if (!status) status = config_set_elements(s->c, s->data.elements, (size_t)s->data.n_elements, error);
    if (!status) status = config_complete(s->c, error);
    if (status) return status;
    if (why[0]) training_log_text(s->log, "descriptor: %s", why);
    if (s->options->choose_only) return MLSOAP_SUCCESS; /* what the data fill in later is no setting */
    json_t *list = json_object_get(s->c->root, "descriptors");
    s->descriptors = MEMORY_NEW(descriptor *, json_array_size(list));
    s->learned = MEMORY_NEW(bool, json_array_size(list));
    if (!s->descriptors || !s->learned) return status_no_memory(error, 1024, "the descriptors");
    for (size_t i = 0; i < json_array_size(list); i++) {
        snprintf(path, sizeof path, "descriptors.%zu", i);
        json_t *settings = json_array_get(list, i);
        s->learned[i] = mixing_is_wanted(settings);
        status = s->learned[i] ? mixing_start(settings, path, &s->c->source, error) : MLSOAP_SUCCESS;
        if (!status) status = fit_descriptor(s, i, path, error);
        if (!status) status = descriptor_new(json_array_get(list, i), path, &s->c->source, &s->descriptors[i], error);
        if (status) return status;
        s->n_descriptors++;
        if ((status = pooling_refuse(s->descriptors[i], path, &s->c->source, error))) return status;
        char warning[512];
        if (descriptor_warning(s->descriptors[i], warning, sizeof warning) &&
            (status = check_add(&s->checks, "hard_cutoff", CHECK_WARNING, 1, error, "%s", warning)))
            return status;
        training_log_text(s->log, "descriptor: %s, %zu features, r_cut %.3f angstrom",
                          schema_text(json_array_get(list, i), "name"), s->descriptors[i]->n_features,
                          s->descriptors[i]->r_cut);
    }
    training_log_stage(s->log, "defaults");
    return MLSOAP_SUCCESS;
}

/* The descriptors that model.on names; all where it is absent. */
static mlsoap_status choose_term(train_state *s, mlsoap_error *error)
{
    const json_t *on = json_object_get(json_object_get(s->c->root, "model"), "on");
    int n = 0;
    s->term = MEMORY_NEW(descriptor *, s->n_descriptors);
    s->term_names = json_array();
    if (!s->term || !s->term_names) return status_no_memory(error, 1024, "the descriptors of the model");
    size_t wanted = on ? json_array_size(on) : s->n_descriptors;
    for (size_t k = 0; k < wanted; k++) {
        const char *name = on ? json_string_value(json_array_get(on, k)) : NULL;
        size_t found = on ? s->n_descriptors : k;
        for (size_t i = 0; i < s->n_descriptors && name; i++)
            if (strcmp(schema_text(s->descriptors[i]->settings, "name"), name) == 0) found = i;
        if (found == s->n_descriptors || (size_t)n == s->n_descriptors)
            return schema_fail(&s->c->source, "model", "on", error,
                               "no descriptor has the name `%s`, or it is there "
                               "twice",
                               name ? name : "(not a text)");
        s->term[n++] = s->descriptors[found];
        json_array_append(s->term_names, json_object_get(s->descriptors[found]->settings, "name"));
    }
    if (n == 0) return schema_fail(&s->c->source, "model", "on", error, "the list is empty; name descriptors");
    return feature_set_new(&s->features, s->term, n, error);
}

/* ---------------------------------------------------------------------------------- core, offsets and checks */

/* The repulsive core, and the targets that it takes a part of. */
static mlsoap_status choose_core(train_state *s, mlsoap_error *error)
{
    dataset *d = &s->data;
    const json_t *zbl = json_object_get(s->c->root, "zbl");
    mlsoap_status status =
        training_domain_find(d->training, d->train.n_frames, d->elements, d->n_elements, &s->domain, error);
    if (status) return status;
    if (!s->features.centers_are_atoms && json_is_object(zbl))
        return schema_fail(&s->c->source, "", "zbl", error, "needs centers that are atoms; use `zbl: none`");
    const json_t *before = s->from.path ? json_object_get(s->from.potential->description, "pair_terms") : NULL;
    if (!s->features.centers_are_atoms || s->from.path)
        s->pair_terms = before ? json_deep_copy(before) : json_array();
    else
        status = core_range_choose(zbl, &s->domain, d->elements, d->n_elements, s->log, &s->pair_terms, error);
    for (int z = 0; z <= ELEMENT_MAX; z++) s->element_index[z] = -1;
    for (int e = 0; e < d->n_elements; e++) s->element_index[d->elements[e]] = e;
    if (!status)
        status =
            pair_core_read(&s->core, s->pair_terms, d->elements, d->n_elements, s->element_index, &s->c->source, error);
    if (!status) status = core_baseline_add(&s->baseline, &s->core, &d->train, error);
    if (!status) status = core_baseline_add(&s->baseline, &s->core, &d->validation_files, error);
    if (!status && s->baseline.n > 0)
        training_log_text(s->log, "core: it reaches %zu frames, whose targets are fitted without it", s->baseline.n);
    return status;
}

static mlsoap_status solve(train_state *s, fit_stage stage, fit_result *result, mlsoap_error *error)
{
    core_baseline_apply(&s->baseline, true);
    mlsoap_status status = s->fit->method->solve(s->fit, stage, result, error);
    core_baseline_apply(&s->baseline, false);
    return status;
}

static mlsoap_status find_offsets(train_state *s, mlsoap_error *error)
{
    const dataset *d = &s->data;
    const json_t *value = json_object_get(s->c->root, "offsets");
    offsets_result result = {0};
    mlsoap_status status = MLSOAP_SUCCESS;
    s->offsets = MEMORY_NEW(double, (size_t)d->n_elements);
    if (!s->offsets) return status_no_memory(error, 1024, "the offsets");
    if (json_is_object(value)) {
        for (int e = 0; e < d->n_elements; e++) {
            const json_t *number = json_object_get(value, element_symbol(d->elements[e]));
            if (!json_is_number(number))
                return schema_fail(&s->c->source, "", "offsets", error, "there is no value for %s",
                                   element_symbol(d->elements[e]));
            s->offsets[e] = json_number_value(number);
        }
        status = offsets_check(d->training, d->train.n_frames, d->elements, d->n_elements, s->offsets, &result, error);
    } else {
        offsets_method method = OFFSETS_AUTO;
        for (int k = 0; k < 4; k++)
            if (strcmp(method_names[k], json_string_value(value)) == 0) method = (offsets_method)k;
        status = offsets_find(d->training, d->train.n_frames, d->elements, d->n_elements, method, s->features.r_cut,
                              s->offsets, &result, error);
    }
    if (status) return status;
    for (int e = 0; e < d->n_elements; e++)
        training_log_text(s->log, "offset: %s %.6f eV (%s)", element_symbol(d->elements[e]), s->offsets[e],
                          json_is_object(value)               ? "as given"
                          : result.method == OFFSETS_ISOLATED ? "isolated atom"
                          : result.method == OFFSETS_MEAN     ? "mean energy per atom"
                          : result.rank < d->n_elements
                              ? "least squares, minimum norm: compositions do not determine it"
                              : "least squares");
    training_log_text(s->log, "        energies after the offsets: RMS %.4f eV/atom", result.rms);
    return MLSOAP_SUCCESS;
}

static mlsoap_status report_checks(train_state *s, size_t first, mlsoap_error *error)
{
    for (size_t i = first; i < s->checks.n; i++) {
        const check_finding *f = &s->checks.items[i];
        if (f->severity == CHECK_WARNING || f->allowed)
            training_log_text(s->log, "%s (%s): %s", f->allowed ? "allowed" : "warning", f->name, f->text);
    }
    return check_list_verdict(&s->checks, error);
}

/* ------------------------------------------------------------------------------------------------------------- fit */

enum { UNCERTAINTY_POINTS = 300 }; /* of `uncertainty: auto` */

static size_t uncertainty_points(const config *c)
{
    const json_t *value = json_object_get(c->root, "uncertainty");
    if (json_is_object(value)) return (size_t)schema_integer(value, "n_points");
    return schema_is_none(c->root, "uncertainty") ? 0 : UNCERTAINTY_POINTS;
}

static mlsoap_status make_problem(train_state *s, mlsoap_error *error)
{
    const json_t *keys = json_object_get(s->c->root, "model");
    const fit_method *method = fit_method_find(schema_text(keys, "type"));
    if (!method)
        return schema_fail(&s->c->source, "model", "type", error, "%s cannot be fitted by this version",
                           schema_text(keys, "type"));
    s->problem = (fit_problem){.config = s->c,
                               .data = &s->data,
                               .features = &s->features,
                               .descriptor_names = s->term_names,
                               .elements = s->data.elements,
                               .n_elements = s->data.n_elements,
                               .offsets = s->offsets,
                               .pair_terms = s->pair_terms,
                               .n_uncertainty = uncertainty_points(s->c),
                               .ranks = s->options->ranks,
                               .from = s->from.path ? &s->from : NULL,
                               .log = s->log};
    mlsoap_status status = config_memory(s->c, &s->problem.memory, error);
    return status ? status : method->create(&s->problem, &s->fit, error);
}

/* Mixings of species by validation, then the descriptors anew with what was found. */
static mlsoap_status learn_mixings(train_state *s, mlsoap_error *error)
{
    const json_t *list = json_object_get(s->c->root, "descriptors");
    bool any = false;
    char path[64];
    for (int k = 0; k < s->features.n_descriptors; k++) {
        size_t i = 0;
        while (s->descriptors[i] != s->term[k]) i++;
        if (!s->learned[i]) continue;
        mixing_result result;
        snprintf(path, sizeof path, "descriptors.%zu", i);
        json_t *settings = json_array_get(list, i);
        mlsoap_status status = mixing_search(&s->problem, k, settings, path, &result, error);
        descriptor *fresh = NULL;
        if (!status) status = descriptor_new(settings, path, &s->c->source, &fresh, error);
        if (status) return status;
        descriptor_free(s->descriptors[i]);
        s->descriptors[i] = s->term[k] = fresh;
        any = true;
    }
    if (any) training_log_stage(s->log, "mixing of species");
    return MLSOAP_SUCCESS;
}

static mlsoap_status print_forecast(const train_state *s)
{
    const double GiB = 1024.0 * 1024 * 1024;
    fit_forecast forecast;
    int n_ranks = parallel_size(s->options->ranks);
    s->fit->method->forecast(s->fit, &forecast);
    training_log_text(
        s->log,
        "forecast: %.2g GiB of memory%s (cap %.3g GiB), some %.0f s, a potential of %.2g MB; %zu frames to "
        "fit, %zu to validate",
        forecast.bytes / GiB, n_ranks > 1 ? " on each rank" : "", (double)s->problem.memory / GiB, forecast.seconds,
        1e-6 * forecast.file_bytes, s->data.n_fit, s->data.n_validation);
    if (n_ranks > 1) training_log_text(s->log, "ranks: %d, each with up to %d threads", n_ranks, omp_get_max_threads());
    return MLSOAP_SUCCESS;
}

/* What the bits of a result follow from: data by their content, and all settings but those of the run. */
static json_t *make_fingerprint(const train_state *s)
{
    static const char *const free_keys[] = {"memory", "checkpoint", "output"};
    const frame_set *sets[] = {&s->data.train, &s->data.validation_files};
    json_t *settings = json_deep_copy(s->c->root), *files = json_object();
    char name[64];
    json_t *keys = json_object_get(settings, "data");
    for (size_t i = 0; i < sizeof free_keys / sizeof *free_keys; i++) json_object_del(settings, free_keys[i]);
    json_object_del(keys, "train");
    json_object_del(keys, "test");
    if (json_is_array(json_object_get(keys, "validation"))) json_object_del(keys, "validation");
    for (int k = 0; k < 2; k++)
        for (size_t i = 0; i < sets[k]->n_files; i++) {
            snprintf(name, sizeof name, "%s file %zu", k ? "validation" : "train", i + 1);
            json_object_set_new(files, name, json_string(sets[k]->files[i].sha256));
        }
    return json_pack("{s:s, s:s, s:o, s:o}", "version", mlsoap_version(), "from",
                     s->from.path ? mlsoap_potential_identity(s->from.potential) : "nothing", "data", files, "settings",
                     settings);
}

/* What an earlier run has left. */
static mlsoap_status resume(train_state *s, const char *path, bool *found, mlsoap_error *error)
{
    *found = false;
    if (s->options->resume) {
        mlsoap_status status = checkpoint_resume(s->checkpoint, found, error);
        if (status) return status;
        training_log_text(s->log, *found ? "resume: going on from %s" : "resume: there is no %s; from the beginning",
                          path);
    } else if (access(path, F_OK) == 0) {
        training_log_text(
            s->log, "warning (checkpoint): %s of an unfinished run will be replaced; --resume goes on from it", path);
    }
    return parallel_meet(s->options->ranks, MLSOAP_SUCCESS, error); /* all have read before one writes */
}

/* Halves of files that a killed run was writing. */
static void remove_leftovers(const config *c)
{
    static const char *const endings[] = {".ckpt",       ".mlsoap",      ".config.yaml",
                                          ".parity.csv", ".report.html", ".triangles"};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        char *path = train_output_path(c, endings[i]);
        if (path) file_remove_leftovers(path);
        memory_free(path);
    }
}

/* The checkpoint, and with --resume what an earlier run has left in it; then the log. The first rank writes both: the
 * others stop when it does. */
static mlsoap_status open_checkpoint(train_state *s, mlsoap_error *error)
{
    bool found = false, first = parallel_rank(s->options->ranks) == 0;
    checkpoint_settings settings = {.interval = INFINITY, .log = s->log};
    char *path = train_output_path(s->c, ".ckpt"), *log_path = train_output_path(s->c, ".log.jsonl");
    json_t *fingerprint = make_fingerprint(s);
    mlsoap_status status = first ? config_checkpoint(s->c, &settings.interval, error) : MLSOAP_SUCCESS;
    settings.path = path;
    settings.fingerprint = fingerprint;
    if (first) settings.ask = s->options->ask;
    settings.ask_context = s->options->ask_context;
    if (!status && (!path || !log_path || !fingerprint)) status = status_no_memory(error, 4096, "the checkpoint");
    if (!status) status = checkpoint_new(&settings, &s->checkpoint, error);
    if (!status && first) remove_leftovers(s->c);
    if (!status) status = resume(s, path, &found, error);
    if (!status && first) status = training_log_open(s->log, log_path, found, error);
    s->problem.checkpoint = s->checkpoint;
    json_decref(fingerprint);
    memory_free(path);
    memory_free(log_path);
    return status;
}

/* What would stop a fit, or spoil it; findings from `first` on are reported, those of the descriptors among them. */
static mlsoap_status check_frames(train_state *s, size_t first, mlsoap_error *error)
{
    const dataset *d = &s->data;
    const checked_data data = {&d->train, &d->validation_files, &d->test};
    data_consistency measured = {0};
    mlsoap_status status = data_checks_frames(&data, d->elements, d->n_elements, s->offsets, &s->checks, error);
    if (!status) status = data_checks_consistency(&data, &s->checks, &measured, error);
    data_consistency_release(&measured);
    return status ? status : report_checks(s, first, error);
}

static mlsoap_status check_files(train_state *s, mlsoap_error *error)
{
    const checked_data data = {&s->data.train, &s->data.validation_files, &s->data.test};
    const json_t *factor = json_object_get(json_object_get(s->c->root, "loss"), "forces");
    bool wanted = !(json_is_number(factor) && json_number_value(factor) == 0);
    mlsoap_status status = data_checks_files(&data, wanted, &s->checks, error);
    return status ? status : report_checks(s, 0, error);
}

/* Copies of the validation frames, so that their predictions are not those of the final model. */
static mlsoap_status copy_validation(train_state *s, mlsoap_error *error)
{
    const dataset *d = &s->data;
    const frame_set *origin = d->validation_files.n_frames ? &d->validation_files : &d->train;
    s->validation = (frame_set){.frames = MEMORY_NEW(frame, d->n_validation),
                                .n_frames = d->n_validation,
                                .files = origin->files,
                                .n_files = origin->n_files};
    if (!s->validation.frames) {
        s->validation.n_frames = 0;
        return status_no_memory(error, d->n_validation * sizeof(frame), "the validation frames");
    }
    for (size_t i = 0; i < d->n_validation; i++) {
        s->validation.frames[i] = *d->validation[i].source;
        s->validation.frames[i].predicted_forces = NULL;
        s->validation.frames[i].predicted_uncertainty = NULL;
        s->validation.frames[i].has_prediction = false;
    }
    return MLSOAP_SUCCESS;
}

/* Predictions of a set by a potential, and their table. */
static mlsoap_status evaluate_part(train_state *s, const mlsoap_potential *potential, frame_set *set, report_part part,
                                   const char *what, mlsoap_error *error)
{
    if (set->n_frames == 0) return MLSOAP_SUCCESS;
    mlsoap_status status = checkpoint_poll(s->checkpoint, error);
    if (!status) status = shared_prediction(s->options->ranks, potential, set, what, s->log, error);
    if (!status) status = error_table_new(set, &s->output.tables[part], error);
    if (!status) s->output.sets[part] = set;
    return status;
}

/* Calibrate by the predictions in `set`, which are those of a potential that is not calibrated. */
static mlsoap_status calibrate(train_state *s, frame_set *set, report_part part, mlsoap_error *error)
{
    mlsoap_status status = calibration_find(set, s->data.elements, s->data.n_elements, &s->calibrations, error);
    if (status) return status;
    status = calibration_apply(s->calibrations, set, error);
    if (status) return status;
    s->output.calibrated_on = report_part_names[part];
    training_log_text(s->log, "uncertainty: calibrated on the %s frames", report_part_names[part]);
    return MLSOAP_SUCCESS;
}

static baselines baselines_of(const train_state *s, const frame_set *set)
{
    return baselines_find(set, s->data.elements, s->data.n_elements, s->offsets, baselines_mean_energy(&s->data.train));
}

/* What a scan asks of the fit for validation. */
static mlsoap_status measure_point(train_state *s, const mlsoap_potential *potential, mlsoap_error *error)
{
    scan_point *point = s->options->point;
    baselines base = baselines_of(s, &s->validation);
    point->seconds = omp_get_wtime() - s->fit_began;
    point->baseline[0] = base.composition[TARGET_ENERGY].rmse;
    point->baseline[1] = base.composition[TARGET_FORCES].rmse;
    return scan_point_measure(point, potential, &s->output.tables[REPORT_VALIDATION], &s->data.train, error);
}

static mlsoap_status fit_validation(train_state *s, mlsoap_error *error)
{
    fit_result result;
    mlsoap_potential *partial = NULL;
    mlsoap_status status = solve(s, FIT_VALIDATION, &result, error);
    if (status) return status;
    status = train_potential(&s->problem, &result, &partial, error);
    fit_result_release(&result);
    if (!status && !s->validation.frames) status = copy_validation(s, error);
    if (!status) status = evaluate_part(s, partial, &s->validation, REPORT_VALIDATION, "validation", error);
    if (!status && s->options->point)
        status = measure_point(s, partial, error);
    else if (!status && mlsoap_potential_has_uncertainty(partial))
        status = calibrate(s, &s->validation, REPORT_VALIDATION, error);
    mlsoap_potential_free(partial);
    return status;
}

/* A point of the learning curve: RMSE on the validation frames. */
static mlsoap_status add_learning_point(train_state *s, size_t n_frames, const error_table *table, mlsoap_error *error)
{
    const error_measure *measures = table->total.measures;
    training_log_text(s->log, "learning curve: %4zu frames: energy %.3g meV/atom, forces %.4f eV/angstrom (RMSE)",
                      n_frames, measures[TARGET_ENERGY].rmse, measures[TARGET_FORCES].rmse);
    json_t *point = json_pack("{s:I, s:f, s:f}", "frames", (json_int_t)n_frames, "energy", measures[TARGET_ENERGY].rmse,
                              "forces", measures[TARGET_FORCES].rmse);
    return point && !json_array_append_new(s->learning, point) ? MLSOAP_SUCCESS
                                                               : status_no_memory(error, 256, "the learning curve");
}

enum { MOST_HALVINGS = 12 };

/* Fits to fewer frames, before the one to all of them: its predictions stay. */
static mlsoap_status learn_from_fewer(train_state *s, mlsoap_error *error)
{
    learning_point points[MOST_HALVINGS] = {{0, NULL}};
    size_t n = 0;
    long wanted = schema_integer(json_object_get(s->c->root, "report"), "learning_curve");
    if (wanted == 0 || s->options->point) return MLSOAP_SUCCESS;
    if (s->data.n_validation == 0)
        return schema_fail(&s->c->source, "report", "learning_curve", error,
                           "needs validation frames: set data.validation, such as 0.1");
    s->learning = json_array();
    core_baseline_apply(&s->baseline, true);
    mlsoap_status status =
        learning_curve_fit(&s->problem, wanted < MOST_HALVINGS ? (int)wanted : MOST_HALVINGS, points, &n, error);
    core_baseline_apply(&s->baseline, false);
    if (!status) status = copy_validation(s, error);
    for (size_t i = 0; i < n && !status; i++) {
        error_table table = {0};
        status =
            shared_prediction(s->options->ranks, points[i].potential, &s->validation, "learning curve", s->log, error);
        if (!status) status = error_table_new(&s->validation, &table, error);
        if (!status) status = add_learning_point(s, points[i].n_frames, &table, error);
        error_table_release(&table);
    }
    for (size_t i = 0; i < n; i++) mlsoap_potential_free(points[i].potential);
    training_log_stage(s->log, "learning curve");
    return status;
}

static mlsoap_status fit_and_evaluate(train_state *s, mlsoap_error *error)
{
    fit_result result;
    mlsoap_status status = s->data.n_validation > 0 ? fit_validation(s, error) : MLSOAP_SUCCESS;
    if (!status && s->learning)
        status = add_learning_point(s, s->data.n_fit, &s->output.tables[REPORT_VALIDATION], error);
    if (!status) status = solve(s, FIT_FINAL, &result, error);
    if (status) return status;
    status = train_potential(&s->problem, &result, &s->potential, error);
    s->output.loss = json_incref(result.loss);
    if (s->learning) json_object_set(result.summary, "learning_curve", s->learning);
    s->output.summary = json_incref(result.summary);
    fit_result_release(&result);
    training_log_stage(s->log, "solution");
    if (!status && s->calibrations)
        status = potential_set_calibrations(s->potential, json_incref(s->calibrations), error);
    if (!status) status = evaluate_part(s, s->potential, &s->data.train, REPORT_TRAIN, "training errors", error);
    if (!status && !s->calibrations && mlsoap_potential_has_uncertainty(s->potential)) { /* nothing was held back */
        status = calibrate(s, &s->data.train, REPORT_TRAIN, error);
        if (!status) status = potential_set_calibrations(s->potential, json_incref(s->calibrations), error);
    }
    if (!status) status = evaluate_part(s, s->potential, &s->data.test, REPORT_TEST, "test errors", error);
    training_log_stage(s->log, "evaluation");
    return status;
}

static void print_baselines(train_state *s, report_part part)
{
    char text[BASELINES_TEXT];
    baselines base = baselines_of(s, s->output.sets[part]);
    printf("without a model (MAE): %s\n", baselines_text(&base, text));
    training_log_event(s->log, "baselines",
                       json_pack("{s:s, s:f, s:f, s:f, s:f}", "set", report_part_names[part], "energy_composition",
                                 base.composition[TARGET_ENERGY].mae, "energy_mean", base.mean_energy.mae, "forces",
                                 base.composition[TARGET_FORCES].mae, "virial", base.composition[TARGET_VIRIAL].mae));
}

/* X.triangles, of this potential. */
static mlsoap_status write_triangles(train_state *s, mlsoap_error *error)
{
    const fit_method *method = s->fit->method;
    checkpoint *file = NULL;
    const char *identity = mlsoap_potential_identity(s->potential);
    const checkpoint_part part = {(void *)(uintptr_t)identity, strlen(identity)};
    if (!method->hold || !schema_boolean(json_object_get(s->c->root, "model"), "keep_triangles")) return MLSOAP_SUCCESS;
    mlsoap_status status = origin_triangles(schema_text(s->c->root, "output"), s->potential->description, &file, error);
    if (!status) status = method->hold(s->fit, file, error);
    if (!status) status = checkpoint_keep(file, "identity", &part, 1, error);
    if (!status) status = checkpoint_write(file, error);
    if (!status) training_log_text(s->log, "written: %s (for --from)", checkpoint_path(file));
    checkpoint_free(file);
    return status;
}

static mlsoap_status write_all(train_state *s, mlsoap_error *error)
{
    static const char *const titles[N_REPORT_PARTS] = {"Training", "Validation (by the fit without these frames)",
                                                       "Test"};
    s->output.problem = &s->problem;
    s->output.potential = s->potential;
    s->output.checks = &s->checks;
    s->output.domain = &s->domain;
    s->output.command_line = s->options->command_line;
    for (int part = 0; part < N_REPORT_PARTS; part++) {
        if (!s->output.sets[part]) continue;
        json_t *table = error_table_json(&s->output.tables[part]);
        training_log_event(s->log, "errors", json_pack("{s:s, s:o}", "set", report_part_names[part], "table", table));
        printf("\n%s errors\n", titles[part]);
        error_table_print(&s->output.tables[part], stdout);
        print_baselines(s, (report_part)part);
    }
    mlsoap_status status = MLSOAP_SUCCESS;
    for (int part = 0; part < N_REPORT_PARTS && !status; part++) {
        if (!s->output.sets[part]) continue;
        status = reliability_find(s->output.sets[part], &s->output.reliability[part], error);
        if (status || part == REPORT_TRAIN || s->output.reliability[part].n == 0) continue;
        printf("\n%s\n", titles[part]);
        reliability_print(&s->output.reliability[part], stdout);
    }
    bool first_rank = parallel_rank(s->options->ranks) == 0;
    if (!status && first_rank) status = train_output_describe(&s->output, error);
    if (!status && first_rank) status = train_output_write(&s->output, error);
    if (!status && first_rank) status = write_triangles(s, error);
    if (!status) training_log_text(s->log, "identity: %s", mlsoap_potential_identity(s->potential));
    training_log_stage(s->log, "output");
    return status;
}

static void print_times(const train_state *s)
{
    json_t *stages = training_log_stages(s->log), *seconds;
    const char *name;
    double total = 0;
    char line[512] = "";
    size_t at = 0;
    json_object_foreach(stages, name, seconds)
    {
        total += json_real_value(seconds);
        if (at < sizeof line)
            at += (size_t)snprintf(line + at, sizeof line - at, ", %s %.1f", name, json_real_value(seconds));
    }
    training_log_text(s->log, "time: %.1f s%s", total, line);
    json_decref(stages);
}

static mlsoap_status run_stages(train_state *s, mlsoap_error *error)
{
    mlsoap_status status = read_data(s, error);
    if (!status) status = check_files(s, error);
    size_t n_checks = s->checks.n;
    if (!status) status = build_descriptors(s, error);
    if (status || s->options->choose_only) return status;
    if (!status) status = choose_term(s, error);
    if (!status) status = default_kernel(s->c->root, &s->features, s->data.elements, s->data.n_elements, error);
    if (!status) status = choose_core(s, error);
    core_baseline_apply(&s->baseline, true);
    if (!status) status = find_offsets(s, error);
    core_baseline_apply(&s->baseline, false);
    if (!status) status = check_frames(s, n_checks, error);
    if (!status) status = make_problem(s, error);
    if (!status) status = print_forecast(s);
    training_log_stage(s->log, "checks");
    if (status || s->options->dry_run) return status;
    if (!s->options->point) status = open_checkpoint(s, error);
    if (status) return status;
    s->fit_began = omp_get_wtime();
    core_baseline_apply(&s->baseline, true);
    status = learn_mixings(s, error);
    core_baseline_apply(&s->baseline, false);
    if (!status) status = learn_from_fewer(s, error);
    core_baseline_apply(&s->baseline, true);
    if (!status) status = s->fit->method->prepare(s->fit, error);
    core_baseline_apply(&s->baseline, false);
    if (!status && s->options->point) return fit_validation(s, error);
    if (!status) status = fit_and_evaluate(s, error);
    if (!status) status = write_all(s, error);
    if (status) return status;
    if (parallel_rank(s->options->ranks) == 0) checkpoint_remove(s->checkpoint);
    print_times(s);
    return status;
}

mlsoap_status train_run(config *c, const train_options *options, mlsoap_error *error)
{
    train_state s = {.c = c, .options = options, .checks = {.allow = options->allow}};
    s.log = options->point ? NULL : training_log_new(); /* NULL: silent */
    if (!s.log && !options->point) return status_no_memory(error, 1024, "the log");
    mlsoap_status status = run_stages(&s, error);
    if (status && error) training_log_event(s.log, "error", json_pack("{s:s}", "message", error->message));
    state_release(&s);
    return status;
}
