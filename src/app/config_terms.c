/* SPDX-License-Identifier: BSD-3-Clause */
/* The terms of `model`: a mapping is one, a list holds several; see config.h. */
#include "app/config_terms.h"

#include "core/memory.h"
#include "core/parse.h"

#include <stdio.h>
#include <string.h>

/* Keys of the one least-squares problem of all terms. */
static const char *const shared_keys[] = {"noise", "sigma", "jitter", "factorization", "keep_triangles"};
enum { N_SHARED_KEYS = sizeof shared_keys / sizeof *shared_keys };

size_t config_n_terms(const json_t *root)
{
    const json_t *model = json_object_get(root, "model");
    return json_is_array(model) ? json_array_size(model) : 1;
}

json_t *config_term(const json_t *root, size_t i)
{
    json_t *model = json_object_get(root, "model");
    return json_is_array(model) ? json_array_get(model, i) : model;
}

void config_term_path(const json_t *root, size_t i, char path[CONFIG_TERM_PATH])
{
    if (json_is_array(json_object_get(root, "model")))
        snprintf(path, CONFIG_TERM_PATH, "model.%zu", i);
    else
        snprintf(path, CONFIG_TERM_PATH, "model");
}

/* 0 and 0.0 are the same setting. */
static bool same_value(const json_t *a, const json_t *b)
{
    if (json_is_number(a) && json_is_number(b)) return json_number_value(a) == json_number_value(b);
    return a == b || json_equal(a, b);
}

/* A list of one mapping is that mapping. */
static mlsoap_status check_list(config *c, mlsoap_error *error)
{
    json_t *list = json_object_get(c->root, "model");
    char path[CONFIG_TERM_PATH];
    if (!json_is_array(list)) return MLSOAP_SUCCESS;
    if (json_array_size(list) == 0)
        return schema_fail(&c->source, "", "model", error,
                           "the list of terms is empty; leave the key away, or name one");
    for (size_t i = 0; i < json_array_size(list); i++) {
        config_term_path(c->root, i, path);
        if (!json_is_object(json_array_get(list, i)))
            return schema_fail(&c->source, path, NULL, error,
                               "a term is a mapping, such as {on: [soap], type: sparse_gp, zeta: 2}");
    }
    if (json_array_size(list) == 1 && json_object_set(c->root, "model", json_array_get(list, 0)))
        return status_no_memory(error, sizeof(void *), "the configuration");
    return MLSOAP_SUCCESS;
}

/* Kinds and keys that cannot stand beside others. */
static mlsoap_status check_alone(const config *c, mlsoap_error *error)
{
    char path[CONFIG_TERM_PATH];
    size_t n = config_n_terms(c->root);
    for (size_t i = 0; i < n && n > 1; i++) {
        config_term_path(c->root, i, path);
        if (schema_is_text(json_object_get(config_term(c->root, i), "type"), "network"))
            return schema_fail(
                &c->source, path, "type", error,
                "a network cannot be one of several terms: they are fitted in one least-squares problem; "
                "give sparse_gp or linear, or the network alone, on all descriptors side by side");
        if (json_object_get(config_term(c->root, i), "sparse_points"))
            return schema_fail(&c->source, path, "sparse_points", error,
                               "points of a file can be taken over for a model of one term; leave the key away");
    }
    return MLSOAP_SUCCESS;
}

static bool has_row(const schema_key *table, const char *name)
{
    while (table->name && strcmp(table->name, name) != 0) table++;
    return table->name != NULL;
}

/* A key of the whole problem may stand in any term, and holds for all. */
static mlsoap_status share_key(config *c, const char *key, mlsoap_error *error)
{
    size_t n = config_n_terms(c->root), first = 0;
    char path[CONFIG_TERM_PATH];
    while (first < n && !json_object_get(config_term(c->root, first), key)) first++;
    for (size_t i = 0; i < n && first < n; i++) {
        json_t *term = config_term(c->root, i), *value = json_object_get(config_term(c->root, first), key),
               *own = json_object_get(term, key);
        config_term_path(c->root, i, path);
        if (own && !same_value(own, value))
            return schema_fail(&c->source, path, key, error,
                               "differs from that of model.%zu: it belongs to the fit of all terms together; give it "
                               "once, in any of them",
                               first);
        if (!own && has_row(config_model_schema(term), key) && json_object_set_new(term, key, json_deep_copy(value)))
            return status_no_memory(error, sizeof(void *), "the configuration");
    }
    return MLSOAP_SUCCESS;
}

mlsoap_status config_complete_terms(config *c, mlsoap_error *error)
{
    mlsoap_status status = check_list(c, error);
    if (!status) status = check_alone(c, error);
    for (int k = 0; k < N_SHARED_KEYS && !status; k++) status = share_key(c, shared_keys[k], error);
    for (size_t i = 0; i < config_n_terms(c->root) && !status; i++) {
        char path[CONFIG_TERM_PATH];
        json_t *term = config_term(c->root, i);
        config_term_path(c->root, i, path);
        status = schema_complete(term, config_model_schema(term), path, &c->source, error);
    }
    return status;
}

