/* SPDX-License-Identifier: BSD-3-Clause */
/* Fit of networks; see network_fit.h. */
#include "solvers/network/network_fit.h"

#include "core/elements.h"
#include "core/memory.h"
#include "solvers/fit_speed.h"
#include "solvers/network/network_inputs.h"
#include "solvers/network/network_residuals.h"
#include "solvers/network/network_train.h"
#include "solvers/sparse_points.h"

#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <string.h>

/* The energies count more at the end, when the forces are learned (found best over many fits). */
static const double LATE_ENERGY = 3;
/* Virials cost accuracy of the forces where they count as much (errors of the cell in the data): `auto`. */
static const double VIRIAL_LAMBDA = 0.02;
/* `auto` tries these. */
static const double DECAYS[] = {0.1, 0};
enum { N_DECAYS = 2 };
/* Stop early in the final run only where validation was better by this factor before the end. */
static const double WORTH_STOPPING = 1.1;
/* Levenberg-Marquardt where there are no more parameters and multiplications of one step than these. */
enum { SMALL_NETWORK = 500 };
static const double SMALL_STEP = 5e7;
/* For the forecast: lengths, scalings and copies of a feature take as long as so many multiplications (measured). */
static const double FEATURE_PRODUCTS = 560;
enum { EPOCHS = 100, STEPS = 1000 }; /* `auto`: passes of adam; steps of the others at most */
typedef struct network_fit {
    fit base;
    environment_counts counts;
    network_form form;
    network_frames frames;
    network_data data;
    loss_statistics statistics;
    network_loss *loss;
    network_plan plan;
    int n_members, n_trained; /* networks so far, in all stages: their names in the checkpoint */
    bool choose_decay, validation_is_training, searched;
    double **theta; /* [n_members] of the last solution */
    double **start; /* [n_members] of the potential that is trained further; NULL: none */
    network_outcome outcome;
    double seconds;
} network_fit;

static const json_t *model_keys(const network_fit *f)
{
    return json_object_get(f->base.problem->config->root, "model");
}

static void network_fit_free(fit *base)
{
    network_fit *f = (network_fit *)base;
    if (!f) return;
    network_loss_free(f->loss);
    network_frames_release(&f->frames);
    network_form_release(&f->form);
    for (int k = 0; k < f->n_members && f->theta; k++) memory_free(f->theta[k]);
    memory_free(f->theta);
    for (int k = 0; k < f->n_members && f->start; k++) memory_free(f->start[k]);
    memory_free(f->start);
    memory_free(f);
}

/* -------------------------------------------------------------------------------------------------------- settings */

/* Item i of a text or a list of texts. */
static const char *text_item(const json_t *value, size_t i)
{
    return json_string_value(json_is_array(value) ? json_array_get(value, i) : value);
}

static mlsoap_status read_layers(network_fit *f, mlsoap_error *error)
{
    const json_t *keys = model_keys(f), *hidden = json_object_get(keys, "hidden");
    const json_t *chosen = json_object_get(keys, "activation");
    const schema_source *source = &f->base.problem->config->source;
    size_t n = json_array_size(hidden);
    if (n < 1 || n > NETWORK_LAYERS_MAX)
        return schema_fail(source, "model", "hidden", error,
                           "%zu layers; give the neurons of 1 to %d, such as [64, 64]", n, NETWORK_LAYERS_MAX);
    if (json_is_array(chosen) && json_array_size(chosen) != n)
        return schema_fail(source, "model", "activation", error, "%zu activations for %zu hidden layers",
                           json_array_size(chosen), n);
    for (size_t t = 0; t < n; t++) {
        const json_t *count = json_array_get(hidden, t);
        const char *name = text_item(chosen, t);
        if (!json_is_integer(count) || json_integer_value(count) < 1 || json_integer_value(count) > NETWORK_NEURONS_MAX)
            return schema_fail(source, "model", "hidden", error, "item %zu must be a number of neurons, 1 to %d", t,
                               NETWORK_NEURONS_MAX);
        f->form.n_hidden[t] = (int)json_integer_value(count);
        f->form.activations[t] = activation_find(name);
        if (!f->form.activations[t])
            return schema_fail(source, "model", "activation", error,
                               "`%s` is unknown; there are tanh, silu, softplus, logistic, reverse_logistic, gaussian, "
                               "cos, exponential, square, linear",
                               name ? name : "(not a text)");
        if (!f->form.activations[t]->is_smooth)
            return schema_fail(source, "model", "activation", error,
                               "%s has a kink, so that forces would jump; use silu or softplus", name);
    }
    f->form.n_layers = (int)n;
    return MLSOAP_SUCCESS;
}

