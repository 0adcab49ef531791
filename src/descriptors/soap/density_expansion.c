/* SPDX-License-Identifier: BSD-3-Clause */
/* Neighbors -> density coefficients: c^Z_nlm = sum_j s_Z w(r_j) R_nl(r_j) Y_lm(r_j/|r_j|), the central atom included
 * (spec soap.md 1 and 5), then channels c^k = sum_Z U_kZ c^Z.
 * The neighbors of a center are sorted into one bucket per species and padded to chunks of 8 with weight 0. */
#include "core/elements.h"
#include "core/memory.h"
#include "descriptors/soap/soap.h"

#include <math.h>
#include <string.h>

/* A neighbor this close to a center that is a point in space sits on it: it has the weight w0. It is put at the second
 * distance, where the parts l > 0 of its density vanish and its derivative (that of l = 1) is regular. */
static const double coincident = 1e-9, at_center = 1e-30;

mlsoap_status soap_workspace_new(const descriptor *d, descriptor_workspace **out, mlsoap_error *error)
{
    const soap *s = (const soap *)d;
    descriptor_workspace *w = MEMORY_NEW(descriptor_workspace, 1);
    *out = NULL;
    size_t per_center = s->n_coefficients * DESCRIPTOR_BLOCK, slack = (size_t)(LANES * s->n_padded);
    if (!w) return status_no_memory(error, sizeof *w, "a SOAP workspace");
    w->c = MEMORY_NEW(double, per_center *(size_t)d->n_species + slack);
    w->channels = s->channels_are_species ? w->c : MEMORY_NEW(double, per_center *(size_t)s->n_channels + slack);
    w->cbar = MEMORY_NEW(double, s->n_coefficients *(size_t)s->n_channels);
    w->cbar_species = MEMORY_NEW(double, s->n_coefficients);
    w->harmonics = MEMORY_NEW(double, s->n_lm *LANES);
    w->tangent = MEMORY_NEW(double, per_center *(size_t)(d->n_species + s->n_channels) + slack);
    w->tangent_Y = MEMORY_NEW(double, s->n_lm *SOAP_TANGENT_SLOTS);
    w->tangent_X = MEMORY_NEW(double, (size_t)s->table->n_channels *SOAP_TANGENT_SLOTS);
    w->tangent_fields = MEMORY_NEW(double, 3 * s->n_coefficients + slack);
    w->harmonics_gradient = MEMORY_NEW(double, 3 * s->n_lm);
    w->slopes = MEMORY_NEW(double, (size_t)(6 * s->n_channels + 2) * (size_t)s->table->n_channels + LANES);
    w->channel_fields = MEMORY_NEW(double, 3 * s->n_coefficients * (size_t)s->n_channels);
    w->features = MEMORY_NEW(double, s->n_coefficients *(size_t)s->n_max);
    w->raw = MEMORY_NEW(double, s->raw_stride);
    w->unit = MEMORY_NEW(double, s->normalize ? s->raw_stride *DESCRIPTOR_BLOCK : 0);
    size_t n_block = s->block ? s->block->n_features : 0, n_d = s->block ? s->block->n_coefficients : 0;
    w->d = MEMORY_NEW(double, n_d *DESCRIPTOR_BLOCK);
    w->dbar = MEMORY_NEW(double, n_d *DESCRIPTOR_BLOCK);
    w->tangent_d = MEMORY_NEW(double, n_d *DESCRIPTOR_BLOCK);
    w->tangent_T = MEMORY_NEW(double, s->block ? (size_t)s->block->plan.n_rows *DESCRIPTOR_BLOCK : 0);
    w->T = MEMORY_NEW(double, s->block ? (size_t)s->block->plan.n_rows *DESCRIPTOR_BLOCK : 0);
    w->B = MEMORY_NEW(double, n_block *DESCRIPTOR_BLOCK);
    w->g = MEMORY_NEW(double, n_block *DESCRIPTOR_BLOCK);
    w->block_jacobian = MEMORY_NEW(double, n_block *n_d);
    w->dd = MEMORY_NEW(double, n_d);
    w->n_before = MEMORY_NEW(int, (size_t)s->table->n_intervals + 1);
    if (!w->n_before || !w->d || !w->dbar || !w->T || !w->B || !w->g || !w->block_jacobian || !w->dd || !w->c ||
        !w->channels || !w->cbar || !w->cbar_species || !w->harmonics || !w->tangent || !w->tangent_Y ||
        !w->tangent_X || !w->tangent_fields || !w->tangent_d || !w->tangent_T || !w->harmonics_gradient ||
        !w->features || !w->raw || !w->unit || !w->slopes || !w->channel_fields) {
        soap_workspace_free(w);
        return status_no_memory(error, per_center * sizeof(double) * (size_t)(d->n_species + s->n_channels),
                                "the density coefficients of a SOAP workspace");
    }
    if (s->channels_are_species) w->channels = w->c;
    *out = w;
    return MLSOAP_SUCCESS;
}

