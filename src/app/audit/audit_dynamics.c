/* SPDX-License-Identifier: BSD-3-Clause */
/* A short run at constant energy by velocity Verlet; see audit_parts.h. Masses in u, times in fs: 1 u Angstrom^2/fs^2
 * is 103.642697 eV. */
#include "app/audit/audit_parts.h"
#include "core/elements.h"
#include "core/memory.h"
#include "core/random_numbers.h"

#include <math.h>
#include <stdint.h>

enum { N_STEPS = 400, N_SKIPPED = 40, FEW_ATOMS = 24, WORK = 40000 }; /* atoms x steps */
static const double MASS_UNIT = 103.642697;                           /* eV */
static const double BOLTZMANN = 8.617333e-5;                          /* eV/K */
static const double TEMPERATURE = 300;              /* K, on average after half of it has become potential */
static const double DRIFT_LIMIT = 1e-4, HOT = 3000; /* eV/atom/ps; K */

typedef struct trajectory {
    structure s;
    double (*v)[3], (*f)[3];
    double potential;
} trajectory;

static double kinetic_energy(const trajectory *t)
{
    double sum = 0;
    for (size_t i = 0; i < t->s.n_atoms; i++) {
        double square = 0;
        for (int x = 0; x < 3; x++) square += t->v[i][x] * t->v[i][x];
        sum += 0.5 * MASS_UNIT * element_mass(t->s.species[i]) * square;
    }
    return sum;
}

/* Velocities of twice the temperature, without motion of the center of mass. */
static void set_velocities(trajectory *t)
{
    uint64_t state = 3;
    double momentum[3] = {0}, mass = 0;
    for (size_t i = 0; i < t->s.n_atoms; i++) {
        double m = element_mass(t->s.species[i]), width = sqrt(2 * BOLTZMANN * TEMPERATURE / (m * MASS_UNIT));
        mass += m;
        for (int x = 0; x < 3; x++) {
            t->v[i][x] = width * random_normal(&state);
            momentum[x] += m * t->v[i][x];
        }
    }
    for (size_t i = 0; i < t->s.n_atoms; i++)
        for (int x = 0; x < 3; x++) t->v[i][x] -= momentum[x] / mass;
}

static mlsoap_status step(audit *a, trajectory *t, double dt, mlsoap_error *error)
{
    for (int half = 0; half < 2; half++) {
        for (size_t i = 0; i < t->s.n_atoms; i++) {
            double factor = 0.5 * dt / (MASS_UNIT * element_mass(t->s.species[i]));
            for (int x = 0; x < 3; x++) {
                t->v[i][x] += factor * t->f[i][x];
                if (half == 0) t->s.positions[i][x] += dt * t->v[i][x];
            }
        }
        if (half == 1) break;
        mlsoap_status status = audit_evaluate(a, &t->s, &t->potential, t->f, NULL, error);
        if (status) return status;
    }
    return MLSOAP_SUCCESS;
}

/* Slope of y over x by least squares. */
static double slope_of(const double *x, const double *y, size_t n)
{
    double mx = 0, my = 0, xy = 0, xx = 0;
    for (size_t i = 0; i < n; i++) {
        mx += x[i] / (double)n;
        my += y[i] / (double)n;
    }
    for (size_t i = 0; i < n; i++) {
        xy += (x[i] - mx) * (y[i] - my);
        xx += (x[i] - mx) * (x[i] - mx);
    }
    return xx > 0 ? xy / xx : 0;
}

