/* SPDX-License-Identifier: BSD-3-Clause */
/** @file structure_kernel.h
 *  The average kernel between structures (spec structure-descriptors.md 4; De, Bartok, Csanyi, Ceriotti 2016,
 *  doi:10.1039/C6CP00415F, eq. 7): with environments x_i = D_i/|D_i| and k(i,j) = (x_i . x_j)^zeta,
 *
 *      K(A,B) = (1/N_A N_B) sum_ij k(i,j),   divided by sqrt(K(A,A) K(B,B)). */
#ifndef MLSOAP_STRUCTURE_KERNEL_H
#define MLSOAP_STRUCTURE_KERNEL_H

#include "app/describe_frames.h"
#include "app/progress.h"
#include "io/frame.h"

/** K [n_frames][n_frames] of all structures of a set. A structure whose features are all 0 has kernel 0. The same for
 * any number of threads.
 *  @param[in] zeta  exponent, 1 or more   @param[in,out] bar  n_frames steps; NULL allowed
 *  Errors: those of describe_structure with file and frame in front; MLSOAP_ERROR_VALUE where descriptors give rows of
 *  structures; MLSOAP_ERROR_MEMORY (the rows of all environments are held). */
mlsoap_status structure_kernel(describer *d, const frame_set *set, int zeta, progress *bar, double *K,
                               mlsoap_error *error);

#endif
