// SPDX-License-Identifier: BSD-3-Clause
// Potentials for tests: any descriptor settings with any model settings, parameters from environments of a structure.
#ifndef MLSOAP_TEST_POTENTIALS_HPP
#define MLSOAP_TEST_POTENTIALS_HPP

#include "support/structures.hpp"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <functional>

#include <unistd.h>

extern "C" {
#include "core/elements.h"
#include "models/linear.h"
#include "models/network/network.h"
#include "models/sparse_gp/sparse_gp.h"
#include "potential/potential.h"
#include "potential/potential_file.h"
}

namespace testing_support
{

struct Result {
    double energy = NAN;
    std::vector<double> energies, forces; // [n], [n][3]
    std::array<double, 6> virial{};
};

/** A potential with a workspace. */
class Potential
{
  public:
    explicit Potential(mlsoap_potential *p) : p_(p)
    {
        mlsoap_error error{};
        if (mlsoap_workspace_new(p_, &workspace_, &error)) throw std::runtime_error(error.message);
    }
    Potential(const Potential &) = delete;
    Potential &operator=(const Potential &) = delete;
    ~Potential()
    {
        mlsoap_workspace_free(workspace_);
        mlsoap_potential_free(p_);
    }

    mlsoap_status try_evaluate(const Structure &s, Result &r, mlsoap_error &error)
    {
        structure view = s.view();
        r.energies.assign(s.species.size(), NAN);
        r.forces.assign(3 * s.species.size(), NAN);
        return potential_evaluate(p_, workspace_, &view, &r.energy, r.energies.data(),
                                  reinterpret_cast<double(*)[3]>(r.forces.data()), r.virial.data(), &error);
    }
    Result evaluate(const Structure &s)
    {
        Result r;
        mlsoap_error error{};
        if (try_evaluate(s, r, error)) throw std::runtime_error(error.message);
        return r;
    }
    mlsoap_potential *get() const { return p_; }
    mlsoap_workspace *workspace() const { return workspace_; }

