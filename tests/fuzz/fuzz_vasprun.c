/* SPDX-License-Identifier: BSD-3-Clause */
/* Any bytes as a vasprun.xml. The first byte chooses the options. */
#include "fuzz_reader.h"
#include "io/vasprun.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    read_options options = {0};
    unsigned choice = size > 0 ? data[0] : 0;
    options.structures_only = choice & 1;
    if (choice & 2) options.keys[TARGET_FORCES] = "none";
    if (choice & 4) options.keys[TARGET_VIRIAL] = "none";
    fuzz_reader(vasprun_read, size > 0 ? data + 1 : data, size > 0 ? size - 1 : 0, &options);
    return 0;
}
