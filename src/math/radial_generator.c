/* SPDX-License-Identifier: BSD-3-Clause */
/* Radial functions R_nl(r), direct evaluation: checks, dispatch and what the bases share. See radial_table.h. */
#include "core/memory.h"
#include "math/quad_linalg.h"
#include "math/radial_methods.h"

typedef struct basis_entry {
    const char *name;
    int n_max_limit;
    double r_cut_above; /* r_cut must be greater than this */
    double sigma_min;   /* of sigma/r_cut: what the basis' quadrature rule resolves */
    radial_setup setup;
} basis_entry;

static const basis_entry basis_table[] = {
    [RADIAL_GAUSSIANS_EXACT] = {"gaussians", RADIAL_N_MAX, 0, 0, radial_gaussians_exact_setup},
    [RADIAL_GAUSSIANS_COLLOCATION] = {"gaussians", RADIAL_N_MAX, 0, 0, radial_gaussians_collocation_setup},
    [RADIAL_GTO] = {"gto", RADIAL_N_MAX, 1, 0, radial_gto_setup},
    [RADIAL_POLYNOMIAL] = {"polynomial", RADIAL_POLYNOMIAL_N_MAX, 0, 0.02, radial_polynomial_setup},
};

enum { N_BASES = sizeof basis_table / sizeof *basis_table };

/* Bounds the size of a table: it has 20 to 40 nodes per sigma. */
static const double max_r_over_sigma = 400;
/* Of each function, the part (squared) that the functions before it do not span: 113 bits then leave 10 digits in the
 * orthonormal functions. */
static const double min_independence = 1e-23;

static mlsoap_status check_lengths(const radial_settings *s, const basis_entry *basis, mlsoap_error *error)
{
    if (!(s->r_cut > basis->r_cut_above) || !isfinite(s->r_cut))
        return status_fail(error, MLSOAP_ERROR_VALUE, "radial basis %s: r_cut is %g A; it must be finite and > %g A",
                           basis->name, s->r_cut, basis->r_cut_above);
    if (!(s->r_max > 0) || !isfinite(s->r_max))
        return status_fail(error, MLSOAP_ERROR_VALUE, "radial basis %s: r_max is %g A; it must be finite and > 0",
                           basis->name, s->r_max);
    double r_large = s->r_max > s->r_cut ? s->r_max : s->r_cut;
    if (!(s->sigma >= r_large / max_r_over_sigma) || !(s->sigma >= basis->sigma_min * s->r_cut) || !isfinite(s->sigma))
        return status_fail(error, MLSOAP_ERROR_VALUE,
                           "radial basis %s: sigma is %g A; it must be finite and >= %g A with r_cut %g A", basis->name,
                           s->sigma, fmax(r_large / max_r_over_sigma, basis->sigma_min * s->r_cut), s->r_cut);
    return MLSOAP_SUCCESS;
}

static mlsoap_status check_settings(const radial_settings *s, mlsoap_error *error)
{
    if ((int)s->basis < 0 || (int)s->basis >= N_BASES)
        return status_fail(error, MLSOAP_ERROR_VALUE, "radial basis number %d does not exist", (int)s->basis);
    const basis_entry *basis = &basis_table[s->basis];
    if (s->n_max < 1 || s->n_max > basis->n_max_limit)
        return status_fail(error, MLSOAP_ERROR_VALUE, "radial basis %s: n_max is %d; it must be 1 ... %d", basis->name,
                           s->n_max, basis->n_max_limit);
    if (s->l_max < 0 || s->l_max > RADIAL_L_MAX)
        return status_fail(error, MLSOAP_ERROR_VALUE, "radial basis %s: l_max is %d; it must be 0 ... %d", basis->name,
                           s->l_max, RADIAL_L_MAX);
    if (!isnan(s->basis_error_exponent) && !(s->basis_error_exponent >= 0 && s->basis_error_exponent <= 100))
        return status_fail(error, MLSOAP_ERROR_VALUE,
                           "radial basis %s: basis_error_exponent is %g; it must be 0 ... 100, or none", basis->name,
                           s->basis_error_exponent);
    return check_lengths(s, basis, error);
}

mlsoap_status radial_cholesky(const radial_settings *s, const quad *S, quad *L, mlsoap_error *error)
{
    const int n = s->n_max;
    quad smallest = 0;
    if (quad_cholesky(n, S, L)) {
        smallest = 1;
        for (int k = 0; k < n; ++k) {
            quad part = L[k * n + k] * L[k * n + k] / S[k * n + k];
            if (part < smallest) smallest = part;
        }
    }
    if (smallest >= min_independence) return MLSOAP_SUCCESS;
    return status_fail(error, MLSOAP_ERROR_NUMERICS,
                       "radial basis %s: the %d functions are linearly dependent to within rounding (independent part "
                       "%.0e, at least %.0e is needed) at r_cut %g A and sigma %g A; use a smaller n_max or sigma",
                       basis_table[s->basis].name, n, (double)smallest, min_independence, s->r_cut, s->sigma);
}

mlsoap_status radial_orthonormalize(const radial_settings *s, const quad *S, quad *beta, mlsoap_error *error)
{
    mlsoap_status status = radial_cholesky(s, S, beta, error);
    if (!status && !quad_inverse_sqrt(s->n_max, S, beta))
        status = status_fail(error, MLSOAP_ERROR_NUMERICS, "radial basis %s: the overlap matrix is not positive",
                             basis_table[s->basis].name);
    return status;
}

mlsoap_status radial_generator_new(const radial_settings *settings, radial_generator **out, mlsoap_error *error)
{
    *out = NULL;
    mlsoap_status status = check_settings(settings, error);
    if (status) return status;
    radial_generator *g = MEMORY_NEW(radial_generator, 1);
    if (!g) return status_no_memory(error, sizeof *g, "a radial basis");
    g->settings = *settings;
    status = basis_table[settings->basis].setup(g, error);
    if (status) {
        radial_generator_free(g);
        return status;
    }
    *out = g;
    return MLSOAP_SUCCESS;
}

void radial_generator_free(radial_generator *g)
{
    if (!g) return;
    memory_free(g->points);
    memory_free(g->shells);
    memory_free(g->parameters);
    memory_free(g->coefficients);
    memory_free(g);
}

void radial_generator_evaluate(const radial_generator *g, double r, double *R, double *dR, double *d2R)
{
    double value[(RADIAL_L_MAX + 1) * RADIAL_N_MAX], first[(RADIAL_L_MAX + 1) * RADIAL_N_MAX];
    if (!R) R = value;
    if (!dR && d2R) dR = first;
    g->evaluate(g, r, R, dR, d2R);
}
