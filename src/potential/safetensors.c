/* SPDX-License-Identifier: BSD-3-Clause */
/* The container; see safetensors.h. */
#include "potential/safetensors.h"

#include "core/hash.h"
#include "core/memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "tensors are little-endian, and are read as they are");

enum { LENGTH_SIZE = 8, ALIGNMENT = 64, CHECKSUM_DIGITS = 16, TENSORS_MAX = 4096, NAME_MAX_LENGTH = 255 };
static const size_t header_max = 100000000;

/* Every header begins with this, the digits of its checksum follow. */
static const char header_start[] = "{\"__metadata__\":{\"checksum\":\"";
#define CHECKSUM_OFFSET (LENGTH_SIZE + sizeof header_start - 1)

static const char zeros[] = "0000000000000000";

/* Of length, header and padding, with zeros for the digits of the checksum itself. */
static mlsoap_status header_checksum(const char *bytes, size_t n_bytes, char digits[CHECKSUM_DIGITS + 1],
                                     mlsoap_error *error)
{
    char *copy = MEMORY_NEW(char, n_bytes);
    if (!copy) return status_no_memory(error, n_bytes, "a header");
    memcpy(copy, bytes, n_bytes);
    memcpy(copy + CHECKSUM_OFFSET, zeros, CHECKSUM_DIGITS);
    snprintf(digits, CHECKSUM_DIGITS + 1, "%016" PRIx64, hash_fast(copy, n_bytes));
    memory_free(copy);
    return MLSOAP_SUCCESS;
}

static uint64_t read_length(const unsigned char *bytes)
{
    uint64_t length = 0;
    for (int i = LENGTH_SIZE - 1; i >= 0; i--) length = length << 8 | bytes[i];
    return length;
}

/* Bounds, first bytes and checksum of the header. */
static mlsoap_status check_header(const char *bytes, size_t n_bytes, const char *name, size_t *n_header,
                                  mlsoap_error *error)
{
    char digits[CHECKSUM_DIGITS + 1];
    if (n_bytes < CHECKSUM_OFFSET + CHECKSUM_DIGITS)
        return status_fail_at(error, MLSOAP_ERROR_FORMAT, name, 0,
                              "%zu bytes are too few for a potential file; it is truncated or of another kind",
                              n_bytes);
    uint64_t length = read_length((const unsigned char *)bytes);
    if (memcmp(bytes + LENGTH_SIZE, header_start, sizeof header_start - 1) != 0)
        return status_fail_at(error, MLSOAP_ERROR_FORMAT, name, 0,
                              "byte 8 should begin a header %s...; this is not a potential file, or it is damaged",
                              header_start);
    if (length > header_max || length > n_bytes - LENGTH_SIZE)
        return status_fail_at(error, MLSOAP_ERROR_FORMAT, name, 0,
                              "the header has %" PRIu64 " bytes, but the file only %zu (and %zu is the limit); it is "
                              "truncated or damaged",
                              length, n_bytes, header_max);
    *n_header = LENGTH_SIZE + (size_t)length;
    if (*n_header < CHECKSUM_OFFSET + CHECKSUM_DIGITS || *n_header % ALIGNMENT)
        return status_fail_at(error, MLSOAP_ERROR_FORMAT, name, 0,
                              "the header has %" PRIu64 " bytes; with the 8 before it, it must fill a multiple of %d",
                              length, ALIGNMENT);
    mlsoap_status status = header_checksum(bytes, *n_header, digits, error);
    if (status || memcmp(bytes + CHECKSUM_OFFSET, digits, CHECKSUM_DIGITS) == 0) return status;
    return status_fail_at(error, MLSOAP_ERROR_CHECKSUM, name, 0,
                          "the header (bytes 0 to %zu) does not match its checksum %.16s: the file is damaged; copy it "
                          "again",
                          *n_header - 1, bytes + CHECKSUM_OFFSET);
}

/* ------------------------------------------------------------------------------------------------- one tensor */

/* Where the tensors are read from. */
typedef struct tensor_source {
    const char *file;
    char *data; /* after the header */
    size_t n_data, used;
    const json_t *checksums;
} tensor_source;

