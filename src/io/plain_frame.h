/* SPDX-License-Identifier: BSD-3-Clause */
/** @file plain_frame.h
 *  Frames of formats whose fields are fixed (POSCAR, XDATCAR, CIF, RuNNer): no config_type, no weights, at most one
 *  name for each target. */
#ifndef MLSOAP_PLAIN_FRAME_H
#define MLSOAP_PLAIN_FRAME_H

#include "io/io.h"
#include "io/text_lines.h"

/** A new frame behind those of the set, with room for n_atoms (at least 1, and bounded by the caller by the size of the
 *  file), line, index and defaults; plain_frame_end must follow, also after an error of the caller.
 *  NULL: MLSOAP_ERROR_MEMORY. */
frame *plain_frame_begin(frame_set *set, size_t n_atoms, const text_place *place, long line, mlsoap_error *error);

/** Check the structure where `status` is success, and add the frame to the set; else release it. @return status */
mlsoap_status plain_frame_end(frame_set *set, mlsoap_status status, const text_place *place, mlsoap_error *error);

/** Which targets to take from a format that has those of `names` (NULL where it has none).
 *  MLSOAP_ERROR_VALUE: data.keys names something else. */
mlsoap_status plain_targets(const read_options *options, const char *const names[N_FRAME_TARGETS], const char *format,
                            const char *file, bool take[N_FRAME_TARGETS], mlsoap_error *error);

/** product = v * cell for the rows a, b, c of the cell; may not overlap. */
void fractional_to_cartesian(const double cell[3][3], const double v[3], double product[3]);

#endif
