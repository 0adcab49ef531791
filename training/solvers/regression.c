/* SPDX-License-Identifier: BSD-3-Clause */
/* Least squares from stored triangles; see regression.h. */
#include "solvers/regression.h"

#include "core/memory.h"
#include "solvers/tall_qr.h"

#include <cblas.h>
#include <lapacke.h>
#include <math.h>
#include <string.h>

static void part_release(regression_part *part)
{
    for (int t = 0; t < N_FRAME_TARGETS; t++) memory_free(part->R[t]);
}

void regression_release(regression *r)
{
    part_release(&r->fit);
    part_release(&r->validation);
    memory_free(r->K);
    memory_free(r->blocks);
    distributed_free(r->distributed);
    memset(r, 0, sizeof *r);
}

/* U from A = V diag(lambda) V^T: the triangle of diag(sqrt(max(lambda, 0) + shift)) V^T. A [n][n] is destroyed. */
static mlsoap_status triangle_by_eigenvalues(double *A, size_t n, double shift, mlsoap_error *error)
{
    double *values = MEMORY_NEW(double, 2 * n), *B = MEMORY_NEW(double, n *n);
    mlsoap_status status = MLSOAP_SUCCESS;
    int order = (int)n;
    if (!values || !B)
        status = status_no_memory(error, n * n * sizeof *B, "the square root of the kernel matrix");
    else if (LAPACKE_dsyevd(LAPACK_COL_MAJOR, 'V', 'U', order, A, order, values))
        status = status_fail(error, MLSOAP_ERROR_NUMERICS, "the kernel matrix has no eigenvalues: is it finite?");
    if (!status) {
        for (size_t j = 0; j < n; j++) /* A: eigenvectors in columns j */
            for (size_t i = 0; i < n; i++) B[i * n + j] = sqrt((values[j] > 0 ? values[j] : 0) + shift) * A[j * n + i];
        if (LAPACKE_dgeqrf(LAPACK_COL_MAJOR, order, order, B, order, values + n))
            status = status_fail(error, MLSOAP_ERROR_NUMERICS, "the kernel matrix has no square root");
        else
            memcpy(A, B, n * n * sizeof *B);
    }
    memory_free(values);
    memory_free(B);
    return status;
}

mlsoap_status regression_set_blocks(regression *r, const size_t *sizes, size_t n_blocks, mlsoap_error *error)
{
    r->blocks = MEMORY_NEW(regression_block, n_blocks);
    if (!r->blocks) return status_no_memory(error, n_blocks * sizeof *r->blocks, "the terms of the fit");
    r->n_blocks = n_blocks;
    for (size_t b = 0, first = 0; b < n_blocks; first += sizes[b++]) {
        r->blocks[b] = (regression_block){.first = first, .n = sizes[b]};
        for (size_t i = first; i < first + sizes[b] && r->K && !r->distributed; i++)
            r->blocks[b].trace += r->K[i * (r->n + 1)];
    }
    return MLSOAP_SUCCESS;
}

double regression_shift(const regression *r, size_t i_block, double jitter)
{
    return jitter * r->blocks[i_block].trace / (double)r->blocks[i_block].n;
}

static mlsoap_status distributed_prior(const regression *r, double jitter, double **U, mlsoap_error *error)
{
    double *shift = MEMORY_NEW(double, r->n);
    *U = NULL;
    if (!shift) return status_no_memory(error, r->n * sizeof *shift, "the kernel matrix");
    for (size_t b = 0; b < r->n_blocks; b++)
        for (size_t i = 0; i < r->blocks[b].n; i++) shift[r->blocks[b].first + i] = regression_shift(r, b, jitter);
    mlsoap_status status = distributed_cholesky(r->distributed, r->K, shift, U, error);
    memory_free(shift);
    return status;
}

/* A [n][n] <- a block of K with its shift */
static void copy_block(const regression *r, const regression_block *block, double shift, double *A)
{
    for (size_t j = 0; j < block->n; j++) {
        memcpy(A + j * block->n, r->K + (block->first + j) * r->n + block->first, block->n * sizeof *A);
        A[j * block->n + j] += shift;
    }
}

/* The triangle of a block into the columns of U. A is scratch memory. */
static mlsoap_status block_prior(const regression *r, size_t i_block, double jitter, double *A, double *U,
                                 mlsoap_error *error)
{
    const regression_block *block = &r->blocks[i_block];
    size_t n = block->n, m = r->n + 1;
    double shift = regression_shift(r, i_block, jitter);
    mlsoap_status status = MLSOAP_SUCCESS;
    copy_block(r, block, shift, A);
    if (LAPACKE_dpotrf(LAPACK_COL_MAJOR, 'U', (int)n, A, (int)n)) {
        copy_block(r, block, 0, A);
        status = triangle_by_eigenvalues(A, n, shift, error);
    }
    for (size_t j = 0; j < n && !status; j++)
        memcpy(U + (block->first + j) * m + block->first, A + j * n, (j + 1) * sizeof *A);
    return status;
}

