// SPDX-License-Identifier: BSD-3-Clause
// Time of symmetry functions on one core, us per atom: silicon of 1000 atoms near 300 K in blocks of 16, with the 27
// functions of the network of Zuo et al. 2020 (doi:10.1021/acs.jpca.9b08723) for Si: types 2 and 3, cutoff 5.5.
// set 1: its functions of type 3 as type 9; set 2: with the cutoff poly2. Run: build/tests/bench_acsf
#include "benchmarks/bench_descriptor.hpp"

using namespace testing_support;

namespace
{

/* Lengths of the published input are in Bohr: eta 0.01, 0.02, 0.05; rs 7.5589045; rc 10.3934937. */
std::string published(const char *angular_type, int cutoff_type)
{
    const double bohr = 0.529177210903;
    std::string text = R"({"type":"acsf","mode":"runner","species":["Si"],"cutoff":{"type":)" +
                       std::to_string(cutoff_type) + "},\"functions\":[";
    char line[128];
    for (double eta : {0.01, 0.02, 0.05}) {
        snprintf(line, sizeof line, "%s\"Si 2 Si %.17g %.17g %.17g\"", eta > 0.01 ? "," : "", eta / (bohr * bohr),
                 7.5589045 * bohr, 10.3934937 * bohr);
        text += line;
        for (int lambda : {-1, 1})
            for (int zeta : {1, 2, 4, 16}) {
                snprintf(line, sizeof line, ",\"Si %s Si Si %.17g %d %d %.17g\"", angular_type, eta / (bohr * bohr),
                         lambda, zeta, 10.3934937 * bohr);
                text += line;
            }
    }
    return text + "]}";
}

std::string settings(int set)
{
    return published(set == 1 ? "9" : "3", set == 2 ? 6 : 1);
}

void values(benchmark::State &state)
{
    run_descriptor(state, settings(int(state.range(0))), false);
}
void values_and_adjoint(benchmark::State &state)
{
    run_descriptor(state, settings(int(state.range(0))), true);
}
BENCHMARK(values)->Arg(0)->Arg(1)->Arg(2)->ArgName("set")->Unit(benchmark::kMillisecond);
BENCHMARK(values_and_adjoint)->Arg(0)->Arg(1)->Arg(2)->ArgName("set")->Unit(benchmark::kMillisecond);

} // namespace

BENCHMARK_MAIN();
