// SPDX-License-Identifier: BSD-3-Clause
// Pooling of rows given by hand: bins and their edges, blocks, names, refusals by potentials.
#include "support/structures.hpp"

extern "C" {
#include "descriptors/pooling.h"
}

#include <gtest/gtest.h>

#include <numeric>

using namespace testing_support;

namespace
{

class Pooling : public ::testing::Test
{
  protected:
    std::shared_ptr<descriptor> d;
    pooling p{};
    mlsoap_error error{};
    size_t n = 0;

    void TearDown() override { pooling_release(&p); }

    void make(const std::string &extra)
    {
        pooling_release(&p);
        d = make_descriptor(R"({"species":["H","C"],"r_cut":3,"n_max":1,"l_max":0,"sigma":0.5)" + extra + "}");
        ASSERT_EQ(pooling_read(d.get(), "descriptors.0", nullptr, &p, &error), MLSOAP_SUCCESS) << error.message;
        n = d->n_features;
        ASSERT_EQ(n, 3u);
    }

    std::vector<double> apply(const std::vector<double> &D, const std::vector<int> &blocks)
    {
        std::vector<double> out(p.n_columns, -1);
        pooling_apply(&p, D.data(), blocks.size(), n, blocks.data(), out.data());
        return out;
    }
};

const std::vector<double> D = {1, 2, 3, 4, 5, 7, -1, 0, 2};

TEST_F(Pooling, MeanSumMax)
{
    make(R"(,"pooling":{"type":"mean"})");
    EXPECT_EQ(apply(D, {0, 0, -1}), (std::vector<double>{2.5, 3.5, 5}));
    EXPECT_EQ(apply(D, {-1, -1, -1}), (std::vector<double>{0, 0, 0}));
    EXPECT_TRUE(pooling_is_linear(&p));
    make(R"(,"pooling":{"type":"sum"})");
    EXPECT_EQ(apply(D, {0, 0, 0}), (std::vector<double>{4, 7, 12}));
    make(R"(,"pooling":{"type":"max"})");
    EXPECT_EQ(apply(D, {-1, -1, 0}), (std::vector<double>{-1, 0, 2}));
    EXPECT_EQ(apply(D, {0, 0, 0}), (std::vector<double>{4, 5, 7}));
    EXPECT_FALSE(pooling_is_linear(&p));
}

TEST_F(Pooling, BlocksOfElements)
{
    make(R"(,"pooling":{"type":"sum","per_species":true})");
    EXPECT_EQ(pooling_block(&p, 1), 0);
    EXPECT_EQ(pooling_block(&p, 6), 1);
    EXPECT_EQ(pooling_block(&p, 8), -1);
    EXPECT_EQ(apply(D, {1, 1, 1}), (std::vector<double>{0, 0, 0, 4, 7, 12}));
}

// [e_b, e_b+1), the last bin closed, what is outside in the end bins.
TEST_F(Pooling, Bins)
{
    make(R"(,"pooling":{"type":"histogram","bins":[0,1,2.5,4]})");
    const std::vector<std::pair<double, size_t>> cases = {{-9, 0},  {0, 0},   {0.999, 0}, {1, 1}, {2.499, 1},
                                                          {2.5, 2}, {3.9, 2}, {4, 2},     {99, 2}};
    for (const auto &[x, bin] : cases) {
        std::vector<double> row(n, x), expected(3 * n);
        for (size_t f = 0; f < n; f++) expected[3 * f + bin] = 1;
        EXPECT_EQ(apply(row, {0}), expected) << x;
    }
    make(R"(,"pooling":{"type":"histogram","bins":10,"range":[0,1]})");
    for (int k = 0; k < 10; k++) { // the edges themselves, as numpy's linspace rounds them
        std::vector<double> row(n, k / 10.0);
        EXPECT_EQ(apply(row, {0})[size_t(k)], 1) << k;
    }
    make(R"(,"pooling":{"type":"histogram"})");
    EXPECT_EQ(p.n_columns, 20 * n);
}

TEST_F(Pooling, SurveyOfTheData)
{
    make(R"(,"pooling":{"type":"histogram","bins":2})");
    EXPECT_TRUE(p.is_open);
    for (size_t i = 0; i < 3; i++) pooling_survey(&p, D.data() + i * n);
    auto row = apply(D, {0, 0, 0}); // ranges -1 ... 4, 0 ... 5, 2 ... 7
    const double third = 1.0 / 3;
    EXPECT_EQ(row, (std::vector<double>{2 * third, third, 2 * third, third, 2 * third, third}));
    make(R"(,"pooling":{"type":"histogram","bins":3})");
    for (int i = 0; i < 2; i++) pooling_survey(&p, D.data()); // no width: widened by 1/2 on each side
    EXPECT_EQ(apply({1, 2, 3}, {0}), (std::vector<double>{0, 1, 0, 0, 1, 0, 0, 1, 0}));
    make(R"(,"pooling":{"type":"histogram","bins":3,"range":[0,1]})");
    pooling_survey(&p, D.data());
    EXPECT_EQ(p.high[0], 1);
}

TEST_F(Pooling, Names)
{
    char prefix[32], suffix[64];
    make(R"(,"pooling":{"type":"histogram","bins":[0,1,2],"per_species":true})");
    EXPECT_EQ(pooling_column_name(&p, 6 + 2 + 1, prefix, sizeof prefix, suffix, sizeof suffix), 1u);
    EXPECT_STREQ(prefix, "C: ");
    EXPECT_STREQ(suffix, " in [1, 2]");
    make(R"(,"average":"outer")");
    EXPECT_EQ(pooling_column_name(&p, 2, prefix, sizeof prefix, suffix, sizeof suffix), 2u);
    EXPECT_STREQ(prefix, "");
    EXPECT_STREQ(suffix, "");
}

TEST_F(Pooling, RefusedByPotentials)
{
    make("");
    EXPECT_EQ(pooling_refuse(d.get(), "descriptors.0", nullptr, &error), MLSOAP_SUCCESS);
    for (const char *extra : {R"(,"average":"outer")", R"(,"average":"inner")", R"(,"pooling":{"type":"sum"})"}) {
        make(extra);
        EXPECT_EQ(pooling_refuse(d.get(), "descriptors.0", nullptr, &error), MLSOAP_ERROR_VALUE);
        EXPECT_NE(std::string(error.message).find("one row per structure"), std::string::npos) << error.message;
    }
    json_t *settings = json_pack("{s:s, s:i}", "type", "sine_matrix", "n_atoms_max", 3);
    descriptor *matrix = nullptr;
    EXPECT_EQ(descriptor_new(settings, "descriptors.0", nullptr, &matrix, &error), MLSOAP_ERROR_VALUE);
    EXPECT_NE(std::string(error.message).find("describes whole structures"), std::string::npos) << error.message;
    json_decref(settings);
}

} // namespace
