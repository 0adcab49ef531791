/* SPDX-License-Identifier: BSD-3-Clause */
/** @file pair_core.h
 *  The repulsive core of a potential: a ZBL pair energy for each pair of elements, half of it on each atom of the pair,
 * in the same environments as the terms. */
#ifndef MLSOAP_PAIR_CORE_H
#define MLSOAP_PAIR_CORE_H

#include "core/schema.h"
#include "mlsoap.h"
#include "models/zbl.h"

typedef struct pair_core {
    int n_elements;
    const int *element_index; /**< [119] by atomic number, of the potential; not owned */
    zbl_pair *pairs;          /**< [n_elements][n_elements], symmetric; NULL: no core */
    double r_outer;           /**< largest; 0: no core */
} pair_core;

/** Read the list `pair_terms` of a description: at most one entry
 *  {"type": "zbl", "pairs": {"Si-Si": [r_inner, r_outer], ...}}, elements of a pair by ascending atomic number; pairs
 *  that are left out have no core. `elements` [n_elements] and `element_index` must live as long as the core.
 *  Release with pair_core_release, also on failure. Errors: MLSOAP_ERROR_VALUE, _MEMORY. */
mlsoap_status pair_core_read(pair_core *core, const json_t *pair_terms, const int *elements, int n_elements,
                             const int *element_index, const schema_source *source, mlsoap_error *error);
void pair_core_release(pair_core *core);

/** Add the core to the energies [n_centers] of known elements and, where it is not NULL, to dE_dr [n_pairs][3].
 * Neighbors beyond the ranges cost one comparison. */
void pair_core_add(const pair_core *core, const mlsoap_environments *e, double *energies, double *dE_dr);

#endif
