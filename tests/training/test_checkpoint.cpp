// SPDX-License-Identifier: BSD-3-Clause
// Checkpoints (training/checkpoint.h): what comes back, what is refused, and optimizers that go on to the same bits.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <unistd.h>
#include <vector>

extern "C" {
#include "checkpoint.h"
#include "core/memory.h"
#include "optimizers/lbfgs.h"
#include "optimizers/levenberg_marquardt.h"
}

namespace
{

// Says "stop" from the n-th time on that it is asked.
struct Asker {
    long n_asked = 0, stop_at = 0, wanted = 0;
};

long ask(void *context)
{
    Asker *a = static_cast<Asker *>(context);
    return a->stop_at > 0 && ++a->n_asked >= a->stop_at ? -1 : a->wanted;
}

class Checkpoint : public testing::Test
{
  protected:
    void SetUp() override
    {
        const auto *info = testing::UnitTest::GetInstance()->current_test_info();
        path = testing::TempDir() + "mlsoap_" + info->name() + "_" + std::to_string(getpid()) + ".ckpt";
        std::remove(path.c_str());
    }
    void TearDown() override { std::remove(path.c_str()); }

    // With a fingerprint {"settings": {"seed": seed}}.
    checkpoint *make(int seed = 1)
    {
        json_t *fingerprint = json_pack("{s:{s:i}}", "settings", "seed", seed);
        checkpoint_settings settings = {path.c_str(), fingerprint, INFINITY, ask, &asker, nullptr, nullptr};
        checkpoint *c = nullptr;
        EXPECT_EQ(checkpoint_new(&settings, &c, &error), MLSOAP_SUCCESS);
        json_decref(fingerprint);
        return c;
    }