/* ----------------------------------------------------------------------------------------------------- descriptors */

static bool names(const json_t *on, const json_t *name)
{
    for (size_t i = 0; i < json_array_size(on); i++)
        if (json_equal(json_array_get(on, i), name)) return true;
    return false;
}

bool config_term_has(const json_t *term, const json_t *descriptor)
{
    const json_t *on = json_object_get(term, "on");
    return !on || names(on, json_object_get(descriptor, "name"));
}

static mlsoap_status fail_name(const config *c, const char *path, const char *name, mlsoap_error *error)
{
    const json_t *list = json_object_get(c->root, "descriptors");
    size_t n = json_array_size(list);
    const char **all = MEMORY_NEW(const char *, n + 1);
    if (!all) return status_no_memory(error, (n + 1) * sizeof *all, "the names of the descriptors");
    for (size_t i = 0; i < n; i++) all[i] = json_string_value(json_object_get(json_array_get(list, i), "name"));
    const char *near = parse_nearest(name, all);
    mlsoap_status status =
        schema_fail(&c->source, path, "on", error, "there is no descriptor with the name `%s`; did you mean `%s`?",
                    name, near ? near : all[0]);
    memory_free(all);
    return status;
}

static mlsoap_status check_names(const config *c, size_t i_term, mlsoap_error *error)
{
    const json_t *on = json_object_get(config_term(c->root, i_term), "on"),
                 *list = json_object_get(c->root, "descriptors");
    char path[CONFIG_TERM_PATH];
    config_term_path(c->root, i_term, path);
    if (on && json_array_size(on) == 0)
        return schema_fail(&c->source, path, "on", error, "the list is empty; name descriptors");
    for (size_t i = 0; i < json_array_size(on); i++) {
        const json_t *name = json_array_get(on, i);
        bool found = false;
        if (!json_is_string(name))
            return schema_fail(&c->source, path, "on", error, "item %zu is not a text; name descriptors", i);
        for (size_t j = 0; j < json_array_size(list); j++)
            found |= json_equal(name, json_object_get(json_array_get(list, j), "name"));
        if (!found) return fail_name(c, path, json_string_value(name), error);
        for (size_t j = 0; j < i; j++)
            if (json_equal(name, json_array_get(on, j)))
                return schema_fail(&c->source, path, "on", error, "`%s` is named twice", json_string_value(name));
    }
    return MLSOAP_SUCCESS;
}

mlsoap_status config_check_on(const config *c, mlsoap_error *error)
{
    const json_t *list = json_object_get(c->root, "descriptors");
    size_t n_terms = config_n_terms(c->root);
    mlsoap_status status = MLSOAP_SUCCESS;
    if (json_array_size(list) == 0) return MLSOAP_SUCCESS; /* yet to be chosen */
    for (size_t i = 0; i < n_terms && !status; i++) status = check_names(c, i, error);
    for (size_t j = 0; j < json_array_size(list) && !status; j++) {
        const json_t *d = json_array_get(list, j);
        char path[64];
        bool used = false;
        for (size_t i = 0; i < n_terms; i++) used |= config_term_has(config_term(c->root, i), d);
        snprintf(path, sizeof path, "descriptors.%zu", j);
        if (!used)
            status =
                schema_fail(&c->source, path, "name", error,
                            "no term of the model acts on `%s`; name it in `on` of one, or leave the descriptor away",
                            json_string_value(json_object_get(d, "name")));
    }
    return status;
}

/* ------------------------------------------------------------------------------------------------------ duplicates */

static bool same_descriptors(const json_t *list, const json_t *a, const json_t *b)
{
    for (size_t j = 0; j < json_array_size(list); j++)
        if (config_term_has(a, json_array_get(list, j)) != config_term_has(b, json_array_get(list, j))) return false;
    return true;
}

/* The basis functions of a term follow from its descriptors and these. */
static bool same_functions(const json_t *a, const json_t *b)
{
    static const char *const keys[] = {"type", "zeta", "normalized", "constant"};
    for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
        if (!same_value(json_object_get(a, keys[k]), json_object_get(b, keys[k]))) return false;
    }
    return true;
}

mlsoap_status config_check_duplicates(const config *c, mlsoap_error *error)
{
    const json_t *list = json_object_get(c->root, "descriptors");
    char path[CONFIG_TERM_PATH];
    for (size_t i = 0; i < config_n_terms(c->root); i++)
        for (size_t j = 0; j < i; j++) {
            const json_t *a = config_term(c->root, i), *b = config_term(c->root, j);
            if (!same_descriptors(list, a, b) || !same_functions(a, b)) continue;
            config_term_path(c->root, i, path);
            return schema_fail(&c->source, path, "on", error,
                               "model.%zu is the same model of the same descriptors: nothing could tell the two apart; "
                               "leave one away, or give them other descriptors or another zeta",
                               j);
        }
    return MLSOAP_SUCCESS;
}
