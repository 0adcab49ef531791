/* SPDX-License-Identifier: BSD-3-Clause */
/* Files of `mlsoap describe`; see describe_output.h. A first pass counts, because the header of an array comes before
 * its numbers. */
#include "app/describe_output.h"

#include "app/npy.h"
#include "core/memory.h"

#include <stdio.h>
#include <string.h>

/* One run. */
typedef struct describe_run {
    describer *d;
    const frame_set *set;
    const describe_files *files;
    describe_what what;
    npy_writer *values, *derivatives;
    description_rows rows; /* of the frame at hand */
    size_t n_rows, n_entries, dense_bytes;
    size_t row;                           /* first row of the frame at hand */
    int64_t *row_of, *atom_of, *image_of; /* sparse: [n_entries], [n_entries], [n_entries][3] */
    size_t entry;
} describe_run;

int describe_is_archive(const char *path)
{
    size_t n = strlen(path);
    return n > 4 && !strcmp(path + n - 4, ".npz");
}

static mlsoap_status prefix_frame(const describe_run *run, size_t i, mlsoap_status status, mlsoap_error *error)
{
    const frame *f = &run->set->frames[i];
    return status_prefix(error, status, "%s: frame %zu (line %ld)", run->set->files[f->i_file].path, f->index, f->line);
}

/* A pass over all frames for histograms whose range is that of the data. */
static mlsoap_status survey_frames(describe_run *run, mlsoap_error *error)
{
    for (size_t i = 0; i < run->set->n_frames && describer_needs_survey(run->d); i++) {
        mlsoap_status status = describer_survey(run->d, &run->set->frames[i].structure, error);
        if (status) return prefix_frame(run, i, status, error);
    }
    return MLSOAP_SUCCESS;
}

static mlsoap_status count_frames(describe_run *run, mlsoap_error *error)
{
    for (size_t i = 0; i < run->set->n_frames; i++) {
        const structure *s = &run->set->frames[i].structure;
        size_t rows = 0, entries = 0, bytes;
        mlsoap_status status = describe_count(run->d, s, &rows, run->files->is_sparse ? &entries : NULL, error);
        if (status) return prefix_frame(run, i, status, error);
        run->n_rows += rows;
        run->n_entries += entries;
        if (!size_multiply(rows * 3 * sizeof(double), s->n_atoms, &bytes) ||
            !size_multiply(bytes, run->d->n_features, &bytes) || !size_add(run->dense_bytes, bytes, &run->dense_bytes))
            run->dense_bytes = SIZE_MAX;
    }
    return MLSOAP_SUCCESS;
}

static mlsoap_status check_dense(const describe_run *run, mlsoap_error *error)
{
    const char *path = run->files->derivatives;
    if (run->what != DESCRIBE_DENSE) return MLSOAP_SUCCESS;
    if (run->set->n_frames > 1 && !describe_is_archive(path))
        return status_fail(error, MLSOAP_ERROR_VALUE,
                           "%s: a .npy holds the derivatives of one frame and the data have %zu; give a .npz", path,
                           run->set->n_frames);
    if (run->dense_bytes > DESCRIBE_DENSE_MAX)
        return status_fail(
            error, MLSOAP_ERROR_CAPACITY,
            "%s: dense derivatives would take %.2f GiB, more than 2 GiB; use --derivatives-format sparse", path,
            (double)run->dense_bytes / (double)((size_t)1 << 30));
    return MLSOAP_SUCCESS;
}

static mlsoap_status open_files(describe_run *run, mlsoap_error *error)
{
    npy_shape shape = {NPY_FLOAT64, 2, {run->n_rows, run->d->n_features}};
    mlsoap_status status = npy_open(run->files->values, 0, &run->values, error);
    if (!status) status = npy_begin(run->values, "", &shape, error);
    if (status || run->what == DESCRIBE_VALUES) return status;
    status = npy_open(run->files->derivatives, describe_is_archive(run->files->derivatives), &run->derivatives, error);
    if (status || run->what == DESCRIBE_DENSE) return status;
    shape = (npy_shape){NPY_FLOAT64, 3, {run->n_entries, 3, run->d->n_features}};
    run->row_of = MEMORY_NEW(int64_t, run->n_entries);
    run->atom_of = MEMORY_NEW(int64_t, run->n_entries);
    run->image_of = memory_new(run->n_entries, 3 * sizeof(int64_t));
    if (!run->row_of || !run->atom_of || !run->image_of)
        return status_no_memory(error, run->n_entries * 5 * sizeof(int64_t), "indices of sparse derivatives");
    return npy_begin(run->derivatives, "values", &shape, error);
}

