/* SPDX-License-Identifier: BSD-3-Clause */
/* Activation functions and their first two derivatives, included by each kernels_<isa>.c after the kernels whose
 * exponential and sine it uses. A value that is not a number stays one. */
#include "kernels/kernels.h"
#include "kernels/vector.h"

#include <math.h>

/* 1/(1 + e^-u) */
static inline vec logistic(vec u)
{
    vec largest = u * 0.0 + 700.0, x = -u;
    return 1.0 / (1.0 + exponential(choose(x > largest, largest, x)));
}

/* ln(1 + y) for 0 <= y <= 1, as 2 artanh(y/(2 + y)): the first term left out is below 1e-18. */
static inline vec log_of_sum(vec y)
{
    vec s = y / (2.0 + y), t = s * s, p = t * 0.0 + 1.0 / 35.0;
    for (int n = 33; n > 0; n -= 2) p = p * t + 1.0 / n;
    return 2.0 * s * p;
}

/* sin and cos of any u: u = n pi + y, the sign of both is that of (-1)^n. */
static inline void sine_cosine_of(vec u, vec *sine, vec *cosine)
{
    const double magic = 0x1.8p52; /* the low bits of n + magic are n */
    vec t = u * M_1_PI + magic, n = t - magic;
    vec y = ((u - n * 0x1.921fb54p+1) - n * 0x1.10b46118p-29) - n * 0x1.313198a2e037p-60; /* pi in parts */
    mask sign = (mask)t << 63;
    sine_cosine(y, sine, cosine);
    *sine = (vec)((mask)*sine ^ sign);
    *cosine = (vec)((mask)*cosine ^ sign);
}

/* s(u); s' and s'' into slope and curvature. */
static inline __attribute__((always_inline)) vec KERNEL(activation_value)(activation_shape shape, vec u, vec *slope,
                                                                          vec *curvature)
{
    vec zero = u * 0.0, one = zero + 1.0, h, g;
    switch (shape) {
    case ACTIVATION_TANH:
        g = exponential(-2.0 * choose(u < zero, -u, u));
        h = (1.0 - g) / (1.0 + g);
        h = choose(u < zero, -h, h);
        *slope = 1.0 - h * h;
        *curvature = -2.0 * h * *slope;
        return h;
    case ACTIVATION_LOGISTIC:
    case ACTIVATION_REVERSE_LOGISTIC:
        g = logistic(u);
        *slope = g * (1.0 - g);
        *curvature = *slope * (1.0 - 2.0 * g);
        if (shape == ACTIVATION_LOGISTIC) return g;
        *slope = -*slope;
        *curvature = -*curvature;
        return 1.0 - g;
    case ACTIVATION_SOFTPLUS:
        g = logistic(u);
        *slope = g;
        *curvature = g * (1.0 - g);
        return choose(u < zero, zero, u) + log_of_sum(exponential(choose(u < zero, u, -u)));
    case ACTIVATION_RELU:
        *slope = choose(u > zero, one, zero);
        *curvature = zero;
        return choose(u < zero, zero, u);
    case ACTIVATION_GAUSSIAN:
        h = exponential(-0.5 * u * u);
        *slope = -u * h;
        *curvature = (u * u - 1.0) * h;
        return h;
    case ACTIVATION_COSINE:
        sine_cosine_of(u, &g, &h);
        *slope = -g;
        *curvature = -h;
        return h;
    case ACTIVATION_EXPONENTIAL:
        h = exponential(choose(u < zero - 700.0, zero + 700.0, -u));
        *slope = -h;
        *curvature = h;
        return h;
    case ACTIVATION_SQUARE:
        *slope = 2.0 * u;
        *curvature = zero + 2.0;
        return u * u;
    case ACTIVATION_SILU:
        g = logistic(u);
        *slope = g * (1.0 + u * (1.0 - g));
        *curvature = g * (1.0 - g) * (2.0 + u * (1.0 - 2.0 * g));
        return u * g;
    case ACTIVATION_LINEAR:
        break;
    }
    *slope = one;
    *curvature = zero;
    return u;
}

/* One loop per shape, so that nothing is chosen inside. */
static inline __attribute__((always_inline)) void
KERNEL(activation_loop)(activation_shape shape, int n, const double *u, double *h, double *slope, double *curvature)
{
    for (int i = 0; i < n; i += WIDTH) {
        vec s1, s2, value = KERNEL(activation_value)(shape, load(u + i), &s1, &s2);
        store(h + i, value);
        if (slope) store(slope + i, s1);
        if (curvature) store(curvature + i, s2);
    }
}

static void KERNEL(activation)(activation_shape shape, int n, const double *u, double *h, double *slope,
                               double *curvature)
{
#define ACTIVATION_LOOP(SHAPE)                                                                                         \
    case SHAPE:                                                                                                        \
        KERNEL(activation_loop)(SHAPE, n, u, h, slope, curvature);                                                     \
        break;
    switch (shape) {
        ACTIVATION_LOOP(ACTIVATION_LINEAR)
        ACTIVATION_LOOP(ACTIVATION_TANH)
        ACTIVATION_LOOP(ACTIVATION_LOGISTIC)
        ACTIVATION_LOOP(ACTIVATION_REVERSE_LOGISTIC)
        ACTIVATION_LOOP(ACTIVATION_SOFTPLUS)
        ACTIVATION_LOOP(ACTIVATION_RELU)
        ACTIVATION_LOOP(ACTIVATION_GAUSSIAN)
        ACTIVATION_LOOP(ACTIVATION_COSINE)
        ACTIVATION_LOOP(ACTIVATION_EXPONENTIAL)
        ACTIVATION_LOOP(ACTIVATION_SQUARE)
        ACTIVATION_LOOP(ACTIVATION_SILU)
    }
#undef ACTIVATION_LOOP
}
