// SPDX-License-Identifier: BSD-3-Clause
// Evaluation (src/potential/evaluate.c, term.c, potential.c, workspace.c): blocks, terms, arguments, threads, memory.
// The physics is in tests/properties.
#include <gtest/gtest.h>

#include <thread>

#include "support/potentials.hpp"

using namespace testing_support;

namespace
{

/* Environments of a structure with the centers in a given order. */
struct Environments {
    Environments(const Structure &s, double r_cut, const std::vector<size_t> &order)
    {
        neighbor_list list{};
        structure view = s.view();
        neighbor_centers all{};
        EXPECT_EQ(neighbor_list_build(&list, &view, r_cut, &all, nullptr), MLSOAP_SUCCESS);
        for (size_t i : order) {
            center_species.push_back(list.center_species[i]);
            for (int j = list.first[i]; j < list.first[i + 1]; j++) {
                species.push_back(list.species[j]);
                dx.push_back(list.dx[j]);
                dy.push_back(list.dy[j]);
                dz.push_back(list.dz[j]);
            }
            first.push_back(int(dx.size()));
        }
        neighbor_list_release(&list);
        view_ = {sizeof view_, int(order.size()), center_species.data(), first.data(), species.data(), dx.data(),
                 dy.data(),    dz.data()};
    }
    std::vector<int> center_species, first = {0}, species;
    std::vector<double> dx, dy, dz;
    mlsoap_environments view_;
};

Structure forty_atoms()
{
    std::vector<int> species;
    for (int i = 0; i < 41; i++) species.push_back(i % 5 == 0 ? 6 : i % 2 ? 1 : 8);
    return random_structure(3, species, 9.0);
}

/* 41 centers of three elements in any order and any number per call: the same bits. */
TEST(Evaluate, BlocksDoNotMatter)
{
    auto p = small_potential();
    Structure s = forty_atoms();
    size_t n = s.species.size();
    std::vector<size_t> in_order(n), shuffled(n);
    for (size_t i = 0; i < n; i++) {
        in_order[i] = i;
        shuffled[i] = (i * 17 + 5) % n;
    }
    Environments e(s, 4.0, in_order), f(s, 4.0, shuffled);
    std::vector<double> energies(n), forces(3 * e.dx.size()), other(n), other_forces(3 * e.dx.size());
    ASSERT_EQ(mlsoap_evaluate_environments(p->get(), p->workspace(), &e.view_, energies.data(), forces.data(), nullptr),
              MLSOAP_SUCCESS);
    ASSERT_EQ(
        mlsoap_evaluate_environments(p->get(), p->workspace(), &f.view_, other.data(), other_forces.data(), nullptr),
        MLSOAP_SUCCESS);
    for (size_t i = 0; i < n; i++) {
        size_t from = shuffled[i];
        EXPECT_EQ(other[i], energies[from]);
        for (int k = 0; k < 3 * (f.first[i + 1] - f.first[i]); k++)
            EXPECT_EQ(other_forces[size_t(3 * f.first[i] + k)], forces[size_t(3 * e.first[from] + k)]);
    }
    std::vector<double> alone(n);
    ASSERT_EQ(mlsoap_evaluate_environments(p->get(), p->workspace(), &e.view_, alone.data(), nullptr, nullptr),
              MLSOAP_SUCCESS);
    EXPECT_EQ(alone, energies) << "energies alone";
    Result r = p->evaluate(s);
    EXPECT_EQ(r.energies, energies) << "the structure gives the same";
    e.view_.n_centers = 0;
    EXPECT_EQ(mlsoap_evaluate_environments(p->get(), p->workspace(), &e.view_, nullptr, nullptr, nullptr),
              MLSOAP_SUCCESS);
}

/* Neighbors beyond the cutoff, as an MD engine lists them, change nothing. */
TEST(Evaluate, NeighborsBeyondTheCutoff)
{
    auto p = small_potential();
    Structure s = forty_atoms();
    Environments tight(s, 4.0, {0, 1, 2}), wide(s, 6.0, {0, 1, 2});
    double a[3], b[3];
    std::vector<double> f(3 * wide.dx.size());
    ASSERT_EQ(mlsoap_evaluate_environments(p->get(), p->workspace(), &tight.view_, a, nullptr, nullptr),
              MLSOAP_SUCCESS);
    ASSERT_EQ(mlsoap_evaluate_environments(p->get(), p->workspace(), &wide.view_, b, f.data(), nullptr),
              MLSOAP_SUCCESS);
    for (int i = 0; i < 3; i++) EXPECT_LE(std::fabs(a[i] - b[i]), 1e-12);
    for (size_t j = 0; j < wide.dx.size(); j++)
        if (std::sqrt(wide.dx[j] * wide.dx[j] + wide.dy[j] * wide.dy[j] + wide.dz[j] * wide.dz[j]) >= 4.0) {
            EXPECT_EQ(f[3 * j] * f[3 * j] + f[3 * j + 1] * f[3 * j + 1] + f[3 * j + 2] * f[3 * j + 2], 0);
        }
}

const char *const soap_a = R"({"name":"a","species":["H","C","O"],"r_cut":4.0,"n_max":3,"l_max":2,"sigma":0.5})";
const char *const soap_b = R"({"name":"b","species":["H","C","O"],"r_cut":3.0,"n_max":2,"l_max":3,"sigma":0.4})";

/* Two descriptors side by side; linear: the energies of two potentials with one descriptor each. */
TEST(Evaluate, DescriptorsSideBySide)
{
    Structure s = small_cell();
    for (const char *model : {R"({"type":"sparse_gp","zeta":2})", R"({"type":"sparse_gp","zeta":3})"}) {
        auto p = make_potential({soap_a, soap_b}, model, {s}, default_parameters(9, 1));
        EXPECT_EQ(p->get()->r_cut, 4.0);
        Result r = p->evaluate(s);
        for (size_t i = 0; i < 3; i++)
            for (size_t a = 0; a < 3; a++) {
                Structure up = s, down = s;
                up.positions[i][a] += 1e-4;
                down.positions[i][a] -= 1e-4;
                double f = -(p->evaluate(up).energy - p->evaluate(down).energy) / 2e-4;
                EXPECT_LE(std::fabs(f - r.forces[3 * i + a]), 1e-6);
            }
    }
    ModelMaker zero_constant = [](tensor_set *t, const std::string &prefix, const json_t *, const Features &f, int z) {
        std::vector<double> w(f.stride);
        for (size_t k = 0; k < f.stride; k++) w[k] = f.weights[k] != 0 ? 0.1 * wave(k % 8, z) : 0;
        ASSERT_EQ(linear_add_tensors(t, prefix.c_str(), f.stride, w.data(), 0, nullptr), MLSOAP_SUCCESS);
    };
    auto joint = make_potential({soap_a, soap_b}, R"({"type":"linear"})", {s}, zero_constant);
    auto a = make_potential({soap_a}, R"({"type":"linear"})", {s}, zero_constant);
    auto b = make_potential({soap_b}, R"({"type":"linear"})", {s}, zero_constant);
    Result rj = joint->evaluate(s), ra = a->evaluate(s), rb = b->evaluate(s);
    for (size_t k = 0; k < rj.forces.size(); k++)
        EXPECT_LE(std::fabs(rj.forces[k] - ra.forces[k] - rb.forces[k]), 1e-11);
}

/* Two terms add; a term without a model for an element leaves it at its offset. */
TEST(Evaluate, TermsAdd)
{
    Structure s = small_cell();
    Features fa = features_of({soap_a}, {s}), fb = features_of({soap_b}, {s});
    Json gp(complete_model(R"({"type":"sparse_gp","zeta":2})")), linear(complete_model(R"({"type":"linear"})"));
    tensor_set tensors{};
    default_parameters(7, 1)(&tensors, "terms.0.O", gp.value, fa, 8);
    default_parameters(7, 0.05)(&tensors, "terms.1.O", linear.value, fb, 8);
    json_t *description = json_of(std::string(R"({"units":{"energy":"eV","length":"angstrom"},"elements":["H","C","O"],
        "offsets":{"H":-1,"C":-2,"O":-3},"descriptors":[)") +
                                  soap_a + "," + soap_b + R"(],
        "terms":[{"descriptors":["a"],"model":{"type":"sparse_gp","zeta":2},"species":{"O":{"tensors":"terms.0.O"}}},
                 {"descriptors":["b"],"model":{"type":"linear"},"species":{"O":{"tensors":"terms.1.O","shift":0.25}}}]})");
    mlsoap_potential *p = nullptr;
    mlsoap_error error{};
    ASSERT_EQ(potential_new(description, &tensors, &p, &error), MLSOAP_SUCCESS) << error.message;
    Potential both(p);
    Result r = both.evaluate(s);
    double isolated = both.evaluate({{8}, {{0, 0, 0}}, {}, {}}).energy;
    EXPECT_GE(std::fabs(isolated + 3), 1e-3) << "a given shift is not that of the isolated atom";
    for (size_t i = 0; i < s.species.size(); i++)
        if (s.species[i] != 8) {
            EXPECT_EQ(r.energies[i], s.species[i] == 1 ? -1 : -2);
        }
    Structure up = s, down = s;
    up.positions[1][0] += 1e-4;
    down.positions[1][0] -= 1e-4;
    EXPECT_LE(std::fabs((both.evaluate(down).energy - both.evaluate(up).energy) / 2e-4 - r.forces[3]), 1e-6);
}

TEST(Evaluate, RepeatedCallsDoNotAllocate)
{
    for (const char *model : {R"({"type":"sparse_gp","zeta":2})", R"({"type":"sparse_gp","zeta":3})"}) {
        auto p = small_potential(model);
        Structure s = forty_atoms();
        structure view = s.view();
        double energy, virial[6];
        std::vector<double> energies(41);
        std::vector<std::array<double, 3>> forces(41);
        auto f = reinterpret_cast<double(*)[3]>(forces.data());
        unsigned long before = 0;
        for (int i = 0; i < 3; i++) {
            before = memory_n_allocations();
            ASSERT_EQ(potential_evaluate(p->get(), p->workspace(), &view, &energy, energies.data(), f, virial, nullptr),
                      MLSOAP_SUCCESS);
        }
        EXPECT_EQ(memory_n_allocations(), before) << model;
    }
}

TEST(Evaluate, ThreadsShareAPotential)
{
    auto p = small_potential(R"({"type":"sparse_gp","zeta":4})");
    Structure s = forty_atoms();
    Result expected = p->evaluate(s);
    std::vector<int> failures(4, 1);
    std::vector<std::thread> threads;
    for (size_t t = 0; t < 4; t++)
        threads.emplace_back([&, t] {
            mlsoap_workspace *w = nullptr;
            int wrong = mlsoap_workspace_new(p->get(), &w, nullptr) != MLSOAP_SUCCESS;
            for (int repeat = 0; repeat < 5 && !wrong; repeat++) {
                structure view = s.view();
                double energy = 0;
                std::vector<double> f(3 * s.species.size());
                wrong |=
                    potential_evaluate(p->get(), w, &view, &energy, nullptr, reinterpret_cast<double(*)[3]>(f.data()),
                                       nullptr, nullptr) != MLSOAP_SUCCESS;
                wrong |= energy != expected.energy || f != expected.forces;
            }
            mlsoap_workspace_free(w);
            failures[t] = wrong;
        });
    for (auto &t : threads) t.join();
    for (int wrong : failures) EXPECT_EQ(wrong, 0);
}

/* Every allocation of an evaluation with a fresh workspace fails once. */
TEST(Evaluate, FailingAllocations)
{
    auto p = small_potential();
    Structure s = forty_atoms();
    structure view = s.view();
    mlsoap_status status = MLSOAP_ERROR_MEMORY;
    long n = 0;
    while (status != MLSOAP_SUCCESS && n < 500) {
        mlsoap_workspace *w = nullptr;
        double energy, virial[6];
        memory_fail_after(++n);
        status = mlsoap_workspace_new(p->get(), &w, nullptr);
        if (!status) status = potential_evaluate(p->get(), w, &view, &energy, nullptr, nullptr, virial, nullptr);
        memory_fail_after(0);
        mlsoap_workspace_free(w);
        ASSERT_TRUE(status == MLSOAP_SUCCESS || status == MLSOAP_ERROR_MEMORY) << n;
    }
    EXPECT_EQ(status, MLSOAP_SUCCESS);
    EXPECT_GE(n, 10);
}

TEST(Evaluate, Arguments)
{
    auto p = small_potential(), other = small_potential();
    mlsoap_error error{};
    const int center = 6, first[2] = {0, 1}, wrong_first[2] = {1, 2}, neighbor = 8, silicon = 14;
    const double x = 1.2;
    double energy;
    mlsoap_environments good{sizeof good, 1, &center, first, &neighbor, &x, &x, &x}, e = good;
    auto call = [&](mlsoap_workspace *w) {
        return mlsoap_evaluate_environments(p->get(), w, &e, &energy, nullptr, &error);
    };
    EXPECT_EQ(call(p->workspace()), MLSOAP_SUCCESS);
    EXPECT_EQ(call(other->workspace()), MLSOAP_ERROR_ARGUMENT);
    EXPECT_EQ(call(nullptr), MLSOAP_ERROR_ARGUMENT);
    e.size = 8;
    EXPECT_EQ(call(p->workspace()), MLSOAP_ERROR_ARGUMENT);
    e = good;
    e.n_centers = -1;
    EXPECT_EQ(call(p->workspace()), MLSOAP_ERROR_ARGUMENT);
    e = good;
    e.first = wrong_first;
    EXPECT_EQ(call(p->workspace()), MLSOAP_ERROR_ARGUMENT);
    e = good;
    e.dy = nullptr;
    EXPECT_EQ(call(p->workspace()), MLSOAP_ERROR_ARGUMENT);
    e = good;
    e.center_species = &silicon;
    EXPECT_EQ(call(p->workspace()), MLSOAP_ERROR_SPECIES);
    EXPECT_NE(std::string(error.message).find("center 0 has atomic number 14 (Si)"), std::string::npos)
        << error.message;
    e = good;
    e.species = &silicon;
    EXPECT_EQ(call(p->workspace()), MLSOAP_ERROR_SPECIES);
    EXPECT_NE(std::string(error.message).find("neighbor 0 of center 0 has atomic number 14"), std::string::npos);

    mlsoap_workspace *w = nullptr;
    EXPECT_EQ(mlsoap_workspace_new(nullptr, &w, &error), MLSOAP_ERROR_ARGUMENT);
    mlsoap_workspace_free(nullptr);
}

TEST(Evaluate, StructureView)
{
    auto p = small_potential();
    Structure s = small_cell();
    Result expected = p->evaluate(s);
    std::vector<double> cell, positions;
    for (auto &row : s.cell) cell.insert(cell.end(), row.begin(), row.end());
    for (auto &row : s.positions) positions.insert(positions.end(), row.begin(), row.end());
    mlsoap_structure_view view{sizeof view,      s.species.size(), s.species.data(),
                               positions.data(), cell.data(),      s.pbc.data()};
    double energy, energies[6], forces[18], virial[6];
    mlsoap_error error{};
    auto call = [&] {
        return mlsoap_evaluate_structure(p->get(), p->workspace(), &view, &energy, energies, forces, virial, &error);
    };
    ASSERT_EQ(call(), MLSOAP_SUCCESS) << error.message;
    EXPECT_EQ(energy, expected.energy);
    EXPECT_EQ(std::vector<double>(forces, forces + 18), expected.forces);
    EXPECT_EQ(mlsoap_evaluate_structure(p->get(), p->workspace(), &view, nullptr, nullptr, nullptr, nullptr, &error),
              MLSOAP_SUCCESS);
    view.size = 1;
    EXPECT_EQ(call(), MLSOAP_ERROR_ARGUMENT);
    view.size = sizeof view;
    view.positions = nullptr;
    EXPECT_EQ(call(), MLSOAP_ERROR_ARGUMENT);
    view.positions = positions.data();
    s.species[3] = 14;
    EXPECT_EQ(call(), MLSOAP_ERROR_SPECIES);
    EXPECT_NE(std::string(error.message).find("atom 3 has atomic number 14 (Si)"), std::string::npos) << error.message;
    s.species[3] = 6;
    for (size_t a = 0; a < 3; a++) positions[a] = positions[3 + a];
    EXPECT_EQ(call(), MLSOAP_ERROR_VALUE) << "coinciding atoms";
    view.n_atoms = 0;
    EXPECT_EQ(call(), MLSOAP_SUCCESS) << error.message;
    EXPECT_EQ(energy, 0);
}

/* ------------------------------------------------------------------------------------- refusals of potential_new */

struct Refusal {
    const char *name;
    std::function<void(json_t *)> change;
    const char *text;
};

json_t *item(json_t *d, const char *list)
{
    return json_array_get(json_object_get(d, list), 0);
}

const std::vector<Refusal> &refusals()
{
    static const std::vector<Refusal> all = {
        {"unknown_key", [](json_t *d) { json_object_set_new(d, "element", json_array()); }, "did you mean 'elements'"},
        {"units", [](json_t *d) { json_object_set_new(json_object_get(d, "units"), "energy", json_string("Ry")); },
         "units.energy: 'Ry' is not valid"},
        {"element", [](json_t *d) { json_array_set_new(json_object_get(d, "elements"), 0, json_string("Q")); },
         "'Q' is not the symbol"},
        {"element_order", [](json_t *d) { json_array_set_new(json_object_get(d, "elements"), 0, json_string("Si")); },
         "sort by atomic number"},
        {"offset_missing", [](json_t *d) { json_object_del(json_object_get(d, "offsets"), "C"); }, "offsets.C"},
        {"offset_of_another", [](json_t *d) { json_object_set_new(json_object_get(d, "offsets"), "Si", json_real(1)); },
         "4 entries, but there are 3"},
        {"no_descriptors", [](json_t *d) { json_array_clear(json_object_get(d, "descriptors")); },
         "descriptors: is empty"},
        {"same_name",
         [](json_t *d) {
             json_array_append_new(json_object_get(d, "descriptors"), json_deep_copy(item(d, "descriptors")));
         },
         "is the name of descriptors.0 too"},
        {"unused",
         [](json_t *d) {
             json_t *copy = json_deep_copy(item(d, "descriptors"));
             json_object_set_new(copy, "name", json_string("other"));
             json_array_append_new(json_object_get(d, "descriptors"), copy);
         },
         "descriptors.1 is used by no term"},
        {"bad_descriptor", [](json_t *d) { json_object_set_new(item(d, "descriptors"), "n_max", json_integer(99)); },
         "descriptors.0.n_max"},
        {"no_terms", [](json_t *d) { json_array_clear(json_object_get(d, "terms")); }, "terms: is empty"},
        {"unknown_descriptor",
         [](json_t *d) { json_object_set_new(item(d, "terms"), "descriptors", json_pack("[s]", "x")); },
         "no descriptor has the name 'x'"},
        {"model_type",
         [](json_t *d) {
             json_object_set_new(json_object_get(item(d, "terms"), "model"), "type", json_string("forest"));
         },
         "unknown model 'forest'"},
        {"model_key",
         [](json_t *d) { json_object_set_new(json_object_get(item(d, "terms"), "model"), "zetta", json_integer(2)); },
         "terms.0.model.zetta: unknown key; did you mean 'zeta'"},
        {"zeta",
         [](json_t *d) { json_object_set_new(json_object_get(item(d, "terms"), "model"), "zeta", json_integer(0)); },
         "terms.0.model.zeta: 0 is out of range"},
        {"zeta_real",
         [](json_t *d) { json_object_set_new(json_object_get(item(d, "terms"), "model"), "zeta", json_real(2.5)); },
         "must be an integer"},
        {"species",
         [](json_t *d) { json_object_set_new(json_object_get(item(d, "terms"), "species"), "Si", json_object()); },
         "'Si' is not among the elements"},
        {"no_species", [](json_t *d) { json_object_clear(json_object_get(item(d, "terms"), "species")); },
         "no central element"},
        {"tensor_missing",
         [](json_t *d) {
             json_object_set_new(json_object_get(json_object_get(item(d, "terms"), "species"), "C"), "tensors",
                                 json_string("x"));
         },
         "terms.0.species.C: the tensor x.sparse_points is missing"},
        {"n_sparse",
         [](json_t *d) {
             json_object_set_new(json_object_get(json_object_get(item(d, "terms"), "species"), "C"), "n_sparse",
                                 json_integer(13));
         },
         "is 13, but the tensor terms.0.C.sparse_points has 12 rows"},
        {"shift",
         [](json_t *d) {
             json_object_set_new(json_object_get(json_object_get(item(d, "terms"), "species"), "C"), "shift",
                                 json_string("alone"));
         },
         "'alone' is not valid"},
        {"tensor_unused", [](json_t *d) { json_object_del(json_object_get(item(d, "terms"), "species"), "C"); },
         "tensor terms.0.C.alpha is used by no model"},
        {"pair_terms", [](json_t *d) { json_object_set_new(d, "pair_terms", json_pack("[s]", "zbl")); },
         "must be a mapping"},
        {"golden", [](json_t *d) { json_object_set_new(d, "golden", json_pack("[{s:s}]", "tensors", "golden.0")); },
         "golden.0.species: missing"},
    };
    return all;
}

TEST(PotentialNew, Refusals)
{
    Structure s = small_cell();
    const char *soap = R"({"species":["H","C","O"],"r_cut":4.0,"n_max":3,"l_max":2,"sigma":0.5})";
    Features features = features_of({soap}, {s});
    for (const Refusal &r : refusals()) {
        tensor_set tensors{};
        std::string model = R"({"type":"sparse_gp","zeta":2})";
        Json completed(complete_model(model));
        for (int z : {1, 6, 8})
            default_parameters(12, 1)(&tensors, std::string("terms.0.") + element_symbol(z), completed.value, features,
                                      z);
        json_t *description = describe({soap}, model, {1, 6, 8}, false);
        r.change(description);
        mlsoap_potential *p = nullptr;
        mlsoap_error error{};
        EXPECT_NE(potential_new(description, &tensors, &p, &error), MLSOAP_SUCCESS) << r.name;
        EXPECT_EQ(p, nullptr);
        EXPECT_EQ(tensors.n, 0u) << "taken over on failure too";
        EXPECT_NE(std::string(error.message).find(r.text), std::string::npos) << r.name << ": " << error.message;
        mlsoap_potential_free(p);
    }
}

} // namespace
