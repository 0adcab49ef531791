// SPDX-License-Identifier: BSD-3-Clause
// The multiply-adds that one core can do at best, measured: twelve independent chains in registers.
#ifndef MLSOAP_FMA_PEAK_HPP
#define MLSOAP_FMA_PEAK_HPP

#include <algorithm>
#include <cstring>
#include <ctime>

namespace testing_support
{

/* vector_size cannot depend on a template argument. `target` is the instruction set of the function. */
#define MLSOAP_FMA_CHAINS(NAME, WIDTH, ...)                                                                            \
    __VA_ARGS__ inline double NAME(long n)                                                                             \
    {                                                                                                                  \
        typedef double vec __attribute__((vector_size((WIDTH) * sizeof(double))));                                     \
        vec sums[12] = {}, a = sums[0] + 0.999999, b = sums[0] + 1e-9;                                                 \
        for (long k = 0; k < n; k++) {                                                                                 \
            _Pragma("GCC unroll 12") for (int i = 0; i < 12; i++) sums[i] = sums[i] * a + b;                           \
        }                                                                                                              \
        vec total = sums[0];                                                                                           \
        for (int i = 1; i < 12; i++) total += sums[i];                                                                 \
        return total[0];                                                                                               \
    }
MLSOAP_FMA_CHAINS(fma_chains_plain, 2, )
#if defined(__x86_64__)
MLSOAP_FMA_CHAINS(fma_chains_avx2, 4, __attribute__((target("avx2,fma"))))
MLSOAP_FMA_CHAINS(fma_chains_avx512, 8, __attribute__((target("avx512f"))))
#endif
#undef MLSOAP_FMA_CHAINS

/** GFLOP/s of an instruction set (the names of kernels.h), by processor time, best of five. */
inline double fma_peak(const char *isa)
{
    double (*chains)(long) = fma_chains_plain;
    int width = 2;
#if defined(__x86_64__)
    if (std::strcmp(isa, "avx2") == 0) chains = fma_chains_avx2, width = 4;
    if (std::strcmp(isa, "avx512") == 0) chains = fma_chains_avx512, width = 8;
#else
    (void)isa;
#endif
    const long n = 2000000;
    double best = 0;
    for (int repeat = 0; repeat < 5; repeat++) {
        std::clock_t start = std::clock();
        volatile double sink = chains(n);
        (void)sink;
        best = std::max(best, 2e-9 * 12 * width * double(n) * CLOCKS_PER_SEC / double(std::clock() - start));
    }
    return best;
}

} // namespace testing_support

#endif