/* Features that have unit length already are not normalized again: the block of a bispectrum has no part in it. */
static bool descriptors_normalize(const feature_set *features)
{
    for (int k = 0; k < features->n_descriptors; k++)
        if (!json_is_true(json_object_get(features->descriptors[k]->settings, "normalize"))) return false;
    return true;
}

static void read_settings(network_fit *f)
{
    const fit_problem *p = f->base.problem;
    const json_t *keys = model_keys(f), *decay = json_object_get(keys, "weight_decay");
    f->form.features = &p->terms[0].features;
    f->form.transform = (sparse_gp_settings){.zeta = 1,
                                             .delta = 1,
                                             .normalized = schema_boolean(keys, "normalized") &&
                                                           !descriptors_normalize(&p->terms[0].features)};
    f->form.linear_skip = schema_boolean(keys, "linear_skip") || p->from; /* what is stored has one */
    f->n_members = (int)schema_integer(keys, "committee");
    f->choose_decay = !json_is_number(decay);
    f->plan = (network_plan){.n_epochs = EPOCHS,
                             .batch = (size_t)schema_integer(keys, "batch"),
                             .rate = schema_real(keys, "learning_rate"),
                             .decay = json_is_number(decay) ? json_number_value(decay) : DECAYS[0],
                             .averaging = schema_real(keys, "averaging"),
                             .seed = (uint64_t)schema_integer(p->config->root, "seed")};
    const json_t *data = json_object_get(p->config->root, "data");
    f->validation_is_training = !json_is_array(json_object_get(data, "validation"));
}

static mlsoap_status network_fit_create(const fit_problem *problem, fit **out, mlsoap_error *error)
{
    *out = NULL;
    network_fit *f = MEMORY_NEW(network_fit, 1);
    if (!f) return status_no_memory(error, sizeof *f, "a fit");
    f->base = (fit){&network_fit_method, problem};
    read_settings(f);
    mlsoap_status status = read_layers(f, error);
    if (!status) status = environments_count(&problem->terms[0].features, &problem->data->train, &f->counts, error);
    if (!status && f->counts.n_centers == 0) status = fit_fail_centers(problem, 0, error);
    f->theta = MEMORY_NEW(double *, (size_t)f->n_members);
    if (!status && !f->theta) status = status_no_memory(error, 1024, "the members of a committee");
    if (status)
        network_fit_free(&f->base);
    else
        *out = &f->base;
    return status;
}

/* -------------------------------------------------------------------------------------------------------- forecast */

static void network_forecast(const fit *base, fit_forecast *forecast)
{
    const network_fit *f = (const network_fit *)base;
    double stride = (double)f->form.features->stride;
    double n_threads = omp_get_max_threads(), n_hidden = f->form.n_hidden[0], others = 0;
    for (int t = 1; t < f->form.n_layers; t++) others += (double)f->form.n_hidden[t - 1] * f->form.n_hidden[t];
    double inputs = stride * stride, rows = fmax(512, (double)f->counts.largest_atoms);
    forecast->bytes = f->base.problem->process_memory + 32 * (double)f->counts.n_pairs +
                      8 * (4 * inputs + 12 * stride * n_hidden) + network_rows_bytes(&f->form, rows) + n_threads * 2e6;
    double weights = stride * (n_hidden + 1) + others + 2 * 8; /* and biases and output of each layer */
    for (int t = 0; t < f->form.n_layers; t++) weights += 2 * (double)f->form.n_hidden[t];
    forecast->file_bytes = POTENTIAL_TEXT_BYTES;
    for (int z = 0; z < KERNEL_KINDS; z++)
        if (f->counts.n[z] > 0) forecast->file_bytes += 8 * f->n_members * weights;
}

/* Epochs of values, tangents and adjoints of all pairs, products with the layers, and for each step the gradient of the
 * matrix of the inputs. */
