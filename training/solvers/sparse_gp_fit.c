/* SPDX-License-Identifier: BSD-3-Clause */
/* Fit of a sparse GP; see sparse_gp_fit.h. */
#include "solvers/sparse_gp_fit.h"

#include "core/elements.h"
#include "core/memory.h"
#include "models/linear.h"
#include "models/model_tensors.h"
#include "solvers/distributed_pass.h"
#include "solvers/gp_uncertainty.h"
#include "solvers/kernel_state.h"
#include "solvers/kernel_triangles.h"
#include "solvers/sparse_gp_state.h"
#include "solvers/triangle_fold.h"

#include <math.h>
#include <omp.h>
#include <stdio.h>
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
    kernel_basis_release(&f->basis);
    regression_release(&f->regression);
    uncertainty_points_release(&f->uncertainty);
    memory_free(f->plain.weights);
    memory_free(f);
}

/* Settings of the linear model. */
static mlsoap_status read_linear(sparse_gp_fit *f, mlsoap_error *error)
{
    const feature_set *features = f->base.problem->features;
    f->plain = *features;
    f->plain.weights = MEMORY_NEW(double, features->stride);
    f->basis.unit = MEMORY_NEW(int, features->stride);
    if (!f->plain.weights || !f->basis.unit)
        return status_no_memory(error, features->stride * sizeof(double), "feature weights");
    for (size_t i = 0; i < features->stride; i++) {
        f->plain.weights[i] = features->weights[i] != 0;
        if (features->weights[i] != 0) f->basis.unit[f->n_sparse++] = (int)i;
    }
    f->basis.features = &f->plain;
    f->basis.settings =
        (sparse_gp_settings){.zeta = 1, .normalized = schema_boolean(model_keys(f), "normalized"), .delta = 1};
    return MLSOAP_SUCCESS;
}

static void read_kernel(sparse_gp_fit *f)
{
    const json_t *keys = model_keys(f), *constant = json_object_get(keys, "constant");
    f->basis.features = f->base.problem->features;
    f->basis.settings = (sparse_gp_settings){.zeta = (int)schema_integer(keys, "zeta"),
                                             .normalized = schema_boolean(keys, "normalized"),
                                             .constant = json_is_number(constant) ? json_number_value(constant) : 0,
                                             .delta = schema_real(keys, "delta")};
    f->n_sparse = (size_t)schema_integer(keys, "n_sparse");
    const json_t *rank = json_object_get(keys, "rank");
    f->rank = json_is_integer(rank)                          ? (size_t)json_integer_value(rank)
              : strcmp(json_string_value(rank), "full") == 0 ? LEADING_POINTS_NONE
                                                             : LEADING_POINTS_AUTO;
}

/* model.sigma stands for the noise and for all factors of the loss. */
static mlsoap_status check_sigma(const sparse_gp_fit *f, mlsoap_error *error)
{
    const config *c = f->base.problem->config;
    const json_t *loss = json_object_get(c->root, "loss");
    const char *other = NULL;
    if (json_is_number(json_object_get(model_keys(f), "noise"))) other = "model.noise";
    if (json_is_number(json_object_get(loss, "energy"))) other = "loss.energy";
    if (json_is_number(json_object_get(loss, "virial"))) other = "loss.virial";
    if (!f->explicit_sigma || !other) return MLSOAP_SUCCESS;
    return schema_fail(&c->source, "model", "sigma", error,
                       "expected errors and %s contradict each other: both say how much the targets count; give one of "
                       "the two",
                       other);
}

static mlsoap_status read_settings(sparse_gp_fit *f, mlsoap_error *error)
{
    f->explicit_sigma = json_is_object(json_object_get(model_keys(f), "sigma"));
    const json_t *data = json_object_get(f->base.problem->config->root, "data");
    f->validation_is_training = !json_is_array(json_object_get(data, "validation"));
    mlsoap_status status = check_sigma(f, error);
    if (status) return status;
    if (f->linear) return read_linear(f, error);
    read_kernel(f);
    return MLSOAP_SUCCESS;
}

static mlsoap_status create(const fit_method *method, const fit_problem *problem, fit **out, mlsoap_error *error)
{
    *out = NULL;
    sparse_gp_fit *f = MEMORY_NEW(sparse_gp_fit, 1);
    if (!f) return status_no_memory(error, sizeof *f, "a fit");
    f->base = (fit){method, problem};
    f->linear = method == &linear_fit_method;
    mlsoap_status status = read_settings(f, error);
    if (!status) status = environments_count(problem->features, &problem->data->train, &f->counts, error);
    if (!status) status = sparse_gp_choose_factorization(f, error);
    if (status)
        sparse_gp_fit_free(&f->base);
    else
        *out = &f->base;
    return status;
}

