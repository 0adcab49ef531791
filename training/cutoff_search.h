/* SPDX-License-Identifier: BSD-3-Clause */
/** @file cutoff_search.h
 *  The cutoff of the default descriptor of one element, the setting that differs most between materials: 2.2, 2.65 or
 * 3.2 first-shell distances (defaults.h), by quick fits (trial_fit.h) on few frames, whatever the size of the data:
 * linear models, which tell cutoffs apart better than a GP of few points (of 100 points, the points and not the cutoff
 * limit lithium). The shortest whose forces come within 10 percent of the best is taken: a linear model gains more from
 * the features of a long cutoff than the models that are fitted with it, and molecular dynamics pays for every
 * neighbor. Nothing but training frames is looked at.
 *
 *  Several elements get the rule, and so does the radial scaling of all: quick fits rank those otherwise than the
 * models that follow (training/README.md, Cutoff and Radial scaling, has the figures). */
#ifndef MLSOAP_CUTOFF_SEARCH_H
#define MLSOAP_CUTOFF_SEARCH_H

#include "defaults.h"
#include "trial_fit.h"

enum { N_CUTOFFS = 3 };
extern const double cutoff_factors[N_CUTOFFS]; /**< ascending */

typedef struct cutoff_result {
    size_t n_fit, n_validation; /**< frames of the quick fits; 0: several elements, or too few frames to validate on:
                                   the rule decides */
    int chosen;                 /**< into the others */
    double r_cut[N_CUTOFFS];    /**< Angstrom, ascending */
    trial_score scores[N_CUTOFFS];
} cutoff_result;

/** True where a descriptor of the configuration is chosen from the data and its cutoff is not given. */
bool cutoff_is_open(const json_t *root);

/** Search for the first such descriptor, alone and without a bispectrum.
 *  @param[in] c  completed but for descriptors   @param[in] data  split
 *  @param[in] ranks  as of fit_problem           @param[in] log   gets the table; NULL: silent
 *  Errors: those of default_lengths_find, offsets_find and of the fits. */
mlsoap_status cutoff_search(const config *c, const dataset *data, parallel *ranks, training_log *log,
                            cutoff_result *result, mlsoap_error *error);

#endif
