/* SPDX-License-Identifier: BSD-3-Clause */
/* X.report.html: one page without references to anything outside itself. The order is that in which a user asks: how
 * good is it (tables, plots), on what, with which settings. */
#include "report.h"

#include "app/json_fields.h"
#include "report_parts.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

const char *const report_part_names[N_REPORT_PARTS] = {"train", "validation", "test"};

/* ----------------------------------------------------------------------------------------------------- head, summary
 */

static void put_head(html_page *p, const report_input *in)
{
    const char *slash = strrchr(in->title, '/'), *title = slash ? slash + 1 : in->title;
    html_head(p, title, "report of the fit");
}

enum { MOST_ITEMS = 16 }; /* longer lists stand in the configuration below */

/* In all rows of a matrix. */
static size_t count_values(const json_t *value)
{
    size_t n = 0;
    if (!json_is_array(value)) return 1;
    for (size_t i = 0; i < json_array_size(value); i++) n += count_values(json_array_get(value, i));
    return n;
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
        if (count_values(value) > MOST_ITEMS) {
            html_format(p, "of %zu values", count_values(value));
            break;
        }
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

static void put_data_row(html_page *p, const json_t *file)
{
    static const char *const targets[N_FRAME_TARGETS] = {"energy", "forces", "virial"};
    html_put(p, "<tr><td>");
    html_escape(p, text_of(file, "file"));
    html_put(p, "</td><td>");
    html_escape(p, text_of(file, "role"));
    html_format(p, "</td><td>%lld</td><td>%lld</td>", count_of(file, "frames"), count_of(file, "atoms"));
    for (int t = 0; t < N_FRAME_TARGETS; t++) {
        const json_t *target = json_object_get(json_object_get(file, "targets"), targets[t]);
        html_put(p, "<td>");
        html_escape(p, target ? text_of(target, "key") : "none");
        html_put(p, "</td>");
    }
    html_put(p, "<td class=\"hash\">");
    html_escape(p, text_of(file, "sha256"));
    html_put(p, "</td></tr>\n");
}

/* What the potential says of its own origin: files, version, date, seed. */
static void put_provenance(html_page *p, const report_input *in)
{
    json_t *root = in->description ? json_loads(in->description, 0, NULL) : NULL;
    const json_t *provenance = json_object_get(root, "provenance");
    if (json_is_object(provenance)) {
        size_t index;
        const json_t *file;
        html_put(p, "<h2>Data and provenance</h2>\n<div class=\"wide\"><table "
                    "class=\"many\">\n<thead><tr><th>file</th><th>role</th>"
                    "<th>frames</th><th>atoms</th><th>key of energies</th><th>of forces</th><th>of virials</th>"
                    "<th>SHA-256</th></tr></thead>\n<tbody>\n");
        json_array_foreach(json_object_get(provenance, "data"), index, file) put_data_row(p, file);
        html_put(p, "</tbody></table></div>\n<dl>\n");
        html_fact(p, "made by mlsoap", text_of(provenance, "version"));
        html_fact(p, "at (UTC)", text_of(provenance, "date"));
        put_described(p, "seed", json_object_get(provenance, "seed"));
        put_described(p, "result of the fit", json_object_get(provenance, "result"));
        html_put(p, "</dl>\n");
    }
    json_decref(root);
}

static void put_warnings(html_page *p, const report_input *in)
{
    if (!in->warnings) return;
    html_put(p, "<h2>Findings of the data check</h2>\n");
    if (!in->warnings[0]) html_put(p, "<p>None.</p>\n");
    for (size_t i = 0; in->warnings[i]; i++) {
        html_put(p, "<p class=\"note\">");
        html_escape(p, in->warnings[i]);
        html_put(p, "</p>\n");
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

static mlsoap_status collect_parts(const report_input *in, report_data data[N_REPORT_PARTS], mlsoap_error *error)
{
    mlsoap_status status = MLSOAP_SUCCESS;
    for (int part = 0; part < N_REPORT_PARTS; part++) {
        if (!in->sets[part].frames) continue;
        for (int target = 0; target < N_FRAME_TARGETS && !status; target++) {
            status = parity_collect(in->sets[part].frames, (frame_target)target, &data[part].targets[target], error);
        }
        if (!status) status = parity_directions_find(in->sets[part].frames, &data[part].directions, error);
        if (status) return status;
    }
    return status;
}

mlsoap_status report_write(const char *path, const report_input *input, mlsoap_error *error)
{
    report_data data[N_REPORT_PARTS];
    html_page p = {0};
    memset(data, 0, sizeof data);
    mlsoap_status status = collect_parts(input, data, error);
    if (status) goto cleanup;
    put_head(&p, input);
    put_summary(&p, input);
    report_put_tables(&p, input, data);
    report_put_plots(&p, input, data);
    put_warnings(&p, input);
    put_provenance(&p, input);
    put_timings(&p, input);
    put_config(&p, input);
    status = html_write(&p, path, error);
cleanup:
    for (int part = 0; part < N_REPORT_PARTS; part++) {
        for (int target = 0; target < N_FRAME_TARGETS; target++) parity_release(&data[part].targets[target]);
        parity_directions_release(&data[part].directions);
    }
    html_release(&p);
    return status;
}
