/* SPDX-License-Identifier: BSD-3-Clause */
/** @file fps.h
 *  Farthest point sampling: s_{k+1} = argmax_i min_s |x_i - x_s|^2, ties to the lowest row (spec training.md 4). */
#ifndef MLSOAP_FPS_H
#define MLSOAP_FPS_H

#include "app/selection.h"

selection_function fps_select;

#endif
