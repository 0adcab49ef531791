/* SPDX-License-Identifier: BSD-3-Clause */
/* Sine matrix (spec structure-descriptors.md 2): M_ii = 0.5 Z_i^2.4, M_ij = Z_i Z_j / |sum_k sin^2(pi f_k) b_k| with
 * the lattice vectors b_k and R_j - R_i = sum_k f_k b_k. Faber et al. 2015, doi:10.1002/qua.24917, eq. 24. */
#include "descriptors/structure/structure_schema.h"

#include <math.h>

static const double pi = 3.14159265358979323846;

static const schema_key schema[] = {STRUCTURE_DESCRIPTOR_KEYS("sine_matrix"), STRUCTURE_DESCRIPTOR_END};

static double sine_distance(const structure_lattice *lattice, const structure *s, size_t i, size_t j)
{
    double fraction[3], v[3] = {0};
    structure_lattice_difference(lattice, s, i, j, fraction);
    for (int k = 0; k < 3; k++) {
        double sine = sin(pi * fraction[k]);
        for (int a = 0; a < 3; a++) v[a] += sine * sine * s->cell[k][a];
    }
    return sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
}

static mlsoap_status sine_matrix(const structure_descriptor *d, const structure *s, double *M, mlsoap_error *error)
{
    (void)d;
    (void)error;
    structure_lattice lattice = structure_lattice_of(s);
    for (size_t i = 0; i < s->n_atoms; i++) {
        M[i * s->n_atoms + i] = 0.5 * pow(s->species[i], 2.4);
        for (size_t j = 0; j < i; j++)
            M[i * s->n_atoms + j] = M[j * s->n_atoms + i] =
                (double)s->species[i] * (double)s->species[j] / sine_distance(&lattice, s, i, j);
    }
    return MLSOAP_SUCCESS;
}

const structure_descriptor_class sine_matrix_class = {
    .type = "sine_matrix", .schema = schema, .is_periodic = 1, .matrix = sine_matrix};
