/* SPDX-License-Identifier: BSD-3-Clause */
/** @file runner.h
 *  input.data of RuNNer and n2p2: frames between the lines `begin` and `end`, with lines
 *
 *      comment TEXT                                (any number)
 *      lattice ax ay az                            (none, or three: periodic in all directions)
 *      atom x y z El charge energy fx fy fz        (or only x y z El: no forces)
 *      energy E                                    (total; may be missing)
 *      charge Q                                    (checked, not used)
 *
 *  RuNNer 2 declares the columns of the atom lines: `begin position(3) element charge forces(3)`.
 *
 *  The format states no units: read_options does. Other modules use io.h. */
#ifndef MLSOAP_RUNNER_H
#define MLSOAP_RUNNER_H

#include "io/io.h"

bool runner_recognizes(const char *bytes, size_t n_bytes);

/** input.data, or any name that ends so. */
bool runner_has_name(const char *base_name);

/** Errors: those of frames_read; MLSOAP_ERROR_VALUE: an unknown unit. */
mlsoap_status runner_read(const char *bytes, size_t n_bytes, const char *name, const read_options *options,
                          frame_set *set, mlsoap_error *error);

/** Angstrom and eV: reading gives the same bits. Virials and predictions are not written. MLSOAP_ERROR_VALUE: a frame
 *  without energy or forces (the format has no way to say that they are missing), or periodic in some directions only.
 */
mlsoap_status runner_write(const char *path, const frame *const *frames, size_t n_frames, mlsoap_error *error);

#endif
