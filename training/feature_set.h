/* SPDX-License-Identifier: BSD-3-Clause */
/** @file feature_set.h
 *  Joint feature vectors of the centers of a structure: descriptors side by side, each padded to its stride, as a term
 * of a potential sees them (potential.h). Values and Jacobian of one center at a time. */
#ifndef MLSOAP_FEATURE_SET_H
#define MLSOAP_FEATURE_SET_H

#include "descriptors/descriptor.h"
#include "structure/neighbor_list.h"

#include <stdbool.h>

/** The descriptors of one term. Shared by threads. */
typedef struct feature_set {
    int n_descriptors;
    descriptor *const *descriptors; /**< not owned */
    size_t stride;                  /**< of the joint vector: sum of the strides */
    double *weights;                /**< [stride] feature weights; owned */
    double r_cut;                   /**< largest */
    int centers_are_atoms;
    int centers_are_midpoints; /**< the center moves with the mean of the atoms; given points stay */
} feature_set;

/** Errors: MLSOAP_ERROR_VALUE (atoms mixed with points), _MEMORY. */
mlsoap_status feature_set_new(feature_set *set, descriptor *const *descriptors, int n_descriptors, mlsoap_error *error);
void feature_set_release(feature_set *set);
/** True where all descriptors serve centers of this species (0: a point in space). */
bool feature_set_serves(const feature_set *set, int species);

/** Scratch of one thread. */
typedef struct feature_worker {
    const feature_set *set;
    neighbor_list list; /**< of the structure, after feature_worker_begin */
    descriptor_workspace **workspaces;
    double (*points)[3];
    double *scratch; /**< for descriptors side by side */
    size_t capacity_points, capacity_scratch;
    int block_first[2];        /**< [n_centers + 1] of the block */
    mlsoap_environments block; /**< the center at work */
} feature_worker;

mlsoap_status feature_worker_new(feature_worker *w, const feature_set *set, mlsoap_error *error);
void feature_worker_release(feature_worker *w);

/** Neighbor list of the centers of a structure. Errors: those of neighbor_list_build. */
mlsoap_status feature_worker_begin(feature_worker *w, const structure *s, mlsoap_error *error);
/** D[stride] of one center of the list. Errors: MLSOAP_ERROR_MEMORY. */
mlsoap_status feature_worker_values(feature_worker *w, size_t i_center, double *D, mlsoap_error *error);
/** J[n_neighbors][3][stride] of that center, after feature_worker_values. Errors: MLSOAP_ERROR_MEMORY. */
mlsoap_status feature_worker_jacobian(feature_worker *w, double *J, mlsoap_error *error);
/** D[stride] of an atom of this species without neighbors. Errors: MLSOAP_ERROR_MEMORY. */
mlsoap_status feature_worker_isolated(feature_worker *w, int species, double *D, mlsoap_error *error);

/* Blocks of up to DESCRIPTOR_BLOCK centers of any origin; rows of the joint features are [stride]. */

/** Make room for blocks of n_pairs pairs: the three that follow cannot fail then. Errors: MLSOAP_ERROR_MEMORY. */
mlsoap_status feature_worker_reserve(feature_worker *w, size_t n_pairs, mlsoap_error *error);
/** D[n_centers][stride]. */
void feature_block_values(feature_worker *w, const mlsoap_environments *block, double *D);
/** dE_dr[n_pairs][3] = sum_f g_f dD_f/dr, after feature_block_values on the block. */
void feature_block_adjoint(feature_worker *w, const mlsoap_environments *block, const double *g, double *dE_dr);
/** dD[n_centers][stride] = sum_pairs dD/dr_pair . v_pair, after feature_block_values on the block. */
void feature_block_tangent(feature_worker *w, const mlsoap_environments *block, const double *v, double *dD);

#endif
