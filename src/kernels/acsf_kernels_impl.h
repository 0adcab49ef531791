/* SPDX-License-Identifier: BSD-3-Clause */
/* Kernels of the symmetry functions, included by each kernels_<isa>.c; equations in acsf_kernels.h and spec acsf.md.
 * Lanes are neighbors, or triples of a batch. */
#include "kernels/kernels.h"
#include "kernels/vector.h"

#if defined(__AVX512F__)
#include <immintrin.h> /* what the compiler does not find by itself: the compressing of lists */
#endif
#include <math.h>

/* e^x for x <= 700 (below -700: e^-700; NaN stays NaN): x = n ln 2 + y, the Taylor series of e^y for |y| <= ln(2)/2,
 * the first term left out below 1e-17. */
static inline vec exponential(vec x)
{
    const double magic = 0x1.8p52; /* the low bits of n + magic are n */
    vec least = x * 0.0 - 700.0;
    x = choose(x < least, least, x);
    vec t = x * 1.44269504088896340736 + magic, n = t - magic;
    vec y = (x - n * 0x1.62e42fefa3800p-1) - n * 0x1.ef35793c76730p-45; /* ln 2 in two parts */
    vec p = y * (1.0 / 6227020800.0) + 1.0 / 479001600.0;
    p = p * y + 1.0 / 39916800.0;
    p = p * y + 1.0 / 3628800.0;
    p = p * y + 1.0 / 362880.0;
    p = p * y + 1.0 / 40320.0;
    p = p * y + 1.0 / 5040.0;
    p = p * y + 1.0 / 720.0;
    p = p * y + 1.0 / 120.0;
    p = p * y + 1.0 / 24.0;
    p = p * y + 1.0 / 6.0;
    p = p * y + 0.5;
    p = p * y + 1.0;
    p = p * y + 1.0;
    return p * (vec)(((mask)t + 1023) << 52);
}

/* y^n for n >= 0. */
static inline vec whole_power(vec y, int n)
{
    vec p = y * 0.0 + 1.0;
    for (; n > 0; n >>= 1) {
        if (n & 1) p *= y;
        y *= y;
    }
    return p;
}

static inline vec cube_of_tanh(vec x, double scale, vec *slope)
{
    vec e = exponential(2.0 * x - 2.0), t = (1.0 - e) / (1.0 + e);
    *slope = (-3.0 * scale) * t * t * (1.0 - t * t);
    return scale * t * t * t;
}

/* f(x) and df/dx for 0 <= x <= 1 (spec acsf.md 2; the polynomials as (1-x)^(n+1) sum_k C(n+k,k) x^k, which cancels
 * nothing). */
static inline vec KERNEL(shape)(acsf_shape shape, vec x, vec *slope)
{
    vec zero = x * 0.0, y = x - 1.0, xy = x * y, sine, cosine, q;
    switch (shape) {
    case ACSF_COSINE:
        sine_cosine((x - 0.5) * M_PI, &sine, &cosine);
        *slope = (-0.5 * M_PI) * cosine;
        return 0.5 - 0.5 * sine;
    case ACSF_TANH:
        return cube_of_tanh(x, 1, slope);
    case ACSF_TANH_NORMALIZED:
        return cube_of_tanh(x, 2.2637537952253513, slope); /* tanh(1)^-3 */
    case ACSF_EXPONENTIAL:
        q = 1.0 / (1.0 - x * x);
        q = choose(q < zero + 700.0, q, zero + 700.0); /* e^-699: no less */
        sine = exponential(1.0 - q);
        *slope = -2.0 * x * q * q * sine;
        return sine;
    case ACSF_POLY1:
        *slope = 6.0 * xy;
        return y * y * (1.0 + 2.0 * x);
    case ACSF_POLY2:
        *slope = -30.0 * xy * xy;
        return -y * y * y * (1.0 + x * (3.0 + 6.0 * x));
    case ACSF_POLY3:
        *slope = 140.0 * xy * xy * xy;
        return y * y * y * y * (1.0 + x * (4.0 + x * (10.0 + 20.0 * x)));
    case ACSF_POLY4:
        *slope = -630.0 * xy * xy * xy * xy;
        return -y * y * y * y * y * (1.0 + x * (5.0 + x * (15.0 + x * (35.0 + 70.0 * x))));
    case ACSF_HARD:
        break;
    }
    *slope = zero;
    return zero + 1.0;
}

