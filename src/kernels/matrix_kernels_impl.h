/* SPDX-License-Identifier: BSD-3-Clause */
/* Small dense matrix product, included by each kernels_<isa>.c. A tile of `rows` times `vectors` registers of C is held
 * while k runs, so that an element of C is one sum over k in order: its value does not depend on m, n or the tile that
 * it falls into. Fastest where ldb = 16 (panels of B packed by the caller: models/packed_matrix.h). */
#include "kernels/kernels.h"
#include "kernels/vector.h"

/* Rows of a tile: with two vectors a row, half of the registers are sums. */
enum { TILE_ROWS = REGISTERS / 4 };

/* One tile; `rows` and `vectors` are constants of the caller, so that the loops over them unroll. */
static inline __attribute__((always_inline)) void KERNEL(matrix_tile)(int rows, int vectors, int k, const double *A,
                                                                      int lda, const double *B, int ldb, double *C,
                                                                      int ldc)
{
    vec sum[TILE_ROWS][2] = {{{0}}};
    for (int p = 0; p < k; p++) {
        const double *b = B + (long)p * ldb;
        vec b0 = load(b), b1 = vectors == 2 ? load(b + WIDTH) : b0;
#pragma GCC unroll 8
        for (int i = 0; i < rows; i++) {
            double a = A[(long)i * lda + p];
            sum[i][0] += a * b0;
            if (vectors == 2) sum[i][1] += a * b1;
        }
    }
#pragma GCC unroll 8
    for (int i = 0; i < rows; i++) {
        store(C + (long)i * ldc, sum[i][0]);
        if (vectors == 2) store(C + (long)i * ldc + WIDTH, sum[i][1]);
    }
}

/* All rows of `vectors` registers of columns. */
static inline __attribute__((always_inline)) void KERNEL(matrix_columns)(int vectors, int m, int k, const double *A,
                                                                         int lda, const double *B, int ldb, double *C,
                                                                         int ldc)
{
    int i = 0;
    for (; i + TILE_ROWS <= m; i += TILE_ROWS)
        KERNEL(matrix_tile)(TILE_ROWS, vectors, k, A + (long)i * lda, lda, B, ldb, C + (long)i * ldc, ldc);
    for (; i + 2 <= m; i += 2)
        KERNEL(matrix_tile)(2, vectors, k, A + (long)i * lda, lda, B, ldb, C + (long)i * ldc, ldc);
    if (i < m) KERNEL(matrix_tile)(1, vectors, k, A + (long)i * lda, lda, B, ldb, C + (long)i * ldc, ldc);
}

static void KERNEL(matrix_multiply)(int m, int n, int k, const double *A, int lda, const double *B, int ldb, double *C,
                                    int ldc)
{
    int j = 0;
    for (; j + 2 * WIDTH <= n; j += 2 * WIDTH) KERNEL(matrix_columns)(2, m, k, A, lda, B + j, ldb, C + j, ldc);
    for (; j < n; j += WIDTH) KERNEL(matrix_columns)(1, m, k, A, lda, B + j, ldb, C + j, ldc);
}
