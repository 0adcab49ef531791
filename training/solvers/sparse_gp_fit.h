/* SPDX-License-Identifier: BSD-3-Clause */
/** @file sparse_gp_fit.h
 *  The fit of a sum of sparse GPs and linear models: sparse points, triangles of K_NM, weights and noise by validation,
 * alpha from all training frames at those weights (spec training.md 2 to 4).
 *
 *  Two conventions: `loss` (variance-weighted; a total energy has sigma_E,c = s N_c sqrt(var(E/N) S_E/(lambda_E w_c)))
 *  or explicit `model.sigma` (GAP's: sigma sqrt(N_c) for energies and virials), never mixed.
 *
 *  A linear model eps = w . x, x = D or D/|D|, is the same with zeta = 1 and unit vectors as sparse points, so that
 *  K_MM = delta^2 1 (ridge): w = delta^2 alpha. The terms of a list are fitted in one least-squares problem, their
 *  columns side by side; `delta` of each says how large its part of the energy is expected to be. */
#ifndef MLSOAP_SPARSE_GP_FIT_H
#define MLSOAP_SPARSE_GP_FIT_H

#include "fit_method.h"

extern const fit_method sparse_gp_fit_method;

#endif
