// SPDX-License-Identifier: BSD-3-Clause
// Structures and environments for tests: from reference files, or random; descriptors from JSON text.
#ifndef MLSOAP_TEST_STRUCTURES_HPP
#define MLSOAP_TEST_STRUCTURES_HPP

#include <array>
#include <cmath>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include <jansson.h>

extern "C" {
#include "core/memory.h"
#include "descriptors/descriptor.h"
#include "structure/neighbor_list.h"
}

namespace testing_support
{

using Vector = std::array<double, 3>;

struct Json {
    json_t *value = nullptr;
    explicit Json(json_t *v) : value(v) {}
    Json(const Json &) = delete;
    Json &operator=(const Json &) = delete;
    ~Json() { json_decref(value); }
    json_t *operator[](const char *key) const { return json_object_get(value, key); }
};

inline std::string reference_path(const std::string &name)
{
    return std::string(MLSOAP_SOURCE_DIR) + "/tests/reference/" + name;
}

inline json_t *read_json(const std::string &name)
{
    json_error_t error;
    json_t *value = json_load_file(reference_path(name).c_str(), 0, &error);
    if (!value) throw std::runtime_error(name + ": " + error.text);
    return value;
}

inline std::vector<double> numbers(const json_t *list)
{
    std::vector<double> out;
    size_t i;
    json_t *item;
    json_array_foreach(list, i, item)
    {
        if (json_is_array(item))
            for (double x : numbers(item)) out.push_back(x);
        else
            out.push_back(json_number_value(item));
    }
    return out;
}

struct Structure {
    std::vector<int> species;
    std::vector<Vector> positions;
    std::array<Vector, 3> cell{};
    std::array<int, 3> pbc{};

    /** A view that the C functions take; valid as long as this object. */
    structure view() const
    {
        structure s{};
        s.n_atoms = species.size();
        s.species = const_cast<int *>(species.data());
        s.positions = reinterpret_cast<double(*)[3]>(const_cast<Vector *>(positions.data()));
        for (size_t a = 0; a < 3; a++) {
            s.pbc[a] = pbc[a];
            for (size_t b = 0; b < 3; b++) s.cell[a][b] = cell[a][b];
        }
        return s;
    }
};

inline Structure structure_from_json(const json_t *value)
{
    Structure s;
    for (double z : numbers(json_object_get(value, "numbers"))) s.species.push_back(static_cast<int>(z));
    auto x = numbers(json_object_get(value, "positions"));
    for (size_t i = 0; i < s.species.size(); i++) s.positions.push_back({x[3 * i], x[3 * i + 1], x[3 * i + 2]});
    auto c = numbers(json_object_get(value, "cell"));
    for (size_t a = 0; a < 3 && c.size() == 9; a++) s.cell[a] = {c[3 * a], c[3 * a + 1], c[3 * a + 2]};
    const json_t *pbc = json_object_get(value, "pbc");
    for (size_t a = 0; a < 3; a++)
        s.pbc[a] =
            json_is_true(pbc) || json_is_true(json_array_get(pbc, a)) || json_integer_value(json_array_get(pbc, a));
    return s;
}

/** A triclinic cell of about `length` with atoms no closer than 1.2 Angstrom (images included); deterministic. */
inline Structure random_structure(unsigned seed, const std::vector<int> &species, double length)
{
    std::mt19937 generator(seed);
    std::uniform_real_distribution<double> uniform(0, 1), skew(-0.4, 0.4);
    Structure s;
    s.species = species;
    s.pbc = {1, 1, 1};
    for (size_t a = 0; a < 3; a++)
        for (size_t b = 0; b < 3; b++) s.cell[a][b] = a == b ? length + skew(generator) : skew(generator);
    auto image_distance = [&](const Vector &u, const Vector &v) {
        double nearest = 1e9;
        for (int i = -1; i <= 1; i++)
            for (int j = -1; j <= 1; j++)
                for (int k = -1; k <= 1; k++) {
                    double d2 = 0;
                    for (size_t a = 0; a < 3; a++) {
                        double d = u[a] - v[a] + i * s.cell[0][a] + j * s.cell[1][a] + k * s.cell[2][a];
                        d2 += d * d;
                    }
                    nearest = std::min(nearest, std::sqrt(d2));
                }
        return nearest;
    };
    while (s.positions.size() < species.size()) {
        Vector f{uniform(generator), uniform(generator), uniform(generator)}, x{};
        for (size_t a = 0; a < 3; a++)
            for (size_t b = 0; b < 3; b++) x[b] += f[a] * s.cell[a][b];
        bool good = true;
        for (const auto &other : s.positions) good = good && image_distance(x, other) > 1.2;
        if (good) s.positions.push_back(x);
    }
    return s;
}

/** A descriptor from JSON text; throws with the library's message. */
inline std::shared_ptr<descriptor> make_descriptor(const std::string &text)
{
    json_error_t parse_error;
    json_t *settings = json_loads(text.c_str(), 0, &parse_error);
    if (!settings) throw std::runtime_error(std::string(parse_error.text) + " in " + text);
    descriptor *d = nullptr;
    mlsoap_error error{};
    mlsoap_status status = descriptor_new(settings, "descriptors.0", nullptr, &d, &error);
    json_decref(settings);
    if (status) throw std::runtime_error(error.message);
    return {d, descriptor_free};
}

/** Neighbor list, workspace and features of all centers of a structure, block by block. */
class Described
{
  public:
    Described(std::shared_ptr<descriptor> d, const Structure &s, const std::vector<Vector> &points = {})
        : d_(std::move(d)), structure_(s), points_(points)
    {
        mlsoap_error error{};
        structure view = structure_.view();
        neighbor_centers centers{points_.size(), reinterpret_cast<const double(*)[3]>(points_.data())};
        if (neighbor_list_build(&list, &view, d_->r_cut, points_.empty() ? nullptr : &centers, &error) ||
            d_->class_->workspace_new(d_.get(), &workspace_, &error) ||
            d_->class_->workspace_reserve(d_.get(), workspace_, n_pairs(), &error))
            throw std::runtime_error(error.message);
        features.resize(list.n_centers * d_->stride);
        for (size_t i = 0; i < list.n_centers; i++) select(i);
    }
    Described(const Described &) = delete;
    Described &operator=(const Described &) = delete;
    ~Described()
    {
        d_->class_->workspace_free(workspace_);
        neighbor_list_release(&list);
    }

