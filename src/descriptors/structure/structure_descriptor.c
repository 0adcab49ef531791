/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of descriptors of whole structures and what they share; see structure_descriptor.h. */
#include "core/elements.h"
#include "core/hash.h"
#include "core/memory.h"
#include "core/random_numbers.h"
#include "descriptors/species_list.h"
#include "descriptors/structure/structure_schema.h"
#include "math/symmetric_eigenvalues.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const structure_descriptor_class *const classes[] = {&coulomb_matrix_class, &sine_matrix_class,
                                                            &ewald_sum_matrix_class, NULL};

const char *const permutation_names[] = {"none", "sorted_l2", "eigenspectrum", "random", NULL};
const schema_key permutation_schema[] = {
    {"type", SCHEMA_TEXT, "\"random\"", NULL, 1, 0, permutation_names, NULL, "random, or one of the other ways"},
    {"sigma", SCHEMA_REAL, "", NULL, 0, 1e6, NULL, NULL, "random: width of the noise of the norms"},
    {"seed", SCHEMA_INTEGER, "", NULL, 0, 2147483647, NULL, NULL, "random: seed of the noise (1)"},
    STRUCTURE_DESCRIPTOR_END};

/** Atoms nearer than this coincide, as in the neighbor list. */
static const double smallest_distance = 1e-6;

static const structure_descriptor_class *find_class(const char *type)
{
    for (int i = 0; type && classes[i]; i++)
        if (strcmp(classes[i]->type, type) == 0) return classes[i];
    return NULL;
}

int structure_descriptor_is(const char *type)
{
    return find_class(type) != NULL;
}

/* --------------------------------------------------------------------------------------------------- settings */

static mlsoap_status read_permutation(structure_descriptor *d, const char *path, const schema_source *source,
                                      mlsoap_error *error)
{
    json_t *permutation = json_object_get(d->settings, "permutation");
    int is_mapping = json_is_object(permutation);
    const char *name = is_mapping ? schema_text(permutation, "type") : json_string_value(permutation);
    for (int i = 0; permutation_names[i]; i++)
        if (strcmp(permutation_names[i], name) == 0) d->permutation = (matrix_permutation)i;
    const json_t *sigma = is_mapping ? json_object_get(permutation, "sigma") : NULL;
    const json_t *seed = is_mapping ? json_object_get(permutation, "seed") : NULL;
    if (d->permutation != PERMUTATION_RANDOM && (sigma || seed))
        return schema_fail(source, path, "permutation", error, "sigma and seed make no sense with type %s", name);
    if (d->permutation == PERMUTATION_RANDOM && !sigma)
        return schema_fail(source, path, "permutation", error,
                           "random needs the width of its noise: {type: random, sigma: 0.1, seed: 1}");
    if (d->permutation == PERMUTATION_RANDOM && !seed && json_object_set_new(permutation, "seed", json_integer(1)))
        return status_no_memory(error, 64, "seed");
    d->sigma = sigma ? json_number_value(sigma) : 0;
    d->seed = seed ? (uint64_t)json_integer_value(seed) : 1;
    d->n_features = d->n_atoms_max * (d->permutation == PERMUTATION_EIGENSPECTRUM ? 1 : d->n_atoms_max);
    return MLSOAP_SUCCESS;
}

static mlsoap_status build(structure_descriptor *d, json_t *settings, const char *path, const schema_source *source,
                           mlsoap_error *error)
{
    mlsoap_status status = schema_complete(settings, d->class_->schema, path, source, error);
    if (status) return status;
    d->settings = json_incref(settings);
    d->n_atoms_max = (size_t)schema_integer(settings, "n_atoms_max");
    d->accuracy = schema_real(settings, "accuracy");
    d->screening = schema_real(settings, "screening");
    const json_t *species = json_object_get(settings, "species");
    if (species) status = species_list_read(species, path, "species", 0, source, &d->species, &d->n_species, error);
    return status ? status : read_permutation(d, path, source, error);
}

