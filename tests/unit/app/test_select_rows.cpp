// SPDX-License-Identifier: BSD-3-Clause
// What mlsoap select chooses: equal to the brute-force selections on rows made by hand; files; refusals.
#include "selection_oracle.hpp"
#include "support/frames.hpp"
#include "support/structures.hpp"

extern "C" {
#include "app/select_rows.h"
#include "core/file.h"
}

#include <algorithm>
#include <cstdio>
#include <omp.h>
#include <unistd.h>

using namespace testing_support;

namespace
{
const std::string soap = R"({"species":["Si","C"],"r_cut":4.0,"n_max":3,"l_max":2,"sigma":0.5)";

class SelectRows : public ::testing::Test
{
  protected:
    frame_set set{};
    describer d{};
    selected_rows rows{};
    mlsoap_error error{};
    std::vector<Structure> structures;
    std::vector<frame> frames;
    char path[9] = "data.xyz", label[8] = "default";
    frame_file file{};
    const std::string output = ::testing::TempDir() + "mlsoap_select_rows_" + std::to_string(getpid());

    void SetUp() override
    {
        file.path = path;
        for (unsigned seed = 1; seed <= 9; seed++)
            structures.push_back(
                random_structure(seed, seed % 2 ? std::vector<int>{14, 6, 14} : std::vector<int>{6, 14}, 4.4));
        structures.push_back(structures[0]); // a repeat
        for (auto &s : structures) {
            frame f{};
            f.structure = s.view();
            f.config_type = label;
            f.weight = 1;
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
        selected_rows_release(&rows);
        describer_release(&d);
        for (const char *end : {".txt", ".xyz"}) std::remove((output + end).c_str());
    }

    void make(const std::string &settings)
    {
        describer_release(&d);
        json_t *list = json_loads(("[" + settings + "}]").c_str(), 0, nullptr);
        EXPECT_EQ(describer_new(list, nullptr, &d, &error), MLSOAP_SUCCESS) << error.message;
        json_decref(list);
    }

    mlsoap_status choose(const char *method, int environments, size_t n)
    {
        selected_rows_release(&rows);
        return select_rows(&d, &set, method, environments, n, nullptr, &rows, &error);
    }

    /* Rows of unit length of the frames, or of all centers of one element. */
    std::vector<double> expected_rows(int species, std::vector<std::pair<size_t, size_t>> &labels)
    {
        std::vector<double> X;
        for (size_t i = 0; i < set.n_frames; i++) {
            description_rows from{};
            EXPECT_EQ(describe_structure(&d, &frames[i].structure, DESCRIBE_VALUES, &from, &error), MLSOAP_SUCCESS);
            for (size_t k = 0; k < from.n_rows; k++) {
                if (species && structures[i].species[k] != species) continue;
                double square = 0;
                for (size_t f = 0; f < d.n_features; f++)
                    square += from.values[k * d.n_features + f] * from.values[k * d.n_features + f];
                for (size_t f = 0; f < d.n_features; f++)
                    X.push_back(from.values[k * d.n_features + f] / std::sqrt(square));
                labels.emplace_back(i, k);
            }
            description_rows_release(&from);
        }
        return X;
    }

    void expect_choice(const char *method, int species, size_t n)
    {
        std::vector<std::pair<size_t, size_t>> labels;
        set.n_frames = structures.size() - 1; // without the repeat there are no ties
        auto X = expected_rows(species, labels);
        auto expected = std::string(method) == "fps" ? fps_oracle(X, labels.size(), d.n_features, n)
                                                     : cur_oracle(X, labels.size(), d.n_features, n);
        ASSERT_EQ(choose(method, species > 0, n), MLSOAP_SUCCESS) << error.message;
        const select_group &group = rows.groups[species];
        ASSERT_EQ(group.n_chosen, n);
        for (size_t k = 0; k < n; k++) {
            EXPECT_EQ(group.frames[group.chosen[k]], labels[expected[k]].first) << method << " " << k;
            EXPECT_EQ(group.atoms[group.chosen[k]], labels[expected[k]].second) << method << " " << k;
        }
    }

    std::string written(const std::string &end)
    {
        EXPECT_EQ(selected_rows_write(&rows, &set, (output + end).c_str(), &error), MLSOAP_SUCCESS) << error.message;
        char *bytes = nullptr;
        size_t n = 0;
        EXPECT_EQ(file_read((output + end).c_str(), 0, &bytes, &n, &error), MLSOAP_SUCCESS);
        std::string text(bytes, n);
        memory_free(bytes);
        return text;
    }
};

TEST_F(SelectRows, StructuresByTheirMean)
{
    make(soap + R"(,"average":"outer")");
    for (const char *method : {"fps", "cur"}) expect_choice(method, 0, 6);
    EXPECT_EQ(rows.groups[0].n, structures.size() - 1);
}

TEST_F(SelectRows, EnvironmentsOfEachElement)
{
    make(soap);
    for (int species : {6, 14})
        for (const char *method : {"fps", "cur"}) expect_choice(method, species, 5);
    EXPECT_EQ(rows.groups[6].n_chosen, 5u);
    EXPECT_EQ(rows.groups[14].n_chosen, 5u);
}

TEST_F(SelectRows, RepeatsAreNeverTaken)
{
    make(soap + R"(,"average":"outer")");
    for (const char *method : {"fps", "cur"}) {
        ASSERT_EQ(choose(method, 0, 50), MLSOAP_SUCCESS) << error.message;
        EXPECT_EQ(rows.groups[0].n_chosen, structures.size() - 1) << method;
    }
}

TEST_F(SelectRows, Files)
{
    make(soap);
    ASSERT_EQ(choose("fps", 1, 2), MLSOAP_SUCCESS);
    const select_group &c = rows.groups[6], &si = rows.groups[14];
    auto line = [](const select_group &g, size_t k) {
        return std::to_string(g.frames[g.chosen[k]]) + " " + std::to_string(g.atoms[g.chosen[k]]) + "\n";
    };
    EXPECT_EQ(written(".txt"), line(c, 0) + line(c, 1) + line(si, 0) + line(si, 1));
    EXPECT_EQ(c.chosen[0], 0u);
    std::vector<size_t> order; // each frame once
    for (const select_group *g : {&c, &si})
        for (size_t k = 0; k < 2; k++)
            if (std::find(order.begin(), order.end(), g->frames[g->chosen[k]]) == order.end())
                order.push_back(g->frames[g->chosen[k]]);
    std::string text = written(".xyz");
    frame_set back{};
    read_options reading{};
    ASSERT_EQ(frames_parse(text.data(), text.size(), "chosen.xyz", &reading, &back, &error), MLSOAP_SUCCESS);
    ASSERT_EQ(back.n_frames, order.size());
    for (size_t k = 0; k < order.size(); k++)
        EXPECT_EQ(back.frames[k].structure.positions[1][2], structures[order[k]].positions[1][2]);
    frame_set_release(&back);
    make(soap + R"(,"average":"outer")");
    ASSERT_EQ(choose("fps", 0, 1), MLSOAP_SUCCESS);
    EXPECT_EQ(written(".txt"), "0\n");
    EXPECT_EQ(selected_rows_write(&rows, &set, "no/such/folder.txt", &error), MLSOAP_ERROR_FILE);
    EXPECT_EQ(selected_rows_write(&rows, &set, "no/such/folder.xyz", &error), MLSOAP_ERROR_FILE);
}

TEST_F(SelectRows, HistogramsAndMatrices)
{
    make(soap + R"(,"pooling":{"type":"histogram","bins":5})");
    ASSERT_EQ(choose("fps", 0, 3), MLSOAP_SUCCESS) << error.message;
    EXPECT_EQ(rows.groups[0].n_chosen, 3u);
    make(R"({"type":"sine_matrix","permutation":"eigenspectrum","n_atoms_max":3)");
    expect_choice("fps", 0, 4);
}

TEST_F(SelectRows, ThreadsDoNotMatter)
{
    std::string first;
    for (int threads : {1, 3}) {
        omp_set_num_threads(threads);
        make(soap);
        ASSERT_EQ(choose("fps", 1, 6), MLSOAP_SUCCESS);
        std::string text = written(".txt");
        if (first.empty()) first = text;
        EXPECT_EQ(text, first);
    }
}

TEST_F(SelectRows, Refusals)
{
    make(soap + R"(,"average":"outer")");
    EXPECT_EQ(choose("fps", 1, 2), MLSOAP_ERROR_VALUE);
    EXPECT_NE(std::string(error.message).find("one row per structure"), std::string::npos) << error.message;
    make(soap);
    EXPECT_EQ(choose("fps", 0, 2), MLSOAP_ERROR_VALUE);
    EXPECT_NE(std::string(error.message).find("one row per center"), std::string::npos) << error.message;
    EXPECT_EQ(choose("pca", 1, 2), MLSOAP_ERROR_VALUE);
    make(soap + R"(,"centers":"midpoint")");
    EXPECT_EQ(choose("fps", 1, 2), MLSOAP_ERROR_VALUE);
    EXPECT_NE(std::string(error.message).find("centers are points"), std::string::npos) << error.message;
    make(soap);
    structures[4].species[0] = 8;
    EXPECT_EQ(choose("fps", 1, 2), MLSOAP_ERROR_SPECIES);
    EXPECT_NE(std::string(error.message).find("data.xyz: frame 0"), std::string::npos) << error.message;
    structures[4].species[0] = 14;
    omp_set_num_threads(1);
    for (long n = 1; n < 120; n++) {
        memory_fail_after(n);
        mlsoap_status status = choose("cur", 1, 3);
        if (!status) status = selected_rows_write(&rows, &set, (output + ".txt").c_str(), &error);
        memory_fail_after(0);
        EXPECT_TRUE(status == MLSOAP_SUCCESS || status == MLSOAP_ERROR_MEMORY) << n << " " << error.message;
    }
}

} // namespace
