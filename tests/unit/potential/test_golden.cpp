// SPDX-License-Identifier: BSD-3-Clause
// Golden frames (src/potential/golden.c): chosen within the limit, reproduced, and a changed number is found.
#include <gtest/gtest.h>

#include "support/potentials.hpp"

using namespace testing_support;

namespace
{

size_t n_frames(const Potential &p)
{
    return json_array_size(json_object_get(p.get()->description, "golden"));
}

size_t n_atoms(const Potential &p)
{
    size_t n = 0, i;
    json_t *frame;
    json_array_foreach(json_object_get(p.get()->description, "golden"), i, frame)
    {
        n += json_array_size(json_object_get(frame, "species"));
    }
    return n;
}

mlsoap_status set_golden(Potential &p, const std::vector<Structure> &structures, mlsoap_error *error = nullptr)
{
    std::vector<structure> views;
    std::vector<const structure *> pointers;
    for (const auto &s : structures) views.push_back(s.view());
    for (const auto &v : views) pointers.push_back(&v);
    return potential_set_golden(p.get(), pointers.data(), pointers.size(), error);
}

TEST(Golden, ChosenFramesAreReproduced)
{
    auto p = small_potential();
    std::vector<Structure> structures;
    for (unsigned i = 0; i < 40; i++) structures.push_back(random_structure(i, {1, 6, 8, 1}, 5.0));
    structures[0] = random_structure(100, std::vector<int>(70, 8), 12); // too large
    structures[1].species[0] = 14;                                      // unknown
    ASSERT_EQ(set_golden(*p, structures), MLSOAP_SUCCESS);
    EXPECT_EQ(n_frames(*p), 8u);
    EXPECT_EQ(n_atoms(*p), 32u);
    double error = NAN;
    EXPECT_EQ(mlsoap_potential_check(p->get(), &error, nullptr), MLSOAP_SUCCESS);
    EXPECT_LE(error, 1e-13);
    ASSERT_EQ(set_golden(*p, {structures[5]}), MLSOAP_SUCCESS);
    EXPECT_EQ(n_frames(*p), 1u) << "the old frames are replaced";
    EXPECT_EQ(tensor_find(&p->get()->tensors, "golden.1.cell"), nullptr);
    EXPECT_EQ(mlsoap_potential_check(p->get(), nullptr, nullptr), MLSOAP_SUCCESS);
}

TEST(Golden, AtMostSixtyFourAtoms)
{
    auto p = small_potential();
    std::vector<Structure> structures;
    for (unsigned i = 0; i < 6; i++) structures.push_back(random_structure(i, std::vector<int>(20, 8), 9));
    ASSERT_EQ(set_golden(*p, structures), MLSOAP_SUCCESS);
    EXPECT_EQ(n_atoms(*p), 60u);
}

TEST(Golden, FramesOfOurOwnMaking)
{
    auto p = small_potential();
    ASSERT_EQ(set_golden(*p, {random_structure(1, std::vector<int>(65, 8), 12)}), MLSOAP_SUCCESS);
    EXPECT_EQ(n_frames(*p), 3u);
    EXPECT_EQ(mlsoap_potential_check(p->get(), nullptr, nullptr), MLSOAP_SUCCESS);
    auto points = make_potential(
        {R"({"species":["H","C","O"],"r_cut":5.0,"n_max":2,"l_max":1,"sigma":0.5,"centers":"midpoint"})"},
        R"({"type":"linear"})", {small_cell()}, default_parameters(1, 1));
    ASSERT_EQ(set_golden(*points, {}), MLSOAP_SUCCESS) << "centers in space too";
    EXPECT_EQ(mlsoap_potential_check(points->get(), nullptr, nullptr), MLSOAP_SUCCESS);
}

/* A deviation beyond the tolerance in any stored number, or NaN, fails. */
TEST(Golden, DeviationsAreFound)
{
    auto p = small_potential();
    ASSERT_EQ(set_golden(*p, {small_cell()}), MLSOAP_SUCCESS);
    const json_t *tolerance =
        json_object_get(json_array_get(json_object_get(p->get()->description, "golden"), 0), "tolerance");
    for (const char *key : {"energy", "forces", "virial"}) {
        EXPECT_GE(schema_real(tolerance, key), 1e-11) << key;
        EXPECT_LE(schema_real(tolerance, key), 1e-8) << key;
    }
    struct Change {
        const char *tensor;
        size_t index;
    };
    for (const Change &c : {Change{"golden.0.results", 0}, Change{"golden.0.results", 4}, Change{"golden.0.forces", 7},
                            Change{"golden.0.positions", 3}}) {
        double *number = &tensor_find(&p->get()->tensors, c.tensor)->data[c.index], old = *number, largest = 0;
        mlsoap_error error{};
        *number += 1e-6;
        EXPECT_EQ(mlsoap_potential_check(p->get(), &largest, &error), MLSOAP_ERROR_CHECKSUM) << c.tensor;
        EXPECT_NE(std::string(error.message).find("golden frame 0"), std::string::npos) << error.message;
        *number = NAN;
        EXPECT_NE(mlsoap_potential_check(p->get(), &largest, &error), MLSOAP_SUCCESS) << c.tensor;
        *number = old;
    }
    EXPECT_EQ(mlsoap_potential_check(p->get(), nullptr, nullptr), MLSOAP_SUCCESS);
}

/* Models whose terms cancel get a tolerance that grows with what cancels. */
TEST(Golden, ToleranceGrowsWithCancellation)
{
    auto tolerance_of = [](double size) {
        auto p = make_potential({R"({"species":["H","C","O"],"r_cut":4.0,"n_max":3,"l_max":2,"sigma":0.5})"},
                                R"({"type":"sparse_gp","zeta":3})", {small_cell()}, default_parameters(12, size));
        EXPECT_EQ(set_golden(*p, {small_cell()}), MLSOAP_SUCCESS);
        EXPECT_EQ(mlsoap_potential_check(p->get(), nullptr, nullptr), MLSOAP_SUCCESS);
        return schema_real(
            json_object_get(json_array_get(json_object_get(p->get()->description, "golden"), 0), "tolerance"),
            "forces");
    };
    EXPECT_GE(tolerance_of(1e5), 100 * tolerance_of(1));
}

TEST(Golden, Refusals)
{
    auto p = small_potential();
    mlsoap_error error{};
    EXPECT_EQ(mlsoap_potential_check(p->get(), nullptr, &error), MLSOAP_ERROR_CHECKSUM);
    EXPECT_NE(std::string(error.message).find("no golden frames"), std::string::npos);
    EXPECT_EQ(mlsoap_potential_check(nullptr, nullptr, &error), MLSOAP_ERROR_ARGUMENT);
    ASSERT_EQ(set_golden(*p, {small_cell()}), MLSOAP_SUCCESS);
    std::string before = mlsoap_potential_description(p->get());
    mlsoap_status status = MLSOAP_ERROR_MEMORY;
    for (long n = 1; status == MLSOAP_ERROR_MEMORY && n < 200; n++) {
        memory_fail_after(n);
        status = set_golden(*p, {random_structure(2, {1, 8}, 5)}, &error);
        memory_fail_after(0);
    }
    EXPECT_EQ(status, MLSOAP_SUCCESS);
    EXPECT_NE(mlsoap_potential_description(p->get()), before);
}

} // namespace
