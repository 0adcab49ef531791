/* SPDX-License-Identifier: BSD-3-Clause */
/* Quintic Hermite tables of R_nl(r); see radial_table.h. The error of the interpolation is largest half-way between two
 * nodes, spacing^6 |R^(6)|/46080, so it is measured there, in every interval, and the spacing chosen by its sixth root.
 */
#include "math/radial_table.h"

#include "core/memory.h"

#include <math.h>
#include <string.h>

static const double tolerance = 2e-11;
static const double first_spacing_over_sigma = 0.2;
/* The next spacing aims below the tolerance by this factor, so that a second attempt is enough. */
static const double aim = 0.8;
enum { N_ATTEMPTS = 6 };

/* Values and scaled derivatives at a node: [3][n_channels] R, spacing dR/dr, spacing^2 d2R/dr2. */
static void make_node(const radial_table *t, const radial_generator *g, int i, double *work, double *node)
{
    const int n_l = t->settings.l_max + 1, n_max = t->settings.n_max;
    const size_t n_values = (size_t)(n_l * n_max);
    double factors[3] = {1, t->spacing, t->spacing * t->spacing};
    radial_generator_evaluate(g, i * t->spacing, work, work + n_values, work + 2 * n_values);
    for (int order = 0; order < 3; ++order)
        for (int l = 0; l < n_l; ++l)
            for (int n = 0; n < n_max; ++n)
                node[order * t->n_channels + l * t->n_padded + n] =
                    factors[order] * work[(size_t)order * n_values + (size_t)(l * n_max + n)];
}

/* The quintic polynomial with the given values and derivatives at u = 0 and u = 1. */
static void set_piece(const radial_table *t, const double *left, const double *right, double *piece)
{
    for (int c = 0; c < t->n_channels; ++c) {
        const double *a = left + c, *b = right + c;
        const int n = t->n_channels;
        double step = b[0] - a[0];
        double k[RADIAL_PIECE_ROWS] = {a[0],
                                       a[n],
                                       0.5 * a[2 * n],
                                       10 * step - 6 * a[n] - 4 * b[n] - 1.5 * a[2 * n] + 0.5 * b[2 * n],
                                       -15 * step + 8 * a[n] + 7 * b[n] + 1.5 * a[2 * n] - b[2 * n],
                                       6 * step - 3 * a[n] - 3 * b[n] - 0.5 * a[2 * n] + 0.5 * b[2 * n]};
        double *to = piece + c / RADIAL_PIECE_WIDTH * RADIAL_PIECE_ROWS * RADIAL_PIECE_WIDTH + c % RADIAL_PIECE_WIDTH;
        for (int row = 0; row < RADIAL_PIECE_ROWS; ++row) to[row * RADIAL_PIECE_WIDTH] = k[row];
    }
}

/* All pieces; nodes [2][3][n_channels] and largest[channel] = max |R_nl| over the nodes are scratch and result. */
static void make_pieces(radial_table *t, const radial_generator *g, double *work, double *nodes, double *largest)
{
    const size_t n_node = 3 * (size_t)t->n_channels;
    for (int c = 0; c < t->n_channels; ++c) largest[c] = 0;
    for (int i = 0; i <= t->n_intervals; ++i) {
        double *node = nodes + (size_t)(i % 2) * n_node;
        make_node(t, g, i, work, node);
        for (int c = 0; c < t->n_channels; ++c) largest[c] = fmax(largest[c], fabs(node[c]));
        if (i == 0) memcpy(t->center, node, (size_t)t->n_padded * sizeof *node);
        if (i > 0)
            set_piece(t, nodes + (size_t)((i - 1) % 2) * n_node, node,
                      t->pieces + (size_t)(i - 1) * RADIAL_PIECE_ROWS * (size_t)t->n_channels);
    }
}

/* Largest deviation half-way between nodes, relative to `largest` of its channel. R, dR: scratch. */
static double measure_error(const radial_table *t, const radial_generator *g, const double *largest, double *work,
                            double *R, double *dR)
{
    const int n_l = t->settings.l_max + 1, n_max = t->settings.n_max;
    double error = 0;
    for (int i = 0; i < t->n_intervals; ++i) {
        double r = (i + 0.5) * t->spacing;
        radial_generator_evaluate(g, r, work, NULL, NULL);
        radial_table_evaluate(t, r, R, dR);
        for (int l = 0; l < n_l; ++l) {
            for (int n = 0; n < n_max; ++n) {
                int c = l * t->n_padded + n;
                double deviation = fabs(R[c] - work[l * n_max + n]);
                if (!isnan(error) && !(deviation <= error * largest[c])) error = deviation / largest[c]; /* NaN stays */
            }
        }
    }
    return error;
}

