/* SPDX-License-Identifier: BSD-3-Clause */
/* Search of the cutoff by validation; see cutoff_search.h. */
#include "cutoff_search.h"

#include "app/doctor/offsets.h"
#include "app/progress.h"
#include "core/elements.h"
#include "core/memory.h"

#include <math.h>

const double cutoff_factors[N_CUTOFFS] = {2.2, 2.65, 3.2};
enum { SEARCH_ATOMS = 2500, LEAST_VALIDATION = 5 }; /* fewer frames say more about themselves than about a cutoff */
static const double CLOSE_ENOUGH = 1.1;             /* forces by the best of them */

typedef struct search {
    fit_problem problem;
    default_lengths lengths;
    trial_sample sample;
    const json_t *given; /* settings of the descriptor, NULL: none */
    double *offsets;
} search;

/* The first descriptor that the data complete; its index, or -1. */
static int open_descriptor(const json_t *root)
{
    const json_t *list = json_object_get(root, "descriptors");
    for (size_t i = 0; i < json_array_size(list); i++)
        if (default_is_wanted(json_array_get(list, i)) && !json_object_get(json_array_get(list, i), "r_cut"))
            return (int)i;
    return -1;
}

bool cutoff_is_open(const json_t *root)
{
    return json_array_size(json_object_get(root, "descriptors")) == 0 || open_descriptor(root) >= 0;
}

/* Settings of the trial: what is given over the default of this cutoff, species mixed as at the start of a search. */
static mlsoap_status trial_settings(const search *s, double r_cut, json_t **out, mlsoap_error *error)
{
    const fit_problem *p = &s->problem;
    char why[DEFAULT_WHY];
    json_t *settings = s->given ? json_deep_copy(s->given) : json_object(), *species = json_array();
    for (int e = 0; e < p->n_elements; e++) json_array_append_new(species, json_string(element_symbol(p->elements[e])));
    json_t *rest = json_pack("{s:s, s:o}", "name", "soap", "species", species);
    json_object_del(settings, "bispectrum");
    json_object_del(json_object_get(settings, "compression"), "mixing");
    *out = settings;
    mlsoap_status status = settings && rest && !json_object_update_missing(settings, rest)
                               ? MLSOAP_SUCCESS
                               : status_no_memory(error, 1024, "the search of a cutoff");
    json_decref(rest);
    return status
               ? status
               : default_complete(settings, &s->lengths, p->elements, p->n_elements, r_cut, 0, why, sizeof why, error);
}

static mlsoap_status try_cutoff(const search *s, double r_cut, trial_score *score, mlsoap_error *error)
{
    json_t *settings = NULL;
    descriptor *d = NULL;
    feature_set features = {0};
    mlsoap_status status = trial_settings(s, r_cut, &settings, error);
    if (!status) status = descriptor_new(settings, "descriptors.0", &s->problem.config->source, &d, error);
    if (!status) status = feature_set_new(&features, &d, 1, error);
    if (!status) status = trial_fit(&s->problem, &s->sample, &features, 0, score, error);
    feature_set_release(&features);
    descriptor_free(d);
    json_decref(settings);
    return status ? status_prefix(error, status, "search of the cutoff, %.3f angstrom", r_cut) : MLSOAP_SUCCESS;
}

/* One element, with forces to fit and enough to validate. */
static bool possible(const dataset *data)
{
    bool to_fit = false;
    size_t n_validation = 0;
    for (size_t i = 0; i < data->n_fit; i++) to_fit |= data->fit[i].weight[TARGET_FORCES] > 0;
    for (size_t i = 0; i < data->n_validation; i++) n_validation += data->validation[i].weight[TARGET_FORCES] > 0;
    return data->n_elements == 1 && to_fit && n_validation >= LEAST_VALIDATION;
}

static mlsoap_status begin(search *s, const config *c, const dataset *data, parallel *ranks, mlsoap_error *error)
{
    int i = open_descriptor(c->root);
    offsets_result found;
    s->given = i >= 0 ? json_array_get(json_object_get(c->root, "descriptors"), (size_t)i) : NULL;
    s->problem = (fit_problem){
        .config = c, .data = data, .elements = data->elements, .n_elements = data->n_elements, .ranks = ranks};
    mlsoap_status status = config_memory(c, &s->problem.memory, error);
    if (!status)
        status = default_lengths_find(data->training, data->train.n_frames, data->elements, data->n_elements,
                                      &s->lengths, error);
    if (status || !possible(data)) return status;
    s->offsets = MEMORY_NEW(double, (size_t)data->n_elements);
    s->problem.offsets = s->offsets;
    if (!s->offsets) return status_no_memory(error, 1024, "the offsets");
    status = offsets_find(data->training, data->train.n_frames, data->elements, data->n_elements, OFFSETS_LEAST_SQUARES,
                          0, s->offsets, &found, error);
    return status ? status : trial_sample_new(&s->sample, data, SEARCH_ATOMS, error);
}

/* The shortest that is close enough to the best. */
static int choose(const cutoff_result *r)
{
    double best = INFINITY;
    int k = 0;
    for (int i = 0; i < N_CUTOFFS; i++) best = fmin(best, r->scores[i].forces);
    while (k < N_CUTOFFS - 1 && !(r->scores[k].forces <= CLOSE_ENOUGH * best)) k++;
    return k;
}

static void log_choice(training_log *log, const default_lengths *lengths, const cutoff_result *r)
{
    training_log_text(log, "cutoff: quick linear fits of %zu training frames, %zu to validate", r->n_fit,
                      r->n_validation);
    for (int k = 0; k < N_CUTOFFS; k++)
        training_log_text(
            log, "        %.3f angstrom (%.2f first shells): RMSE energy %.3g meV/atom, forces %.4f eV/angstrom%s",
            r->r_cut[k], r->r_cut[k] / lengths->shell, 1e3 * r->scores[k].energy, r->scores[k].forces,
            k == r->chosen ? "  <- chosen: the shortest within 10 % of the best forces" : "");
}

static mlsoap_status try_all(search *s, training_log *log, cutoff_result *result, mlsoap_error *error)
{
    mlsoap_status status = MLSOAP_SUCCESS;
    progress *bar = training_log_progress(log, "cutoff", N_CUTOFFS);
    for (int k = 0; k < N_CUTOFFS && !status; k++) {
        status = try_cutoff(s, result->r_cut[k], &result->scores[k], error);
        progress_add(bar, 1);
    }
    progress_end(bar);
    if (status) return status;
    result->chosen = choose(result);
    result->n_fit = s->sample.data.n_fit;
    result->n_validation = s->sample.data.n_validation;
    log_choice(log, &s->lengths, result);
    return MLSOAP_SUCCESS;
}

mlsoap_status cutoff_search(const config *c, const dataset *data, parallel *ranks, training_log *log,
                            cutoff_result *result, mlsoap_error *error)
{
    search s = {0};
    *result = (cutoff_result){.chosen = 1};
    mlsoap_status status = begin(&s, c, data, ranks, error);
    for (int k = 0; k < N_CUTOFFS && !status; k++)
        result->r_cut[k] = default_cutoff(&s.lengths, data->n_elements, cutoff_factors[k]);
    if (!status && possible(data)) status = try_all(&s, log, result, error);
    trial_sample_release(&s.sample);
    memory_free(s.offsets);
    return status;
}
