/* SPDX-License-Identifier: BSD-3-Clause */
/* Neighbors -> density coefficients: c^Z_nlm = sum_j s_Z w(r_j) R_nl(r_j) Y_lm(r_j/|r_j|), the central atom included
 * (spec soap.md 1 and 5), then channels c^k = sum_Z U_kZ c^Z.
 * The neighbors of a center are sorted into one bucket per species and padded to chunks of 8 with weight 0. */
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
    size_t per_center = s->n_coefficients * DESCRIPTOR_BLOCK;
    if (!w) return status_no_memory(error, sizeof *w, "a SOAP workspace");
    w->c = MEMORY_NEW(double, per_center *(size_t)d->n_species);
    w->channels = s->channels_are_species ? w->c : MEMORY_NEW(double, per_center *(size_t)s->n_channels);
    w->cbar = MEMORY_NEW(double, s->n_coefficients *(size_t)s->n_channels);
    w->cbar_species = MEMORY_NEW(double, s->n_coefficients);
    w->fields = MEMORY_NEW(double, 3 * s->n_coefficients);
    w->tangent = MEMORY_NEW(double, s->n_coefficients *(size_t)(d->n_species + s->n_channels));
    w->harmonics_gradient = MEMORY_NEW(double, 3 * s->n_lm);
    w->slopes = MEMORY_NEW(double, (size_t)(6 * s->n_channels + 2) * (size_t)s->table->n_channels + LANES);
    w->channel_fields = MEMORY_NEW(double, 3 * s->n_coefficients * (size_t)s->n_channels);
    w->features = MEMORY_NEW(double, s->n_coefficients *(size_t)s->n_max);
    w->raw = MEMORY_NEW(double, s->raw_stride);
    w->unit = MEMORY_NEW(double, s->normalize ? s->raw_stride *DESCRIPTOR_BLOCK : 0);
    size_t n_block = s->block ? s->block->n_features : 0, n_d = s->block ? s->block->n_coefficients : 0;
    w->d = MEMORY_NEW(double, n_d *DESCRIPTOR_BLOCK);
    w->dbar = MEMORY_NEW(double, n_d *DESCRIPTOR_BLOCK);
    w->B = MEMORY_NEW(double, n_block *DESCRIPTOR_BLOCK);
    w->g = MEMORY_NEW(double, n_block *DESCRIPTOR_BLOCK);
    w->block_jacobian = MEMORY_NEW(double, n_block *n_d);
    w->dd = MEMORY_NEW(double, n_d);
    if (!w->d || !w->dbar || !w->B || !w->g || !w->block_jacobian || !w->dd || !w->c || !w->channels || !w->cbar ||
        !w->cbar_species || !w->fields || !w->tangent || !w->harmonics_gradient || !w->features || !w->raw ||
        !w->unit || !w->slopes || !w->channel_fields) {
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
                        w->S,
                        w->Q,
                        w->radial,
                        w->gradient,
                        w->c,
                        w->cbar,
                        w->cbar_species,
                        w->fields,
                        w->tangent,
                        w->harmonics_gradient,
                        w->features,
                        w->raw,
                        w->unit,
                        w->d,
                        w->dbar,
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
        } arrays[] = {{&w->r, 1},        {&w->inverse_r, 1}, {&w->ux, 1},     {&w->uy, 1},
                      {&w->uz, 1},       {&w->w, 1},         {&w->dw, 1},     {&w->Y, s->n_lm},
                      {&w->S, n_radial}, {&w->Q, n_radial},  {&w->radial, 1}, {&w->gradient, 3}};
        w->capacity_slots = 0; /* until all arrays have grown */
        for (size_t i = 0; ok && i < sizeof arrays / sizeof *arrays; i++) {
            memory_free(*arrays[i].array);
            size_t n;
            *arrays[i].array = size_multiply(n_slots, arrays[i].width, &n) ? MEMORY_NEW(double, n) : NULL;
            ok = *arrays[i].array != NULL;
        }
        memory_free(w->pair);
        w->pair = MEMORY_NEW(int, n_slots);
        ok = ok && w->pair;
        if (ok) w->capacity_slots = n_slots;
    }
    return ok ? MLSOAP_SUCCESS : status_no_memory(error, n_slots * s->n_lm * sizeof(double), "a SOAP workspace");
}

