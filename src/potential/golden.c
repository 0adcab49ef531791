/* SPDX-License-Identifier: BSD-3-Clause */
/* Golden frames: small structures with the energy, forces and virial that a file must give on every machine
 * (potentials/FORMAT.md). Their tolerance is what rounding explains: the numbers of frames moved by some 1e-14
 * Angstrom, and the size of the terms that cancel in the models. */
#include "core/elements.h"
#include "core/memory.h"
#include "potential/potential_parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FRAMES_MAX = 8, NAME_SIZE = 256, N_TRIALS = 3 };
static const double largest_tolerance = 1e-2; /* of description.c */

/* What a frame must give. */
typedef struct golden_results {
    double energy, virial[6];
    double (*forces)[3]; /* [n_atoms] */
} golden_results;

/* Largest deviations of the three kinds of numbers. */
typedef struct golden_deviation {
    double energy, forces, virial;
} golden_deviation;

static size_t padded_atoms(size_t n)
{
    return (n + 7) / 8 * 8;
}

/* -------------------------------------------------------------------------------------------------- reading */

static mlsoap_status get_tensor(const mlsoap_potential *p, const char *prefix, const char *what, int n_dimensions,
                                size_t rows, size_t columns, const tensor **out, mlsoap_error *error)
{
    char name[NAME_SIZE];
    snprintf(name, sizeof name, "%.200s.%s", prefix, what);
    const tensor *t = tensor_find(&p->tensors, name);
    if (!t || t->n_dimensions != n_dimensions || t->shape[0] != rows || (n_dimensions == 2 && t->shape[1] != columns))
        return status_fail(error, MLSOAP_ERROR_FORMAT,
                           "tensor %s of a golden frame is missing or not of shape [%zu][%zu]", name, rows, columns);
    for (size_t i = 0; i < tensor_size(t); i++)
        if (!isfinite(t->data[i]))
            return status_fail(error, MLSOAP_ERROR_VALUE, "tensor %s: number %zu is %g; all must be finite", name, i,
                               t->data[i]);
    *out = t;
    return MLSOAP_SUCCESS;
}

/* The structure of a frame, to be released, and its stored numbers, which point into the tensors. */
static mlsoap_status read_frame(const mlsoap_potential *p, const json_t *frame, structure *s, golden_results *results,
                                mlsoap_error *error)
{
    const json_t *species = json_object_get(frame, "species"), *pbc = json_object_get(frame, "pbc");
    const char *prefix = schema_text(frame, "tensors");
    const tensor *positions, *cell, *forces, *numbers;
    size_t n = json_array_size(species);
    mlsoap_status status = get_tensor(p, prefix, "positions", 2, padded_atoms(n), 3, &positions, error);
    if (!status) status = get_tensor(p, prefix, "forces", 2, padded_atoms(n), 3, &forces, error);
    if (!status) status = get_tensor(p, prefix, "cell", 2, 3, 8, &cell, error);
    if (!status) status = get_tensor(p, prefix, "results", 1, 8, 1, &numbers, error);
    if (!status) status = structure_new(s, n, error);
    if (status) return status;
    for (size_t i = 0; i < n; i++) {
        const char *symbol = json_string_value(json_array_get(species, i));
        s->species[i] = symbol ? element_from_symbol(symbol, strlen(symbol)) : -1;
    }
    for (int a = 0; a < 3; a++) {
        s->pbc[a] = json_is_true(json_array_get(pbc, (size_t)a));
        memcpy(s->cell[a], cell->data + 8 * a, sizeof s->cell[a]);
    }
    memcpy(s->positions, positions->data, n * sizeof *s->positions);
    results->energy = numbers->data[0];
    memcpy(results->virial, numbers->data + 1, sizeof results->virial);
    results->forces = (double(*)[3])forces->data;
    return MLSOAP_SUCCESS;
}

