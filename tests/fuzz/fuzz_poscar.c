/* SPDX-License-Identifier: BSD-3-Clause */
/* Any bytes as a POSCAR. */
#include "fuzz_reader.h"
#include "io/poscar.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const read_options options = {0};
    fuzz_reader(poscar_read, data, size, &options);
    return 0;
}
