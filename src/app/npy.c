/* SPDX-License-Identifier: BSD-3-Clause */
/* Writing .npy and .npz; see npy.h. The archive follows the zip specification (APPNOTE 6.3: local headers 4.3.7, data
 * descriptors 4.3.9, ZIP64 4.5.3) with one form for all sizes: stored, CRC and sizes behind the data, 64-bit sizes. */
#include "app/npy.h"

#include "core/memory.h"

#include <stdio.h>
#include <string.h>
#include <zlib.h>

enum { NPY_ITEM = 8, NPY_ALIGNMENT = 64, NPY_NAME_SIZE = 64, NPY_HEADER_SIZE = 256 };
enum { ZIP_VERSION = 45, ZIP_FLAGS = 0x0008 }; /* 4.5: ZIP64; sizes follow the data */
enum { ZIP_DATE = 0x0021 };                    /* 1 January 1980: the same bytes at any time */

typedef struct npz_entry {
    char name[NPY_NAME_SIZE]; /* with ".npy" */
    uint64_t offset, size;
    uint32_t crc;
} npz_entry;

struct npy_writer {
    file_writer *file;
    int is_archive;
    size_t n_left; /* items that the array at hand still lacks */
    uint64_t at;   /* bytes written */
    npz_entry *entries;
    size_t n_entries, capacity;
};

/* Little-endian records of the zip format. */
typedef struct record {
    unsigned char bytes[128];
    size_t n;
} record;

static void record_add(record *r, uint64_t value, int n_bytes)
{
    for (int i = 0; i < n_bytes; i++) r->bytes[r->n++] = (unsigned char)(value >> 8 * i);
}

static mlsoap_status put(npy_writer *w, const void *bytes, size_t n, mlsoap_error *error)
{
    w->at += n;
    return file_writer_write(w->file, bytes, n, error);
}

/* Bytes of the array: they count for its checksum. */
static mlsoap_status put_data(npy_writer *w, const void *bytes, size_t n, mlsoap_error *error)
{
    if (w->is_archive) {
        npz_entry *entry = &w->entries[w->n_entries - 1];
        entry->crc = (uint32_t)crc32_z(entry->crc, bytes, n);
        entry->size += n;
    }
    return put(w, bytes, n, error);
}

mlsoap_status npy_open(const char *path, int is_archive, npy_writer **writer, mlsoap_error *error)
{
    *writer = NULL;
    npy_writer *w = MEMORY_NEW(npy_writer, 1);
    if (!w) return status_no_memory(error, sizeof *w, path);
    w->is_archive = is_archive;
    mlsoap_status status = file_writer_open(path, &w->file, error);
    if (status)
        memory_free(w);
    else
        *writer = w;
    return status;
}

void npy_discard(npy_writer *w)
{
    if (!w) return;
    file_writer_discard(w->file);
    memory_free(w->entries);
    memory_free(w);
}

/* Name, and the 64-bit extra field where it is given. */
static mlsoap_status put_named(npy_writer *w, const record *head, const char *name, const record *extra,
                               mlsoap_error *error)
{
    mlsoap_status status = put(w, head->bytes, head->n, error);
    if (!status) status = put(w, name, strlen(name), error);
    return status ? status : put(w, extra->bytes, extra->n, error);
}

static mlsoap_status put_local_header(npy_writer *w, const char *name, mlsoap_error *error)
{
    record head = {.n = 0}, extra = {.n = 0};
    if (!MEMORY_RESERVE(&w->entries, &w->capacity, w->n_entries + 1))
        return status_no_memory(error, sizeof *w->entries, "the directory of an archive");
    npz_entry *entry = &w->entries[w->n_entries++];
    *entry = (npz_entry){.offset = w->at};
    snprintf(entry->name, sizeof entry->name, "%s.npy", name);
    record_add(&extra, 1, 2); /* ZIP64: says that the sizes behind the data have 8 bytes */
    record_add(&extra, 16, 2);
    record_add(&extra, 0, 8);
    record_add(&extra, 0, 8);
    record_add(&head, 0x04034b50, 4);
    record_add(&head, ZIP_VERSION, 2);
    record_add(&head, ZIP_FLAGS, 2);
    record_add(&head, 0, 2); /* stored */
    record_add(&head, 0, 2);
    record_add(&head, ZIP_DATE, 2);
    record_add(&head, 0, 4);
    record_add(&head, UINT32_MAX, 4);
    record_add(&head, UINT32_MAX, 4);
    record_add(&head, strlen(entry->name), 2);
    record_add(&head, extra.n, 2);
    return put_named(w, &head, entry->name, &extra, error);
}

static mlsoap_status put_data_descriptor(npy_writer *w, mlsoap_error *error)
{
    const npz_entry *entry = &w->entries[w->n_entries - 1];
    record r = {.n = 0};
    record_add(&r, 0x08074b50, 4);
    record_add(&r, entry->crc, 4);
    record_add(&r, entry->size, 8);
    record_add(&r, entry->size, 8);
    return put(w, r.bytes, r.n, error);
}

/* The array at hand is complete: nothing may be missing. */
static mlsoap_status end_array(npy_writer *w, mlsoap_error *error)
{
    if (w->n_left > 0) return status_fail(error, MLSOAP_ERROR_INTERNAL, "an array lacks %zu items", w->n_left);
    return w->is_archive && w->n_entries > 0 ? put_data_descriptor(w, error) : MLSOAP_SUCCESS;
}

