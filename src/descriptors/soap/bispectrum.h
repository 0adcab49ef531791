/* SPDX-License-Identifier: BSD-3-Clause */
/** @file bispectrum.h
 *  The bispectrum block: four-body invariants of a few channels of the same density (spec bispectrum.md),
 *
 *      d^a_lm = sum_n U^l_na c_nlm,   B_k1k2k3 = sqrt(mult) integral f_k1 f_k2 f_k3 dw,   f_la = sum_m d^a_lm Y_lm,
 *
 *  over k1 <= k2 <= k3, k = (l, a), l = 1 ... L, l1 + l2 + l3 even, |l1 - l2| <= l3 <= l1 + l2. The integrals are
 * sparse sums over Gaunt coefficients (kernels/bispectrum_kernels_impl.h). Arrays of a block have one lane per center:
 * [row][DESCRIPTOR_BLOCK]. */
#ifndef MLSOAP_BISPECTRUM_H
#define MLSOAP_BISPECTRUM_H

#include "kernels/kernels.h"

enum { BISPECTRUM_CHANNELS_MAX = 8, BISPECTRUM_L_MAX = 8 };

typedef struct bispectrum {
    int n_channels, l_max; /**< A, L */
    int density;           /**< channel of the engine that it uses */
    int n_padded;
    size_t n_coefficients; /**< of d: index A (l^2 - 1) + a (2l+1) + m + l */
    size_t n_features;
    bispectrum_plan plan;
    int (*triples)[6]; /**< [n_features] l1 a1 l2 a2 l3 a3 */
    double weight;     /**< w_B of the joint vector (p/|p|, w_B B)/sqrt(1 + w_B^2) */
} bispectrum;

/** U is copied from [L][A][n_max] (NULL: zeros). Errors: MLSOAP_ERROR_MEMORY. */
mlsoap_status bispectrum_new(int n_channels, int l_max, int n_max, const double *U, bispectrum **out,
                             mlsoap_error *error);
void bispectrum_free(bispectrum *b); /* NULL-safe */

/** The plan for features that are factor times B (1 after bispectrum_new). */
void bispectrum_set_factor(bispectrum *b, double factor);
/** Jacobian dB/dd [n_features][n_coefficients] of one center from its d and T, of the given stride. */
void bispectrum_jacobian(const bispectrum *b, const double *d, const double *T, size_t stride, double *jacobian);

#endif