static mlsoap_status read_shape(const json_t *list, const char *file, const char *name, size_t shape[TENSOR_DIMENSIONS],
                                size_t *n_bytes, mlsoap_error *error)
{
    size_t n = json_array_size(list);
    if (n < 1 || n > TENSOR_DIMENSIONS)
        return status_fail_at(error, MLSOAP_ERROR_FORMAT, file, 0,
                              "tensor %s: shape has %zu dimensions; 1 to %d are "
                              "allowed",
                              name, n, TENSOR_DIMENSIONS);
    *n_bytes = sizeof(double);
    for (size_t i = 0; i < n; i++) {
        const json_t *item = json_array_get(list, i);
        json_int_t value = json_integer_value(item);
        if (!json_is_integer(item) || value < 1)
            return status_fail_at(error, MLSOAP_ERROR_FORMAT, file, 0,
                                  "tensor %s: shape[%zu] must be an integer of at "
                                  "least 1",
                                  name, i);
        shape[i] = (size_t)value;
        if (!size_multiply(*n_bytes, shape[i], n_bytes))
            return status_fail_at(error, MLSOAP_ERROR_FORMAT, file, 0, "tensor %s: its size overflows", name);
    }
    return MLSOAP_SUCCESS;
}

static mlsoap_status check_entry(const json_t *entry, const char *file, const char *name, mlsoap_error *error)
{
    const char *dtype = json_string_value(json_object_get(entry, "dtype"));
    const json_t *offsets = json_object_get(entry, "data_offsets");
    if (strlen(name) > NAME_MAX_LENGTH)
        return status_fail_at(error, MLSOAP_ERROR_FORMAT, file, 0, "the tensor name %.40s... is too long", name);
    if (!dtype || strcmp(dtype, "F64") != 0)
        return status_fail_at(error, MLSOAP_ERROR_FORMAT, file, 0, "tensor %s: dtype is %.20s; it must be F64", name,
                              dtype ? dtype : "missing");
    if (json_object_size(entry) != 3 || !json_is_array(json_object_get(entry, "shape")) ||
        json_array_size(offsets) != 2)
        return status_fail_at(error, MLSOAP_ERROR_FORMAT, file, 0,
                              "tensor %s must have dtype, shape and two data_offsets, "
                              "and no other key",
                              name);
    return MLSOAP_SUCCESS;
}

/* The bytes begin where those of the tensor before end, lie in the file and fit the shape. */
static mlsoap_status check_range(const tensor_source *from, const json_t *offsets, const char *name, size_t n_bytes,
                                 mlsoap_error *error)
{
    json_int_t begin = json_integer_value(json_array_get(offsets, 0)),
               end = json_integer_value(json_array_get(offsets, 1));
    if (!json_is_integer(json_array_get(offsets, 0)) || begin < 0 || (size_t)begin != from->used)
        return status_fail_at(error, MLSOAP_ERROR_FORMAT, from->file, 0,
                              "tensor %s begins at byte %lld of the data, the one before it ends at %zu: %s", name,
                              (long long)begin, from->used,
                              begin >= 0 && (size_t)begin > from->used ? "there is a gap" : "they overlap");
    if (!json_is_integer(json_array_get(offsets, 1)) || end < begin || (size_t)end > from->n_data)
        return status_fail_at(
            error, MLSOAP_ERROR_FORMAT, from->file, 0,
            "tensor %s ends at byte %lld of the data, which has %zu: the file is truncated or damaged", name,
            (long long)end, from->n_data);
    if ((size_t)(end - begin) != n_bytes || n_bytes % ALIGNMENT)
        return status_fail_at(error, MLSOAP_ERROR_FORMAT, from->file, 0,
                              "tensor %s has %lld bytes; its shape needs %zu, and it must be a multiple of %d", name,
                              (long long)(end - begin), n_bytes, ALIGNMENT);
    return MLSOAP_SUCCESS;
}

