// SPDX-License-Identifier: BSD-3-Clause
// Time of SOAP on one core, us per atom: silicon of 1000 atoms near 300 K, n_max 8, l_max 6, r_cut 5, in blocks of 16.
// Counters: us_per_atom. Run: build/tests/bench_soap --benchmark_format=json
#include <benchmark/benchmark.h>

#include "support/structures.hpp"

using namespace testing_support;

namespace
{

Structure silicon(int cells)
{
    const double a = 5.469;
    const double basis[8][3] = {{0, 0, 0},       {0, .5, .5},     {.5, 0, .5},     {.5, .5, 0},
                                {.25, .25, .25}, {.25, .75, .75}, {.75, .25, .75}, {.75, .75, .25}};
    std::mt19937 generator(7);
    std::normal_distribution<double> displacement(0, 0.038);
    Structure s;
    s.pbc = {1, 1, 1};
    for (size_t k = 0; k < 3; k++) s.cell[k][k] = a * cells;
    for (int i = 0; i < cells * cells * cells; i++)
        for (const auto &b : basis) {
            s.species.push_back(14);
            s.positions.push_back({a * (b[0] + i % cells) + displacement(generator),
                                   a * (b[1] + i / cells % cells) + displacement(generator),
                                   a * (b[2] + i / cells / cells) + displacement(generator)});
        }
    return s;
}

struct Setup {
    std::shared_ptr<descriptor> d;
    neighbor_list list{};
    descriptor_workspace *w = nullptr;
    std::shared_ptr<double> D;
    std::vector<double> forces;

    explicit Setup(const std::string &settings) : d(make_descriptor(settings))
    {
        Structure s = silicon(5);
        structure view = s.view();
        if (neighbor_list_build(&list, &view, d->r_cut, nullptr, nullptr) ||
            d->class_->workspace_new(d.get(), &w, nullptr) ||
            d->class_->workspace_reserve(d.get(), w, 16 * 200, nullptr))
            throw std::bad_alloc();
        D.reset(MEMORY_NEW(double, d->stride *DESCRIPTOR_BLOCK), memory_free);
        forces.resize(3 * size_t(list.first[list.n_centers]));
    }
    ~Setup()
    {
        d->class_->workspace_free(w);
        neighbor_list_release(&list);
    }
    mlsoap_environments block(size_t i, std::vector<int> &first) const
    {
        first.clear();
        size_t n = std::min<size_t>(DESCRIPTOR_BLOCK, list.n_centers - i);
        for (size_t k = 0; k <= n; k++) first.push_back(list.first[i + k] - list.first[i]);
        size_t o = size_t(list.first[i]);
        return {sizeof(mlsoap_environments),
                int(n),
                list.center_species + i,
                first.data(),
                list.species + o,
                list.dx + o,
                list.dy + o,
                list.dz + o};
    }
};

const char *const settings[] = {
    R"({"species":["Si"],"r_cut":5,"n_max":8,"l_max":6,"sigma":0.5,"radial_scaling":{"r0":2.7,"m":4}})",
    R"({"species":["Si"],"r_cut":5,"n_max":6,"l_max":4,"sigma":0.5,"radial_scaling":{"r0":2.7,"m":4}})",
    R"({"species":["Si"],"r_cut":5,"n_max":12,"l_max":8,"sigma":0.5,"radial_scaling":{"r0":2.7,"m":4}})"};

void run(benchmark::State &state, bool adjoint)
{
    Setup setup(settings[state.range(0)]);
    const descriptor *d = setup.d.get();
    std::vector<int> first;
    for (auto _ : state)
        for (size_t i = 0; i < setup.list.n_centers; i += DESCRIPTOR_BLOCK) {
            auto block = setup.block(i, first);
            d->class_->values(d, setup.w, &block, setup.D.get(), d->stride);
            if (adjoint)
                d->class_->adjoint(d, setup.w, &block, setup.D.get(), d->stride,
                                   setup.forces.data() + 3 * setup.list.first[i]);
            benchmark::DoNotOptimize(setup.D.get());
        }
    state.counters["us_per_atom"] =
        benchmark::Counter(double(setup.list.n_centers) * 1e-6,
                           benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
    state.SetLabel(std::string(mlsoap_isa()) + ", neighbors " +
                   std::to_string(setup.list.first[setup.list.n_centers] / int(setup.list.n_centers)));
}

void values(benchmark::State &state)
{
    run(state, false);
}
void values_and_adjoint(benchmark::State &state)
{
    run(state, true);
}
BENCHMARK(values)->Arg(0)->Arg(1)->Arg(2)->ArgName("set")->Unit(benchmark::kMillisecond);
BENCHMARK(values_and_adjoint)->Arg(0)->Arg(1)->Arg(2)->ArgName("set")->Unit(benchmark::kMillisecond);

} // namespace

BENCHMARK_MAIN();
