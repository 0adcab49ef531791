/* SPDX-License-Identifier: BSD-3-Clause */
/** @file select_rows.h
 *  The work of `mlsoap select`: rows of unit length of structures (their mean descriptor) or of environments (those of
 *  each central element on their own), and a choice of them by farthest points or CUR (spec training.md 4). */
#ifndef MLSOAP_SELECT_ROWS_H
#define MLSOAP_SELECT_ROWS_H

#include "app/describe_frames.h"
#include "app/progress.h"
#include "io/frame.h"

/** Candidates that are compared with each other, and those that were chosen. */
typedef struct select_group {
    int species; /**< central element; 0: structures */
    size_t n, capacity_X, capacity_frames, capacity_atoms;
    double *X;                /**< [n][n_features] rows of unit length (a row of zeros stays) */
    size_t *frames, *atoms;   /**< [n] */
    size_t *chosen, n_chosen; /**< [n_chosen] rows, in order of choice */
} select_group;

typedef struct selected_rows {
    int environments;     /**< level: 0 structures, 1 environments */
    select_group *groups; /**< [n_groups] by ascending atomic numbers */
    int n_groups;
    size_t n_features;
} selected_rows;

/** Choose up to n rows of each group; start with row 0 (fps). The same for any number of threads.
 *  @param[in] method  "fps" or "cur"
 *  Errors: those of describe_structure with file and frame in front, and of the selection; MLSOAP_ERROR_VALUE where the
 *  level and the rows of the describer do not fit. Release in any case. */
mlsoap_status select_rows(describer *d, const frame_set *set, const char *method, int environments, size_t n,
                          progress *bar, selected_rows *rows, mlsoap_error *error);
void selected_rows_release(selected_rows *rows);

/** Text: a line "frame" or "frame atom" for each chosen row, zero-based; else (any other name) the chosen frames, each
 *  once, in order of (first) choice. Errors: MLSOAP_ERROR_FILE, MLSOAP_ERROR_MEMORY. */
mlsoap_status selected_rows_write(const selected_rows *rows, const frame_set *set, const char *path,
                                  mlsoap_error *error);

#endif