mlsoap_status regression_prior(const regression *r, double jitter, double **U, mlsoap_error *error)
{
    size_t n = r->n, m = n + 1;
    if (r->distributed) return distributed_prior(r, jitter, U, error);
    double *A = MEMORY_NEW(double, n *n), *out = MEMORY_NEW(double, m *m);
    mlsoap_status status = MLSOAP_SUCCESS;
    *U = NULL;
    if (!A || !out) status = status_no_memory(error, 2 * m * m * sizeof *A, "the factor of the kernel matrix");
    for (size_t b = 0; b < r->n_blocks && !status; b++) status = block_prior(r, b, jitter, A, out, error);
    memory_free(A);
    if (status)
        memory_free(out);
    else
        *U = out;
    return status;
}

/* total <- triangle of [total; sqrt(weight) R] */
static mlsoap_status add_scaled(double *total, const double *R, double *scratch, double weight, size_t n,
                                mlsoap_error *error)
{
    double scale = sqrt(weight);
    for (size_t i = 0; i < n * n; i++) scratch[i] = scale * R[i];
    return r_merge(total, scratch, n, error);
}

static mlsoap_status stack(const regression *r, const double weight[N_FRAME_TARGETS], const double *U,
                           bool with_validation, double *total, double *scratch, mlsoap_error *error)
{
    size_t n = r->n + 1;
    const regression_part *parts[2] = {&r->fit, &r->validation};
    mlsoap_status status = MLSOAP_SUCCESS;
    memcpy(total, U, n * n * sizeof *total);
    for (int p = 0; p < (with_validation ? 2 : 1); p++)
        for (int t = 0; t < N_FRAME_TARGETS && !status; t++)
            if (parts[p]->R[t] && weight[t] > 0)
                status = add_scaled(total, parts[p]->R[t], scratch, weight[t], n, error);
    return status;
}

/* The triangle over all ranks of what `stack` merges. */
static mlsoap_status distributed_total(const regression *r, const double weight[N_FRAME_TARGETS], const double *U,
                                       bool with_validation, double **R, mlsoap_error *error)
{
    const regression_part *parts[2] = {&r->fit, &r->validation};
    const double *A[1 + 2 * N_FRAME_TARGETS] = {U};
    double factor[1 + 2 * N_FRAME_TARGETS] = {1};
    int n = 1;
    for (int p = 0; p < (with_validation ? 2 : 1); p++)
        for (int t = 0; t < N_FRAME_TARGETS; t++) {
            if (!parts[p]->R[t] || !(weight[t] > 0)) continue;
            A[n] = parts[p]->R[t];
            factor[n++] = sqrt(weight[t]);
        }
    return distributed_stack(r->distributed, A, factor, n, R, error);
}

mlsoap_status regression_triangle(const regression *r, const double weight[N_FRAME_TARGETS], const double *U,
                                  bool with_validation, double **R, mlsoap_error *error)
{
    size_t m = r->n + 1;
    if (r->distributed) return distributed_total(r, weight, U, with_validation, R, error);
    double *total = MEMORY_NEW(double, m *m), *scratch = MEMORY_NEW(double, m *m);
    mlsoap_status status = MLSOAP_SUCCESS;
    if (!total || !scratch)
        status = status_no_memory(error, 2 * m * m * sizeof *total, "the solution of the fit");
    else
        status = stack(r, weight, U, with_validation, total, scratch, error);
    memory_free(scratch);
    if (status) memory_free(total);
    *R = status ? NULL : total;
    return status;
}

mlsoap_status regression_solve(const regression *r, const double *R, double *x, mlsoap_error *error)
{
    size_t n = r->n, m = n + 1;
    if (r->distributed) return distributed_solve(r->distributed, R, x, error);
    for (size_t i = 0; i < n; i++)
        if (!(fabs(R[i * m + i]) > 0) || !isfinite(R[i * m + i]) || !isfinite(R[n * m + i]))
            return status_fail(error, MLSOAP_ERROR_NUMERICS,
                               "the least-squares problem is singular at unknown %zu of %zu: raise model.jitter or "
                               "lower model.n_sparse",
                               i, n);
    memcpy(x, R + n * m, n * sizeof *x);
    cblas_dtrsv(CblasColMajor, CblasUpper, CblasNoTrans, CblasNonUnit, (int)n, R, (int)m, x, 1);
    return MLSOAP_SUCCESS;
}

mlsoap_status regression_rmse(const regression *r, const regression_part *part, const double *x,
                              double rmse[N_FRAME_TARGETS], mlsoap_error *error)
{
    size_t m = r->n + 1;
    double *v = MEMORY_NEW(double, m);
    if (!v) return status_no_memory(error, m * sizeof *v, "residuals");
    for (int t = 0; t < N_FRAME_TARGETS; t++) {
        rmse[t] = 0;
        if (!part->R[t] || !(part->weight[t] > 0)) continue;
        if (r->distributed) {
            mlsoap_status status = distributed_residual(r->distributed, part->R[t], x, &rmse[t], error);
            rmse[t] /= sqrt(part->weight[t]);
            if (!status) continue;
            memory_free(v);
            return status;
        }
        memcpy(v, x, r->n * sizeof *v);
        v[r->n] = -1;
        cblas_dtrmv(CblasColMajor, CblasUpper, CblasNoTrans, CblasNonUnit, (int)m, part->R[t], (int)m, v, 1);
        rmse[t] = cblas_dnrm2((int)m, v, 1) / sqrt(part->weight[t]);
    }
    memory_free(v);
    return MLSOAP_SUCCESS;
}
