/* SPDX-License-Identifier: BSD-3-Clause */
/** @file kernel_triangles.h
 *  One pass over the frames: K_NM rows of every structure into one triangle per kind of target and part (fit,
 *  validation). Consecutive structures form leaves, cut by their numbers of atoms and the number of columns alone; each
 * is factored by one thread of one rank, and the leaves are merged in one fixed tree (tall_qr.h): the result has the
 * same bits for any number of threads and ranks. */
#ifndef MLSOAP_KERNEL_TRIANGLES_H
#define MLSOAP_KERNEL_TRIANGLES_H

#include "app/progress.h"
#include "checkpoint.h"
#include "dataset.h"
#include "parallel/parallel.h"
#include "solvers/kernel_rows.h"
#include "solvers/regression.h"

typedef struct triangle_problem {
    const kernel_basis *basis;
    const training_frame *frames[2]; /**< fit, validation */
    size_t n_frames[2];
    const frame_set *sets[2]; /**< where they are from: file names for messages */
    const int *elements;
    int n_elements;
    const double *offsets;
    /** Rows of energies and virials are divided by N_c (loss) or by sqrt(N_c) (GAP's convention, model.sigma). */
    bool divide_by_root;
    parallel *ranks;        /**< each does consecutive leaves; all get the result */
    checkpoint *checkpoint; /**< polled between leaves, which it holds where one rank does all; then holds the triangles
                               until "triangles" is dropped; NULL allowed */
} triangle_problem;

/** Fill r->fit and r->validation (triangles, numbers of rows, weights) and r->n; r->K is left alone. Frames whose
 * forces and virials have no weight cost no derivatives. `bar` NULL allowed. Errors: those of kernel_rows_fill with
 * file and frame in front; MLSOAP_ERROR_MEMORY; those of checkpoint_poll. */
mlsoap_status kernel_triangles(const triangle_problem *problem, progress *bar, regression *r, mlsoap_error *error);

/** Where the rows of a frame go: each times `scale`, [n_rows][n_columns + 1]. */
typedef struct row_sink {
    void *context;
    mlsoap_status (*add)(void *context, int target, const double *rows, size_t n_rows, double scale,
                         mlsoap_error *error);
} row_sink;

/** Rows of one frame with their targets into a sink. Errors: those of kernel_rows_fill and of the sink. */
mlsoap_status kernel_frame_rows(const triangle_problem *problem, const training_frame *t, kernel_rows *rows,
                                const row_sink *sink, mlsoap_error *error);
/** Set part->n_rows and part->weight, which are 0 before. */
void kernel_count_rows(const training_frame *frames, size_t n_frames, regression_part *part);

/** Cut r->K into the blocks of the terms. Error: MLSOAP_ERROR_MEMORY. */
mlsoap_status kernel_set_blocks(const kernel_basis *basis, regression *r, mlsoap_error *error);

/** Number of leaves; 0: no memory to count them. */
size_t kernel_leaves(const triangle_problem *problem);
/** Bytes in use for n_columns unknowns, without kernel_rows. */
double kernel_triangles_bytes(double n_columns, double n_atoms, int n_targets, int n_threads);

#endif
