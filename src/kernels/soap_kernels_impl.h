/* SPDX-License-Identifier: BSD-3-Clause */
/* SOAP kernels, included by each kernels_<isa>.c; layouts in kernels.h, equations in spec soap.md 1, 5 and 7
 * (Bartok, Kondor, Csanyi 2013, doi:10.1103/PhysRevB.87.184115). KERNEL(name) appends the instruction set. */
#include "kernels/kernels.h"
#include "kernels/vector.h"

#include <math.h>
#include <string.h>

/* sin(y) and cos(y) for |y| <= pi/2 by their Taylor series: the first terms left out are below 1e-18. */
static inline void sine_cosine(vec y, vec *sine, vec *cosine)
{
    vec t = y * y;
    vec s = t * (-1.0 / 25852016738884976640000.0) + 1.0 / 51090942171709440000.0; /* 1/23!, 1/21! */
    s = s * t - 1.0 / 121645100408832000.0;
    s = s * t + 1.0 / 355687428096000.0;
    s = s * t - 1.0 / 1307674368000.0;
    s = s * t + 1.0 / 6227020800.0;
    s = s * t - 1.0 / 39916800.0;
    s = s * t + 1.0 / 362880.0;
    s = s * t - 1.0 / 5040.0;
    s = s * t + 1.0 / 120.0;
    s = s * t - 1.0 / 6.0;
    *sine = y + y * (s * t);
    vec c = t * (1.0 / 620448401733239439360000.0) - 1.0 / 1124000727777607680000.0; /* 1/24!, 1/22! */
    c = c * t + 1.0 / 2432902008176640000.0;
    c = c * t - 1.0 / 6402373705728000.0;
    c = c * t + 1.0 / 20922789888000.0;
    c = c * t - 1.0 / 87178291200.0;
    c = c * t + 1.0 / 479001600.0;
    c = c * t - 1.0 / 3628800.0;
    c = c * t + 1.0 / 40320.0;
    c = c * t - 1.0 / 720.0;
    c = c * t + 1.0 / 24.0;
    c = c * t - 0.5;
    *cosine = 1.0 + c * t;
}

/* Shifted cosine over the last `width`: with x in [0, 1], f = (1 - sin(pi (x - 1/2)))/2. */
static void KERNEL(cosine_weights)(const cutoff_function *f, int n, const double *r, double *w, double *dw)
{
    double width = f->type == CUTOFF_COSINE ? f->r_cut : f->width, start = f->r_cut - width;
    for (int i = 0; i < n; i += WIDTH) {
        vec x = (load(r + i) - start) * (1 / width), sine, cosine;
        vec zero = x * 0.0, one = zero + 1.0;
        x = choose(x > zero, x, zero);
        x = choose(x < one, x, one);
        sine_cosine((x - 0.5) * M_PI, &sine, &cosine);
        mask inside = x < one;
        store(w + i, choose(inside, 0.5 * (1.0 - sine), zero));
        store(dw + i, choose(inside & (x > zero), (-0.5 * M_PI / width) * cosine, zero));
    }
}

/* The other weights, one by one: none of them is meant for molecular dynamics but poly. */
static void KERNEL(plain_weights)(const cutoff_function *f, int n, const double *r, double *w, double *dw)
{
    cutoff_function unscaled = *f;
    unscaled.scaling_r0 = 0;
    for (int i = 0; i < n; i++) w[i] = cutoff_function_evaluate(&unscaled, r[i], &dw[i]);
}

/* w <- w / (1 + (r/r0)^m) and its derivative. */
static void KERNEL(scale_weights)(const cutoff_function *f, int n, const double *r, double *w, double *dw)
{
    int m = (int)f->scaling_m, whole = m == f->scaling_m && m <= 32;
    for (int i = 0; i < n; i++) {
        double x = r[i] / f->scaling_r0, power = 1;
        if (whole)
            for (int k = 1; k < m; k++) power *= x;
        else
            power = x > 0 ? pow(x, f->scaling_m - 1) : 0;
        double s = 1 / (1 + power * x), ds = -s * s * f->scaling_m / f->scaling_r0 * power;
        dw[i] = dw[i] * s + w[i] * ds;
        w[i] *= s;
    }
}

