/* SPDX-License-Identifier: BSD-3-Clause */
/* Derivatives of the features of one center with respect to each of its neighbors (spec soap.md 7). The density of only
 * one species depends on a neighbor, and dc is a sum of two terms (radial function of n) x (function of m): after the
 * sum over m the derivative of a product of channels is an outer product in n and n' (kernels/jacobian_kernels_impl.h).
 */
#include "descriptors/soap/soap.h"

#include <string.h>

/* Gradient fields of every channel of a center. */
static void expand_fields(const soap *s, descriptor_workspace *w, const double *c)
{
    for (size_t k = 0; k < (size_t)s->n_channels; k++)
        s->kernels->soap_fields(s->l_max, s->n_padded, s->n_entries, s->entries, c + k * s->n_coefficients,
                                w->channel_fields + 3 * k * s->n_coefficients);
}

/* Rows of the neighbors that are in no bucket, because they are beyond the cutoff or of an unknown species. */
static void clear_absent(const soap_center *center, descriptor_workspace *w, int first, size_t n_neighbors,
                         double *jacobian, size_t stride)
{
    if (n_neighbors > 0) memset(w->order, 0, n_neighbors * sizeof *w->order); /* NULL without neighbors */
    for (int b = center->first_bucket; b < center->first_bucket + center->n_buckets; b++)
        for (int k = 0; k < w->buckets[b].n_neighbors; k++)
            w->order[w->pair[w->buckets[b].first + (size_t)k] - first] = 1;
    for (size_t j = 0; j < n_neighbors; j++)
        if (!w->order[j]) memset(jacobian + 3 * j * stride, 0, 3 * stride * sizeof *jacobian);
}

/* The projections of each channel on a neighbor. */
static void project_channels(const soap *s, descriptor_workspace *w, size_t slot, const double *c)
{
    size_t n_radial = (size_t)s->table->n_channels;
    const double u[3] = {w->ux[slot], w->uy[slot], w->uz[slot]};
    soap_open_slot(s, w, slot);
    for (size_t k = 0; k < (size_t)s->n_channels; k++)
        s->kernels->soap_projections(s->l_max, s->n_padded, s->prefactors, w->harmonics + slot % LANES, u,
                                     w->inverse_r[slot], c + k * s->n_coefficients,
                                     w->channel_fields + 3 * k * s->n_coefficients, w->slopes + (2 + 6 * k) * n_radial);
}

/* Derivatives of all products along one axis with respect to a neighbor of species z. */
static void product_slopes(const soap *s, const descriptor_workspace *w, int z, size_t axis, double *raw)
{
    size_t n_radial = (size_t)s->table->n_channels;
    for (int k = 0; k < s->n_products; k++) {
        const soap_product *product = &s->products[k];
        double ua = s->mixing[product->a * s->base.n_species + z], ub = s->mixing[product->b * s->base.n_species + z];
        size_t end = k + 1 < s->n_products ? product[1].first_feature : s->n_power;
        if (ua == 0 && ub == 0)
            memset(raw + product->first_feature, 0, (end - product->first_feature) * sizeof *raw);
        else
            s->kernels->soap_power_slopes(s->l_max, s->n_max, s->n_padded, product->packed, w->slopes, ua,
                                          w->slopes + (2 + 6 * (size_t)product->b + 2 * axis) * n_radial, ub,
                                          w->slopes + (2 + 6 * (size_t)product->a + 2 * axis) * n_radial,
                                          raw + product->first_feature);
    }
}

void soap_jacobian(const descriptor *d, descriptor_workspace *w, const mlsoap_environments *block, int i_center,
                   double *jacobian, size_t stride)
{
    const soap *s = (const soap *)d;
    const soap_center *center = &w->centers[i_center];
    const double *c = w->channels + (size_t)i_center * (size_t)s->n_channels * s->n_coefficients;
    int first = block->first[i_center];
    soap_block_prepare(s, w, i_center);
    expand_fields(s, w, c);
    clear_absent(center, w, first, (size_t)(block->first[i_center + 1] - first), jacobian, stride);
    for (int b = center->first_bucket; b < center->first_bucket + center->n_buckets; b++)
        for (size_t j = 0; j < (size_t)w->buckets[b].n_neighbors; j++) {
            size_t slot = w->buckets[b].first + j;
            project_channels(s, w, slot, c);
            for (size_t axis = 0; axis < 3; axis++) {
                double *row = jacobian + (3 * (size_t)(w->pair[slot] - first) + axis) * stride;
                double *raw = soap_raw_row(s, w, row);
                product_slopes(s, w, w->buckets[b].species, axis, raw);
                if (s->block) soap_block_slopes(s, w, slot, w->buckets[b].species, axis, raw);
                soap_arrange_tangent(s, w, i_center, raw, row);
                memset(row + d->n_features, 0, (stride - d->n_features) * sizeof *row);
            }
        }
}