  private:
    mlsoap_potential *p_;
    mlsoap_workspace *workspace_ = nullptr;
};

inline json_t *json_of(const std::string &text)
{
    json_error_t problem;
    json_t *value = json_loads(text.c_str(), 0, &problem);
    if (!value) throw std::runtime_error(std::string(problem.text) + " in " + text);
    return value;
}

/** A deterministic sequence of numbers in [-1, 1]. */
inline double wave(size_t i, double phase = 0)
{
    return std::sin(1.0 + 2.3 * static_cast<double>(i) + phase);
}

/** The (joint) features of all centers of some structures, by central species (0 for points): what sparse points and
 *  reference models are made of. */
struct Features {
    size_t stride = 0;
    std::vector<double> weights;
    std::vector<std::pair<int, std::vector<double>>> rows;
};

inline Features features_of(const std::vector<std::string> &descriptors, const std::vector<Structure> &structures)
{
    Features all;
    for (const auto &text : descriptors) {
        auto d = make_descriptor(text);
        size_t row = 0;
        all.weights.insert(all.weights.end(), d->weights, d->weights + d->stride);
        for (const Structure &s : structures) {
            std::vector<Vector> points;
            if (!d->centers_are_atoms) {
                size_t n = 0;
                auto positions = reinterpret_cast<const double(*)[3]>(s.positions.data());
                descriptor_centers(d.get(), s.species.size(), positions, 0, nullptr, &n, nullptr);
                points.resize(n);
                descriptor_centers(d.get(), s.species.size(), positions, n,
                                   reinterpret_cast<double(*)[3]>(points.data()), &n, nullptr);
            }
            Described described(d, s, points);
            for (size_t i = 0; i < described.list.n_centers; i++, row++) {
                if (all.rows.size() <= row)
                    all.rows.emplace_back(described.list.center_species[i], std::vector<double>());
                const double *from = described.row(i);
                all.rows[row].second.insert(all.rows[row].second.end(), from, from + d->stride);
            }
        }
        all.stride += d->stride;
    }
    return all;
}

/** Parameters of the model of one central species; fills the tensors under `prefix`. */
using ModelMaker =
    std::function<void(tensor_set *, const std::string &prefix, const json_t *model, const Features &, int species)>;

/** Networks of the form that `model` has, with weights that are waves of some size. */
inline mlsoap_status add_wave_network(tensor_set *tensors, const std::string &prefix, const json_t *model,
                                      const Features &features, double size, double phase, mlsoap_error *error)
{
    const json_t *hidden = json_object_get(model, "hidden");
    const int members = static_cast<int>(schema_integer(model, "members"));
    const size_t n_layers = json_array_size(hidden);
    std::vector<int> n_hidden(n_layers);
    std::vector<std::vector<double>> storage;
    auto numbers = [&](size_t n, double scale, double start) {
        std::vector<double> x(n);
        for (size_t i = 0; i < n; i++) x[i] = scale * wave(i, start + phase);
        storage.push_back(x);
        return storage.size() - 1;
    };
    std::vector<network_weights> weights(static_cast<size_t>(members));
    std::vector<std::vector<size_t>> index(weights.size());
    for (size_t k = 0; k < weights.size(); k++) {
        size_t before = features.stride;
        const double start = 0.37 * static_cast<double>(k);
        for (size_t t = 0; t < n_layers; t++) {
            n_hidden[t] = static_cast<int>(json_integer_value(json_array_get(hidden, t)));
            const size_t n = static_cast<size_t>(n_hidden[t]);
            index[k].push_back(numbers(before * n, 1.5 / std::sqrt(static_cast<double>(t ? before : 4)), start));
            if (t == 0)
                for (size_t f = 0; f < before; f++)
                    for (size_t j = 0; j < n; j++) storage.back()[f * n + j] *= features.weights[f] != 0;
            index[k].push_back(numbers(n, 0.5, start + 1));
            before = n;
        }
        index[k].push_back(numbers(before, size, start + 2));
        index[k].push_back(numbers(features.stride, size, start + 3));
        for (size_t f = 0; f < features.stride; f++) storage.back()[f] *= features.weights[f] != 0;
    }
    for (size_t k = 0; k < weights.size(); k++) {
        for (size_t t = 0; t < n_layers; t++) {
            weights[k].weights[t] = storage[index[k][2 * t]].data();
            weights[k].biases[t] = storage[index[k][2 * t + 1]].data();
        }
        weights[k].output = storage[index[k][2 * n_layers]].data();
        weights[k].skip = storage[index[k][2 * n_layers + 1]].data();
        weights[k].constant = 0.2 + static_cast<double>(k);
    }
    return network_add_tensors(tensors, prefix.c_str(), features.stride, static_cast<int>(n_layers), n_hidden.data(),
                               members, weights.data(), error);
}

/** The default: n sparse points from the rows of that species, blended so that all differ, smooth linear weights, or a
 *  network of such. */
inline ModelMaker default_parameters(size_t n_sparse, double size)
{
    return [=](tensor_set *tensors, const std::string &prefix, const json_t *model, const Features &features,
               int species) {
        std::vector<const double *> rows;
        for (const auto &[z, row] : features.rows)
            if (z == species) rows.push_back(row.data());
        mlsoap_error error{};
        mlsoap_status status;
        if (std::strcmp(schema_text(model, "type"), "linear") == 0) {
            std::vector<double> w(features.stride);
            for (size_t f = 0; f < features.stride; f++) w[f] = features.weights[f] != 0 ? size * wave(f, species) : 0;
            status = linear_add_tensors(tensors, prefix.c_str(), features.stride, w.data(), 0.3, &error);
        } else if (std::strcmp(schema_text(model, "type"), "network") == 0) {
            status = add_wave_network(tensors, prefix, model, features, size, 0.1 * species, &error);
        } else {
            sparse_gp_settings settings;
            sparse_gp_settings_get(model, &settings);
            std::vector<double> points(n_sparse * features.stride), alpha(n_sparse);
            for (size_t s = 0; s < n_sparse && !rows.empty(); s++) {
                double *x = points.data() + s * features.stride;
                for (size_t f = 0; f < features.stride; f++)
                    x[f] = rows[s % rows.size()][f] * (1 + 0.3 * wave(f, static_cast<double>(s)));
                sparse_gp_transform(&settings, features.stride, features.weights.data(), x, x);
                alpha[s] = size * wave(s, 0.5 * species);
            }
            status = sparse_gp_add_tensors(tensors, prefix.c_str(), n_sparse, features.stride, points.data(),
                                           alpha.data(), &error);
        }
        if (status) throw std::runtime_error(error.message);
    };
}

/** A description with one term (all descriptors side by side) for the elements; offsets -1.5, -3, ... eV. */
inline json_t *describe(const std::vector<std::string> &descriptors, const std::string &model,
                        const std::vector<int> &elements, bool points, const std::string &shift = "\"isolated\"")
{
    std::string symbols, offsets, species, list, names;
    for (size_t i = 0; i < elements.size(); i++) {
        std::string comma = i ? "," : "", symbol = element_symbol(elements[i]);
        symbols += comma + "\"" + symbol + "\"";
        offsets += comma + "\"" + symbol + "\":" + std::to_string(-1.5 * static_cast<double>(i + 1));
        if (!points)
            species += comma + "\"" + symbol + R"(":{"tensors":"terms.0.)" + symbol + R"(","shift":)" + shift + "}";
    }
    if (points) species = R"("X":{"tensors":"terms.0.X"})";
    for (size_t i = 0; i < descriptors.size(); i++) {
        Json d(json_of(descriptors[i]));
        const char *given = json_string_value(d["name"]), *type = json_string_value(d["type"]);
        std::string name = given ? given : type ? type : "soap"; // the defaults of the library
        names += (i ? ",\"" : "\"") + name + "\"";
        list += (i ? "," : "") + descriptors[i];
    }
    return json_of(R"({"units":{"energy":"eV","length":"angstrom"},"elements":[)" + symbols + R"(],"offsets":{)" +
                   offsets + R"(},"descriptors":[)" + list + R"(],"terms":[{"descriptors":[)" + names +
                   R"(],"model":)" + model + R"(,"species":{)" + species + "}}]}");
}

