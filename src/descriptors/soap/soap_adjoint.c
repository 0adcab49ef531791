/* SPDX-License-Identifier: BSD-3-Clause */
/* Features -> neighbor vectors, backwards (spec soap.md 7): dE/dp -> cbar = dE/dc -> f_ij = dE_i/dr_j
 * (kernels/soap_force_kernels_impl.h). */
#include "descriptors/soap/soap.h"

#include <string.h>

/* dE/dd of all centers of a block from the block's share of g. */
static void block_adjoint(const soap *s, descriptor_workspace *w, int n_centers, const double *g, size_t stride)
{
    const bispectrum *b = s->block;
    for (int i = 0; i < n_centers; i++) {
        const double *raw = soap_arrange_adjoint(s, w, i, g + (size_t)i * stride) + s->n_power;
        for (size_t f = 0; f < b->n_features; f++) w->g[f * DESCRIPTOR_BLOCK + (size_t)i] = raw[f];
    }
    memset(w->dbar, 0, b->n_coefficients * DESCRIPTOR_BLOCK * sizeof *w->dbar);
    s->kernels->bispectrum_adjoint(&b->plan, w->d, w->T, w->g, w->dbar);
}

static void product_adjoint(const soap *s, descriptor_workspace *w, const double *channels, const double *g)
{
    memset(w->cbar, 0, (size_t)s->n_channels * s->n_coefficients * sizeof *w->cbar);
    for (int k = 0; k < s->n_products; k++) {
        size_t a = (size_t)s->products[k].a * s->n_coefficients, b = (size_t)s->products[k].b * s->n_coefficients;
        s->kernels->soap_power_adjoint(s->l_max, s->n_max, s->n_padded, s->products[k].packed, s->prefactors,
                                       g + s->products[k].first_feature, channels + a, channels + b, w->cbar + a,
                                       w->cbar + b);
    }
}

/* cbar of one species: sum_k U_kZ cbar^k. */
static const double *species_adjoint(const soap *s, descriptor_workspace *w, int species)
{
    if (s->channels_are_species) return w->cbar + (size_t)species * s->n_coefficients;
    s->kernels->combine(s->n_channels, s->mixing + species, s->base.n_species, s->n_coefficients, w->cbar,
                        w->cbar_species);
    return w->cbar_species;
}

static void bucket_forces(const soap *s, descriptor_workspace *w, const soap_bucket *bucket, double *dE_dr)
{
    size_t n_radial = (size_t)s->table->n_channels, n = (size_t)bucket->n_chunks * LANES, first = bucket->first;
    soap_neighbors neighbors = {w->ux + first, w->uy + first, w->uz + first,           w->inverse_r + first,
                                w->w + first,  w->dw + first, w->R + first * n_radial, w->dR + first * n_radial};
    s->kernels->soap_forces(&s->recursion, s->n_max, s->n_padded, bucket->n_chunks, &neighbors,
                            s->table->inverse_spacing, species_adjoint(s, w, bucket->species), w->forces);
    for (size_t k = 0; k < (size_t)bucket->n_neighbors; k++) {
        double *f = dE_dr + 3 * (size_t)w->pair[first + k];
        for (size_t a = 0; a < 3; a++) f[a] += w->forces[a * n + k];
    }
}

void soap_adjoint(const descriptor *d, descriptor_workspace *w, const mlsoap_environments *block, const double *g,
                  size_t stride, double *dE_dr)
{
    const soap *s = (const soap *)d;
    if (s->block) block_adjoint(s, w, block->n_centers, g, stride);
    for (int i = 0; i < block->n_centers; i++) {
        const soap_center *center = &w->centers[i];
        product_adjoint(s, w, w->channels + (size_t)i * (size_t)s->n_channels * s->n_coefficients,
                        soap_arrange_adjoint(s, w, i, g + (size_t)i * stride));
        if (s->block)
            s->kernels->bispectrum_channels_adjoint(&s->block->plan, s->n_padded, w->dbar + i, DESCRIPTOR_BLOCK,
                                                    w->cbar + (size_t)s->block->density * s->n_coefficients);
        for (int b = center->first_bucket; b < center->first_bucket + center->n_buckets; b++)
            bucket_forces(s, w, &w->buckets[b], dE_dr);
    }
}
