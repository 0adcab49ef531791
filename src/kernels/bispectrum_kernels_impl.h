/* SPDX-License-Identifier: BSD-3-Clause */
/* The bispectrum and its adjoint for 16 centers side by side, included by each kernels_<isa>.c (spec bispectrum.md 2
 * and 4). Lanes are centers. Two fields are multiplied once and their product is expanded in harmonics,
 *     T_m3 = sum over m1, m2 of Gaunt coefficient x_m1 y_m2,
 * for the products with every third field; the way back is the same lists read by (m1, m2). */
#include "kernels/kernels.h"
#include "kernels/vector.h"

#include <string.h>

enum { CENTERS = 2 * LANES, CENTER_VECTORS = CENTERS / WIDTH };
enum { CHANNELS_MAX = 8, N_LANES_MAX = 80, M_MAX = 17, FOLDED_MAX = 8 * M_MAX }; /* of A 8, L 8 */

/* to[v] = sum of the terms' coefficients times rows of `from`. */
static inline __attribute__((always_inline)) void KERNEL(sum_terms)(const gaunt_term *term, const gaunt_term *end,
                                                                    const double *from, vec to[CENTER_VECTORS])
{
#pragma GCC unroll 8
    for (int v = 0; v < CENTER_VECTORS; v++) to[v] = load(from) * 0.0;
    for (; term < end; term++)
#pragma GCC unroll 8
        for (int v = 0; v < CENTER_VECTORS; v++)
            to[v] += term->coefficient * load(from + term->row * CENTERS + v * WIDTH);
}

/* p[m1 n2 + m2] = x_m1 y_m2; of one degree: m1 <= m2 alone, with x_m2 y_m1 added. */
static void KERNEL(multiply_fields)(const gaunt_fold *fold, const double *x, const double *y, double *p)
{
    for (int m1 = 0; m1 < fold->n1; m1++)
        for (int m2 = fold->symmetric ? m1 : 0; m2 < fold->n2; m2++)
            for (int i = 0; i < CENTERS; i += WIDTH) {
                vec product = load(x + m1 * CENTERS + i) * load(y + m2 * CENTERS + i);
                if (fold->symmetric && m1 != m2) product += load(x + m2 * CENTERS + i) * load(y + m1 * CENTERS + i);
                store(p + (m1 * fold->n2 + m2) * CENTERS + i, product);
            }
}

/* Features of `count` third fields that stand one after the other on the same rows T. */
static inline __attribute__((always_inline)) void KERNEL(third_products)(const int count, const bispectrum_third *t,
                                                                         const double *T, const double *d, double *B)
{
    for (int i = 0; i < CENTERS; i += WIDTH) {
        vec sums[4] = {{0}};
        for (int m = 0; m < t->n_m; m++) {
            vec x = load(T + (t->row + m) * CENTERS + i);
#pragma GCC unroll 4
            for (int a = 0; a < count; a++) sums[a] += x * load(d + (t[a].z + m) * CENTERS + i);
        }
#pragma GCC unroll 4
        for (int a = 0; a < count; a++) store(B + t[a].feature * CENTERS + i, t[a].scale * sums[a]);
    }
}

/* How many of the third fields from t on share its rows, at most 4. */
static inline int KERNEL(third_group)(const bispectrum_third *t, const bispectrum_third *end)
{
    int count = 1;
    while (count < 4 && t + count < end && t[count].row == t->row) count++;
    return count;
}

static void KERNEL(bispectrum)(const bispectrum_plan *plan, const double *d, double *T, double *B)
{
    _Alignas(64) double p[M_MAX * M_MAX * CENTERS];
    for (const bispectrum_pair *pair = plan->pairs; pair < plan->pairs + plan->n_pairs; pair++) {
        const gaunt_fold *fold = &plan->folds[pair->fold];
        KERNEL(multiply_fields)(fold, d + pair->x * CENTERS, d + pair->y * CENTERS, p);
        for (int row = 0; row < fold->n_rows; row++) {
            vec sum[CENTER_VECTORS];
            KERNEL(sum_terms)(fold->terms + fold->start[row], fold->terms + fold->start[row + 1], p, sum);
            for (int v = 0; v < CENTER_VECTORS; v++) store(T + (pair->first_row + row) * CENTERS + v * WIDTH, sum[v]);
        }
        const bispectrum_third *t = plan->thirds + pair->first_third, *end = plan->thirds + pair->end_third;
        for (int count; t < end; t += count) {
            count = KERNEL(third_group)(t, end);
            switch (count) {
            case 1:
                KERNEL(third_products)(1, t, T, d, B);
                break;
            case 2:
                KERNEL(third_products)(2, t, T, d, B);
                break;
            case 3:
                KERNEL(third_products)(3, t, T, d, B);
                break;
            case 4:
                KERNEL(third_products)(4, t, T, d, B);
                break;
            }
        }
    }
}

