/* SPDX-License-Identifier: BSD-3-Clause */
/* Channels -> features: p^ab_nn'l = pi sqrt(8/(2l+1)) sum_m c^a_nlm c^b_n'lm for each product (spec soap.md 1 and 6).
 */
#include "descriptors/soap/soap.h"

#include <math.h>
#include <string.h>

void soap_values(const descriptor *d, descriptor_workspace *w, const mlsoap_environments *block, double *D,
                 size_t stride)
{
    const soap *s = (const soap *)d;
    soap_expand(s, w, block);
    for (int i = 0; i < block->n_centers; i++) {
        const double *c = w->channels + (size_t)i * (size_t)s->n_channels * s->n_coefficients;
        double *row = D + (size_t)i * stride, *raw = soap_raw_row(s, w, row);
        for (int k = 0; k < s->n_products; k++) {
            const soap_product *product = &s->products[k];
            s->kernels->soap_power(s->l_max, s->n_max, s->n_padded, product->packed, s->prefactors,
                                   c + (size_t)product->a * s->n_coefficients,
                                   c + (size_t)product->b * s->n_coefficients, raw + product->first_feature);
        }
        soap_arrange(s, w, i, raw, row);
        memset(row + d->n_features, 0, (stride - d->n_features) * sizeof *row);
        for (size_t f = 0; w->centers[i].broken && f < d->n_features; f++) row[f] = NAN;
    }
}
