/* SPDX-License-Identifier: BSD-3-Clause */
/* The page of the audit; see audit.h. */
#include "app/audit/audit.h"
#include "app/html_page.h"
#include "app/plots.h"

#include <math.h>
#include <string.h>

static void put_items(html_page *p, const audit_report *report)
{
    static const char *const classes[] = {"good", "", "bad", ""};
    html_put(p, "<h2>Verdicts</h2>\n<div class=\"wide\"><table>\n<thead><tr><th>item</th><th>verdict</th><th>found</th>"
                "<th>limit</th><th>unit</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < report->n_items; i++) {
        const audit_item *item = &report->items[i];
        html_format(p, "<tr><td>%s</td><td class=\"%s\">%s</td>", item->name, classes[item->verdict],
                    audit_verdict_name(item->verdict));
        if (isnan(item->limit))
            html_put(p, "<td>&ndash;</td><td>&ndash;</td>");
        else
            html_format(p, "<td>%.3g</td><td>%.3g</td>", item->value, item->limit);
        html_format(p, "<td>%s</td></tr>\n", item->unit);
    }
    html_put(p, "</tbody></table></div>\n<h2>What was done</h2>\n");
    for (size_t i = 0; i < report->n_items; i++) {
        const audit_item *item = &report->items[i];
        static const char *const openings[] = {"<p>", "<p class=\"note\">", "<p class=\"note error\">", "<p>"};
        html_format(p, "%s<b>%s: %s.</b> ", openings[item->verdict], item->name, audit_verdict_name(item->verdict));
        html_escape(p, item->text);
        html_put(p, "</p>\n");
    }
}

static void put_figure(html_page *p, const audit_report *report, const char *kind, const plot_axes *axes,
                       const char *caption)
{
    plot_curve curves[PLOT_MAX_CURVES];
    size_t n = 0;
    for (size_t i = 0; i < report->n_curves && n < PLOT_MAX_CURVES; i++)
        if (strcmp(report->curves[i].kind, kind) == 0)
            curves[n++] =
                (plot_curve){report->curves[i].name, report->curves[i].x, report->curves[i].y, report->curves[i].n};
    char *svg = n > 0 ? plot_curves(curves, n, axes) : NULL;
    html_figure(p, svg, caption);
}

mlsoap_status audit_write_page(const audit_report *report, const mlsoap_potential *potential, const char *title,
                               const char *path, mlsoap_error *error)
{
    static const plot_axes dimer = {.x = "distance (Å)", .y = "energy (eV)", .highest = 5};
    static const plot_axes compression = {.x = "scale of lengths (1)", .y = "energy (eV/atom)", .highest = INFINITY};
    static const plot_axes cutoffs = {.x = "cutoff (Å)", .y = "RMSE of force components (eV/Å)", .highest = INFINITY};
    static const plot_axes dynamics = {.x = "time (ps)", .y = "total energy - start (meV/atom)", .highest = INFINITY};
    html_page p = {0};
    const char *slash = strrchr(title, '/');
    html_head(&p, slash ? slash + 1 : title, "audit");
    html_put(&p, "<dl>\n");
    html_fact(&p, "verdict", audit_verdict_name(audit_report_verdict(report)));
    html_fact(&p, "identity (SHA-256)", mlsoap_potential_identity(potential));
    html_put(&p, "</dl>\n");
    put_items(&p, report);
    html_put(&p, "<h2>Curves</h2>\n<div class=\"plots\">\n");
    put_figure(&p, report, "dimer", &dimer,
               "Two atoms alone, the first six pairs of elements; energies above 5 eV are cut off.");
    put_figure(&p, report, "compression", &compression, "One cell, all lengths scaled.");
    put_figure(&p, report, "dynamics", &dynamics, "Total energy of the run at constant energy.");
    put_figure(&p, report, "cutoff scan", &cutoffs,
               "Forces of the data by a linear model of the same resolution, on frames that it has not seen.");
    html_put(&p, "</div>\n");
    mlsoap_status status = html_write(&p, path, error);
    html_release(&p);
    return status;
}
