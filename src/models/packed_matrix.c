/* SPDX-License-Identifier: BSD-3-Clause */
/* Products with a constant matrix; see packed_matrix.h. */
#include "models/packed_matrix.h"

#include "core/memory.h"
#include "kernels/kernels.h"

#include <limits.h>

enum { PANEL = 16 };

mlsoap_status packed_matrix_new(packed_matrix *packed, size_t k, size_t n, double scale, const double *B, size_t ld,
                                mlsoap_error *error)
{
    size_t n_panels = (n + PANEL - 1) / PANEL, rows;
    if (k > INT_MAX || n > INT_MAX)
        return status_fail(error, MLSOAP_ERROR_CAPACITY,
                           "a matrix of %zu x %zu is larger than the %d rows and columns "
                           "that models take",
                           k, n, INT_MAX);
    packed->k = k;
    packed->n = n;
    packed->data = size_multiply(n_panels, k, &rows) ? memory_new(rows, PANEL * sizeof(double)) : NULL;
    if (!packed->data) return status_no_memory(error, k * n * sizeof(double), "the matrix of a model");
    for (size_t panel = 0; panel < n_panels; panel++) {
        size_t first = panel * PANEL, width = n - first < PANEL ? n - first : PANEL;
        double *to = packed->data + panel * k * PANEL;
        for (size_t i = 0; i < k; i++)
            for (size_t j = 0; j < width; j++) to[i * PANEL + j] = scale * B[i * ld + first + j];
    }
    return MLSOAP_SUCCESS;
}

void packed_matrix_release(packed_matrix *packed)
{
    memory_free(packed->data);
    *packed = (packed_matrix){0};
}

void packed_matrix_multiply(const packed_matrix *packed, int m, const double *A, size_t lda, double *C, size_t ldc)
{
    const kernels *kernels_of_machine = kernels_active();
    for (size_t first = 0; first < packed->n; first += PANEL) {
        int width = packed->n - first < PANEL ? (int)(packed->n - first) : PANEL;
        kernels_of_machine->matrix_multiply(m, width, (int)packed->k, A, (int)lda, packed->data + first * packed->k,
                                            PANEL, C + first, (int)ldc);
    }
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
