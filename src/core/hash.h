/* SPDX-License-Identifier: BSD-3-Clause */
/** @file hash.h
 *  SHA-256 (identity of potentials and data) and XXH3 (fast checksum of tensors), by libmd and xxHash. */
#ifndef MLSOAP_HASH_H
#define MLSOAP_HASH_H

#include "core/status.h"

#include <stddef.h>
#include <stdint.h>

enum { HASH_HEX_SIZE = 65 };

/** A SHA-256 in progress. */
typedef struct hash_state hash_state;
hash_state *hash_new(void); /* NULL where there is no memory */
void hash_add(hash_state *state, const void *bytes, size_t n_bytes);
/** 64 hexadecimal digits and a zero; frees the state. */
void hash_finish(hash_state *state, char hex[HASH_HEX_SIZE]);

/** The SHA-256 of bytes that are all there. Errors: MLSOAP_ERROR_MEMORY. */
mlsoap_status hash_bytes(const void *bytes, size_t n_bytes, char hex[HASH_HEX_SIZE], mlsoap_error *error);

/** 64-bit XXH3 of bytes. */
uint64_t hash_fast(const void *bytes, size_t n_bytes);

#endif