mlsoap_status golden_validate(const mlsoap_potential *p, json_t *frames, const schema_source *source,
                              mlsoap_error *error)
{
    size_t i, n_atoms = 0;
    json_t *frame;
    json_array_foreach(frames, i, frame)
    {
        char path[64];
        structure s = {0};
        golden_results results;
        snprintf(path, sizeof path, "golden.%zu", i);
        mlsoap_status status = description_complete_golden(frame, path, source, error);
        if (status) return status;
        size_t n = json_array_size(json_object_get(frame, "species"));
        n_atoms = n > GOLDEN_ATOMS_MAX ? n : n_atoms + n;
        if (n == 0 || n_atoms > GOLDEN_ATOMS_MAX || json_array_size(json_object_get(frame, "pbc")) != 3)
            return schema_fail(source, path, NULL, error,
                               "needs 1 to %d atoms (all frames together) and three entries of pbc", GOLDEN_ATOMS_MAX);
        if (strncmp(schema_text(frame, "tensors"), GOLDEN_PREFIX, strlen(GOLDEN_PREFIX)) != 0)
            return schema_fail(source, path, "tensors", error, "must begin with '%s'", GOLDEN_PREFIX);
        status = read_frame(p, frame, &s, &results, error);
        if (!status) status = structure_validate(&s, error);
        structure_release(&s);
        if (status) return status_prefix(error, status, "%s%s%s", source ? source->name : "", source ? ": " : "", path);
    }
    return MLSOAP_SUCCESS;
}

/* ------------------------------------------------------------------------------------------------- checking */

static void widen(double *largest, double found)
{
    if (!(found <= *largest)) *largest = found; /* NaN too, and it stays */
}

static mlsoap_status deviation(const mlsoap_potential *p, mlsoap_workspace *w, const structure *s,
                               const golden_results *expected, golden_deviation *largest, mlsoap_error *error)
{
    double energy, virial[6], (*forces)[3] = memory_new(s->n_atoms, sizeof *forces);
    if (!forces) return status_no_memory(error, s->n_atoms * sizeof *forces, "a golden frame");
    mlsoap_status status = potential_evaluate(p, w, s, &energy, NULL, forces, virial, error);
    if (!status) {
        widen(&largest->energy, fabs(energy - expected->energy));
        for (int k = 0; k < 6; k++) widen(&largest->virial, fabs(virial[k] - expected->virial[k]));
        for (size_t i = 0; i < s->n_atoms; i++)
            for (int a = 0; a < 3; a++) widen(&largest->forces, fabs(forces[i][a] - expected->forces[i][a]));
    }
    memory_free(forces);
    return status;
}

static mlsoap_status check_frame(const mlsoap_potential *p, mlsoap_workspace *w, const json_t *frame, size_t i_frame,
                                 double *max_force_error, mlsoap_error *error)
{
    structure s = {0};
    golden_results expected;
    golden_deviation found = {0, 0, 0};
    const json_t *tolerance = json_object_get(frame, "tolerance");
    mlsoap_status status = read_frame(p, frame, &s, &expected, error);
    if (!status) status = deviation(p, w, &s, &expected, &found, error);
    structure_release(&s);
    if (status == MLSOAP_ERROR_MEMORY) return status;
    if (status) {
        if (error) error->code = MLSOAP_ERROR_CHECKSUM;
        return status_prefix(error, MLSOAP_ERROR_CHECKSUM, "golden frame %zu cannot be computed", i_frame);
    }
    widen(max_force_error, found.forces);
    if (found.energy <= schema_real(tolerance, "energy") && found.forces <= schema_real(tolerance, "forces") &&
        found.virial <= schema_real(tolerance, "virial"))
        return MLSOAP_SUCCESS;
    return status_fail(
        error, MLSOAP_ERROR_CHECKSUM,
        "golden frame %zu: this machine deviates from the file by %.3g eV in the energy (allowed %.3g), "
        "%.3g eV/angstrom in a force (%.3g), %.3g eV in the virial (%.3g); do not use the potential here",
        i_frame, found.energy, schema_real(tolerance, "energy"), found.forces, schema_real(tolerance, "forces"),
        found.virial, schema_real(tolerance, "virial"));
}

