// SPDX-License-Identifier: BSD-3-Clause
// describe_structures.c: pooled rows from the rows of the centers, averages of DScribe, matrices beside them;
// derivatives against central differences, sparse against dense; threads do not matter; refusals.
#include "support/structures.hpp"

extern "C" {
#include "app/describe_frames.h"
}

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <omp.h>
#include <set>

using namespace testing_support;

namespace
{
const std::string base = R"("species":["Si","C"],"r_cut":4.5,"n_max":3,"l_max":2,"sigma":0.5)";

std::string soap(const std::string &extra)
{
    return "{" + base + "," + extra + "}";
}

// A describer and what it gave last.
class DescribeStructures : public ::testing::Test
{
  protected:
    describer d{};
    description_rows rows{};
    mlsoap_error error{};
    Structure s = random_structure(5, {14, 6, 14, 6, 6}, 4.6);

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
        json_t *list = json_loads(("[" + settings + "]").c_str(), 0, nullptr);
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

    // Rows of the centers, as one descriptor gives them.
    std::vector<std::vector<double>> centers_of(const std::string &settings, const Structure &of)
    {
        EXPECT_EQ(make(settings), MLSOAP_SUCCESS) << error.message;
        auto flat = values_of(of);
        std::vector<std::vector<double>> out;
        for (size_t i = 0; i < rows.n_rows; i++)
            out.emplace_back(flat.begin() + long(i * d.n_features), flat.begin() + long((i + 1) * d.n_features));
        return out;
    }

    void expect_row(const std::vector<double> &expected, double tolerance)
    {
        auto found = values_of(s);
        ASSERT_EQ(rows.n_rows, 1u);
        ASSERT_EQ(found.size(), expected.size());
        double largest = 0;
        for (double x : expected) largest = std::max(largest, std::fabs(x));
        for (size_t f = 0; f < expected.size(); f++)
            EXPECT_LE(std::fabs(found[f] - expected[f]), tolerance * largest) << f;
    }

    void expect_derivatives(const std::string &settings)
    {
        SCOPED_TRACE(settings);
        const double step = 1e-5; // small: the cutoff has kinks in its second derivative
        ASSERT_EQ(make(settings), MLSOAP_SUCCESS) << error.message;
        ASSERT_EQ(describe(s, DESCRIBE_DENSE), MLSOAP_SUCCESS) << error.message;
        ASSERT_EQ(rows.n_rows, 1u);
        size_t n_atoms = s.species.size(), n = d.n_features;
        std::vector<double> dense(rows.dense, rows.dense + n_atoms * 3 * n);
        double worst = 0, largest = 0;
        for (size_t atom = 0; atom < n_atoms; atom++)
            for (size_t a = 0; a < 3; a++) {
                Structure up = s, down = s;
                up.positions[atom][a] += step;
                down.positions[atom][a] -= step;
                auto plus = values_of(up), minus = values_of(down);
                for (size_t f = 0; f < n; f++) {
                    double difference = (plus[f] - minus[f]) / (2 * step);
                    double deviation = std::fabs(dense[(atom * 3 + a) * n + f] - difference);
                    if (!(deviation <= worst)) worst = deviation;
                    largest = std::max(largest, std::fabs(difference));
                }
            }
        EXPECT_GT(largest, 1e-3);
        EXPECT_LE(worst, 1e-6 * largest);
        expect_sparse(dense);
    }

