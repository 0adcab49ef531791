/* SPDX-License-Identifier: BSD-3-Clause */
/* Virials against forces across a vacuum; see vacuum_virial.h. */
#include "app/doctor/vacuum_virial.h"

#include "core/memory.h"
#include "core/sorting.h"
#include "structure/cell.h"

#include <math.h>
#include <string.h>

/* Where the atoms stand along a periodic normal once the cell is cut in its widest gap; false where that is no vacuum.
 * @param[in,out] along  [n] r . n, Angstrom, then moved by whole heights of the cell
 * @param[out] sorted  [n] */
static bool cut_at_vacuum(double *along, double *sorted, size_t n, double height)
{
    for (size_t i = 0; i < n; i++) along[i] -= height * floor(along[i] / height);
    memcpy(sorted, along, n * sizeof *sorted);
    sort_reals(sorted, n);
    double widest = sorted[0] + height - sorted[n - 1], first = sorted[0];
    for (size_t i = 1; i < n; i++)
        if (sorted[i] - sorted[i - 1] > widest) {
            widest = sorted[i] - sorted[i - 1];
            first = sorted[i];
        }
    for (size_t i = 0; i < n; i++)
        if (along[i] < first) along[i] += height;
    return widest >= VACUUM_WIDTH;
}

/* |W n - sum_i f_i (r_i . n)| with `along` = r . n. */
static double difference_along(const frame *f, const double normal[3], const double *along)
{
    const double *w = f->virial, rows[3][3] = {{w[0], w[3], w[4]}, {w[3], w[1], w[5]}, {w[4], w[5], w[2]}};
    size_t n = f->structure.n_atoms;
    double mean = 0, worst = 0;
    for (size_t i = 0; i < n; i++) mean += along[i] / (double)n;
    for (int a = 0; a < 3; a++) {
        double rest = vector_dot(rows[a], normal);
        for (size_t i = 0; i < n; i++) rest -= f->forces[i][a] * (along[i] - mean);
        worst = fmax(worst, fabs(rest));
    }
    return worst;
}

mlsoap_status vacuum_virial_difference(const frame *f, double *difference, mlsoap_error *error)
{
    const structure *s = &f->structure;
    double cell[3][3], inverse[3][3], *along;
    size_t n = s->n_atoms;
    *difference = -1;
    if (!f->has_forces || !f->has_virial || n == 0) return MLSOAP_SUCCESS;
    if (!(along = MEMORY_NEW(double, 2 * n)))
        return status_no_memory(error, 2 * n * sizeof *along, "a check of virials");
    cell_complete(s->cell, s->pbc, cell);
    cell_inverse(cell, inverse);
    for (int k = 0; k < 3; k++) {
        double normal[3] = {inverse[0][k], inverse[1][k], inverse[2][k]};
        double height = 1 / sqrt(vector_dot(normal, normal));
        for (int a = 0; a < 3; a++) normal[a] *= height;
        for (size_t i = 0; i < n; i++) along[i] = vector_dot(s->positions[i], normal);
        if (!s->pbc[k] || cut_at_vacuum(along, along + n, n, height))
            *difference = fmax(*difference, difference_along(f, normal, along));
    }
    memory_free(along);
    return MLSOAP_SUCCESS;
}
