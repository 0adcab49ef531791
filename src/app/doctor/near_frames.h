/* SPDX-License-Identifier: BSD-3-Clause */
/** @file near_frames.h
 *  Energies against forces and virials without any model: between two frames of the same atoms that differ by small
 *  displacements u and a small strain eps,
 *
 *      E_b - E_a = - sum_i u_i . (F_a + F_b)_i / 2 - eps : (W_a + W_b) / 2      (trapezoidal rule)
 *
 *  so that the slope of the left over the right is 1, whatever the material. */
#ifndef MLSOAP_NEAR_FRAMES_H
#define MLSOAP_NEAR_FRAMES_H

#include "app/doctor/target_slopes.h"
#include "io/frame.h"

/** What differs between the frames of a pair. */
typedef enum near_kind {
    NEAR_MOVED,     /**< positions: tests forces */
    NEAR_STRETCHED, /**< mostly the diagonal of the strain */
    NEAR_SHEARED,   /**< mostly the rest of the strain */
    N_NEAR_KINDS
} near_kind;

/** Pairs of one kind and config_type. */
typedef struct near_group {
    const char *config_type; /**< that of a frame */
    near_kind kind;
    size_t first_frame; /**< index into the frames given, of its first pair */
    target_slope slope; /**< E_b - E_a over what forces and virials give */
    double size;        /**< root mean square of both, eV/atom */
} near_group;

typedef struct near_groups {
    near_group *items;
    size_t n;
} near_groups;

/** Pair every frame with the nearest of the next 200 and compare. Groups of fewer than 4 pairs are left out.
 *  Errors: MLSOAP_ERROR_MEMORY. Release in any case. */
mlsoap_status near_frames_find(const frame *const *frames, size_t n_frames, near_groups *groups, mlsoap_error *error);
void near_groups_release(near_groups *groups);

/** True, with a line of text, where a group contradicts itself. */
bool near_group_verdict(const near_group *group, char *text, size_t size);

#endif
