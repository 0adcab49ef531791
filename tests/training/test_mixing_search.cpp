// SPDX-License-Identifier: BSD-3-Clause
// Mixing of species by validation: never worse than the fixed matrix, the same for any number of threads, columns of
// length 1, and the messages where there is nothing to learn from.
#include "training_fixtures.hpp"

#include <omp.h>

extern "C" {
#include "mixing_search.h"
}

namespace
{

const std::string SOAP = R"("r_cut": 3.5, "n_max": 2, "l_max": 2, "sigma": 0.5)";

std::string mixed(int channels, const char *matrix)
{
    return "{" + SOAP + R"(, "compression": {"type": "mix", "mixing": "learned", "channels": )" +
           std::to_string(channels) + ", \"matrix\": " + matrix + "}}";
}

// Frames of H, C and Si labelled by a potential that tells the species apart in its own way.
struct labelled {
    training_fixture t;

    explicit labelled(const std::string &settings, const char *validation = "data.validation=0.3")
    {
        training_fixture origin;
        add_random_frames(origin.data.train, 6, 6, {1, 6, 14}, 4);
        for (size_t i = 0; i < origin.data.train.n_frames; i++) {
            frame &f = origin.data.train.frames[i];
            set_forces(f, 0.2 * (double)(i + 1));
            f.has_energy = true;
            f.energy = -3 + 0.7 * (double)(i % 4);
        }
        origin.begin("{" + SOAP + "}", {"model.n_sparse=8", "data.validation=0", "seed=3"}, {1, 6, 14}, {0, 0, 0});
        mlsoap_potential *p = origin.potential(FIT_FINAL);
        add_random_frames(t.data.train, 10, 4, {1, 6, 14}, 11);
        label(t.data.train, p);
        mlsoap_potential_free(p);
        t.begin(settings, {validation, "seed=5"}, {1, 6, 14}, {0, 0, 0});
    }
    json_t *settings() { return json_array_get(json_object_get(t.c.root, "descriptors"), 0); }
    mixing_result search()
    {
        mixing_result result{};
        mlsoap_error error{};
        EXPECT_EQ(MLSOAP_SUCCESS, mixing_search(&t.problem, 0, 0, settings(), "descriptors.0", &result, &error))
            << error.message;
        return result;
    }
    std::vector<double> matrix()
    {
        std::vector<double> U;
        const json_t *rows = json_object_get(json_object_get(settings(), "compression"), "matrix");
        for (size_t k = 0; k < json_array_size(rows); k++)
            for (size_t z = 0; z < json_array_size(json_array_get(rows, k)); z++)
                U.push_back(json_number_value(json_array_get(json_array_get(rows, k), z)));
        return U;
    }
};

const char *const TWO = "[[1, 0.6, 0.8], [0, 0.8, 0.6]]", *const ONE = "[[1, 1, 1.2]]";

} // namespace

// Fits this small are quickest by one thread; one test compares several.
class MixingSearch : public ::testing::Test
{
  protected:
    int n = omp_get_max_threads();
    void SetUp() override { omp_set_num_threads(1); }
    void TearDown() override { omp_set_num_threads(n); }
};

TEST_F(MixingSearch, LowersTheValidationErrorAndKeepsLengths)
{
    labelled l(mixed(2, TWO));
    std::vector<double> before = l.matrix();
    mixing_result result = l.search();
    EXPECT_LE(result.n_trials, MIXING_TRIALS + 2);
    EXPECT_FALSE(result.kept_fixed);
    EXPECT_LT(result.after, result.before);
    std::vector<double> U = l.matrix();
    ASSERT_EQ(6u, U.size());
    EXPECT_NE(before, U);
    for (size_t z = 0; z < 3; z++) EXPECT_LE(std::fabs(U[z] * U[z] + U[3 + z] * U[3 + z] - 1), 1e-14);
    EXPECT_EQ(1, U[0]); // the first column fixes the rotation of the channels
    EXPECT_EQ(0, U[3]);
}

TEST_F(MixingSearch, OneChannelMovesTheFactors)
{
    labelled l(mixed(1, ONE));
    mixing_result result = l.search();
    EXPECT_TRUE(result.kept_fixed || result.after < result.before);
    for (double u : l.matrix()) EXPECT_GT(u, 0);
    EXPECT_EQ(1, l.matrix()[0]);
}

TEST_F(MixingSearch, SameMatrixForAnyNumberOfThreads)
{
    std::vector<std::vector<double>> found;
    for (int threads : {1, 3}) {
        omp_set_num_threads(threads);
        labelled l(mixed(2, TWO));
        l.search();
        found.push_back(l.matrix());
    }
    EXPECT_EQ(found[0], found[1]);
}

TEST_F(MixingSearch, WithoutValidationFramesTheFixedMatrixStays)
{
    labelled l(mixed(2, TWO), "data.validation=0");
    std::vector<double> before = l.matrix();
    mixing_result result = l.search();
    EXPECT_TRUE(result.kept_fixed);
    EXPECT_EQ(0, result.n_trials);
    EXPECT_EQ(before, l.matrix());
}

TEST_F(MixingSearch, WhatIsWantedAndWhereItStarts)
{
    const struct {
        const char *compression;
        bool wanted;
    } cases[] = {{R"("none")", false},
                 {R"("mix")", false},
                 {R"({"type": "mix"})", false},
                 {R"({"type": "mix", "mixing": "fixed"})", false},
                 {R"({"type": "mix", "mixing": "learned"})", true},
                 {R"({"type": "mix", "mixing": "learned", "matrix": [[1, 1], [0, 1]]})", false}};
    mlsoap_error error{};
    for (const auto &c : cases) {
        json_t *settings = json_loads(
            (R"({"species": ["H", "Si"], "compression": )" + std::string(c.compression) + "}").c_str(), 0, nullptr);
        EXPECT_EQ(c.wanted, mixing_is_wanted(settings)) << c.compression;
        if (c.wanted) {
            EXPECT_EQ(MLSOAP_SUCCESS, mixing_start(settings, "descriptors.0", nullptr, &error)) << error.message;
            EXPECT_FALSE(mixing_is_wanted(settings));
            EXPECT_EQ(2u, json_array_size(json_object_get(json_object_get(settings, "compression"), "matrix")));
        }
        json_decref(settings);
    }
    json_t *settings =
        json_loads(R"({"species": ["H"], "compression": {"mixing": "learned", "channels": 2}})", 0, nullptr);
    EXPECT_EQ(MLSOAP_ERROR_VALUE, mixing_start(settings, "descriptors.0", nullptr, &error));
    EXPECT_NE(nullptr, std::strstr(error.message, "descriptors.0.compression.channels"));
    json_decref(settings);
}
