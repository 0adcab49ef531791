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

/* Matrices are column-major. Features are those that are not 0 in all points. All happens in the space that the points
 * and the isolated atom span, X = Q R, because outside of it the form is 0: n dimensions, their number or that of the
 * features, whichever is less. */
typedef struct form {
    size_t n_points, n_features, n;
    size_t *feature; /* [n_features] column of the points */
    double *X;       /* [n_features][n_points + 1] the points and the isolated atom; then the reflections of Q */
    double *tau;     /* [n] of the reflections */
    double *R;       /* [n][n_points + 1] */
    double *L;       /* [n][n] */
    double *V;       /* [n][n] Q, then L^T Q L, then its eigenvectors */
    double *lambda;  /* [n] */
    size_t *order;   /* [n] by falling |lambda| */
} form;

static void form_release(form *q)
{
    memory_free(q->feature);
    memory_free(q->X);
    memory_free(q->tau);
    memory_free(q->R);
    memory_free(q->L);
    memory_free(q->V);
    memory_free(q->lambda);
    memory_free(q->order);
}

static mlsoap_status find_features(form *q, size_t n_points, size_t stride, const double *points, mlsoap_error *error)
{
    *q = (form){.n_points = n_points, .feature = MEMORY_NEW(size_t, stride)};
    if (!q->feature) return status_no_memory(error, stride * sizeof(size_t), "a quadratic form");
    for (size_t f = 0; f < stride; f++) {
        size_t s = 0;
        while (s < n_points && points[s * stride + f] == 0) s++;
        if (s < n_points) q->feature[q->n_features++] = f;
    }
    q->n = q->n_features < n_points + 1 ? q->n_features : n_points + 1;
    return MLSOAP_SUCCESS;
}

static mlsoap_status form_new(form *q, size_t n_points, size_t stride, const double *points, const double *isolated,
                              mlsoap_error *error)
{
    mlsoap_status status = find_features(q, n_points, stride, points, error);
    if (status || q->n == 0) return status;
    size_t n = q->n, n_features = q->n_features;
    q->X = MEMORY_NEW(double, n_features *(n_points + 1));
    q->tau = MEMORY_NEW(double, n);
    q->R = MEMORY_NEW(double, n *(n_points + 1));
    q->L = MEMORY_NEW(double, n *n);
    q->V = MEMORY_NEW(double, n *n);
    q->lambda = MEMORY_NEW(double, n);
    q->order = MEMORY_NEW(size_t, n);
    if (!q->X || !q->tau || !q->R || !q->L || !q->V || !q->lambda || !q->order)
        return status_no_memory(error, (2 * n * n + (n + n_features) * n_points) * sizeof(double), "a quadratic form");
    for (size_t s = 0; s <= n_points; s++)
        for (size_t i = 0; i < n_features; i++)
            q->X[s * n_features + i] = s < n_points ? points[s * stride + q->feature[i]] : isolated[q->feature[i]];
    if (LAPACKE_dgeqrf(LAPACK_COL_MAJOR, (int)n_features, (int)n_points + 1, q->X, (int)n_features, q->tau))
        return status_fail(error, MLSOAP_ERROR_NUMERICS, "the sparse points have no orthogonal basis");
    for (size_t s = 0; s <= n_points; s++)
        for (size_t i = 0; i < n && i <= s; i++) q->R[s * n + i] = q->X[s * n_features + i];
    return MLSOAP_SUCCESS;
}

/* V = X diag(alpha) X^T, L L^T = C, with R in place of X. */
static mlsoap_status make_matrices(form *q, const double *alpha, mlsoap_error *error)
{
    int n = (int)q->n, m = (int)q->n_points;
    double *scaled = MEMORY_NEW(double, q->n * q->n_points), trace = 0;
    if (!scaled) return status_no_memory(error, q->n * q->n_points * sizeof(double), "a quadratic form");
    for (size_t s = 0; s < q->n_points; s++)
        for (size_t i = 0; i < q->n; i++) scaled[s * q->n + i] = alpha[s] * q->R[s * q->n + i];
    cblas_dgemm(CblasColMajor, CblasNoTrans, CblasTrans, n, n, m, 1, scaled, n, q->R, n, 0, q->V, n);
    memory_free(scaled);
    cblas_dsyrk(CblasColMajor, CblasLower, CblasNoTrans, n, m, 0.5 / m, q->R, n, 0, q->L, n);
    cblas_dsyr(CblasColMajor, CblasLower, n, 0.5, q->R + q->n_points * q->n, 1, q->L, n);
    for (size_t i = 0; i < q->n; i++) trace += q->L[i * q->n + i];
    for (size_t i = 0; i < q->n; i++) q->L[i * q->n + i] += ISOTROPIC * trace / (double)q->n_features;
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
    int n = (int)q->n, n_features = (int)q->n_features, n_vectors = (int)out->n;
    double *u = MEMORY_NEW(double, q->n_features * out->n); /* column k: u_k */
    out->points = MEMORY_NEW(double, out->n *stride);
    out->alpha = MEMORY_NEW(double, out->n);
    mlsoap_status status = u && out->points && out->alpha
                               ? MLSOAP_SUCCESS
                               : status_no_memory(error, out->n * stride * sizeof(double), "sparse points");
    for (size_t k = 0; k < out->n && !status; k++) {
        double *u_k = u + k * q->n_features;
        memcpy(u_k, q->V + q->order[k] * q->n, q->n * sizeof *u);
        cblas_dtrsv(CblasColMajor, CblasLower, CblasTrans, CblasNonUnit, n, q->L, n, u_k, 1);
    }
    if (!status &&
        LAPACKE_dormqr(LAPACK_COL_MAJOR, 'L', 'N', n_features, n_vectors, n, q->X, n_features, q->tau, u, n_features))
        status = status_fail(error, MLSOAP_ERROR_NUMERICS, "the leading points are not finite");
    for (size_t k = 0; k < out->n && !status; k++) {
        const double *u_k = u + k * q->n_features;
        double length = cblas_dnrm2(n_features, u_k, 1);
        for (size_t i = 0; i < q->n_features; i++) out->points[k * stride + q->feature[i]] = u_k[i] / length;
        out->alpha[k] = q->lambda[q->order[k]] * length * length;
    }
    memory_free(u);
    return status;
}

double leading_points_bytes(double n_points, double stride)
{
    double n = fmin(stride, n_points + 1);
    return 8 * (3 * stride * n_points + n * (3 * n_points + 6 * n)); /* with the workspace of the eigenvectors */
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
