/* SPDX-License-Identifier: BSD-3-Clause */
/** @file audit_report.h
 *  What an audit finds: items, each with a figure, a limit and a verdict, and curves; as text, JSON and a page. */
#ifndef MLSOAP_AUDIT_REPORT_H
#define MLSOAP_AUDIT_REPORT_H

#include "core/status.h"

#include <jansson.h>
#include <stdio.h>

typedef enum audit_verdict { AUDIT_PASS, AUDIT_WARN, AUDIT_FAIL, AUDIT_SKIPPED } audit_verdict;

/** One question and its answer. */
typedef struct audit_item {
    const char *name;
    audit_verdict verdict;
    double value, limit; /**< NaN: there is none */
    const char *unit;
    char *text; /**< one line: what was done and found */
} audit_item;

/** A curve to plot. */
typedef struct audit_curve {
    const char *kind; /**< "dimer", "compression", "dynamics" or "cutoff scan" */
    char name[16];    /**< "Si-Si" */
    double *x, *y;    /**< [n] */
    size_t n;
} audit_curve;

typedef struct audit_report {
    audit_item *items;
    size_t n_items, capacity_items;
    audit_curve *curves;
    size_t n_curves, capacity_curves;
} audit_report;

/** Add an item whose verdict is AUDIT_PASS where value <= limit (NaN is not), else `otherwise`.
 *  Error: MLSOAP_ERROR_MEMORY. */
mlsoap_status audit_report_add(audit_report *report, const char *name, double value, double limit, const char *unit,
                               audit_verdict otherwise, mlsoap_error *error, const char *format, ...)
    __attribute__((format(printf, 8, 9)));
/** Add an item without a figure. Error: MLSOAP_ERROR_MEMORY. */
mlsoap_status audit_report_say(audit_report *report, const char *name, audit_verdict verdict, mlsoap_error *error,
                               const char *format, ...) __attribute__((format(printf, 5, 6)));
/** Keep a copy of a curve. Error: MLSOAP_ERROR_MEMORY. */
mlsoap_status audit_report_add_curve(audit_report *report, const char *kind, const char *name, const double *x,
                                     const double *y, size_t n, mlsoap_error *error);
void audit_report_release(audit_report *report);

/** The worst verdict of all items. */
audit_verdict audit_report_verdict(const audit_report *report);
/** "pass", "warn", "fail", "skipped". */
const char *audit_verdict_name(audit_verdict verdict);

void audit_report_print(const audit_report *report, FILE *file);
/** {"items": [{"name", "verdict", "value", "limit", "unit", "text"}], "verdict"}; NULL: no memory. */
json_t *audit_report_json(const audit_report *report);

#endif
