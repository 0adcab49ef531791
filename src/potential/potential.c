/* SPDX-License-Identifier: BSD-3-Clause */
/* A potential from its description and tensors; see potential.h. */
#include "core/elements.h"
#include "core/memory.h"
#include "descriptors/pooling.h"
#include "potential/potential_parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_SIZE = 64 };

static mlsoap_status read_elements(mlsoap_potential *p, const json_t *list, const schema_source *source,
                                   mlsoap_error *error)
{
    size_t n = json_array_size(list);
    if (n < 1 || n > ELEMENT_MAX)
        return schema_fail(source, "", "elements", error, "%zu elements; there must be 1 to %d", n, ELEMENT_MAX);
    p->elements = MEMORY_NEW(int, n);
    p->offsets = MEMORY_NEW(double, n);
    if (!p->elements || !p->offsets) return status_no_memory(error, n * sizeof(double), "elements");
    for (size_t i = 0; i < n; i++) {
        const char *symbol = json_string_value(json_array_get(list, i));
        int number = symbol ? element_from_symbol(symbol, strlen(symbol)) : -1;
        if (number < 1)
            return schema_fail(source, "", "elements", error, "'%s' is not the symbol of an element",
                               symbol ? symbol : "(not a text)");
        if (i > 0 && number <= p->elements[i - 1])
            return schema_fail(source, "", "elements", error, "%s comes after %s; sort by atomic number, each once",
                               symbol, element_symbol(p->elements[i - 1]));
        p->elements[i] = number;
        p->element_index[number] = (int)i;
    }
    p->n_elements = (int)n;
    return MLSOAP_SUCCESS;
}

static mlsoap_status read_offsets(mlsoap_potential *p, const json_t *offsets, const schema_source *source,
                                  mlsoap_error *error)
{
    for (int i = 0; i < p->n_elements; i++) {
        const char *symbol = element_symbol(p->elements[i]);
        const json_t *value = json_object_get(offsets, symbol);
        if (!json_is_number(value) || !isfinite(json_number_value(value)))
            return schema_fail(source, "offsets", symbol, error, "missing or not a number; give its energy in eV");
        p->offsets[i] = json_number_value(value);
    }
    if (json_object_size(offsets) == (size_t)p->n_elements) return MLSOAP_SUCCESS;
    return schema_fail(source, "", "offsets", error, "has %zu entries, but there are %d elements",
                       json_object_size(offsets), p->n_elements);
}

/* Names are different, and all have the same centers. */
static mlsoap_status check_descriptors(mlsoap_potential *p, int i, const char *path, const schema_source *source,
                                       mlsoap_error *error)
{
    const descriptor *d = p->descriptors[i], *first = p->descriptors[0];
    const char *name = schema_text(d->settings, "name");
    for (int j = 0; j < i; j++)
        if (strcmp(name, schema_text(p->descriptors[j]->settings, "name")) == 0)
            return schema_fail(source, path, "name", error, "'%s' is the name of descriptors.%d too", name, j);
    p->centers_are_atoms = first->centers_are_atoms;
    if (d->r_cut > p->r_cut) p->r_cut = d->r_cut;
    if (d->centers_are_atoms == first->centers_are_atoms &&
        (d->centers_are_atoms ||
         json_equal(json_object_get(d->settings, "centers"), json_object_get(first->settings, "centers"))))
        return MLSOAP_SUCCESS;
    return schema_fail(source, path, "centers", error, "differs from that of descriptors.0");
}

static mlsoap_status read_descriptors(mlsoap_potential *p, json_t *list, const schema_source *source,
                                      mlsoap_error *error)
{
    size_t n = json_array_size(list);
    if (n < 1) return schema_fail(source, "", "descriptors", error, "is empty; a potential needs one or more");
    p->descriptors = MEMORY_NEW(descriptor *, n);
    if (!p->descriptors) return status_no_memory(error, n * sizeof(descriptor *), "descriptors");
    for (size_t i = 0; i < n; i++) {
        char path[PATH_SIZE];
        snprintf(path, sizeof path, "descriptors.%zu", i);
        mlsoap_status status = descriptor_new(json_array_get(list, i), path, source, &p->descriptors[i], error);
        if (status) return status;
        p->n_descriptors = (int)i + 1;
        status = pooling_refuse(p->descriptors[i], path, source, error);
        if (!status) status = check_descriptors(p, (int)i, path, source, error);
        if (status) return status;
    }
    return MLSOAP_SUCCESS;
}

