/* SPDX-License-Identifier: BSD-3-Clause */
/** @file potential_file.h
 *  The .mlsoap file: a safetensors container; potentials/FORMAT.md is its specification. */
#ifndef MLSOAP_POTENTIAL_FILE_H
#define MLSOAP_POTENTIAL_FILE_H

#include "potential/potential.h"

enum { POTENTIAL_FORMAT_VERSION = 1 };

/** Write atomically (temporary file, fsync, rename): the old file stays intact unless the new one is complete. */
mlsoap_status potential_write_file(const mlsoap_potential *p, const char *path, mlsoap_error *error);

#endif
