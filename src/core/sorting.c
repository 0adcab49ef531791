/* SPDX-License-Identifier: BSD-3-Clause */
/* Numbers in ascending order; see sorting.h. */
#include "core/sorting.h"

#include <math.h>
#include <stdlib.h>

static int compare(double x, double y)
{
    if (isnan(x) || isnan(y)) return (isnan(x) != 0) - (isnan(y) != 0);
    return (x > y) - (x < y);
}

static int compare_reals(const void *a, const void *b)
{
    return compare(*(const double *)a, *(const double *)b);
}

static int compare_ranked(const void *a, const void *b)
{
    const ranked_real *x = a, *y = b;
    int order = compare(x->value, y->value);
    return order ? order : (x->index > y->index) - (x->index < y->index);
}

void sort_reals(double *values, size_t n)
{
    if (n > 0) qsort(values, n, sizeof *values, compare_reals);
}

void sort_ranked(ranked_real *items, size_t n)
{
    if (n > 0) qsort(items, n, sizeof *items, compare_ranked);
}
