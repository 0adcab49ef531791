/* SPDX-License-Identifier: BSD-3-Clause */
/* The average kernel between structures; see structure_kernel.h. */
#include "app/structure_kernel.h"

#include "core/memory.h"
#include "models/dot_product.h"

#include <math.h>
#include <string.h>

/** Environments of all structures, at unit length. */
typedef struct kernel_rows {
    double *X; /* [n][stride], 0 beyond n_features */
    size_t n, capacity, n_features, stride;
    size_t *first; /* [n_structures + 1] */
    size_t n_structures;
} kernel_rows;

static mlsoap_status add_rows(kernel_rows *rows, const description_rows *from, mlsoap_error *error)
{
    size_t needed, n = rows->n_features;
    if (!size_multiply(rows->n + from->n_rows, rows->stride, &needed) ||
        !MEMORY_RESERVE(&rows->X, &rows->capacity, needed))
        return status_no_memory(error, (rows->n + from->n_rows) * rows->stride * sizeof(double),
                                "the environments of a kernel");
    for (size_t i = 0; i < from->n_rows; i++) {
        const double *D = from->values + i * n;
        double *x = rows->X + rows->n++ * rows->stride, square = 0;
        for (size_t f = 0; f < n; f++) square += D[f] * D[f];
        for (size_t f = 0; f < n; f++) x[f] = square > 0 ? D[f] / sqrt(square) : 0;
    }
    return MLSOAP_SUCCESS;
}

static mlsoap_status collect(describer *d, const frame_set *set, kernel_rows *rows, progress *bar, mlsoap_error *error)
{
    description_rows from = {0};
    mlsoap_status status = MLSOAP_SUCCESS;
    for (size_t i = 0; i < set->n_frames && !status; i++) {
        const frame *f = &set->frames[i];
        status = describe_structure(d, &f->structure, DESCRIBE_VALUES, &from, error);
        if (status)
            status_prefix(error, status, "%s: frame %zu (line %ld)", set->files[f->i_file].path, f->index, f->line);
        else
            status = add_rows(rows, &from, error);
        rows->first[i + 1] = rows->n;
        progress_add(bar, 1);
    }
    description_rows_release(&from);
    return status;
}

static double power(double x, int n)
{
    double product = 1;
    for (; n > 0; n >>= 1, x *= x)
        if (n & 1) product *= x;
    return product;
}

/* (1/N_A N_B) sum_ij (x_i . x_j)^zeta. */
static double mean_kernel(const kernel_rows *rows, size_t a, size_t b, int zeta)
{
    const size_t *first = rows->first;
    double sum = 0, n_pairs = (double)(first[a + 1] - first[a]) * (double)(first[b + 1] - first[b]);
    for (size_t i = first[a]; i < first[a + 1]; i++)
        for (size_t j = first[b]; j < first[b + 1]; j++)
            sum += power(dot_product(rows->stride, rows->X + i * rows->stride, rows->X + j * rows->stride), zeta);
    return n_pairs > 0 ? sum / n_pairs : 0;
}

static void fill(const kernel_rows *rows, int zeta, double *K)
{
    size_t n = rows->n_structures;
#pragma omp parallel for schedule(dynamic)
    for (size_t a = 0; a < n; a++)
        for (size_t b = 0; b <= a; b++) K[a * n + b] = mean_kernel(rows, a, b, zeta);
    for (size_t a = 0; a < n; a++)
        for (size_t b = 0; b < a; b++) {
            double own = K[a * n + a] * K[b * n + b];
            K[b * n + a] = K[a * n + b] = own > 0 ? K[a * n + b] / sqrt(own) : 0;
        }
    for (size_t a = 0; a < n; a++) K[a * n + a] = K[a * n + a] > 0;
}

mlsoap_status structure_kernel(describer *d, const frame_set *set, int zeta, progress *bar, double *K,
                               mlsoap_error *error)
{
    kernel_rows rows = {
        .n_features = d->n_features, .stride = (d->n_features + 7) / 8 * 8, .n_structures = set->n_frames};
    if (d->is_per_structure)
        return status_fail(
            error, MLSOAP_ERROR_VALUE,
            "the average kernel compares environments, and these descriptors give one row per structure: "
            "leave `average` and `pooling` away");
    rows.first = MEMORY_NEW(size_t, set->n_frames + 1);
    if (!rows.first) return status_no_memory(error, set->n_frames * sizeof *rows.first, "a kernel");
    mlsoap_status status = collect(d, set, &rows, bar, error);
    if (!status) fill(&rows, zeta, K);
    memory_free(rows.X);
    memory_free(rows.first);
    return status;
}