static mlsoap_status network_duration(fit *base, double *seconds, mlsoap_error *error)
{
    const network_fit *f = (const network_fit *)base;
    const dataset *data = base->problem->data;
    size_t stride = f->form.features->stride, n_hidden = (size_t)f->form.n_hidden[0];
    double pair, centers = (double)f->counts.n_centers, others = 0;
    mlsoap_status status = pair_time_measure(f->form.features, data->fit, data->n_fit, &pair, error);
    double batches = (double)data->n_fit / (double)f->plan.batch, atoms = centers / fmax(1, (double)data->n_fit);
    double product = product_time_measure((size_t)fmax(8, atoms * (double)f->plan.batch), stride, n_hidden);
    for (int t = 1; t < f->form.n_layers; t++) others += (double)f->form.n_hidden[t - 1] * f->form.n_hidden[t];
    double first = (double)stride * (double)n_hidden, fits = f->n_members;
    if (data->n_validation > 0) fits += f->n_members - 1 + (f->choose_decay ? N_DECAYS : 1); /* trials of the decay */
    double features = FEATURE_PRODUCTS * (double)stride;
    double epoch = pair * (double)f->counts.n_pairs +
                   product * (centers * (5 * first + 8 * others + features) + batches * 2 * (double)stride * first);
    const json_t *epochs = json_object_get(model_keys(f), "epochs");
    double n_epochs = json_is_integer(epochs) ? (double)json_integer_value(epochs) : (double)f->plan.n_epochs;
    *seconds = fits * n_epochs * epoch / omp_get_max_threads();
    return status;
}

static mlsoap_status check_memory(const network_fit *f, mlsoap_error *error)
{
    fit_forecast forecast;
    const double GiB = 1024.0 * 1024 * 1024;
    network_forecast(&f->base, &forecast);
    if (FORECAST_MARGIN * forecast.bytes <= (double)f->base.problem->memory) return MLSOAP_SUCCESS;
    return status_fail(
        error, MLSOAP_ERROR_CAPACITY,
        "the fit needs about %.2f GiB (%zu pairs, %zu features), and memory is %.2f GiB: raise `memory`, "
        "or shorten the cutoff",
        FORECAST_MARGIN * forecast.bytes / GiB, f->counts.n_pairs, f->form.features->stride,
        (double)f->base.problem->memory / GiB);
}

/* --------------------------------------------------------------------------------------------------------- prepare */

/* Factors of the loss: numbers as given; `auto` is 1, VIRIAL_LAMBDA beside forces, and LATE_ENERGY times as much for
 * the energies at the end. */
static void set_lambda(network_fit *f)
{
    static const char *const names[N_FRAME_TARGETS] = {"energy", "forces", "virial"};
    const json_t *loss = json_object_get(f->base.problem->config->root, "loss");
    for (int t = 0; t < N_FRAME_TARGETS; t++) {
        const json_t *value = json_object_get(loss, names[t]);
        double chosen = t == TARGET_VIRIAL && f->statistics.n[TARGET_FORCES] > 0 ? VIRIAL_LAMBDA : 1;
        f->plan.lambda[t] = f->statistics.n[t] == 0 ? 0 : json_is_number(value) ? json_number_value(value) : chosen;
        if (t == TARGET_ENERGY) f->plan.late_energy = json_is_number(value) ? 1 : LATE_ENERGY;
        if (f->statistics.vanishes[t])
            training_log_text(f->base.problem->log, "loss: the variance of the %s is 0, 1 is used instead", names[t]);
    }
    bool forces = f->statistics.n[TARGET_FORCES] > 0;
    f->form.scale = sqrt(f->statistics.variance[forces ? TARGET_FORCES : TARGET_ENERGY]);
}

static mlsoap_status find_inputs(network_fit *f, mlsoap_error *error)
{
    static const char *const names[] = {"pca", "standardize", "none"};
    const json_t *keys = model_keys(f), *n = json_object_get(keys, "n_inputs");
    const fit_problem *p = f->base.problem;
    network_inputs_method method = NETWORK_PCA;
    size_t n_features = 0;
    for (int k = 0; k < 3; k++)
        if (strcmp(names[k], schema_text(keys, "inputs")) == 0) method = (network_inputs_method)k;
    size_t wanted = json_is_integer(n) ? (size_t)json_integer_value(n) : 0;
    if (p->from) { /* no weight may be lost */
        wanted = NETWORK_ALL_INPUTS;
        if (method == NETWORK_STANDARDIZE) method = NETWORK_PCA;
    }
    mlsoap_status status =
        network_inputs_find(&f->form, &p->data->train, method, wanted, schema_real(keys, "pca_exponent"), error);
    if (status) return status;
    for (size_t k = 0; k < f->form.features->stride; k++) n_features += f->form.features->weights[k] != 0;
    for (int i = 0; i < f->form.n_kinds; i++)
        training_log_text(p->log, "network: %s %zu inputs of %zu features (%s)", element_symbol(f->form.present[i]),
                          f->form.kinds[f->form.present[i]].n_inputs, n_features, names[method]);
    training_log_text(p->log, "         %zu parameters%s", f->form.n_parameters * (size_t)f->n_members,
                      f->n_members > 1 ? " in all members" : "");
    for (int k = 0; k < f->n_members; k++)
        if (!(f->theta[k] = MEMORY_NEW(double, f->form.n_parameters)))
            return status_no_memory(error, f->form.n_parameters * sizeof(double), "the parameters of a network");
    return MLSOAP_SUCCESS;
}

