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

enum { RADIAL_PIECE_ROWS = 6, RADIAL_PIECE_WIDTH = 8 };

/** Quintic Hermite interpolation between equispaced nodes over [0, r_max], kept as the polynomial of each interval:
 *  R(r) = sum_k piece[k] u^k with u = r/spacing - interval. Channels stand in groups of 8, so that an interval is one
 *  stream through memory: pieces[interval][channel / 8][k][channel % 8]. */
typedef struct radial_table {
    radial_settings settings;
    int n_padded;   /**< n_max rounded up to a multiple of 8 */
    int n_channels; /**< (l_max + 1) * n_padded; channel [l][n], padding 0 */
    int n_intervals;
    double spacing, inverse_spacing;
    double *pieces; /**< [n_intervals][n_channels / 8][6][8] */
    double *center; /**< [n_padded]: R_n0(0), what the central atom contributes (times Y_00 = 1/sqrt(4 pi)) */
    double error;   /**< largest |table - generator| found between nodes, relative to max |R_nl| of its (n, l) */
} radial_table;

/** Chooses the spacing so that `error` is below 2e-11. */
mlsoap_status radial_table_new(const radial_settings *settings, radial_table **out, mlsoap_error *error);
void radial_table_free(radial_table *t);

/** Interval of r in [0, r_max] and *u in [0, 1] in it. */
static inline int radial_table_interval(const radial_table *t, double r, double *u)
{
    double x = r * t->inverse_spacing;
    int i = (int)x;
    if (i > t->n_intervals - 1) i = t->n_intervals - 1;
    *u = x - i;
    return i;
}

/** Polynomials of an interval. */
static inline const double *radial_table_pieces(const radial_table *t, int i_interval)
{
    return t->pieces + (size_t)i_interval * RADIAL_PIECE_ROWS * (size_t)t->n_channels;
}

/** R and spacing dR/dr of all channels at r, each [n_channels]. */
void radial_table_evaluate(const radial_table *t, double r, double *R, double *dR);

#endif
