/* SPDX-License-Identifier: BSD-3-Clause */
/* What an audit finds; see audit_report.h. */
#include "app/audit/audit_report.h"

#include "core/memory.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

static mlsoap_status __attribute__((format(printf, 3, 0)))
add_item(audit_report *r, audit_item item, const char *format, va_list arguments, mlsoap_error *error)
{
    char text[512];
    vsnprintf(text, sizeof text, format, arguments);
    item.text = memory_copy_text(text);
    if (!item.text || !MEMORY_RESERVE(&r->items, &r->capacity_items, r->n_items + 1)) {
        memory_free(item.text);
        return status_no_memory(error, sizeof item, "the audit");
    }
    r->items[r->n_items++] = item;
    return MLSOAP_SUCCESS;
}

mlsoap_status audit_report_add(audit_report *report, const char *name, double value, double limit, const char *unit,
                               audit_verdict otherwise, mlsoap_error *error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    audit_item item = {name, value <= limit ? AUDIT_PASS : otherwise, value, limit, unit, NULL};
    mlsoap_status status = add_item(report, item, format, arguments, error);
    va_end(arguments);
    return status;
}

mlsoap_status audit_report_say(audit_report *report, const char *name, audit_verdict verdict, mlsoap_error *error,
                               const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    mlsoap_status status = add_item(report, (audit_item){name, verdict, NAN, NAN, "", NULL}, format, arguments, error);
    va_end(arguments);
    return status;
}

mlsoap_status audit_report_add_curve(audit_report *r, const char *kind, const char *name, const double *x,
                                     const double *y, size_t n, mlsoap_error *error)
{
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

void audit_report_print(const audit_report *report, FILE *file)
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

json_t *audit_report_json(const audit_report *report)
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