static mlsoap_status check_identity(const mlsoap_potential *p, mlsoap_error *error)
{
    char identity[65];
    mlsoap_status status = description_identity(p->description, &p->tensors, identity, error);
    if (status || strcmp(identity, p->identity) == 0) return status;
    return status_fail(error, MLSOAP_ERROR_CHECKSUM, "the identity in the file is %s, but its contents give %s",
                       p->identity, identity);
}

mlsoap_status mlsoap_potential_check(const mlsoap_potential *p, double *max_force_error, mlsoap_error *error)
{
    if (!p) return status_fail(error, MLSOAP_ERROR_ARGUMENT, "mlsoap_potential_check: the potential is NULL");
    const json_t *frames = json_object_get(p->description, "golden"), *frame;
    mlsoap_workspace *w = NULL;
    double largest = 0;
    size_t i;
    mlsoap_status status = check_identity(p, error);
    if (!status && json_array_size(frames) == 0)
        status = status_fail(error, MLSOAP_ERROR_CHECKSUM, "the potential has no golden frames to compare with");
    if (!status) status = mlsoap_workspace_new(p, &w, error);
    json_array_foreach(frames, i, frame)
    {
        if (!status) status = check_frame(p, w, frame, i, &largest, error);
    }
    if (max_force_error) *max_force_error = largest;
    mlsoap_workspace_free(w);
    return status;
}

/* -------------------------------------------------------------------------------------------------- setting */

static double larger(double a, double b)
{
    return a > b ? a : b;
}

/* Size of the terms that cancel in one atomic energy. */
static double model_magnitude(const mlsoap_potential *p)
{
    double sum = 0;
    for (int t = 0; t < p->n_terms; t++) {
        double largest = 0;
        for (int i = 0; i < p->n_elements; i++)
            if (p->terms[t].models[i]) largest = larger(largest, p->terms[t].models[i]->magnitude);
        sum += largest;
    }
    return sum;
}

static mlsoap_status find_tolerance(const mlsoap_potential *p, mlsoap_workspace *w, const structure *s,
                                    const golden_results *results, golden_deviation *tolerance, mlsoap_error *error)
{
    golden_deviation noise = {0, 0, 0};
    double force = 0, virial = 0, size = 1e-14 * model_magnitude(p);
    structure moved = {0};
    mlsoap_status status = structure_copy(s, &moved, error);
    for (int trial = 0; !status && trial < N_TRIALS; trial++) {
        for (size_t i = 0; i < s->n_atoms; i++)
            for (int a = 0; a < 3; a++)
                moved.positions[i][a] = s->positions[i][a] + 1e-14 * sin(1.0 + trial + 3.0 * (double)i + 7.0 * a);
        status = deviation(p, w, &moved, results, &noise, error);
    }
    structure_release(&moved);
    if (status) return status;
    for (size_t i = 0; i < s->n_atoms; i++)
        for (int a = 0; a < 3; a++) force = larger(force, fabs(results->forces[i][a]));
    for (int k = 0; k < 6; k++) virial = larger(virial, fabs(results->virial[k]));
    double n = (double)s->n_atoms;
    tolerance->energy = fmin(64 * noise.energy + 1e-11 * (1 + fabs(results->energy)) + n * size, largest_tolerance);
    tolerance->forces = fmin(64 * noise.forces + 1e-11 * (1 + force) + 10 * size, largest_tolerance);
    tolerance->virial = fmin(64 * noise.virial + 1e-11 * (1 + virial) + 10 * n * size, largest_tolerance);
    return MLSOAP_SUCCESS;
}

static mlsoap_status add_tensor(tensor_set *set, const char *prefix, const char *what, int n_dimensions, size_t rows,
                                size_t columns, const double *data, size_t n, mlsoap_error *error)
{
    char name[NAME_SIZE];
    tensor *t = NULL;
    snprintf(name, sizeof name, "%s.%s", prefix, what);
    mlsoap_status status = tensor_add(set, name, n_dimensions, (size_t[]){rows, columns}, NULL, &t, error);
    if (!status) memcpy(t->data, data, n * sizeof *data);
    return status;
}

