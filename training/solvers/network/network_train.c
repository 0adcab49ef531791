/* SPDX-License-Identifier: BSD-3-Clause */
/* Training of one network; see network_train.h. */
#include "solvers/network/network_train.h"

#include "core/memory.h"
#include "core/random_numbers.h"
#include "optimizers/adam.h"
#include "optimizers/lbfgs.h"
#include "optimizers/levenberg_marquardt.h"
#include "solvers/network/network_residuals.h"

#include <math.h>
#include <string.h>

enum { WARM_UP = 50, CHECKS = 20 };    /* steps; looks at the validation part in a run */
enum { STARTS = 6, START_STEPS = 60 }; /* of Levenberg-Marquardt: the best of some short runs goes on */
/* The energies get their late weight between these parts of a run: at once it would throw the fit back. */
static const double LATE_BEGIN = 0.6, LATE_END = 0.8;
static const double ENOUGH = 1e-12; /* a loss of which nothing is seen: errors of 1e-6 standard deviations */

/* A run at work. */
typedef struct training {
    network_loss *loss;
    const network_form *form;
    const network_data *data;
    const network_plan *plan;
    network_outcome *outcome;
    double *best; /* [n_parameters] */
    const network_contacts *contacts;
} training;

static double sum_terms(const double term[N_FRAME_TARGETS], const double lambda[N_FRAME_TARGETS])
{
    double sum = 0;
    for (int t = 0; t < N_FRAME_TARGETS; t++) sum += lambda[t] * term[t];
    return sum;
}

/* Look at the validation part after an epoch and keep the parameters where they are the best so far. */
static mlsoap_status validate(training *r, size_t epoch, const double *theta, mlsoap_error *error)
{
    const network_data *d = r->data;
    network_outcome *o = r->outcome;
    network_errors e;
    size_t *chosen = MEMORY_NEW(size_t, d->n_validation);
    if (!chosen) return status_no_memory(error, d->n_validation * sizeof *chosen, "the validation frames");
    for (size_t i = 0; i < d->n_validation; i++) chosen[i] = d->n_fit + i;
    mlsoap_status status =
        network_loss_evaluate(r->loss, theta, d->frames, chosen, d->n_validation, r->plan->lambda, &e, NULL, error);
    memory_free(chosen);
    if (status) return status;
    for (int t = 0; t < N_FRAME_TARGETS; t++) e.term[t] *= d->validation_share[t];
    o->last = sum_terms(e.term, r->plan->lambda);
    training_log_event(r->contacts->log, "epoch",
                       json_pack("{s:I, s:f, s:[f,f,f], s:[f,f,f]}", "epoch", (json_int_t)epoch, "validation", o->last,
                                 "terms", e.term[0], e.term[1], e.term[2], "training", o->training[0], o->training[1],
                                 o->training[2]));
    if (o->last < o->validation || isnan(o->validation)) {
        o->validation = o->last;
        o->best_epoch = epoch;
        memcpy(o->term, e.term, sizeof o->term);
        memcpy(r->best, theta, r->form->n_parameters * sizeof *theta);
    }
    return MLSOAP_SUCCESS;
}

/* After each epoch; theta is what would be used. */
static mlsoap_status end_epoch(training *r, size_t epoch, const double *theta, mlsoap_error *error)
{
    size_t n = r->plan->n_epochs, step = n > CHECKS ? n / CHECKS : 1;
    r->outcome->n_epochs = epoch;
    if (r->data->n_validation == 0 || (epoch % step && epoch != n)) return MLSOAP_SUCCESS;
    return validate(r, epoch, theta, error);
}

/* Factor of the energies at a part of the run, growing as a power from 1 to late_energy. */
static double late_factor(const network_plan *p, double part)
{
    double way = fmin(fmax((part - LATE_BEGIN) / (LATE_END - LATE_BEGIN), 0), 1);
    return pow(p->late_energy, way);
}

/* A run of adam: it stands before batch `batch` of `epoch`, whose order is drawn before its first batch. */
typedef struct adam_run {
    size_t epoch, batch;
    uint64_t state; /* of the random numbers */
    size_t *order;  /* [n_fit] frames */
    double *theta, *gradient;
    adam a;
} adam_run;

/* The batches of an epoch from where the run stands. The loss of a batch is scaled so that its mean over batches is the
 * loss of all frames. */
