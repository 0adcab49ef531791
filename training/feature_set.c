/* SPDX-License-Identifier: BSD-3-Clause */
/* Joint feature vectors; see feature_set.h. */
#include "feature_set.h"

#include "core/memory.h"

#include <string.h>

mlsoap_status feature_set_new(feature_set *set, descriptor *const *descriptors, int n_descriptors, mlsoap_error *error)
{
    memset(set, 0, sizeof *set);
    set->n_descriptors = n_descriptors;
    set->descriptors = descriptors;
    set->centers_are_atoms = descriptors[0]->centers_are_atoms;
    for (int k = 0; k < n_descriptors; k++) {
        const descriptor *d = descriptors[k];
        if (d->centers_are_atoms != set->centers_are_atoms)
            return status_fail(error, MLSOAP_ERROR_VALUE,
                               "descriptor %d has other centers than the first: one term needs the same centers", k);
        set->stride += d->stride;
        if (d->r_cut > set->r_cut) set->r_cut = d->r_cut;
    }
    set->centers_are_midpoints =
        !set->centers_are_atoms && json_is_string(json_object_get(descriptors[0]->settings, "centers"));
    set->weights = MEMORY_NEW(double, set->stride);
    if (!set->weights) return status_no_memory(error, set->stride * sizeof(double), "feature weights");
    size_t at = 0;
    for (int k = 0; k < n_descriptors; at += descriptors[k++]->stride)
        memcpy(set->weights + at, descriptors[k]->weights, descriptors[k]->stride * sizeof(double));
    return MLSOAP_SUCCESS;
}

void feature_set_release(feature_set *set)
{
    memory_free(set->weights);
    memset(set, 0, sizeof *set);
}

bool feature_set_serves(const feature_set *set, int species)
{
    if (species == 0) return !set->centers_are_atoms;
    if (!set->centers_are_atoms) return false;
    for (int k = 0; k < set->n_descriptors; k++) {
        const descriptor *d = set->descriptors[k];
        bool found = false;
        for (int z = 0; z < d->n_center_species; z++) found |= d->center_species[z] == species;
        if (!found) return false;
    }
    return true;
}

mlsoap_status feature_worker_new(feature_worker *w, const feature_set *set, mlsoap_error *error)
{
    memset(w, 0, sizeof *w);
    w->set = set;
    w->workspaces = MEMORY_NEW(descriptor_workspace *, (size_t)set->n_descriptors);
    if (!w->workspaces) return status_no_memory(error, sizeof *w, "a descriptor workspace");
    for (int k = 0; k < set->n_descriptors; k++) {
        const descriptor *d = set->descriptors[k];
        mlsoap_status status = d->class_->workspace_new(d, &w->workspaces[k], error);
        if (status) {
            feature_worker_release(w);
            return status;
        }
    }
    return MLSOAP_SUCCESS;
}

void feature_worker_release(feature_worker *w)
{
    for (int k = 0; w->workspaces && k < w->set->n_descriptors; k++)
        if (w->workspaces[k]) w->set->descriptors[k]->class_->workspace_free(w->workspaces[k]);
    memory_free(w->workspaces);
    memory_free(w->points);
    memory_free(w->scratch);
    neighbor_list_release(&w->list);
    memset(w, 0, sizeof *w);
}

mlsoap_status feature_worker_begin(feature_worker *w, const structure *s, mlsoap_error *error)
{
    neighbor_centers centers = {0};
    if (!w->set->centers_are_atoms) {
        const descriptor *d = w->set->descriptors[0];
        const double(*positions)[3] = (const double(*)[3])s->positions;
        size_t n = 0;
        mlsoap_status status = descriptor_centers(d, s->n_atoms, positions, 0, NULL, &n, error);
        if (!status && !MEMORY_RESERVE(&w->points, &w->capacity_points, n))
            status = status_no_memory(error, n * sizeof *w->points, "centers");
        if (!status) status = descriptor_centers(d, s->n_atoms, positions, n, w->points, &n, error);
        if (status) return status;
        centers.n_points = n;
        centers.points = (const double(*)[3])w->points;
    }
    return neighbor_list_build(&w->list, s, w->set->r_cut, &centers, error);
}

/* Values of the block at hand for every descriptor, one after the other in D. */
static mlsoap_status block_values(feature_worker *w, size_t n_pairs, double *D, mlsoap_error *error)
{
    for (int k = 0; k < w->set->n_descriptors; k++) {
        const descriptor *d = w->set->descriptors[k];
        mlsoap_status status = d->class_->workspace_reserve(d, w->workspaces[k], n_pairs, error);
        if (status) return status;
        d->class_->values(d, w->workspaces[k], &w->block, D, d->stride);
        D += d->stride;
    }
    return MLSOAP_SUCCESS;
}

