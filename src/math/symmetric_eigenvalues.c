/* SPDX-License-Identifier: BSD-3-Clause */
/* Eigenvalues of symmetric matrices; see symmetric_eigenvalues.h. */
#include "math/symmetric_eigenvalues.h"

#include <float.h>
#include <math.h>

/* A <- H A H with the reflection H = 1 - 2 v v^T/(v.v) that makes column k zero below its second element, which is
 * returned; only rows and columns beyond k are changed. */
static double reflect(size_t n, double *A, size_t k, double *v, double *p)
{
    double norm = 0, square = 0, along = 0;
    for (size_t i = k + 1; i < n; i++) {
        v[i] = A[i * n + k];
        norm = hypot(norm, v[i]);
    }
    if (norm == 0) return 0;
    double alpha = v[k + 1] > 0 ? -norm : norm;
    v[k + 1] -= alpha;
    for (size_t i = k + 1; i < n; i++) square += v[i] / norm * (v[i] / norm);
    double beta = 2 / square / norm / norm;
    for (size_t i = k + 1; i < n; i++) {
        p[i] = 0;
        for (size_t j = k + 1; j < n; j++) p[i] += A[i * n + j] * v[j];
        p[i] *= beta;
        along += p[i] * v[i];
    }
    for (size_t i = k + 1; i < n; i++) p[i] -= beta / 2 * along * v[i];
    for (size_t i = k + 1; i < n; i++)
        for (size_t j = k + 1; j < n; j++) A[i * n + j] -= v[i] * p[j] + p[i] * v[j];
    return alpha;
}

/* Eigenvalues below x of the tridiagonal matrix with this diagonal and these squares of the other elements. */
static size_t count_below(size_t n, const double *diagonal, const double *squares, double tiny, double x)
{
    size_t count = 0;
    double q = 1;
    for (size_t i = 0; i < n; i++) {
        q = diagonal[i] - x - (i > 0 ? squares[i - 1] / q : 0);
        if (fabs(q) < tiny) q = -tiny;
        count += q < 0;
    }
    return count;
}

void symmetric_eigenvalues(size_t n, double *A, double *scratch, double *values)
{
    double *diagonal = scratch, *squares = scratch + n, *p = scratch + 2 * n, radius = 0;
    for (size_t k = 0; k < n; k++) { /* values serves as the vector of the reflection */
        double next = k + 1 < n ? reflect(n, A, k, values, p) : 0;
        diagonal[k] = A[k * n + k];
        squares[k] = next * next;
        double before = k > 0 ? sqrt(squares[k - 1]) : 0;
        radius = fmax(radius, fabs(diagonal[k]) + fabs(next) + before); /* Gershgorin */
    }
    radius *= 1 + 4 * DBL_EPSILON;
    for (size_t k = 0; k < n; k++) {
        double low = k > 0 ? values[k - 1] : -radius, high = radius;
        for (int step = 0; step < 200 && high - low > DBL_EPSILON * fmax(fabs(low), fabs(high)); step++) {
            double middle = low + (high - low) / 2;
            if (middle <= low || middle >= high || high - low < DBL_EPSILON * DBL_EPSILON * radius) break;
            if (count_below(n, diagonal, squares, DBL_MIN / DBL_EPSILON, middle) > k)
                high = middle;
            else
                low = middle;
        }
        values[k] = low + (high - low) / 2;
    }
}