static mlsoap_status adam_epoch(training *r, adam_run *at, mlsoap_error *error)
{
    const network_plan *p = r->plan;
    size_t n = r->data->n_fit, n_batches = (n + p->batch - 1) / p->batch;
    double lambda[N_FRAME_TARGETS];
    for (; at->batch < n_batches; at->batch++) {
        size_t first = at->batch * p->batch, count = n - first < p->batch ? n - first : p->batch;
        network_errors e;
        mlsoap_status status = at->batch > 0 ? checkpoint_poll(r->contacts->checkpoint, error) : MLSOAP_SUCCESS;
        if (status) return status;
        for (int t = 0; t < N_FRAME_TARGETS; t++) lambda[t] = p->lambda[t] * (double)n / (double)count;
        double part = ((double)at->epoch + (double)at->batch / (double)n_batches) / (double)p->n_epochs;
        lambda[TARGET_ENERGY] *= late_factor(p, part);
        status = network_loss_evaluate(r->loss, at->theta, r->data->frames, at->order + first, count, lambda, &e,
                                       at->gradient, error);
        if (status) return status;
        double rate = adam_schedule(p->rate, at->epoch * n_batches + at->batch, p->n_epochs * n_batches, WARM_UP);
        adam_step(&at->a, rate, at->gradient, at->theta);
        for (int t = 0; t < N_FRAME_TARGETS; t++) r->outcome->training[t] += e.term[t];
        progress_add(r->contacts->bar, count);
    }
    return MLSOAP_SUCCESS;
}

static mlsoap_status hold_adam(training *r, adam_run *at, mlsoap_error *error)
{
    size_t n = r->form->n_parameters * sizeof(double);
    const checkpoint_part parts[] = {{&at->epoch, sizeof at->epoch},
                                     {&at->batch, sizeof at->batch},
                                     {&at->state, sizeof at->state},
                                     {at->order, r->data->n_fit * sizeof *at->order},
                                     {&at->a.step, sizeof at->a.step},
                                     {at->theta, n},
                                     {at->a.m, n},
                                     {at->a.v, n},
                                     {at->a.average, n}};
    return checkpoint_hold(r->contacts->checkpoint, "adam", parts, sizeof parts / sizeof *parts, NULL, error);
}

static mlsoap_status adam_epochs(training *r, adam_run *at, mlsoap_error *error)
{
    const network_plan *p = r->plan;
    size_t n = r->data->n_fit, last = p->stop_epoch > 0 ? p->stop_epoch : p->n_epochs;
    mlsoap_status status = MLSOAP_SUCCESS;
    progress_skip(r->contacts->bar, at->epoch * n + at->batch * p->batch);
    for (; at->epoch < last && !status; at->epoch++, at->batch = 0) {
        if (at->batch == 0) {
            if ((status = checkpoint_poll(r->contacts->checkpoint, error))) break;
            random_shuffle(at->order, n, &at->state);
            memset(r->outcome->training, 0, sizeof r->outcome->training);
        }
        status = adam_epoch(r, at, error);
        if (!status) status = end_epoch(r, at->epoch + 1, at->a.average, error);
    }
    return status;
}

static mlsoap_status run_adam(training *r, double *theta, double *gradient, mlsoap_error *error)
{
    const network_plan *p = r->plan;
    size_t n = r->data->n_fit;
    adam_run at = {.state = p->seed ^ 0x5851f42d4c957f2du, /* other numbers than those of the start */
                   .order = MEMORY_NEW(size_t, n),
                   .theta = theta,
                   .gradient = gradient};
    if (!at.order) return status_no_memory(error, n * sizeof *at.order, "the order of frames");
    mlsoap_status status = adam_new(&at.a, r->form->n_parameters, theta, p->decay, p->averaging, error);
    for (size_t i = 0; i < n; i++) at.order[i] = i;
    if (!status) status = hold_adam(r, &at, error);
    if (!status) status = adam_epochs(r, &at, error);
    if (!status) memcpy(theta, at.a.average, r->form->n_parameters * sizeof *theta);
    checkpoint_drop(r->contacts->checkpoint, "adam");
    adam_release(&at.a);
    memory_free(at.order);
    return status;
}

/* ------------------------------------------------------------------------------------------- all frames at once */

static mlsoap_status loss_of_all(void *context, const double *theta, double *value, double *gradient,
                                 mlsoap_error *error)
{
    training *r = context;
    network_errors e;
    mlsoap_status status = network_loss_evaluate(r->loss, theta, r->data->frames, NULL, r->data->n_fit, r->plan->lambda,
                                                 &e, gradient, error);
    memcpy(r->outcome->training, e.term, sizeof e.term);
    *value = sum_terms(e.term, r->plan->lambda);
    return status;
}

static mlsoap_status watch_step(void *context, size_t i_step, const double *theta, mlsoap_error *error)
{
    training *r = context;
    progress_add(r->contacts->bar, r->data->n_fit);
    return end_epoch(r, i_step + 1, theta, error);
}

static mlsoap_status run_lbfgs(training *r, double *theta, mlsoap_error *error)
{
    double value;
    minimization problem = {r->form->n_parameters,  loss_of_all, watch_step, r, r->plan->n_epochs,
                            r->contacts->checkpoint};
    mlsoap_status status = lbfgs(&problem, theta, &value, error);
    return status || r->data->n_validation == 0 ? status : validate(r, r->outcome->n_epochs, theta, error);
}

