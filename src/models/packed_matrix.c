/* SPDX-License-Identifier: BSD-3-Clause */
/* Products with a constant matrix; see packed_matrix.h. */
#include "models/packed_matrix.h"

#include "core/memory.h"
#include "kernels/kernels.h"

#include <limits.h>

enum { PANEL = 16 };

static mlsoap_status allocate(packed_matrix *packed, size_t k, size_t n, mlsoap_error *error)
{
    size_t rows;
    if (k > INT_MAX || n > INT_MAX)
        return status_fail(error, MLSOAP_ERROR_CAPACITY,
                           "a matrix of %zu x %zu is larger than the %d rows and columns that models take", k, n,
                           INT_MAX);
    packed->k = k;
    packed->n = n;
    packed->data = size_multiply((n + PANEL - 1) / PANEL, k, &rows) ? memory_new(rows, PANEL * sizeof(double)) : NULL;
    return packed->data ? MLSOAP_SUCCESS : status_no_memory(error, k * n * sizeof(double), "the matrix of a model");
}

static size_t panel_width(size_t n, size_t first)
{
    return n - first < PANEL ? n - first : PANEL;
}

mlsoap_status packed_matrix_new(packed_matrix *packed, size_t k, size_t n, const double *weights, const double *X,
                                size_t ld, mlsoap_error *error)
{
    mlsoap_status status = allocate(packed, k, n, error);
    for (size_t first = 0; !status && first < n; first += PANEL) {
        size_t width = panel_width(n, first);
        double *to = packed->data + first * k;
        for (size_t i = 0; i < k; i++)
            for (size_t j = 0; j < width; j++)
                to[i * PANEL + j] = X[i * ld + first + j] * (weights ? weights[first + j] : 1);
    }
    return status;
}

mlsoap_status packed_matrix_new_transposed(packed_matrix *packed, size_t k, size_t n_rows, const double *weights,
                                           const double *X, size_t ld, mlsoap_error *error)
{
    mlsoap_status status = allocate(packed, k, (n_rows + 7) / 8 * 8, error);
    for (size_t first = 0; !status && first < n_rows; first += PANEL) {
        size_t width = panel_width(n_rows, first);
        double *to = packed->data + first * k;
        for (size_t i = 0; i < k; i++)
            for (size_t j = 0; j < width; j++) to[i * PANEL + j] = X[(first + j) * ld + i] * (weights ? weights[i] : 1);
    }
    return status;
}

void packed_matrix_release(packed_matrix *packed)
{
    memory_free(packed->data);
    *packed = (packed_matrix){0};
}

/* Columns `first` and on of a panel, from row `row` of A and C on. */
static void multiply_panel(const packed_matrix *packed, size_t first, size_t row, int m, const double *A, size_t lda,
                           double *C, size_t ldc)
{
    kernels_active()->matrix_multiply(m - (int)row, (int)panel_width(packed->n, first), (int)packed->k, A + row * lda,
                                      (int)lda, packed->data + first * packed->k, PANEL, C + row * ldc + first,
                                      (int)ldc);
}

void packed_matrix_multiply(const packed_matrix *packed, int m, const double *A, size_t lda, double *C, size_t ldc)
{
    for (size_t first = 0; first < packed->n; first += PANEL) multiply_panel(packed, first, 0, m, A, lda, C, ldc);
}

void packed_matrix_multiply_lower(const packed_matrix *packed, int m, const double *A, size_t lda, double *C,
                                  size_t ldc)
{
    for (size_t first = 0; first < packed->n; first += PANEL) multiply_panel(packed, first, first, m, A, lda, C, ldc);
}

/* ------------------------------------------------------------------------------------------------------- triangle */

/* Numbers in front of panel p. */
static size_t panel_start(size_t n, size_t p)
{
    return PANEL * (p * n - PANEL * (p * p - p) / 2);
}

mlsoap_status packed_triangle_new(packed_triangle *packed, size_t n, const double *rows, mlsoap_error *error)
{
    size_t n_panels = (n + PANEL - 1) / PANEL;
    if (n > INT_MAX)
        return status_fail(error, MLSOAP_ERROR_CAPACITY,
                           "a triangle of %zu rows is larger than the %d that models take", n, INT_MAX);
    packed->n = n;
    packed->data = MEMORY_NEW(double, panel_start(n, n_panels));
    if (!packed->data) return status_no_memory(error, panel_start(n, n_panels) * sizeof(double), "a triangle");
    for (size_t i = 0; i < n; rows += i + 1, i++)
        for (size_t j = 0; j <= i; j++) {
            size_t panel = j / PANEL;
            packed->data[panel_start(n, panel) + (i - panel * PANEL) * PANEL + j % PANEL] = rows[j];
        }
    return MLSOAP_SUCCESS;
}

void packed_triangle_release(packed_triangle *packed)
{
    memory_free(packed->data);
    *packed = (packed_triangle){0};
}

void packed_triangle_multiply(const packed_triangle *packed, int m, const double *A, size_t lda, double *C, size_t ldc)
{
    const kernels *kernels_of_machine = kernels_active();
    const double *panel = packed->data;
    for (size_t first = 0; first < packed->n; first += PANEL) {
        size_t k = packed->n - first;
        int width = k < PANEL ? (int)k : PANEL;
        kernels_of_machine->matrix_multiply(m, width, (int)k, A + first, (int)lda, panel, PANEL, C + first, (int)ldc);
        panel += k * PANEL;
    }
}
