/* SPDX-License-Identifier: BSD-3-Clause */
/* Triples, Gaunt coefficients and channels of the bispectrum block; see bispectrum.h. */
#include "descriptors/soap/bispectrum.h"

#include "core/memory.h"
#include "math/quadrature.h"
#include "math/spherical_harmonics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A product rule on the sphere that is exact for three harmonics of degree l_max: Gauss-Legendre in z, equal angles. */
typedef struct sphere_rule {
    int n_points, n_lm;
    double *weights; /* [n_points] */
    double *Y;       /* [n_points][n_lm] */
} sphere_rule;

static mlsoap_status sphere_rule_new(int l_max, sphere_rule *rule, mlsoap_error *error)
{
    quad nodes[3 * BISPECTRUM_L_MAX / 2 + 1], weights[3 * BISPECTRUM_L_MAX / 2 + 1];
    int n_z = 3 * l_max / 2 + 1, n_angles = 3 * l_max + 1;
    rule->n_lm = (l_max + 1) * (l_max + 1);
    rule->n_points = n_z * n_angles;
    rule->weights = MEMORY_NEW(double, (size_t)rule->n_points);
    rule->Y = MEMORY_NEW(double, (size_t)(rule->n_points * rule->n_lm));
    if (!rule->weights || !rule->Y) return status_no_memory(error, (size_t)rule->n_points * 8, "a rule on the sphere");
    gauss_legendre(n_z, nodes, weights);
    for (int i = 0; i < rule->n_points; i++) {
        double z = (double)nodes[i / n_angles], angle = 2 * M_PI * (i % n_angles) / n_angles, rho = sqrt(1 - z * z);
        rule->weights[i] = (double)weights[i / n_angles] * 2 * M_PI / n_angles;
        spherical_harmonics(l_max, (double[]){rho * cos(angle), rho * sin(angle), z}, rule->Y + i * rule->n_lm);
    }
    return MLSOAP_SUCCESS;
}

static void sphere_rule_release(sphere_rule *rule)
{
    memory_free(rule->weights);
    memory_free(rule->Y);
}

static double gaunt(const sphere_rule *rule, int lm1, int lm2, int lm3)
{
    double sum = 0;
    for (int q = 0; q < rule->n_points; q++) {
        const double *Y = rule->Y + q * rule->n_lm;
        sum += rule->weights[q] * Y[lm1] * Y[lm2] * Y[lm3];
    }
    return sum;
}

static int compare_entries(const void *x, const void *y)
{
    const bispectrum_entry *a = x, *b = y;
    if (a->i != b->i) return a->i - b->i;
    return a->j != b->j ? a->j - b->j : a->k - b->k;
}

static void swap_if_greater(int *a, int *b)
{
    int x = *a;
    if (x <= *b) return;
    *a = *b;
    *b = x;
}

static int coefficient_index(const bispectrum *b, int l, int a)
{
    return b->n_channels * (l * l - 1) + a * (2 * l + 1);
}

/* All nonzero terms of one triple; terms of the same three coefficients (equal channels) become one. */
static mlsoap_status add_triple(bispectrum *b, size_t *capacity, const sphere_rule *rule, const int k[6],
                                mlsoap_error *error)
{
    bool same12 = k[0] == k[2] && k[1] == k[3], same23 = k[2] == k[4] && k[3] == k[5];
    double factor = sqrt(same12 && same23 ? 1 : same12 || same23 ? 3 : 6);
    size_t first = b->n_entries, n_terms = (size_t)((2 * k[0] + 1) * (2 * k[2] + 1) * (2 * k[4] + 1));
    if (!MEMORY_RESERVE(&b->entries, capacity, first + n_terms))
        return status_no_memory(error, n_terms * sizeof *b->entries, "the bispectrum");
    for (int m1 = 0; m1 < 2 * k[0] + 1; m1++)
        for (int m2 = 0; m2 < 2 * k[2] + 1; m2++)
            for (int m3 = 0; m3 < 2 * k[4] + 1; m3++) {
                double g = gaunt(rule, k[0] * k[0] + m1, k[2] * k[2] + m2, k[4] * k[4] + m3);
                if (fabs(g) < 1e-13) continue;
                int i[3] = {coefficient_index(b, k[0], k[1]) + m1, coefficient_index(b, k[2], k[3]) + m2,
                            coefficient_index(b, k[4], k[5]) + m3};
                if (same12) swap_if_greater(&i[0], &i[1]);
                if (same23) swap_if_greater(&i[1], &i[2]);
                if (same12) swap_if_greater(&i[0], &i[1]);
                b->entries[b->n_entries++] = (bispectrum_entry){(int)b->n_features, i[0], i[1], i[2], factor * g};
            }
    qsort(b->entries + first, b->n_entries - first, sizeof *b->entries, compare_entries);
    size_t kept = first;
    for (size_t e = first; e < b->n_entries; e++) {
        if (kept > first && compare_entries(&b->entries[kept - 1], &b->entries[e]) == 0)
            b->entries[kept - 1].coefficient += b->entries[e].coefficient;
        else
            b->entries[kept++] = b->entries[e];
    }
    b->n_entries = kept;
    memcpy(b->triples[b->n_features++], k, sizeof *b->triples);
    return MLSOAP_SUCCESS;
}

