/* SPDX-License-Identifier: BSD-3-Clause */
/* Rows of features of structures; see describe_frames.h. Blocks of centers that follow each other in the neighbor list
 * go through every descriptor, one thread per block. */
#include "app/describe_frames.h"

#include "core/elements.h"
#include "core/memory.h"

#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <string.h>

/* Scratch memory of one thread. */
typedef struct describe_worker {
    descriptor_workspace **workspaces; /* [n_descriptors] */
    double *D;                         /* [DESCRIPTOR_BLOCK][largest stride] */
    double *J;                         /* [n_neighbors][3][stride] of one center */
    size_t capacity_J;
    int first[DESCRIPTOR_BLOCK + 1];
    mlsoap_environments block;
} describe_worker;

/* What the threads share while they work on one structure. */
typedef struct description_job {
    describer *d;
    const structure *s;
    describe_what what;
    description_rows *out;
    mlsoap_status status;
    mlsoap_error error;
} description_job;

static int serves(const descriptor *d, int species)
{
    if (!d->centers_are_atoms) return 1;
    for (int i = 0; i < d->n_center_species; i++)
        if (d->center_species[i] == species) return 1;
    return 0;
}

static int knows(const descriptor *d, int species)
{
    for (int i = 0; i < d->n_species; i++)
        if (d->species[i] == species) return 1;
    return serves(d, species) && d->centers_are_atoms;
}

/* ------------------------------------------------------------------------------------------------- construction */

static mlsoap_status worker_new(const describer *d, describe_worker *worker, mlsoap_error *error)
{
    size_t stride = 0;
    mlsoap_status status = MLSOAP_SUCCESS;
    for (int k = 0; k < d->n_descriptors; k++)
        if (d->descriptors[k]->stride > stride) stride = d->descriptors[k]->stride;
    worker->workspaces = MEMORY_NEW(descriptor_workspace *, (size_t)d->n_descriptors);
    worker->D = memory_new(stride, DESCRIPTOR_BLOCK * sizeof(double));
    if (!worker->workspaces || !worker->D)
        return status_no_memory(error, stride * DESCRIPTOR_BLOCK * sizeof(double), "features");
    for (int k = 0; k < d->n_descriptors && !status; k++)
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
}

static int is_midpoint(const descriptor *d)
{
    const char *centers = json_string_value(json_object_get(d->settings, "centers"));
    return centers && !strcmp(centers, "midpoint");
}

/* All descriptors must have the same centers, because they share rows. */
static mlsoap_status check_centers(const describer *d, const schema_source *source, mlsoap_error *error)
{
    const descriptor *first = d->descriptors[0];
    for (int k = 1; k < d->n_descriptors; k++) {
        const descriptor *other = d->descriptors[k];
        char path[64];
        snprintf(path, sizeof path, "descriptors.%d", k);
        if (first->centers_are_atoms != other->centers_are_atoms ||
            (!first->centers_are_atoms &&
             !json_equal(json_object_get(first->settings, "centers"), json_object_get(other->settings, "centers"))))
            return schema_fail(source, path, "centers", error,
                               "not those of descriptors.0; descriptors share the rows, and so the kind of centers");
    }
    return MLSOAP_SUCCESS;
}

static mlsoap_status build_descriptors(json_t *settings, const schema_source *source, describer *d, mlsoap_error *error)
{
    d->descriptors = MEMORY_NEW(descriptor *, (size_t)d->n_descriptors);
    if (!d->descriptors) return status_no_memory(error, sizeof *d->descriptors, "descriptors");
    for (int k = 0; k < d->n_descriptors; k++) {
        char path[64];
        snprintf(path, sizeof path, "descriptors.%d", k);
        mlsoap_status status =
            descriptor_new(json_array_get(settings, (size_t)k), path, source, &d->descriptors[k], error);
        if (status) return status;
        d->n_features += d->descriptors[k]->n_features;
        if (d->descriptors[k]->r_cut > d->r_cut) d->r_cut = d->descriptors[k]->r_cut;
    }
    d->centers_are_atoms = d->descriptors[0]->centers_are_atoms;
    d->centers_are_midpoints = is_midpoint(d->descriptors[0]);
    return check_centers(d, source, error);
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
    for (int k = 0; d->descriptors && k < d->n_descriptors; k++) descriptor_free(d->descriptors[k]);
    memory_free(d->descriptors);
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
        return status_fail(error, MLSOAP_ERROR_VALUE, "the centers of these descriptors are points, not atoms");
    d->atoms = MEMORY_NEW(size_t, n_atoms);
    if (!d->atoms) return status_no_memory(error, n_atoms * sizeof *atoms, "centers");
    memcpy(d->atoms, atoms, n_atoms * sizeof *atoms);
    d->n_atoms = n_atoms;
    return MLSOAP_SUCCESS;
}

