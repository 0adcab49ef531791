/* SPDX-License-Identifier: BSD-3-Clause */
/* Pass over the frames for triangles over ranks; see distributed_pass.h. */
#include "solvers/distributed_pass.h"

#include "core/memory.h"
#include "solvers/distributed_triangle.h"

#include <omp.h>
#include <string.h>

enum { LEAST_ROWS = 512, KERNEL_ROWS = 64, TRIANGLES = 18 /* at once: six, K, U, the stack of them, its triangle */ };

/* Rows of a target that wait for being folded in. */
typedef struct waiting_rows {
    double *rows; /* [n][m] */
    size_t n, capacity;
} waiting_rows;

/* The pass of one rank over a part. */
typedef struct pass {
    const triangle_problem *problem;
    int part;
    size_t m, next, end, wanted; /* frames; rows of a round */
    kernel_rows *rows;           /* [threads] */
    waiting_rows waiting[N_FRAME_TARGETS];
    progress *bar;
    size_t failed; /* the first frame that failed */
    mlsoap_status status;
    mlsoap_error error;
} pass;

static size_t rows_of_round(size_t m, int n_ranks)
{
    size_t n = m / (size_t)n_ranks;
    return n > LEAST_ROWS ? n : LEAST_ROWS;
}

static mlsoap_status wait_for_fold(void *context, int target, const double *rows, size_t n_rows, double scale,
                                   mlsoap_error *error)
{
    pass *p = context;
    waiting_rows *w = &p->waiting[target];
    mlsoap_status status = MLSOAP_SUCCESS;
#pragma omp critical(distributed_pass)
    {
        if (!MEMORY_RESERVE(&w->rows, &w->capacity, (w->n + n_rows) * p->m))
            status = status_no_memory(error, (w->n + n_rows) * p->m * sizeof *rows, "rows of the kernel matrix");
        for (size_t k = 0; k < n_rows * p->m && !status; k++) w->rows[w->n * p->m + k] = scale * rows[k];
        if (!status) w->n += n_rows;
    }
    return status;
}

/* The next frame of a round; `end` where it has enough rows, or one failed. */
static size_t take_frame(pass *p)
{
    size_t c = p->end, n = 0;
#pragma omp critical(distributed_pass)
    {
        for (int t = 0; t < N_FRAME_TARGETS; t++) n += p->waiting[t].n;
        if (n < p->wanted && p->next < p->end && !p->status) c = p->next++;
    }
    return c;
}

/* One thread until the round has enough. */
static void fill(pass *p)
{
    const triangle_problem *problem = p->problem;
    const row_sink sink = {p, wait_for_fold};
    mlsoap_error error = {0};
    for (size_t c; (c = take_frame(p)) < p->end;) {
        const training_frame *t = &problem->frames[p->part][c];
        mlsoap_status status = kernel_frame_rows(problem, t, &p->rows[omp_get_thread_num()], &sink, &error);
        progress_add(p->bar, t->source->structure.n_atoms);
        if (!status) continue;
        status_prefix(&error, status, "%s: frame %zu (line %ld)", problem->sets[p->part]->files[t->source->i_file].path,
                      t->source->index, t->source->line);
#pragma omp critical(distributed_pass)
        if (c < p->failed) {
            p->failed = c;
            p->status = status;
            p->error = error;
        }
    }
}

/* Frames [*begin, *end) of this rank. */
static void own_frames(const triangle_problem *problem, int part, size_t *begin, size_t *end)
{
    double total = 0, before = 0;
    int rank = parallel_rank(problem->ranks);
    *begin = *end = 0;
    for (size_t c = 0; c < problem->n_frames[part]; c++)
        total += (double)problem->frames[part][c].source->structure.n_atoms;
    for (size_t c = 0; c < problem->n_frames[part]; c++) {
        int owner = parallel_owner(problem->ranks, before, total);
        *begin += owner < rank;
        *end += owner <= rank;
        before += (double)problem->frames[part][c].source->structure.n_atoms;
    }
}

/* Rounds until no rank has a frame left. */
static mlsoap_status do_part(pass *p, regression *r, regression_part *result, mlsoap_error *error)
{
    parallel *ranks = p->problem->ranks;
    mlsoap_status status = MLSOAP_SUCCESS;
    double left = 1;
    own_frames(p->problem, p->part, &p->next, &p->end);
    for (int t = 0; t < N_FRAME_TARGETS && !status; t++)
        if (result->n_rows[t] > 0 && !(result->R[t] = distributed_zeros(r->distributed)))
            status = status_no_memory(error, p->m * sizeof(double), "a triangle over ranks");
    while (left > 0 && !status) {
        size_t unused = 0;
        int owner;
#pragma omp parallel
        fill(p);
        if (p->status && error) *error = p->error;
        status = parallel_meet(ranks, p->status, error);
        for (int t = 0; t < N_FRAME_TARGETS && !status; t++) {
            if (result->R[t])
                status = distributed_fold(r->distributed, result->R[t], p->waiting[t].rows, p->waiting[t].n, error);
            p->waiting[t].n = 0;
        }
        left = (double)(p->end - p->next);
        if (!status) status = parallel_largest(ranks, &left, &unused, &owner, error);
    }
    return status;
}

