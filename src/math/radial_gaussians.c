/* SPDX-License-Identifier: BSD-3-Clause */
/* Equispaced Gaussians phi_k(r) = exp(-a (r - r_k)^2), a = 1/(2 sigma^2), r_k = (k-1) R_b/n_max (spec soap.md 5 and 8),
 * in two ways:
 *   exact         g = S^(-1/2) phi, the density projected on g_n by quadrature;
 *   collocation   R_nl(r) = sum_k h_lk(r) T_kn, T = C^-1 L, S = L L^T, as QUIP does; the sum over k cancels when the
 *                 spacing is below sigma and is formed with 113 bits. */
#include "core/memory.h"
#include "math/bessel.h"
#include "math/quad_linalg.h"
#include "math/radial_methods.h"

/* Beyond the last center the functions are below exp(-50). */
static const double tail_over_sigma = 10;
/* 14 points per panel of 2 sigma integrate a product of two Gaussians to 1e-18. */
enum { SIGMA_PER_PANEL = 2, N_RULE = 14 };

static quad gaussian_exponent(const radial_settings *s)
{
    return 1 / (2 * (quad)s->sigma * s->sigma);
}

static quad center_spacing(const radial_settings *s)
{
    quad r_basis = s->r_cut;
    if (!isnan(s->basis_error_exponent))
        r_basis += s->sigma * quad_sqrt(2 * (quad)s->basis_error_exponent * quad_log(10));
    return r_basis / s->n_max;
}

/* integral_0^inf r^2 exp(-a (r - u)^2) exp(-a (r - v)^2) dr */
static quad overlap(quad a, quad u, quad v)
{
    quad sum = u + v, difference = u - v;
    quad boundary = quad_exp(-a * (u * u + v * v)) * quad_sqrt(2) * a * quad_sqrt(a) * sum;
    quad bulk = a * quad_exp(-a * difference * difference / 2) * quad_sqrt(quad_pi()) * (1 + a * sum * sum) *
                (1 + quad_erf(quad_sqrt(a / 2) * sum));
    return (boundary + bulk) / (a * a * quad_sqrt(128 * a));
}

void radial_gaussians_basis(const radial_settings *s, quad *centers, quad *S, quad *C)
{
    const int n = s->n_max;
    const quad a = gaussian_exponent(s), spacing = center_spacing(s);
    for (int k = 0; k < n; ++k) centers[k] = k * spacing;
    for (int i = 0; i < n; ++i) {
        for (int k = 0; k <= i; ++k) {
            quad difference = centers[i] - centers[k];
            S[i * n + k] = S[k * n + i] = overlap(a, centers[i], centers[k]);
            C[i * n + k] = C[k * n + i] = quad_exp(-a * difference * difference);
        }
    }
}

static void gaussians(const radial_settings *s, quad t, quad *phi)
{
    const quad a = gaussian_exponent(s), spacing = center_spacing(s);
    for (int k = 0; k < s->n_max; ++k) {
        quad x = t - k * spacing;
        phi[k] = quad_exp(-a * x * x);
    }
}

mlsoap_status radial_gaussians_exact_setup(radial_generator *g, mlsoap_error *error)
{
    quad centers[RADIAL_N_MAX], S[RADIAL_N_MAX * RADIAL_N_MAX], work[RADIAL_N_MAX * RADIAL_N_MAX];
    radial_gaussians_basis(&g->settings, centers, S, work);
    mlsoap_status status = radial_orthonormalize(&g->settings, S, work, error);
    if (status) return status;
    double sigma = g->settings.sigma, t_max = (double)centers[g->settings.n_max - 1] + tail_over_sigma * sigma;
    int n_panels = (int)ceil(t_max / (SIGMA_PER_PANEL * sigma));
    return radial_projection_new(g, gaussians, work, t_max, n_panels, N_RULE, error);
}

static void evaluate_collocation(const radial_generator *g, double r, double *R, double *dR, double *d2R)
{
    const int n_l = g->settings.l_max + 1, n_max = g->settings.n_max;
    const quad eta = gaussian_exponent(&g->settings);
    double *results[3] = {R, dR, d2R};
    quad h[3][RADIAL_N_MAX][RADIAL_L_MAX + 1];
    for (int k = 0; k < n_max; ++k)
        gaussian_shell_quad(n_l - 1, eta, r, g->parameters[k], h[0][k], dR ? h[1][k] : NULL, d2R ? h[2][k] : NULL);
    for (int order = 0; order < 3 && results[order]; ++order) {
        for (int l = 0; l < n_l; ++l) {
            for (int n = 0; n < n_max; ++n) {
                quad sum = 0;
                for (int k = 0; k < n_max; ++k) sum += h[order][k][l] * g->coefficients[n * n_max + k];
                results[order][l * n_max + n] = (double)sum;
            }
        }
    }
}

mlsoap_status radial_gaussians_collocation_setup(radial_generator *g, mlsoap_error *error)
{
    const int n = g->settings.n_max;
    const size_t n_squared = (size_t)n * (size_t)n;
    quad S[RADIAL_N_MAX * RADIAL_N_MAX], C[RADIAL_N_MAX * RADIAL_N_MAX];
    quad T[RADIAL_N_MAX * RADIAL_N_MAX], root[RADIAL_N_MAX * RADIAL_N_MAX]; /* C = root root^T */
    g->parameters = MEMORY_NEW(quad, (size_t)n);
    g->coefficients = MEMORY_NEW(quad, n_squared);
    if (!g->parameters || !g->coefficients) return status_no_memory(error, n_squared * sizeof(quad), "a radial basis");
    radial_gaussians_basis(&g->settings, g->parameters, S, C);
    mlsoap_status status = radial_cholesky(&g->settings, S, T, error);
    if (!status) status = radial_cholesky(&g->settings, C, root, error);
    if (status) return status;
    quad_cholesky_solve(n, root, n, T); /* T held L before */
    for (int k = 0; k < n; ++k)
        for (int i = 0; i < n; ++i) g->coefficients[i * n + k] = T[k * n + i];
    g->evaluate = evaluate_collocation;
    return MLSOAP_SUCCESS;
}
