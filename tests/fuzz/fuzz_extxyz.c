/* SPDX-License-Identifier: BSD-3-Clause */
/* Any bytes as a data file: the reader must return, leak nothing and, where it fails, leave the set empty. The first
 * byte chooses the options. What was read must be finite and fit for a neighbor list or be refused by it. */
#include "core/file.h"
#include "fuzz_reader.h"

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
    char *text = fuzz_copy(size > 0 ? data + 1 : data, n);
    if (file_unpack("input", &text, &n, &error) == MLSOAP_SUCCESS) {
        if (frames_parse(text, n, "input", &options, &set, &error) == MLSOAP_SUCCESS)
            fuzz_check_frames(&set);
        else if (set.n_frames || set.n_files || !*error.message)
            abort();
    }
    memory_free(text);
    frame_set_release(&set);
    return 0;
}
