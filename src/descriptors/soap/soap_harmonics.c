/* SPDX-License-Identifier: BSD-3-Clause */
/* Spherical harmonics of the engine: recursion coefficients, the gradient of the solid harmonics as a sparse list, and
 * the prefactors of the power spectrum (spec soap.md 1). */
#include "core/memory.h"
#include "descriptors/soap/soap_settings.h"

#include <math.h>

/* N_lm of spec soap.md 1. */
static double harmonics_norm(int l, int m)
{
    return sqrt((2 * l + 1) / (4 * M_PI) * exp(lgamma(l - m + 1) - lgamma(l + m + 1))) * (m ? M_SQRT2 : 1);
}

/* Recursions of the Legendre functions (spec soap.md 1), with N_lm folded in and without. */
static void set_recursion(harmonics_recursion *h, int l_max)
{
    h->l_max = l_max;
    double diagonal = sqrt(1 / (4 * M_PI));
    for (int m = 0; m <= l_max; m++) {
        h->diagonal[m] = m == 0 ? diagonal : diagonal * M_SQRT2;
        diagonal *= sqrt((2.0 * m + 3) / (2.0 * m + 2));
        h->leading[m] = m == 0 ? 1 : (2 * m - 1) * h->leading[m - 1];
        for (int l = m; l <= l_max; l++) h->norm[l * l + l + m] = h->norm[l * l + l - m] = harmonics_norm(l, m);
        for (int l = m + 1; l <= l_max; l++) {
            double l2 = (double)l * l, m2 = (double)m * m;
            h->along[l][m] = (2.0 * l - 1) / (l - m);
            h->back[l][m] = l == m + 1 ? 0 : (l + m - 1.0) / (l - m);
            h->a[l][m] = sqrt((4 * l2 - 1) / (l2 - m2));
            h->b[l][m] =
                l == m + 1 ? 0 : -sqrt(((l - 1.0) * (l - 1.0) - m2) * (2.0 * l + 1) / ((2.0 * l - 3) * (l2 - m2)));
        }
    }
}

static void add_entry(soap *s, int alpha, int l, int m, int lower_m, double coefficient)
{
    s->entries[s->n_entries++] = (gradient_entry){alpha * s->l_max * s->l_max + (l - 1) * (l - 1) + (l - 1) + lower_m,
                                                  l * l + l + m, coefficient};
}

/* Gradient of R_lm in harmonics of degree l - 1, from dQ, dA, dB of spec soap.md 1:
 *   d/dz (Q_lm A_m) = (l+m) Q_(l-1)m A_m,
 *   d/dx (Q_lm A_m) = [ -Q_(l-1)(m+1) A_(m+1) + (l+m)(l+m-1) Q_(l-1)(m-1) A_(m-1) ] / 2   (m = 0: -Q_(l-1)1 A_1),
 * and so on for y and B; `sign` +1 is A (m > 0 or 0), -1 is B. */
static void add_gradient(soap *s, int l, int m, int sign)
{
    double norm = harmonics_norm(l, m);
    int lm = sign * m;
    if (m <= l - 1) add_entry(s, 2, l, lm, lm, (l + m) * norm / harmonics_norm(l - 1, m));
    if (m + 1 <= l - 1) {
        double up = norm / harmonics_norm(l - 1, m + 1) * (m ? 0.5 : 1);
        add_entry(s, 0, l, lm, sign * (m + 1), -up);         /* x: A -> A, B -> B */
        add_entry(s, 1, l, lm, -sign * (m + 1), -sign * up); /* y: A -> -B, B -> +A */
    }
    if (m >= 1) {
        double down = 0.5 * (l + m) * (l + m - 1) * norm / harmonics_norm(l - 1, m - 1);
        if (m > 1 || sign > 0) add_entry(s, 0, l, lm, sign * (m - 1), down); /* B_0 = 0 */
        if (m > 1 || sign < 0) add_entry(s, 1, l, lm, -sign * (m - 1), -sign * down);
    }
}

mlsoap_status soap_set_harmonics(soap *s, mlsoap_error *error)
{
    set_recursion(&s->recursion, s->l_max);
    s->entries = MEMORY_NEW(gradient_entry, 5 * s->n_lm);
    s->prefactors = MEMORY_NEW(double, (size_t)s->l_max + 1);
    if (!s->entries || !s->prefactors) return status_no_memory(error, 80 * s->n_lm, "spherical harmonics");
    for (int l = 0; l <= s->l_max; l++) {
        s->prefactors[l] = (s->mode == SOAP_QUIP ? 1 : M_PI * sqrt(8.0)) / sqrt(2.0 * l + 1);
        for (int m = 0; l > 0 && m <= l; m++) {
            add_gradient(s, l, m, 1);
            if (m > 0) add_gradient(s, l, m, -1);
        }
    }
    return MLSOAP_SUCCESS;
}
