/* SPDX-License-Identifier: BSD-3-Clause */
/** @file network.h
 *  Dense networks of one output, or the mean of several of the same form (a committee), with a linear skip from the
 *  features to the output (spec models.md 2; Behler, Parrinello 2007, doi:10.1103/PhysRevLett.98.146401):
 *
 *      h^0 = D (normalized: D/|a o D|, and 0 where |a o D| = 0);   h^t = s_t(W_t^T h^(t-1) + b_t), t = 1 ... T
 *      eps = (1/K) sum_members [ w . h^T + v . h^0 + c ]           a: feature weights
 *
 *  Centering, scaling and rotation of the inputs (PCA, standardization, n2p2's scaling) are linear, and so are output
 *  scale and shift: they are folded into W_1, b_1, v, w and c.
 *  Tensors, K = members, n_t hidden neurons rounded up to multiples of eight, zero in all padding:
 *    "<prefix>.weights_1" [K][stride][n_1], "<prefix>.weights_t" [K][n_(t-1)][n_t], "<prefix>.biases_t" [K][n_t],
 *    "<prefix>.output" [K][n_T] = w, "<prefix>.skip" [K][stride] = v, "<prefix>.constant" [K][8] = c, 0 ... */
#ifndef MLSOAP_NETWORK_H
#define MLSOAP_NETWORK_H

#include "models/model.h"

enum { NETWORK_LAYERS_MAX = 8, NETWORK_NEURONS_MAX = 4096, NETWORK_MEMBERS_MAX = 64 };

extern const model_class network_class;

/** The energy of each member: eps[n_rows][members], for their spread. `workspace` as for evaluate. */
void network_member_energies(const model *m, double *workspace, int n_rows, const double *D, double *eps);
int network_n_members(const model *m);

/** One member in the form that the file stores, to be filled by trainers and importers. All arrays row-major and
 * without padding, W_1 [n_features' stride][n_1]. */
typedef struct network_weights {
    const double *weights[NETWORK_LAYERS_MAX]; /**< [n_(t-1)][n_t] */
    const double *biases[NETWORK_LAYERS_MAX];  /**< [n_t] */
    const double *output;                      /**< [n_T] */
    const double *skip;                        /**< [stride]; NULL = zeros */
    double constant;
} network_weights;

/** Add the tensors of a model in their stored form. @param[in] n_hidden [n_layers] neurons
 *  Errors: MLSOAP_ERROR_MEMORY, _VALUE (names that are taken). */
mlsoap_status network_add_tensors(tensor_set *tensors, const char *prefix, size_t stride, int n_layers,
                                  const int *n_hidden, int n_members, const network_weights *members,
                                  mlsoap_error *error);

#endif
