/* SPDX-License-Identifier: BSD-3-Clause */
/** @file report_parts.h
 *  The parts of the report: tables and plots. */
#ifndef MLSOAP_REPORT_PARTS_H
#define MLSOAP_REPORT_PARTS_H

#include "app/html_page.h"
#include "parity.h"
#include "report.h"

/** References, predictions and directions of one set of frames. */
typedef struct report_data {
    parity_data targets[N_FRAME_TARGETS];
    parity_directions directions;
} report_data;

/** "Training set" ... */
extern const char *const report_part_titles[N_REPORT_PARTS];

/** Errors of every set, the test first. */
void report_put_tables(html_page *p, const report_input *in, const report_data data[N_REPORT_PARTS]);
/** Every plot that there are data for. */
void report_put_plots(html_page *p, const report_input *in, report_data data[N_REPORT_PARTS]);

#endif
