// SPDX-License-Identifier: BSD-3-Clause
// What the training data cover.
#include "training_fixtures.hpp"

extern "C" {
#include "app/doctor/training_domain.h"
}

namespace
{
struct Domain {
    training_domain found{};
    mlsoap_status status = MLSOAP_SUCCESS;
    mlsoap_error error{};
    Domain(const frame_set &set, const std::vector<int> &elements)
    {
        std::vector<const frame *> frames;
        for (size_t c = 0; c < set.n_frames; c++) frames.push_back(&set.frames[c]);
        status =
            training_domain_find(frames.data(), frames.size(), elements.data(), (int)elements.size(), &found, &error);
    }
    ~Domain() { training_domain_release(&found); }
    double shortest(size_t k) const { return found.shortest[k]; }
};
} // namespace

TEST(TrainingDomain, DensitiesAndShortestDistances)
{
    frame_set set{};
    add_frame(set,
              make_frame({{14, 0, 0, 0}, {14, 2.3, 0, 0}, {6, 0, 4.2, 0}}, 10)); // C-Si 4.2, beyond the first radius
    add_frame(set, make_frame({{14, 0, 0, 0}, {14, 2.1, 0, 0}}));                // no cell: no density
    add_frame(set, make_frame({{14, 0, 0, 0}}, 5));
    Domain d(set, {6, 14, 32});
    ASSERT_EQ(MLSOAP_SUCCESS, d.status) << d.error.message;
    EXPECT_LE(std::fabs(d.found.density[0] - 3e-3), 1e-15);
    EXPECT_LE(std::fabs(d.found.density[1] - 8e-3), 1e-15);
    EXPECT_LE(std::fabs(d.shortest(3 * 1 + 1) - 2.1), 1e-12);
    EXPECT_LE(std::fabs(d.shortest(3 * 0 + 1) - 4.2), 1e-12);
    EXPECT_EQ(d.shortest(3 * 1 + 0), d.shortest(3 * 0 + 1));
    EXPECT_TRUE(std::isinf(d.shortest(3 * 2 + 2))) << "there is no germanium";
    frame_set_release(&set);
}

TEST(TrainingDomain, NamesTheFrameOfCoincidingAtoms)
{
    frame_set set{};
    add_frame(set, make_frame({{14, 0, 0, 0}}, 5));
    add_frame(set, make_frame({{14, 0, 0, 0}, {14, 0, 0, 1e-8}}, 5));
    Domain d(set, {14});
    EXPECT_EQ(MLSOAP_ERROR_VALUE, d.status);
    EXPECT_NE(nullptr, std::strstr(d.error.message, "frame 1")) << d.error.message;
    frame_set_release(&set);
}
