/* SPDX-License-Identifier: BSD-3-Clause */
/** @file kernels.h
 *  The hot loops, written once (the *_kernels_impl.h beside this), compiled once per instruction set and chosen once at
 *  run time. The scalar build is the specification: every other one equals it to rounding. Their inner loops have
 *  constant counts, the size of a tile of registers, of which every (n_max, l_max) is made up.
 *
 *  Layouts (all arrays 64-byte aligned, n_padded a multiple of 8 and zero beyond n_max):
 *    neighbors of one center and one species, padded to chunks of 8: r, w, ... [n_chunks * 8]
 *    Y[chunk][lm][8]       w times real spherical harmonics, (l,m) = (0,0),(1,-1),(1,0),(1,1),...: index l*l + l + m
 *    R[neighbor][l][n_padded]  radial functions R_nl(r) without weight,  dR = spacing of the table times dR/dr
 *    c[lm][n_padded]       density coefficients of one channel; cbar likewise dE/dc
 *    fields[3][l_max^2][n_padded]  dE/dc carried to degree l - 1 by the gradient of the solid harmonics */
#ifndef MLSOAP_KERNELS_H
#define MLSOAP_KERNELS_H

#include "kernels/acsf_kernels.h"
#include "kernels/activation_kernels.h"
#include "math/cutoff_function.h"
#include "math/radial_table.h"

/** Arrays are padded to multiples of this. */
enum { LANES = 8 };

/** Recursion of the normalized associated Legendre functions (spec soap.md 1): P_lm = a_lm z P_(l-1)m + b_lm P_(l-2)m.
 */
typedef struct harmonics_recursion {
    int l_max;
    double a[21][21], b[21][21]; /**< [l][m], m < l */
    double diagonal[21];         /**< P_mm, with sqrt 2 for m > 0 */
    /* Not normalized: q_lm = d^m P_l(z)/dz^m, q_mm = leading, q_lm = along z q_(l-1)m - back q_(l-2)m; Y_lm is
     * norm q_lm times (x + i y)^m's real (m >= 0) or imaginary part. */
    double along[21][21], back[21][21], leading[21];
    double norm[21 * 21]; /**< [lm] */
} harmonics_recursion;

/** Neighbors of one center and one species as the forces need them: unit vectors, 1/r, w, dw/dr, R, dR. */
typedef struct soap_neighbors {
    const double *ux, *uy, *uz, *inverse_r, *w, *dw, *R, *dR;
} soap_neighbors;

/** One entry of the gradient of the solid harmonics: dR_source/d alpha contains coefficient * R_target. */
typedef struct gradient_entry {
    int target; /**< alpha * l_max^2 + index of (l - 1, m') */
    int source; /**< index of (l, m) */
    double coefficient;
} gradient_entry;

/** A term of a sum over rows of lanes: coefficient times a row. */
typedef struct gaunt_term {
    int row;
    double coefficient;
} gaunt_term;

/** Product of fields of degrees l1 <= l2 expanded in harmonics of all l3 >= l2 that the block has: rows are the (l3,
 * m3) one after the other, columns m1 n2 + m2; of one degree (symmetric) those of m1 <= m2 alone. */
typedef struct gaunt_fold {
    int n1, n2, symmetric; /**< 2 l1 + 1, 2 l2 + 1 */
    int n_rows;
    int *start;      /**< [n_rows + 1] into terms: sums over columns */
    int *back_start; /**< [n1 n2 + 1] into back_terms: sums over rows */
    gaunt_term *terms, *back_terms;
} gaunt_fold;

/** Two channels k1 <= k2 of the block; x, y: first rows of d; their T from first_row on. */
typedef struct bispectrum_pair {
    int fold, x, y, first_row, first_third, end_third;
} bispectrum_pair;

/** A third channel k3 >= k2, hence a feature: B = scale sum_m T[row + m] d[z + m], n_m of them. Those of one
 *  pair and one l3 follow each other. */
typedef struct bispectrum_third {
    int feature, row, z, n_m;
    double scale;
} bispectrum_third;

