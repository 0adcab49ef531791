/* SPDX-License-Identifier: BSD-3-Clause */
/* Channels -> features: p^ab_nn'l = pi sqrt(8/(2l+1)) sum_m c^a_nlm c^b_n'lm for each product (spec soap.md 1 and 6),
 * then the bispectrum block. */
#include "descriptors/soap/soap.h"

#include <math.h>
#include <string.h>

/* d of every center, then B of all of them at once. */
static void block_values(const soap *s, descriptor_workspace *w, int n_centers)
{
    const bispectrum *b = s->block;
    for (int i = 0; i < n_centers; i++)
        s->kernels->bispectrum_channels(&b->plan, s->n_padded,
                                        w->channels + ((size_t)i * (size_t)s->n_channels + (size_t)b->density) *
                                                          s->n_coefficients,
                                        w->d + i, DESCRIPTOR_BLOCK);
    s->kernels->bispectrum(&b->plan, w->d, w->T, w->B);
}

void soap_values(const descriptor *d, descriptor_workspace *w, const mlsoap_environments *block, double *D,
                 size_t stride)
{
    const soap *s = (const soap *)d;
    soap_expand(s, w, block);
    if (s->block) block_values(s, w, block->n_centers);
    for (int i = 0; i < block->n_centers; i++) {
        const double *c = w->channels + (size_t)i * (size_t)s->n_channels * s->n_coefficients;
        double *row = D + (size_t)i * stride, *raw = soap_raw_row(s, w, row);
        for (int k = 0; k < s->n_products; k++) {
            const soap_product *product = &s->products[k];
            s->kernels->soap_power(s->l_max, s->n_max, s->n_padded, product->packed, s->prefactors,
                                   c + (size_t)product->a * s->n_coefficients,
                                   c + (size_t)product->b * s->n_coefficients, raw + product->first_feature);
        }
        for (size_t f = s->n_power; f < s->n_raw; f++) raw[f] = w->B[(f - s->n_power) * DESCRIPTOR_BLOCK + (size_t)i];
        soap_arrange(s, w, i, raw, row);
        memset(row + d->n_features, 0, (stride - d->n_features) * sizeof *row);
        for (size_t f = 0; w->centers[i].broken && f < d->n_features; f++) row[f] = NAN;
    }
}
