/* SPDX-License-Identifier: BSD-3-Clause */
/* Descriptors side by side, and the rows of a structure; see describe_frames.h. */
#include "app/describe_frames.h"

#include "app/describe_parts.h"
#include "core/elements.h"
#include "core/memory.h"

#include <omp.h>
#include <stdio.h>
#include <string.h>

static mlsoap_status worker_new(const describer *d, describe_worker *worker, mlsoap_error *error)
{
    size_t stride = 0;
    mlsoap_status status = MLSOAP_SUCCESS;
    for (int k = 0; k < d->n_descriptors; k++)
        if (d->descriptors[k] && d->descriptors[k]->stride > stride) stride = d->descriptors[k]->stride;
    worker->workspaces = MEMORY_NEW(descriptor_workspace *, (size_t)d->n_descriptors);
    worker->D = memory_new(stride, DESCRIPTOR_BLOCK * sizeof(double));
    if (!worker->workspaces || !worker->D)
        return status_no_memory(error, stride * DESCRIPTOR_BLOCK * sizeof(double), "features");
    for (int k = 0; k < d->n_descriptors && !status; k++)
        if (d->descriptors[k])
            status = d->descriptors[k]->class_->workspace_new(d->descriptors[k], &worker->workspaces[k], error);
    return status;
}

static void worker_release(const describer *d, describe_worker *worker)
{
    for (int k = 0; worker->workspaces && k < d->n_descriptors; k++)
        if (worker->workspaces[k]) d->descriptors[k]->class_->workspace_free(worker->workspaces[k]);
    memory_free(worker->workspaces);
    memory_free(worker->D);
    memory_free(worker->J);
    memory_free(worker->slots);
}

static int is_midpoint(const descriptor *d)
{
    const char *centers = json_string_value(json_object_get(d->settings, "centers"));
    return centers && !strcmp(centers, "midpoint");
}

/* Descriptors share rows: all of them have rows of structures, or rows of the same centers. */
static mlsoap_status check_rows(const describer *d, int k, const char *path, const schema_source *source,
                                mlsoap_error *error)
{
    const descriptor *own = d->descriptors[k], *first = d->first;
    int is_per_structure = !own || d->parts[k].pool.type != POOLING_NONE;
    if (is_per_structure != d->is_per_structure)
        return schema_fail(source, path, NULL, error,
                           "gives one row per %s, and descriptors.0 one per %s; descriptors share the rows: average or "
                           "pool all of them, or none",
                           is_per_structure ? "structure" : "center", d->is_per_structure ? "structure" : "center");
    if (own && (first->centers_are_atoms != own->centers_are_atoms ||
                (!first->centers_are_atoms &&
                 !json_equal(json_object_get(first->settings, "centers"), json_object_get(own->settings, "centers")))))
        return schema_fail(source, path, "centers", error,
                           "not those of the descriptors before; descriptors share the rows, and so the kind of "
                           "centers");
    return MLSOAP_SUCCESS;
}

static mlsoap_status build_part(json_t *settings, const char *path, const schema_source *source, describer *d, int k,
                                mlsoap_error *error)
{
    describe_part *part = &d->parts[k];
    part->column = d->n_features;
    part->center_column = d->n_center_features;
    if (structure_descriptor_is(json_string_value(json_object_get(settings, "type")))) {
        mlsoap_status status = structure_descriptor_new(settings, path, source, &part->whole, error);
        if (!status) part->n_columns = part->whole->n_features;
        return status;
    }
    mlsoap_status status = descriptor_new(settings, path, source, &d->descriptors[k], error);
    if (status) return status;
    const descriptor *own = d->descriptors[k];
    if (!d->first) d->first = own;
    if (own->r_cut > d->r_cut) d->r_cut = own->r_cut;
    if ((status = pooling_read(own, path, source, &part->pool, error))) return status;
    part->n_columns = part->pool.n_columns;
    if (part->pool.type != POOLING_DENSITY) d->n_center_features += own->n_features;
    return MLSOAP_SUCCESS;
}