static mlsoap_status add_tensors(tensor_set *set, const char *prefix, const structure *s, const golden_results *results,
                                 mlsoap_error *error)
{
    double cell[24] = {0}, numbers[8] = {results->energy};
    size_t n = s->n_atoms, padded = padded_atoms(n);
    for (int a = 0; a < 3; a++) memcpy(cell + 8 * a, s->cell[a], sizeof s->cell[a]);
    memcpy(numbers + 1, results->virial, sizeof results->virial);
    mlsoap_status status = add_tensor(set, prefix, "positions", 2, padded, 3, &s->positions[0][0], 3 * n, error);
    if (!status) status = add_tensor(set, prefix, "forces", 2, padded, 3, &results->forces[0][0], 3 * n, error);
    if (!status) status = add_tensor(set, prefix, "cell", 2, 3, 8, cell, 24, error);
    if (!status) status = add_tensor(set, prefix, "results", 1, 8, 1, numbers, 8, error);
    return status;
}

static mlsoap_status add_frame(const mlsoap_potential *p, mlsoap_workspace *w, const structure *s, json_t *frames,
                               tensor_set *set, mlsoap_error *error)
{
    char prefix[32];
    golden_deviation tolerance = {0, 0, 0};
    golden_results results = {.forces = memory_new(s->n_atoms, sizeof *results.forces)};
    if (!results.forces) return status_no_memory(error, s->n_atoms * sizeof *results.forces, "a golden frame");
    snprintf(prefix, sizeof prefix, GOLDEN_PREFIX "%zu", json_array_size(frames));
    mlsoap_status status = potential_evaluate(p, w, s, &results.energy, NULL, results.forces, results.virial, error);
    if (!status) status = find_tolerance(p, w, s, &results, &tolerance, error);
    if (!status) status = add_tensors(set, prefix, s, &results, error);
    memory_free(results.forces);
    if (status) return status;
    json_t *species = json_array();
    for (size_t i = 0; i < s->n_atoms; i++) json_array_append_new(species, json_string(element_symbol(s->species[i])));
    json_t *frame = json_pack("{s:s, s:o, s:[b,b,b], s:{s:f, s:f, s:f}}", "tensors", prefix, "species", species, "pbc",
                              s->pbc[0], s->pbc[1], s->pbc[2], "tolerance", "energy", tolerance.energy, "forces",
                              tolerance.forces, "virial", tolerance.virial);
    if (json_array_append_new(frames, frame)) return status_no_memory(error, 0, "a golden frame");
    return MLSOAP_SUCCESS;
}

static int is_usable(const mlsoap_potential *p, const structure *s, size_t room)
{
    if (s->n_atoms == 0 || s->n_atoms > room) return 0;
    for (size_t i = 0; i < s->n_atoms; i++)
        if (s->species[i] < 1 || s->species[i] > ELEMENT_MAX || p->element_index[s->species[i]] < 0) return 0;
    return 1;
}

/* Up to FRAMES_MAX structures, evenly spread over the set, as long as their atoms fit into `room`. */
static size_t choose(const mlsoap_potential *p, const structure *const *structures, size_t n_structures, size_t room,
                     const structure *chosen[FRAMES_MAX])
{
    size_t n = 0, next = 0;
    for (size_t k = 0; k < FRAMES_MAX; k++) {
        size_t i = k * (n_structures / FRAMES_MAX) + k * (n_structures % FRAMES_MAX) / FRAMES_MAX;
        if (i < next) i = next;
        while (i < n_structures && !is_usable(p, structures[i], room)) i++;
        if (i >= n_structures) break;
        chosen[n++] = structures[i];
        room -= structures[i]->n_atoms;
        next = i + 1;
    }
    return n;
}

