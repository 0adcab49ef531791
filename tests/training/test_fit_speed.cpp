// SPDX-License-Identifier: BSD-3-Clause
// Samples of the work of fits (training/solvers/fit_speed.c): finite, positive, and of the frames that count. How long
// things take is for benchmarks.
#include "training_fixtures.hpp"

extern "C" {
#include "solvers/fit_speed.h"
}

namespace
{

struct FitSpeed : ::testing::Test {
    training_fixture t;
    kernel_basis basis{};
    mlsoap_error error{};
    void SetUp() override
    {
        add_random_frames(t.data.train, 6, 8, {14}, 5);
        t.begin(R"({"r_cut": 4.5, "n_max": 3, "l_max": 2, "sigma": 0.6})", {"model.n_sparse=8", "model.noise=1e-3"},
                {14}, {-1});
        ASSERT_EQ(MLSOAP_SUCCESS, kernel_basis_new(&basis, 1, &error));
        kernel_term &term = basis.terms[0];
        term.features = &t.features;
        term.settings = {2, true, 0, 1};
        term.points[14] = static_cast<double *>(memory_new(8, t.features.stride * sizeof(double)));
        term.points[14][0] = 1;
        term.n_points[14] = 8;
        ASSERT_EQ(MLSOAP_SUCCESS, kernel_basis_finish(&basis, &error)) << error.message;
    }
    void TearDown() override { kernel_basis_release(&basis); }
    triangle_problem problem()
    {
        triangle_problem p{};
        p.basis = &basis;
        p.frames[0] = t.data.fit;
        p.n_frames[0] = t.data.n_fit;
        p.elements = t.problem.elements;
        p.n_elements = t.problem.n_elements;
        p.offsets = t.problem.offsets;
        return p;
    }
};

} // namespace

TEST_F(FitSpeed, APassTakesTime)
{
    pass_time time;
    triangle_problem p = problem();
    ASSERT_EQ(MLSOAP_SUCCESS, pass_time_measure(&p, &time, &error)) << error.message;
    EXPECT_GT(time.frames, 0);
    EXPECT_GT(time.merge, 0);
    EXPECT_EQ(kernel_leaves(&p), time.leaves);
    EXPECT_TRUE(std::isfinite(time.frames) && std::isfinite(time.merge));
    p.n_frames[0] = 0;
    ASSERT_EQ(MLSOAP_SUCCESS, pass_time_measure(&p, &time, &error));
    EXPECT_EQ(0, time.frames);
}

TEST_F(FitSpeed, PairsAndProductsTakeTime)
{
    double seconds = NAN;
    ASSERT_EQ(MLSOAP_SUCCESS, pair_time_measure(&t.features, t.data.fit, t.data.n_fit, &seconds, &error));
    EXPECT_GT(seconds, 0);
    EXPECT_LT(seconds, 1);
    seconds = product_time_measure(16, 24, 8);
    EXPECT_GT(seconds, 0);
    EXPECT_LT(seconds, 1);
}
