/* SPDX-License-Identifier: BSD-3-Clause */
/* Fuzz target: reading a potential from memory, and evaluating it where it can be read. Each input is tried as it is
 * and with its checksums put right, because random changes would not get past them otherwise. */
#include "core/hash.h"
#include "core/memory.h"
#include "mlsoap.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char start[] = "{\"__metadata__\":{\"checksum\":\"0000000000000000\"";
enum { LENGTH_SIZE = 8, DIGITS_OFFSET = LENGTH_SIZE + 29, N_DIGITS = 16 };

static void evaluate(const mlsoap_potential *p)
{
    const double cell[9] = {3.1, 0.1, 0, 0, 3.3, 0, 0.2, 0, 3.2}, positions[6] = {0, 0, 0, 1.4, 1.5, 1.6};
    const int pbc[3] = {1, 1, 0}, first = mlsoap_potential_element(p, 0);
    const int species[2] = {first, mlsoap_potential_element(p, mlsoap_potential_n_elements(p) - 1)};
    mlsoap_structure_view view = {sizeof view, 2, species, positions, cell, pbc};
    mlsoap_workspace *w = NULL;
    double energy, forces[6], virial[6];
    if (mlsoap_potential_cutoff(p) < 12 && mlsoap_workspace_new(p, &w, NULL) == MLSOAP_SUCCESS)
        mlsoap_evaluate_structure(p, w, &view, &energy, NULL, forces, virial, NULL);
    mlsoap_workspace_free(w);
}

static void read_and_evaluate(const void *bytes, size_t size)
{
    mlsoap_potential *p = NULL;
    mlsoap_error error;
    if (mlsoap_potential_read_memory(bytes, size, "fuzz", &p, &error) != MLSOAP_SUCCESS) return;
    evaluate(p);
    mlsoap_potential_check(p, NULL, &error);
    mlsoap_potential_free(p);
}

/* The texts of __metadata__ with right checksums of the tensors that lie in the data. */
static json_t *sign_tensors(json_t *root, const char *data, size_t n_data)
{
    json_t *checksums = json_object(), *entry;
    const char *name;
    json_object_foreach(root, name, entry)
    {
        const json_t *offsets = json_object_get(entry, "data_offsets");
        json_int_t begin = json_integer_value(json_array_get(offsets, 0)),
                   end = json_integer_value(json_array_get(offsets, 1));
        char digits[N_DIGITS + 1];
        if (!offsets || begin < 0 || end < begin || (size_t)end > n_data) continue;
        snprintf(digits, sizeof digits, "%016" PRIx64, hash_fast(data + begin, (size_t)(end - begin)));
        json_object_set_new(checksums, name, json_string(digits));
    }
    char *text = json_dumps(checksums, JSON_COMPACT);
    json_decref(checksums);
    json_t *string = json_string(text);
    free(text);
    return string;
}

/* A new file from a header (changed) and the data behind it. */
static void read_signed(json_t *root, const char *data, size_t n_data)
{
    json_t *metadata = json_object_get(root, "__metadata__"), *fixed = json_object(), *whole = json_object();
    json_object_set_new(fixed, "checksum", json_string("0000000000000000"));
    json_object_update(fixed, metadata);
    json_object_set_new(fixed, "checksum", json_string("0000000000000000"));
    json_object_set_new(fixed, "tensor_checksums", sign_tensors(root, data, n_data));
    json_object_set_new(whole, "__metadata__", fixed);
    json_object_del(root, "__metadata__");
    json_object_update(whole, root);
    char *text = json_dumps(whole, JSON_COMPACT), digits[N_DIGITS + 1];
    json_decref(whole);
    size_t n_text = text ? strlen(text) : 0, n_header = (LENGTH_SIZE + n_text + 63) / 64 * 64;
    char *file = text && strncmp(text, start, sizeof start - 1) == 0 ? malloc(n_header + n_data + 1) : NULL;
    if (file) {
        uint64_t length = n_header - LENGTH_SIZE;
        memset(file, ' ', n_header);
        memcpy(file, &length, LENGTH_SIZE);
        memcpy(file + LENGTH_SIZE, text, n_text);
        memcpy(file + n_header, data, n_data);
        snprintf(digits, sizeof digits, "%016" PRIx64, hash_fast(file, n_header));
        memcpy(file + DIGITS_OFFSET, digits, N_DIGITS);
        read_and_evaluate(file, n_header + n_data);
    }
    free(file);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint64_t length = 0;
    read_and_evaluate(data, size);
    if (size < LENGTH_SIZE) return 0;
    memcpy(&length, data, LENGTH_SIZE);
    if (length > size - LENGTH_SIZE) return 0;
    const char *text = (const char *)data + LENGTH_SIZE;
    json_t *root = json_loadb(text, length, 0, NULL);
    if (json_is_object(root)) read_signed(root, text + length, size - LENGTH_SIZE - length);
    json_decref(root);
    return 0;
}
