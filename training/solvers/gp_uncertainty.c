/* SPDX-License-Identifier: BSD-3-Clause */
/* Uncertainty of a sparse GP on a part of its points; see gp_uncertainty.h. All matrices are column-major. */
#include "solvers/gp_uncertainty.h"

#include "core/memory.h"

#include <cblas.h>
#include <lapacke.h>
#include <math.h>
#include <string.h>

void gp_uncertainty_release(gp_uncertainty *u)
{
    for (int z = 0; z < KERNEL_KINDS; z++) memory_free(u->G[z]);
    memset(u, 0, sizeof *u);
}

/* ---------------------------------------------------------------------------------------------------- the points */

void uncertainty_points_release(uncertainty_points *points)
{
    for (int z = 0; z < KERNEL_KINDS; z++) memory_free(points->index[z]);
    memset(points, 0, sizeof *points);
}

/* The best column of those not yet taken (k_jj > 0); m where none is left that differs from those taken. */
static size_t best_column(const double *gain, const double *diagonal, size_t m, double smallest)
{
    size_t best = m;
    for (size_t j = 0; j < m; j++)
        if (diagonal[j] > smallest && (best == m || gain[j] / diagonal[j] > gain[best] / diagonal[best])) best = j;
    return best;
}

/* Points of one kind. Q [rows][m] columns of R and k [m][m] are destroyed; a column taken has diagonal 0. */
static size_t choose_kind(double *Q, double *k, double *column, size_t rows, size_t m, size_t n_wanted, size_t *index)
{
    double *gain = column + m, *diagonal = column + 2 * m, smallest = 0;
    for (size_t j = 0; j < m; j++) {
        gain[j] = cblas_ddot((int)rows, Q + j * rows, 1, Q + j * rows, 1);
        diagonal[j] = k[j * m + j];
        if (1e-13 * diagonal[j] > smallest) smallest = 1e-13 * diagonal[j];
    }
    for (size_t n = 0; n < n_wanted; n++) {
        size_t s = best_column(gain, diagonal, m, smallest);
        if (s == m) return n;
        index[n] = s;
        double pivot = diagonal[s];
        memcpy(column, k + s * m, m * sizeof *column);
        diagonal[s] = 0;
#pragma omp parallel for schedule(static)
        for (size_t j = 0; j < m; j++) {
            if (diagonal[j] == 0) continue;
            double factor = -column[j] / pivot;
            cblas_daxpy((int)m, factor, column, 1, k + j * m, 1);
            cblas_daxpy((int)rows, factor, Q + s * rows, 1, Q + j * rows, 1);
            diagonal[j] = k[j * m + j] > 0 ? k[j * m + j] : 0;
            gain[j] = cblas_ddot((int)rows, Q + j * rows, 1, Q + j * rows, 1);
        }
    }
    return n_wanted;
}

mlsoap_status uncertainty_points_choose(uncertainty_points *points, const kernel_term *term, const double *R,
                                        const double *K, double shift, size_t n_points, mlsoap_error *error)
{
    size_t rows = term->n_columns + 1;
    mlsoap_status status = MLSOAP_SUCCESS;
    memset(points, 0, sizeof *points);
    for (int z = 0; z < KERNEL_KINDS && !status; z++) {
        size_t m = term->n_points[z], first = term->first_column[z], n = m < n_points ? m : n_points;
        if (m == 0) continue;
        double *Q = MEMORY_NEW(double, rows *m), *k = MEMORY_NEW(double, m *m), *column = MEMORY_NEW(double, 3 * m);
        points->index[z] = MEMORY_NEW(size_t, n);
        if (!Q || !k || !column || !points->index[z]) {
            status = status_no_memory(error, (rows + m) * m * sizeof *Q, "the points of the uncertainty");
        } else {
            memcpy(Q, R + first * rows, rows * m * sizeof *Q);
            for (size_t j = 0; j < m; j++) {
                memcpy(k + j * m, K + (first + j) * term->n_columns + first, m * sizeof *k);
                k[j * m + j] += shift;
            }
            points->n[z] = choose_kind(Q, k, column, rows, m, n, points->index[z]);
        }
        memory_free(Q);
        memory_free(k);
        memory_free(column);
    }
    return status;
}

/* -------------------------------------------------------------------------------------------------- the triangles */