static mlsoap_status read_terms(mlsoap_potential *p, json_t *list, const schema_source *source, mlsoap_error *error)
{
    size_t n = json_array_size(list);
    if (n < 1) return schema_fail(source, "", "terms", error, "is empty; a potential needs one or more");
    p->terms = MEMORY_NEW(potential_term, n);
    if (!p->terms) return status_no_memory(error, n * sizeof(potential_term), "terms");
    for (size_t i = 0; i < n; i++) {
        char path[PATH_SIZE];
        snprintf(path, sizeof path, "terms.%zu", i);
        p->n_terms = (int)i + 1;
        mlsoap_status status = potential_term_build(p, json_array_get(list, i), path, source, &p->terms[i], error);
        if (status) return status;
    }
    for (int d = 0; d < p->n_descriptors; d++) {
        int used = 0;
        for (int t = 0; t < p->n_terms; t++)
            for (int k = 0; k < p->terms[t].n_descriptors; k++) used |= p->terms[t].i_descriptors[k] == d;
        if (!used) return schema_fail(source, "", "descriptors", error, "descriptors.%d is used by no term", d);
    }
    return MLSOAP_SUCCESS;
}

/* True where a model or a golden frame of the description reads the tensor. */
static int is_read(const json_t *description, const char *name)
{
    static const char *const golden[] = {"positions", "cell", "forces", "results", NULL};
    const json_t *term, *entry, *frame;
    const char *symbol;
    size_t i;
    const char *dot = strrchr(name, '.');
    if (!dot) return 0;
    size_t length = (size_t)(dot - name);
    json_array_foreach(json_object_get(description, "terms"), i, term)
    {
        const model_class *class_ = model_class_find(schema_text(json_object_get(term, "model"), "type"));
        json_object_foreach(json_object_get(term, "species"), symbol, entry)
        {
            const char *prefix = schema_text(entry, "tensors");
            for (int k = 0; class_->parameters[k]; k++)
                if (strlen(prefix) == length && strncmp(prefix, name, length) == 0 &&
                    strcmp(class_->parameters[k], dot + 1) == 0)
                    return 1;
        }
    }
    json_array_foreach(json_object_get(description, "golden"), i, frame)
    {
        const char *prefix = schema_text(frame, "tensors");
        for (int k = 0; golden[k]; k++)
            if (strlen(prefix) == length && strncmp(prefix, name, length) == 0 && strcmp(golden[k], dot + 1) == 0)
                return 1;
    }
    return 0;
}

static mlsoap_status check_tensors(const mlsoap_potential *p, const json_t *description, const schema_source *source,
                                   mlsoap_error *error)
{
    const char *name = source ? source->name : "potential";
    for (size_t i = 0; i < p->tensors.n; i++) {
        const tensor *t = &p->tensors.items[i];
        if (!is_read(description, t->name))
            return status_fail(error, MLSOAP_ERROR_FORMAT, "%s: tensor %s is used by no model of the description", name,
                               t->name);
        if (tensor_size(t) % 8)
            return status_fail(error, MLSOAP_ERROR_FORMAT,
                               "%s: tensor %s has %zu numbers; pad it inside to a multiple of 8", name, t->name,
                               tensor_size(t));
    }
    return MLSOAP_SUCCESS;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(((const tensor *)a)->name, ((const tensor *)b)->name);
}

void potential_sort_tensors(mlsoap_potential *p)
{
    if (p->tensors.n) qsort(p->tensors.items, p->tensors.n, sizeof *p->tensors.items, compare_names);
}

/* That of the first descriptor that has one. */
static mlsoap_status set_warning(mlsoap_potential *p, mlsoap_error *error)
{
    char text[512];
    for (int i = 0; i < p->n_descriptors && !p->warning; i++)
        if (descriptor_warning(p->descriptors[i], text, sizeof text) && !(p->warning = memory_copy_text(text)))
            return status_no_memory(error, sizeof text, "a potential");
    return MLSOAP_SUCCESS;
}

static mlsoap_status read_core(mlsoap_potential *p, const json_t *pair_terms, const schema_source *source,
                               mlsoap_error *error)
{
    mlsoap_status status =
        pair_core_read(&p->core, pair_terms, p->elements, p->n_elements, p->element_index, source, error);
    if (status) return status;
    if (p->core.pairs && !p->centers_are_atoms)
        return schema_fail(source, "", "pair_terms", error, "must be empty where centers are points in space");
    if (p->core.r_outer > p->r_cut) p->r_cut = p->core.r_outer;
    return MLSOAP_SUCCESS;
}

static mlsoap_status build_parts(mlsoap_potential *p, json_t *working, const schema_source *source, mlsoap_error *error)
{
    mlsoap_status status = description_complete(working, source, error);
    if (!status) status = read_elements(p, json_object_get(working, "elements"), source, error);
    if (!status) status = read_offsets(p, json_object_get(working, "offsets"), source, error);
    if (!status) status = read_descriptors(p, json_object_get(working, "descriptors"), source, error);
    if (!status) status = set_warning(p, error);
    if (!status) status = read_core(p, json_object_get(working, "pair_terms"), source, error);
    if (!status) status = read_terms(p, json_object_get(working, "terms"), source, error);
    if (!status) status = uncertainty_read(p, json_object_get(working, "uncertainty"), source, error);
    if (!status) status = golden_validate(p, json_object_get(working, "golden"), source, error);
    if (!status) status = check_tensors(p, working, source, error);
    if (!status) status = potential_set_shifts(p, error);
    return status;
}

