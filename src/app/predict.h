/* SPDX-License-Identifier: BSD-3-Clause */
/** @file predict.h
 *  Energies, forces, virials and uncertainties of many frames by one potential, OpenMP over frames. */
#ifndef MLSOAP_PREDICT_H
#define MLSOAP_PREDICT_H

#include "app/progress.h"
#include "io/frame.h"

/** Fill predicted_energy, predicted_forces, predicted_virial and, where the potential has one, predicted_uncertainty of every
 *  frame. The result does not depend on the
 *  number of threads. Errors of mlsoap_evaluate_structure, with file and frame in front. `bar` NULL allowed. */
mlsoap_status predict_frames(const mlsoap_potential *potential, frame_set *set, progress *bar, mlsoap_error *error);

#endif