static mlsoap_status sparse_gp_fit_create(const fit_problem *problem, fit **out, mlsoap_error *error)
{
    return create(&sparse_gp_fit_method, problem, out, error);
}

static mlsoap_status linear_fit_create(const fit_problem *problem, fit **out, mlsoap_error *error)
{
    return create(&linear_fit_method, problem, out, error);
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
    const json_t *sigma = json_object_get(model_keys(f), "sigma");
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
    const json_t *noise = json_object_get(model_keys(f), "noise");
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

static void set_weights(sparse_gp_fit *f)
{
    const fit_problem *p = f->base.problem;
    dataset_statistics(p->data->fit, p->data->n_fit, p->elements, p->n_elements, p->offsets, &f->statistics);
    f->search.checkpoint = p->checkpoint;
    f->search.ranks = p->ranks;
    f->search.start.jitter = f->linear ? 0 : schema_real(model_keys(f), "jitter");
    if (f->explicit_sigma)
        set_explicit_sigma(f);
    else
        set_loss(f);
    for (int t = 0; t < N_FRAME_TARGETS; t++)
        if (f->statistics.vanishes[t])
            training_log_text(p->log, "loss: the variance of the %s is 0, 1 is used instead", target_names[t]);
}

/* --------------------------------------------------------------------------------------------------------- prepare */

/* What this rank has to do of n. */
static size_t own_share(const fit_problem *p, size_t n)
{
    return n / (size_t)parallel_size(p->ranks);
}

/* Unit vectors: the columns are the features of each kind of center. */
static mlsoap_status unit_points(sparse_gp_fit *f, mlsoap_error *error)
{
    size_t stride = f->plain.stride;
    for (int z = 0; z < KERNEL_KINDS; z++) {
        const fit_problem *p = f->base.problem;
        if (f->counts.n[z] == 0 && !(p->from && element_position(p->elements, p->n_elements, z) >= 0)) continue;
        f->basis.points[z] = memory_new(f->n_sparse, stride * sizeof(double));
        if (!f->basis.points[z]) return status_no_memory(error, f->n_sparse * stride * sizeof(double), "the unknowns");
        for (size_t i = 0; i < stride; i++)
            if (f->plain.weights[i] != 0) f->basis.points[z][f->basis.n_points[z]++ * stride + i] = 1;
        training_log_text(f->base.problem->log, "linear: %s %zu features in %zu environments", element_symbol(z),
                          f->n_sparse, f->counts.n[z]);
    }
    return kernel_basis_finish(&f->basis, error);
}

static mlsoap_status select_points(sparse_gp_fit *f, mlsoap_error *error)
{
    const fit_problem *p = f->base.problem;
    const json_t *keys = model_keys(f);
    const char *method = schema_text(keys, "selection");
    progress *bar = training_log_progress(p->log, "descriptors", own_share(p, f->counts.n_centers));
    mlsoap_status status =
        sparse_points_choose(&f->basis, &p->data->train, &f->counts, method, f->n_sparse,
                             json_is_string(json_object_get(keys, "constant")), p->ranks, bar, error);
    progress_end(bar);
    if (!status) status = kernel_basis_finish(&f->basis, error);
    for (int z = 0; z < KERNEL_KINDS && !status; z++)
        if (f->counts.n[z])
            training_log_text(p->log, "sparse points: %s %zu of %zu environments (%s)%s", element_symbol(z),
                              f->basis.n_points[z], f->counts.n[z], method,
                              f->basis.n_points[z] < f->n_sparse && f->basis.n_points[z] < f->counts.n[z]
                                  ? "; all others repeat these"
                                  : "");
    training_log_stage(p->log, "sparse points");
    return status;
}

static mlsoap_status choose_points(sparse_gp_fit *f, mlsoap_error *error)
{
    bool found;
    const fit_problem *p = f->base.problem;
    if (f->linear) return unit_points(f, error);
    bool given = p->from || json_object_get(model_keys(f), "sparse_points");
    mlsoap_status status = points_restore(p->checkpoint, &f->basis, &found, error);
    if (!status && !found && given)
        status = fold_points(p, schema_text(model_keys(f), "sparse_points"), &f->basis, error);
    else if (!status && !found)
        status = select_points(f, error);
    if (!status) status = points_hold(p->checkpoint, &f->basis, error);
    return status ? status : checkpoint_poll(p->checkpoint, error);
}

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
    mlsoap_status status = f->linear ? MLSOAP_SUCCESS : points_hold(file, &f->basis, error);
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
    return MLSOAP_SUCCESS;
}

