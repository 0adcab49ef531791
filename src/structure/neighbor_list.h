/* SPDX-License-Identifier: BSD-3-Clause */
/** @file neighbor_list.h
 *  All pairs (center, atom image) within a cutoff, as environments: cell list, any cell shape and size (self-images
 *  included), any combination of periodic directions. */
#ifndef MLSOAP_NEIGHBOR_LIST_H
#define MLSOAP_NEIGHBOR_LIST_H

#include "structure/structure.h"

typedef struct neighbor_list {
    size_t n_centers;
    int *first;      /**< [n_centers + 1] */
    int *species;    /**< [n_pairs] atomic number of the neighbor */
    int *atom;       /**< [n_pairs] index of the neighbor in the structure */
    int (*image)[3]; /**< [n_pairs] lattice translation: r_ij = R_j + image . cell - R_i (of the positions as given) */
    double *dx, *dy, *dz; /**< [n_pairs] r_ij, Angstrom */
    int *center_species;  /**< [n_centers] atomic number, 0 for a point in space */
    int *center_atom;     /**< [n_centers] index of the central atom, -1 for a point in space */
    size_t capacity_centers, capacity_pairs;
    struct neighbor_bins *bins; /**< private scratch of the cell list */
} neighbor_list;

/** Which centers: all atoms, or given points. */
typedef struct neighbor_centers {
    size_t n_points;           /**< 0 = every atom of the structure is a center */
    const double (*points)[3]; /**< [n_points][3], Angstrom */
} neighbor_centers;

/** Build (or rebuild, reusing memory: a list that was built before does not allocate when it fits) the list of all
 *  pairs with 0 < r < r_cut; the order of the pairs of a center depends on the structure alone. Zero-initialize the
 * list before the first use. For centers that are atoms, the atom itself is left out and its images are in. For points,
 * an atom that coincides with a point (r < 1e-9) is in, with r = 0. Errors: those of structure_validate;
 * MLSOAP_ERROR_VALUE for two atoms closer than 1e-6 Angstrom (names both) and r_cut <= 0; MLSOAP_ERROR_CAPACITY where
 * the pairs would need more than 2^31 entries; MLSOAP_ERROR_MEMORY. */
mlsoap_status neighbor_list_build(neighbor_list *list, const structure *s, double r_cut,
                                  const neighbor_centers *centers, mlsoap_error *error);
void neighbor_list_release(neighbor_list *list);

#endif
