/* SPDX-License-Identifier: BSD-3-Clause */
/* Compass search on the validation part; see hyperparameters.h. */
#include "solvers/hyperparameters.h"

#include "core/memory.h"

#include <math.h>
#include <omp.h>
#include <string.h>

enum { MAX_AXES = N_FRAME_TARGETS + 2, MAX_PASSES = 60 };
static const double FIRST_STEP = 0.5, LAST_STEP = 0.2, LARGEST_STEP = 1, RANGE = 12; /* decades */
static const double SMALLEST_GAIN = 1e-3; /* of the objective: 0.1 percent of an error is not worth a step */
static const double PRIOR = 0.01;         /* per decade^2 away from the start */
static const double TERM_WEIGHTS[N_FRAME_TARGETS] = {0.5, 1.0, 0.1};

/* Numbers alone, without padding: a checkpoint keeps its bytes. */
typedef struct trial {
    double shift[MAX_AXES]; /* decades from the start, per axis */
    double rmse[N_FRAME_TARGETS], objective;
} trial;

typedef struct axes {
    int n, kind[MAX_AXES]; /* kind: 0 ... N_FRAME_TARGETS-1 lambda, then noise, then jitter */
} axes;

void hyperparameters_weights(const hyperparameters *h, const double scale[N_FRAME_TARGETS],
                             double weight[N_FRAME_TARGETS])
{
    for (int t = 0; t < N_FRAME_TARGETS; t++)
        weight[t] = h->lambda[t] > 0 ? h->lambda[t] / (h->noise * h->noise * scale[t]) : 0;
}

static axes free_axes(const hyperparameter_search *search)
{
    axes a = {0};
    for (int t = 0; t < N_FRAME_TARGETS; t++)
        if (search->free_lambda[t] && search->start.lambda[t] > 0) a.kind[a.n++] = t;
    if (search->free_noise) a.kind[a.n++] = N_FRAME_TARGETS;
    if (search->free_jitter) a.kind[a.n++] = N_FRAME_TARGETS + 1;
    return a;
}

static hyperparameters shifted(const hyperparameters *start, const axes *a, const double *shift)
{
    hyperparameters h = *start;
    for (int k = 0; k < a->n; k++) {
        double factor = pow(10, shift[k]);
        if (a->kind[k] < N_FRAME_TARGETS)
            h.lambda[a->kind[k]] *= factor;
        else if (a->kind[k] == N_FRAME_TARGETS)
            h.noise *= factor;
        else
            h.jitter *= factor;
    }
    return h;
}

static double objective(const double rmse[N_FRAME_TARGETS], const axes *a, const double *shift)
{
    double sum = 0;
    for (int k = 0; k < a->n; k++) sum += PRIOR * shift[k] * shift[k];
    for (int t = 0; t < N_FRAME_TARGETS; t++)
        if (rmse[t] > 0) sum += TERM_WEIGHTS[t] * log(rmse[t]);
    return sum;
}

/* A trial that cannot be solved has the objective INFINITY. */
static mlsoap_status evaluate(const regression *r, const hyperparameter_search *search, const axes *a,
                              const double *prior, trial *t, mlsoap_error *error)
{
    hyperparameters h = shifted(&search->start, a, t->shift);
    double weight[N_FRAME_TARGETS], *U = NULL, *R = NULL, *x = MEMORY_NEW(double, r->n);
    hyperparameters_weights(&h, search->scale, weight);
    t->objective = INFINITY;
    mlsoap_status status = x ? MLSOAP_SUCCESS : status_no_memory(error, r->n * sizeof *x, "the search of weights");
    if (!status && search->free_jitter) status = regression_prior(r, h.jitter, &U, error);
    if (!status) status = regression_triangle(r, weight, U ? U : prior, false, &R, error);
    if (!status) status = regression_solve(r, R, x, error);
    if (!status) status = regression_rmse(r, &r->validation, x, t->rmse, error);
    if (!status) {
        double value = objective(t->rmse, a, t->shift);
        if (isfinite(value)) t->objective = value;
    }
    memory_free(U);
    memory_free(R);
    memory_free(x);
    return status;
}

/* Every trial so far, the start first: a point that comes up again costs nothing. The search takes its steps in an
 * order that the results fix, so that the trials which a checkpoint has are the first n_known of the list. */
typedef struct trial_list {
    trial *items;
    size_t n, n_known, capacity;
} trial_list;

static bool has_trial(const trial_list *list, const double *shift, int n_axes)
{
    for (size_t i = 0; i < list->n; i++)
        if (memcmp(list->items[i].shift, shift, (size_t)n_axes * sizeof *shift) == 0) return true;
    return false;
}

static mlsoap_status list_reserve(trial_list *list, size_t n, mlsoap_error *error)
{
    return MEMORY_RESERVE(&list->items, &list->capacity, n)
               ? MLSOAP_SUCCESS
               : status_no_memory(error, n * sizeof(trial), "the search of weights");
}

/* What an earlier run has tried. */
static mlsoap_status restore_trials(const hyperparameter_search *search, trial_list *list, mlsoap_error *error)
{
    size_t n_bytes = 0;
    if (!checkpoint_find(search->checkpoint, HYPERPARAMETERS_STATE, &n_bytes)) return MLSOAP_SUCCESS;
    size_t n = n_bytes / sizeof(trial);
    mlsoap_status status = list_reserve(list, n, error);
    const checkpoint_part part = {list->items, n * sizeof(trial)};
    bool found;
    if (!status) status = checkpoint_read(search->checkpoint, HYPERPARAMETERS_STATE, &part, 1, &found, error);
    list->n_known = n;
    return status;
}

