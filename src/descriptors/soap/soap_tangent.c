/* SPDX-License-Identifier: BSD-3-Clause */
/* Forward derivative along given velocities (spec soap.md 7): dc_nlm/dr_j = u Y_lm Q_nl + (1/r) (grad Y_lm) S_nl
 * with S = w R, Q = dS/dr - (l/r) S and the gradient of the solid harmonics,
 * and dp = prefactor sum_m (dc^a c^b + c^a dc^b). The tangent sums over neighbors first. */
#include "descriptors/soap/soap.h"

#include <string.h>

/* Gradient of the solid harmonics of all (l, m) at the unit vector of a slot, from Y of degree l - 1. */
static void harmonics_gradient(const soap *s, descriptor_workspace *w, size_t slot)
{
    const double *Y = w->harmonics + slot % LANES;
    int n_lower = s->l_max * s->l_max;
    memset(w->harmonics_gradient, 0, 3 * s->n_lm * sizeof(double));
    for (int e = 0; e < s->n_entries; e++) {
        int alpha = s->entries[e].target / n_lower, lower = s->entries[e].target % n_lower;
        w->harmonics_gradient[(size_t)alpha * s->n_lm + (size_t)s->entries[e].source] +=
            s->entries[e].coefficient * Y[lower * LANES];
    }
}

void soap_open_slot(const soap *s, descriptor_workspace *w, size_t slot)
{
    static const double one[LANES] __attribute__((aligned(64))) = {1, 1, 1, 1, 1, 1, 1, 1};
    size_t n_radial = (size_t)s->table->n_channels, n_padded = (size_t)s->n_padded;
    const double *R = w->R + slot * n_radial, *dR = w->dR + slot * n_radial;
    double *Q = w->slopes, *S = w->slopes + n_radial, slope = w->w[slot] * s->table->inverse_spacing;
    if (slot % LANES == 0)
        s->kernels->soap_harmonics(&s->recursion, 1, w->ux + slot, w->uy + slot, w->uz + slot, one, w->harmonics);
    for (size_t l = 0; l <= (size_t)s->l_max; l++)
        for (size_t i = l * n_padded; i < (l + 1) * n_padded; i++) {
            S[i] = w->w[slot] * R[i];
            Q[i] = slope * dR[i] + w->dw[slot] * R[i] - (double)l * w->inverse_r[slot] * S[i];
        }
}

/* dc += dc/dr_slot . v for one direction v. */
static void add_density_tangent(const soap *s, descriptor_workspace *w, size_t slot, const double v[3], double *dc)
{
    size_t n_padded = (size_t)s->n_padded;
    const double *Y = w->harmonics + slot % LANES, *Q = w->slopes, *S = w->slopes + s->table->n_channels;
    double along = w->ux[slot] * v[0] + w->uy[slot] * v[1] + w->uz[slot] * v[2];
    for (size_t l = 0; l <= (size_t)s->l_max; l++)
        for (size_t lm = l * l; lm < (l + 1) * (l + 1); lm++) {
            double across = 0;
            for (size_t a = 0; a < 3; a++) across += v[a] * w->harmonics_gradient[a * s->n_lm + lm];
            across *= w->inverse_r[slot];
            double radial = along * Y[lm * LANES];
            for (size_t n = 0; n < n_padded; n++)
                dc[lm * n_padded + n] += radial * Q[l * n_padded + n] + across * S[l * n_padded + n];
        }
}

/* out = dca x cb + ca x dcb in the features of one product. */
static void product_tangent(const soap *s, descriptor_workspace *w, const soap_product *product, const double *ca,
                            const double *cb, const double *dca, const double *dcb, double *out)
{
    size_t n_max = (size_t)s->n_max, n_full = n_max * n_max * (size_t)(s->l_max + 1);
    double *full = w->features;
    out += product->first_feature;
    s->kernels->soap_power(s->l_max, s->n_max, s->n_padded, 0, s->prefactors, dca, cb, full);
    if (!product->packed) {
        memcpy(out, full, n_full * sizeof *out);
        s->kernels->soap_power(s->l_max, s->n_max, s->n_padded, 0, s->prefactors, ca, dcb, full);
        for (size_t f = 0; f < n_full; f++) out[f] += full[f];
        return;
    }
    for (size_t l = 0; l <= (size_t)s->l_max; l++, full += n_max * n_max)
        for (size_t n = 0; n < n_max; n++)
            for (size_t k = n; k < n_max; k++) *out++ = full[n * n_max + k] + full[k * n_max + n];
}