/** Complete the keys of a model as potential_new will. */
inline json_t *complete_model(const std::string &text)
{
    json_t *model = json_of(text);
    mlsoap_error error{};
    const model_class *class_ = model_class_find(schema_text(model, "type"));
    if (!class_ || schema_complete(model, class_->settings, "model", nullptr, &error))
        throw std::runtime_error(error.message);
    return model;
}

/** Build a potential whose parameters come from the environments of `structures`. */
inline std::unique_ptr<Potential> make_potential(const std::vector<std::string> &descriptors, const std::string &model,
                                                 const std::vector<Structure> &structures, const ModelMaker &maker,
                                                 const std::string &shift = "\"isolated\"")
{
    Features features = features_of(descriptors, structures);
    auto first = make_descriptor(descriptors[0]);
    std::vector<int> elements(first->species, first->species + first->n_species);
    std::sort(elements.begin(), elements.end());
    bool points = !first->centers_are_atoms;
    tensor_set tensors{};
    Json completed(complete_model(model));
    for (int z : points ? std::vector<int>{0} : elements)
        maker(&tensors, std::string("terms.0.") + element_symbol(z), completed.value, features, z);
    mlsoap_potential *p = nullptr;
    mlsoap_error error{};
    json_t *description = describe(descriptors, model, elements, points, shift);
    if (potential_new(description, &tensors, &p, &error)) throw std::runtime_error(error.message);
    return std::make_unique<Potential>(p);
}

/** A potential of H, C, O that is quick to evaluate. */
inline std::unique_ptr<Potential> small_potential(const std::string &model = R"({"type":"sparse_gp","zeta":2})",
                                                  size_t n_sparse = 12)
{
    return make_potential({R"({"species":["H","C","O"],"r_cut":4.0,"n_max":3,"l_max":2,"sigma":0.5})"}, model,
                          {small_cell()}, default_parameters(n_sparse, 1.0));
}

/** The bytes of a file; an empty string where it does not exist. */
inline std::string file_bytes(const std::string &path)
{
    std::string bytes;
    if (FILE *f = std::fopen(path.c_str(), "rb")) {
        char buffer[4096];
        for (size_t n; (n = std::fread(buffer, 1, sizeof buffer, f)) > 0;) bytes.append(buffer, n);
        std::fclose(f);
    }
    return bytes;
}

/** Where a test may write: a name of its own in the build folder. */
inline std::string scratch_path(const std::string &name)
{
    return std::string(MLSOAP_BINARY_DIR) + "/" + name + "." + std::to_string(static_cast<long>(::getpid()));
}

} // namespace testing_support

#endif
