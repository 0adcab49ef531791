/* SPDX-License-Identifier: BSD-3-Clause */
/** @file core_range.h
 *  The ranges of the repulsive core (config key zbl). `auto`, for each pair of elements:
 *
 *      r_outer = the smaller of 0.95 of the shortest distance in the training data (of unlike atoms at most the mean of
 *                those of the two like pairs) and 0.9 of the sum of the covalent radii; a pair of which the data know
 *                nothing below 10 Angstrom: 0.75 of that sum
 *      r_inner = r_outer/2
 *
 *  so that it is 0 on every training frame and cannot change an error there; the second bound is for pairs that are
 *  rare or always far apart in the data, where the shortest distance says nothing of repulsion. */
#ifndef MLSOAP_CORE_RANGE_H
#define MLSOAP_CORE_RANGE_H

#include "app/config.h"
#include "app/doctor/training_domain.h"
#include "training_log.h"

/** The list `pair_terms` of a description ([] for `zbl: none`), a new reference; what was chosen goes to the log.
 *  @param[in] zbl  value of the configuration. Errors: MLSOAP_ERROR_MEMORY. */
mlsoap_status core_range_choose(const json_t *zbl, const training_domain *domain, const int *elements, int n_elements,
                                training_log *log, json_t **pair_terms, mlsoap_error *error);

#endif
