/* SPDX-License-Identifier: BSD-3-Clause */
/* The workspace, and its first station: the neighbors of each center sorted into one bucket per species, padded to
 * chunks of 8 where all windows are 0, and the values of the windows at their distances. */
#include "core/memory.h"
#include "descriptors/acsf/acsf.h"

#include <math.h>
#include <string.h>

/* The largest numbers of families, groups, angles and terms of a pair of species. */
static void largest_counts(const acsf *s, size_t counts[4])
{
    int n = s->base.n_species;
    memset(counts, 0, 4 * sizeof *counts);
    for (int i = 0; i < s->n_plans; i++)
        for (int k = 0; k < n * (n + 1) / 2; k++) {
            const acsf_triples *t = &s->plans[i].triples[k];
            const int found[4] = {t->n_families, t->n_groups, t->n_angles, t->n_terms};
            for (int c = 0; c < 4; c++)
                if ((size_t)found[c] > counts[c]) counts[c] = (size_t)found[c];
        }
}

mlsoap_status acsf_workspace_new(const descriptor *d, descriptor_workspace **out, mlsoap_error *error)
{
    const acsf *s = (const acsf *)d;
    descriptor_workspace *w = MEMORY_NEW(descriptor_workspace, 1);
    *out = NULL;
    if (!w) return status_no_memory(error, sizeof *w, "a workspace of symmetry functions");
    size_t counts[4], n = ACSF_BATCH;
    largest_counts(s, counts);
    acsf_batch *b = &w->batch;
    struct {
        double **array;
        size_t count;
    } arrays[] = {{&b->wa, counts[0]}, {&b->wb, counts[0]},          {&b->dwa, counts[0]}, {&b->dwb, counts[0]},
                  {&b->W, counts[1]},  {&b->exponential, counts[1]}, {&b->Wa, counts[1]},  {&b->Wb, counts[1]},
                  {&b->Wc, counts[1]}, {&b->P, counts[2]},           {&b->dP, counts[2]}};
    int ok = 1;
    for (size_t i = 0; ok && i < sizeof arrays / sizeof *arrays; i++) {
        *arrays[i].array = MEMORY_NEW(double, n *arrays[i].count);
        ok = *arrays[i].array != NULL;
    }
    w->g = MEMORY_NEW(double, counts[3]);
    w->buckets = MEMORY_NEW(acsf_bucket, DESCRIPTOR_BLOCK * (size_t)d->n_species);
    if (!ok || !w->g || !w->buckets) {
        acsf_workspace_free(w);
        return status_no_memory(error, n * sizeof(double) * counts[1], "a workspace of symmetry functions");
    }
    *out = w;
    return MLSOAP_SUCCESS;
}

void acsf_workspace_free(descriptor_workspace *w)
{
    if (!w) return;
    acsf_batch *b = &w->batch;
    double *arrays[] = {b->wa, b->wb,    b->dwa, b->dwb, b->W,  b->exponential, b->Wa,   b->Wb, b->Wc,
                        b->P,  b->dP,    w->g,   w->r,   w->x,  w->inverse_r,   w->y,    w->z,  w->w,
                        w->dw, w->value, w->fx,  w->fy,  w->fz, w->slope,       w->along};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) memory_free(arrays[i]);
    memory_free(w->buckets);
    memory_free(w->pair);
    memory_free(w->order);
    memory_free(w);
}