void describer_feature_name(const describer *d, size_t i_feature, char *text, size_t size)
{
    int k = 0, n = 0;
    for (; i_feature >= d->descriptors[k]->n_features; k++) i_feature -= d->descriptors[k]->n_features;
    const descriptor *own = d->descriptors[k];
    const char *name = json_string_value(json_object_get(own->settings, "name"));
    if (d->n_descriptors > 1) n = snprintf(text, size, "%s: ", name ? name : "soap");
    if (n >= 0 && (size_t)n < size) own->class_->feature_name(own, i_feature, text + n, size - (size_t)n);
}

/* ------------------------------------------------------------------------------------------------------ centers */

static mlsoap_status check_elements(const describer *d, const structure *s, mlsoap_error *error)
{
    for (size_t i = 0; i < s->n_atoms; i++) {
        int known = 0;
        for (int k = 0; k < d->n_descriptors && !known; k++) known = knows(d->descriptors[k], s->species[i]);
        if (!known)
            return status_fail(error, MLSOAP_ERROR_SPECIES,
                               "atom %zu is %s, which no descriptor knows; add it to `elements` or `species`", i,
                               element_symbol(s->species[i]));
    }
    return MLSOAP_SUCCESS;
}

static int has_row(const describer *d, int species)
{
    for (int k = 0; k < d->n_descriptors; k++)
        if (serves(d->descriptors[k], species)) return 1;
    return 0;
}

/* Every atom that a descriptor serves, or the chosen ones. */
static mlsoap_status choose_rows(describer *d, const structure *s, size_t *n_rows, mlsoap_error *error)
{
    size_t n = d->n_atoms ? d->n_atoms : d->list.n_centers;
    *n_rows = 0;
    if (!MEMORY_RESERVE(&d->rows, &d->capacity_rows, n)) return status_no_memory(error, n * sizeof *d->rows, "rows");
    for (size_t i = 0; i < n; i++) {
        size_t center = d->n_atoms ? d->atoms[i] : i;
        if (center >= d->list.n_centers)
            return status_fail(error, MLSOAP_ERROR_VALUE, "there is no atom %zu to be a center among %zu (0 ... %zu)",
                               center, s->n_atoms, s->n_atoms - 1);
        if (has_row(d, d->list.center_species[center]))
            d->rows[(*n_rows)++] = center;
        else if (d->n_atoms)
            return status_fail(error, MLSOAP_ERROR_VALUE, "atom %zu is %s, for which no descriptor has centers", center,
                               element_symbol(d->list.center_species[center]));
    }
    return MLSOAP_SUCCESS;
}

/* Neighbor list and rows of a structure. */
static mlsoap_status prepare(describer *d, const structure *s, size_t *n_rows, mlsoap_error *error)
{
    neighbor_centers centers = {0};
    const descriptor *first = d->descriptors[0];
    mlsoap_status status = check_elements(d, s, error);
    const double(*positions)[3] = (const double(*)[3])s->positions;
    if (!status && !d->centers_are_atoms) {
        status = descriptor_centers(first, s->n_atoms, positions, 0, NULL, &centers.n_points, error);
        if (!status && !MEMORY_RESERVE(&d->points, &d->capacity_points, centers.n_points))
            status = status_no_memory(error, centers.n_points * sizeof *d->points, "centers");
        if (!status)
            status = descriptor_centers(first, s->n_atoms, positions, d->capacity_points, d->points, &centers.n_points,
                                        error);
        centers.points = (const double(*)[3])d->points;
    }
    if (!status) status = neighbor_list_build(&d->list, s, d->r_cut, &centers, error);
    return status ? status : choose_rows(d, s, n_rows, error);
}

