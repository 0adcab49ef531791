/* SPDX-License-Identifier: BSD-3-Clause */
/** @file calibration.h
 *  From standard deviations s of a model (eV, per atom) to errors that can be expected, by predictions for frames that
 * the model has not seen:
 *
 *      energy   c s, c^2 = <(error of E/N)^2> / <(mean of s over the frame)^2>          over frames, one c for all
 * elements force    an increasing piecewise linear map per element: atoms sorted by s into bins of equal numbers, root
 * mean square force error of each over its root mean square s, neighboring bins joined until both ascend (pool adjacent
 * violators: Barlow, Bartholomew, Bremner, Brunk 1972); joined bins have one error from the s of the first to that of
 * the last */
#ifndef MLSOAP_CALIBRATION_H
#define MLSOAP_CALIBRATION_H

#include "io/frame.h"

#include <jansson.h>

/** The calibrations of all elements, for potential_set_calibrations.
 *  @param[in] set  frames with predictions of a potential that is not calibrated (all factors 1): its uncertainties are
 *                  s. An element with few atoms gets the map of all elements; without any force error the map is
 *                  s in eV/Angstrom, without energies the energy factor is 1.
 *  Error: MLSOAP_ERROR_MEMORY. */
mlsoap_status calibration_find(const frame_set *set, const int *elements, int n_elements, json_t **calibrations,
                               mlsoap_error *error);

/** Turn the standard deviations of predictions of such a potential into what a calibrated one gives. */
mlsoap_status calibration_apply(json_t *calibrations, frame_set *set, mlsoap_error *error);

#endif
