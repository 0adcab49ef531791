/* SPDX-License-Identifier: BSD-3-Clause */
/** @file radial_table.h
 *  Radial functions R_nl(r) of the SOAP density expansion, one generator per basis, and their tables.
 *
 *  c_nlm = sum_j w(r_j) R_nl(r_j) Y_lm(r_j/|r_j|), so R_nl holds the radial basis, the Gaussian density and every
 *  constant of spec soap.md 1 to 3, 5 and 8, but neither the weight w(r) nor the cutoff function: a table without the
 *  cutoff function converges with the sixth power of its spacing, one with it does not.
 *  A basis is set up with 113 bits of mantissa and rounded once. */
#ifndef MLSOAP_RADIAL_TABLE_H
#define MLSOAP_RADIAL_TABLE_H

#include "core/status.h"

typedef enum radial_basis {
    RADIAL_GAUSSIANS_EXACT,       /**< equispaced Gaussians, exact projection: 4 pi int t^2 g_n(t) ... i_l dt */
    RADIAL_GAUSSIANS_COLLOCATION, /**< the same, QUIP's interpolation: sum_k h_lk(r) T_kn */
    RADIAL_GTO,
    RADIAL_POLYNOMIAL
} radial_basis;

typedef struct radial_settings {
    radial_basis basis;
    double r_cut;                /**< of the basis, Angstrom */
    int n_max, l_max;            /**< n_max <= 16 (polynomial 10), l_max <= 20 */
    double sigma;                /**< width of the atomic density, Angstrom */
    double basis_error_exponent; /**< Gaussians: R_b = r_cut + sigma sqrt(2 e ln 10) (QUIP); NAN: R_b = r_cut */
    double r_max;                /**< largest r at which R is needed; >= r_cut in mode D, r_cut otherwise */
} radial_settings;

/** A generator: evaluates R directly. The table is made from it, and it is the oracle of the table. */
typedef struct radial_generator radial_generator;

/** Errors: MLSOAP_ERROR_VALUE (settings out of range, GTO with r_cut <= 1), _NUMERICS (overlap matrix not positive),
 *  _MEMORY. */
mlsoap_status radial_generator_new(const radial_settings *settings, radial_generator **out, mlsoap_error *error);
void radial_generator_free(radial_generator *g);
/** R, dR/dr and d2R/dr2 at r >= 0, each [l_max + 1][n_max]; NULL skips one. Finite and exact at r = 0. */
void radial_generator_evaluate(const radial_generator *g, double r, double *R, double *dR, double *d2R);

/** Quintic Hermite table on equispaced nodes over [0, r_max]. */
typedef struct radial_table {
    radial_settings settings;
    int n_padded;   /**< n_max rounded up to a multiple of 8 */
    int n_channels; /**< (l_max + 1) * n_padded; channel [l][n], padding 0 */
    int n_nodes;
    double spacing, inverse_spacing;
    double *nodes;  /**< [n_nodes][3][n_channels]: R, spacing dR/dr, spacing^2 d2R/dr2 */
    double *center; /**< [n_padded]: R_n0(0), what the central atom contributes (times Y_00 = 1/sqrt(4 pi)) */
    double error;   /**< largest |table - generator| found between nodes, relative to max |R_nl| of its (n, l) */
} radial_table;

/** Chooses the spacing so that `error` is below 2e-11. */
mlsoap_status radial_table_new(const radial_settings *settings, radial_table **out, mlsoap_error *error);
void radial_table_free(radial_table *t);

/** The six quintic Hermite weights of value and derivative (d/dr) at r: R(r) = sum_k w[k] row_k over the rows
 *  (value, first, second) of node i and of node i + 1, that is rows nodes[i] ... nodes[i] + 5 n_channels. */
static inline int radial_table_weights(const radial_table *t, double r, double w[6], double dw[6])
{
    double x = r * t->inverse_spacing;
    int i = (int)x;
    if (i > t->n_nodes - 2) i = t->n_nodes - 2;
    double u = x - i, v = 1 - u, u2 = u * u, v2 = v * v, u3 = u2 * u, v3 = v2 * v;
    w[0] = v3 * (1 + 3 * u + 6 * u2);
    w[1] = v3 * u * (1 + 3 * u);
    w[2] = 0.5 * v3 * u2;
    w[3] = u3 * (1 + 3 * v + 6 * v2);
    w[4] = -u3 * v * (1 + 3 * v);
    w[5] = 0.5 * u3 * v2;
    double s = t->inverse_spacing;
    dw[0] = -30 * u2 * v2 * s;
    dw[1] = v2 * (1 + 2 * u - 15 * u2) * s;
    dw[2] = 0.5 * u * v2 * (2 - 5 * u) * s;
    dw[3] = 30 * u2 * v2 * s;
    dw[4] = u2 * (1 + 2 * v - 15 * v2) * s;
    dw[5] = 0.5 * v * u2 * (5 * v - 2) * s;
    return i;
}

#endif