static size_t n_neighbors(const describer *d, size_t center)
{
    return (size_t)(d->list.first[center + 1] - d->list.first[center]);
}

/* The center itself (an atom: one entry; a midpoint: every atom) and its neighbors. */
static size_t n_row_entries(const describer *d, const structure *s, size_t center)
{
    size_t own = d->centers_are_atoms ? 1 : d->centers_are_midpoints ? s->n_atoms : 0;
    return own + n_neighbors(d, center);
}

mlsoap_status describe_count(describer *d, const structure *s, size_t *n_rows, size_t *n_entries, mlsoap_error *error)
{
    mlsoap_status status = prepare(d, s, n_rows, error);
    if (status || !n_entries) return status;
    *n_entries = 0;
    for (size_t i = 0; i < *n_rows; i++) *n_entries += n_row_entries(d, s, d->rows[i]);
    return MLSOAP_SUCCESS;
}

/* --------------------------------------------------------------------------------------------- one row at a time */

/* D -> D/|D|, and each dD -> (dD - D (D.dD)/|D|^2)/|D|; a row of zeros stays. */
static void normalize(size_t n, double *D, size_t n_derivatives, double *J, size_t stride)
{
    double squares = 0;
    for (size_t f = 0; f < n; f++) squares += D[f] * D[f];
    if (squares == 0) return;
    double inverse = 1 / sqrt(squares);
    for (size_t f = 0; f < n; f++) D[f] *= inverse;
    for (size_t k = 0; k < n_derivatives; k++) {
        double *dD = J + k * stride, along = 0;
        for (size_t f = 0; f < n; f++) along += D[f] * dD[f];
        for (size_t f = 0; f < n; f++) dD[f] = (dD[f] - D[f] * along) * inverse;
    }
}

/* out[3][n_features] += factor J[3][stride], in the columns of one descriptor. */
static void add_derivative(double *out, size_t n_features, const double *J, size_t stride, size_t n, double factor)
{
    for (int a = 0; a < 3; a++)
        for (size_t f = 0; f < n; f++) out[(size_t)a * n_features + f] += factor * J[(size_t)a * stride + f];
}

/* dD/dR of every atom from dD/dr of the pairs. `dense` is the row's [n_atoms][3][n_features] at this column. */
static void scatter_dense(const describer *d, const structure *s, size_t center, const double *J, size_t stride,
                          size_t n, double *dense)
{
    const neighbor_list *list = &d->list;
    size_t block = 3 * d->n_features;
    for (size_t j = 0; j < n_neighbors(d, center); j++) {
        const double *pair = J + 3 * j * stride;
        size_t atom = (size_t)list->atom[(size_t)list->first[center] + j];
        add_derivative(dense + atom * block, d->n_features, pair, stride, n, 1);
        if (d->centers_are_atoms)
            add_derivative(dense + (size_t)list->center_atom[center] * block, d->n_features, pair, stride, n, -1);
        for (size_t i = 0; d->centers_are_midpoints && i < s->n_atoms; i++)
            add_derivative(dense + i * block, d->n_features, pair, stride, n, -1 / (double)s->n_atoms);
    }
}

/* The same, one entry per image: first the entries of the moving center, then one per neighbor. */
static void scatter_sparse(const describer *d, const structure *s, size_t center, const double *J, size_t stride,
                           size_t n, double *sparse)
{
    size_t block = 3 * d->n_features, n_own = n_row_entries(d, s, center) - n_neighbors(d, center);
    double share = n_own > 0 ? -1 / (double)n_own : 0;
    for (size_t j = 0; j < n_neighbors(d, center); j++) {
        const double *pair = J + 3 * j * stride;
        add_derivative(sparse + (n_own + j) * block, d->n_features, pair, stride, n, 1);
        for (size_t i = 0; i < n_own; i++) add_derivative(sparse + i * block, d->n_features, pair, stride, n, share);
    }
}

