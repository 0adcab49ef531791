/* SPDX-License-Identifier: BSD-3-Clause */
/** @file xdatcar.h
 *  XDATCAR of VASP 5 and later: a head as that of POSCAR, then for each frame a line such as `Direct configuration= 7`
 *  and the positions. Where the cell varies, the head stands before every frame. Other modules use io.h. */
#ifndef MLSOAP_XDATCAR_H
#define MLSOAP_XDATCAR_H

#include "io/io.h"

bool xdatcar_recognizes(const char *bytes, size_t n_bytes);
bool xdatcar_has_name(const char *base_name);

/** Errors: those of frames_read. */
mlsoap_status xdatcar_read(const char *bytes, size_t n_bytes, const char *name, const read_options *options,
                           frame_set *set, mlsoap_error *error);

#endif
