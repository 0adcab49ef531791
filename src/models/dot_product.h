/* SPDX-License-Identifier: BSD-3-Clause */
/** @file dot_product.h
 *  Dot products with eight partial sums, in an order that is the same on every machine, and rows of unit length. */
#ifndef MLSOAP_DOT_PRODUCT_H
#define MLSOAP_DOT_PRODUCT_H

#include <math.h>
#include <stddef.h>

/** sum_f a_f b_f; n a multiple of 8. */
static inline double dot_product(size_t n, const double *a, const double *b)
{
    double s[8] = {0};
    for (size_t f = 0; f < n; f += 8)
        for (size_t i = 0; i < 8; i++) s[i] += a[f + i] * b[f + i];
    return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
}

/** sum_f a_f b_f b_f; n a multiple of 8. */
static inline double weighted_square(size_t n, const double *a, const double *b)
{
    double s[8] = {0};
    for (size_t f = 0; f < n; f += 8)
        for (size_t i = 0; i < 8; i++) s[i] += a[f + i] * (b[f + i] * b[f + i]);
    return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
}

/** What brings a row of this square to unit length: 0 for a row of zeros, whose features stay 0; NaN stays NaN. */
static inline double inverse_root(double square)
{
    return square == 0 ? 0 : 1 / sqrt(square);
}

/** g_f = inverse (h_f - a_f^2 D_f (D . h) inverse^2): the gradient with respect to D of a function whose gradient with
 *  respect to the row of unit length, weights folded in, is h. g may be h; weights2 = a^2. */
static inline void normalized_gradient(size_t n, const double *weights2, double inverse, const double *D,
                                       const double *h, double *g)
{
    double along = dot_product(n, D, h) * inverse * inverse;
    for (size_t f = 0; f < n; f++) g[f] = inverse * (h[f] - along * weights2[f] * D[f]);
}

#endif