/* X = R_S^-1 [n][n]: the triangle of columns `first` + index[j] (NULL: + j) of R, inverted. */
static mlsoap_status invert_columns(const double *R, const kernel_term *term, int z, const size_t *index, size_t n,
                                    double **X, mlsoap_error *error)
{
    size_t stride = term->n_columns + 1, m = term->first_column[z] + term->n_points[z]; /* rows: R is a triangle */
    double *columns = MEMORY_NEW(double, m *n), *tau = MEMORY_NEW(double, n);
    mlsoap_status status = MLSOAP_SUCCESS;
    *X = MEMORY_NEW(double, n *n);
    if (!columns || !tau || !*X) status = status_no_memory(error, (m + n) * n * sizeof(double), "the uncertainty");
    for (size_t j = 0; j < n && !status; j++)
        memcpy(columns + j * m, R + (term->first_column[z] + (index ? index[j] : j)) * stride, m * sizeof *columns);
    if (!status && LAPACKE_dgeqrf(LAPACK_COL_MAJOR, (int)m, (int)n, columns, (int)m, tau))
        status = status_fail(error, MLSOAP_ERROR_NUMERICS, "the triangle of the fit is not finite");
    for (size_t j = 0; j < n && !status; j++) memcpy(*X + j * n, columns + j * m, (j + 1) * sizeof *columns);
    if (!status && LAPACKE_dtrtri(LAPACK_COL_MAJOR, 'U', 'N', (int)n, *X, (int)n))
        status =
            status_fail(error, MLSOAP_ERROR_NUMERICS,
                        "the uncertainty: the matrix of its points is singular; lower uncertainty.n_points or raise "
                        "model.jitter");
    memory_free(columns);
    memory_free(tau);
    return status;
}

/* Lower triangle of the kernel of the isolated atom and the points, column-major [n + 1]. */
static void fill_kernel(const kernel_term *term, const double *K, double shift, int z, const size_t *index, size_t n,
                        double *L)
{
    const double *k = K + term->first_column[z] * (term->n_columns + 1);
    L[0] = term->isolated_self[z] + shift;
    for (size_t j = 0; j < n; j++) {
        L[j + 1] = term->isolated[z][index[j]];
        for (size_t i = j; i < n; i++)
            L[(j + 1) * (n + 1) + i + 1] = k[index[i] * term->n_columns + index[j]] + (i == j ? shift : 0);
    }
}

/* L L^T = K + shift; where rounding makes that indefinite (many like points, no jitter), of the least larger shift that
 * does not, by powers of ten. */
static mlsoap_status factor_kernel(const kernel_term *term, const double *K, double shift, int z, const size_t *index,
                                   size_t n, double *L, mlsoap_error *error)
{
    const double *k = K + term->first_column[z] * (term->n_columns + 1);
    double mean = 0;
    for (size_t i = 0; i < n; i++) mean += k[index[i] * (term->n_columns + 1)] / (double)n;
    for (; shift <= mean; shift = fmax(10 * shift, 1e-14 * mean)) {
        fill_kernel(term, K, shift, z, index, n, L);
        if (LAPACKE_dpotrf(LAPACK_COL_MAJOR, 'L', (int)n + 1, L, (int)n + 1) == 0) return MLSOAP_SUCCESS;
    }
    return status_fail(error, MLSOAP_ERROR_NUMERICS,
                       "the uncertainty: the kernel matrix of its points is not positive");
}

