/* SPDX-License-Identifier: BSD-3-Clause */
/* One term of a potential: descriptors side by side and a model per central element; see potential.h. */
#include "core/elements.h"
#include "core/memory.h"
#include "potential/potential_parts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { PATH_SIZE = 256 };

/* Where a term stands in its document. */
typedef struct term_place {
    const char *path;
    const schema_source *source;
    mlsoap_error *error;
} term_place;

static int find_descriptor(const mlsoap_potential *p, const char *name)
{
    for (int i = 0; name && i < p->n_descriptors; i++)
        if (strcmp(schema_text(p->descriptors[i]->settings, "name"), name) == 0) return i;
    return -1;
}

static mlsoap_status read_descriptors(const mlsoap_potential *p, const json_t *names, potential_term *term,
                                      term_place at)
{
    size_t n = json_array_size(names);
    if (n == 0 || n > (size_t)p->n_descriptors)
        return schema_fail(at.source, at.path, "descriptors", at.error,
                           "%zu names; give between 1 and %d, the number of descriptors", n, p->n_descriptors);
    term->i_descriptors = MEMORY_NEW(int, n);
    if (!term->i_descriptors) return status_no_memory(at.error, n * sizeof(int), "a term");
    for (size_t i = 0; i < n; i++) {
        const char *name = json_string_value(json_array_get(names, i));
        int found = find_descriptor(p, name);
        if (found < 0)
            return schema_fail(at.source, at.path, "descriptors", at.error, "no descriptor has the name '%s'",
                               name ? name : "(not a text)");
        for (size_t j = 0; j < i; j++)
            if (term->i_descriptors[j] == found)
                return schema_fail(at.source, at.path, "descriptors", at.error, "'%s' is named twice", name);
        term->i_descriptors[i] = found;
        term->n_descriptors = (int)i + 1;
        term->stride += p->descriptors[found]->stride;
    }
    term->n_features = n == 1 ? p->descriptors[term->i_descriptors[0]]->n_features : term->stride;
    return MLSOAP_SUCCESS;
}

static mlsoap_status join_weights(const mlsoap_potential *p, potential_term *term, term_place at)
{
    term->weights = MEMORY_NEW(double, term->stride);
    if (!term->weights) return status_no_memory(at.error, term->stride * sizeof(double), "feature weights");
    double *to = term->weights;
    for (int i = 0; i < term->n_descriptors; i++) {
        const descriptor *d = p->descriptors[term->i_descriptors[i]];
        memcpy(to, d->weights, d->stride * sizeof(double));
        to += d->stride;
    }
    return MLSOAP_SUCCESS;
}

/* Index of the central element with this symbol; points in space are "X", entry 0. */
static mlsoap_status find_center(const mlsoap_potential *p, const potential_term *term, const char *symbol, int *index,
                                 term_place at)
{
    int number = element_from_symbol(symbol, strlen(symbol));
    if (!p->centers_are_atoms) {
        *index = 0;
        if (strcmp(symbol, "X") == 0) return MLSOAP_SUCCESS;
        return schema_fail(at.source, at.path, symbol, at.error,
                           "the centers are points in space: the only entry allowed is X");
    }
    *index = number >= 1 && number <= ELEMENT_MAX ? p->element_index[number] : -1;
    if (*index < 0) return schema_fail(at.source, at.path, symbol, at.error, "'%s' is not among the elements", symbol);
    for (int i = 0; i < term->n_descriptors; i++) {
        const descriptor *d = p->descriptors[term->i_descriptors[i]];
        int served = 0;
        for (int z = 0; z < d->n_center_species; z++) served |= d->center_species[z] == number;
        if (!served)
            return schema_fail(at.source, at.path, symbol, at.error, "the descriptor '%s' has no centers of %s",
                               schema_text(d->settings, "name"), symbol);
    }
    return MLSOAP_SUCCESS;
}

