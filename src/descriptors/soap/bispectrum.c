/* SPDX-License-Identifier: BSD-3-Clause */
/* Triples, Gaunt coefficients and channels of the bispectrum block; see bispectrum.h. */
#include "descriptors/soap/bispectrum.h"

#include "core/memory.h"
#include "math/quadrature.h"
#include "math/spherical_harmonics.h"

#include <math.h>
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

static int coefficient_index(int n_channels, int l, int a)
{
    return n_channels * (l * l - 1) + a * (2 * l + 1);
}

/* Degrees l3 >= l2 that a product of fields of degrees l1 <= l2 reaches. */
static bool is_third(const bispectrum *b, int l1, int l2, int l3)
{
    return l3 <= b->l_max && l3 <= l1 + l2 && (l1 + l2 + l3) % 2 == 0;
}

static int fold_index(const bispectrum *b, int l1, int l2)
{
    return (l1 - 1) * b->l_max + l2 - 1;
}

/* Coefficients of a fold as a matrix [n_rows][n1 n2], in which columns m1 > m2 of a symmetric one are 0. */
static void fold_matrix(const bispectrum *b, const sphere_rule *rule, int l1, int l2, double *matrix)
{
    int n1 = 2 * l1 + 1, n2 = 2 * l2 + 1;
    for (int l3 = l2; l3 <= b->l_max; l3++)
        for (int m3 = 0; m3 < 2 * l3 + 1 && is_third(b, l1, l2, l3); m3++)
            for (int m1 = 0; m1 < n1; m1++)
                for (int m2 = 0; m2 < n2; m2++, matrix++) {
                    double g = gaunt(rule, l1 * l1 + m1, l2 * l2 + m2, l3 * l3 + m3);
                    *matrix = fabs(g) < 1e-13 || (l1 == l2 && m1 > m2) ? 0 : g;
                }
}

/* The entries that are not 0 of `n` vectors of `size` numbers. */
static bool list_terms(int n, int size, int stride_n, int stride, const double *matrix, int **start, gaunt_term **terms)
{
    int n_terms = 0;
    *start = MEMORY_NEW(int, (size_t)n + 1);
    *terms = MEMORY_NEW(gaunt_term, (size_t)(n * size));
    if (!*start || !*terms) return false;
    for (int i = 0; i < n; i++) {
        for (int k = 0; k < size; k++) {
            double x = matrix[i * stride_n + k * stride];
            if (x != 0) (*terms)[n_terms++] = (gaunt_term){k, x};
        }
        (*start)[i + 1] = n_terms;
    }
    return true;
}

static mlsoap_status make_fold(bispectrum *b, const sphere_rule *rule, int l1, int l2, mlsoap_error *error)
{
    gaunt_fold *fold = &b->plan.folds[fold_index(b, l1, l2)];
    fold->n1 = 2 * l1 + 1;
    fold->n2 = 2 * l2 + 1;
    fold->symmetric = l1 == l2;
    for (int l3 = l2; l3 <= b->l_max; l3++) fold->n_rows += is_third(b, l1, l2, l3) ? 2 * l3 + 1 : 0;
    int n_columns = fold->n1 * fold->n2;
    double *matrix = MEMORY_NEW(double, (size_t)(fold->n_rows * n_columns));
    if (!matrix) return status_no_memory(error, (size_t)(fold->n_rows * n_columns) * 8, "the bispectrum");
    fold_matrix(b, rule, l1, l2, matrix);
    bool ok = list_terms(fold->n_rows, n_columns, n_columns, 1, matrix, &fold->start, &fold->terms) &&
              list_terms(n_columns, fold->n_rows, 1, n_columns, matrix, &fold->back_start, &fold->back_terms);
    memory_free(matrix);
    return ok ? MLSOAP_SUCCESS : status_no_memory(error, (size_t)(fold->n_rows * n_columns) * 32, "the bispectrum");
}

static mlsoap_status make_folds(bispectrum *b, mlsoap_error *error)
{
    sphere_rule rule = {0};
    b->plan.folds = MEMORY_NEW(gaunt_fold, (size_t)(b->l_max * b->l_max));
    if (!b->plan.folds) return status_no_memory(error, sizeof *b->plan.folds, "the bispectrum");
    mlsoap_status status = sphere_rule_new(b->l_max, &rule, error);
    for (int l1 = 1; l1 <= b->l_max && !status; l1++)
        for (int l2 = l1; l2 <= b->l_max && !status; l2++) status = make_fold(b, &rule, l1, l2, error);
    sphere_rule_release(&rule);
    return status;
}