static mlsoap_status add_triples(bispectrum *b, mlsoap_error *error)
{
    sphere_rule rule = {0};
    size_t capacity = 0, n = (size_t)(b->n_channels * b->l_max);
    b->triples = memory_new(n * n * n, sizeof *b->triples);
    mlsoap_status status = b->triples ? sphere_rule_new(b->l_max, &rule, error)
                                      : status_no_memory(error, n * n * n * sizeof *b->triples, "the bispectrum");
    for (size_t k1 = 0; k1 < n && !status; k1++)
        for (size_t k2 = k1; k2 < n && !status; k2++)
            for (size_t k3 = k2; k3 < n && !status; k3++) {
                int A = b->n_channels, l1 = 1 + (int)k1 / A, l2 = 1 + (int)k2 / A, l3 = 1 + (int)k3 / A;
                if ((l1 + l2 + l3) % 2 || l3 > l1 + l2) continue;
                const int k[6] = {l1, (int)k1 % A, l2, (int)k2 % A, l3, (int)k3 % A};
                status = add_triple(b, &capacity, &rule, k, error);
            }
    sphere_rule_release(&rule);
    return status;
}

mlsoap_status bispectrum_new(int n_channels, int l_max, int n_max, const double *U, bispectrum **out,
                             mlsoap_error *error)
{
    *out = NULL;
    bispectrum *b = MEMORY_NEW(bispectrum, 1);
    if (!b) return status_no_memory(error, sizeof *b, "the bispectrum");
    b->n_channels = n_channels;
    b->l_max = l_max;
    b->n_padded = (n_max + LANES - 1) / LANES * LANES;
    b->n_coefficients = (size_t)(n_channels * ((l_max + 1) * (l_max + 1) - 1));
    b->factor = 1;
    b->U = MEMORY_NEW(double, (size_t)(l_max * n_channels * b->n_padded));
    mlsoap_status status = b->U ? add_triples(b, error) : status_no_memory(error, 4096, "the bispectrum");
    if (status) {
        bispectrum_free(b);
        return status;
    }
    for (int row = 0; U && row < l_max * n_channels; row++)
        memcpy(b->U + row * b->n_padded, U + row * n_max, (size_t)n_max * sizeof *U);
    *out = b;
    return MLSOAP_SUCCESS;
}

void bispectrum_free(bispectrum *b)
{
    if (!b) return;
    memory_free(b->U);
    memory_free(b->entries);
    memory_free(b->triples);
    memory_free(b);
}

void bispectrum_channels(const bispectrum *b, const double *c, double *d, size_t stride)
{
    for (int l = 1, i = 0; l <= b->l_max; l++)
        for (int a = 0; a < b->n_channels; a++)
            for (int m = 0; m < 2 * l + 1; m++, i++) {
                const double *u = b->U + ((l - 1) * b->n_channels + a) * b->n_padded,
                             *row = c + (l * l + m) * b->n_padded;
                double sum = 0;
                for (int n = 0; n < b->n_padded; n++) sum += u[n] * row[n];
                d[(size_t)i * stride] = sum;
            }
}

void bispectrum_channels_adjoint(const bispectrum *b, const double *dbar, size_t stride, double *cbar)
{
    for (int l = 1, i = 0; l <= b->l_max; l++)
        for (int a = 0; a < b->n_channels; a++)
            for (int m = 0; m < 2 * l + 1; m++, i++) {
                const double *u = b->U + ((l - 1) * b->n_channels + a) * b->n_padded;
                double *row = cbar + (l * l + m) * b->n_padded, x = dbar[(size_t)i * stride];
                for (int n = 0; n < b->n_padded; n++) row[n] += u[n] * x;
            }
}

void bispectrum_jacobian(const bispectrum *b, const double *d, size_t stride, double *jacobian)
{
    memset(jacobian, 0, b->n_features * b->n_coefficients * sizeof *jacobian);
    for (size_t e = 0; e < b->n_entries; e++) {
        const bispectrum_entry *entry = &b->entries[e];
        double *row = jacobian + (size_t)entry->feature * b->n_coefficients,
               coefficient = b->factor * entry->coefficient;
        double x = d[(size_t)entry->i * stride], y = d[(size_t)entry->j * stride], z = d[(size_t)entry->k * stride];
        row[entry->i] += coefficient * y * z;
        row[entry->j] += coefficient * x * z;
        row[entry->k] += coefficient * x * y;
    }
}
