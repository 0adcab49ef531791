/* SPDX-License-Identifier: BSD-3-Clause */
/* One row per structure; see describe_parts.h: the rows of the centers pooled, the mean density, or a function of the
 * whole structure. Derivatives add up center by center, in the order of the centers whatever the threads, in one entry
 * per atom (dense) or per image of an atom (sparse). */
#include "app/describe_parts.h"
#include "core/memory.h"

#include <limits.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

/** An image of an atom. */
typedef struct atom_image {
    int atom, image[3];
} atom_image;

/** Memory that serves one structure after the other. */
typedef struct describe_scratch {
    double *values; /* [n_rows][n_center_features] */
    size_t capacity_values;
    double *factors; /* [n_rows] */
    int *blocks;     /* [n_rows] */
    size_t capacity_factors, capacity_blocks;
    atom_image *images; /* [n_images] ascending: the entries of the sparse derivatives */
    size_t n_images, capacity_images;
    int *pair_slots, *own_slots; /* [n_pairs], [n_atoms] */
    size_t capacity_pair_slots, capacity_own_slots;
    /* the environment of all centers */
    int *species;
    double *dx[3];
    size_t capacity_species, capacity_dx[3];
    double *J; /* [n][3][stride] of it */
    size_t capacity_J;
} describe_scratch;

void describe_scratch_free(describe_scratch *x)
{
    if (!x) return;
    memory_free(x->values);
    memory_free(x->factors);
    memory_free(x->blocks);
    memory_free(x->images);
    memory_free(x->pair_slots);
    memory_free(x->own_slots);
    memory_free(x->species);
    for (int a = 0; a < 3; a++) memory_free(x->dx[a]);
    memory_free(x->J);
    memory_free(x);
}

static mlsoap_status prepare(describer *d, const structure *s, mlsoap_error *error)
{
    if (!d->scratch) d->scratch = MEMORY_NEW(describe_scratch, 1);
    if (!d->scratch) return status_no_memory(error, sizeof(describe_scratch), "rows of structures");
    mlsoap_status status = describe_prepare(d, s, error);
    if (!status && (!MEMORY_RESERVE(&d->scratch->factors, &d->scratch->capacity_factors, d->n_rows) ||
                    !MEMORY_RESERVE(&d->scratch->blocks, &d->scratch->capacity_blocks, d->n_rows)))
        status = status_no_memory(error, d->n_rows * sizeof(double), "rows of structures");
    return status;
}

/* ---------------------------------------------------------------------------------------------- sparse entries */

static int compare_images(const void *a, const void *b)
{
    const atom_image *x = a, *y = b;
    if (x->atom != y->atom) return x->atom < y->atom ? -1 : 1;
    for (int k = 0; k < 3; k++)
        if (x->image[k] != y->image[k]) return x->image[k] < y->image[k] ? -1 : 1;
    return 0;
}

static int slot_of(const describe_scratch *x, const atom_image *image)
{
    const atom_image *found = bsearch(image, x->images, x->n_images, sizeof *image, compare_images);
    return (int)(found - x->images);
}

static atom_image image_of_pair(const neighbor_list *list, size_t pair)
{
    return (atom_image){list->atom[pair], {list->image[pair][0], list->image[pair][1], list->image[pair][2]}};
}

/* The images that move a row: those of the neighbors of its centers, and the atoms that the centers follow. */
static mlsoap_status collect_images(const describer *d, const structure *s, describe_scratch *x, mlsoap_error *error)
{
    const neighbor_list *list = &d->list;
    size_t n = describe_n_own(d, s) > 0 ? s->n_atoms : 0, n_unique = 0;
    for (size_t i = 0; i < d->n_rows; i++) n += describe_n_neighbors(d, d->rows[i]);
    if (!MEMORY_RESERVE(&x->images, &x->capacity_images, n))
        return status_no_memory(error, n * sizeof *x->images, "sparse derivatives");
    n = 0;
    for (size_t i = 0; i < d->n_rows; i++) {
        size_t center = d->rows[i];
        if (d->centers_are_atoms) x->images[n++] = (atom_image){list->center_atom[center], {0}};
        for (int p = list->first[center]; p < list->first[center + 1]; p++)
            x->images[n++] = image_of_pair(list, (size_t)p);
    }
    for (size_t i = 0; i < s->n_atoms && d->centers_are_midpoints; i++) x->images[n++] = (atom_image){(int)i, {0}};
    if (n > 0) qsort(x->images, n, sizeof *x->images, compare_images);
    for (size_t i = 0; i < n; i++)
        if (n_unique == 0 || compare_images(&x->images[n_unique - 1], &x->images[i]) != 0)
            x->images[n_unique++] = x->images[i];
    x->n_images = n_unique;
    return MLSOAP_SUCCESS;
}