mlsoap_status feature_worker_values(feature_worker *w, size_t i_center, double *D, mlsoap_error *error)
{
    const neighbor_list *list = &w->list;
    size_t first = (size_t)list->first[i_center], n_pairs = (size_t)list->first[i_center + 1] - first;
    w->block_first[0] = 0;
    w->block_first[1] = (int)n_pairs;
    w->block = (mlsoap_environments){.size = sizeof w->block,
                                     .n_centers = 1,
                                     .center_species = list->center_species + i_center,
                                     .first = w->block_first,
                                     .species = list->species + first,
                                     .dx = list->dx + first,
                                     .dy = list->dy + first,
                                     .dz = list->dz + first};
    return block_values(w, n_pairs, D, error);
}

mlsoap_status feature_worker_jacobian(feature_worker *w, double *J, mlsoap_error *error)
{
    const feature_set *set = w->set;
    size_t n_rows = 3 * (size_t)w->block_first[1], at = 0;
    if (set->n_descriptors == 1) {
        set->descriptors[0]->class_->jacobian(set->descriptors[0], w->workspaces[0], &w->block, 0, J, set->stride);
        return MLSOAP_SUCCESS;
    }
    for (int k = 0; k < set->n_descriptors; k++) {
        const descriptor *d = set->descriptors[k];
        if (!MEMORY_RESERVE(&w->scratch, &w->capacity_scratch, n_rows * d->stride))
            return status_no_memory(error, n_rows * d->stride * sizeof(double), "the Jacobian of a center");
        d->class_->jacobian(d, w->workspaces[k], &w->block, 0, w->scratch, d->stride);
        for (size_t i = 0; i < n_rows; i++)
            memcpy(J + i * set->stride + at, w->scratch + i * d->stride, d->stride * sizeof(double));
        at += d->stride;
    }
    return MLSOAP_SUCCESS;
}

mlsoap_status feature_worker_isolated(feature_worker *w, int species, double *D, mlsoap_error *error)
{
    static const double none[1];
    static const int no_species[1];
    w->block_first[0] = w->block_first[1] = 0;
    w->block = (mlsoap_environments){.size = sizeof w->block,
                                     .n_centers = 1,
                                     .center_species = &species,
                                     .first = w->block_first,
                                     .species = no_species,
                                     .dx = none,
                                     .dy = none,
                                     .dz = none};
    return block_values(w, 0, D, error);
}

mlsoap_status feature_worker_reserve(feature_worker *w, size_t n_pairs, mlsoap_error *error)
{
    size_t widest = 0;
    mlsoap_status status = MLSOAP_SUCCESS;
    for (int k = 0; k < w->set->n_descriptors && !status; k++) {
        const descriptor *d = w->set->descriptors[k];
        if (d->stride > widest) widest = d->stride;
        status = d->class_->workspace_reserve(d, w->workspaces[k], n_pairs, error);
    }
    if (!status && w->set->n_descriptors > 1 &&
        !MEMORY_RESERVE(&w->scratch, &w->capacity_scratch, DESCRIPTOR_BLOCK * widest))
        status = status_no_memory(error, DESCRIPTOR_BLOCK * widest * sizeof(double), "a block of features");
    return status;
}

/* Values, or with v the tangent, of every descriptor into its columns of the joint rows: a descriptor writes whole rows
 * of its own. */
static void fill_block(feature_worker *w, const mlsoap_environments *block, const double *v, double *rows)
{
    const feature_set *set = w->set;
    for (int k = 0; k < set->n_descriptors; k++) {
        const descriptor *d = set->descriptors[k];
        double *own = set->n_descriptors == 1 ? rows : w->scratch;
        if (v)
            d->class_->tangent(d, w->workspaces[k], block, v, own, d->stride);
        else
            d->class_->values(d, w->workspaces[k], block, own, d->stride);
        for (size_t i = 0; i < (size_t)block->n_centers && own != rows; i++)
            memcpy(rows + i * set->stride, own + i * d->stride, d->stride * sizeof *rows);
        if (own != rows) rows += d->stride;
    }
}

void feature_block_values(feature_worker *w, const mlsoap_environments *block, double *D)
{
    fill_block(w, block, NULL, D);
}

void feature_block_tangent(feature_worker *w, const mlsoap_environments *block, const double *v, double *dD)
{
    fill_block(w, block, v, dD);
}

void feature_block_adjoint(feature_worker *w, const mlsoap_environments *block, const double *g, double *dE_dr)
{
    memset(dE_dr, 0, 3 * (size_t)block->first[block->n_centers] * sizeof *dE_dr);
    for (int k = 0; k < w->set->n_descriptors; k++) {
        const descriptor *d = w->set->descriptors[k];
        d->class_->adjoint(d, w->workspaces[k], block, g, w->set->stride, dE_dr);
        g += d->stride;
    }
}
