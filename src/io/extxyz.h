/* SPDX-License-Identifier: BSD-3-Clause */
/** @file extxyz.h
 *  Extended XYZ: a line with the number of atoms, a comment line of key=value pairs, one line per atom with the columns
 *  that the key `Properties` declares. Other modules use io.h. */
#ifndef MLSOAP_EXTXYZ_H
#define MLSOAP_EXTXYZ_H

#include "io/io.h"

/** True where the first line that is not blank begins like a number: that of the atoms. */
bool extxyz_recognizes(const char *bytes, size_t n_bytes);

/** Append the frames to set and fill in `file`, the last record of set->files. On failure frames may have been
 *  appended and the record be half filled: the caller takes them back.
 *  Which key feeds a target: target_keys.h. Errors: those of frames_read. */
mlsoap_status extxyz_read(const char *bytes, size_t n_bytes, const char *name, const read_options *options,
                          frame_set *set, mlsoap_error *error);

/** Write frames as extxyz (atomically): Lattice, pbc, Properties species:S:1:pos:R:3[:forces:R:3], energy, virial (nine
 *  numbers, eV), config_type, weight; and where frames have predictions mlsoap_energy, mlsoap_virial, mlsoap_forces.
 *  17 digits: reading gives the same bits. */
mlsoap_status extxyz_write(const char *path, const frame *const *frames, size_t n_frames, mlsoap_error *error);

#endif
