// SPDX-License-Identifier: BSD-3-Clause
// A descriptor over a silicon crystal on one core, in blocks: what the benchmarks of descriptors share.
#ifndef MLSOAP_BENCH_DESCRIPTOR_HPP
#define MLSOAP_BENCH_DESCRIPTOR_HPP

#include <benchmark/benchmark.h>

#include "support/structures.hpp"

namespace testing_support
{

/** Silicon of 8 cells^3 atoms near 300 K. */
inline Structure silicon(int cells)
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

/** A descriptor, its neighbor list and workspace. */
struct DescriptorSetup {
    std::shared_ptr<descriptor> d;
    neighbor_list list{};
    descriptor_workspace *w = nullptr;
    std::shared_ptr<double> D;
    std::vector<double> forces;

    explicit DescriptorSetup(const std::string &settings) : d(make_descriptor(settings))
    {
        Structure s = silicon(5);
        std::mt19937 generator(11);
        for (int &z : s.species) z = d->species[generator() % unsigned(d->n_species)];
        structure view = s.view();
        if (neighbor_list_build(&list, &view, d->r_cut, nullptr, nullptr) ||
            d->class_->workspace_new(d.get(), &w, nullptr) ||
            d->class_->workspace_reserve(d.get(), w, 16 * 200, nullptr))
            throw std::bad_alloc();
        D.reset(MEMORY_NEW(double, d->stride *DESCRIPTOR_BLOCK), memory_free);
        forces.resize(3 * size_t(list.first[list.n_centers]));
    }
    DescriptorSetup(const DescriptorSetup &) = delete;
    DescriptorSetup &operator=(const DescriptorSetup &) = delete;
    ~DescriptorSetup()
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

/** Values, or values and adjoint, of all atoms. Counter: us_per_atom. */
inline void run_descriptor(benchmark::State &state, const std::string &settings, bool adjoint)
{
    DescriptorSetup setup(settings);
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

} // namespace testing_support

#endif
