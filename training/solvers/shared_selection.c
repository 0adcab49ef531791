/* SPDX-License-Identifier: BSD-3-Clause */
/* Selection over ranks; see shared_selection.h. */
#include "solvers/shared_selection.h"

#include "app/fps.h"
#include "core/memory.h"

#include <math.h>
#include <string.h>

/* The row of all that is farthest from what is chosen: its distance, its number and its rank. */
static mlsoap_status farthest_of_all(const shared_rows *rows, size_t own, const double *distance, double *largest,
                                     size_t *row, int *owner, mlsoap_error *error)
{
    *largest = rows->n_own > 0 ? distance[own] : -INFINITY;
    *row = rows->first + own;
    return parallel_largest(rows->ranks, largest, row, owner, error);
}

static mlsoap_status sample(const shared_rows *rows, size_t n, double *distance, double *points, size_t *n_points,
                            mlsoap_error *error)
{
    size_t stride = rows->stride, row = 0, unused = 0;
    double scale = fps_begin(rows->X, rows->n_own, stride, stride, distance), largest;
    int owner;
    mlsoap_status status = MLSOAP_SUCCESS;
    if (!isfinite(scale))
        return status_fail(error, MLSOAP_ERROR_VALUE, "a descriptor is not finite: look for coinciding atoms");
    status = parallel_largest(rows->ranks, &scale, &unused, &owner, error);
    /* row 0 is the first choice: no rank has a distance yet, and all are infinite */
    if (!status) status = farthest_of_all(rows, 0, distance, &largest, &row, &owner, error);
    while (!status && *n_points < n) {
        double *chosen = points + (*n_points)++ * stride;
        if (row >= rows->first && row - rows->first < rows->n_own)
            memcpy(chosen, rows->X + (row - rows->first) * stride, stride * sizeof *chosen);
        status = parallel_broadcast(rows->ranks, owner, chosen, stride * sizeof *chosen, error);
        if (status) break;
        size_t own = fps_step(rows->X, rows->n_own, stride, stride, chosen, distance);
        status = farthest_of_all(rows, own, distance, &largest, &row, &owner, error);
        if (!status && largest <= SELECTION_DUPLICATE * scale) break;
    }
    return status;
}

/* All rows on the first rank. */
static mlsoap_status gather(const shared_rows *rows, double **all, mlsoap_error *error)
{
    size_t place[2] = {rows->first, rows->n_own}, stride = rows->stride;
    bool first_rank = parallel_rank(rows->ranks) == 0;
    mlsoap_status status = MLSOAP_SUCCESS;
    *all = NULL;
    if (first_rank && !(*all = MEMORY_NEW(double, rows->n_rows *stride)))
        return status_no_memory(error, rows->n_rows * stride * sizeof **all, "the environments of all ranks");
    if (first_rank) memcpy(*all, rows->X, rows->n_own * stride * sizeof **all);
    for (int r = 1; r < parallel_size(rows->ranks) && !status; r++) {
        size_t at[2] = {place[0], place[1]};
        status = parallel_broadcast(rows->ranks, r, at, sizeof at, error);
        double *buffer = first_rank ? *all + at[0] * stride : (double *)(uintptr_t)rows->X;
        if (!status) status = parallel_move(rows->ranks, r, 0, buffer, at[1] * stride * sizeof **all, error);
    }
    return status;
}

static mlsoap_status select_on_first(const shared_rows *rows, selection_function *select, size_t n, double *points,
                                     size_t *n_points, mlsoap_error *error)
{
    size_t stride = rows->stride, *selected = MEMORY_NEW(size_t, n);
    double *all = NULL;
    mlsoap_status status = selected ? MLSOAP_SUCCESS : status_no_memory(error, n * sizeof *selected, "a selection");
    if (!status) status = gather(rows, &all, error);
    if (!status && all) {
        status = select(all, rows->n_rows, stride, stride, 0, n, selected, n_points, error);
        for (size_t s = 0; s < *n_points && !status; s++)
            memcpy(points + s * stride, all + selected[s] * stride, stride * sizeof *points);
    }
    if (!status) status = parallel_broadcast(rows->ranks, 0, n_points, sizeof *n_points, error);
    if (!status) status = parallel_broadcast(rows->ranks, 0, points, *n_points * stride * sizeof *points, error);
    memory_free(all);
    memory_free(selected);
    return status;
}

mlsoap_status shared_selection(const shared_rows *rows, const char *method, size_t small, size_t n, double *points,
                               size_t *n_points, mlsoap_error *error)
{
    selection_function *select = selection_find(method);
    *n_points = 0;
    if (!select) return status_fail(error, MLSOAP_ERROR_VALUE, "no selection has the name %s", method);
    if (n == 0 || rows->n_rows == 0) return MLSOAP_SUCCESS;
    if (select != fps_select || rows->n_rows * rows->stride < small)
        return select_on_first(rows, select, n, points, n_points, error);
    double *distance = MEMORY_NEW(double, rows->n_own);
    if (!distance) return status_no_memory(error, rows->n_own * sizeof *distance, "farthest point sampling");
    mlsoap_status status = sample(rows, n, distance, points, n_points, error);
    memory_free(distance);
    return status;
}
