/* SPDX-License-Identifier: BSD-3-Clause */
// error_table.c: measures worked out by hand, groups, missing targets, NaN.
extern "C" {
#include "app/error_table.h"
#include "core/memory.h"
}

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <limits>
#include <list>
#include <string>
#include <vector>

namespace
{
// A frame of n atoms whose predictions are off by the numbers given.
struct TestFrame {
    size_t n;
    std::string config_type;
    double energy_error;
    std::vector<double> force_errors; // [3 n], empty: no forces
    std::vector<double> virial_errors;
};

class ErrorTable : public ::testing::Test
{
  protected:
    std::vector<frame> frames;
    std::vector<std::vector<double>> numbers; // of the forces, kept alive
    std::list<std::string> names;
    frame_set set{};
    error_table table{};
    mlsoap_error error{};

    void TearDown() override { error_table_release(&table); }

    void add(const TestFrame &t)
    {
        frame f{};
        f.structure.n_atoms = t.n;
        names.push_back(t.config_type);
        f.config_type = names.back().data();
        f.has_prediction = f.has_energy = true;
        f.energy = -3.0;
        f.predicted_energy = f.energy + t.energy_error;
        f.has_forces = !t.force_errors.empty();
        numbers.emplace_back(3 * t.n, 0.25);
        f.forces = reinterpret_cast<double(*)[3]>(numbers.back().data());
        numbers.emplace_back(3 * t.n, 0.25);
        for (size_t i = 0; i < t.force_errors.size(); i++) numbers.back()[i] += t.force_errors[i];
        f.predicted_forces = reinterpret_cast<double(*)[3]>(numbers.back().data());
        f.has_virial = !t.virial_errors.empty();
        for (size_t i = 0; i < t.virial_errors.size(); i++) f.predicted_virial[i] = t.virial_errors[i];
        frames.push_back(f);
    }

    void make()
    {
        set.frames = frames.data();
        set.n_frames = frames.size();
        ASSERT_EQ(error_table_new(&set, &table, &error), MLSOAP_SUCCESS) << error.message;
    }
};

std::string printed(const error_table &table)
{
    char *text = nullptr;
    size_t n = 0;
    FILE *file = open_memstream(&text, &n);
    error_table_print(&table, file);
    std::fclose(file);
    std::string out(text, n);
    free(text);
    return out;
}

const std::vector<TestFrame> samples = {
    {2, "b", 0.004, {0.5, 0, 0, 0, 0, -1}, {}},
    {1, "a", -0.001, {0, 0, 0.25}, {0.006, 0, 0, 0, 0, -0.012}},
    {4, "b", 0.016, {}, {}},
};
} // namespace

TEST_F(ErrorTable, MeasuresByHand)
{
    for (const auto &t : samples) add(t);
    make();
    ASSERT_EQ(table.n_rows, 2u);
    EXPECT_STREQ(table.rows[0].name, "a");
    EXPECT_STREQ(table.rows[1].name, "b");
    EXPECT_EQ(table.total.n_frames, 3u);
    EXPECT_EQ(table.total.n_atoms, 7u);
    EXPECT_EQ(table.rows[1].n_atoms, 6u);
    const error_measure &energy = table.total.measures[TARGET_ENERGY]; // 2, 1, 4 meV/atom
    EXPECT_EQ(energy.n, 3u);
    EXPECT_NEAR(energy.mae, 7.0 / 3, 1e-12);
    EXPECT_NEAR(energy.rmse, std::sqrt(21.0 / 3), 1e-12);
    EXPECT_NEAR(energy.max, 4, 1e-12);
    const error_measure &forces = table.total.measures[TARGET_FORCES];
    EXPECT_EQ(forces.n, 9u);
    EXPECT_NEAR(forces.mae, 1.75 / 9, 1e-15);
    EXPECT_NEAR(forces.rmse, std::sqrt((0.25 + 1 + 0.0625) / 9), 1e-15);
    EXPECT_NEAR(forces.max, 1, 1e-15);
    const error_measure &virial = table.rows[0].measures[TARGET_VIRIAL];
    EXPECT_EQ(virial.n, 6u);
    EXPECT_NEAR(virial.mae, 3, 1e-12);
    EXPECT_NEAR(virial.max, 12, 1e-12);
    EXPECT_EQ(table.rows[1].measures[TARGET_VIRIAL].n, 0u);
}

