/* SPDX-License-Identifier: BSD-3-Clause */
/* Laws that hold for every potential: rotation, numbering, supercells, and forces that are derivatives; see
 * audit_parts.h. */
#include "app/audit/audit_parts.h"
#include "core/memory.h"
#include "core/random_numbers.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

static const double ENERGY_LIMIT = 1e-7, FORCE_LIMIT = 1e-6; /* eV/atom, eV/Angstrom: relative to 1 and the largest */
static const double DIFFERENCE_LIMIT = 1e-4;                 /* of forces and virials against differences of energies */
static const double STEP = 1e-3, STRAIN_STEP = 1e-4;         /* Angstrom; 1 */
enum { N_PROBED = 4, SUPERCELL_ATOMS = 64 };                 /* atoms whose forces are differentiated */

/* Result of a structure. */
typedef struct result {
    double energy, virial[6], (*forces)[3];
} result;

static mlsoap_status evaluate(audit *a, const structure *s, result *r, mlsoap_error *error)
{
    r->forces = memory_new(s->n_atoms, sizeof *r->forces);
    if (!r->forces) return status_no_memory(error, s->n_atoms * sizeof *r->forces, "forces");
    return audit_evaluate(a, s, &r->energy, r->forces, r->virial, error);
}

static double largest_force(const result *r, size_t n)
{
    double largest = 1;
    for (size_t i = 0; i < 3 * n; i++) largest = fmax(largest, fabs(r->forces[i / 3][i % 3]));
    return largest;
}

/* A rotation by a random unit quaternion. */
static void random_rotation(uint64_t *state, double R[3][3])
{
    double q[4], norm = 0;
    for (int k = 0; k < 4; k++) {
        q[k] = random_normal(state);
        norm += q[k] * q[k];
    }
    for (int k = 0; k < 4; k++) q[k] /= sqrt(norm);
    const double w = q[0], x = q[1], y = q[2], z = q[3];
    const double rows[3][3] = {{1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)},
                               {2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)},
                               {2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)}};
    memcpy(R, rows, sizeof rows);
}

static void rotate(double R[3][3], double v[3])
{
    const double u[3] = {v[0], v[1], v[2]};
    for (int k = 0; k < 3; k++) v[k] = R[k][0] * u[0] + R[k][1] * u[1] + R[k][2] * u[2];
}

/* Differences of a result from that of a changed structure whose atom i is atom map[i]. */
typedef struct differences {
    double energy, force;
} differences;

static void compare(const result *r, const result *changed, const size_t *map, size_t n, double copies, differences *d)
{
    double scale = largest_force(r, n);
    d->energy = fmax(d->energy, fabs(changed->energy / copies - r->energy) / (double)n);
    if (isnan(changed->energy)) d->energy = NAN;
    for (size_t i = 0; i < 3 * n; i++) {
        double gap = fabs(changed->forces[map ? map[i / 3] : i / 3][i % 3] - r->forces[i / 3][i % 3]) / scale;
        if (!(gap <= d->force)) d->force = gap;
    }
}

static mlsoap_status check_rotation(audit *a, const structure *s, const result *r, uint64_t *state, differences *d,
                                    mlsoap_error *error)
{
    structure turned;
    result other = {0}, back = *r;
    double R[3][3];
    random_rotation(state, R);
    mlsoap_status status = structure_copy(s, &turned, error);
    if (status) return status;
    for (size_t i = 0; i < s->n_atoms; i++) rotate(R, turned.positions[i]);
    for (int k = 0; k < 3; k++) rotate(R, turned.cell[k]);
    status = evaluate(a, &turned, &other, error);
    for (int k = 0; k < 3; k++) /* the transpose turns forces back */
        for (int l = 0; l < k; l++) {
            double swap = R[k][l];
            R[k][l] = R[l][k];
            R[l][k] = swap;
        }
    for (size_t i = 0; i < s->n_atoms && !status; i++) rotate(R, other.forces[i]);
    if (!status) compare(&back, &other, NULL, s->n_atoms, 1, d);
    memory_free(other.forces);
    structure_release(&turned);
    return status;
}

static mlsoap_status check_numbering(audit *a, const structure *s, const result *r, uint64_t *state, differences *d,
                                     mlsoap_error *error)
{
    structure mixed;
    result other = {0};
    size_t *map = MEMORY_NEW(size_t, s->n_atoms);
    if (!map) return status_no_memory(error, s->n_atoms * sizeof *map, "a permutation");
    mlsoap_status status = structure_copy(s, &mixed, error);
    if (status) goto cleanup;
    for (size_t i = 0; i < s->n_atoms; i++) { /* a random permutation, built from the front */
        size_t j = (size_t)(random_bits(state) % (i + 1));
        map[i] = map[j];
        map[j] = i;
    }
    for (size_t i = 0; i < s->n_atoms; i++) {
        mixed.species[map[i]] = s->species[i];
        memcpy(mixed.positions[map[i]], s->positions[i], sizeof s->positions[i]);
    }
    status = evaluate(a, &mixed, &other, error);
    if (!status) compare(r, &other, map, s->n_atoms, 1, d);
    memory_free(other.forces);
    structure_release(&mixed);
cleanup:
    memory_free(map);
    return status;
}

