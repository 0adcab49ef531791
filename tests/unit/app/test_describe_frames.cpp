/* SPDX-License-Identifier: BSD-3-Clause */
// describe_frames.c: rows equal the descriptors' own values, derivatives equal central differences (an atom center
// moves with its atom, a midpoint with all, a point stays), sparse adds up to dense, threads do not matter.
#include "support/structures.hpp"

extern "C" {
#include "app/describe_frames.h"
}

#include <gtest/gtest.h>

#include <omp.h>

using namespace testing_support;

namespace
{
const std::string wide = R"({"species":["Si","C"],"r_cut":4.5,"n_max":3,"l_max":2,"sigma":0.5)";
const std::string narrow = R"({"name":"soap2","species":["C"],"r_cut":3,"n_max":2,"l_max":1,"sigma":0.6)";

std::string both(const std::string &extra = "")
{
    return "[" + wide + extra + "}," + narrow + extra + "}]";
}

// A describer and what it gave last.
class DescribeFrames : public ::testing::Test
{
  protected:
    describer d{};
    description_rows rows{};
    mlsoap_error error{};
    Structure s = random_structure(5, {14, 6, 14, 6, 6}, 4.6);
    const double step = 1e-5; // small: the cutoff has kinks in its second derivative

    void SetUp() override { omp_set_num_threads(2); }
    void TearDown() override
    {
        memory_fail_after(0);
        description_rows_release(&rows);
        describer_release(&d);
    }

    mlsoap_status make(const std::string &settings)
    {
        describer_release(&d);
        json_t *list = json_loads(settings.c_str(), 0, nullptr);
        mlsoap_status status = describer_new(list, nullptr, &d, &error);
        json_decref(list);
        return status;
    }

    mlsoap_status describe(const Structure &of, describe_what what = DESCRIBE_VALUES)
    {
        structure view = of.view();
        return describe_structure(&d, &view, what, &rows, &error);
    }

    std::vector<double> values_of(const Structure &of)
    {
        EXPECT_EQ(describe(of), MLSOAP_SUCCESS) << error.message;
        return {rows.values, rows.values + rows.n_rows * d.n_features};
    }

    // Dense derivatives against central differences, with the error falling as the square of the step.
    void expect_dense_is_right(double tolerance)
    {
        ASSERT_EQ(describe(s, DESCRIBE_DENSE), MLSOAP_SUCCESS) << error.message;
        size_t n_rows = rows.n_rows, n_atoms = s.species.size(), n = d.n_features;
        std::vector<double> dense(rows.dense, rows.dense + n_rows * n_atoms * 3 * n);
        double worst = 0, largest = 0;
        for (size_t atom = 0; atom < n_atoms; atom++)
            for (size_t a = 0; a < 3; a++) {
                Structure up = s, down = s;
                up.positions[atom][a] += step;
                down.positions[atom][a] -= step;
                auto plus = values_of(up), minus = values_of(down);
                for (size_t i = 0; i < n_rows; i++)
                    for (size_t f = 0; f < n; f++) {
                        double difference = (plus[i * n + f] - minus[i * n + f]) / (2 * step);
                        double analytic = dense[((i * n_atoms + atom) * 3 + a) * n + f];
                        double deviation = std::fabs(analytic - difference);
                        if (!(deviation <= worst)) worst = deviation;
                        largest = std::max(largest, std::fabs(difference));
                    }
            }
        EXPECT_GT(largest, 0.05);
        EXPECT_LE(worst, tolerance * std::max(largest, 1.0));
    }

