/* SPDX-License-Identifier: BSD-3-Clause */
/* Named tensors; see model.h. */
#include "core/memory.h"
#include "models/model.h"

#include <string.h>

size_t tensor_size(const tensor *t)
{
    size_t size = 1;
    for (int i = 0; i < t->n_dimensions; i++) size *= t->shape[i]; /* tensor_add made sure that it does not overflow */
    return size;
}

const tensor *tensor_find(const tensor_set *set, const char *name)
{
    for (size_t i = 0; i < set->n; i++)
        if (strcmp(set->items[i].name, name) == 0) return &set->items[i];
    return NULL;
}

static mlsoap_status shape_size(const char *name, int n_dimensions, const size_t *shape, size_t *size,
                                mlsoap_error *error)
{
    if (n_dimensions < 1 || n_dimensions > TENSOR_DIMENSIONS)
        return status_fail(error, MLSOAP_ERROR_VALUE, "tensor %s has %d dimensions; 1 to %d are allowed", name,
                           n_dimensions, TENSOR_DIMENSIONS);
    size_t bytes = sizeof(double);
    for (int i = 0; i < n_dimensions; i++) {
        if (shape[i] == 0)
            return status_fail(error, MLSOAP_ERROR_VALUE, "tensor %s: dimension %d is 0; it must be at least 1", name,
                               i);
        if (!size_multiply(bytes, shape[i], &bytes))
            return status_fail(error, MLSOAP_ERROR_MEMORY, "tensor %s: its size overflows", name);
    }
    *size = bytes / sizeof(double);
    return MLSOAP_SUCCESS;
}

/* Append `added`, but for its name and shape complete; takes its data over on success. */
static mlsoap_status append(tensor_set *set, const char *name, const size_t *shape, tensor added, mlsoap_error *error)
{
    if (tensor_find(set, name)) return status_fail(error, MLSOAP_ERROR_VALUE, "tensor %s is there twice", name);
    added.name = memory_copy_text(name);
    if (!added.name || !MEMORY_RESERVE(&set->items, &set->capacity, set->n + 1)) {
        memory_free(added.name);
        return status_no_memory(error, sizeof added, name);
    }
    memcpy(added.shape, shape, (size_t)added.n_dimensions * sizeof *shape);
    set->items[set->n++] = added;
    return MLSOAP_SUCCESS;
}

mlsoap_status tensor_add(tensor_set *set, const char *name, int n_dimensions, const size_t *shape, const double *data,
                         tensor **out, mlsoap_error *error)
{
    if (out) *out = NULL;
    size_t size = 0;
    mlsoap_status status = shape_size(name, n_dimensions, shape, &size, error);
    if (status) return status;
    tensor added = {.n_dimensions = n_dimensions, .data = MEMORY_NEW(double, size)};
    if (!added.data) return status_no_memory(error, size * sizeof(double), name);
    status = append(set, name, shape, added, error);
    if (status) {
        memory_free(added.data);
        return status;
    }
    if (data) memcpy(added.data, data, size * sizeof *data);
    if (out) *out = &set->items[set->n - 1];
    return MLSOAP_SUCCESS;
}

mlsoap_status tensor_add_stored(tensor_set *set, const char *name, int n_dimensions, const size_t *shape, double *data,
                                mlsoap_error *error)
{
    size_t size = 0;
    mlsoap_status status = shape_size(name, n_dimensions, shape, &size, error);
    tensor added = {.n_dimensions = n_dimensions, .data = data, .in_storage = true};
    return status ? status : append(set, name, shape, added, error);
}

void tensor_remove(tensor_set *set, const char *prefix)
{
    size_t n = 0, length = strlen(prefix);
    for (size_t i = 0; i < set->n; i++) {
        tensor *t = &set->items[i];
        if (strncmp(t->name, prefix, length) == 0) {
            memory_free(t->name);
            if (!t->in_storage) memory_free(t->data);
        } else {
            set->items[n++] = *t;
        }
    }
    set->n = n;
}

void tensor_set_release(tensor_set *set)
{
    tensor_remove(set, "");
    memory_free(set->items);
    memory_free(set->storage);
    *set = (tensor_set){0};
}
