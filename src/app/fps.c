/* SPDX-License-Identifier: BSD-3-Clause */
/* Farthest point sampling; see fps.h. Every distance is a sum in one fixed order, so threads change nothing. */
#include "app/fps.h"

#include "core/memory.h"

#include <math.h>

enum { LANES = 8 };

static double squared_distance(const double *a, const double *b, size_t n)
{
    double sum[LANES] = {0};
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        for (int k = 0; k < LANES; k++) sum[k] += (a[i + k] - b[i + k]) * (a[i + k] - b[i + k]);
    for (; i < n; i++) sum[0] += (a[i] - b[i]) * (a[i] - b[i]);
    return ((sum[0] + sum[4]) + (sum[1] + sum[5])) + ((sum[2] + sum[6]) + (sum[3] + sum[7]));
}

double fps_begin(const double *X, size_t n_rows, size_t n_features, size_t stride, double *distance)
{
    double largest = 0;
    for (size_t i = 0; i < n_rows; i++) {
        double norm = 0;
        for (size_t f = 0; f < n_features; f++) norm += X[i * stride + f] * X[i * stride + f];
        if (!(norm <= largest)) largest = norm; /* a NaN stays */
        if (!isfinite(largest)) return largest;
        distance[i] = INFINITY;
    }
    return largest;
}

size_t fps_step(const double *X, size_t n_rows, size_t n_features, size_t stride, const double *chosen,
                double *distance)
{
    size_t farthest = 0;
#pragma omp parallel for schedule(static)
    for (size_t i = 0; i < n_rows; i++) {
        double d = squared_distance(X + i * stride, chosen, n_features);
        if (d < distance[i]) distance[i] = d;
    }
    for (size_t i = 1; i < n_rows; i++)
        if (distance[i] > distance[farthest]) farthest = i;
    return farthest;
}

mlsoap_status fps_select(const double *X, size_t n_rows, size_t n_features, size_t stride, size_t first, size_t n,
                         size_t *selected, size_t *n_selected, mlsoap_error *error)
{
    *n_selected = 0;
    if (n_rows == 0 || n == 0) return MLSOAP_SUCCESS;
    if (first >= n_rows) return status_fail(error, MLSOAP_ERROR_ARGUMENT, "the first row is %zu of %zu", first, n_rows);
    double *distance = MEMORY_NEW(double, n_rows);
    if (!distance) return status_no_memory(error, n_rows * sizeof *distance, "farthest point sampling");
    double scale = fps_begin(X, n_rows, n_features, stride, distance);
    if (!isfinite(scale)) {
        memory_free(distance);
        return status_fail(error, MLSOAP_ERROR_VALUE, "a descriptor is not finite: look for coinciding atoms");
    }
    size_t next = first;
    while (*n_selected < n) {
        selected[(*n_selected)++] = next;
        next = fps_step(X, n_rows, n_features, stride, X + next * stride, distance);
        if (distance[next] <= SELECTION_DUPLICATE * scale) break;
    }
    memory_free(distance);
    return MLSOAP_SUCCESS;
}