static mlsoap_status find_slots(const describer *d, const structure *s, describe_scratch *x, mlsoap_error *error)
{
    const neighbor_list *list = &d->list;
    size_t n_pairs = (size_t)list->first[list->n_centers];
    if (!MEMORY_RESERVE(&x->pair_slots, &x->capacity_pair_slots, n_pairs) ||
        !MEMORY_RESERVE(&x->own_slots, &x->capacity_own_slots, s->n_atoms))
        return status_no_memory(error, n_pairs * sizeof(int), "sparse derivatives");
    for (size_t i = 0; i < d->n_rows; i++) {
        size_t center = d->rows[i];
        for (int p = list->first[center]; p < list->first[center + 1]; p++) {
            atom_image image = image_of_pair(list, (size_t)p);
            x->pair_slots[p] = slot_of(x, &image);
        }
        if (d->centers_are_atoms)
            x->own_slots[list->center_atom[center]] = slot_of(x, &(atom_image){list->center_atom[center], {0}});
    }
    for (size_t i = 0; i < s->n_atoms && d->centers_are_midpoints; i++)
        x->own_slots[i] = slot_of(x, &(atom_image){(int)i, {0}});
    return MLSOAP_SUCCESS;
}

mlsoap_status describe_whole_count(describer *d, const structure *s, size_t *n_entries, mlsoap_error *error)
{
    mlsoap_status status = prepare(d, s, error);
    if (status || !n_entries) return status;
    status = collect_images(d, s, d->scratch, error);
    *n_entries = d->scratch->n_images;
    return status;
}

/* --------------------------------------------------------------------------------------- sums over the centers */

/* Block of each center for one descriptor, and its weight in the sum or mean. */
static void weigh_centers(describer *d, int k)
{
    const pooling *pool = &d->parts[k].pool;
    describe_scratch *x = d->scratch;
    for (size_t i = 0; i < d->n_rows; i++) {
        int species = d->list.center_species[d->rows[i]];
        x->blocks[i] = describe_serves(d->descriptors[k], species) ? pooling_block(pool, species) : -1;
    }
    for (int b = 0; b < pool->n_species; b++) {
        double n = 0;
        for (size_t i = 0; i < d->n_rows; i++) n += x->blocks[i] == b;
        for (size_t i = 0; i < d->n_rows; i++)
            if (x->blocks[i] == b) x->factors[i] = pool->type == POOLING_SUM ? 1 : 1 / n;
    }
}

static double *derivatives_of(const description_job *job, int k)
{
    return (job->what == DESCRIBE_DENSE ? job->out->dense : job->out->sparse) + job->d->parts[k].column;
}

/* dD/dr of one center and where it goes, in the memory of the worker. */
static mlsoap_status derive_center(const description_job *job, describe_worker *worker, size_t row, mlsoap_error *error)
{
    const describer *d = job->d;
    const descriptor *own = d->descriptors[job->k];
    describe_view_block(d, worker, d->rows[row], 1);
    mlsoap_status status =
        own->class_->workspace_reserve(own, worker->workspaces[job->k], (size_t)worker->first[1], error);
    if (status) return status;
    own->class_->values(own, worker->workspaces[job->k], &worker->block, worker->D, own->stride);
    status = describe_jacobian(d, worker, job->k, d->rows[row], 0, error);
    return status ? status : describe_fill_slots(job, worker, d->rows[row], error);
}

/* Centers one by one; what they add to the sums is added in their order. */
static void derive_share(description_job *job)
{
    const describer *d = job->d;
    const descriptor *own = d->descriptors[job->k];
    describe_worker *worker = &d->workers[omp_get_thread_num()];
#pragma omp for ordered schedule(dynamic, 1)
    for (size_t row = 0; row < d->n_rows; row++) {
        mlsoap_error error = {0};
        int block = job->blocks[row];
        mlsoap_status status = block < 0 ? MLSOAP_SUCCESS : derive_center(job, worker, row, &error);
#pragma omp ordered
        if (status) {
            job->status = status;
            job->error = error;
        } else if (block >= 0)
            describe_scatter(d, d->rows[row], worker->J, own->stride, own->n_features, worker->slots,
                             describe_n_own(d, job->s), job->factors[row],
                             derivatives_of(job, job->k) + (size_t)block * own->n_features);
    }
}

static mlsoap_status pool_part(description_job *job, int k, mlsoap_error *error)
{
    describer *d = job->d;
    const describe_part *part = &d->parts[k];
    weigh_centers(d, k);
    pooling_apply(&part->pool, job->values + part->center_column, d->n_rows, d->n_center_features, d->scratch->blocks,
                  job->out->values + part->column);
    if (job->what == DESCRIBE_VALUES) return MLSOAP_SUCCESS;
    job->k = k;
#pragma omp parallel num_threads(d->n_workers)
    derive_share(job);
    if (job->status && error) *error = job->error;
    return job->status;
}