static mlsoap_status check_supercell(audit *a, const structure *s, const result *r, size_t *n_checked, differences *d,
                                     mlsoap_error *error)
{
    structure large;
    result other = {0};
    int copies[3];
    for (int k = 0; k < 3; k++) copies[k] = s->pbc[k] ? 2 : 1;
    if (s->n_atoms > SUPERCELL_ATOMS || copies[0] * copies[1] * copies[2] == 1) return MLSOAP_SUCCESS;
    mlsoap_status status = audit_replicate(s, copies, &large, error);
    if (status) return status;
    status = evaluate(a, &large, &other, error);
    if (!status) compare(r, &other, NULL, s->n_atoms, copies[0] * copies[1] * copies[2], d);
    ++*n_checked;
    memory_free(other.forces);
    structure_release(&large);
    return status;
}

static mlsoap_status report(audit *a, const char *name, size_t n, const differences *d, const char *what,
                            mlsoap_error *error)
{
    if (n == 0)
        return audit_report_say(a->report, name, AUDIT_SKIPPED, error, "no structure is periodic and small enough");
    double worst = fmax(d->energy / ENERGY_LIMIT, d->force / FORCE_LIMIT);
    if (isnan(d->energy) || isnan(d->force)) worst = NAN;
    return audit_report_add(a->report, name, worst, 1, "of limit", AUDIT_FAIL, error,
                            "%s, %zu structures: energies within %.1e eV/atom, forces within %.1e of the largest", what,
                            n, d->energy, d->force);
}

mlsoap_status audit_symmetry(audit *a, mlsoap_error *error)
{
    differences rotation = {0}, numbering = {0}, supercell = {0};
    uint64_t state = 1;
    size_t n_supercells = 0;
    mlsoap_status status = MLSOAP_SUCCESS;
    for (size_t c = 0; c < a->n_samples && !status; c++) {
        result r = {0};
        status = evaluate(a, &a->samples[c], &r, error);
        if (!status) status = check_rotation(a, &a->samples[c], &r, &state, &rotation, error);
        if (!status) status = check_numbering(a, &a->samples[c], &r, &state, &numbering, error);
        if (!status) status = check_supercell(a, &a->samples[c], &r, &n_supercells, &supercell, error);
        memory_free(r.forces);
    }
    if (!status) status = report(a, "rotation", a->n_samples, &rotation, "random rotations of cell and atoms", error);
    if (!status) status = report(a, "permutation", a->n_samples, &numbering, "atoms in random order", error);
    return status ? status : report(a, "supercell", n_supercells, &supercell, "2x2x2 cells against one of them", error);
}

/* ------------------------------------------------------------------------------------------------ derivatives */

/* -dE/dx of one coordinate by central differences of fourth order. */
static mlsoap_status differentiate(audit *a, structure *s, double *x, double *minus_slope, mlsoap_error *error)
{
    static const double factors[4] = {1, -8, 8, -1};
    static const int steps[4] = {-2, -1, 1, 2};
    double start = *x, sum = 0, energy;
    mlsoap_status status = MLSOAP_SUCCESS;
    for (int k = 0; k < 4 && !status; k++) {
        *x = start + steps[k] * STEP;
        status = audit_evaluate(a, s, &energy, NULL, NULL, error);
        sum += factors[k] * energy;
    }
    *x = start;
    *minus_slope = -sum / (12 * STEP);
    return status;
}

static mlsoap_status check_derivatives(audit *a, structure *s, double *force_gap, double *virial_gap,
                                       mlsoap_error *error)
{
    result r = {0};
    double slope, energies[2] = {0};
    mlsoap_status status = evaluate(a, s, &r, error);
    double scale = status ? 1 : largest_force(&r, s->n_atoms);
    for (size_t k = 0; k < N_PROBED && !status; k++) {
        size_t i = k * s->n_atoms / N_PROBED, x = k % 3;
        status = differentiate(a, s, &s->positions[i][x], &slope, error);
        double gap = fabs(slope - r.forces[i][x]) / scale;
        if (!(gap <= *force_gap)) *force_gap = gap;
    }
    for (int k = 0; k < 2 && !status; k++)
        status = audit_evaluate_scaled(a, s, 1 + (k ? STRAIN_STEP : -STRAIN_STEP), &energies[k], error);
    double trace = r.virial[0] + r.virial[1] + r.virial[2];
    double gap = fabs(-(energies[1] - energies[0]) / (2 * STRAIN_STEP) - trace) /
                 (fabs(trace) + (double)s->n_atoms); /* 1 eV per atom is a usual virial */
    if (!status && !(gap <= *virial_gap)) *virial_gap = gap;
    memory_free(r.forces);
    return status;
}

mlsoap_status audit_derivatives(audit *a, mlsoap_error *error)
{
    double force_gap = 0, virial_gap = 0;
    size_t n = a->n_samples < 3 ? a->n_samples : 3;
    mlsoap_status status = MLSOAP_SUCCESS;
    for (size_t c = 0; c < n && !status; c++)
        status = check_derivatives(a, &a->samples[c * a->n_samples / n], &force_gap, &virial_gap, error);
    if (!status)
        status = audit_report_add(a->report, "forces", force_gap, DIFFERENCE_LIMIT, "relative", AUDIT_FAIL, error,
                                  "forces against differences of energies, %zu structures", n);
    return status ? status
                  : audit_report_add(a->report, "virial", virial_gap, DIFFERENCE_LIMIT, "relative", AUDIT_FAIL, error,
                                     "trace of the virial against energies of scaled cells, %zu structures", n);
}
