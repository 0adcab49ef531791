/* SPDX-License-Identifier: BSD-3-Clause */
/* The page of the data doctor; see doctor.h. */
#include "app/doctor/doctor.h"
#include "app/html_page.h"
#include "app/json_fields.h"
#include "app/plots.h"
#include "core/memory.h"
#include "core/sorting.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void put_count(html_page *p, const json_t *object, const char *key)
{
    html_format(p, "<td>%lld</td>", count_of(object, key));
}

static void put_number(html_page *p, const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    if (json_is_number(value))
        html_format(p, "<td>%.4g</td>", json_number_value(value));
    else
        html_put(p, "<td>&ndash;</td>");
}

static void put_cell(html_page *p, const char *text)
{
    html_put(p, "<td>");
    html_escape(p, text);
    html_put(p, "</td>");
}

/* ------------------------------------------------------------------------------------------------ tables */

static void put_findings(html_page *p, const json_t *summary)
{
    size_t i;
    const json_t *item;
    html_format(p,
                "<h2>Findings</h2>\n<p><b>%lld errors, %lld warnings.</b> Errors stop a training, unless "
                "<code>--allow NAME</code> is given; warnings are kept in its report.</p>\n",
                count_of(summary, "errors"), count_of(summary, "warnings"));
    json_array_foreach(json_object_get(summary, "findings"), i, item)
    {
        const char *severity = text_of(item, "severity");
        html_format(p, "<p class=\"note%s\"><b>%s: %s.</b> ", strcmp(severity, "error") ? "" : " error", severity,
                    text_of(item, "name"));
        html_escape(p, text_of(item, "text"));
        html_put(p, "</p>\n");
    }
}

static void put_files(html_page *p, const json_t *files)
{
    static const char *const targets[] = {"energy", "forces", "virial"};
    size_t i;
    const json_t *item;
    html_put(p, "<h2>Files</h2>\n<div class=\"wide\"><table>\n<thead><tr><th>file</th><th>role</th><th>frames</th>"
                "<th>atoms</th><th>key of energies</th><th>of forces</th><th>of virials</th></tr></thead>\n<tbody>\n");
    json_array_foreach(files, i, item)
    {
        html_put(p, "<tr>");
        put_cell(p, text_of(item, "file"));
        put_cell(p, text_of(item, "role"));
        put_count(p, item, "frames");
        put_count(p, item, "atoms");
        for (int t = 0; t < 3; t++) {
            const json_t *target = json_object_get(json_object_get(item, "targets"), targets[t]);
            put_cell(p, target ? text_of(target, "key") : "none");
        }
        html_put(p, "</tr>\n");
    }
    html_put(p, "</tbody></table></div>\n");
}

static void put_types(html_page *p, const json_t *types)
{
    size_t i;
    const json_t *item;
    html_put(p,
             "<h2>Groups</h2>\n<div class=\"wide\"><table "
             "class=\"many\">\n<thead><tr><th></th><th></th><th></th><th></th><th></th>"
             "<th></th><th class=\"group\" colspan=\"3\">E/N above offsets, eV</th><th class=\"group\" colspan=\"2\">"
             "forces, eV/&Aring;</th></tr>\n<tr><th>config_type</th><th>frames</th><th>atoms</th><th>energies</th>"
             "<th>force components</th><th>virials</th><th>min</th><th>mean</th><th>max</th><th>RMS</th><th>max</th>"
             "</tr></thead>\n<tbody>\n");
    json_array_foreach(types, i, item)
    {
        html_put(p, "<tr>");
        put_cell(p, text_of(item, "name"));
        put_count(p, item, "frames");
        put_count(p, item, "atoms");
        put_count(p, item, "energies");
        put_count(p, item, "force_components");
        put_count(p, item, "virials");
        put_number(p, item, "energy_min");
        put_number(p, item, "energy_mean");
        put_number(p, item, "energy_max");
        put_number(p, item, "force_rms");
        put_number(p, item, "force_max");
        html_put(p, "</tr>\n");
    }
    html_put(p, "</tbody></table></div>\n");
}

static void put_elements(html_page *p, const json_t *summary)
{
    const json_t *offsets = json_object_get(summary, "offsets"), *isolated = json_object_get(summary, "isolated_atoms");
    size_t i;
    const json_t *item;
    html_put(p, "<h2>Elements and distances</h2>\n<div class=\"wide\"><table>\n<thead><tr><th>element</th>"
                "<th>offset, eV</th><th>isolated atoms</th></tr></thead>\n<tbody>\n");
    json_array_foreach(json_object_get(summary, "elements"), i, item)
    {
        html_put(p, "<tr>");
        put_cell(p, json_string_value(item));
        put_number(p, offsets, json_string_value(item));
        put_count(p, isolated, json_string_value(item));
        html_put(p, "</tr>\n");
    }
    html_put(p, "</tbody></table></div>\n");
    if (*text_of(offsets, "method")) html_format(p, "<p>Offsets by %s.</p>\n", text_of(offsets, "method"));
    html_put(p, "<div class=\"wide\"><table>\n<thead><tr><th>pair</th><th>shortest distance, &Aring;</th>"
                "<th>sum of covalent radii, &Aring;</th></tr></thead>\n<tbody>\n");
    json_array_foreach(json_object_get(summary, "shortest"), i, item)
    {
        const json_t *pair = json_object_get(item, "pair");
        html_format(p, "<tr><td>%s&ndash;%s</td>", json_string_value(json_array_get(pair, 0)),
                    json_string_value(json_array_get(pair, 1)));
        put_number(p, item, "distance");
        put_number(p, item, "bond");
        html_put(p, "</tr>\n");
    }
    html_put(p, "</tbody></table></div>\n");
}