/* ------------------------------------------------------------------------------------------------ mean density */

/* One environment: the neighbors of all centers, and the central atoms at r = 0. */
static mlsoap_status merge_environments(describer *d, int first[2], size_t *n_centers, mlsoap_error *error)
{
    describe_scratch *x = d->scratch;
    const neighbor_list *list = &d->list;
    size_t n = 0;
    *n_centers = 0;
    for (size_t i = 0; i < d->n_rows; i++)
        if (x->blocks[i] >= 0) {
            n += describe_n_neighbors(d, d->rows[i]);
            ++*n_centers;
        }
    n += d->centers_are_atoms ? *n_centers : 0;
    if (n > INT_MAX) return status_fail(error, MLSOAP_ERROR_CAPACITY, "%zu neighbors of all centers are too many", n);
    if (!MEMORY_RESERVE(&x->species, &x->capacity_species, n) || !MEMORY_RESERVE(&x->dx[0], &x->capacity_dx[0], n) ||
        !MEMORY_RESERVE(&x->dx[1], &x->capacity_dx[1], n) || !MEMORY_RESERVE(&x->dx[2], &x->capacity_dx[2], n))
        return status_no_memory(error, n * 4 * sizeof(double), "the environment of all centers");
    first[0] = 0;
    first[1] = (int)n;
    n = 0;
    for (size_t i = 0; i < d->n_rows; i++)
        for (int p = list->first[d->rows[i]]; p < list->first[d->rows[i] + 1] && x->blocks[i] >= 0; p++, n++) {
            x->species[n] = list->species[p];
            x->dx[0][n] = list->dx[p];
            x->dx[1][n] = list->dy[p];
            x->dx[2][n] = list->dz[p];
        }
    for (size_t i = 0; i < d->n_rows && d->centers_are_atoms; i++) {
        if (x->blocks[i] < 0) continue;
        x->species[n] = list->center_species[d->rows[i]];
        x->dx[0][n] = x->dx[1][n] = x->dx[2][n] = 0;
        n++;
    }
    return MLSOAP_SUCCESS;
}

/* The density moves with the neighbors of every center; the central atoms stay at r = 0. */
static mlsoap_status derive_merged(description_job *job, describe_worker *worker, int k, double factor,
                                   const mlsoap_environments *block, mlsoap_error *error)
{
    describer *d = job->d;
    const descriptor *own = d->descriptors[k];
    describe_scratch *x = d->scratch;
    size_t size, n = 3 * (size_t)block->first[1];
    if (!size_multiply(n, own->stride, &size) || !MEMORY_RESERVE(&x->J, &x->capacity_J, size))
        return status_no_memory(error, n * own->stride * sizeof(double), "derivatives of the mean density");
    own->class_->jacobian(own, worker->workspaces[k], block, 0, x->J, own->stride);
    const double *J = x->J;
    for (size_t i = 0; i < d->n_rows; i++) {
        if (x->blocks[i] < 0) continue;
        mlsoap_status status = describe_fill_slots(job, worker, d->rows[i], error);
        if (status) return status;
        describe_scatter(d, d->rows[i], J, own->stride, own->n_features, worker->slots, describe_n_own(d, job->s),
                         factor, derivatives_of(job, k));
        J += 3 * describe_n_neighbors(d, d->rows[i]) * own->stride;
    }
    return MLSOAP_SUCCESS;
}

/* Features of second order in the mean density: those of the sum, over C^2, but for rows of unit length. */
static mlsoap_status merge_part(description_job *job, int k, mlsoap_error *error)
{
    describer *d = job->d;
    const descriptor *own = d->descriptors[k];
    describe_worker *worker = &d->workers[0];
    double *row = job->out->values + d->parts[k].column;
    int first[2], center = 0;
    size_t n;
    weigh_centers(d, k);
    mlsoap_status status = merge_environments(d, first, &n, error);
    if (!status) status = own->class_->workspace_reserve(own, worker->workspaces[k], (size_t)first[1], error);
    if (status || n == 0) return status;
    describe_scratch *x = d->scratch;
    mlsoap_environments block = {sizeof block, 1, &center, first, x->species, x->dx[0], x->dx[1], x->dx[2]};
    double factor = schema_boolean(own->settings, "normalize") ? 1 : 1 / ((double)n * (double)n);
    own->class_->values(own, worker->workspaces[k], &block, worker->D, own->stride);
    for (size_t f = 0; f < own->n_features; f++) row[f] = factor * worker->D[f];
    return job->what == DESCRIBE_VALUES ? MLSOAP_SUCCESS : derive_merged(job, worker, k, factor, &block, error);
}

