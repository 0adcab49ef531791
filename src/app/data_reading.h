/* SPDX-License-Identifier: BSD-3-Clause */
/** @file data_reading.h
 *  Reading data files as a command says: its keys of the section `data` (keys, ignore, units), as eval, data and audit
 *  take them. */
#ifndef MLSOAP_DATA_READING_H
#define MLSOAP_DATA_READING_H

#include "app/arguments.h"
#include "app/reading.h"

/** For the summary of a command. */
#define DATA_READING_KEYS_HELP                                                                                         \
    "Keys that choose the targets:\n"                                                                                  \
    "--data.keys.energy=NAME (forces, virial), --data.ignore=[NAME]; units of RuNNer's input.data, which states\n"     \
    "none: --data.units.length=bohr --data.units.energy=hartree."

/** Everything that is read; zero-initialize. */
typedef struct data_reading {
    config c;
    reading reading;
    frame_set set; /**< for the use of the caller */
} data_reading;

/** The keys of the command line. Errors: MLSOAP_ERROR_ARGUMENT (another key), those of config_set. */
mlsoap_status data_reading_open(data_reading *data, const char *command, const arguments *a, mlsoap_error *error);
/** Append a file to a set. MLSOAP_ERROR_ARGUMENT: standard input. */
mlsoap_status data_reading_file(const data_reading *data, const char *path, frame_set *set, mlsoap_error *error);
/** NULL-safe members; releases the set too. */
void data_reading_close(data_reading *data);

#endif