    void expect_sparse_adds_up()
    {
        ASSERT_EQ(describe(s, DESCRIBE_DENSE), MLSOAP_SUCCESS) << error.message;
        size_t block = 3 * d.n_features, n_atoms = s.species.size(), n_entries = 0, n_rows = 0;
        std::vector<double> sum(rows.dense, rows.dense + rows.n_rows * n_atoms * block);
        std::vector<double> values(rows.values, rows.values + rows.n_rows * d.n_features);
        structure view = s.view();
        ASSERT_EQ(describe_count(&d, &view, &n_rows, &n_entries, &error), MLSOAP_SUCCESS);
        ASSERT_EQ(describe(s, DESCRIBE_SPARSE), MLSOAP_SUCCESS) << error.message;
        EXPECT_EQ(rows.n_rows, n_rows);
        ASSERT_EQ(rows.n_entries, n_entries);
        EXPECT_EQ(values, std::vector<double>(rows.values, rows.values + rows.n_rows * d.n_features));
        bool has_images = false;
        for (size_t k = 0; k < rows.n_entries; k++) {
            ASSERT_LT(static_cast<size_t>(rows.row[k]), n_rows);
            ASSERT_LT(static_cast<size_t>(rows.atom[k]), n_atoms);
            has_images = has_images || rows.image[k][0] || rows.image[k][1] || rows.image[k][2];
            for (size_t i = 0; i < block; i++)
                sum[(static_cast<size_t>(rows.row[k]) * n_atoms + static_cast<size_t>(rows.atom[k])) * block + i] -=
                    rows.sparse[k * block + i];
        }
        EXPECT_TRUE(has_images);
        for (double x : sum) EXPECT_LE(std::fabs(x), 1e-12);
    }
};
} // namespace

TEST_F(DescribeFrames, ValuesAreThoseOfTheDescriptors)
{
    ASSERT_EQ(make(both()), MLSOAP_SUCCESS) << error.message;
    auto values = values_of(s);
    Described first(make_descriptor(wide + "}"), s), second(make_descriptor(narrow + "}"), s);
    size_t n1 = d.descriptors[0]->n_features, n2 = d.descriptors[1]->n_features;
    ASSERT_EQ(d.n_features, n1 + n2);
    ASSERT_EQ(rows.n_rows, 5u);
    for (size_t i = 0; i < 5; i++) {
        for (size_t f = 0; f < n1; f++)
            EXPECT_LE(std::fabs(values[i * d.n_features + f] - first.row(i)[f]), 1e-14) << i << " " << f;
        for (size_t f = 0; f < n2; f++) { // a center of Si lacks the second descriptor: zeros
            double expected = s.species[i] == 6 ? second.row(i)[f] : 0;
            EXPECT_LE(std::fabs(values[i * d.n_features + n1 + f] - expected), 1e-14) << i << " " << f;
        }
    }
}

TEST_F(DescribeFrames, Names)
{
    char text[64];
    ASSERT_EQ(make(both()), MLSOAP_SUCCESS) << error.message;
    describer_feature_name(&d, 0, text, sizeof text);
    EXPECT_STREQ(text, "soap: C-C n1 n1 l0");
    describer_feature_name(&d, d.n_features - 1, text, sizeof text);
    EXPECT_STREQ(text, "soap2: C-C n2 n2 l1");
    ASSERT_EQ(make("[" + wide + "}]"), MLSOAP_SUCCESS);
    describer_feature_name(&d, 0, text, sizeof text);
    EXPECT_STREQ(text, "C-C n1 n1 l0");
}

TEST_F(DescribeFrames, DerivativesOfAtoms)
{
    ASSERT_EQ(make(both()), MLSOAP_SUCCESS) << error.message;
    expect_dense_is_right(1e-7);
    expect_sparse_adds_up();
}

TEST_F(DescribeFrames, DerivativesOfUnitRows)
{
    ASSERT_EQ(make(both(R"(,"normalize":true)")), MLSOAP_SUCCESS) << error.message;
    auto values = values_of(s);
    size_t n = d.descriptors[0]->n_features;
    double length = 0;
    for (size_t f = 0; f < n; f++) length += values[f] * values[f];
    EXPECT_LE(std::fabs(length - 1), 1e-14);
    expect_dense_is_right(1e-7);
    expect_sparse_adds_up();
}

TEST_F(DescribeFrames, DerivativesOfAMidpoint)
{
    ASSERT_EQ(make(both(R"(,"centers":"midpoint")")), MLSOAP_SUCCESS) << error.message;
    expect_dense_is_right(1e-7);
    expect_sparse_adds_up();
    EXPECT_EQ(rows.n_rows, 1u);
}

TEST_F(DescribeFrames, DerivativesOfPoints)
{
    ASSERT_EQ(make(both(R"(,"centers":[[1,1,1],[0.5,2,0.1]])")), MLSOAP_SUCCESS) << error.message;
    expect_dense_is_right(1e-7);
    expect_sparse_adds_up();
    EXPECT_EQ(rows.n_rows, 2u);
}

