/* SPDX-License-Identifier: BSD-3-Clause */
/* R_nl(r) = 4 pi int t^2 g_n(t) exp(-eta (t^2 + r^2)) i_l(2 eta t r) dt by a fixed quadrature rule. The g_n at the
 * points are formed with 113 bits and rounded once; the rest is a sum of positive terms times g_n and loses nothing. */
#include "core/memory.h"
#include "math/bessel.h"
#include "math/quad_linalg.h"
#include "math/quadrature.h"
#include "math/radial_methods.h"

#include <string.h>

enum { MAX_RULE = 100 };

/* A shell with eta (t - r)^2 above this contributes below 1e-26 of the nearest ones. */
static const double negligible_exponent = 60;

static void add_shell(int n_l, int n_max, const double *h, const double *shell, double *sum)
{
    for (int l = 0; l < n_l; ++l)
        for (int n = 0; n < n_max; ++n) sum[l * n_max + n] += h[l] * shell[n];
}

static void evaluate_projection(const radial_generator *g, double r, double *R, double *dR, double *d2R)
{
    const int n_l = g->settings.l_max + 1, n_max = g->settings.n_max;
    const double eta = 0.5 / (g->settings.sigma * g->settings.sigma);
    double h[RADIAL_L_MAX + 1], dh[RADIAL_L_MAX + 1], d2h[RADIAL_L_MAX + 1];
    const size_t bytes = (size_t)(n_l * n_max) * sizeof *R;
    memset(R, 0, bytes);
    if (dR) memset(dR, 0, bytes);
    if (d2R) memset(d2R, 0, bytes);
    for (int i = 0; i < g->n_points; ++i) {
        double t = g->points[i];
        if (eta * (t - r) * (t - r) > negligible_exponent) continue;
        const double *shell = g->shells + (size_t)i * (size_t)n_max;
        gaussian_shell(n_l - 1, eta, r, t, h, dR ? dh : NULL, d2R ? d2h : NULL);
        add_shell(n_l, n_max, h, shell, R);
        if (dR) add_shell(n_l, n_max, dh, shell, dR);
        if (d2R) add_shell(n_l, n_max, d2h, shell, d2R);
    }
}

static void fill_shell(const radial_generator *g, radial_functions functions, const quad *beta, quad t, quad weight,
                       double *shell)
{
    const int n_max = g->settings.n_max;
    quad phi[RADIAL_N_MAX];
    functions(&g->settings, t, phi);
    for (int n = 0; n < n_max; ++n) {
        quad sum = 0;
        for (int k = 0; k < n_max; ++k) sum += beta[n * n_max + k] * phi[k];
        shell[n] = (double)(4 * quad_pi() * weight * t * t * sum);
    }
}

mlsoap_status radial_projection_new(radial_generator *g, radial_functions functions, const quad *beta, quad t_max,
                                    int n_panels, int n_rule, mlsoap_error *error)
{
    quad nodes[MAX_RULE], weights[MAX_RULE];
    const size_t n_max = (size_t)g->settings.n_max, n_points = (size_t)n_panels * (size_t)n_rule;
    const size_t n_values = n_points * n_max;
    g->points = MEMORY_NEW(double, n_points);
    g->shells = MEMORY_NEW(double, n_values);
    if (!g->points || !g->shells) return status_no_memory(error, n_values * sizeof(double), "a radial basis");
    gauss_legendre(n_rule, nodes, weights);
    const quad half = t_max / (2 * n_panels);
    for (int panel = 0; panel < n_panels; ++panel) {
        for (int i = 0; i < n_rule; ++i) {
            size_t point = (size_t)panel * (size_t)n_rule + (size_t)i;
            quad t = half * (2 * panel + 1 + nodes[i]);
            g->points[point] = (double)t;
            fill_shell(g, functions, beta, t, half * weights[i], g->shells + point * n_max);
        }
    }
    g->n_points = (int)n_points;
    g->evaluate = evaluate_projection;
    return MLSOAP_SUCCESS;
}
