/* SPDX-License-Identifier: BSD-3-Clause */
/** @file checkpoint.h
 *  X.ckpt: what a training run needs to go on to the same bits after it was stopped. The parts of a run hold their live
 *  memory in it under names; whoever does the work calls checkpoint_poll between two steps, where all that is held is
 *  consistent. A part that is held again after --resume is filled from the file.
 *
 *  The file is written beside the potential, to a temporary file that replaces the old one when it is complete and on
 *  the disk; it ends in a SHA-256 of all before. Numbers are those of the machine: a checkpoint is not a way to
 * exchange data. All functions are NULL-safe in the checkpoint: without one nothing is kept. One thread at a time, but
 *  checkpoint_due. */
#ifndef MLSOAP_CHECKPOINT_H
#define MLSOAP_CHECKPOINT_H

#include "core/status.h"
#include "training_log.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct checkpoint checkpoint;

/** How many checkpoints the user has asked for so far (signals); negative: write one and stop. */
typedef long (*checkpoint_ask)(void *context);

typedef struct checkpoint_settings {
    const char *path;          /**< copied; NULL: nothing is held, kept or written, and a poll only stops the run */
    const json_t *fingerprint; /**< what the run is made from: a checkpoint of another one is refused; copied */
    double interval;           /**< seconds between checkpoints; INFINITY: only when asked */
    checkpoint_ask ask;        /**< NULL: nobody asks */
    void *ask_context;
    training_log *log;
    const char *advice; /**< what to do about a file that is refused; NULL: to begin without --resume; not copied */
} checkpoint_settings;

/** Error: MLSOAP_ERROR_MEMORY. */
mlsoap_status checkpoint_new(const checkpoint_settings *settings, checkpoint **out, mlsoap_error *error);
void checkpoint_free(checkpoint *c);

/** Write the file now. Errors: MLSOAP_ERROR_FILE (full disk), _MEMORY. */
mlsoap_status checkpoint_write(const checkpoint *c, mlsoap_error *error);
const char *checkpoint_path(const checkpoint *c);

/** Read the file. *found false: there is none. Errors: MLSOAP_ERROR_FORMAT (damaged, or no checkpoint), _VALUE (of
 * other data, settings or another version: names the first difference), _FILE, _MEMORY. */
mlsoap_status checkpoint_resume(checkpoint *c, bool *found, mlsoap_error *error);

/** Memory that belongs to a state, in this order. */
typedef struct checkpoint_part {
    void *bytes;
    size_t n_bytes;
} checkpoint_part;

/** Write these parts (not owned; the list is copied) with every checkpoint until the name is dropped. Where the file
 *  that was resumed has the name, they are filled from it first and *restored (NULL allowed) is true.
 *  Errors: MLSOAP_ERROR_FORMAT (other sizes in the file), _MEMORY. */
mlsoap_status checkpoint_hold(checkpoint *c, const char *name, const checkpoint_part *parts, size_t n, bool *restored,
                              mlsoap_error *error);
/** Keep a copy of the bytes as they are now: for work that is done. Error: MLSOAP_ERROR_MEMORY. */
mlsoap_status checkpoint_keep(checkpoint *c, const char *name, const checkpoint_part *parts, size_t n,
                              mlsoap_error *error);
/** Bytes kept under a name, from the file or by checkpoint_keep, valid until they are dropped; NULL where there are
 *  none. */
const void *checkpoint_find(const checkpoint *c, const char *name, size_t *n_bytes);
/** Fill parts from what is kept under a name, which stays. *found false: nothing is kept there. Error: as for
 *  checkpoint_hold. */
mlsoap_status checkpoint_read(const checkpoint *c, const char *name, const checkpoint_part *parts, size_t n,
                              bool *found, mlsoap_error *error);
void checkpoint_drop(checkpoint *c, const char *name);
/** How many names hold something. */
size_t checkpoint_count(const checkpoint *c);

/** True where checkpoint_poll would write. Thread-safe. */
bool checkpoint_due(const checkpoint *c);
/** Write a checkpoint where one is due. A write that fails is reported in the log and the run goes on, unless it is to
 *  stop. Errors: MLSOAP_ERROR_INTERRUPTED (written where there is a path, and now stop); where the run is to stop,
 * those of writing. */
mlsoap_status checkpoint_poll(checkpoint *c, mlsoap_error *error);
/** The run is complete: remove the file. */
void checkpoint_remove(const checkpoint *c);

#endif
