/* SPDX-License-Identifier: BSD-3-Clause */
/** @file offsets.h
 *  Energy offsets per element e0 (spec models.md 6): isolated atoms if present, else least squares of the total
 * energies on the numbers of atoms (minimum norm where the compositions do not determine them). */
#ifndef MLSOAP_OFFSETS_H
#define MLSOAP_OFFSETS_H

#include "io/frame.h"

typedef enum offsets_method { OFFSETS_AUTO, OFFSETS_ISOLATED, OFFSETS_LEAST_SQUARES, OFFSETS_MEAN } offsets_method;

typedef struct offsets_result {
    offsets_method method; /**< the one used, never OFFSETS_AUTO */
    int rank;              /**< of the compositions (least squares), n_elements otherwise */
    double rms;            /**< of (E - sum e0)/N over the frames, eV/atom */
} offsets_result;

/** True for a frame that is one atom alone: its config_type says so (IsolatedAtom, isolated_atom, isolated,
 * single_atom) or it has one atom and no image within 2 r_cut. */
bool frame_is_isolated_atom(const frame *f, double r_cut);

/** Offsets from the frames that have energies.
 *  @param[in] elements [n_elements] ascending atomic numbers   @param[in] r_cut  0 where it is not known yet
 *  @param[out] offsets [n_elements], eV
 *  Errors: MLSOAP_ERROR_VALUE (no energies; `isolated` and an element has no isolated atom, or two that differ by more
 *  than 1 meV; |E - sum e0|/N above 50 eV in some frame: names it), _MEMORY, _NUMERICS. */
mlsoap_status offsets_find(const frame *const *frames, size_t n_frames, const int *elements, int n_elements,
                           offsets_method method, double r_cut, double *offsets, offsets_result *result,
                           mlsoap_error *error);

/** Check given offsets against the frames: |E - sum e0|/N above 50 eV is an error that names the frame; result->rms. */
mlsoap_status offsets_check(const frame *const *frames, size_t n_frames, const int *elements, int n_elements,
                            const double *offsets, offsets_result *result, mlsoap_error *error);

/** sum_i e0(Z_i) of a structure; elements that are not in the list count 0. */
double offsets_energy(const structure *s, const int *elements, int n_elements, const double *offsets);

#endif