static mlsoap_status sparse_gp_prepare(fit *base, mlsoap_error *error)
{
    sparse_gp_fit *f = (sparse_gp_fit *)base;
    const fit_problem *p = base->problem;
    const dataset *data = p->data;
    mlsoap_status status = sparse_gp_check_memory(f, error);
    if (!status) status = choose_points(f, error);
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
    progress *bar = training_log_progress(p->log, "kernel matrix", own_share(p, f->counts.n_centers));
    if (f->distributed)
        status = distributed_pass(&triangles, bar, &f->regression, error);
    else
        status = local_pass(f, &triangles, bar, error);
    progress_end(bar);
    training_log_stage(p->log, "kernel matrix");
    return status;
}

/* ----------------------------------------------------------------------------------------------------------- solve */

static json_t *term_json(const sparse_gp_fit *f)
{
    const sparse_gp_settings *s = &f->basis.settings;
    json_t *species = json_object();
    for (int z = 0; z < KERNEL_KINDS && f->linear; z++) {
        char prefix[64];
        if (f->basis.n_points[z] == 0) continue;
        snprintf(prefix, sizeof prefix, "terms.0.%s", element_symbol(z));
        json_object_set_new(species, element_symbol(z), json_pack("{s:s}", "tensors", prefix));
    }
    if (f->linear)
        return json_pack("{s:O, s:{s:s, s:b}, s:o}", "descriptors", f->base.problem->descriptor_names, "model", "type",
                         "linear", "normalized", s->normalized, "species", species);
    for (int z = 0; z < KERNEL_KINDS; z++) {
        char prefix[64];
        if (f->basis.n_points[z] == 0) continue;
        snprintf(prefix, sizeof prefix, "terms.0.%s", element_symbol(z));
        json_object_set_new(species, element_symbol(z),
                            json_pack("{s:s, s:I}", "tensors", prefix, "n_sparse", (json_int_t)f->n_stored[z]));
    }
    return json_pack("{s:O, s:{s:s, s:i, s:b, s:f, s:f}, s:o}", "descriptors", f->base.problem->descriptor_names,
                     "model", "type", "sparse_gp", "zeta", s->zeta, "normalized", s->normalized, "constant",
                     s->constant, "delta", s->delta, "species", species);
}

/* The noise of the uncertainty: the error on data that the model has not seen. The sigma that the search finds is only
 * a part of it, as the rest of the error is what the features cannot tell. */
static mlsoap_status uncertainty_weights(sparse_gp_fit *f, const hyperparameters *h, const double *alpha,
                                         mlsoap_error *error)
{
    const regression *r = &f->regression;
    double unseen[N_FRAME_TARGETS], seen[N_FRAME_TARGETS], *weight = f->uncertainty_weight;
    hyperparameters_weights(h, f->search.scale, weight);
    mlsoap_status status = regression_rmse(r, &r->validation, alpha, unseen, error);
    if (!status) status = regression_rmse(r, &r->fit, alpha, seen, error);
    for (int t = 0; t < N_FRAME_TARGETS && !status; t++) {
        double rmse = unseen[t] > 0 ? unseen[t] : seen[t];
        if (rmse > 0) weight[t] = fmin(weight[t], 1 / (rmse * rmse));
    }
    return status;
}

/* The triangle of all rows at that noise, and the points, which are chosen where there are none yet. */
static mlsoap_status uncertainty_triangle(sparse_gp_fit *f, const hyperparameters *h, const double *U,
                                          const double *alpha, bool with_validation, double **R, mlsoap_error *error)
{
    const regression *r = &f->regression;
    mlsoap_status status = MLSOAP_SUCCESS;
    bool first = !f->uncertainty_known;
    *R = NULL;
    if (first) status = uncertainty_weights(f, h, alpha, error);
    if (!status) status = regression_triangle(r, f->uncertainty_weight, U, with_validation, R, error);
    if (!status && first && !f->linear)
        status = uncertainty_points_choose(&f->uncertainty, &f->basis, *R, r->K, regression_shift(r, h->jitter),
                                           f->base.problem->n_uncertainty, error);
    f->uncertainty_known = !status;
    return status;
}

