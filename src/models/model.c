/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of models; see model.h. */
#include "models/linear.h"
#include "models/network/network.h"
#include "models/sparse_gp/sparse_gp.h"

#include <string.h>

static const model_class *const classes[] = {&sparse_gp_class, &network_class, &linear_class};
static const char *const names[] = {"sparse_gp", "network", "linear", NULL};

const model_class *model_class_find(const char *type)
{
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
        if (strcmp(classes[i]->type, type) == 0) return classes[i];
    return NULL;
}

const char *const *model_class_names(void)
{
    return names;
}

void model_free(model *m)
{
    if (m) m->class_->free(m);
}