/* Fit part and validation part side by side. */
static mlsoap_status build_frames(network_fit *f, mlsoap_error *error)
{
    const fit_problem *p = f->base.problem;
    const dataset *d = p->data;
    const training_frame *parts[2] = {d->fit, d->validation};
    const frame_set *sets[2] = {&d->train, f->validation_is_training ? &d->train : &d->validation_files};
    size_t n[2] = {d->n_fit, d->n_validation};
    loss_statistics judged;
    network_frames part[2] = {{0}};
    mlsoap_status status = MLSOAP_SUCCESS;
    for (int k = 0; k < 2 && !status; k++)
        status = network_frames_new(&p->terms[0].features, parts[k], n[k], sets[k], p->elements, p->n_elements,
                                    p->offsets, &f->statistics, &part[k], error);
    f->frames.items = MEMORY_NEW(network_frame, n[0] + n[1]);
    if (!status && !f->frames.items)
        status = status_no_memory(error, (n[0] + n[1]) * sizeof(network_frame), "the frames of a fit");
    if (status) {
        network_frames_release(&part[0]);
        network_frames_release(&part[1]);
        return status;
    }
    for (int k = 0; k < 2; k++) {
        memcpy(f->frames.items + f->frames.n, part[k].items, n[k] * sizeof(network_frame));
        f->frames.n += n[k];
        f->frames.bytes += part[k].bytes;
        memory_free(part[k].items); /* what they hold has moved */
    }
    dataset_statistics(d->validation, d->n_validation, p->elements, p->n_elements, p->offsets, &judged);
    f->data = (network_data){.frames = &f->frames, .n_fit = n[0], .n_validation = n[1]};
    for (int t = 0; t < N_FRAME_TARGETS; t++)
        f->data.validation_share[t] = judged.weight[t] > 0 ? f->statistics.weight[t] / judged.weight[t] : 0;
    return MLSOAP_SUCCESS;
}

static void choose_optimizer(network_fit *f)
{
    const json_t *keys = model_keys(f), *epochs = json_object_get(keys, "epochs");
    const char *name = schema_text(keys, "optimizer");
    double bytes, products;
    network_residuals_cost(&f->form, &f->frames, &bytes, &products);
    bool small =
        f->form.n_parameters <= SMALL_NETWORK && products < SMALL_STEP && bytes < 0.5 * (double)f->base.problem->memory;
    f->plan.optimizer = NETWORK_ADAM;
    if (strcmp(name, "lbfgs") == 0) f->plan.optimizer = NETWORK_LBFGS;
    if (strcmp(name, "levenberg_marquardt") == 0 || (strcmp(name, "auto") == 0 && small))
        f->plan.optimizer = NETWORK_LEVENBERG_MARQUARDT;
    bool adam = f->plan.optimizer == NETWORK_ADAM;
    f->plan.n_epochs = json_is_integer(epochs) ? (size_t)json_integer_value(epochs) : adam ? EPOCHS : STEPS;
    if (adam) return;
    f->choose_decay = false; /* they minimize the loss as it is */
    f->plan.decay = 0;
    training_log_text(f->base.problem->log, "network: optimizer %s",
                      f->plan.optimizer == NETWORK_LBFGS ? "L-BFGS" : "Levenberg-Marquardt (few parameters)");
}

