/* SPDX-License-Identifier: BSD-3-Clause */
/* Checkpoint of a training run; see train_state.h. */
#include "train_state.h"

#include "core/file.h"
#include "core/memory.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

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
mlsoap_status train_open_checkpoint(train_state *s, mlsoap_error *error)
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
