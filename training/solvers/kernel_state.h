/* SPDX-License-Identifier: BSD-3-Clause */
/** @file kernel_state.h
 *  What a fit that is linear in its unknowns rests on, as states of a checkpoint: sparse points ("points") and
 *  triangles ("triangles"), the latter without their zeros. A state is held from the live memory, which must stay where
 *  it is until the name is dropped. */
#ifndef MLSOAP_KERNEL_STATE_H
#define MLSOAP_KERNEL_STATE_H

#include "checkpoint.h"
#include "solvers/kernel_rows.h"
#include "solvers/regression.h"

/** The points of the terms of the basis that have chosen ones: not unit vectors. Nothing where no term has.
 *  Errors: MLSOAP_ERROR_MEMORY. */
mlsoap_status points_hold(checkpoint *c, kernel_basis *basis, mlsoap_error *error);
/** Points and settings of such terms, which have neither, from what is kept; kernel_basis_finish is left to do.
 *  *found false: nothing is. Errors: MLSOAP_ERROR_FORMAT (other sizes), _MEMORY. */
mlsoap_status points_restore(checkpoint *c, kernel_basis *basis, bool *found, mlsoap_error *error);

/** Triangles, numbers of rows and weights of both parts. Errors: MLSOAP_ERROR_MEMORY. */
mlsoap_status triangles_hold(checkpoint *c, regression *r, mlsoap_error *error);
/** The same for r->n unknowns of a regression that is empty otherwise. Errors: as points_restore. */
mlsoap_status triangles_restore(checkpoint *c, regression *r, bool *found, mlsoap_error *error);

/** A triangle R [n][n] column-major as n parts. */
void triangle_parts(double *R, size_t n, checkpoint_part *parts);
/** Bytes of a triangle without its zeros. */
size_t triangle_bytes(size_t n);
/** A new triangle from such bytes; memory_free it. NULL: no memory. */
double *triangle_new(const char *bytes, size_t n);

#endif
