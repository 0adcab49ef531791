/* SPDX-License-Identifier: BSD-3-Clause */
/** @file config_terms.h
 *  The terms of `model`: a mapping is one term, a list holds several, whose energies add. A list of one becomes that
 *  mapping. */
#ifndef MLSOAP_CONFIG_TERMS_H
#define MLSOAP_CONFIG_TERMS_H

#include "app/config.h"

#include <stdbool.h>

enum { CONFIG_TERM_PATH = 32 };

/** Number of terms; 1 for a mapping. */
size_t config_n_terms(const json_t *root);
/** The keys of a term, not owned. */
json_t *config_term(const json_t *root, size_t i);
/** "model" or "model.1", for messages. */
void config_term_path(const json_t *root, size_t i, char path[CONFIG_TERM_PATH]);
/** True where a term acts on a descriptor, which has its name. */
bool config_term_has(const json_t *term, const json_t *descriptor);

/** Check and complete all terms, for config_complete. Keys of the fit of all terms together (noise, sigma, jitter,
 *  factorization, keep_triangles) may stand in any of them and are given to all.
 *  Errors: MLSOAP_ERROR_VALUE (they contradict each other; a network among several terms; sparse_points), those of
 *  schema_complete. */
mlsoap_status config_complete_terms(config *c, mlsoap_error *error);
/** `on` of every term names descriptors, and every descriptor is used; nothing while there are no descriptors.
 *  Error: MLSOAP_ERROR_VALUE. */
mlsoap_status config_check_on(const config *c, mlsoap_error *error);
/** No two terms are the same model of the same descriptors; once all defaults are known.
 *  Error: MLSOAP_ERROR_VALUE. */
mlsoap_status config_check_duplicates(const config *c, mlsoap_error *error);

#endif
