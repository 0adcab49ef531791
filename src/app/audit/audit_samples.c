/* SPDX-License-Identifier: BSD-3-Clause */
/* Structures to audit with: of the data, or made up; see audit_parts.h. */
#include "app/audit/audit_parts.h"
#include "core/elements.h"
#include "core/memory.h"
#include "core/random_numbers.h"

#include <math.h>
#include <stdint.h>

enum { MOST = 6, MOST_ATOMS = 220, FCC_CELLS = 2, N_SCALES = 16 };
static const double RATTLE = 0.02, SCALE_STEP = 0.03; /* of a bond; of lengths */

mlsoap_status audit_evaluate(audit *a, const structure *s, double *energy, double (*forces)[3], double *virial,
                             mlsoap_error *error)
{
    double unused[6];
    return potential_evaluate(a->potential, a->workspace, s, energy, NULL, forces, virial ? virial : unused, error);
}

void audit_scale(structure *s, double factor)
{
    for (size_t i = 0; i < s->n_atoms; i++)
        for (int x = 0; x < 3; x++) s->positions[i][x] *= factor;
    for (int k = 0; k < 9; k++) s->cell[k / 3][k % 3] *= factor;
}

mlsoap_status audit_evaluate_scaled(audit *a, const structure *s, double factor, double *energy, mlsoap_error *error)
{
    structure scaled;
    mlsoap_status status = structure_copy(s, &scaled, error);
    if (status) return status;
    audit_scale(&scaled, factor);
    status = audit_evaluate(a, &scaled, energy, NULL, NULL, error);
    structure_release(&scaled);
    return status;
}

mlsoap_status audit_replicate(const structure *s, const int n[3], structure *out, mlsoap_error *error)
{
    size_t copies = (size_t)n[0] * (size_t)n[1] * (size_t)n[2], at = 0;
    mlsoap_status status = structure_new(out, copies * s->n_atoms, error);
    if (status) return status;
    for (int i = 0; i < n[0]; i++)
        for (int j = 0; j < n[1]; j++)
            for (int k = 0; k < n[2]; k++)
                for (size_t atom = 0; atom < s->n_atoms; atom++, at++) {
                    out->species[at] = s->species[atom];
                    for (int x = 0; x < 3; x++)
                        out->positions[at][x] =
                            s->positions[atom][x] + i * s->cell[0][x] + j * s->cell[1][x] + k * s->cell[2][x];
                }
    for (int row = 0; row < 3; row++) {
        out->pbc[row] = s->pbc[row];
        for (int x = 0; x < 3; x++) out->cell[row][x] = n[row] * s->cell[row][x];
    }
    return MLSOAP_SUCCESS;
}

static bool usable(const frame *f)
{
    return f->structure.n_atoms > 1 && f->structure.n_atoms <= MOST_ATOMS;
}

/* Frames spread evenly over the data. */
static mlsoap_status take_frames(audit *a, mlsoap_error *error)
{
    size_t n_usable = 0, seen = 0;
    for (size_t i = 0; i < a->data->n_frames; i++) n_usable += usable(&a->data->frames[i]);
    size_t wanted = n_usable < MOST ? n_usable : MOST;
    for (size_t i = 0; i < a->data->n_frames && a->n_samples < wanted; i++) {
        const frame *f = &a->data->frames[i];
        if (!usable(f) || seen++ != a->n_samples * n_usable / wanted) continue;
        mlsoap_status status = structure_copy(&f->structure, &a->samples[a->n_samples], error);
        if (status) return status;
        a->n_samples++;
    }
    return MLSOAP_SUCCESS;
}

/* A rattled face-centered cubic crystal: of one element (species > 0), or of all in turn. */
static mlsoap_status make_crystal(audit *a, int species, mlsoap_error *error)
{
    static const double basis[4][3] = {{0, 0, 0}, {0, 0.5, 0.5}, {0.5, 0, 0.5}, {0.5, 0.5, 0}};
    const mlsoap_potential *p = a->potential;
    structure *s = &a->samples[a->n_samples];
    uint64_t state = 7 + (uint64_t)species;
    double bond = 0;
    mlsoap_status status = structure_new(s, 4 * FCC_CELLS * FCC_CELLS * FCC_CELLS, error);
    if (status) return status;
    a->n_samples++;
    for (int e = 0; e < p->n_elements && species == 0; e++)
        bond += 2 * element_covalent_radius(p->elements[e]) / p->n_elements;
    if (species > 0) bond = 2 * element_covalent_radius(species);
    double lattice = 1.1 * sqrt(2.0) * bond;
    for (size_t i = 0; i < s->n_atoms; i++) {
        const size_t cell[3] = {i / 4 % FCC_CELLS, i / 4 / FCC_CELLS % FCC_CELLS, i / 4 / FCC_CELLS / FCC_CELLS};
        s->species[i] = species > 0 ? species : p->elements[i % (size_t)p->n_elements];
        for (int x = 0; x < 3; x++)
            s->positions[i][x] = lattice * ((double)cell[x] + basis[i % 4][x]) + RATTLE * bond * random_normal(&state);
    }
    for (int x = 0; x < 3; x++) {
        s->cell[x][x] = lattice * FCC_CELLS;
        s->pbc[x] = 1;
    }
    return MLSOAP_SUCCESS;
}

/* A crystal of our own making at the lattice constant of lowest energy, so that it stays together. */
static mlsoap_status relax(audit *a, structure *s, mlsoap_error *error)
{
    double scale = 0.85, best = 1, lowest = INFINITY, energy;
    mlsoap_status status = MLSOAP_SUCCESS;
    audit_scale(s, scale);
    for (int k = 0; k < N_SCALES && !status; k++) {
        status = audit_evaluate(a, s, &energy, NULL, NULL, error);
        if (energy < lowest) {
            lowest = energy;
            best = scale;
        }
        audit_scale(s, (scale + SCALE_STEP) / scale);
        scale += SCALE_STEP;
    }
    audit_scale(s, best / scale);
    return status;
}

mlsoap_status audit_samples(audit *a, mlsoap_error *error)
{
    const mlsoap_potential *p = a->potential;
    a->samples = MEMORY_NEW(structure, (size_t)(p->n_elements + 1 + MOST));
    if (!a->samples) return status_no_memory(error, sizeof *a->samples, "the structures of the audit");
    mlsoap_status status = a->data ? take_frames(a, error) : MLSOAP_SUCCESS;
    if (status || a->n_samples > 0) return status;
    if (p->n_elements > 1) status = make_crystal(a, 0, error);
    for (int e = 0; e < p->n_elements && e < MOST && !status; e++) status = make_crystal(a, p->elements[e], error);
    for (size_t c = 0; c < a->n_samples && !status; c++) status = relax(a, &a->samples[c], error);
    return status;
}
