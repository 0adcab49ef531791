/* SPDX-License-Identifier: BSD-3-Clause */
/** @file parity.h
 *  References and predictions of a set of frames as arrays, one per kind of target: what plots, spreads and error
 *  distributions are made of. Energies are E/N in eV/atom, forces components in eV/angstrom, virials the six components
 *  of W/N in eV/atom. */
#ifndef MLSOAP_PARITY_H
#define MLSOAP_PARITY_H

#include "io/frame.h"

typedef struct parity_data {
    double *reference, *prediction; /**< [n] */
    size_t n;
    double *errors; /**< [n] |prediction - reference|, in ascending order, NaN last */
    double spread;  /**< standard deviation of the references; 0 where n = 0 */
} parity_data;

/** Collect one kind of target from all frames that have it and a prediction. Release with parity_release.
 *  @return MLSOAP_SUCCESS; MLSOAP_ERROR_MEMORY */
mlsoap_status parity_collect(const frame_set *set, frame_target target, parity_data *data, mlsoap_error *error);
void parity_release(parity_data *data);

/** Directions of the forces: angles between predicted and reference vectors. */
typedef struct parity_directions {
    double *angles; /**< [n] degrees, ascending */
    size_t n;       /**< atoms with a reference force of at least `least` */
    double least;   /**< eV/angstrom, a tenth of the root mean square length of the references: shorter vectors have no
                     *   direction to speak of */
    double mean_cosine;
} parity_directions;

/** Of all frames with forces and a prediction; a predicted force of 0 counts as 90 degrees. Release with
 *  parity_directions_release. @return MLSOAP_SUCCESS; MLSOAP_ERROR_MEMORY */
mlsoap_status parity_directions_find(const frame_set *set, parity_directions *d, mlsoap_error *error);
void parity_directions_release(parity_directions *d);

/** Errors of the force components on the atoms of one element. */
typedef struct parity_species {
    size_t n; /**< components */
    double mae, rmse, max;
} parity_species;

/** By atomic number, 0 ... 118. */
void parity_forces_by_species(const frame_set *set, parity_species by_number[119]);

#endif
