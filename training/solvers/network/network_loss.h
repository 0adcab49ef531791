/* SPDX-License-Identifier: BSD-3-Clause */
/** @file network_loss.h
 *  The variance-weighted loss of networks over frames and its exact gradient (spec training.md 2, models.md 2):
 *
 *      L = sum_c [ cE_c (E - E^)^2 + cF_c sum_i a_i |F_i - F^_i|^2 + cW_c |W - W^|^2 ],  E = sum_i eps_i - eps_isolated
 *
 *  Forces are the adjoint of the descriptors; their part of the gradient is that of g . dD, with dD the tangent of the
 *  descriptors along v_ij = dL/df_ij. Descriptors are computed twice for a gradient instead of stored: Jacobians would
 *  be some hundred kilobytes for each atom, and slower to read than to make.
 *  Frames of a batch are worked on by all threads. Sums have an order that depends on the data alone, so that the bits
 *  of loss and gradient do not depend on the number of threads. */
#ifndef MLSOAP_NETWORK_LOSS_H
#define MLSOAP_NETWORK_LOSS_H

#include "dataset.h"
#include "solvers/network/network_pass.h"

/** A frame ready for evaluation: its neighbor list, centers sorted by kind. */
typedef struct network_frame {
    const training_frame *source;
    const frame_set *set; /**< for messages */
    size_t n_atoms, n_centers;
    int *center_species, *center_atom; /**< [n_centers]; -1 = a point in space */
    int *first;                        /**< [n_centers + 1] pairs */
    int *species, *atom;               /**< [n_pairs] of the neighbor */
    double *dx, *dy, *dz;              /**< [n_pairs] */
    double (*points)[3];               /**< [n_centers] fixed points in space, NULL otherwise */
    double energy;                     /**< target without offsets, eV */
    double coefficient[N_FRAME_TARGETS];
} network_frame;

typedef struct network_frames {
    network_frame *items;
    size_t n;
    double bytes;
} network_frames;

/** Coefficients follow from the statistics of the fit part. Errors: those of the neighbor list with file and frame. */
mlsoap_status network_frames_new(const feature_set *features, const training_frame *frames, size_t n_frames,
                                 const frame_set *set, const int *elements, int n_elements, const double *offsets,
                                 const loss_statistics *statistics, network_frames *out, mlsoap_error *error);
void network_frames_release(network_frames *frames);

/** Sums of squares of a set, each term with its coefficient (factors lambda not included). */
typedef struct network_errors {
    double term[N_FRAME_TARGETS];
} network_errors;

typedef struct network_loss network_loss;

/** @param[in] form not owned, complete. Errors: MLSOAP_ERROR_MEMORY. */
mlsoap_status network_loss_new(const network_form *form, network_loss **out, mlsoap_error *error);
void network_loss_free(network_loss *loss); /* NULL-safe */

/** Terms and, where not NULL, gradient[n_parameters] of sum_t lambda_t term_t over chosen frames, in their order.
 *  @param[in] chosen [n] indices into frames; NULL: all
 *  Errors: MLSOAP_ERROR_NUMERICS (names the frame), _MEMORY. */
mlsoap_status network_loss_evaluate(network_loss *loss, const double *theta, const network_frames *frames,
                                    const size_t *chosen, size_t n, const double lambda[N_FRAME_TARGETS],
                                    network_errors *errors, double *gradient, mlsoap_error *error);

#endif
