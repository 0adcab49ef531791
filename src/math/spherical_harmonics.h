/* SPDX-License-Identifier: BSD-3-Clause */
/** @file spherical_harmonics.h
 *  Real orthonormal spherical harmonics Y_lm and solid harmonics R_lm(r) = |r|^l Y_lm(r/|r|), l <= 20, by recursion
 *  without angles, regular everywhere (spec soap.md 1). Index order (l, m) = (0,0), (1,-1), (1,0), (1,1), (2,-2) ...:
 *  l*l + l + m, (l_max + 1)^2 values. Plain C, any length: the oracle of the kernels. Thread-safe. */
#ifndef MLSOAP_SPHERICAL_HARMONICS_H
#define MLSOAP_SPHERICAL_HARMONICS_H

enum { SPHERICAL_HARMONICS_L_MAX = 20 };

/** Y_lm of the unit vector u, Y [(l_max + 1)^2]. */
void spherical_harmonics(int l_max, const double u[3], double *Y);

/** R_lm(r), R [(l_max + 1)^2], and its gradient, dR [(l_max + 1)^2][3] or NULL. */
void solid_harmonics(int l_max, const double r[3], double *R, double *dR);

/** The normalization N_lm = sqrt((2l+1)/(4 pi) (l-m)!/(l+m)!) (sqrt 2 times that for m > 0) of the recursion
 *  Y_l,+-m = N_lm Q_lm {A_m, B_m}, m = 0 ... l, N [(l_max + 1)(l_max + 2)/2], index l (l + 1)/2 + m. */
void spherical_harmonics_coefficients(int l_max, double *N);

#endif
