// SPDX-License-Identifier: BSD-3-Clause
// The stages of SOAP one by one, for every instruction set of the machine: silicon near 300 K, n_max 8, l_max 6, r_cut
// 5, a block of 16 atoms that stays in the caches. Counters: ns_per_atom, gflops (useful operations: no padding) and
// of_peak, the share of the FMA peak of the same instruction set measured at the start of the run. Of repetitions the
// smallest time and the largest rate count. Run: build/tests/bench_stages --benchmark_repetitions=9
// --benchmark_enable_random_interleaving=true --benchmark_format=json
#include "benchmarks/bench_descriptor.hpp"
#include "benchmarks/fma_peak.hpp"

#include <functional>

extern "C" {
#include "descriptors/soap/soap.h"
}

using namespace testing_support;

namespace
{

const char *const settings =
    R"({"species":["Si"],"r_cut":5,"n_max":8,"l_max":6,"sigma":0.5,"radial_scaling":{"r0":2.7,"m":4}})";

/* One block, expanded by the kernels of one instruction set. */
struct Block {
    DescriptorSetup setup{settings};
    soap *s;
    descriptor_workspace *w;
    mlsoap_environments view;
    std::vector<int> first;
    size_t n_slots = 0;

    explicit Block(const kernels *k) : s(reinterpret_cast<soap *>(setup.d.get())), w(setup.w)
    {
        s->kernels = k;
        view = setup.block(0, first);
        values();
        setup.d->class_->adjoint(setup.d.get(), w, &view, setup.D.get(), setup.d->stride, setup.forces.data());
        for (int i = 0; i < view.n_centers; i++) n_slots += size_t(w->buckets[i].n_chunks) * LANES;
    }
    void values() { setup.d->class_->values(setup.d.get(), w, &view, setup.D.get(), setup.d->stride); }
    double neighbors() const { return double(first.back()) / view.n_centers; }
};

struct Stage {
    const char *name;
    std::function<void(Block &)> run;
    std::function<double(const Block &)> flops; /* of an atom */
};

double per_neighbor(const Block &b, double flops)
{
    return b.neighbors() * flops;
}

template <typename F> void every_center(Block &b, F f)
{
    for (int i = 0; i < b.view.n_centers; i++) {
        const soap_bucket &bucket = b.w->buckets[b.w->centers[i].first_bucket];
        f(bucket, b.w->c + size_t(i) * b.s->n_coefficients, b.setup.D.get() + size_t(i) * b.setup.d->stride);
    }
}

void forces(Block &b)
{
    const soap *s = b.s;
    const descriptor_workspace *w = b.w;
    every_center(b, [&](const soap_bucket &bucket, const double *, const double *) {
        size_t o = bucket.first, radial = o * size_t(s->table->n_channels);
        soap_neighbors neighbors{w->ux + o, w->uy + o, w->uz + o,     w->inverse_r + o,
                                 w->w + o,  w->dw + o, w->R + radial, w->dR + radial};
        s->kernels->soap_forces(&s->recursion, s->n_max, s->n_padded, bucket.n_chunks, &neighbors,
                                s->table->inverse_spacing, w->cbar, w->forces);
    });
}

std::vector<Stage> stages()
{
    auto n_lm = [](const Block &b) { return double(b.s->n_lm); };
    auto n_max = [](const Block &b) { return double(b.s->n_max); };
    return {
        {"weights", [](Block &b) { b.s->kernels->soap_weights(&b.s->cutoff, int(b.n_slots), b.w->r, b.w->w, b.w->dw); },
         [](const Block &b) { return per_neighbor(b, 70); }},
        {"harmonics",
         [](Block &b) {
             every_center(b, [&](const soap_bucket &bucket, const double *, const double *) {
                 size_t o = bucket.first;
                 b.s->kernels->soap_harmonics(&b.s->recursion, bucket.n_chunks, b.w->ux + o, b.w->uy + o, b.w->uz + o,
                                              b.w->w + o, b.w->Y);
             });
         },
         [=](const Block &b) { return per_neighbor(b, n_lm(b) + 4 * (b.s->l_max + 1) * (b.s->l_max + 2) / 2); }},
        {"radial",
         [](Block &b) {
             b.s->kernels->soap_radial(b.s->table, b.first.back(), b.w->by_distance, b.w->r, b.w->R, b.w->dR);
         },
         [=](const Block &b) { return per_neighbor(b, 18 * (b.s->l_max + 1) * n_max(b)); }},
        {"density",
         [](Block &b) {
             every_center(b, [&](const soap_bucket &bucket, double *c, const double *) {
                 b.s->kernels->soap_density(b.s->l_max, b.s->n_padded, bucket.n_neighbors, b.w->Y,
                                            b.w->R + bucket.first * size_t(b.s->table->n_channels), c);
             });
         },
         [=](const Block &b) { return per_neighbor(b, 2 * n_lm(b) * n_max(b)); }},
        {"power",
         [](Block &b) {
             every_center(b, [&](const soap_bucket &, const double *c, double *D) {
                 b.s->kernels->soap_power(b.s->l_max, b.s->n_max, b.s->n_padded, 1, b.s->prefactors, c, c, D);
             });
         },
         [=](const Block &b) { return n_lm(b) * n_max(b) * (n_max(b) + 1); }},
        {"power_adjoint",
         [](Block &b) {
             std::fill_n(b.w->cbar, b.s->n_coefficients, 0.0);
             every_center(b, [&](const soap_bucket &, const double *c, const double *D) {
                 b.s->kernels->soap_power_adjoint(b.s->l_max, b.s->n_max, b.s->n_padded, 1, b.s->prefactors, D, c, c,
                                                  b.w->cbar, b.w->cbar);
             });
         },
         [=](const Block &b) { return 2 * n_lm(b) * n_max(b) * n_max(b); }},
        {"forces", forces,
         [=](const Block &b) {
             return per_neighbor(b, 4 * n_lm(b) * n_max(b) + 4 * (b.s->l_max + 1) * (b.s->l_max + 2) / 2 + 6 * n_lm(b) +
                                        30 * b.s->l_max);
         }},
        {"values", [](Block &b) { b.values(); }, nullptr},
        {"adjoint",
         [](Block &b) {
             b.setup.d->class_->adjoint(b.setup.d.get(), b.w, &b.view, b.setup.D.get(), b.setup.d->stride,
                                        b.setup.forces.data());
         },
         nullptr},
    };
}

void run(benchmark::State &state, const kernels *k, const Stage &stage, double peak)
{
    Block block(k);
    for (auto _ : state) {
        stage.run(block);
        benchmark::ClobberMemory();
    }
    double atoms = block.view.n_centers;
    state.counters["ns_per_atom"] =
        benchmark::Counter(atoms * 1e-9, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
    if (!stage.flops) return;
    double flops = atoms * stage.flops(block);
    state.counters["gflops"] = benchmark::Counter(flops * 1e-9, benchmark::Counter::kIsIterationInvariantRate);
    state.counters["of_peak"] = benchmark::Counter(flops * 1e-9 / peak, benchmark::Counter::kIsIterationInvariantRate);
}

double smallest(const std::vector<double> &x)
{
    return *std::min_element(x.begin(), x.end());
}
double largest(const std::vector<double> &x)
{
    return *std::max_element(x.begin(), x.end());
}

} // namespace

int main(int argc, char **argv)
{
    benchmark::Initialize(&argc, argv);
    static const std::vector<Stage> all = stages();
    for (const kernels *const *k = kernels_available(); *k; k++) {
        double peak = fma_peak((*k)->isa);
        for (const Stage &stage : all)
            benchmark::RegisterBenchmark((std::string(stage.name) + "/" + (*k)->isa).c_str(), run, *k, stage, peak)
                ->ComputeStatistics("min", smallest)
                ->ComputeStatistics("max", largest);
        std::fprintf(stderr, "%s: FMA peak %.1f GFLOP/s\n", (*k)->isa, peak);
    }
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