TEST_F(DescribeFrames, RestrictedAndChosenCenters)
{
    ASSERT_EQ(make("[" + wide + "}]"), MLSOAP_SUCCESS) << error.message;
    auto all = values_of(s);
    size_t n = d.n_features;
    const size_t chosen[] = {4, 0, 4};
    ASSERT_EQ(describer_choose_atoms(&d, chosen, 3, &error), MLSOAP_SUCCESS);
    auto some = values_of(s);
    ASSERT_EQ(rows.n_rows, 3u);
    for (size_t i = 0; i < 3; i++)
        for (size_t f = 0; f < n; f++) EXPECT_LE(std::fabs(some[i * n + f] - all[chosen[i] * n + f]), 1e-14);
    ASSERT_EQ(make("[" + wide + R"(,"centers":["Si"]}])"), MLSOAP_SUCCESS) << error.message;
    auto silicon = values_of(s);
    ASSERT_EQ(rows.n_rows, 2u); // atoms 0 and 2
    for (size_t f = 0; f < n; f++) EXPECT_LE(std::fabs(silicon[n + f] - all[2 * n + f]), 1e-14);
    expect_dense_is_right(1e-7);
}

TEST_F(DescribeFrames, ThreadsDoNotMatter)
{
    Structure large = random_structure(9, std::vector<int>(40, 14), 10.0);
    std::vector<double> values, dense;
    for (int threads : {1, 2, 5}) {
        omp_set_num_threads(threads);
        ASSERT_EQ(make("[" + wide + "}]"), MLSOAP_SUCCESS);
        ASSERT_EQ(describe(large, DESCRIBE_DENSE), MLSOAP_SUCCESS);
        std::vector<double> v(rows.values, rows.values + 40 * d.n_features);
        std::vector<double> j(rows.dense, rows.dense + 40 * 40 * 3 * d.n_features);
        if (threads > 1) {
            EXPECT_EQ(v, values) << threads;
            EXPECT_EQ(j, dense) << threads;
        }
        values = v;
        dense = j;
    }
}

TEST_F(DescribeFrames, Refusals)
{
    EXPECT_EQ(make("[]"), MLSOAP_ERROR_VALUE);
    EXPECT_EQ(make("[" + wide + "}," + narrow + R"(,"centers":"midpoint"}])"), MLSOAP_ERROR_VALUE);
    EXPECT_EQ(make("[" + wide + R"(,"centers":[[0,0,0]]},)" + narrow + R"(,"centers":[[0,0,1]]}])"),
              MLSOAP_ERROR_VALUE);
    ASSERT_EQ(make(both()), MLSOAP_SUCCESS) << error.message;
    Structure other = s;
    other.species[3] = 8;
    EXPECT_EQ(describe(other), MLSOAP_ERROR_SPECIES);
    EXPECT_NE(std::string(error.message).find("atom 3 is O"), std::string::npos) << error.message;
    const size_t chosen[] = {5};
    ASSERT_EQ(describer_choose_atoms(&d, chosen, 1, &error), MLSOAP_SUCCESS);
    EXPECT_EQ(describe(s), MLSOAP_ERROR_VALUE);
    EXPECT_NE(std::string(error.message).find("no atom 5"), std::string::npos) << error.message;
    ASSERT_EQ(make("[" + wide + R"(,"centers":["Si"]}])"), MLSOAP_SUCCESS);
    const size_t carbon[] = {1};
    ASSERT_EQ(describer_choose_atoms(&d, carbon, 1, &error), MLSOAP_SUCCESS);
    EXPECT_EQ(describe(s), MLSOAP_ERROR_VALUE);
    ASSERT_EQ(make("[" + wide + R"(,"centers":"midpoint"}])"), MLSOAP_SUCCESS);
    EXPECT_EQ(describer_choose_atoms(&d, carbon, 1, &error), MLSOAP_ERROR_VALUE);
}

TEST_F(DescribeFrames, FailsWithoutMemory)
{
    omp_set_num_threads(1);
    for (long n = 1; n < 400; n += n < 60 ? 1 : 17) {
        memory_fail_after(n);
        mlsoap_status status = make(both());
        if (!status) status = describe(s, DESCRIBE_SPARSE);
        memory_fail_after(0);
        EXPECT_TRUE(status == MLSOAP_SUCCESS || status == MLSOAP_ERROR_MEMORY) << n << " " << error.message;
        EXPECT_TRUE(n > 1 || status == MLSOAP_ERROR_MEMORY);
        description_rows_release(&rows);
    }
}
