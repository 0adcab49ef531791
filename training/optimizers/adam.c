/* SPDX-License-Identifier: BSD-3-Clause */
/* Adam; see adam.h. */
#include "optimizers/adam.h"

#include "core/memory.h"

#include <math.h>
#include <string.h>

static const double BETA_1 = 0.9, BETA_2 = 0.999, EPSILON = 1e-8;

mlsoap_status adam_new(adam *a, size_t n, const double *theta, double decay, double averaging, mlsoap_error *error)
{
    *a = (adam){.n = n, .decay = decay, .averaging = averaging};
    a->m = MEMORY_NEW(double, n);
    a->v = MEMORY_NEW(double, n);
    a->average = MEMORY_NEW(double, n);
    if (!a->m || !a->v || !a->average) {
        adam_release(a);
        return status_no_memory(error, 3 * n * sizeof(double), "the optimizer");
    }
    memcpy(a->average, theta, n * sizeof *theta);
    return MLSOAP_SUCCESS;
}

void adam_release(adam *a)
{
    memory_free(a->m);
    memory_free(a->v);
    memory_free(a->average);
    memset(a, 0, sizeof *a);
}

void adam_step(adam *a, double rate, const double *gradient, double *theta)
{
    a->step++;
    double first = rate / (1 - pow(BETA_1, (double)a->step)), second = 1 / (1 - pow(BETA_2, (double)a->step));
    double kept =
        a->averaging < (double)a->step / (double)(a->step + 9) ? a->averaging : (double)a->step / (double)(a->step + 9);
    for (size_t i = 0; i < a->n; i++) {
        a->m[i] = BETA_1 * a->m[i] + (1 - BETA_1) * gradient[i];
        a->v[i] = BETA_2 * a->v[i] + (1 - BETA_2) * gradient[i] * gradient[i];
        theta[i] -= first * a->m[i] / (sqrt(a->v[i] * second) + EPSILON) + rate * a->decay * theta[i];
        a->average[i] = kept * a->average[i] + (1 - kept) * theta[i];
    }
}

double adam_schedule(double rate, size_t i, size_t n, size_t warm_up)
{
    if (i < warm_up) return rate * (double)(i + 1) / (double)warm_up;
    return 0.5 * rate *
           (1 + cos(3.14159265358979323846 * (double)(i - warm_up) / (double)(n > warm_up ? n - warm_up : 1)));
}
