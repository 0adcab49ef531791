/* SPDX-License-Identifier: BSD-3-Clause */
/** @file hyperparameters.h
 *  Weights of energies, forces and virials, noise and jitter by validation, from stored triangles: nothing of the data
 * is touched again (spec training.md 3). With 1/sigma_t^2 = lambda_t/(noise^2 scale_t), those of lambda_t, noise,
 * jitter that are free are moved, in powers of ten, to the minimum of
 *
 *      ln RMSE_F + 0.5 ln RMSE_E + 0.1 ln RMSE_W + 0.01 sum (decades away from the start)^2      on the validation part
 *
 *  by a compass search: all single steps up and down are tried at once, the best is taken and the step doubled, or the
 *  step halved where none gains at least 0.1 percent. Logarithms, so that no unit matters; forces first, because they
 *  decide molecular dynamics and are many; virials little, because they follow. The last term is a weak prior: with a
 *  handful of validation energies, chance must not pull a weight over five decades, and a noise that runs to 0 for
 *  nothing makes alpha huge; where the data are exact, a decade gains a hundred times what it costs. */
#ifndef MLSOAP_HYPERPARAMETERS_H
#define MLSOAP_HYPERPARAMETERS_H

#include "checkpoint.h"
#include "parallel/parallel.h"
#include "solvers/regression.h"

/** The trials in the checkpoint, which the caller drops when the fit is over. */
#define HYPERPARAMETERS_STATE "trials"

typedef struct hyperparameters {
    double lambda[N_FRAME_TARGETS]; /**< factors on the terms of the loss; 0 = target not used */
    double noise;                   /**< s, the overall noise scale */
    double jitter;                  /**< relative to the mean of diag K */
} hyperparameters;

typedef struct hyperparameter_search {
    double scale[N_FRAME_TARGETS]; /**< denominators of the terms of the loss: sum of weights times variance */
    bool free_lambda[N_FRAME_TARGETS], free_noise, free_jitter;
    hyperparameters start;
    parallel *ranks;        /**< they share the trials; all hold the same regression */
    checkpoint *checkpoint; /**< keeps the trials of the steps that are done, and is polled after each; NULL allowed */
} hyperparameter_search;

typedef struct hyperparameter_result {
    hyperparameters best;
    double rmse[N_FRAME_TARGETS]; /**< on the validation part, in the units of its rows */
    double objective;
    int n_evaluations;
    bool at_limit; /**< a value ran into the end of its range (12 decades from the start) */
} hyperparameter_result;

/** 1/sigma_t^2 of a choice. */
void hyperparameters_weights(const hyperparameters *h, const double scale[N_FRAME_TARGETS],
                             double weight[N_FRAME_TARGETS]);

/** Search; where nothing is free or the validation part is empty, `best` is `start`. The same for any number of
 *  threads and ranks, and where it goes on from the trials of a checkpoint. Errors: those of regression_solve at the
 *  start and of checkpoint_poll. */
mlsoap_status hyperparameters_search(const regression *r, const hyperparameter_search *search,
                                     hyperparameter_result *result, mlsoap_error *error);

#endif
