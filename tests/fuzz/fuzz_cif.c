/* SPDX-License-Identifier: BSD-3-Clause */
/* Any bytes as a CIF. */
#include "fuzz_reader.h"
#include "io/cif.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const read_options options = {0};
    fuzz_reader(cif_read, data, size, &options);
    return 0;
}