static mlsoap_status keep_trials(const hyperparameter_search *search, const trial_list *list, mlsoap_error *error)
{
    const checkpoint_part part = {list->items, list->n * sizeof(trial)};
    if (list->n <= list->n_known) return MLSOAP_SUCCESS;
    mlsoap_status status = checkpoint_keep(search->checkpoint, HYPERPARAMETERS_STATE, &part, 1, error);
    return status ? status : checkpoint_poll(search->checkpoint, error);
}

static mlsoap_status try_start(const regression *r, const hyperparameter_search *search, const axes *a,
                               const double *prior, trial_list *list, mlsoap_error *error)
{
    mlsoap_status status = restore_trials(search, list, error);
    if (!status) status = list_reserve(list, 1, error);
    if (!status && list->n_known == 0) status = evaluate(r, search, a, prior, &list->items[0], error);
    list->n = 1;
    return status ? status : keep_trials(search, list, error);
}

/* The trials from `first` on, side by side. */
static mlsoap_status evaluate_all(const regression *r, const hyperparameter_search *search, const axes *a,
                                  const double *prior, size_t first, trial_list *list, mlsoap_error *error)
{
    int rank = parallel_rank(search->ranks), n_ranks = parallel_size(search->ranks);
    if (r->distributed) { /* all ranks do each trial */
        rank = 0;
        n_ranks = 1;
    }
#pragma omp parallel for schedule(dynamic, 1) num_threads(r->distributed ? 1 : omp_get_max_threads())
    for (size_t k = first + (size_t)rank; k < list->n; k += (size_t)n_ranks) {
        mlsoap_error why; /* no reason to stop: its objective says so */
        evaluate(r, search, a, prior, &list->items[k], &why);
    }
    for (size_t k = first; k < list->n && !r->distributed; k++) {
        int owner = (int)((k - first) % (size_t)n_ranks);
        mlsoap_status status = parallel_broadcast(search->ranks, owner, &list->items[k], sizeof list->items[k], error);
        if (status) return status;
    }
    return keep_trials(search, list, error);
}

/* All single steps from `from`; *best: the best that stays within the range. */
static mlsoap_status try_steps(const regression *r, const hyperparameter_search *search, const axes *a,
                               const double *prior, double step, trial_list *list, trial *best, mlsoap_error *error)
{
    const trial from = *best;
    size_t first = list->n;
    mlsoap_status status = list_reserve(list, first + 2 * MAX_AXES, error);
    if (status) return status;
    for (int k = 0; k < 2 * a->n; k++) {
        trial next = from;
        next.shift[k / 2] += k % 2 ? -step : step;
        if (fabs(next.shift[k / 2]) > RANGE || has_trial(list, next.shift, a->n)) continue;
        if (list->n >= list->n_known) list->items[list->n] = next;
        list->n++;
    }
    if (list->n > list->n_known) status = evaluate_all(r, search, a, prior, first, list, error);
    for (size_t k = first; k < list->n && !status; k++)
        if (list->items[k].objective < best->objective) *best = list->items[k];
    return status;
}

/* From the start, the first of the list, to the best. */
static mlsoap_status compass_search(const regression *r, const hyperparameter_search *search, const axes *a,
                                    const double *prior, trial_list *list, trial *best, mlsoap_error *error)
{
    bool has_validation = false;
    for (int t = 0; t < N_FRAME_TARGETS; t++) has_validation |= r->validation.R[t] && r->validation.weight[t] > 0;
    double step = FIRST_STEP;
    mlsoap_status status = try_start(r, search, a, prior, list, error);
    if (!status) *best = list->items[0];
    for (int pass = 0; !status && has_validation && a->n > 0 && step >= LAST_STEP && pass < MAX_PASSES; pass++) {
        trial next = *best;
        status = try_steps(r, search, a, prior, step, list, &next, error);
        if (next.objective < best->objective - SMALLEST_GAIN) {
            *best = next;
            step = 2 * step < LARGEST_STEP ? 2 * step : LARGEST_STEP;
        } else {
            step /= 2;
        }
    }
    return status;
}

mlsoap_status hyperparameters_search(const regression *r, const hyperparameter_search *search,
                                     hyperparameter_result *result, mlsoap_error *error)
{
    axes a = free_axes(search);
    double *prior;
    trial best = {0};
    trial_list list = {0};
    memset(result, 0, sizeof *result);
    result->best = search->start;
    mlsoap_status status = regression_prior(r, search->start.jitter, &prior, error);
    if (!status) status = compass_search(r, search, &a, prior, &list, &best, error);
    memory_free(list.items);
    memory_free(prior);
    if (status) return status;
    result->n_evaluations = (int)list.n;
    result->best = shifted(&search->start, &a, best.shift);
    result->objective = best.objective;
    memcpy(result->rmse, best.rmse, sizeof best.rmse);
    for (int k = 0; k < a.n; k++) result->at_limit |= fabs(best.shift[k]) > RANGE - LARGEST_STEP;
    return MLSOAP_SUCCESS;
}