static mlsoap_status do_parts(const triangle_problem *problem, progress *bar, regression *r, mlsoap_error *error)
{
    regression_part *parts[2] = {&r->fit, &r->validation};
    size_t n_threads = (size_t)omp_get_max_threads(), m = r->n + 1;
    kernel_rows *rows = MEMORY_NEW(kernel_rows, n_threads);
    mlsoap_status status = rows ? MLSOAP_SUCCESS : status_no_memory(error, n_threads * sizeof *rows, "threads");
    for (size_t k = 0; k < n_threads && !status; k++) status = kernel_rows_new(&rows[k], problem->basis, error);
    for (int part = 0; part < 2 && !status; part++) {
        pass p = {.problem = problem, .part = part, .m = m, .rows = rows, .bar = bar, .failed = (size_t)-1};
        p.wanted = rows_of_round(m, parallel_size(problem->ranks));
        kernel_count_rows(problem->frames[part], problem->n_frames[part], parts[part]);
        status = do_part(&p, r, parts[part], error);
        for (int t = 0; t < N_FRAME_TARGETS; t++) memory_free(p.waiting[t].rows);
    }
    for (size_t k = 0; k < n_threads && rows; k++)
        if (rows[k].basis) kernel_rows_release(&rows[k]);
    memory_free(rows);
    return status;
}

static regression_block *block_of(const regression *r, size_t i)
{
    regression_block *block = r->blocks;
    while (i >= block->first + block->n) block++;
    return block;
}

/* K, by blocks of rows that the ranks make in turn; buffers: the own block and that of the rank at work. */
static mlsoap_status put_kernel(const triangle_problem *problem, regression *r, double *own, double *shown,
                                mlsoap_error *error)
{
    size_t n = r->n, m = n + 1, n_ranks = (size_t)parallel_size(problem->ranks);
    size_t rank = (size_t)parallel_rank(problem->ranks);
    mlsoap_status status = MLSOAP_SUCCESS;
    for (size_t first = 0; first < n && !status; first += n_ranks * KERNEL_ROWS) {
        memset(own, 0, KERNEL_ROWS * m * sizeof *own);
        for (size_t i = 0; i < KERNEL_ROWS; i++)
            if (first + rank * KERNEL_ROWS + i < n)
                kernel_basis_row(problem->basis, first + rank * KERNEL_ROWS + i, own + i * m);
        for (size_t k = 0; k < n_ranks && !status; k++) {
            size_t at = first + k * KERNEL_ROWS, n_rows = at >= n ? 0 : n - at < KERNEL_ROWS ? n - at : KERNEL_ROWS;
            if (k == rank) memcpy(shown, own, n_rows * m * sizeof *own);
            status = distributed_put(r->distributed, r->K, at, shown, n_rows, (int)k, error);
            for (size_t i = 0; i < n_rows; i++) block_of(r, at + i)->trace += shown[i * m + at + i];
        }
    }
    return status;
}

mlsoap_status distributed_pass(const triangle_problem *problem, progress *bar, regression *r, mlsoap_error *error)
{
    size_t m = problem->basis->n_columns + 1;
    r->n = problem->basis->n_columns;
    mlsoap_status status = distributed_new(problem->ranks, m, &r->distributed, error);
    if (!status) status = do_parts(problem, bar, r, error);
    if (!status) status = kernel_set_blocks(problem->basis, r, error);
    double *own = MEMORY_NEW(double, KERNEL_ROWS *m), *shown = MEMORY_NEW(double, KERNEL_ROWS *m);
    if (!status) r->K = distributed_zeros(r->distributed);
    if (!status && (!own || !shown || !r->K))
        status = status_no_memory(error, KERNEL_ROWS * m * sizeof *own, "the kernel matrix");
    if (!status) status = put_kernel(problem, r, own, shown, error);
    memory_free(own);
    memory_free(shown);
    return status;
}

double distributed_pass_bytes(double n_columns, double largest_atoms, int n_ranks)
{
    double m = n_columns + 1, rows = (double)rows_of_round((size_t)m, n_ranks) + 3 * largest_atoms;
    return 8 * m * (TRIANGLES * m / n_ranks + 1.5 * rows + 3 * KERNEL_ROWS);
}