static inline vec KERNEL(window)(const acsf_window *w, vec r, vec *slope)
{
    vec u = (r - w->center) * w->inverse_width, zero = u * 0.0, one = zero + 1.0;
    mask right = u > zero;
    vec du = choose(right, one, w->one_sided ? zero : -one), x = u * du;
    x = choose(x < one, x, one);
    if (w->bent) {
        du *= 2.0 - 2.0 * x;
        x *= 2.0 - x;
    }
    vec f = KERNEL(shape)(w->shape, x, slope);
    mask inside = (r > zero + w->low) & (r < zero + w->high);
    *slope = choose(inside, *slope * du * w->inverse_width, zero);
    return choose(inside, f, zero);
}

static void KERNEL(acsf_weights)(const acsf_window *window, int n, const double *r, double *w, double *dw)
{
    for (int i = 0; i < n; i += WIDTH) {
        vec slope, value = KERNEL(window)(window, load(r + i), &slope);
        store(w + i, value);
        store(dw + i, slope);
    }
}

static void KERNEL(acsf_pairs)(const acsf_radial *f, int n, const double *r, const double *w, const double *dw,
                               double *value, double *slope)
{
    for (int i = 0; i < n; i += WIDTH) {
        vec d = load(r + i) - f->rs, e = exponential(-f->eta * d * d), v = e * load(w + i);
        store(value + i, v);
        store(slope + i, e * load(dw + i) - 2.0 * f->eta * d * v);
    }
    for (int i = 0; f->kappa != 0 && i < n; i++) {
        double c = cos(f->kappa * r[i]);
        slope[i] = slope[i] * c - value[i] * f->kappa * sin(f->kappa * r[i]);
        value[i] *= c;
    }
}

/* The numbers start ... start + LANES - 1 whose bits in `bits` are set, at the end of a list of n, which has room for
 * LANES more; returns the new n. Without branches: near and far alternate at random. */
