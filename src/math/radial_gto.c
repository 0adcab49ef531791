/* SPDX-License-Identifier: BSD-3-Clause */
/* Radial basis of Gaussian type orbitals, phi_lk(r) = r^l exp(-alpha_lk r^2), orthonormalized by S^(-1/2) for each l;
 * the projection of the density is closed (spec soap.md 2):
 *   R_nl(r) = r^l G_nl(r),   G_nl = (pi/eta)^(3/2) sum_k beta_nk q_k^-(l+3/2) exp(-alpha_k r^2/q_k),   q = 1 +
 * alpha/eta. The sum over k cancels more the larger n_max is: it is formed with 113 bits. */
#include "core/memory.h"
#include "math/quad_linalg.h"
#include "math/radial_methods.h"

void radial_gto_exponents(const radial_settings *s, quad *alpha)
{
    const quad three_ln_10 = 3 * quad_log(10);
    for (int k = 0; k < s->n_max; ++k) {
        quad a = s->n_max > 1 ? 1 + ((quad)s->r_cut - 1) * k / (s->n_max - 1) : 1;
        quad log_a = quad_log(a);
        for (int l = 0; l <= s->l_max; ++l) alpha[l * s->n_max + k] = (three_ln_10 + l * log_a) / (a * a);
    }
}

/* x^-(l + 3/2) */
static quad decay_power(quad x, int l)
{
    return 1 / (quad_power(x, l + 1) * quad_sqrt(x));
}

void radial_gto_overlap(int n_max, int l, const quad *alpha, quad *S)
{
    quad half_gamma = quad_sqrt(quad_pi()) / 4; /* Gamma(l + 3/2)/2 */
    for (int i = 1; i <= l; ++i) half_gamma *= i + (quad)0.5;
    for (int i = 0; i < n_max; ++i)
        for (int k = 0; k < n_max; ++k)
            S[i * n_max + k] = half_gamma * decay_power(alpha[l * n_max + i] + alpha[l * n_max + k], l);
}

/* sums[j][n] = sum_k c_nk (-gamma_k)^j exp(-gamma_k r^2): G and its derivatives by r^2. */
static void gto_sums(int n_max, int n_sums, const quad *gamma, const quad *c, quad square, double sums[3][RADIAL_N_MAX])
{
    quad terms[3][RADIAL_N_MAX];
    for (int k = 0; k < n_max; ++k) {
        terms[0][k] = quad_exp(-gamma[k] * square);
        for (int j = 1; j < n_sums; ++j) terms[j][k] = -gamma[k] * terms[j - 1][k];
    }
    for (int j = 0; j < n_sums; ++j) {
        for (int n = 0; n < n_max; ++n) {
            quad sum = 0;
            for (int k = 0; k < n_max; ++k) sum += c[n * n_max + k] * terms[j][k];
            sums[j][n] = (double)sum;
        }
    }
}

static void evaluate_gto(const radial_generator *g, double r, double *R, double *dR, double *d2R)
{
    const int n_max = g->settings.n_max, n_sums = d2R ? 3 : dR ? 2 : 1;
    double s[3][RADIAL_N_MAX];
    double power = 1, power_1 = 0, power_2 = 0; /* r^l, r^(l-1), r^(l-2) */
    for (int l = 0; l <= g->settings.l_max; ++l) {
        gto_sums(n_max, n_sums, g->parameters + l * n_max, g->coefficients + l * n_max * n_max, (quad)r * r, s);
        for (int n = 0; n < n_max; ++n) {
            int i = l * n_max + n;
            R[i] = power * s[0][n];
            if (dR) dR[i] = l * power_1 * s[0][n] + 2 * r * power * s[1][n];
            if (d2R)
                d2R[i] = l * (l - 1) * power_2 * s[0][n] + power * (2 * (2 * l + 1) * s[1][n] + 4 * r * r * s[2][n]);
        }
        power_2 = power_1;
        power_1 = power;
        power *= r;
    }
}

mlsoap_status radial_gto_setup(radial_generator *g, mlsoap_error *error)
{
    const radial_settings *s = &g->settings;
    const int n_max = s->n_max;
    const size_t n_exponents = (size_t)(s->l_max + 1) * (size_t)n_max;
    quad S[RADIAL_N_MAX * RADIAL_N_MAX], beta[RADIAL_N_MAX * RADIAL_N_MAX];
    g->parameters = MEMORY_NEW(quad, n_exponents);
    g->coefficients = MEMORY_NEW(quad, n_exponents * (size_t)n_max);
    if (!g->parameters || !g->coefficients)
        return status_no_memory(error, n_exponents * (size_t)n_max * sizeof(quad), "a radial basis");
    const quad eta = 1 / (2 * (quad)s->sigma * s->sigma), pi_over_eta = quad_pi() / eta;
    const quad prefactor = pi_over_eta * quad_sqrt(pi_over_eta);
    radial_gto_exponents(s, g->parameters);
    for (int l = 0; l <= s->l_max; ++l) {
        quad *alpha = g->parameters + l * n_max, *c = g->coefficients + l * n_max * n_max;
        radial_gto_overlap(n_max, l, g->parameters, S);
        mlsoap_status status = radial_orthonormalize(s, S, beta, error);
        if (status) return status;
        for (int k = 0; k < n_max; ++k) {
            quad q = 1 + alpha[k] / eta, factor = prefactor * decay_power(q, l);
            for (int n = 0; n < n_max; ++n) c[n * n_max + k] = factor * beta[n * n_max + k];
        }
    }
    for (size_t i = 0; i < n_exponents; ++i) g->parameters[i] /= 1 + g->parameters[i] / eta;
    g->evaluate = evaluate_gto;
    return MLSOAP_SUCCESS;
}
