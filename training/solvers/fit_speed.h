/* SPDX-License-Identifier: BSD-3-Clause */
/** @file fit_speed.h
 *  How fast this machine does what fits consist of, for the forecast of their time: small samples of the real work, in
 *  seconds of processor time of one thread, which the load of the machine changes little. Nothing that has an identity
 *  may depend on them. */
#ifndef MLSOAP_FIT_SPEED_H
#define MLSOAP_FIT_SPEED_H

#include "solvers/kernel_triangles.h"

/** Seconds of a pass over the frames of a fit, and of the merge of two triangles of its unknowns. */
typedef struct pass_time {
    double frames; /**< rows of all frames and their factorization */
    double merge;  /**< of two full triangles */
    size_t leaves;
} pass_time;

/** Sample the frames of `problem`, whose basis is complete (any points do), until some hundred rows are factored.
 *  Errors: those of kernel_frame_rows; MLSOAP_ERROR_MEMORY. */
mlsoap_status pass_time_measure(const triangle_problem *problem, pass_time *time, mlsoap_error *error);

/** Seconds for values, tangent and adjoint of one pair of an environment, from some of the frames.
 *  Errors: those of the neighbor list; MLSOAP_ERROR_MEMORY. */
mlsoap_status pair_time_measure(const feature_set *features, const training_frame *frames, size_t n_frames,
                                double *seconds, mlsoap_error *error);

/** Seconds for one multiplication and addition in products [rows][k] x [k][n]; 0: no memory. */
double product_time_measure(size_t rows, size_t k, size_t n);

#endif
