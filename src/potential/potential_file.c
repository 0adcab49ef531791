/* SPDX-License-Identifier: BSD-3-Clause */
/* Reading and writing .mlsoap files; potentials/FORMAT.md is their specification. */
#include "potential/potential_file.h"

#include "core/file.h"
#include "core/memory.h"
#include "core/parse.h"
#include "potential/potential_parts.h"
#include "potential/safetensors.h"

#include <stdio.h>
#include <string.h>

static const char format_name[] = "mlsoap";

static mlsoap_status check_version(const json_t *metadata, const char *name, mlsoap_error *error)
{
    const char *format = json_string_value(json_object_get(metadata, "format"));
    const char *text = json_string_value(json_object_get(metadata, "format_version"));
    long version = 0;
    if (!format || strcmp(format, format_name) != 0)
        return status_fail_at(error, MLSOAP_ERROR_FORMAT, name, 0,
                              "__metadata__.format is '%.40s'; it must be 'mlsoap'", format ? format : "(missing)");
    if (!text || parse_integer(text, strlen(text), 1, 1000000, &version) != PARSE_OK)
        return status_fail_at(error, MLSOAP_ERROR_FORMAT, name, 0,
                              "__metadata__.format_version is '%.40s'; it must be a "
                              "positive integer",
                              text ? text : "(missing)");
    if (version <= POTENTIAL_FORMAT_VERSION) return MLSOAP_SUCCESS;
    return status_fail_at(error, MLSOAP_ERROR_VERSION, name, 0,
                          "format version %ld is newer than %d, the newest that mlsoap " MLSOAP_VERSION
                          " reads; use a newer mlsoap",
                          version, POTENTIAL_FORMAT_VERSION);
}

static mlsoap_status check_keys(const json_t *metadata, const char *name, mlsoap_error *error)
{
    static const char *const known[] = {"checksum",       "tensor_checksums", "format",
                                        "format_version", "identity",         "mlsoap"};
    const char *key, *identity = json_string_value(json_object_get(metadata, "identity"));
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)metadata, key, value)
    {
        int found = 0;
        for (size_t i = 0; i < sizeof known / sizeof *known; i++) found |= strcmp(key, known[i]) == 0;
        if (!found)
            return status_fail_at(error, MLSOAP_ERROR_FORMAT, name, 0, "__metadata__.%.40s is an unknown key", key);
    }
    if (!identity || strlen(identity) != 64 || strspn(identity, "0123456789abcdef") != 64)
        return status_fail_at(error, MLSOAP_ERROR_FORMAT, name, 0,
                              "__metadata__.identity must be 64 hexadecimal digits (SHA-256)");
    return MLSOAP_SUCCESS;
}

static mlsoap_status read_description(const json_t *metadata, const char *name, json_t **description,
                                      mlsoap_error *error)
{
    json_error_t problem = {0};
    const char *text = json_string_value(json_object_get(metadata, "mlsoap"));
    if (!text)
        return status_fail_at(error, MLSOAP_ERROR_FORMAT, name, 0, "__metadata__.mlsoap, the description, is missing");
    *description = json_loads(text, JSON_REJECT_DUPLICATES, &problem);
    if (*description) return MLSOAP_SUCCESS;
    return status_fail_at(error, MLSOAP_ERROR_FORMAT, name, 0, "the description is not valid JSON at character %d: %s",
                          problem.position, problem.text);
}

/* The potential in these bytes, which are taken over. */
static mlsoap_status read_bytes(char *bytes, size_t n_bytes, const char *name, mlsoap_potential **potential,
                                mlsoap_error *error)
{
    schema_source source = {.name = name};
    json_t *metadata = NULL, *description = NULL;
    tensor_set tensors = {0};
    mlsoap_status status = safetensors_read(bytes, n_bytes, name, &metadata, &tensors, error);
    if (!status) status = check_version(metadata, name, error);
    if (!status) status = check_keys(metadata, name, error);
    if (!status) status = read_description(metadata, name, &description, error);
    if (!status) {
        const char *identity = json_string_value(json_object_get(metadata, "identity"));
        status = potential_build(description, &tensors, identity, &source, potential, error);
    }
    tensor_set_release(&tensors);
    json_decref(metadata);
    return status;
}

mlsoap_status mlsoap_potential_read_memory(const void *bytes, size_t n_bytes, const char *name,
                                           mlsoap_potential **potential, mlsoap_error *error)
{
    if (!bytes || !potential)
        return status_fail(error, MLSOAP_ERROR_ARGUMENT, "mlsoap_potential_read_memory: an argument is NULL");
    *potential = NULL;
    char *copy = MEMORY_NEW(char, n_bytes);
    if (!copy) return status_no_memory(error, n_bytes, "the contents of a potential file");
    memcpy(copy, bytes, n_bytes);
    return read_bytes(copy, n_bytes, name ? name : "potential", potential, error);
}

mlsoap_status mlsoap_potential_read_file(const char *path, mlsoap_potential **potential, mlsoap_error *error)
{
    char *bytes = NULL;
    size_t n_bytes = 0;
    if (!path || !potential)
        return status_fail(error, MLSOAP_ERROR_ARGUMENT, "mlsoap_potential_read_file: an argument is NULL");
    *potential = NULL;
    mlsoap_status status = file_read(path, 0, &bytes, &n_bytes, error);
    return status ? status : read_bytes(bytes, n_bytes, path, potential, error);
}

static mlsoap_status write_parts(const mlsoap_potential *p, const char *header, size_t n_header, const char *path,
                                 mlsoap_error *error)
{
    file_writer *writer = NULL;
    mlsoap_status status = file_writer_open(path, &writer, error);
    if (status) return status;
    status = file_writer_write(writer, header, n_header, error);
    for (size_t i = 0; !status && i < p->tensors.n; i++) {
        const tensor *t = &p->tensors.items[i];
        status = file_writer_write(writer, t->data, tensor_size(t) * sizeof(double), error);
    }
    if (!status) return file_writer_commit(writer, error);
    file_writer_discard(writer);
    return status;
}

mlsoap_status potential_write_file(const mlsoap_potential *p, const char *path, mlsoap_error *error)
{
    char version[16], *header = NULL;
    size_t n_header;
    snprintf(version, sizeof version, "%d", POTENTIAL_FORMAT_VERSION);
    json_t *metadata = json_pack("{s:s, s:s, s:s, s:s}", "format", format_name, "format_version", version, "identity",
                                 p->identity, "mlsoap", p->description_text);
    if (!metadata) return status_no_memory(error, strlen(p->description_text), "the header of a potential file");
    mlsoap_status status = safetensors_header(metadata, &p->tensors, &header, &n_header, error);
    if (!status) status = write_parts(p, header, n_header, path, error);
    memory_free(header);
    json_decref(metadata);
    return status;
}
