// SPDX-License-Identifier: BSD-3-Clause
// What stops a run and what it warns of.
#include "training_fixtures.hpp"

extern "C" {
#include "app/doctor/data_checks.h"
#include "app/doctor/frame_match.h"
#include "app/doctor/target_slopes.h"
}

namespace
{

const check_finding *find(const check_list &list, const char *name)
{
    for (size_t i = 0; i < list.n; i++)
        if (std::strcmp(list.items[i].name, name) == 0) return &list.items[i];
    return nullptr;
}

struct checked {
    dataset data{};
    config c{};
    check_list list{};
    mlsoap_error error{};
    const char *allow[2] = {nullptr, nullptr};

    explicit checked(const std::vector<std::string> &keys = {})
    {
        c = make_config(keys);
        add_random_frames(data.train, 6, 5, {14}, 3);
        for (size_t i = 0; i < data.train.n_frames; i++) {
            set_forces(data.train.frames[i], 0.1 * (double)(i + 1));
            data.train.frames[i].has_energy = true;
            data.train.frames[i].energy = -20 - 0.1 * (double)i;
        }
    }
    mlsoap_status run()
    {
        const double offsets[] = {-4};
        data.elements = MEMORY_NEW(int, 1);
        data.elements[0] = 14;
        data.n_elements = 1;
        list.allow = allow;
        EXPECT_EQ(MLSOAP_SUCCESS, dataset_split(&data, &c, &error)) << error.message;
        const checked_data all = {&data.train, &data.validation_files, &data.test, json_object_get(c.root, "loss")};
        const json_t *factor = json_object_get(json_object_get(c.root, "loss"), "forces");
        EXPECT_EQ(MLSOAP_SUCCESS, data_checks_files(&all, json_number_value(factor) != 0, &list, &error))
            << error.message;
        EXPECT_EQ(MLSOAP_SUCCESS, data_checks_frames(&all, data.elements, 1, offsets, &list, &error)) << error.message;
        return check_list_verdict(&list, &error);
    }
    ~checked()
    {
        check_list_release(&list);
        dataset_release(&data);
        config_release(&c);
    }
};

frame copy_of(const frame &f)
{
    frame copy = make_frame({}, 0, f.config_type);
    mlsoap_error error;
    structure_release(&copy.structure);
    EXPECT_EQ(MLSOAP_SUCCESS, structure_copy(&f.structure, &copy.structure, &error));
    return copy;
}

} // namespace

TEST(FrameMatch, WrappedPermutedAndMovedFrames)
{
    frame_set set{};
    add_random_frames(set, 1, 6, {14, 6}, 5);
    frame twin = copy_of(set.frames[0]);
    structure &s = twin.structure;
    EXPECT_TRUE(structures_match(&set.frames[0].structure, &s));
    s.positions[2][1] -= 11;
    s.positions[3][0] += 5e-5;
    EXPECT_TRUE(structures_match(&set.frames[0].structure, &s));
    for (int a = 0; a < 3; a++) std::swap(s.positions[0][a], s.positions[2][a]); // the same element
    EXPECT_TRUE(structures_match(&set.frames[0].structure, &s));
    std::swap(s.species[0], s.species[1]);
    EXPECT_FALSE(structures_match(&set.frames[0].structure, &s));
    std::swap(s.species[0], s.species[1]);
    s.positions[5][2] += 3e-4;
    EXPECT_FALSE(structures_match(&set.frames[0].structure, &s));
    s.positions[5][2] -= 3e-4;
    s.cell[0][0] += 3e-4;
    EXPECT_FALSE(structures_match(&set.frames[0].structure, &s));
    add_frame(set, twin);
    frame_set_release(&set);
}

TEST(FrameMatch, FindsAllPairsAndOnlyThose)
{
    frame_set set{};
    add_random_frames(set, 30, 5, {14}, 7);
    std::vector<const frame *> a, b;
    add_frame(set, copy_of(set.frames[4]));
    add_frame(set, copy_of(set.frames[17]));
    set.frames[31].structure.positions[1][2] += 5.5;
    set.frames[31].structure.positions[0][2] += 6e-5;
    add_frame(set, make_frame({{14, 0, 0, 0}, {14, 2, 1, 0}}));
    add_frame(set, make_frame({{14, 2, 1, 0}, {14, 0, 0, 0}}));
    for (size_t i = 0; i < set.n_frames; i++) (i < 30 ? a : b).push_back(&set.frames[i]);
    frame_pair *pairs;
    size_t n;
    mlsoap_error error;
    ASSERT_EQ(MLSOAP_SUCCESS, frames_match(a.data(), a.size(), b.data(), b.size(), &pairs, &n, &error));
    ASSERT_EQ(2u, n);
    EXPECT_EQ(4u, pairs[0].a);
    EXPECT_EQ(0u, pairs[0].b);
    EXPECT_EQ(17u, pairs[1].a);
    EXPECT_EQ(1u, pairs[1].b);
    memory_free(pairs);
    ASSERT_EQ(MLSOAP_SUCCESS, frames_match(b.data(), b.size(), nullptr, 0, &pairs, &n, &error));
    ASSERT_EQ(1u, n);
    EXPECT_EQ(2u, pairs[0].a);
    EXPECT_EQ(3u, pairs[0].b);
    memory_free(pairs);
    frame_set_release(&set);
}

