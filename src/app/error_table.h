/* SPDX-License-Identifier: BSD-3-Clause */
/** @file error_table.h
 *  Errors of predictions against targets, per config_type and in total, as papers print them: energies as E/N in
 *  meV/atom, force components in eV/Angstrom, the six components of W/N in meV/atom (design: section 10). */
#ifndef MLSOAP_ERROR_TABLE_H
#define MLSOAP_ERROR_TABLE_H

#include "io/frame.h"

#include <jansson.h>
#include <stdio.h>

typedef struct error_measure {
    size_t n;              /**< 0: the data lack this target */
    double mae, rmse, max; /**< of the absolute error */
} error_measure;

typedef struct error_row {
    char *name; /**< config_type, "total" */
    size_t n_frames, n_atoms;
    error_measure measures[N_FRAME_TARGETS]; /**< by frame_target: energy, forces, virial */
} error_row;

typedef struct error_table {
    error_row total;
    error_row *rows; /**< by config_type, in order of name */
    size_t n_rows;
} error_table;

/** Begin with zeros, add differences (mae and rmse hold sums meanwhile), finish once. */
void error_measure_add(error_measure *m, double difference);
void error_measure_finish(error_measure *m);

/** Of all frames with predictions. A NaN in a prediction makes the measures NaN, never 0. */
mlsoap_status error_table_new(const frame_set *set, error_table *table, mlsoap_error *error);
void error_table_release(error_table *table);
void error_table_print(const error_table *table, FILE *file);
/** {"total": {...}, "by_config_type": {...}} with the fields of design 10; NULL where there is no memory. */
json_t *error_table_json(const error_table *table);

#endif
