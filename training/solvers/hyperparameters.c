/* SPDX-License-Identifier: BSD-3-Clause */
/* Compass search on the validation part; see hyperparameters.h. */
#include "solvers/hyperparameters.h"

#include "core/memory.h"

#include <math.h>
#include <string.h>

enum { MAX_AXES = N_FRAME_TARGETS + 2, MAX_PASSES = 40 };
static const double FIRST_STEP = 0.5, LAST_STEP = 0.12, LARGEST_STEP = 2, RANGE = 12; /* decades */
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

static double objective(const double rmse[N_FRAME_TARGETS])
{
    double sum = 0;
    for (int t = 0; t < N_FRAME_TARGETS; t++)
        if (rmse[t] > 0) sum += TERM_WEIGHTS[t] * log(rmse[t]);
    return sum;
}

static void evaluate(const regression *r, const hyperparameter_search *search, const axes *a, const double *prior,
                     trial *t)
{
    hyperparameters h = shifted(&search->start, a, t->shift);
    double weight[N_FRAME_TARGETS], *U = NULL, *x = MEMORY_NEW(double, r->n);
    hyperparameters_weights(&h, search->scale, weight);
    t->objective = INFINITY;
    t->status = x ? MLSOAP_SUCCESS : status_no_memory(&t->error, r->n * sizeof *x, "the search of weights");
    if (!t->status && search->free_jitter) t->status = regression_prior(r, h.jitter, &U, &t->error);
    if (!t->status) t->status = regression_solve(r, weight, U ? U : prior, false, x, &t->error);
    if (!t->status) t->status = regression_rmse(r, &r->validation, x, t->rmse, &t->error);
    if (!t->status) {
        double value = objective(t->rmse);
        if (isfinite(value)) t->objective = value;
    }
    memory_free(U);
    memory_free(x);
}

/* All single steps from `from`, evaluated side by side; returns the best that stays within the range. */
static trial try_steps(const regression *r, const hyperparameter_search *search, const axes *a, const double *prior,
                       const trial *from, double step, int *n_evaluations)
{
    trial tries[2 * MAX_AXES], best = *from;
    int n = 0;
    for (int k = 0; k < 2 * a->n; k++) {
        tries[n] = *from;
        tries[n].shift[k / 2] += k % 2 ? -step : step;
        if (fabs(tries[n].shift[k / 2]) <= RANGE) n++;
    }
#pragma omp parallel for schedule(dynamic, 1)
    for (int k = 0; k < n; k++) evaluate(r, search, a, prior, &tries[k]);
    for (int k = 0; k < n; k++)
        if (tries[k].objective < best.objective) best = tries[k];
    *n_evaluations += n;
    return best;
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
    evaluate(r, search, &a, prior, &best);
    result->n_evaluations = 1;
    if (best.status && error) *error = best.error;
    status = best.status;
    bool has_validation = false;
    for (int t = 0; t < N_FRAME_TARGETS; t++) has_validation |= r->validation.R[t] && r->validation.weight[t] > 0;
    double step = FIRST_STEP;
    for (int pass = 0; !status && has_validation && a.n > 0 && step >= LAST_STEP && pass < MAX_PASSES; pass++) {
        trial next = try_steps(r, search, &a, prior, &best, step, &result->n_evaluations);
        if (next.objective < best.objective) {
            best = next;
            step = 2 * step < LARGEST_STEP ? 2 * step : LARGEST_STEP;
        } else {
            step /= 2;
        }
    }
    memory_free(prior);
    if (status) return status;
    result->best = shifted(&search->start, &a, best.shift);
    result->objective = best.objective;
    memcpy(result->rmse, best.rmse, sizeof best.rmse);
    for (int k = 0; k < a.n; k++) result->at_limit |= fabs(best.shift[k]) > RANGE - LARGEST_STEP;
    return MLSOAP_SUCCESS;
}
