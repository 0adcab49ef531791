/* SPDX-License-Identifier: BSD-3-Clause */
/* Choosing sparse points; see sparse_points.h. */
#include "solvers/sparse_points.h"

#include "core/memory.h"
#include "solvers/shared_selection.h"

#include <math.h>
#include <string.h>

/* Features x of the candidates of every kind; a rank has those of its frames. */
typedef struct candidates {
    size_t n[KERNEL_KINDS];                          /* rows on all ranks */
    size_t total[KERNEL_KINDS];                      /* environments */
    size_t first[KERNEL_KINDS], n_own[KERNEL_KINDS]; /* rows of this rank */
    double *X[KERNEL_KINDS];                         /* [n_own][stride] */
} candidates;

/* First environment of each kind in each frame: where its rows go does not depend on the threads. */
typedef struct frame_starts {
    size_t first[KERNEL_KINDS];
} frame_starts;

static mlsoap_status frame_error(const frame_set *set, size_t c, mlsoap_status status, mlsoap_error *error)
{
    const frame *f = &set->frames[c];
    return status_prefix(error, status, "%s: frame %zu (line %ld)", set->files[f->i_file].path, f->index, f->line);
}

mlsoap_status environments_count(const feature_set *features, const frame_set *set, environment_counts *counts,
                                 mlsoap_error *error)
{
    feature_worker worker;
    memset(counts, 0, sizeof *counts);
    mlsoap_status status = feature_worker_new(&worker, features, error);
    if (status) return status;
    for (size_t c = 0; c < set->n_frames && !status; c++) {
        const structure *s = &set->frames[c].structure;
        const neighbor_list *list = &worker.list;
        status = feature_worker_begin(&worker, s, error);
        if (status) frame_error(set, c, status, error);
        if (s->n_atoms > counts->largest_atoms) counts->largest_atoms = s->n_atoms;
        for (size_t i = 0; i < list->n_centers && !status; i++) {
            size_t n_pairs = (size_t)(list->first[i + 1] - list->first[i]);
            if (!feature_set_serves(features, list->center_species[i])) continue;
            counts->n[list->center_species[i]]++;
            counts->n_centers++;
            counts->n_pairs += n_pairs;
            if (n_pairs > counts->largest_pairs) counts->largest_pairs = n_pairs;
        }
    }
    feature_worker_release(&worker);
    return status;
}

size_t sparse_candidates(size_t n_environments, size_t stride, size_t n_sparse)
{
    size_t most = (size_t)(SPARSE_CANDIDATE_NUMBERS / (double)stride);
    if (most < 10 * n_sparse) most = 10 * n_sparse;
    return n_environments < most ? n_environments : most;
}

/* The environment of a row: n of `total` are evenly chosen. */
static size_t candidate_environment(size_t row, size_t n, size_t total)
{
    return (size_t)((double)row * (double)total / (double)n);
}

/* Row of the i-th of `total` environments among n evenly chosen ones; n where it is not chosen. */
static size_t candidate_row(size_t i, size_t n, size_t total)
{
    size_t row = (size_t)((double)i * (double)n / (double)total + 0.5);
    for (size_t r = row > 0 ? row - 1 : 0; r <= row + 1 && r < n; r++)
        if (candidate_environment(r, n, total) == i) return r;
    return n;
}

static mlsoap_status fill_frame(feature_worker *worker, const kernel_term *term, const structure *s,
                                const frame_starts *starts, candidates *rows, double *D, mlsoap_error *error)
{
    const feature_set *set = term->features;
    frame_starts next = *starts;
    mlsoap_status status = feature_worker_begin(worker, s, error);
    for (size_t i = 0; i < worker->list.n_centers && !status; i++) {
        int kind = worker->list.center_species[i];
        if (!rows->X[kind]) continue;
        size_t row = candidate_row(next.first[kind]++, rows->n[kind], rows->total[kind]);
        if (row == rows->n[kind]) continue;
        status = feature_worker_values(worker, i, D, error);
        if (!status)
            sparse_gp_transform(&term->settings, set->stride, set->weights, D,
                                rows->X[kind] + (row - rows->first[kind]) * set->stride);
    }
    return status;
}

/* Features of frames [begin, end), OpenMP over frames. */
static mlsoap_status fill_candidates(const kernel_term *term, const frame_set *set, size_t begin, size_t end,
                                     const frame_starts *starts, candidates *rows, progress *bar, mlsoap_error *error)
{
    size_t failed = (size_t)-1;
    mlsoap_status result = MLSOAP_SUCCESS;
#pragma omp parallel
    {
        mlsoap_error own_error = {0};
        feature_worker worker;
        double *D = MEMORY_NEW(double, term->features->stride);
        mlsoap_status own = feature_worker_new(&worker, term->features, &own_error);
        if (!own && !D) own = status_no_memory(&own_error, term->features->stride * sizeof *D, "features");
#pragma omp for schedule(dynamic, 1)
        for (size_t c = begin; c < end; c++) {
            mlsoap_status status = own;
            if (!status) status = fill_frame(&worker, term, &set->frames[c].structure, &starts[c], rows, D, &own_error);
            progress_add(bar, set->frames[c].structure.n_atoms);
            if (!status) continue;
#pragma omp critical(sparse_points_error)
            if (c < failed) {
                failed = c;
                if (error) *error = own_error;
                result = frame_error(set, c, status, error);
            }
        }
        memory_free(D);
        feature_worker_release(&worker);
    }
    return result;
}