    size_t n_pairs() const { return static_cast<size_t>(list.first[list.n_centers]); }

    /** Make center i the workspace's block (of one). */
    void select(size_t i)
    {
        first_ = {0, list.first[i + 1] - list.first[i]};
        size_t o = static_cast<size_t>(list.first[i]);
        block_ = {sizeof block_, 1,          list.center_species + i, first_.data(), list.species + o, list.dx + o,
                  list.dy + o,   list.dz + o};
        values_.resize(d_->stride);
        d_->class_->values(d_.get(), workspace_, &block_, row_buffer(), d_->stride);
        std::copy(row_buffer(), row_buffer() + d_->stride, features.begin() + static_cast<long>(i * d_->stride));
    }

    std::vector<double> adjoint(size_t i, const std::vector<double> &g)
    {
        select(i);
        std::vector<double> f(3 * static_cast<size_t>(first_[1]));
        std::copy(g.begin(), g.end(), row_buffer());
        d_->class_->adjoint(d_.get(), workspace_, &block_, row_buffer(), d_->stride, f.data());
        return f;
    }

    std::vector<double> jacobian(size_t i)
    {
        select(i);
        std::vector<double> j(3 * static_cast<size_t>(first_[1]) * d_->stride);
        d_->class_->jacobian(d_.get(), workspace_, &block_, 0, j.data(), d_->stride);
        return j;
    }

    std::vector<double> tangent(size_t i, const std::vector<double> &v)
    {
        select(i);
        std::vector<double> row(d_->stride);
        d_->class_->tangent(d_.get(), workspace_, &block_, v.data(), row.data(), d_->stride);
        return row;
    }

    const double *row(size_t i) const { return features.data() + i * d_->stride; }

    neighbor_list list{};
    std::vector<double> features; // [n_centers][stride]

