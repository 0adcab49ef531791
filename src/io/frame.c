/* SPDX-License-Identifier: BSD-3-Clause */
/* Frames; see frame.h. */
#include "io/frame.h"

#include "core/memory.h"
#include "core/status.h"

#include <string.h>

frame *frame_set_begin(frame_set *set, mlsoap_error *error)
{
    if (!MEMORY_RESERVE(&set->frames, &set->capacity, set->n_frames + 1)) {
        status_no_memory(error, (set->n_frames + 1) * sizeof *set->frames, "the frames of a file");
        return NULL;
    }
    return memset(&set->frames[set->n_frames], 0, sizeof *set->frames);
}

mlsoap_status frame_set_end(frame_set *set, mlsoap_status status)
{
    frame *f = &set->frames[set->n_frames];
    frame_file *file = &set->files[set->n_files - 1];
    if (status) {
        frame_release(f);
        return status;
    }
    f->i_file = (int)(set->n_files - 1);
    set->n_frames++;
    file->n_frames++;
    file->n_atoms += f->structure.n_atoms;
    return MLSOAP_SUCCESS;
}

void frame_release(frame *f)
{
    if (!f) return;
    structure_release(&f->structure);
    memory_free(f->forces);
    memory_free(f->config_type);
    memory_free(f->predicted_forces);
    memory_free(f->predicted_uncertainty);
    memset(f, 0, sizeof *f);
}

static void free_texts(char **texts)
{
    for (char **text = texts; text && *text; text++) memory_free(*text);
    memory_free(texts);
}

void frame_file_release(frame_file *file)
{
    if (!file) return;
    memory_free(file->path);
    for (int i = 0; i < N_FRAME_TARGETS; i++) memory_free(file->targets[i].key);
    free_texts(file->unused_keys);
    free_texts(file->other_keys);
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
