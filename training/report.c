/* SPDX-License-Identifier: BSD-3-Clause */
/* X.report.html: one page without references to anything outside itself. The order is that in which a user asks: how
 * good is it (tables, plots), on what, with which settings. */
#include "report.h"

#include "core/elements.h"
#include "core/file.h"
#include "core/memory.h"
#include "parity.h"
#include "plots.h"

#include <jansson.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *const report_part_names[N_REPORT_PARTS] = {"train", "validation", "test"};

static const char *const part_titles[N_REPORT_PARTS] = {"Training set", "Validation set", "Test set"};

/* What the page is made in; `failed` = no memory, checked once at the end. */
typedef struct page {
    char *text;
    size_t n, capacity;
    bool failed;
} page;

static void put_bytes(page *p, const char *bytes, size_t n)
{
    if (p->failed || !MEMORY_RESERVE(&p->text, &p->capacity, p->n + n + 1)) {
        p->failed = true;
        return;
    }
    memcpy(p->text + p->n, bytes, n);
    p->n += n;
    p->text[p->n] = '\0';
}

static void put(page *p, const char *text)
{
    put_bytes(p, text, strlen(text));
}

/* Short formatted text of ours: numbers and fixed words. */
static void __attribute__((format(printf, 2, 3))) put_format(page *p, const char *format, ...)
{
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    int n = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (n > 0) put_bytes(p, text, (size_t)n < sizeof text ? (size_t)n : sizeof text - 1);
}

/* Text of others: no character of it acts as markup. */
static void put_escaped(page *p, const char *text)
{
    for (const char *c = text; *c; c++) {
        switch (*c) {
        case '&':
            put(p, "&amp;");
            break;
        case '<':
            put(p, "&lt;");
            break;
        case '>':
            put(p, "&gt;");
            break;
        case '"':
            put(p, "&quot;");
            break;
        case '\'':
            put(p, "&#39;");
            break;
        default:
            put_bytes(p, c, 1);
            break;
        }
    }
}

/* ----------------------------------------------------------------------------------------------------- head, summary
 */

static const char style[] =
    "<style>\n"
    ":root{color-scheme:light}\n"
    "body{font:16px/1.5 sans-serif;color:#1a1a1a;background:#fff;max-width:68rem;margin:0 auto;padding:1rem}\n"
    "h1{font-size:1.6rem;line-height:1.2;margin:.5rem 0;overflow-wrap:anywhere}\n"
    "h2{font-size:1.2rem;margin:2rem 0 .5rem}\n"
    "h3{font-size:1rem;margin:1.25rem 0 .25rem}\n"
    ".wide{overflow-x:auto}\n"
    "table{border-collapse:separate;border-spacing:0;font-variant-numeric:tabular-nums;font-size:.9rem}\n"
    "th,td{padding:.25rem .6rem;text-align:right;border-bottom:1px solid #ccc;white-space:nowrap}\n"
    "th:first-child,td:first-child{text-align:left;position:sticky;left:0;background:#fff;"
    "white-space:normal;overflow-wrap:anywhere;min-width:6rem}\n"
    "thead th{border-bottom:1px solid #666}\n"
    "th.group{text-align:center;border-left:1px solid #ccc}\n"
    "td.first{border-left:1px solid #ccc}\n"
    "tr.total{font-weight:bold}\n"
    "dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1rem;margin:.5rem 0}\n"
    "dt{color:#555}\n"
    "dd{margin:0;overflow-wrap:anywhere}\n"
    ".plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,26rem),1fr));gap:1.5rem}\n"
    "figure{margin:0}\n"
    "figure svg{display:block;width:100%;height:auto;border:1px solid #ddd}\n"
    "figcaption,.note{font-size:.9rem;color:#444}\n"
    ".note{border-left:4px solid #8c2d04;padding:.25rem .75rem}\n"
    "pre{font-size:.8rem;overflow-x:auto;background:#f5f5f5;padding:.75rem}\n"
    "@media(max-width:36rem){body{padding:.6rem}dl{grid-template-columns:1fr;gap:0}dd{margin:0 0 .4rem 1rem}"
    "th,td{padding:.2rem .4rem}table{font-size:.82rem}}\n"
    "@media print{body{max-width:none;font-size:11pt}.wide{overflow:visible}table{font-size:8.5pt}"
    "th,td{padding:.15rem .3rem}figure,tr{break-inside:avoid}h2,h3{break-after:avoid}"
    ".plots{grid-template-columns:1fr 1fr}pre{white-space:pre-wrap}}\n"
    "</style>\n";

