/* SPDX-License-Identifier: BSD-3-Clause */
/* Triangles over ranks by ScaLAPACK; see distributed_triangle.h. Element (i, j) lies on process (i/nb mod n_row,
 * j/nb mod n_col) of the grid, in local row (i/nb / n_row) nb + i mod nb, and the columns alike; parts are
 * column-major. */
#include "solvers/distributed_triangle.h"

#include "core/memory.h"

#include <math.h>
#include <string.h>

/* ScaLAPACK and BLACS come without a header. */
void Cblacs_get(int context, int what, int *value);
void Cblacs_gridinit(int *context, const char *order, int n_row, int n_col);
void Cblacs_gridinfo(int context, int *n_row, int *n_col, int *row, int *col);
void Cblacs_gridexit(int context);
void Cdgsum2d(int context, const char *scope, const char *topology, int m, int n, double *A, int lda, int row, int col);
int numroc_(const int *n, const int *nb, const int *process, const int *first, const int *n_processes);
void pdgemr2d_(const int *m, const int *n, const double *A, const int *ia, const int *ja, const int *desc_a, double *B,
               const int *ib, const int *jb, const int *desc_b, const int *context);
void pdgeqrf_(const int *m, const int *n, double *A, const int *ia, const int *ja, const int *desc, double *tau,
              double *work, const int *lwork, int *info);
void pdpotrf_(const char *uplo, const int *n, double *A, const int *ia, const int *ja, const int *desc, int *info);
void pdtrsv_(const char *uplo, const char *trans, const char *diag, const int *n, const double *A, const int *ia,
             const int *ja, const int *desc_a, double *x, const int *ix, const int *jx, const int *desc_x,
             const int *increment);
void pdtrmv_(const char *uplo, const char *trans, const char *diag, const int *n, const double *A, const int *ia,
             const int *ja, const int *desc_a, double *x, const int *ix, const int *jx, const int *desc_x,
             const int *increment);

enum { LARGEST_BLOCK = 64, PUT_ROWS = 64 };
static const int one = 1;

struct distributed {
    parallel *ranks;
    size_t m;
    int context, n_row, n_col, row, col, nb; /* of the grid; order of a block */
};

/* A matrix of m columns and any number of rows. */
typedef struct tall {
    int desc[9];
    size_t rows, local_rows, local_columns;
    double *part; /* [local_columns][local_rows] */
} tall;

mlsoap_status distributed_check(const parallel *ranks, mlsoap_error *error)
{
    if (parallel_size(ranks) > 1) return MLSOAP_SUCCESS;
    return status_fail(error, MLSOAP_ERROR_VALUE,
                       "model.factorization: distributed needs several ranks: start the training by mpirun");
}

mlsoap_status distributed_new(parallel *ranks, size_t m, distributed **out, mlsoap_error *error)
{
    int size = parallel_size(ranks), n_col = 1;
    *out = NULL;
    mlsoap_status status = distributed_check(ranks, error);
    distributed *d = MEMORY_NEW(distributed, 1);
    if (!status && !d) status = status_no_memory(error, sizeof *d, "a grid of ranks");
    status = parallel_meet(ranks, status, error);
    if (status) {
        memory_free(d);
        return status;
    }
    for (int k = 2; k * k <= size; k++)
        if (size % k == 0) n_col = k;
    d->ranks = ranks;
    d->m = m;
    d->nb = m / (size_t)size < LARGEST_BLOCK ? (int)(m / (size_t)size) + 1 : LARGEST_BLOCK;
    Cblacs_get(-1, 0, &d->context);
    Cblacs_gridinit(&d->context, "Row", size / n_col, n_col);
    Cblacs_gridinfo(d->context, &d->n_row, &d->n_col, &d->row, &d->col);
    *out = d;
    return MLSOAP_SUCCESS;
}

void distributed_free(distributed *d)
{
    if (!d) return;
    Cblacs_gridexit(d->context);
    memory_free(d);
}

static size_t local_count(int n, int nb, int process, int n_processes)
{
    const int zero = 0;
    return (size_t)numroc_(&n, &nb, &process, &zero, &n_processes);
}

/* Global index of a local one. */
static size_t global_index(size_t local, int nb, int process, int n_processes)
{
    size_t block = local / (size_t)nb;
    return (block * (size_t)n_processes + (size_t)process) * (size_t)nb + local % (size_t)nb;
}

