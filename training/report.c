/* SPDX-License-Identifier: BSD-3-Clause */
/* X.report.html: one page without references to anything outside itself. The order is that in which a user asks: how
 * good is it (tables, plots), on what, with which settings. */
#include "report.h"

#include "app/html_page.h"
#include "app/plots.h"
#include "core/elements.h"
#include "core/memory.h"
#include "parity.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

const char *const report_part_names[N_REPORT_PARTS] = {"train", "validation", "test"};

static const char *const part_titles[N_REPORT_PARTS] = {"Training set", "Validation set", "Test set"};

/* ----------------------------------------------------------------------------------------------------- head, summary
 */

static void put_head(html_page *p, const report_input *in)
{
    const char *slash = strrchr(in->title, '/'), *title = slash ? slash + 1 : in->title;
    html_head(p, title, "report of the fit");
}

/* One JSON value as a short line: "type soap, r_cut 5.5, cutoff (function cosine)". */
static void put_value(html_page *p, const json_t *value)
{
    const char *key, *separator = "";
    size_t index;
    json_t *item;
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        json_object_foreach((json_t *)(uintptr_t)value, key, item)
        {
            html_put(p, separator);
            html_escape(p, key);
            html_put(p, json_is_object(item) ? " (" : " ");
            put_value(p, item);
            html_put(p, json_is_object(item) ? ")" : "");
            separator = ", ";
        }
        break;
    case JSON_ARRAY:
        json_array_foreach(value, index, item)
        {
            html_put(p, separator);
            put_value(p, item);
            separator = ", ";
        }
        break;
    case JSON_STRING:
        html_escape(p, json_string_value(value));
        break;
    case JSON_INTEGER:
        html_format(p, "%lld", (long long)json_integer_value(value));
        break;
    case JSON_REAL:
        html_format(p, "%.10g", json_real_value(value));
        break;
    default:
        html_put(p, json_is_true(value) ? "yes" : json_is_false(value) ? "no" : "none");
        break;
    }
}

static void put_described(html_page *p, const char *name, const json_t *value)
{
    if (!value) return;
    html_format(p, "<dt>%s</dt><dd>", name);
    put_value(p, value);
    html_put(p, "</dd>\n");
}

/* Elements, units, offsets and descriptors from the potential's own description. */
static void put_description(html_page *p, const char *description)
{
    json_t *root = description ? json_loads(description, 0, NULL) : NULL;
    if (!root) return;
    put_described(p, "elements", json_object_get(root, "elements"));
    put_described(p, "energy offsets, eV", json_object_get(root, "offsets"));
    size_t index;
    json_t *item;
    json_array_foreach(json_object_get(root, "descriptors"), index, item)
    {
        put_described(p, "descriptor", item);
    }
    json_decref(root);
}

static void put_summary(html_page *p, const report_input *in)
{
    html_put(p, "<dl>\n");
    if (in->identity) html_fact(p, "identity (SHA-256)", in->identity);
    for (size_t i = 0; i < in->n_facts; i++) html_fact(p, in->facts[i].name, in->facts[i].value);
    put_description(p, in->description);
    if (in->command) html_fact(p, "command", in->command);
    html_put(p, "</dl>\n");
}

static void put_warnings(html_page *p, const report_input *in)
{
    if (!in->warnings || !in->warnings[0]) return;
    html_put(p, "<h2>Warnings of the data check</h2>\n<ul class=\"note\">\n");
    for (size_t i = 0; in->warnings[i]; i++) {
        html_put(p, "<li>");
        html_escape(p, in->warnings[i]);
        html_put(p, "</li>\n");
    }
    html_put(p, "</ul>\n");
}

/* ------------------------------------------------------------------------------------------------------------ tables
 */

static void put_number(html_page *p, double value)
{
    html_format(p, "<td>%.4g</td>", value);
}

