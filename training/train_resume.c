/* SPDX-License-Identifier: BSD-3-Clause */
/* Checkpoint of a training run; see train_state.h. */
#include "train_state.h"

#include "app/config_terms.h"
#include "core/file.h"
#include "core/memory.h"
#include "scan_point.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* SHA-256 of the file of model.sparse_points; empty where there is none: a fit that needs it says so itself. */
static mlsoap_status hash_points(const train_state *s, char hex[HASH_HEX_SIZE], mlsoap_error *error)
{
    const char *given = schema_text(config_term(s->c->root, 0), "sparse_points");
    char *bytes = NULL;
    size_t n = 0;
    hex[0] = 0;
    if (!given || s->from.path) return MLSOAP_SUCCESS; /* --from gives the points */
    char *path = origin_triangles_path(given);
    mlsoap_status status = path ? MLSOAP_SUCCESS : status_no_memory(error, 4096, "the checkpoint");
    if (path && access(path, F_OK) == 0) {
        status = file_read(path, 0, &bytes, &n, error);
        if (!status) status = hash_bytes(bytes, n, hex, error);
    }
    memory_free(bytes);
    memory_free(path);
    return status;
}

/* What the bits of a result follow from: data by their content, and all settings but those of the run. */
static mlsoap_status make_fingerprint(const train_state *s, json_t **out, mlsoap_error *error)
{
    static const char *const free_keys[] = {"memory", "checkpoint", "output"};
    const frame_set *sets[] = {&s->data.train, &s->data.validation_files};
    json_t *settings = json_deep_copy(s->c->root), *files = json_object();
    char name[64], points[HASH_HEX_SIZE];
    mlsoap_status status = hash_points(s, points, error);
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
    if (points[0]) json_object_set_new(files, "sparse points", json_string(points));
    *out = json_pack("{s:s, s:s, s:o, s:o}", "version", mlsoap_version(), "from",
                     s->from.path ? mlsoap_potential_identity(s->from.potential) : "nothing", "data", files, "settings",
                     settings);
    return status || *out ? status : status_no_memory(error, 4096, "the checkpoint");
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
mlsoap_status train_open_checkpoint(train_state *s, mlsoap_error *error)
{
    bool found = false, first = parallel_rank(s->options->ranks) == 0;
    checkpoint_settings settings = {.interval = INFINITY, .log = s->log};
    char *path = train_output_path(s->c, ".ckpt"), *log_path = train_output_path(s->c, ".log.jsonl");
    json_t *fingerprint;
    mlsoap_status status = make_fingerprint(s, &fingerprint, error);
    if (!status && first) status = config_checkpoint(s->c, &settings.interval, error);
    settings.path = path;
    settings.fingerprint = fingerprint;
    if (first) settings.ask = s->options->ask;
    settings.ask_context = s->options->ask_context;
    if (!status && (!path || !log_path)) status = status_no_memory(error, 4096, "the checkpoint");
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

/* ------------------------------------------------------------------------------------------------ points of a scan */

/* Points are named by their fingerprints, so that the file itself needs none, and another scan can take them too. */
static mlsoap_status open_points(const train_state *s, mlsoap_error *error)
{
    bool found;
    char *path = train_output_path(s->c, ".scan.ckpt");
    json_t *kind = json_pack("{s:s, s:s}", "version", mlsoap_version(), "kind", "points of a scan");
    checkpoint_settings settings = {.path = path, .fingerprint = kind, .interval = INFINITY};
    mlsoap_status status = path && kind ? checkpoint_new(&settings, s->options->finished, error)
                                        : status_no_memory(error, 4096, "the checkpoint");
    if (!status && parallel_rank(s->options->ranks) == 0) file_remove_leftovers(path);
    if (!status && s->options->resume)
        status = checkpoint_resume(*s->options->finished, &found, error);
    else if (!status && access(path, F_OK) == 0)
        printf("scan: %s of an unfinished scan will be replaced; --resume takes its fits\n", path);
    json_decref(kind);
    memory_free(path);
    return status ? status : parallel_meet(s->options->ranks, status, error); /* all have read before one writes */
}

/* What lets a signal stop the fit of a point: of a fit that is not done nothing is kept. */
static mlsoap_status watch_signals(train_state *s, mlsoap_error *error)
{
    checkpoint_settings settings = {.interval = INFINITY, .ask_context = s->options->ask_context};
    if (parallel_rank(s->options->ranks) == 0) settings.ask = s->options->ask; /* the others stop when it does */
    mlsoap_status status = checkpoint_new(&settings, &s->checkpoint, error);
    s->problem.checkpoint = s->checkpoint;
    return status ? status : checkpoint_poll(s->checkpoint, error);
}

mlsoap_status train_find_point(train_state *s, bool *found, mlsoap_error *error)
{
    scan_point *point = s->options->point;
    const checkpoint_part part = {point, sizeof *point};
    json_t *fingerprint;
    mlsoap_status status = make_fingerprint(s, &fingerprint, error);
    char *text = fingerprint ? json_dumps(fingerprint, JSON_COMPACT | JSON_SORT_KEYS | JSON_REAL_PRECISION(17)) : NULL;
    if (!status && !text) status = status_no_memory(error, 4096, "the checkpoint");
    if (!status) status = hash_bytes(text, strlen(text), s->point_name, error);
    free(text);
    json_decref(fingerprint);
    *found = false;
    if (!status && !*s->options->finished) status = open_points(s, error);
    if (!status && s->options->resume)
        status = checkpoint_read(*s->options->finished, s->point_name, &part, 1, found, error);
    point->taken = *found;
    return status ? status : watch_signals(s, error);
}

mlsoap_status train_keep_point(const train_state *s, mlsoap_error *error)
{
    const checkpoint_part part = {s->options->point, sizeof *s->options->point};
    mlsoap_status status = checkpoint_keep(*s->options->finished, s->point_name, &part, 1, error);
    if (!status && parallel_rank(s->options->ranks) == 0) status = checkpoint_write(*s->options->finished, error);
    return status;
}
