/* SPDX-License-Identifier: BSD-3-Clause */
/* From a configuration to the readers; see reading.h. */
#include "app/reading.h"

#include "core/memory.h"

#include <string.h>

mlsoap_status reading_of_config(const config *c, reading *r, mlsoap_error *error)
{
    static const char *const targets[N_FRAME_TARGETS] = {"energy", "forces", "virial"};
    const json_t *data = json_object_get(c->root, "data"), *keys = json_object_get(data, "keys");
    const json_t *ignore = json_object_get(data, "ignore");
    *r = (reading){0};
    for (int t = 0; t < N_FRAME_TARGETS; t++) {
        const char *key = schema_text(keys, targets[t]);
        r->options.keys[t] = key && strcmp(key, "auto") != 0 ? key : NULL;
    }
    r->ignored = MEMORY_NEW(const char *, json_array_size(ignore) + 1);
    if (!r->ignored) return status_no_memory(error, json_array_size(ignore) * sizeof *r->ignored, "data.ignore");
    for (size_t i = 0; i < json_array_size(ignore); i++) r->ignored[i] = json_string_value(json_array_get(ignore, i));
    r->options.ignore = r->ignored;
    config_units(c, &r->options.length_unit, &r->options.energy_unit);
    return MLSOAP_SUCCESS;
}

void reading_release(reading *r)
{
    memory_free(r->ignored);
    *r = (reading){0};
}
