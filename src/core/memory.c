/* SPDX-License-Identifier: BSD-3-Clause */
/* Allocation; see memory.h. The counters are the only mutable state of the library besides the kernel table: they are
 * atomic and read by tests only. */
#define _DEFAULT_SOURCE
#include "core/memory.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Blocks of at least two of these ask for huge pages: the first touch of ordinary ones costs more than reading a file
 * of that size, and large matrices need fewer entries of the translation buffer. */
static const size_t huge_page = (size_t)2 << 20;

static atomic_long fail_countdown;
static atomic_ulong n_allocations;

void memory_fail_after(long n)
{
    atomic_store(&fail_countdown, n);
}

unsigned long memory_n_allocations(void)
{
    return atomic_load(&n_allocations);
}

/* Counts down to 1 and stays there, so that every allocation from the n-th on fails. */
static bool allocation_must_fail(void)
{
    long left = atomic_load_explicit(&fail_countdown, memory_order_relaxed);
    if (left == 0) return false;
    if (left == 1) return true;
    atomic_store(&fail_countdown, left - 1);
    return false;
}

void *memory_new(size_t count, size_t size)
{
    size_t bytes, padded;
    if (!size_multiply(count, size, &bytes)) return NULL;
    if (allocation_must_fail()) return NULL;
    atomic_fetch_add_explicit(&n_allocations, 1, memory_order_relaxed);
    size_t alignment = bytes < 2 * huge_page ? MEMORY_ALIGNMENT : huge_page;
    if (!size_add(bytes, alignment, &padded)) return NULL;
    padded = padded / alignment * alignment;
    void *pointer = aligned_alloc(alignment, padded);
#ifdef MADV_HUGEPAGE
    if (pointer && alignment == huge_page) madvise(pointer, padded, MADV_HUGEPAGE); /* a hint: failure is harmless */
#endif
    if (pointer) memset(pointer, 0, padded);
    return pointer;
}

void memory_free(void *pointer)
{
    free(pointer);
}

bool memory_reserve(void *address_of_pointer, size_t *capacity, size_t count, size_t size)
{
    if (*capacity >= count) return true;
    size_t grown = *capacity + *capacity / 2;
    if (grown < count) grown = count;
    void *larger = memory_new(grown, size);
    if (!larger) return false;
    void *old; /* copied as bytes: the pointer's own type is the caller's */
    memcpy(&old, address_of_pointer, sizeof old);
    if (old) memcpy(larger, old, *capacity * size);
    memory_free(old);
    memcpy(address_of_pointer, &larger, sizeof larger);
    *capacity = grown;
    return true;
}

char *memory_copy_text(const char *text)
{
    if (!text) return NULL;
    size_t n = strlen(text) + 1;
    char *copy = MEMORY_NEW(char, n);
    if (copy) memcpy(copy, text, n);
    return copy;
}
