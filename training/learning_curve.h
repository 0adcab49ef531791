/* SPDX-License-Identifier: BSD-3-Clause */
/** @file learning_curve.h
 *  `report.learning_curve`: the same fit to ever fewer of its frames, judged on the same validation frames: would more
 * data help? Halves, quarters, ... by the seed, each part of the next larger. */
#ifndef MLSOAP_LEARNING_CURVE_H
#define MLSOAP_LEARNING_CURVE_H

#include "fit_method.h"

typedef struct learning_point {
    size_t n_frames;
    mlsoap_potential *potential; /**< owned by the caller of learning_curve_fit */
} learning_point;

/** Fits to n_fit/2^n, ..., n_fit/2 frames. Sizes below two frames, or that lack an element, are left out.
 *  @param[in] n_halvings  most points   @param[out] points  [n_halvings]; release each, also on failure
 *  @param[out] n_points   points made. Errors: those of the fits. */
mlsoap_status learning_curve_fit(const fit_problem *problem, int n_halvings, learning_point *points, size_t *n_points,
                                 mlsoap_error *error);

#endif