TEST(DataChecks, GoodDataPass)
{
    checked t;
    EXPECT_EQ(MLSOAP_SUCCESS, t.run()) << t.error.message;
    EXPECT_EQ(nullptr, find(t.list, "train_test"));
}

// Bohr taken as angstrom, and the reverse; formats that state no units can be told so.
TEST(DataChecks, LengthsThatNoBondHas)
{
    const struct {
        const char *unit;
        double factor;
        bool found;
    } cases[] = {{"angstrom", 1, false}, {"angstrom", 1.89, true}, {"bohr", 1, false},
                 {"bohr", 0.53, true},   {nullptr, 1, false},      {nullptr, 1.89, true}};
    for (const auto &c : cases) {
        checked t;
        for (size_t i = 0; i < t.data.train.n_frames; i++) {
            structure &s = t.data.train.frames[i].structure;
            for (size_t k = 0; k < s.n_atoms; k++)
                for (int a = 0; a < 3; a++) s.positions[k][a] *= c.factor;
            for (auto &row : s.cell)
                for (double &x : row) x *= c.factor;
        }
        t.data.train.files[0].length_unit = c.unit;
        EXPECT_EQ(c.found ? MLSOAP_ERROR_VALUE : MLSOAP_SUCCESS, t.run()) << t.error.message;
        EXPECT_EQ(c.found, find(t.list, "units") != nullptr);
        if (!c.found) continue;
        for (const char *word : {"memory.xyz", "bohr", "angstrom", c.unit ? "data.units" : "convert", "--allow units"})
            EXPECT_NE(nullptr, std::strstr(t.error.message, word)) << word << ": " << t.error.message;
    }
}

// Atoms of rare gases touch without a bond.
TEST(DataChecks, RareGasesSayNothingOfUnits)
{
    checked t;
    for (size_t i = 0; i < t.data.train.n_frames; i++)
        for (size_t k = 0; k < t.data.train.frames[i].structure.n_atoms; k++)
            t.data.train.frames[i].structure.species[k] = 10;
    t.data.train.files[0].length_unit = "angstrom";
    t.run();
    EXPECT_EQ(nullptr, find(t.list, "units"));
}

TEST(DataChecks, SameFrameInTrainAndTest)
{
    checked t;
    frame twin = copy_of(t.data.train.frames[2]);
    twin.structure.positions[0][1] += 5.5;
    add_frame(t.data.test, twin);
    EXPECT_EQ(MLSOAP_ERROR_VALUE, t.run());
    EXPECT_NE(nullptr, std::strstr(t.error.message, "frame 0 of memory.xyz = frame 2"));
    EXPECT_NE(nullptr, std::strstr(t.error.message, "--allow train_test"));
}

TEST(DataChecks, AllowLetsItPass)
{
    checked t;
    add_frame(t.data.test, copy_of(t.data.train.frames[2]));
    t.allow[0] = "train_test";
    EXPECT_EQ(MLSOAP_SUCCESS, t.run());
    EXPECT_TRUE(find(t.list, "train_test")->allowed);
}

TEST(DataChecks, UnusedTargetKey)
{
    checked t;
    t.data.train.files[0].unused_keys = MEMORY_NEW(char *, 2);
    t.data.train.files[0].unused_keys[0] = memory_copy_text("dft_energy2");
    EXPECT_EQ(MLSOAP_ERROR_VALUE, t.run());
    EXPECT_NE(nullptr, std::strstr(t.error.message, "dft_energy2"));
    EXPECT_NE(nullptr, std::strstr(t.error.message, "data.ignore"));
}

TEST(DataChecks, ForcesAbsent)
{
    checked t;
    for (size_t i = 0; i < t.data.train.n_frames; i++) t.data.train.frames[i].has_forces = false;
    EXPECT_EQ(MLSOAP_ERROR_VALUE, t.run());
    EXPECT_NE(nullptr, std::strstr(t.error.message, "no forces"));
    checked none({"loss.forces=0"});
    for (size_t i = 0; i < none.data.train.n_frames; i++) none.data.train.frames[i].has_forces = false;
    EXPECT_EQ(MLSOAP_SUCCESS, none.run()) << none.error.message;
}

TEST(DataChecks, Warnings)
{
    checked t;
    add_frame(t.data.train, copy_of(t.data.train.frames[0])); // a repeat without targets
    t.data.train.frames[1].forces[0][0] += 5;                 // a net force
    frame mirror = copy_of(t.data.train.frames[3]);           // the same energy, reflected
    for (size_t i = 0; i < 5; i++) mirror.structure.positions[i][0] *= -1;
    set_forces(mirror, 0.4);
    mirror.has_energy = true;
    mirror.energy = t.data.train.frames[3].energy;
    add_frame(t.data.test, mirror);
    EXPECT_EQ(MLSOAP_SUCCESS, t.run()) << t.error.message;
    for (const char *name : {"repeats", "net_force", "symmetry_equivalent", "missing_target"})
        EXPECT_NE(nullptr, find(t.list, name)) << name;
    EXPECT_EQ(1u, find(t.list, "net_force")->count);
}

