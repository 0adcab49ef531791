/* SPDX-License-Identifier: BSD-3-Clause */
/* Choice of the kernel table, once per process; see kernels.h. */
#include "kernels/kernels.h"
#include "mlsoap.h"

#include <stdlib.h>
#include <string.h>
#include <threads.h>

extern const kernels kernels_table_scalar;
#if defined(__x86_64__)
extern const kernels kernels_table_avx2, kernels_table_avx512;
#endif

static once_flag chosen_once = ONCE_FLAG_INIT;
static const kernels *available[4]; /* best last but for the closing NULL */
static const kernels *active;

static void kernels_choose(void)
{
    int n = 0;
    available[n++] = &kernels_table_scalar;
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        available[n++] = &kernels_table_avx2;
        if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
            __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw"))
            available[n++] = &kernels_table_avx512;
    }
#endif
    active = available[n - 1];
    const char *wanted = getenv("MLSOAP_ISA");
    for (int i = 0; wanted && i < n; i++)
        if (strcmp(wanted, available[i]->isa) == 0) active = available[i];
}

const kernels *kernels_active(void)
{
    call_once(&chosen_once, kernels_choose);
    return active;
}

const kernels *const *kernels_available(void)
{
    call_once(&chosen_once, kernels_choose);
    return available;
}

const char *mlsoap_isa(void)
{
    return kernels_active()->isa;
}
