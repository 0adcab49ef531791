/* SPDX-License-Identifier: BSD-3-Clause */
/* Pairs of near frames; see near_frames.h. */
#include "app/doctor/near_frames.h"

#include "core/memory.h"
#include "structure/cell.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WINDOW = 200, FEWEST = 4 };
static const double LARGEST_STRAIN = 0.04, LARGEST_MOVE = 0.25; /* Angstrom */
static const double SMALLEST_STRAIN = 1e-5, SMALLEST_MOVE = 1e-5;
static const double NOISE = 2e-4, CLEAR_NOISE = 2e-5; /* eV/atom: smaller differences say nothing; nor do those below
 the second where they are correlated */

/* Two frames and what lies between them. */
typedef struct near_pair {
    size_t a, b;
    near_kind kind;
    double difference, expected; /* eV */
} near_pair;

static bool is_periodic(const structure *s)
{
    return s->pbc[0] && s->pbc[1] && s->pbc[2];
}

static bool comparable(const frame *a, const frame *b)
{
    const structure *s = &a->structure, *t = &b->structure;
    return s->n_atoms == t->n_atoms && a->has_energy && b->has_energy && is_periodic(s) == is_periodic(t) &&
           memcmp(s->species, t->species, s->n_atoms * sizeof *s->species) == 0 &&
           (is_periodic(s) ||
            (memcmp(s->cell, t->cell, sizeof s->cell) == 0 && !memcmp(s->pbc, t->pbc, sizeof s->pbc)));
}

/* Symmetric strain that turns the cell of a into that of b; false where it is large. */
static bool find_strain(const structure *a, const structure *b, double strain[3][3])
{
    double inverse[3][3], m[3][3] = {{0}};
    memset(strain, 0, 9 * sizeof(double));
    if (!is_periodic(a)) return true;
    cell_inverse(a->cell, inverse);
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            for (int k = 0; k < 3; k++) m[i][j] += inverse[i][k] * b->cell[k][j];
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) { /* of Green and Lagrange: a rotation gives none */
            for (int k = 0; k < 3; k++) strain[i][j] += 0.5 * m[i][k] * m[j][k];
            strain[i][j] -= i == j ? 0.5 : 0;
            if (!(fabs(strain[i][j]) <= LARGEST_STRAIN)) return false;
        }
    return true;
}

/* Displacement of atom i besides that of the strain, Angstrom. */
static void find_move(const structure *a, const structure *b, const double inverse[2][3][3], size_t i, double u[3])
{
    if (!is_periodic(a)) {
        for (int k = 0; k < 3; k++) u[k] = b->positions[i][k] - a->positions[i][k];
        return;
    }
    double s[3] = {0};
    for (int k = 0; k < 3; k++) {
        for (int j = 0; j < 3; j++)
            s[k] += b->positions[i][j] * inverse[1][j][k] - a->positions[i][j] * inverse[0][j][k];
        s[k] -= rint(s[k]);
    }
    for (int k = 0; k < 3; k++) {
        u[k] = 0;
        for (int j = 0; j < 3; j++) u[k] += 0.5 * s[j] * (a->cell[j][k] + b->cell[j][k]);
    }
}

static near_kind kind_of(const double strain[3][3], double largest_strain)
{
    double diagonal = fmax(fmax(fabs(strain[0][0]), fabs(strain[1][1])), fabs(strain[2][2]));
    double shear = fmax(fmax(fabs(strain[0][1]), fabs(strain[0][2])), fabs(strain[1][2]));
    if (largest_strain <= SMALLEST_STRAIN) return NEAR_MOVED;
    return shear > diagonal ? NEAR_SHEARED : NEAR_STRETCHED;
}

/* How far two frames are apart (Angstrom; 3 Angstrom per strain); INFINITY where they cannot be compared. Fills the
 * kind, difference and expected difference of the pair. */
static double measure(const frame *a, const frame *b, double farthest, near_pair *pair)
{
    double strain[3][3], inverse[2][3][3] = {{{0}}}, u[3], largest = 0, expected = 0, largest_strain = 0;
    static const int rows[6] = {0, 1, 2, 0, 0, 1}, columns[6] = {0, 1, 2, 1, 2, 2};
    if (!comparable(a, b) || !find_strain(&a->structure, &b->structure, strain)) return INFINITY;
    for (int k = 0; k < 9; k++) largest_strain = fmax(largest_strain, fabs(strain[k / 3][k % 3]));
    if (largest_strain > SMALLEST_STRAIN && (!a->has_virial || !b->has_virial)) return INFINITY;
    if (3 * largest_strain > farthest) return INFINITY;
    if (is_periodic(&a->structure)) {
        cell_inverse(a->structure.cell, inverse[0]);
        cell_inverse(b->structure.cell, inverse[1]);
    }
    bool forces = a->has_forces && b->has_forces;
    for (size_t i = 0; i < a->structure.n_atoms; i++) {
        find_move(&a->structure, &b->structure, (const double(*)[3][3])inverse, i, u);
        largest = fmax(largest, sqrt(u[0] * u[0] + u[1] * u[1] + u[2] * u[2]));
        if (!(largest <= LARGEST_MOVE) || (largest > SMALLEST_MOVE && !forces) || largest > farthest) return INFINITY;
        for (int k = 0; k < 3 && forces; k++) expected -= 0.5 * u[k] * (a->forces[i][k] + b->forces[i][k]);
    }
    if (largest <= SMALLEST_MOVE && largest_strain <= SMALLEST_STRAIN) return INFINITY; /* the same frame */
    for (int k = 0; k < 6 && largest_strain > SMALLEST_STRAIN; k++)
        expected -= (k < 3 ? 0.5 : 1) * strain[rows[k]][columns[k]] * (a->virial[k] + b->virial[k]);
    pair->kind = kind_of((const double(*)[3])strain, largest_strain);
    pair->difference = b->energy - a->energy;
    pair->expected = expected;
    return largest + 3 * largest_strain;
}

