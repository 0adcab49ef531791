/* SPDX-License-Identifier: BSD-3-Clause */
/** @file frame_match.h
 *  The same frame twice: equal cells and wrapped positions to 1e-4 Angstrom, atoms in any order. */
#ifndef MLSOAP_FRAME_MATCH_H
#define MLSOAP_FRAME_MATCH_H

#include "io/frame.h"

#define FRAME_MATCH_TOLERANCE 1e-4 /* Angstrom */

typedef struct frame_pair {
    size_t a, b;
} frame_pair;

/** True where the two structures are the same. */
bool structures_match(const structure *a, const structure *b);

/** All pairs (frame of a, frame of b) that match; n_b = 0: pairs a < b within `a`. Nearly linear in the number of
 * frames.
 *  @param[out] pairs  in order of b, then a; memory_free it */
mlsoap_status frames_match(const frame *const *a, size_t n_a, const frame *const *b, size_t n_b, frame_pair **pairs,
                           size_t *n_pairs, mlsoap_error *error);

#endif
