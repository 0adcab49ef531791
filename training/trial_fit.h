/* SPDX-License-Identifier: BSD-3-Clause */
/** @file trial_fit.h
 *  Quick validated fits that choose settings: a linear model or a sparse GP (zeta 2) of few points on a bounded part of
 * the training frames, judged by its errors on a bounded part of the validation frames. The test frames are never
 * looked at. */
#ifndef MLSOAP_TRIAL_FIT_H
#define MLSOAP_TRIAL_FIT_H

#include "fit_method.h"

/** Part of the data, evenly chosen; the frames are those of the whole, which must outlive it. */
typedef struct trial_sample {
    dataset data;
    training_frame *fit, *validation;
    frame *train;
} trial_sample;

/** Frames of some n_atoms atoms to fit and half as many to validate, at least one of each where there is any.
 *  Depends on the data alone. Release also on failure. Errors: MLSOAP_ERROR_MEMORY. */
mlsoap_status trial_sample_new(trial_sample *s, const dataset *data, size_t n_atoms, mlsoap_error *error);
void trial_sample_release(trial_sample *s);

/** RMSE on the validation part, eV/atom and eV/Angstrom. */
typedef struct trial_score {
    double energy, forces;
    double objective; /**< ln RMSE_F + 0.5 ln RMSE_E: forces first, because they decide molecular dynamics */
} trial_score;

/** Fit. Of `problem` the loss, the features, offsets and elements count.
 *  @param[in] n_points  sparse points per element; 0: a linear model. The same for any number of threads. Errors: those
 * of the fit. */
mlsoap_status trial_fit(const fit_problem *problem, const trial_sample *sample, const feature_set *features,
                        size_t n_points, trial_score *score, mlsoap_error *error);

#endif