/* sqrt of the number of distinct permutations of three ordered channels. */
static double multiplicity(int k1, int k2, int k3)
{
    return sqrt(k1 == k2 && k2 == k3 ? 1 : k1 == k2 || k2 == k3 ? 3 : 6);
}

/* The third channels of a pair, and with them the features. */
static void add_thirds(bispectrum *b, bispectrum_pair *pair, int k1, int k2)
{
    int A = b->n_channels, l1 = 1 + k1 / A, l2 = 1 + k2 / A, row = 0;
    pair->first_third = (int)b->n_features;
    for (int l3 = l2; l3 <= b->l_max; l3++) {
        if (!is_third(b, l1, l2, l3)) continue;
        for (int a = l3 == l2 ? k2 % A : 0; a < A; a++) {
            int *names = b->triples[b->n_features], k3 = (l3 - 1) * A + a;
            memcpy(names, (int[6]){l1, k1 % A, l2, k2 % A, l3, a}, sizeof *b->triples);
            b->plan.thirds[b->n_features] =
                (bispectrum_third){(int)b->n_features, pair->first_row + row, coefficient_index(A, l3, a), 2 * l3 + 1,
                                   multiplicity(k1, k2, k3)};
            b->n_features++;
        }
        row += 2 * l3 + 1;
    }
    pair->end_third = (int)b->n_features;
}

static mlsoap_status make_pairs(bispectrum *b, mlsoap_error *error)
{
    bispectrum_plan *plan = &b->plan;
    size_t n = (size_t)(b->n_channels * b->l_max);
    b->triples = memory_new(n * n * n, sizeof *b->triples);
    plan->pairs = MEMORY_NEW(bispectrum_pair, n * n);
    plan->thirds = MEMORY_NEW(bispectrum_third, n * n * n);
    if (!b->triples || !plan->pairs || !plan->thirds)
        return status_no_memory(error, n * n * n * sizeof *plan->thirds, "the bispectrum");
    for (int k1 = 0; k1 < (int)n; k1++)
        for (int k2 = k1; k2 < (int)n; k2++) {
            int A = b->n_channels, l1 = 1 + k1 / A, l2 = 1 + k2 / A, fold = fold_index(b, l1, l2);
            if (plan->folds[fold].n_rows == 0) continue;
            bispectrum_pair *pair = &plan->pairs[plan->n_pairs++];
            *pair = (bispectrum_pair){
                fold, coefficient_index(A, l1, k1 % A), coefficient_index(A, l2, k2 % A), plan->n_rows, 0, 0};
            plan->n_rows += plan->folds[fold].n_rows;
            add_thirds(b, pair, k1, k2);
        }
    return MLSOAP_SUCCESS;
}

/* The features by their third field. */
static mlsoap_status sort_thirds(bispectrum *b, mlsoap_error *error)
{
    bispectrum_plan *plan = &b->plan;
    int n = 0;
    plan->n_fields = b->n_channels * b->l_max;
    plan->third_start = MEMORY_NEW(int, (size_t)plan->n_fields + 1);
    plan->by_third = MEMORY_NEW(int, b->n_features);
    if (!plan->third_start || !plan->by_third)
        return status_no_memory(error, b->n_features * sizeof(int), "the bispectrum");
    for (int k = 0; k < plan->n_fields; k++) {
        int z = coefficient_index(b->n_channels, 1 + k / b->n_channels, k % b->n_channels);
        for (int f = 0; f < (int)b->n_features; f++)
            if (plan->thirds[f].z == z) plan->by_third[n++] = f;
        plan->third_start[k + 1] = n;
    }
    return MLSOAP_SUCCESS;
}

