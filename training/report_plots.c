/* SPDX-License-Identifier: BSD-3-Clause */
/* Plots of the report; see report_parts.h. */
#include "report_parts.h"

#include "app/plots.h"
#include "core/memory.h"

#include <math.h>

static const double DIMER_CEILING = 5; /* eV */

static size_t collect_series(report_data data[N_REPORT_PARTS], int target, bool sorted_errors,
                             plot_series series[PLOT_MAX_SERIES])
{
    size_t n_series = 0;
    for (int part = 0; part < N_REPORT_PARTS; part++) {
        const parity_data *d = &data[part].targets[target];
        if (d->n == 0) continue;
        series[n_series++] = (plot_series){.name = report_part_names[part],
                                           .x = sorted_errors ? d->errors : d->reference,
                                           .y = sorted_errors ? NULL : d->prediction,
                                           .n = d->n};
    }
    return n_series;
}

static bool put_parity(html_page *p, report_data data[N_REPORT_PARTS], int target)
{
    static const struct {
        const char *quantity, *unit, *caption;
    } plots[N_FRAME_TARGETS] = {
        {"energy", "eV/atom", "Energies per atom, predicted over reference."},
        {"force component", "eV/Å", "Force components, predicted over reference."},
        {"virial component", "eV/atom", "Virial components per atom (W/N), predicted over reference."}};
    plot_series series[PLOT_MAX_SERIES];
    size_t n_series = collect_series(data, target, false, series);
    if (n_series == 0) return true;
    char *svg = plot_parity(series, n_series, plots[target].quantity, plots[target].unit);
    if (!html_figure_open(p, svg, plots[target].caption)) return false;
    for (size_t i = 0; i < n_series; i++) {
        html_format(p, "%s %s: %zu points", i > 0 ? ";" : "", series[i].name, series[i].n);
        if (series[i].n_drawn < series[i].n) html_format(p, ", %zu drawn", series[i].n_drawn);
    }
    html_put(p, ". Points that coincide in the plot are drawn once.");
    html_figure_close(p);
    return true;
}

static bool put_distribution(html_page *p, report_data data[N_REPORT_PARTS])
{
    plot_series series[PLOT_MAX_SERIES];
    size_t n_series = collect_series(data, TARGET_FORCES, true, series);
    if (n_series == 0) return true;
    char *svg = plot_distribution(series, n_series, "error of a force component", "eV/Å", "components");
    if (!html_figure_open(p, svg, "Share of the force components whose error is below x.")) return false;
    for (size_t i = 0; i < n_series; i++) {
        const parity_data d = {.errors = (double *)(uintptr_t)series[i].x, .n = series[i].n};
        html_format(p, " %s: half below %.3g, 95 %% below %.3g, all below %.3g eV/&Aring;.", series[i].name,
                    d.errors[(d.n - 1) / 2], d.errors[(size_t)(0.95 * (double)(d.n - 1))], d.errors[d.n - 1]);
    }
    html_figure_close(p);
    return true;
}

/* True errors over uncertainties, by bins; both RMS. Those of the training frames are left out: the fit has seen them.
 */
