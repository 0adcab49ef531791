/* SPDX-License-Identifier: BSD-3-Clause */
/* Messages; see console.h. */
#include "app/console.h"

#include "app/arguments.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int console_fail(const char *command, const mlsoap_error *error)
{
    fprintf(stderr, "%s: error: %s\n", command, error->message[0] ? error->message : mlsoap_status_text(error->code));
    return error->code == MLSOAP_ERROR_INTERRUPTED ? EXIT_INTERRUPTED : EXIT_BAD_INPUT;
}

int console_usage(const char *command, const char *format, ...)
{
    va_list list;
    fprintf(stderr, "%s: error: ", command);
    va_start(list, format);
    vfprintf(stderr, format, list);
    va_end(list);
    fprintf(stderr, "\nSee `%s --help`.\n", command);
    return EXIT_USAGE;
}

void console_warn(const char *command, const char *format, ...)
{
    va_list list;
    fprintf(stderr, "%s: warning: ", command);
    va_start(list, format);
    vfprintf(stderr, format, list);
    va_end(list);
    fputc('\n', stderr);
}

int console_finish(const char *command, int code)
{
    bool failed = fflush(stdout) != 0;
    if (!failed && !ferror(stdout)) return code;
    fprintf(stderr, "%s: error: standard output could not be written; is the disk full?\n", command);
    return code ? code : EXIT_BAD_INPUT;
}
