/* SPDX-License-Identifier: BSD-3-Clause */
/* Status codes and messages; see status.h and mlsoap.h. */
#include "core/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const status_texts[] = {
    "success",       "invalid argument",  "out of memory",     "file error",        "malformed input",
    "invalid value", "unknown element",   "capacity exceeded", "checksum mismatch", "unknown format version",
    "not supported", "numerical failure", "interrupted",       "internal error",
};

const char *mlsoap_version(void)
{
    return MLSOAP_VERSION;
}

const char *mlsoap_status_text(mlsoap_status status)
{
    size_t i = (size_t)status;
    return i < sizeof status_texts / sizeof *status_texts ? status_texts[i] : "unknown status";
}

static void error_set(mlsoap_error *error, mlsoap_status code, const char *file, long line)
{
    error->code = code;
    error->line = line;
    snprintf(error->file, sizeof error->file, "%s", file ? file : "");
    error->message[0] = '\0';
}

mlsoap_status status_fail(mlsoap_error *error, mlsoap_status code, const char *format, ...)
{
    if (!error) return code;
    error_set(error, code, NULL, 0);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error->message, sizeof error->message, format, arguments);
    va_end(arguments);
    return code;
}

mlsoap_status status_fail_at(mlsoap_error *error, mlsoap_status code, const char *file, long line, const char *format,
                             ...)
{
    if (!error) return code;
    error_set(error, code, file, line);
    int n = line > 0 ? snprintf(error->message, sizeof error->message, "%s:%ld: ", file ? file : "input", line)
                     : snprintf(error->message, sizeof error->message, "%s: ", file ? file : "input");
    if (n < 0 || (size_t)n >= sizeof error->message) return code;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error->message + n, sizeof error->message - (size_t)n, format, arguments);
    va_end(arguments);
    return code;
}

mlsoap_status status_prefix(mlsoap_error *error, mlsoap_status code, const char *format, ...)
{
    if (!error) return code;
    char prefix[sizeof error->message], whole[2 * sizeof error->message + 2];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(prefix, sizeof prefix, format, arguments);
    va_end(arguments);
    snprintf(whole, sizeof whole, "%s: %s", prefix, error->message);
    memcpy(error->message, whole, sizeof error->message - 1);
    error->message[sizeof error->message - 1] = '\0';
    return error->code;
}

mlsoap_status status_no_memory(mlsoap_error *error, size_t bytes, const char *what)
{
    return status_fail(error, MLSOAP_ERROR_MEMORY, "out of memory: %s needs %zu bytes", what, bytes);
}