mlsoap_status structure_descriptor_new(json_t *settings, const char *path, const schema_source *source,
                                       structure_descriptor **out, mlsoap_error *error)
{
    const char *type = json_string_value(json_object_get(settings, "type"));
    *out = NULL;
    if (!structure_descriptor_is(type))
        return schema_fail(source, path, "type", error, "is none of a descriptor of whole structures");
    structure_descriptor *d = MEMORY_NEW(structure_descriptor, 1);
    if (!d) return status_no_memory(error, sizeof *d, "a descriptor");
    d->class_ = find_class(type);
    mlsoap_status status = build(d, settings, path, source, error);
    if (status)
        structure_descriptor_free(d);
    else
        *out = d;
    return status;
}

void structure_descriptor_free(structure_descriptor *d)
{
    if (!d) return;
    json_decref(d->settings);
    memory_free(d->species);
    memory_free(d);
}

void structure_descriptor_feature_name(const structure_descriptor *d, size_t i_feature, char *text, size_t size)
{
    if (d->permutation == PERMUTATION_EIGENSPECTRUM)
        snprintf(text, size, "eigenvalue %zu", i_feature + 1);
    else
        snprintf(text, size, "M %zu %zu", i_feature / d->n_atoms_max + 1, i_feature % d->n_atoms_max + 1);
}

/* ----------------------------------------------------------------------------------------------------- structures */

structure_lattice structure_lattice_of(const structure *s)
{
    structure_lattice lattice;
    for (int k = 0; k < 3; k++) {
        const double *u = s->cell[(k + 1) % 3], *v = s->cell[(k + 2) % 3];
        for (int a = 0; a < 3; a++)
            lattice.inverse[k][a] = u[(a + 1) % 3] * v[(a + 2) % 3] - u[(a + 2) % 3] * v[(a + 1) % 3];
    }
    const double *a = s->cell[0], *n = lattice.inverse[0];
    double volume = a[0] * n[0] + a[1] * n[1] + a[2] * n[2];
    for (int k = 0; k < 3; k++)
        for (int b = 0; b < 3; b++) lattice.inverse[k][b] /= volume;
    lattice.volume = fabs(volume);
    return lattice;
}

void structure_lattice_difference(const structure_lattice *lattice, const structure *s, size_t i, size_t j,
                                  double fraction[3])
{
    for (int k = 0; k < 3; k++) {
        fraction[k] = 0;
        for (int a = 0; a < 3; a++) fraction[k] += (s->positions[j][a] - s->positions[i][a]) * lattice->inverse[k][a];
    }
}

/* Distance of two atoms, or of their nearest images where that is small. */
static double distance(const structure_descriptor *d, const structure_lattice *lattice, const structure *s, size_t i,
                       size_t j)
{
    double r[3], fraction[3];
    for (int a = 0; a < 3; a++) r[a] = s->positions[j][a] - s->positions[i][a];
    if (d->class_->is_periodic) {
        structure_lattice_difference(lattice, s, i, j, fraction);
        for (int k = 0; k < 3; k++)
            for (int a = 0; a < 3; a++) r[a] -= round(fraction[k]) * s->cell[k][a];
    }
    return sqrt(r[0] * r[0] + r[1] * r[1] + r[2] * r[2]);
}

static mlsoap_status check_atoms(const structure_descriptor *d, const structure *s, mlsoap_error *error)
{
    structure_lattice lattice = {0};
    if (d->class_->is_periodic) lattice = structure_lattice_of(s);
    for (size_t i = 0; i < s->n_atoms; i++) {
        int known = d->n_species == 0;
        for (int k = 0; k < d->n_species; k++) known |= d->species[k] == s->species[i];
        if (!known)
            return status_fail(error, MLSOAP_ERROR_SPECIES,
                               "atom %zu is %s, which %s does not know; add it to `elements` or `species`", i,
                               element_symbol(s->species[i]), d->class_->type);
        for (size_t j = 0; j < i; j++)
            if (!(distance(d, &lattice, s, j, i) > smallest_distance))
                return status_fail(error, MLSOAP_ERROR_VALUE,
                                   "atoms %zu and %zu coincide; the %s is undefined: remove one of them", j, i,
                                   d->class_->type);
    }
    return MLSOAP_SUCCESS;
}

