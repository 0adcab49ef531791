/* SPDX-License-Identifier: BSD-3-Clause */
/* Fit of sparse GPs and linear models; see sparse_gp_fit.h. */
#include "solvers/sparse_gp_fit.h"

#include "core/elements.h"
#include "core/memory.h"
#include "solvers/distributed_pass.h"
#include "solvers/kernel_state.h"
#include "solvers/kernel_triangles.h"
#include "solvers/sparse_gp_state.h"

#include <math.h>
#include <string.h>

/* Where the search starts: expected errors of the good fits of the prototypes, in standard deviations of E/N (times
 * sqrt N), force components and W/N (times sqrt N). */
static const double START_SIGMA[N_FRAME_TARGETS] = {0.0075, 0.02, 0.02};
static const char *const target_names[N_FRAME_TARGETS] = {"energy", "forces", "virial"};

static void sparse_gp_fit_free(fit *base)
{
    sparse_gp_fit *f = (sparse_gp_fit *)base;
    if (!f) return;
    checkpoint_drop(base->problem->checkpoint, "points");
    checkpoint_drop(base->problem->checkpoint, "triangles");
    checkpoint_drop(base->problem->checkpoint, HYPERPARAMETERS_STATE);
    kernel_basis_release(&f->basis);
    regression_release(&f->regression);
    uncertainty_points_release(&f->uncertainty);
    for (size_t i = 0; f->terms && i < f->n_terms; i++) memory_free(f->terms[i].plain.weights);
    memory_free(f->terms);
    memory_free(f);
}

/* model.sigma stands for the noise and for all factors of the loss. */
static mlsoap_status check_sigma(const sparse_gp_fit *f, mlsoap_error *error)
{
    const config *c = f->base.problem->config;
    const json_t *loss = json_object_get(c->root, "loss");
    const char *other = NULL;
    char path[CONFIG_TERM_PATH];
    if (json_is_number(json_object_get(shared_keys(f), "noise"))) other = "model.noise";
    if (json_is_number(json_object_get(loss, "energy"))) other = "loss.energy";
    if (json_is_number(json_object_get(loss, "virial"))) other = "loss.virial";
    if (!f->explicit_sigma || !other) return MLSOAP_SUCCESS;
    config_term_path(c->root, 0, path);
    return schema_fail(&c->source, path, "sigma", error,
                       "expected errors and %s contradict each other: both say how much the targets count; give one of "
                       "the two",
                       other);
}

static mlsoap_status read_settings(sparse_gp_fit *f, mlsoap_error *error)
{
    const fit_problem *p = f->base.problem;
    const json_t *data = json_object_get(p->config->root, "data");
    f->explicit_sigma = json_is_object(json_object_get(shared_keys(f), "sigma"));
    f->validation_is_training = !json_is_array(json_object_get(data, "validation"));
    mlsoap_status status = check_sigma(f, error);
    for (size_t i = 0; i < f->n_terms && !status; i++) status = sparse_gp_read_term(f, i, error);
    return status ? status : sparse_gp_count_centers(f, error);
}

static mlsoap_status sparse_gp_fit_create(const fit_problem *problem, fit **out, mlsoap_error *error)
{
    *out = NULL;
    sparse_gp_fit *f = MEMORY_NEW(sparse_gp_fit, 1);
    if (!f) return status_no_memory(error, sizeof *f, "a fit");
    f->base = (fit){&sparse_gp_fit_method, problem};
    f->n_terms = problem->n_terms;
    f->terms = MEMORY_NEW(gp_term, f->n_terms);
    mlsoap_status status = kernel_basis_new(&f->basis, f->n_terms, error);
    if (!status && !f->terms) status = status_no_memory(error, f->n_terms * sizeof *f->terms, "the terms of a fit");
    for (size_t i = 0; i < f->n_terms && !status; i++) f->terms[i].keys = config_term(problem->config->root, i);
    if (!status) status = read_settings(f, error);
    if (!status) status = sparse_gp_choose_factorization(f, error);
    if (status)
        sparse_gp_fit_free(&f->base);
    else
        *out = &f->base;
    return status;
}

/* --------------------------------------------------------------------------------------------------------- weights */

/* lambda of a key: a number, or -1 for auto. */
static double loss_factor(const config *c, int target)
{
    const json_t *value = json_object_get(json_object_get(c->root, "loss"), target_names[target]);
    return json_is_number(value) ? json_number_value(value) : -1;
}

