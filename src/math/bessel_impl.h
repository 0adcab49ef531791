/* SPDX-License-Identifier: BSD-3-Clause */
/* Bodies of bessel.c, included once per floating-point type with
 *   REAL          the type
 *   REAL_EXP, REAL_EXPM1
 *   LOG_PRECISION -ln of the relative precision wanted
 *   NAME(x)       name of the function for this type */

/* Order at which the downward recursion may start with an arbitrary value: what is wrong at order N has shrunk at l_max
 * by about (i_N / i_l_max)^2 = exp(-(N^2 - l_max^2) / x), and faster for small x. */
static int NAME(start_order)(int l_max, REAL x)
{
    return 8 + (int)sqrt((double)(l_max * l_max) + LOG_PRECISION * (double)x);
}

void NAME(bessel_scaled)(int l_max, REAL x, REAL *j)
{
    REAL square = x * x;
    REAL decay = REAL_EXPM1(-2 * x); /* e^(-2x) - 1 */
    REAL first = x > 0 ? -decay / (2 * x) : 1;
    if (2 * x > l_max * (l_max + 1) + 2) { /* upward: rounding errors grow by exp(l (l + 1) / x) <= e^2 only */
        j[0] = first;
        if (l_max > 0) j[1] = (1 + decay / 2 - first) / square;
        for (int l = 1; l < l_max; ++l) j[l + 1] = (j[l - 1] - (2 * l + 1) * j[l]) / square;
        return;
    }
    REAL above = 0, value = (REAL)1e-290; /* j_0 / j_N < 1e300 for l_max <= 22 */
    for (int l = NAME(start_order)(l_max, x); l > 0; --l) {
        if (l <= l_max) j[l] = value;
        REAL below = (2 * l + 1) * value + square * above;
        above = value;
        value = below;
    }
    REAL scale = first / value;
    j[0] = first;
    for (int l = 1; l <= l_max; ++l) j[l] *= scale;
}

void NAME(gaussian_shell)(int l_max, REAL eta, REAL r, REAL t, REAL *h, REAL *dh, REAL *d2h)
{
    REAL j[BESSEL_L_MAX + 1];
    REAL x = 2 * eta * r * t, a = 2 * eta * t, b = 2 * eta * r; /* a = dx/dr */
    REAL gaussian = REAL_EXP(-eta * (r - t) * (r - t));
    NAME(bessel_scaled)(d2h ? l_max + 2 : dh ? l_max + 1 : l_max, x, j);
    REAL power = gaussian, power_1 = 0, power_2 = 0; /* gaussian * x^l, x^(l-1), x^(l-2) */
    for (int l = 0; l <= l_max; ++l) {
        REAL i = power * j[l], i1 = 0;
        h[l] = i;
        if (dh || d2h) i1 = l * power_1 * j[l] + power * x * j[l + 1];
        if (dh) dh[l] = a * i1 - b * i;
        if (d2h) {
            REAL i2 = l * (l - 1) * power_2 * j[l] + power * ((2 * l + 1) * j[l + 1] + x * x * j[l + 2]);
            d2h[l] = (b * b - 2 * eta) * i - 2 * a * b * i1 + a * a * i2;
        }
        power_2 = power_1;
        power_1 = power;
        power *= x;
    }
}
