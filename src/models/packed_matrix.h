/* SPDX-License-Identifier: BSD-3-Clause */
/** @file packed_matrix.h
 *  A constant matrix B [k][n] stored in panels of 16 columns, panel by panel and row by row inside, so that a product
 *  A B reads it in one stream. */
#ifndef MLSOAP_PACKED_MATRIX_H
#define MLSOAP_PACKED_MATRIX_H

#include "core/status.h"

typedef struct packed_matrix {
    size_t k, n;  /**< n a multiple of 8 */
    double *data; /**< [ceil(n/16)][k][16], zero beyond n; owned */
} packed_matrix;

/** Pack B = X diag(weights): X [k][ld], weights [n] or NULL for 1. n a multiple of 8; k and n below 2^31. Errors:
 *  _MEMORY, _CAPACITY. */
mlsoap_status packed_matrix_new(packed_matrix *packed, size_t k, size_t n, const double *weights, const double *X,
                                size_t ld, mlsoap_error *error);
/** Pack its transpose, B = (X diag(weights))^T: X [n_rows][ld], weights [k] or NULL for 1; n = n_rows rounded up to a
 *  multiple of 8, the columns beyond n_rows are 0. Errors as above. */
mlsoap_status packed_matrix_new_transposed(packed_matrix *packed, size_t k, size_t n_rows, const double *weights,
                                           const double *X, size_t ld, mlsoap_error *error);
void packed_matrix_release(packed_matrix *packed);

/** C [m][ldc] = A [m][lda] B by the kernels of this machine; rows of C aligned to 64 bytes. An element of C does not
 *  depend on m. Thread-safe. */
void packed_matrix_multiply(const packed_matrix *packed, int m, const double *A, size_t lda, double *C, size_t ldc);
/** The same for a product known to be symmetric: only its lower triangle (and what the panels hold above). */
void packed_matrix_multiply_lower(const packed_matrix *packed, int m, const double *A, size_t lda, double *C,
                                  size_t ldc);

/** A constant lower triangle G [n][n] (G_ij = 0 for i < j) in panels of 16 columns, each from its first row that is not
 *  0 on: half the numbers and half the work of a matrix. */
typedef struct packed_triangle {
    size_t n;     /**< a multiple of 8 */
    double *data; /**< panel p: [n - 16 p][16]; owned */
} packed_triangle;

/** Pack G from its rows one after the other, i + 1 numbers of row i. Errors: _MEMORY, _CAPACITY. */
mlsoap_status packed_triangle_new(packed_triangle *packed, size_t n, const double *rows, mlsoap_error *error);
void packed_triangle_release(packed_triangle *packed);

/** C [m][ldc] = A [m][lda] G, as packed_matrix_multiply. */
void packed_triangle_multiply(const packed_triangle *packed, int m, const double *A, size_t lda, double *C, size_t ldc);

#endif