void soap_workspace_free(descriptor_workspace *w)
{
    if (!w) return;
    if (w->channels != w->c) memory_free(w->channels);
    double *arrays[] = {w->r,
                        w->inverse_r,
                        w->ux,
                        w->uy,
                        w->uz,
                        w->w,
                        w->dw,
                        w->Y,
                        w->R,
                        w->dR,
                        w->forces,
                        w->c,
                        w->cbar,
                        w->cbar_species,
                        w->harmonics,
                        w->tangent,
                        w->tangent_Y,
                        w->tangent_X,
                        w->tangent_fields,
                        w->tangent_d,
                        w->tangent_T,
                        w->harmonics_gradient,
                        w->features,
                        w->raw,
                        w->unit,
                        w->d,
                        w->dbar,
                        w->T,
                        w->B,
                        w->g,
                        w->block_jacobian,
                        w->dd,
                        w->slopes,
                        w->channel_fields};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) memory_free(arrays[i]);
    memory_free(w->pair);
    memory_free(w->buckets);
    memory_free(w->order);
    memory_free(w->by_distance);
    memory_free(w->n_before);
    memory_free(w);
}

mlsoap_status soap_workspace_reserve(const descriptor *d, descriptor_workspace *w, size_t n_pairs, mlsoap_error *error)
{
    const soap *s = (const soap *)d;
    size_t n_buckets = (size_t)DESCRIPTOR_BLOCK * (size_t)d->n_species;
    size_t n_slots = n_pairs + n_buckets * (LANES - 1);
    n_slots = (n_slots + LANES - 1) / LANES * LANES;
    bool ok = MEMORY_RESERVE(&w->order, &w->capacity_order, n_pairs);
    if (ok && w->capacity_buckets < n_buckets) ok = MEMORY_RESERVE(&w->buckets, &w->capacity_buckets, n_buckets);
    if (ok && w->capacity_slots < n_slots) {
        n_slots += n_slots / 4 / LANES * LANES;
        size_t n_radial = (size_t)s->table->n_channels;
        struct {
            double **array;
            size_t width;
        } arrays[] = {{&w->r, 1},        {&w->inverse_r, 1}, {&w->ux, 1},    {&w->uy, 1},
                      {&w->uz, 1},       {&w->w, 1},         {&w->dw, 1},    {&w->Y, s->n_lm},
                      {&w->R, n_radial}, {&w->dR, n_radial}, {&w->forces, 3}};
        w->capacity_slots = 0; /* until all arrays have grown */
        for (size_t i = 0; ok && i < sizeof arrays / sizeof *arrays; i++) {
            memory_free(*arrays[i].array);
            size_t n;
            *arrays[i].array = size_multiply(n_slots, arrays[i].width, &n) ? MEMORY_NEW(double, n) : NULL;
            ok = *arrays[i].array != NULL;
        }
        memory_free(w->pair);
        memory_free(w->by_distance);
        w->pair = MEMORY_NEW(int, n_slots);
        w->by_distance = MEMORY_NEW(int, n_slots);
        ok = ok && w->pair && w->by_distance;
        if (ok) w->capacity_slots = n_slots;
    }
    return ok ? MLSOAP_SUCCESS : status_no_memory(error, n_slots * s->n_lm * sizeof(double), "a SOAP workspace");
}

