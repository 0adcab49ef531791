/* SPDX-License-Identifier: BSD-3-Clause */
/* Log of a training run; see training_log.h. */
#include "training_log.h"

#include "core/clock.h"
#include "core/memory.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct training_log {
    double start, stage_start;
    json_t *kept; /* lines that wait for a file */
    json_t *stages;
    json_t *epochs; /* of the learning curve */
    FILE *file;
    pthread_mutex_t lock; /* of file, kept and epochs */
};

training_log *training_log_new(void)
{
    training_log *log = MEMORY_NEW(training_log, 1);
    if (!log) return NULL;
    if (pthread_mutex_init(&log->lock, NULL)) {
        memory_free(log);
        return NULL;
    }
    log->start = log->stage_start = clock_seconds();
    log->kept = json_array();
    log->stages = json_object();
    log->epochs = json_array();
    return log;
}

void training_log_free(training_log *log)
{
    if (!log) return;
    if (log->file) fclose(log->file);
    json_decref(log->kept);
    json_decref(log->stages);
    json_decref(log->epochs);
    pthread_mutex_destroy(&log->lock);
    memory_free(log);
}

static void write_line(FILE *file, const json_t *line)
{
    json_dumpf(line, file, JSON_COMPACT | JSON_REAL_PRECISION(10));
    fputc('\n', file);
    fflush(file);
}

mlsoap_status training_log_open(training_log *log, const char *path, bool append, mlsoap_error *error)
{
    log->file = fopen(path, append ? "a" : "w");
    if (!log->file)
        return status_fail_at(error, MLSOAP_ERROR_FILE, path, 0, "cannot write the log: %s", strerror(errno));
    for (size_t i = 0; i < json_array_size(log->kept); i++) write_line(log->file, json_array_get(log->kept, i));
    json_array_clear(log->kept);
    return MLSOAP_SUCCESS;
}

void training_log_event(training_log *log, const char *name, json_t *fields)
{
    json_t *line = log ? json_pack("{s:s, s:f}", "event", name, "seconds", clock_seconds() - log->start) : NULL;
    if (line && fields) json_object_update(line, fields);
    json_decref(fields);
    if (!line) return;
    pthread_mutex_lock(&log->lock);
    if (strcmp(name, "epoch") == 0) json_array_append(log->epochs, line);
    if (log->file)
        write_line(log->file, line);
    else
        json_array_append(log->kept, line);
    pthread_mutex_unlock(&log->lock);
    json_decref(line);
}

static void tell_progress(void *log, const char *what, size_t n_done, size_t n_total, double seconds_left)
{
    training_log_event(log, "progress",
                       json_pack("{s:s, s:I, s:I, s:f}", "what", what, "done", (json_int_t)n_done, "total",
                                 (json_int_t)n_total, "seconds_left", seconds_left));
}

progress *training_log_progress(training_log *log, const char *what, size_t n_total)
{
    progress *p = log ? progress_begin(what, n_total) : NULL;
    progress_listen(p, tell_progress, log);
    return p;
}

void training_log_text(training_log *log, const char *format, ...)
{
    char text[2048];
    va_list arguments;
    if (!log) return;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    puts(text);
    fflush(stdout);
    training_log_event(log, "text", json_pack("{s:s}", "text", text));
}

void training_log_stage(training_log *log, const char *name)
{
    if (!log) return;
    double t = clock_seconds(), seconds = t - log->stage_start;
    log->stage_start = t;
    json_object_set_new(log->stages, name, json_real(seconds));
    training_log_event(log, "stage", json_pack("{s:s, s:f}", "stage", name, "duration", seconds));
}

json_t *training_log_stages(const training_log *log)
{
    return log ? json_deep_copy(log->stages) : json_object();
}

json_t *training_log_epochs(const training_log *log)
{
    return log ? json_copy(log->epochs) : json_array();
}
