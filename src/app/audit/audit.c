/* SPDX-License-Identifier: BSD-3-Clause */
/* The audit: its items and their order; see audit.h. */
#include "app/audit/audit.h"

#include "app/predict.h"
#include "core/memory.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

static mlsoap_status __attribute__((format(printf, 3, 0)))
add_item(audit *a, audit_item item, const char *format, va_list arguments, mlsoap_error *error)
{
    char text[512];
    audit_report *r = a->report;
    vsnprintf(text, sizeof text, format, arguments);
    item.text = memory_copy_text(text);
    if (!item.text || !MEMORY_RESERVE(&r->items, &r->capacity_items, r->n_items + 1)) {
        memory_free(item.text);
        return status_no_memory(error, sizeof item, "the audit");
    }
    r->items[r->n_items++] = item;
    return MLSOAP_SUCCESS;
}

mlsoap_status audit_add(audit *a, const char *name, double value, double limit, const char *unit,
                        audit_verdict otherwise, mlsoap_error *error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    audit_item item = {name, value <= limit ? AUDIT_PASS : otherwise, value, limit, unit, NULL};
    mlsoap_status status = add_item(a, item, format, arguments, error);
    va_end(arguments);
    return status;
}

mlsoap_status audit_say(audit *a, const char *name, audit_verdict verdict, mlsoap_error *error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    mlsoap_status status = add_item(a, (audit_item){name, verdict, NAN, NAN, "", NULL}, format, arguments, error);
    va_end(arguments);
    return status;
}

mlsoap_status audit_add_curve(audit *a, const char *kind, const char *name, const double *x, const double *y, size_t n,
                              mlsoap_error *error)
{
    audit_report *r = a->report;
    audit_curve curve = {.kind = kind, .n = n, .x = MEMORY_NEW(double, n), .y = MEMORY_NEW(double, n)};
    if (!curve.x || !curve.y || !MEMORY_RESERVE(&r->curves, &r->capacity_curves, r->n_curves + 1)) {
        memory_free(curve.x);
        memory_free(curve.y);
        return status_no_memory(error, 2 * n * sizeof(double), "a curve of the audit");
    }
    snprintf(curve.name, sizeof curve.name, "%s", name);
    memcpy(curve.x, x, n * sizeof *x);
    memcpy(curve.y, y, n * sizeof *y);
    r->curves[r->n_curves++] = curve;
    return MLSOAP_SUCCESS;
}

mlsoap_status audit_evaluate(audit *a, const structure *s, double *energy, double (*forces)[3], double *virial,
                             mlsoap_error *error)
{
    double unused[6];
    return potential_evaluate(a->potential, a->workspace, s, energy, NULL, forces, virial ? virial : unused, error);
}

mlsoap_status audit_replicate(const structure *s, const int n[3], structure *out, mlsoap_error *error)
{
    size_t copies = (size_t)n[0] * (size_t)n[1] * (size_t)n[2], at = 0;
    mlsoap_status status = structure_new(out, copies * s->n_atoms, error);
    if (status) return status;
    for (int i = 0; i < n[0]; i++)
        for (int j = 0; j < n[1]; j++)
            for (int k = 0; k < n[2]; k++)
                for (size_t atom = 0; atom < s->n_atoms; atom++, at++) {
                    out->species[at] = s->species[atom];
                    for (int x = 0; x < 3; x++)
                        out->positions[at][x] =
                            s->positions[atom][x] + i * s->cell[0][x] + j * s->cell[1][x] + k * s->cell[2][x];
                }
    for (int row = 0; row < 3; row++) {
        out->pbc[row] = s->pbc[row];
        for (int x = 0; x < 3; x++) out->cell[row][x] = n[row] * s->cell[row][x];
    }
    return MLSOAP_SUCCESS;
}

static mlsoap_status run(audit *a, mlsoap_error *error)
{
    mlsoap_status status = mlsoap_workspace_new(a->potential, &a->workspace, error);
    if (!status && a->data) status = predict_frames(a->potential, a->data, NULL, error);
    if (!status) status = audit_samples(a, error);
    if (!status) status = audit_symmetry(a, error);
    if (!status) status = audit_derivatives(a, error);
    if (!status) status = audit_distances(a, error);
    if (!status) status = audit_dynamics(a, error);
    return status ? status : audit_aliasing(a, error);
}

mlsoap_status audit_run(const mlsoap_potential *potential, frame_set *data, audit_report *report, mlsoap_error *error)
{
    audit a = {.potential = potential, .data = data, .report = report};
    mlsoap_status status = run(&a, error);
    for (size_t i = 0; i < a.n_samples; i++) structure_release(&a.samples[i]);
    memory_free(a.samples);
    mlsoap_workspace_free(a.workspace);
    return status;
}

void audit_report_release(audit_report *report)
{
    for (size_t i = 0; i < report->n_items; i++) memory_free(report->items[i].text);
    for (size_t i = 0; i < report->n_curves; i++) {
        memory_free(report->curves[i].x);
        memory_free(report->curves[i].y);
    }
    memory_free(report->items);
    memory_free(report->curves);
    *report = (audit_report){0};
}

audit_verdict audit_report_verdict(const audit_report *report)
{
    audit_verdict worst = AUDIT_PASS;
    for (size_t i = 0; i < report->n_items; i++)
        if (report->items[i].verdict != AUDIT_SKIPPED && report->items[i].verdict > worst)
            worst = report->items[i].verdict;
    return worst;
}

const char *audit_verdict_name(audit_verdict verdict)
{
    static const char *const names[] = {"pass", "warn", "fail", "skipped"};
    return names[verdict];
}

void audit_print(const audit_report *report, FILE *file)
{
    for (size_t i = 0; i < report->n_items; i++) {
        const audit_item *item = &report->items[i];
        fprintf(file, "%-8s %-22s ", audit_verdict_name(item->verdict), item->name);
        if (isnan(item->limit))
            fprintf(file, "%30s", "");
        else
            fprintf(file, "%10.3g <= %-7.3g %-9s", item->value, item->limit, item->unit);
        fprintf(file, "  %s\n", item->text);
    }
}

json_t *audit_json(const audit_report *report)
{
    json_t *items = json_array();
    for (size_t i = 0; i < report->n_items; i++) {
        const audit_item *item = &report->items[i];
        json_array_append_new(items, json_pack("{s:s, s:s, s:o, s:o, s:s, s:s}", "name", item->name, "verdict",
                                               audit_verdict_name(item->verdict), "value",
                                               isfinite(item->value) ? json_real(item->value) : json_null(), "limit",
                                               isfinite(item->limit) ? json_real(item->limit) : json_null(), "unit",
                                               item->unit, "text", item->text));
    }
    return json_pack("{s:o, s:s}", "items", items, "verdict", audit_verdict_name(audit_report_verdict(report)));
}
