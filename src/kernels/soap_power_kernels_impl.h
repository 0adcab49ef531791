/* SPDX-License-Identifier: BSD-3-Clause */
/* The power spectrum and its adjoint, included by each kernels_<isa>.c (layouts in kernels.h, equations in spec soap.md
 * 1 and 7). Both are products of small matrices, one of each degree. Lanes are n'. */
#include "kernels/kernels.h"
#include "kernels/vector.h"

#include <string.h>

enum {
    N_PADDED_MAX = 16,
    VECTORS = LANES / WIDTH,                                               /* registers of 8 columns */
    POWER_ROWS = REGISTERS / 2 / VECTORS > 8 ? 8 : REGISTERS / 2 / VECTORS /* rows of a tile: half of the registers */
};

/* rows[k][0 ... 7] = factor sum_m a[m][k] b[m][0 ... 7], k < POWER_ROWS. */
static inline __attribute__((always_inline)) void KERNEL(power_tile)(int n_m, int n_padded, double factor,
                                                                     const double *a, const double *b, double *rows)
{
    vec sums[POWER_ROWS][VECTORS] = {{{0}}};
    for (int m = 0; m < n_m; m++, a += n_padded, b += n_padded) {
        vec x[VECTORS];
        for (int v = 0; v < VECTORS; v++) x[v] = load(b + v * WIDTH);
#pragma GCC unroll 8
        for (int k = 0; k < POWER_ROWS; k++)
#pragma GCC unroll 4
            for (int v = 0; v < VECTORS; v++) sums[k][v] += a[k] * x[v];
    }
#pragma GCC unroll 8
    for (int k = 0; k < POWER_ROWS; k++)
#pragma GCC unroll 4
        for (int v = 0; v < VECTORS; v++) store(rows + k * n_padded + v * WIDTH, factor * sums[k][v]);
}

/* The features of one degree from the full matrix; what a row writes beyond its end is overwritten by the next, and
 * nothing is written beyond `end`. Returns where the next degree starts. */
static inline __attribute__((always_inline)) double *KERNEL(pack_rows)(const int n_max, const int n_padded,
                                                                       const int packed, const double *rows, double *p,
                                                                       const double *end)
{
#pragma GCC unroll 8
    for (int n = 0; n < n_max; n++, rows += n_padded) {
        int first = packed ? n : 0, count = n_max - first;
        if (end - p >= n_padded)
            for (int i = 0; i < count; i += WIDTH) store_anywhere(p + i, load_anywhere(rows + first + i));
        else
            memcpy(p, rows + first, (size_t)count * sizeof *p);
        p += count;
    }
    return p;
}

#if defined(__AVX512F__)
/* soap_power for eight functions, packed: a row is one register, shifted into its place by one permutation. */
static inline void KERNEL(power_eight)(int l_max, const double *prefactors, const double *c, double *p)
{
    for (int l = 0; l <= l_max; l++, p += 36) {
        vec rows[LANES] = {{0}};
        for (int m = 0; m < 2 * l + 1; m++, c += LANES) {
            vec x = load(c);
#pragma GCC unroll 8
            for (int n = 0; n < LANES; n++) rows[n] += c[n] * x;
        }
#define SHIFTED(N)                                                                                                     \
    __builtin_shufflevector(rows[N], rows[N], N, (N + 1) % 8, (N + 2) % 8, (N + 3) % 8, (N + 4) % 8, (N + 5) % 8,      \
                            (N + 6) % 8, (N + 7) % 8)
#define LOW_HALF(N) __builtin_shufflevector(rows[N], rows[N], N, (N + 1) % 8, (N + 2) % 8, (N + 3) % 8)
#pragma GCC unroll 8
        for (int n = 0; n < LANES; n++) rows[n] *= prefactors[l];
        store_anywhere(p, rows[0]); /* each overwrites what its predecessor wrote too much */
        store_anywhere(p + 8, SHIFTED(1));
        store_anywhere(p + 15, SHIFTED(2));
        store_anywhere(p + 21, SHIFTED(3));
        store_half_anywhere(p + 26, LOW_HALF(4));
        half_vec tail = LOW_HALF(5);
        p[30] = tail[0];
        p[31] = tail[1];
        p[32] = tail[2];
        p[33] = rows[6][6];
        p[34] = rows[6][7];
        p[35] = rows[7][7];
#undef SHIFTED
#undef LOW_HALF
    }
}
#endif