void soap_block_prepare(const soap *s, descriptor_workspace *w, int i_center)
{
    if (s->block) bispectrum_jacobian(s->block, w->d + i_center, w->T + i_center, DESCRIPTOR_BLOCK, w->block_jacobian);
}

/* The block's features of a tangent dc of its density channel, scaled by u. */
static void block_tangent(const soap *s, descriptor_workspace *w, double u, const double *dc, double *raw)
{
    size_t n = s->block->n_coefficients;
    s->kernels->bispectrum_channels(&s->block->plan, s->n_padded, dc, w->dd, 1);
    for (size_t f = 0; f < s->block->n_features; f++) {
        double sum = 0;
        for (size_t i = 0; i < n; i++) sum += w->block_jacobian[f * n + i] * w->dd[i];
        raw[s->n_power + f] = u * sum;
    }
}

/* Derivative of the channels: the species' own arrays, or U applied to them. */
static const double *channel_tangent(const soap *s, descriptor_workspace *w)
{
    if (s->channels_are_species) return w->tangent;
    double *channels = w->tangent + (size_t)s->base.n_species * s->n_coefficients;
    memset(channels, 0, (size_t)s->n_channels * s->n_coefficients * sizeof *channels);
    for (int k = 0; k < s->n_channels; k++)
        for (int z = 0; z < s->base.n_species; z++) {
            double u = s->mixing[k * s->base.n_species + z];
            for (size_t f = 0; u != 0 && f < s->n_coefficients; f++)
                channels[(size_t)k * s->n_coefficients + f] += u * w->tangent[(size_t)z * s->n_coefficients + f];
        }
    return channels;
}

void soap_tangent(const descriptor *d, descriptor_workspace *w, const mlsoap_environments *block, const double *v,
                  double *dD, size_t stride)
{
    const soap *s = (const soap *)d;
    for (int i = 0; i < block->n_centers; i++) {
        const soap_center *center = &w->centers[i];
        const double *c = w->channels + (size_t)i * (size_t)s->n_channels * s->n_coefficients;
        memset(w->tangent, 0, (size_t)d->n_species * s->n_coefficients * sizeof *w->tangent);
        for (int b = center->first_bucket; b < center->first_bucket + center->n_buckets; b++)
            for (size_t k = 0; k < (size_t)w->buckets[b].n_neighbors; k++) {
                size_t slot = w->buckets[b].first + k;
                soap_open_slot(s, w, slot);
                harmonics_gradient(s, w, slot);
                add_density_tangent(s, w, slot, v + 3 * (size_t)w->pair[slot],
                                    w->tangent + (size_t)w->buckets[b].species * s->n_coefficients);
            }
        const double *dc = channel_tangent(s, w);
        double *row = dD + (size_t)i * stride, *raw = soap_raw_row(s, w, row);
        memset(row, 0, stride * sizeof *row);
        soap_block_prepare(s, w, i);
        if (s->block) block_tangent(s, w, 1, dc + (size_t)s->block->density * s->n_coefficients, raw);
        for (int k = 0; k < s->n_products; k++) {
            size_t a = (size_t)s->products[k].a * s->n_coefficients, b = (size_t)s->products[k].b * s->n_coefficients;
            product_tangent(s, w, &s->products[k], c + a, c + b, dc + a, dc + b, raw);
        }
        soap_arrange_tangent(s, w, i, raw, row);
    }
}

void soap_block_slopes(const soap *s, descriptor_workspace *w, size_t slot, int species, size_t axis, double *raw)
{
    const double v[3] = {axis == 0, axis == 1, axis == 2};
    if (axis == 0) harmonics_gradient(s, w, slot);
    memset(w->tangent, 0, s->n_coefficients * sizeof *w->tangent);
    add_density_tangent(s, w, slot, v, w->tangent);
    block_tangent(s, w, s->mixing[s->block->density * s->base.n_species + species], w->tangent, raw);
}