static inline __attribute__((always_inline)) int KERNEL(append_numbers)(int start, unsigned bits, int *list, int n)
{
#if defined(__AVX512F__)
    const __m256i numbers = _mm256_add_epi32(_mm256_set1_epi32(start), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
    _mm256_storeu_si256((__m256i *)(void *)(list + n), _mm256_maskz_compress_epi32((__mmask8)bits, numbers));
    return n + __builtin_popcount(bits);
#else
    for (int k = 0; k < LANES; k++) {
        list[n] = start + k;
        n += bits >> k & 1;
    }
    return n;
#endif
}

/* Bit k: neighbor start + k is nearer to (x, y, z) than the square root of `near2`. */
static inline __attribute__((always_inline)) unsigned KERNEL(near_bits)(const double *const r[3], int start, double x,
                                                                        double y, double z, double near2)
{
#if defined(__AVX512F__)
    vec dx = load(r[0] + start) - x, dy = load(r[1] + start) - y, dz = load(r[2] + start) - z;
    return _mm512_cmp_pd_mask((__m512d)(dx * dx + dy * dy + dz * dz), _mm512_set1_pd(near2), _CMP_LT_OQ);
#else
    unsigned bits = 0;
    for (int i = 0; i < LANES; i += WIDTH) {
        vec dx = load(r[0] + start + i) - x, dy = load(r[1] + start + i) - y, dz = load(r[2] + start + i) - z;
        mask close = dx * dx + dy * dy + dz * dz < near2;
        for (int k = 0; k < WIDTH; k++) bits |= (unsigned)(close[k] & 1) << (i + k);
    }
    return bits;
#endif
}

static void KERNEL(acsf_split)(const double *x, const double *y, const double *z, int j, int first, int end,
                               double near, int *const lists[2], int n[2])
{
    const double *const r[3] = {x, y, z};
    const double xj = x[j], yj = y[j], zj = z[j], near2 = near * near;
    int *near_list = lists[0], *far_list = lists[1], n_near = 0, n_far = 0;
    for (int start = first / LANES * LANES; start < end; start += LANES) {
        unsigned bits = KERNEL(near_bits)(r, start, xj, yj, zj, near2), wanted = 255;
        if (start < first) wanted &= 255u << (first - start);
        if (end < start + LANES) wanted &= 255u >> (start + LANES - end);
        n_near = KERNEL(append_numbers)(start, bits & wanted, near_list, n_near);
        if (far_list) n_far = KERNEL(append_numbers)(start, ~bits & wanted, far_list, n_far);
    }
    n[0] = n_near;
    n[1] = n_far;
}

/* W of each group of a family and its derivatives, for the triples i ... i + WIDTH - 1. */
static inline __attribute__((always_inline)) void KERNEL(family)(const acsf_triples *t, const acsf_family *family,
                                                                 const acsf_window *windows, acsf_batch *b, int i,
                                                                 int derivatives)
{
    long o = (family - t->families) * ACSF_BATCH + i;
    vec wa = load(b->wa + o), wb = load(b->wb + o), da = load(b->a + i) - family->rs, db = load(b->b + i) - family->rs;
    vec wc = wa * 0.0 + 1.0, dwc = wa * 0.0, dc = dwc, dwa = dwc, dwb = dwc;
    if (family->narrow) {
        vec c = load(b->c + i);
        dc = c - family->rs;
        wc = KERNEL(window)(&windows[family->window], c, &dwc);
    }
    vec s = da * da + db * db + dc * dc, ab = wa * wb, w = ab * wc;
    if (derivatives) {
        dwa = load(b->dwa + o) * wb * wc;
        dwb = load(b->dwb + o) * wa * wc;
        dwc *= ab;
    }
    for (int g = family->first_group; g < family->first_group + family->n_groups; g++) {
        const acsf_group *group = &t->groups[g];
        long p = (long)g * ACSF_BATCH + i;
        vec e = wa * 0.0 + 1.0;
        if (group->base >= 0)
            e = whole_power(load(b->exponential + (long)group->base * ACSF_BATCH + i), group->power);
        else if (group->eta != 0)
            e = exponential(-group->eta * s);
        store(b->exponential + p, e);
        vec W = e * w, slope = (-2.0 * group->eta) * W;
        store(b->W + p, W);
        if (!derivatives) continue;
        store(b->Wa + p, e * dwa + slope * da);
        store(b->Wb + p, e * dwb + slope * db);
        store(b->Wc + p, e * dwc + slope * dc);
    }
}

/* P and dP/dcos of an angle with a whole exponent for all triples: where rounding makes y negative, P is as small as
 * that. A constant `zeta` unrolls the power. */
static inline __attribute__((always_inline)) void
KERNEL(whole_angle)(const acsf_angle *angle, int zeta, const acsf_batch *b, double *P, double *dP, int derivatives)
{
    const double half = 0.5 * angle->lambda, slope = zeta * angle->lambda;
    for (int i = 0; i < b->n_padded; i += WIDTH) {
        vec y = 0.5 + half * load(b->cosine + i), power = whole_power(y, zeta - 1);
        store(P + i, (power + power) * y);
        if (derivatives) store(dP + i, slope * power);
    }
}

/* The same for any exponent; theta and 1/sin(theta) only where an angle has a window. */
static inline __attribute__((always_inline)) void KERNEL(angle)(const acsf_angle *angle, vec cosine,
                                                                const double *theta, const double *inverse_sine,
                                                                double *P, double *dP, int derivatives)
{
    vec zero = cosine * 0.0, y = 0.5 + (0.5 * angle->lambda) * cosine, power = zero, slope;
    mask valid = y > zero;
    if (angle->zeta == 0) {
        vec one = zero + 1.0;
        valid = (cosine < one) & (cosine > -one);
        vec value = KERNEL(window)(&angle->window, load(theta), &slope);
        store(P, choose(valid, value, zero));
        if (derivatives) store(dP, choose(valid, -slope * load(inverse_sine), zero));
        return;
    }
    for (int lane = 0; lane < WIDTH; lane++) power[lane] = y[lane] > 0 ? pow(y[lane], angle->zeta - 1) : 0;
    store(P, choose(valid, 2.0 * power * y, zero));
    if (derivatives) store(dP, choose(valid, (angle->zeta * angle->lambda) * power, zero));
}

/* An angle for all triples of a batch: the usual exponents are constants. */
static inline __attribute__((always_inline)) void KERNEL(angles)(const acsf_angle *angle, const acsf_batch *b,
                                                                 const double *theta, const double *inverse_sine,
                                                                 double *P, double *dP, int derivatives)
{
    int whole = angle->zeta < 1e6 ? (int)angle->zeta : 0;
    if (whole == 0 || whole != angle->zeta) whole = -1;
    switch (whole) {
    case -1:
        for (int i = 0; i < b->n_padded; i += WIDTH)
            KERNEL(angle)(angle, load(b->cosine + i), theta + i, inverse_sine + i, P + i, dP + i, derivatives);
        break;
    case 1:
        KERNEL(whole_angle)(angle, 1, b, P, dP, derivatives);
        break;
    case 2:
        KERNEL(whole_angle)(angle, 2, b, P, dP, derivatives);
        break;
    case 4:
        KERNEL(whole_angle)(angle, 4, b, P, dP, derivatives);
        break;
    case 8:
        KERNEL(whole_angle)(angle, 8, b, P, dP, derivatives);
        break;
    case 16:
        KERNEL(whole_angle)(angle, 16, b, P, dP, derivatives);
        break;
    default:
        KERNEL(whole_angle)(angle, whole, b, P, dP, derivatives);
    }
}

static inline __attribute__((always_inline)) void KERNEL(factors)(const acsf_triples *t, const acsf_window *windows,
                                                                  acsf_batch *b, int derivatives)
{
    _Alignas(64) double theta[ACSF_BATCH], inverse_sine[ACSF_BATCH];
    int any_window = 0;
    for (int i = 0; i < b->n_padded; i++) b->c[i] = sqrt(b->x[i] * b->x[i] + b->y[i] * b->y[i] + b->z[i] * b->z[i]);
    for (int a = 0; a < t->n_angles; a++) any_window |= t->angles[a].zeta == 0;
    for (int i = 0; any_window && i < b->n_padded; i++) {
        theta[i] = acos(b->cosine[i]);
        inverse_sine[i] = 1 / sqrt((1 - b->cosine[i]) * (1 + b->cosine[i]));
    }
    for (int f = b->first_family; f < t->n_families; f++)
        for (int i = 0; i < b->n_padded; i += WIDTH) KERNEL(family)(t, &t->families[f], windows, b, i, derivatives);
    for (int a = 0; a < t->n_angles; a++) {
        double *P = b->P + (long)a * ACSF_BATCH, *dP = b->dP + (long)a * ACSF_BATCH;
        KERNEL(angles)(&t->angles[a], b, theta, inverse_sine, P, dP, derivatives);
    }
}

static void KERNEL(acsf_factors)(const acsf_triples *t, const acsf_window *windows, acsf_batch *b, int derivatives)
{
    if (derivatives)
        KERNEL(factors)(t, windows, b, 1);
    else
        KERNEL(factors)(t, windows, b, 0);
}

static void KERNEL(acsf_sum)(const acsf_triples *t, const acsf_batch *b, double *D)
{
    for (int g = b->first_group; g < t->n_groups; g++) {
        const double *W = b->W + (long)g * ACSF_BATCH;
        const acsf_term *term = t->terms + t->groups[g].first_term, *end = term + t->groups[g].n_terms;
        for (; term < end; term++) {
            const double *P = b->P + (long)term->angle * ACSF_BATCH;
            vec sum = load(W) * load(P);
            for (int i = WIDTH; i < b->n_padded; i += WIDTH) sum += load(W + i) * load(P + i);
            D[term->feature] += term->weight * sum_lanes(sum);
        }
    }
}

static void KERNEL(acsf_slopes)(const acsf_triples *t, acsf_batch *b, const double *g_terms)
{
    for (int i = 0; i < b->n_padded; i += WIDTH) {
        vec dcos = load(b->a) * 0.0, da = dcos, db = dcos, dc = dcos;
        for (int g = b->first_group; g < t->n_groups; g++) {
            long o = (long)g * ACSF_BATCH + i;
            vec p = dcos * 0.0, dp = p;
            for (int q = t->groups[g].first_term; q < t->groups[g].first_term + t->groups[g].n_terms; q++) {
                long angle = (long)t->terms[q].angle * ACSF_BATCH + i;
                p += g_terms[q] * load(b->P + angle);
                dp += g_terms[q] * load(b->dP + angle);
            }
            dcos += dp * load(b->W + o);
            da += p * load(b->Wa + o);
            db += p * load(b->Wb + o);
            dc += p * load(b->Wc + o);
        }
        vec ia = load(b->inverse_a + i), ib = load(b->inverse_b + i), cosine = load(b->cosine + i);
        store(b->alpha + i, da + dcos * (ib - cosine * ia));
        store(b->beta + i, db + dcos * (ia - cosine * ib));
        store(b->gamma + i, dcos * ia * ib - dc / load(b->c + i));
    }
}
