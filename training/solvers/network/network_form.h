/* SPDX-License-Identifier: BSD-3-Clause */
/** @file network_form.h
 *  The networks of a fit as one vector of parameters theta: for every kind of center (atomic number, 0 = point in
 * space)
 *
 *      W_1 [K][n_1], b_1 [n_1], W_2 [n_1][n_2], b_2, ..., w [n_T], v [K] where there is a linear skip, c
 *      eps = scale (w . h^T + v . x + c),  h^t = s_t(W_t^T h^(t-1) + b_t),  h^0 = x
 *
 *  on inputs x = P^T (z - b), z = a o D or a o D/|a o D| (spec models.md 2 and 2b).
 *
 *  An isolated atom must have no energy (potential.h, shifts). Subtracting eps of the isolated atom from every atom
 * would do, but it lies far from all data, where eps moves with every step of a fit, and all energies with it: that
 * cost 15 % in the forces. Each atom therefore pays its share of it, linear in the features, 1 for the isolated atom
 * and about 0 for those that were trained on:
 *
 *      eps_i <- eps_i - share_i eps_isolated,   share_i = q . (z_i - b) - s_0,   q ~ (C + delta 1)^-1 (z_isolated -
 * <z>)
 *
 *  with the covariance C of z. It is part of the linear skip of what is stored. */
#ifndef MLSOAP_NETWORK_FORM_H
#define MLSOAP_NETWORK_FORM_H

#include "feature_set.h"
#include "models/network/activation.h"
#include "models/network/network.h"
#include "models/sparse_gp/sparse_gp.h"

enum { NETWORK_KINDS = 119 };

/** Inputs and place of the parameters of one kind. */
typedef struct network_kind {
    size_t n_inputs;             /**< K; 0: no network for this kind */
    double *P;                   /**< [stride][K] (on weighted features z); owned */
    double *mean;                /**< [stride] b; owned */
    double *isolated;            /**< [stride] z - b of an atom without neighbors; NULL for points in space; owned */
    double *share, share_origin; /**< [stride] q and s_0; owned */
    double rms;                  /**< sqrt(mean |x|^2) over the training environments */
    size_t first;                /**< of its parameters in theta */
    size_t weights[NETWORK_LAYERS_MAX], biases[NETWORK_LAYERS_MAX], output, skip, constant; /**< places in theta */
} network_kind;

typedef struct network_form {
    const feature_set *features;
    sparse_gp_settings transform; /**< of rows D -> z: only `normalized` is used */
    int n_layers, n_hidden[NETWORK_LAYERS_MAX];
    const activation *activations[NETWORK_LAYERS_MAX];
    bool linear_skip;
    double scale;        /**< eV */
    size_t n_parameters; /**< of theta */
    network_kind kinds[NETWORK_KINDS];
    int n_kinds, present[NETWORK_KINDS]; /**< those that have a network, ascending */
} network_form;

void network_form_release(network_form *form);
/** Number the parameters, once n_inputs of all kinds are known. */
void network_form_number(network_form *form);
/** Share of an atom in the energy of the isolated one, from z - b; 0 for points in space. */
double network_share(const network_form *form, int kind, const double *z);
/** Its derivative along dz. */
double network_share_slope(const network_form *form, int kind, const double *dz);
/** Random start: widths such that the activations work in their bent part. @param[out] theta [n_parameters] */
void network_form_start(const network_form *form, uint64_t seed, double *theta);
/** Tensors of a potential for members theta[k], with the inputs folded into the first layer and constants such that an
 *  isolated atom has energy 0 by every member. Errors: _MEMORY. */
mlsoap_status network_form_store(const network_form *form, int n_members, double *const *theta, tensor_set *tensors,
                                 mlsoap_error *error);
/** The reverse for one member: parameters with which this form gives the energies of stored tensors, whatever their
 *  inputs were. The form has a linear skip and as many inputs as features.
 *  @param[out] theta [n_parameters]
 *  Errors: MLSOAP_ERROR_VALUE (other numbers of neurons, a kind of center without a network), _FORMAT, _MEMORY. */
mlsoap_status network_form_load(const network_form *form, const tensor_set *tensors, int i_member, double *theta,
                                mlsoap_error *error);
/** Description of the model as it stands in a term (potentials/FORMAT.md). NULL: no memory. */
json_t *network_form_describe(const network_form *form, int n_members);

#endif
