/* SPDX-License-Identifier: BSD-3-Clause */
/** @file sparse_gp_state.h
 *  What a fit of sparse GPs and linear models holds, and its parts: the forecasts (sparse_gp_forecast.c), the points
 *  (sparse_gp_points.c) and what becomes of a solution (sparse_gp_result.c). */
#ifndef MLSOAP_SPARSE_GP_STATE_H
#define MLSOAP_SPARSE_GP_STATE_H

#include "app/config_terms.h"
#include "fit_method.h"
#include "solvers/gp_uncertainty.h"
#include "solvers/hyperparameters.h"
#include "solvers/kernel_rows.h"
#include "solvers/leading_points.h"
#include "solvers/sparse_points.h"
#include "solvers/triangle_fold.h"

/* A term of the fit; its points are those of basis.terms. */
typedef struct gp_term {
    const json_t *keys; /* of the configuration */
    environment_counts counts;
    size_t n_sparse;
    size_t n_most[KERNEL_KINDS];   /* columns, at most */
    size_t rank;                   /* of leading_points_find */
    size_t n_stored[KERNEL_KINDS]; /* sparse points in the potential */
    double left_out[KERNEL_KINDS]; /* by leading ones in their place; -1: they are all there */
    bool linear;                   /* a linear model: zeta = 1 and unit vectors in place of sparse points */
    feature_set plain;             /* its features, with weights 1 */
} gp_term;

typedef struct sparse_gp_fit {
    fit base;
    gp_term *terms; /* [n_terms] */
    size_t n_terms;
    kernel_basis basis;
    regression regression;
    loss_statistics statistics;
    hyperparameter_search search;
    hyperparameter_result found;
    uncertainty_points
        uncertainty; /* of the only term; with their weights chosen once, at the first stage that has them */
    double uncertainty_weight[N_FRAME_TARGETS];
    bool uncertainty_known;
    fold_weights folded; /* of all data so far */
    bool explicit_sigma, validation_is_training;
    bool reported;    /* the weights are known */
    bool distributed; /* the least-squares problem lies on all ranks */
} sparse_gp_fit;

/** Keys of the fit of all terms together, which every term has (config_terms.h); jitter: those of a sparse GP. */
static inline const json_t *shared_keys(const sparse_gp_fit *f)
{
    return f->terms[0].keys;
}

/** Most of any term. */
size_t sparse_gp_most_centers(const sparse_gp_fit *f);
void sparse_gp_forecast(const fit *base, fit_forecast *forecast);
mlsoap_status sparse_gp_duration(fit *base, double *seconds, mlsoap_error *error);
/** Over all ranks where that is asked for, or where one rank has no room for it. */
mlsoap_status sparse_gp_choose_factorization(sparse_gp_fit *f, mlsoap_error *error);
/** MLSOAP_ERROR_CAPACITY where `memory` is too little. */
mlsoap_status sparse_gp_check_memory(const sparse_gp_fit *f, mlsoap_error *error);

/** Settings of the kernel of a term, and its features. Error: MLSOAP_ERROR_MEMORY. */
mlsoap_status sparse_gp_read_term(sparse_gp_fit *f, size_t i, mlsoap_error *error);
/** Count the centers of all terms, and the columns that these have at most. Every term needs centers, but where a
 *  potential is trained further, which has points for them. Error: MLSOAP_ERROR_VALUE. */
mlsoap_status sparse_gp_count_centers(sparse_gp_fit *f, mlsoap_error *error);
/** The points of all terms: chosen, given, or of the checkpoint, which holds them then; and all columns. */
mlsoap_status sparse_gp_choose_points(sparse_gp_fit *f, mlsoap_error *error);

/** alpha at given weights -> the parts of a potential. */
mlsoap_status sparse_gp_make_result(sparse_gp_fit *f, const hyperparameters *h, bool with_validation,
                                    bool with_uncertainty, fit_result *result, mlsoap_error *error);

#endif