/* ---------------------------------------------------------------------------------------------------- the row */

static mlsoap_status describe_part_of(description_job *job, int k, mlsoap_error *error)
{
    const describe_part *part = &job->d->parts[k];
    if (part->whole) return structure_descriptor_values(part->whole, job->s, job->out->values + part->column, error);
    return part->pool.type == POOLING_DENSITY ? merge_part(job, k, error) : pool_part(job, k, error);
}

/* Rows of the centers of all descriptors that pool them. */
static mlsoap_status describe_centers_once(description_job *job, mlsoap_error *error)
{
    describer *d = job->d;
    description_job values = *job;
    values.what = DESCRIBE_VALUES;
    if (!describe_reserve_zeroed(&d->scratch->values, &d->scratch->capacity_values, d->n_rows, d->n_center_features))
        return status_no_memory(error, d->n_rows * d->n_center_features * sizeof(double), "features of the centers");
    job->values = values.values = d->scratch->values;
    return d->n_center_features > 0 ? describe_centers_of(&values, error) : MLSOAP_SUCCESS;
}

static mlsoap_status reserve_derivatives(const describer *d, const structure *s, describe_what what,
                                         description_rows *out, mlsoap_error *error)
{
    describe_scratch *x = d->scratch;
    double **array = what == DESCRIBE_DENSE ? &out->dense : &out->sparse;
    size_t *capacity = &out->capacities[what == DESCRIBE_DENSE ? 1 : 5], n = s->n_atoms;
    if (what == DESCRIBE_SPARSE) {
        mlsoap_status status = collect_images(d, s, x, error);
        if (!status) status = find_slots(d, s, x, error);
        if (status) return status;
        n = out->n_entries = x->n_images;
        if (!MEMORY_RESERVE(&out->row, &out->capacities[2], n) || !MEMORY_RESERVE(&out->atom, &out->capacities[3], n) ||
            !MEMORY_RESERVE(&out->image, &out->capacities[4], n))
            return status_no_memory(error, n * 5 * sizeof(int64_t), "sparse derivatives");
        for (size_t i = 0; i < n; i++) {
            out->row[i] = 0;
            out->atom[i] = x->images[i].atom;
            for (int a = 0; a < 3; a++) out->image[i][a] = x->images[i].image[a];
        }
    }
    if (!describe_reserve_zeroed(array, capacity, n, 3 * d->n_features))
        return status_no_memory(error, n * 3 * d->n_features * sizeof(double), "derivatives");
    return MLSOAP_SUCCESS;
}

mlsoap_status describe_whole(describer *d, const structure *s, describe_what what, description_rows *out,
                             mlsoap_error *error)
{
    mlsoap_status status = MLSOAP_SUCCESS;
    for (int k = 0; k < d->n_descriptors && !status; k++)
        if (d->parts[k].pool.is_open && !(d->parts[k].pool.low[0] <= d->parts[k].pool.high[0]))
            status = status_fail(error, MLSOAP_ERROR_ARGUMENT,
                                 "descriptors.%d: the range of the histogram is open; call describer_survey first", k);
    if (!status) status = prepare(d, s, error);
    if (status) return status;
    out->n_rows = 1;
    if (!describe_reserve_zeroed(&out->values, &out->capacities[0], 1, d->n_features))
        return status_no_memory(error, d->n_features * sizeof(double), "features");
    if (what != DESCRIBE_VALUES) status = reserve_derivatives(d, s, what, out, error);
    describe_scratch *x = d->scratch;
    int is_sparse = what == DESCRIBE_SPARSE;
    description_job job = {.d = d,
                           .s = s,
                           .what = what,
                           .out = out,
                           .pair_slots = is_sparse ? x->pair_slots : NULL,
                           .own_slots = is_sparse ? x->own_slots : NULL,
                           .factors = x->factors,
                           .blocks = x->blocks};
    if (!status) status = describe_centers_once(&job, error);
    for (int k = 0; k < d->n_descriptors && !status; k++) status = describe_part_of(&job, k, error);
    return status;
}

mlsoap_status describe_whole_survey(describer *d, const structure *s, mlsoap_error *error)
{
    mlsoap_status status = prepare(d, s, error);
    description_job job = {.d = d, .s = s, .what = DESCRIBE_VALUES};
    if (!status) status = describe_centers_once(&job, error);
    for (int k = 0; k < d->n_descriptors && !status; k++) {
        if (!d->parts[k].pool.is_open) continue;
        weigh_centers(d, k);
        for (size_t i = 0; i < d->n_rows; i++)
            if (d->scratch->blocks[i] >= 0)
                pooling_survey(&d->parts[k].pool, job.values + i * d->n_center_features + d->parts[k].center_column);
    }
    return status;
}