/* The optional count of sparse points must be that of the tensor. */
static mlsoap_status check_n_sparse(const mlsoap_potential *p, const json_t *entry, term_place at)
{
    char name[PATH_SIZE];
    if (!json_object_get(entry, "n_sparse")) return MLSOAP_SUCCESS;
    snprintf(name, sizeof name, "%s.sparse_points", schema_text(entry, "tensors"));
    const tensor *t = tensor_find(&p->tensors, name);
    if (t && (long)t->shape[0] == schema_integer(entry, "n_sparse")) return MLSOAP_SUCCESS;
    return schema_fail(at.source, at.path, "n_sparse", at.error, "is %ld, but the tensor %s has %zu rows",
                       schema_integer(entry, "n_sparse"), name, t ? t->shape[0] : 0);
}

static mlsoap_status read_species(const mlsoap_potential *p, const json_t *model_settings, const model_class *class_,
                                  const char *symbol, json_t *entry, potential_term *term, term_place at)
{
    int index;
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%.200s.%.40s", at.path, symbol);
    mlsoap_status status = find_center(p, term, symbol, &index, at);
    if (!status) status = description_complete_species(entry, path, at.source, at.error);
    if (!status) status = check_n_sparse(p, entry, (term_place){path, at.source, at.error});
    if (status) return status;
    status = class_->create(model_settings, &p->tensors, schema_text(entry, "tensors"), term->n_features, term->stride,
                            term->weights, &term->models[index], at.error);
    if (status)
        return status_prefix(at.error, status, "%s%s%s", at.source ? at.source->name : "", at.source ? ": " : "", path);
    int isolated = json_is_string(json_object_get(entry, "shift"));
    term->shifts[index] = !isolated ? schema_real(entry, "shift") : p->centers_are_atoms ? NAN : 0;
    return MLSOAP_SUCCESS;
}

static mlsoap_status read_models(const mlsoap_potential *p, json_t *settings, potential_term *term, term_place at)
{
    json_t *model_settings = json_object_get(settings, "model"), *species = json_object_get(settings, "species"),
           *entry;
    const char *type = schema_text(model_settings, "type"), *symbol;
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%.200s.model", at.path);
    const model_class *class_ = type ? model_class_find(type) : NULL;
    if (!class_)
        return schema_fail(at.source, path, "type", at.error,
                           "unknown model '%s'; this version has sparse_gp, network, linear",
                           type ? type : "(no text)");
    mlsoap_status status = schema_complete(model_settings, class_->settings, path, at.source, at.error);
    snprintf(path, sizeof path, "%.200s.species", at.path);
    if (!status && json_object_size(species) == 0)
        status = schema_fail(at.source, path, NULL, at.error, "no central element has a model");
    if (status) return status;
    json_object_foreach(species, symbol, entry)
    {
        status = read_species(p, model_settings, class_, symbol, entry, term, (term_place){path, at.source, at.error});
        if (status) return status;
    }
    return MLSOAP_SUCCESS;
}

mlsoap_status potential_term_build(const mlsoap_potential *p, json_t *settings, const char *path,
                                   const schema_source *source, potential_term *term, mlsoap_error *error)
{
    term_place at = {path, source, error};
    mlsoap_status status = description_complete_term(settings, path, source, error);
    if (!status) status = read_descriptors(p, json_object_get(settings, "descriptors"), term, at);
    if (!status) status = join_weights(p, term, at);
    if (status) return status;
    term->models = MEMORY_NEW(model *, (size_t)p->n_elements);
    term->shifts = MEMORY_NEW(double, (size_t)p->n_elements);
    if (!term->models || !term->shifts) return status_no_memory(error, (size_t)p->n_elements * 16, "a term");
    return read_models(p, settings, term, at);
}

void potential_term_release(const mlsoap_potential *p, potential_term *term)
{
    for (int i = 0; term->models && i < p->n_elements; i++) model_free(term->models[i]);
    memory_free(term->models);
    memory_free(term->shifts);
    memory_free(term->weights);
    memory_free(term->i_descriptors);
    *term = (potential_term){0};
}