/** How the bispectrum is computed, in blocks of 16 centers, one a lane: arrays [row][16]. */
typedef struct bispectrum_plan {
    int n_channels, l_max; /**< A, L */
    int n_pairs, n_rows;   /**< n_rows: of T in all */
    gaunt_fold *folds;
    bispectrum_pair *pairs;
    bispectrum_third *thirds;
    int n_fields;                /**< A L */
    int *third_start, *by_third; /**< [n_fields + 1] into by_third: indices of thirds by their field */
    int *place;                  /**< [(l, m), l >= 1][A] row of d */
    double *U;                   /**< [L][A][n_padded] */
    int n_lanes;                 /**< (L + 1)^2 - 1 rounded up to a multiple of 8 */
    double *U_lanes;             /**< [A][n_padded][n_lanes]: the same for each (l, m) */
} bispectrum_plan;

typedef struct kernels {
    const char *isa;

    /** w(r) and dw/dr of n (multiple of 8) distances; 0 beyond the cutoff. */
    void (*soap_weights)(const cutoff_function *f, int n, const double *r, double *w, double *dw);

    /** Vectors of n (multiple of 8) neighbors, none of length 0, into lengths, their inverses and, in place, unit
     *  vectors. */
    void (*soap_geometry)(int n, double *x, double *y, double *z, double *r, double *inverse_r);

    /** Y of unit vectors with the weights w. */
    void (*soap_harmonics)(const harmonics_recursion *h, int n_chunks, const double *ux, const double *uy,
                           const double *uz, const double *w, double *Y);

    /** R and dR of the n neighbors in `order` from the table; in order of distance they reread it least. */
    void (*soap_radial)(const radial_table *table, int n, const int *order, const double *r, double *R, double *dR);

    /** c += sum over the n_neighbors of a bucket of R Y. */
    void (*soap_density)(int l_max, int n_padded, int n_neighbors, const double *Y, const double *R, double *c);

    /** y[n] = sum_k u[k stride] x[k][n], n a multiple of 8. */
    void (*combine)(int n_terms, const double *u, int stride, size_t n, const double *x, double *y);

    /** p_nn'l = prefactor_l sum_m ca_nlm cb_n'lm, order l, n, n'; packed: n' >= n only. */
    void (*soap_power)(int l_max, int n_max, int n_padded, int packed, const double *prefactors, const double *ca,
                       const double *cb, double *p);

    /** cbar_a, cbar_b += adjoint of soap_power for g = dE/dp. Packed: ca = cb and only cbar_a is used. */
    void (*soap_power_adjoint)(int l_max, int n_max, int n_padded, int packed, const double *prefactors,
                               const double *g, const double *ca, const double *cb, double *cbar_a, double *cbar_b);

    /** fields = gradient entries applied to cbar. */
    void (*soap_fields)(int l_max, int n_padded, int n_entries, const gradient_entry *entries, const double *cbar,
                        double *fields);

    /** f[3][n_chunks * 8] = dE/dr of the neighbors; inverse_spacing of the table. */
    void (*soap_forces)(const harmonics_recursion *h, int n_max, int n_padded, int n_chunks,
                        const soap_neighbors *neighbors, double inverse_spacing, const double *cbar, double *f);

    /** For the Jacobian, of one neighbor and one channel c with its fields: with x[2][(l_max + 1) n_padded] = Q, S of
     * the neighbor, u[3] its unit vector and Y[lm * LANES] its harmonics, prefactor_l sum_m dc_nlm/dr_alpha c_n'lm =
     * sum_k x_k[l][n] P_alpha,k[l][n'].  P[3][2][(l_max + 1) n_padded]. */
    void (*soap_projections)(int l_max, int n_padded, const double *prefactors, const double *Y, const double *u,
                             double inverse_r, const double *c, const double *fields, double *P);

    /** dp_nn'l/dr_alpha of one neighbor: ua sum_k x_k[n] Pb_k[n'] + ub sum_k Pa_k[n] x_k[n'], order as soap_power, ua
     * or ub not 0. Pa and Pb are those of alpha; x, Pa and Pb are followed by LANES readable doubles; dp at any
     * address. */
    void (*soap_power_slopes)(int l_max, int n_max, int n_padded, int packed, const double *x, double ua,
                              const double *Pb, double ub, const double *Pa, double *dp);

    /** w(r) and dw/dr of n (multiple of 8) distances. */
    void (*acsf_weights)(const acsf_window *window, int n, const double *r, double *w, double *dw);

    /** f(r) and df/dr of n (multiple of 8) distances from those of its window. */
    void (*acsf_pairs)(const acsf_radial *f, int n, const double *r, const double *w, const double *dw, double *value,
                       double *slope);

    /** r and 1/r of n (multiple of 8) neighbors. */
    void (*acsf_lengths)(int n, const double *x, const double *y, const double *z, double *r, double *inverse_r);

    /** Pairs of neighbors from `at` on to the end of `near_list` where they are within `near` of each other, else of
     * `far_list` (NULL: not wanted), in order, until one of them has a batch or all are found. Lists have room for
     * ACSF_BATCH + ACSF_PIECE + LANES. x, y, z of all neighbors. */
    void (*acsf_split)(const double *x, const double *y, const double *z, double near, acsf_cursor *at,
                       acsf_pairs_list *near_list, acsf_pairs_list *far_list);

    /** What a batch takes from its neighbors j and k: a, b, 1/a, 1/b, cosine, v, wa, wb, dwa, dwb. */
    void (*acsf_gather)(const acsf_triples *t, const acsf_neighbors *neighbors, acsf_batch *b);

    /** c, wc, dwc and the exponentials of a batch. */
    void (*acsf_factors)(const acsf_triples *t, const acsf_window *windows, acsf_batch *b);

    /** P and, with derivatives, dP of a batch from its cosines. */
    void (*acsf_angles)(const acsf_triples *t, acsf_batch *b, int derivatives);

    /** W, Wa, Wb, Wc of a batch from its factors. */
    void (*acsf_products)(const acsf_triples *t, acsf_batch *b);

    /** sums[term][LANES] += W P of the triples of a batch. */
    void (*acsf_sum)(const acsf_triples *t, const acsf_batch *b, double *sums);

    /** D[feature] += weight times the sum of each term; sums = 0. */
    void (*acsf_features)(const acsf_triples *t, double *sums, double *D);

    /** The derivative of sum_terms g W P (g[n_terms] with the weights in it) with respect to r_ij is alpha r_ij/a +
     *  gamma v, that with respect to r_ik is beta r_ik/b - gamma v (spec acsf.md 4): forces[slot][2][4] += (alpha,
     * gamma v) for j and (beta, -gamma v) for k, each to one of the two. */
    void (*acsf_slopes)(const acsf_triples *t, const acsf_batch *b, const double *g, double *forces);

    /** Channels d of one center, `stride` doubles apart, from the coefficients c[lm][n_padded] of its density, which
     * are followed by 8 readable rows; and cbar += the adjoint. */
    void (*bispectrum_channels)(const bispectrum_plan *plan, int n_padded, const double *c, double *d, int stride);
    void (*bispectrum_channels_adjoint)(const bispectrum_plan *plan, int n_padded, const double *dbar, int stride,
                                        double *cbar);

    /** T [n_rows][16] and B [n_features][16] from d [n_coefficients][16]. */
    void (*bispectrum)(const bispectrum_plan *plan, const double *d, double *T, double *B);

    /** dbar += dE/dd for g [n_features][16] = dE/dB. */
    void (*bispectrum_adjoint)(const bispectrum_plan *plan, const double *d, const double *T, const double *g,
                               double *dbar);

    /** s(u), and where not NULL s'(u) and s''(u), of n (multiple of 8) numbers; h may be u. */
    void (*activation)(activation_shape shape, int n, const double *u, double *h, double *slope, double *curvature);

    /** C = A B: A [m][lda], B [k][ldb], C [m][ldc], n a multiple of 8, rows of B and C aligned. */
    void (*matrix_multiply)(int m, int n, int k, const double *A, int lda, const double *B, int ldb, double *C,
                            int ldc);
} kernels;

/** The table of this machine, or of the environment variable MLSOAP_ISA (scalar, avx2, avx512; a name that the machine
 *  cannot run is passed over). Chosen at the first call; thread-safe. */
const kernels *kernels_active(void);

/** All tables that this machine can run, for tests and benchmarks: NULL-terminated. */
const kernels *const *kernels_available(void);

#endif