static mlsoap_status check_structure(const structure_descriptor *d, const structure *s, mlsoap_error *error)
{
    mlsoap_status status = structure_validate(s, error);
    if (status) return status;
    if (s->n_atoms > d->n_atoms_max)
        return status_fail(error, MLSOAP_ERROR_CAPACITY, "%zu atoms are more than n_atoms_max = %zu; raise it",
                           s->n_atoms, d->n_atoms_max);
    if (d->class_->is_periodic && !(s->pbc[0] && s->pbc[1] && s->pbc[2]))
        return status_fail(error, MLSOAP_ERROR_VALUE,
                           "the %s is for crystals: it needs a cell that is periodic in three directions",
                           d->class_->type);
    return check_atoms(d, s, error);
}

/* -------------------------------------------------------------------------------------------------- permutations */

typedef struct row_norm {
    double norm;
    size_t row;
} row_norm;

/* Decreasing norms, ties by row. */
static int compare_norms(const void *a, const void *b)
{
    const row_norm *x = a, *y = b;
    if (x->norm != y->norm) return x->norm < y->norm ? 1 : -1;
    return x->row < y->row ? -1 : x->row > y->row;
}

static void find_order(const structure_descriptor *d, const structure *s, const double *M, row_norm *order)
{
    size_t n = s->n_atoms;
    uint64_t state = d->seed ^ hash_fast(s->positions, n * sizeof *s->positions);
    for (size_t i = 0; i < n; i++) {
        double square = 0;
        for (size_t j = 0; j < n; j++) square += M[i * n + j] * M[i * n + j];
        order[i] = (row_norm){sqrt(square), i};
        if (d->permutation == PERMUTATION_RANDOM) order[i].norm += d->sigma * random_normal(&state);
    }
    if (d->permutation != PERMUTATION_NONE) qsort(order, n, sizeof *order, compare_norms);
}

static int compare_magnitudes(const void *a, const void *b)
{
    double x = fabs(*(const double *)a), y = fabs(*(const double *)b);
    return (x < y) - (x > y);
}

static void write_row(const structure_descriptor *d, const structure *s, double *M, row_norm *order, double *scratch,
                      double *row)
{
    size_t n = s->n_atoms;
    memset(row, 0, d->n_features * sizeof *row);
    if (d->permutation == PERMUTATION_EIGENSPECTRUM) {
        symmetric_eigenvalues(n, M, scratch, row);
        qsort(row, n, sizeof *row, compare_magnitudes);
        return;
    }
    find_order(d, s, M, order);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) row[i * d->n_atoms_max + j] = M[order[i].row * n + order[j].row];
}

mlsoap_status structure_descriptor_values(const structure_descriptor *d, const structure *s, double *row,
                                          mlsoap_error *error)
{
    mlsoap_status status = check_structure(d, s, error);
    if (status) return status;
    size_t n = s->n_atoms;
    double *M = MEMORY_NEW(double, n *n), *scratch = MEMORY_NEW(double, 3 * n);
    row_norm *order = MEMORY_NEW(row_norm, n);
    if (!M || !scratch || !order) status = status_no_memory(error, n * n * sizeof *M, d->class_->type);
    if (!status) status = d->class_->matrix(d, s, M, error);
    if (!status) write_row(d, s, M, order, scratch, row);
    memory_free(M);
    memory_free(scratch);
    memory_free(order);
    return status;
}
