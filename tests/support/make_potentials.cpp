// SPDX-License-Identifier: BSD-3-Clause
// Writes the potentials of the LAMMPS tests into a folder: small, quick, with forces of a few eV/Angstrom in a rattled
// crystal, and of no physical meaning.
//
//     two.mlsoap       Si and C, r_cut 4.5, sparse GP, with an uncertainty that differs from atom to atom
//     other.mlsoap     like two.mlsoap, but another: a restarted run has to see the difference
//     several.mlsoap   Si and C, three descriptors with cutoffs of their own: 3.4, 5.6 and 4
//     terms.mlsoap     Si and C, a linear term of pairs to 5.6 and a sparse GP to 3.4, whose energies add
//     one.mlsoap       Si, r_cut 4.5, linear, weak: MD runs it on top of a Stillinger-Weber crystal
//     dscribe.mlsoap   Si and C, mode dscribe: its energy jumps at the cutoff, LAMMPS warns
//     hard.mlsoap      symmetry functions with a hard cutoff: LAMMPS has to refuse it
//     midpoint.mlsoap  its center is a point in space: LAMMPS has to refuse it
//
// usage: make_potentials FOLDER
#include "support/potentials.hpp"

#include <algorithm>
#include <iostream>

extern "C" {
#include "models/model_tensors.h"
}

using namespace testing_support;

namespace
{

struct Recipe {
    const char *file;
    std::vector<std::string> descriptors;
    const char *model;
    std::vector<int> species;
    double largest_force; // eV/Angstrom in the sample structure
    bool uncertain = false;
    const char *second_model = nullptr; // a term of its own on the last descriptor; `model` on the others
};

double largest_force(const Result &result)
{
    double largest = 0;
    for (double f : result.forces) largest = std::max(largest, std::fabs(f));
    return largest;
}

constexpr std::size_t N_SPARSE = 10;

// Variances 1 - 0.12 sum_s k(x, x_s)^2 of seven of the sparse points, and any calibration.
void add_variances(tensor_set *tensors, const std::string &prefix, std::size_t stride)
{
    constexpr std::size_t n = 8;
    std::vector<double> triangle(n * n), isolated(stride);
    for (std::size_t i = 0; i < n; i++) triangle[i * n + i] = 0.35;
    mlsoap_error error{};
    if (model_uncertainty_add(tensors, prefix.c_str(), n, triangle.data(), n, stride, isolated.data(), &error))
        throw std::runtime_error(error.message);
}

// Terms 0 and 1 of a recipe with two models.
std::unique_ptr<Potential> build_terms(const Recipe &recipe, const Structure &sample, const ModelMaker &parameters)
{
    const std::vector<int> elements = {6, 14};
    const std::vector<std::string> lists[] = {{recipe.descriptors.begin(), recipe.descriptors.end() - 1},
                                              {recipe.descriptors.back()}};
    const char *models[] = {recipe.model, recipe.second_model};
    json_t *description = describe(recipe.descriptors, recipe.model, elements, false), *terms = json_array();
    tensor_set tensors{};
    for (std::size_t i = 0; i < 2; i++) {
        const Features features = features_of(lists[i], {sample});
        Json model(complete_model(models[i])), one(describe(lists[i], models[i], elements, false));
        json_t *term = json_array_get(one["terms"], 0);
        for (int z : elements) {
            const std::string prefix = "terms." + std::to_string(i) + "." + element_symbol(z);
            parameters(&tensors, prefix, model.value, features, z);
            json_object_set_new(json_object_get(json_object_get(term, "species"), element_symbol(z)), "tensors",
                                json_string(prefix.c_str()));
        }
        json_array_append(terms, term);
    }
    json_object_set_new(description, "terms", terms);
    mlsoap_potential *potential = nullptr;
    mlsoap_error error{};
    if (potential_new(description, &tensors, &potential, &error)) throw std::runtime_error(error.message);
    return std::make_unique<Potential>(potential);
}

std::unique_ptr<Potential> build(const Recipe &recipe, const Structure &sample, double size)
{
    const ModelMaker parameters = default_parameters(N_SPARSE, size);
    if (recipe.second_model) return build_terms(recipe, sample, parameters);
    if (!recipe.uncertain) return make_potential(recipe.descriptors, recipe.model, {sample}, parameters);

    const std::vector<int> elements = {6, 14};
    const Features features = features_of(recipe.descriptors, {sample});
    Json model(complete_model(recipe.model));
    json_t *description = describe(recipe.descriptors, recipe.model, elements, false), *calibration = json_object();
    tensor_set tensors{};
    for (int z : elements) {
        const std::string prefix = std::string("terms.0.") + element_symbol(z);
        parameters(&tensors, prefix, model.value, features, z);
        add_variances(&tensors, prefix, features.stride);
        json_object_set_new(calibration, element_symbol(z),
                            json_of(R"({"energy":0.3,"forces":[[0.01,0.032],[0.1,0.16],[1.0,0.8]]})"));
    }
    json_object_set_new(description, "uncertainty", calibration);
    mlsoap_potential *potential = nullptr;
    mlsoap_error error{};
    if (potential_new(description, &tensors, &potential, &error)) throw std::runtime_error(error.message);
    return std::make_unique<Potential>(potential);
}

void write(const Recipe &recipe, const std::string &folder)
{
    const Structure sample = random_structure(3, recipe.species, 6.0);
    const auto trial = build(recipe, sample, 1.0);
    const auto potential = build(recipe, sample, recipe.largest_force / largest_force(trial->evaluate(sample)));
    const structure view = sample.view();
    const structure *structures[] = {&view};
    mlsoap_error error{};
    if (potential_set_golden(potential->get(), structures, 1, &error) ||
        potential_write_file(potential->get(), (folder + "/" + recipe.file).c_str(), &error))
        throw std::runtime_error(error.message);
}

} // namespace

