/* SPDX-License-Identifier: BSD-3-Clause */
/** @file activation_kernels.h
 *  The activation functions of dense networks (spec n2p2-import.md 3, models.md 2b). */
#ifndef MLSOAP_ACTIVATION_KERNELS_H
#define MLSOAP_ACTIVATION_KERNELS_H

typedef enum activation_shape {
    ACTIVATION_LINEAR,           /**< u */
    ACTIVATION_TANH,             /**< tanh u */
    ACTIVATION_LOGISTIC,         /**< 1/(1 + e^-u) */
    ACTIVATION_REVERSE_LOGISTIC, /**< 1 - 1/(1 + e^-u) */
    ACTIVATION_SOFTPLUS,         /**< ln(1 + e^u) */
    ACTIVATION_RELU,             /**< max(0, u) */
    ACTIVATION_GAUSSIAN,         /**< exp(-u^2/2) */
    ACTIVATION_COSINE,           /**< cos u */
    ACTIVATION_EXPONENTIAL,      /**< e^-u */
    ACTIVATION_SQUARE,           /**< u^2 */
    ACTIVATION_SILU              /**< u/(1 + e^-u) */
} activation_shape;

#endif
