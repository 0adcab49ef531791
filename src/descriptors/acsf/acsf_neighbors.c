/* SPDX-License-Identifier: BSD-3-Clause */
/* The first station: the neighbors of each center sorted into one bucket per species, padded to chunks of 8 where all
 * windows are 0, with their distances, the values of the windows there, and a record for each of what triples read. */
#include "descriptors/acsf/acsf.h"

#include <math.h>

/* No function reaches beyond the cutoff. */
static void pad_slot(const acsf *s, descriptor_workspace *w, size_t slot)
{
    w->x[slot] = s->base.r_cut;
    w->y[slot] = w->z[slot] = 0;
    w->pair[slot] = -1;
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
            w->pair[slot++] = p;
        }
        bucket->n = (int)(slot - bucket->first);
        for (; slot % LANES; slot++) pad_slot(s, w, slot);
        bucket->n_padded = (int)(slot - bucket->first);
    }
    center->n_padded = slot - center->first;
    return slot;
}

/* Distances, windows and records of the slots in use. */
static void describe_slots(const acsf *s, descriptor_workspace *w, size_t n_slots)
{
    s->kernels->acsf_lengths((int)n_slots, w->x, w->y, w->z, w->r, w->inverse_r);
    for (size_t k = 0; k < (size_t)s->n_windows; k++)
        s->kernels->acsf_weights(&s->windows[k], (int)n_slots, w->r, w->w + k * w->capacity, w->dw + k * w->capacity);
    for (size_t i = 0; i < n_slots; i++) {
        double *record = w->records + i * ACSF_RECORD;
        record[0] = w->x[i];
        record[1] = w->y[i];
        record[2] = w->z[i];
        record[3] = w->r[i];
        record[4] = w->inverse_r[i];
        record[5] = w->w[i];
        record[6] = w->dw[i];
    }
}

void acsf_sort_neighbors(const acsf *s, descriptor_workspace *w, const mlsoap_environments *block)
{
    size_t n_slots = 0;
    for (; n_slots < LANES; n_slots++) pad_slot(s, w, n_slots);
    w->x[1] = 0; /* slots 0 and 1 in directions of their own: no triple is straight */
    w->y[1] = s->base.r_cut;
    for (int i = 0; i < block->n_centers; i++) n_slots = sort_center(s, w, block, i, n_slots);
    describe_slots(s, w, n_slots);
    w->memory.n = 0;
}
