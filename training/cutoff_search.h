/* SPDX-License-Identifier: BSD-3-Clause */
/** @file cutoff_search.h
 *  The cutoff of the default descriptor, the setting that differs most between materials: 2.2, 2.65 or 3.2 first-shell
 * distances (defaults.h), by quick fits (trial_fit.h) on few frames, whatever the size of the data. A longer cutoff
 * costs in molecular dynamics and must lower the objective by a fixed step to be taken. Nothing but training frames is
 * looked at. */
#ifndef MLSOAP_CUTOFF_SEARCH_H
#define MLSOAP_CUTOFF_SEARCH_H

#include "defaults.h"
#include "trial_fit.h"

enum { N_CUTOFFS = 3 };
extern const double cutoff_factors[N_CUTOFFS]; /**< ascending */

typedef struct cutoff_result {
    size_t n_fit, n_validation; /**< frames of the quick fits; 0: there was nothing to validate on, the rule decides */
    int chosen;                 /**< into the others */
    double r_cut[N_CUTOFFS];    /**< Angstrom; ascending, equal ones tried once */
    trial_score scores[N_CUTOFFS];
} cutoff_result;

/** True where a descriptor of the configuration is chosen from the data and its cutoff is not given. */
bool cutoff_is_open(const json_t *root);

/** Search for the first such descriptor, alone and without a bispectrum.
 *  @param[in] c  completed but for descriptors   @param[in] data  split   @param[in] log  gets the table; NULL: silent
 *  Errors: those of default_lengths_find, offsets_find and of the fits. */
mlsoap_status cutoff_search(const config *c, const dataset *data, training_log *log, cutoff_result *result,
                            mlsoap_error *error);

#endif
