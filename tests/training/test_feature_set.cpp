// SPDX-License-Identifier: BSD-3-Clause
// Joint features of descriptors side by side (training/feature_set.c): blocks of centers against single ones, adjoint
// and tangent against the Jacobian.
#include "training_fixtures.hpp"

namespace
{

struct Joint {
    explicit Joint(const std::vector<std::string> &settings)
    {
        mlsoap_error error{};
        for (const auto &text : settings) {
            descriptor *d = nullptr;
            json_t *json = json_loads(text.c_str(), 0, nullptr);
            EXPECT_EQ(descriptor_new(json, "descriptors.0", nullptr, &d, &error), MLSOAP_SUCCESS) << error.message;
            json_decref(json);
            descriptors.push_back(d);
        }
        EXPECT_EQ(feature_set_new(&set, descriptors.data(), int(descriptors.size()), &error), MLSOAP_SUCCESS);
        EXPECT_EQ(feature_worker_new(&worker, &set, &error), MLSOAP_SUCCESS);
    }
    ~Joint()
    {
        feature_worker_release(&worker);
        feature_set_release(&set);
        for (descriptor *d : descriptors) descriptor_free(d);
    }
    Joint(const Joint &) = delete;
    Joint &operator=(const Joint &) = delete;
    std::vector<descriptor *> descriptors;
    feature_set set{};
    feature_worker worker{};
};

std::shared_ptr<double> aligned(size_t n)
{
    return std::shared_ptr<double>(MEMORY_NEW(double, n), memory_free);
}

const char *const soap = R"({"species":["C","Si"],"r_cut":4,"n_max":4,"l_max":3,"sigma":0.5})";
const char *const narrow = R"({"name":"narrow","species":["C","Si"],"r_cut":3,"n_max":2,"l_max":1,"sigma":0.4})";

TEST(FeatureSet, BlocksEqualCenters)
{
    for (const std::vector<std::string> &settings : {std::vector<std::string>{soap}, {soap, narrow}}) {
        const double tolerance = 1e-12;
        Joint j(settings);
        frame_set frames{};
        add_random_frames(frames, 1, 7, {14}, 3);
        ASSERT_EQ(feature_worker_begin(&j.worker, &frames.frames[0].structure, nullptr), MLSOAP_SUCCESS);
        const neighbor_list &list = j.worker.list;
        const size_t n = list.n_centers, stride = j.set.stride, n_pairs = size_t(list.first[n]);
        mlsoap_environments block = {sizeof block, int(n), list.center_species, list.first, list.species, list.dx,
                                     list.dy,      list.dz};
        auto D = aligned(n * stride), dD = aligned(n * stride), g = aligned(n * stride), one = aligned(stride);
        std::vector<double> v(3 * n_pairs), dE_dr(3 * n_pairs, NAN);
        for (size_t i = 0; i < v.size(); i++) v[i] = std::sin(double(i));
        for (size_t i = 0; i < n * stride; i++) g.get()[i] = std::cos(double(3 * i));
        ASSERT_EQ(feature_worker_reserve(&j.worker, n_pairs, nullptr), MLSOAP_SUCCESS);
        feature_block_values(&j.worker, &block, D.get());
        feature_block_adjoint(&j.worker, &block, g.get(), dE_dr.data());
        feature_block_tangent(&j.worker, &block, v.data(), dD.get());
        for (size_t i = 0; i < n; i++) {
            const size_t first = size_t(list.first[i]), count = size_t(list.first[i + 1]) - first;
            auto J = aligned(3 * count * stride);
            ASSERT_EQ(feature_worker_values(&j.worker, i, one.get(), nullptr), MLSOAP_SUCCESS);
            ASSERT_EQ(feature_worker_jacobian(&j.worker, J.get(), nullptr), MLSOAP_SUCCESS);
            double scale = 0;
            for (size_t f = 0; f < stride; f++) scale = std::max(scale, std::fabs(one.get()[f]));
            for (size_t f = 0; f < stride; f++) {
                EXPECT_LE(std::fabs(one.get()[f] - D.get()[i * stride + f]), tolerance * scale);
                double along = 0;
                for (size_t k = 0; k < 3 * count; k++) along += J.get()[k * stride + f] * v[3 * first + k];
                EXPECT_LE(std::fabs(along - dD.get()[i * stride + f]), 100 * tolerance * scale) << f;
            }
            for (size_t k = 0; k < 3 * count; k++) {
                double sum = 0;
                for (size_t f = 0; f < stride; f++) sum += J.get()[k * stride + f] * g.get()[i * stride + f];
                EXPECT_LE(std::fabs(sum - dE_dr[3 * first + k]), 100 * tolerance * scale) << k;
            }
        }
        frame_set_release(&frames);
    }
}

} // namespace
