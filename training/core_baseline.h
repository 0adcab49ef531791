/* SPDX-License-Identifier: BSD-3-Clause */
/** @file core_baseline.h
 *  Targets without the repulsive core (spec training.md 1): while a baseline is applied, the frames hold what is left
 *  for the model to fit. Every fit reads the same frames, so none needs to know of a core. Frames that the core does
 * not reach are not touched, which with `zbl: auto` are all. */
#ifndef MLSOAP_CORE_BASELINE_H
#define MLSOAP_CORE_BASELINE_H

#include "io/frame.h"
#include "potential/pair_core.h"

/** The other targets of a frame: those with the core, while those without are in the frame, or the reverse. */
typedef struct core_frame {
    frame *frame;
    double energy, virial[6], (*forces)[3]; /**< forces owned */
} core_frame;

typedef struct core_baseline {
    core_frame *items;
    size_t n, capacity;
    bool applied;
} core_baseline;

/** Find the frames of the set that the core reaches, and add them. Errors: those of neighbor_list_build with file and
 *  frame, MLSOAP_ERROR_MEMORY. Release with core_baseline_release, also on failure. */
mlsoap_status core_baseline_add(core_baseline *baseline, const pair_core *core, frame_set *set, mlsoap_error *error);
/** Take the core out of the targets (true) or put the targets back as they were, to the last bit. */
void core_baseline_apply(core_baseline *baseline, bool without_core);
/** Puts the targets back first. */
void core_baseline_release(core_baseline *baseline);

#endif
