// SPDX-License-Identifier: BSD-3-Clause
// Small dense algebra in long double for tests of the uncertainty: inverses, and the triangle G of G G^T = K^-1 - B^-1.
#ifndef MLSOAP_TEST_UNCERTAINTY_HPP
#define MLSOAP_TEST_UNCERTAINTY_HPP

#include <cmath>
#include <stdexcept>
#include <vector>

namespace testing_support
{

using Dense = std::vector<std::vector<long double>>;

inline Dense zeros(size_t n, size_t m)
{
    return Dense(n, std::vector<long double>(m, 0));
}

/** Lower triangle L of A = L L^T; pivots below 0 by rounding are 0, and their column too. */
inline Dense cholesky(Dense A)
{
    size_t n = A.size();
    Dense L = zeros(n, n);
    for (size_t j = 0; j < n; j++) {
        long double pivot = A[j][j];
        for (size_t k = 0; k < j; k++) pivot -= L[j][k] * L[j][k];
        if (!(pivot > 0)) continue;
        L[j][j] = sqrtl(pivot);
        for (size_t i = j + 1; i < n; i++) {
            long double sum = A[i][j];
            for (size_t k = 0; k < j; k++) sum -= L[i][k] * L[j][k];
            L[i][j] = sum / L[j][j];
        }
    }
    return L;
}

/** Inverse of a symmetric positive matrix. */
inline Dense inverse(const Dense &A)
{
    size_t n = A.size();
    Dense L = cholesky(A), X = zeros(n, n);
    for (size_t c = 0; c < n; c++) {
        for (size_t i = 0; i < n; i++) { // L y = e_c
            long double sum = i == c;
            for (size_t k = 0; k < i; k++) sum -= L[i][k] * X[k][c];
            X[i][c] = sum / L[i][i];
        }
        for (size_t i = n; i-- > 0;) {
            long double sum = X[i][c];
            for (size_t k = i + 1; k < n; k++) sum -= L[k][i] * X[k][c];
            X[i][c] = sum / L[i][i];
        }
    }
    return X;
}

inline long double quadratic(const Dense &A, const std::vector<long double> &x)
{
    long double sum = 0;
    for (size_t i = 0; i < x.size(); i++)
        for (size_t j = 0; j < x.size(); j++) sum += x[i] * A[i][j] * x[j];
    return sum;
}

/** K^-1 - B^-1, where B has one row less than K: one of zeros in front of B^-1. */
inline Dense known_part(const Dense &K, const Dense &B)
{
    Dense P = inverse(K), X = inverse(B);
    for (size_t i = 0; i < B.size(); i++)
        for (size_t j = 0; j < B.size(); j++) P[i + 1][j + 1] -= X[i][j];
    return P;
}

/** Its triangle G, row-major, as potentials store it. */
inline std::vector<double> uncertainty_triangle(const Dense &K, const Dense &B)
{
    size_t n = K.size();
    Dense L = cholesky(known_part(K, B));
    std::vector<double> G(n * n);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j <= i; j++) G[i * n + j] = double(L[i][j]);
    return G;
}

} // namespace testing_support

#endif
