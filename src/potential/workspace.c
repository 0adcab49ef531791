/* SPDX-License-Identifier: BSD-3-Clause */
/* The workspace of one thread; see potential_parts.h. */
#include "core/memory.h"
#include "potential/potential_parts.h"

/* Doubles that the hungriest model needs for a full block. */
static size_t scratch_size(const mlsoap_potential *p)
{
    size_t largest = 0;
    for (int t = 0; t < p->n_terms; t++)
        for (int i = 0; i < p->n_elements; i++) {
            const model *m = p->terms[t].models[i];
            size_t size = m ? m->class_->workspace_size(m, DESCRIPTOR_BLOCK) : 0;
            if (size > largest) largest = size;
        }
    return largest;
}

static mlsoap_status workspace_allocate(mlsoap_workspace *w, mlsoap_error *error)
{
    const mlsoap_potential *p = w->potential;
    size_t stride = 0, scratch = scratch_size(p);
    for (int t = 0; t < p->n_terms; t++)
        if (p->terms[t].stride > stride) stride = p->terms[t].stride;
    w->D = memory_new(stride, DESCRIPTOR_BLOCK * sizeof(double));
    w->g = memory_new(stride, DESCRIPTOR_BLOCK * sizeof(double));
    w->scratch = MEMORY_NEW(double, scratch);
    w->descriptors = MEMORY_NEW(descriptor_workspace *, (size_t)p->n_descriptors);
    if (!w->D || !w->g || !w->scratch || !w->descriptors)
        return status_no_memory(error, (2 * DESCRIPTOR_BLOCK * stride + scratch) * sizeof(double), "a workspace");
    mlsoap_status status = MLSOAP_SUCCESS;
    for (int i = 0; !status && i < p->n_descriptors; i++)
        status = p->descriptors[i]->class_->workspace_new(p->descriptors[i], &w->descriptors[i], error);
    return status;
}

mlsoap_status mlsoap_workspace_new(const mlsoap_potential *potential, mlsoap_workspace **workspace, mlsoap_error *error)
{
    if (!potential || !workspace)
        return status_fail(error, MLSOAP_ERROR_ARGUMENT, "mlsoap_workspace_new: an argument is NULL");
    *workspace = NULL;
    mlsoap_workspace *w = MEMORY_NEW(mlsoap_workspace, 1);
    if (!w) return status_no_memory(error, sizeof *w, "a workspace");
    w->potential = potential;
    mlsoap_status status = workspace_allocate(w, error);
    if (status) {
        mlsoap_workspace_free(w);
        return status;
    }
    *workspace = w;
    return MLSOAP_SUCCESS;
}

void mlsoap_workspace_free(mlsoap_workspace *w)
{
    if (!w) return;
    for (int i = 0; w->descriptors && i < w->potential->n_descriptors; i++)
        if (w->descriptors[i]) w->potential->descriptors[i]->class_->workspace_free(w->descriptors[i]);
    memory_free(w->descriptors);
    memory_free(w->D);
    memory_free(w->g);
    memory_free(w->scratch);
    memory_free(w->block.species);
    memory_free(w->block.dx);
    memory_free(w->block.dy);
    memory_free(w->block.dz);
    memory_free(w->block.dE_dr);
    memory_free(w->order);
    neighbor_list_release(&w->list);
    memory_free(w->points);
    memory_free(w->energies);
    memory_free(w);
}

mlsoap_status workspace_reserve_block(mlsoap_workspace *w, size_t n_pairs, int gathered, mlsoap_error *error)
{
    evaluation_block *b = &w->block;
    if (b->capacity_derivatives < n_pairs) {
        size_t capacity = n_pairs + n_pairs / 2, size;
        memory_free(b->dE_dr); /* nothing in it needs to be kept */
        b->dE_dr = size_multiply(capacity, 3, &size) ? MEMORY_NEW(double, size) : NULL;
        b->capacity_derivatives = b->dE_dr ? capacity : 0;
        if (!b->dE_dr) return status_no_memory(error, capacity * 3 * sizeof(double), "a block of neighbors");
    }
    if (!gathered) return MLSOAP_SUCCESS;
    size_t capacities[4] = {b->capacity, b->capacity, b->capacity, b->capacity};
    if (!MEMORY_RESERVE(&b->species, &capacities[0], n_pairs) || !MEMORY_RESERVE(&b->dx, &capacities[1], n_pairs) ||
        !MEMORY_RESERVE(&b->dy, &capacities[2], n_pairs) || !MEMORY_RESERVE(&b->dz, &capacities[3], n_pairs))
        return status_no_memory(error, n_pairs * sizeof(double), "a block of neighbors");
    b->capacity = capacities[0];
    return MLSOAP_SUCCESS;
}
