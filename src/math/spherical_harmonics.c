/* SPDX-License-Identifier: BSD-3-Clause */
/* Real solid harmonics (spec soap.md 1): R_l,m = N_lm Q_lm A_m, R_l,-m = N_lm Q_lm B_m with
 *   A_m + i B_m = (x + i y)^m,   Q_lm = r^l P_l^m(z/r) / (x^2 + y^2)^(m/2) without the Condon-Shortley sign,
 *   dQ_lm/dx = -x Q_{l-1,m+1},   dQ_lm/dy = -y Q_{l-1,m+1},   dQ_lm/dz = (l+m) Q_{l-1,m}. */
#include "math/spherical_harmonics.h"

#include <math.h>
#include <stddef.h>

enum { N_PAIRS = (SPHERICAL_HARMONICS_L_MAX + 1) * (SPHERICAL_HARMONICS_L_MAX + 2) / 2 };

static int pair_index(int l, int m)
{
    return l * (l + 1) / 2 + m;
}

void spherical_harmonics_coefficients(int l_max, double *N)
{
    const double pi = 3.14159265358979323846;
    for (int l = 0; l <= l_max; ++l) {
        double factor = sqrt((2 * l + 1) / (4 * pi));
        N[pair_index(l, 0)] = factor;
        for (int m = 1; m <= l; ++m) {
            factor /= sqrt((double)((l + m) * (l - m + 1)));
            N[pair_index(l, m)] = sqrt(2.0) * factor;
        }
    }
}

static void legendre_part(int l_max, double z, double r2, double *Q)
{
    double diagonal = 1;
    for (int m = 0; m <= l_max; ++m) {
        if (m > 0) diagonal *= 2 * m - 1;
        Q[pair_index(m, m)] = diagonal;
        if (m < l_max) Q[pair_index(m + 1, m)] = (2 * m + 1) * z * diagonal;
        for (int l = m + 2; l <= l_max; ++l)
            Q[pair_index(l, m)] =
                ((2 * l - 1) * z * Q[pair_index(l - 1, m)] - (l + m - 1) * r2 * Q[pair_index(l - 2, m)]) / (l - m);
    }
}

static void azimuthal_part(int l_max, double x, double y, double *A, double *B)
{
    A[0] = 1;
    B[0] = 0;
    for (int m = 1; m <= l_max; ++m) {
        A[m] = x * A[m - 1] - y * B[m - 1];
        B[m] = x * B[m - 1] + y * A[m - 1];
    }
}

/* Gradients of the two functions with +m and -m (the same function for m = 0). */
static void gradient_of_pair(int l, int m, const double r[3], const double *N, const double *Q, const double *A,
                             const double *B, double *dR)
{
    double n = N[pair_index(l, m)], q = Q[pair_index(l, m)];
    double q_up = m + 1 <= l - 1 ? Q[pair_index(l - 1, m + 1)] : 0; /* outside the triangle Q = 0 */
    double q_z = m <= l - 1 ? (l + m) * Q[pair_index(l - 1, m)] : 0;
    double a_1 = m > 0 ? m * A[m - 1] : 0, b_1 = m > 0 ? m * B[m - 1] : 0;
    double *plus = dR + (size_t)(l * l + l + m) * 3, *minus = dR + (size_t)(l * l + l - m) * 3;
    if (m > 0) {
        minus[0] = n * (-r[0] * q_up * B[m] + q * b_1);
        minus[1] = n * (-r[1] * q_up * B[m] + q * a_1);
        minus[2] = n * q_z * B[m];
    }
    plus[0] = n * (-r[0] * q_up * A[m] + q * a_1);
    plus[1] = n * (-r[1] * q_up * A[m] - q * b_1);
    plus[2] = n * q_z * A[m];
}

void solid_harmonics(int l_max, const double r[3], double *R, double *dR)
{
    double N[N_PAIRS], Q[N_PAIRS];
    double A[SPHERICAL_HARMONICS_L_MAX + 1], B[SPHERICAL_HARMONICS_L_MAX + 1];
    spherical_harmonics_coefficients(l_max, N);
    legendre_part(l_max, r[2], r[0] * r[0] + r[1] * r[1] + r[2] * r[2], Q);
    azimuthal_part(l_max, r[0], r[1], A, B);
    for (int l = 0; l <= l_max; ++l) {
        for (int m = 0; m <= l; ++m) {
            double radial = N[pair_index(l, m)] * Q[pair_index(l, m)];
            R[l * l + l - m] = radial * B[m];
            R[l * l + l + m] = radial * A[m];
            if (dR) gradient_of_pair(l, m, r, N, Q, A, B, dR);
        }
    }
}

void spherical_harmonics(int l_max, const double u[3], double *Y)
{
    solid_harmonics(l_max, u, Y, NULL);
}