static void put_row(html_page *p, const error_row *row, const char *attribute)
{
    html_format(p, "<tr%s><td>", attribute);
    html_escape(p, row->name);
    html_format(p, "</td><td>%zu</td><td>%zu</td>", row->n_frames, row->n_atoms);
    for (int target = 0; target < N_FRAME_TARGETS; target++) {
        const error_measure *m = &row->measures[target];
        if (m->n == 0) {
            html_put(p, "<td class=\"first\">0</td><td>&ndash;</td><td>&ndash;</td><td>&ndash;</td>");
            continue;
        }
        html_format(p, "<td class=\"first\">%zu</td>", m->n);
        put_number(p, m->mae);
        put_number(p, m->rmse);
        put_number(p, m->max);
    }
    html_put(p, "</tr>\n");
}

static void put_error_table(html_page *p, const error_table *table)
{
    html_put(p, "<div class=\"wide\"><table>\n<thead><tr><th></th><th></th><th></th>"
                "<th class=\"group\" colspan=\"4\">energy, meV/atom</th>"
                "<th class=\"group\" colspan=\"4\">force components, eV/&Aring;</th>"
                "<th class=\"group\" colspan=\"4\">virial (W/N), meV/atom</th></tr>\n"
                "<tr><th>config_type</th><th>frames</th><th>atoms</th>");
    for (int target = 0; target < N_FRAME_TARGETS; target++) {
        html_put(p, "<th>n</th><th>MAE</th><th>RMSE</th><th>max</th>");
    }
    html_put(p, "</tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < table->n_rows; i++) put_row(p, &table->rows[i], "");
    put_row(p, &table->total, " class=\"total\"");
    html_put(p, "</tbody></table></div>\n");
}

/* Errors against the spread of what was to be predicted: a guess of the mean would have 100 %. */
static void put_relative(html_page *p, const error_table *table, const parity_data data[N_FRAME_TARGETS])
{
    static const char *const names[N_FRAME_TARGETS] = {"energies", "forces", "virials"};
    static const double in_plot_units[N_FRAME_TARGETS] = {1e-3, 1, 1e-3};
    const char *lead = "<p>RMSE in percent of the standard deviation of the targets: ";
    bool any = false;
    for (int target = 0; target < N_FRAME_TARGETS; target++) {
        if (!(data[target].spread > 0) || table->total.measures[target].n == 0) continue;
        double share = 100 * table->total.measures[target].rmse * in_plot_units[target] / data[target].spread;
        html_format(p, "%s%s %.3g", any ? ", " : lead, names[target], share);
        any = true;
    }
    if (any) html_put(p, ".</p>\n");
}

static void put_species_table(html_page *p, const frame_set *set)
{
    parity_species by_number[ELEMENT_MAX + 1];
    int n_species = 0;
    parity_forces_by_species(set, by_number);
    for (int z = 1; z <= ELEMENT_MAX; z++) n_species += by_number[z].n > 0;
    if (n_species < 2) return;
    html_put(p, "<div class=\"wide\"><table>\n<thead><tr><th>forces on</th><th>n</th><th>MAE, eV/&Aring;</th>"
                "<th>RMSE, eV/&Aring;</th><th>max, eV/&Aring;</th></tr></thead>\n<tbody>\n");
    for (int z = 1; z <= ELEMENT_MAX; z++) {
        const parity_species *s = &by_number[z];
        if (s->n == 0) continue;
        html_format(p, "<tr><td>%s</td><td>%zu</td>", element_symbol(z), s->n);
        put_number(p, s->mae);
        put_number(p, s->rmse);
        put_number(p, s->max);
        html_put(p, "</tr>\n");
    }
    html_put(p, "</tbody></table></div>\n");
}

/* The three numbers of each set that everybody looks for, narrow enough for a phone. */
static void put_glance(html_page *p, const report_input *in)
{
    html_put(p, "<table>\n<thead><tr><th>MAE</th><th>energy,<br>meV/atom</th><th>forces,<br>eV/&Aring;</th>"
                "<th>virial,<br>meV/atom</th></tr></thead>\n<tbody>\n");
    for (int part = N_REPORT_PARTS - 1; part >= 0; part--) {
        const error_table *table = in->sets[part].errors;
        if (!table) continue;
        html_format(p, "<tr><td>%s</td>", part_titles[part]);
        for (int target = 0; target < N_FRAME_TARGETS; target++) {
            const error_measure *m = &table->total.measures[target];
            if (m->n > 0)
                put_number(p, m->mae);
            else
                html_put(p, "<td>&ndash;</td>");
        }
        html_put(p, "</tr>\n");
    }
    html_put(p, "</tbody></table>\n");
}

typedef parity_data part_data[N_FRAME_TARGETS];

static void put_tables(html_page *p, const report_input *in, part_data data[N_REPORT_PARTS])
{
    html_put(p, "<h2>Errors</h2>\n");
    put_glance(p, in);
    for (int part = N_REPORT_PARTS - 1; part >= 0; part--) { /* the test first: it is what counts */
        const report_set *set = &in->sets[part];
        if (!set->errors) continue;
        html_format(p, "<h3>%s</h3>\n", part_titles[part]);
        put_error_table(p, set->errors);
        put_relative(p, set->errors, data[part]);
        if (set->frames) put_species_table(p, set->frames);
    }
    html_put(
        p, "<p class=\"note\">Energies compare E/N, forces the Cartesian components, virials the six components of W/N "
           "(xx yy zz xy xz yz, each once); max is the largest absolute error.</p>\n");
}

/* ------------------------------------------------------------------------------------------------------------- plots
 */

static size_t collect_series(part_data data[N_REPORT_PARTS], int target, bool sorted_errors,
                             plot_series series[PLOT_MAX_SERIES])
{
    size_t n_series = 0;
    for (int part = 0; part < N_REPORT_PARTS; part++) {
        const parity_data *d = &data[part][target];
        if (d->n == 0) continue;
        series[n_series++] = (plot_series){.name = report_part_names[part],
                                           .x = sorted_errors ? d->errors : d->reference,
                                           .y = sorted_errors ? NULL : d->prediction,
                                           .n = d->n};
    }
    return n_series;
}

static bool put_figure(html_page *p, char *svg, const char *label)
{
    if (!svg) return false;
    html_format(p, "<figure role=\"group\" aria-label=\"%s\">\n", label);
    html_put(p, svg);
    memory_free(svg);
    html_format(p, "<figcaption>%s", label);
    return true;
}

static bool put_parity(html_page *p, part_data data[N_REPORT_PARTS], int target)
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
    if (!put_figure(p, svg, plots[target].caption)) return false;
    for (size_t i = 0; i < n_series; i++) {
        html_format(p, "%s %s: %zu points", i > 0 ? ";" : "", series[i].name, series[i].n);
        if (series[i].n_drawn < series[i].n) html_format(p, ", %zu drawn", series[i].n_drawn);
    }
    html_put(p, ". Points that coincide in the plot are drawn once.</figcaption>\n</figure>\n");
    return true;
}

