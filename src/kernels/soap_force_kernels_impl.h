/* SPDX-License-Identifier: BSD-3-Clause */
/* dE/dc -> forces on the neighbors, included by each kernels_<isa>.c (layouts in kernels.h, spec soap.md 1 and 7).
 *
 * First the sums over n, with neighbors in the lanes: H_lm = sum_n cbar_nlm R_nl, K_lm the same of dR/dr. Then
 *
 *     E = w sum_lm H_lm Y_lm(u),   f = dE/dr = u [ w sum K Y + w' sum H Y ] + (w/r) (1 - u u^T) grad sum H Y,
 *
 * where any smooth extension of Y from the sphere serves, as only the part of its gradient across u counts. That of
 * Y_lm = N_lm q_lm(z) A_m(x, y), with q_lm = d^m P_l/dz^m and A_m + i B_m = (x + i y)^m (B for m < 0), is the cheapest:
 *
 *     dq_lm/dz = q_l(m+1),   d(A_m + i B_m)/dx = m (A + i B)_(m-1),   d(A_m + i B_m)/dy = i m (A + i B)_(m-1).
 *
 * One field H in place of the three of the gradient on degree l - 1: a third fewer products. */
#include "kernels/kernels.h"
#include "kernels/vector.h"

enum { N_LM_MAX = 21 * 21 };

/* H and K of one degree from TILE radial functions of WIDTH neighbors, of which `count` are not padding. */
static inline __attribute__((always_inline)) void KERNEL(contract_tile)(const int count, const int add, int n_rows,
                                                                        int n_padded, long stride, const double *cbar,
                                                                        const double *R, const double *dR, vec *H,
                                                                        vec *K)
{
    vec r[TILE], d[TILE];
    load_columns(R, stride, r);
    load_columns(dR, stride, d);
    for (int m = 0; m < n_rows; m++, cbar += n_padded) {
        vec h = cbar[0] * r[0], k = cbar[0] * d[0];
#pragma GCC unroll 8
        for (int n = 1; n < count; n++) {
            h += cbar[n] * r[n];
            k += cbar[n] * d[n];
        }
        if (add) {
            h += H[m];
            k += K[m];
        }
        H[m] = h;
        K[m] = k;
    }
}

static inline void KERNEL(contract)(int l_max, int n_max, int n_padded, const double *cbar, const double *R,
                                    const double *dR, vec *H, vec *K)
{
    long stride = (l_max + 1) * n_padded;
#define CONTRACT_TILE(COUNT)                                                                                           \
    case COUNT:                                                                                                        \
        if (n == 0)                                                                                                    \
            KERNEL(contract_tile)(COUNT, 0, 2 * l + 1, n_padded, stride, c, R + o, dR + o, H + l * l, K + l * l);      \
        else                                                                                                           \
            KERNEL(contract_tile)(COUNT, 1, 2 * l + 1, n_padded, stride, c, R + o, dR + o, H + l * l, K + l * l);      \
        break;
    for (int l = 0; l <= l_max; l++)
        for (int n = 0; n < n_max; n += TILE) {
            int o = l * n_padded + n;
            const double *c = cbar + l * l * n_padded + n;
            switch (n_max - n < TILE ? n_max - n : TILE) {
                CONTRACT_TILE(1)
                CONTRACT_TILE(2)
                CONTRACT_TILE(3)
                CONTRACT_TILE(4)
#if defined(__AVX512F__)
                CONTRACT_TILE(5)
                CONTRACT_TILE(6)
                CONTRACT_TILE(7)
                CONTRACT_TILE(8)
#endif
            }
        }
#undef CONTRACT_TILE
}

/* sums of one order m: of H and K with q_lm, of H with q_l(m+1)'s lower neighbor (see angular_part). */
typedef struct KERNEL(order_sums) {
    vec H, minus_H, K, minus_K, slope, minus_slope;
} KERNEL(order_sums);

