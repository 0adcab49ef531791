/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of fits; see fit_method.h. */
#include "fit_method.h"

#include "app/config_terms.h"
#include "core/elements.h"
#include "solvers/network/network_fit.h"
#include "solvers/sparse_gp_fit.h"

#include <stdio.h>
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

static void add_word(char *text, size_t size, const char *word)
{
    size_t n = strlen(text);
    snprintf(text + n, size - n, "%s%s", n ? ", " : "", word);
}

mlsoap_status fit_fail_centers(const fit_problem *problem, size_t i_term, mlsoap_error *error)
{
    const dataset *data = problem->data;
    const json_t *names = problem->terms[i_term].descriptor_names;
    char path[CONFIG_TERM_PATH], descriptors[128] = "", elements[128] = "";
    config_term_path(problem->config->root, i_term, path);
    for (size_t i = 0; i < json_array_size(names); i++)
        add_word(descriptors, sizeof descriptors, json_string_value(json_array_get(names, i)));
    for (int i = 0; i < data->n_elements; i++) add_word(elements, sizeof elements, element_symbol(data->elements[i]));
    return schema_fail(&problem->config->source, path, "on", error,
                       "the training data, of %s, hold no center of its descriptors (%s): check their `centers` and "
                       "`species`, add such data%s",
                       elements, descriptors, problem->n_terms > 1 ? ", or leave the term away" : "");
}
