/* SPDX-License-Identifier: BSD-3-Clause */
/** @file fuzz_reader.h
 *  What the fuzzers of the readers share: any bytes as a data file. The reader must return, leak nothing and, where it
 *  fails, say why; what it reads must be finite and fit for a neighbor list. */
#ifndef MLSOAP_FUZZ_READER_H
#define MLSOAP_FUZZ_READER_H

#include "core/memory.h"
#include "io/io.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef mlsoap_status reader_function(const char *bytes, size_t n_bytes, const char *name, const read_options *options,
                                      frame_set *set, mlsoap_error *error);

static inline void fuzz_check_frames(const frame_set *set)
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

/* A zero-terminated copy, so that reading behind the end is found. */
static inline char *fuzz_copy(const uint8_t *data, size_t size)
{
    char *text = MEMORY_NEW(char, size + 1);
    if (text && size > 0) memcpy(text, data, size);
    return text;
}

/* The reader of one format, whether it would recognize the bytes or not; then whatever reader does. */
static inline void fuzz_reader(reader_function *read, const uint8_t *data, size_t size, const read_options *options)
{
    frame_set set = {0};
    mlsoap_error error = {0};
    char *text = fuzz_copy(data, size);
    set.files = MEMORY_NEW(frame_file, 1);
    set.n_files = set.capacity_files = 1;
    if (read(text, size, "input", options, &set, &error) == MLSOAP_SUCCESS) {
        if (set.n_frames == 0) abort();
        fuzz_check_frames(&set);
    } else if (!*error.message) {
        abort();
    }
    frame_set_release(&set);
    if (frames_parse(text, size, "input", options, &set, &error) == MLSOAP_SUCCESS)
        fuzz_check_frames(&set);
    else if (set.n_frames || set.n_files || !*error.message)
        abort();
    frame_set_release(&set);
    memory_free(text);
}

#endif
