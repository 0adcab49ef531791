/* SPDX-License-Identifier: BSD-3-Clause */
/** @file shared_selection.h
 *  Selection (app/selection.h) of rows that lie on several ranks: the rows of rank r follow those of rank r - 1. */
#ifndef MLSOAP_SHARED_SELECTION_H
#define MLSOAP_SHARED_SELECTION_H

#include "app/selection.h"
#include "parallel/parallel.h"

/** Fewer numbers than these are gathered for farthest point sampling too: a step would be shorter than its messages. */
#define SHARED_SELECTION_SMALL 5000000

/** Rows of a feature matrix, as one rank sees them. */
typedef struct shared_rows {
    parallel *ranks;
    const double *X;     /**< [n_own][stride] rows first ... first + n_own - 1 */
    size_t first, n_own; /**< of this rank */
    size_t n_rows;       /**< of all */
    size_t stride;
} shared_rows;

/** Choose up to n rows by the method, start row 0: what the method gives where all rows lie together. Farthest point
 *  sampling leaves the rows where they are, if all have more than `small` numbers; else the first rank gathers them.
 *  @param[out] points  [n][stride] the chosen rows, on every rank   @param[out] n_points  their number
 *  Collective. Errors: those of the method. */
mlsoap_status shared_selection(const shared_rows *rows, const char *method, size_t small, size_t n, double *points,
                               size_t *n_points, mlsoap_error *error);

#endif