/* What cannot change on the way. */
static mlsoap_status check_start(const network_fit *f, mlsoap_error *error)
{
    static const char *const names[] = {"hidden", "activations", "normalized"};
    const fit_problem *p = f->base.problem;
    const json_t *terms = json_object_get(p->from->potential->description, "terms");
    const json_t *old = json_object_get(json_array_get(terms, 0), "model");
    json_t *form = network_form_describe(&f->form, f->n_members);
    mlsoap_status status = form ? MLSOAP_SUCCESS : status_no_memory(error, 1024, "the description of a network");
    for (int k = 0; k < 3 && !status; k++)
        if (!json_equal(json_object_get(form, names[k]), json_object_get(old, names[k])))
            status = status_fail_at(error, MLSOAP_ERROR_VALUE, p->from->path, 0,
                                    "its network is another than that of this configuration (%s): leave model.%s away",
                                    names[k], k == 1 ? "activation" : names[k]);
    json_decref(form);
    if (!status && f->form.n_kinds < p->n_elements)
        status = status_fail_at(error, MLSOAP_ERROR_VALUE, p->from->path, 0,
                                "a network forgets the elements that new data lack: the %d of this potential are "
                                "needed, and the data hold %d; add frames with the others",
                                p->n_elements, f->form.n_kinds);
    return status;
}

/* The members of the potential that is trained further. */
static mlsoap_status load_start(network_fit *f, mlsoap_error *error)
{
    const fit_problem *p = f->base.problem;
    if (!p->from) return MLSOAP_SUCCESS;
    mlsoap_status status = check_start(f, error);
    if (status) return status;
    f->start = MEMORY_NEW(double *, (size_t)f->n_members);
    if (!f->start) return status_no_memory(error, 1024, "the members of a committee");
    for (int k = 0; k < f->n_members && !status; k++) {
        f->start[k] = MEMORY_NEW(double, f->form.n_parameters);
        status = f->start[k] ? network_form_load(&f->form, &p->from->potential->tensors, k, f->start[k], error)
                             : status_no_memory(error, f->form.n_parameters * 8, "a network");
    }
    if (status) return status_prefix(error, status, "%s", p->from->path);
    training_log_text(p->log, "network: begins with the weights of %s", p->from->path);
    return MLSOAP_SUCCESS;
}

static void warn_few_data(const network_fit *f)
{
    size_t n = 0;
    for (int t = 0; t < N_FRAME_TARGETS; t++)
        if (f->plan.lambda[t] > 0) n += f->statistics.n[t];
    if (f->form.n_parameters <= n || f->choose_decay || f->plan.decay > 0) return;
    training_log_text(f->base.problem->log,
                      "warning (few_data): %zu parameters are fitted to %zu numbers without weight decay%s: give "
                      "model.weight_decay, or fewer neurons in model.hidden",
                      f->form.n_parameters, n, f->data.n_validation ? "" : " and without validation frames");
}

static mlsoap_status network_prepare(fit *base, mlsoap_error *error)
{
    network_fit *f = (network_fit *)base;
    const fit_problem *p = base->problem;
    mlsoap_status status = check_memory(f, error);
    if (status) return status;
    dataset_statistics(p->data->fit, p->data->n_fit, p->elements, p->n_elements, p->offsets, &f->statistics);
    set_lambda(f);
    status = find_inputs(f, error);
    if (!status) status = load_start(f, error);
    if (!status) status = checkpoint_poll(p->checkpoint, error);
    if (!status) status = build_frames(f, error);
    if (!status) choose_optimizer(f);
    if (!status) warn_few_data(f);
    if (!status) status = network_loss_new(&f->form, &f->loss, error);
    training_log_stage(p->log, "inputs");
    return status;
}

/* ----------------------------------------------------------------------------------------------------------- solve */

/* A network to be trained. */
typedef struct task {
    network_plan plan;
    double *theta; /* [n_parameters] */
    network_outcome outcome;
} task;

/* What a task leaves, under its name in the checkpoint. */
static void task_parts(const network_fit *f, task *t, int index, char name[32], checkpoint_part parts[2])
{
    snprintf(name, 32, "network %d", index);
    parts[0] = (checkpoint_part){t->theta, f->form.n_parameters * sizeof *t->theta};
    parts[1] = (checkpoint_part){&t->outcome, sizeof t->outcome};
}

/* Hold the number of the network at work; what a checkpoint has of another one, by a run on more or fewer ranks, is of
 * no use. */
