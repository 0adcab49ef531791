/* SPDX-License-Identifier: BSD-3-Clause */
/* Quintic Hermite tables of R_nl(r); see radial_table.h. The error of the interpolation is largest half-way between two
 * nodes, spacing^6 |R^(6)|/46080, so it is measured there, in every interval, and the spacing chosen by its sixth root.
 */
#include "math/radial_table.h"

#include "core/memory.h"

#include <math.h>

static const double tolerance = 2e-11;
static const double first_spacing_over_sigma = 0.2;
/* The next spacing aims below the tolerance by this factor, so that a second attempt is enough. */
static const double aim = 0.8;
enum { N_ATTEMPTS = 6, PADDING = 8 };

static void make_nodes(radial_table *t, const radial_generator *g, double *work)
{
    const int n_l = t->settings.l_max + 1, n_max = t->settings.n_max;
    const size_t n_values = (size_t)(n_l * n_max);
    double factors[3] = {1, t->spacing, t->spacing * t->spacing};
    for (int i = 0; i < t->n_nodes; ++i) {
        radial_generator_evaluate(g, i * t->spacing, work, work + n_values, work + 2 * n_values);
        for (int order = 0; order < 3; ++order) {
            double *row = t->nodes + ((size_t)i * 3 + (size_t)order) * (size_t)t->n_channels;
            for (int l = 0; l < n_l; ++l)
                for (int n = 0; n < n_max; ++n)
                    row[l * t->n_padded + n] =
                        factors[order] * work[(size_t)order * n_values + (size_t)(l * n_max + n)];
        }
    }
}

/* largest[channel] = max |R_nl| over the nodes. */
static void find_scale(const radial_table *t, double *largest)
{
    for (int c = 0; c < t->n_channels; ++c) largest[c] = 0;
    for (int i = 0; i < t->n_nodes; ++i) {
        const double *row = t->nodes + (size_t)i * 3 * (size_t)t->n_channels;
        for (int c = 0; c < t->n_channels; ++c) largest[c] = fmax(largest[c], fabs(row[c]));
    }
}

/* Largest deviation half-way between nodes, relative to `largest` of its channel. */
static double measure_error(const radial_table *t, const radial_generator *g, const double *largest, double *work)
{
    const int n_l = t->settings.l_max + 1, n_max = t->settings.n_max;
    double error = 0, w[6], dw[6];
    for (int i = 0; i < t->n_nodes - 1; ++i) {
        double r = (i + 0.5) * t->spacing;
        radial_generator_evaluate(g, r, work, NULL, NULL);
        const double *rows = t->nodes + (size_t)radial_table_weights(t, r, w, dw) * 3 * (size_t)t->n_channels;
        for (int l = 0; l < n_l; ++l) {
            for (int n = 0; n < n_max; ++n) {
                int c = l * t->n_padded + n;
                double value = 0;
                for (int k = 0; k < 6; ++k) value += w[k] * rows[(size_t)k * (size_t)t->n_channels + (size_t)c];
                double deviation = fabs(value - work[l * n_max + n]);
                if (!isnan(error) && !(deviation <= error * largest[c])) error = deviation / largest[c]; /* NaN stays */
            }
        }
    }
    return error;
}

/* Nodes and error for one spacing, the largest that divides r_max and does not exceed `spacing`. */
static mlsoap_status attempt(radial_table *t, const radial_generator *g, double spacing, double *work,
                             mlsoap_error *error)
{
    t->n_nodes = (int)ceil(t->settings.r_max / spacing) + 1;
    t->spacing = t->settings.r_max / (t->n_nodes - 1);
    t->inverse_spacing = 1 / t->spacing;
    size_t n_values = (size_t)t->n_nodes * 3 * (size_t)t->n_channels;
    memory_free(t->nodes);
    t->nodes = MEMORY_NEW(double, n_values);
    if (!t->nodes) return status_no_memory(error, n_values * sizeof(double), "a radial table");
    make_nodes(t, g, work);
    double *largest = work + 3 * (size_t)t->n_channels;
    find_scale(t, largest);
    t->error = measure_error(t, g, largest, work);
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
        t->n_padded = (settings->n_max + PADDING - 1) / PADDING * PADDING;
        t->n_channels = (settings->l_max + 1) * t->n_padded;
        t->center = MEMORY_NEW(double, (size_t)t->n_padded);
        work = MEMORY_NEW(double, 4 * (size_t)t->n_channels);
    }
    if (!t || !t->center || !work)
        status = status_no_memory(error, sizeof *t, "a radial table");
    else
        status = choose_spacing(t, g, work, error);
    if (!status) {
        for (int n = 0; n < t->n_padded; ++n) t->center[n] = t->nodes[n];
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
    memory_free(t->nodes);
    memory_free(t->center);
    memory_free(t);
}
