/* SPDX-License-Identifier: BSD-3-Clause */
/** @file reading.h
 *  The section `data` of a configuration as options of the readers. */
#ifndef MLSOAP_READING_H
#define MLSOAP_READING_H

#include "app/config.h"
#include "io/io.h"

/** Options of the readers, and the list that one of them points to. */
typedef struct reading {
    read_options options; /**< valid as long as the configuration */
    const char **ignored;
} reading;

/** data.keys, data.ignore and data.units of a completed configuration. Errors: MLSOAP_ERROR_MEMORY. */
mlsoap_status reading_of_config(const config *c, reading *r, mlsoap_error *error);
void reading_release(reading *r);

/** What was found in a file, as lines of text: frames, units that were assumed, key -> target with counts and range,
 *  VASP's steps that did not converge or were left out. `put` gets each line without its end. */
void reading_print(const frame_file *file, void (*put)(void *to, const char *line), void *to);
/** A `put` that prints to the FILE `to`. */
void reading_put_line(void *to, const char *line);

#endif