static mlsoap_status write_dense(describe_run *run, size_t i, mlsoap_error *error)
{
    const structure *s = &run->set->frames[i].structure;
    npy_shape shape = {NPY_FLOAT64, 4, {run->rows.n_rows, s->n_atoms, 3, run->d->n_features}};
    char name[32];
    snprintf(name, sizeof name, "frame_%zu", i);
    mlsoap_status status = npy_begin(run->derivatives, name, &shape, error);
    size_t n = run->rows.n_rows * s->n_atoms * 3 * run->d->n_features;
    return status ? status : npy_write(run->derivatives, run->rows.dense, n, error);
}

static mlsoap_status write_sparse(describe_run *run, mlsoap_error *error)
{
    const description_rows *rows = &run->rows;
    for (size_t k = 0; k < rows->n_entries; k++, run->entry++) {
        run->row_of[run->entry] = rows->row[k] + (int64_t)run->row;
        run->atom_of[run->entry] = rows->atom[k];
        memcpy(run->image_of + 3 * run->entry, rows->image[k], sizeof rows->image[k]);
    }
    return npy_write(run->derivatives, rows->sparse, rows->n_entries * 3 * run->d->n_features, error);
}

static mlsoap_status write_frames(describe_run *run, progress *bar, mlsoap_error *error)
{
    for (size_t i = 0; i < run->set->n_frames; i++) {
        mlsoap_status status = describe_structure(run->d, &run->set->frames[i].structure, run->what, &run->rows, error);
        if (status) return prefix_frame(run, i, status, error);
        status = npy_write(run->values, run->rows.values, run->rows.n_rows * run->d->n_features, error);
        if (!status && run->what == DESCRIBE_DENSE) status = write_dense(run, i, error);
        if (!status && run->what == DESCRIBE_SPARSE) status = write_sparse(run, error);
        if (status) return status;
        run->row += run->rows.n_rows;
        progress_add(bar, 1);
    }
    return MLSOAP_SUCCESS;
}

static mlsoap_status write_indices(describe_run *run, mlsoap_error *error)
{
    npy_shape list = {NPY_INT64, 1, {run->n_entries}}, triples = {NPY_INT64, 2, {run->n_entries, 3}};
    mlsoap_status status = npy_begin(run->derivatives, "row", &list, error);
    if (!status) status = npy_write(run->derivatives, run->row_of, run->n_entries, error);
    if (!status) status = npy_begin(run->derivatives, "atom", &list, error);
    if (!status) status = npy_write(run->derivatives, run->atom_of, run->n_entries, error);
    if (!status) status = npy_begin(run->derivatives, "image", &triples, error);
    return status ? status : npy_write(run->derivatives, run->image_of, 3 * run->n_entries, error);
}

static mlsoap_status write_names(const describe_run *run, mlsoap_error *error)
{
    file_writer *writer;
    mlsoap_status status = file_writer_open(run->files->names, &writer, error);
    if (status) return status;
    for (size_t f = 0; f < run->d->n_features && !status; f++) {
        char name[256];
        describer_feature_name(run->d, f, name, sizeof name);
        status = file_writer_print(writer, error, "%s\n", name);
    }
    if (!status) return file_writer_commit(writer, error);
    file_writer_discard(writer);
    return status;
}

static mlsoap_status commit_files(describe_run *run, mlsoap_error *error)
{
    mlsoap_status status = run->derivatives ? npy_commit(run->derivatives, error) : MLSOAP_SUCCESS;
    run->derivatives = NULL;
    if (!status && run->files->names) status = write_names(run, error);
    if (status) return status;
    status = npy_commit(run->values, error);
    run->values = NULL;
    return status;
}

mlsoap_status describe_write(describer *d, const frame_set *set, const describe_files *files, progress *bar,
                             size_t *n_rows, mlsoap_error *error)
{
    describe_run run = {.d = d, .set = set, .files = files};
    if (files->derivatives) run.what = files->is_sparse ? DESCRIBE_SPARSE : DESCRIBE_DENSE;
    mlsoap_status status = run.what ? describer_check_derivatives(d, error) : MLSOAP_SUCCESS;
    if (!status) status = count_frames(&run, error);
    if (!status) status = check_dense(&run, error);
    if (!status) status = survey_frames(&run, error);
    if (!status) status = open_files(&run, error);
    if (!status) status = write_frames(&run, bar, error);
    if (!status && run.what == DESCRIBE_SPARSE) status = write_indices(&run, error);
    if (!status) status = commit_files(&run, error);
    npy_discard(run.values);
    npy_discard(run.derivatives);
    description_rows_release(&run.rows);
    memory_free(run.row_of);
    memory_free(run.atom_of);
    memory_free(run.image_of);
    if (!status && n_rows) *n_rows = run.n_rows;
    return status;
}
