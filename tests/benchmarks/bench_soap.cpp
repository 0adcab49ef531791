// SPDX-License-Identifier: BSD-3-Clause
// Time of SOAP on one core, us per atom: silicon of 1000 atoms near 300 K, n_max 8, l_max 6, r_cut 5, in blocks of 16.
// Counters: us_per_atom. Run: build/tests/bench_soap --benchmark_format=json
#include "benchmarks/bench_descriptor.hpp"

using namespace testing_support;

namespace
{

const char *const settings[] = {
    R"({"species":["Si"],"r_cut":5,"n_max":8,"l_max":6,"sigma":0.5,"radial_scaling":{"r0":2.7,"m":4}})",
    R"({"species":["Si"],"r_cut":5,"n_max":6,"l_max":4,"sigma":0.5,"radial_scaling":{"r0":2.7,"m":4}})",
    R"({"species":["Si"],"r_cut":5,"n_max":12,"l_max":8,"sigma":0.5,"radial_scaling":{"r0":2.7,"m":4}})"};

void values(benchmark::State &state)
{
    run_descriptor(state, settings[state.range(0)], false);
}
void values_and_adjoint(benchmark::State &state)
{
    run_descriptor(state, settings[state.range(0)], true);
}
BENCHMARK(values)->Arg(0)->Arg(1)->Arg(2)->ArgName("set")->Unit(benchmark::kMillisecond);
BENCHMARK(values_and_adjoint)->Arg(0)->Arg(1)->Arg(2)->ArgName("set")->Unit(benchmark::kMillisecond);

} // namespace

BENCHMARK_MAIN();
