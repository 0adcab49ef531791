/* SPDX-License-Identifier: BSD-3-Clause */
/* From a configuration to the readers; see reading.h. */
#include "app/reading.h"

#include "core/memory.h"

#include <stdio.h>
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

static void put_vasp_steps(const frame_file *f, void (*put)(void *to, const char *line), void *to)
{
    char line[256];
    if (f->n_unconverged > 0) {
        snprintf(line, sizeof line, "    %zu ionic steps did not converge (electrons); they are read all the same",
                 f->n_unconverged);
        put(to, line);
    }
    if (f->n_incomplete > 0) {
        snprintf(line, sizeof line, "    %zu ionic steps are not complete and left out", f->n_incomplete);
        put(to, line);
    }
    if (f->n_predicted > 0) {
        snprintf(line, sizeof line, "    %zu steps were predicted by a force field of VASP and are left out",
                 f->n_predicted);
        put(to, line);
    }
}

void reading_print(const frame_file *f, void (*put)(void *to, const char *line), void *to)
{
    static const char *const words[N_FRAME_TARGETS] = {"energies", "force components", "virial components"};
    char line[512];
    if (f->length_unit) {
        snprintf(line, sizeof line, "    the file states no units: lengths taken in %s, energies in %s (data.units)",
                 f->length_unit, f->energy_unit);
        put(to, line);
    }
    for (int t = 0; t < N_FRAME_TARGETS; t++) {
        const frame_key_use *use = &f->targets[t];
        if (use->key)
            snprintf(line, sizeof line, "    %-10s -> %zu %s in %zu frames, from %.6g to %.6g", use->key,
                     use->n_numbers, words[t], use->n_frames, use->min, use->max);
        else
            snprintf(line, sizeof line, "    no %s", words[t]);
        put(to, line);
    }
    put_vasp_steps(f, put, to);
}

void reading_put_line(void *to, const char *line)
{
    fprintf(to, "%s\n", line);
}
