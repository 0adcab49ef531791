/* SPDX-License-Identifier: BSD-3-Clause */
/** @file scan_point.h
 *  What a scan of settings (scan.h) asks of each of its fits. */
#ifndef MLSOAP_SCAN_POINT_H
#define MLSOAP_SCAN_POINT_H

#include "app/error_table.h"
#include "potential/potential.h"

#include <stdbool.h>

/** What one fit of a scan gives. */
typedef struct scan_point {
    error_measure measures[N_FRAME_TARGETS]; /**< on the validation frames, units of error_table.h */
    double baseline[2];                      /**< RMSE of energies (meV/atom) and forces of a model that is 0 */
    double us_per_atom;                      /**< 0: not measured */
    double seconds;                          /**< from the first descriptor to the model */
    size_t n_features;                       /**< of an atom */
    double r_cut;                            /**< Angstrom */
    size_t n_bytes;                          /**< of the model: tensors and description */
    bool taken;                              /**< from X.scan.ckpt: not fitted again */
} scan_point;

/** Fill a point from the fit that has not seen the validation frames. Errors: those of cost_measure. */
mlsoap_status scan_point_measure(scan_point *point, const mlsoap_potential *potential, const error_table *table,
                                 const frame_set *timed, mlsoap_error *error);

#endif
