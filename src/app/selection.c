/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of selection methods; see selection.h. */
#include "app/selection.h"

#include "app/cur.h"
#include "app/fps.h"

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