static void put_head(page *p, const report_input *in)
{
    const char *slash = strrchr(in->title, '/'), *title = slash ? slash + 1 : in->title;
    put(p, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
           "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>");
    put_escaped(p, title);
    put(p, ": report of the fit</title>\n");
    put(p, style);
    put(p, "</head>\n<body>\n<h1>");
    put_escaped(p, title);
    put(p, ": report of the fit</h1>\n");
}

static void put_fact(page *p, const char *name, const char *value)
{
    put(p, "<dt>");
    put_escaped(p, name);
    put(p, "</dt><dd>");
    put_escaped(p, value);
    put(p, "</dd>\n");
}

/* One JSON value as a short line: "type soap, r_cut 5.5, cutoff (function cosine)". */
static void put_value(page *p, const json_t *value)
{
    const char *key, *separator = "";
    size_t index;
    json_t *item;
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        json_object_foreach((json_t *)(uintptr_t)value, key, item)
        {
            put(p, separator);
            put_escaped(p, key);
            put(p, json_is_object(item) ? " (" : " ");
            put_value(p, item);
            put(p, json_is_object(item) ? ")" : "");
            separator = ", ";
        }
        break;
    case JSON_ARRAY:
        json_array_foreach(value, index, item)
        {
            put(p, separator);
            put_value(p, item);
            separator = ", ";
        }
        break;
    case JSON_STRING:
        put_escaped(p, json_string_value(value));
        break;
    case JSON_INTEGER:
        put_format(p, "%lld", (long long)json_integer_value(value));
        break;
    case JSON_REAL:
        put_format(p, "%.10g", json_real_value(value));
        break;
    default:
        put(p, json_is_true(value) ? "yes" : json_is_false(value) ? "no" : "none");
        break;
    }
}

static void put_described(page *p, const char *name, const json_t *value)
{
    if (!value) return;
    put_format(p, "<dt>%s</dt><dd>", name);
    put_value(p, value);
    put(p, "</dd>\n");
}

/* Elements, units, offsets and descriptors from the potential's own description. */
static void put_description(page *p, const char *description)
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

static void put_summary(page *p, const report_input *in)
{
    put(p, "<dl>\n");
    if (in->identity) put_fact(p, "identity (SHA-256)", in->identity);
    for (size_t i = 0; i < in->n_facts; i++) put_fact(p, in->facts[i].name, in->facts[i].value);
    put_description(p, in->description);
    if (in->command) put_fact(p, "command", in->command);
    put(p, "</dl>\n");
}

static void put_warnings(page *p, const report_input *in)
{
    if (!in->warnings || !in->warnings[0]) return;
    put(p, "<h2>Warnings of the data check</h2>\n<ul class=\"note\">\n");
    for (size_t i = 0; in->warnings[i]; i++) {
        put(p, "<li>");
        put_escaped(p, in->warnings[i]);
        put(p, "</li>\n");
    }
    put(p, "</ul>\n");
}

/* ------------------------------------------------------------------------------------------------------------ tables
 */

static void put_number(page *p, double value)
{
    put_format(p, "<td>%.4g</td>", value);
}

static void put_row(page *p, const error_row *row, const char *attribute)
{
    put_format(p, "<tr%s><td>", attribute);
    put_escaped(p, row->name);
    put_format(p, "</td><td>%zu</td><td>%zu</td>", row->n_frames, row->n_atoms);
    for (int target = 0; target < N_FRAME_TARGETS; target++) {
        const error_measure *m = &row->measures[target];
        if (m->n == 0) {
            put(p, "<td class=\"first\">0</td><td>&ndash;</td><td>&ndash;</td><td>&ndash;</td>");
            continue;
        }
        put_format(p, "<td class=\"first\">%zu</td>", m->n);
        put_number(p, m->mae);
        put_number(p, m->rmse);
        put_number(p, m->max);
    }
    put(p, "</tr>\n");
}

