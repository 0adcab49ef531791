/* SPDX-License-Identifier: BSD-3-Clause */
/** @file check_list.h
 *  What was found to be wrong with data. Errors stop a training unless `--allow NAME`; warnings are listed, counted and
 *  kept in the report (design: section 5). */
#ifndef MLSOAP_CHECK_LIST_H
#define MLSOAP_CHECK_LIST_H

#include "core/status.h"

#include <stdbool.h>
#include <stddef.h>

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

/** MLSOAP_ERROR_VALUE with the first error that is not allowed (and how many more there are). */
mlsoap_status check_list_verdict(const check_list *list, mlsoap_error *error);

#endif
