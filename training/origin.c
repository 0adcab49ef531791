/* SPDX-License-Identifier: BSD-3-Clause */
/* What a training goes on from; see origin.h. */
#include "origin.h"

#include "app/config_terms.h"
#include "core/hash.h"
#include "core/memory.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* What the potential fixes. */
static const char *const fixed_keys[] = {"descriptors", "elements", "offsets", "zbl"};
/* What it decides where the user does not. */
static const char *const inherited_keys[] = {"model", "loss", "uncertainty"};

void origin_release(fit_origin *o)
{
    checkpoint_free(o->triangles);
    mlsoap_potential_free(o->potential);
    memory_free(o->path);
    *o = (fit_origin){0};
}

/* What an object lacks, from another. */
static bool complete(json_t *object, const json_t *from)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)from, key, value)
    {
        json_t *own = json_object_get(object, key);
        if (own && json_is_object(own) && json_is_object(value)) {
            if (!complete(own, value)) return false;
        } else if (!own && json_object_set_new(object, key, json_deep_copy(value))) {
            return false;
        }
    }
    return true;
}

static mlsoap_status fail_key(const fit_origin *o, config *c, const char *key, const char *why, mlsoap_error *error)
{
    return schema_fail(&c->source, "", key, error, "%s is %s; leave the key away", o->path, why);
}

static mlsoap_status settle_config(const fit_origin *o, config *c, mlsoap_error *error)
{
    const json_t *description = o->potential->description;
    const json_t *old = json_object_get(json_object_get(description, "provenance"), "config");
    const char *type = schema_text(config_term(old, 0), "type");
    if (!type)
        return status_fail_at(error, MLSOAP_ERROR_VALUE, o->path, 0,
                              "--from needs a potential that `mlsoap train` has made: this one does not say how");
    for (size_t i = 0; i < sizeof fixed_keys / sizeof *fixed_keys; i++)
        if (json_object_get(c->root, fixed_keys[i]))
            return fail_key(o, c, fixed_keys[i], "trained further, with what it was made with", error);
    const json_t *given = json_object_get(c->root, "model");
    if (given && !json_is_object(given))
        return fail_key(o, c, "model", "trained further as it is: only keys of its one model can be given", error);
    if (strcmp(type, "network") != 0 && (given || json_object_get(c->root, "loss")))
        return fail_key(o, c, given ? "model" : "loss",
                        "linear in its unknowns: new data are folded in with its own model and weights", error);
    json_t *chosen = json_object();
    bool good = chosen != NULL;
    for (size_t i = 0; i < sizeof inherited_keys / sizeof *inherited_keys && good; i++)
        if (json_object_get(old, inherited_keys[i]))
            good = !json_object_set(chosen, inherited_keys[i], json_object_get(old, inherited_keys[i]));
    if (good) good = !json_object_set(chosen, "zbl", json_object_get(old, "zbl"));
    for (int i = 0; i < 3 && good; i++) /* those with numbers */
        good = !json_object_set(chosen, fixed_keys[i], json_object_get(description, fixed_keys[i]));
    good = good && complete(c->root, chosen);
    json_decref(chosen);
    return good ? MLSOAP_SUCCESS : status_no_memory(error, 4096, "the configuration");
}

/* Kind and descriptors of every term. */
static json_t *term_models(const json_t *description)
{
    const json_t *terms = json_object_get(description, "terms");
    json_t *models = json_array();
    for (size_t i = 0; i < json_array_size(terms); i++) {
        const json_t *term = json_array_get(terms, i);
        json_array_append_new(models,
                              json_pack("{s:O, s:O}", "type", json_object_get(json_object_get(term, "model"), "type"),
                                        "descriptors", json_object_get(term, "descriptors")));
    }
    return models;
}

char *origin_triangles_path(const char *path)
{
    static const char suffix[] = ".mlsoap", ending[] = ".triangles";
    size_t n = strlen(path), n_suffix = sizeof suffix - 1, n_ending = sizeof ending - 1;
    if (n > n_ending && strcmp(path + n - n_ending, ending) == 0) n -= n_ending;
    if (n > n_suffix && strcmp(path + n - n_suffix, suffix) == 0) n -= n_suffix;
    char *name = MEMORY_NEW(char, n + sizeof ending);
    if (name) snprintf(name, n + sizeof ending, "%.*s%s", (int)n, path, ending);
    return name;
}

