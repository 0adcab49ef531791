/* SPDX-License-Identifier: BSD-3-Clause */
/* CUR selection; see cur.h. With C = X^T X (features x features) and its leading eigenvector v, U_i1 = x_i.v/sigma, so
 * the scores cost one matrix-vector product, and C is deflated beside X. */
#include "app/cur.h"

#include "core/memory.h"

#include <cblas.h>
#include <lapacke.h>
#include <math.h>
#include <string.h>

typedef struct cur_state {
    size_t n_rows, d;
    double *X;      /* [n_rows][d], deflated as rows are chosen */
    double *C;      /* [d][d] X^T X of the rows not yet chosen */
    double *copy;   /* [d][d] destroyed by the eigensolver */
    double *v, *w;  /* [d], [n_rows] */
    double *values; /* [d] */
    int *support;   /* [2] */
    unsigned char *taken;
} cur_state;

static void cur_release(cur_state *s)
{
    memory_free(s->X);
    memory_free(s->C);
    memory_free(s->copy);
    memory_free(s->v);
    memory_free(s->w);
    memory_free(s->values);
    memory_free(s->support);
    memory_free(s->taken);
}

static mlsoap_status cur_new(cur_state *s, size_t n_rows, size_t d, mlsoap_error *error)
{
    memset(s, 0, sizeof *s);
    s->n_rows = n_rows;
    s->d = d;
    s->X = MEMORY_NEW(double, n_rows *d);
    s->C = MEMORY_NEW(double, d *d);
    s->copy = MEMORY_NEW(double, d *d);
    s->v = MEMORY_NEW(double, d);
    s->w = MEMORY_NEW(double, n_rows);
    s->values = MEMORY_NEW(double, d);
    s->support = MEMORY_NEW(int, 2);
    s->taken = MEMORY_NEW(unsigned char, n_rows);
    if (s->X && s->C && s->copy && s->v && s->w && s->values && s->support && s->taken) return MLSOAP_SUCCESS;
    cur_release(s);
    return status_no_memory(error, (n_rows + 2 * d) * d * sizeof(double), "CUR selection");
}

/* Start a sweep: the rows as given, the taken ones zero. Returns the trace of C: the sum of |x|^2. */
static double begin_sweep(cur_state *s, const double *X, size_t stride)
{
    for (size_t i = 0; i < s->n_rows; i++) {
        if (s->taken[i])
            memset(s->X + i * s->d, 0, s->d * sizeof(double));
        else
            memcpy(s->X + i * s->d, X + i * stride, s->d * sizeof(double));
    }
    cblas_dsyrk(CblasRowMajor, CblasUpper, CblasTrans, (int)s->d, (int)s->n_rows, 1.0, s->X, (int)s->d, 0.0, s->C,
                (int)s->d);
    double trace = 0;
    for (size_t f = 0; f < s->d; f++) {
        for (size_t g = 0; g < f; g++) s->C[f * s->d + g] = s->C[g * s->d + f];
        trace += s->C[f * s->d + f];
    }
    return trace;
}

static mlsoap_status leading_vector(cur_state *s, mlsoap_error *error)
{
    int d = (int)s->d, n_found;
    memcpy(s->copy, s->C, s->d * s->d * sizeof(double));
    int info = LAPACKE_dsyevr(LAPACK_COL_MAJOR, 'V', 'I', 'U', d, s->copy, d, 0, 0, d, d, 0, &n_found, s->values, s->v,
                              d, s->support);
    if (info) return status_fail(error, MLSOAP_ERROR_NUMERICS, "CUR selection: the eigensolver failed (info %d)", info);
    return MLSOAP_SUCCESS;
}