mlsoap_status potential_build(json_t *description, tensor_set *tensors, const char *stored_identity,
                              const schema_source *source, mlsoap_potential **out, mlsoap_error *error)
{
    *out = NULL;
    mlsoap_potential *p = MEMORY_NEW(mlsoap_potential, 1);
    if (!p) {
        json_decref(description);
        tensor_set_release(tensors);
        return status_no_memory(error, sizeof *p, "a potential");
    }
    p->description = description;
    p->tensors = *tensors;
    *tensors = (tensor_set){0};
    for (int z = 0; z <= ELEMENT_MAX; z++) p->element_index[z] = -1;
    potential_sort_tensors(p);

    /* A stored description keeps its text, and with it its identity, when later versions know more defaults. */
    json_t *working = stored_identity ? json_deep_copy(description) : json_incref(description);
    mlsoap_status status =
        working ? build_parts(p, working, source, error) : status_no_memory(error, 0, "the description of a potential");
    json_decref(working);
    if (!status && !(p->description_text = description_dump(description)))
        status = status_no_memory(error, 0, "the description of a potential");
    if (!status && stored_identity)
        snprintf(p->identity, sizeof p->identity, "%s", stored_identity);
    else if (!status)
        status = description_identity(description, &p->tensors, p->identity, error);
    if (status) {
        mlsoap_potential_free(p);
        return status;
    }
    *out = p;
    return MLSOAP_SUCCESS;
}

mlsoap_status potential_new(json_t *description, tensor_set *tensors, mlsoap_potential **out, mlsoap_error *error)
{
    return potential_build(description, tensors, NULL, NULL, out, error);
}

mlsoap_status potential_set_key(mlsoap_potential *p, const char *key, json_t *value, mlsoap_error *error)
{
    int failed = value && json_object_set_new(p->description, key, value);
    if (!value) json_object_del(p->description, key);
    char *text = failed ? NULL : description_dump(p->description);
    if (!text) return status_no_memory(error, 0, "the description of a potential");
    memory_free(p->description_text);
    p->description_text = text;
    return MLSOAP_SUCCESS;
}

mlsoap_status potential_set_provenance(mlsoap_potential *p, json_t *provenance, json_t *errors, mlsoap_error *error)
{
    mlsoap_status status = MLSOAP_SUCCESS;
    if (provenance) status = potential_set_key(p, "provenance", provenance, error);
    if (!errors) return status;
    if (!status) return potential_set_key(p, "errors", errors, error);
    json_decref(errors);
    return status;
}

void mlsoap_potential_free(mlsoap_potential *p)
{
    if (!p) return;
    for (int i = 0; p->terms && i < p->n_terms; i++) potential_term_release(p, &p->terms[i]);
    for (int i = 0; p->descriptors && i < p->n_descriptors; i++) descriptor_free(p->descriptors[i]);
    memory_free(p->terms);
    memory_free(p->descriptors);
    memory_free(p->elements);
    memory_free(p->offsets);
    memory_free(p->calibrations);
    pair_core_release(&p->core);
    tensor_set_release(&p->tensors);
    json_decref(p->description);
    memory_free(p->description_text);
    memory_free(p->warning);
    memory_free(p);
}

double mlsoap_potential_cutoff(const mlsoap_potential *p)
{
    return p->r_cut;
}

int mlsoap_potential_n_elements(const mlsoap_potential *p)
{
    return p->n_elements;
}

int mlsoap_potential_element(const mlsoap_potential *p, int index)
{
    return index >= 0 && index < p->n_elements ? p->elements[index] : 0;
}

const char *mlsoap_potential_identity(const mlsoap_potential *p)
{
    return p->identity;
}

const char *mlsoap_potential_description(const mlsoap_potential *p)
{
    return p->description_text;
}

int mlsoap_potential_drives_md(const mlsoap_potential *p)
{
    int drives = p->centers_are_atoms;
    for (int i = 0; i < p->n_descriptors; i++) drives = drives && p->descriptors[i]->edge != DESCRIPTOR_FULL_JUMP;
    for (int t = 0; t < p->n_terms; t++)
        for (int i = 0; i < p->n_elements; i++)
            drives = drives && !(p->terms[t].models[i] && p->terms[t].models[i]->is_discontinuous);
    return drives;
}

const char *mlsoap_potential_warning(const mlsoap_potential *p)
{
    return p->warning;
}
