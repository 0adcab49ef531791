/* SPDX-License-Identifier: BSD-3-Clause */
/** @file fps.h
 *  Farthest point sampling: s_{k+1} = argmax_i min_s |x_i - x_s|^2, ties to the lowest row (spec training.md 4). */
#ifndef MLSOAP_FPS_H
#define MLSOAP_FPS_H

#include "app/selection.h"

selection_function fps_select;

/* The steps of it, for rows that lie in several places. */

/** distance[i] = infinity, and the largest |x|^2: infinite or NaN where a row is not finite. */
double fps_begin(const double *X, size_t n_rows, size_t n_features, size_t stride, double *distance);
/** distance[i] = min(distance[i], |x_i - chosen|^2); the bits do not depend on threads or on where a row lies. Returns
 * the row that is farthest, the first of equals; n_rows > 0. */
size_t fps_step(const double *X, size_t n_rows, size_t n_features, size_t stride, const double *chosen,
                double *distance);

#endif
