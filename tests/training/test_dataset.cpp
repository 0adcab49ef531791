// SPDX-License-Identifier: BSD-3-Clause
// Split, weights and variances of the training data.
#include "training_fixtures.hpp"

#include <map>
#include <set>

namespace
{
std::vector<training_frame> as_training(frame_set &set)
{
    std::vector<training_frame> frames(set.n_frames);
    for (size_t i = 0; i < set.n_frames; i++) frames[i].source = &set.frames[i];
    return frames;
}

std::vector<size_t> choose(const std::vector<training_frame> &frames, double fraction, uint64_t seed)
{
    bool *chosen = MEMORY_NEW(bool, frames.size());
    mlsoap_error error;
    EXPECT_EQ(MLSOAP_SUCCESS, dataset_choose_validation(frames.data(), frames.size(), fraction, seed, chosen, &error));
    std::vector<size_t> result;
    for (size_t i = 0; i < frames.size(); i++)
        if (chosen[i]) result.push_back(i);
    memory_free(chosen);
    return result;
}
} // namespace

TEST(Dataset, ValidationIsStratifiedAndSeeded)
{
    frame_set set{};
    for (int i = 0; i < 40; i++) add_frame(set, make_frame({{14, 0, 0, 0}, {14, 2, 0, 0}}, 5, "bulk"));
    for (int i = 0; i < 20; i++) add_frame(set, make_frame({{14, 0, 0, 0}, {14, 2, 0, 0}}, 5, "surface"));
    for (int i = 0; i < 4; i++) add_frame(set, make_frame({{14, 0, 0, 0}, {14, 2, 0, 0}}, 5, "odd"));
    add_frame(set, make_frame({{14, 0, 0, 0}, {14, 2, 0, 0}}, 5, "alone"));
    auto frames = as_training(set);
    auto chosen = choose(frames, 0.1, 1);
    std::map<std::string, int> by_type;
    for (size_t i : chosen) by_type[set.frames[i].config_type]++;
    EXPECT_EQ(4, by_type["bulk"]);
    EXPECT_EQ(2, by_type["surface"]);
    EXPECT_EQ(0, by_type["alone"]);
    EXPECT_EQ(chosen, choose(frames, 0.1, 1));
    EXPECT_NE(chosen, choose(frames, 0.1, 2));
    EXPECT_TRUE(choose(frames, 0, 1).empty());
    EXPECT_EQ(1u, choose({frames[0], frames[1]}, 0.1, 1).size());
    frame_set_release(&set);
}

TEST(Dataset, RepeatsAndIsolatedAtomsStayInTheFit)
{
    frame_set set{};
    for (int i = 0; i < 10; i++) add_frame(set, make_frame({{14, 0, 0, 0}, {14, 2, 0, 0}}, 5, "bulk"));
    for (int i = 0; i < 4; i++) add_frame(set, make_frame({{14, 0, 0, 0}}, 0, "IsolatedAtom"));
    auto frames = as_training(set);
    for (size_t i = 0; i < 7; i++) frames[i].repeated = true;
    for (uint64_t seed = 0; seed < 20; seed++)
        for (size_t i : choose(frames, 0.5, seed)) {
            EXPECT_GE(i, 7u);
            EXPECT_LT(i, 10u);
        }
    frame_set_release(&set);
}

TEST(Dataset, SplitMarksRepeatsAndGivesWeights)
{
    dataset data{};
    add_random_frames(data.train, 9, 4, {14}, 1);
    frame twin = make_frame({}, 5.5, "random");
    mlsoap_error error;
    structure_release(&twin.structure);
    ASSERT_EQ(MLSOAP_SUCCESS, structure_copy(&data.train.frames[3].structure, &twin.structure, &error));
    twin.structure.positions[1][0] += 5.5; // an image of the same atom
    twin.weight = 3;
    set_forces(twin, 1);
    add_frame(data.train, twin);
    config c = make_config({"data.validation=0.3", "loss.config_type.random.forces=2"});
    ASSERT_EQ(MLSOAP_SUCCESS, dataset_split(&data, &c, &error)) << error.message;
    EXPECT_EQ(1u, data.n_repeated);
    EXPECT_EQ(3u, data.n_validation);
    EXPECT_EQ(7u, data.n_fit);
    const training_frame &last = data.fit[data.n_fit - 1];
    EXPECT_TRUE(last.repeated);
    EXPECT_EQ(6, last.weight[TARGET_FORCES]); // 3 of the frame times 2 of its config_type
    EXPECT_EQ(0, last.weight[TARGET_ENERGY]); // absent
    config_release(&c);
    dataset_release(&data);
}

