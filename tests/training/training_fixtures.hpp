// SPDX-License-Identifier: BSD-3-Clause
// Frames, configurations and fits made in memory, for the tests of the trainer.
#ifndef MLSOAP_TRAINING_FIXTURES_HPP
#define MLSOAP_TRAINING_FIXTURES_HPP

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <random>
#include <string>
#include <vector>

extern "C" {
#include "app/config_terms.h"
#include "core/memory.h"
#include "dataset.h"
#include "defaults.h"
#include "feature_set.h"
#include "fit_method.h"
#include "potential/potential.h"
#include "train_output.h"
}

struct atom {
    int species;
    double x, y, z;
};

// A frame without targets; L > 0: cubic periodic cell.
inline frame make_frame(const std::vector<atom> &atoms, double L = 0, const char *config_type = "default")
{
    frame f{};
    mlsoap_error error;
    EXPECT_EQ(MLSOAP_SUCCESS, structure_new(&f.structure, atoms.size(), &error));
    for (size_t i = 0; i < atoms.size(); i++) {
        f.structure.species[i] = atoms[i].species;
        f.structure.positions[i][0] = atoms[i].x;
        f.structure.positions[i][1] = atoms[i].y;
        f.structure.positions[i][2] = atoms[i].z;
    }
    for (int k = 0; k < 3 && L > 0; k++) {
        f.structure.cell[k][k] = L;
        f.structure.pbc[k] = 1;
    }
    f.config_type = memory_copy_text(config_type);
    f.weight = 1;
    return f;
}

// Forces that add up to 0.
inline void set_forces(frame &f, double value = 0)
{
    f.has_forces = true;
    f.forces = (double(*)[3])memory_new(f.structure.n_atoms, sizeof *f.forces);
    for (size_t i = 0; i < f.structure.n_atoms; i++)
        for (int a = 0; a < 3; a++)
            f.forces[i][a] = value * (a + 1) * ((double)i - 0.5 * (double)(f.structure.n_atoms - 1));
}

inline void add_frame(frame_set &set, frame f)
{
    if (set.n_files == 0) {
        ASSERT_TRUE(MEMORY_RESERVE(&set.files, &set.capacity_files, 1));
        set.files[0].path = memory_copy_text("memory.xyz");
        set.n_files = 1;
    }
    ASSERT_TRUE(MEMORY_RESERVE(&set.frames, &set.capacity, set.n_frames + 1));
    f.index = set.n_frames;
    f.line = (long)(10 * set.n_frames + 1);
    set.frames[set.n_frames++] = f;
}

// n random periodic frames of n_atoms atoms at least 1.6 Angstrom apart, of the elements in turn.
inline void add_random_frames(frame_set &set, size_t n, size_t n_atoms, const std::vector<int> &species, unsigned seed,
                              double L = 5.5, const char *config_type = "random")
{
    std::mt19937_64 engine(seed);
    std::uniform_real_distribution<double> uniform(0, L);
    for (size_t c = 0; c < n; c++) {
        std::vector<atom> atoms;
        while (atoms.size() < n_atoms) {
            atom a{species[atoms.size() % species.size()], uniform(engine), uniform(engine), uniform(engine)};
            bool free = true;
            for (const atom &b : atoms) {
                double d2 = 0;
                for (double d : {a.x - b.x, a.y - b.y, a.z - b.z}) {
                    d -= L * std::rint(d / L);
                    d2 += d * d;
                }
                free = free && d2 > 1.6 * 1.6;
            }
            if (free) atoms.push_back(a);
        }
        add_frame(set, make_frame(atoms, L, config_type));
    }
}

inline config make_config(const std::vector<std::string> &keys)
{
    config c{};
    mlsoap_error error;
    EXPECT_EQ(MLSOAP_SUCCESS, config_read(nullptr, &c, &error));
    for (const std::string &key : keys) EXPECT_EQ(MLSOAP_SUCCESS, config_set(&c, key.c_str(), &error)) << error.message;
    EXPECT_EQ(MLSOAP_SUCCESS, config_complete(&c, &error)) << error.message;
    return c;
}

// Everything of a fit but the data files: set frames into data.train, then begin().
struct training_fixture {
    config c{};
    dataset data{};
    std::vector<int> elements;
    std::vector<double> offsets;
    std::vector<descriptor *> descriptors;
    fit_term terms[4]{};
    std::vector<descriptor *> of_term[4];
    feature_set &features = terms[0].features; // where there is one term
    fit_problem problem{};
    fit *f = nullptr;

