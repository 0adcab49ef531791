/* SPDX-License-Identifier: BSD-3-Clause */
/* Polynomial radial basis phi_k(r) = (r_cut - r)^(k+2) for r <= r_cut, k = 1 ... n_max (spec soap.md 3), integrated as
 * DScribe does, by the 100-point Gauss-Legendre rule. */
#include "math/radial_methods.h"

enum { N_RULE = 100 };

void radial_polynomial_overlap(const radial_settings *settings, quad *S)
{
    const int n = settings->n_max;
    for (int i = 0; i < n; ++i) {
        for (int k = 0; k < n; ++k) {
            int p = i + k + 2; /* k + k' of the specification, which counts from 1 */
            S[i * n + k] = 2 * quad_power(settings->r_cut, 7 + p) / ((quad)(5 + p) * (6 + p) * (7 + p));
        }
    }
}

static void polynomials(const radial_settings *settings, quad t, quad *phi)
{
    quad y = settings->r_cut - t, power = y * y * y;
    for (int k = 0; k < settings->n_max; ++k, power *= y) phi[k] = power;
}

mlsoap_status radial_polynomial_setup(radial_generator *g, mlsoap_error *error)
{
    quad S[RADIAL_N_MAX * RADIAL_N_MAX], beta[RADIAL_N_MAX * RADIAL_N_MAX];
    radial_polynomial_overlap(&g->settings, S);
    mlsoap_status status = radial_orthonormalize(&g->settings, S, beta, error);
    if (status) return status;
    return radial_projection_new(g, polynomials, beta, g->settings.r_cut, 1, N_RULE, error);
}
