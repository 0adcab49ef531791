/* SPDX-License-Identifier: BSD-3-Clause */
/* Forward derivative along given velocities (spec soap.md 7): dc_nlm/dr_j = u Y_lm Q_nl + (1/r) (grad Y_lm) S_nl
 * with S = w R, Q = dS/dr - (l/r) S and the gradient of the solid harmonics,
 * and dp = prefactor sum_m (dc^a c^b + c^a dc^b). The tangent sums over neighbors first: with v = velocity,
 *     sum_j (u . v) Q_j Y_j  and  sum_j (v_alpha/r) S_j Y_j,
 * of which the gradient of the harmonics takes degree l - 1 to l, are densities of other radial functions. */
#include "descriptors/soap/soap.h"

#include <math.h>
#include <string.h>

enum { PIECE = SOAP_TANGENT_SLOTS };

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

/* Radial functions (u . v) Q of a piece of a bucket, [slots][(l_max + 1) n_padded]. */
static void radial_along(const soap *s, const descriptor_workspace *w, size_t first, size_t n, const double *v,
                         double *X)
{
    size_t n_radial = (size_t)s->table->n_channels, n_padded = (size_t)s->n_padded;
    for (size_t slot = first; slot < first + n; slot++, X += n_radial) {
        const double *R = w->R + slot * n_radial, *dR = w->dR + slot * n_radial, *x = v + 3 * (size_t)w->pair[slot];
        double along = w->ux[slot] * x[0] + w->uy[slot] * x[1] + w->uz[slot] * x[2];
        double slope = along * w->w[slot] * s->table->inverse_spacing;
        for (size_t l = 0; l <= (size_t)s->l_max; l++) {
            double value = along * (w->dw[slot] - (double)l * w->inverse_r[slot] * w->w[slot]);
            for (size_t i = l * n_padded; i < (l + 1) * n_padded; i++) X[i] = slope * dR[i] + value * R[i];
        }
    }
}

/* Radial functions (v_alpha/r) S of degree l at l - 1, 0 at l_max. */
static void radial_across(const soap *s, const descriptor_workspace *w, size_t first, size_t n, const double *v,
                          size_t alpha, double *X)
{
    size_t n_radial = (size_t)s->table->n_channels, n_padded = (size_t)s->n_padded, n_lower = n_radial - n_padded;
    for (size_t slot = first; slot < first + n; slot++, X += n_radial) {
        const double *R = w->R + slot * n_radial + n_padded;
        double factor = v[3 * (size_t)w->pair[slot] + alpha] * w->inverse_r[slot] * w->w[slot];
        for (size_t i = 0; i < n_lower; i++) X[i] = factor * R[i];
        memset(X + n_lower, 0, n_padded * sizeof *X);
    }
}

/* dc += sum over the neighbors of a bucket of dc/dr_j . v_j */
static void bucket_tangent(const soap *s, descriptor_workspace *w, const soap_bucket *bucket, const double *v,
                           double *dc)
{
    static const double ones[PIECE] __attribute__((aligned(64))) = {[0 ... PIECE - 1] = 1};
    size_t n_padded = (size_t)s->n_padded, n_lower = (size_t)(s->l_max * s->l_max);
    double *Y = w->tangent_Y, *X = w->tangent_X, *fields = w->tangent_fields;
    memset(fields, 0, 3 * s->n_coefficients * sizeof *fields);
    for (int start = 0; start < bucket->n_neighbors; start += PIECE) {
        int n = bucket->n_neighbors - start < PIECE ? bucket->n_neighbors - start : PIECE;
        size_t first = bucket->first + (size_t)start;
        s->kernels->soap_harmonics(&s->recursion, (n + LANES - 1) / LANES, w->ux + first, w->uy + first, w->uz + first,
                                   ones, Y);
        radial_along(s, w, first, (size_t)n, v, X);
        s->kernels->soap_density(s->l_max, s->n_padded, n, Y, X, dc);
        for (size_t alpha = 0; alpha < 3 && s->l_max > 0; alpha++) {
            radial_across(s, w, first, (size_t)n, v, alpha, X);
            s->kernels->soap_density(s->l_max, s->n_padded, n, Y, X, fields + alpha * s->n_coefficients);
        }
    }
    for (int e = 0; e < s->n_entries; e++) {
        size_t target = (size_t)s->entries[e].target, alpha = target / n_lower, lower = target % n_lower;
        const double *from = fields + alpha * s->n_coefficients + lower * n_padded;
        double *to = dc + (size_t)s->entries[e].source * n_padded;
        for (size_t n = 0; n < n_padded; n++) to[n] += s->entries[e].coefficient * from[n];
    }
}