TEST(DataChecks, SingleEnvironment)
{
    checked t;
    t.data.train.frames[2].structure.species[1] = 79;
    const int elements[] = {14, 79};
    const double offsets[] = {-4, 0};
    const checked_data all = {&t.data.train, &t.data.validation_files, &t.data.test, nullptr};
    ASSERT_EQ(MLSOAP_SUCCESS, data_checks_frames(&all, elements, 2, offsets, &t.list, &t.error)) << t.error.message;
    const check_finding *found = find(t.list, "single_environment");
    ASSERT_NE(nullptr, found);
    for (const char *word : {"single atom of Au", "frame 2 of memory.xyz", "add frames"})
        EXPECT_NE(nullptr, std::strstr(found->text, word)) << found->text;
}

TEST(DataChecks, Outliers)
{
    checked t;
    add_random_frames(t.data.train, 80, 5, {14}, 13);
    for (size_t i = 6; i < t.data.train.n_frames; i++) {
        set_forces(t.data.train.frames[i], 0.1);
        t.data.train.frames[i].has_energy = true;
        t.data.train.frames[i].energy = -20 + 0.001 * (double)i;
    }
    t.data.train.frames[8].energy = 80;
    t.data.train.frames[9].forces[2][1] = 900;
    EXPECT_EQ(MLSOAP_SUCCESS, t.run()) << t.error.message;
    ASSERT_NE(nullptr, find(t.list, "outlier_energy"));
    EXPECT_EQ(1u, find(t.list, "outlier_energy")->count);
    ASSERT_NE(nullptr, find(t.list, "outlier_force"));
    EXPECT_NE(nullptr, std::strstr(find(t.list, "outlier_force")->text, "frame 9"));
}

// One in twenty: far from the others, although it widens the standard deviation; isolated atoms are none.
TEST(DataChecks, OutliersOfFewFrames)
{
    checked t;
    add_random_frames(t.data.train, 14, 5, {14}, 13);
    for (size_t i = 6; i < t.data.train.n_frames; i++) {
        set_forces(t.data.train.frames[i], 0.1);
        t.data.train.frames[i].has_energy = true;
        t.data.train.frames[i].energy = -20 + 0.02 * (double)(i % 7);
    }
    t.data.train.frames[11].energy -= 6;
    frame alone = make_frame({{14, 0, 0, 0}}, 0, "isolated_atom");
    alone.has_energy = true;
    alone.energy = 30;
    add_frame(t.data.train, alone);
    EXPECT_EQ(MLSOAP_SUCCESS, t.run()) << t.error.message;
    ASSERT_NE(nullptr, find(t.list, "outlier_energy"));
    EXPECT_EQ(1u, find(t.list, "outlier_energy")->count);
    EXPECT_NE(nullptr, std::strstr(find(t.list, "outlier_energy")->text, "frame 11"));
}

TEST(VirialCheck, SignUnitAndOrder)
{
    std::mt19937_64 engine(2);
    std::normal_distribution<double> normal;
    double fitted[12][6], data[12][6];
    auto verdict = [&](auto &&change) {
        for (int c = 0; c < 12; c++)
            for (int k = 0; k < 6; k++) fitted[c][k] = normal(engine) + (k < 3 ? 1 : 0);
        for (int c = 0; c < 12; c++)
            for (int k = 0; k < 6; k++) data[c][k] = change(c, k) * (1 + 0.05 * normal(engine));
        virial_slopes slopes;
        char text[900];
        virial_slopes_find(data, fitted, nullptr, 12, &slopes);
        return virial_slopes_verdict(&slopes, text, sizeof text) ? std::string(text) : std::string();
    };
    EXPECT_EQ("", verdict([&](int c, int k) { return fitted[c][k]; }));
    EXPECT_EQ("", verdict([&](int c, int k) { return 0.3 * fitted[c][k]; })); // an inaccurate model, not a unit
    EXPECT_NE(std::string::npos, verdict([&](int c, int k) { return fitted[c][k] / 13.6; }).find("Rydberg"));
    EXPECT_NE(std::string::npos, verdict([&](int c, int k) { return -fitted[c][k]; }).find("sign is wrong"));
    EXPECT_NE(std::string::npos, verdict([&](int c, int k) { return 1602.2 * fitted[c][k]; }).find("kbar"));
    EXPECT_NE(std::string::npos, verdict([&](int c, int k) { return 160.2 * fitted[c][k]; }).find("GPa"));
    EXPECT_NE(std::string::npos, verdict([&](int c, int k) { return -fitted[c][k] / 27.2; }).find("Hartree"));
    EXPECT_NE(std::string::npos,
              verdict([&](int c, int k) { return fitted[c][k < 3 ? k : 8 - k]; }).find("stand yz xz xy"));
    EXPECT_EQ("", verdict([&](int, int) { return normal(engine); })); // a model that says nothing judges nothing
}