static void put_error_table(page *p, const error_table *table)
{
    put(p, "<div class=\"wide\"><table>\n<thead><tr><th></th><th></th><th></th>"
           "<th class=\"group\" colspan=\"4\">energy, meV/atom</th>"
           "<th class=\"group\" colspan=\"4\">force components, eV/&Aring;</th>"
           "<th class=\"group\" colspan=\"4\">virial (W/N), meV/atom</th></tr>\n"
           "<tr><th>config_type</th><th>frames</th><th>atoms</th>");
    for (int target = 0; target < N_FRAME_TARGETS; target++) {
        put(p, "<th>n</th><th>MAE</th><th>RMSE</th><th>max</th>");
    }
    put(p, "</tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < table->n_rows; i++) put_row(p, &table->rows[i], "");
    put_row(p, &table->total, " class=\"total\"");
    put(p, "</tbody></table></div>\n");
}

/* Errors against the spread of what was to be predicted: a guess of the mean would have 100 %. */
static void put_relative(page *p, const error_table *table, const parity_data data[N_FRAME_TARGETS])
{
    static const char *const names[N_FRAME_TARGETS] = {"energies", "forces", "virials"};
    static const double in_plot_units[N_FRAME_TARGETS] = {1e-3, 1, 1e-3};
    const char *lead = "<p>RMSE in percent of the standard deviation of the targets: ";
    bool any = false;
    for (int target = 0; target < N_FRAME_TARGETS; target++) {
        if (!(data[target].spread > 0) || table->total.measures[target].n == 0) continue;
        double share = 100 * table->total.measures[target].rmse * in_plot_units[target] / data[target].spread;
        put_format(p, "%s%s %.3g", any ? ", " : lead, names[target], share);
        any = true;
    }
    if (any) put(p, ".</p>\n");
}

static void put_species_table(page *p, const frame_set *set)
{
    parity_species by_number[ELEMENT_MAX + 1];
    int n_species = 0;
    parity_forces_by_species(set, by_number);
    for (int z = 1; z <= ELEMENT_MAX; z++) n_species += by_number[z].n > 0;
    if (n_species < 2) return;
    put(p, "<div class=\"wide\"><table>\n<thead><tr><th>forces on</th><th>n</th><th>MAE, eV/&Aring;</th>"
           "<th>RMSE, eV/&Aring;</th><th>max, eV/&Aring;</th></tr></thead>\n<tbody>\n");
    for (int z = 1; z <= ELEMENT_MAX; z++) {
        const parity_species *s = &by_number[z];
        if (s->n == 0) continue;
        put_format(p, "<tr><td>%s</td><td>%zu</td>", element_symbol(z), s->n);
        put_number(p, s->mae);
        put_number(p, s->rmse);
        put_number(p, s->max);
        put(p, "</tr>\n");
    }
    put(p, "</tbody></table></div>\n");
}

/* The three numbers of each set that everybody looks for, narrow enough for a phone. */
static void put_glance(page *p, const report_input *in)
{
    put(p, "<table>\n<thead><tr><th>MAE</th><th>energy,<br>meV/atom</th><th>forces,<br>eV/&Aring;</th>"
           "<th>virial,<br>meV/atom</th></tr></thead>\n<tbody>\n");
    for (int part = N_REPORT_PARTS - 1; part >= 0; part--) {
        const error_table *table = in->sets[part].errors;
        if (!table) continue;
        put_format(p, "<tr><td>%s</td>", part_titles[part]);
        for (int target = 0; target < N_FRAME_TARGETS; target++) {
            const error_measure *m = &table->total.measures[target];
            if (m->n > 0)
                put_number(p, m->mae);
            else
                put(p, "<td>&ndash;</td>");
        }
        put(p, "</tr>\n");
    }
    put(p, "</tbody></table>\n");
}

typedef parity_data part_data[N_FRAME_TARGETS];

static void put_tables(page *p, const report_input *in, part_data data[N_REPORT_PARTS])
{
    put(p, "<h2>Errors</h2>\n");
    put_glance(p, in);
    for (int part = N_REPORT_PARTS - 1; part >= 0; part--) { /* the test first: it is what counts */
        const report_set *set = &in->sets[part];
        if (!set->errors) continue;
        put_format(p, "<h3>%s</h3>\n", part_titles[part]);
        put_error_table(p, set->errors);
        put_relative(p, set->errors, data[part]);
        if (set->frames) put_species_table(p, set->frames);
    }
    put(p, "<p class=\"note\">Energies compare E/N, forces the Cartesian components, virials the six components of W/N "
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

static bool put_figure(page *p, char *svg, const char *label)
{
    if (!svg) return false;
    put_format(p, "<figure role=\"group\" aria-label=\"%s\">\n", label);
    put(p, svg);
    memory_free(svg);
    put_format(p, "<figcaption>%s", label);
    return true;
}

static bool put_parity(page *p, part_data data[N_REPORT_PARTS], int target)
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
        put_format(p, "%s %s: %zu points", i > 0 ? ";" : "", series[i].name, series[i].n);
        if (series[i].n_drawn < series[i].n) put_format(p, ", %zu drawn", series[i].n_drawn);
    }
    put(p, ". Points that coincide in the plot are drawn once.</figcaption>\n</figure>\n");
    return true;
}

static bool put_distribution(page *p, part_data data[N_REPORT_PARTS])
{
    plot_series series[PLOT_MAX_SERIES];
    size_t n_series = collect_series(data, TARGET_FORCES, true, series);
    if (n_series == 0) return true;
    char *svg = plot_distribution(series, n_series, "absolute error of a force component", "eV/Å");
    if (!put_figure(p, svg, "Share of the force components whose error is below x.")) return false;
    for (size_t i = 0; i < n_series; i++) {
        const parity_data d = {.errors = (double *)(uintptr_t)series[i].x, .n = series[i].n};
        put_format(p, " %s: half below %.3g, 95 %% below %.3g, all below %.3g eV/&Aring;.", series[i].name,
                   d.errors[(d.n - 1) / 2], d.errors[(size_t)(0.95 * (double)(d.n - 1))], d.errors[d.n - 1]);
    }
    put(p, "</figcaption>\n</figure>\n");
    return true;
}

static void put_plots(page *p, part_data data[N_REPORT_PARTS])
{
    bool complete = true;
    put(p, "<h2>Plots</h2>\n<div class=\"plots\">\n");
    for (int target = 0; target < N_FRAME_TARGETS; target++) complete = put_parity(p, data, target) && complete;
    complete = put_distribution(p, data) && complete;
    put(p, "</div>\n");
    if (!complete) {
        put(p,
            "<p class=\"note\">Plots are missing because gnuplot could not be run. Install it (Debian: apt-get install "
            "gnuplot-nox) and repeat the fit, or plot the numbers of the .parity.csv file beside this page.</p>\n");
    }
}

/* ---------------------------------------------------------------------------------------------------------- the page
 */

static void put_timings(page *p, const report_input *in)
{
    if (in->n_timings == 0) return;
    double total = 0;
    put(p, "<h2>Time</h2>\n<dl>\n");
    for (size_t i = 0; i < in->n_timings; i++) {
        char text[32];
        snprintf(text, sizeof text, "%.1f s", in->timings[i].seconds);
        put_fact(p, in->timings[i].name, text);
        total += in->timings[i].seconds;
    }
    put_format(p, "<dt>total</dt><dd>%.1f s</dd>\n</dl>\n", total);
}

static void put_config(page *p, const report_input *in)
{
    if (!in->config) return;
    put(p, "<h2>Configuration</h2>\n<details><summary>complete, with every default</summary>\n<pre>");
    put_escaped(p, in->config);
    put(p, "</pre></details>\n");
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
    page p = {0};
    memset(data, 0, sizeof data);
    mlsoap_status status = collect_parts(input, data, error);
    if (status) goto cleanup;
    put_head(&p, input);
    put_summary(&p, input);
    put_tables(&p, input, data);
    put_plots(&p, data);
    put_warnings(&p, input);
    put_timings(&p, input);
    put_config(&p, input);
    put_format(&p, "<p class=\"note\">Written by mlsoap %s.</p>\n</body>\n</html>\n", mlsoap_version());
    status = p.failed ? status_no_memory(error, p.n, "the report") : file_write(path, p.text, p.n, error);
cleanup:
    for (int part = 0; part < N_REPORT_PARTS; part++) {
        for (int target = 0; target < N_FRAME_TARGETS; target++) parity_release(&data[part][target]);
    }
    memory_free(p.text);
    return status;
}