// The dimer of the reference data: spec training.md 9.
TEST(Dataset, VariancesOfTheDimer)
{
    // Lennard-Jones, epsilon 1, sigma 2.9, cutoff 3 sigma with the energy shifted to 0 there
    const double sigma = 2.9, rc = 3 * sigma;
    const int index[30] = {0,   6,   13,  20,  27,  34,  41,  48,  54,  61,  68,  75,  82,  89,  96,
                           102, 109, 116, 123, 130, 137, 144, 150, 157, 164, 171, 178, 185, 192, 199};
    auto energy = [&](double r) {
        auto e = [&](double x) { return 4 * (std::pow(sigma / x, 12) - std::pow(sigma / x, 6)); };
        return e(r) - e(rc);
    };
    EXPECT_LE(std::fabs(energy(2.5) - 14.0040023178056), 1e-12);
    EXPECT_LE(std::fabs(energy(5.0) + 0.140998427023723), 1e-12);
    frame_set set{};
    for (int i : index) {
        double r = 2.5 + 2.5 * i / 199.0;
        frame f = make_frame({{1, -r / 2, 0, 0}, {1, r / 2, 0, 0}});
        f.has_energy = true;
        f.energy = energy(r);
        set_forces(f);
        f.forces[1][0] = 4 * (12 * std::pow(sigma / r, 12) - 6 * std::pow(sigma / r, 6)) / r;
        f.forces[0][0] = -f.forces[1][0];
        add_frame(set, f);
    }
    auto frames = as_training(set);
    for (auto &f : frames) f.weight[TARGET_ENERGY] = f.weight[TARGET_FORCES] = 1;
    const int elements[] = {1};
    const double offsets[] = {0};
    loss_statistics s;
    dataset_statistics(frames.data(), frames.size(), elements, 1, offsets, &s);
    EXPECT_LE(std::fabs(4 * s.variance[TARGET_ENERGY] - 9.727677808869), 1e-11); // var(E/N), N = 2
    EXPECT_LE(std::fabs(s.variance[TARGET_FORCES] - 150.061625890822), 1e-10);
    EXPECT_EQ(180u, s.n[TARGET_FORCES]);
    EXPECT_EQ(30, s.weight[TARGET_ENERGY]);
    EXPECT_EQ(1, s.variance[TARGET_VIRIAL]);
    // weights act as repeated numbers; equal energies have variance 1 by definition
    for (auto &f : frames) f.weight[TARGET_ENERGY] = 0;
    frames[4].weight[TARGET_ENERGY] = 2;
    dataset_statistics(frames.data(), frames.size(), elements, 1, offsets, &s);
    EXPECT_TRUE(s.vanishes[TARGET_ENERGY]);
    EXPECT_EQ(1, s.variance[TARGET_ENERGY]);
    frame_set_release(&set);
}

TEST(Dataset, MissingFilesAreErrors)
{
    dataset data;
    mlsoap_error error;
    config c = make_config({});
    EXPECT_EQ(MLSOAP_ERROR_VALUE, dataset_read(&data, &c, &error));
    EXPECT_NE(nullptr, std::strstr(error.message, "no training data"));
    dataset_release(&data);
    config_release(&c);
    c = make_config({"data.train=[no_such_file.xyz]"});
    EXPECT_EQ(MLSOAP_ERROR_FILE, dataset_read(&data, &c, &error));
    EXPECT_NE(nullptr, std::strstr(error.message, "no_such_file.xyz"));
    dataset_release(&data);
    config_release(&c);
}

TEST(Dataset, MasksAndAtomWeights)
{
    frame f = make_frame({{14, 0, 0, 0}, {14, 2, 0, 0}});
    EXPECT_EQ(1, structure_force_weight(&f.structure, 0));
    double weights[2] = {0.5, 2};
    unsigned char masks[2] = {1, 0};
    f.structure.atom_weights = weights;
    f.structure.masks = masks;
    EXPECT_EQ(0, structure_force_weight(&f.structure, 0));
    EXPECT_EQ(2, structure_force_weight(&f.structure, 1));
    f.structure.atom_weights = nullptr;
    f.structure.masks = nullptr;
    frame_release(&f);
}