/* GAP's convention: the rows are divided by sqrt(N_c), their sigma is given. */
static void set_explicit_sigma(sparse_gp_fit *f)
{
    const json_t *sigma = json_object_get(shared_keys(f), "sigma");
    f->search.start.noise = 1;
    for (int t = 0; t < N_FRAME_TARGETS; t++) {
        const json_t *value = json_object_get(sigma, target_names[t]);
        f->search.start.lambda[t] = json_is_number(value);
        f->search.scale[t] = json_is_number(value) ? json_number_value(value) * json_number_value(value) : 1;
    }
}

/* The loss: `auto` factors of energies and virials are found by validation, that of forces is 1 because the noise
 * scales all three. Starts follow from START_SIGMA with the mean number of atoms. */
static void set_loss(sparse_gp_fit *f)
{
    const fit_problem *p = f->base.problem;
    const loss_statistics *s = &f->statistics;
    const json_t *noise = json_object_get(shared_keys(f), "noise");
    double mean_atoms = 0, natural[N_FRAME_TARGETS]; /* lambda/s^2 of START_SIGMA */
    for (size_t c = 0; c < p->data->n_fit; c++)
        mean_atoms += (double)p->data->fit[c].source->structure.n_atoms / (double)p->data->n_fit;
    for (int t = 0; t < N_FRAME_TARGETS; t++) {
        f->search.scale[t] = s->weight[t] * s->variance[t];
        natural[t] = s->weight[t] / (START_SIGMA[t] * START_SIGMA[t]) * (t == TARGET_FORCES ? 1 : mean_atoms);
    }
    int leading = TARGET_FORCES; /* its factor fixes the scale */
    if (s->n[TARGET_FORCES] == 0 || loss_factor(p->config, TARGET_FORCES) == 0)
        leading = s->n[TARGET_ENERGY] > 0 ? TARGET_ENERGY : TARGET_VIRIAL;
    double *lambda = f->search.start.lambda, given = loss_factor(p->config, leading);
    lambda[leading] = given >= 0 ? given : 1;
    f->search.free_noise = !json_is_number(noise);
    f->search.start.noise =
        json_is_number(noise) ? json_number_value(noise) : sqrt(lambda[leading] / fmax(natural[leading], 1e-300));
    for (int t = 0; t < N_FRAME_TARGETS; t++) {
        if (t == leading) continue;
        double factor = loss_factor(p->config, t), noise2 = f->search.start.noise * f->search.start.noise;
        lambda[t] = s->n[t] == 0 ? 0 : factor >= 0 ? factor : natural[t] * noise2;
        f->search.free_lambda[t] = s->n[t] > 0 && factor < 0;
    }
}

/* 0 where no term is a GP: unit matrices need none. */
static double jitter_of(const sparse_gp_fit *f)
{
    for (size_t i = 0; i < f->n_terms; i++)
        if (!f->terms[i].linear) return schema_real(f->terms[i].keys, "jitter");
    return 0;
}

static void set_weights(sparse_gp_fit *f)
{
    const fit_problem *p = f->base.problem;
    dataset_statistics(p->data->fit, p->data->n_fit, p->elements, p->n_elements, p->offsets, &f->statistics);
    f->search.checkpoint = p->checkpoint;
    f->search.ranks = p->ranks;
    f->search.start.jitter = jitter_of(f);
    if (f->explicit_sigma)
        set_explicit_sigma(f);
    else
        set_loss(f);
    for (int t = 0; t < N_FRAME_TARGETS; t++)
        if (f->statistics.vanishes[t])
            training_log_text(p->log, "loss: the variance of the %s is 0, 1 is used instead", target_names[t]);
}

/* --------------------------------------------------------------------------------------------------------- prepare */

