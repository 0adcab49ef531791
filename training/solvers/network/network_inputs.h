/* SPDX-License-Identifier: BSD-3-Clause */
/** @file network_inputs.h
 *  Inputs of networks from the features of the training environments: x = P^T (z - b) (spec models.md 2b),
 *
 *      pca          P = eigenvectors of the covariance of z, times eigenvalue^-q, times one number such that
 *                   sqrt(mean |x|^2) = sqrt(30): gently whitened, since full whitening (q = 1/2) overfits
 *      standardize  b = mean, P = diag(1/standard deviation)
 *      none         x = z */
#ifndef MLSOAP_NETWORK_INPUTS_H
#define MLSOAP_NETWORK_INPUTS_H

#include "dataset.h"
#include "solvers/network/network_form.h"

#include <stdint.h>

typedef enum network_inputs_method { NETWORK_PCA, NETWORK_STANDARDIZE, NETWORK_NO_SCALING } network_inputs_method;

/** As n_inputs, with pca or none: as many inputs as features, so that every network on the features can be written on
 *  the inputs. */
#define NETWORK_ALL_INPUTS SIZE_MAX

/** Inputs of every kind of center that the frames hold, and the isolated atoms. form->features and transform are set.
 *  @param[in] n_inputs  most inputs; 0: all whose variance is above 1e-12 of the largest   @param[in] exponent  q
 *  Errors: those of evaluation with file and frame; MLSOAP_ERROR_MEMORY, _NUMERICS. */
mlsoap_status network_inputs_find(network_form *form, const frame_set *set, network_inputs_method method,
                                  size_t n_inputs, double exponent, mlsoap_error *error);

#endif
