/* SPDX-License-Identifier: BSD-3-Clause */
/** @file eval_output.h
 *  The files that `mlsoap eval` writes besides its table. */
#ifndef MLSOAP_EVAL_OUTPUT_H
#define MLSOAP_EVAL_OUTPUT_H

#include "app/error_table.h"
#include "app/reliability.h"

/** The JSON of design.md 10: potential (file, sha256 = identity), data, units, total, by_config_type. */
mlsoap_status eval_write_json(const char *path, const char *potential_file, const mlsoap_potential *potential,
                              const frame_set *set, const error_table *table, const reliability *uncertainty,
                              mlsoap_error *error);

/** Parity data, one line per number of a target: frame (zero-based), config_type, quantity (energy, force, virial),
 * atom (zero-based; empty for energies and virials), component (x y z or xx yy zz xy xz yz; empty for energies),
 * reference, prediction. Energies and virials per atom in eV, forces in eV/angstrom. */
mlsoap_status eval_write_csv(const char *path, const frame_set *set, mlsoap_error *error);

/** The frames with their targets and the predictions (frames_write). */
mlsoap_status eval_write_predictions(const char *path, const frame_set *set, mlsoap_error *error);

#endif