mlsoap_status acsf_workspace_reserve(const descriptor *d, descriptor_workspace *w, size_t n_pairs, mlsoap_error *error)
{
    const acsf *s = (const acsf *)d;
    size_t n_windows = (size_t)s->n_windows, n = n_pairs + DESCRIPTOR_BLOCK * (size_t)d->n_species * (LANES - 1);
    n = (n + LANES - 1) / LANES * LANES;
    bool ok = MEMORY_RESERVE(&w->order, &w->capacity_order, n_pairs);
    if (ok && w->capacity < n) {
        n += n / 4 / LANES * LANES;
        struct {
            double **array;
            size_t width;
        } arrays[] = {{&w->r, 1},     {&w->inverse_r, 1}, {&w->x, 1},         {&w->y, 1},     {&w->z, 1},
                      {&w->fx, 1},    {&w->fy, 1},        {&w->fz, 1},        {&w->along, 1}, {&w->value, 1},
                      {&w->slope, 1}, {&w->w, n_windows}, {&w->dw, n_windows}};
        w->capacity = 0; /* until all arrays have grown */
        for (size_t i = 0; ok && i < sizeof arrays / sizeof *arrays; i++) {
            size_t count;
            memory_free(*arrays[i].array);
            *arrays[i].array = size_multiply(n, arrays[i].width, &count) ? MEMORY_NEW(double, count) : NULL;
            ok = *arrays[i].array != NULL;
        }
        memory_free(w->pair);
        w->pair = ok ? MEMORY_NEW(int, n) : NULL;
        ok = ok && w->pair;
        if (ok) w->capacity = n;
    }
    return ok ? MLSOAP_SUCCESS
              : status_no_memory(error, n * (n_windows + 6) * 2 * sizeof(double), "a workspace of symmetry functions");
}

/* The neighbors of one center within the cutoff, by species; returns the next free slot. */
static size_t sort_center(const acsf *s, descriptor_workspace *w, const mlsoap_environments *block, int i, size_t slot)
{
    acsf_center *center = &w->centers[i];
    double r_cut2 = s->base.r_cut * s->base.r_cut;
    int n = 0, z = block->center_species[i], plan = z >= 0 && z <= 118 ? s->plan_index[z] : -1;
    *center = (acsf_center){.first = slot, .plan = plan < 0 ? NULL : &s->plans[plan]};
    for (int p = block->first[i]; p < block->first[i + 1]; p++) {
        double x = block->dx[p], y = block->dy[p], z_ = block->dz[p], r2 = x * x + y * y + z_ * z_;
        if (!(r2 > 0 && r2 < INFINITY)) center->broken = 1;
        w->order[n] = p;
        n += r2 < r_cut2;
    }
    if (center->broken || !center->plan) n = 0;
    for (int species = 0; species < s->base.n_species; species++) {
        acsf_bucket *bucket = &w->buckets[i * s->base.n_species + species];
        bucket->first = slot;
        for (int k = 0; k < n; k++) {
            int p = w->order[k];
            if (s->species_index[block->species[p]] != species) continue;
            w->x[slot] = block->dx[p];
            w->y[slot] = block->dy[p];
            w->z[slot] = block->dz[p];
            w->r[slot] = sqrt(w->x[slot] * w->x[slot] + w->y[slot] * w->y[slot] + w->z[slot] * w->z[slot]);
            w->inverse_r[slot] = 1 / w->r[slot];
            w->pair[slot++] = p;
        }
        bucket->n = (int)(slot - bucket->first);
        for (; slot % LANES; slot++) { /* no function reaches beyond the cutoff */
            w->r[slot] = w->x[slot] = s->base.r_cut;
            w->y[slot] = w->z[slot] = 0;
            w->inverse_r[slot] = 1 / s->base.r_cut;
            w->pair[slot] = -1;
        }
        bucket->n_padded = (int)(slot - bucket->first);
    }
    center->n_padded = slot - center->first;
    return slot;
}

void acsf_sort_neighbors(const acsf *s, descriptor_workspace *w, const mlsoap_environments *block)
{
    size_t n_slots = 0;
    for (int i = 0; i < block->n_centers; i++) n_slots = sort_center(s, w, block, i, n_slots);
    for (size_t k = 0; k < (size_t)s->n_windows; k++)
        s->kernels->acsf_weights(&s->windows[k], (int)n_slots, w->r, w->w + k * w->capacity, w->dw + k * w->capacity);
}
