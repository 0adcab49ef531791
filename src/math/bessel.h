/* SPDX-License-Identifier: BSD-3-Clause */
/** @file bessel.h
 *  Modified spherical Bessel functions of the first kind i_l, i_0(x) = sinh(x)/x, in the form j_l(x) = e^-x i_l(x)/x^l,
 *  which neither overflows nor is singular (j_l(0) = 1/(2l+1)!!), and the Gaussian density projected on a shell, which
 *  is made of them. In double and with 113 bits. Thread-safe. */
#ifndef MLSOAP_BESSEL_H
#define MLSOAP_BESSEL_H

#include "math/quad.h"

enum { BESSEL_L_MAX = 22 };

/** j_l(x) for l = 0 ... l_max <= BESSEL_L_MAX at 0 <= x <= 1e12, j [l_max + 1]; every value to a few units of the
 *  precision. Downward recursion j_(l-1) = (2l+1) j_l + x^2 j_(l+1) (stable; no division, hence regular at 0), upward
 *  where x is so large that it is stable too. */
void bessel_scaled(int l_max, double x, double *j);
void bessel_scaled_quad(int l_max, quad x, quad *j);

/** h_l(r) = exp(-eta (r^2 + t^2)) i_l(2 eta r t), that is 1/(4 pi) of the (l, m) component on the shell of radius t of
 * a Gaussian exp(-eta |x - r|^2) centered at distance r (without Y_lm), and dh/dr, d2h/dr2; [l_max + 1] each, l_max <=
 * BESSEL_L_MAX - 2. dh and d2h may be NULL. Regular at r = 0 and t = 0. */
void gaussian_shell(int l_max, double eta, double r, double t, double *h, double *dh, double *d2h);
void gaussian_shell_quad(int l_max, quad eta, quad r, quad t, quad *h, quad *dh, quad *d2h);

#endif
