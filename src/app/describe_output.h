/* SPDX-License-Identifier: BSD-3-Clause */
/** @file describe_output.h
 *  The files of `mlsoap describe`: features of all frames as .npy, derivatives as .npy or .npz, names as text. Frames
 *  stream through: memory does not grow with their number. */
#ifndef MLSOAP_DESCRIBE_OUTPUT_H
#define MLSOAP_DESCRIBE_OUTPUT_H

#include "app/describe_frames.h"
#include "app/progress.h"
#include "io/frame.h"

/** Largest dense derivatives that are written: 2 GiB. */
#define DESCRIBE_DENSE_MAX ((size_t)2 << 30)

typedef struct describe_files {
    const char *values;      /**< .npy: [rows][features] */
    const char *derivatives; /**< NULL: none. Dense: .npy [row][atom][3][feature] of one frame, or .npz with frame_0,
                                frame_1 ...; sparse: .npz with values [nnz][3][feature], row [nnz] (of the file of
                                values), atom [nnz] (of its frame), image [nnz][3] */
    int is_sparse;
    const char *names; /**< NULL: none; one name of a feature per line */
} describe_files;

/** Write all files; on failure none of them is changed, unless the disk fills up while the last one is put in place.
 *  Errors: those of describe_structure, with file and frame in front; MLSOAP_ERROR_VALUE (a .npy for several frames);
 *  MLSOAP_ERROR_CAPACITY (dense derivatives above 2 GiB); MLSOAP_ERROR_UNSUPPORTED (derivatives that are not defined);
 *  MLSOAP_ERROR_FILE. `n_rows` NULL allowed. */
mlsoap_status describe_write(describer *d, const frame_set *set, const describe_files *files, progress *bar,
                             size_t *n_rows, mlsoap_error *error);

/** True where a file name ends in ".npz". */
int describe_is_archive(const char *path);

#endif
