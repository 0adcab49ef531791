/* SPDX-License-Identifier: BSD-3-Clause */
/* Kernels for AVX2 and FMA (flags: cmake/isa.cmake). */
#if defined(__AVX2__) && defined(__FMA__)
#define KERNEL(name) name##_avx2
#define ISA_NAME     "avx2"
#include "kernels/kernels_impl.h"
#else
typedef int kernels_avx2_not_built; /* another machine, or a compiler without the flags */
#endif