/* All rows of the origin join the fit part, and its weights are taken over. */
static mlsoap_status fold_origin(sparse_gp_fit *f, mlsoap_error *error)
{
    const fit_problem *p = f->base.problem;
    checkpoint_drop(p->checkpoint, "triangles"); /* they change: a run that resumes makes those of the new data again */
    mlsoap_status status = fold_rows(p->from, &f->regression, &f->folded, error);
    if (status) return status;
    f->statistics = f->folded.statistics;
    memcpy(f->search.scale, f->folded.scale, sizeof f->folded.scale);
    f->found = (hyperparameter_result){.best = f->folded.best, .n_evaluations = 1};
    training_log_text(p->log, "folded: %zu energies, %zu force components, %zu virial components in all",
                      f->regression.fit.n_rows[TARGET_ENERGY], f->regression.fit.n_rows[TARGET_FORCES],
                      f->regression.fit.n_rows[TARGET_VIRIAL]);
    return MLSOAP_SUCCESS;
}

static mlsoap_status sparse_gp_hold(fit *base, checkpoint *file, mlsoap_error *error)
{
    sparse_gp_fit *f = (sparse_gp_fit *)base;
    memset(&f->folded, 0, sizeof f->folded); /* the padding too */
    f->folded.best = f->found.best;
    f->folded.statistics = f->statistics;
    f->folded.with_validation = f->validation_is_training;
    memcpy(f->folded.scale, f->search.scale, sizeof f->search.scale);
    mlsoap_status status = points_hold(file, &f->basis, error);
    return status ? status : fold_hold(file, &f->regression, &f->folded, error);
}

/* Triangles and K on this rank. */
static mlsoap_status local_pass(sparse_gp_fit *f, const triangle_problem *triangles, progress *bar, mlsoap_error *error)
{
    size_t n = f->basis.n_columns;
    mlsoap_status status = kernel_triangles(triangles, bar, &f->regression, error);
    if (!status && f->base.problem->from) status = fold_origin(f, error);
    if (status) return status;
    f->regression.K = MEMORY_NEW(double, n *n);
    if (!f->regression.K) return status_no_memory(error, n * n * sizeof(double), "the kernel matrix");
    kernel_basis_matrix(&f->basis, f->regression.K);
    return kernel_set_blocks(&f->basis, &f->regression, error);
}

static mlsoap_status sparse_gp_prepare(fit *base, mlsoap_error *error)
{
    sparse_gp_fit *f = (sparse_gp_fit *)base;
    const fit_problem *p = base->problem;
    const dataset *data = p->data;
    mlsoap_status status = sparse_gp_check_memory(f, error);
    if (!status) status = sparse_gp_choose_points(f, error);
    if (status) return status;
    const frame_set *validation_set = f->validation_is_training ? &data->train : &data->validation_files;
    triangle_problem triangles = {.basis = &f->basis,
                                  .frames = {data->fit, data->validation},
                                  .n_frames = {data->n_fit, data->n_validation},
                                  .sets = {&data->train, validation_set},
                                  .elements = p->elements,
                                  .n_elements = p->n_elements,
                                  .offsets = p->offsets,
                                  .divide_by_root = f->explicit_sigma,
                                  .checkpoint = p->checkpoint,
                                  .ranks = p->ranks};
    set_weights(f);
    progress *bar =
        training_log_progress(p->log, "kernel matrix", sparse_gp_most_centers(f) / (size_t)parallel_size(p->ranks));
    if (f->distributed)
        status = distributed_pass(&triangles, bar, &f->regression, error);
    else
        status = local_pass(f, &triangles, bar, error);
    progress_end(bar);
    training_log_stage(p->log, "kernel matrix");
    return status;
}

/* ----------------------------------------------------------------------------------------------------------- solve */

static double sigma_of(const sparse_gp_fit *f, int t)
{
    const hyperparameters *h = &f->found.best;
    return h->lambda[t] > 0 ? h->noise * sqrt(f->search.scale[t] / h->lambda[t]) : 0;
}

