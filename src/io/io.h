/* SPDX-License-Identifier: BSD-3-Clause */
/** @file io.h
 *  Reading and writing data files. A format is one row in the table of io.c: it is recognized by content. */
#ifndef MLSOAP_IO_H
#define MLSOAP_IO_H

#include "io/frame.h"

/** What the caller asks of a reader. Zero-initialized = find everything by itself. */
typedef struct read_options {
    /** Name of the key of each target (config `data.keys`); NULL = auto: the first of the table in io/target_keys.c.
     *  "auto" = NULL, "none" = do not read it. A named key that is in no frame of the file is an error. */
    const char *keys[N_FRAME_TARGETS];
    /** Keys that look like targets and are to be ignored (config `data.ignore`), NULL-terminated; NULL = none. */
    const char *const *ignore;
    /** True: structures only, no target is read and none is missed (describe, and eval of unlabeled data). */
    bool structures_only;
} read_options;

/** Append all frames of a file to `set` (zero-initialized before the first call).
 *  Errors name file, line and frame: MLSOAP_ERROR_FILE, _FORMAT (truncated, ragged), _VALUE (not finite, two keys of
 * one kind with different values, virial not symmetric, positions of zero atoms), _SPECIES, _MEMORY. A target-like key
 * that is not used (another spelling beside the used one with equal values is used up by it) is listed in
 * frame_file.unused_keys: the trainer makes it an error. On failure the set is as before. */
mlsoap_status frames_read(const char *path, const read_options *options, frame_set *set, mlsoap_error *error);

/** The same from the contents of a file in memory, unpacked.
 *  @param[in] bytes [n_bytes + 1], zero-terminated   @param[in] name  stands for the path in records and messages */
mlsoap_status frames_parse(const char *bytes, size_t n_bytes, const char *name, const read_options *options,
                           frame_set *set, mlsoap_error *error);

/** Write frames as extxyz (atomically): Lattice, pbc, Properties species:S:1:pos:R:3[:forces:R:3], energy, virial (nine
 *  numbers, eV), config_type, weight; and where frames have predictions mlsoap_energy, mlsoap_virial, mlsoap_forces.
 *  17 digits: reading gives the same bits. */
mlsoap_status frames_write(const char *path, const frame *const *frames, size_t n_frames, mlsoap_error *error);

#endif
