/* SPDX-License-Identifier: BSD-3-Clause */
/** @file virial_check.h
 *  Sign, unit and order of the virials in the data, judged by a model that was fitted to energies and forces alone: its
 *  virial is right by construction, so the slope of the data's virials against it must be near 1. */
#ifndef MLSOAP_VIRIAL_CHECK_H
#define MLSOAP_VIRIAL_CHECK_H

#include "data_checks.h"
#include "potential/potential.h"

typedef struct virial_slopes {
    size_t n_frames;
    double slope[2], correlation[2]; /**< data against model: diagonal components, off-diagonal ones; about 0 */
    double permuted[3][3];           /**< correlation of data component a with model component b of xy, xz, yz */
} virial_slopes;

/** From pairs of virials per atom [n][6] (xx yy zz xy xz yz). */
void virial_slopes_find(const double (*data)[6], const double (*fitted)[6], size_t n, virial_slopes *slopes);

/** What is wrong, in words, with the likely cause; false where nothing is, or where the model says too little (a
 *  correlation below 0.7). */
bool virial_slopes_verdict(const virial_slopes *slopes, char *text, size_t size);

/** Evaluate the model on up to 20 training frames that have virials and add the error `virial` to the list where they
 *  contradict it. Errors: those of potential_evaluate, _MEMORY. */
mlsoap_status virial_check(const mlsoap_potential *fitted, const dataset *data, check_list *list, mlsoap_error *error);

#endif