/* Table and error for one spacing, the largest that divides r_max and does not exceed `spacing`. */
static mlsoap_status attempt(radial_table *t, const radial_generator *g, double spacing, double *work,
                             mlsoap_error *error)
{
    const size_t n = (size_t)t->n_channels;
    t->n_intervals = (int)ceil(t->settings.r_max / spacing);
    t->spacing = t->settings.r_max / t->n_intervals;
    t->inverse_spacing = 1 / t->spacing;
    size_t n_values = (size_t)t->n_intervals * RADIAL_PIECE_ROWS * n;
    memory_free(t->pieces);
    t->pieces = MEMORY_NEW(double, n_values);
    if (!t->pieces) return status_no_memory(error, n_values * sizeof(double), "a radial table");
    double *largest = work + 3 * n, *nodes = work + 4 * n;
    make_pieces(t, g, work, nodes, largest);
    t->error = measure_error(t, g, largest, work, nodes, nodes + n);
    return MLSOAP_SUCCESS;
}

static mlsoap_status choose_spacing(radial_table *t, const radial_generator *g, double *work, mlsoap_error *error)
{
    double spacing = first_spacing_over_sigma * t->settings.sigma;
    for (int i = 0; i < N_ATTEMPTS; ++i) {
        mlsoap_status status = attempt(t, g, spacing, work, error);
        if (status || t->error <= tolerance) return status;
        if (!isfinite(t->error)) break;
        spacing = t->spacing * pow(aim * tolerance / t->error, 1.0 / 6);
    }
    return status_fail(
        error, MLSOAP_ERROR_NUMERICS,
        "radial table: the interpolation error is %.1e of the largest value at spacing %.1e A; allowed %.1e "
        "(n_max %d, l_max %d, sigma %g A, r_cut %g A); use a smaller n_max or l_max",
        t->error, t->spacing, tolerance, t->settings.n_max, t->settings.l_max, t->settings.sigma, t->settings.r_cut);
}

mlsoap_status radial_table_new(const radial_settings *settings, radial_table **out, mlsoap_error *error)
{
    *out = NULL;
    radial_generator *g;
    mlsoap_status status = radial_generator_new(settings, &g, error);
    if (status) return status;
    double *work = NULL;
    radial_table *t = MEMORY_NEW(radial_table, 1);
    if (t) {
        t->settings = *settings;
        t->n_padded = (settings->n_max + RADIAL_PIECE_WIDTH - 1) / RADIAL_PIECE_WIDTH * RADIAL_PIECE_WIDTH;
        t->n_channels = (settings->l_max + 1) * t->n_padded;
        t->center = MEMORY_NEW(double, (size_t)t->n_padded);
        work = MEMORY_NEW(double, 10 * (size_t)t->n_channels);
    }
    if (!t || !t->center || !work)
        status = status_no_memory(error, sizeof *t, "a radial table");
    else
        status = choose_spacing(t, g, work, error);
    if (!status) {
        *out = t;
        t = NULL;
    }
    radial_table_free(t);
    memory_free(work);
    radial_generator_free(g);
    return status;
}

void radial_table_free(radial_table *t)
{
    if (!t) return;
    memory_free(t->pieces);
    memory_free(t->center);
    memory_free(t);
}

void radial_table_evaluate(const radial_table *t, double r, double *R, double *dR)
{
    double u;
    const double *piece = radial_table_pieces(t, radial_table_interval(t, r, &u));
    for (int c = 0; c < t->n_channels; ++c) {
        const double *k =
            piece + c / RADIAL_PIECE_WIDTH * RADIAL_PIECE_ROWS * RADIAL_PIECE_WIDTH + c % RADIAL_PIECE_WIDTH;
        double value = k[5 * RADIAL_PIECE_WIDTH], slope = 0;
        for (int row = 4; row >= 0; --row) {
            slope = slope * u + value;
            value = value * u + k[row * RADIAL_PIECE_WIDTH];
        }
        R[c] = value;
        dR[c] = slope;
    }
}
