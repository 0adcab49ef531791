/* SPDX-License-Identifier: BSD-3-Clause */
/* Terms of the model of a training run; see train_state.h. */
#include "train_state.h"

#include "app/config_terms.h"
#include "core/memory.h"
#include "defaults.h"

void train_release_terms(train_state *s)
{
    for (size_t i = 0; i < s->n_terms; i++) {
        feature_set_release(&s->terms[i].features);
        json_decref(s->terms[i].descriptor_names);
        memory_free(s->of_term[i]);
    }
    memory_free(s->terms);
    memory_free(s->of_term);
}

/* All centers are atoms, or none. */
static mlsoap_status check_centers(const train_state *s, size_t i, mlsoap_error *error)
{
    char path[CONFIG_TERM_PATH];
    if (s->terms[i].features.centers_are_atoms == s->terms[0].features.centers_are_atoms) return MLSOAP_SUCCESS;
    config_term_path(s->c->root, i, path);
    return schema_fail(
        &s->c->source, path, "on", error,
        "the descriptors of this term have other centers than those of the first: either all centers are "
        "atoms or none is");
}

/* In the order of `on`, or of the descriptors. */
static mlsoap_status choose_term(train_state *s, size_t i, mlsoap_error *error)
{
    json_t *keys = config_term(s->c->root, i);
    const json_t *on = json_object_get(keys, "on");
    fit_term *term = &s->terms[i];
    size_t n = on ? json_array_size(on) : s->n_descriptors;
    term->descriptor_names = json_array();
    s->of_term[i] = MEMORY_NEW(descriptor *, n);
    if (!s->of_term[i] || !term->descriptor_names) return status_no_memory(error, 1024, "the descriptors of a term");
    for (size_t k = 0; k < n; k++)
        for (size_t j = 0; j < s->n_descriptors; j++) {
            json_t *name = json_object_get(s->descriptors[j]->settings, "name");
            if (on ? !json_equal(json_array_get(on, k), name) : j != k) continue;
            s->of_term[i][k] = s->descriptors[j];
            if (json_array_append(term->descriptor_names, name))
                return status_no_memory(error, 1024, "the names of descriptors");
        }
    mlsoap_status status = feature_set_new(&term->features, s->of_term[i], (int)n, error);
    if (!status) status = check_centers(s, i, error);
    return status ? status : default_kernel(keys, &term->features, s->data.elements, s->data.n_elements, error);
}

mlsoap_status train_choose_terms(train_state *s, mlsoap_error *error)
{
    size_t n = config_n_terms(s->c->root);
    mlsoap_status status = MLSOAP_SUCCESS;
    s->terms = MEMORY_NEW(fit_term, n);
    s->of_term = MEMORY_NEW(descriptor **, n);
    if (!s->terms || !s->of_term) return status_no_memory(error, n * sizeof *s->terms, "the terms of the model");
    s->n_terms = n;
    for (size_t i = 0; i < n && !status; i++) status = choose_term(s, i, error);
    return status ? status : config_check_duplicates(s->c, error);
}
