/* SPDX-License-Identifier: BSD-3-Clause */
/** @file extxyz_targets.h
 *  Energy and virial of an extxyz frame from its comment line, by the roles of target_keys.h; comparison of keys that
 *  mean the same. Sign and order of stress: virial-and-units (W = -stress * volume; six numbers are xx yy zz yz xz xy).
 */
#ifndef MLSOAP_EXTXYZ_TARGETS_H
#define MLSOAP_EXTXYZ_TARGETS_H

#include "io/target_keys.h"

/** Fill energy and virial of f, whose structure is complete; count them in file->targets. Keys that turn out to be
 * unused get that role. Errors: MLSOAP_ERROR_VALUE (conflict of two keys, virial not symmetric, stress without volume,
 * not finite), MLSOAP_ERROR_FORMAT (wrong count of numbers), MLSOAP_ERROR_MEMORY. */
mlsoap_status targets_read(frame *f, frame_file *file, target_keys *keys, const extxyz_comment *c,
                           const text_place *place, mlsoap_error *error);

/** Count one frame in which `key` fed a target with the n numbers as read; n_counted of them are independent. */
mlsoap_status targets_count(frame_key_use *use, const target_key *key, const double *numbers, size_t n,
                            size_t n_counted, mlsoap_error *error);

/** Two force components that differ by rounding at most (1e-6 eV/angstrom). */
bool targets_agree_forces(double a, double b);

/** "frame 3, atom 5: 'forces' is 1 and 'dft_forces' is 2 ...". `where` is "" or ", atom 5". */
mlsoap_status targets_fail_conflict(const target_key *a, double value_a, const target_key *b, double value_b,
                                    const char *where, const text_place *place, mlsoap_error *error);

#endif
