// SPDX-License-Identifier: BSD-3-Clause
// Time of a whole evaluation (neighbor list apart: environments in, energies and derivatives out) on one core for the
// models on one descriptor, us per atom: silicon of 1000 atoms near 300 K, n_max 8, l_max 6, r_cut 5, 252 features; and
// the same crystal of four elements, mixed to one channel (252 features) or two (952).
// Run: build/tests/bench_models --benchmark_enable_random_interleaving=true --benchmark_repetitions=9
#include "benchmarks/bench_descriptor.hpp"
#include "support/potentials.hpp"

using namespace testing_support;

namespace
{

#define SOAP    "\"r_cut\":5,\"n_max\":8,\"l_max\":6,\"sigma\":0.5,\"radial_scaling\":{\"r0\":2.7,\"m\":4}"
#define FOUR    "\"species\":[\"Si\",\"Ge\",\"C\",\"Al\"]," SOAP
#define NETWORK "\"type\":\"network\",\"hidden\":[64,64],\"activations\":[\"silu\",\"silu\"],\"normalized\":true"

const char *const one = R"({"species":["Si"],)" SOAP "}";
const char *const four_in_one = "{" FOUR R"(,"compression":{"type":"mix","channels":1}})";
const char *const four_in_two = "{" FOUR R"(,"compression":{"type":"mix","channels":2}})";

struct Model {
    const char *name, *settings;
    size_t n_sparse;
    const char *descriptor;
};

const char *const linear = R"({"type":"linear","normalized":true})";
const char *const network = "{" NETWORK "}";

const Model models[] = {
    {"linear", linear, 1, one},
    {"network 32-32", R"({"type":"network","hidden":[32,32],"activations":["silu","silu"],"normalized":true})", 1, one},
    {"network 64-64", network, 1, one},
    {"committee of 4 of 64-64", "{" NETWORK R"(,"members":4})", 1, one},
    {"sparse GP, zeta 2, 1000 points", R"({"type":"sparse_gp","zeta":2})", 1000, one},
    {"sparse GP, zeta 2, 40 leading points", R"({"type":"sparse_gp","zeta":2})", 40, one},
    {"sparse GP, zeta 4, 1000 points", R"({"type":"sparse_gp","zeta":4})", 1000, one},
    {"four elements in one channel, linear", linear, 1, four_in_one},
    {"four elements in one channel, network 64-64", network, 1, four_in_one},
    {"four elements in one channel, zeta 2, 1000 points each", R"({"type":"sparse_gp","zeta":2})", 1000, four_in_one},
    {"four elements in two channels, linear", linear, 1, four_in_two},
    {"four elements in two channels, network 64-64", network, 1, four_in_two},
    {"four elements in two channels, zeta 2, 64 leading points each", R"({"type":"sparse_gp","zeta":2})", 64,
     four_in_two},
    {"four elements in two channels, zeta 2, 300 points each", R"({"type":"sparse_gp","zeta":2})", 300, four_in_two},
    {"four elements in two channels, zeta 2, 1000 points each", R"({"type":"sparse_gp","zeta":2})", 1000, four_in_two},
};

/** Silicon, or the same crystal with the elements of the descriptor in turn and at random. */
Structure crystal(const char *settings)
{
    Structure s = silicon(5);
    auto d = make_descriptor(settings);
    std::mt19937 generator(11);
    for (size_t i = 0; i < s.species.size(); i++) s.species[i] = d->species[int(i) % d->n_species];
    std::shuffle(s.species.begin(), s.species.end(), generator);
    return s;
}

void evaluation(benchmark::State &state)
{
    const Model &m = models[state.range(0)];
    Structure s = crystal(m.descriptor);
    structure view = s.view();
    auto potential = make_potential({m.descriptor}, m.settings, {s}, default_parameters(m.n_sparse, 0.01));
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
BENCHMARK(evaluation)
    ->DenseRange(0, int(sizeof models / sizeof *models) - 1)
    ->ArgName("model")
    ->Unit(benchmark::kMillisecond);

} // namespace

BENCHMARK_MAIN();
