/* SPDX-License-Identifier: BSD-3-Clause */
/* Leading eigenvectors of a quadratic form; see leading_points.h. */
#include "solvers/leading_points.h"

#include "core/memory.h"

#include <cblas.h>
#include <lapacke.h>
#include <math.h>
#include <string.h>

static const double ISOTROPIC = 1e-3; /* e */
static const double LEFT_OUT = 1e-6;

/* Matrices are column-major; n features, those that are not 0 in all points. */
typedef struct form {
    size_t n_points, n;
    size_t *feature; /* [n] column of the points */
    double *X;       /* [n][n_points + 1], the points and the isolated atom without their padding */
    double *L;       /* [n][n] */
    double *V;       /* [n][n] Q, then L^T Q L, then its eigenvectors */
    double *lambda;  /* [n] */
    size_t *order;   /* [n] by falling |lambda| */
} form;

static void form_release(form *q)
{
    memory_free(q->feature);
    memory_free(q->X);
    memory_free(q->L);
    memory_free(q->V);
    memory_free(q->lambda);
    memory_free(q->order);
}

static mlsoap_status form_new(form *q, size_t n_points, size_t stride, const double *points, const double *isolated,
                              mlsoap_error *error)
{
    *q = (form){.n_points = n_points, .feature = MEMORY_NEW(size_t, stride)};
    if (!q->feature) return status_no_memory(error, stride * sizeof(size_t), "a quadratic form");
    for (size_t f = 0; f < stride; f++) {
        size_t s = 0;
        while (s < n_points && points[s * stride + f] == 0) s++;
        if (s < n_points) q->feature[q->n++] = f;
    }
    size_t n = q->n;
    q->X = MEMORY_NEW(double, n *(n_points + 1));
    q->L = MEMORY_NEW(double, n *n);
    q->V = MEMORY_NEW(double, n *n);
    q->lambda = MEMORY_NEW(double, n);
    q->order = MEMORY_NEW(size_t, n);
    if (!q->X || !q->L || !q->V || !q->lambda || !q->order)
        return status_no_memory(error, n * (2 * n + n_points) * sizeof(double), "a quadratic form");
    for (size_t s = 0; s < n_points; s++)
        for (size_t i = 0; i < n; i++) q->X[s * n + i] = points[s * stride + q->feature[i]];
    for (size_t i = 0; i < n; i++) q->X[n_points * n + i] = isolated[q->feature[i]];
    return MLSOAP_SUCCESS;
}

/* V = X diag(alpha) X^T; L L^T = C. */
static mlsoap_status make_matrices(form *q, const double *alpha, mlsoap_error *error)
{
    int n = (int)q->n, m = (int)q->n_points;
    double *scaled = MEMORY_NEW(double, q->n * q->n_points), trace = 0;
    if (!scaled) return status_no_memory(error, q->n * q->n_points * sizeof(double), "a quadratic form");
    for (size_t s = 0; s < q->n_points; s++)
        for (size_t i = 0; i < q->n; i++) scaled[s * q->n + i] = alpha[s] * q->X[s * q->n + i];
    cblas_dgemm(CblasColMajor, CblasNoTrans, CblasTrans, n, n, m, 1, scaled, n, q->X, n, 0, q->V, n);
    memory_free(scaled);
    cblas_dsyrk(CblasColMajor, CblasLower, CblasNoTrans, n, m, 0.5 / m, q->X, n, 0, q->L, n);
    cblas_dsyr(CblasColMajor, CblasLower, n, 0.5, q->X + q->n_points * q->n, 1, q->L, n);
    for (size_t i = 0; i < q->n; i++) trace += q->L[i * q->n + i];
    for (size_t i = 0; i < q->n; i++) q->L[i * q->n + i] += ISOTROPIC * trace / n;
    if (LAPACKE_dpotrf(LAPACK_COL_MAJOR, 'L', n, q->L, n))
        return status_fail(error, MLSOAP_ERROR_NUMERICS, "the second moment of the sparse points has no square root");
    return MLSOAP_SUCCESS;
}