static mlsoap_status hold_number(checkpoint *c, int *number, mlsoap_error *error)
{
    static const char *const unfinished[] = {"network", "adam", "starts", "lbfgs", "levenberg_marquardt"};
    const checkpoint_part part = {number, sizeof *number};
    int own = *number;
    mlsoap_status status = checkpoint_hold(c, "network at work", &part, 1, NULL, error);
    for (size_t i = 0; i < sizeof unfinished / sizeof *unfinished && *number != own; i++)
        checkpoint_drop(c, unfinished[i]);
    *number = own;
    return status;
}

/* One network; one that an earlier run has finished comes from the checkpoint. */
static mlsoap_status train_one(network_fit *f, task *t, int index, const network_data *data, const char *what,
                               mlsoap_error *error)
{
    size_t epochs = t->plan.stop_epoch > 0 ? t->plan.stop_epoch : t->plan.n_epochs;
    const fit_problem *p = f->base.problem;
    checkpoint_part parts[2];
    char name[32];
    bool found;
    task_parts(f, t, index, name, parts);
    mlsoap_status status = checkpoint_read(p->checkpoint, name, parts, 2, &found, error);
    if (status || found) return status;
    status = hold_number(p->checkpoint, &index, error);
    if (!status) {
        network_contacts contacts = {p->log, training_log_progress(p->log, what, epochs * data->n_fit), p->checkpoint};
        status = network_train(f->loss, &f->form, data, &t->plan, t->theta, &t->outcome, &contacts, error);
        progress_end(contacts.bar);
    }
    checkpoint_drop(p->checkpoint, "network at work");
    return status ? status : checkpoint_keep(p->checkpoint, name, parts, 2, error);
}

/* Train n networks; the ranks take them in turn, and all get all. */
static mlsoap_status train_all(network_fit *f, task *tasks, int n, const network_data *data, const char *what,
                               mlsoap_error *error)
{
    const fit_problem *p = f->base.problem;
    int rank = parallel_rank(p->ranks), n_ranks = parallel_size(p->ranks), first = f->n_trained;
    mlsoap_status status = MLSOAP_SUCCESS;
    f->n_trained += n;
    for (int k = rank; k < n && !status; k += n_ranks) status = train_one(f, &tasks[k], first + k, data, what, error);
    for (int k = 0; k < n && !status; k++) {
        checkpoint_part parts[2];
        char name[32];
        task_parts(f, &tasks[k], first + k, name, parts);
        for (int i = 0; i < 2 && !status; i++)
            status = parallel_broadcast(p->ranks, k % n_ranks, parts[i].bytes, parts[i].n_bytes, error);
        if (!status && k % n_ranks != rank) status = checkpoint_keep(p->checkpoint, name, parts, 2, error);
    }
    return status;
}

static void report_outcome(const network_fit *f, const network_plan *plan, const network_outcome *o)
{
    double rmse[N_FRAME_TARGETS];
    for (int t = 0; t < N_FRAME_TARGETS; t++) rmse[t] = sqrt(o->term[t] * f->statistics.variance[t]);
    training_log_text(f->base.problem->log,
                      "network: weight decay %g: validation RMSE energy %.3g meV/atom, forces %.4g eV/angstrom, virial "
                      "%.3g meV/atom (loss %.4g at epoch %zu of %zu)",
                      plan->decay, 1e3 * rmse[TARGET_ENERGY], rmse[TARGET_FORCES], 1e3 * rmse[TARGET_VIRIAL],
                      o->validation, o->best_epoch, o->n_epochs);
}

/* Weight decay and the moment to stop, by validation; the best member is theta[0]. */
static mlsoap_status search(network_fit *f, mlsoap_error *error)
{
    task tasks[N_DECAYS];
    int n = f->choose_decay ? N_DECAYS : 1;
    size_t best = 0;
    mlsoap_status status = MLSOAP_SUCCESS;
    for (int k = 0; k < n; k++) {
        tasks[k] = (task){.plan = f->plan, .theta = MEMORY_NEW(double, f->form.n_parameters)};
        if (f->choose_decay) tasks[k].plan.decay = DECAYS[k];
        if (f->start) tasks[k].plan.start = f->start[0];
        if (!tasks[k].theta) status = status_no_memory(error, f->form.n_parameters * sizeof(double), "a network");
    }
    if (!status) status = train_all(f, tasks, n, &f->data, "network for validation", error);
    for (size_t k = 0; k < (size_t)n && !status; k++) {
        report_outcome(f, &tasks[k].plan, &tasks[k].outcome);
        double loss = tasks[best].outcome.validation;
        if (isnan(loss) || tasks[k].outcome.validation < loss) best = k;
    }
    if (!status) {
        f->outcome = tasks[best].outcome;
        f->plan.decay = tasks[best].plan.decay;
        memcpy(f->theta[0], tasks[best].theta, f->form.n_parameters * sizeof(double));
        if (f->outcome.last > WORTH_STOPPING * f->outcome.validation) f->plan.stop_epoch = f->outcome.best_epoch;
    }
    f->searched = true;
    for (int k = 0; k < n; k++) memory_free(tasks[k].theta);
    return status;
}