/* Where the channels stand among the tangents of a center. */
static size_t channels_at(const soap *s)
{
    return s->channels_are_species ? 0 : (size_t)s->base.n_species * s->n_coefficients;
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

/* The block's features of a tangent dc of its density channel, scaled by u, for one direction of one neighbor. */
static void block_slope(const soap *s, descriptor_workspace *w, double u, const double *dc, double *raw)
{
    size_t n = s->block->n_coefficients;
    s->kernels->bispectrum_channels(&s->block->plan, s->n_padded, dc, w->dd, 1);
    for (size_t f = 0; f < s->block->n_features; f++) {
        double sum = 0;
        for (size_t i = 0; i < n; i++) sum += w->block_jacobian[f * n + i] * w->dd[i];
        raw[s->n_power + f] = u * sum;
    }
}

/* The block's features for all centers at once, into w->g: B is a cubic form, so that with a direction e
 *     dB(d; e) = (B(d + e) - B(d - e))/2 - B(e)
 * holds exactly; e is scaled to the length of d. @param[out] scale of each center */
static void block_tangents(const soap *s, descriptor_workspace *w, int n_centers, double scale[DESCRIPTOR_BLOCK])
{
    const bispectrum *b = s->block;
    static const double steps[3] = {1, -1, 0}, factors[3] = {0.5, -0.5, -1};
    double length[DESCRIPTOR_BLOCK] = {0}, size[DESCRIPTOR_BLOCK] = {0};
    size_t n = b->n_coefficients, per_center = (size_t)(s->base.n_species + s->n_channels) * s->n_coefficients;
    for (int i = 0; i < n_centers; i++)
        s->kernels->bispectrum_channels(&b->plan, s->n_padded,
                                        w->tangent + (size_t)i * per_center + channels_at(s) +
                                            (size_t)b->density * s->n_coefficients,
                                        w->tangent_d + i, DESCRIPTOR_BLOCK);
    for (size_t k = 0; k < n * DESCRIPTOR_BLOCK; k++) {
        length[k % DESCRIPTOR_BLOCK] += w->d[k] * w->d[k];
        size[k % DESCRIPTOR_BLOCK] += w->tangent_d[k] * w->tangent_d[k];
    }
    for (int i = 0; i < DESCRIPTOR_BLOCK; i++) scale[i] = size[i] > 0 && length[i] > 0 ? sqrt(length[i] / size[i]) : 1;
    memset(w->g, 0, b->n_features * DESCRIPTOR_BLOCK * sizeof *w->g);
    for (int step = 0; step < 3; step++) {
        for (size_t k = 0; k < n * DESCRIPTOR_BLOCK; k++) {
            double e = scale[k % DESCRIPTOR_BLOCK] * w->tangent_d[k];
            w->dbar[k] = steps[step] == 0 ? e : w->d[k] + steps[step] * e;
        }
        s->kernels->bispectrum(&b->plan, w->dbar, w->tangent_T, w->B);
        for (size_t k = 0; k < b->n_features * DESCRIPTOR_BLOCK; k++) w->g[k] += factors[step] * w->B[k];
    }
}

/* Derivative of the channels of a center, beside those of its species where these are no channels. */
static void channel_tangent(const soap *s, double *tangent)
{
    double *channels = tangent + channels_at(s);
    if (s->channels_are_species) return;
    memset(channels, 0, (size_t)s->n_channels * s->n_coefficients * sizeof *channels);
    for (int k = 0; k < s->n_channels; k++)
        for (int z = 0; z < s->base.n_species; z++) {
            double u = s->mixing[k * s->base.n_species + z];
            for (size_t f = 0; u != 0 && f < s->n_coefficients; f++)
                channels[(size_t)k * s->n_coefficients + f] += u * tangent[(size_t)z * s->n_coefficients + f];
        }
}

/* dc of one center, and of its channels. */
static void center_tangent(const soap *s, descriptor_workspace *w, int i_center, const double *v, double *tangent)
{
    const soap_center *center = &w->centers[i_center];
    memset(tangent, 0, (size_t)s->base.n_species * s->n_coefficients * sizeof *tangent);
    for (int b = center->first_bucket; b < center->first_bucket + center->n_buckets; b++)
        bucket_tangent(s, w, &w->buckets[b], v, tangent + (size_t)w->buckets[b].species * s->n_coefficients);
    channel_tangent(s, tangent);
}

void soap_tangent(const descriptor *d, descriptor_workspace *w, const mlsoap_environments *block, const double *v,
                  double *dD, size_t stride)
{
    const soap *s = (const soap *)d;
    size_t per_center = (size_t)(d->n_species + s->n_channels) * s->n_coefficients;
    double scale[DESCRIPTOR_BLOCK];
    for (int i = 0; i < block->n_centers; i++) center_tangent(s, w, i, v, w->tangent + (size_t)i * per_center);
    if (s->block) block_tangents(s, w, block->n_centers, scale);
    for (int i = 0; i < block->n_centers; i++) {
        const double *c = w->channels + (size_t)i * (size_t)s->n_channels * s->n_coefficients;
        const double *dc = w->tangent + (size_t)i * per_center + channels_at(s);
        double *row = dD + (size_t)i * stride, *raw = soap_raw_row(s, w, row);
        memset(row, 0, stride * sizeof *row);
        for (size_t f = 0; s->block && f < s->block->n_features; f++)
            raw[s->n_power + f] = w->g[f * DESCRIPTOR_BLOCK + (size_t)i] / scale[i];
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
    block_slope(s, w, s->mixing[s->block->density * s->base.n_species + species], w->tangent, raw);
}