/* Shape without memory. */
static tall shape_of(const distributed *d, size_t rows, size_t columns)
{
    tall t = {.rows = rows,
              .local_rows = local_count((int)rows, d->nb, d->row, d->n_row),
              .local_columns = local_count((int)columns, d->nb, d->col, d->n_col)};
    int ld = t.local_rows > 0 ? (int)t.local_rows : 1;
    const int desc[9] = {1, d->context, (int)rows, (int)columns, d->nb, d->nb, 0, 0, ld};
    memcpy(t.desc, desc, sizeof desc);
    return t;
}

static tall matrix_of(const distributed *d, const double *A)
{
    tall t = shape_of(d, d->m, d->m);
    t.part = (double *)(uintptr_t)A;
    return t;
}

double *distributed_zeros(const distributed *d)
{
    tall t = shape_of(d, d->m, d->m);
    return MEMORY_NEW(double, t.local_rows *t.local_columns + 1);
}

static mlsoap_status tall_new(const distributed *d, size_t rows, size_t columns, tall *t, mlsoap_error *error)
{
    *t = shape_of(d, rows, columns);
    t->part = MEMORY_NEW(double, t->local_rows * t->local_columns + 1);
    if (t->part) return MLSOAP_SUCCESS;
    return status_no_memory(error, t->local_rows * t->local_columns * sizeof(double), "a matrix over ranks");
}

/* rows [n][m], the same on all ranks, to rows first ... of the matrix. */
static void keep_own(const distributed *d, tall *t, size_t first, const double *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        size_t block = (first + i) / (size_t)d->nb;
        if (block % (size_t)d->n_row != (size_t)d->row) continue;
        size_t local = block / (size_t)d->n_row * (size_t)d->nb + (first + i) % (size_t)d->nb;
        for (size_t j = 0; j < t->local_columns; j++)
            t->part[j * t->local_rows + local] = rows[i * d->m + global_index(j, d->nb, d->col, d->n_col)];
    }
}

mlsoap_status distributed_put(const distributed *d, double *A, size_t first, double *rows, size_t n_rows, int owner,
                              mlsoap_error *error)
{
    tall t = matrix_of(d, A);
    mlsoap_status status = parallel_broadcast(d->ranks, owner, rows, n_rows * d->m * sizeof *rows, error);
    if (!status) keep_own(d, &t, first, rows, n_rows);
    return status;
}

static void copy_block(const distributed *d, const tall *from, tall *to, size_t first_row)
{
    int m = (int)d->m, row = (int)first_row + 1;
    pdgemr2d_(&m, &m, from->part, &one, &one, from->desc, to->part, &row, &one, to->desc, &d->context);
}

static void clear_below(const distributed *d, tall *t)
{
    for (size_t j = 0; j < t->local_columns; j++)
        for (size_t i = 0; i < t->local_rows; i++)
            if (global_index(i, d->nb, d->row, d->n_row) > global_index(j, d->nb, d->col, d->n_col))
                t->part[j * t->local_rows + i] = 0;
}

/* The triangle of S, whose rows are no fewer than m, into R. S is destroyed. */
static mlsoap_status factor(const distributed *d, tall *S, double *R, mlsoap_error *error)
{
    int rows = (int)S->rows, m = (int)d->m, size = -1, info = 0;
    double wanted = 0, *work = NULL, *tau = MEMORY_NEW(double, S->local_columns + (size_t)d->nb);
    pdgeqrf_(&rows, &m, S->part, &one, &one, S->desc, &wanted, &wanted, &size, &info);
    size = (int)wanted;
    work = MEMORY_NEW(double, (size_t)size + 1);
    mlsoap_status status = tau && work ? MLSOAP_SUCCESS : status_no_memory(error, (size_t)size * 8, "a factorization");
    status = parallel_meet(d->ranks, status, error);
    if (!status) {
        tall t = matrix_of(d, R);
        pdgeqrf_(&rows, &m, S->part, &one, &one, S->desc, tau, work, &size, &info);
        int order = m;
        pdgemr2d_(&order, &order, S->part, &one, &one, S->desc, t.part, &one, &one, t.desc, &d->context);
        clear_below(d, &t);
    }
    memory_free(tau);
    memory_free(work);
    return status;
}

