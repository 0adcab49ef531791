/* SPDX-License-Identifier: BSD-3-Clause */
/* Frames of formats with fixed fields; see plain_frame.h. */
#include "io/plain_frame.h"

#include "core/memory.h"
#include "io/target_keys.h"

#include <string.h>

frame *plain_frame_begin(frame_set *set, size_t n_atoms, const text_place *place, long line, mlsoap_error *error)
{
    frame *f = frame_set_begin(set, error);
    if (!f) return NULL;
    mlsoap_status status = structure_new(&f->structure, n_atoms, error);
    f->config_type = status ? NULL : memory_copy_text("default");
    if (!status && !f->config_type) status = status_no_memory(error, 1, "the config_type of a frame");
    f->weight = 1.0;
    f->index = place->frame;
    f->line = line;
    if (!status) return f;
    frame_set_end(set, status);
    return NULL;
}

mlsoap_status plain_frame_end(frame_set *set, mlsoap_status status, const text_place *place, mlsoap_error *error)
{
    const frame *f = &set->frames[set->n_frames];
    mlsoap_error wrong;
    if (!status && (status = structure_validate(&f->structure, &wrong)))
        status_fail_at(error, status, place->file, f->line, "frame %zu: %s", place->frame, wrong.message);
    return frame_set_end(set, status);
}

mlsoap_status plain_targets(const read_options *options, const char *const names[N_FRAME_TARGETS], const char *format,
                            const char *file, bool take[N_FRAME_TARGETS], mlsoap_error *error)
{
    for (int t = 0; t < N_FRAME_TARGETS; t++) {
        const char *key = options->keys[t];
        take[t] = names[t] && !options->structures_only && (!key || strcmp(key, "none") != 0);
        if (options->structures_only || !key || strcmp(key, "none") == 0) continue;
        if (!names[t])
            return status_fail_at(error, MLSOAP_ERROR_VALUE, file, 0,
                                  "data.keys.%s is '%.40s', but files of the format %s hold no %s: use auto or none",
                                  target_name((frame_target)t), key, format, target_name((frame_target)t));
        if (strcmp(key, names[t]) != 0)
            return status_fail_at(error, MLSOAP_ERROR_VALUE, file, 0,
                                  "data.keys.%s is '%.40s', but in files of the format %s it can only be '%s', auto or "
                                  "none",
                                  target_name((frame_target)t), key, format, names[t]);
    }
    return MLSOAP_SUCCESS;
}

void fractional_to_cartesian(const double cell[3][3], const double v[3], double product[3])
{
    for (int k = 0; k < 3; k++) product[k] = v[0] * cell[0][k] + v[1] * cell[1][k] + v[2] * cell[2][k];
}