/* Neighbors within the cutoff, of known species, into w->order; counts[index of species] of each. */
static int find_neighbors(const soap *s, descriptor_workspace *w, const mlsoap_environments *block, int i, int *counts)
{
    double r_cut2 = s->base.r_cut * s->base.r_cut, least = coincident * coincident;
    int n = 0, n_close = 0, n_broken = 0;
    for (int p = block->first[i]; p < block->first[i + 1]; p++) {
        double x = block->dx[p], y = block->dy[p], z = block->dz[p], r2 = x * x + y * y + z * z;
        w->order[n] = p;
        n += (r2 < r_cut2) & (s->species_index[block->species[p]] >= 0);
        n_close += r2 <= least;
        n_broken += r2 < INFINITY ? 0 : 1;
    }
    w->centers[i].broken = n_broken > 0 || (n_close > 0 && s->base.centers_are_atoms && !s->merged);
    memset(counts, 0, (size_t)s->base.n_species * sizeof *counts);
    if (s->base.n_species == 1)
        counts[0] = n;
    else
        for (int k = 0; k < n; k++) counts[s->species_index[block->species[w->order[k]]]]++;
    return n;
}

/* Room for a bucket at `slot`, its padding filled in: beyond the cutoff, so that its weight is 0. */
static size_t open_bucket(const soap *s, descriptor_workspace *w, soap_bucket *bucket, int species, int n_neighbors,
                          size_t slot)
{
    *bucket = (soap_bucket){species, slot, n_neighbors, (n_neighbors + LANES - 1) / LANES};
    size_t end = slot + (size_t)bucket->n_chunks * LANES;
    for (slot += (size_t)n_neighbors; slot < end; slot++) {
        w->ux[slot] = w->uy[slot] = 0;
        w->uz[slot] = s->base.r_cut;
        w->pair[slot] = -1;
    }
    return end;
}

/* Copy the vector of pair p; an atom on a point in space is put beside it. */
static inline void place_neighbor(descriptor_workspace *w, const mlsoap_environments *block, int p, size_t slot)
{
    double x = block->dx[p], y = block->dy[p], z = block->dz[p];
    int on_center = x * x + y * y + z * z <= coincident * coincident;
    w->ux[slot] = on_center ? 0 : x;
    w->uy[slot] = on_center ? 0 : y;
    w->uz[slot] = on_center ? at_center : z;
    w->pair[slot] = p;
}

/* Sort the neighbors of one center into buckets by species, their vectors into ux, uy, uz; returns the next free slot.
 */
static size_t sort_neighbors(const soap *s, descriptor_workspace *w, const mlsoap_environments *block, int i,
                             size_t slot, int *n_buckets)
{
    int counts[ELEMENT_MAX];
    size_t next[ELEMENT_MAX];
    int n = find_neighbors(s, w, block, i, counts), first_bucket = *n_buckets;
    for (int species = 0; species < s->base.n_species; species++) {
        next[species] = slot;
        if (counts[species] > 0) slot = open_bucket(s, w, &w->buckets[(*n_buckets)++], species, counts[species], slot);
    }
    w->centers[i].first_bucket = first_bucket;
    w->centers[i].n_buckets = *n_buckets - first_bucket;
    if (s->base.n_species == 1)
        for (int k = 0; k < n; k++) place_neighbor(w, block, w->order[k], next[0] + (size_t)k);
    else
        for (int k = 0; k < n; k++)
            place_neighbor(w, block, w->order[k], next[s->species_index[block->species[w->order[k]]]]++);
    return slot;
}

/* An atom on a point in space counts with w0, as the central atom of an atom does. */
static void weigh_coincident(const soap *s, descriptor_workspace *w, size_t n_slots)
{
    for (size_t k = 0; k < n_slots; k++)
        if (w->r[k] <= coincident) {
            w->w[k] = s->w0;
            w->dw[k] = 0;
        }
}

static void add_species_weights(const soap *s, descriptor_workspace *w, int n_buckets)
{
    for (int b = 0; b < n_buckets; b++) {
        double weight = s->species_weights[w->buckets[b].species];
        if (weight == 1) continue;
        size_t first = w->buckets[b].first, end = first + (size_t)w->buckets[b].n_chunks * LANES;
        for (size_t k = first; k < end; k++) {
            w->w[k] *= weight;
            w->dw[k] *= weight;
        }
    }
}

