/* SPDX-License-Identifier: BSD-3-Clause */
/* What belongs to a neighbor alone: distance, weight, harmonics, radial functions; included by each kernels_<isa>.c.
 * Layouts in kernels.h, equations in spec soap.md 1, 4 and 5. KERNEL(name) appends the instruction set. Lanes are
 * neighbors, in the radial functions channels. */
#include "kernels/kernels.h"
#include "kernels/vector.h"

#include <math.h>

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
    for (int i = 0; i < n; i += WIDTH) {
        vec x = load(r + i) * (1 / f->scaling_r0), power = x * 0.0 + 1.0;
        if (whole)
            for (int k = 1; k < m; k++) power *= x;
        else
            for (int k = 0; k < WIDTH; k++) power[k] = x[k] > 0 ? pow(x[k], f->scaling_m - 1) : 0;
        vec s = 1.0 / (1.0 + power * x), ds = -s * s * (f->scaling_m / f->scaling_r0) * power;
        store(dw + i, load(dw + i) * s + load(w + i) * ds);
        store(w + i, load(w + i) * s);
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

static void KERNEL(soap_geometry)(int n, double *restrict x, double *restrict y, double *restrict z, double *restrict r,
                                  double *restrict inverse_r)
{
    for (int i = 0; i < n; i++) {
        double distance = sqrt(x[i] * x[i] + y[i] * y[i] + z[i] * z[i]), inverse = 1 / distance;
        r[i] = distance;
        inverse_r[i] = inverse;
        x[i] *= inverse;
        y[i] *= inverse;
        z[i] *= inverse;
    }
}

static void KERNEL(soap_harmonics)(const harmonics_recursion *h, int n_chunks, const double *ux, const double *uy,
                                   const double *uz, const double *w, double *Y)
{
    int l_max = h->l_max, n_lm = (l_max + 1) * (l_max + 1);
    for (int i = 0; i < n_chunks * LANES; i += WIDTH) {
        double *y = Y + (i / LANES) * n_lm * LANES + i % LANES;
        vec x = load(ux + i), yy = load(uy + i), z = load(uz + i), A = load(w + i), B = z * 0.0;
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

static void KERNEL(soap_radial)(const radial_table *table, int n, const int *order, const double *r, double *R,
                                double *dR)
{
    size_t n_channels = (size_t)table->n_channels;
    for (int j = 0; j < n; j++) {
        double u, *value = R + (size_t)order[j] * n_channels, *slope = dR + (size_t)order[j] * n_channels;
        const double *k = radial_table_pieces(table, radial_table_interval(table, r[order[j]], &u));
        for (size_t i = 0; i < n_channels; i += LANES, k += RADIAL_PIECE_ROWS * LANES)
            for (size_t part = 0; part < LANES; part += WIDTH) {
                vec p = load(k + 5 * LANES + part), dp = p;
                p = p * u + load(k + 4 * LANES + part);
                dp = dp * u + p;
                p = p * u + load(k + 3 * LANES + part);
                dp = dp * u + p;
                p = p * u + load(k + 2 * LANES + part);
                dp = dp * u + p;
                p = p * u + load(k + LANES + part);
                dp = dp * u + p;
                store(value + i + part, p * u + load(k + part));
                store(slope + i + part, dp);
            }
    }
}
