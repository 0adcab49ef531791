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

/* The numbers start ... start + LANES - 1 whose bits in `bits` are set, at the end of a list of n, and `j` as often to
 * the list beside it; both have room for LANES more. Returns the new n. Without branches: near and far alternate at
 * random. */
static inline __attribute__((always_inline)) int KERNEL(append_numbers)(int j, int start, unsigned bits, int *list_j,
                                                                        int *list_k, int n)
{
#if defined(__AVX512F__)
    const __m256i numbers = _mm256_add_epi32(_mm256_set1_epi32(start), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
    _mm256_storeu_si256((__m256i *)(void *)(list_j + n), _mm256_set1_epi32(j));
    _mm256_storeu_si256((__m256i *)(void *)(list_k + n), _mm256_maskz_compress_epi32((__mmask8)bits, numbers));
    return n + __builtin_popcount(bits);
#else
    for (int k = 0; k < LANES; k++) {
        list_j[n] = j;
        list_k[n] = start + k;
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

static void KERNEL(acsf_split)(const double *x, const double *y, const double *z, double near, acsf_cursor *at,
                               acsf_pairs_list *near_list, acsf_pairs_list *far_list)
{
    const double *const r[3] = {x, y, z};
    const double near2 = near * near;
    int n_near = near_list->n, n_far = far_list ? far_list->n : 0, j = at->j, first = at->k;
    const int end_j = at->end_j, end_k = at->end_k, first_k = at->first_k;
    int *const near_j = near_list->j, *const near_k = near_list->k;
    while (j < end_j && n_near < ACSF_BATCH && n_far < ACSF_BATCH) {
        const double xj = x[j], yj = y[j], zj = z[j];
        int start = first / LANES * LANES, end = start + ACSF_PIECE < end_k ? start + ACSF_PIECE : end_k;
        for (; start < end; start += LANES) {
            unsigned bits = KERNEL(near_bits)(r, start, xj, yj, zj, near2), wanted = 255;
            wanted &= 255u << (start < first ? first - start : 0);
            wanted &= 255u >> (end < start + LANES ? start + LANES - end : 0);
            n_near = KERNEL(append_numbers)(j, start, bits & wanted, near_j, near_k, n_near);
            if (far_list) n_far = KERNEL(append_numbers)(j, start, ~bits & wanted, far_list->j, far_list->k, n_far);
        }
        first = end;
        if (end < end_k) continue;
        j++;
        first = first_k < 0 ? j + 1 : first_k;
    }
    at->j = j;
    at->k = first;
    near_list->n = n_near;
    if (far_list) far_list->n = n_far;
}

static void KERNEL(acsf_lengths)(int n, const double *x, const double *y, const double *z, double *r, double *inverse_r)
{
    for (int i = 0; i < n; i++) r[i] = sqrt(x[i] * x[i] + y[i] * y[i] + z[i] * z[i]);
    for (int i = 0; i < n; i += WIDTH) store(inverse_r + i, 1.0 / load(r + i));
}

/* The records of WIDTH neighbors, columns[ACSF_RECORD]. */
static inline __attribute__((always_inline)) void KERNEL(load_records)(const double *records, const int *slots,
                                                                       vec *columns)
{
    const double *rows[WIDTH];
#pragma GCC unroll 4
    for (int c = 0; c < ACSF_RECORD; c += TILE) {
#pragma GCC unroll 8
        for (int i = 0; i < WIDTH; i++) rows[i] = records + (long)ACSF_RECORD * slots[i] + c;
        load_rows(rows, columns + c);
    }
}

/* The windows of a family that are not in the records. */
static void KERNEL(gather_windows)(const acsf_neighbors *neighbors, const acsf_family *family, long row, acsf_batch *b)
{
    const double *value = neighbors->w + family->window * neighbors->stride;
    const double *slope = neighbors->dw + family->window * neighbors->stride;
    double *wa = b->wa + row * ACSF_BATCH, *wb = b->wb + row * ACSF_BATCH;
    double *dwa = b->dwa + row * ACSF_BATCH, *dwb = b->dwb + row * ACSF_BATCH;
    for (int i = 0; i < b->n_padded; i++) {
        wa[i] = value[b->j[i]];
        wb[i] = value[b->k[i]];
        dwa[i] = slope[b->j[i]];
        dwb[i] = slope[b->k[i]];
    }
}

static void KERNEL(acsf_gather)(const acsf_triples *t, const acsf_neighbors *neighbors, acsf_batch *b)
{
    for (int i = 0; i < b->n_padded; i += WIDTH) {
        vec p[ACSF_RECORD], q[ACSF_RECORD];
        KERNEL(load_records)(neighbors->records, b->j + i, p);
        KERNEL(load_records)(neighbors->records, b->k + i, q);
        store(b->x + i, q[0] - p[0]);
        store(b->y + i, q[1] - p[1]);
        store(b->z + i, q[2] - p[2]);
        store(b->a + i, p[3]);
        store(b->b + i, q[3]);
        store(b->inverse_a + i, p[4]);
        store(b->inverse_b + i, q[4]);
        store(b->cosine + i, (p[0] * q[0] + p[1] * q[1] + p[2] * q[2]) * (p[4] * q[4]));
        for (int f = b->first_family; f < t->n_families; f++) {
            if (t->families[f].window != 0) continue;
            long o = (long)f * ACSF_BATCH + i;
            store(b->wa + o, p[5]);
            store(b->wb + o, q[5]);
            store(b->dwa + o, p[6]);
            store(b->dwb + o, q[6]);
        }
    }
    for (int f = b->first_family; f < t->n_families; f++)
        if (t->families[f].window != 0) KERNEL(gather_windows)(neighbors, &t->families[f], f, b);
}

/* e = base^power for all triples; a constant `power` unrolls. */
static inline __attribute__((always_inline)) void KERNEL(powers)(int n, const double *base, int power, double *e)
{
    for (int i = 0; i < n; i += WIDTH) store(e + i, whole_power(load(base + i), power));
}

static void KERNEL(raise)(int n, const double *base, int power, double *e)
{
    switch (power) {
    case 2:
        KERNEL(powers)(n, base, 2, e);
        break;
    case 4:
        KERNEL(powers)(n, base, 4, e);
        break;
    case 5:
        KERNEL(powers)(n, base, 5, e);
        break;
    default:
        KERNEL(powers)(n, base, power, e);
    }
}

static void KERNEL(exponentials)(const acsf_triples *t, const acsf_family *family, acsf_batch *b)
{
    for (int g = family->first_group; g < family->first_group + family->n_groups; g++) {
        const acsf_group *group = &t->groups[g];
        double *e = b->exponential + (long)g * ACSF_BATCH;
        if (group->base >= 0) {
            KERNEL(raise)(b->n_padded, b->exponential + (long)group->base * ACSF_BATCH, group->power, e);
            continue;
        }
        for (int i = 0; i < b->n_padded; i += WIDTH) {
            vec da = load(b->a + i) - family->rs, db = load(b->b + i) - family->rs, s = da * da + db * db;
            vec dc = load(b->c + i) - family->rs;
            if (family->narrow) s += dc * dc;
            store(e + i, exponential(-group->eta * s));
        }
    }
}

static void KERNEL(acsf_factors)(const acsf_triples *t, const acsf_window *windows, acsf_batch *b)
{
    for (int i = 0; i < b->n_padded; i++) b->c[i] = sqrt(b->x[i] * b->x[i] + b->y[i] * b->y[i] + b->z[i] * b->z[i]);
    for (int f = b->first_family; f < t->n_families; f++) {
        const acsf_family *family = &t->families[f];
        long o = (long)f * ACSF_BATCH;
        for (int i = 0; family->narrow && i < b->n_padded; i += WIDTH) {
            vec slope, value = KERNEL(window)(&windows[family->window], load(b->c + i), &slope);
            store(b->wc + o + i, value);
            store(b->dwc + o + i, slope);
        }
        KERNEL(exponentials)(t, family, b);
    }
}

/* w(a) w(b) w(c) of a family. */
static inline __attribute__((always_inline)) vec KERNEL(windows_product)(const acsf_family *family, const acsf_batch *b,
                                                                         long o)
{
    vec w = load(b->wa + o) * load(b->wb + o);
    if (family->narrow) w *= load(b->wc + o);
    return w;
}

static void KERNEL(acsf_products)(const acsf_triples *t, acsf_batch *b)
{
    for (int f = b->first_family; f < t->n_families; f++) {
        const acsf_family *family = &t->families[f];
        for (int i = 0; i < b->n_padded; i += WIDTH) {
            long o = (long)f * ACSF_BATCH + i;
            vec wa = load(b->wa + o), wb = load(b->wb + o), wc = wa * 0.0 + 1.0, dwc = wa * 0.0, dc = dwc;
            vec da = load(b->a + i) - family->rs, db = load(b->b + i) - family->rs;
            if (family->narrow) {
                wc = load(b->wc + o);
                dwc = load(b->dwc + o);
                dc = load(b->c + i) - family->rs;
            }
            vec w = wa * wb * wc, dwa = load(b->dwa + o) * wb * wc, dwb = load(b->dwb + o) * wa * wc;
            dwc *= wa * wb;
            for (int g = family->first_group; g < family->first_group + family->n_groups; g++) {
                long p = (long)g * ACSF_BATCH + i;
                vec e = load(b->exponential + p), W = e * w, slope = (-2.0 * t->groups[g].eta) * W;
                store(b->W + p, W);
                store(b->Wa + p, e * dwa + slope * da);
                store(b->Wb + p, e * dwb + slope * db);
                store(b->Wc + p, e * dwc + slope * dc);
            }
        }
    }
}

/* P and dP/dcos of an angle with a whole exponent for all triples: where rounding makes y negative, P is as small as
 * that. */
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

/* The angles of one lambda with zeta 1, 2, 4, ...: from one to the next y^zeta is squared. */
static inline __attribute__((always_inline)) void KERNEL(ladder)(const int *steps, double lambda, const acsf_batch *b,
                                                                 int derivatives)
{
    for (int i = 0; i < b->n_padded; i += WIDTH) {
        vec power = 0.5 + (0.5 * lambda) * load(b->cosine + i), slope = power * 0.0 + 1.0;
#pragma GCC unroll 8
        for (int step = 0; step < ACSF_LADDER; step++) {
            if (steps[step] >= 0) {
                store(b->P + (long)steps[step] * ACSF_BATCH + i, power + power);
                if (derivatives) store(b->dP + (long)steps[step] * ACSF_BATCH + i, ((1 << step) * lambda) * slope);
            }
            slope *= power;
            power *= power;
        }
    }
}

/* Any angle for all triples of a batch. */
static inline __attribute__((always_inline)) void KERNEL(angles)(const acsf_angle *angle, const acsf_batch *b,
                                                                 const double *theta, const double *inverse_sine,
                                                                 double *P, double *dP, int derivatives)
{
    int whole = angle->zeta < 1e6 ? (int)angle->zeta : 0;
    if (whole > 0 && whole == angle->zeta) {
        KERNEL(whole_angle)(angle, whole, b, P, dP, derivatives);
        return;
    }
    for (int i = 0; i < b->n_padded; i += WIDTH)
        KERNEL(angle)(angle, load(b->cosine + i), theta + i, inverse_sine + i, P + i, dP + i, derivatives);
}

static inline __attribute__((always_inline)) void KERNEL(all_angles)(const acsf_triples *t, acsf_batch *b,
                                                                     int derivatives)
{
    _Alignas(64) double theta[ACSF_BATCH], inverse_sine[ACSF_BATCH];
    int any_window = 0;
    for (int a = 0; a < t->n_angles; a++) any_window |= t->angles[a].zeta == 0;
    for (int i = 0; any_window && i < b->n_padded; i++) {
        theta[i] = acos(b->cosine[i]);
        inverse_sine[i] = 1 / sqrt((1 - b->cosine[i]) * (1 + b->cosine[i]));
    }
    for (int k = 0; k < 2; k++) KERNEL(ladder)(t->ladders[k], k ? 1 : -1, b, derivatives);
    for (int a = 0; a < t->n_angles; a++) {
        if (t->angles[a].on_ladder) continue;
        double *P = b->P + (long)a * ACSF_BATCH, *dP = b->dP + (long)a * ACSF_BATCH;
        KERNEL(angles)(&t->angles[a], b, theta, inverse_sine, P, dP, derivatives);
    }
}

static void KERNEL(acsf_angles)(const acsf_triples *t, acsf_batch *b, int derivatives)
{
    if (derivatives)
        KERNEL(all_angles)(t, b, 1);
    else
        KERNEL(all_angles)(t, b, 0);
}

/* Terms that are summed side by side. */
enum { TERMS = WIDTH == 8 ? 8 : 4 };

/* sums += sum_triples W P of `n` terms side by side (a constant), W read once for all. */
static inline __attribute__((always_inline)) void KERNEL(add_terms)(const acsf_batch *b, const acsf_term *terms, int n,
                                                                    const double *W, double *sums)
{
    vec sum[TERMS];
    const double *P[TERMS];
#pragma GCC unroll 8
    for (int q = 0; q < n; q++) {
        P[q] = b->P + (long)terms[q].angle * ACSF_BATCH;
        sum[q] = load(sums + q * LANES);
    }
    for (int i = 0; i < b->n_padded; i += WIDTH) {
        vec w = load(W + i);
#pragma GCC unroll 8
        for (int q = 0; q < n; q++) sum[q] += w * load(P[q] + i);
    }
#pragma GCC unroll 8
    for (int q = 0; q < n; q++) store(sums + q * LANES, sum[q]);
}

static void KERNEL(acsf_sum)(const acsf_triples *t, const acsf_batch *b, double *sums)
{
    _Alignas(64) double w[ACSF_BATCH], W[ACSF_BATCH];
    for (int f = b->first_family; f < t->n_families; f++) {
        const acsf_family *family = &t->families[f];
        for (int i = 0; i < b->n_padded; i += WIDTH)
            store(w + i, KERNEL(windows_product)(family, b, (long)f * ACSF_BATCH + i));
        for (int g = family->first_group; g < family->first_group + family->n_groups; g++) {
            const double *e = b->exponential + (long)g * ACSF_BATCH;
            for (int i = 0; i < b->n_padded; i += WIDTH) store(W + i, load(w + i) * load(e + i));
            int q = t->groups[g].first_term, end = q + t->groups[g].n_terms;
            for (; q + TERMS <= end; q += TERMS) KERNEL(add_terms)(b, t->terms + q, TERMS, W, sums + (long)q * LANES);
            for (; q < end; q++) KERNEL(add_terms)(b, t->terms + q, 1, W, sums + (long)q * LANES);
        }
    }
}

static void KERNEL(acsf_features)(const acsf_triples *t, double *sums, double *D)
{
    for (int q = 0; q < t->n_terms; q++) {
        D[t->terms[q].feature] += t->terms[q].weight * sum_lanes(load(sums + (long)q * LANES));
        store(sums + (long)q * LANES, (vec){0}); /* no product: what is not finite must not stay */
    }
}

/* forces[slot][one of two] += (along, x, y, z) of each lane, or -=. Two sums for each neighbor: triples that follow
 * each other share their j, and each would wait for the one before it. */
static inline __attribute__((always_inline)) void KERNEL(scatter)(const int *slots, int sign, vec along, vec x, vec y,
                                                                  vec z, double *forces)
{
    four rows[WIDTH];
    rows_of_four(along, x, y, z, rows);
#pragma GCC unroll 8
    for (int lane = 0; lane < WIDTH; lane++) {
        four *to = (four *)(void *)(forces + (long)ACSF_FORCE * slots[lane] + (lane & 1) * 4);
        *to = sign > 0 ? *to + rows[lane] : *to - rows[lane];
    }
}

/* dE/da, dE/db, dE/dc, dE/dcos of two vectors of triples. */
typedef struct KERNEL(triple_slopes) {
    vec a[2], b[2], c[2], cosine[2];
} KERNEL(triple_slopes);

/* What a family adds: with p_g = sum_q g_q P_q of each group, only S0 = sum_g p_g e_g, S1 = sum_g 2 eta_g p_g e_g and
 * T = sum_g p'_g e_g are sums over groups. */
static inline __attribute__((always_inline)) void KERNEL(add_slopes)(const acsf_triples *t, const acsf_family *family,
                                                                     const acsf_batch *b, const double *g_terms, int i,
                                                                     KERNEL(triple_slopes) * sum)
{
    const vec zero = load(b->a) * 0.0;
    vec S0[2] = {zero, zero}, S1[2] = {zero, zero}, T[2] = {zero, zero};
    for (int g = family->first_group; g < family->first_group + family->n_groups; g++) {
        const acsf_group *group = &t->groups[g];
        vec p0 = zero, p1 = zero, dp0 = zero, dp1 = zero;
        for (int q = group->first_term; q < group->first_term + group->n_terms; q++) {
            long o = (long)t->terms[q].angle * ACSF_BATCH + i;
            double weight = g_terms[q];
            p0 += weight * load(b->P + o);
            p1 += weight * load(b->P + o + WIDTH);
            dp0 += weight * load(b->dP + o);
            dp1 += weight * load(b->dP + o + WIDTH);
        }
        vec e0 = load(b->exponential + (long)g * ACSF_BATCH + i);
        vec e1 = load(b->exponential + (long)g * ACSF_BATCH + i + WIDTH);
        S0[0] += p0 * e0;
        S0[1] += p1 * e1;
        S1[0] += (2.0 * group->eta) * (p0 * e0);
        S1[1] += (2.0 * group->eta) * (p1 * e1);
        T[0] += dp0 * e0;
        T[1] += dp1 * e1;
    }
#pragma GCC unroll 2
    for (int v = 0; v < 2; v++) {
        int at = i + v * WIDTH;
        long o = (long)(family - t->families) * ACSF_BATCH + at;
        vec wa = load(b->wa + o), wb = load(b->wb + o), ab = wa * wb, w = ab, wc = zero + 1.0;
        if (family->narrow) {
            wc = load(b->wc + o);
            w = ab * wc;
            sum->c[v] += S0[v] * ab * load(b->dwc + o) - S1[v] * w * (load(b->c + at) - family->rs);
        }
        sum->a[v] += S0[v] * wb * wc * load(b->dwa + o) - S1[v] * w * (load(b->a + at) - family->rs);
        sum->b[v] += S0[v] * wa * wc * load(b->dwb + o) - S1[v] * w * (load(b->b + at) - family->rs);
        sum->cosine[v] += T[v] * w;
    }
}

static void KERNEL(acsf_slopes)(const acsf_triples *t, const acsf_batch *b, const double *g_terms, double *forces)
{
    const vec zero = load(b->a) * 0.0;
    for (int i = 0; i < b->n_padded; i += 2 * WIDTH) {
        KERNEL(triple_slopes) s = {{zero, zero}, {zero, zero}, {zero, zero}, {zero, zero}};
        for (int f = b->first_family; f < t->n_families; f++) KERNEL(add_slopes)(t, &t->families[f], b, g_terms, i, &s);
#pragma GCC unroll 2
        for (int v = 0; v < 2; v++) {
            int at = i + v * WIDTH;
            vec ia = load(b->inverse_a + at), ib = load(b->inverse_b + at), cosine = load(b->cosine + at);
            vec alpha = s.a[v] + s.cosine[v] * (ib - cosine * ia), beta = s.b[v] + s.cosine[v] * (ia - cosine * ib);
            vec gamma = s.cosine[v] * ia * ib - s.c[v] / load(b->c + at);
            vec x = gamma * load(b->x + at), y = gamma * load(b->y + at), z = gamma * load(b->z + at);
            KERNEL(scatter)(b->j + at, 1, alpha, x, y, z, forces);
            KERNEL(scatter)(b->k + at, -1, -beta, x, y, z, forces);
        }
    }
}
