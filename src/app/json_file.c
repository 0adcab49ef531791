/* SPDX-License-Identifier: BSD-3-Clause */
/* JSON documents in files; see json_file.h. */
#include "app/json_file.h"

#include "core/file.h"

#include <stdlib.h>
#include <string.h>

mlsoap_status json_file_write(const char *path, const json_t *json, size_t flags, const char *what, mlsoap_error *error)
{
    char *text = json ? json_dumps(json, JSON_INDENT(1) | flags) : NULL;
    mlsoap_status status = text ? file_write(path, text, strlen(text), error) : status_no_memory(error, 4096, what);
    free(text); /* NOLINT: of jansson */
    return status;
}
