/* SPDX-License-Identifier: BSD-3-Clause */
/** @file network_pass.h
 *  The passes of a network over rows of inputs and their gradients with respect to theta (spec models.md 2, forward
 * over reverse). Inputs are z - b; W_1 acts on them as F = P W_1, computed once for each theta.
 *
 *      forward    h^t, s_t', s_t'' and eps;  backward  d^t = d eps/du^t and g = d eps/dz
 *      tangent    for a direction dz: hdot^t, and ubar^t = dS/du^t of S = e eps + g . dz
 *      gradient   dS/dtheta: W_t gets h^(t-1) ubar^t + hdot^(t-1) d^t, b_t gets ubar^t, w gets e h^T + hdot^T, ... */
#ifndef MLSOAP_NETWORK_PASS_H
#define MLSOAP_NETWORK_PASS_H

#include "solvers/network/network_form.h"

/** What depends on theta alone, for one kind. */
typedef struct network_folded {
    double *F;    /**< [stride][n_1] */
    double *skip; /**< [stride] P v */
} network_folded;

/** Rows of a batch; arrays of layers are [capacity][n_t padded to a multiple of 8]. */
typedef struct network_rows {
    size_t capacity;
    double *z, *dz;         /**< [capacity][stride] */
    double *inverse_norm;   /**< [capacity] of sparse_gp_transform */
    double *eps, *e;        /**< [capacity] */
    double *share, *dshare; /**< [capacity] of the isolated atom, and along dz */
    double *h[NETWORK_LAYERS_MAX], *slope[NETWORK_LAYERS_MAX], *curvature[NETWORK_LAYERS_MAX];
    double *d[NETWORK_LAYERS_MAX], *back[NETWORK_LAYERS_MAX]; /**< back^t = d eps/dh^t, not of the last layer */
    double *hdot[NETWORK_LAYERS_MAX], *ubar[NETWORK_LAYERS_MAX];
} network_rows;

mlsoap_status network_rows_new(const network_form *form, size_t capacity, network_rows *rows, mlsoap_error *error);
void network_rows_release(network_rows *rows);
double network_rows_bytes(const network_form *form, double capacity);

mlsoap_status network_folded_new(const network_form *form, network_folded folded[NETWORK_KINDS], mlsoap_error *error);
void network_folded_release(network_folded folded[NETWORK_KINDS]);
/** F and P v of the features first ... last - 1 of a kind; parts may be made by different threads. */
void network_fold(const network_form *form, int kind, const double *theta, size_t first, size_t last,
                  network_folded *folded);

/** eps of rows first ... first + n - 1, with derivatives also slopes and d, and where not NULL g[n][stride]. */
void network_forward(const network_form *form, int kind, const double *theta, const network_folded *folded,
                     network_rows *rows, size_t first, size_t n, bool derivatives, double *g);
/** hdot and ubar of rows, from dz (has_direction) or dz = 0, and e; after network_forward with derivatives. */
void network_tangent(const network_form *form, int kind, const double *theta, const network_folded *folded,
                     network_rows *rows, size_t first, size_t n, bool has_direction);

/** Parts of dS/dtheta of one kind from rows first ... last - 1, all of them added. Each part may be made by another
 *  thread: the features begin ... end - 1 of Fbar [stride][n_1] and sbar [stride], the derivatives with respect to F
 * and P v, ... */
void network_gradient_features(const network_form *form, const network_rows *rows, size_t first, size_t last,
                               size_t begin, size_t end, double *Fbar, double *sbar);
/** ... the inputs begin ... end - 1 of W_1 and v from these, once all rows are in, ... */
void network_gradient_inputs(const network_form *form, int kind, const double *Fbar, const double *sbar, size_t begin,
                             size_t end, double *gradient);
/** ... and everything else. */
void network_gradient_rest(const network_form *form, int kind, const network_rows *rows, size_t first, size_t last,
                           double *gradient);

#endif