/* Members first ... n_members - 1, each from its own seed. */
static mlsoap_status train_members(network_fit *f, const network_data *data, int first, const char *what,
                                   mlsoap_error *error)
{
    int n = f->n_members > first ? f->n_members - first : 0;
    task *tasks = MEMORY_NEW(task, (size_t)n);
    if (!tasks) return status_no_memory(error, (size_t)n * sizeof *tasks, "the members of a committee");
    for (int k = 0; k < n; k++) {
        tasks[k] = (task){.plan = f->plan, .theta = f->theta[first + k]};
        tasks[k].plan.seed += (uint64_t)(first + k);
        if (f->start) tasks[k].plan.start = f->start[first + k];
    }
    mlsoap_status status = train_all(f, tasks, n, data, what, error);
    memory_free(tasks);
    return status;
}

static json_t *per_target(const double numbers[N_FRAME_TARGETS])
{
    return json_pack("{s:f, s:f, s:f}", "energy", numbers[0], "forces", numbers[1], "virial", numbers[2]);
}

static mlsoap_status make_result(const network_fit *f, int n_members, fit_result *result, mlsoap_error *error)
{
    json_t *species = json_object();
    memset(result, 0, sizeof *result);
    mlsoap_status status = network_form_store(&f->form, n_members, f->theta, &result->tensors, error);
    for (int i = 0; i < f->form.n_kinds; i++) {
        char prefix[64];
        const char *symbol = element_symbol(f->form.present[i]);
        snprintf(prefix, sizeof prefix, "terms.0.%s", symbol);
        json_object_set_new(species, symbol, json_pack("{s:s}", "tensors", prefix));
    }
    result->terms = json_pack("[{s:O, s:o, s:o}]", "descriptors", f->base.problem->terms[0].descriptor_names, "model",
                              network_form_describe(&f->form, n_members), "species", species);
    const fit_problem *problem = f->base.problem;
    result->has_uncertainty =
        n_members > 1 && problem->n_uncertainty > 0 && problem->terms[0].features.centers_are_atoms;
    if (result->has_uncertainty)
        json_object_set_new(json_object_get(json_array_get(result->terms, 0), "model"), "uncertainty", json_true());
    result->loss = json_pack("{s:s, s:o, s:o, s:o, s:f}", "form", "variance", "variance",
                             per_target(f->statistics.variance), "weight", per_target(f->statistics.weight), "lambda",
                             per_target(f->plan.lambda), "late_energy", f->plan.late_energy);
    result->summary =
        json_pack("{s:I, s:f, s:I}", "parameters", (json_int_t)f->form.n_parameters, "weight_decay", f->plan.decay,
                  "epochs", (json_int_t)(f->plan.stop_epoch > 0 ? f->plan.stop_epoch : f->plan.n_epochs));
    if (!status && (!result->terms || !result->loss || !result->summary))
        status = status_no_memory(error, 1024, "the description of the fit");
    if (status) fit_result_release(result);
    return status;
}

static mlsoap_status network_solve(fit *base, fit_stage stage, fit_result *result, mlsoap_error *error)
{
    network_fit *f = (network_fit *)base;
    network_data data = f->data;
    mlsoap_status status = MLSOAP_SUCCESS;
    if (stage == FIT_VALIDATION) {
        status = search(f, error);
        if (!status) status = train_members(f, &data, 1, "members for validation", error);
    } else {
        data.n_validation = 0;
        if (f->validation_is_training) data.n_fit = f->frames.n;
        status = train_members(f, &data, 0, "network", error);
    }
    training_log_stage(base->problem->log, stage == FIT_FINAL ? "training" : "training for validation");
    return status ? status : make_result(f, f->n_members, result, error);
}

const fit_method network_fit_method = {.create = network_fit_create,
                                       .forecast = network_forecast,
                                       .duration = network_duration,
                                       .prepare = network_prepare,
                                       .solve = network_solve,
                                       .free = network_fit_free};
