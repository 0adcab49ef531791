/* SPDX-License-Identifier: BSD-3-Clause */
/* From environments or structures to blocks of centers of one element and their features: what every evaluation begins
 * with; see potential_parts.h. */
#include "core/elements.h"
#include "core/memory.h"
#include "potential/potential_parts.h"
#include "structure/environments.h"

#include <limits.h>
#include <string.h>

/* Joint features of the block into w->D. A descriptor writes whole rows: where several stand side by side, each writes
 * rows of its own, which are copied. */
void workspace_features(mlsoap_workspace *w, const potential_term *term)
{
    const mlsoap_environments *view = &w->block.view;
    double *to = w->D;
    for (int i = 0; i < term->n_descriptors; i++) {
        const descriptor *d = w->potential->descriptors[term->i_descriptors[i]];
        descriptor_workspace *dw = w->descriptors[term->i_descriptors[i]];
        if (term->n_descriptors == 1) {
            d->class_->values(d, dw, view, w->D, term->stride);
            return;
        }
        d->class_->values(d, dw, view, w->g, d->stride);
        for (size_t k = 0; k < (size_t)view->n_centers; k++)
            memcpy(to + k * term->stride, w->g + k * d->stride, d->stride * sizeof *to);
        to += d->stride;
    }
}

const char *element_name_or_not(int number)
{
    const char *symbol = element_symbol(number);
    return symbol ? symbol : "not an element";
}

static int is_known(const mlsoap_potential *p, int number)
{
    return number >= 1 && number <= ELEMENT_MAX && p->element_index[number] >= 0;
}

static mlsoap_status check_neighbors(const mlsoap_potential *p, const mlsoap_environments *e, int center,
                                     mlsoap_error *error)
{
    for (int j = e->first[center]; j < e->first[center + 1]; j++)
        if (!is_known(p, e->species[j]))
            return status_fail(error, MLSOAP_ERROR_SPECIES,
                               "neighbor %d of center %d has atomic number %d (%s), which the potential does not know; "
                               "map it to one of its %d elements or leave it out",
                               j - e->first[center], center, e->species[j], element_name_or_not(e->species[j]),
                               p->n_elements);
    return MLSOAP_SUCCESS;
}

/* Make the view of the block of centers order[0 ... n-1]: a part of `e` where they follow each other, else a copy. */
static mlsoap_status gather(mlsoap_workspace *w, const mlsoap_environments *e, const int *order, int n,
                            mlsoap_error *error)
{
    evaluation_block *b = &w->block;
    size_t n_pairs = 0, at = 0;
    int consecutive = 1;
    b->first[0] = 0;
    for (int i = 0; i < n; i++) {
        mlsoap_status status = check_neighbors(w->potential, e, order[i], error);
        if (status) return status;
        n_pairs += (size_t)(e->first[order[i] + 1] - e->first[order[i]]);
        if (n_pairs > INT_MAX) return status_fail(error, MLSOAP_ERROR_CAPACITY, "more than 2^31 neighbors in a block");
        b->first[i + 1] = (int)n_pairs;
        b->center_species[i] = e->center_species[order[i]];
        consecutive &= order[i] == order[0] + i;
    }
    mlsoap_status status = workspace_reserve_block(w, n_pairs, !consecutive, error);
    if (status) return status;
    b->view = (mlsoap_environments){.size = sizeof b->view, .n_centers = n, .center_species = b->center_species};
    b->view.first = b->first;
    if (n_pairs == 0) return MLSOAP_SUCCESS; /* arrays of neighbors may be NULL */
    if (consecutive) {
        int start = e->first[order[0]];
        b->view.species = e->species + start;
        b->view.dx = e->dx + start;
        b->view.dy = e->dy + start;
        b->view.dz = e->dz + start;
        return MLSOAP_SUCCESS;
    }
    for (int i = 0; i < n; i++) {
        size_t from = (size_t)e->first[order[i]], count = (size_t)e->first[order[i] + 1] - from;
        memcpy(b->species + at, e->species + from, count * sizeof *b->species);
        memcpy(b->dx + at, e->dx + from, count * sizeof *b->dx);
        memcpy(b->dy + at, e->dy + from, count * sizeof *b->dy);
        memcpy(b->dz + at, e->dz + from, count * sizeof *b->dz);
        at += count;
    }
    b->view.species = b->species;
    b->view.dx = b->dx;
    b->view.dy = b->dy;
    b->view.dz = b->dz;
    return MLSOAP_SUCCESS;
}

mlsoap_status workspace_gather(mlsoap_workspace *w, const mlsoap_environments *e, const int *order, int n,
                               mlsoap_error *error)
{
    const mlsoap_potential *p = w->potential;
    mlsoap_status status = gather(w, e, order, n, error);
    for (int d = 0; !status && d < p->n_descriptors; d++)
        status = p->descriptors[d]->class_->workspace_reserve(p->descriptors[d], w->descriptors[d],
                                                              (size_t)w->block.first[n], error);
    return status;
}

