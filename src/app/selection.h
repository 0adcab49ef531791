/* SPDX-License-Identifier: BSD-3-Clause */
/** @file selection.h
 *  Choosing rows of a feature matrix: sparse points of a GP, frames to label (spec training.md 4). A new method is one
 *  file and one row in the table of selection.c. */
#ifndef MLSOAP_SELECTION_H
#define MLSOAP_SELECTION_H

#include "core/status.h"

#include <stddef.h>

/** Squared distance, relative to the largest |x|^2, below which two rows are the same environment. */
#define SELECTION_DUPLICATE 1e-12

/** Select up to n of the rows of X[n_rows][stride], n_features each, starting with row `first`.
 *  @param[out] selected  [n] row numbers in order of choice
 *  @param[out] n_selected  fewer than n where all rows that are left repeat a selected one
 *  The same for any number of threads. Errors: MLSOAP_ERROR_MEMORY, _VALUE (X is not finite), _NUMERICS. */
typedef mlsoap_status selection_function(const double *X, size_t n_rows, size_t n_features, size_t stride, size_t first,
                                         size_t n, size_t *selected, size_t *n_selected, mlsoap_error *error);

/** The method with this config name (`fps`, `cur`); NULL where there is none. */
selection_function *selection_find(const char *name);

#endif
