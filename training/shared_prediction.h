/* SPDX-License-Identifier: BSD-3-Clause */
/** @file shared_prediction.h
 *  Predictions (app/predict.h) by several ranks, each for consecutive frames. */
#ifndef MLSOAP_SHARED_PREDICTION_H
#define MLSOAP_SHARED_PREDICTION_H

#include "app/predict.h"
#include "parallel/parallel.h"
#include "training_log.h"

/** What predict_frames does, on every rank with the same bits. `what` names the work on the progress bar.
 *  Collective. Errors: those of predict_frames. */
mlsoap_status shared_prediction(parallel *ranks, const mlsoap_potential *potential, frame_set *set, const char *what,
                                training_log *log, mlsoap_error *error);

#endif