static mlsoap_status build_descriptors(json_t *settings, const schema_source *source, describer *d, mlsoap_error *error)
{
    d->descriptors = MEMORY_NEW(descriptor *, (size_t)d->n_descriptors);
    d->parts = MEMORY_NEW(describe_part, (size_t)d->n_descriptors);
    if (!d->descriptors || !d->parts) return status_no_memory(error, sizeof *d->descriptors, "descriptors");
    for (int k = 0; k < d->n_descriptors; k++) {
        char path[64];
        snprintf(path, sizeof path, "descriptors.%d", k);
        mlsoap_status status = build_part(json_array_get(settings, (size_t)k), path, source, d, k, error);
        if (status) return status;
        if (k == 0) d->is_per_structure = !d->first || d->parts[0].pool.type != POOLING_NONE;
        if ((status = check_rows(d, k, path, source, error))) return status;
        if (!size_add(d->n_features, d->parts[k].n_columns, &d->n_features))
            return status_no_memory(error, SIZE_MAX, "features");
    }
    d->centers_are_atoms = d->first && d->first->centers_are_atoms;
    d->centers_are_midpoints = d->first && is_midpoint(d->first);
    return MLSOAP_SUCCESS;
}

mlsoap_status describer_new(json_t *settings, const schema_source *source, describer *d, mlsoap_error *error)
{
    *d = (describer){.n_descriptors = (int)json_array_size(settings)};
    if (d->n_descriptors == 0)
        return schema_fail(source, "", "descriptors", error,
                           "there is none; write one, such as {r_cut: 5.5, n_max: 8, l_max: 6, sigma: 0.5}");
    mlsoap_status status = build_descriptors(settings, source, d, error);
    d->workers = status ? NULL : MEMORY_NEW(describe_worker, (size_t)omp_get_max_threads());
    if (!status && !d->workers) status = status_no_memory(error, sizeof *d->workers, "threads");
    while (!status && d->n_workers < omp_get_max_threads()) status = worker_new(d, &d->workers[d->n_workers++], error);
    if (status) describer_release(d);
    return status;
}

void describer_release(describer *d)
{
    for (int i = 0; i < d->n_workers; i++) worker_release(d, &d->workers[i]);
    for (int k = 0; d->descriptors && d->parts && k < d->n_descriptors; k++) {
        descriptor_free(d->descriptors[k]);
        structure_descriptor_free(d->parts[k].whole);
        pooling_release(&d->parts[k].pool);
    }
    memory_free(d->descriptors);
    memory_free(d->parts);
    describe_scratch_free(d->scratch);
    memory_free(d->workers);
    memory_free(d->atoms);
    memory_free(d->points);
    memory_free(d->rows);
    neighbor_list_release(&d->list);
    *d = (describer){0};
}

mlsoap_status describer_choose_atoms(describer *d, const size_t *atoms, size_t n_atoms, mlsoap_error *error)
{
    if (!d->centers_are_atoms)
        return status_fail(error, MLSOAP_ERROR_VALUE, "the centers of these descriptors are %s, not atoms",
                           d->first ? "points" : "none (they describe whole structures)");
    d->atoms = MEMORY_NEW(size_t, n_atoms);
    if (!d->atoms) return status_no_memory(error, n_atoms * sizeof *atoms, "centers");
    memcpy(d->atoms, atoms, n_atoms * sizeof *atoms);
    d->n_atoms = n_atoms;
    return MLSOAP_SUCCESS;
}

mlsoap_status describer_check_derivatives(const describer *d, mlsoap_error *error)
{
    for (int k = 0; k < d->n_descriptors; k++) {
        const describe_part *part = &d->parts[k];
        if (part->whole)
            return status_fail(error, MLSOAP_ERROR_UNSUPPORTED, "descriptors.%d: derivatives of the %s are not defined",
                               k, part->whole->class_->type);
        if (part->pool.type != POOLING_NONE && !pooling_is_linear(&part->pool))
            return status_fail(error, MLSOAP_ERROR_UNSUPPORTED,
                               "descriptors.%d: derivatives are not defined for pooling of type %s; they are for mean, "
                               "sum and averages",
                               k, part->pool.type == POOLING_MAX ? "max" : "histogram");
    }
    return MLSOAP_SUCCESS;
}

int describer_needs_survey(const describer *d)
{
    for (int k = 0; k < d->n_descriptors; k++)
        if (d->parts[k].pool.is_open) return 1;
    return 0;
}

mlsoap_status describer_survey(describer *d, const structure *s, mlsoap_error *error)
{
    return describe_whole_survey(d, s, error);
}

