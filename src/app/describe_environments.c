/* SPDX-License-Identifier: BSD-3-Clause */
/* Rows of the centers of a structure; see describe_parts.h. Blocks of centers that follow each other in the neighbor
 * list go through every descriptor, one thread per block. */
#include "app/describe_parts.h"
#include "core/memory.h"

#include <omp.h>
#include <string.h>

void describe_view_block(const describer *d, describe_worker *worker, size_t center, int n)
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

mlsoap_status describe_jacobian(const describer *d, describe_worker *worker, int k, size_t center, int i_in_block,
                                mlsoap_error *error)
{
    const descriptor *own = d->descriptors[k];
    size_t n = 3 * describe_n_neighbors(d, center), size;
    if (!size_multiply(n, own->stride, &size) || !MEMORY_RESERVE(&worker->J, &worker->capacity_J, size))
        return status_no_memory(error, n * own->stride * sizeof(double), "derivatives of one center");
    own->class_->jacobian(own, worker->workspaces[k], &worker->block, i_in_block, worker->J, own->stride);
    return MLSOAP_SUCCESS;
}

mlsoap_status describe_fill_slots(const description_job *job, describe_worker *worker, size_t center,
                                  mlsoap_error *error)
{
    const describer *d = job->d;
    const neighbor_list *list = &d->list;
    size_t n_own = describe_n_own(d, job->s), n = n_own + describe_n_neighbors(d, center);
    if (!MEMORY_RESERVE(&worker->slots, &worker->capacity_slots, n))
        return status_no_memory(error, n * sizeof(int), "derivatives of one center");
    for (size_t k = 0; k < n; k++) {
        size_t pair = (size_t)list->first[center] + k - n_own;
        int atom = k >= n_own ? list->atom[pair] : d->centers_are_atoms ? list->center_atom[center] : (int)k;
        worker->slots[k] = (int)k;
        if (job->what == DESCRIBE_DENSE) worker->slots[k] = atom;
        if (job->what == DESCRIBE_SPARSE && job->pair_slots)
            worker->slots[k] = k < n_own ? job->own_slots[atom] : job->pair_slots[pair];
    }
    return MLSOAP_SUCCESS;
}

/* out[3][n_features] += factor J[3][stride], in the columns of one descriptor. */
static void add_derivative(double *out, size_t n_features, const double *J, size_t stride, size_t n, double factor)
{
    for (size_t a = 0; a < 3; a++)
        for (size_t f = 0; f < n; f++) out[a * n_features + f] += factor * J[a * stride + f];
}

void describe_scatter(const describer *d, size_t center, const double *J, size_t stride, size_t n, const int *slots,
                      size_t n_own, double factor, double *out)
{
    size_t block = 3 * d->n_features;
    double share = n_own > 0 ? -factor / (double)n_own : 0;
    for (size_t j = 0; j < describe_n_neighbors(d, center); j++) {
        const double *pair = J + 3 * j * stride;
        add_derivative(out + (size_t)slots[n_own + j] * block, d->n_features, pair, stride, n, factor);
        for (size_t i = 0; i < n_own; i++)
            add_derivative(out + (size_t)slots[i] * block, d->n_features, pair, stride, n, share);
    }
}

/* Row, atom and image of the sparse entries of one row. */
static void label_entries(const describer *d, const structure *s, size_t row, description_rows *out)
{
    const neighbor_list *list = &d->list;
    size_t center = d->rows[row], n_own = describe_n_own(d, s), n = n_own + describe_n_neighbors(d, center);
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
                                mlsoap_error *error)
{
    const describer *d = job->d;
    const descriptor *own = d->descriptors[k];
    size_t center = d->rows[row], n = own->n_features, column = d->parts[k].center_column;
    if (!describe_serves(own, d->list.center_species[center])) return MLSOAP_SUCCESS;
    memcpy(job->values + row * d->n_center_features + column, worker->D + (size_t)i_in_block * own->stride,
           n * sizeof *worker->D);
    if (job->what == DESCRIBE_VALUES) return MLSOAP_SUCCESS;
    mlsoap_status status = describe_jacobian(d, worker, k, center, i_in_block, error);
    if (!status) status = describe_fill_slots(job, worker, center, error);
    if (status) return status;
    double *out = job->what == DESCRIBE_DENSE ? job->out->dense + row * job->s->n_atoms * 3 * d->n_features
                                              : job->out->sparse + job->out->first_entry[row] * 3 * d->n_features;
    describe_scatter(d, center, worker->J, own->stride, n, worker->slots, describe_n_own(d, job->s), 1, out + column);
    return MLSOAP_SUCCESS;
}

/* Rows row ... row + n - 1, whose centers follow each other. */
static mlsoap_status describe_block(const description_job *job, describe_worker *worker, size_t row, int n,
                                    mlsoap_error *error)
{
    const describer *d = job->d;
    describe_view_block(d, worker, d->rows[row], n);
    for (int k = 0; k < d->n_descriptors; k++) {
        const descriptor *own = d->descriptors[k];
        if (!own || d->parts[k].pool.type == POOLING_DENSITY) continue;
        mlsoap_status status =
            own->class_->workspace_reserve(own, worker->workspaces[k], (size_t)worker->first[n], error);
        if (status) return status;
        own->class_->values(own, worker->workspaces[k], &worker->block, worker->D, own->stride);
        for (int i = 0; i < n && !status; i++) status = finish_row(job, worker, k, i, row + (size_t)i, error);
        if (status) return status;
    }
    for (int i = 0; i < n && job->what == DESCRIBE_SPARSE; i++) label_entries(d, job->s, row + (size_t)i, job->out);
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
    for (size_t chunk = 0; chunk < job->d->n_rows; chunk += DESCRIPTOR_BLOCK) {
        mlsoap_error error = {0};
        mlsoap_status status = MLSOAP_SUCCESS;
        size_t end = chunk + DESCRIPTOR_BLOCK < job->d->n_rows ? chunk + DESCRIPTOR_BLOCK : job->d->n_rows;
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

mlsoap_status describe_centers_of(description_job *job, mlsoap_error *error)
{
#pragma omp parallel num_threads(job->d->n_workers)
    describe_share(job);
    if (job->status && error) *error = job->error;
    return job->status;
}