/* The starts of all frames: a center is an atom (its kind is known without a list) or a point. */
static frame_starts *make_starts(const feature_set *features, const frame_set *set, size_t points_per_frame)
{
    frame_starts *starts = MEMORY_NEW(frame_starts, set->n_frames + 1);
    for (size_t c = 0; starts && c < set->n_frames; c++) {
        const structure *s = &set->frames[c].structure;
        starts[c + 1] = starts[c];
        for (size_t i = 0; i < s->n_atoms && features->centers_are_atoms; i++) starts[c + 1].first[s->species[i]]++;
        if (!features->centers_are_atoms) starts[c + 1].first[0] += points_per_frame;
    }
    return starts;
}

/* Frames [*begin, *end) of this rank: about as many atoms as on the others. */
static void own_frames(parallel *ranks, const frame_set *set, size_t *begin, size_t *end)
{
    double total = 0, before = 0;
    int rank = parallel_rank(ranks);
    for (size_t c = 0; c < set->n_frames; c++) total += (double)set->frames[c].structure.n_atoms;
    *begin = *end = 0;
    for (size_t c = 0; c < set->n_frames; c++) {
        int owner = parallel_owner(ranks, before, total);
        *begin += owner < rank;
        *end += owner <= rank;
        before += (double)set->frames[c].structure.n_atoms;
    }
}

/* The rows whose environments are first ... last - 1, and memory for them. */
static mlsoap_status own_rows(candidates *rows, int kind, size_t first, size_t last, size_t stride, mlsoap_error *error)
{
    size_t end = 0;
    for (size_t r = 0; r < rows->n[kind]; r++) {
        size_t i = candidate_environment(r, rows->n[kind], rows->total[kind]);
        rows->first[kind] += i < first;
        end += i < last;
    }
    rows->n_own[kind] = end - rows->first[kind];
    rows->X[kind] = MEMORY_NEW(double, rows->n_own[kind] * stride);
    return rows->X[kind] ? MLSOAP_SUCCESS
                         : status_no_memory(error, rows->n_own[kind] * stride * sizeof(double), "the environments");
}

static mlsoap_status choose_kind(kernel_term *term, int kind, const candidates *rows, const char *method,
                                 size_t n_sparse, parallel *ranks, mlsoap_error *error)
{
    size_t stride = term->features->stride, n = rows->n[kind] < n_sparse ? rows->n[kind] : n_sparse;
    shared_rows shared = {ranks, rows->X[kind], rows->first[kind], rows->n_own[kind], rows->n[kind], stride};
    term->points[kind] = MEMORY_NEW(double, n *stride);
    if (!term->points[kind]) return status_no_memory(error, n * stride * sizeof(double), "sparse points");
    return shared_selection(&shared, method, SHARED_SELECTION_SMALL, n, term->points[kind], &term->n_points[kind],
                            error);
}

static double mean_square_of_points(const kernel_term *term)
{
    size_t stride = term->features->stride, n = 0;
    double sum = 0;
    for (int z = 0; z < KERNEL_KINDS; n += term->n_points[z++])
        for (size_t k = 0; k < term->n_points[z] * stride; k++) sum += term->points[z][k] * term->points[z][k];
    return sum / (double)n;
}

mlsoap_status sparse_points_choose(kernel_term *term, const frame_set *set, const environment_counts *counts,
                                   const char *method, size_t n_sparse, bool auto_constant, parallel *ranks,
                                   progress *bar, mlsoap_error *error)
{
    size_t stride = term->features->stride, begin, end;
    candidates rows = {.X = {NULL}};
    frame_starts *starts = make_starts(term->features, set, counts->n[0] / (set->n_frames ? set->n_frames : 1));
    mlsoap_status status = MLSOAP_SUCCESS;
    own_frames(ranks, set, &begin, &end);
    if (!starts) status = status_no_memory(error, set->n_frames * sizeof *starts, "the frames");
    for (int z = 0; z < KERNEL_KINDS && !status; z++) {
        if (counts->n[z] == 0) continue;
        rows.total[z] = counts->n[z];
        rows.n[z] = sparse_candidates(counts->n[z], stride, n_sparse);
        status = own_rows(&rows, z, starts[begin].first[z], starts[end].first[z], stride, error);
    }
    if (!status) status = fill_candidates(term, set, begin, end, starts, &rows, bar, error);
    for (int z = 0; z < KERNEL_KINDS; z++) {
        if (rows.X[z] && !status) status = choose_kind(term, z, &rows, method, n_sparse, ranks, error);
        memory_free(rows.X[z]);
    }
    memory_free(starts);
    if (!status && auto_constant) term->settings.constant = mean_square_of_points(term);
    return status;
}
