// SPDX-License-Identifier: BSD-3-Clause
// Linear algebra with 113 bits: residuals far below double precision, and the refusals.
#include <gtest/gtest.h>

#include <math.h>
#include <random>
#include <vector>

extern "C" {
#include "math/quad_linalg.h"
}

namespace
{
using matrix = std::vector<quad>;

matrix random_positive(int n)
{
    std::mt19937 generator(7);
    std::uniform_real_distribution<double> uniform(-1, 1);
    matrix B(n * n), A(n * n);
    for (quad &b : B) b = uniform(generator);
    for (int i = 0; i < n; ++i)
        for (int j = 0; j < n; ++j) {
            A[i * n + j] = i == j ? (quad)1e-3 : 0;
            for (int k = 0; k < n; ++k) A[i * n + j] += B[i * n + k] * B[j * n + k];
        }
    return A;
}

matrix hilbert(int n)
{
    matrix A(n * n);
    for (int i = 0; i < n; ++i)
        for (int j = 0; j < n; ++j) A[i * n + j] = (quad)1 / (i + j + 1);
    return A;
}

matrix product(int n, const matrix &A, const matrix &B)
{
    matrix C(n * n);
    for (int i = 0; i < n; ++i)
        for (int j = 0; j < n; ++j)
            for (int k = 0; k < n; ++k) C[i * n + j] += A[i * n + k] * B[k * n + j];
    return C;
}

matrix transposed(int n, const matrix &A)
{
    matrix B(n * n);
    for (int i = 0; i < n * n; ++i) B[i] = A[i % n * n + i / n];
    return B;
}

matrix identity(int n)
{
    matrix A(n * n);
    for (int i = 0; i < n; ++i) A[i * n + i] = 1;
    return A;
}

double deviation(const matrix &A, const matrix &B)
{
    quad largest = 0;
    for (size_t i = 0; i < A.size(); ++i) {
        quad d = quad_abs(A[i] - B[i]);
        if (!(d <= largest)) largest = d;
        if (d != d) return NAN;
    }
    return (double)largest;
}
} // namespace

TEST(quad, has_113_bits)
{
    quad tiny = (quad)0x1p-112;
    EXPECT_TRUE(1 + tiny != 1);
    EXPECT_LE((double)quad_abs(quad_exp(quad_log(2)) - 2), 1e-33);
    EXPECT_LE((double)quad_abs(quad_sqrt(2) * quad_sqrt(2) - 2), 1e-33);
    // pi - 3.14159265358979323846 (as a double) and erf(1) - its double, from 40 digits
    EXPECT_NEAR((double)(quad_pi() - (quad)3.141592653589793), 1.2246467991473532e-16, 1e-31);
    EXPECT_NEAR((double)quad_erf(1), 0.8427007929497149, 1e-16);
    EXPECT_EQ((double)quad_power(3, 5), 243.0);
    EXPECT_EQ((double)quad_power(0, 0), 1.0);
    EXPECT_NEAR((double)quad_expm1((quad)1e-20) * 1e20, 1.0, 1e-15);
}

TEST(quad_linalg, cholesky_and_solve)
{
    for (int n : {1, 2, 7, 16}) {
        matrix A = random_positive(n), L(n * n), X = identity(n);
        ASSERT_TRUE(quad_cholesky(n, A.data(), L.data()));
        EXPECT_LE(deviation(product(n, L, transposed(n, L)), A), 1e-31);
        for (int i = 0; i < n; ++i)
            for (int j = i + 1; j < n; ++j) EXPECT_TRUE(L[i * n + j] == 0);
        quad_cholesky_solve(n, L.data(), n, X.data());
        EXPECT_LE(deviation(product(n, A, X), identity(n)), 1e-28);
        matrix in_place = A;
        ASSERT_TRUE(quad_cholesky(n, in_place.data(), in_place.data()));
        EXPECT_EQ(deviation(in_place, L), 0.0);
    }
}

TEST(quad_linalg, refuses_indefinite_matrices)
{
    matrix A = {1, 2, 2, 1}, result(4);
    EXPECT_FALSE(quad_cholesky(2, A.data(), result.data()));
    EXPECT_FALSE(quad_inverse_sqrt(2, A.data(), result.data()));
    matrix zero(4);
    EXPECT_FALSE(quad_cholesky(2, zero.data(), result.data()));
    EXPECT_FALSE(quad_inverse_sqrt(2, zero.data(), result.data()));
    A[0] = NAN;
    EXPECT_FALSE(quad_cholesky(2, A.data(), result.data()));
    EXPECT_FALSE(quad_inverse_sqrt(2, A.data(), result.data()));
}

TEST(quad_linalg, eigen_decomposition)
{
    for (int n : {1, 2, 7, 16}) {
        matrix A = random_positive(n), V(n * n), values(n), D(n * n);
        quad_eigen(n, A.data(), values.data(), V.data());
        EXPECT_LE(deviation(product(n, transposed(n, V), V), identity(n)), 1e-31);
        for (int i = 0; i < n; ++i) {
            D[i * n + i] = values[i];
            EXPECT_LE((double)values[i > 0 ? i - 1 : 0], (double)values[i]);
        }
        EXPECT_LE(deviation(product(n, A, V), product(n, V, D)), 1e-30);
    }
}

TEST(quad_linalg, eigenvalues_known_in_closed_form)
{
    // second differences: 2 - 2 cos(k pi/(n+1))
    const int n = 9;
    matrix A(n * n), V(n * n), values(n);
    for (int i = 0; i < n; ++i) {
        A[i * n + i] = 2;
        if (i > 0) A[i * n + i - 1] = A[(i - 1) * n + i] = -1;
    }
    quad_eigen(n, A.data(), values.data(), V.data());
    for (int k = 0; k < n; ++k) EXPECT_NEAR((double)values[k], 2 - 2 * cos(M_PI * (k + 1) / (n + 1)), 2e-15);
}

TEST(quad_linalg, inverse_square_root_of_hilbert_matrix)
{
    const int n = 12;
    matrix A = hilbert(n), X(n * n);
    ASSERT_TRUE(quad_inverse_sqrt(n, A.data(), X.data()));
    EXPECT_EQ(deviation(X, transposed(n, X)), 0.0);
    EXPECT_LE(deviation(product(n, X, product(n, A, X)), identity(n)), 1e-17); // condition number 1.7e16 times 2^-113
}
