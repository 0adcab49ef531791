/* SPDX-License-Identifier: BSD-3-Clause */
/* Structures; see structure.h. */
#include "structure/structure.h"

#include "core/elements.h"
#include "core/memory.h"
#include "structure/cell.h"

#include <math.h>
#include <string.h>

/* Lattice vectors count as linearly dependent where the volume they span, divided by the product of their lengths, is
 * below this: a sine of the smallest angle, far below that of any cell that a calculation could use. */
static const double SMALLEST_SINE = 1e-6;

mlsoap_status structure_new(structure *s, size_t n_atoms, mlsoap_error *error)
{
    memset(s, 0, sizeof *s);
    s->n_atoms = n_atoms;
    s->species = MEMORY_NEW(int, n_atoms);
    s->positions = memory_new(n_atoms, sizeof *s->positions);
    if (s->species && s->positions) return MLSOAP_SUCCESS;
    structure_release(s);
    return status_no_memory(error, n_atoms * (sizeof(int) + 3 * sizeof(double)), "a structure");
}

void structure_release(structure *s)
{
    if (!s) return;
    memory_free(s->species);
    memory_free(s->positions);
    memory_free(s->atom_weights);
    memory_free(s->masks);
    memset(s, 0, sizeof *s);
}

mlsoap_status structure_copy(const structure *from, structure *to, mlsoap_error *error)
{
    size_t n = from->n_atoms;
    mlsoap_status status = structure_new(to, n, error);
    if (status) return status;
    if (n > 0) {
        memcpy(to->species, from->species, n * sizeof *to->species);
        memcpy(to->positions, from->positions, n * sizeof *to->positions);
    }
    memcpy(to->cell, from->cell, sizeof to->cell);
    memcpy(to->pbc, from->pbc, sizeof to->pbc);
    if (from->atom_weights) to->atom_weights = MEMORY_NEW(double, n);
    if (from->masks) to->masks = MEMORY_NEW(unsigned char, n);
    if ((from->atom_weights && !to->atom_weights) || (from->masks && !to->masks)) {
        structure_release(to);
        return status_no_memory(error, n * sizeof(double), "the weights of a structure");
    }
    if (from->atom_weights && n > 0) memcpy(to->atom_weights, from->atom_weights, n * sizeof *to->atom_weights);
    if (from->masks && n > 0) memcpy(to->masks, from->masks, n * sizeof *to->masks);
    return MLSOAP_SUCCESS;
}

static double length(const double a[3])
{
    return sqrt(vector_dot(a, a));
}

/* Sine-like measure of how independent the n vectors are: 1 orthogonal, 0 dependent (also for NaN and zero vectors). */
static double independence(const double *const v[3], int n)
{
    double normal[3], measure = 1.0;
    for (int i = 0; i < n; i++)
        if (!(length(v[i]) > 0.0)) return 0.0;
    if (n >= 2) {
        vector_cross(v[0], v[1], normal);
        measure = length(normal) / (length(v[0]) * length(v[1]));
    }
    if (n == 3) measure = fabs(vector_dot(normal, v[2])) / (length(v[0]) * length(v[1]) * length(v[2]));
    return measure;
}

static mlsoap_status validate_cell(const structure *s, mlsoap_error *error)
{
    static const char names[3] = {'a', 'b', 'c'};
    const double *periodic[3];
    int n_periodic = 0;
    for (int i = 0; i < 3; i++) {
        for (int j = 0; j < 3; j++)
            if (!(fabs(s->cell[i][j]) < 1e100))
                return status_fail(error, MLSOAP_ERROR_VALUE,
                                   "component %d of lattice vector %c is %g; it must be finite", j + 1, names[i],
                                   s->cell[i][j]);
        if (s->pbc[i] != 0 && s->pbc[i] != 1)
            return status_fail(error, MLSOAP_ERROR_VALUE, "pbc of direction %c is %d; it must be 0 or 1", names[i],
                               s->pbc[i]);
        if (!s->pbc[i]) continue;
        if (!(length(s->cell[i]) > 0.0))
            return status_fail(
                error, MLSOAP_ERROR_VALUE,
                "direction %c is periodic, but its lattice vector is zero: give the vector or set pbc to F", names[i]);
        periodic[n_periodic++] = s->cell[i];
    }
    double sine = independence(periodic, n_periodic);
    if (!(sine >= SMALLEST_SINE))
        return status_fail(
            error, MLSOAP_ERROR_VALUE,
            "the lattice vectors of the periodic directions are linearly dependent (volume over the product "
            "of their lengths is %g): the cell has no volume",
            sine);
    return MLSOAP_SUCCESS;
}

mlsoap_status structure_validate(const structure *s, mlsoap_error *error)
{
    for (size_t i = 0; i < s->n_atoms; i++) {
        if (s->species[i] < 1 || s->species[i] > ELEMENT_MAX)
            return status_fail(error, MLSOAP_ERROR_VALUE, "atom %zu has the atomic number %d; it must be 1 ... %d", i,
                               s->species[i], ELEMENT_MAX);
        for (int k = 0; k < 3; k++)
            if (!isfinite(s->positions[i][k]))
                return status_fail(error, MLSOAP_ERROR_VALUE, "coordinate %c of atom %zu is %g; it must be finite",
                                   'x' + k, i, s->positions[i][k]);
    }
    return validate_cell(s, error);
}

double structure_volume(const structure *s)
{
    return fabs(cell_volume(s->cell));
}