/* Sums over l of one order m. q_l m of order m serves the slopes in z of order m - 1. */
static inline __attribute__((always_inline)) void KERNEL(sum_order)(const int low, int m, const harmonics_recursion *h,
                                                                    vec z, const vec *H, const vec *K,
                                                                    KERNEL(order_sums) * sums)
{
    vec zero = z * 0.0, q = zero + h->leading[m], q1 = zero;
    KERNEL(order_sums) s = {zero, zero, zero, zero, zero, zero};
    for (int l = m; l <= h->l_max; l++) {
        if (l > m) {
            vec next = h->along[l][m] * (z * q) - h->back[l][m] * q1;
            q1 = q;
            q = next;
        }
        const vec *Hl = H + l * l + l, *Kl = K + l * l + l;
        s.H += q * Hl[m];
        s.K += q * Kl[m];
        if (low < 1) continue;
        s.minus_H += q * Hl[-m];
        s.minus_K += q * Kl[-m];
        s.slope += q * Hl[m - 1];
        if (low > 1) s.minus_slope += q * Hl[1 - m];
    }
    *sums = s;
}

/* The force on WIDTH neighbors. */
static inline void KERNEL(angular_part)(const harmonics_recursion *h, const double *u[3], int i, vec w, vec dw,
                                        vec w_over_r, const vec *H, const vec *K, vec f[3])
{
    vec x = load(u[0] + i), y = load(u[1] + i), z = load(u[2] + i), zero = z * 0.0;
    vec A = zero + 1.0, B = zero, gx = zero, gy = zero, gz = zero;
    KERNEL(order_sums) s;
    KERNEL(sum_order)(0, 0, h, z, H, K, &s);
    vec value = s.H, slope = s.K;
    for (int m = 1; m <= h->l_max; m++) {
        if (m == 1)
            KERNEL(sum_order)(1, 1, h, z, H, K, &s);
        else
            KERNEL(sum_order)(2, m, h, z, H, K, &s);
        gx += (double)m * (s.H * A + s.minus_H * B);
        gy += (double)m * (s.minus_H * A - s.H * B);
        gz += s.slope * A + s.minus_slope * B;
        vec next = x * A - y * B;
        B = x * B + y * A;
        A = next;
        value += s.H * A + s.minus_H * B;
        slope += s.K * A + s.minus_K * B;
    }
    vec along = w * slope + dw * value - w_over_r * (x * gx + y * gy + z * gz);
    f[0] = x * along + w_over_r * gx;
    f[1] = y * along + w_over_r * gy;
    f[2] = z * along + w_over_r * gz;
}

static void KERNEL(soap_forces)(const harmonics_recursion *h, int n_max, int n_padded, int n_chunks,
                                const soap_neighbors *neighbors, double inverse_spacing, const double *cbar, double *f)
{
    _Alignas(64) double scaled[N_LM_MAX * 16]; /* N_lm cbar */
    vec H[N_LM_MAX], K[N_LM_MAX];
    int l_max = h->l_max, n = n_chunks * LANES;
    const double *u[3] = {neighbors->ux, neighbors->uy, neighbors->uz};
    for (int lm = 0; lm < (l_max + 1) * (l_max + 1); lm++)
        for (int k = 0; k < n_padded; k += WIDTH)
            store(scaled + lm * n_padded + k, h->norm[lm] * load(cbar + lm * n_padded + k));
    for (int i = 0; i < n; i += WIDTH) {
        long o = (long)i * (l_max + 1) * n_padded;
        vec w = load(neighbors->w + i), dw = load(neighbors->dw + i), part[3];
        KERNEL(contract)(l_max, n_max, n_padded, scaled, neighbors->R + o, neighbors->dR + o, H, K);
        KERNEL(angular_part)(h, u, i, w * inverse_spacing, dw, w * load(neighbors->inverse_r + i), H, K, part);
        for (int a = 0; a < 3; a++) store(f + a * n + i, part[a]);
    }
}