static mlsoap_status put_array_header(npy_writer *w, const npy_shape *shape, mlsoap_error *error)
{
    char text[NPY_HEADER_SIZE];
    int n = snprintf(text, sizeof text, "{'descr': '%s', 'fortran_order': False, 'shape': (",
                     shape->type == NPY_FLOAT64 ? "<f8" : "<i8");
    for (int i = 0; i < shape->n_dimensions; i++)
        n += snprintf(text + n, sizeof text - (size_t)n, "%zu,%s", shape->sizes[i],
                      i + 1 < shape->n_dimensions ? " " : "");
    n += snprintf(text + n, sizeof text - (size_t)n, "), }");
    size_t whole = ((size_t)n + 11 + NPY_ALIGNMENT - 1) / NPY_ALIGNMENT * NPY_ALIGNMENT;
    record r = {.bytes = "\x93NUMPY\x01", .n = 8};
    record_add(&r, whole - 10, 2);
    mlsoap_status status = put_data(w, r.bytes, r.n, error);
    memset(text + n, ' ', whole - 10 - (size_t)n);
    text[whole - 11] = '\n';
    return status ? status : put_data(w, text, whole - 10, error);
}

mlsoap_status npy_begin(npy_writer *w, const char *name, const npy_shape *shape, mlsoap_error *error)
{
    size_t n = 1;
    mlsoap_status status = end_array(w, error);
    if (status) return status;
    for (int i = 0; i < shape->n_dimensions; i++)
        if (!size_multiply(n, shape->sizes[i], &n) || n > SIZE_MAX / NPY_ITEM)
            return status_fail(error, MLSOAP_ERROR_CAPACITY, "the array `%s` is too large", name);
    if (w->is_archive) status = put_local_header(w, name, error);
    if (!status) status = put_array_header(w, shape, error);
    w->n_left = n;
    return status;
}

mlsoap_status npy_write(npy_writer *w, const void *items, size_t n, mlsoap_error *error)
{
    if (n > w->n_left)
        return status_fail(error, MLSOAP_ERROR_INTERNAL, "an array gets %zu items too many", n - w->n_left);
    w->n_left -= n;
    return n > 0 ? put_data(w, items, n * NPY_ITEM, error) : MLSOAP_SUCCESS;
}

static mlsoap_status put_central_entry(npy_writer *w, const npz_entry *entry, mlsoap_error *error)
{
    record head = {.n = 0}, extra = {.n = 0};
    record_add(&extra, 1, 2);
    record_add(&extra, 24, 2);
    record_add(&extra, entry->size, 8);
    record_add(&extra, entry->size, 8);
    record_add(&extra, entry->offset, 8);
    record_add(&head, 0x02014b50, 4);
    record_add(&head, ZIP_VERSION, 2);
    record_add(&head, ZIP_VERSION, 2);
    record_add(&head, ZIP_FLAGS, 2);
    record_add(&head, 0, 2);
    record_add(&head, 0, 2);
    record_add(&head, ZIP_DATE, 2);
    record_add(&head, entry->crc, 4);
    record_add(&head, UINT32_MAX, 4);
    record_add(&head, UINT32_MAX, 4);
    record_add(&head, strlen(entry->name), 2);
    record_add(&head, extra.n, 2);
    record_add(&head, 0, 2); /* comment */
    record_add(&head, 0, 2); /* disk */
    record_add(&head, 0, 2); /* attributes */
    record_add(&head, 0, 4);
    record_add(&head, UINT32_MAX, 4);
    return put_named(w, &head, entry->name, &extra, error);
}

static mlsoap_status put_directory(npy_writer *w, mlsoap_error *error)
{
    uint64_t start = w->at;
    mlsoap_status status = MLSOAP_SUCCESS;
    for (size_t i = 0; i < w->n_entries && !status; i++) status = put_central_entry(w, &w->entries[i], error);
    if (status) return status;
    uint64_t end = w->at;
    record r = {.n = 0};
    record_add(&r, 0x06064b50, 4); /* ZIP64 end of central directory */
    record_add(&r, 44, 8);
    record_add(&r, ZIP_VERSION, 2);
    record_add(&r, ZIP_VERSION, 2);
    record_add(&r, 0, 4);
    record_add(&r, 0, 4);
    record_add(&r, w->n_entries, 8);
    record_add(&r, w->n_entries, 8);
    record_add(&r, end - start, 8);
    record_add(&r, start, 8);
    record_add(&r, 0x07064b50, 4); /* its locator */
    record_add(&r, 0, 4);
    record_add(&r, end, 8);
    record_add(&r, 1, 4);
    record_add(&r, 0x06054b50, 4); /* end of central directory: see the 64-bit one */
    record_add(&r, UINT16_MAX, 2);
    record_add(&r, UINT16_MAX, 2);
    record_add(&r, UINT16_MAX, 2);
    record_add(&r, UINT16_MAX, 2);
    record_add(&r, UINT32_MAX, 4);
    record_add(&r, UINT32_MAX, 4);
    record_add(&r, 0, 2);
    return put(w, r.bytes, r.n, error);
}

mlsoap_status npy_commit(npy_writer *w, mlsoap_error *error)
{
    mlsoap_status status = end_array(w, error);
    if (!status && w->is_archive) status = put_directory(w, error);
    if (!status) {
        status = file_writer_commit(w->file, error);
        w->file = NULL;
    }
    npy_discard(w);
    return status;
}
