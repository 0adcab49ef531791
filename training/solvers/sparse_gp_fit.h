/* SPDX-License-Identifier: BSD-3-Clause */
/** @file sparse_gp_fit.h
 *  The fit of a sparse GP: sparse points, triangles of K_NM, weights and noise by validation, alpha from all training
 *  frames at those weights (spec training.md 2 to 4).
 *
 *  Two conventions: `loss` (variance-weighted; a total energy has sigma_E,c = s N_c sqrt(var(E/N) S_E/(lambda_E w_c)))
 *  or explicit `model.sigma` (GAP's: sigma sqrt(N_c) for energies and virials), never mixed. */
#ifndef MLSOAP_SPARSE_GP_FIT_H
#define MLSOAP_SPARSE_GP_FIT_H

#include "fit_method.h"

extern const fit_method sparse_gp_fit_method;
/** The linear model eps = w . D or w . D/|D|: the same with zeta = 1, unit vectors as sparse points and so K_MM = 1
 * (ridge), its regularization found by validation like the noise of the GP. */
extern const fit_method linear_fit_method;

#endif
