// SPDX-License-Identifier: BSD-3-Clause
// The library call mlsoap_describe_environments on the atoms of a file, one thread: values, and values with derivatives
// per neighbor, all of them kept; neighbor list included. Run by descriptor_peers.sh, which compares with other
// programs. usage: bench_descriptor_api FILE --benchmark_format=json
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdio>
#include <string>

#include "support/structures.hpp"

extern "C" {
#include "core/elements.h"
#include "io/io.h"
}

namespace
{

std::string settings_of(const structure &s)
{
    std::vector<std::string> symbols;
    for (size_t i = 0; i < s.n_atoms; i++) symbols.push_back(element_symbol(s.species[i]));
    std::sort(symbols.begin(), symbols.end());
    symbols.erase(std::unique(symbols.begin(), symbols.end()), symbols.end());
    std::string list;
    for (const auto &symbol : symbols) list += (list.empty() ? "\"" : ",\"") + symbol + "\"";
    return "{\"species\":[" + list + R"(],"r_cut":5,"n_max":8,"l_max":6,"sigma":0.5})";
}

void describe(benchmark::State &state, const structure *s, bool with_derivatives)
{
    mlsoap_descriptor *d = nullptr;
    mlsoap_descriptor_workspace *w = nullptr;
    mlsoap_error error{};
    neighbor_list list{};
    std::vector<double> values, derivatives;
    if (!mlsoap_descriptor_new(settings_of(*s).c_str(), &d, &error)) mlsoap_descriptor_workspace_new(d, &w, &error);
    size_t n = d ? mlsoap_descriptor_n_features(d) : 0;
    auto call = [&] {
        if (neighbor_list_build(&list, s, mlsoap_descriptor_cutoff(d), nullptr, &error)) return false;
        mlsoap_environments e{
            sizeof e, int(list.n_centers), list.center_species, list.first, list.species, list.dx, list.dy, list.dz};
        values.resize(list.n_centers * n);
        if (with_derivatives) derivatives.resize(3 * size_t(list.first[list.n_centers]) * n);
        double *to = with_derivatives ? derivatives.data() : nullptr;
        return mlsoap_describe_environments(d, w, &e, values.data(), to, &error) == MLSOAP_SUCCESS;
    };
    if (!w || !call()) state.SkipWithError(error.message); // the caller's arrays, made once
    for (auto _ : state) {
        if (!call()) state.SkipWithError(error.message);
        benchmark::DoNotOptimize(values.data());
        benchmark::ClobberMemory();
    }
    state.counters["us_per_atom"] = benchmark::Counter(
        double(s->n_atoms) * 1e-6, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
    state.counters["features"] = double(n);
    state.counters["neighbors"] = double(list.n_centers ? list.first[list.n_centers] : 0) / double(s->n_atoms);
    state.SetLabel(mlsoap_isa());
    neighbor_list_release(&list);
    mlsoap_descriptor_workspace_free(w);
    mlsoap_descriptor_free(d);
}

} // namespace

int main(int argc, char **argv)
{
    benchmark::Initialize(&argc, argv);
    read_options options{};
    frame_set set{};
    mlsoap_error error{};
    if (argc != 2 || frames_read(argv[1], &options, &set, &error)) {
        std::fprintf(stderr, "usage: %s FILE [--benchmark_...]  %s\n", argv[0], error.message);
        return 2;
    }
    const structure *s = &set.frames[0].structure;
    benchmark::RegisterBenchmark("values", describe, s, false)->Unit(benchmark::kMillisecond);
    benchmark::RegisterBenchmark("gradients", describe, s, true)->Unit(benchmark::kMillisecond);
    benchmark::RunSpecifiedBenchmarks();
    frame_set_release(&set);
    return 0;
}
