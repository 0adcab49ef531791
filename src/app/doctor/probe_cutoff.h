/* SPDX-License-Identifier: BSD-3-Clause */
/** @file probe_cutoff.h
 *  A cutoff for quick looks at any data. */
#ifndef MLSOAP_PROBE_CUTOFF_H
#define MLSOAP_PROBE_CUTOFF_H

#include "io/frame.h"

/** The radius from 3 to 8 Angstrom within which an atom of some of the frames has 30 neighbors. Errors: those of
 *  neighbor_list_build. */
mlsoap_status probe_cutoff(const frame *const *frames, size_t n_frames, double *r_cut, mlsoap_error *error);

#endif