static bool put_reliability(html_page *p, const report_input *in)
{
    static const plot_axes axes = {
        .x = "uncertainty of a force (eV/Å)", .y = "error of the force (eV/Å)", .highest = INFINITY};
    double x[N_REPORT_PARTS][RELIABILITY_BINS], y[N_REPORT_PARTS][RELIABILITY_BINS], ends[2] = {0, 0};
    plot_curve curves[1 + N_REPORT_PARTS] = {{"ideal", ends, ends, 2}};
    size_t n = 1;
    for (int part = REPORT_VALIDATION; part < N_REPORT_PARTS; part++) {
        const reliability *r = in->sets[part].uncertainty;
        if (!r || r->n < RELIABILITY_BINS) continue;
        for (int b = 0; b < RELIABILITY_BINS; b++) {
            x[part][b] = r->bins[b].predicted;
            y[part][b] = r->bins[b].error;
            ends[1] = fmax(ends[1], fmax(x[part][b], y[part][b]));
        }
        curves[n++] = (plot_curve){report_part_names[part], x[part], y[part], RELIABILITY_BINS};
    }
    if (n == 1) return true;
    if (!html_figure_open(p, plot_curves(curves, n, &axes),
                          "Reliability of the uncertainties: atoms in ten groups by "
                          "ascending uncertainty, true over expected force error (RMS)."))
        return false;
    for (int part = REPORT_VALIDATION; part < N_REPORT_PARTS; part++) {
        const reliability *r = in->sets[part].uncertainty;
        if (!r || r->n < RELIABILITY_BINS) continue;
        const char *remark = reliability_remark(r->n, r->spearman);
        html_format(p, " %s: rank correlation (Spearman) %.2f over %zu atoms%s%s.", report_part_names[part],
                    r->spearman, r->n, remark ? ", " : "", remark ? remark : "");
    }
    html_figure_close(p);
    return true;
}

/* Angles between predicted and true forces. */
static bool put_directions(html_page *p, const report_data data[N_REPORT_PARTS])
{
    plot_series series[PLOT_MAX_SERIES];
    size_t n_series = 0;
    for (int part = 0; part < N_REPORT_PARTS; part++) {
        const parity_directions *d = &data[part].directions;
        if (d->n > 0) series[n_series++] = (plot_series){.name = report_part_names[part], .x = d->angles, .n = d->n};
    }
    if (n_series == 0) return true;
    char *svg = plot_distribution(series, n_series, "angle to the true force", "degrees", "atoms");
    if (!html_figure_open(p, svg,
                          "Directions: share of the atoms whose angle between predicted and true force is below x."))
        return false;
    for (int part = 0; part < N_REPORT_PARTS; part++) {
        const parity_directions *d = &data[part].directions;
        if (d->n > 0)
            html_format(
                p, " %s: mean cosine %.4f, half below %.3g degrees, %zu atoms with forces of %.2g eV/&Aring; or more.",
                report_part_names[part], d->mean_cosine, d->angles[(d->n - 1) / 2], d->n, d->least);
    }
    html_put(p, " Forces below a tenth of the root mean square have no direction to speak of.");
    html_figure_close(p);
    return true;
}

/* Up to six pairs of elements in a plot. */
static bool put_dimers(html_page *p, const report_input *in)
{
    static const plot_axes axes = {.x = "distance (Å)", .y = "energy (eV)", .highest = DIMER_CEILING};
    bool complete = true;
    for (size_t first = 0; first < in->n_dimers; first += PLOT_MAX_CURVES) {
        size_t n = in->n_dimers - first < PLOT_MAX_CURVES ? in->n_dimers - first : PLOT_MAX_CURVES;
        char *svg = plot_curves(in->dimers + first, n, &axes);
        complete = html_figure(p, svg,
                               "Two atoms alone, above their energy at the cutoff; cut off at 5 eV. Few data "
                               "hold such pairs: these are extrapolations, and ought to repel at short "
                               "distances.") &&
                   complete;
    }
    return complete;
}

/* ---------------------------------------------------------------------------------------------------- learning */

/* The loss after an epoch: the terms times their factors. */
static double loss_of(const json_t *terms, const double lambda[N_FRAME_TARGETS])
{
    double sum = 0;
    for (int t = 0; t < N_FRAME_TARGETS; t++) sum += lambda[t] * json_number_value(json_array_get(terms, (size_t)t));
    return sum;
}

typedef struct epochs_range {
    size_t first, end;
} epochs_range;

/* A run begins where the epochs start again; of several (trials of the weight decay, members) the one with the lowest
 * loss of validation is shown. */