/* Frames of our own making: an atom, a dimer, and a rattled periodic grid with the elements in turn. */
static mlsoap_status make_frames(const mlsoap_potential *p, structure made[3], mlsoap_error *error)
{
    double spacing = 0.5 * p->r_cut;
    size_t side = p->n_elements <= 8 ? 2 : 3, sizes[3] = {1, 2, side * side * side};
    mlsoap_status status = MLSOAP_SUCCESS;
    for (int f = 0; !status && f < 3; f++) status = structure_new(&made[f], sizes[f], error);
    for (int f = 0; !status && f < 3; f++)
        for (size_t i = 0; i < sizes[f]; i++) {
            size_t grid[3] = {i % side, i / side % side, i / side / side};
            made[f].species[i] = p->elements[i % (size_t)p->n_elements];
            for (int a = 0; a < 3; a++)
                made[f].positions[i][a] = spacing * ((double)grid[a] + 0.1 * sin(1.0 + 3.0 * (double)i + 7.0 * a));
        }
    for (int a = 0; !status && a < 3; a++) {
        made[2].cell[a][a] = spacing * (double)side;
        made[2].cell[a][(a + 1) % 3] = 0.1 * spacing;
        made[2].pbc[a] = 1;
    }
    return status;
}

/* Where the potential has a core: atoms of all elements in a row, each in the middle of its range with the one before;
 * no frame of the data is as close. At most GOLDEN_ATOMS_MAX/4 elements. */
static mlsoap_status make_core_frame(const mlsoap_potential *p, structure *made, mlsoap_error *error)
{
    size_t n = p->n_elements < GOLDEN_ATOMS_MAX / 4 ? (size_t)p->n_elements + 1 : GOLDEN_ATOMS_MAX / 4;
    double x = 0;
    mlsoap_status status = structure_new(made, n, error);
    for (size_t i = 0; !status && i < n; i++) {
        size_t element = i % (size_t)p->n_elements, before = i ? i - 1 : 0;
        const zbl_pair *pair = &p->core.pairs[before * (size_t)p->n_elements + element];
        if (i) x += pair->r_outer > 0 ? 0.5 * (pair->r_inner + pair->r_outer) : 0.5 * p->r_cut;
        made->species[i] = p->elements[element];
        made->positions[i][0] = x;
        made->positions[i][1] = 0.1 * (double)i;
    }
    return status;
}

/* Put the new golden tensors in the place of the old ones. */
static mlsoap_status replace_tensors(mlsoap_potential *p, tensor_set *fresh, mlsoap_error *error)
{
    if (!MEMORY_RESERVE(&p->tensors.items, &p->tensors.capacity, p->tensors.n + fresh->n))
        return status_no_memory(error, fresh->n * sizeof(tensor), "golden frames");
    tensor_remove(&p->tensors, GOLDEN_PREFIX);
    memcpy(p->tensors.items + p->tensors.n, fresh->items, fresh->n * sizeof *fresh->items);
    p->tensors.n += fresh->n;
    fresh->n = 0;
    potential_sort_tensors(p);
    return MLSOAP_SUCCESS;
}

mlsoap_status potential_set_golden(mlsoap_potential *p, const structure *const *structures, size_t n_structures,
                                   mlsoap_error *error)
{
    const structure *chosen[FRAMES_MAX];
    structure made[4] = {{0}, {0}, {0}, {0}};
    tensor_set fresh = {0};
    mlsoap_workspace *w = NULL;
    json_t *frames = json_array();
    mlsoap_status status = mlsoap_workspace_new(p, &w, error);
    if (!status && p->core.pairs) status = make_core_frame(p, &made[3], error);
    size_t n = choose(p, structures, n_structures, GOLDEN_ATOMS_MAX - made[3].n_atoms, chosen);
    if (!status && n == 0) {
        status = make_frames(p, made, error);
        for (n = 0; n < 3; n++) chosen[n] = &made[n];
    }
    if (!status && p->core.pairs) status = add_frame(p, w, &made[3], frames, &fresh, error);
    for (size_t i = 0; !status && i < n; i++) status = add_frame(p, w, chosen[i], frames, &fresh, error);
    if (!status) status = replace_tensors(p, &fresh, error);
    if (status)
        json_decref(frames);
    else
        status = potential_set_key(p, "golden", frames, error);
    for (int f = 0; f < 4; f++) structure_release(&made[f]);
    tensor_set_release(&fresh);
    mlsoap_workspace_free(w);
    return status;
}
