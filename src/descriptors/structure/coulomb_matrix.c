/* SPDX-License-Identifier: BSD-3-Clause */
/* Coulomb matrix (spec structure-descriptors.md 1): M_ii = 0.5 Z_i^2.4, M_ij = Z_i Z_j / R_ij, R in angstrom,
 * periodicity ignored. Rupp et al. 2012, doi:10.1103/PhysRevLett.108.058301, eq. 1. */
#include "descriptors/structure/structure_schema.h"

#include <math.h>

static const schema_key schema[] = {STRUCTURE_DESCRIPTOR_KEYS("coulomb_matrix"), STRUCTURE_DESCRIPTOR_END};

static mlsoap_status coulomb_matrix(const structure_descriptor *d, const structure *s, double *M, mlsoap_error *error)
{
    (void)d;
    (void)error;
    for (size_t i = 0; i < s->n_atoms; i++) {
        const double *u = s->positions[i];
        M[i * s->n_atoms + i] = 0.5 * pow(s->species[i], 2.4);
        for (size_t j = 0; j < i; j++) {
            const double *v = s->positions[j];
            double r =
                sqrt((u[0] - v[0]) * (u[0] - v[0]) + (u[1] - v[1]) * (u[1] - v[1]) + (u[2] - v[2]) * (u[2] - v[2]));
            M[i * s->n_atoms + j] = M[j * s->n_atoms + i] = (double)s->species[i] * (double)s->species[j] / r;
        }
    }
    return MLSOAP_SUCCESS;
}

const structure_descriptor_class coulomb_matrix_class = {
    .type = "coulomb_matrix", .schema = schema, .matrix = coulomb_matrix};
