/* SPDX-License-Identifier: BSD-3-Clause */
// extxyz_write.c: what is written reads back to the same bits; nothing is left half-written.
#include "support/frames.hpp"

#include <cmath>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>
#include <sys/resource.h>
#include <unistd.h>

namespace fs = std::filesystem;

namespace
{
class ExtxyzWrite : public Frames
{
  protected:
    fs::path folder;
    std::string path;

    void SetUp() override
    {
        std::string name = (fs::temp_directory_path() / "mlsoap_write_XXXXXX").string();
        ASSERT_NE(mkdtemp(name.data()), nullptr);
        folder = name;
        path = (folder / "out.xyz").string();
    }
    void TearDown() override
    {
        Frames::TearDown();
        fs::remove_all(folder);
    }

    mlsoap_status write()
    {
        std::vector<const frame *> frames;
        for (size_t i = 0; i < set.n_frames; i++) frames.push_back(&set.frames[i]);
        return frames_write(path.c_str(), frames.data(), frames.size(), &error);
    }
    std::string content() const
    {
        std::ifstream file(path);
        return {std::istreambuf_iterator<char>(file), {}};
    }
};

template <typename T> void expect_same_bits(const T *a, const T *b, size_t n)
{
    EXPECT_EQ(std::memcmp(a, b, n * sizeof *a), 0);
}

const char *const TEXT = "2\nLattice=\"4 0 0 0.1 5 0 0 0 5\" Properties=species:S:1:pos:R:3:forces:R:3 energy=-9.5 "
                         "virial=\"1 2 3 2 4 5 3 5 6\" config_type=\"a \\\"b\\\" \\\\ c=d\" weight=0.3 pbc=\"T F T\"\n"
                         "Si 0 0 0 1 2 3\nC 1 1 1 -1 -2 -3\n"
                         "1\nenergy=1\nH 0 0 0\n";
} // namespace

TEST_F(ExtxyzWrite, ReadsBackToTheSameBits)
{
    parse_well(TEXT);
    std::mt19937_64 random(5);
    std::normal_distribution<double> normal;
    frame &f = set.frames[0];
    for (int i = 0; i < 6; i++) {
        (&f.structure.positions[0][0])[i] = normal(random) * 1e-7;
        (&f.forces[0][0])[i] = normal(random) * 1e5;
        f.virial[i] = normal(random);
    }
    f.structure.cell[0][0] = 4 + 1e-15;
    f.energy = -1234.5678901234567;
    ASSERT_EQ(write(), MLSOAP_SUCCESS) << error.message;
    frame_set back{};
    ASSERT_EQ(frames_read(path.c_str(), nullptr, &back, &error), MLSOAP_SUCCESS) << error.message;
    ASSERT_EQ(back.n_frames, 2u);
    const frame &g = back.frames[0];
    expect_same_bits(&f.structure.positions[0][0], &g.structure.positions[0][0], 6);
    expect_same_bits(&f.structure.cell[0][0], &g.structure.cell[0][0], 9);
    expect_same_bits(&f.forces[0][0], &g.forces[0][0], 6);
    expect_same_bits(f.virial, g.virial, 6);
    expect_same_bits(f.structure.pbc, g.structure.pbc, 3);
    expect_same_bits(f.structure.species, g.structure.species, 2);
    EXPECT_EQ(f.energy, g.energy);
    EXPECT_EQ(g.weight, 0.3);
    EXPECT_STREQ(g.config_type, "a \"b\" \\ c=d");
    EXPECT_FALSE(back.frames[1].has_forces || back.frames[1].has_virial);
    EXPECT_STREQ(back.frames[1].config_type, "default");
    frame_set_release(&back);
}

