/* SPDX-License-Identifier: BSD-3-Clause */
/** @file dataset.h
 *  The data of a training run: frames read, split into a fit and a validation part, weights and variances of the
 *  variance-weighted loss (spec training.md 2). */
#ifndef MLSOAP_DATASET_H
#define MLSOAP_DATASET_H

#include "app/config.h"
#include "io/io.h"

#include <stdint.h>

/** A frame with what the loss needs of it. */
typedef struct training_frame {
    frame *source;                  /**< in one of the sets */
    double weight[N_FRAME_TARGETS]; /**< w_c: frame weight times config_type factor; 0 where the target is absent */
    bool repeated;                  /**< the same geometry occurs before it: never used for validation */
} training_frame;

typedef struct dataset {
    frame_set train, validation_files, test;
    training_frame *fit, *validation; /**< in the order of the files */
    size_t n_fit, n_validation;
    const frame **training; /**< every frame of `train`, in order */
    int *elements;          /**< ascending atomic numbers of all training frames */
    int n_elements;
    size_t n_repeated;
} dataset;

/** Statistics of a set of training frames; every mean is weighted with w_c. */
typedef struct loss_statistics {
    double variance[N_FRAME_TARGETS]; /**< of E/N after offsets (eV^2), F components, W/N components; 1 where it
                                         vanishes */
    double weight[N_FRAME_TARGETS];   /**< S: sum w_c, sum 3 N_c w_c, sum 6 w_c */
    size_t n[N_FRAME_TARGETS];        /**< numbers: energies, force components, virial components */
    bool vanishes[N_FRAME_TARGETS];   /**< the variance is below 1e-12 of max^2, so 1 is used */
} loss_statistics;

/** Read all files that the completed configuration names. Errors: those of frames_read; MLSOAP_ERROR_VALUE (no training
 *  file, no frame). Release with dataset_release, also on failure. */
mlsoap_status dataset_read(dataset *data, const config *c, mlsoap_error *error);
/** Mark repeats, split by seed and give the weights of data and loss. */
mlsoap_status dataset_split(dataset *data, const config *c, mlsoap_error *error);
void dataset_release(dataset *data);

/** Choose `fraction` of the frames of every config_type (at least one frame in all where there are two that can be),
 * never a repeat, an isolated atom or the only frame of its config_type.
 *  @param[out] chosen [n]. Depends on frames, fraction and seed alone. */
mlsoap_status dataset_choose_validation(const training_frame *frames, size_t n, double fraction, uint64_t seed,
                                        bool *chosen, mlsoap_error *error);

/** Variances with the offsets subtracted. */
void dataset_statistics(const training_frame *frames, size_t n, const int *elements, int n_elements,
                        const double *offsets, loss_statistics *statistics);

/** Weight of the forces of one atom: atom weight, 0 where it is masked. */
double structure_force_weight(const structure *s, size_t i_atom);

#endif
