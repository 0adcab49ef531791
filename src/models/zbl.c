/* SPDX-License-Identifier: BSD-3-Clause */
/* Repulsion of nuclei; see zbl.h. */
#include "models/zbl.h"

#include <math.h>

static const double weights[4] = {0.02817, 0.28022, 0.50986, 0.18175}, rates[4] = {0.20162, 0.40290, 0.94229, 3.19980};

/* The unscreened term without its switch, and its first derivative; the second where `second` is not NULL. */
static double bare(const zbl_pair *p, double r, double *first, double *second)
{
    double phi[3] = {0, 0, 0};
    for (int k = 0; k < 4; k++) {
        double rate = rates[k] * p->inverse_length, term = weights[k] * exp(-rate * r);
        phi[0] += term;
        phi[1] -= rate * term;
        phi[2] += rate * rate * term;
    }
    double e = phi[0] / r, e1 = (phi[1] - e) / r, e2 = (phi[2] - 2 * e1) / r;
    *first = p->charge * e1;
    if (second) *second = p->charge * e2;
    return p->charge * e;
}

zbl_pair zbl_pair_new(int z_i, int z_j, double r_inner, double r_outer)
{
    zbl_pair p = {.r_inner = r_inner,
                  .r_outer = r_outer,
                  .charge = 14.399645 * z_i * z_j,
                  .inverse_length = (pow(z_i, 0.23) + pow(z_j, 0.23)) / 0.46850};
    if (!(r_outer > 0)) return p;
    double e1, e2, w = r_outer - r_inner, e = bare(&p, r_outer, &e1, &e2);
    p.cubic = (-3 * e1 + w * e2) / (3 * w * w);
    p.quartic = (2 * e1 - w * e2) / (4 * w * w * w);
    p.C = -e + w * e1 / 2 - w * w * e2 / 12;
    return p;
}

double zbl_pair_energy(const zbl_pair *p, double r, double *dE_dr)
{
    *dE_dr = 0;
    if (r >= p->r_outer) return 0; /* NaN goes on and stays NaN */
    double energy = bare(p, r, dE_dr, 0), t = r - p->r_inner;
    if (t > 0) {
        energy += t * t * t * (p->cubic + p->quartic * t);
        *dE_dr += t * t * (3 * p->cubic + 4 * p->quartic * t);
    }
    return energy + p->C;
}