/* Sort the neighbors of one center within the cutoff into buckets by species; returns the next free slot. */
static size_t sort_neighbors(const soap *s, descriptor_workspace *w, const mlsoap_environments *block, int i,
                             size_t slot, int *n_buckets)
{
    soap_center *center = &w->centers[i];
    double r_cut2 = s->base.r_cut * s->base.r_cut;
    int n = 0;
    center->first_bucket = *n_buckets;
    center->n_buckets = 0;
    center->broken = 0;
    for (int p = block->first[i]; p < block->first[i + 1]; p++) {
        double x = block->dx[p], y = block->dy[p], z = block->dz[p], r2 = x * x + y * y + z * z;
        int on_center = s->base.centers_are_atoms && !s->merged && r2 <= coincident * coincident;
        if (!(r2 < INFINITY) || on_center) center->broken = 1;
        w->order[n] = p;
        n += r2 < r_cut2;
    }
    for (int species = 0; species < s->base.n_species; species++) {
        soap_bucket *bucket = &w->buckets[*n_buckets];
        bucket->species = species;
        bucket->first = slot;
        for (int k = 0; k < n; k++) {
            int p = w->order[k];
            if (s->species_index[block->species[p]] != species) continue;
            double x = block->dx[p], y = block->dy[p], z = block->dz[p], r = sqrt(x * x + y * y + z * z);
            if (r <= coincident) {
                x = y = 0;
                z = r = at_center;
            }
            w->r[slot] = r;
            w->inverse_r[slot] = 1 / r;
            w->ux[slot] = x / r;
            w->uy[slot] = y / r;
            w->uz[slot] = z / r;
            w->pair[slot++] = p;
        }
        bucket->n_neighbors = (int)(slot - bucket->first);
        if (bucket->n_neighbors == 0) continue;
        for (; slot % LANES; slot++) { /* beyond the cutoff: weight 0 */
            w->r[slot] = s->base.r_cut;
            w->inverse_r[slot] = w->ux[slot] = w->uy[slot] = 0;
            w->uz[slot] = 1;
            w->pair[slot] = -1;
        }
        bucket->n_chunks = (int)((slot - bucket->first) / LANES);
        center->n_buckets++;
        ++*n_buckets;
    }
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
        size_t first = w->buckets[b].first, end = first + (size_t)w->buckets[b].n_chunks * LANES;
        for (size_t k = first; k < end; k++) {
            w->w[k] *= weight;
            w->dw[k] *= weight;
        }
    }
}

static void mix_channels(const soap *s, const double *c, double *channels)
{
    memset(channels, 0, (size_t)s->n_channels * s->n_coefficients * sizeof *channels);
    for (int k = 0; k < s->n_channels; k++)
        for (int z = 0; z < s->base.n_species; z++) {
            double u = s->mixing[k * s->base.n_species + z];
            if (u == 0) continue;
            for (size_t f = 0; f < s->n_coefficients; f++)
                channels[(size_t)k * s->n_coefficients + f] += u * c[(size_t)z * s->n_coefficients + f];
        }
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
        s->kernels->soap_density(s->l_max, s->n_padded, bucket->n_chunks, w->Y + bucket->first * s->n_lm,
                                 w->S + bucket->first * n_radial, c + (size_t)bucket->species * s->n_coefficients);
    }
    if (!s->channels_are_species)
        mix_channels(s, c, w->channels + (size_t)i * (size_t)s->n_channels * s->n_coefficients);
}

void soap_expand(const soap *s, descriptor_workspace *w, const mlsoap_environments *block)
{
    size_t n_slots = 0;
    int n_buckets = 0;
    for (int i = 0; i < block->n_centers; i++) n_slots = sort_neighbors(s, w, block, i, n_slots, &n_buckets);
    s->kernels->soap_weights(&s->cutoff, (int)n_slots, w->r, w->w, w->dw);
    if (!s->base.centers_are_atoms || s->merged) weigh_coincident(s, w, n_slots);
    add_species_weights(s, w, n_buckets);
    s->kernels->soap_harmonics(&s->recursion, (int)(n_slots / LANES), w->ux, w->uy, w->uz, w->Y);
    s->kernels->soap_radial(s->table, (int)n_slots, w->r, w->inverse_r, w->w, w->dw, w->S, w->Q);
    for (int i = 0; i < block->n_centers; i++) expand_center(s, w, block, i);
}