/* n_max, n_padded and packed are constants of the caller in the common case. */
static inline __attribute__((always_inline)) void KERNEL(power)(int l_max, const int n_max, const int n_padded,
                                                                const int packed, const double *prefactors,
                                                                const double *ca, const double *cb, double *p)
{
    /* Two degrees in turn: a degree is packed when the next has been computed, and its stores have arrived. */
    enum { SIZE = N_PADDED_MAX * N_PADDED_MAX };
    _Alignas(64) double rows[2][SIZE + LANES];
    const double *end = p + (l_max + 1) * (packed ? n_max * (n_max + 1) / 2 : n_max * n_max);
    for (int l = 0; l <= l_max; l++) {
        for (int n = 0; n < n_max; n += POWER_ROWS)
            for (int i = packed ? n / LANES * LANES : 0; i < n_max; i += LANES) KERNEL(power_tile)
        (2 * l + 1, n_padded, prefactors[l], ca + l * l * n_padded + n, cb + l * l * n_padded + i,
         rows[l % 2] + n * n_padded + i);
        if (l > 0) p = KERNEL(pack_rows)(n_max, n_padded, packed, rows[(l - 1) % 2], p, end);
    }
    KERNEL(pack_rows)(n_max, n_padded, packed, rows[l_max % 2], p, end);
}

static void KERNEL(soap_power)(int l_max, int n_max, int n_padded, int packed, const double *prefactors,
                               const double *ca, const double *cb, double *p)
{
#if defined(__AVX512F__)
    if (n_max == LANES && packed) {
        KERNEL(power_eight)(l_max, prefactors, ca, p);
        return;
    }
#endif
    if (n_max == LANES && packed)
        KERNEL(power)(l_max, LANES, LANES, 1, prefactors, ca, cb, p);
    else
        KERNEL(power)(l_max, n_max, n_padded, packed, prefactors, ca, cb, p);
}

/* G[n][n'] = factor g of one degree, 0 elsewhere; g may be read up to n_padded doubles beyond its last number. */
static inline __attribute__((always_inline)) void KERNEL(unpack_rows)(const int n_max, const int n_padded, int packed,
                                                                      double factor, const double *g, double *G)
{
    vec lane;
    for (int i = 0; i < WIDTH; i++) lane[i] = i;
#pragma GCC unroll 8
    for (int n = 0; n < n_max; n++, G += n_padded) {
        int first = packed ? n : 0;
#pragma GCC unroll 4
        for (int i = 0; i < n_padded; i += WIDTH) {
            vec column = lane + (double)i;
            mask inside = (column >= (double)first) & (column < (double)n_max);
            store(G + i, (vec)(inside & (mask)(factor * load_anywhere(g - first + i))));
        }
        g += n_max - first;
    }
}

/* M = G^T + G, or G^T alone where `sum` is 0; both n_padded x n_padded. */
static inline __attribute__((always_inline)) void KERNEL(add_transposed)(const int n_padded, int sum, const double *G,
                                                                         double *M)
{
    for (int i = 0; i < n_padded; i += WIDTH)
        for (int j = 0; j < n_padded; j += TILE) {
            vec columns[TILE];
            load_columns(G + i * n_padded + j, n_padded, columns);
#pragma GCC unroll 8
            for (int k = 0; k < TILE; k++) {
                if (sum) columns[k] += load(G + (j + k) * n_padded + i);
                store(M + (j + k) * n_padded + i, columns[k]);
            }
        }
}

#if !defined(__AVX512F__)
/* adjoint_rows for so few rows that their sums fit into registers. */
static inline __attribute__((always_inline)) void KERNEL(adjoint_tile)(const int n_rows, int n_padded, const double *M,
                                                                       const double *c, double *cbar)
{
    vec sums[POWER_ROWS][VECTORS];
#pragma GCC unroll 8
    for (int m = 0; m < n_rows; m++)
#pragma GCC unroll 4
        for (int v = 0; v < VECTORS; v++) sums[m][v] = load(cbar + m * n_padded + v * WIDTH);
    for (int k = 0; k < LANES; k++, M += n_padded) {
        vec x[VECTORS];
#pragma GCC unroll 4
        for (int v = 0; v < VECTORS; v++) x[v] = load(M + v * WIDTH);
#pragma GCC unroll 8
        for (int m = 0; m < n_rows; m++)
#pragma GCC unroll 4
            for (int v = 0; v < VECTORS; v++) sums[m][v] += c[m * n_padded + k] * x[v];
    }
#pragma GCC unroll 8
    for (int m = 0; m < n_rows; m++)
#pragma GCC unroll 4
        for (int v = 0; v < VECTORS; v++) store(cbar + m * n_padded + v * WIDTH, sums[m][v]);
}
#endif

