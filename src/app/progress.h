/* SPDX-License-Identifier: BSD-3-Clause */
/** @file progress.h
 *  Progress of long work on stderr: a bar with the time left on a terminal, a plain line now and then elsewhere. */
#ifndef MLSOAP_PROGRESS_H
#define MLSOAP_PROGRESS_H

#include <stddef.h>

typedef struct progress progress;

/** Begin. `what` such as "descriptors"; n_total steps. Never fails: NULL is a progress that shows nothing. */
progress *progress_begin(const char *what, size_t n_total);
/** n more steps are done; from any thread. NULL-safe. */
void progress_add(progress *p, size_t n);
/** End: the line becomes "what: done in 12 s". NULL-safe, frees. */
void progress_end(progress *p);

#endif
