/* SPDX-License-Identifier: BSD-3-Clause */
/** @file train_report.h
 *  From a fit to its report: facts, guesses without a model, curves of two atoms, cost of an evaluation. */
#ifndef MLSOAP_TRAIN_REPORT_H
#define MLSOAP_TRAIN_REPORT_H

#include "train_output.h"

/** Write the page. Errors: those of report_write and of evaluation. */
mlsoap_status train_report_write(const train_output *output, const char *path, const report_set sets[N_REPORT_PARTS],
                                 mlsoap_error *error);

#endif
