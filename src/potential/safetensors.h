/* SPDX-License-Identifier: BSD-3-Clause */
/** @file safetensors.h
 *  The container of potential files: 8 bytes header length (little-endian), a JSON header, raw tensors. Stricter than
 *  safetensors itself: tensors by ascending name and without gaps, data at a multiple of 64 bytes, every tensor a
 *  multiple of 64 bytes, float64 only, and checksums (XXH3) over the header and every tensor, so that no bit can change
 *  unseen (potentials/FORMAT.md). Any safetensors reader reads it. */
#ifndef MLSOAP_SAFETENSORS_H
#define MLSOAP_SAFETENSORS_H

#include "models/model.h"

/** Read and check a container.
 *  @param[in]  bytes [n_bytes] from memory_new: tensors stay where they are in it; taken over, also on failure
 *  @param[in]  name of the file, for messages
 *  @param[out] metadata  new reference to the object `__metadata__` (texts only)
 *  @param[out] tensors   zero-initialized by the caller; the tensors in the order of the file, with `bytes` as their
 *                        storage. Whether their numbers are finite is checked by those who use them.
 *
 *  Errors: MLSOAP_ERROR_FORMAT, _CHECKSUM, _CAPACITY, _MEMORY. */
mlsoap_status safetensors_read(char *bytes, size_t n_bytes, const char *name, json_t **metadata, tensor_set *tensors,
                               mlsoap_error *error);

/** The first part of a file: length, header and padding; the tensors follow as they are, in the order of the set.
 *  @param[in]  metadata  object of texts, written after the checksums   @param[in] tensors sorted by name
 *  @param[out] header [*n_bytes], to be freed with memory_free */
mlsoap_status safetensors_header(const json_t *metadata, const tensor_set *tensors, char **header, size_t *n_bytes,
                                 mlsoap_error *error);

#endif
