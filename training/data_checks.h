/* SPDX-License-Identifier: BSD-3-Clause */
/** @file data_checks.h
 *  What is wrong with the data, before time is spent on them. Errors stop the run unless `--allow NAME`; warnings are
 *  listed, counted and kept in the report (design: section 5). */
#ifndef MLSOAP_DATA_CHECKS_H
#define MLSOAP_DATA_CHECKS_H

#include "dataset.h"

typedef enum check_severity { CHECK_WARNING, CHECK_ERROR } check_severity;

typedef struct check_finding {
    const char *name;        /**< for --allow */
    check_severity severity; /**< as found; `allowed` errors do not stop */
    bool allowed;
    size_t count;
    char *text; /**< one line: what, where, what to do */
} check_finding;

typedef struct check_list {
    check_finding *items;
    size_t n, capacity;
    const char *const *allow; /**< NULL-terminated names of --allow; NULL = none */
} check_list;

/** NULL-terminated names of all errors that can be allowed. */
extern const char *const check_error_names[];

/** Add a finding. Error: MLSOAP_ERROR_MEMORY. */
mlsoap_status check_add(check_list *list, const char *name, check_severity severity, size_t count, mlsoap_error *error,
                        const char *format, ...) __attribute__((format(printf, 6, 7)));
void check_list_release(check_list *list);

/** What the files hold. units: lengths of a file that states no units do not fit bonds. unused_target: a key of a file
 * looks like a target and is not used. no_forces: no training frame has forces although their factor in the loss is not
 * 0. Warning: missing_target. After dataset_read. */
mlsoap_status data_checks_targets(const dataset *data, const config *c, check_list *list, mlsoap_error *error);

/** What the frames say. train_test: a test frame (or one of validation files) is also in the training data. Warnings:
 *  symmetry_equivalent, repeats, net_force, outlier_energy, outlier_force. After dataset_split.
 *  @param[in] offsets  of data->elements, eV */
mlsoap_status data_checks_frames(const dataset *data, const double *offsets, check_list *list, mlsoap_error *error);

/** MLSOAP_ERROR_VALUE with the first error that is not allowed (and how many more there are). */
mlsoap_status check_list_verdict(const check_list *list, mlsoap_error *error);

#endif
