/* SPDX-License-Identifier: BSD-3-Clause */
/* Levenberg-Marquardt; see levenberg_marquardt.h. */
#include "optimizers/levenberg_marquardt.h"

#include "core/memory.h"

#include <lapacke.h>
#include <math.h>
#include <string.h>

enum { WINDOW = 20, TRIES = 40 };
static const double START_DAMPING = 1e-3, SLOWEST = 1e-9;

typedef struct state {
    double *R, *A, *step, *trial; /* [n+1][n+1], [2n][n] column-major, [2n], [n] */
    double mu, growth;
    double history[WINDOW]; /* squares */
    size_t i_step;
} state;

static void state_release(state *s)
{
    memory_free(s->R);
    memory_free(s->A);
    memory_free(s->step);
    memory_free(s->trial);
}

static mlsoap_status state_new(state *s, size_t n, mlsoap_error *error)
{
    *s = (state){.R = MEMORY_NEW(double, (n + 1) * (n + 1)),
                 .A = MEMORY_NEW(double, 2 * n * n),
                 .step = MEMORY_NEW(double, 2 * n),
                 .trial = MEMORY_NEW(double, n),
                 .growth = 2};
    if (s->R && s->A && s->step && s->trial) return MLSOAP_SUCCESS;
    state_release(s);
    return status_no_memory(error, 4 * n * n * sizeof(double), "the optimizer");
}

/* The step for the damping at hand; *predicted is the decrease that the linear model promises. False: no solution. */
static bool solve(state *s, size_t n, double *predicted)
{
    size_t m = n + 1, rows = 2 * n;
    double before = 0, after = 0;
    memset(s->A, 0, rows * n * sizeof *s->A);
    for (size_t j = 0; j < n; j++) {
        memcpy(s->A + j * rows, s->R + j * m, (j + 1) * sizeof *s->A);
        s->A[j * rows + n + j] = sqrt(s->mu);
        s->step[j] = -s->R[n * m + j];
        s->step[n + j] = 0;
        before += s->R[n * m + j] * s->R[n * m + j];
    }
    if (LAPACKE_dgels(LAPACK_COL_MAJOR, 'N', (int)rows, (int)n, 1, s->A, (int)rows, s->step, (int)rows)) return false;
    for (size_t i = 0; i < n; i++) {
        double r = s->R[n * m + i];
        for (size_t j = i; j < n; j++) r += s->R[j * m + i] * s->step[j];
        after += r * r;
        if (!isfinite(s->step[i])) return false;
    }
    *predicted = before - after;
    return *predicted > 0;
}

/* Try steps with rising damping until one helps. *square is renewed; false where none does. */
static bool advance(const least_squares *p, state *s, double *theta, double *square, mlsoap_status *status,
                    mlsoap_error *error)
{
    for (int k = 0; k < TRIES; k++) {
        double predicted, found;
        if (solve(s, p->n, &predicted)) {
            for (size_t i = 0; i < p->n; i++) s->trial[i] = theta[i] + s->step[i];
            /* a step too far may overflow the model: it is then no step, and no error */
            mlsoap_status tried = p->evaluate(p->context, s->trial, &found, NULL, error);
            if (tried && tried != MLSOAP_ERROR_NUMERICS) {
                *status = tried;
                return false;
            }
            double gain = tried ? -1 : (*square - found) / predicted;
            if (gain > 0) {
                double x = 2 * gain - 1;
                s->mu *= fmax(1.0 / 3, 1 - x * x * x);
                s->growth = 2;
                *square = found;
                memcpy(theta, s->trial, p->n * sizeof *theta);
                return true;
            }
        }
        s->mu *= s->growth;
        s->growth *= 2;
    }
    return false;
}

/* The triangle is not held: it follows from theta. */
static mlsoap_status hold(const least_squares *p, state *s, double *theta, bool *restored, mlsoap_error *error)
{
    const checkpoint_part parts[] = {{&s->i_step, sizeof s->i_step},
                                     {s->history, sizeof s->history},
                                     {&s->mu, sizeof s->mu},
                                     {&s->growth, sizeof s->growth},
                                     {theta, p->n * sizeof *theta}};
    return checkpoint_hold(p->checkpoint, "levenberg_marquardt", parts, sizeof parts / sizeof *parts, restored, error);
}

/* Damping relative to the largest column. */
static double start_damping(const double *R, size_t n)
{
    double largest = 0;
    for (size_t j = 0; j < n; j++) {
        double norm = 0;
        for (size_t i = 0; i <= j; i++) norm += R[j * (n + 1) + i] * R[j * (n + 1) + i];
        largest = fmax(largest, norm);
    }
    return START_DAMPING * largest;
}

mlsoap_status levenberg_marquardt(const least_squares *p, double *theta, double *square, mlsoap_error *error)
{
    bool restored;
    state s;
    mlsoap_status status = state_new(&s, p->n, error);
    if (status) return status;
    status = hold(p, &s, theta, &restored, error);
    if (!status) status = p->evaluate(p->context, theta, square, s.R, error);
    if (!status && !restored) s.mu = start_damping(s.R, p->n);
    for (; s.i_step < p->n_steps && !status && *square > p->enough; s.i_step++) {
        if ((status = checkpoint_poll(p->checkpoint, error))) break;
        double *before = &s.history[s.i_step % WINDOW];
        if (s.i_step >= WINDOW && *before - *square < SLOWEST * *before) break;
        *before = *square;
        if (!(s.mu > 0) || !advance(p, &s, theta, square, &status, error)) break;
        if (p->watch) status = p->watch(p->context, s.i_step, theta, *square, error);
        if (!status) status = p->evaluate(p->context, theta, square, s.R, error);
    }
    checkpoint_drop(p->checkpoint, "levenberg_marquardt");
    state_release(&s);
    return status;
}
