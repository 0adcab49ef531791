/* SPDX-License-Identifier: BSD-3-Clause */
/* Frames; see frame.h. */
#include "io/frame.h"

#include "core/memory.h"

#include <string.h>

void frame_release(frame *f)
{
    if (!f) return;
    structure_release(&f->structure);
    memory_free(f->forces);
    memory_free(f->config_type);
    memory_free(f->predicted_forces);
    memset(f, 0, sizeof *f);
}

void frame_file_release(frame_file *file)
{
    if (!file) return;
    memory_free(file->path);
    for (int i = 0; i < N_FRAME_TARGETS; i++) memory_free(file->targets[i].key);
    for (char **key = file->unused_keys; key && *key; key++) memory_free(*key);
    memory_free(file->unused_keys);
    memset(file, 0, sizeof *file);
}

void frame_set_release(frame_set *set)
{
    if (!set) return;
    for (size_t i = 0; i < set->n_frames; i++) frame_release(&set->frames[i]);
    for (size_t i = 0; i < set->n_files; i++) frame_file_release(&set->files[i]);
    memory_free(set->frames);
    memory_free(set->files);
    memset(set, 0, sizeof *set);
}
