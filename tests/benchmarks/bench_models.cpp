// SPDX-License-Identifier: BSD-3-Clause
// Time of a whole evaluation (neighbor list apart: environments in, energies and derivatives out) on one core for the
// models on one descriptor, us per atom: silicon of 1000 atoms near 300 K, n_max 8, l_max 6, r_cut 5, 252 features.
// Run: build/tests/bench_models --benchmark_enable_random_interleaving=true --benchmark_repetitions=9
#include "benchmarks/bench_descriptor.hpp"
#include "support/potentials.hpp"

using namespace testing_support;

namespace
{

const char *const descriptor_settings =
    R"({"species":["Si"],"r_cut":5,"n_max":8,"l_max":6,"sigma":0.5,"radial_scaling":{"r0":2.7,"m":4}})";

struct Model {
    const char *name, *settings;
    size_t n_sparse;
};

const Model models[] = {
    {"linear", R"({"type":"linear","normalized":true})", 1},
    {"network 32-32", R"({"type":"network","hidden":[32,32],"activations":["silu","silu"],"normalized":true})", 1},
    {"network 64-64", R"({"type":"network","hidden":[64,64],"activations":["silu","silu"],"normalized":true})", 1},
    {"committee of 4 of 64-64",
     R"({"type":"network","hidden":[64,64],"activations":["silu","silu"],"normalized":true,"members":4})", 1},
    {"sparse GP, zeta 2, 1000 points", R"({"type":"sparse_gp","zeta":2})", 1000},
};

void evaluation(benchmark::State &state)
{
    const Model &m = models[state.range(0)];
    Structure s = silicon(5);
    structure view = s.view();
    auto potential = make_potential({descriptor_settings}, m.settings, {s}, default_parameters(m.n_sparse, 0.01));
    neighbor_list list{};
    neighbor_list_build(&list, &view, potential->get()->r_cut, nullptr, nullptr);
    mlsoap_environments e = {
        sizeof e, int(list.n_centers), list.center_species, list.first, list.species, list.dx, list.dy, list.dz};
    std::vector<double> energies(list.n_centers), derivatives(3 * size_t(list.first[list.n_centers]));
    for (auto _ : state)
        mlsoap_evaluate_environments(potential->get(), potential->workspace(), &e, energies.data(), derivatives.data(),
                                     nullptr);
    state.counters["us_per_atom"] = benchmark::Counter(
        double(list.n_centers) * 1e-6, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
    state.SetLabel(std::string(mlsoap_isa()) + ", " + m.name);
    neighbor_list_release(&list);
}
BENCHMARK(evaluation)->DenseRange(0, 4)->ArgName("model")->Unit(benchmark::kMillisecond);

} // namespace

BENCHMARK_MAIN();
