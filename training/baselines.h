/* SPDX-License-Identifier: BSD-3-Clause */
/** @file baselines.h
 *  What a model has to beat: errors of predictions that know nothing of the geometry. */
#ifndef MLSOAP_BASELINES_H
#define MLSOAP_BASELINES_H

#include "app/error_table.h"

typedef struct baselines {
    error_measure composition[N_FRAME_TARGETS]; /**< every atom at its offset, forces and virials 0 */
    error_measure mean_energy;                  /**< E/N the mean of the training frames */
} baselines;

/** Errors on a set, units and counts of error_table.h.
 *  @param[in] offsets  [n_elements] eV   @param[in] mean  mean E/N of the training frames, eV */
baselines baselines_find(const frame_set *set, const int *elements, int n_elements, const double *offsets, double mean);

/** Mean E/N of the frames that have energies, eV; 0 where none has. */
double baselines_mean_energy(const frame_set *set);

enum { BASELINES_TEXT = 256 };
/** "energy 512 meV/atom by composition, 530 by the mean; forces 0.72 eV/angstrom ..." (MAE). @return text */
const char *baselines_text(const baselines *b, char text[BASELINES_TEXT]);

#endif
