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

#endif