/* E += sum over `count` third fields of g d: dE/dT, rows of E counted from `first_row`. */
static inline __attribute__((always_inline)) void KERNEL(third_slopes)(const int count, const bispectrum_third *t,
                                                                       int first_row, const double *d, const double *g,
                                                                       double *E)
{
    for (int i = 0; i < CENTERS; i += WIDTH) {
        vec slopes[4] = {{0}};
#pragma GCC unroll 4
        for (int a = 0; a < count; a++) slopes[a] = t[a].scale * load(g + t[a].feature * CENTERS + i);
        for (int m = 0; m < t->n_m; m++) {
            double *e = E + (t->row - first_row + m) * CENTERS + i;
            vec sum = load(e);
#pragma GCC unroll 4
            for (int a = 0; a < count; a++) sum += slopes[a] * load(d + (t[a].z + m) * CENTERS + i);
            store(e, sum);
        }
    }
}

/* dbar of a third field: the sum over all pairs with their T stays in registers (n_m: a constant of the caller). */
static inline __attribute__((always_inline)) void KERNEL(third_adjoint)(const int n_m, const bispectrum_plan *plan,
                                                                        const int *first, const int *end,
                                                                        const double *T, const double *g, double *dbar)
{
    for (int i = 0; i < CENTERS; i += WIDTH) {
        vec sums[M_MAX] = {{0}};
        for (const int *k = first; k < end; k++) {
            const bispectrum_third *t = &plan->thirds[*k];
            vec slope = t->scale * load(g + t->feature * CENTERS + i);
#pragma GCC unroll 17
            for (int m = 0; m < n_m; m++) sums[m] += slope * load(T + (t->row + m) * CENTERS + i);
        }
        double *to = dbar + plan->thirds[*first].z * CENTERS + i;
#pragma GCC unroll 17
        for (int m = 0; m < n_m; m++) store(to + m * CENTERS, load(to + m * CENTERS) + sums[m]);
    }
}

static void KERNEL(all_third_adjoints)(const bispectrum_plan *plan, const double *T, const double *g, double *dbar)
{
#define THIRD_ADJOINT(N)                                                                                               \
    case N:                                                                                                            \
        KERNEL(third_adjoint)(N, plan, first, end, T, g, dbar);                                                        \
        break;
    for (int k = 0; k < plan->n_fields; k++) {
        const int *first = plan->by_third + plan->third_start[k], *end = plan->by_third + plan->third_start[k + 1];
        if (first == end) continue;
        switch (plan->thirds[*first].n_m) {
            THIRD_ADJOINT(3)
            THIRD_ADJOINT(5)
            THIRD_ADJOINT(7)
            THIRD_ADJOINT(9)
            THIRD_ADJOINT(11)
            THIRD_ADJOINT(13)
            THIRD_ADJOINT(15)
            THIRD_ADJOINT(17)
        }
    }
#undef THIRD_ADJOINT
}

/* dbar of the two fields of a pair from pbar[m1 n2 + m2]; n2 is a constant of the caller. */
static inline __attribute__((always_inline)) void KERNEL(pair_adjoint)(int n1, const int n2, const double *pbar,
                                                                       const double *x, const double *y, double *xbar,
                                                                       double *ybar)
{
    for (int i = 0; i < CENTERS; i += WIDTH) {
        vec rows[M_MAX], sums[M_MAX] = {{0}};
        const double *p = pbar + i;
#pragma GCC unroll 17
        for (int m2 = 0; m2 < n2; m2++) rows[m2] = load(y + m2 * CENTERS + i);
        for (int m1 = 0; m1 < n1; m1++) {
            vec x1 = load(x + m1 * CENTERS + i), even = load(xbar + m1 * CENTERS + i), odd = even * 0.0;
#pragma GCC unroll 17
            for (int m2 = 0; m2 < n2; m2++, p += CENTERS) {
                vec slope = load(p);
                if (m2 % 2)
                    odd += slope * rows[m2];
                else
                    even += slope * rows[m2];
                sums[m2] += slope * x1;
            }
            store(xbar + m1 * CENTERS + i, even + odd);
        }
#pragma GCC unroll 17
        for (int m2 = 0; m2 < n2; m2++) store(ybar + m2 * CENTERS + i, load(ybar + m2 * CENTERS + i) + sums[m2]);
    }
}

