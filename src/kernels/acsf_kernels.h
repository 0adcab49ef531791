/* SPDX-License-Identifier: BSD-3-Clause */
/** @file acsf_kernels.h
 *  What the kernels of the symmetry functions work on (spec acsf.md). Every function of two atoms is
 *    f(r) = w(r) exp(-eta (r - rs)^2) cos(kappa r),
 *  every function of three atoms, with a = r_ij, b = r_ik, c = r_jk, is
 *    W(a, b, c) P(cos t),   W = exp(-eta [(a-rs)^2 + (b-rs)^2 + (c-rs)^2]) w(a) w(b) w(c)   (narrow; wide: without c).
 *  A window w is a cutoff function or a compact function. Triples of one center and one pair of neighbor species go
 *  through the kernels in batches; what functions share is computed once for each triple: a family shares window and
 *  rs, a group (of a family) shares W, an angle is shared by all groups. */
#ifndef MLSOAP_ACSF_KERNELS_H
#define MLSOAP_ACSF_KERNELS_H

/** Shapes f(x) on 0 <= x < 1, in the order of n2p2's cutoff types. */
typedef enum acsf_shape {
    ACSF_HARD,
    ACSF_COSINE,
    ACSF_TANH,
    ACSF_TANH_NORMALIZED,
    ACSF_EXPONENTIAL,
    ACSF_POLY1,
    ACSF_POLY2,
    ACSF_POLY3,
    ACSF_POLY4
} acsf_shape;

/** w(r) = f(|r - center| inverse_width) for low < r < high, else 0. */
typedef struct acsf_window {
    acsf_shape shape;
    int one_sided; /**< f(0) below the center: a cutoff function */
    int bent;      /**< u(2 - u) in place of u = |r - center| inverse_width */
    double center, inverse_width, low, high;
} acsf_window;

/** A function of two atoms, beside its window. */
typedef struct acsf_radial {
    double eta, rs, kappa;
} acsf_radial;

/** P(cos t) = 2^(1-zeta) (1 + lambda cos t)^zeta, or (zeta = 0) a window on t. */
typedef struct acsf_angle {
    double lambda, zeta;
    acsf_window window;
    int on_ladder; /**< of acsf_triples */
} acsf_angle;

typedef struct acsf_family {
    int window, narrow; /**< window: index into the windows of the descriptor */
    double rs;
    int first_group, n_groups;
} acsf_family;

/** exp(-eta s) is that of the group `base`, raised to `power`, where base >= 0. */
typedef struct acsf_group {
    double eta;
    int base, power;
    int first_term, n_terms;
} acsf_group;

/** A feature: weight W P. */
typedef struct acsf_term {
    int feature, angle;
    double weight;
} acsf_term;

enum { ACSF_LADDER = 5 };

/** All functions of three atoms of one central species and one pair of neighbor species. Narrow families come first. */
typedef struct acsf_triples {
    int n_families, n_groups, n_terms, n_angles, n_narrow_families, n_narrow_groups;
    double near; /**< narrow functions vanish beyond this r_jk */
    acsf_family *families;
    acsf_group *groups;
    acsf_term *terms;
    acsf_angle *angles;
    int ladders[2][ACSF_LADDER]; /**< the angles of lambda -1, 1 with zeta 1, 2, 4, ..., -1 where there is none */
} acsf_triples;

enum {
    ACSF_BATCH = 64,   /**< most triples of a batch */
    ACSF_PADDING = 16, /**< batches are padded to multiples of it: kernels take two vectors at a time */
    ACSF_RECORD = 8,   /**< doubles of a neighbor's record, a line of the cache */
    ACSF_FORCE = 8,    /**< doubles of a neighbor's force: twice along, x, y, z */
    ACSF_PIECE = 256   /**< neighbors k of one j that are sorted into near and far at a time, a multiple of LANES */
};

/** Triples that wait for their batch: neighbors j[n], k[n]. */
typedef struct acsf_pairs_list {
    int n, *j, *k;
} acsf_pairs_list;

/** Where the search for pairs stands: j < end_j, and k < end_k from first_k on (-1: from j + 1). */
typedef struct acsf_cursor {
    int j, end_j, k, first_k, end_k;
} acsf_cursor;

/** Neighbors by their slots. Slots 0 and 1 stand for no neighbor: their windows are 0, their directions differ. */
typedef struct acsf_neighbors {
    const double *records; /**< [slot][ACSF_RECORD] x, y, z, r, 1/r, w, dw/dr of window 0 */
    const double *w, *dw;  /**< [window][stride] */
    long stride;
} acsf_neighbors;

/** Triples (center, j, k), n of them, padded to a multiple of ACSF_PADDING with triples of the slots 0 and 1. Every
 * array has ACSF_BATCH numbers for each family, group or angle. */
typedef struct acsf_batch {
    int n, n_padded;
    int first_family, first_group; /**< narrow ones are skipped where all triples of the batch are beyond `near` */
    int *j, *k;                    /**< slots of the neighbors */
    /* from acsf_factors: what is worth keeping */
    double *c;                   /**< r_jk */
    double *wc, *dwc;            /**< [family] w(c), w'(c) of the narrow ones */
    double *exponential;         /**< [group] */
    double *wa, *wb, *dwa, *dwb; /**< [family] w(a), w(b), w'(a), w'(b) */
    double *P, *dP;              /**< [angle] P, dP/dcos */
    double *W, *Wa, *Wb, *Wc;    /**< [group] W, dW/da, ... from acsf_products */
    double *a, *b, *inverse_a, *inverse_b, *cosine;
    double *x, *y, *z; /**< v = r_ik - r_ij */
} acsf_batch;

#endif
