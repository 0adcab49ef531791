/* SPDX-License-Identifier: BSD-3-Clause */
/** @file training_domain.h
 *  What the training data cover: densities and the shortest distance of each pair of elements. It goes into the
 *  provenance, where the pair style prints it at the start of a run. */
#ifndef MLSOAP_TRAINING_DOMAIN_H
#define MLSOAP_TRAINING_DOMAIN_H

#include "io/frame.h"

typedef struct training_domain {
    double density[2]; /**< smallest and largest atoms/Angstrom^3 of the frames that are periodic in all directions; 0,
                          0 where there is none */
    double *shortest;  /**< [n_elements][n_elements], symmetric, Angstrom; INFINITY for a pair that is nowhere closer
                          than  10 Angstrom */
} training_domain;

/** Look at every frame. Release with training_domain_release, also on failure. Errors: those of neighbor_list_build
 * (the message names the frame, counted from 0), MLSOAP_ERROR_MEMORY. */
mlsoap_status training_domain_find(const frame *const *frames, size_t n_frames, const int *elements, int n_elements,
                                   training_domain *domain, mlsoap_error *error);
void training_domain_release(training_domain *domain);

#endif