/* Row, atom and image of the sparse entries of one row. */
static void label_entries(const describer *d, const structure *s, size_t row, description_rows *out)
{
    const neighbor_list *list = &d->list;
    size_t center = d->rows[row], n = n_row_entries(d, s, center), n_own = n - n_neighbors(d, center);
    for (size_t k = 0; k < n; k++) {
        size_t entry = out->first_entry[row] + k;
        size_t pair = (size_t)list->first[center] + k - n_own;
        int own_atom = d->centers_are_atoms ? list->center_atom[center] : (int)k;
        out->row[entry] = (int64_t)row;
        out->atom[entry] = k < n_own ? own_atom : list->atom[pair];
        for (int a = 0; a < 3; a++) out->image[entry][a] = k < n_own ? 0 : list->image[pair][a];
    }
}

/* Columns of one descriptor in one row, from the block's features. */
static mlsoap_status finish_row(const description_job *job, describe_worker *worker, int k, int i_in_block, size_t row,
                                size_t column, mlsoap_error *error)
{
    const describer *d = job->d;
    const descriptor *own = d->descriptors[k];
    size_t center = d->rows[row], n = own->n_features, stride = own->stride, n_derivatives = 0;
    double *D = worker->D + (size_t)i_in_block * stride;
    if (!serves(own, d->list.center_species[center])) return MLSOAP_SUCCESS;
    if (job->what != DESCRIBE_VALUES) {
        size_t size;
        n_derivatives = 3 * n_neighbors(d, center);
        if (!size_multiply(n_derivatives, stride, &size) || !MEMORY_RESERVE(&worker->J, &worker->capacity_J, size))
            return status_no_memory(error, n_derivatives * stride * sizeof(double), "derivatives of one center");
        own->class_->jacobian(own, worker->workspaces[k], &worker->block, i_in_block, worker->J, stride);
    }
    if (schema_boolean(own->settings, "normalize")) normalize(n, D, n_derivatives, worker->J, stride);
    memcpy(job->out->values + row * d->n_features + column, D, n * sizeof *D);
    if (job->what == DESCRIBE_DENSE)
        scatter_dense(d, job->s, center, worker->J, stride, n,
                      job->out->dense + row * job->s->n_atoms * 3 * d->n_features + column);
    if (job->what == DESCRIBE_SPARSE)
        scatter_sparse(d, job->s, center, worker->J, stride, n,
                       job->out->sparse + job->out->first_entry[row] * 3 * d->n_features + column);
    return MLSOAP_SUCCESS;
}

/* A view of n centers that follow each other in the list. */
static void view_block(const describer *d, describe_worker *worker, size_t center, int n)
{
    const neighbor_list *list = &d->list;
    int start = list->first[center];
    for (int i = 0; i <= n; i++) worker->first[i] = list->first[center + (size_t)i] - start;
    worker->block = (mlsoap_environments){.size = sizeof worker->block,
                                          .n_centers = n,
                                          .center_species = list->center_species + center,
                                          .first = worker->first,
                                          .species = list->species + start,
                                          .dx = list->dx + start,
                                          .dy = list->dy + start,
                                          .dz = list->dz + start};
}

/* Rows row ... row + n - 1, whose centers follow each other. */
static mlsoap_status describe_block(const description_job *job, describe_worker *worker, size_t row, int n,
                                    mlsoap_error *error)
{
    const describer *d = job->d;
    size_t column = 0;
    view_block(d, worker, d->rows[row], n);
    for (int k = 0; k < d->n_descriptors; k++) {
        const descriptor *own = d->descriptors[k];
        mlsoap_status status =
            own->class_->workspace_reserve(own, worker->workspaces[k], (size_t)worker->first[n], error);
        if (status) return status;
        own->class_->values(own, worker->workspaces[k], &worker->block, worker->D, own->stride);
        for (int i = 0; i < n && !status; i++) status = finish_row(job, worker, k, i, row + (size_t)i, column, error);
        if (status) return status;
        column += own->n_features;
    }
    for (int i = 0; i < n && job->what == DESCRIBE_SPARSE; i++) label_entries(d, job->s, row + (size_t)i, job->out);
    return MLSOAP_SUCCESS;
}

