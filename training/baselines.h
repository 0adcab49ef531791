/* SPDX-License-Identifier: BSD-3-Clause */
/** @file baselines.h
 *  What guesses without any model would reach, to hold the errors of a fit against: the mean energy per atom of the
 *  training frames, and what the composition explains by least squares; both with forces of 0 and the mean virial. */
#ifndef MLSOAP_BASELINES_H
#define MLSOAP_BASELINES_H

#include "app/error_table.h"

enum { N_BASELINES = 2 };

typedef struct baselines {
    const int *elements;
    int n_elements;
    double *offsets[N_BASELINES]; /**< [n_elements] eV */
    double virial[6];             /**< W/N, eV/atom */
} baselines;

/** Learn from frames. Frames without energies, or with energies that no offsets explain, give none: energies are then
 *  NaN in the errors. `elements` [n_elements] ascending, not copied. Error: MLSOAP_ERROR_MEMORY. Release in any case.
 */
mlsoap_status baselines_find(const frame *const *frames, size_t n_frames, const int *elements, int n_elements,
                             baselines *b, mlsoap_error *error);
void baselines_release(baselines *b);

/** Errors on all frames of a set, with or without predictions of their own; release with baselines_rows_release.
 *  Error: MLSOAP_ERROR_MEMORY. */
mlsoap_status baselines_errors(const baselines *b, const frame_set *set, error_row rows[N_BASELINES],
                               mlsoap_error *error);
void baselines_rows_release(error_row rows[N_BASELINES]);

#endif