/* U and where the channels stand in d. */
static mlsoap_status make_channels(bispectrum *b, int n_max, const double *U, mlsoap_error *error)
{
    bispectrum_plan *plan = &b->plan;
    int A = b->n_channels, n_lm = (b->l_max + 1) * (b->l_max + 1) - 1, n_padded = b->n_padded;
    plan->n_channels = A;
    plan->l_max = b->l_max;
    plan->n_lanes = (n_lm + LANES - 1) / LANES * LANES;
    plan->place = MEMORY_NEW(int, (size_t)(n_lm * A));
    plan->U = MEMORY_NEW(double, (size_t)(b->l_max * A * n_padded));
    plan->U_lanes = MEMORY_NEW(double, (size_t)(A * n_padded * plan->n_lanes));
    if (!plan->place || !plan->U || !plan->U_lanes)
        return status_no_memory(error, (size_t)(A * n_padded * plan->n_lanes) * 8, "the bispectrum");
    for (int row = 0; U && row < b->l_max * A; row++)
        memcpy(plan->U + row * n_padded, U + row * n_max, (size_t)n_max * sizeof *U);
    for (int l = 1; l <= b->l_max; l++)
        for (int m = 0; m < 2 * l + 1; m++)
            for (int a = 0; a < A; a++) {
                int lm = l * l + m - 1;
                plan->place[lm * A + a] = coefficient_index(A, l, a) + m;
                for (int n = 0; n < n_padded; n++)
                    plan->U_lanes[(a * n_padded + n) * plan->n_lanes + lm] = plan->U[((l - 1) * A + a) * n_padded + n];
            }
    return MLSOAP_SUCCESS;
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
    mlsoap_status status = make_folds(b, error);
    if (!status) status = make_pairs(b, error);
    if (!status) status = sort_thirds(b, error);
    if (!status) status = make_channels(b, n_max, U, error);
    if (status) {
        bispectrum_free(b);
        return status;
    }
    *out = b;
    return MLSOAP_SUCCESS;
}

void bispectrum_set_factor(bispectrum *b, double factor)
{
    for (size_t f = 0; f < b->n_features; f++) b->plan.thirds[f].scale *= factor;
}

void bispectrum_free(bispectrum *b)
{
    if (!b) return;
    for (int k = 0; b->plan.folds && k < b->l_max * b->l_max; k++) {
        gaunt_fold *fold = &b->plan.folds[k];
        memory_free(fold->start);
        memory_free(fold->back_start);
        memory_free(fold->terms);
        memory_free(fold->back_terms);
    }
    memory_free(b->plan.folds);
    memory_free(b->plan.pairs);
    memory_free(b->plan.thirds);
    memory_free(b->plan.third_start);
    memory_free(b->plan.by_third);
    memory_free(b->plan.place);
    memory_free(b->plan.U);
    memory_free(b->plan.U_lanes);
    memory_free(b->triples);
    memory_free(b);
}

/* row[x] += slope y for one term of a fold's coefficient: both orders of (m1, m2) where the list has one. */
static void add_product(const gaunt_fold *fold, const bispectrum_pair *pair, int column, double slope, const double *d,
                        size_t stride, double *row)
{
    int m1 = column / fold->n2, m2 = column % fold->n2;
    for (int order = 0; order < (fold->symmetric && m1 != m2 ? 2 : 1); order++) {
        int x = pair->x + (order ? m2 : m1), y = pair->y + (order ? m1 : m2);
        row[x] += slope * d[(size_t)y * stride];
        row[y] += slope * d[(size_t)x * stride];
    }
}

void bispectrum_jacobian(const bispectrum *b, const double *d, const double *T, size_t stride, double *jacobian)
{
    const bispectrum_plan *plan = &b->plan;
    memset(jacobian, 0, b->n_features * b->n_coefficients * sizeof *jacobian);
    for (const bispectrum_pair *pair = plan->pairs; pair < plan->pairs + plan->n_pairs; pair++) {
        const gaunt_fold *fold = &plan->folds[pair->fold];
        for (int f = pair->first_third; f < pair->end_third; f++) {
            const bispectrum_third *t = &plan->thirds[f];
            double *row = jacobian + (size_t)f * b->n_coefficients;
            const int *start = fold->start + t->row - pair->first_row;
            for (int m = 0; m < t->n_m; m++) {
                double z = t->scale * d[(size_t)(t->z + m) * stride];
                row[t->z + m] += t->scale * T[(size_t)(t->row + m) * stride];
                for (int e = start[m]; e < start[m + 1]; e++)
                    add_product(fold, pair, fold->terms[e].row, fold->terms[e].coefficient * z, d, stride, row);
            }
        }
    }
}
