/* SPDX-License-Identifier: BSD-3-Clause */
/** @file io.h
 *  Reading and writing data files. A format is one row in the table of io.c. Files are recognized by their content; the
 *  name only decides which reader explains what is wrong with a content that none recognizes. Formats that are read:
 *  extxyz, POSCAR/CONTCAR, XDATCAR, CIF, OUTCAR, vasprun.xml, RuNNer input.data; written: extxyz, POSCAR, RuNNer. */
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
    /** Units of files whose format states none (RuNNer; config `data.units`): names of core/units.h; NULL = angstrom,
     * eV. frame_file tells where they were used. */
    const char *length_unit, *energy_unit;
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

/** Write frames (atomically), in the format that the name of the file belongs to: POSCAR..., CONTCAR..., *.vasp,
 *  *.poscar (poscar.h), *input.data (runner.h), else extxyz (extxyz.h). */
mlsoap_status frames_write(const char *path, const frame *const *frames, size_t n_frames, mlsoap_error *error);

/** What of a frame, besides its structure, a format can hold. */
typedef enum frame_content {
    FRAME_ENERGY = 1,
    FRAME_FORCES = 2,
    FRAME_VIRIAL = 4,
    FRAME_CONFIG_TYPE = 8, /**< and the weight */
    FRAME_EVERYTHING = 15
} frame_content;

/** The frame_content that frames_write would keep under this name. */
unsigned frames_write_holds(const char *path);

#endif
