/* SPDX-License-Identifier: BSD-3-Clause */
/** @file npy.h
 *  NumPy's files, written: .npy (version 1.0, little-endian, C order) and .npz (a zip archive of such files, stored,
 * with 64-bit sizes). Arrays stream through in pieces, so that they need not fit into memory. */
#ifndef MLSOAP_NPY_H
#define MLSOAP_NPY_H

#include "core/file.h"

#include <stdint.h>

typedef enum npy_type { NPY_FLOAT64, NPY_INT64 } npy_type;

enum { NPY_DIMENSIONS_MAX = 4 };

typedef struct npy_shape {
    npy_type type;
    int n_dimensions;
    size_t sizes[NPY_DIMENSIONS_MAX];
} npy_shape;

/** A file being written; nothing of the target changes before npy_commit. */
typedef struct npy_writer npy_writer;

/** Begin a .npy of one array, or a .npz (is_archive) of any number. */
mlsoap_status npy_open(const char *path, int is_archive, npy_writer **writer, mlsoap_error *error);
/** Begin the next array; `name` without ".npy" (unused in a .npy). The array before must be complete. */
mlsoap_status npy_begin(npy_writer *writer, const char *name, const npy_shape *shape, mlsoap_error *error);
/** The next n items (of 8 bytes) of the array. MLSOAP_ERROR_INTERNAL for more than its shape holds. */
mlsoap_status npy_write(npy_writer *writer, const void *items, size_t n, mlsoap_error *error);
/** Finish and rename. Frees the writer, also on failure. */
mlsoap_status npy_commit(npy_writer *writer, mlsoap_error *error);
/** Give up, leaving the target as it was. NULL-safe. */
void npy_discard(npy_writer *writer);

#endif
