/* SPDX-License-Identifier: BSD-3-Clause */
/* Descriptors of a training run; see train_state.h. */
#include "train_state.h"

#include "app/config_terms.h"
#include "core/memory.h"
#include "cutoff_search.h"
#include "defaults.h"
#include "descriptors/pooling.h"
#include "mixing_search.h"

#include <stdio.h>
#include <string.h>

/* The first term with normalized features that acts on this descriptor and others; the number of terms: none. */
static size_t term_beside_others(const config *c, const json_t *settings)
{
    const json_t *list = json_object_get(c->root, "descriptors");
    size_t i = 0;
    for (; i < config_n_terms(c->root); i++) {
        const json_t *term = config_term(c->root, i), *on = json_object_get(term, "on");
        if (config_term_has(term, settings) && !json_is_false(json_object_get(term, "normalized")) &&
            json_array_size(on ? on : list) > 1)
            break;
    }
    return i;
}

/* The first term that acts on this descriptor and refuses features of unit length; the number of terms: none. */
static size_t term_without_normalization(const config *c, const json_t *settings)
{
    size_t i = 0;
    for (; i < config_n_terms(c->root); i++) {
        const json_t *term = config_term(c->root, i);
        if (config_term_has(term, settings) && json_is_false(json_object_get(term, "normalized"))) break;
    }
    return i;
}

/* Descriptors whose rows can be compared by their length: SOAPs around atoms, which have features alone too. */
static bool may_have_unit_length(const json_t *settings)
{
    const json_t *type = json_object_get(settings, "type"), *mode = json_object_get(settings, "mode"),
                 *centers = json_object_get(settings, "centers"), *w0 = json_object_get(settings, "w0");
    return (!type || schema_is_text(type, "soap")) && (!mode || schema_is_text(mode, "smooth")) &&
           (!centers || schema_is_text(centers, "atoms")) && !(json_is_number(w0) && json_number_value(w0) == 0);
}

/* Rows of unit length for one term are those of all: none may have refused them. */
static mlsoap_status check_beside_others(const train_state *s, const json_t *settings, const char *path, size_t i_term,
                                         mlsoap_error *error)
{
    const config *c = s->c;
    char own[CONFIG_TERM_PATH], other[CONFIG_TERM_PATH];
    size_t i = term_without_normalization(c, settings);
    const char *name = schema_text(settings, "name");
    config_term_path(c->root, i_term, own);
    config_term_path(c->root, i, other);
    if (i < config_n_terms(c->root))
        return schema_fail(&c->source, other, "normalized", error,
                           "is false, but %s sets `%s` beside other descriptors, which gives its rows unit length for "
                           "all terms; decide by %s.normalize (true or false), or give each of the two terms a "
                           "descriptor of its own",
                           own, name, path);
    training_log_text(s->log,
                      "descriptor: %s gets rows of unit length, because %s sets it beside others (%s.normalize)", name,
                      own, path);
    return MLSOAP_SUCCESS;
}

/* Features of unit length, unless the user says otherwise: a bispectrum joins such a power spectrum (spec bispectrum.md
 * 3), and of several SOAPs side by side none may drown the others. */
static mlsoap_status choose_unit_length(const train_state *s, json_t *settings, const char *path, mlsoap_error *error)
{
    const config *c = s->c;
    size_t beside = term_beside_others(c, settings), plain = term_without_normalization(c, settings);
    mlsoap_status status = MLSOAP_SUCCESS;
    if (json_object_get(settings, "normalize")) return MLSOAP_SUCCESS;
    if (json_is_object(json_object_get(settings, "bispectrum"))) {
        char term[CONFIG_TERM_PATH];
        config_term_path(c->root, plain, term);
        if (plain < config_n_terms(c->root))
            training_log_text(s->log,
                              "descriptor: %s gets rows of unit length, because a bispectrum joins such a power "
                              "spectrum, although %s.normalized is false (%s.normalize)",
                              schema_text(settings, "name"), term, path);
    } else {
        if (beside == config_n_terms(c->root) || !may_have_unit_length(settings)) return MLSOAP_SUCCESS;
        status = check_beside_others(s, settings, path, beside, error);
    }
    if (!status && json_object_set_new(settings, "normalize", json_true()))
        status = status_no_memory(error, 64, "the settings of a descriptor");
    return status;
}

/* What a descriptor takes from the training structures. */
static mlsoap_status fit_descriptor(train_state *s, size_t i, const char *path, mlsoap_error *error)
{
    json_t *settings = json_array_get(json_object_get(s->c->root, "descriptors"), i);
    size_t n = s->data.train.n_frames;
    mlsoap_status status = choose_unit_length(s, settings, path, error);
    if (status) return status;
    const structure **structures = MEMORY_NEW(const structure *, n);
    if (!structures) return status_no_memory(error, n * sizeof *structures, "the training structures");
    for (size_t c = 0; c < n; c++) structures[c] = &s->data.training[c]->structure;
    status = descriptor_fit(settings, path, &s->c->source, structures, n, error);
    memory_free(structures);
    return status;
}