/* cbar[m][0 ... 7] += sum_k c[m][k] M[k][0 ... 7], k < 8, for n_rows rows of one degree; M stays in registers where
 * they are enough. */
static inline void KERNEL(adjoint_rows)(int n_rows, int n_padded, const double *M, const double *c, double *cbar)
{
#if defined(__AVX512F__)
    vec x[LANES];
#pragma GCC unroll 8
    for (int k = 0; k < LANES; k++) x[k] = load(M + k * n_padded);
    for (int m = 0; m < n_rows; m++, c += n_padded, cbar += n_padded) {
        vec even = load(cbar) + c[0] * x[0], odd = c[1] * x[1];
#pragma GCC unroll 4
        for (int k = 2; k < LANES; k += 2) {
            even += c[k] * x[k];
            odd += c[k + 1] * x[k + 1];
        }
        store(cbar, even + odd);
    }
#else
    int m = 0;
    for (; m + POWER_ROWS <= n_rows; m += POWER_ROWS)
        KERNEL(adjoint_tile)(POWER_ROWS, n_padded, M, c + m * n_padded, cbar + m * n_padded);
    for (; m + 2 <= n_rows; m += 2) KERNEL(adjoint_tile)(2, n_padded, M, c + m * n_padded, cbar + m * n_padded);
    if (m < n_rows) KERNEL(adjoint_tile)(1, n_padded, M, c + m * n_padded, cbar + m * n_padded);
#endif
}

/* cbar += c M for all rows of one degree. */
static void KERNEL(adjoint_degree)(int l, int n_padded, const double *M, const double *c, double *cbar)
{
    for (int i = 0; i < n_padded; i += LANES)
        for (int k = 0; k < n_padded; k += LANES)
            KERNEL(adjoint_rows)(2 * l + 1, n_padded, M + k * n_padded + i, c + k, cbar + i);
}

/* n_max, n_padded and packed are constants of the caller in the common case. */
static inline __attribute__((always_inline)) void
KERNEL(power_adjoint)(int l_max, const int n_max, const int n_padded, const int packed, const double *prefactors,
                      const double *g, const double *ca, const double *cb, double *cbar_a, double *cbar_b)
{
    enum { SIZE = N_PADDED_MAX * N_PADDED_MAX };
    _Alignas(64) double G[SIZE], M[SIZE], last[SIZE + N_PADDED_MAX];
    size_t n_features = (size_t)(packed ? n_max * (n_max + 1) / 2 : n_max * n_max);
    memset(G, 0, (size_t)(n_padded * n_padded) * sizeof *G);
    for (int l = 0; l <= l_max; l++, g += n_features) {
        int o = l * l * n_padded;
        if (l == l_max) g = memcpy(last, g, n_features * sizeof *g); /* may be read beyond its end */
        KERNEL(unpack_rows)(n_max, n_padded, packed, prefactors[l], g, G);
        KERNEL(add_transposed)(n_padded, packed, G, M);
        if (packed) { /* symmetric: both factors of the product vary */
            KERNEL(adjoint_degree)(l, n_padded, M, ca + o, cbar_a + o);
        } else {
            KERNEL(adjoint_degree)(l, n_padded, M, cb + o, cbar_a + o);
            KERNEL(adjoint_degree)(l, n_padded, G, ca + o, cbar_b + o);
        }
    }
}

static void KERNEL(soap_power_adjoint)(int l_max, int n_max, int n_padded, int packed, const double *prefactors,
                                       const double *g, const double *ca, const double *cb, double *cbar_a,
                                       double *cbar_b)
{
    if (n_max == LANES && packed)
        KERNEL(power_adjoint)(l_max, LANES, LANES, 1, prefactors, g, ca, cb, cbar_a, cbar_b);
    else
        KERNEL(power_adjoint)(l_max, n_max, n_padded, packed, prefactors, g, ca, cb, cbar_a, cbar_b);
}
