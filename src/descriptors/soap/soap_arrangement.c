/* SPDX-License-Identifier: BSD-3-Clause */
/* Raw features y of the products -> features x that the caller sees: order and factors (mode quip), unit length
 * x = y/|y| with dx = (dy - x (x . dy))/|y| (spec soap.md 8), and a last constant feature. */
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

static double dot(size_t n, const double *a, const double *b)
{
    double sum = 0;
    for (size_t f = 0; f < n; f++) sum += a[f] * b[f];
    return sum;
}

/* (y - x (x . y))/|y0|: the derivative of the normalization, which is symmetric. An empty environment has none. */
static void project(const soap *s, const descriptor_workspace *w, int i_center, const double *y, double *row)
{
    const double *x = w->unit + (size_t)i_center * s->raw_stride;
    double along = dot(s->n_raw, x, y), inverse = w->norms[i_center] > 0 ? 1 / w->norms[i_center] : 0;
    for (size_t f = 0; f < s->n_raw; f++) row[f] = (y[f] - x[f] * along) * inverse;
}

void soap_arrange(const soap *s, descriptor_workspace *w, int i_center, const double *raw, double *row)
{
    reorder(s, raw, row);
    if (s->normalize) {
        double norm = sqrt(dot(s->n_raw, row, row));
        for (size_t f = 0; f < s->n_raw && norm > 0; f++) row[f] /= norm;
        w->norms[i_center] = norm;
        memcpy(w->unit + (size_t)i_center * s->raw_stride, row, s->n_raw * sizeof *row);
    }
    if (s->base.n_features > s->n_raw) row[s->n_raw] = s->sigma0;
}

const double *soap_arrange_adjoint(const soap *s, descriptor_workspace *w, int i_center, const double *g)
{
    if (!s->normalize && !s->arrangement) return g;
    const double *x = w->unit + (size_t)i_center * s->raw_stride;
    double along = s->normalize ? dot(s->n_raw, x, g) : 0, inverse = 1;
    if (s->normalize) inverse = w->norms[i_center] > 0 ? 1 / w->norms[i_center] : 0;
    for (size_t f = 0; f < s->n_raw; f++) {
        double y = (s->normalize ? g[f] - x[f] * along : g[f]) * inverse;
        w->raw[s->arrangement ? s->arrangement[f] : f] = s->arrangement ? s->factors[f] * y : y;
    }
    return w->raw;
}

void soap_arrange_tangent(const soap *s, descriptor_workspace *w, int i_center, const double *raw, double *row)
{
    reorder(s, raw, row);
    if (s->normalize) project(s, w, i_center, row, row);
    if (s->base.n_features > s->n_raw) row[s->n_raw] = 0;
}