void describer_feature_name(const describer *d, size_t i_feature, char *text, size_t size)
{
    char block[32] = "", bin[64] = "", name[192] = "", whose[128] = "";
    int k = 0;
    for (; i_feature >= d->parts[k].n_columns; k++) i_feature -= d->parts[k].n_columns;
    const descriptor *own = d->descriptors[k];
    const json_t *settings = own ? own->settings : d->parts[k].whole->settings;
    const char *given = json_string_value(json_object_get(settings, "name"));
    if (own) {
        i_feature = pooling_column_name(&d->parts[k].pool, i_feature, block, sizeof block, bin, sizeof bin);
        own->class_->feature_name(own, i_feature, name, sizeof name);
    } else
        structure_descriptor_feature_name(d->parts[k].whole, i_feature, name, sizeof name);
    if (d->n_descriptors > 1) snprintf(whose, sizeof whose, "%s: ", given ? given : "soap");
    snprintf(text, size, "%s%s%s%s", whose, block, name, bin);
}

/* ------------------------------------------------------------------------------------------------ all of its rows */

mlsoap_status describe_count(describer *d, const structure *s, size_t *n_rows, size_t *n_entries, mlsoap_error *error)
{
    if (d->is_per_structure) {
        *n_rows = 1;
        return describe_whole_count(d, s, n_entries, error);
    }
    mlsoap_status status = describe_prepare(d, s, error);
    *n_rows = d->n_rows;
    if (status || !n_entries) return status;
    *n_entries = 0;
    for (size_t i = 0; i < d->n_rows; i++) *n_entries += describe_n_own(d, s) + describe_n_neighbors(d, d->rows[i]);
    return MLSOAP_SUCCESS;
}

static mlsoap_status reserve_sparse(const describer *d, const structure *s, description_rows *out, mlsoap_error *error)
{
    if (!MEMORY_RESERVE(&out->first_entry, &out->capacity_first, out->n_rows))
        return status_no_memory(error, out->n_rows * sizeof *out->first_entry, "derivatives");
    out->n_entries = 0;
    for (size_t i = 0; i < out->n_rows; i++) {
        out->first_entry[i] = out->n_entries;
        out->n_entries += describe_n_own(d, s) + describe_n_neighbors(d, d->rows[i]);
    }
    if (!describe_reserve_zeroed(&out->sparse, &out->capacities[5], out->n_entries, 3 * d->n_features) ||
        !MEMORY_RESERVE(&out->row, &out->capacities[2], out->n_entries) ||
        !MEMORY_RESERVE(&out->atom, &out->capacities[3], out->n_entries) ||
        !MEMORY_RESERVE(&out->image, &out->capacities[4], out->n_entries))
        return status_no_memory(error, out->n_entries * 3 * d->n_features * sizeof(double), "sparse derivatives");
    return MLSOAP_SUCCESS;
}

static mlsoap_status reserve_rows(const describer *d, const structure *s, describe_what what, description_rows *out,
                                  mlsoap_error *error)
{
    size_t per_row;
    if (!describe_reserve_zeroed(&out->values, &out->capacities[0], out->n_rows, d->n_features))
        return status_no_memory(error, out->n_rows * d->n_features * sizeof(double), "features");
    if (what == DESCRIBE_SPARSE) return reserve_sparse(d, s, out, error);
    if (what == DESCRIBE_VALUES) return MLSOAP_SUCCESS;
    if (!size_multiply(s->n_atoms, 3 * d->n_features, &per_row) ||
        !describe_reserve_zeroed(&out->dense, &out->capacities[1], out->n_rows, per_row))
        return status_no_memory(error, out->n_rows * s->n_atoms * 3 * d->n_features * sizeof(double),
                                "dense derivatives");
    return MLSOAP_SUCCESS;
}

mlsoap_status describe_structure(describer *d, const structure *s, describe_what what, description_rows *rows,
                                 mlsoap_error *error)
{
    mlsoap_status status = what == DESCRIBE_VALUES ? MLSOAP_SUCCESS : describer_check_derivatives(d, error);
    if (status) return status;
    if (d->is_per_structure) return describe_whole(d, s, what, rows, error);
    status = describe_prepare(d, s, error);
    rows->n_rows = d->n_rows;
    if (!status) status = reserve_rows(d, s, what, rows, error);
    description_job job = {.d = d, .s = s, .what = what, .out = rows, .values = rows->values};
    return status ? status : describe_centers_of(&job, error);
}

void description_rows_release(description_rows *rows)
{
    memory_free(rows->values);
    memory_free(rows->dense);
    memory_free(rows->sparse);
    memory_free(rows->row);
    memory_free(rows->atom);
    memory_free(rows->image);
    memory_free(rows->first_entry);
    *rows = (description_rows){0};
}