static void KERNEL(soap_weights)(const cutoff_function *f, int n, const double *r, double *w, double *dw)
{
    if (f->type == CUTOFF_COSINE || f->type == CUTOFF_SHIFTED_COSINE)
        KERNEL(cosine_weights)(f, n, r, w, dw);
    else
        KERNEL(plain_weights)(f, n, r, w, dw);
    if (f->scaling_r0 > 0) KERNEL(scale_weights)(f, n, r, w, dw);
}

static void KERNEL(soap_harmonics)(const harmonics_recursion *h, int n_chunks, const double *ux, const double *uy,
                                   const double *uz, double *Y)
{
    int l_max = h->l_max, n_lm = (l_max + 1) * (l_max + 1);
    for (int i = 0; i < n_chunks * LANES; i += WIDTH) {
        double *y = Y + (i / LANES) * n_lm * LANES + i % LANES;
        vec x = load(ux + i), yy = load(uy + i), z = load(uz + i), A = z * 0.0 + 1.0, B = z * 0.0;
        for (int m = 0; m <= l_max; m++) {
            vec P = z * 0.0 + h->diagonal[m], P1 = z * 0.0;
            for (int l = m; l <= l_max; l++) {
                if (l > m) {
                    vec next = h->a[l][m] * z * P + h->b[l][m] * P1;
                    P1 = P;
                    P = next;
                }
                store(y + (l * l + l + m) * LANES, P * A);
                if (m > 0) store(y + (l * l + l - m) * LANES, P * B);
            }
            vec A1 = x * A - yy * B;
            B = x * B + yy * A;
            A = A1;
        }
    }
}

static void KERNEL(soap_radial)(const radial_table *table, int n, const double *r, const double *inverse_r,
                                const double *w, const double *dw, double *S, double *Q)
{
    int n_channels = table->n_channels, n_padded = table->n_padded, l_max = table->settings.l_max;
    for (int j = 0; j < n; j++) {
        double a[6], b[6];
        const double *row = table->nodes + (size_t)radial_table_weights(table, r[j], a, b) * 3 * (size_t)n_channels;
        for (int k = 0; k < 6; k++) {
            b[k] = w[j] * b[k] + dw[j] * a[k];
            a[k] *= w[j];
        }
        double *s = S + (size_t)j * (size_t)n_channels, *q = Q + (size_t)j * (size_t)n_channels;
        for (int l = 0; l <= l_max; l++) {
            double slope = l * inverse_r[j];
            for (int i = l * n_padded; i < (l + 1) * n_padded; i += WIDTH) {
                vec value = a[0] * load(row + i), derivative = b[0] * load(row + i);
                for (int k = 1; k < 6; k++) {
                    vec x = load(row + k * n_channels + i);
                    value += a[k] * x;
                    derivative += b[k] * x;
                }
                store(s + i, value);
                store(q + i, derivative - slope * value);
            }
        }
    }
}

/* `count` orders m of one degree, starting at `lm`, with their sums in registers: count is a constant of the caller. */
static inline __attribute__((always_inline)) void KERNEL(density_tile)(const int count, int lm, int l, int l_max,
                                                                       int n_padded, int n_chunks, const double *Y,
                                                                       const double *S, double *c)
{
    int n_lm = (l_max + 1) * (l_max + 1), n_channels = (l_max + 1) * n_padded;
    for (int i = 0; i < n_padded; i += WIDTH) {
        double *target = c + lm * n_padded + i;
        vec sums[17] = {{0}};
        for (int chunk = 0; chunk < n_chunks; chunk++) {
            const double *y = Y + (chunk * n_lm + lm) * LANES;
            const double *s = S + (size_t)chunk * LANES * (size_t)n_channels + l * n_padded + i;
            for (int j = 0; j < LANES; j++) {
                vec x = load(s + j * n_channels);
#pragma GCC unroll 17
                for (int m = 0; m < count; m++) sums[m] += y[m * LANES + j] * x;
            }
        }
#pragma GCC unroll 17
        for (int m = 0; m < count; m++) store(target + m * n_padded, load(target + m * n_padded) + sums[m]);
    }
}

