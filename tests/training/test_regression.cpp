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
    ASSERT_EQ(MLSOAP_SUCCESS, regression_prior(&r, 0, &U, &error)) << error.message;
    ASSERT_EQ(MLSOAP_SUCCESS, regression_triangle(&r, weight, U, false, &R, &error)) << error.message;
    EXPECT_EQ(MLSOAP_ERROR_NUMERICS, regression_solve(&r, R, x, &error));
    for (const char *word : {"singular", "model.jitter", "model.n_sparse"})
        EXPECT_NE(nullptr, strstr(error.message, word)) << error.message;
    memory_free(U);
    memory_free(R);
    regression_release(&r);
}
