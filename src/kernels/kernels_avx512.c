/* SPDX-License-Identifier: BSD-3-Clause */
/* Kernels for AVX-512 (flags: cmake/isa.cmake). */
#if defined(__AVX512F__) && defined(__AVX512DQ__)
#define KERNEL(name) name##_avx512
#define ISA_NAME     "avx512"
#include "kernels/kernels_impl.h"
#else
typedef int kernels_avx512_not_built; /* another machine, or a compiler without the flags */
#endif
