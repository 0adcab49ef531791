/* SPDX-License-Identifier: BSD-3-Clause */
/** @file tall_qr.h
 *  Streaming QR of a tall matrix [A | y]: rows come in any number, only the triangle R is kept (spec training.md 3).
 *  Rows are folded in blocks of TALL_QR_BLOCK, whatever the calls by which they arrive, so the bits of R depend on the
 *  order of the rows alone. Partial triangles are merged in a fixed binary tree (r_tree), so that the final R does not
 *  depend on which thread made which part. A triangle is column-major [n][n], upper, the rest zero; its last column is
 *  Q^T y, and |A x - y|^2 = |R (x, -1)|^2 for every x. */
#ifndef MLSOAP_TALL_QR_H
#define MLSOAP_TALL_QR_H

#include "parallel/parallel.h"

enum { TALL_QR_BLOCK = 512 };

/** Rows on their way into a triangle. One thread at a time. */
typedef struct tall_qr tall_qr;

/** @param[in] n  number of columns, the right-hand side included. Errors: MLSOAP_ERROR_MEMORY. */
mlsoap_status tall_qr_new(size_t n, tall_qr **out, mlsoap_error *error);
void tall_qr_free(tall_qr *qr); /* NULL-safe */

size_t tall_qr_columns(const tall_qr *qr);
/** Add rows[n_rows][stride], row-major, each times `scale`. Error: MLSOAP_ERROR_INTERNAL. */
mlsoap_status tall_qr_add(tall_qr *qr, const double *rows, size_t n_rows, size_t stride, double scale,
                          mlsoap_error *error);

/** Fold what is left and hand over the triangle (to be freed with memory_free); the qr is empty and ready for more.
 *  Error: MLSOAP_ERROR_MEMORY. */
mlsoap_status tall_qr_take(tall_qr *qr, double **R, mlsoap_error *error);

/** R <- triangle of the stacked [R; other]; `other` is destroyed. Rows of zeros at its end cost nothing: one that was
 * made of a few rows usually ends with them, unless these rows themselves begin with zeros, as those of frames without
 * the first elements do. Errors: MLSOAP_ERROR_MEMORY, _INTERNAL. */
mlsoap_status r_merge(double *R, double *other, size_t n, mlsoap_error *error);

/** Bytes that a tall_qr of n columns holds. */
size_t tall_qr_bytes(size_t n);

/** The fixed tree in which the triangles of leaves 0 ... n_leaves-1 are merged: node k of a level absorbs node k + 1
 *  (k even). Thread-safe: the thread that completes a pair merges it. */
typedef struct r_tree r_tree;

mlsoap_status r_tree_new(size_t n_leaves, size_t n, r_tree **out, mlsoap_error *error);
void r_tree_free(r_tree *tree); /* NULL-safe */
/** Hand in the triangle of a leaf, once for each (taken over, also on failure). */
mlsoap_status r_tree_put(r_tree *tree, size_t i_leaf, double *R, mlsoap_error *error);
/** Places of triangles in the tree, and what waits at one (NULL: nothing): for a checkpoint, while no leaf is put. */
size_t r_tree_places(const r_tree *tree);
double **r_tree_at(r_tree *tree, size_t place);
/** Ranks that put different leaves: merge what waits for a partner elsewhere. Collective, once all leaves are in.
 *  @param[in] owner  [n_leaves] rank of each leaf, ascending. Errors: MLSOAP_ERROR_MEMORY, _INTERNAL. */
mlsoap_status r_tree_join(r_tree *tree, parallel *ranks, const int *owner, mlsoap_error *error);
/** The root, after all leaves are in (memory_free it), on the rank of leaf 0; zeros where there are no leaves. NULL: no
 *  memory. */
double *r_tree_take(r_tree *tree);

#endif