static bool put_distribution(html_page *p, part_data data[N_REPORT_PARTS])
{
    plot_series series[PLOT_MAX_SERIES];
    size_t n_series = collect_series(data, TARGET_FORCES, true, series);
    if (n_series == 0) return true;
    char *svg = plot_distribution(series, n_series, "absolute error of a force component", "eV/Å");
    if (!put_figure(p, svg, "Share of the force components whose error is below x.")) return false;
    for (size_t i = 0; i < n_series; i++) {
        const parity_data d = {.errors = (double *)(uintptr_t)series[i].x, .n = series[i].n};
        html_format(p, " %s: half below %.3g, 95 %% below %.3g, all below %.3g eV/&Aring;.", series[i].name,
                    d.errors[(d.n - 1) / 2], d.errors[(size_t)(0.95 * (double)(d.n - 1))], d.errors[d.n - 1]);
    }
    html_put(p, "</figcaption>\n</figure>\n");
    return true;
}

/* True errors over uncertainties, by bins; both RMS. Those of the training frames are left out: the fit has seen them.
 */
static bool put_reliability(html_page *p, const report_input *in)
{
    static const plot_axes axes = {"uncertainty of the force on an atom (eV/Å)", "true error (eV/Å)", INFINITY};
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
    if (!put_figure(p, plot_curves(curves, n, &axes),
                    "Reliability of the uncertainties: atoms in ten groups by "
                    "ascending uncertainty, true over expected force error (RMS)."))
        return false;
    for (int part = REPORT_VALIDATION; part < N_REPORT_PARTS; part++) {
        const reliability *r = in->sets[part].uncertainty;
        if (r && r->n >= RELIABILITY_BINS)
            html_format(p, " %s: rank correlation (Spearman) %.2f over %zu atoms.", report_part_names[part],
                        r->spearman, r->n);
    }
    html_put(p, "</figcaption>\n</figure>\n");
    return true;
}