/* G of one kind from Y [n][n - 1], its first row 0 and R_S^-1 below it, which is destroyed. L and work are [n][n]. */
static mlsoap_status kind_triangle(double *L, double *Y, double *work, size_t n, double *G, mlsoap_error *error)
{
    int order = (int)n;
    double *values = MEMORY_NEW(double, 2 * n);
    if (!values) return status_no_memory(error, 2 * n * sizeof *values, "the uncertainty");
    cblas_dtrmm(CblasColMajor, CblasLeft, CblasLower, CblasTrans, CblasNonUnit, order, order - 1, 1.0, L, order, Y,
                order);
    cblas_dsyrk(CblasColMajor, CblasLower, CblasNoTrans, order, order - 1, 1.0, Y, order, 0.0, work, order);
    mlsoap_status status = MLSOAP_SUCCESS;
    if (LAPACKE_dsyevd(LAPACK_COL_MAJOR, 'V', 'L', order, work, order, values))
        status = status_fail(error, MLSOAP_ERROR_NUMERICS, "the uncertainty: its matrix has no eigenvalues");
    for (size_t j = 0; j < n && !status; j++) /* A = diag(sqrt(1 - s)) W^T, then A L^-1 */
        for (size_t i = 0; i < n; i++) G[j * n + i] = sqrt(values[i] < 1 ? 1 - values[i] : 0) * work[i * n + j];
    if (!status) {
        cblas_dtrsm(CblasColMajor, CblasRight, CblasLower, CblasNoTrans, CblasNonUnit, order, order, 1.0, L, order, G,
                    order);
        if (LAPACKE_dgeqrf(LAPACK_COL_MAJOR, order, order, G, order, values + n))
            status = status_fail(error, MLSOAP_ERROR_NUMERICS, "the uncertainty is not finite");
    }
    for (size_t j = 0; j < n && !status; j++) /* column-major upper = row-major lower; the reflectors below go */
        for (size_t i = j + 1; i < n; i++) G[j * n + i] = 0;
    memory_free(values);
    return status;
}

static mlsoap_status add_kind(gp_uncertainty *u, const uncertainty_points *points, const kernel_term *term,
                              const double *R, const double *K, double shift, int z, mlsoap_error *error)
{
    const size_t *index = points->index[z];
    size_t n = points->n[z] + 1;
    double *X = NULL, *L = MEMORY_NEW(double, n *n), *work = MEMORY_NEW(double, n *n), *Y = MEMORY_NEW(double, n *n);
    mlsoap_status status = MLSOAP_SUCCESS;
    u->G[z] = MEMORY_NEW(double, n *n);
    if (!L || !work || !Y || !u->G[z]) status = status_no_memory(error, n * 4 * n * sizeof(double), "the uncertainty");
    if (!status) status = invert_columns(R, term, z, index, n - 1, &X, error);
    if (!status) status = factor_kernel(term, K, shift, z, index, n - 1, L, error);
    for (size_t j = 0; j + 1 < n && !status; j++) memcpy(Y + j * n + 1, X + j * (n - 1), (n - 1) * sizeof *Y);
    if (!status) status = kind_triangle(L, Y, work, n, u->G[z], error);
    memory_free(X);
    memory_free(L);
    memory_free(work);
    memory_free(Y);
    return status;
}

mlsoap_status gp_uncertainty_new(gp_uncertainty *u, const uncertainty_points *points, const kernel_term *term,
                                 const double *R, const double *K, double shift, mlsoap_error *error)
{
    mlsoap_status status = MLSOAP_SUCCESS;
    memset(u, 0, sizeof *u);
    for (int z = 0; z < KERNEL_KINDS && !status; z++)
        if (points->n[z]) status = add_kind(u, points, term, R, K, shift, z, error);
    if (status) gp_uncertainty_release(u);
    return status;
}

/* ------------------------------------------------------------------------------------------------- linear models */

/* The covariance X X^T, X [m][m], and its triangle: what LAPACK calls upper by columns is lower by rows. */
static mlsoap_status weights_triangle(const double *X, size_t m, double *G, mlsoap_error *error)
{
    int order = (int)m;
    cblas_dsyrk(CblasColMajor, CblasUpper, CblasNoTrans, order, order, 1.0, X, order, 0.0, G, order);
    if (LAPACKE_dpotrf(LAPACK_COL_MAJOR, 'U', order, G, order) == 0) return MLSOAP_SUCCESS;
    return status_fail(error, MLSOAP_ERROR_NUMERICS, "the uncertainty: the covariance of the weights is not positive");
}

mlsoap_status linear_uncertainty_new(gp_uncertainty *u, const kernel_term *term, const double *R, mlsoap_error *error)
{
    mlsoap_status status = MLSOAP_SUCCESS;
    memset(u, 0, sizeof *u);
    for (int z = 0; z < KERNEL_KINDS && !status; z++) {
        size_t m = term->n_points[z];
        double *X = NULL;
        if (m == 0) continue;
        u->G[z] = MEMORY_NEW(double, m *m);
        status = u->G[z] ? invert_columns(R, term, z, NULL, m, &X, error)
                         : status_no_memory(error, m * m * sizeof *X, "the uncertainty");
        if (!status) status = weights_triangle(X, m, u->G[z], error);
        memory_free(X);
    }
    if (status) gp_uncertainty_release(u);
    return status;
}
