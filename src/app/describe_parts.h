/* SPDX-License-Identifier: BSD-3-Clause */
/** @file describe_parts.h
 *  What describe_frames.c stands on: the centers of a structure (describe_parts.c), their rows
 *  (describe_environments.c) and the rows of structures (describe_structures.c). */
#ifndef MLSOAP_DESCRIBE_PARTS_H
#define MLSOAP_DESCRIBE_PARTS_H

#include "app/describer.h"

#include <stdbool.h>

/** Scratch memory of one thread. */
typedef struct describe_worker {
    descriptor_workspace **workspaces; /**< [n_descriptors] */
    double *D;                         /**< [DESCRIPTOR_BLOCK][largest stride] */
    double *J;                         /**< [n_neighbors][3][stride] of one center */
    int *slots;                        /**< [entries of one center] where its derivatives go */
    size_t capacity_J, capacity_slots;
    int first[DESCRIPTOR_BLOCK + 1];
    mlsoap_environments block;
} describe_worker;

/** What the threads share while they work on one structure. */
typedef struct description_job {
    describer *d;
    const structure *s;
    describe_what what;
    description_rows *out;
    double *values;                    /**< [n_rows][n_center_features] rows of the centers */
    int k;                             /**< rows of structures: the part whose derivatives are summed */
    const int *pair_slots, *own_slots; /**< rows of structures, sparse: [n_pairs] and [n_atoms] entries */
    const double *factors;             /**< rows of structures: [n_rows] weight of each center */
    const int *blocks;                 /**< rows of structures: [n_rows] block of each center, -1 = none */
    mlsoap_status status;
    mlsoap_error error;
} description_job;

/** True where the descriptor has features for centers of this element. */
int describe_serves(const descriptor *d, int species);
size_t describe_n_neighbors(const describer *d, size_t center);
/** Entries of the derivatives of a center: what moves it (an atom: one; a midpoint: every atom; a point: none), and its
 *  neighbors. */
size_t describe_n_own(const describer *d, const structure *s);

/** Neighbor list and centers of a structure. */
mlsoap_status describe_prepare(describer *d, const structure *s, mlsoap_error *error);
/** count * per items, all 0. */
bool describe_reserve_zeroed(double **array, size_t *capacity, size_t count, size_t per);
/* describe_environments.c */
/** Rows of all centers by all threads, with derivatives where job->what asks for them. */
mlsoap_status describe_centers_of(description_job *job, mlsoap_error *error);
/** Make n centers from `center` on (they follow each other in the list) the block of a worker. */
void describe_view_block(const describer *d, describe_worker *worker, size_t center, int n);
/** Values and dD/dr [n_neighbors][3][stride] of center i of the block that is in view, in worker->J. */
mlsoap_status describe_jacobian(const describer *d, describe_worker *worker, int k, size_t center, int i_in_block,
                                mlsoap_error *error);
/** worker->slots: entries of the output for what moves the center, then for its neighbors. */
mlsoap_status describe_fill_slots(const description_job *job, describe_worker *worker, size_t center,
                                  mlsoap_error *error);
/** out[slot][3][n_features] += factor dD/dR, in the n columns that begin at `out`.
 *  @param[in] J  [n_neighbors of the center][3][stride] dD/dr of its pairs */
void describe_scatter(const describer *d, size_t center, const double *J, size_t stride, size_t n, const int *slots,
                      size_t n_own, double factor, double *out);

/* describe_structures.c */
mlsoap_status describe_whole(describer *d, const structure *s, describe_what what, description_rows *rows,
                             mlsoap_error *error);
mlsoap_status describe_whole_count(describer *d, const structure *s, size_t *n_entries, mlsoap_error *error);
/** describer_survey. */
mlsoap_status describe_whole_survey(describer *d, const structure *s, mlsoap_error *error);
void describe_scratch_free(struct describe_scratch *scratch);

#endif