/* Slots of the block's neighbors by interval of the radial table, so that the kernel finds the table in the L1 cache:
 * it is larger than that, and 16 centers visit an interval several times. Returns their number. */
static int sort_by_distance(const soap *s, descriptor_workspace *w, int n_buckets)
{
    int *start = w->n_before, n = 0;
    double u;
    memset(start, 0, ((size_t)s->table->n_intervals + 1) * sizeof *start);
    for (int b = 0; b < n_buckets; b++)
        for (int k = 0; k < w->buckets[b].n_neighbors; k++)
            start[radial_table_interval(s->table, w->r[w->buckets[b].first + (size_t)k], &u) + 1]++;
    for (int i = 0; i < s->table->n_intervals; i++) start[i + 1] += start[i];
    for (int b = 0; b < n_buckets; b++)
        for (int k = 0; k < w->buckets[b].n_neighbors; k++, n++) {
            size_t slot = w->buckets[b].first + (size_t)k;
            w->by_distance[start[radial_table_interval(s->table, w->r[slot], &u)]++] = (int)slot;
        }
    return n;
}

static void mix_channels(const soap *s, const double *c, double *channels)
{
    for (int k = 0; k < s->n_channels; k++)
        s->kernels->combine(s->base.n_species, s->mixing + k * s->base.n_species, 1, s->n_coefficients, c,
                            channels + (size_t)k * s->n_coefficients);
}

static void expand_center(const soap *s, descriptor_workspace *w, const mlsoap_environments *block, int i)
{
    const soap_center *center = &w->centers[i];
    size_t n_radial = (size_t)s->table->n_channels;
    double *c = w->c + (size_t)i * (size_t)s->base.n_species * s->n_coefficients;
    memset(c, 0, (size_t)s->base.n_species * s->n_coefficients * sizeof *c);
    int own = s->species_index[block->center_species[i]];
    for (int z = 0; z < s->base.n_species && s->base.centers_are_atoms && !s->merged; z++) {
        if (z != own && !s->center_in_all) continue;
        double weight = s->w0 * s->species_weights[z] * s->recursion.diagonal[0]; /* Y_00 */
        for (int n = 0; n < s->n_padded; n++)
            c[(size_t)z * s->n_coefficients + (size_t)n] = weight * s->table->center[n];
    }
    for (int b = center->first_bucket; b < center->first_bucket + center->n_buckets; b++) {
        const soap_bucket *bucket = &w->buckets[b];
        size_t o = bucket->first;
        s->kernels->soap_harmonics(&s->recursion, bucket->n_chunks, w->ux + o, w->uy + o, w->uz + o, w->w + o, w->Y);
        s->kernels->soap_density(s->l_max, s->n_padded, bucket->n_neighbors, w->Y, w->R + bucket->first * n_radial,
                                 c + (size_t)bucket->species * s->n_coefficients);
    }
    if (!s->channels_are_species)
        mix_channels(s, c, w->channels + (size_t)i * (size_t)s->n_channels * s->n_coefficients);
}

void soap_expand(const soap *s, descriptor_workspace *w, const mlsoap_environments *block)
{
    size_t n_slots = 0;
    int n_buckets = 0;
    for (int i = 0; i < block->n_centers; i++) n_slots = sort_neighbors(s, w, block, i, n_slots, &n_buckets);
    s->kernels->soap_geometry((int)n_slots, w->ux, w->uy, w->uz, w->r, w->inverse_r);
    s->kernels->soap_weights(&s->cutoff, (int)n_slots, w->r, w->w, w->dw);
    if (!s->base.centers_are_atoms || s->merged) weigh_coincident(s, w, n_slots);
    add_species_weights(s, w, n_buckets);
    s->kernels->soap_radial(s->table, sort_by_distance(s, w, n_buckets), w->by_distance, w->r, w->R, w->dR);
    for (int i = 0; i < block->n_centers; i++) expand_center(s, w, block, i);
}
