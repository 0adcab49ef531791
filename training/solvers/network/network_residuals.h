/* SPDX-License-Identifier: BSD-3-Clause */
/** @file network_residuals.h
 *  Residuals of the variance-weighted loss and their Jacobian with respect to theta, for small networks on small sets:
 *  the derivatives of the inputs are made once and kept. One row for each energy, force and virial component:
 *
 *      r = sqrt(lambda_t c_t) (prediction - target),   |r|^2 = L */
#ifndef MLSOAP_NETWORK_RESIDUALS_H
#define MLSOAP_NETWORK_RESIDUALS_H

#include "solvers/network/network_loss.h"

typedef struct network_residuals network_residuals;

/** Inputs of the chosen frames. @param[in] chosen [n] indices into frames, NULL: all
 *  Errors: MLSOAP_ERROR_MEMORY and those of the descriptors. */
mlsoap_status network_residuals_new(const network_form *form, const network_frames *frames, const size_t *chosen,
                                    size_t n, const double lambda[N_FRAME_TARGETS], network_residuals **out,
                                    mlsoap_error *error);
void network_residuals_free(network_residuals *residuals); /* NULL-safe */

/** |r|^2 and, where not NULL, the triangle R [n_parameters + 1]^2 of [J | r] (tall_qr.h). The bits do not depend on the
 *  number of threads. Errors: MLSOAP_ERROR_NUMERICS (names the frame), _MEMORY. */
mlsoap_status network_residuals_evaluate(network_residuals *residuals, const double *theta, double *square, double *R,
                                         mlsoap_error *error);

/** Bytes that the inputs take, and multiplications of one evaluation with its triangle. */
void network_residuals_cost(const network_form *form, const network_frames *frames, double *bytes, double *products);

#endif