/* The free row with the largest |x.v|; n_rows where none is free. */
static size_t best_row(cur_state *s)
{
    cblas_dgemv(CblasRowMajor, CblasNoTrans, (int)s->n_rows, (int)s->d, 1.0, s->X, (int)s->d, s->v, 1, 0.0, s->w, 1);
    size_t best = s->n_rows;
    for (size_t i = 0; i < s->n_rows; i++)
        if (!s->taken[i] && (best == s->n_rows || s->w[i] * s->w[i] > s->w[best] * s->w[best])) best = i;
    return best;
}

/* X <- X - (X v) v^T and C <- (1 - v v^T) C (1 - v v^T) with v = the chosen row at unit length; false where the chosen
 * row has nothing left (|x|^2 <= floor): the sweep is exhausted. */
static int deflate(cur_state *s, size_t row, double floor)
{
    size_t d = s->d;
    int n = (int)d;
    double norm = cblas_dnrm2(n, s->X + row * d, 1);
    if (!(norm * norm > floor)) return 0;
    for (size_t f = 0; f < d; f++) s->v[f] = s->X[row * d + f] / norm;
    cblas_dgemv(CblasRowMajor, CblasNoTrans, (int)s->n_rows, n, 1.0, s->X, n, s->v, 1, 0.0, s->w, 1);
    cblas_dger(CblasRowMajor, (int)s->n_rows, n, -1.0, s->w, 1, s->v, 1, s->X, n);
    memset(s->X + row * d, 0, d * sizeof(double));
    cblas_dsymv(CblasRowMajor, CblasUpper, n, 1.0, s->C, n, s->v, 1, 0.0, s->values, 1);
    double vCv = cblas_ddot(n, s->values, 1, s->v, 1);
    cblas_daxpy(n, -0.5 * vCv, s->v, 1, s->values, 1);
    cblas_dsyr2(CblasRowMajor, CblasUpper, n, -1.0, s->values, 1, s->v, 1, s->C, n);
    for (size_t f = 0; f < d; f++)
        for (size_t g = 0; g < f; g++) s->C[f * d + g] = s->C[g * d + f];
    return 1;
}

/* A row that equals a chosen one (it can come up in a later sweep). */
static int repeats_chosen(const double *X, size_t n_features, size_t stride, size_t row, const size_t *selected,
                          size_t n_selected, double floor)
{
    for (size_t k = 0; k < n_selected; k++) {
        double sum = 0;
        for (size_t f = 0; f < n_features; f++) {
            double difference = X[row * stride + f] - X[selected[k] * stride + f];
            sum += difference * difference;
        }
        if (sum <= floor) return 1;
    }
    return 0;
}

mlsoap_status cur_select(const double *X, size_t n_rows, size_t n_features, size_t stride, size_t first, size_t n,
                         size_t *selected, size_t *n_selected, mlsoap_error *error)
{
    (void)first;
    *n_selected = 0;
    if (n_rows == 0 || n == 0) return MLSOAP_SUCCESS;
    cur_state s;
    mlsoap_status status = cur_new(&s, n_rows, n_features, error);
    if (status) return status;
    double trace = begin_sweep(&s, X, stride), floor = 0;
    if (!isfinite(trace))
        status = status_fail(error, MLSOAP_ERROR_VALUE, "a descriptor is not finite: look for coinciding atoms");
    size_t n_in_sweep = 0;
    floor = SELECTION_DUPLICATE * trace / (double)n_rows;
    while (!status && *n_selected < n) {
        status = leading_vector(&s, error);
        if (status) break;
        size_t row = best_row(&s);
        if (row == n_rows) break;
        if (repeats_chosen(X, n_features, stride, row, selected, *n_selected, floor)) {
            s.taken[row] = 1;
            continue;
        }
        if (deflate(&s, row, floor)) {
            s.taken[row] = 1;
            selected[(*n_selected)++] = row;
            n_in_sweep++;
        } else {
            if (n_in_sweep == 0) break; /* a fresh sweep found nothing but zero rows */
            n_in_sweep = 0;
            begin_sweep(&s, X, stride);
        }
    }
    cur_release(&s);
    return status;
}
