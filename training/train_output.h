/* SPDX-License-Identifier: BSD-3-Clause */
/** @file train_output.h
 *  What a fit becomes: a potential with its provenance and errors, and the files beside it. */
#ifndef MLSOAP_TRAIN_OUTPUT_H
#define MLSOAP_TRAIN_OUTPUT_H

#include "app/doctor/data_checks.h"
#include "app/doctor/training_domain.h"
#include "app/reliability.h"
#include "fit_method.h"
#include "potential/potential.h"
#include "report.h"

/** Assemble the potential of a fit, its uncertainty not calibrated; takes over the tensors of `result` (also on
 * failure). */
mlsoap_status train_potential(const fit_problem *problem, fit_result *result, mlsoap_potential **out,
                              mlsoap_error *error);

/** All that is written at the end. */
typedef struct train_output {
    const fit_problem *problem;
    mlsoap_potential *potential;
    const frame_set *sets[N_REPORT_PARTS]; /**< with predictions; NULL = absent */
    error_table tables[N_REPORT_PARTS];
    reliability reliability[N_REPORT_PARTS]; /**< n = 0: no uncertainty */
    const char *calibrated_on;               /**< name of the part; NULL: no uncertainty */
    const check_list *checks;
    const training_domain *domain;
    const char *command_line;
    const json_t *loss, *summary; /**< of the fit */
} train_output;

/** Provenance, errors and golden frames into the potential. */
mlsoap_status train_output_describe(const train_output *output, mlsoap_error *error);
/** X.mlsoap, X.config.yaml, X.parity.csv, X.report.html, in this order. */
mlsoap_status train_output_write(const train_output *output, mlsoap_error *error);

/** "X" + ending for the output "X.mlsoap" (or "X"); memory_free it. NULL: no memory. */
char *train_output_path(const config *c, const char *ending);

#endif
