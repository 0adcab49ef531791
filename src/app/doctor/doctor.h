/* SPDX-License-Identifier: BSD-3-Clause */
/** @file doctor.h
 *  The data doctor, `mlsoap data check`: what the data hold and what is wrong with them, as text, JSON and a page. */
#ifndef MLSOAP_DOCTOR_H
#define MLSOAP_DOCTOR_H

#include "app/doctor/data_checks.h"
#include "app/doctor/training_domain.h"

#include <jansson.h>
#include <stdio.h>

/** What was found. Zero-initialize; set checks.allow before. */
typedef struct doctor_report {
    check_list checks;
    data_consistency consistency;
    json_t *summary; /**< {"files", "config_types", "elements", "offsets", "shortest", "consistency", "findings",
                        "errors", "warnings"}: see training/README.md */
} doctor_report;

/** Look at the data with every check of the trainer. Things that would stop a training are findings, no errors.
 *  Errors: those of neighbor_list_build (two atoms in one place) and of descriptors, MLSOAP_ERROR_MEMORY. Release in
 * any case. */
mlsoap_status doctor_examine(const checked_data *data, doctor_report *report, mlsoap_error *error);
void doctor_report_release(doctor_report *report);

/** The summary as text. */
void doctor_print(const doctor_report *report, FILE *file);
/** A self-contained page. Errors: MLSOAP_ERROR_FILE, _MEMORY. */
mlsoap_status doctor_write_page(const doctor_report *report, const checked_data *data, const char *path,
                                mlsoap_error *error);

#endif
