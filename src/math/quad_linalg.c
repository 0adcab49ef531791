/* SPDX-License-Identifier: BSD-3-Clause */
/* Small dense linear algebra with 113 bits; see quad_linalg.h. */
#include "math/quad_linalg.h"

#include <string.h>

enum { MAX_SWEEPS = 60 }; /* Jacobi converges quadratically: 16 x 16 takes about 10 */

bool quad_cholesky(int n, const quad *A, quad *L)
{
    for (int j = 0; j < n; ++j) {
        for (int i = j; i < n; ++i) {
            quad sum = A[i * n + j];
            for (int k = 0; k < j; ++k) sum -= L[i * n + k] * L[j * n + k];
            if (i > j) {
                L[i * n + j] = sum / L[j * n + j];
            } else {
                if (!(sum > 0)) return false;
                L[j * n + j] = quad_sqrt(sum);
            }
        }
    }
    for (int i = 0; i < n; ++i)
        for (int j = i + 1; j < n; ++j) L[i * n + j] = 0;
    return true;
}

void quad_cholesky_solve(int n, const quad *L, int m, quad *B)
{
    for (int c = 0; c < m; ++c) {
        for (int i = 0; i < n; ++i) {
            for (int k = 0; k < i; ++k) B[i * m + c] -= L[i * n + k] * B[k * m + c];
            B[i * m + c] /= L[i * n + i];
        }
        for (int i = n - 1; i >= 0; --i) {
            for (int k = i + 1; k < n; ++k) B[i * m + c] -= L[k * n + i] * B[k * m + c];
            B[i * m + c] /= L[i * n + i];
        }
    }
}

/* Rotation in the plane (p, q) that makes A_pq zero; V collects the rotations. */
static void rotate(int n, quad *A, quad *V, int p, int q)
{
    quad theta = (A[q * n + q] - A[p * n + p]) / (2 * A[p * n + q]);
    quad root = quad_sqrt(theta * theta + 1);
    quad t = theta >= 0 ? 1 / (theta + root) : 1 / (theta - root);
    quad c = 1 / quad_sqrt(t * t + 1), s = t * c, shift = t * A[p * n + q];
    A[p * n + p] -= shift;
    A[q * n + q] += shift;
    A[p * n + q] = A[q * n + p] = 0;
    for (int k = 0; k < n; ++k) {
        if (k != p && k != q) {
            quad kp = A[k * n + p], kq = A[k * n + q];
            A[k * n + p] = A[p * n + k] = c * kp - s * kq;
            A[k * n + q] = A[q * n + k] = s * kp + c * kq;
        }
        quad vp = V[k * n + p], vq = V[k * n + q];
        V[k * n + p] = c * vp - s * vq;
        V[k * n + q] = s * vp + c * vq;
    }
}

static void sort_ascending(int n, quad *values, quad *V)
{
    for (int i = 0; i < n - 1; ++i) {
        int smallest = i;
        for (int j = i + 1; j < n; ++j)
            if (values[j] < values[smallest]) smallest = j;
        if (smallest == i) continue;
        quad value = values[i];
        values[i] = values[smallest];
        values[smallest] = value;
        for (int k = 0; k < n; ++k) {
            quad entry = V[k * n + i];
            V[k * n + i] = V[k * n + smallest];
            V[k * n + smallest] = entry;
        }
    }
}

void quad_eigen(int n, const quad *A, quad *values, quad *V)
{
    quad work[QUAD_LINALG_MAX * QUAD_LINALG_MAX];
    memcpy(work, A, (size_t)(n * n) * sizeof *work);
    for (int i = 0; i < n * n; ++i) V[i] = i % (n + 1) == 0;
    for (int sweep = 0; sweep < MAX_SWEEPS; ++sweep) {
        int n_rotations = 0;
        for (int p = 0; p < n; ++p) {
            for (int q = p + 1; q < n; ++q) {
                quad product = quad_abs(work[p * n + p] * work[q * n + q]);
                quad square = work[p * n + q] * work[p * n + q];
                /* below 2^-226 of the diagonal: also the smallest eigenvalues of a graded matrix keep their digits */
                if (!(square > (quad)0x1p-226 * product)) continue;
                rotate(n, work, V, p, q);
                ++n_rotations;
            }
        }
        if (n_rotations == 0) break;
    }
    for (int i = 0; i < n; ++i) values[i] = work[i * n + i];
    sort_ascending(n, values, V);
}

bool quad_inverse_sqrt(int n, const quad *A, quad *result)
{
    quad values[QUAD_LINALG_MAX], V[QUAD_LINALG_MAX * QUAD_LINALG_MAX];
    quad_eigen(n, A, values, V);
    if (!(values[0] > 0)) return false;
    for (int k = 0; k < n; ++k) values[k] = 1 / quad_sqrt(values[k]);
    for (int i = 0; i < n; ++i) {
        for (int j = 0; j <= i; ++j) {
            quad sum = 0;
            for (int k = 0; k < n; ++k) sum += V[i * n + k] * values[k] * V[j * n + k];
            result[i * n + j] = result[j * n + i] = sum;
        }
    }
    return true;
}
