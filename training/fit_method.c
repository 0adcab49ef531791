/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of fits; see fit_method.h. */
#include "fit_method.h"

#include "app/config_terms.h"
#include "solvers/network/network_fit.h"
#include "solvers/sparse_gp_fit.h"

#include <string.h>

static const struct {
    const char *type;
    const fit_method *method;
} methods[] = {
    {"sparse_gp", &sparse_gp_fit_method}, {"linear", &sparse_gp_fit_method}, {"network", &network_fit_method}};

const fit_method *fit_method_find(const char *type)
{
    for (size_t i = 0; type && i < sizeof methods / sizeof *methods; i++)
        if (strcmp(methods[i].type, type) == 0) return methods[i].method;
    return NULL;
}

const fit_method *fit_method_of(const config *c)
{
    return fit_method_find(schema_text(config_term(c->root, 0), "type"));
}

void fit_result_release(fit_result *result)
{
    json_decref(result->terms);
    json_decref(result->loss);
    json_decref(result->summary);
    tensor_set_release(&result->tensors);
    memset(result, 0, sizeof *result);
}