static mlsoap_status diagonalize(form *q, mlsoap_error *error)
{
    int n = (int)q->n;
    cblas_dtrmm(CblasColMajor, CblasLeft, CblasLower, CblasTrans, CblasNonUnit, n, n, 1, q->L, n, q->V, n);
    cblas_dtrmm(CblasColMajor, CblasRight, CblasLower, CblasNoTrans, CblasNonUnit, n, n, 1, q->L, n, q->V, n);
    if (LAPACKE_dsyevd(LAPACK_COL_MAJOR, 'V', 'L', n, q->V, n, q->lambda))
        return status_fail(error, MLSOAP_ERROR_NUMERICS, "the quadratic form of the energy has no eigenvalues");
    for (size_t k = 0, low = 0, high = q->n; k < q->n; k++) /* they rise: the largest are at the ends */
        q->order[k] = fabs(q->lambda[low]) > fabs(q->lambda[high - 1]) ? low++ : --high;
    return MLSOAP_SUCCESS;
}

/* The rank: as asked for or the least that will do, and what it leaves out. */
static size_t choose_rank(const form *q, size_t rank, double *left_out)
{
    double all = cblas_dnrm2((int)q->n, q->lambda, 1), rest = 0;
    size_t r = q->n;
    while (r > rank) {
        double next = hypot(rest, q->lambda[q->order[r - 1]]);
        if (rank == LEADING_POINTS_AUTO && !(next <= LEFT_OUT * all)) break;
        rest = next;
        r--;
    }
    size_t rounded = rank == LEADING_POINTS_AUTO ? (r + 7) / 8 * 8 : r;
    for (; r < rounded && r < q->n; r++) rest = sqrt(fmax(0, rest * rest - pow(q->lambda[q->order[r]], 2)));
    *left_out = all > 0 ? rest / all : 0;
    return r;
}

/* u_k of the first eigenvectors as sparse points of unit length. */
static mlsoap_status take_vectors(const form *q, size_t stride, leading_points *out, mlsoap_error *error)
{
    int n = (int)q->n;
    double *u = MEMORY_NEW(double, q->n);
    out->points = MEMORY_NEW(double, out->n *stride);
    out->alpha = MEMORY_NEW(double, out->n);
    if (!u || !out->points || !out->alpha) {
        memory_free(u);
        return status_no_memory(error, out->n * stride * sizeof(double), "sparse points");
    }
    for (size_t k = 0; k < out->n; k++) {
        memcpy(u, q->V + q->order[k] * q->n, q->n * sizeof *u);
        cblas_dtrsv(CblasColMajor, CblasLower, CblasTrans, CblasNonUnit, n, q->L, n, u, 1);
        double length = cblas_dnrm2(n, u, 1);
        for (size_t i = 0; i < q->n; i++) out->points[k * stride + q->feature[i]] = u[i] / length;
        out->alpha[k] = q->lambda[q->order[k]] * length * length;
    }
    memory_free(u);
    return MLSOAP_SUCCESS;
}

double leading_points_bytes(double n_points, double stride)
{
    return 8 * stride * (4 * n_points + 6 * stride); /* with the workspace of the eigenvectors */
}

size_t leading_points_limit(size_t n_points, size_t stride)
{
    return n_points < stride / 2 ? n_points : stride / 2;
}

mlsoap_status leading_points_find(const sparse_gp_settings *s, size_t n_points, size_t stride, const double *points,
                                  const double *alpha, const double *isolated, size_t rank, leading_points *out,
                                  mlsoap_error *error)
{
    form q;
    memset(out, 0, sizeof *out);
    if (!leading_points_serve(s) || rank >= n_points) return MLSOAP_SUCCESS;
    mlsoap_status status = form_new(&q, n_points, stride, points, isolated, error);
    if (!status && q.n > 0) {
        status = make_matrices(&q, alpha, error);
        if (!status) status = diagonalize(&q, error);
        if (!status) out->n = choose_rank(&q, rank, &out->left_out);
        if (rank == LEADING_POINTS_AUTO && out->n >= leading_points_limit(n_points, stride)) out->n = 0;
        if (!status && out->n > 0) status = take_vectors(&q, stride, out, error);
    }
    form_release(&q);
    if (status) leading_points_release(out);
    return status;
}

void leading_points_release(leading_points *p)
{
    memory_free(p->points);
    memory_free(p->alpha);
    memset(p, 0, sizeof *p);
}