    // Sparse entries: each image of an atom once; together the dense derivatives.
    void expect_sparse(std::vector<double> dense)
    {
        size_t n_rows = 0, n_entries = 0, block = 3 * d.n_features;
        structure view = s.view();
        ASSERT_EQ(describe_count(&d, &view, &n_rows, &n_entries, &error), MLSOAP_SUCCESS) << error.message;
        ASSERT_EQ(describe(s, DESCRIBE_SPARSE), MLSOAP_SUCCESS) << error.message;
        EXPECT_EQ(n_rows, 1u);
        ASSERT_EQ(rows.n_entries, n_entries);
        std::set<std::array<int64_t, 4>> seen;
        double largest = 0;
        for (double x : dense) largest = std::max(largest, std::fabs(x));
        for (size_t k = 0; k < n_entries; k++) {
            EXPECT_EQ(rows.row[k], 0);
            EXPECT_TRUE(seen.insert({rows.atom[k], rows.image[k][0], rows.image[k][1], rows.image[k][2]}).second);
            for (size_t i = 0; i < block; i++) dense[size_t(rows.atom[k]) * block + i] -= rows.sparse[k * block + i];
        }
        EXPECT_GT(n_entries, s.species.size());
        for (double x : dense) EXPECT_LE(std::fabs(x), 1e-12 * largest);
    }
};

TEST_F(DescribeStructures, MeanSumAndMax)
{
    auto centers = centers_of("{" + base + "}", s);
    size_t n = centers[0].size();
    std::vector<double> sum(n), mean(n), max = centers[0];
    for (const auto &row : centers)
        for (size_t f = 0; f < n; f++) {
            sum[f] += row[f];
            mean[f] += row[f] / double(centers.size());
            max[f] = std::max(max[f], row[f]);
        }
    const std::map<std::string, std::vector<double>> expected = {{R"("average":"outer")", mean},
                                                                 {R"("pooling":{"type":"mean"})", mean},
                                                                 {R"("pooling":{"type":"sum"})", sum},
                                                                 {R"("pooling":{"type":"max"})", max}};
    for (const auto &[extra, row] : expected) {
        SCOPED_TRACE(extra);
        ASSERT_EQ(make(soap(extra)), MLSOAP_SUCCESS) << error.message;
        expect_row(row, 1e-14);
    }
}

TEST_F(DescribeStructures, PerSpecies)
{
    auto centers = centers_of("{" + base + "}", s);
    size_t n = centers[0].size();
    std::vector<double> expected(2 * n); // C, then Si
    for (size_t i = 0; i < centers.size(); i++)
        for (size_t f = 0; f < n; f++)
            expected[(s.species[i] == 14 ? n : 0) + f] += centers[i][f] / (s.species[i] == 14 ? 2 : 3);
    ASSERT_EQ(make(soap(R"("pooling":{"type":"mean","per_species":true})")), MLSOAP_SUCCESS) << error.message;
    expect_row(expected, 1e-14);
    char text[64];
    describer_feature_name(&d, n, text, sizeof text);
    EXPECT_STREQ(text, "Si: C-C n1 n1 l0");
    Structure carbon = s; // an absent element: zeros
    carbon.species = {6, 6, 6, 6, 6};
    auto row = values_of(carbon);
    for (size_t f = 0; f < n; f++) EXPECT_EQ(row[n + f], 0);
    // elements as QUIP lists them: the blocks still ascend
    ASSERT_EQ(make("{" + base + R"(,"mode":"quip","pooling":{"type":"sum","per_species":true}})"), MLSOAP_SUCCESS);
    describer_feature_name(&d, 0, text, sizeof text);
    EXPECT_EQ(std::string(text).substr(0, 3), "C: ");
}

TEST_F(DescribeStructures, HistogramWithGivenBins)
{
    auto centers = centers_of("{" + base + "}", s);
    size_t n = centers[0].size();
    const std::vector<double> edges = {0, 0.02, centers[1][0], 9.5};
    std::string list = "[0,0.02," + [&] {
        char text[32];
        snprintf(text, sizeof text, "%.17g", centers[1][0]);
        return std::string(text);
    }() + ",9.5]";
    ASSERT_LT(0.02, centers[1][0]);
    ASSERT_LT(centers[1][0], 9.5);
    std::vector<double> expected(3 * n);
    for (const auto &row : centers)
        for (size_t f = 0; f < n; f++) expected[3 * f + (row[f] < edges[1] ? 0u : row[f] < edges[2] ? 1u : 2u)] += 0.2;
    ASSERT_EQ(make(soap(R"("pooling":{"type":"histogram","bins":)" + list + "}")), MLSOAP_SUCCESS) << error.message;
    EXPECT_FALSE(describer_needs_survey(&d));
    expect_row(expected, 1e-14);
    char text[96];
    describer_feature_name(&d, 1, text, sizeof text);
    EXPECT_EQ(std::string(text).substr(0, 23), "C-C n1 n1 l0 in [0.02, ") << text;
    EXPECT_EQ(text[strlen(text) - 1], ')');
    describer_feature_name(&d, 2, text, sizeof text);
    EXPECT_EQ(text[strlen(text) - 1], ']');
}

TEST_F(DescribeStructures, HistogramOfTheRangeOfTheData)
{
    Structure other = random_structure(6, {14, 6, 6}, 4.4);
    auto centers = centers_of("{" + base + "}", s), more = centers_of("{" + base + "}", other);
    size_t n = centers[0].size();
    centers.insert(centers.end(), more.begin(), more.end());
    ASSERT_EQ(make(soap(R"("pooling":{"type":"histogram","bins":7})")), MLSOAP_SUCCESS) << error.message;
    EXPECT_TRUE(describer_needs_survey(&d));
    EXPECT_EQ(describe(s), MLSOAP_ERROR_ARGUMENT);
    for (const Structure *one : {&s, &other}) {
        structure view = one->view();
        ASSERT_EQ(describer_survey(&d, &view, &error), MLSOAP_SUCCESS) << error.message;
    }
    auto row = values_of(s);
    ASSERT_EQ(row.size(), 7 * n);
    for (size_t f = 0; f < n; f++) {
        double low = INFINITY, high = -INFINITY, total = 0;
        for (const auto &c : centers) low = std::min(low, c[f]), high = std::max(high, c[f]);
        std::vector<double> expected(7);
        for (size_t i = 0; i < 5; i++)
            expected[std::min<size_t>(6, size_t(7 * (centers[i][f] - low) / (high - low)))] += 0.2;
        for (size_t b = 0; b < 7; b++) {
            EXPECT_LE(std::fabs(row[7 * f + b] - expected[b]), 1e-14) << f << " " << b;
            total += row[7 * f + b];
        }
        EXPECT_LE(std::fabs(total - 1), 1e-14);
    }
    // the default number of bins, between given limits
    ASSERT_EQ(make(soap(R"("pooling":{"type":"histogram","range":[0,1]})")), MLSOAP_SUCCESS) << error.message;
    EXPECT_EQ(values_of(s).size(), 20 * n);
}

// soap_dscribe.json: averages of DScribe 2.1.2.
TEST_F(DescribeStructures, AveragesOfDScribe)
{
    Json file(read_json("soap_dscribe.json"));
    size_t i_case, n_found = 0;
    json_t *c;
    json_array_foreach(file["cases"], i_case, c)
    {
        const json_t *p = json_object_get(c, "parameters"), *average = json_object_get(p, "average");
        if (!average) continue;
        n_found++;
        json_t *settings =
            json_pack("{s:s, s:s, s:o, s:O, s:O, s:O, s:O}", "mode", "dscribe", "basis", "gto", "species",
                      json_pack("[s,s,s]", "H", "C", "O"), "average", average, "r_cut", json_object_get(p, "r_cut"),
                      "n_max", json_object_get(p, "n_max"), "l_max", json_object_get(p, "l_max"));
        json_object_set(settings, "sigma", json_object_get(p, "sigma"));
        if (json_object_get(p, "rbf")) json_object_set(settings, "basis", json_object_get(p, "rbf"));
        char *text = json_dumps(settings, 0);
        ASSERT_EQ(make(text), MLSOAP_SUCCESS) << error.message << text;
        free(text);
        json_decref(settings);
        s = structure_from_json(
            json_object_get(file["structures"], json_string_value(json_object_get(c, "structure"))));
        expect_row(numbers(json_object_get(c, "values")), 1e-10);
    }
    EXPECT_EQ(n_found, 2u);
}

TEST_F(DescribeStructures, InnerAverageOfASupercellAndOfOneCenter)
{
    ASSERT_EQ(make(soap(R"("average":"inner")")), MLSOAP_SUCCESS) << error.message;
    auto one = values_of(s);
    Structure twice = s; // a supercell has the same mean density
    for (size_t i = 0; i < 5; i++) {
        twice.species.push_back(s.species[i]);
        twice.positions.push_back(s.positions[i]);
        for (size_t a = 0; a < 3; a++) twice.positions.back()[a] += s.cell[1][a];
    }
    for (size_t a = 0; a < 3; a++) twice.cell[1][a] *= 2;
    auto two = values_of(twice);
    double largest = *std::max_element(one.begin(), one.end());
    for (size_t f = 0; f < one.size(); f++) EXPECT_LE(std::fabs(one[f] - two[f]), 1e-12 * largest);
    // of one center: its own features
    const size_t atom[] = {3};
    ASSERT_EQ(describer_choose_atoms(&d, atom, 1, &error), MLSOAP_SUCCESS);
    auto inner = values_of(s);
    auto centers = centers_of("{" + base + "}", s);
    for (size_t f = 0; f < inner.size(); f++) EXPECT_LE(std::fabs(inner[f] - centers[3][f]), 1e-9 * largest);
}

TEST_F(DescribeStructures, Derivatives)
{
    for (const char *extra :
         {R"("average":"outer")", R"("average":"inner")", R"("average":"inner","normalize":true)",
          R"("average":"outer","normalize":true)", R"("pooling":{"type":"sum"})",
          R"("pooling":{"type":"mean","per_species":true})", R"("average":"inner","centers":"midpoint")",
          R"("average":"inner","centers":[[1,1,1],[0.5,2,0.1]])",
          R"("average":"outer","centers":[[1,1,1],[0.5,2,0.1]])", R"("average":"outer","centers":["C"])"})
        expect_derivatives(soap(extra));
    expect_derivatives(soap(R"("average":"outer")") + "," + soap(R"("name":"other","l_max":1,"average":"inner")"));
    expect_derivatives(
        R"({"type":"acsf","species":["Si","C"],"functions":["Si 2 C 3.5 0.0 4.2","* 2 Si 1.5 0.0 4.0"],"average":"outer"})");
}

TEST_F(DescribeStructures, MatricesBesideAverages)
{
    ASSERT_EQ(make(R"({"type":"coulomb_matrix","n_atoms_max":6})"), MLSOAP_SUCCESS) << error.message;
    auto matrix = values_of(s);
    ASSERT_EQ(matrix.size(), 36u);
    ASSERT_EQ(make(soap(R"("average":"outer")")), MLSOAP_SUCCESS);
    auto mean = values_of(s);
    ASSERT_EQ(make(R"({"type":"coulomb_matrix","name":"cm","n_atoms_max":6},)" + soap(R"("average":"outer")")),
              MLSOAP_SUCCESS)
        << error.message;
    matrix.insert(matrix.end(), mean.begin(), mean.end());
    expect_row(matrix, 0);
    char text[64];
    describer_feature_name(&d, 8, text, sizeof text);
    EXPECT_STREQ(text, "cm: M 2 3");
    describer_feature_name(&d, 36, text, sizeof text);
    EXPECT_STREQ(text, "soap: C-C n1 n1 l0");
    const size_t atom[] = {0};
    ASSERT_EQ(make(R"({"type":"coulomb_matrix","n_atoms_max":6})"), MLSOAP_SUCCESS);
    EXPECT_EQ(describer_choose_atoms(&d, atom, 1, &error), MLSOAP_ERROR_VALUE);
}

TEST_F(DescribeStructures, ThreadsDoNotMatter)
{
    Structure large = random_structure(9, std::vector<int>(40, 14), 10.0);
    large.pbc = {0, 0, 0}; // a cluster: some centers take longer than others
    std::vector<double> values, dense, sparse;
    for (int threads : {1, 2, 5, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8}) { // often: one run may add up in order by luck
        omp_set_num_threads(threads);
        ASSERT_EQ(make(soap(R"("average":"outer")") + "," + soap(R"("name":"b","average":"inner")")), MLSOAP_SUCCESS);
        ASSERT_EQ(describe(large, DESCRIBE_DENSE), MLSOAP_SUCCESS);
        std::vector<double> v(rows.values, rows.values + d.n_features);
        std::vector<double> j(rows.dense, rows.dense + 40 * 3 * d.n_features);
        ASSERT_EQ(describe(large, DESCRIBE_SPARSE), MLSOAP_SUCCESS);
        std::vector<double> k(rows.sparse, rows.sparse + rows.n_entries * 3 * d.n_features);
        if (threads > 1) {
            EXPECT_EQ(v, values) << threads;
            EXPECT_EQ(j, dense) << threads;
            EXPECT_EQ(k, sparse) << threads;
        }
        values = v;
        dense = j;
        sparse = k;
    }
}

TEST_F(DescribeStructures, BadSettings)
{
    const struct {
        std::string settings;
        const char *message;
    } cases[] = {
        {soap(R"("average":"inner","pooling":{"type":"sum"})"), "makes no sense beside `pooling`"},
        {soap(R"("average":"middle")"), "'middle' is not valid"},
        {soap(R"("average":"inner","mode":"quip")"), "inner is not defined in mode quip"},
        {soap(R"("pooling":"mean")"), "descriptors.0.pooling"},
        {soap(R"("pooling":{})"), "descriptors.0.pooling.type: missing"},
        {soap(R"("pooling":{"type":"mean","bins":3})"), "bins: makes no sense with type mean"},
        {soap(R"("pooling":{"type":"max","range":[0,1]})"), "range: makes no sense with type max"},
        {soap(R"("pooling":{"type":"histogram","bins":[1,1]})"), "bins: item 1 is not a number above"},
        {soap(R"("pooling":{"type":"histogram","bins":[1]})"), "1 edges; give 2"},
        {soap(R"("pooling":{"type":"histogram","range":[1]})"), "[low, high]"},
        {soap(R"("pooling":{"type":"histogram","range":[1,0]})"), "range: item 1 is not a number above"},
        {soap(R"("pooling":{"type":"histogram","bins":[0,1],"range":[0,1]})"), "beside a list of edges"},
        {soap(R"("pooling":{"type":"sum","per_species":true},"centers":"midpoint")"), "points, which have no species"},
        {soap(R"("average":"outer")") + ",{" + base + R"(,"name":"b"})", "gives one row per center"},
        {"{" + base + R"(},{"type":"sine_matrix","n_atoms_max":5})", "gives one row per structure"},
    };
    for (const auto &c : cases) {
        EXPECT_EQ(make(c.settings), MLSOAP_ERROR_VALUE) << c.settings;
        EXPECT_NE(std::string(error.message).find(c.message), std::string::npos) << error.message;
    }
}

TEST_F(DescribeStructures, DerivativesThatAreNotDefined)
{
    for (const std::string &settings :
         {soap(R"("pooling":{"type":"max"})"), soap(R"("pooling":{"type":"histogram","range":[0,1]})"),
          std::string(R"({"type":"coulomb_matrix","n_atoms_max":6})")})
        for (describe_what what : {DESCRIBE_DENSE, DESCRIBE_SPARSE}) {
            ASSERT_EQ(make(settings), MLSOAP_SUCCESS) << error.message;
            EXPECT_EQ(describe(s, what), MLSOAP_ERROR_UNSUPPORTED);
            EXPECT_NE(std::string(error.message).find("not defined"), std::string::npos) << error.message;
        }
}

TEST_F(DescribeStructures, BadStructures)
{
    ASSERT_EQ(make(R"({"type":"coulomb_matrix","n_atoms_max":4})"), MLSOAP_SUCCESS);
    EXPECT_EQ(describe(s), MLSOAP_ERROR_CAPACITY);
    ASSERT_EQ(make(soap(R"("average":"inner")")), MLSOAP_SUCCESS);
    s.species[3] = 8;
    EXPECT_EQ(describe(s), MLSOAP_ERROR_SPECIES);
}

TEST_F(DescribeStructures, FailsWithoutMemory)
{
    omp_set_num_threads(1);
    const std::string settings = soap(R"("average":"outer")") + "," + soap(R"("name":"b","average":"inner")") + "," +
                                 soap(R"("name":"c","pooling":{"type":"sum","per_species":true})");
    for (long n = 1; n < 600; n += n < 60 ? 1 : 17) {
        memory_fail_after(n);
        mlsoap_status status = make(settings);
        if (!status) status = describe(s, DESCRIBE_SPARSE);
        memory_fail_after(0);
        EXPECT_TRUE(status == MLSOAP_SUCCESS || status == MLSOAP_ERROR_MEMORY) << n << " " << error.message;
        EXPECT_TRUE(n > 1 || status == MLSOAP_ERROR_MEMORY);
        description_rows_release(&rows);
    }
}

} // namespace
