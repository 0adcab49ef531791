// SPDX-License-Identifier: BSD-3-Clause
// near_frames.c on frames of a harmonic solid, whose energies, forces and virials are known.
#include "training/training_fixtures.hpp"

extern "C" {
#include "app/doctor/near_frames.h"
}

namespace
{
// Two atoms on springs in a cell that resists strain: E = sum k u^2/2 + C eps:eps/2, W = -C eps.
frame harmonic(const double strain[6], const double u[3], const char *config_type)
{
    const double k = 5, C = 80, L = 5;
    frame f = make_frame({{14, 0, 0, 0}, {14, 2.5, 2.5, 2.5}}, L, config_type);
    const int rows[6] = {0, 1, 2, 0, 0, 1}, columns[6] = {0, 1, 2, 1, 2, 2};
    double m[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
    for (int i = 0; i < 6; i++) {
        m[rows[i]][columns[i]] += strain[i];
        if (i > 2) m[columns[i]][rows[i]] += strain[i];
        f.energy += (i < 3 ? 0.5 : 1) * C * strain[i] * strain[i];
        f.virial[i] = -C * strain[i];
    }
    const double p = 2.5;
    for (int a = 0; a < 3; a++)
        for (int b = 0; b < 3; b++) f.structure.cell[a][b] = L * m[a][b];
    set_forces(f);
    for (int b = 0; b < 3; b++) {
        f.structure.positions[1][b] = p * (m[0][b] + m[1][b] + m[2][b]) + u[b];
        f.forces[1][b] = -k * u[b];
        f.energy += 0.5 * k * u[b] * u[b];
    }
    f.has_energy = f.has_virial = true;
    return f;
}

struct found {
    near_groups groups{};
    explicit found(const frame_set &set)
    {
        std::vector<const frame *> frames;
        mlsoap_error error{};
        for (size_t i = 0; i < set.n_frames; i++) frames.push_back(&set.frames[i]);
        EXPECT_EQ(MLSOAP_SUCCESS, near_frames_find(frames.data(), frames.size(), &groups, &error)) << error.message;
    }
    const near_group *of(const char *type, near_kind kind) const
    {
        for (size_t i = 0; i < groups.n; i++)
            if (std::strcmp(groups.items[i].config_type, type) == 0 && groups.items[i].kind == kind)
                return &groups.items[i];
        return nullptr;
    }
    ~found() { near_groups_release(&groups); }
};

class NearFrames : public ::testing::Test
{
  protected:
    frame_set set{};
    void SetUp() override
    {
        for (int i = 0; i < 7; i++) {
            const double x = 0.004 * i, none[3] = {0, 0, 0}, u[3] = {0.03 * i, -0.02 * i, 0};
            const double still[6] = {0}, stretched[6] = {x, -0.5 * x, 0.2 * x, 0, 0, 0};
            const double sheared[6] = {0, 0, 0, x, 0.3 * x, -0.6 * x};
            add_frame(set, harmonic(still, u, "moved"));
            add_frame(set, harmonic(stretched, none, "stretched"));
            add_frame(set, harmonic(sheared, none, "sheared"));
        }
    }
    void TearDown() override { frame_set_release(&set); }
    template <typename Change> void change(const char *type, Change &&apply)
    {
        for (size_t i = 0; i < set.n_frames; i++)
            if (std::strcmp(set.frames[i].config_type, type) == 0) apply(set.frames[i]);
    }
};
} // namespace

TEST_F(NearFrames, SlopesAreOne)
{
    found f(set);
    char text[600];
    for (auto [type, kind] :
         {std::pair{"moved", NEAR_MOVED}, {"stretched", NEAR_STRETCHED}, {"sheared", NEAR_SHEARED}}) {
        const near_group *group = f.of(type, kind);
        ASSERT_NE(nullptr, group) << type;
        EXPECT_GE(group->slope.n, 4u);
        EXPECT_LE(std::fabs(group->slope.slope - 1), 0.02) << type;
        EXPECT_GE(group->slope.correlation, 0.999);
        EXPECT_FALSE(near_group_verdict(group, text, sizeof text)) << text;
    }
}

TEST_F(NearFrames, FindsWhatContradicts)
{
    change("moved", [](frame &f) {
        for (int a = 0; a < 3; a++) f.forces[1][a] *= 51.4;
    });
    change("stretched", [](frame &f) {
        for (int k = 0; k < 3; k++) f.virial[k] *= -1;
    });
    change("sheared", [](frame &f) { std::swap(f.virial[3], f.virial[5]); });
    found f(set);
    char text[600];
    const near_group *moved = f.of("moved", NEAR_MOVED), *stretched = f.of("stretched", NEAR_STRETCHED);
    ASSERT_TRUE(moved && stretched);
    EXPECT_LE(std::fabs(moved->slope.slope - 1 / 51.4), 1e-3);
    EXPECT_TRUE(near_group_verdict(moved, text, sizeof text));
    EXPECT_NE(nullptr, std::strstr(text, "forces contradict"));
    EXPECT_LE(std::fabs(stretched->slope.slope + 1), 0.02);
    EXPECT_TRUE(near_group_verdict(stretched, text, sizeof text));
    EXPECT_NE(nullptr, std::strstr(text, "stretched cells"));
    const near_group *sheared = f.of("sheared", NEAR_SHEARED);
    ASSERT_NE(nullptr, sheared);
    EXPECT_GT(std::fabs(sheared->slope.slope - 1), 0.05);
}

TEST_F(NearFrames, FarAndEqualFramesAreNoPairs)
{
    frame_set far{};
    for (int i = 0; i < 8; i++) {
        const double still[6] = {0}, u[3] = {0.4 * i, 0, 0}, same[3] = {0.1, 0, 0};
        add_frame(far, harmonic(still, u, "far"));
        add_frame(far, harmonic(still, same, "same"));
    }
    found f(far);
    EXPECT_EQ(nullptr, f.of("same", NEAR_MOVED));
    frame_set_release(&far);
}

TEST_F(NearFrames, LackOfMemoryIsAnError)
{
    std::vector<const frame *> frames;
    mlsoap_error error{};
    for (size_t i = 0; i < set.n_frames; i++) frames.push_back(&set.frames[i]);
    mlsoap_status status = MLSOAP_ERROR_MEMORY;
    for (long n = 1; status && n < 100; n++) {
        near_groups groups{};
        memory_fail_after(n);
        status = near_frames_find(frames.data(), frames.size(), &groups, &error);
        memory_fail_after(0);
        near_groups_release(&groups);
        ASSERT_TRUE(!status || status == MLSOAP_ERROR_MEMORY);
    }
    EXPECT_EQ(MLSOAP_SUCCESS, status);
}
