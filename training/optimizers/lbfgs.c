/* SPDX-License-Identifier: BSD-3-Clause */
/* L-BFGS; see lbfgs.h. */
#include "optimizers/lbfgs.h"

#include "core/memory.h"

#include <cblas.h>
#include <math.h>
#include <string.h>

enum { PAIRS = 20, WINDOW = 20, TRIES = 30 };
static const double SLOWEST = 1e-9, SUFFICIENT = 1e-4;

/* Steps s and changes of the gradient y, newest at (n - 1) % PAIRS. */
typedef struct history {
    double *s, *y; /* [PAIRS][n] */
    double rho[PAIRS];
    size_t n;
} history;

typedef struct state {
    history h;
    double *gradient, *direction, *trial, *trial_gradient; /* [n] */
    double past[WINDOW];                                   /* values */
    size_t i_step;
} state;

static void state_release(state *s)
{
    double *arrays[] = {s->h.s, s->h.y, s->gradient, s->direction, s->trial, s->trial_gradient};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) memory_free(arrays[i]);
}

static mlsoap_status state_new(state *s, size_t n, mlsoap_error *error)
{
    *s = (state){.h = {.s = memory_new(PAIRS, n * sizeof(double)), .y = memory_new(PAIRS, n * sizeof(double))},
                 .gradient = MEMORY_NEW(double, n),
                 .direction = MEMORY_NEW(double, n),
                 .trial = MEMORY_NEW(double, n),
                 .trial_gradient = MEMORY_NEW(double, n)};
    if (s->h.s && s->h.y && s->gradient && s->direction && s->trial && s->trial_gradient) return MLSOAP_SUCCESS;
    state_release(s);
    return status_no_memory(error, (2 * PAIRS + 4) * n * sizeof(double), "the optimizer");
}

/* direction = - H gradient by the two loops over the pairs. */
static void find_direction(state *s, int n)
{
    const history *h = &s->h;
    size_t count = h->n < PAIRS ? h->n : PAIRS;
    double alpha[PAIRS], *d = s->direction;
    for (int i = 0; i < n; i++) d[i] = -s->gradient[i];
    for (size_t k = 0; k < count; k++) {
        size_t i = (h->n - 1 - k) % PAIRS;
        alpha[i] = h->rho[i] * cblas_ddot(n, h->s + i * (size_t)n, 1, d, 1);
        cblas_daxpy(n, -alpha[i], h->y + i * (size_t)n, 1, d, 1);
    }
    if (count > 0) {
        size_t i = (h->n - 1) % PAIRS;
        const double *y = h->y + i * (size_t)n;
        cblas_dscal(n, 1 / (h->rho[i] * cblas_ddot(n, y, 1, y, 1)), d, 1);
    }
    for (size_t k = count; k-- > 0;) {
        size_t i = (h->n - 1 - k) % PAIRS;
        cblas_daxpy(n, alpha[i] - h->rho[i] * cblas_ddot(n, h->y + i * (size_t)n, 1, d, 1), h->s + i * (size_t)n, 1, d,
                    1);
    }
}

/* Keep step and change of the gradient where the curvature along the step is positive. */
static void remember(state *s, size_t n, const double *theta)
{
    history *h = &s->h;
    double *step = h->s + h->n % PAIRS * n, *change = h->y + h->n % PAIRS * n;
    for (size_t i = 0; i < n; i++) {
        step[i] = s->trial[i] - theta[i];
        change[i] = s->trial_gradient[i] - s->gradient[i];
    }
    double curvature = cblas_ddot((int)n, step, 1, change, 1);
    if (!(curvature > 1e-12 * cblas_ddot((int)n, change, 1, change, 1))) return;
    h->rho[h->n % PAIRS] = 1 / curvature;
    h->n++;
}

/* A step along the direction that lowers the value enough; false where none does. */
static bool line_search(const minimization *p, state *s, const double *theta, double value, double *found,
                        mlsoap_status *status, mlsoap_error *error)
{
    double slope = cblas_ddot((int)p->n, s->direction, 1, s->gradient, 1), length = 1;
    if (!(slope < 0)) return false;
    if (s->h.n == 0) length = 1 / fmax(1, cblas_dnrm2((int)p->n, s->direction, 1)) * 0.1;
    for (int k = 0; k < TRIES; k++, length *= 0.5) {
        for (size_t i = 0; i < p->n; i++) s->trial[i] = theta[i] + length * s->direction[i];
        mlsoap_status tried = p->evaluate(p->context, s->trial, found, s->trial_gradient, error);
        if (tried && tried != MLSOAP_ERROR_NUMERICS) { /* a step too far may overflow the model: it is no step */
            *status = tried;
            return false;
        }
        if (!tried && *found <= value + SUFFICIENT * length * slope) return true;
    }
    return false;
}

static mlsoap_status hold(const minimization *p, state *s, double *theta, double *value, bool *restored,
                          mlsoap_error *error)
{
    size_t n = p->n * sizeof(double);
    const checkpoint_part parts[] = {
        {&s->i_step, sizeof s->i_step}, {s->past, sizeof s->past}, {s->h.s, PAIRS * n},         {s->h.y, PAIRS * n},
        {&s->h.n, sizeof s->h.n},       {s->gradient, n},          {s->h.rho, sizeof s->h.rho}, {theta, n},
        {value, sizeof *value}};
    return checkpoint_hold(p->checkpoint, "lbfgs", parts, sizeof parts / sizeof *parts, restored, error);
}

mlsoap_status lbfgs(const minimization *p, double *theta, double *value, mlsoap_error *error)
{
    double found;
    bool restored;
    state s;
    mlsoap_status status = state_new(&s, p->n, error);
    if (status) return status;
    status = hold(p, &s, theta, value, &restored, error);
    if (!status && !restored) status = p->evaluate(p->context, theta, value, s.gradient, error);
    for (; s.i_step < p->n_steps && !status; s.i_step++) {
        if ((status = checkpoint_poll(p->checkpoint, error))) break;
        double *past = &s.past[s.i_step % WINDOW];
        if (s.i_step >= WINDOW && *past - *value < SLOWEST * *past) break;
        *past = *value;
        find_direction(&s, (int)p->n);
        if (!line_search(p, &s, theta, *value, &found, &status, error)) {
            if (status || s.h.n == 0) break;
            s.h.n = 0; /* once more from steepest descent */
            continue;
        }
        remember(&s, p->n, theta);
        memcpy(theta, s.trial, p->n * sizeof *theta);
        memcpy(s.gradient, s.trial_gradient, p->n * sizeof *theta);
        *value = found;
        if (p->watch) status = p->watch(p->context, s.i_step, theta, error);
    }
    checkpoint_drop(p->checkpoint, "lbfgs");
    state_release(&s);
    return status;
}
