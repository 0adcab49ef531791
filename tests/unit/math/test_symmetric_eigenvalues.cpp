// SPDX-License-Identifier: BSD-3-Clause
// Eigenvalues against LAPACK, and of matrices where they are known.
#include <gtest/gtest.h>

#include <cmath>
#include <lapacke.h>
#include <random>
#include <vector>

extern "C" {
#include "math/symmetric_eigenvalues.h"
}

namespace
{

std::vector<double> eigenvalues(std::vector<double> A, size_t n)
{
    std::vector<double> scratch(3 * n), values(n);
    symmetric_eigenvalues(n, A.data(), scratch.data(), values.data());
    return values;
}

void expect_lapack(const std::vector<double> &A, size_t n, double tolerance)
{
    std::vector<double> copy = A, expected(n), found = eigenvalues(A, n);
    ASSERT_EQ(LAPACKE_dsyev(LAPACK_ROW_MAJOR, 'N', 'U', int(n), copy.data(), int(n), expected.data()), 0);
    double scale = std::max(std::fabs(expected.front()), std::fabs(expected.back()));
    for (size_t i = 0; i < n; i++) EXPECT_LE(std::fabs(found[i] - expected[i]), tolerance * scale) << n << " " << i;
}

std::vector<double> random_symmetric(size_t n, double scale)
{
    std::mt19937 generator(static_cast<unsigned>(n));
    std::normal_distribution<double> normal;
    std::vector<double> A(n * n);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j <= i; j++) A[i * n + j] = A[j * n + i] = scale * normal(generator);
    return A;
}

TEST(SymmetricEigenvalues, EqualLapack)
{
    for (size_t n : {1, 2, 3, 4, 7, 30, 101})
        for (double scale : {1.0, 1e150, 1e-150}) expect_lapack(random_symmetric(n, scale), n, 3e-15 * double(n));
}

TEST(SymmetricEigenvalues, Degenerate)
{
    const size_t n = 6;
    std::vector<double> zero(n * n), identity(n * n), ones(n * n, 1.0), negative(n * n);
    for (size_t i = 0; i < n; i++) {
        identity[i * n + i] = 1;
        negative[i * n + i] = -double(i);
    }
    for (const auto &A : {zero, identity, ones, negative}) expect_lapack(A, n, 1e-14);
    EXPECT_EQ(eigenvalues(zero, n), std::vector<double>(n, 0.0));
}

// Values of very different size in one diagonal matrix keep their own digits.
TEST(SymmetricEigenvalues, Graded)
{
    std::vector<double> A = {1e8, 0, 0, 0, -1e-8, 0, 0, 0, 3};
    auto found = eigenvalues(A, 3);
    const double expected[] = {-1e-8, 3, 1e8};
    for (int i = 0; i < 3; i++) EXPECT_LE(std::fabs(found[size_t(i)] - expected[i]), 1e-14 * std::fabs(expected[i]));
}

} // namespace
