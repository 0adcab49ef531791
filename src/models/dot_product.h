/* SPDX-License-Identifier: BSD-3-Clause */
/** @file dot_product.h
 *  Dot products with eight partial sums, in an order that is the same on every machine. */
#ifndef MLSOAP_DOT_PRODUCT_H
#define MLSOAP_DOT_PRODUCT_H

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

#endif
