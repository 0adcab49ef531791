/* SPDX-License-Identifier: BSD-3-Clause */
/* Scaled modified spherical Bessel functions; see bessel.h. */
#include "math/bessel.h"

#define REAL          double
#define REAL_EXP      exp
#define REAL_EXPM1    expm1
#define LOG_PRECISION 37.0
#define NAME(x)       x
#include "math/bessel_impl.h"
#undef REAL
#undef REAL_EXP
#undef REAL_EXPM1
#undef LOG_PRECISION
#undef NAME

#define REAL          quad
#define REAL_EXP      quad_exp
#define REAL_EXPM1    quad_expm1
#define LOG_PRECISION 80.0
#define NAME(x)       x##_quad
#include "math/bessel_impl.h"
