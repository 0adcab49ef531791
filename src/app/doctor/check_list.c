/* SPDX-License-Identifier: BSD-3-Clause */
/* Findings; see check_list.h. */
#include "app/doctor/check_list.h"

#include "core/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *const check_error_names[] = {"units", "unused_target", "no_forces", "virial", "train_test", NULL};

mlsoap_status check_add(check_list *list, const char *name, check_severity severity, size_t count, mlsoap_error *error,
                        const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    check_finding added = {name, severity, false, count, memory_copy_text(text)};
    for (size_t k = 0; severity == CHECK_ERROR && list->allow && list->allow[k]; k++)
        added.allowed |= strcmp(list->allow[k], name) == 0;
    if (!added.text || !MEMORY_RESERVE(&list->items, &list->capacity, list->n + 1)) {
        memory_free(added.text);
        return status_no_memory(error, sizeof text, "the checks of the data");
    }
    list->items[list->n++] = added;
    return MLSOAP_SUCCESS;
}

void check_list_release(check_list *list)
{
    for (size_t i = 0; i < list->n; i++) memory_free(list->items[i].text);
    memory_free(list->items);
    list->items = NULL;
    list->n = list->capacity = 0;
}

mlsoap_status check_list_verdict(const check_list *list, mlsoap_error *error)
{
    const check_finding *first = NULL;
    size_t n_errors = 0;
    for (size_t i = 0; i < list->n; i++) {
        if (list->items[i].severity != CHECK_ERROR || list->items[i].allowed) continue;
        if (!first) first = &list->items[i];
        n_errors++;
    }
    if (!first) return MLSOAP_SUCCESS;
    char more[64] = "";
    if (n_errors > 1) snprintf(more, sizeof more, " (and %zu more errors)", n_errors - 1);
    return status_fail(error, MLSOAP_ERROR_VALUE, "%s; to train all the same: --allow %s%s", first->text, first->name,
                       more);
}
