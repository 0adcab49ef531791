/* SPDX-License-Identifier: BSD-3-Clause */
/* Hashes; see hash.h. */
#include "core/hash.h"

#include "core/memory.h"

#include <sha2.h>
#include <sys/types.h>
#include <xxhash.h>

struct hash_state {
    SHA2_CTX sha256;
};

hash_state *hash_new(void)
{
    hash_state *state = MEMORY_NEW(hash_state, 1);
    if (state) SHA256Init(&state->sha256);
    return state;
}

void hash_add(hash_state *state, const void *bytes, size_t n_bytes)
{
    if (n_bytes > 0) SHA256Update(&state->sha256, bytes, n_bytes);
}

void hash_finish(hash_state *state, char hex[HASH_HEX_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    uint8_t digest[SHA256_DIGEST_LENGTH];
    SHA256Final(digest, &state->sha256);
    for (int i = 0; i < SHA256_DIGEST_LENGTH; i++) {
        hex[2 * i] = digits[digest[i] >> 4];
        hex[2 * i + 1] = digits[digest[i] & 15];
    }
    hex[HASH_HEX_SIZE - 1] = '\0';
    memory_free(state);
}

mlsoap_status hash_bytes(const void *bytes, size_t n_bytes, char hex[HASH_HEX_SIZE], mlsoap_error *error)
{
    hash_state *state = hash_new();
    if (!state) return status_no_memory(error, sizeof *state, "a hash");
    hash_add(state, bytes, n_bytes);
    hash_finish(state, hex);
    return MLSOAP_SUCCESS;
}

uint64_t hash_fast(const void *bytes, size_t n_bytes)
{
    return n_bytes > 0 ? XXH3_64bits(bytes, n_bytes) : XXH3_64bits("", 0);
}
