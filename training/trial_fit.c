/* SPDX-License-Identifier: BSD-3-Clause */
/* Quick validated fits; see trial_fit.h. */
#include "trial_fit.h"

#include "core/memory.h"

#include <math.h>

/* Evenly chosen frames of at most n_atoms atoms in all, at least one. */
static training_frame *choose_frames(const training_frame *frames, size_t n, size_t n_atoms, size_t *n_chosen)
{
    size_t total = 0;
    for (size_t i = 0; i < n; i++) total += frames[i].source->structure.n_atoms;
    double keep = total > n_atoms ? (double)n_atoms / (double)total : 1;
    training_frame *chosen = MEMORY_NEW(training_frame, n);
    *n_chosen = 0;
    for (size_t i = 0; chosen && i < n; i++)
        if (i == 0 || floor((double)(i + 1) * keep) > floor((double)i * keep)) chosen[(*n_chosen)++] = frames[i];
    return chosen;
}

mlsoap_status trial_sample_new(trial_sample *s, const dataset *data, size_t n_atoms, mlsoap_error *error)
{
    s->data = *data;
    s->data.fit = s->fit = choose_frames(data->fit, data->n_fit, n_atoms, &s->data.n_fit);
    s->data.validation = s->validation =
        choose_frames(data->validation, data->n_validation, n_atoms / 2, &s->data.n_validation);
    s->data.train.frames = s->train = MEMORY_NEW(frame, s->data.n_fit);
    if (!s->fit || !s->validation || !s->train) return status_no_memory(error, 4096, "the frames of quick fits");
    s->data.train.n_frames = s->data.n_fit;
    for (size_t i = 0; i < s->data.n_fit; i++) s->train[i] = *s->fit[i].source; /* sparse points are taken from these */
    return MLSOAP_SUCCESS;
}

void trial_sample_release(trial_sample *s)
{
    memory_free(s->fit);
    memory_free(s->validation);
    memory_free(s->train);
}

/* The small model. */
static json_t *trial_model(size_t n_points)
{
    if (n_points == 0)
        return json_pack("{s:s, s:b, s:f, s:s}", "type", "linear", "normalized", 1, "delta", 1.0, "noise", "auto");
    return json_pack("{s:s, s:i, s:b, s:f, s:f, s:I, s:s, s:f, s:s}", "type", "sparse_gp", "zeta", 2, "normalized", 1,
                     "constant", 0.0, "delta", 1.0, "n_sparse", (json_int_t)n_points, "selection", "fps", "jitter",
                     1e-8, "noise", "auto");
}

/* The configuration of the problem with it. */
static mlsoap_status trial_config(const config *origin, size_t n_points, config *c, mlsoap_error *error)
{
    json_t *keys = trial_model(n_points);
    *c = *origin;
    c->root = json_deep_copy(origin->root);
    if (keys && c->root && !json_object_set_new(c->root, "model", keys) &&
        !json_object_set_new(c->root, "uncertainty", json_string("none")))
        return MLSOAP_SUCCESS;
    return status_no_memory(error, 4096, "the configuration of a quick fit");
}

mlsoap_status trial_fit(const fit_problem *origin, const trial_sample *sample, const feature_set *features,
                        size_t n_points, trial_score *score, mlsoap_error *error)
{
    const fit_term term = {.features = *features, .descriptor_names = json_array()}; /* no potential is made of it */
    fit_problem problem = *origin;
    fit_result result = {0};
    fit *f = NULL;
    config c;
    mlsoap_status status = trial_config(origin->config, n_points, &c, error);
    problem.config = &c;
    problem.data = &sample->data;
    problem.terms = &term;
    problem.n_terms = 1;
    problem.n_uncertainty = 0; /* only the errors count */
    problem.log = NULL;
    problem.checkpoint = NULL; /* a trial is done or not */
    problem.from = NULL;
    const fit_method *method = fit_method_find(n_points ? "sparse_gp" : "linear");
    if (!status) status = method->create(&problem, &f, error);
    if (!status) status = method->prepare(f, error);
    if (!status) status = method->solve(f, FIT_VALIDATION, &result, error);
    const json_t *rmse = json_object_get(result.summary, "validation_rmse");
    score->energy = json_number_value(json_object_get(rmse, "energy"));
    score->forces = json_number_value(json_object_get(rmse, "forces"));
    score->objective =
        (score->forces > 0 ? log(score->forces) : 0) + (score->energy > 0 ? 0.5 * log(score->energy) : 0);
    fit_result_release(&result);
    method->free(f);
    json_decref(c.root);
    json_decref(term.descriptor_names);
    return status;
}
