/* SPDX-License-Identifier: BSD-3-Clause */
/** @file quad.h
 *  One type with at least 113 bits of mantissa, for setting up radial bases that are nearly linearly dependent:
 *  `long double` where it has the bits, `__float128` with libquadmath on x86. The functions are declared here by hand:
 *  clang finds no quadmath.h. */
#ifndef MLSOAP_QUAD_H
#define MLSOAP_QUAD_H

#include <float.h>
#include <math.h>

#if LDBL_MANT_DIG >= 113

typedef long double quad;
static inline quad quad_exp(quad x)
{
    return expl(x);
}
static inline quad quad_expm1(quad x)
{
    return expm1l(x);
}
static inline quad quad_log(quad x)
{
    return logl(x);
}
static inline quad quad_sqrt(quad x)
{
    return sqrtl(x);
}
static inline quad quad_erf(quad x)
{
    return erfl(x);
}
static inline quad quad_pi(void)
{
    return 4 * atanl(1);
}

#else

typedef __float128 quad;
__float128 expq(__float128 x);
__float128 expm1q(__float128 x);
__float128 logq(__float128 x);
__float128 sqrtq(__float128 x);
__float128 erfq(__float128 x);
__float128 atanq(__float128 x);
static inline quad quad_exp(quad x)
{
    return expq(x);
}
static inline quad quad_expm1(quad x)
{
    return expm1q(x);
}
static inline quad quad_log(quad x)
{
    return logq(x);
}
static inline quad quad_sqrt(quad x)
{
    return sqrtq(x);
}
static inline quad quad_erf(quad x)
{
    return erfq(x);
}
static inline quad quad_pi(void)
{
    return 4 * atanq(1);
}

#endif

static inline quad quad_abs(quad x)
{
    return x < 0 ? -x : x;
}

/** x^n for n >= 0 (0^0 = 1). */
static inline quad quad_power(quad x, int n)
{
    quad power = 1;
    for (; n > 0; n /= 2, x *= x)
        if (n % 2) power *= x;
    return power;
}

#endif
