/* SPDX-License-Identifier: BSD-3-Clause */
/** @file audit.h
 *  The audit of a potential, `mlsoap audit`: laws that it must obey, behavior that dynamics needs, and structures that
 *  its descriptor cannot tell apart; each with a figure, a limit and a verdict. */
#ifndef MLSOAP_AUDIT_H
#define MLSOAP_AUDIT_H

#include "io/frame.h"
#include "potential/potential.h"

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
    const char *kind; /**< "dimer", "compression" or "dynamics" */
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

/** What is at work. */
typedef struct audit {
    const mlsoap_potential *potential;
    mlsoap_workspace *workspace;
    structure *samples; /**< [n_samples] of the data, or made */
    size_t n_samples;
    frame_set *data; /**< with predictions; NULL: none */
    audit_report *report;
} audit;

/** Audit a potential.
 *  @param[in,out] data  frames with elements of the potential; predictions are filled in. NULL: structures are made up
 *  Errors: those of evaluation and of descriptors, MLSOAP_ERROR_MEMORY. A failed item is no error. Release in any case.
 */
mlsoap_status audit_run(const mlsoap_potential *potential, frame_set *data, audit_report *report, mlsoap_error *error);
void audit_report_release(audit_report *report);

/** The worst verdict of all items. */
audit_verdict audit_report_verdict(const audit_report *report);
/** "pass", "warn", "fail", "skipped". */
const char *audit_verdict_name(audit_verdict verdict);

void audit_print(const audit_report *report, FILE *file);
/** {"items": [{"name", "verdict", "value", "limit", "unit", "text"}], "verdict"}; NULL: no memory. */
json_t *audit_json(const audit_report *report);
/** A self-contained page. Errors: MLSOAP_ERROR_FILE, _MEMORY. */
mlsoap_status audit_write_page(const audit_report *report, const mlsoap_potential *potential, const char *title,
                               const char *path, mlsoap_error *error);

/* ---- for the parts of the audit ---- */

/** Add an item whose verdict is AUDIT_PASS where value <= limit (NaN is not), else `otherwise`. */
mlsoap_status audit_add(audit *a, const char *name, double value, double limit, const char *unit,
                        audit_verdict otherwise, mlsoap_error *error, const char *format, ...)
    __attribute__((format(printf, 8, 9)));
/** Add an item without a figure. */
mlsoap_status audit_say(audit *a, const char *name, audit_verdict verdict, mlsoap_error *error, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
/** Keep a copy of a curve. */
mlsoap_status audit_add_curve(audit *a, const char *kind, const char *name, const double *x, const double *y, size_t n,
                              mlsoap_error *error);
/** Energy, and where not NULL forces and virial, of a structure. */
mlsoap_status audit_evaluate(audit *a, const structure *s, double *energy, double (*forces)[3], double *virial,
                             mlsoap_error *error);
/** n1 x n2 x n3 copies of a structure; image 0 of all atoms first. Release with structure_release. */
mlsoap_status audit_replicate(const structure *s, const int n[3], structure *out, mlsoap_error *error);

mlsoap_status audit_samples(audit *a, mlsoap_error *error);  /**< audit_samples.c */
mlsoap_status audit_symmetry(audit *a, mlsoap_error *error); /**< rotation, permutation, supercell */
mlsoap_status audit_derivatives(audit *a,
                                mlsoap_error *error);         /**< forces and virial against differences of energies */
mlsoap_status audit_distances(audit *a, mlsoap_error *error); /**< cutoff, dimers, compression */
mlsoap_status audit_dynamics(audit *a, mlsoap_error *error);  /**< drift at constant energy */
mlsoap_status audit_aliasing(audit *a, mlsoap_error *error);  /**< different structures with nearly equal descriptors */

#endif