static void KERNEL(soap_density)(int l_max, int n_padded, int n_chunks, const double *Y, const double *S, double *c)
{
#define DENSITY_TILE(COUNT)                                                                                            \
    case COUNT:                                                                                                        \
        KERNEL(density_tile)(COUNT, lm, l, l_max, n_padded, n_chunks, Y, S, c);                                        \
        break;
    for (int l = 0; l <= l_max; l++)
        for (int lm = l * l, count; lm < (l + 1) * (l + 1); lm += count) {
            int left = (l + 1) * (l + 1) - lm; /* odd: tiles of 8 until at most 17 are left */
            count = left > 17 ? 8 : left;
            switch (count) {
                DENSITY_TILE(1)
                DENSITY_TILE(3)
                DENSITY_TILE(5)
                DENSITY_TILE(7) DENSITY_TILE(8) DENSITY_TILE(9) DENSITY_TILE(11) DENSITY_TILE(13) DENSITY_TILE(15)
                    DENSITY_TILE(17)
            }
        }
#undef DENSITY_TILE
}

static void KERNEL(soap_power)(int l_max, int n_max, int n_padded, int packed, const double *prefactors,
                               const double *ca, const double *cb, double *p)
{
    for (int l = 0; l <= l_max; l++) {
        const double *a = ca + l * l * n_padded, *b = cb + l * l * n_padded;
        for (int n0 = 0; n0 < n_max; n0 += LANES) {
            _Alignas(64) double rows[LANES][16];
            for (int i = packed ? n0 : 0; i < n_padded; i += WIDTH) {
                vec sums[LANES];
                for (int k = 0; k < LANES; k++) sums[k] = load(b + i) * 0.0;
                for (int m = 0; m < 2 * l + 1; m++) {
                    vec x = load(b + m * n_padded + i);
                    for (int k = 0; k < LANES; k++) sums[k] += a[m * n_padded + n0 + k] * x;
                }
                for (int k = 0; k < LANES; k++) store(rows[k] + i, prefactors[l] * sums[k]);
            }
            for (int n = n0; n < n_max && n < n0 + LANES; n++) {
                int first = packed ? n : 0;
                memcpy(p, rows[n - n0] + first, (size_t)(n_max - first) * sizeof *p);
                p += n_max - first;
            }
        }
    }
}

/* cbar[m][:] += sum_k c[m][k] M[k][:] for the 2l+1 rows of one degree. */
static void KERNEL(adjoint_rows)(int n_rows, int n_max, int n_padded, const double *M, const double *c, double *cbar)
{
    for (int i = 0; i < n_padded; i += WIDTH)
        for (int m = 0; m < n_rows; m++) {
            vec sum = load(cbar + m * n_padded + i);
            for (int k = 0; k < n_max; k++) sum += c[m * n_padded + k] * load(M + k * n_padded + i);
            store(cbar + m * n_padded + i, sum);
        }
}

static void KERNEL(soap_power_adjoint)(int l_max, int n_max, int n_padded, int packed, const double *prefactors,
                                       const double *g, const double *ca, const double *cb, double *cbar_a,
                                       double *cbar_b)
{
    _Alignas(64) double G[16 * 16] = {0}, T[16 * 16] = {0}; /* T[n'][n] = G[n][n'] */
    for (int l = 0; l <= l_max; l++) {
        int o = l * l * n_padded;
        for (int n = 0; n < n_max; n++)
            for (int k = packed ? n : 0; k < n_max; k++) {
                double x = prefactors[l] * *g++;
                G[n * n_padded + k] = x;
                T[k * n_padded + n] = x;
            }
        if (packed) {
            for (int n = 0; n < n_max; n++) { /* symmetric: both factors of the product vary */
                for (int k = 0; k < n; k++) G[n * n_padded + k] = G[k * n_padded + n];
                G[n * n_padded + n] *= 2;
            }
            KERNEL(adjoint_rows)(2 * l + 1, n_max, n_padded, G, ca + o, cbar_a + o);
        } else {
            KERNEL(adjoint_rows)(2 * l + 1, n_max, n_padded, T, cb + o, cbar_a + o);
            KERNEL(adjoint_rows)(2 * l + 1, n_max, n_padded, G, ca + o, cbar_b + o);
        }
    }
}