mlsoap_status origin_triangles(const char *path, const json_t *description, checkpoint **out, mlsoap_error *error)
{
    char *name = origin_triangles_path(path);
    json_t *models = term_models(description);
    json_t *fingerprint = json_pack("{s:s, s:O, s:O, s:o}", "version", mlsoap_version(), "elements",
                                    json_object_get(description, "elements"), "descriptors",
                                    json_object_get(description, "descriptors"), "models", models);
    mlsoap_status status = MLSOAP_SUCCESS;
    *out = NULL;
    if (!name || !fingerprint) {
        status = status_no_memory(error, 4096, "the triangles");
    } else {
        checkpoint_settings settings = {.path = name,
                                        .fingerprint = fingerprint,
                                        .interval = INFINITY,
                                        .advice = "train the potential once more with model.keep_triangles: true"};
        status = checkpoint_new(&settings, out, error);
    }
    json_decref(fingerprint);
    memory_free(name);
    return status;
}

static mlsoap_status read_triangles(fit_origin *o, mlsoap_error *error)
{
    char identity[HASH_HEX_SIZE] = "";
    const checkpoint_part part = {identity, HASH_HEX_SIZE - 1};
    bool found;
    mlsoap_status status = origin_triangles(o->path, o->potential->description, &o->triangles, error);
    if (!status) status = checkpoint_resume(o->triangles, &found, error);
    if (!status && !found)
        return status_fail_at(
            error, MLSOAP_ERROR_VALUE, o->path, 0,
            "its triangles are not beside it: --from folds new data into X.triangles, which "
            "`model.keep_triangles: true` writes together with X.mlsoap; train it once more with this "
            "key, or train anew on all data");
    if (!status) status = checkpoint_read(o->triangles, "identity", &part, 1, &found, error);
    if (!status && strcmp(identity, mlsoap_potential_identity(o->potential)) != 0)
        return status_fail_at(error, MLSOAP_ERROR_VALUE, o->path, 0,
                              "the triangles beside it belong to another potential (%.16s...)", identity);
    return status;
}

mlsoap_status origin_read(const char *path, config *c, fit_origin *o, mlsoap_error *error)
{
    *o = (fit_origin){.path = memory_copy_text(path)};
    if (!o->path) return status_no_memory(error, strlen(path) + 1, "a file name");
    mlsoap_status status = mlsoap_potential_read_file(path, &o->potential, error);
    if (!status) status = settle_config(o, c, error);
    const char *type = schema_text(config_term(c->root, 0), "type");
    return status || strcmp(type, "network") == 0 ? status : read_triangles(o, error);
}

mlsoap_status origin_elements(const fit_origin *o, int **elements, int *n_elements, mlsoap_error *error)
{
    const mlsoap_potential *p = o->potential;
    for (int e = 0; e < *n_elements; e++)
        if (p->element_index[(*elements)[e]] < 0)
            return status_fail_at(error, MLSOAP_ERROR_SPECIES, o->path, 0,
                                  "the training data hold the element of atomic number %d, which this potential lacks",
                                  (*elements)[e]);
    int *list = MEMORY_NEW(int, (size_t)p->n_elements);
    if (!list) return status_no_memory(error, 1024, "the elements");
    memcpy(list, p->elements, (size_t)p->n_elements * sizeof *list);
    memory_free(*elements);
    *elements = list;
    *n_elements = p->n_elements;
    return MLSOAP_SUCCESS;
}

json_t *origin_json(const fit_origin *o)
{
    const json_t *old = json_object_get(o->potential->description, "provenance");
    return json_pack("{s:s, s:s, s:O?, s:O?, s:O?, s:O?}", "file", o->path, "identity",
                     mlsoap_potential_identity(o->potential), "data", json_object_get(old, "data"), "fit",
                     json_object_get(old, "fit"), "validation", json_object_get(old, "validation"), "from",
                     json_object_get(old, "from"));
}