    // JSON of a descriptor without species; its name is soap where there is none.
    void add_descriptor(const std::string &settings, json_t *list)
    {
        mlsoap_error error{};
        json_t *json = json_loads(settings.c_str(), 0, nullptr), *species = json_array();
        ASSERT_NE(nullptr, json);
        for (int number : elements)
            json_array_append_new(species, json_string(number == 14 ? "Si" : number == 6 ? "C" : "H"));
        json_object_set_new(json, "species", species);
        if (!json_object_get(json, "name")) json_object_set_new(json, "name", json_string("soap"));
        descriptor *d = nullptr;
        ASSERT_EQ(MLSOAP_SUCCESS, descriptor_new(json, "descriptors.0", nullptr, &d, &error)) << error.message;
        json_array_append_new(list, json);
        descriptors.push_back(d);
    }

    // The features of a term of the configuration.
    void make_term(size_t i)
    {
        mlsoap_error error{};
        json_t *names = json_array();
        for (descriptor *d : descriptors)
            if (config_term_has(config_term(c.root, i), d->settings)) {
                of_term[i].push_back(d);
                json_array_append(names, json_object_get(d->settings, "name"));
            }
        terms[i].descriptor_names = names;
        ASSERT_EQ(MLSOAP_SUCCESS,
                  feature_set_new(&terms[i].features, of_term[i].data(), (int)of_term[i].size(), &error))
            << error.message;
        ASSERT_EQ(MLSOAP_SUCCESS, default_kernel(config_term(c.root, i), &terms[i].features, elements.data(),
                                                 (int)elements.size(), &error));
    }

    void begin(const std::string &settings, const std::vector<std::string> &keys, const std::vector<int> &z,
               const std::vector<double> &e0)
    {
        begin_several({settings}, keys, z, e0);
    }

    void begin_several(const std::vector<std::string> &settings, const std::vector<std::string> &keys,
                       const std::vector<int> &z, const std::vector<double> &e0)
    {
        mlsoap_error error{};
        c = make_config(keys);
        elements = z;
        offsets = e0;
        data.elements = MEMORY_NEW(int, z.size());
        data.n_elements = (int)z.size();
        for (size_t e = 0; e < z.size(); e++) data.elements[e] = z[e];
        json_t *list = json_array();
        for (const std::string &text : settings) add_descriptor(text, list);
        json_object_set_new(c.root, "descriptors", list);
        for (size_t i = 0; i < config_n_terms(c.root); i++) make_term(i);
        ASSERT_EQ(MLSOAP_SUCCESS, dataset_split(&data, &c, &error)) << error.message;
        problem = fit_problem{};
        problem.config = &c;
        problem.data = &data;
        problem.terms = terms;
        problem.n_terms = config_n_terms(c.root);
        problem.elements = elements.data();
        problem.n_elements = (int)elements.size();
        problem.offsets = offsets.data();
        problem.memory = (size_t)4 << 30;
    }

    mlsoap_potential *potential(fit_stage stage)
    {
        mlsoap_error error{};
        fit_result result{};
        mlsoap_potential *p = nullptr;
        if (!f) {
            EXPECT_EQ(MLSOAP_SUCCESS, fit_method_of(&c)->create(&problem, &f, &error)) << error.message;
            EXPECT_EQ(MLSOAP_SUCCESS, f->method->prepare(f, &error)) << error.message;
        }
        EXPECT_EQ(MLSOAP_SUCCESS, f->method->solve(f, stage, &result, &error)) << error.message;
        EXPECT_EQ(MLSOAP_SUCCESS, train_potential(&problem, &result, &p, &error)) << error.message;
        fit_result_release(&result);
        return p;
    }

    ~training_fixture()
    {
        if (f) f->method->free(f);
        for (fit_term &term : terms) {
            feature_set_release(&term.features);
            json_decref(term.descriptor_names);
        }
        for (descriptor *d : descriptors) descriptor_free(d);
        dataset_release(&data);
        config_release(&c);
    }
};

// Label frames with the energies, forces and virials of a potential.
inline void label(frame_set &set, const mlsoap_potential *p)
{
    mlsoap_error error{};
    mlsoap_workspace *w = nullptr;
    ASSERT_EQ(MLSOAP_SUCCESS, mlsoap_workspace_new(p, &w, &error));
    for (size_t c = 0; c < set.n_frames; c++) {
        frame &f = set.frames[c];
        if (!f.forces) set_forces(f);
        ASSERT_EQ(MLSOAP_SUCCESS,
                  potential_evaluate(p, w, &f.structure, &f.energy, nullptr, f.forces, f.virial, &error))
            << error.message;
        f.has_energy = true;
        f.has_virial = f.structure.pbc[0];
    }
    mlsoap_workspace_free(w);
}

#endif
