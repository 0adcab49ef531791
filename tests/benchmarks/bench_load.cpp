// SPDX-License-Identifier: BSD-3-Clause
// Time to read a potential file of some 100 MB, checksums and checks included, from the page cache: four elements, 952
// features each, as many sparse points as the size needs, for zeta = 2 with the stored sum over points as the trainer
// writes it, and without. Counters: MB. Run: build/tests/bench_load
#include <benchmark/benchmark.h>

#include "support/potentials.hpp"

using namespace testing_support;

namespace
{

const char *const descriptor_text =
    R"({"species":["Nb","Mo","Ta","W"],"r_cut":5,"n_max":8,"l_max":6,"sigma":0.5,"compression":{"type":"mix","channels":2}})";

/** Sparse points without environments: rows of unit length, which is all that loading looks at. */
ModelMaker synthetic(size_t n_sparse, bool with_sum)
{
    return [=](tensor_set *tensors, const std::string &prefix, const json_t *model, const Features &features,
               int species) {
        std::vector<double> points(n_sparse * features.stride), alpha(n_sparse, 1e-3);
        for (size_t s = 0; s < n_sparse; s++) {
            double square = 0, *x = points.data() + s * features.stride;
            for (size_t f = 0; f < features.stride; f++) {
                x[f] = features.weights[f] != 0 ? wave(f * (s + 1), species) : 0;
                square += x[f] * x[f];
            }
            for (size_t f = 0; f < features.stride; f++) x[f] /= std::sqrt(square);
        }
        mlsoap_error error{};
        sparse_gp_settings settings;
        sparse_gp_settings_get(model, &settings);
        if (sparse_gp_add_tensors(tensors, prefix.c_str(), n_sparse, features.stride, points.data(), alpha.data(),
                                  &error) ||
            (with_sum && sparse_gp_add_square_sum(tensors, prefix.c_str(), &settings, &error)))
            throw std::runtime_error(error.message);
    };
}

void load(benchmark::State &state)
{
    std::string model = R"({"type":"sparse_gp","zeta":)" + std::to_string(state.range(0)) + "}",
                path = scratch_path("bench_load");
    mlsoap_error error{};
    {
        Structure s;
        s.species = {41, 42, 73, 74};
        s.positions = {{0, 0, 0}, {2.5, 0, 0}, {0, 2.5, 0}, {0, 0, 2.5}};
        auto potential =
            make_potential({descriptor_text}, model, {s}, synthetic(size_t(state.range(1)), state.range(2) != 0));
        if (potential_write_file(potential->get(), path.c_str(), &error)) throw std::runtime_error(error.message);
    }
    for (auto _ : state) {
        mlsoap_potential *p = nullptr;
        if (mlsoap_potential_read_file(path.c_str(), &p, &error)) state.SkipWithError(error.message);
        mlsoap_potential_free(p);
    }
    state.counters["MB"] = double(file_bytes(path).size()) * 1e-6;
    std::remove(path.c_str());
}
BENCHMARK(load)
    ->ArgNames({"zeta", "points", "with_sum"})
    ->Args({4, 3200, 0})
    ->Args({2, 3200, 1})
    ->Args({2, 3200, 0})
    ->Args({4, 320, 0})
    ->Unit(benchmark::kMillisecond);

} // namespace

BENCHMARK_MAIN();
