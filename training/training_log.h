/* SPDX-License-Identifier: BSD-3-Clause */
/** @file training_log.h
 *  What a training run says: text on stdout, and the same as JSON lines in X.log.jsonl. Lines that come before the file
 *  is known to be wanted are kept and written when it is opened, so that a run that stops at its input leaves nothing.
 */
#ifndef MLSOAP_TRAINING_LOG_H
#define MLSOAP_TRAINING_LOG_H

#include "app/progress.h"
#include "core/status.h"

#include <jansson.h>
#include <stdbool.h>

typedef struct training_log training_log;

/** NULL: no memory. */
training_log *training_log_new(void);
void training_log_free(training_log *log); /* NULL-safe */
/** From now on JSON lines go to this file, those kept so far first; `append` keeps what an earlier run wrote there.
 *  Error: MLSOAP_ERROR_FILE. */
mlsoap_status training_log_open(training_log *log, const char *path, bool append, mlsoap_error *error);

/** A line of text on stdout (and {"event": "text"}). All functions are NULL-safe. */
void training_log_text(training_log *log, const char *format, ...) __attribute__((format(printf, 2, 3)));
/** A JSON line {"event": name, "seconds": since the start, ...fields}. Steals fields (NULL: none). From any thread. */
void training_log_event(training_log *log, const char *name, json_t *fields);
/** A stage ends: its time is since the last one. Kept for training_log_stages. */
void training_log_stage(training_log *log, const char *name);
/** The events "epoch" so far, in order: an array, a new reference. */
json_t *training_log_epochs(const training_log *log);
/** Progress of long work on stderr, and every ten seconds a JSON line {"event": "progress", "what", "done", "total",
 *  "seconds_left"}. NULL where the log is NULL. End it with progress_end. */
progress *training_log_progress(training_log *log, const char *what, size_t n_total);
/** {"stage": seconds, ...}, a new reference. */
json_t *training_log_stages(const training_log *log);

#endif
