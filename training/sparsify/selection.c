/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of selection methods; see selection.h. */
#include "sparsify/selection.h"

#include "sparsify/cur.h"
#include "sparsify/fps.h"

#include <string.h>

static const struct {
    const char *name;
    selection_function *select;
} methods[] = {{"fps", fps_select}, {"cur", cur_select}};

selection_function *selection_find(const char *name)
{
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        if (strcmp(methods[i].name, name) == 0) return methods[i].select;
    return NULL;
}
