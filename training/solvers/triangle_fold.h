/* SPDX-License-Identifier: BSD-3-Clause */
/** @file triangle_fold.h
 *  Fits that go on from X.triangles (origin.h): its sparse points, and its rows joined to those of new data. */
#ifndef MLSOAP_TRIANGLE_FOLD_H
#define MLSOAP_TRIANGLE_FOLD_H

#include "fit_method.h"
#include "solvers/hyperparameters.h"
#include "solvers/kernel_state.h"

/** How the rows of a fit were weighted. */
typedef struct fold_weights {
    hyperparameters best;
    double scale[N_FRAME_TARGETS]; /**< hyperparameter_search.scale */
    loss_statistics statistics;
    int with_validation; /**< the rows of the validation part were fitted in the end */
} fold_weights;

/** Points of problem->from, or else of the file `path` (model.sparse_points, of a model of one term), into a basis
 *  without any.
 *  Errors: those of reading; MLSOAP_ERROR_VALUE (no such points, or for other descriptors). */
mlsoap_status fold_points(const fit_problem *problem, const char *path, kernel_basis *basis, mlsoap_error *error);
/** All rows that the origin was fitted to join r->fit: |A x - y|^2 of both. @param[out] old  their weights
 *  Errors: MLSOAP_ERROR_FORMAT (another number of unknowns), _MEMORY, _INTERNAL. */
mlsoap_status fold_rows(const fit_origin *from, regression *r, fold_weights *old, mlsoap_error *error);
/** Hold triangles and weights, which stay where they are until `file` is freed. Error: MLSOAP_ERROR_MEMORY. */
mlsoap_status fold_hold(checkpoint *file, regression *r, fold_weights *weights, mlsoap_error *error);

#endif