mlsoap_status workspace_check(const mlsoap_potential *p, const mlsoap_workspace *w, const mlsoap_environments *e,
                              const double *energies, mlsoap_error *error)
{
    if (!p || !w || !e)
        return status_fail(error, MLSOAP_ERROR_ARGUMENT,
                           "an argument is NULL: give potential, workspace and environments");
    if (w->potential != p)
        return status_fail(error, MLSOAP_ERROR_ARGUMENT, "the workspace belongs to another potential");
    if (!p->centers_are_atoms)
        return status_fail(error, MLSOAP_ERROR_UNSUPPORTED,
                           "the centers of this potential are points in space: it has no energies of atoms");
    if (e->n_centers > 0 && !energies)
        return status_fail(error, MLSOAP_ERROR_ARGUMENT, "the array of results per center is NULL");
    mlsoap_status status = environments_check(e, error);
    for (int i = 0; i < e->n_centers && !status; i++)
        if (!is_known(p, e->center_species[i]))
            status = status_fail(error, MLSOAP_ERROR_SPECIES,
                                 "center %d has atomic number %d (%s), which the potential does not know", i,
                                 e->center_species[i], element_name_or_not(e->center_species[i]));
    return status;
}

/* Centers sorted by element, in their order within an element, into w->order; starts[i] is where element i begins. */
mlsoap_status workspace_sort(mlsoap_workspace *w, int n_centers, const int *species, int starts[ELEMENT_MAX + 2],
                             mlsoap_error *error)
{
    const mlsoap_potential *p = w->potential;
    int next[ELEMENT_MAX + 2] = {0};
    if (!MEMORY_RESERVE(&w->order, &w->capacity_order, (size_t)n_centers))
        return status_no_memory(error, (size_t)n_centers * sizeof(int), "the order of centers");
    for (int i = 0; i < n_centers; i++) next[p->element_index[species[i]] + 1]++;
    for (int z = 0; z < p->n_elements; z++) next[z + 1] += next[z];
    memcpy(starts, next, sizeof next);
    for (int i = 0; i < n_centers; i++) w->order[next[p->element_index[species[i]]]++] = i;
    return MLSOAP_SUCCESS;
}

static mlsoap_status check_species(const mlsoap_potential *p, const structure *s, mlsoap_error *error)
{
    for (size_t i = 0; i < s->n_atoms; i++)
        if (!is_known(p, s->species[i]))
            return status_fail(error, MLSOAP_ERROR_SPECIES,
                               "atom %zu has atomic number %d (%s), which the potential does not know; it was fitted "
                               "to %d elements, the first of them %s",
                               i, s->species[i], element_name_or_not(s->species[i]), p->n_elements,
                               element_symbol(p->elements[0]));
    return MLSOAP_SUCCESS;
}

/* The neighbor list of the structure around the centers of the potential, in w->list. */
mlsoap_status workspace_build_list(mlsoap_workspace *w, const structure *s, mlsoap_error *error)
{
    const mlsoap_potential *p = w->potential;
    neighbor_centers centers = {0};
    mlsoap_status status = check_species(p, s, error);
    if (status) return status;
    if (!p->centers_are_atoms) {
        const double(*positions)[3] = (const double(*)[3])s->positions;
        status = descriptor_centers(p->descriptors[0], s->n_atoms, positions, 0, NULL, &centers.n_points, error);
        if (status) return status;
        if (!MEMORY_RESERVE(&w->points, &w->capacity_points, centers.n_points))
            return status_no_memory(error, centers.n_points * sizeof *w->points, "centers");
        status = descriptor_centers(p->descriptors[0], s->n_atoms, positions, centers.n_points, w->points,
                                    &centers.n_points, error);
        centers.points = (const double(*)[3])w->points;
    }
    if (!status) status = neighbor_list_build(&w->list, s, p->r_cut, &centers, error);
    if (!status && w->list.n_centers > INT_MAX)
        status = status_fail(error, MLSOAP_ERROR_CAPACITY, "%zu atoms are more than the 2^31 that one call takes",
                             w->list.n_centers);
    if (!status && !MEMORY_RESERVE(&w->energies, &w->capacity_energies, w->list.n_centers))
        status = status_no_memory(error, w->list.n_centers * sizeof(double), "energies");
    return status;
}

mlsoap_status structure_of_view(const mlsoap_potential *p, const mlsoap_workspace *w, const mlsoap_structure_view *view,
                                structure *s, mlsoap_error *error)
{
    if (!p || !w || !view)
        return status_fail(error, MLSOAP_ERROR_ARGUMENT,
                           "an argument is NULL: give potential, workspace and structure");
    if (w->potential != p)
        return status_fail(error, MLSOAP_ERROR_ARGUMENT, "the workspace belongs to another potential");
    if (view->size < sizeof *view)
        return status_fail(error, MLSOAP_ERROR_ARGUMENT,
                           "mlsoap_structure_view: size is %zu; set it to sizeof(mlsoap_structure_view) = %zu",
                           view->size, sizeof *view);
    if (view->n_atoms > 0 && (!view->species || !view->positions))
        return status_fail(error, MLSOAP_ERROR_ARGUMENT, "mlsoap_structure_view: species or positions is NULL");
    *s = (structure){.n_atoms = view->n_atoms,
                     .species = (int *)(uintptr_t)view->species,
                     .positions = (double(*)[3])(uintptr_t)view->positions};
    if (view->cell) memcpy(s->cell, view->cell, sizeof s->cell);
    if (view->pbc) memcpy(s->pbc, view->pbc, sizeof s->pbc);
    return MLSOAP_SUCCESS;
}
