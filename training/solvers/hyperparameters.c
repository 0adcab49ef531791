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

typedef struct trial {
    double shift[MAX_AXES]; /* decades from the start, per axis */
    double rmse[N_FRAME_TARGETS], objective;
    mlsoap_status status;
    mlsoap_error error;
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

static void evaluate(const regression *r, const hyperparameter_search *search, const axes *a, const double *prior,
                     trial *t)
{
    hyperparameters h = shifted(&search->start, a, t->shift);
    double weight[N_FRAME_TARGETS], *U = NULL, *R = NULL, *x = MEMORY_NEW(double, r->n);
    hyperparameters_weights(&h, search->scale, weight);
    t->objective = INFINITY;
    t->status = x ? MLSOAP_SUCCESS : status_no_memory(&t->error, r->n * sizeof *x, "the search of weights");
    if (!t->status && search->free_jitter) t->status = regression_prior(r, h.jitter, &U, &t->error);
    if (!t->status) t->status = regression_triangle(r, weight, U ? U : prior, false, &R, &t->error);
    if (!t->status) t->status = regression_solve(r, R, x, &t->error);
    if (!t->status) t->status = regression_rmse(r, &r->validation, x, t->rmse, &t->error);
    if (!t->status) {
        double value = objective(t->rmse, a, t->shift);
        if (isfinite(value)) t->objective = value;
    }
    memory_free(U);
    memory_free(R);
    memory_free(x);
}

/* Every trial so far: a point that comes up again costs nothing. */
typedef struct trial_list {
    trial *items;
    size_t n, capacity;
} trial_list;

static const trial *find_trial(const trial_list *list, const double *shift, int n_axes)
{
    for (size_t i = 0; i < list->n; i++)
        if (memcmp(list->items[i].shift, shift, (size_t)n_axes * sizeof *shift) == 0) return &list->items[i];
    return NULL;
}

/* All single steps from `from`, evaluated side by side; returns the best that stays within the range. */
static mlsoap_status try_steps(const regression *r, const hyperparameter_search *search, const axes *a,
                               const double *prior, double step, trial_list *list, trial *best, mlsoap_error *error)
{
    trial from = *best;
    size_t first = list->n;
    if (!MEMORY_RESERVE(&list->items, &list->capacity, first + 2 * MAX_AXES))
        return status_no_memory(error, (first + 2 * MAX_AXES) * sizeof(trial), "the search of weights");
    for (int k = 0; k < 2 * a->n; k++) {
        trial next = from;
        next.shift[k / 2] += k % 2 ? -step : step;
        if (fabs(next.shift[k / 2]) <= RANGE && !find_trial(list, next.shift, a->n)) list->items[list->n++] = next;
    }
    int rank = parallel_rank(search->ranks), n_ranks = parallel_size(search->ranks);
    if (r->distributed) { /* all ranks do each trial */
        rank = 0;
        n_ranks = 1;
    }
#pragma omp parallel for schedule(dynamic, 1) num_threads(r->distributed ? 1 : omp_get_max_threads())
    for (size_t k = first + (size_t)rank; k < list->n; k += (size_t)n_ranks)
        evaluate(r, search, a, prior, &list->items[k]);
    for (size_t k = first; k < list->n && !r->distributed; k++) {
        int owner = (int)((k - first) % (size_t)n_ranks);
        mlsoap_status status = parallel_broadcast(search->ranks, owner, &list->items[k], sizeof list->items[k], error);
        if (status) return status;
    }
    for (size_t k = first; k < list->n; k++)
        if (list->items[k].objective < best->objective) *best = list->items[k];
    return MLSOAP_SUCCESS;
}

mlsoap_status hyperparameters_search(const regression *r, const hyperparameter_search *search,
                                     hyperparameter_result *result, mlsoap_error *error)
{
    axes a = free_axes(search);
    double *prior;
    memset(result, 0, sizeof *result);
    result->best = search->start;
    mlsoap_status status = regression_prior(r, search->start.jitter, &prior, error);
    if (status) return status;
    trial best = {0};
    trial_list list = {0};
    evaluate(r, search, &a, prior, &best);
    if (best.status && error) *error = best.error;
    status = best.status;
    bool has_validation = false;
    for (int t = 0; t < N_FRAME_TARGETS; t++) has_validation |= r->validation.R[t] && r->validation.weight[t] > 0;
    double step = FIRST_STEP;
    for (int pass = 0; !status && has_validation && a.n > 0 && step >= LAST_STEP && pass < MAX_PASSES; pass++) {
        trial next = best;
        status = checkpoint_poll(search->checkpoint, error);
        if (!status) status = try_steps(r, search, &a, prior, step, &list, &next, error);
        if (next.objective < best.objective - SMALLEST_GAIN) {
            best = next;
            step = 2 * step < LARGEST_STEP ? 2 * step : LARGEST_STEP;
        } else {
            step /= 2;
        }
    }
    result->n_evaluations = 1 + (int)list.n;
    memory_free(list.items);
    memory_free(prior);
    if (status) return status;
    result->best = shifted(&search->start, &a, best.shift);
    result->objective = best.objective;
    memcpy(result->rmse, best.rmse, sizeof best.rmse);
    for (int k = 0; k < a.n; k++) result->at_limit |= fabs(best.shift[k]) > RANGE - LARGEST_STEP;
    return MLSOAP_SUCCESS;
}