static mlsoap_status check_contents(const tensor_source *from, const char *name, const char *bytes, size_t n_bytes,
                                    mlsoap_error *error)
{
    char digits[CHECKSUM_DIGITS + 1];
    const char *stored = json_string_value(json_object_get(from->checksums, name));
    snprintf(digits, sizeof digits, "%016" PRIx64, hash_fast(bytes, n_bytes));
    if (!stored || strcmp(stored, digits) != 0)
        return status_fail_at(error, MLSOAP_ERROR_CHECKSUM, from->file, 0,
                              "tensor %s does not match its checksum %.16s: the file is damaged; copy it again", name,
                              stored ? stored : "(missing)");
    return MLSOAP_SUCCESS;
}

static mlsoap_status read_tensor(tensor_source *from, const char *name, const json_t *entry, tensor_set *tensors,
                                 mlsoap_error *error)
{
    size_t shape[TENSOR_DIMENSIONS] = {0}, n_bytes = 0;
    char *bytes = from->data + from->used;
    mlsoap_status status = check_entry(entry, from->file, name, error);
    if (!status) status = read_shape(json_object_get(entry, "shape"), from->file, name, shape, &n_bytes, error);
    if (!status) status = check_range(from, json_object_get(entry, "data_offsets"), name, n_bytes, error);
    if (!status && tensors->n > 0 && strcmp(tensors->items[tensors->n - 1].name, name) >= 0)
        status = status_fail_at(error, MLSOAP_ERROR_FORMAT, from->file, 0,
                                "tensor %s comes after %s; tensors are sorted "
                                "by name",
                                name, tensors->items[tensors->n - 1].name);
    if (!status) status = check_contents(from, name, bytes, n_bytes, error);
    if (status) return status;
    int n_dimensions = (int)json_array_size(json_object_get(entry, "shape"));
    from->used += n_bytes;
    /* aligned: the header ends at a multiple of 64 bytes, and so does every tensor */
    return tensor_add_stored(tensors, name, n_dimensions, shape, (double *)(void *)bytes, error);
}

/* ---------------------------------------------------------------------------------------------- the whole file */

static mlsoap_status check_metadata(const json_t *metadata, const char *file, mlsoap_error *error)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)metadata, key, value)
    {
        if (!json_is_string(value))
            return status_fail_at(error, MLSOAP_ERROR_FORMAT, file, 0, "__metadata__.%.40s is not a text", key);
    }
    return MLSOAP_SUCCESS;
}

static mlsoap_status read_tensors(const json_t *root, tensor_source *from, tensor_set *tensors, mlsoap_error *error)
{
    const char *name;
    json_t *entry;
    mlsoap_status status = MLSOAP_SUCCESS;
    if (json_object_size(root) > TENSORS_MAX + 1)
        return status_fail_at(error, MLSOAP_ERROR_CAPACITY, from->file, 0, "%zu tensors; at most %d are allowed",
                              json_object_size(root) - 1, TENSORS_MAX);
    json_object_foreach((json_t *)(uintptr_t)root, name, entry)
    {
        if (strcmp(name, "__metadata__") == 0) continue;
        status = read_tensor(from, name, entry, tensors, error);
        if (status) return status;
    }
    if (json_object_size(from->checksums) != tensors->n)
        return status_fail_at(error, MLSOAP_ERROR_FORMAT, from->file, 0, "there are %zu tensors but %zu checksums",
                              tensors->n, json_object_size(from->checksums));
    if (from->used != from->n_data)
        return status_fail_at(error, MLSOAP_ERROR_FORMAT, from->file, 0,
                              "%zu bytes follow the last tensor; the file is damaged", from->n_data - from->used);
    return status;
}

