/* SPDX-License-Identifier: BSD-3-Clause */
/** @file memory.h
 *  Overflow-checked allocation, aligned for SIMD. All memory of the library comes from here, so that tests can make
 *  any allocation fail (memory_fail_after). */
#ifndef MLSOAP_MEMORY_H
#define MLSOAP_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

enum { MEMORY_ALIGNMENT = 64 };

/** n * m in *product; false where it overflows. */
static inline bool size_multiply(size_t n, size_t m, size_t *product)
{
    return !__builtin_mul_overflow(n, m, product);
}
static inline bool size_add(size_t n, size_t m, size_t *sum)
{
    return !__builtin_add_overflow(n, m, sum);
}

/** count items of `size` bytes, zeroed, aligned to MEMORY_ALIGNMENT. NULL where there is no memory or the product
 *  overflows. count 0 gives a valid pointer. Free with memory_free. */
void *memory_new(size_t count, size_t size);
#define MEMORY_NEW(type, count) ((type *)memory_new((count), sizeof(type)))

/** NULL-safe. */
void memory_free(void *pointer);

/** Grow an array to hold at least `count` items of `size` bytes, keeping the *capacity items it holds (growth by half
 * at least, so that appending is linear). `address_of_pointer` is the address of the typed pointer to the array. False
 *  where there is no memory; then nothing has changed. New items are zeroed.
 *  Use: `if (!MEMORY_RESERVE(&list->items, &list->capacity, n)) return status_no_memory(...)`. */
bool memory_reserve(void *address_of_pointer, size_t *capacity, size_t count, size_t size);
#define MEMORY_RESERVE(address_of_pointer, capacity, count)                                                            \
    memory_reserve((address_of_pointer), (capacity), (count), sizeof **(address_of_pointer))

/** A copy of a string, NULL where there is no memory or text is NULL. */
char *memory_copy_text(const char *text);

/** For tests: the n-th allocation from now (1 = next) and all after it fail; 0 switches this off. Not thread-safe. */
void memory_fail_after(long n);

/** Number of allocations made by this process so far: a test shows with it that an evaluation does not allocate. */
unsigned long memory_n_allocations(void);

#endif
