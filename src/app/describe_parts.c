/* SPDX-License-Identifier: BSD-3-Clause */
/* The centers of a structure; see describe_parts.h. */
#include "app/describe_parts.h"

#include "core/elements.h"
#include "core/memory.h"

#include <string.h>

int describe_serves(const descriptor *d, int species)
{
    if (!d->centers_are_atoms) return 1;
    for (int i = 0; i < d->n_center_species; i++)
        if (d->center_species[i] == species) return 1;
    return 0;
}

static int knows(const descriptor *d, int species)
{
    for (int i = 0; i < d->n_species; i++)
        if (d->species[i] == species) return 1;
    return describe_serves(d, species) && d->centers_are_atoms;
}

static mlsoap_status check_elements(const describer *d, const structure *s, mlsoap_error *error)
{
    for (size_t i = 0; i < s->n_atoms; i++) {
        int known = 0;
        for (int k = 0; k < d->n_descriptors && !known; k++)
            known = d->descriptors[k] && knows(d->descriptors[k], s->species[i]);
        if (!known)
            return status_fail(error, MLSOAP_ERROR_SPECIES,
                               "atom %zu is %s, which no descriptor knows; add it to `elements` or `species`", i,
                               element_symbol(s->species[i]));
    }
    return MLSOAP_SUCCESS;
}

static int has_row(const describer *d, int species)
{
    for (int k = 0; k < d->n_descriptors; k++)
        if (d->descriptors[k] && describe_serves(d->descriptors[k], species)) return 1;
    return 0;
}

/* Every atom that a descriptor serves, or the chosen ones. */
static mlsoap_status choose_rows(describer *d, const structure *s, mlsoap_error *error)
{
    size_t n = d->n_atoms ? d->n_atoms : d->list.n_centers;
    d->n_rows = 0;
    if (!MEMORY_RESERVE(&d->rows, &d->capacity_rows, n)) return status_no_memory(error, n * sizeof *d->rows, "rows");
    for (size_t i = 0; i < n; i++) {
        size_t center = d->n_atoms ? d->atoms[i] : i;
        if (center >= d->list.n_centers)
            return status_fail(error, MLSOAP_ERROR_VALUE, "there is no atom %zu to be a center among %zu (0 ... %zu)",
                               center, s->n_atoms, s->n_atoms - 1);
        if (has_row(d, d->list.center_species[center]))
            d->rows[d->n_rows++] = center;
        else if (d->n_atoms)
            return status_fail(error, MLSOAP_ERROR_VALUE, "atom %zu is %s, for which no descriptor has centers", center,
                               element_symbol(d->list.center_species[center]));
    }
    return MLSOAP_SUCCESS;
}

mlsoap_status describe_prepare(describer *d, const structure *s, mlsoap_error *error)
{
    neighbor_centers centers = {0};
    d->n_rows = 0;
    if (!d->first) return MLSOAP_SUCCESS;
    mlsoap_status status = check_elements(d, s, error);
    const double(*positions)[3] = (const double(*)[3])s->positions;
    if (!status && !d->centers_are_atoms) {
        status = descriptor_centers(d->first, s->n_atoms, positions, 0, NULL, &centers.n_points, error);
        if (!status && !MEMORY_RESERVE(&d->points, &d->capacity_points, centers.n_points))
            status = status_no_memory(error, centers.n_points * sizeof *d->points, "centers");
        if (!status)
            status = descriptor_centers(d->first, s->n_atoms, positions, d->capacity_points, d->points,
                                        &centers.n_points, error);
        centers.points = (const double(*)[3])d->points;
    }
    if (!status) status = neighbor_list_build(&d->list, s, d->r_cut, &centers, error);
    return status ? status : choose_rows(d, s, error);
}

size_t describe_n_neighbors(const describer *d, size_t center)
{
    return (size_t)(d->list.first[center + 1] - d->list.first[center]);
}

size_t describe_n_own(const describer *d, const structure *s)
{
    return d->centers_are_atoms ? 1 : d->centers_are_midpoints ? s->n_atoms : 0;
}

bool describe_reserve_zeroed(double **array, size_t *capacity, size_t count, size_t per)
{
    size_t n;
    if (!size_multiply(count, per, &n) || !MEMORY_RESERVE(array, capacity, n)) return false;
    if (n > 0) memset(*array, 0, n * sizeof **array);
    return true;
}
