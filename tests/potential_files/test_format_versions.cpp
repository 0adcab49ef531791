// SPDX-License-Identifier: BSD-3-Clause
// Files of every released format version (golden/) stay readable, keep their identity and give their golden numbers.
// MLSOAP_WRITE_GOLDEN=1 writes those of the present version anew, and with them the corpus of the fuzzer.
#include <gtest/gtest.h>

#include <cstdlib>

#include "support/potential_container.hpp"

using namespace testing_support;

namespace
{

struct Stored {
    const char *name, *identity;
    std::function<std::unique_ptr<Potential>()> make;
};

const std::vector<Stored> &stored_files()
{
    static const std::vector<Stored> all = {
        {"version_1_sparse_gp.mlsoap", "64377551964967012ddc20ab94d9537c3e186f8851a64531cbb667bc10211471",
         [] {
             return make_potential({R"({"species":["C","O"],"r_cut":3.0,"n_max":2,"l_max":1,"sigma":0.5})"},
                                   R"({"type":"sparse_gp","zeta":2,"constant":0.1})",
                                   {random_structure(4, {6, 8, 6, 8}, 4.0)}, default_parameters(3, 1));
         }},
        {"version_1_linear.mlsoap", "ea9d78c41bd9705cc04d2f0fc0e3bcdaf84458ee3006ccbe8980010458e5de06",
         [] {
             return make_potential(
                 {R"({"name":"a","species":["Si"],"r_cut":4.0,"n_max":2,"l_max":2,"sigma":0.5,"basis":"gto"})",
                  R"({"name":"b","species":["Si"],"r_cut":3.0,"n_max":3,"l_max":0,"sigma":0.4,"basis":"polynomial"})"},
                 R"({"type":"linear"})", {random_structure(4, {14, 14, 14}, 5.0)}, default_parameters(1, 0.1));
         }},
    };
    return all;
}

TEST(FormatVersions, StayReadable)
{
    const std::string source = std::string(MLSOAP_SOURCE_DIR) + "/tests/";
    bool write = std::getenv("MLSOAP_WRITE_GOLDEN") != nullptr;
    for (const Stored &s : stored_files()) {
        std::string path = source + "potential_files/golden/" + s.name;
        mlsoap_error error{};
        if (write) {
            auto made = s.make();
            ASSERT_EQ(potential_set_golden(made->get(), nullptr, 0, &error), MLSOAP_SUCCESS) << error.message;
            ASSERT_EQ(potential_write_file(made->get(), path.c_str(), &error), MLSOAP_SUCCESS) << error.message;
            std::string corpus = source + "fuzz/corpus/fuzz_potential_file/" + s.name;
            ASSERT_EQ(potential_write_file(made->get(), corpus.c_str(), &error), MLSOAP_SUCCESS) << error.message;
        }
        mlsoap_potential *p = nullptr;
        ASSERT_EQ(mlsoap_potential_read_file(path.c_str(), &p, &error), MLSOAP_SUCCESS) << error.message;
        EXPECT_STREQ(mlsoap_potential_identity(p), s.identity) << s.name;
        double largest = NAN;
        EXPECT_EQ(mlsoap_potential_check(p, &largest, &error), MLSOAP_SUCCESS) << error.message;
        EXPECT_LE(largest, 1e-10);
        mlsoap_potential_free(p);
    }
}

} // namespace