  private:
    double *row_buffer()
    {
        if (!buffer_) buffer_.reset(MEMORY_NEW(double, d_->stride), memory_free);
        return buffer_.get();
    }
    std::shared_ptr<descriptor> d_;
    Structure structure_;
    std::vector<Vector> points_;
    descriptor_workspace *workspace_ = nullptr;
    mlsoap_environments block_{};
    std::array<int, 2> first_{};
    std::vector<double> values_;
    std::shared_ptr<double> buffer_;
};

/** A descriptor that the derivative and symmetry tests run over; species H, C, O. */
struct DescriptorVariant {
    std::string name, settings;
    bool smooth = true;       /* goes to 0 at the cutoff: made for MD */
    bool central_atom = true; /* an isolated atom has features */
};

inline const std::vector<DescriptorVariant> &soap_variants()
{
    static const std::vector<DescriptorVariant> variants = {
        {"gaussians_exact", R"({"species":["H","C","O"],"r_cut":4.0,"n_max":4,"l_max":3,"sigma":0.5})"},
        {"gaussians_collocation",
         R"({"species":["H","C","O"],"r_cut":4.0,"n_max":5,"l_max":2,"sigma":0.5,"projection":"collocation"})"},
        {"gaussians_large",
         R"({"species":["O","C","H"],"r_cut":4.5,"n_max":9,"l_max":9,"sigma":0.4,"cutoff":{"function":"cosine"}})"},
        {"gto", R"({"species":["H","C","O"],"r_cut":4.0,"n_max":3,"l_max":3,"sigma":0.5,"basis":"gto"})"},
        {"polynomial",
         R"({"species":["H","C","O"],"r_cut":4.0,"n_max":4,"l_max":3,"sigma":0.6,"basis":"polynomial","cutoff":{"function":"poly","m":2}})"},
        {"radial_scaling",
         R"({"species":["H","C","O"],"r_cut":4.2,"n_max":4,"l_max":3,"sigma":0.5,"radial_scaling":{"r0":2.5,"m":4},"cutoff":{"function":"shifted_cosine","width":1.5}})"},
        {"scaling_fractional",
         R"({"species":["H","C","O"],"r_cut":4.2,"n_max":4,"l_max":2,"sigma":0.5,"radial_scaling":{"r0":2.5,"m":3.5},"cutoff":{"function":"cosine"}})"},
        {"mu1nu1", R"({"species":["H","C","O"],"r_cut":4.0,"n_max":4,"l_max":3,"sigma":0.5,"compression":"mu1nu1"})"},
        {"mu2", R"({"species":["H","C","O"],"r_cut":4.0,"n_max":4,"l_max":3,"sigma":0.5,"compression":"mu2"})"},
        {"crossover",
         R"({"species":["H","C","O"],"r_cut":4.0,"n_max":4,"l_max":3,"sigma":0.5,"compression":"crossover"})"},
        {"mix", R"({"species":["H","C","O"],"r_cut":4.0,"n_max":4,"l_max":3,"sigma":0.5,"compression":"mix"})"},
        {"mix_one",
         R"({"species":["H","C","O"],"r_cut":4.0,"n_max":4,"l_max":3,"sigma":0.5,"compression":{"channels":1}})"},
        {"weights",
         R"({"species":["H","C","O"],"r_cut":4.0,"n_max":4,"l_max":3,"sigma":0.5,"w0":0.4,"species_weights":{"H":0.5,"O":2}})"},
        {"bispectrum",
         R"({"species":["H","C","O"],"r_cut":4.0,"n_max":4,"l_max":3,"sigma":0.5,"bispectrum":{"channels":2,"l_max":3,"scale":30,"weight":0.5,"matrix":[[[0.540302,-0.128844,-0.737394,-0.999135],[-0.989992,-0.8481,-0.307333,0.377978]],[[-0.416147,-0.904072,-0.966798,-0.574824],[-0.653644,-0.0123887,0.634693,0.983268]],[[-0.989992,-0.8481,-0.307333,0.377978],[0.283662,0.834713,0.993185,0.684547]]]}})"},
        {"bispectrum_normalized",
         R"({"species":["H","C","O"],"r_cut":4.0,"n_max":3,"l_max":3,"sigma":0.5,"compression":"mu1nu1","normalize":true,"bispectrum":{"channels":2,"l_max":2,"scale":30,"weight":0.5,"matrix":[[[0.540302,-0.128844,-0.737394],[-0.989992,-0.8481,-0.307333]],[[-0.416147,-0.904072,-0.966798],[-0.653644,-0.0123887,0.634693]]]}})"},
        {"normalized", R"({"species":["H","C","O"],"r_cut":4.0,"n_max":4,"l_max":3,"sigma":0.5,"normalize":true})"},
        {"quip", R"({"mode":"quip","species":["O","H","C"],"r_cut":4.0,"n_max":4,"l_max":3,"sigma":0.5})"},
        {"quip_sigma0",
         R"({"mode":"quip","species":["H","C","O"],"r_cut":4.2,"n_max":3,"l_max":2,"sigma":0.6,"w0":0.3,"covariance_sigma0":0.1,"central_reference_all_species":true,"normalize":false})"},
        {"dscribe_gto", R"({"mode":"dscribe","species":["H","C","O"],"r_cut":3.0,"n_max":3,"l_max":3,"sigma":0.3})",
         false},
        {"dscribe_polynomial",
         R"({"mode":"dscribe","species":["H","C","O"],"r_cut":3.0,"n_max":3,"l_max":3,"sigma":0.3,"basis":"polynomial","compression":"mu2"})",
         false},
        {"dscribe_pow",
         R"({"mode":"dscribe","species":["H","C","O"],"r_cut":3.0,"n_max":3,"l_max":2,"sigma":0.3,"weighting":{"function":"pow","r0":2,"m":4,"w0":0.5}})",
         false},
        {"dscribe_exp",
         R"({"mode":"dscribe","species":["H","C","O"],"r_cut":3.0,"n_max":3,"l_max":2,"sigma":0.3,"weighting":{"function":"exp","r0":2}})",
         false},
        {"dscribe_poly",
         R"({"mode":"dscribe","species":["H","C","O"],"r_cut":3.0,"n_max":3,"l_max":2,"sigma":0.3,"weighting":{"function":"poly","r0":3,"m":2}})"},
        {"l_zero", R"({"species":["H","C","O"],"r_cut":4.0,"n_max":4,"l_max":0,"sigma":0.5})"},
    };
    return variants;
}

/** Those of symmetry functions. */
inline const std::vector<DescriptorVariant> &acsf_variants()
{
    static const std::string start = R"({"type":"acsf","mode":"runner","species":["H","C","O"],)";
    static const std::vector<DescriptorVariant> variants = {
        {"acsf_classic",
         start +
             R"("functions":["* 2 H 0.5 0 5","* 2 C 0.4 1 5","* 2 C 1 2 5","* 3 C C 0.1 1 2 5","* 2 O 1 1.5 5","* 3 H H 0.1 1 2 5","* 3 O H 0.05 -1 1 5","* 3 C O 0.1 1 4 5","* 9 O O 0.1 -1 3.5 5"]})"},
        {"acsf_weighted",
         start +
             R"("cutoff":{"type":6,"alpha":0.3},"functions":["* 12 0.5 0.3 5","* 12 0.1 0 5","* 13 0.2 0 1 2 5","* 13 0.4 0 1 2 5","* 13 0.1 0.2 -1 1 4.2"]})"},
        {"acsf_tanh",
         start +
             R"("cutoff":{"type":3},"functions":["* 2 H 0.5 0 5","* 12 0.5 1 5","* 12 1 2 5","* 13 0.2 0 1 2 5","* 3 H O 0.1 1 2 5","* 9 C O 0.1 -1 1 5"]})"},
        {"acsf_compact",
         start +
             R"("functions":["* 20 H 0 5 p2","* 20 O 0.5 5 e","* 20 C -5 5 p3a","* 21 H O 0 5 20 160 p2","* 22 O O 0 5 10 170 p3","* 23 0 5 p4","* 24 0 5 30 150 e","* 25 0 5 20 170 p2a"]})"},
        {"acsf_own_centers",
         start +
             R"("cutoff":{"type":4},"functions":["H 2 O 0.5 0 5","C 2 H 0.5 1 5","O 2 H 0.5 1 5","O 3 H H 0.1 1 2 5","H 3 O C 0.1 -1 1 5","* 12 0.3 0.5 5","C 13 0.2 0 1 2 5","C 2 C 1 2 5"]})"},
        {"acsf_dscribe",
         R"({"type":"acsf","mode":"dscribe","species":["H","C","O"],"r_cut":5,"g2":[[1,1]],"g3":[1.5],"g4":[[0.1,2,1],[0.05,1.5,-1]],"g5":[[0.1,1,1]]})"},
    };
    return variants;
}

/** All of them, for what must hold for every descriptor. */
inline const std::vector<DescriptorVariant> &descriptor_variants()
{
    static const std::vector<DescriptorVariant> variants = [] {
        std::vector<DescriptorVariant> all = soap_variants();
        for (DescriptorVariant variant : acsf_variants()) {
            variant.central_atom = false;
            all.push_back(variant);
        }
        return all;
    }();
    return variants;
}

/** Six atoms of H, C, O in a cell smaller than twice the cutoff: self-images are there. */
inline Structure small_cell()
{
    return random_structure(11, {1, 8, 1, 6, 8, 1}, 4.6);
}

} // namespace testing_support

#endif