TEST_F(ErrorTable, NanIsNeverZero)
{
    for (size_t bad : {0u, 1u, 2u}) {
        frames.clear();
        numbers.clear();
        error_table_release(&table);
        for (const auto &t : samples) add(t);
        frames[bad].predicted_energy = std::numeric_limits<double>::quiet_NaN();
        make();
        const error_measure &energy = table.total.measures[TARGET_ENERGY];
        EXPECT_TRUE(std::isnan(energy.mae) && std::isnan(energy.rmse) && std::isnan(energy.max)) << bad;
        json_t *json = error_table_json(&table);
        const json_t *item = json_object_get(json_object_get(json, "total"), "energy");
        EXPECT_EQ(json_integer_value(json_object_get(item, "n")), 3);
        EXPECT_TRUE(json_is_null(json_object_get(item, "mae")));
        json_decref(json);
    }
}

TEST_F(ErrorTable, FramesWithoutPredictionAreLeftOut)
{
    for (const auto &t : samples) add(t);
    frames[2].has_prediction = false;
    make();
    EXPECT_EQ(table.total.n_frames, 2u);
    EXPECT_NEAR(table.total.measures[TARGET_ENERGY].max, 2, 1e-12);
}

TEST_F(ErrorTable, JsonHasTheDocumentedFields)
{
    for (const auto &t : samples) add(t);
    make();
    json_t *json = error_table_json(&table);
    ASSERT_NE(json, nullptr);
    EXPECT_EQ(json_object_size(json), 2u);
    const json_t *by_type = json_object_get(json, "by_config_type");
    EXPECT_EQ(json_object_size(by_type), 2u);
    const json_t *b = json_object_get(by_type, "b");
    for (const char *quantity : {"energy", "forces", "virial"})
        for (const char *measure : {"n", "mae", "rmse", "max"})
            EXPECT_NE(json_object_get(json_object_get(b, quantity), measure), nullptr) << quantity << measure;
    EXPECT_EQ(json_integer_value(json_object_get(json_object_get(b, "virial"), "n")), 0);
    EXPECT_TRUE(json_is_null(json_object_get(json_object_get(b, "virial"), "rmse")));
    EXPECT_NEAR(json_number_value(json_object_get(json_object_get(b, "energy"), "mae")), 3, 1e-12);
    json_decref(json);
}

TEST_F(ErrorTable, PrintsUnitsAndMissingTargets)
{
    add({2, "default", 0.004, {}, {}});
    make();
    std::string text = printed(table);
    EXPECT_NE(text.find("energy (meV/atom)"), std::string::npos) << text;
    EXPECT_NE(text.find("2.000"), std::string::npos) << text;
    EXPECT_NE(text.find("forces (eV/angstrom)           no target in the data"), std::string::npos) << text;
    EXPECT_NE(text.find("total"), std::string::npos) << text;
}

TEST_F(ErrorTable, EmptySetAndNoMemory)
{
    make();
    EXPECT_EQ(table.total.n_frames, 0u);
    EXPECT_EQ(table.n_rows, 0u);
    for (const auto &t : samples) add(t);
    set.frames = frames.data();
    set.n_frames = frames.size();
    error_table_release(&table);
    for (long n = 1; n <= 5; n++) {
        memory_fail_after(n);
        EXPECT_EQ(error_table_new(&set, &table, &error), MLSOAP_ERROR_MEMORY) << n;
        memory_fail_after(0);
    }
}
