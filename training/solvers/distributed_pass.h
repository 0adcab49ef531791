/* SPDX-License-Identifier: BSD-3-Clause */
/** @file distributed_pass.h
 *  The pass over the frames (kernel_triangles.h) for triangles that lie on all ranks: every rank fills rows of its
 * frames, and from time to time those of all ranks are folded in together. */
#ifndef MLSOAP_DISTRIBUTED_PASS_H
#define MLSOAP_DISTRIBUTED_PASS_H

#include "solvers/kernel_triangles.h"

/** What kernel_triangles does, with K as well, into parts of this rank; sets r->distributed.
 *  Collective. Errors: those of kernel_triangles; MLSOAP_ERROR_UNSUPPORTED (no ScaLAPACK), _VALUE (one rank). */
mlsoap_status distributed_pass(const triangle_problem *problem, progress *bar, regression *r, mlsoap_error *error);

/** Bytes that a rank needs at most, with the search and the solution, without kernel_rows. */
double distributed_pass_bytes(double n_columns, double largest_atoms, int n_ranks);

#endif