/* Rows of every rank below the first m rows of S. */
static mlsoap_status gather_rows(const distributed *d, tall *S, const double *rows, const size_t *n_of_rank,
                                 mlsoap_error *error)
{
    double *buffer = MEMORY_NEW(double, PUT_ROWS * d->m);
    mlsoap_status status =
        buffer ? MLSOAP_SUCCESS : status_no_memory(error, PUT_ROWS * d->m * sizeof *buffer, "rows of other ranks");
    size_t at = d->m;
    for (int r = 0; r < parallel_size(d->ranks) && !status; r++)
        for (size_t first = 0; first < n_of_rank[r] && !status; first += PUT_ROWS) {
            size_t n = n_of_rank[r] - first < PUT_ROWS ? n_of_rank[r] - first : PUT_ROWS;
            if (r == parallel_rank(d->ranks)) memcpy(buffer, rows + first * d->m, n * d->m * sizeof *buffer);
            status = parallel_broadcast(d->ranks, r, buffer, n * d->m * sizeof *buffer, error);
            if (!status) keep_own(d, S, at, buffer, n);
            at += n;
        }
    memory_free(buffer);
    return status;
}

mlsoap_status distributed_fold(const distributed *d, double *R, const double *rows, size_t n_own, mlsoap_error *error)
{
    size_t total = 0, n_ranks = (size_t)parallel_size(d->ranks), *n = MEMORY_NEW(size_t, n_ranks);
    mlsoap_status status = n ? MLSOAP_SUCCESS : status_no_memory(error, n_ranks * sizeof *n, "rows of ranks");
    tall S = {.part = NULL}, top = matrix_of(d, R);
    if (n) n[parallel_rank(d->ranks)] = n_own;
    for (size_t r = 0; r < n_ranks && !status; r++) {
        status = parallel_broadcast(d->ranks, (int)r, &n[r], sizeof *n, error);
        total += n[r];
    }
    if (!status && total > 0) {
        status = tall_new(d, d->m + total, d->m, &S, error);
        status = parallel_meet(d->ranks, status, error);
        if (!status) copy_block(d, &top, &S, 0);
        if (!status) status = gather_rows(d, &S, rows, n, error);
        if (!status) status = factor(d, &S, R, error);
    }
    memory_free(S.part);
    memory_free(n);
    return status;
}

mlsoap_status distributed_cholesky(const distributed *d, const double *K, const double *shift, double **U,
                                   mlsoap_error *error)
{
    tall t = shape_of(d, d->m, d->m);
    int n = (int)d->m - 1, info = 0;
    mlsoap_status status = tall_new(d, d->m, d->m, &t, error);
    *U = NULL;
    status = parallel_meet(d->ranks, status, error);
    if (status) {
        memory_free(t.part);
        return status;
    }
    memcpy(t.part, K, t.local_rows * t.local_columns * sizeof *K);
    for (size_t j = 0; j < t.local_columns; j++)
        for (size_t i = 0; i < t.local_rows; i++) {
            size_t row = global_index(i, d->nb, d->row, d->n_row);
            if (row == global_index(j, d->nb, d->col, d->n_col) && row + 1 < d->m)
                t.part[j * t.local_rows + i] += shift[row];
        }
    pdpotrf_("U", &n, t.part, &one, &one, t.desc, &info);
    clear_below(d, &t);
    *U = t.part;
    if (info == 0) return MLSOAP_SUCCESS;
    memory_free(t.part);
    *U = NULL;
    return status_fail(error, MLSOAP_ERROR_NUMERICS,
                       "the kernel matrix is singular at point %d of %d: raise model.jitter or lower model.n_sparse",
                       info, n);
}

