// SPDX-License-Identifier: BSD-3-Clause
// Products with packed matrices against plain sums, for sizes that fill panels and rows partly.
#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <vector>

extern "C" {
#include "core/memory.h"
#include "models/packed_matrix.h"
}

namespace
{

struct Matrix {
    size_t rows, columns;
    std::shared_ptr<double> data;
    Matrix(size_t r, size_t c, double phase = -1) : rows(r), columns(c), data(MEMORY_NEW(double, r *c), memory_free)
    {
        for (size_t i = 0; i < r * c; i++) data.get()[i] = phase < 0 ? NAN : std::sin(phase + 1.7 * double(i));
    }
    double &operator()(size_t i, size_t j) const { return data.get()[i * columns + j]; }
};

/** The sum of k products of numbers below 1 rounds by less than k eps. */
double bound(size_t k)
{
    return 2.3e-16 * double(k + 2);
}

class PackedMatrix : public testing::TestWithParam<std::tuple<int, size_t, size_t>>
{
};

TEST_P(PackedMatrix, PlainWeightedAndTransposed)
{
    auto [m, k, n] = GetParam();
    Matrix A(size_t(m), k, 0.1), B(k, n, 0.7), T(n - 3, k, 0.3), column_weights(1, n, 0.2), row_weights(1, k, 0.5);
    for (int form = 0; form < 3; form++) {
        packed_matrix packed{};
        Matrix C(size_t(m), n);
        mlsoap_status status =
            form == 0 ? packed_matrix_new(&packed, k, n, nullptr, B.data.get(), n, nullptr)
            : form == 1
                ? packed_matrix_new(&packed, k, n, column_weights.data.get(), B.data.get(), n, nullptr)
                : packed_matrix_new_transposed(&packed, k, n - 3, row_weights.data.get(), T.data.get(), k, nullptr);
        ASSERT_EQ(status, MLSOAP_SUCCESS);
        ASSERT_EQ(packed.n, n) << "n - 3 rows are padded to a multiple of 8";
        packed_matrix_multiply(&packed, m, A.data.get(), k, C.data.get(), n);
        for (size_t i = 0; i < size_t(m); i++)
            for (size_t j = 0; j < n; j++) {
                double sum = 0;
                for (size_t l = 0; l < k; l++) {
                    double b = form == 0   ? B(l, j)
                               : form == 1 ? B(l, j) * column_weights(0, j)
                                           : (j < n - 3 ? row_weights(0, l) * T(j, l) : 0);
                    sum += A(i, l) * b;
                }
                ASSERT_LE(std::fabs(C(i, j) - sum), bound(k)) << "form " << form << ", element " << i << ", " << j;
            }
        packed_matrix_release(&packed);
    }
}

TEST_P(PackedMatrix, LowerTriangleIsThatOfTheProduct)
{
    auto [m, k, n] = GetParam();
    (void)m;
    Matrix A(n, k, 0.4), B(k, n, 0.9), all(n, n), lower(n, n);
    packed_matrix packed{};
    ASSERT_EQ(packed_matrix_new(&packed, k, n, nullptr, B.data.get(), n, nullptr), MLSOAP_SUCCESS);
    packed_matrix_multiply(&packed, int(n), A.data.get(), k, all.data.get(), n);
    packed_matrix_multiply_lower(&packed, int(n), A.data.get(), k, lower.data.get(), n);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j <= i; j++) ASSERT_EQ(lower(i, j), all(i, j)) << i << ", " << j;
    packed_matrix_release(&packed);
}

INSTANTIATE_TEST_SUITE_P(Sizes, PackedMatrix,
                         testing::Combine(testing::Values(1, 7, 16, 33), testing::Values<size_t>(1, 24, 61),
                                          testing::Values<size_t>(8, 16, 24, 72)));

TEST(PackedMatrix, NoMemoryAndTooLarge)
{
    packed_matrix packed{};
    double one = 1;
    EXPECT_EQ(packed_matrix_new(&packed, size_t(1) << 31, 8, nullptr, &one, 8, nullptr), MLSOAP_ERROR_CAPACITY);
    memory_fail_after(1);
    EXPECT_EQ(packed_matrix_new(&packed, 1, 8, nullptr, &one, 8, nullptr), MLSOAP_ERROR_MEMORY);
    memory_fail_after(0);
}

} // namespace
