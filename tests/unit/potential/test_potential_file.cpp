// SPDX-License-Identifier: BSD-3-Clause
// Writing and reading potentials (src/potential/potential_file.c): nothing is lost, and the identity is what
// potentials/FORMAT.md says. Broken files: tests/potential_files.
#include <gtest/gtest.h>

#include "support/potential_container.hpp"

using namespace testing_support;

namespace
{

std::unique_ptr<Potential> read(const std::string &bytes)
{
    mlsoap_potential *p = nullptr;
    mlsoap_error error{};
    if (mlsoap_potential_read_memory(bytes.data(), bytes.size(), "test", &p, &error))
        throw std::runtime_error(error.message);
    return std::make_unique<Potential>(p);
}

void expect_same_numbers(Potential &a, Potential &b)
{
    Result x = a.evaluate(small_cell()), y = b.evaluate(small_cell());
    EXPECT_EQ(x.energy, y.energy);
    EXPECT_EQ(x.forces, y.forces);
    EXPECT_EQ(x.virial, y.virial);
}

TEST(PotentialFile, RoundTripOfEveryModel)
{
    for (const char *model :
         {R"({"type":"sparse_gp","zeta":2})", R"({"type":"sparse_gp","zeta":3,"normalized":false,"constant":0.1})",
          R"({"type":"sparse_gp","zeta":1,"delta":3})", R"({"type":"linear","normalized":true})"}) {
        auto p = small_potential(model);
        ASSERT_EQ(potential_set_golden(p->get(), nullptr, 0, nullptr), MLSOAP_SUCCESS);
        std::string bytes = bytes_of(p->get());
        auto q = read(bytes);
        EXPECT_STREQ(mlsoap_potential_identity(p->get()), mlsoap_potential_identity(q->get()));
        EXPECT_STREQ(mlsoap_potential_description(p->get()), mlsoap_potential_description(q->get()));
        expect_same_numbers(*p, *q);
        EXPECT_EQ(bytes_of(q->get()), bytes) << "written again, the file is the same to the last byte";
    }
}

TEST(PotentialFile, GettersOfAFileOnDisk)
{
    auto p = small_potential();
    std::string path = scratch_path("getters");
    ASSERT_EQ(potential_write_file(p->get(), path.c_str(), nullptr), MLSOAP_SUCCESS);
    mlsoap_potential *q = nullptr;
    mlsoap_error error{};
    ASSERT_EQ(mlsoap_potential_read_file(path.c_str(), &q, &error), MLSOAP_SUCCESS) << error.message;
    std::remove(path.c_str());
    EXPECT_EQ(mlsoap_potential_cutoff(q), 4.0);
    EXPECT_EQ(mlsoap_potential_n_elements(q), 3);
    const int elements[4] = {1, 6, 8, 0};
    for (int i = 0; i < 4; i++) EXPECT_EQ(mlsoap_potential_element(q, i), elements[i]);
    EXPECT_EQ(mlsoap_potential_element(q, -1), 0);
    EXPECT_EQ(std::strlen(mlsoap_potential_identity(q)), 64u);
    EXPECT_EQ(mlsoap_potential_drives_md(q), 1);
    mlsoap_potential_free(q);
}

/* Provenance, errors and golden frames are outside the identity; every parameter and setting is inside. */
TEST(PotentialFile, Identity)
{
    auto p = small_potential();
    std::string identity = mlsoap_potential_identity(p->get());
    ASSERT_EQ(potential_set_golden(p->get(), nullptr, 0, nullptr), MLSOAP_SUCCESS);
    ASSERT_EQ(potential_set_provenance(p->get(), json_of(R"({"seed":7})"), json_of(R"({"train":null})"), nullptr),
              MLSOAP_SUCCESS);
    EXPECT_EQ(mlsoap_potential_identity(p->get()), identity);
    auto q = read(bytes_of(p->get()));
    EXPECT_EQ(mlsoap_potential_identity(q->get()), identity);
    EXPECT_NE(std::string(mlsoap_potential_description(q->get())).find("\"seed\":7"), std::string::npos);
    EXPECT_EQ(mlsoap_potential_check(q->get(), nullptr, nullptr), MLSOAP_SUCCESS) << "recomputes the identity";

    EXPECT_NE(mlsoap_potential_identity(small_potential(R"({"type":"sparse_gp","zeta":3})")->get()), identity);
    EXPECT_NE(mlsoap_potential_identity(small_potential(R"({"type":"sparse_gp","zeta":2})", 13)->get()), identity);
    EXPECT_EQ(mlsoap_potential_identity(small_potential()->get()), identity) << "the same input, the same identity";
}

/* The stored sum over sparse points follows from them: with or without it, the same identity and the same bits. */
TEST(PotentialFile, StoredSumsDoNotChangeTheIdentity)
{
    const std::string descriptor = R"({"species":["H","C","O"],"r_cut":4.0,"n_max":3,"l_max":2,"sigma":0.5})";
    const std::string model = R"({"type":"sparse_gp","zeta":2})";
    const size_t n_sparse = 300; // more than half of the features
    ModelMaker with_sum = [&](tensor_set *t, const std::string &prefix, const json_t *m, const Features &f, int z) {
        sparse_gp_settings settings;
        sparse_gp_settings_get(m, &settings);
        default_parameters(n_sparse, 1.0)(t, prefix, m, f, z);
        ASSERT_EQ(sparse_gp_add_square_sum(t, prefix.c_str(), &settings, nullptr), MLSOAP_SUCCESS);
        ASSERT_NE(tensor_find(t, (prefix + ".square_sum").c_str()), nullptr);
    };
    auto plain = small_potential(model, n_sparse),
         stored = make_potential({descriptor}, model, {small_cell()}, with_sum);
    ASSERT_EQ(potential_set_golden(stored->get(), nullptr, 0, nullptr), MLSOAP_SUCCESS);
    auto again = read(bytes_of(stored->get()));
    EXPECT_STREQ(mlsoap_potential_identity(stored->get()), mlsoap_potential_identity(plain->get()));
    EXPECT_EQ(mlsoap_potential_check(again->get(), nullptr, nullptr), MLSOAP_SUCCESS) << "recomputes the identity";
    expect_same_numbers(*plain, *again);
}

/* A file written before some key existed keeps its identity, though the key gets its default for use. */
TEST(PotentialFile, MissingDefaultsDoNotChangeTheIdentity)
{
    auto p = small_potential();
    Container c(bytes_of(p->get()));
    c.edit_description([](json_t *d) {
        json_object_del(d, "pairs");
        json_object_del(json_array_get(json_object_get(d, "descriptors"), 0), "w0");
    });
    c.edit([](json_t *root) {
        json_object_set_new(json_object_get(root, "__metadata__"), "identity",
                            json_string(std::string(64, 'a').c_str()));
    });
    auto q = read(c.bytes());
    EXPECT_EQ(mlsoap_potential_identity(q->get()), std::string(64, 'a'));
    EXPECT_EQ(std::string(mlsoap_potential_description(q->get())).find("\"w0\""), std::string::npos);
    expect_same_numbers(*p, *q);
    mlsoap_error error{};
    EXPECT_EQ(mlsoap_potential_check(q->get(), nullptr, &error), MLSOAP_ERROR_CHECKSUM) << "a wrong identity is found";
    EXPECT_NE(std::string(error.message).find("identity"), std::string::npos);
}

TEST(PotentialFile, FailureLeavesTheOldFile)
{
    auto p = small_potential();
    mlsoap_error error{};
    EXPECT_EQ(potential_write_file(p->get(), "/nonexistent/x.mlsoap", &error), MLSOAP_ERROR_FILE);
    EXPECT_NE(std::string(error.message).find("/nonexistent"), std::string::npos) << error.message;
    mlsoap_potential *q = nullptr;
    EXPECT_EQ(mlsoap_potential_read_file("/nonexistent/x.mlsoap", &q, &error), MLSOAP_ERROR_FILE);
    EXPECT_EQ(q, nullptr);
    EXPECT_EQ(mlsoap_potential_read_file(nullptr, &q, &error), MLSOAP_ERROR_ARGUMENT);
    EXPECT_EQ(mlsoap_potential_read_memory(nullptr, 0, nullptr, &q, &error), MLSOAP_ERROR_ARGUMENT);
    mlsoap_potential_free(nullptr);

    std::string path = scratch_path("old");
    ASSERT_EQ(potential_write_file(p->get(), path.c_str(), nullptr), MLSOAP_SUCCESS);
    std::string before = file_bytes(path);
    for (long n = 1; n < 4; n++) {
        memory_fail_after(n);
        EXPECT_EQ(potential_write_file(p->get(), path.c_str(), nullptr), MLSOAP_ERROR_MEMORY) << n;
        memory_fail_after(0);
        EXPECT_EQ(file_bytes(path), before);
    }
    std::remove(path.c_str());
}

/* Every allocation of reading and evaluating fails once: an error, no leak (sanitizers), no half-made potential. */
TEST(PotentialFile, FailingAllocations)
{
    std::string bytes = bytes_of(small_potential(R"({"type":"sparse_gp","zeta":3})")->get());
    mlsoap_status status = MLSOAP_ERROR_MEMORY;
    long n = 0;
    while (status != MLSOAP_SUCCESS && n < 2000) {
        mlsoap_potential *p = nullptr;
        mlsoap_error error{};
        memory_fail_after(++n);
        status = mlsoap_potential_read_memory(bytes.data(), bytes.size(), "test", &p, &error);
        memory_fail_after(0);
        ASSERT_EQ(p != nullptr, status == MLSOAP_SUCCESS);
        if (status) {
            ASSERT_EQ(status, MLSOAP_ERROR_MEMORY) << n << ": " << error.message;
        }
        mlsoap_potential_free(p);
    }
    EXPECT_EQ(status, MLSOAP_SUCCESS);
    EXPECT_GE(n, 20);
}

} // namespace
