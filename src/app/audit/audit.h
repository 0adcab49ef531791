/* SPDX-License-Identifier: BSD-3-Clause */
/** @file audit.h
 *  The audit of a potential, `mlsoap audit`: laws that it must obey, behavior that dynamics needs, and structures that
 *  its descriptor cannot tell apart; each with a figure, a limit and a verdict. */
#ifndef MLSOAP_AUDIT_H
#define MLSOAP_AUDIT_H

#include "app/audit/audit_report.h"
#include "io/frame.h"
#include "potential/potential.h"

/** Audit a potential.
 *  @param[in,out] data  frames with elements of the potential; predictions are filled in. NULL: structures are made up
 *  Errors: those of evaluation and of descriptors, MLSOAP_ERROR_MEMORY. A failed item is no error. Release the report
 *  in any case. */
mlsoap_status audit_run(const mlsoap_potential *potential, frame_set *data, audit_report *report, mlsoap_error *error);

/** A self-contained page. Errors: MLSOAP_ERROR_FILE, _MEMORY. */
mlsoap_status audit_write_page(const audit_report *report, const mlsoap_potential *potential, const char *title,
                               const char *path, mlsoap_error *error);

#endif
