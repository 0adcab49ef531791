/* SPDX-License-Identifier: BSD-3-Clause */
/** @file sparse_points.h
 *  Sparse points of a GP: the features of the training environments of each kind of center, and a selection of them. */
#ifndef MLSOAP_SPARSE_POINTS_H
#define MLSOAP_SPARSE_POINTS_H

#include "app/progress.h"
#include "dataset.h"
#include "parallel/parallel.h"
#include "solvers/kernel_rows.h"

/** What is in the frames, by neighbor lists alone. */
typedef struct environment_counts {
    size_t n[KERNEL_KINDS]; /**< centers of each kind */
    size_t n_centers;
    size_t n_pairs, largest_pairs; /**< neighbors in all; of one center at most */
    size_t largest_atoms;          /**< of a frame */
} environment_counts;

/** Count. Errors: those of the neighbor list with file and frame. */
mlsoap_status environments_count(const feature_set *features, const frame_set *set, environment_counts *counts,
                                 mlsoap_error *error);

/** Environments of a kind that the selection looks at: all, or where their features would fill more than
 *  SPARSE_CANDIDATE_NUMBERS doubles, evenly chosen ones (never fewer than ten per point). */
#define SPARSE_CANDIDATE_NUMBERS 2e7
size_t sparse_candidates(size_t n_environments, size_t stride, size_t n_sparse);

/** Choose up to n_sparse points of every kind by `method` (selection.h) and set term->points and n_points
 *  (term->features and settings are set). Constant "auto" (auto_constant): settings.constant = mean |x_s|^2.
 *  Each of the ranks evaluates the environments of its frames; all get the points.
 *  Errors: those of evaluation with file and frame; MLSOAP_ERROR_MEMORY, _VALUE. */
mlsoap_status sparse_points_choose(kernel_term *term, const frame_set *set, const environment_counts *counts,
                                   const char *method, size_t n_sparse, bool auto_constant, parallel *ranks,
                                   progress *bar, mlsoap_error *error);

#endif