static void put_slope_row(html_page *p, const char *what, const json_t *item)
{
    if (!item) return;
    html_format(p, "<tr><td>%s</td>", what);
    put_count(p, item, "n");
    put_number(p, item, "slope");
    put_number(p, item, "correlation");
    html_put(p, "</tr>\n");
}

static void put_consistency(html_page *p, const json_t *consistency)
{
    static const char head[] = "<th>slope</th><th>correlation</th></tr></thead>\n<tbody>\n";
    const json_t *probe = json_object_get(consistency, "probe"), *pairs = json_object_get(consistency, "near_frames");
    size_t i;
    const json_t *item;
    html_put(p, "<h2>Do energies, forces and virials belong together?</h2>\n");
    if (probe) {
        html_put(p,
                 "<p>A small linear model predicts what it was not fitted to with the right sign, unit and order; the "
                 "data over the model must have the slope 1 where the correlation is high.</p>\n"
                 "<div class=\"wide\"><table>\n<thead><tr><th>compared</th><th>frames</th>");
        html_put(p, head);
        put_slope_row(p, "energies, with the forces", json_object_get(probe, "energy"));
        put_slope_row(p, "virials xx yy zz, with both", json_object_get(probe, "virial_diagonal"));
        put_slope_row(p, "virials xy xz yz, with both", json_object_get(probe, "virial_off_diagonal"));
        html_put(p, "</tbody></table></div>\n");
    }
    if (json_array_size(pairs) == 0) return;
    html_put(p, "<p>Between frames that differ by small displacements or strains the energy changes by what forces and "
                "virials say, without any model; 1 is expected.</p>\n<div class=\"wide\"><table>\n<thead><tr>"
                "<th>config_type</th><th>frames are</th><th>pairs</th>");
    html_put(p, head);
    json_array_foreach(pairs, i, item)
    {
        html_put(p, "<tr>");
        put_cell(p, text_of(item, "config_type"));
        put_cell(p, text_of(item, "kind"));
        put_count(p, item, "pairs");
        put_number(p, item, "slope");
        put_number(p, item, "correlation");
        html_put(p, "</tr>\n");
    }
    html_put(p, "</tbody></table></div>\n");
}

/* ------------------------------------------------------------------------------------------------ plots */

/* Sizes of all force components, sorted. */
static char *plot_forces(const frame_set *set)
{
    size_t n = 0;
    for (size_t c = 0; c < set->n_frames; c++)
        n += set->frames[c].has_forces ? 3 * set->frames[c].structure.n_atoms : 0;
    double *sizes = MEMORY_NEW(double, n);
    size_t at = 0;
    for (size_t c = 0; sizes && c < set->n_frames; c++)
        for (size_t i = 0; set->frames[c].has_forces && i < 3 * set->frames[c].structure.n_atoms; i++)
            sizes[at++] = fabs(set->frames[c].forces[i / 3][i % 3]);
    if (sizes) sort_reals(sizes, n);
    plot_series series = {.name = "train", .x = sizes, .n = n};
    char *svg =
        sizes && n > 0 ? plot_distribution(&series, 1, "size of a force component", "eV/Å", "components") : NULL;
    memory_free(sizes);
    return svg;
}

static void put_plots(html_page *p, const data_probe *probe, const frame_set *set)
{
    html_put(p, "<div class=\"plots\">\n");
    if (probe->n_energies > 0) {
        plot_series series = {
            .name = "train", .x = probe->energy_data, .y = probe->energy_model, .n = probe->n_energies};
        html_figure(p, plot_parity(&series, 1, "energy", "eV/atom"),
                    "Energies per atom without what the composition explains: a model of the forces over the data.");
    }
    if (probe->n_virials > 0) {
        plot_series series = {
            .name = "train", .x = probe->virial_data[0], .y = probe->virial_model[0], .n = 6 * probe->n_virials};
        html_figure(p, plot_parity(&series, 1, "virial component", "eV/atom"),
                    "Virial components per atom: a model of energies and forces over the data.");
    }
    html_figure(p, plot_forces(set), "Share of the force components whose size is below x.");
    html_put(p, "</div>\n");
}

mlsoap_status doctor_write_page(const doctor_report *report, const checked_data *data, const char *path,
                                mlsoap_error *error)
{
    html_page p = {0};
    const json_t *summary = report->summary;
    const char *slash = strrchr(data->train->files[0].path, '/');
    html_head(&p, slash ? slash + 1 : data->train->files[0].path, "check of the data");
    put_findings(&p, summary);
    put_types(&p, json_object_get(summary, "config_types"));
    put_consistency(&p, json_object_get(summary, "consistency"));
    put_plots(&p, &report->consistency.probe, data->train);
    put_elements(&p, summary);
    put_files(&p, json_object_get(summary, "files"));
    mlsoap_status status = html_write(&p, path, error);
    html_release(&p);
    return status;
}
