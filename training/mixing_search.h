/* SPDX-License-Identifier: BSD-3-Clause */
/** @file mixing_search.h
 *  `compression: {type: mix, mixing: learned}` (spec soap.md 6): the matrix U [channels][species] that mixes the
 * species of a SOAP, chosen by validation. Columns keep length 1, so that few numbers are free: each column but the
 * first (the channels as a whole may be rotated) moves along the channels - 1 directions across it; with one channel,
 * its factor.
 *
 *  A compass search from the fixed matrix (species_mixing.h): each free number is tried a step up, then down; what
 * lowers ln RMSE_F + 0.5 ln RMSE_E of a small sparse GP on validation frames by at least 0.2 percent is kept; where a
 * pass over all numbers keeps nothing, the step is halved. Few frames and sparse points and at most MIXING_TRIALS fits
 * bound the cost, whatever the size of the data. The result replaces the fixed matrix only where it is better on a
 * larger sample too. The search depends on data, configuration and seed alone, not on the number of threads. */
#ifndef MLSOAP_MIXING_SEARCH_H
#define MLSOAP_MIXING_SEARCH_H

#include "fit_method.h"

enum { MIXING_TRIALS = 60 };

/** True for settings of a descriptor whose matrix is to be learned and is not there yet. */
bool mixing_is_wanted(const json_t *settings);

/** Give such settings the fixed matrix: what the search starts from, and what a forecast needs.
 *  @param[in] species  as completed. Errors: MLSOAP_ERROR_VALUE (species), _CAPACITY, _MEMORY. */
mlsoap_status mixing_start(json_t *settings, const char *path, const schema_source *source, mlsoap_error *error);

typedef struct mixing_result {
    int n_trials;
    bool kept_fixed;      /**< nothing better was found, or there are no validation frames */
    double before, after; /**< validation RMSE of forces on the larger sample, eV/Angstrom; 0 without a search */
} mixing_result;

/** Search the matrix of descriptor `i_descriptor` of a term of the problem and write it into `settings`
 *  (compression.matrix), the settings that descriptor was made from; the descriptor itself stays as it is.
 *  Errors: those of the fits. */
mlsoap_status mixing_search(const fit_problem *problem, size_t i_term, int i_descriptor, json_t *settings,
                            const char *path, mixing_result *result, mlsoap_error *error);

#endif
