/* SPDX-License-Identifier: BSD-3-Clause */
/* The repulsive core; see pair_core.h. */
#include "potential/pair_core.h"

#include "core/elements.h"
#include "core/memory.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { PATH_SIZE = 64 };

/* "Si-O" -> indices of the two elements, the lower atomic number first; 0 where it is not that. */
static int read_pair(const pair_core *core, const char *name, int index[2])
{
    const char *dash = strchr(name, '-');
    if (!dash) return 0;
    int numbers[2] = {element_from_symbol(name, (size_t)(dash - name)),
                      element_from_symbol(dash + 1, strlen(dash + 1))};
    for (int k = 0; k < 2; k++) {
        if (numbers[k] < 1 || numbers[k] > ELEMENT_MAX) return 0;
        index[k] = core->element_index[numbers[k]];
        if (index[k] < 0) return 0;
    }
    return numbers[0] <= numbers[1];
}

static mlsoap_status read_range(pair_core *core, const char *name, const json_t *range, const int *elements,
                                const schema_source *source, mlsoap_error *error)
{
    static const char path[] = "pair_terms.0.pairs";
    int index[2];
    double inner = json_number_value(json_array_get(range, 0)), outer = json_number_value(json_array_get(range, 1));
    if (!read_pair(core, name, index))
        return schema_fail(source, path, name, error,
                           "is not a pair of elements of the potential, such as O-Si, by ascending atomic number");
    if (json_array_size(range) != 2 || !(inner > 0) || !(outer > inner) || !(outer <= 100))
        return schema_fail(source, path, name, error,
                           "must be [r_inner, r_outer] with 0 < r_inner < r_outer <= 100, in angstrom");
    size_t i = (size_t)index[0], j = (size_t)index[1], n = (size_t)core->n_elements;
    core->pairs[i * n + j] = core->pairs[j * n + i] = zbl_pair_new(elements[i], elements[j], inner, outer);
    if (outer > core->r_outer) core->r_outer = outer;
    return MLSOAP_SUCCESS;
}

mlsoap_status pair_core_read(pair_core *core, const json_t *pair_terms, const int *elements, int n_elements,
                             const int *element_index, const schema_source *source, mlsoap_error *error)
{
    static const char *const types[] = {"zbl", NULL};
    static const schema_key schema[] = {
        {"type", SCHEMA_TEXT, NULL, NULL, 1, 0, types, NULL, "kind of pair energy"},
        {"pairs", SCHEMA_OBJECT, NULL, "angstrom", 1, 0, NULL, NULL, "[r_inner, r_outer] of each pair of elements"},
        {0},
    };
    size_t n = (size_t)n_elements;
    json_t *entry = json_array_get(pair_terms, 0), *range, *pairs;
    const char *name;
    *core = (pair_core){.n_elements = n_elements, .element_index = element_index};
    if (json_array_size(pair_terms) == 0) return MLSOAP_SUCCESS;
    if (json_array_size(pair_terms) > 1)
        return schema_fail(source, "", "pair_terms", error, "has %zu entries; this version knows one, of type zbl",
                           json_array_size(pair_terms));
    mlsoap_status status = schema_complete(entry, schema, "pair_terms.0", source, error);
    if (status) return status;
    core->pairs = MEMORY_NEW(zbl_pair, n * n);
    if (!core->pairs) return status_no_memory(error, n * n * sizeof *core->pairs, "the repulsive core");
    pairs = json_object_get(entry, "pairs");
    json_object_foreach(pairs, name, range)
    {
        status = read_range(core, name, range, elements, source, error);
        if (status) return status;
    }
    return MLSOAP_SUCCESS;
}

void pair_core_release(pair_core *core)
{
    memory_free(core->pairs);
    *core = (pair_core){0};
}

/* Smallest squared distance of n neighbors; NaN is passed over, the terms find it. */
static double smallest_square(int n, const double *dx, const double *dy, const double *dz)
{
    double least[8];
    int j = 0;
    for (int k = 0; k < 8; k++) least[k] = INFINITY;
    for (; j + 8 <= n; j += 8)
        for (int k = 0; k < 8; k++) {
            double square = dx[j + k] * dx[j + k] + dy[j + k] * dy[j + k] + dz[j + k] * dz[j + k];
            least[k] = square < least[k] ? square : least[k];
        }
    for (; j < n; j++) {
        double square = dx[j] * dx[j] + dy[j] * dy[j] + dz[j] * dz[j];
        least[0] = square < least[0] ? square : least[0];
    }
    for (int k = 1; k < 8; k++) least[0] = least[k] < least[0] ? least[k] : least[0];
    return least[0];
}

/* Half of the pair energies of one center. */
static double add_center(const pair_core *core, const mlsoap_environments *e, int center, double *dE_dr)
{
    const zbl_pair *row =
        core->pairs + (size_t)core->element_index[e->center_species[center]] * (size_t)core->n_elements;
    double sum = 0;
    for (int j = e->first[center]; j < e->first[center + 1]; j++) {
        const zbl_pair *pair = &row[core->element_index[e->species[j]]];
        double square = e->dx[j] * e->dx[j] + e->dy[j] * e->dy[j] + e->dz[j] * e->dz[j], slope;
        if (square >= pair->r_outer * pair->r_outer) continue;
        double r = sqrt(square);
        sum += 0.5 * zbl_pair_energy(pair, r, &slope);
        if (!dE_dr) continue;
        slope *= 0.5 / r;
        dE_dr[3 * (size_t)j] += slope * e->dx[j];
        dE_dr[3 * (size_t)j + 1] += slope * e->dy[j];
        dE_dr[3 * (size_t)j + 2] += slope * e->dz[j];
    }
    return sum;
}

void pair_core_add(const pair_core *core, const mlsoap_environments *e, double *energies, double *dE_dr)
{
    int n = e->n_centers ? e->first[e->n_centers] : 0;
    if (!core->pairs || n == 0) return;
    if (smallest_square(n, e->dx, e->dy, e->dz) >= core->r_outer * core->r_outer) return; /* nearly always */
    for (int i = 0; i < e->n_centers; i++) energies[i] += add_center(core, e, i, dE_dr);
}