static int compare_pairs(const frame *const *frames, const near_pair *x, const near_pair *y)
{
    int order = strcmp(frames[x->a]->config_type, frames[y->a]->config_type);
    return order ? order : (int)x->kind - (int)y->kind;
}

/* Slope of the pairs that belong to the same group as the first one. */
static mlsoap_status add_group(const frame *const *frames, const near_pair *pairs, const bool *taken, size_t n,
                               near_groups *groups, mlsoap_error *error)
{
    double *numbers = MEMORY_NEW(double, 2 * n), squares = 0;
    size_t m = 0;
    if (!numbers) return status_no_memory(error, 2 * n * sizeof *numbers, "pairs of near frames");
    for (size_t i = 0; i < n; i++) {
        if (taken[i] || compare_pairs(frames, &pairs[i], &pairs[0]) != 0) continue;
        double n_atoms = (double)frames[pairs[i].a]->structure.n_atoms;
        numbers[m] = pairs[i].difference / n_atoms;
        numbers[n + m] = pairs[i].expected / n_atoms;
        squares += numbers[m] * numbers[m] + numbers[n + m] * numbers[n + m];
        m++;
    }
    near_group group = {.config_type = frames[pairs[0].a]->config_type,
                        .kind = pairs[0].kind,
                        .first_frame = pairs[0].a,
                        .size = sqrt(0.5 * squares / (double)m)};
    target_slope_find(numbers, numbers + n, m, &group.slope);
    memory_free(numbers);
    size_t capacity = groups->n;
    if (m < FEWEST) return MLSOAP_SUCCESS;
    if (!MEMORY_RESERVE(&groups->items, &capacity, groups->n + 1))
        return status_no_memory(error, sizeof group, "pairs of near frames");
    groups->items[groups->n++] = group;
    return MLSOAP_SUCCESS;
}

mlsoap_status near_frames_find(const frame *const *frames, size_t n_frames, near_groups *groups, mlsoap_error *error)
{
    near_pair *pairs = MEMORY_NEW(near_pair, n_frames);
    bool *taken = MEMORY_NEW(bool, n_frames);
    size_t n = 0;
    mlsoap_status status = MLSOAP_SUCCESS;
    *groups = (near_groups){0};
    if (!pairs || !taken) status = status_no_memory(error, n_frames * sizeof *pairs, "pairs of near frames");
    for (size_t i = 0; i < n_frames && !status; i++) {
        double nearest = LARGEST_MOVE + 3 * LARGEST_STRAIN;
        near_pair pair = {.a = i};
        bool found = false;
        for (size_t j = i + 1; j < n_frames && j <= i + WINDOW; j++) {
            double distance = measure(frames[i], frames[j], nearest, &pair);
            if (!(distance < nearest)) continue;
            nearest = distance;
            pair.b = j;
            pairs[n] = pair;
            found = true;
        }
        n += found;
    }
    for (size_t i = 0; i < n && !status; i++) {
        if (taken[i]) continue;
        status = add_group(frames, pairs + i, taken + i, n - i, groups, error);
        for (size_t j = i + 1; j < n; j++) taken[j] |= compare_pairs(frames, &pairs[i], &pairs[j]) == 0;
    }
    memory_free(pairs);
    memory_free(taken);
    return status;
}

void near_groups_release(near_groups *groups)
{
    memory_free(groups->items);
    *groups = (near_groups){0};
}

bool near_group_verdict(const near_group *g, char *text, size_t size)
{
    static const char *const what[N_NEAR_KINDS] = {"forces", "virials (stretched cells)", "virials (sheared cells)"};
    bool agrees = g->slope.correlation >= 0.7 && g->slope.slope > 0.6 && g->slope.slope < 1.7;
    text[0] = '\0';
    if (agrees || g->size < (fabs(g->slope.correlation) >= 0.9 ? CLEAR_NOISE : NOISE)) return false;
    snprintf(
        text, size,
        "config_type %.60s: the %s contradict the energies: between %zu pairs of near frames the energies change by "
        "%.3g times what they say (correlation %.2f; 1 and 1 are expected, energy changes of %.2g meV/atom)",
        g->config_type, what[g->kind], g->slope.n, g->slope.slope, g->slope.correlation, 1000 * g->size);
    return true;
}