static void KERNEL(soap_fields)(int l_max, int n_padded, int n_entries, const gradient_entry *entries,
                                const double *cbar, double *fields)
{
    memset(fields, 0, (size_t)(3 * l_max * l_max * n_padded) * sizeof *fields);
    for (int e = 0; e < n_entries; e++) {
        double *target = fields + entries[e].target * n_padded;
        const double *source = cbar + entries[e].source * n_padded;
        for (int i = 0; i < n_padded; i += WIDTH)
            store(target + i, load(target + i) + entries[e].coefficient * load(source + i));
    }
}

/* Radial part of 8 neighbors of one chunk. */
static void KERNEL(forces_radial)(int l_max, int n_padded, const double *y, const double *q, const double *cbar,
                                  double *radial)
{
    enum { GROUP = REGISTERS >= 32 ? 8 : 4 };
    int n_channels = (l_max + 1) * n_padded;
    for (int j = 0; j < LANES; j += GROUP) {
        vec sums[GROUP];
        for (int k = 0; k < GROUP; k++) sums[k] = load(cbar) * 0.0;
        for (int i = 0; i < n_padded; i += WIDTH)
            for (int l = 0; l <= l_max; l++) {
                vec h[GROUP];
                for (int k = 0; k < GROUP; k++) h[k] = load(cbar) * 0.0;
                for (int lm = l * l; lm < (l + 1) * (l + 1); lm++) {
                    vec x = load(cbar + lm * n_padded + i);
                    for (int k = 0; k < GROUP; k++) h[k] += y[lm * LANES + j + k] * x;
                }
                for (int k = 0; k < GROUP; k++) sums[k] += h[k] * load(q + (j + k) * n_channels + l * n_padded + i);
            }
        for (int k = 0; k < GROUP; k++) radial[j + k] = sum_lanes(sums[k]);
    }
}

/* Gradient part of 8 neighbors of one chunk: three fields on degree l - 1. The sums over l stay in memory: with them in
 * registers too, the compiler spills the broadcast harmonics inside the innermost loop. */
static void KERNEL(forces_gradient)(int l_max, int n_padded, const double *y, const double *s, const double *fields,
                                    double *gradient, size_t stride)
{
    enum { GROUP = REGISTERS >= 32 ? 4 : 2 };
    int n_channels = (l_max + 1) * n_padded, field = l_max * l_max * n_padded;
    for (int j = 0; j < LANES; j += GROUP) {
        vec sums[3][GROUP] = {{{0}}};
        for (int i = 0; i < n_padded; i += WIDTH)
            for (int l = 1; l <= l_max; l++) {
                vec h[3][GROUP] = {{{0}}};
                const double *f = fields + (l - 1) * (l - 1) * n_padded + i, *yl = y + (l - 1) * (l - 1) * LANES + j;
                for (int m = 0; m < 2 * l - 1; m++, f += n_padded, yl += LANES)
                    for (int k = 0; k < GROUP; k++) {
                        double harmonic = yl[k];
                        h[0][k] += harmonic * load(f);
                        h[1][k] += harmonic * load(f + field);
                        h[2][k] += harmonic * load(f + 2 * field);
                    }
                for (int k = 0; k < GROUP; k++) {
                    vec x = load(s + (j + k) * n_channels + l * n_padded + i);
                    for (int a = 0; a < 3; a++) sums[a][k] += h[a][k] * x;
                }
                __asm__ volatile("" ::"r"(sums) : "memory");
            }
        for (int a = 0; a < 3; a++)
            for (int k = 0; k < GROUP; k++) gradient[(size_t)a * stride + (size_t)(j + k)] = sum_lanes(sums[a][k]);
    }
}

static void KERNEL(soap_forces)(int l_max, int n_padded, int n_chunks, const double *Y, const double *S,
                                const double *Q, const double *cbar, const double *fields, double *radial,
                                double *gradient)
{
    size_t n_lm = (size_t)((l_max + 1) * (l_max + 1)), rows = (size_t)LANES * (size_t)((l_max + 1) * n_padded);
    size_t n = (size_t)n_chunks * LANES;
    for (size_t chunk = 0; chunk < (size_t)n_chunks; chunk++) {
        const double *y = Y + chunk * n_lm * LANES;
        KERNEL(forces_radial)(l_max, n_padded, y, Q + chunk * rows, cbar, radial + chunk * LANES);
        KERNEL(forces_gradient)(l_max, n_padded, y, S + chunk * rows, fields, gradient + chunk * LANES, n);
    }
}