/* G [m][m] of the features of a kind -> [stride][stride], zero where features are padding. */
static mlsoap_status add_padded_triangle(const sparse_gp_fit *f, const char *prefix, const double *G, const double *x,
                                         tensor_set *tensors, mlsoap_error *error)
{
    size_t stride = f->plain.stride, m = f->n_sparse, row = 0;
    double *full = MEMORY_NEW(double, stride *stride);
    if (!full) return status_no_memory(error, stride * stride * sizeof *full, "the uncertainty");
    for (size_t i = 0; i < stride; i++) {
        if (f->plain.weights[i] == 0) continue;
        for (size_t j = 0, column = 0; j <= i; j++)
            if (f->plain.weights[j] != 0) full[i * stride + j] = G[row * m + column++];
        row++;
    }
    mlsoap_status status = model_uncertainty_add(tensors, prefix, stride, full, stride, stride, x, error);
    memory_free(full);
    return status;
}

/* Triangles of the uncertainty and features of isolated atoms as tensors. */
static mlsoap_status add_uncertainty(const sparse_gp_fit *f, const double *R, double shift, fit_result *result,
                                     mlsoap_error *error)
{
    const uncertainty_points *points = &f->uncertainty;
    gp_uncertainty u = {{0}};
    mlsoap_status status = f->linear ? linear_uncertainty_new(&u, &f->basis, R, error)
                                     : gp_uncertainty_new(&u, points, &f->basis, R, f->regression.K, shift, error);
    for (int z = 1; z < KERNEL_KINDS && !status; z++) {
        char prefix[64];
        size_t n = points->n[z], stride = f->basis.features->stride;
        const double *x = f->basis.isolated_x[z];
        if (f->basis.n_points[z] == 0) continue;
        snprintf(prefix, sizeof prefix, "terms.0.%s", element_symbol(z));
        status = f->linear ? add_padded_triangle(f, prefix, u.G[z], x, &result->tensors, error)
                           : model_uncertainty_add(&result->tensors, prefix, n + 1, u.G[z], n + 1, stride, x, error);
    }
    gp_uncertainty_release(&u);
    result->has_uncertainty = !status;
    return status;
}

/* The weights of a kind as tensors. */
static mlsoap_status add_weights(const sparse_gp_fit *f, int z, const double *alpha, tensor_set *tensors,
                                 mlsoap_error *error)
{
    size_t stride = f->plain.stride, column = f->basis.first_column[z];
    double *w = MEMORY_NEW(double, stride);
    char prefix[64];
    if (!w) return status_no_memory(error, stride * sizeof *w, "the weights");
    for (size_t i = 0; i < stride; i++)
        if (f->plain.weights[i] != 0) w[i] = alpha[column++];
    snprintf(prefix, sizeof prefix, "terms.0.%s", element_symbol(z));
    mlsoap_status status = linear_add_tensors(tensors, prefix, stride, w, 0, error);
    memory_free(w);
    return status;
}

/* The sparse points of a kind and their alpha, those of the uncertainty first: points [M][stride], weights [M]. */
static mlsoap_status order_points(const sparse_gp_fit *f, int z, const double *alpha, double *points, double *weights,
                                  mlsoap_error *error)
{
    size_t m = f->basis.n_points[z], stride = f->basis.features->stride, n = f->uncertainty.n[z], at = 0;
    bool *taken = MEMORY_NEW(bool, m);
    if (!taken) return status_no_memory(error, m * sizeof *taken, "sparse points");
    for (size_t k = 0; k < n + m; k++) {
        size_t s = k < n ? f->uncertainty.index[z][k] : k - n;
        if (taken[s]) continue;
        taken[s] = true;
        memcpy(points + at * stride, f->basis.points[z] + s * stride, stride * sizeof *points);
        weights[at++] = alpha[f->basis.first_column[z] + s];
    }
    memory_free(taken);
    return MLSOAP_SUCCESS;
}

/* Sparse points and alpha of a kind as tensors; where leading ones take the place of all in the energy, those of the
 * uncertainty stay, with alpha 0. `points` and `weights` have room for M of both. */
static mlsoap_status add_ordered(sparse_gp_fit *f, int z, double *points, double *weights, tensor_set *tensors,
                                 mlsoap_error *error)
{
    size_t m = f->basis.n_points[z], stride = f->basis.features->stride, n = f->uncertainty.n[z];
    leading_points leading;
    char prefix[64];
    mlsoap_status status = leading_points_find(&f->basis.settings, m, stride, points, weights, f->basis.isolated_x[z],
                                               f->rank, &leading, error);
    f->n_stored[z] = m;
    f->left_out[z] = -1;
    if (leading.n > 0) {
        memset(weights, 0, n * sizeof *weights);
        memcpy(weights + n, leading.alpha, leading.n * sizeof *weights);
        memcpy(points + n * stride, leading.points, leading.n * stride * sizeof *points);
        f->n_stored[z] = n + leading.n;
        f->left_out[z] = leading.left_out;
    }
    leading_points_release(&leading);
    snprintf(prefix, sizeof prefix, "terms.0.%s", element_symbol(z));
    if (!status) status = sparse_gp_add_tensors(tensors, prefix, f->n_stored[z], stride, points, weights, error);
    if (!status) status = sparse_gp_add_square_sum(tensors, prefix, &f->basis.settings, error);
    return status;
}

