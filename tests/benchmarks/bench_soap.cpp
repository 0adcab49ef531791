// SPDX-License-Identifier: BSD-3-Clause
// Time of SOAP on one core, us per atom: silicon of 1000 atoms near 300 K, n_max 8, l_max 6, r_cut 5, in blocks of 16.
// Set 1: n_max 6, l_max 4; set 2: n_max 12, l_max 8; set 3: set 0 with the bispectrum block; sets
// 4 and 5: four species at the same places, mixed to one and two channels; set 6: not mixed. Counters: us_per_atom.
// Run: build/tests/bench_soap --benchmark_format=json
#include "benchmarks/bench_descriptor.hpp"

using namespace testing_support;

namespace
{

/* The bispectrum block of A 3, L 4: the first three radial functions as its channels. */
const char *const block = R"(,"bispectrum":{"channels":3,"l_max":4,"scale":1,"weight":0.02,"matrix":[)"
#define ROWS "[[1,0,0,0,0,0,0,0],[0,1,0,0,0,0,0,0],[0,0,1,0,0,0,0,0]]"
    ROWS "," ROWS "," ROWS "," ROWS "]}";
#undef ROWS

const std::string settings[] = {
    R"({"species":["Si"],"r_cut":5,"n_max":8,"l_max":6,"sigma":0.5,"radial_scaling":{"r0":2.7,"m":4}})",
    R"({"species":["Si"],"r_cut":5,"n_max":6,"l_max":4,"sigma":0.5,"radial_scaling":{"r0":2.7,"m":4}})",
    R"({"species":["Si"],"r_cut":5,"n_max":12,"l_max":8,"sigma":0.5,"radial_scaling":{"r0":2.7,"m":4}})",
    R"({"species":["Si"],"r_cut":5,"n_max":8,"l_max":6,"sigma":0.5,"radial_scaling":{"r0":2.7,"m":4})" +
        std::string(block) + "}",
    R"({"species":["Nb","Mo","Ta","W"],"r_cut":5,"n_max":8,"l_max":6,"sigma":0.5,"radial_scaling":{"r0":2.7,"m":4},
        "compression":{"channels":1}})",
    R"({"species":["Nb","Mo","Ta","W"],"r_cut":5,"n_max":8,"l_max":6,"sigma":0.5,"radial_scaling":{"r0":2.7,"m":4},
        "compression":{"channels":2}})",
    R"({"species":["Nb","Mo","Ta","W"],"r_cut":5,"n_max":8,"l_max":6,"sigma":0.5,"radial_scaling":{"r0":2.7,"m":4}})"};

void values(benchmark::State &state)
{
    run_descriptor(state, settings[size_t(state.range(0))], false);
}
void values_and_adjoint(benchmark::State &state)
{
    run_descriptor(state, settings[size_t(state.range(0))], true);
}
BENCHMARK(values)->DenseRange(0, 6)->ArgName("set")->Unit(benchmark::kMillisecond);
BENCHMARK(values_and_adjoint)->DenseRange(0, 6)->ArgName("set")->Unit(benchmark::kMillisecond);

} // namespace

BENCHMARK_MAIN();