int main(int argc, char **argv)
try {
    if (argc != 2) throw std::runtime_error("usage: make_potentials FOLDER");
    const std::vector<int> mixed = {14, 6, 14, 6, 14, 14, 6, 14};
    const Recipe recipes[] = {
        {"two.mlsoap",
         {R"({"species":["Si","C"],"r_cut":4.5,"n_max":4,"l_max":3,"sigma":0.5})"},
         R"({"type":"sparse_gp","zeta":3})",
         mixed,
         3.0,
         true},
        {"other.mlsoap",
         {R"({"species":["Si","C"],"r_cut":4.5,"n_max":4,"l_max":3,"sigma":0.5})"},
         R"({"type":"sparse_gp","zeta":2})",
         mixed,
         3.0,
         true},
        {"one.mlsoap",
         {R"({"species":["Si"],"r_cut":4.5,"n_max":4,"l_max":3,"sigma":0.6})"},
         R"({"type":"linear"})",
         std::vector<int>(8, 14),
         1.0},
        {"several.mlsoap",
         {R"({"name":"short","species":["Si","C"],"r_cut":3.4,"n_max":4,"l_max":3,"sigma":0.4})",
          R"({"name":"long","species":["Si","C"],"r_cut":5.6,"n_max":3,"l_max":1,"sigma":0.7})",
          R"({"name":"pairs","type":"acsf","species":["Si","C"],"functions":["* 2 Si 0.5 0 4","* 2 C 0.5 0 4"]})"},
         R"({"type":"sparse_gp","zeta":2})",
         mixed,
         3.0},
        {"terms.mlsoap",
         {R"({"name":"short","species":["Si","C"],"r_cut":3.4,"n_max":4,"l_max":3,"sigma":0.4})",
          R"({"name":"pairs","type":"acsf","species":["Si","C"],"functions":["* 2 Si 0.5 0 5.6","* 2 C 0.5 0 5.6"]})"},
         R"({"type":"sparse_gp","zeta":2})",
         mixed,
         3.0,
         false,
         R"({"type":"linear"})"},
        {"dscribe.mlsoap",
         {R"({"species":["Si","C"],"mode":"dscribe","r_cut":3.5,"n_max":3,"l_max":2,"sigma":0.4})"},
         R"({"type":"sparse_gp","zeta":2})",
         mixed,
         1.0},
        {"hard.mlsoap",
         {R"({"type":"acsf","species":["Si","C"],"functions":["* 2 Si 0.5 0 4","* 2 C 0.5 0 4"],"cutoff":{"type":0}})"},
         R"({"type":"linear"})",
         mixed,
         1.0},
        {"midpoint.mlsoap",
         {R"({"species":["Si","C"],"centers":"midpoint","r_cut":4.5,"n_max":3,"l_max":0,"sigma":0.5})"},
         R"({"type":"sparse_gp","zeta":2})",
         mixed,
         1.0},
    };
    for (const Recipe &recipe : recipes) write(recipe, argv[1]);
    return 0;
} catch (const std::exception &problem) {
    std::cerr << problem.what() << "\n";
    return 1;
}