static mlsoap_status add_points(sparse_gp_fit *f, int z, const double *alpha, tensor_set *tensors, mlsoap_error *error)
{
    size_t room = 2 * f->basis.n_points[z], stride = f->basis.features->stride;
    double *points = MEMORY_NEW(double, room *stride), *weights = MEMORY_NEW(double, room);
    mlsoap_status status = MLSOAP_SUCCESS;
    if (!points || !weights) status = status_no_memory(error, room * stride * sizeof *points, "sparse points");
    if (!status) status = order_points(f, z, alpha, points, weights, error);
    if (!status) status = add_ordered(f, z, points, weights, tensors, error);
    memory_free(points);
    memory_free(weights);
    return status;
}

/* alpha at given weights -> the parts of a potential. */
static mlsoap_status make_result(sparse_gp_fit *f, const hyperparameters *h, bool with_validation,
                                 bool with_uncertainty, fit_result *result, mlsoap_error *error)
{
    const regression *r = &f->regression;
    double weight[N_FRAME_TARGETS], *U = NULL, *R = NULL, *alpha = MEMORY_NEW(double, r->n);
    memset(result, 0, sizeof *result);
    hyperparameters_weights(h, f->search.scale, weight);
    mlsoap_status status = alpha ? MLSOAP_SUCCESS : status_no_memory(error, r->n * sizeof *alpha, "the solution");
    if (!status) status = regression_prior(r, h->jitter, &U, error);
    if (!status) status = regression_triangle(r, weight, U, with_validation, &R, error);
    if (!status) status = regression_solve(r, R, alpha, error);
    memory_free(R);
    R = NULL;
    if (!status && with_uncertainty) status = uncertainty_triangle(f, h, U, alpha, with_validation, &R, error);
    for (int z = 0; z < KERNEL_KINDS && !status; z++)
        if (f->basis.n_points[z])
            status = f->linear ? add_weights(f, z, alpha, &result->tensors, error)
                               : add_points(f, z, alpha, &result->tensors, error);
    if (!status && with_uncertainty) status = add_uncertainty(f, R, regression_shift(r, h->jitter), result, error);
    if (!status && !(result->term = term_json(f))) status = status_no_memory(error, 1024, "the description of the fit");
    memory_free(U);
    memory_free(R);
    memory_free(alpha);
    if (status) fit_result_release(result);
    return status;
}

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

static void report_rank(const sparse_gp_fit *f)
{
    for (int z = 0; z < KERNEL_KINDS && !f->linear; z++)
        if (f->basis.n_points[z] && f->left_out[z] >= 0)
            training_log_text(f->base.problem->log,
                              "leading points: %s %zu in place of %zu sparse points; %.1e of the form is left out",
                              element_symbol(z), f->n_stored[z] - f->uncertainty.n[z], f->basis.n_points[z],
                              f->left_out[z]);
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
    bool with_uncertainty = base->problem->n_uncertainty > 0 && !f->distributed && f->basis.features->centers_are_atoms;
    mlsoap_status status = make_result(f, &f->found.best, with_validation, with_uncertainty, result, error);
    if (!status && stage == FIT_FINAL) report_rank(f);
    return status ? status : describe_fit(f, result, error);
}

const fit_method sparse_gp_fit_method = {.type = "sparse_gp",
                                         .create = sparse_gp_fit_create,
                                         .forecast = sparse_gp_forecast,
                                         .duration = sparse_gp_duration,
                                         .prepare = sparse_gp_prepare,
                                         .solve = sparse_gp_solve,
                                         .hold = sparse_gp_hold,
                                         .free = sparse_gp_fit_free};

const fit_method linear_fit_method = {.type = "linear",
                                      .create = linear_fit_create,
                                      .forecast = sparse_gp_forecast,
                                      .duration = sparse_gp_duration,
                                      .prepare = sparse_gp_prepare,
                                      .solve = sparse_gp_solve,
                                      .hold = sparse_gp_hold,
                                      .free = sparse_gp_fit_free};
