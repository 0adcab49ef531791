/* SPDX-License-Identifier: BSD-3-Clause */
/* Any bytes as a data file: the reader must return, leak nothing and, where it fails, leave the set empty. The first
 * byte chooses the options. What was read must be finite and fit for a neighbor list or be refused by it. */
#include "core/file.h"
#include "core/memory.h"
#include "io/io.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const frame_set *set)
{
    for (size_t i = 0; i < set->n_frames; i++) {
        const frame *f = &set->frames[i];
        mlsoap_error error;
        if (f->structure.n_atoms == 0 || !f->config_type || !isfinite(f->energy) || !(f->weight >= 0.0)) abort();
        if (structure_validate(&f->structure, &error)) abort();
        for (size_t k = 0; f->has_forces && k < 3 * f->structure.n_atoms; k++)
            if (!isfinite(f->forces[k / 3][k % 3])) abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const ignore[] = {"my_energy", NULL};
    read_options options = {0};
    frame_set set = {0};
    mlsoap_error error;
    unsigned choice = size > 0 ? data[0] : 0;
    options.structures_only = choice & 1;
    if (choice & 2) options.keys[TARGET_ENERGY] = "free_energy";
    if (choice & 4) options.ignore = ignore;
    size_t n = size > 0 ? size - 1 : 0;
    char *text = MEMORY_NEW(char, n + 1);
    if (n > 0) memcpy(text, data + 1, n);
    if (file_unpack("input", &text, &n, &error) == MLSOAP_SUCCESS) {
        if (frames_parse(text, n, "input", &options, &set, &error) == MLSOAP_SUCCESS)
            check(&set);
        else if (set.n_frames || set.n_files || !*error.message)
            abort();
    }
    memory_free(text);
    frame_set_release(&set);
    return 0;
}