/* Residuals with the run that they belong to. */
typedef struct residual_run {
    training *r;
    network_residuals *residuals;
} residual_run;

static mlsoap_status residuals_of_all(void *context, const double *theta, double *square, double *R,
                                      mlsoap_error *error)
{
    return network_residuals_evaluate(((residual_run *)context)->residuals, theta, square, R, error);
}

static mlsoap_status watch_residuals(void *context, size_t i_step, const double *theta, double square,
                                     mlsoap_error *error)
{
    (void)square;
    return watch_step(((residual_run *)context)->r, i_step, theta, error);
}

/* Short runs from several starts. */
typedef struct start_search {
    uint64_t k;    /* the run at work */
    double best;   /* square */
    double *theta; /* [n_parameters] of the best */
} start_search;

static mlsoap_status choose_start(residual_run *run, start_search *s, mlsoap_error *error)
{
    size_t n = run->r->form->n_parameters;
    double square, *trial = MEMORY_NEW(double, n);
    mlsoap_status status = trial ? MLSOAP_SUCCESS : status_no_memory(error, n * sizeof *trial, "a network");
    least_squares problem = {n, residuals_of_all, NULL, run, START_STEPS, ENOUGH, run->r->contacts->checkpoint};
    for (; s->k < STARTS && !status; s->k++) {
        network_form_start(run->r->form, run->r->plan->seed + 0x9e3779b9u * s->k, trial);
        status = levenberg_marquardt(&problem, trial, &square, error);
        if (status || !(square < s->best)) continue;
        s->best = square;
        memcpy(s->theta, trial, n * sizeof *trial);
    }
    memory_free(trial);
    return status;
}

static mlsoap_status run_levenberg_marquardt(training *r, double *theta, mlsoap_error *error)
{
    residual_run run = {r, NULL};
    checkpoint *held = r->contacts->checkpoint;
    size_t n = r->form->n_parameters;
    start_search search = {.best = INFINITY, .theta = theta};
    const checkpoint_part parts[] = {
        {&search.k, sizeof search.k}, {&search.best, sizeof search.best}, {theta, n * sizeof *theta}};
    double square;
    mlsoap_status status =
        network_residuals_new(r->form, r->data->frames, NULL, r->data->n_fit, r->plan->lambda, &run.residuals, error);
    least_squares problem = {n, residuals_of_all, watch_residuals, &run, r->plan->n_epochs, ENOUGH, held};
    if (!status) status = checkpoint_hold(held, "starts", parts, sizeof parts / sizeof *parts, NULL, error);
    if (!status && !r->plan->start) status = choose_start(&run, &search, error);
    if (!status) status = levenberg_marquardt(&problem, theta, &square, error);
    checkpoint_drop(held, "starts");
    network_residuals_free(run.residuals);
    return status || r->data->n_validation == 0 ? status : validate(r, r->outcome->n_epochs, theta, error);
}

static mlsoap_status run(training *r, double *theta, double *gradient, mlsoap_error *error)
{
    network_outcome *o = r->outcome;
    const checkpoint_part parts[] = {{o, sizeof *o}, {r->best, r->form->n_parameters * sizeof *r->best}};
    mlsoap_status status = checkpoint_hold(r->contacts->checkpoint, "network", parts, 2, NULL, error);
    if (status)
        ;
    else if (r->plan->optimizer == NETWORK_LEVENBERG_MARQUARDT)
        status = run_levenberg_marquardt(r, theta, error);
    else if (r->plan->optimizer == NETWORK_LBFGS)
        status = run_lbfgs(r, theta, error);
    else
        status = run_adam(r, theta, gradient, error);
    checkpoint_drop(r->contacts->checkpoint, "network");
    return status;
}

mlsoap_status network_train(network_loss *loss, const network_form *form, const network_data *data,
                            const network_plan *plan, double *theta, network_outcome *outcome,
                            const network_contacts *contacts, mlsoap_error *error)
{
    training r = {loss, form, data, plan, outcome, NULL, contacts};
    double *gradient = MEMORY_NEW(double, form->n_parameters);
    r.best = MEMORY_NEW(double, form->n_parameters);
    mlsoap_status status = MLSOAP_SUCCESS;
    *outcome = (network_outcome){.validation = NAN, .last = NAN};
    if (plan->start)
        memcpy(theta, plan->start, form->n_parameters * sizeof *theta);
    else
        network_form_start(form, plan->seed, theta);
    if (!gradient || !r.best)
        status = status_no_memory(error, 2 * form->n_parameters * sizeof(double), "the parameters of a network");
    else
        status = run(&r, theta, gradient, error);
    if (!status && !isnan(outcome->validation)) memcpy(theta, r.best, form->n_parameters * sizeof *theta);
    memory_free(gradient);
    memory_free(r.best);
    return status;
}
