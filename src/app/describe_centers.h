/* SPDX-License-Identifier: BSD-3-Clause */
/** @file describe_centers.h
 *  The option --centers of `mlsoap describe`: points in space or chosen atoms. */
#ifndef MLSOAP_DESCRIBE_CENTERS_H
#define MLSOAP_DESCRIBE_CENTERS_H

#include "core/status.h"

#include <jansson.h>

/** Chosen centers: points (a JSON list of [x, y, z], Angstrom; as the key `centers`) or atoms. */
typedef struct describe_centers {
    json_t *points; /**< NULL: atoms */
    size_t *atoms;  /**< [n_atoms] zero-based */
    size_t n_atoms;
} describe_centers;

/** Read "x,y,z; x,y,z ...", "atoms:0,3" or the name of a text file (a point per line, numbers separated by spaces or
 *  commas; # begins a comment). A text with a comma is never a file.
 *  Errors: MLSOAP_ERROR_VALUE, _FORMAT, _FILE, _MEMORY. On failure there is nothing to release. */
mlsoap_status describe_centers_read(const char *text, describe_centers *centers, mlsoap_error *error);
void describe_centers_release(describe_centers *centers);

#endif