TEST_F(ExtxyzWrite, PredictionsStandBesideTargetsAndAreNoTargets)
{
    parse_well(TEXT);
    for (size_t i = 0; i < 2; i++) {
        frame &f = set.frames[i];
        f.has_prediction = true;
        f.predicted_energy = 77;
        f.predicted_virial[5] = 3;
        f.predicted_forces = static_cast<double(*)[3]>(memory_new(f.structure.n_atoms, sizeof *f.predicted_forces));
        f.predicted_forces[0][1] = 9;
    }
    ASSERT_EQ(write(), MLSOAP_SUCCESS) << error.message;
    EXPECT_NE(content().find(":forces:R:3:mlsoap_forces:R:3"), std::string::npos) << content();
    EXPECT_NE(content().find(" mlsoap_energy=77 mlsoap_virial=\"0 0 0 0 0 3 0 3 0\""), std::string::npos) << content();
    EXPECT_NE(content().find("H 0 0 0 0 9 0\n"), std::string::npos) << content();
    frame_set back{};
    ASSERT_EQ(frames_read(path.c_str(), nullptr, &back, &error), MLSOAP_SUCCESS) << error.message;
    EXPECT_EQ(back.frames[0].energy, -9.5);
    EXPECT_EQ(back.frames[0].forces[0][1], 2.0);
    EXPECT_FALSE(back.frames[1].has_forces || back.frames[1].has_virial);
    EXPECT_STREQ(back.files[0].targets[TARGET_ENERGY].key, "energy");
    EXPECT_EQ(back.files[0].unused_keys[0], nullptr);
    frame_set_release(&back);
}

TEST_F(ExtxyzWrite, NumbersThatAreNotFiniteAreRefused)
{
    parse_well(TEXT);
    std::ofstream(path) << "old";
    set.frames[1].energy = std::nan("");
    EXPECT_EQ(write(), MLSOAP_ERROR_VALUE);
    EXPECT_NE(std::string(error.message).find("frame 1 cannot be written: its energy is"), std::string::npos)
        << error.message;
    set.frames[1].energy = 0;
    set.frames[0].forces[1][0] = HUGE_VAL;
    EXPECT_EQ(write(), MLSOAP_ERROR_VALUE);
    set.frames[0].forces[1][0] = 0;
    set.frames[0].structure.species[0] = 0;
    EXPECT_EQ(write(), MLSOAP_ERROR_VALUE);
    EXPECT_NE(std::string(error.message).find("frame 0 cannot be written: atom 0"), std::string::npos) << error.message;
    EXPECT_EQ(content(), "old");
    EXPECT_EQ(std::distance(fs::directory_iterator(folder), {}), 1);
}

TEST_F(ExtxyzWrite, EmptyFramesAreRefused)
{
    frame empty{};
    const frame *frames[] = {&empty};
    EXPECT_EQ(frames_write(path.c_str(), frames, 1, &error), MLSOAP_ERROR_VALUE);
    EXPECT_NE(std::string(error.message).find("no atoms"), std::string::npos);
    EXPECT_FALSE(fs::exists(path));
}

TEST_F(ExtxyzWrite, FullDiskKeepsTheOldFile)
{
    std::string many;
    for (int i = 0; i < 2000; i++) many += TEXT;
    parse_well(many);
    std::ofstream(path) << "old";
    rlimit old_limit;
    getrlimit(RLIMIT_FSIZE, &old_limit);
    auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
    rlimit limit = {100000, old_limit.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
    mlsoap_status status = write();
    setrlimit(RLIMIT_FSIZE, &old_limit);
    std::signal(SIGXFSZ, old_handler);
    EXPECT_EQ(status, MLSOAP_ERROR_FILE);
    EXPECT_NE(std::string(error.message).find(path), std::string::npos) << error.message;
    EXPECT_EQ(content(), "old");
    EXPECT_EQ(std::distance(fs::directory_iterator(folder), {}), 1);
}

TEST_F(ExtxyzWrite, NoPlaceAndNoMemory)
{
    parse_well(TEXT);
    path = (folder / "no/such/folder.xyz").string();
    EXPECT_EQ(write(), MLSOAP_ERROR_FILE);
    path = (folder / "out.xyz").string();
    memory_fail_after(1);
    EXPECT_EQ(write(), MLSOAP_ERROR_MEMORY);
    memory_fail_after(0);
    EXPECT_FALSE(fs::exists(path));
}
