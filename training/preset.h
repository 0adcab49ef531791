/* SPDX-License-Identifier: BSD-3-Clause */
/** @file preset.h
 *  `--preset NAME`: which end of the plot of error against cost is wanted. A preset is a row of configuration values;
 * keys that file or command line give come first, and what came of it is written to X.config.yaml. */
#ifndef MLSOAP_PRESET_H
#define MLSOAP_PRESET_H

#include "core/status.h"

#include <jansson.h>
#include <stdbool.h>

bool preset_is_known(const char *name);

/** Lay the preset under a configuration that is not completed yet. Values of a descriptor go into those descriptors
 *  that are chosen from the data (defaults.h), and into a new one where there is none; those of the model are left out
 *  where the configuration asks for another type of model.
 *  @param[in] name  known. Errors: MLSOAP_ERROR_VALUE (`model` is a list of several terms), _MEMORY.
 */
mlsoap_status preset_apply(json_t *root, const char *name, mlsoap_error *error);

#endif