mlsoap_status safetensors_read(char *bytes, size_t n_bytes, const char *name, json_t **metadata, tensor_set *tensors,
                               mlsoap_error *error)
{
    *metadata = NULL;
    tensors->storage = bytes;
    size_t n_header = 0;
    mlsoap_status status = check_header(bytes, n_bytes, name, &n_header, error);
    if (status) return status;
    json_error_t problem = {0};
    json_t *root = json_loadb(bytes + LENGTH_SIZE, n_header - LENGTH_SIZE, JSON_REJECT_DUPLICATES, &problem);
    if (!root)
        return status_fail_at(error, MLSOAP_ERROR_FORMAT, name, 0, "the header is not valid JSON at byte %d: %s",
                              problem.position + LENGTH_SIZE, problem.text);
    const json_t *found = json_object_get(root, "__metadata__");
    const char *text = json_string_value(json_object_get(found, "tensor_checksums"));
    json_t *checksums = text ? json_loads(text, JSON_REJECT_DUPLICATES, NULL) : NULL;
    tensor_source from = {name, bytes + n_header, n_bytes - n_header, 0, checksums};
    status = check_metadata(found, name, error);
    if (!status && !json_is_object(checksums))
        status = status_fail_at(error, MLSOAP_ERROR_FORMAT, name, 0,
                                "__metadata__.tensor_checksums is missing or not a JSON object");
    if (!status) status = read_tensors(root, &from, tensors, error);
    if (!status) *metadata = json_incref((json_t *)(uintptr_t)found);
    json_decref(checksums);
    json_decref(root);
    return status;
}

/* ------------------------------------------------------------------------------------------------------ writing */

static json_t *checksums_of(const tensor_set *tensors)
{
    json_t *object = json_object();
    for (size_t i = 0; i < tensors->n; i++) {
        char digits[CHECKSUM_DIGITS + 1];
        const tensor *t = &tensors->items[i];
        snprintf(digits, sizeof digits, "%016" PRIx64, hash_fast(t->data, tensor_size(t) * sizeof(double)));
        json_object_set_new(object, t->name, json_string(digits));
    }
    char *text = json_dumps(object, JSON_COMPACT);
    json_t *string = json_string(text);
    free(text);
    json_decref(object);
    return string;
}

/* The header as JSON text (free it), with zeros for its checksum. */
static char *header_text(const json_t *metadata, const tensor_set *tensors)
{
    json_t *root = json_object(), *all = json_object();
    json_object_set_new(all, "checksum", json_string(zeros));
    json_object_set_new(all, "tensor_checksums", checksums_of(tensors));
    json_object_update(all, (json_t *)(uintptr_t)metadata);
    int failed = json_object_set_new(root, "__metadata__", all);
    size_t begin = 0;
    for (size_t i = 0; i < tensors->n; i++) {
        const tensor *t = &tensors->items[i];
        size_t end = begin + tensor_size(t) * sizeof(double);
        json_t *shape = json_array();
        for (int k = 0; k < t->n_dimensions; k++) json_array_append_new(shape, json_integer((json_int_t)t->shape[k]));
        json_t *entry = json_pack("{s:s, s:o, s:[I,I]}", "dtype", "F64", "shape", shape, "data_offsets",
                                  (json_int_t)begin, (json_int_t)end);
        failed |= json_object_set_new(root, t->name, entry);
        begin = end;
    }
    char *text = failed ? NULL : json_dumps(root, JSON_COMPACT);
    json_decref(root);
    return text;
}

mlsoap_status safetensors_header(const json_t *metadata, const tensor_set *tensors, char **header, size_t *n_bytes,
                                 mlsoap_error *error)
{
    char digits[CHECKSUM_DIGITS + 1], *text = header_text(metadata, tensors);
    size_t n_text = text ? strlen(text) : 0;
    *n_bytes = (LENGTH_SIZE + n_text + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    *header = text ? MEMORY_NEW(char, *n_bytes) : NULL;
    if (!*header) {
        free(text);
        return status_no_memory(error, *n_bytes, "the header of a potential file");
    }
    uint64_t length = *n_bytes - LENGTH_SIZE;
    memset(*header, ' ', *n_bytes);
    for (int i = 0; i < LENGTH_SIZE; i++) (*header)[i] = (char)(length >> 8 * i & 0xff);
    memcpy(*header + LENGTH_SIZE, text, n_text);
    free(text);
    mlsoap_status status = header_checksum(*header, *n_bytes, digits, error);
    if (!status) memcpy(*header + CHECKSUM_OFFSET, digits, CHECKSUM_DIGITS);
    if (!status && length > header_max)
        status = status_fail(error, MLSOAP_ERROR_CAPACITY,
                             "the description of the potential needs %" PRIu64 " bytes; %zu is the limit", length,
                             header_max);
    if (status) {
        memory_free(*header);
        *header = NULL;
    }
    return status;
}