/* ------------------------------------------------------------------------------------------------ all of its rows */

/* count * per items, all 0. */
static bool reserve_zeroed(double **array, size_t *capacity, size_t count, size_t per)
{
    size_t n;
    if (!size_multiply(count, per, &n) || !MEMORY_RESERVE(array, capacity, n)) return false;
    memset(*array, 0, n * sizeof **array);
    return true;
}

static mlsoap_status reserve_sparse(const describer *d, const structure *s, description_rows *out, mlsoap_error *error)
{
    if (!MEMORY_RESERVE(&out->first_entry, &out->capacity_first, out->n_rows))
        return status_no_memory(error, out->n_rows * sizeof *out->first_entry, "derivatives");
    out->n_entries = 0;
    for (size_t i = 0; i < out->n_rows; i++) {
        out->first_entry[i] = out->n_entries;
        out->n_entries += n_row_entries(d, s, d->rows[i]);
    }
    if (!reserve_zeroed(&out->sparse, &out->capacities[1], out->n_entries, 3 * d->n_features) ||
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
    if (!reserve_zeroed(&out->values, &out->capacities[0], out->n_rows, d->n_features))
        return status_no_memory(error, out->n_rows * d->n_features * sizeof(double), "features");
    if (what == DESCRIBE_SPARSE) return reserve_sparse(d, s, out, error);
    if (what == DESCRIBE_VALUES) return MLSOAP_SUCCESS;
    if (!size_multiply(s->n_atoms, 3 * d->n_features, &per_row) ||
        !reserve_zeroed(&out->dense, &out->capacities[1], out->n_rows, per_row))
        return status_no_memory(error, out->n_rows * s->n_atoms * 3 * d->n_features * sizeof(double),
                                "dense derivatives");
    return MLSOAP_SUCCESS;
}

/* Length of the run of rows from `row` whose centers follow each other, at most a block. */
static int run_length(const describer *d, size_t row, size_t end)
{
    int n = 1;
    while (n < DESCRIPTOR_BLOCK && row + (size_t)n < end && d->rows[row + (size_t)n] == d->rows[row] + (size_t)n) n++;
    return n;
}

/* Chunks of DESCRIPTOR_BLOCK rows, each by one thread. */
static void describe_share(description_job *job)
{
    describe_worker *worker = &job->d->workers[omp_get_thread_num()];
#pragma omp for schedule(dynamic)
    for (size_t chunk = 0; chunk < job->out->n_rows; chunk += DESCRIPTOR_BLOCK) {
        mlsoap_error error = {0};
        mlsoap_status status = MLSOAP_SUCCESS;
        size_t end = chunk + DESCRIPTOR_BLOCK < job->out->n_rows ? chunk + DESCRIPTOR_BLOCK : job->out->n_rows;
        for (size_t row = chunk; row < end && !status;) {
            int n = run_length(job->d, row, end);
            status = describe_block(job, worker, row, n, &error);
            row += (size_t)n;
        }
        if (!status) continue;
#pragma omp critical(describe_failure)
        {
            job->status = status;
            job->error = error;
        }
    }
}

mlsoap_status describe_structure(describer *d, const structure *s, describe_what what, description_rows *rows,
                                 mlsoap_error *error)
{
    mlsoap_status status = prepare(d, s, &rows->n_rows, error);
    if (!status) status = reserve_rows(d, s, what, rows, error);
    if (status) return status;
    description_job job = {.d = d, .s = s, .what = what, .out = rows};
#pragma omp parallel num_threads(d->n_workers)
    describe_share(&job);
    if (job.status && error) *error = job.error;
    return job.status;
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
