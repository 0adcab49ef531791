/* SPDX-License-Identifier: BSD-3-Clause */
/** @file status.h
 *  Filling in mlsoap_error. Use: `return status_fail(error, MLSOAP_ERROR_VALUE, "r_cut is %g; it must be > 0", r);` */
#ifndef MLSOAP_STATUS_H
#define MLSOAP_STATUS_H

#include "mlsoap.h"

/** Fill `error` (NULL allowed) and return `code`. The message is truncated, never overrun. */
mlsoap_status status_fail(mlsoap_error *error, mlsoap_status code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** The same with a place in an input file: the message starts with "file:line: " ("file: " where line is 0). */
mlsoap_status status_fail_at(mlsoap_error *error, mlsoap_status code, const char *file, long line, const char *format,
                             ...) __attribute__((format(printf, 5, 6)));

/** Put "text: " in front of the message that `error` (NULL allowed) holds; returns error->code or `code`. For a caller
 *  that knows the frame, term or key in which the callee failed. */
mlsoap_status status_prefix(mlsoap_error *error, mlsoap_status code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** Allocation of `bytes` for `what` failed. */
mlsoap_status status_no_memory(mlsoap_error *error, size_t bytes, const char *what);

#endif
