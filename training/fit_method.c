/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of fits; see fit_method.h. */
#include "fit_method.h"

#include "solvers/network/network_fit.h"
#include "solvers/sparse_gp_fit.h"

#include <string.h>

static const fit_method *const methods[] = {&sparse_gp_fit_method, &network_fit_method, &linear_fit_method};

const fit_method *fit_method_find(const char *type)
{
    for (size_t i = 0; type && i < sizeof methods / sizeof *methods; i++)
        if (strcmp(methods[i]->type, type) == 0) return methods[i];
    return NULL;
}

void fit_result_release(fit_result *result)
{
    json_decref(result->term);
    json_decref(result->loss);
    json_decref(result->summary);
    tensor_set_release(&result->tensors);
    memset(result, 0, sizeof *result);
}
