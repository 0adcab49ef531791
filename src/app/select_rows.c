/* SPDX-License-Identifier: BSD-3-Clause */
/* Choosing structures and environments; see select_rows.h. */
#include "app/select_rows.h"

#include "app/selection.h"
#include "core/elements.h"
#include "core/file.h"
#include "core/memory.h"
#include "io/io.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

static mlsoap_status prefix_frame(const frame_set *set, size_t i, mlsoap_status status, mlsoap_error *error)
{
    const frame *f = &set->frames[i];
    return status_prefix(error, status, "%s: frame %zu (line %ld)", set->files[f->i_file].path, f->index, f->line);
}

/* Append D/|D|. */
static mlsoap_status add_row(select_group *group, const double *D, size_t n_features, size_t i_frame, size_t atom,
                             mlsoap_error *error)
{
    size_t needed;
    if (!size_multiply(group->n + 1, n_features, &needed) || !MEMORY_RESERVE(&group->X, &group->capacity_X, needed) ||
        !MEMORY_RESERVE(&group->frames, &group->capacity_frames, group->n + 1) ||
        !MEMORY_RESERVE(&group->atoms, &group->capacity_atoms, group->n + 1))
        return status_no_memory(error, (group->n + 1) * n_features * sizeof(double), "the rows to select from");
    double *row = group->X + group->n * n_features, square = 0;
    for (size_t f = 0; f < n_features; f++) square += D[f] * D[f];
    for (size_t f = 0; f < n_features; f++) row[f] = square > 0 ? D[f] / sqrt(square) : 0;
    group->frames[group->n] = i_frame;
    group->atoms[group->n++] = atom;
    return MLSOAP_SUCCESS;
}

static mlsoap_status add_frame(describer *d, const description_rows *from, size_t i_frame, selected_rows *rows,
                               mlsoap_error *error)
{
    mlsoap_status status = MLSOAP_SUCCESS;
    for (size_t i = 0; i < from->n_rows && !status; i++) {
        size_t center = rows->environments ? d->rows[i] : 0;
        int species = rows->environments ? d->list.center_species[center] : 0;
        size_t atom = rows->environments ? (size_t)d->list.center_atom[center] : 0;
        rows->groups[species].species = species;
        status = add_row(&rows->groups[species], from->values + i * d->n_features, d->n_features, i_frame, atom, error);
    }
    return status;
}

static mlsoap_status collect(describer *d, const frame_set *set, progress *bar, selected_rows *rows,
                             mlsoap_error *error)
{
    description_rows from = {0};
    mlsoap_status status = MLSOAP_SUCCESS;
    for (size_t i = 0; i < set->n_frames && describer_needs_survey(d) && !status; i++) {
        status = describer_survey(d, &set->frames[i].structure, error);
        if (status) prefix_frame(set, i, status, error);
    }
    for (size_t i = 0; i < set->n_frames && !status; i++) {
        status = describe_structure(d, &set->frames[i].structure, DESCRIBE_VALUES, &from, error);
        if (status) prefix_frame(set, i, status, error);
        if (!status) status = add_frame(d, &from, i, rows, error);
        progress_add(bar, 1);
    }
    description_rows_release(&from);
    return status;
}

static mlsoap_status choose(select_group *group, size_t n_features, selection_function *select, size_t n,
                            mlsoap_error *error)
{
    if (n > group->n) n = group->n;
    group->chosen = MEMORY_NEW(size_t, n);
    if (!group->chosen) return status_no_memory(error, n * sizeof *group->chosen, "the choice");
    return select(group->X, group->n, n_features, n_features, 0, n, group->chosen, &group->n_chosen, error);
}

mlsoap_status select_rows(describer *d, const frame_set *set, const char *method, int environments, size_t n,
                          progress *bar, selected_rows *rows, mlsoap_error *error)
{
    selection_function *select = selection_find(method);
    *rows = (selected_rows){.environments = environments, .n_features = d->n_features};
    if (!select) return status_fail(error, MLSOAP_ERROR_VALUE, "no selection has the name %s", method);
    if (environments == d->is_per_structure)
        return status_fail(error, MLSOAP_ERROR_VALUE, "the descriptors give one row per %s; select %s",
                           d->is_per_structure ? "structure" : "center",
                           d->is_per_structure ? "at level structure" : "at level environment");
    if (environments && !d->centers_are_atoms)
        return status_fail(error, MLSOAP_ERROR_VALUE, "the centers are points; environments are those of atoms");
    rows->n_groups = ELEMENT_MAX + 1;
    rows->groups = MEMORY_NEW(select_group, (size_t)rows->n_groups);
    if (!rows->groups) return status_no_memory(error, sizeof *rows->groups, "the choice");
    mlsoap_status status = collect(d, set, bar, rows, error);
    for (int g = 0; g < rows->n_groups && !status; g++)
        if (rows->groups[g].n > 0) status = choose(&rows->groups[g], d->n_features, select, n, error);
    return status;
}

void selected_rows_release(selected_rows *rows)
{
    for (int g = 0; rows->groups && g < rows->n_groups; g++) {
        memory_free(rows->groups[g].X);
        memory_free(rows->groups[g].frames);
        memory_free(rows->groups[g].atoms);
        memory_free(rows->groups[g].chosen);
    }
    memory_free(rows->groups);
    *rows = (selected_rows){0};
}

static mlsoap_status write_text(const selected_rows *rows, const char *path, mlsoap_error *error)
{
    file_writer *writer;
    mlsoap_status status = file_writer_open(path, &writer, error);
    if (status) return status;
    for (int g = 0; g < rows->n_groups; g++) {
        const select_group *group = &rows->groups[g];
        for (size_t k = 0; k < group->n_chosen && !status; k++) {
            size_t row = group->chosen[k];
            if (rows->environments)
                status = file_writer_print(writer, error, "%zu %zu\n", group->frames[row], group->atoms[row]);
            else
                status = file_writer_print(writer, error, "%zu\n", group->frames[row]);
        }
    }
    if (!status) return file_writer_commit(writer, error);
    file_writer_discard(writer);
    return status;
}

static mlsoap_status write_frames(const selected_rows *rows, const frame_set *set, const char *path,
                                  mlsoap_error *error)
{
    const frame **frames = MEMORY_NEW(const frame *, set->n_frames);
    bool *taken = MEMORY_NEW(bool, set->n_frames);
    size_t n = 0;
    mlsoap_status status = MLSOAP_SUCCESS;
    if (!frames || !taken) status = status_no_memory(error, set->n_frames * sizeof *frames, "the frames");
    for (int g = 0; g < rows->n_groups && !status; g++)
        for (size_t k = 0; k < rows->groups[g].n_chosen; k++) {
            size_t i = rows->groups[g].frames[rows->groups[g].chosen[k]];
            if (!taken[i]) frames[n++] = &set->frames[i];
            taken[i] = true;
        }
    if (!status) status = frames_write(path, frames, n, error);
    memory_free(frames);
    memory_free(taken);
    return status;
}

mlsoap_status selected_rows_write(const selected_rows *rows, const frame_set *set, const char *path,
                                  mlsoap_error *error)
{
    size_t n = strlen(path);
    int is_text = n > 4 && !strcmp(path + n - 4, ".txt");
    return is_text ? write_text(rows, path, error) : write_frames(rows, set, path, error);
}
