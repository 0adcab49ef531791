/* SPDX-License-Identifier: BSD-3-Clause */
/** @file species_list.h
 *  Lists of element symbols in the settings of descriptors. */
#ifndef MLSOAP_SPECIES_LIST_H
#define MLSOAP_SPECIES_LIST_H

#include "core/schema.h"

/** A list of element symbols -> ascending atomic numbers, or in their order where keep_order is not 0.
 *  @param[in]  list  JSON list of symbols, at path.key of its document
 *  @param[out] species  new array [*n], to be freed with memory_free whatever the status
 *  @return MLSOAP_SUCCESS; MLSOAP_ERROR_VALUE (empty, not a symbol, listed twice); MLSOAP_ERROR_MEMORY */
mlsoap_status species_list_read(const json_t *list, const char *path, const char *key, int keep_order,
                                const schema_source *source, int **species, int *n, mlsoap_error *error);

#endif
