/* SPDX-License-Identifier: BSD-3-Clause */
/* Tables of the report; see report_parts.h. */
#include "report_parts.h"

#include "core/elements.h"

#include <math.h>
#include <string.h>

const char *const report_part_titles[N_REPORT_PARTS] = {"Training set", "Validation set", "Test set"};

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

enum { N_GUESSES = 2 };

/* Rows like those of the model. The name is not owned. */
static error_row guess_row(const report_set *set, int which)
{
    static char names[N_GUESSES][20] = {"guess: mean", "guess: composition"};
    const error_row *total = &set->errors->total;
    error_row row = {.name = names[which], .n_frames = total->n_frames, .n_atoms = total->n_atoms};
    if (which == 0)
        row.measures[TARGET_ENERGY] = set->guesses->mean_energy;
    else
        memcpy(row.measures, set->guesses->composition, sizeof row.measures);
    return row;
}

static void put_error_table(html_page *p, const report_set *set)
{
    const error_table *table = set->errors;
    html_put(p, "<div class=\"wide\"><table class=\"many\">\n<thead><tr><th></th><th></th><th></th>"
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
    for (int k = 0; k < N_GUESSES && set->guesses; k++) {
        const error_row row = guess_row(set, k);
        put_row(p, &row, " class=\"guess\"");
    }
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

static void put_glance_row(html_page *p, const char *name, const error_row *row, const char *attribute)
{
    html_format(p, "<tr%s><td>%s</td>", attribute, name);
    for (int target = 0; target < N_FRAME_TARGETS; target++) {
        const error_measure *m = &row->measures[target];
        if (m->n > 0 && !isnan(m->mae))
            put_number(p, m->mae);
        else
            html_put(p, m->n > 0 ? "<td>nan</td>" : "<td>&ndash;</td>");
    }
    html_put(p, "</tr>\n");
}

/* The three numbers of each set that everybody looks for, narrow enough for a phone. */
static void put_glance(html_page *p, const report_input *in)
{
    const report_set *guessed = NULL;
    html_put(p, "<table>\n<thead><tr><th>MAE</th><th>energy,<br>meV/atom</th><th>forces,<br>eV/&Aring;</th>"
                "<th>virial,<br>meV/atom</th></tr></thead>\n<tbody>\n");
    for (int part = N_REPORT_PARTS - 1; part >= 0; part--) {
        const report_set *set = &in->sets[part];
        if (!set->errors) continue;
        put_glance_row(p, report_part_titles[part], &set->errors->total, "");
        if (!guessed && set->guesses) guessed = set; /* the first of test, validation, training */
    }
    for (int k = 0; k < N_GUESSES && guessed; k++) {
        const error_row row = guess_row(guessed, k);
        put_glance_row(p, row.name, &row, " class=\"guess\"");
    }
    html_put(p, "</tbody></table>\n");
}

void report_put_tables(html_page *p, const report_input *in, const report_data data[N_REPORT_PARTS])
{
    html_put(p, "<h2>Errors</h2>\n");
    put_glance(p, in);
    for (int part = N_REPORT_PARTS - 1; part >= 0; part--) { /* the test first: it is what counts */
        const report_set *set = &in->sets[part];
        if (!set->errors) continue;
        html_format(p, "<h3>%s</h3>\n", report_part_titles[part]);
        put_error_table(p, set);
        put_relative(p, set->errors, data[part].targets);
        if (set->frames) put_species_table(p, set->frames);
    }
    html_put(
        p,
        "<p class=\"note\">Energies compare E/N, forces the Cartesian components, virials the six components of W/N "
        "(xx yy zz xy xz yz, each once); max is the largest absolute error. The guesses use no model: the mean energy "
        "per atom of the training frames, or every atom at the offset of its element, with forces and virials of "
        "0.</p>\n");
}