    std::string bytes() const
    {
        std::ifstream file(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }

    // A checkpoint with one live and one finished state.
    void write()
    {
        double live[2] = {1.5, -0.1}, done[3] = {3, 4, 5};
        checkpoint *c = make();
        checkpoint_part live_part = {live, sizeof live}, done_part = {done, sizeof done};
        EXPECT_EQ(checkpoint_hold(c, "live", &live_part, 1, nullptr, &error), MLSOAP_SUCCESS);
        EXPECT_EQ(checkpoint_keep(c, "done", &done_part, 1, &error), MLSOAP_SUCCESS);
        live[0] = 2.5; // what counts is the moment of writing
        done[0] = 99;  // and of keeping
        asker.wanted = 1;
        EXPECT_EQ(checkpoint_poll(c, &error), MLSOAP_SUCCESS);
        EXPECT_FALSE(checkpoint_due(c)); // one request, one file
        checkpoint_free(c);
        asker.wanted = 0;
    }

    // Resuming from what is in the file; the message of its refusal.
    mlsoap_status resume(int seed = 1)
    {
        bool found = false;
        checkpoint *c = make(seed);
        mlsoap_status status = checkpoint_resume(c, &found, &error);
        EXPECT_TRUE(found);
        checkpoint_free(c);
        return status;
    }

    std::string path;
    Asker asker;
    mlsoap_error error = {};
};

TEST_F(Checkpoint, GivesBackWhatWasHeldAndKept)
{
    write();
    double live[2] = {0, 0}, done[3] = {0, 0, 0};
    checkpoint_part live_part = {live, sizeof live}, done_part = {done, sizeof done};
    bool found = false, restored = false;
    checkpoint *c = make();
    ASSERT_EQ(checkpoint_resume(c, &found, &error), MLSOAP_SUCCESS) << error.message;
    ASSERT_TRUE(found);
    ASSERT_EQ(checkpoint_hold(c, "live", &live_part, 1, &restored, &error), MLSOAP_SUCCESS);
    EXPECT_TRUE(restored);
    EXPECT_EQ(live[0], 2.5);
    EXPECT_EQ(live[1], -0.1);
    ASSERT_EQ(checkpoint_read(c, "done", &done_part, 1, &found, &error), MLSOAP_SUCCESS);
    EXPECT_TRUE(found);
    EXPECT_EQ(done[0], 3);
    checkpoint_drop(c, "done");
    ASSERT_EQ(checkpoint_read(c, "done", &done_part, 1, &found, &error), MLSOAP_SUCCESS);
    EXPECT_FALSE(found);
    done_part.n_bytes = 8;
    ASSERT_EQ(checkpoint_hold(c, "new", &done_part, 1, &restored, &error), MLSOAP_SUCCESS);
    EXPECT_FALSE(restored);
    checkpoint_remove(c);
    EXPECT_FALSE(std::filesystem::exists(path));
    checkpoint_free(c);
}

TEST_F(Checkpoint, RefusesAnotherSize)
{
    write();
    double live[3];
    bool found;
    checkpoint_part part = {live, sizeof live};
    checkpoint *c = make();
    ASSERT_EQ(checkpoint_resume(c, &found, &error), MLSOAP_SUCCESS);
    EXPECT_EQ(checkpoint_hold(c, "live", &part, 1, &found, &error), MLSOAP_ERROR_FORMAT);
    EXPECT_NE(std::string(error.message).find("another version"), std::string::npos);
    checkpoint_free(c);
}

TEST_F(Checkpoint, IsRefusedForOtherSettingsWithTheirName)
{
    write();
    EXPECT_EQ(resume(1), MLSOAP_SUCCESS);
    EXPECT_EQ(resume(2), MLSOAP_ERROR_VALUE);
    EXPECT_NE(std::string(error.message).find("settings.seed: 1 there and 2 here"), std::string::npos) << error.message;
}

TEST_F(Checkpoint, EveryFlippedByteAndEveryTruncationIsFound)
{
    write();
    const std::string good = bytes();
    ASSERT_GT(good.size(), 100u);
    for (size_t i = 0; i < good.size(); i++) {
        std::string bad = good;
        bad[i] = static_cast<char>(bad[i] ^ 4);
        std::ofstream(path, std::ios::binary) << bad;
        EXPECT_EQ(resume(), MLSOAP_ERROR_FORMAT) << "byte " << i;
        std::ofstream(path, std::ios::binary | std::ios::trunc) << good.substr(0, i);
        EXPECT_EQ(resume(), MLSOAP_ERROR_FORMAT) << "length " << i;
    }
    EXPECT_NE(std::string(error.message).find("damaged"), std::string::npos) << error.message;
}

TEST_F(Checkpoint, StopsOnlyWithTheFileWritten)
{
    checkpoint *c = make();
    asker.stop_at = 1;
    EXPECT_EQ(checkpoint_poll(c, &error), MLSOAP_ERROR_INTERRUPTED);
    EXPECT_NE(std::string(error.message).find("--resume"), std::string::npos);
    checkpoint_free(c);
    EXPECT_EQ(resume(), MLSOAP_SUCCESS);
    path = testing::TempDir() + "mlsoap_no_such_folder/x.ckpt";
    asker = {};
    c = make();
    asker.stop_at = 1;
    EXPECT_EQ(checkpoint_poll(c, &error), MLSOAP_ERROR_FILE); // the run must not believe that it is safe
    asker = {};
    asker.wanted = 1;
    EXPECT_EQ(checkpoint_poll(c, &error), MLSOAP_SUCCESS); // one that was asked for in passing does not stop the run
    checkpoint_free(c);
}

// What stops a run of which nothing is kept.
TEST_F(Checkpoint, WithoutAFileOnlyStops)
{
    checkpoint_settings settings = {nullptr, nullptr, INFINITY, ask, &asker, nullptr, nullptr};
    checkpoint *c = nullptr;
    double state = 1.5;
    checkpoint_part part = {&state, sizeof state};
    size_t n = 0;
    ASSERT_EQ(checkpoint_new(&settings, &c, &error), MLSOAP_SUCCESS) << error.message;
    EXPECT_EQ(checkpoint_hold(c, "live", &part, 1, nullptr, &error), MLSOAP_SUCCESS);
    EXPECT_EQ(checkpoint_keep(c, "done", &part, 1, &error), MLSOAP_SUCCESS);
    EXPECT_EQ(checkpoint_count(c), 0u);
    EXPECT_EQ(checkpoint_find(c, "done", &n), nullptr);
    EXPECT_FALSE(checkpoint_due(c));
    asker.wanted = 1;
    EXPECT_TRUE(checkpoint_due(c));
    EXPECT_EQ(checkpoint_poll(c, &error), MLSOAP_SUCCESS); // nothing to write
    EXPECT_FALSE(checkpoint_due(c));
    asker.wanted = -1;
    EXPECT_EQ(checkpoint_poll(c, &error), MLSOAP_ERROR_INTERRUPTED);
    checkpoint_free(c);
}

TEST_F(Checkpoint, FailsCleanlyWithoutMemory)
{
    write();
    double live[2];
    checkpoint_part part = {live, sizeof live};
    bool found, complete = false;
    for (long n = 1; n < 100 && !complete; n++) {
        json_t *fingerprint = json_pack("{s:{s:i}}", "settings", "seed", 1);
        checkpoint_settings settings = {path.c_str(), fingerprint, INFINITY, nullptr, nullptr, nullptr, nullptr};
        checkpoint *c = nullptr;
        memory_fail_after(n);
        mlsoap_status status = checkpoint_new(&settings, &c, &error);
        if (!status) status = checkpoint_resume(c, &found, &error);
        if (!status) status = checkpoint_hold(c, "live", &part, 1, &found, &error);
        memory_fail_after(0);
        complete = !status;
        EXPECT_TRUE(complete || status == MLSOAP_ERROR_MEMORY) << n;
        checkpoint_free(c);
        json_decref(fingerprint);
    }
    EXPECT_TRUE(complete);
}

TEST_F(Checkpoint, NoneIsNoHindrance)
{
    double x;
    bool found = true;
    checkpoint_part part = {&x, sizeof x};
    EXPECT_EQ(checkpoint_hold(nullptr, "x", &part, 1, &found, &error), MLSOAP_SUCCESS);
    EXPECT_FALSE(found);
    EXPECT_EQ(checkpoint_keep(nullptr, "x", &part, 1, &error), MLSOAP_SUCCESS);
    EXPECT_EQ(checkpoint_poll(nullptr, &error), MLSOAP_SUCCESS);
    checkpoint_drop(nullptr, "x");
    checkpoint_remove(nullptr);
    checkpoint_free(nullptr);
}

// -------------------------------------------------------------------------------------------------- optimizers

// A bent valley in 6 dimensions as residuals r_i = x_i^2 - i x_(i+1) + 0.3, the last x_5 - 1, and half their square.
constexpr size_t N = 6;

void residuals(const double *x, double *r, double J[N][N])
{
    for (size_t i = 0; i < N; i++) {
        const double c = static_cast<double>(i);
        r[i] = i + 1 < N ? x[i] * x[i] - c * x[i + 1] + 0.3 : x[i] - 1;
        for (size_t k = 0; k < N; k++) J[i][k] = 0;
        J[i][i] = i + 1 < N ? 2 * x[i] : 1;
        if (i + 1 < N) J[i][i + 1] = -c;
    }
}

mlsoap_status value_and_gradient(void *, const double *x, double *value, double *gradient, mlsoap_error *)
{
    double r[N], J[N][N];
    residuals(x, r, J);
    *value = 0;
    for (size_t k = 0; k < N; k++) gradient[k] = 0;
    for (size_t i = 0; i < N; i++) {
        *value += 0.5 * r[i] * r[i];
        for (size_t k = 0; k < N; k++) gradient[k] += r[i] * J[i][k];
    }
    return MLSOAP_SUCCESS;
}

// J is bidiagonal, so that [J | r] is a triangle already.
mlsoap_status square_and_triangle(void *, const double *x, double *square, double *R, mlsoap_error *)
{
    double r[N], J[N][N];
    residuals(x, r, J);
    *square = 0;
    for (size_t i = 0; i < N; i++) *square += r[i] * r[i];
    if (!R) return MLSOAP_SUCCESS;
    std::fill(R, R + (N + 1) * (N + 1), 0.0);
    for (size_t i = 0; i < N; i++) {
        for (size_t k = 0; k < N; k++) R[k * (N + 1) + i] = J[i][k];
        R[N * (N + 1) + i] = r[i];
    }
    return MLSOAP_SUCCESS;
}

mlsoap_status minimize(bool quasi_newton, checkpoint *c, std::vector<double> &x, double *value)
{
    mlsoap_error error = {};
    minimization smooth = {N, value_and_gradient, nullptr, nullptr, 60, c};
    least_squares squares = {N, square_and_triangle, nullptr, nullptr, 60, 1e-30, c};
    x.assign(N, -1.7);
    return quasi_newton ? lbfgs(&smooth, x.data(), value, &error)
                        : levenberg_marquardt(&squares, x.data(), value, &error);
}

TEST_F(Checkpoint, OptimizersGoOnToTheSameBits)
{
    for (bool quasi_newton : {true, false}) {
        std::vector<double> unbroken, broken;
        double expected = NAN, value = NAN;
        ASSERT_EQ(minimize(quasi_newton, nullptr, unbroken, &expected), MLSOAP_SUCCESS);
        long n_stops = 0;
        mlsoap_status status = MLSOAP_ERROR_INTERRUPTED;
        std::remove(path.c_str());
        for (; status == MLSOAP_ERROR_INTERRUPTED && n_stops < 100; n_stops++) {
            bool found;
            asker = {};
            checkpoint *c = make();
            ASSERT_EQ(checkpoint_resume(c, &found, &error), MLSOAP_SUCCESS) << error.message;
            asker.stop_at = 4; // two questions for each poll: the third step
            status = minimize(quasi_newton, c, broken, &value);
            checkpoint_free(c);
        }
        ASSERT_EQ(status, MLSOAP_SUCCESS);
        EXPECT_GT(n_stops, 5);
        EXPECT_EQ(value, expected);
        EXPECT_EQ(broken, unbroken);
    }
}

} // namespace
