/* SPDX-License-Identifier: BSD-3-Clause */
/* Raw features y of the products and the block -> features x that the caller sees: order and factors (mode quip), unit
 * length of the power spectrum x = y/|y| with dx = (dy - x (x . dy))/|y| (spec soap.md 8), joined with the bispectrum
 * as (p/|p|, w_B B)/sqrt(1 + w_B^2) (spec bispectrum.md 3; the length there is that of the weighted features), and a
 * last constant feature. */
#include "descriptors/soap/soap.h"

#include <math.h>
#include <string.h>

double *soap_raw_row(const soap *s, descriptor_workspace *w, double *row)
{
    return s->arrangement ? w->raw : row;
}

static void reorder(const soap *s, const double *raw, double *row)
{
    for (size_t f = 0; s->arrangement && f < s->n_raw; f++) row[f] = s->factors[f] * raw[s->arrangement[f]];
}

static double dot(const soap *s, const double *a, const double *b, const double *metric)
{
    double sum = 0;
    for (size_t f = 0; f < s->n_power; f++) sum += metric ? metric[f] * a[f] * b[f] : a[f] * b[f];
    return sum;
}

static double inverse_norm(const descriptor_workspace *w, int i_center)
{
    return w->norms[i_center] > 0 ? 1 / w->norms[i_center] : 0; /* an empty environment: 0 */
}

void soap_arrange(const soap *s, descriptor_workspace *w, int i_center, const double *raw, double *row)
{
    reorder(s, raw, row);
    if (s->normalize) {
        double *unit = w->unit + (size_t)i_center * s->raw_stride;
        w->norms[i_center] = sqrt(dot(s, row, row, s->metric));
        double inverse = inverse_norm(w, i_center);
        for (size_t f = 0; f < s->n_power; f++) unit[f] = row[f] * inverse;
        for (size_t f = 0; f < s->n_power; f++) row[f] = unit[f] * s->joint_factor;
        for (size_t f = s->n_power; f < s->n_raw; f++) row[f] *= s->joint_factor;
    }
    if (s->base.n_features > s->n_raw) row[s->n_raw] = s->sigma0;
}

const double *soap_arrange_adjoint(const soap *s, descriptor_workspace *w, int i_center, const double *g)
{
    if (!s->normalize && !s->arrangement) return g;
    const double *x = w->unit + (size_t)i_center * s->raw_stride;
    double along = s->normalize ? dot(s, x, g, NULL) : 0, inverse = s->normalize ? inverse_norm(w, i_center) : 1;
    for (size_t f = 0; f < s->n_power; f++) {
        double y = g[f] * inverse;
        if (s->normalize) y = s->joint_factor * inverse * (g[f] - (s->metric ? s->metric[f] : 1) * x[f] * along);
        w->raw[s->arrangement ? s->arrangement[f] : f] = s->arrangement ? s->factors[f] * y : y;
    }
    for (size_t f = s->n_power; f < s->n_raw; f++) w->raw[f] = s->joint_factor * g[f];
    return w->raw;
}

void soap_arrange_tangent(const soap *s, descriptor_workspace *w, int i_center, const double *raw, double *row)
{
    reorder(s, raw, row);
    if (s->normalize) {
        const double *x = w->unit + (size_t)i_center * s->raw_stride;
        double along = dot(s, x, row, s->metric), inverse = inverse_norm(w, i_center);
        for (size_t f = 0; f < s->n_power; f++) row[f] = s->joint_factor * inverse * (row[f] - x[f] * along);
        for (size_t f = s->n_power; f < s->n_raw; f++) row[f] *= s->joint_factor;
    }
    if (s->base.n_features > s->n_raw) row[s->n_raw] = 0;
}
