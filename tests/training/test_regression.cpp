// SPDX-License-Identifier: BSD-3-Clause
// Least squares from triangles: what happens where nothing determines an unknown.
#include <gtest/gtest.h>

#include <cstring>

extern "C" {
#include "core/memory.h"
#include "solvers/regression.h"
}

TEST(Regression, SingularSaysWhatToDo)
{
    regression r{};
    mlsoap_error error{};
    const double weight[N_FRAME_TARGETS] = {1, 1, 1};
    double *U = nullptr, *R = nullptr, x[2];
    r.n = 2;
    r.K = MEMORY_NEW(double, 4); // no prior, no data
    ASSERT_EQ(MLSOAP_SUCCESS, regression_set_blocks(&r, &r.n, 1, &error));
    ASSERT_EQ(MLSOAP_SUCCESS, regression_prior(&r, 0, &U, &error)) << error.message;
    ASSERT_EQ(MLSOAP_SUCCESS, regression_triangle(&r, weight, U, false, &R, &error)) << error.message;
    EXPECT_EQ(MLSOAP_ERROR_NUMERICS, regression_solve(&r, R, x, &error));
    for (const char *word : {"singular", "model.jitter", "model.n_sparse"})
        EXPECT_NE(nullptr, strstr(error.message, word)) << error.message;
    memory_free(U);
    memory_free(R);
    regression_release(&r);
}

// Each term has the jitter of its own scale, the indefinite block too.
TEST(Regression, PriorOfSeveralTermsHasAJitterForEach)
{
    regression r{};
    mlsoap_error error{};
    const double big = 1e6, K[9] = {2, 0, 0, 0, big, big, 0, big, big * (1 - 1e-15)}, jitter = 1e-3;
    const size_t sizes[2] = {1, 2};
    double *U = nullptr;
    r.n = 3;
    r.K = MEMORY_NEW(double, 9);
    for (size_t i = 0; i < 9; i++) r.K[i] = K[i];
    ASSERT_EQ(MLSOAP_SUCCESS, regression_set_blocks(&r, sizes, 2, &error));
    EXPECT_DOUBLE_EQ(2 * jitter, regression_shift(&r, 0, jitter));
    EXPECT_DOUBLE_EQ(big * jitter, regression_shift(&r, 1, jitter));
    for (double j : {jitter, 0.0}) {
        ASSERT_EQ(MLSOAP_SUCCESS, regression_prior(&r, j, &U, &error)) << error.message;
        for (size_t a = 0; a < 3; a++)
            for (size_t b = 0; b < 3; b++) {
                double sum = 0, wanted = K[3 * a + b] + (a == b ? j * (a == 0 ? 2 : big) : 0);
                for (size_t k = 0; k < 4; k++) sum += U[a * 4 + k] * U[b * 4 + k];
                EXPECT_NEAR(wanted, sum, a == 0 && b == 0 ? 1e-14 : 1e-8) << a << b;
            }
        memory_free(U);
    }
    regression_release(&r);
}
