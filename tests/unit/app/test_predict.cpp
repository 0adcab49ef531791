/* SPDX-License-Identifier: BSD-3-Clause */
// predict.c: equals single evaluations, whatever the number of threads; the first bad frame is named.
#include "support/potentials.hpp"

extern "C" {
#include "app/predict.h"
}

#include <gtest/gtest.h>

#include <omp.h>

using namespace testing_support;

namespace
{
class Predict : public ::testing::Test
{
  protected:
    std::unique_ptr<Potential> potential = small_potential();
    std::vector<Structure> structures;
    std::vector<frame> frames;
    frame_file file{};
    frame_set set{};
    mlsoap_error error{};

    void SetUp() override
    {
        for (unsigned i = 0; i < 7; i++) structures.push_back(random_structure(i, {1, 6, 8, 1, 8}, 5.0));
        reset();
    }
    void TearDown() override { release(); }

    void release()
    {
        for (frame &f : frames) memory_free(f.predicted_forces);
        frames.clear();
    }
    void reset()
    {
        release();
        for (size_t i = 0; i < structures.size(); i++) {
            frame f{};
            f.structure = structures[i].view();
            f.index = i;
            f.line = static_cast<long>(7 * i + 1);
            frames.push_back(f);
        }
        file.path = const_cast<char *>("data.xyz");
        set = frame_set{};
        set.frames = frames.data();
        set.n_frames = frames.size();
        set.files = &file;
        set.n_files = 1;
    }
};
} // namespace

TEST_F(Predict, EqualsSingleEvaluationsOnAnyNumberOfThreads)
{
    for (int threads : {1, 2, 3}) {
        omp_set_num_threads(threads);
        reset();
        ASSERT_EQ(predict_frames(potential->get(), &set, nullptr, &error), MLSOAP_SUCCESS) << error.message;
        for (size_t i = 0; i < frames.size(); i++) {
            Result r = potential->evaluate(structures[i]);
            EXPECT_TRUE(frames[i].has_prediction);
            EXPECT_EQ(frames[i].predicted_energy, r.energy) << threads;
            for (size_t k = 0; k < 6; k++) EXPECT_EQ(frames[i].predicted_virial[k], r.virial[k]);
            for (size_t k = 0; k < r.forces.size(); k++)
                EXPECT_EQ(frames[i].predicted_forces[k / 3][k % 3], r.forces[k]) << threads;
        }
    }
}

TEST_F(Predict, NamesTheFirstBadFrame)
{
    structures[5].species[2] = 14;
    structures[3].species[1] = 26;
    for (int threads : {1, 3}) {
        omp_set_num_threads(threads);
        reset();
        EXPECT_EQ(predict_frames(potential->get(), &set, nullptr, &error), MLSOAP_ERROR_SPECIES);
        std::string message = error.message;
        EXPECT_EQ(message.rfind("data.xyz: frame 3 (line 22): ", 0), 0u) << message;
        EXPECT_NE(message.find("Fe"), std::string::npos) << message;
        EXPECT_FALSE(frames[3].has_prediction);
    }
}

TEST_F(Predict, EmptySetAndNoMemory)
{
    set.n_frames = 0;
    EXPECT_EQ(predict_frames(potential->get(), &set, nullptr, &error), MLSOAP_SUCCESS);
    omp_set_num_threads(1);
    for (long n : {1, 3, 8}) {
        reset();
        memory_fail_after(n);
        EXPECT_EQ(predict_frames(potential->get(), &set, nullptr, &error), MLSOAP_ERROR_MEMORY) << n;
        memory_fail_after(0);
    }
}
