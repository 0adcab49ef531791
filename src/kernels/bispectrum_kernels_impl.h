/* SPDX-License-Identifier: BSD-3-Clause */
/* The bispectrum and its adjoint for 16 centers side by side, included by each kernels_<isa>.c (spec bispectrum.md 2
 * and 4). */
#include "kernels/kernels.h"
#include "kernels/vector.h"

enum { CENTERS = 2 * LANES };

static void KERNEL(bispectrum)(size_t n_entries, const bispectrum_entry *entries, double factor, const double *d,
                               double *B)
{
    for (const bispectrum_entry *e = entries; e < entries + n_entries; e++)
        for (int i = 0; i < CENTERS; i += WIDTH) {
            double *sum = B + e->feature * CENTERS + i;
            vec pair = load(d + e->i * CENTERS + i) * load(d + e->j * CENTERS + i);
            store(sum, load(sum) + (factor * e->coefficient) * load(d + e->k * CENTERS + i) * pair);
        }
}

static void KERNEL(bispectrum_adjoint)(size_t n_entries, const bispectrum_entry *entries, double factor,
                                       const double *d, const double *g, double *dbar)
{
    for (const bispectrum_entry *e = entries; e < entries + n_entries; e++)
        for (int i = 0; i < CENTERS; i += WIDTH) {
            vec x = load(d + e->i * CENTERS + i), y = load(d + e->j * CENTERS + i), z = load(d + e->k * CENTERS + i);
            vec t = (factor * e->coefficient) * load(g + e->feature * CENTERS + i);
            double *a = dbar + e->i * CENTERS + i, *b = dbar + e->j * CENTERS + i, *c = dbar + e->k * CENTERS + i;
            store(a, load(a) + t * y * z); /* one after the other: they may be the same row */
            store(b, load(b) + t * x * z);
            store(c, load(c) + t * x * y);
        }
}
