/* SPDX-License-Identifier: BSD-3-Clause */
/** @file radial_methods.h
 *  Inside of radial_generator: what one basis supplies, and the two ways of evaluation that bases share. A new basis is
 *  one file with a set-up function and one row in the table of radial_generator.c. Only radial_*.c and their tests
 *  include this. */
#ifndef MLSOAP_RADIAL_METHODS_H
#define MLSOAP_RADIAL_METHODS_H

#include "math/quad.h"
#include "math/radial_table.h"

enum { RADIAL_N_MAX = 16, RADIAL_POLYNOMIAL_N_MAX = 10, RADIAL_L_MAX = 20 };

/** Sums over the functions, in the layout of radial_generator_evaluate: any of dR, d2R may be NULL together with those
 *  after it. */
typedef void (*radial_evaluation)(const radial_generator *g, double r, double *R, double *dR, double *d2R);

struct radial_generator {
    radial_settings settings;
    radial_evaluation evaluate;
    /* projection by quadrature (gaussians exact, polynomial) */
    int n_points;
    double *points; /**< t, [n_points] */
    double *shells; /**< 4 pi w t^2 g_n(t), [n_points][n_max], w the quadrature weight */
    /* closed sums (gto, collocation) */
    quad *parameters;   /**< gto: exponents [l_max + 1][n_max]; collocation: r_k [n_max] */
    quad *coefficients; /**< gto: [l_max + 1][n_max][k]; collocation: T^T, [n_max][k] */
};

/** What the set-up of a basis must fill in: `evaluate` and the arrays it uses. */
typedef mlsoap_status (*radial_setup)(radial_generator *g, mlsoap_error *error);

mlsoap_status radial_gaussians_exact_setup(radial_generator *g, mlsoap_error *error);
mlsoap_status radial_gaussians_collocation_setup(radial_generator *g, mlsoap_error *error);
mlsoap_status radial_gto_setup(radial_generator *g, mlsoap_error *error);
mlsoap_status radial_polynomial_setup(radial_generator *g, mlsoap_error *error);

/** Centers r_k = (k-1) R_b/n_max [n_max] of the equispaced Gaussians, their overlap S and the values C of each at the
 *  centers of the others, [n_max][n_max] (spec soap.md 8). */
void radial_gaussians_basis(const radial_settings *settings, quad *centers, quad *S, quad *C);
/** alpha_lk [l_max + 1][n_max] (soap.md 2) and the overlap S^l [n_max][n_max] of order l. */
void radial_gto_exponents(const radial_settings *settings, quad *alpha);
void radial_gto_overlap(int n_max, int l, const quad *alpha, quad *S);
/** S [n_max][n_max] of phi_k = (r_cut - r)^(k+2) (soap.md 3). */
void radial_polynomial_overlap(const radial_settings *settings, quad *S);

/** S = L L^T, L lower; S and L are different arrays. Errors: MLSOAP_ERROR_NUMERICS where the functions are so nearly
 *  dependent that not even 113 bits leave 10 correct digits; the message says what to change. */
mlsoap_status radial_cholesky(const radial_settings *settings, const quad *S, quad *L, mlsoap_error *error);
/** beta = S^(-1/2), the same errors. */
mlsoap_status radial_orthonormalize(const radial_settings *settings, const quad *S, quad *beta, mlsoap_error *error);

/** phi_k(t) for k = 0 ... n_max - 1, before orthonormalization. */
typedef void (*radial_functions)(const radial_settings *settings, quad t, quad *phi);

/** Make g an evaluation by quadrature with g_n = sum_k beta_nk phi_k: n_panels panels of equal width over [0, t_max]
 *  with n_rule Gauss-Legendre points each. */
mlsoap_status radial_projection_new(radial_generator *g, radial_functions functions, const quad *beta, quad t_max,
                                    int n_panels, int n_rule, mlsoap_error *error);

#endif
