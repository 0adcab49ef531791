/* SPDX-License-Identifier: BSD-3-Clause */
/** @file json_file.h
 *  JSON documents in files of their own, for `--json FILE`. */
#ifndef MLSOAP_JSON_FILE_H
#define MLSOAP_JSON_FILE_H

#include "core/status.h"

#include <jansson.h>

/** Write an indented document at once (file_write).
 *  @param[in] json   NULL: MLSOAP_ERROR_MEMORY, so that what could not be made need not be looked at before
 *  @param[in] flags  more of jansson's, such as JSON_REAL_PRECISION   @param[in] what  for the message
 *  Errors: those of file_write; MLSOAP_ERROR_MEMORY. */
mlsoap_status json_file_write(const char *path, const json_t *json, size_t flags, const char *what,
                              mlsoap_error *error);

#endif