static mlsoap_status run(audit *a, trajectory *t, int n_steps, double dt, mlsoap_error *error)
{
    double times[N_STEPS], totals[N_STEPS], n = (double)t->s.n_atoms, hottest = 0;
    mlsoap_error wrong = {0};
    mlsoap_status status = audit_evaluate(a, &t->s, &t->potential, t->f, NULL, error);
    if (status) return status;
    int k = 0;
    for (; k < n_steps && !status; k++) {
        status = step(a, t, dt, &wrong);
        double kinetic = kinetic_energy(t);
        times[k] = 1e-3 * dt * (k + 1);
        totals[k] = (t->potential + kinetic) / n;
        hottest = fmax(hottest, kinetic / (1.5 * BOLTZMANN * n));
        if (!(hottest < 10 * HOT)) break;
    }
    if (status == MLSOAP_ERROR_MEMORY) return status;
    if (status || k < n_steps)
        return audit_report_say(a->report, "dynamics", AUDIT_FAIL, error,
                                "%zu atoms exploded after %d steps of %.2f fs from %.0f K: %s", t->s.n_atoms, k, dt,
                                2 * TEMPERATURE, status ? wrong.message : "the temperature left every bound");
    double first = totals[0];
    for (int i = 0; i < n_steps; i++) totals[i] = 1000 * (totals[i] - first);
    double drift = 1e-3 * slope_of(times + N_SKIPPED, totals + N_SKIPPED, (size_t)(n_steps - N_SKIPPED));
    status = audit_report_add_curve(a->report, "dynamics", "total", times, totals, (size_t)n_steps, error);
    if (status) return status;
    return audit_report_add(
        a->report, "dynamics", fabs(drift), DRIFT_LIMIT, "eV/atom/ps", AUDIT_FAIL, error,
        "%zu atoms, %d steps of %.2f fs at constant energy from %.0f K (hottest %.0f K): drift of the total "
        "energy",
        t->s.n_atoms, n_steps, dt, 2 * TEMPERATURE, hottest);
}

/* The periodic sample (or any) with the smallest forces: others may be far from equilibrium. */
static mlsoap_status choose(audit *a, const structure **best, mlsoap_error *error)
{
    double smallest = INFINITY, energy;
    mlsoap_status status = MLSOAP_SUCCESS;
    *best = &a->samples[0];
    for (size_t c = 0; c < a->n_samples && !status; c++) {
        const structure *s = &a->samples[c];
        double(*forces)[3] = memory_new(s->n_atoms, sizeof *forces),
        sum = s->pbc[0] && s->pbc[1] && s->pbc[2] ? 0 : 1e6;
        if (!forces) return status_no_memory(error, s->n_atoms * sizeof *forces, "forces");
        status = audit_evaluate(a, s, &energy, forces, NULL, error);
        for (size_t i = 0; i < 3 * s->n_atoms; i++)
            sum += forces[i / 3][i % 3] * forces[i / 3][i % 3] / (double)s->n_atoms;
        memory_free(forces);
        if (!(sum < smallest)) continue;
        smallest = sum;
        *best = s;
    }
    return status;
}

mlsoap_status audit_dynamics(audit *a, mlsoap_error *error)
{
    trajectory t = {0};
    if (!mlsoap_potential_drives_md(a->potential))
        return audit_report_say(a->report, "dynamics", AUDIT_SKIPPED, error, "this potential is not for dynamics");
    const structure *s;
    mlsoap_status status = choose(a, &s, error);
    if (status) return status;
    int copies[3] = {1, 1, 1};
    double lightest = 1e9;
    for (int k = 0; k < 3 && s->n_atoms < FEW_ATOMS; k++) copies[k] = s->pbc[k] ? 2 : 1;
    status = audit_replicate(s, copies, &t.s, error);
    if (status) return status;
    t.v = memory_new(t.s.n_atoms, sizeof *t.v);
    t.f = memory_new(t.s.n_atoms, sizeof *t.f);
    if (!t.v || !t.f) status = status_no_memory(error, t.s.n_atoms * sizeof *t.v, "velocities");
    for (size_t i = 0; i < t.s.n_atoms; i++) lightest = fmin(lightest, element_mass(t.s.species[i]));
    double dt = lightest < 4 ? 0.25 : lightest < 15 ? 0.5 : 1;
    size_t n_steps = WORK / t.s.n_atoms < N_STEPS ? WORK / t.s.n_atoms : N_STEPS;
    if (n_steps < 2 * N_SKIPPED) n_steps = 2 * N_SKIPPED;
    if (!status) {
        set_velocities(&t);
        status = run(a, &t, (int)n_steps, dt, error);
    }
    memory_free(t.v);
    memory_free(t.f);
    structure_release(&t.s);
    return status;
}