/* dE/dp of a pair from E = dE/dT, both orders where the fold has one. */
static inline void KERNEL(unfold)(const gaunt_fold *fold, const double *E, double *pbar)
{
    int n1 = fold->n1, n2 = fold->n2;
    for (int m1 = 0; m1 < n1; m1++)
        for (int m2 = fold->symmetric ? m1 : 0; m2 < n2; m2++) {
            const int *start = fold->back_start + m1 * n2 + m2;
            vec sum[CENTER_VECTORS];
            KERNEL(sum_terms)(fold->back_terms + start[0], fold->back_terms + start[1], E, sum);
            for (int v = 0; v < CENTER_VECTORS; v++) store(pbar + (m1 * n2 + m2) * CENTERS + v * WIDTH, sum[v]);
            if (!fold->symmetric || m1 == m2) continue;
            for (int v = 0; v < CENTER_VECTORS; v++) store(pbar + (m2 * n2 + m1) * CENTERS + v * WIDTH, sum[v]);
        }
}

static void KERNEL(bispectrum_adjoint)(const bispectrum_plan *plan, const double *d, const double *T, const double *g,
                                       double *dbar)
{
    _Alignas(64) double pbar[M_MAX * M_MAX * CENTERS], E[FOLDED_MAX * CENTERS];
#define PAIR_ADJOINT(N)                                                                                                \
    case N:                                                                                                            \
        KERNEL(pair_adjoint)                                                                                           \
        (fold->n1, N, pbar, d + pair->x * CENTERS, d + pair->y * CENTERS, dbar + pair->x * CENTERS,                    \
         dbar + pair->y * CENTERS);                                                                                    \
        break;
    KERNEL(all_third_adjoints)(plan, T, g, dbar);
    for (const bispectrum_pair *pair = plan->pairs; pair < plan->pairs + plan->n_pairs; pair++) {
        const gaunt_fold *fold = &plan->folds[pair->fold];
        const bispectrum_third *t = plan->thirds + pair->first_third, *end = plan->thirds + pair->end_third;
        memset(E, 0, (size_t)(fold->n_rows * CENTERS) * sizeof *E);
        for (int count; t < end; t += count) {
            count = KERNEL(third_group)(t, end);
            switch (count) {
            case 1:
                KERNEL(third_slopes)(1, t, pair->first_row, d, g, E);
                break;
            case 2:
                KERNEL(third_slopes)(2, t, pair->first_row, d, g, E);
                break;
            case 3:
                KERNEL(third_slopes)(3, t, pair->first_row, d, g, E);
                break;
            case 4:
                KERNEL(third_slopes)(4, t, pair->first_row, d, g, E);
                break;
            }
        }
        KERNEL(unfold)(fold, E, pbar);
        switch (fold->n2) {
            PAIR_ADJOINT(3)
            PAIR_ADJOINT(5)
            PAIR_ADJOINT(7)
            PAIR_ADJOINT(9)
            PAIR_ADJOINT(11)
            PAIR_ADJOINT(13)
            PAIR_ADJOINT(15)
            PAIR_ADJOINT(17)
        }
    }
#undef PAIR_ADJOINT
}

/* d_la,m = sum_n U_la,n c_n,lm: WIDTH harmonics in the lanes (those of different degrees have different U). */
static void KERNEL(bispectrum_channels)(const bispectrum_plan *plan, int n_padded, const double *c, double *d,
                                        int stride)
{
    _Alignas(64) double rows[CHANNELS_MAX][N_LANES_MAX];
    int n_lm = (plan->l_max + 1) * (plan->l_max + 1) - 1, n_channels = plan->n_channels;
    for (int lm = 0; lm < n_lm; lm += WIDTH)
        for (int n = 0; n < n_padded; n += TILE) {
            vec columns[TILE];
            load_columns(c + (lm + 1) * n_padded + n, n_padded, columns);
            for (int a = 0; a < n_channels; a++) {
                const double *u = plan->U_lanes + (a * n_padded + n) * plan->n_lanes + lm;
                vec sum = load(u) * columns[0];
#pragma GCC unroll 8
                for (int k = 1; k < TILE; k++) sum += load(u + k * plan->n_lanes) * columns[k];
                if (n > 0) sum += load(rows[a] + lm);
                store(rows[a] + lm, sum);
            }
        }
    for (int lm = 0; lm < n_lm; lm++)
        for (int a = 0; a < n_channels; a++) d[plan->place[lm * n_channels + a] * stride] = rows[a][lm];
}

/* cbar += adjoint of bispectrum_channels. */
static void KERNEL(bispectrum_channels_adjoint)(const bispectrum_plan *plan, int n_padded, const double *dbar,
                                                int stride, double *cbar)
{
    const int *place = plan->place;
    for (int l = 1; l <= plan->l_max; l++)
        for (int m = 0; m < 2 * l + 1; m++, place += plan->n_channels)
            for (int n = 0; n < n_padded; n += WIDTH) {
                double *row = cbar + (l * l + m) * n_padded + n;
                const double *u = plan->U + (l - 1) * plan->n_channels * n_padded + n;
                vec sum = load(row);
                for (int a = 0; a < plan->n_channels; a++) sum += dbar[place[a] * stride] * load(u + a * n_padded);
                store(row, sum);
            }
}
