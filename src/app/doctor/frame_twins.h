/* SPDX-License-Identifier: BSD-3-Clause */
/** @file frame_twins.h
 *  The same structure rotated, reflected, shifted or with its atoms in another order: found by the mean power spectrum
 *  of the atoms of each element, which all of these leave as it is, and by the lengths of the forces. */
#ifndef MLSOAP_FRAME_TWINS_H
#define MLSOAP_FRAME_TWINS_H

#include "app/doctor/frame_match.h"

/** For every frame b the first frame a < b that is equivalent to it but not the same (structures_match): in order of b.
 *  Frames of one atom are passed over. Nearly linear in the number of frames. memory_free *pairs.
 *  Errors: those of the neighbor list and of descriptors, MLSOAP_ERROR_MEMORY. */
mlsoap_status frame_twins_find(const frame *const *frames, size_t n_frames, frame_pair **pairs, size_t *n_pairs,
                               mlsoap_error *error);

#endif
