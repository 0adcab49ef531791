/* SPDX-License-Identifier: BSD-3-Clause */
/** @file sparse_gp_state.h
 *  What a fit of a sparse GP or a linear model holds, and its forecasts (sparse_gp_forecast.c). */
#ifndef MLSOAP_SPARSE_GP_STATE_H
#define MLSOAP_SPARSE_GP_STATE_H

#include "fit_method.h"
#include "solvers/gp_uncertainty.h"
#include "solvers/hyperparameters.h"
#include "solvers/kernel_rows.h"
#include "solvers/leading_points.h"
#include "solvers/sparse_points.h"
#include "solvers/triangle_fold.h"

typedef struct sparse_gp_fit {
    fit base;
    environment_counts counts;
    kernel_basis basis;
    regression regression;
    loss_statistics statistics;
    hyperparameter_search search;
    hyperparameter_result found;
    uncertainty_points uncertainty; /* with their weights chosen once, at the first stage that has them */
    double uncertainty_weight[N_FRAME_TARGETS];
    bool uncertainty_known;
    fold_weights folded; /* of all data so far */
    size_t n_sparse;
    size_t rank;                   /* model.rank; LEADING_POINTS_AUTO, LEADING_POINTS_NONE */
    size_t n_stored[KERNEL_KINDS]; /* sparse points in the potential */
    double left_out[KERNEL_KINDS]; /* by the leading ones in their place; -1: they are all there */
    bool explicit_sigma, validation_is_training;
    bool reported;     /* the weights are known */
    bool distributed;  /* the least-squares problem lies on all ranks */
    bool linear;       /* a linear model: zeta = 1 and unit vectors in place of sparse points, so that K_MM = 1 */
    feature_set plain; /* its features, with weights 1 */
} sparse_gp_fit;

/** The section `model` of the configuration. */
static inline const json_t *model_keys(const sparse_gp_fit *f)
{
    return json_object_get(f->base.problem->config->root, "model");
}

void sparse_gp_forecast(const fit *base, fit_forecast *forecast);
mlsoap_status sparse_gp_duration(fit *base, double *seconds, mlsoap_error *error);
/** Over all ranks where that is asked for, or where one rank has no room for it. */
mlsoap_status sparse_gp_choose_factorization(sparse_gp_fit *f, mlsoap_error *error);
/** MLSOAP_ERROR_CAPACITY where `memory` is too little. */
mlsoap_status sparse_gp_check_memory(const sparse_gp_fit *f, mlsoap_error *error);

#endif