mlsoap_status distributed_stack(const distributed *d, const double *const *A, const double *factors, int n, double **R,
                                mlsoap_error *error)
{
    tall S;
    *R = distributed_zeros(d);
    mlsoap_status status = tall_new(d, (size_t)n * d->m, d->m, &S, error);
    if (!status && !*R) status = status_no_memory(error, d->m * 8, "a triangle over ranks");
    status = parallel_meet(d->ranks, status, error);
    for (int k = 0; k < n && !status; k++) {
        tall t = matrix_of(d, A[k]);
        copy_block(d, &t, &S, (size_t)k * d->m);
    }
    for (size_t i = 0; i < S.local_rows && !status; i++) {
        double scale = factors[global_index(i, d->nb, d->row, d->n_row) / d->m];
        for (size_t j = 0; j < S.local_columns; j++) S.part[j * S.local_rows + i] *= scale;
    }
    if (!status) status = factor(d, &S, *R, error);
    memory_free(S.part);
    if (!status) return MLSOAP_SUCCESS;
    memory_free(*R);
    *R = NULL;
    return status;
}

/* MLSOAP_ERROR_NUMERICS where a number on the diagonal or on the right is 0 or not finite. */
static mlsoap_status check_solvable(const distributed *d, const tall *R, mlsoap_error *error)
{
    for (size_t j = 0; j < R->local_columns; j++)
        for (size_t i = 0; i < R->local_rows; i++) {
            size_t row = global_index(i, d->nb, d->row, d->n_row), column = global_index(j, d->nb, d->col, d->n_col);
            double value = R->part[j * R->local_rows + i];
            if (row + 1 == d->m || (column != row && column + 1 != d->m)) continue;
            if (!isfinite(value) || (column == row && value == 0))
                return status_fail(error, MLSOAP_ERROR_NUMERICS,
                                   "the least-squares problem is singular at unknown %zu of %zu: raise model.jitter or "
                                   "lower model.n_sparse",
                                   row, d->m - 1);
        }
    return MLSOAP_SUCCESS;
}

/* The whole of a distributed column in x [m], on every rank. */
static void spread(const distributed *d, const tall *v, double *x)
{
    memset(x, 0, d->m * sizeof *x);
    for (size_t i = 0; i < v->local_rows && v->local_columns > 0; i++)
        x[global_index(i, d->nb, d->row, d->n_row)] = v->part[i];
    Cdgsum2d(d->context, "All", " ", (int)d->m, 1, x, (int)d->m, -1, -1);
}

mlsoap_status distributed_solve(const distributed *d, const double *R, double *x, mlsoap_error *error)
{
    tall t = matrix_of(d, R), v;
    int n = (int)d->m - 1, m = (int)d->m;
    double *all = MEMORY_NEW(double, d->m);
    mlsoap_status status = tall_new(d, d->m, 1, &v, error);
    if (!status && !all) status = status_no_memory(error, d->m * sizeof *all, "the solution");
    if (!status) status = check_solvable(d, &t, error);
    status = parallel_meet(d->ranks, status, error);
    if (!status) {
        pdgemr2d_(&m, &one, t.part, &one, &m, t.desc, v.part, &one, &one, v.desc, &d->context);
        pdtrsv_("U", "N", "N", &n, t.part, &one, &one, t.desc, v.part, &one, &one, v.desc, &one);
        spread(d, &v, all);
        memcpy(x, all, (size_t)n * sizeof *x);
        status = parallel_broadcast(d->ranks, 0, x, (size_t)n * sizeof *x, error); /* the same bits everywhere */
    }
    memory_free(v.part);
    memory_free(all);
    return status;
}

mlsoap_status distributed_residual(const distributed *d, const double *R, const double *x, double *norm,
                                   mlsoap_error *error)
{
    tall t = matrix_of(d, R), v;
    int m = (int)d->m;
    mlsoap_status status = tall_new(d, d->m, 1, &v, error);
    status = parallel_meet(d->ranks, status, error);
    if (!status) {
        for (size_t i = 0; i < v.local_rows && v.local_columns > 0; i++) {
            size_t row = global_index(i, d->nb, d->row, d->n_row);
            v.part[i] = row + 1 < d->m ? x[row] : -1;
        }
        pdtrmv_("U", "N", "N", &m, t.part, &one, &one, t.desc, v.part, &one, &one, v.desc, &one);
        *norm = 0;
        for (size_t i = 0; i < v.local_rows && v.local_columns > 0; i++) *norm += v.part[i] * v.part[i];
        Cdgsum2d(d->context, "All", " ", 1, 1, norm, 1, -1, -1);
        *norm = sqrt(*norm);
        status = parallel_broadcast(d->ranks, 0, norm, sizeof *norm, error);
    }
    memory_free(v.part);
    return status;
}
