/* SPDX-License-Identifier: BSD-3-Clause */
/** @file sorting.h
 *  Numbers in ascending order. */
#ifndef MLSOAP_SORTING_H
#define MLSOAP_SORTING_H

#include <stddef.h>

/** Sort n numbers in place, NaN last. */
void sort_reals(double *values, size_t n);

/** A number and the place where it stood. */
typedef struct ranked_real {
    double value;
    size_t index;
} ranked_real;

/** Sort n pairs in place by value, NaN last; equal values by index, so that the order is the same on every machine. */
void sort_ranked(ranked_real *items, size_t n);

#endif
