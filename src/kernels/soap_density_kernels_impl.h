/* SPDX-License-Identifier: BSD-3-Clause */
/* The density c_nlm = sum_j Y_lm(j) R_nl(j), included by each kernels_<isa>.c (layouts in kernels.h). Lanes are n, the
 * harmonics are broadcast: the sums of a tile stay in registers while all neighbors pass by. */
#include "kernels/kernels.h"
#include "kernels/vector.h"

/* `count` harmonics from `lm` on with their sums in registers; those of degrees l_first ... l_last, one row of R each.
 * count, l_first and l_last are constants of the caller or, where count belongs to one degree, l_first = l_last. */
static inline __attribute__((always_inline)) void KERNEL(density_tile)(const int count, const int n_degrees, int lm,
                                                                       int l, int l_max, int n_padded, int n_neighbors,
                                                                       const double *Y, const double *R, double *c)
{
    int n_lm = (l_max + 1) * (l_max + 1), n_channels = (l_max + 1) * n_padded;
    for (int i = 0; i < n_padded; i += WIDTH) {
        double *target = c + lm * n_padded + i;
        const double *row = R + l * n_padded + i, *y = Y + lm * LANES;
        vec sums[17] = {{0}};
        for (int j = 0; j < n_neighbors; j++, row += n_channels) {
            vec x = load(row), x1 = n_degrees > 1 ? load(row + n_padded) : x,
                x2 = n_degrees > 1 ? load(row + 2 * n_padded) : x;
#pragma GCC unroll 17
            for (int m = 0; m < count; m++) sums[m] += y[m * LANES] * (n_degrees == 1 || m == 0 ? x : m < 4 ? x1 : x2);
            y += j % LANES == LANES - 1 ? n_lm * LANES - LANES + 1 : 1;
        }
#pragma GCC unroll 17
        for (int m = 0; m < count; m++) store(target + m * n_padded, load(target + m * n_padded) + sums[m]);
    }
}

static void KERNEL(soap_density)(int l_max, int n_padded, int n_neighbors, const double *Y, const double *R, double *c)
{
#define DENSITY_TILE(COUNT)                                                                                            \
    case COUNT:                                                                                                        \
        KERNEL(density_tile)(COUNT, 1, lm, l, l_max, n_padded, n_neighbors, Y, R, c);                                  \
        break;
    int first = l_max >= 2 ? 3 : 0; /* the three lowest degrees together: alone they have too few sums */
    if (first) KERNEL(density_tile)(9, 3, 0, 0, l_max, n_padded, n_neighbors, Y, R, c);
    for (int l = first; l <= l_max; l++)
        for (int lm = l * l, count; lm < (l + 1) * (l + 1); lm += count) {
            int left = (l + 1) * (l + 1) - lm; /* odd: tiles of 8 until at most 17 are left */
            count = left > 17 ? 8 : left;
            switch (count) {
                DENSITY_TILE(1)
                DENSITY_TILE(3)
                DENSITY_TILE(7)
                DENSITY_TILE(8)
                DENSITY_TILE(9)
                DENSITY_TILE(11)
                DENSITY_TILE(13)
                DENSITY_TILE(15)
                DENSITY_TILE(17)
            }
        }
#undef DENSITY_TILE
}

/* Eight registers of sums at a time; terms that are 0 cost nothing. */
static void KERNEL(combine)(int n_terms, const double *u, int stride, size_t n, const double *x, double *y)
{
    enum { REACH = 8 };
    for (size_t i = 0; i < n; i += REACH * WIDTH) {
        vec sums[REACH] = {{0}};
        size_t count = (n - i) / WIDTH < REACH ? (n - i) / WIDTH : REACH;
        for (int k = 0; k < n_terms; k++) {
            double factor = u[k * stride];
            const double *from = x + (size_t)k * n + i;
            if (factor == 0) continue;
            if (count == REACH)
#pragma GCC unroll 8
                for (size_t v = 0; v < REACH; v++) sums[v] += factor * load(from + v * WIDTH);
            else
                for (size_t v = 0; v < count; v++) sums[v] += factor * load(from + v * WIDTH);
        }
        for (size_t v = 0; v < count; v++) store(y + i + v * WIDTH, sums[v]);
    }
}
