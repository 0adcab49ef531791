// SPDX-License-Identifier: BSD-3-Clause
// The average kernel against the sum over all pairs; mean pooling for zeta 1; symmetries; refusals.
#include "support/frames.hpp"
#include "support/structures.hpp"

extern "C" {
#include "app/structure_kernel.h"
}

#include <omp.h>

using namespace testing_support;

namespace
{
const std::string soap = R"({"species":["Si","C"],"r_cut":4.5,"n_max":3,"l_max":2,"sigma":0.5,"normalize":true)";

class StructureKernel : public ::testing::Test
{
  protected:
    frame_set set{};
    describer d{};
    mlsoap_error error{};
    std::vector<Structure> structures;
    std::vector<frame> frames;
    char path[9] = "data.xyz";
    frame_file file{};

    void SetUp() override
    {
        structures = {random_structure(5, {14, 6, 14, 6, 6}, 4.6), random_structure(6, {14, 14, 6}, 4.4),
                      random_structure(7, {6}, 4.1)};
        structures.push_back(structures[0]); // the same atoms in another order
        std::swap(structures[3].positions[0], structures[3].positions[2]);
        file.path = path;
        for (auto &s : structures) {
            frame f{};
            f.structure = s.view();
            frames.push_back(f);
        }
        set.frames = frames.data();
        set.n_frames = frames.size();
        set.files = &file;
        set.n_files = 1;
    }
    void TearDown() override
    {
        memory_fail_after(0);
        describer_release(&d);
    }

    void make(const std::string &settings)
    {
        describer_release(&d);
        json_t *list = json_loads(("[" + settings + "}]").c_str(), 0, nullptr);
        EXPECT_EQ(describer_new(list, nullptr, &d, &error), MLSOAP_SUCCESS) << error.message;
        json_decref(list);
    }

    std::vector<double> kernel(int zeta)
    {
        std::vector<double> K(structures.size() * structures.size(), -1);
        EXPECT_EQ(structure_kernel(&d, &set, zeta, nullptr, K.data(), &error), MLSOAP_SUCCESS) << error.message;
        return K;
    }

    std::vector<std::vector<double>> rows_of(size_t i)
    {
        description_rows rows{};
        EXPECT_EQ(describe_structure(&d, &frames[i].structure, DESCRIBE_VALUES, &rows, &error), MLSOAP_SUCCESS);
        std::vector<std::vector<double>> out;
        for (size_t k = 0; k < rows.n_rows; k++)
            out.emplace_back(rows.values + k * d.n_features, rows.values + (k + 1) * d.n_features);
        description_rows_release(&rows);
        return out;
    }

    double plain(size_t a, size_t b, int zeta)
    {
        auto A = rows_of(a), B = rows_of(b);
        double sum = 0;
        for (const auto &x : A)
            for (const auto &y : B) {
                double product = 0;
                for (size_t f = 0; f < x.size(); f++) product += x[f] * y[f];
                sum += std::pow(product, zeta);
            }
        return sum / double(A.size() * B.size());
    }
};

TEST_F(StructureKernel, IsTheSumOverAllPairs)
{
    make(soap);
    size_t n = structures.size();
    for (int zeta : {1, 2, 5}) {
        auto K = kernel(zeta);
        for (size_t a = 0; a < n; a++)
            for (size_t b = 0; b < n; b++) {
                double expected = plain(a, b, zeta) / std::sqrt(plain(a, a, zeta) * plain(b, b, zeta));
                EXPECT_LE(std::fabs(K[a * n + b] - expected), 1e-13) << a << " " << b << " " << zeta;
            }
        for (size_t a = 0; a < n; a++) EXPECT_EQ(K[a * n + a], 1);
        EXPECT_LE(std::fabs(K[3] - 1), 1e-13);
        EXPECT_LT(K[1], 1 - 1e-4);
    }
}

// zeta = 1: the cosine between the mean descriptors, which is mean pooling.
TEST_F(StructureKernel, OfExponentOneIsThatOfTheMeans)
{
    make(soap);
    auto K = kernel(1);
    make(soap + R"(,"average":"outer")");
    auto a = rows_of(0)[0], b = rows_of(1)[0];
    double ab = 0, aa = 0, bb = 0;
    for (size_t f = 0; f < a.size(); f++) ab += a[f] * b[f], aa += a[f] * a[f], bb += b[f] * b[f];
    EXPECT_LE(std::fabs(K[1] - ab / std::sqrt(aa * bb)), 1e-13);
}

// One atom alone, weight of the center 0: no features, kernel 0 also with itself.
TEST_F(StructureKernel, OfNothingIsZero)
{
    make(soap + R"(,"w0":0)");
    structures[2].pbc = {0, 0, 0};
    frames[2].structure = structures[2].view();
    auto K = kernel(2);
    for (size_t b = 0; b < 4; b++) {
        EXPECT_EQ(K[2 * 4 + b], 0);
        EXPECT_EQ(K[b * 4 + 2], 0);
    }
    EXPECT_EQ(K[0], 1);
}

TEST_F(StructureKernel, ThreadsDoNotMatter)
{
    std::vector<double> first;
    for (int threads : {1, 3}) {
        omp_set_num_threads(threads);
        make(soap);
        auto K = kernel(3);
        if (first.empty()) first = K;
        EXPECT_EQ(K, first);
    }
}

TEST_F(StructureKernel, Refusals)
{
    double K[16];
    make(soap + R"(,"average":"outer")");
    EXPECT_EQ(structure_kernel(&d, &set, 2, nullptr, K, &error), MLSOAP_ERROR_VALUE);
    EXPECT_NE(std::string(error.message).find("one row per structure"), std::string::npos) << error.message;
    make(soap);
    structures[1].species[0] = 8;
    EXPECT_EQ(structure_kernel(&d, &set, 2, nullptr, K, &error), MLSOAP_ERROR_SPECIES);
    EXPECT_NE(std::string(error.message).find("data.xyz: frame 0"), std::string::npos) << error.message;
    structures[1].species[0] = 14;
    for (long n = 1; n < 60; n++) {
        memory_fail_after(n);
        mlsoap_status status = structure_kernel(&d, &set, 2, nullptr, K, &error);
        memory_fail_after(0);
        EXPECT_TRUE(status == MLSOAP_SUCCESS || status == MLSOAP_ERROR_MEMORY) << n << " " << error.message;
    }
}

} // namespace
