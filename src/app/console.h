/* SPDX-License-Identifier: BSD-3-Clause */
/** @file console.h
 *  Messages of the programs: stderr, with the name of the command in front. Results go to stdout. */
#ifndef MLSOAP_CONSOLE_H
#define MLSOAP_CONSOLE_H

#include "core/status.h"

/** "mlsoap eval: error: message"; returns the exit code for it: EXIT_INTERRUPTED or EXIT_BAD_INPUT. */
int console_fail(const char *command, const mlsoap_error *error);
/** The same for a fault of the caller's; returns EXIT_USAGE. */
int console_usage(const char *command, const char *format, ...) __attribute__((format(printf, 2, 3)));
/** "mlsoap eval: warning: ..." */
void console_warn(const char *command, const char *format, ...) __attribute__((format(printf, 2, 3)));
/** Flush stdout: a full disk behind it is an error too. Returns `code`, or EXIT_BAD_INPUT. */
int console_finish(const char *command, int code);

#endif
