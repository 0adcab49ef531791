/* SPDX-License-Identifier: BSD-3-Clause */
/* Algebra of cells; see cell.h. */
#include "structure/cell.h"

#include <math.h>
#include <string.h>

static void normalize(double a[3])
{
    double norm = sqrt(vector_dot(a, a));
    for (int k = 0; k < 3; k++) a[k] /= norm;
}

/* A unit vector perpendicular to a. */
static void perpendicular(const double a[3], double result[3])
{
    double axis[3] = {0.0, 0.0, 0.0};
    int smallest = 0;
    for (int k = 1; k < 3; k++)
        if (fabs(a[k]) < fabs(a[smallest])) smallest = k;
    axis[smallest] = 1.0;
    vector_cross(a, axis, result);
    normalize(result);
}

double cell_volume(const double cell[3][3])
{
    double normal[3];
    vector_cross(cell[1], cell[2], normal);
    return vector_dot(cell[0], normal);
}

double cell_inverse(const double cell[3][3], double inverse[3][3])
{
    double columns[3][3];
    for (int i = 0; i < 3; i++) vector_cross(cell[(i + 1) % 3], cell[(i + 2) % 3], columns[i]);
    double volume = vector_dot(cell[0], columns[0]);
    for (int j = 0; j < 3; j++)
        for (int k = 0; k < 3; k++) inverse[j][k] = columns[k][j] / volume;
    return volume;
}

void cell_complete(const double cell[3][3], const int pbc[3], double completed[3][3])
{
    int free_rows[3], n_free = 0, n_periodic = 0, periodic_rows[3];
    for (int i = 0; i < 3; i++) {
        if (pbc[i])
            periodic_rows[n_periodic++] = i;
        else
            free_rows[n_free++] = i;
        memcpy(completed[i], cell[i], sizeof completed[i]);
    }
    if (n_free == 3) {
        for (int i = 0; i < 3; i++)
            for (int k = 0; k < 3; k++) completed[i][k] = i == k ? 1.0 : 0.0;
    } else if (n_free == 2) {
        perpendicular(completed[periodic_rows[0]], completed[free_rows[0]]);
        vector_cross(completed[periodic_rows[0]], completed[free_rows[0]], completed[free_rows[1]]);
        normalize(completed[free_rows[1]]);
    } else if (n_free == 1) {
        vector_cross(completed[periodic_rows[0]], completed[periodic_rows[1]], completed[free_rows[0]]);
        normalize(completed[free_rows[0]]);
    }
}
