/* SPDX-License-Identifier: BSD-3-Clause */
/* Kernels for the baseline of the compiler: runs everywhere, the specification of the others (flags: cmake/isa.cmake).
 */
#define KERNEL(name) name##_scalar
#define ISA_NAME     "scalar"
#include "kernels/kernels_impl.h"