static void report_search(const sparse_gp_fit *f)
{
    const hyperparameter_result *r = &f->found;
    training_log *log = f->base.problem->log;
    const char *unit = f->explicit_sigma ? "sqrt(atom)" : "atom";
    training_log_text(log, "weights: lambda energy %.3g, forces %.3g, virial %.3g; noise %.3g; jitter %.1e (%s)",
                      r->best.lambda[TARGET_ENERGY], r->best.lambda[TARGET_FORCES], r->best.lambda[TARGET_VIRIAL],
                      r->best.noise, r->best.jitter,
                      f->base.problem->from  ? "of the potential that is trained further"
                      : f->explicit_sigma    ? "model.sigma"
                      : r->n_evaluations > 1 ? "by validation"
                                             : "as given");
    training_log_text(log, "         sigma: energy %.3g meV/%s, forces %.3g eV/angstrom, virial %.3g meV/%s",
                      1e3 * sigma_of(f, TARGET_ENERGY), unit, sigma_of(f, TARGET_FORCES),
                      1e3 * sigma_of(f, TARGET_VIRIAL), unit);
    if (r->n_evaluations > 1)
        training_log_text(log,
                          "         validation RMSE after %d trials: energy %.3g meV/atom, forces %.4g eV/angstrom, "
                          "virial %.3g meV/atom",
                          r->n_evaluations, 1e3 * r->rmse[TARGET_ENERGY], r->rmse[TARGET_FORCES],
                          1e3 * r->rmse[TARGET_VIRIAL]);
    if (r->at_limit) training_log_text(log, "         a weight ran to the end of its range: is a target constant?");
}

/* Where leading points take the place of the sparse points of a term. */
static void report_rank(const sparse_gp_fit *f, const gp_term *t, const kernel_term *basis)
{
    for (int z = 0; z < KERNEL_KINDS && !t->linear; z++)
        if (basis->n_points[z] && t->left_out[z] >= 0)
            training_log_text(f->base.problem->log,
                              "leading points: %s %zu in place of %zu sparse points; %.1e of the form is left out",
                              element_symbol(z), t->n_stored[z] - f->uncertainty.n[z], basis->n_points[z],
                              t->left_out[z]);
}

/* {energy: numbers[0], forces: ..., virial: ...} */
static json_t *per_target(const double numbers[N_FRAME_TARGETS])
{
    return json_pack("{s:f, s:f, s:f}", "energy", numbers[0], "forces", numbers[1], "virial", numbers[2]);
}

static mlsoap_status describe_fit(const sparse_gp_fit *f, fit_result *result, mlsoap_error *error)
{
    const hyperparameters *h = &f->found.best;
    double sigma[N_FRAME_TARGETS];
    for (int t = 0; t < N_FRAME_TARGETS; t++) sigma[t] = sigma_of(f, t);
    result->loss =
        json_pack("{s:s, s:o, s:o, s:o, s:o, s:f, s:f}", "form", f->explicit_sigma ? "sigma" : "variance", "variance",
                  per_target(f->statistics.variance), "weight", per_target(f->statistics.weight), "lambda",
                  per_target(h->lambda), "sigma", per_target(sigma), "noise", h->noise, "jitter", h->jitter);
    result->summary = json_pack("{s:i, s:I, s:o}", "trials", f->found.n_evaluations, "sparse_points",
                                (json_int_t)f->basis.n_columns, "validation_rmse", per_target(f->found.rmse));
    if (result->loss && result->summary) return MLSOAP_SUCCESS;
    fit_result_release(result);
    return status_no_memory(error, 1024, "the description of the fit");
}

static mlsoap_status sparse_gp_solve(fit *base, fit_stage stage, fit_result *result, mlsoap_error *error)
{
    sparse_gp_fit *f = (sparse_gp_fit *)base;
    if (!f->reported) {
        mlsoap_status status = MLSOAP_SUCCESS;
        if (!base->problem->from) status = hyperparameters_search(&f->regression, &f->search, &f->found, error);
        if (status) return status;
        f->reported = true;
        report_search(f);
        training_log_stage(base->problem->log, "search of weights");
    }
    bool with_validation = stage == FIT_FINAL && f->validation_is_training;
    bool with_uncertainty =
        base->problem->n_uncertainty > 0 && !f->distributed && base->problem->terms[0].features.centers_are_atoms;
    mlsoap_status status = sparse_gp_make_result(f, &f->found.best, with_validation, with_uncertainty, result, error);
    for (size_t i = 0; i < f->n_terms && !status && stage == FIT_FINAL; i++)
        report_rank(f, &f->terms[i], &f->basis.terms[i]);
    return status ? status : describe_fit(f, result, error);
}

const fit_method sparse_gp_fit_method = {.create = sparse_gp_fit_create,
                                         .forecast = sparse_gp_forecast,
                                         .duration = sparse_gp_duration,
                                         .prepare = sparse_gp_prepare,
                                         .solve = sparse_gp_solve,
                                         .hold = sparse_gp_hold,
                                         .free = sparse_gp_fit_free};