static mlsoap_status choose_cutoff(train_state *s, double *r_cut, mlsoap_error *error)
{
    cutoff_result found;
    mlsoap_status status = cutoff_search(s->c, &s->data, s->options->ranks, s->log, &found, error);
    if (!status) *r_cut = found.r_cut[found.chosen];
    training_log_stage(s->log, "cutoff");
    return status;
}

mlsoap_status train_build_descriptors(train_state *s, mlsoap_error *error)
{
    char why[DEFAULT_WHY], path[64];
    double r_cut = 0;
    mlsoap_status status = cutoff_is_open(s->c->root) ? choose_cutoff(s, &r_cut, error) : MLSOAP_SUCCESS;
    if (!status)
        status = default_descriptors(s->c->root, s->data.training, s->data.train.n_frames, s->data.elements,
                                     s->data.n_elements, r_cut, why, sizeof why, error);
    if (!status) status = config_set_elements(s->c, s->data.elements, (size_t)s->data.n_elements, error);
    if (!status) status = config_complete(s->c, error);
    if (status) return status;
    if (why[0]) training_log_text(s->log, "descriptor: %s", why);
    if (s->options->choose_only) return MLSOAP_SUCCESS; /* what the data fill in later is no setting */
    json_t *list = json_object_get(s->c->root, "descriptors");
    s->descriptors = MEMORY_NEW(descriptor *, json_array_size(list));
    s->learned = MEMORY_NEW(bool, json_array_size(list));
    if (!s->descriptors || !s->learned) return status_no_memory(error, 1024, "the descriptors");
    for (size_t i = 0; i < json_array_size(list); i++) {
        snprintf(path, sizeof path, "descriptors.%zu", i);
        json_t *settings = json_array_get(list, i);
        s->learned[i] = mixing_is_wanted(settings);
        status = s->learned[i] ? mixing_start(settings, path, &s->c->source, error) : MLSOAP_SUCCESS;
        if (!status) status = fit_descriptor(s, i, path, error);
        if (!status) status = descriptor_new(json_array_get(list, i), path, &s->c->source, &s->descriptors[i], error);
        if (status) return status;
        s->n_descriptors++;
        if ((status = pooling_refuse(s->descriptors[i], path, &s->c->source, error))) return status;
        char warning[512];
        if (descriptor_warning(s->descriptors[i], warning, sizeof warning) &&
            (status = check_add(&s->checks, "hard_cutoff", CHECK_WARNING, 1, error, "%s", warning)))
            return status;
        training_log_text(s->log, "descriptor: %s, %zu features, r_cut %.3f angstrom",
                          schema_text(json_array_get(list, i), "name"), s->descriptors[i]->n_features,
                          s->descriptors[i]->r_cut);
    }
    training_log_stage(s->log, "defaults");
    return MLSOAP_SUCCESS;
}

/* The first term that acts on a descriptor, and which of its descriptors that is. */
static void find_term(const train_state *s, const descriptor *d, size_t *i_term, int *k)
{
    for (*i_term = 0; *i_term < s->n_terms; ++*i_term)
        for (*k = 0; *k < s->terms[*i_term].features.n_descriptors; ++*k)
            if (s->of_term[*i_term][*k] == d) return;
}

static void replace_descriptor(train_state *s, size_t i, descriptor *fresh)
{
    for (size_t t = 0; t < s->n_terms; t++)
        for (int k = 0; k < s->terms[t].features.n_descriptors; k++)
            if (s->of_term[t][k] == s->descriptors[i]) s->of_term[t][k] = fresh;
    descriptor_free(s->descriptors[i]);
    s->descriptors[i] = fresh;
}

/* Mixings of species by validation, then the descriptors anew with what was found. */
mlsoap_status train_learn_mixings(train_state *s, mlsoap_error *error)
{
    const json_t *list = json_object_get(s->c->root, "descriptors");
    bool any = false;
    char path[64];
    for (size_t i = 0; i < s->n_descriptors; i++) {
        mixing_result result;
        size_t i_term = 0;
        int k = 0;
        if (!s->learned[i]) continue;
        find_term(s, s->descriptors[i], &i_term, &k);
        snprintf(path, sizeof path, "descriptors.%zu", i);
        json_t *settings = json_array_get(list, i);
        mlsoap_status status = mixing_search(&s->problem, i_term, k, settings, path, &result, error);
        descriptor *fresh = NULL;
        if (!status) status = descriptor_new(settings, path, &s->c->source, &fresh, error);
        if (status) return status;
        replace_descriptor(s, i, fresh);
        any = true;
    }
    if (any) training_log_stage(s->log, "mixing of species");
    return MLSOAP_SUCCESS;
}
