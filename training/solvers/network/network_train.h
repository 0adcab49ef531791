/* SPDX-License-Identifier: BSD-3-Clause */
/** @file network_train.h
 *  Training of one network (all kinds of centers together) from a random start or given parameters, by one of three
 * optimizers:
 *
 *      adam                 batches of a few frames in an order drawn for each epoch, learning rate with warm-up and
 * half a cosine to 0, decoupled weight decay, running average of the parameters lbfgs                all frames at once
 *      levenberg_marquardt  all frames at once, residuals with their Jacobian: for small networks, to the last digit */
#ifndef MLSOAP_NETWORK_TRAIN_H
#define MLSOAP_NETWORK_TRAIN_H

#include "checkpoint.h"
#include "solvers/network/network_loss.h"
#include "training_log.h"

typedef enum network_optimizer { NETWORK_ADAM, NETWORK_LBFGS, NETWORK_LEVENBERG_MARQUARDT } network_optimizer;

typedef struct network_plan {
    network_optimizer optimizer;
    size_t n_epochs;   /**< passes over the frames; iterations of the optimizers that take all at once */
    size_t stop_epoch; /**< end here, on the schedule of n_epochs; 0 = n_epochs */
    size_t batch;      /**< frames */
    double rate, decay, averaging;
    double lambda[N_FRAME_TARGETS];
    double late_energy; /**< factor of lambda of the energies towards the end of adam */
    uint64_t seed;
    const double *start; /**< [n_parameters] where the run begins; NULL: a random start of this seed */
} network_plan;

/** Frames by index: the fit part first. */
typedef struct network_data {
    const network_frames *frames;
    size_t n_fit;                             /**< frames 0 ... n_fit - 1 are fitted */
    size_t n_validation;                      /**< then these judge; 0 = none */
    double validation_share[N_FRAME_TARGETS]; /**< weight of the fit part over that of the validation part: makes the
                                                 terms of the validation mean squares over variances */
} network_data;

typedef struct network_outcome {
    double validation;                /**< loss of the best epoch; NAN without validation */
    double term[N_FRAME_TARGETS];     /**< its terms, mean square error over variance */
    double training[N_FRAME_TARGETS]; /**< the last epoch's, as they were when each batch came */
    size_t best_epoch, n_epochs;      /**< counted from 1 */
    double last;                      /**< validation loss of the last epoch */
} network_outcome;

/** What a run talks to; all NULL allowed. */
typedef struct network_contacts {
    training_log *log;
    progress *bar;          /**< counts frames */
    checkpoint *checkpoint; /**< polled after each batch or step; a run that it holds goes on from there */
} network_contacts;

/** @param[out] theta [n_parameters]: the best by validation, or the last without it.
 *  Errors: those of network_loss_evaluate and checkpoint_poll. The result depends on data, plan and seed alone. */
mlsoap_status network_train(network_loss *loss, const network_form *form, const network_data *data,
                            const network_plan *plan, double *theta, network_outcome *outcome,
                            const network_contacts *contacts, mlsoap_error *error);

#endif
