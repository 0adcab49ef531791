/* SPDX-License-Identifier: BSD-3-Clause */
/** @file progress.h
 *  Progress of long work on stderr: a bar with the time left on a terminal, a plain line now and then elsewhere. */
#ifndef MLSOAP_PROGRESS_H
#define MLSOAP_PROGRESS_H

#include <stddef.h>

typedef struct progress progress;

/** Begin. `what` such as "descriptors"; n_total steps. Never fails: NULL is a progress that shows nothing. */
progress *progress_begin(const char *what, size_t n_total);
/** Called with every plain line, or every ten seconds on a terminal, under the lock of the progress. */
typedef void (*progress_listener)(void *context, const char *what, size_t n_done, size_t n_total, double seconds_left);
void progress_listen(progress *p, progress_listener listener, void *context);
/** n steps were done by an earlier run: they count as done, but tell nothing of the time left. NULL-safe. */
void progress_skip(progress *p, size_t n);
/** n more steps are done; from any thread. NULL-safe. */
void progress_add(progress *p, size_t n);
/** End: the line becomes "what: done in 12 s". NULL-safe, frees. */
void progress_end(progress *p);

#endif
