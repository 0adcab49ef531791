/* SPDX-License-Identifier: BSD-3-Clause */
/* Lists of element symbols; see species_list.h. */
#include "descriptors/species_list.h"

#include "core/elements.h"
#include "core/memory.h"

#include <stdlib.h>
#include <string.h>

static int compare_integers(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

mlsoap_status species_list_read(const json_t *list, const char *path, const char *key, int keep_order,
                                const schema_source *source, int **species, int *n, mlsoap_error *error)
{
    size_t count = json_array_size(list);
    *n = (int)count;
    if (count == 0 || count > ELEMENT_MAX)
        return schema_fail(source, path, key, error, "%zu elements; list one or more, such as [Si, C]", count);
    *species = MEMORY_NEW(int, count);
    if (!*species) return status_no_memory(error, count * sizeof(int), key);
    for (size_t i = 0; i < count; i++) {
        const char *symbol = json_string_value(json_array_get(list, i));
        (*species)[i] = symbol ? element_from_symbol(symbol, strlen(symbol)) : -1;
        if ((*species)[i] < 1)
            return schema_fail(source, path, key, error, "'%.40s' is not the symbol of an element",
                               symbol ? symbol : "(not a text)");
        for (size_t k = 0; k < i; k++)
            if ((*species)[k] == (*species)[i])
                return schema_fail(source, path, key, error, "%s is listed twice", element_symbol((*species)[i]));
    }
    if (!keep_order) qsort(*species, count, sizeof **species, compare_integers);
    return MLSOAP_SUCCESS;
}