static epochs_range best_run(const json_t *epochs)
{
    epochs_range run = {0, 0}, best = {0, 0};
    double lowest = INFINITY, before = INFINITY, lowest_here = INFINITY;
    size_t n = json_array_size(epochs);
    for (size_t k = 0; k <= n; k++) {
        const json_t *item = json_array_get(epochs, k);
        double epoch = json_number_value(json_object_get(item, "epoch"));
        if (k == n || epoch <= before) {
            run.end = k;
            if (lowest_here < lowest) {
                best = run;
                lowest = lowest_here;
            }
            run.first = k;
            lowest_here = INFINITY;
        }
        before = epoch;
        lowest_here = fmin(lowest_here, json_number_value(json_object_get(item, "validation")));
    }
    return best;
}

static bool put_epochs(html_page *p, const report_input *in)
{
    static const plot_axes axes = {
        .x = "epoch (passes over the training frames)", .y = "loss (1)", .highest = INFINITY, .log_y = true};
    epochs_range run = best_run(in->epochs);
    size_t n = run.end - run.first;
    if (n < 2) return true;
    double *columns = MEMORY_NEW(double, 3 * n);
    if (!columns) return false;
    double *x = columns, *train = x + n, *validation = train + n;
    for (size_t k = 0; k < n; k++) {
        const json_t *item = json_array_get(in->epochs, run.first + k);
        x[k] = json_number_value(json_object_get(item, "epoch"));
        train[k] = loss_of(json_object_get(item, "training"), in->lambda);
        validation[k] = loss_of(json_object_get(item, "terms"), in->lambda);
    }
    const plot_curve curves[2] = {{"train", x, train, n}, {"validation", x, validation, n}};
    bool drawn =
        html_figure(p, plot_curves(curves, 2, &axes),
                    "Learning: loss over epochs of the run that was chosen by validation; 1 is the variance of "
                    "the targets. The loss of training is the mean over the epoch.");
    memory_free(columns);
    return drawn;
}

/* Errors of fits to fewer frames. */
static bool put_sizes(html_page *p, const report_input *in)
{
    static const struct {
        const char *key, *y, *caption;
    } plots[] = {{"forces", "RMSE of force components (eV/Å)", "Learning: force errors over training frames."},
                 {"energy", "RMSE of energies (meV/atom)", "Learning: energy errors over training frames."}};
    size_t n = json_array_size(in->sizes);
    bool complete = true;
    if (n < 2) return true;
    double *x = MEMORY_NEW(double, 2 * n);
    if (!x) return false;
    for (int k = 0; k < 2; k++) {
        const plot_axes axes = {"training frames (number)", plots[k].y, INFINITY, true, true};
        size_t n_points = 0;
        for (size_t i = 0; i < n; i++) {
            const json_t *item = json_array_get(in->sizes, i), *error = json_object_get(item, plots[k].key);
            if (!json_is_number(error)) continue;
            x[n_points] = json_number_value(json_object_get(item, "frames"));
            x[n + n_points++] = json_number_value(error);
        }
        if (n_points < 2) continue;
        const plot_curve curve = {"validation", x, x + n, n_points};
        complete = html_figure(p, plot_curves(&curve, 1, &axes), plots[k].caption) && complete;
    }
    memory_free(x);
    return complete;
}

/* --------------------------------------------------------------------------------------------------------- all */

void report_put_plots(html_page *p, const report_input *in, report_data data[N_REPORT_PARTS])
{
    bool complete = true;
    html_put(p, "<h2>Plots</h2>\n<div class=\"plots\">\n");
    for (int target = 0; target < N_FRAME_TARGETS; target++) complete = put_parity(p, data, target) && complete;
    complete = put_distribution(p, data) && complete;
    complete = put_directions(p, data) && complete;
    complete = put_reliability(p, in) && complete;
    complete = put_epochs(p, in) && complete;
    complete = put_sizes(p, in) && complete;
    complete = put_dimers(p, in) && complete;
    html_put(p, "</div>\n");
    if (!complete) {
        html_put(
            p,
            "<p class=\"note\">Plots are missing because gnuplot could not be run. Install it (Debian: apt-get install "
            "gnuplot-nox) and repeat the fit, or plot the numbers of the .parity.csv file beside this page.</p>\n");
    }
}
