/* SPDX-License-Identifier: BSD-3-Clause */
/** @file data_checks.h
 *  What is wrong with the data, before time is spent on them; for the trainer and for `mlsoap data check`. */
#ifndef MLSOAP_DATA_CHECKS_H
#define MLSOAP_DATA_CHECKS_H

#include "app/doctor/check_list.h"
#include "app/doctor/data_probe.h"
#include "app/doctor/near_frames.h"
#include "io/frame.h"

#include <jansson.h>

/** What is looked at. Nothing of it is changed. */
typedef struct checked_data {
    const frame_set *train;
    const frame_set *validation, *test; /**< NULL or empty: none */
    const json_t *loss; /**< section of the completed configuration of a training: targets of factor 0 are not judged.
                           NULL: all are */
} checked_data;

/** What the files hold. Errors: units (lengths do not fit bonds), unused_target (a key of a file looks like a target
 * and is not used), no_forces (no training frame has forces although they are `wanted`). Warnings: missing_target,
 *  unconverged, left_out (steps of VASP). */
mlsoap_status data_checks_files(const checked_data *data, bool forces_wanted, check_list *list, mlsoap_error *error);

/** What the frames say. Error: train_test (a test or validation frame is also in the training data). Warnings:
 *  symmetry_equivalent (test frames), equivalents (training frames), repeats, contradiction (the same structure with
 *  different energies), net_force, those of data_checks_virials, outlier_energy, outlier_force, short_distance.
 *  @param[in] elements, offsets  [n_elements] of the training frames; eV */
mlsoap_status data_checks_frames(const checked_data *data, const int *elements, int n_elements, const double *offsets,
                                 check_list *list, mlsoap_error *error);

/** Virials that the forces refute, of all three sets. Warning: vacuum_virial (vacuum_virial.h). data_checks_frames asks
 *  it. */
mlsoap_status data_checks_virials(const checked_data *data, check_list *list, mlsoap_error *error);

/** What data_checks_consistency measured. Zero-initialize. */
typedef struct data_consistency {
    data_probe probe;
    near_groups groups;
} data_consistency;

/** Whether energies, forces and virials belong together (data_probe.h, near_frames.h). Errors: units (energies against
 *  forces), virial (sign, unit or order of the virials). Warnings: the same within one config_type (virial_group),
 * forces that positions do not explain (noisy_forces), near frames that contradict each other (near_frames).
 *  @param[out] measured  release with data_consistency_release, also on failure */
mlsoap_status data_checks_consistency(const checked_data *data, check_list *list, data_consistency *measured,
                                      mlsoap_error *error);
void data_consistency_release(data_consistency *measured);

#endif