static void put_plots(html_page *p, const report_input *in, part_data data[N_REPORT_PARTS])
{
    bool complete = true;
    html_put(p, "<h2>Plots</h2>\n<div class=\"plots\">\n");
    for (int target = 0; target < N_FRAME_TARGETS; target++) complete = put_parity(p, data, target) && complete;
    complete = put_distribution(p, data) && complete;
    complete = put_reliability(p, in) && complete;
    html_put(p, "</div>\n");
    if (!complete) {
        html_put(
            p,
            "<p class=\"note\">Plots are missing because gnuplot could not be run. Install it (Debian: apt-get install "
            "gnuplot-nox) and repeat the fit, or plot the numbers of the .parity.csv file beside this page.</p>\n");
    }
}

/* ---------------------------------------------------------------------------------------------------------- the page
 */

static void put_timings(html_page *p, const report_input *in)
{
    if (in->n_timings == 0) return;
    double total = 0;
    html_put(p, "<h2>Time</h2>\n<dl>\n");
    for (size_t i = 0; i < in->n_timings; i++) {
        char text[32];
        snprintf(text, sizeof text, "%.1f s", in->timings[i].seconds);
        html_fact(p, in->timings[i].name, text);
        total += in->timings[i].seconds;
    }
    html_format(p, "<dt>total</dt><dd>%.1f s</dd>\n</dl>\n", total);
}

static void put_config(html_page *p, const report_input *in)
{
    if (!in->config) return;
    html_put(p, "<h2>Configuration</h2>\n<details><summary>complete, with every default</summary>\n<pre>");
    html_escape(p, in->config);
    html_put(p, "</pre></details>\n");
}

static mlsoap_status collect_parts(const report_input *in, part_data data[N_REPORT_PARTS], mlsoap_error *error)
{
    mlsoap_status status = MLSOAP_SUCCESS;
    for (int part = 0; part < N_REPORT_PARTS; part++) {
        if (!in->sets[part].frames) continue;
        for (int target = 0; target < N_FRAME_TARGETS && !status; target++) {
            status = parity_collect(in->sets[part].frames, (frame_target)target, &data[part][target], error);
        }
    }
    return status;
}

mlsoap_status report_write(const char *path, const report_input *input, mlsoap_error *error)
{
    part_data data[N_REPORT_PARTS];
    html_page p = {0};
    memset(data, 0, sizeof data);
    mlsoap_status status = collect_parts(input, data, error);
    if (status) goto cleanup;
    put_head(&p, input);
    put_summary(&p, input);
    put_tables(&p, input, data);
    put_plots(&p, input, data);
    put_warnings(&p, input);
    put_timings(&p, input);
    put_config(&p, input);
    status = html_write(&p, path, error);
cleanup:
    for (int part = 0; part < N_REPORT_PARTS; part++) {
        for (int target = 0; target < N_FRAME_TARGETS; target++) parity_release(&data[part][target]);
    }
    html_release(&p);
    return status;
}
