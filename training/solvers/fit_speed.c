/* SPDX-License-Identifier: BSD-3-Clause */
/* Samples of the work of fits; see fit_speed.h. */
#include "solvers/fit_speed.h"

#include "core/clock.h"
#include "core/memory.h"
#include "solvers/tall_qr.h"

#include <cblas.h>
#include <math.h>
#include <string.h>

static const double LONG_ENOUGH = 0.06; /* seconds of a sample */
enum { MOST_SAMPLES = 8 };              /* frames, evenly spread */

static double atoms_of(const training_frame *frames, size_t n)
{
    double sum = 0;
    for (size_t c = 0; c < n; c++) sum += (double)frames[c].source->structure.n_atoms;
    return sum;
}

/* ------------------------------------------------------------------------------------------------------------ pass */

static mlsoap_status add_to_one(void *context, int target, const double *rows, size_t n_rows, double scale,
                                mlsoap_error *error)
{
    (void)target;
    return tall_qr_add(context, rows, n_rows, tall_qr_columns(context), scale, error);
}

/* Frames until a block of rows was factored, so that its share is in the time. */
static mlsoap_status sample_frames(const triangle_problem *p, kernel_rows *rows, tall_qr *qr, double *per_atom,
                                   mlsoap_error *error)
{
    const row_sink sink = {qr, add_to_one};
    size_t n = p->n_frames[0], step = n > MOST_SAMPLES ? n / MOST_SAMPLES : 1, n_rows = 0;
    double atoms = 0, began = 0;
    mlsoap_status status = kernel_frame_rows(p, &p->frames[0][0], rows, &sink, error); /* memory, tables, caches */
    began = clock_thread_seconds();
    for (size_t c = 0; c < n && !status; c += step) {
        status = kernel_frame_rows(p, &p->frames[0][c], rows, &sink, error);
        double here = (double)p->frames[0][c].source->structure.n_atoms;
        atoms += here;
        n_rows += (size_t)(3 * here) + 7;
        if (n_rows >= 2 * TALL_QR_BLOCK && clock_thread_seconds() - began > LONG_ENOUGH) break;
    }
    *per_atom = (clock_thread_seconds() - began) / fmax(atoms, 1);
    return status;
}

/* A triangle on which the merge has all of its work to do. */
static double *full_triangle(size_t n)
{
    double *R = MEMORY_NEW(double, n *n);
    for (size_t j = 0; j < n && R; j++)
        for (size_t i = 0; i <= j; i++) R[i + j * n] = i == j ? 2.0 : 1.0 / (double)(1 + i + j);
    return R;
}

static mlsoap_status time_merge(size_t n, double *seconds, mlsoap_error *error)
{
    double *R = full_triangle(n), *other = full_triangle(n);
    mlsoap_status status = R && other ? MLSOAP_SUCCESS : status_no_memory(error, 2 * n * n * sizeof *R, "a forecast");
    double began = clock_thread_seconds();
    if (!status) status = r_merge(R, other, n, error);
    *seconds = clock_thread_seconds() - began;
    memory_free(R);
    memory_free(other);
    return status;
}

mlsoap_status pass_time_measure(const triangle_problem *p, pass_time *time, mlsoap_error *error)
{
    kernel_rows rows;
    tall_qr *qr = NULL;
    double per_atom = 0, atoms = atoms_of(p->frames[0], p->n_frames[0]) + atoms_of(p->frames[1], p->n_frames[1]);
    *time = (pass_time){.leaves = kernel_leaves(p)};
    if (p->n_frames[0] == 0) return MLSOAP_SUCCESS;
    mlsoap_status status = kernel_rows_new(&rows, p->basis, error);
    if (status) return status;
    status = tall_qr_new(rows.row_size, &qr, error);
    if (!status) status = sample_frames(p, &rows, qr, &per_atom, error);
    tall_qr_free(qr);
    if (!status) status = time_merge(rows.row_size, &time->merge, error);
    kernel_rows_release(&rows);
    time->frames = per_atom * atoms;
    return status;
}

/* ----------------------------------------------------------------------------------------------------------- pairs */

/* All centers of the structure in blocks; adds to *n_pairs. */
static void evaluate_pairs(feature_worker *w, double *D, double *dD, double *v, double *n_pairs)
{
    const neighbor_list *list = &w->list;
    size_t stride = w->set->stride;
    for (size_t i = 0; i < list->n_centers; i += DESCRIPTOR_BLOCK) {
        size_t n = list->n_centers - i < DESCRIPTOR_BLOCK ? list->n_centers - i : DESCRIPTOR_BLOCK;
        int first[DESCRIPTOR_BLOCK + 1], start = list->first[i];
        for (size_t k = 0; k <= n; k++) first[k] = list->first[i + k] - start;
        mlsoap_environments block = {
            sizeof block,          (int)n,           list->center_species + i, first,
            list->species + start, list->dx + start, list->dy + start,         list->dz + start};
        memset(v, 0, 3 * (size_t)first[n] * sizeof *v);
        feature_block_values(w, &block, D);
        feature_block_tangent(w, &block, v, dD);
        for (size_t k = 0; k < n * stride; k++) dD[k] = 1;
        feature_block_adjoint(w, &block, dD, v);
        *n_pairs += first[n];
    }
}

mlsoap_status pair_time_measure(const feature_set *features, const training_frame *frames, size_t n_frames,
                                double *seconds, mlsoap_error *error)
{
    feature_worker worker;
    size_t step = n_frames > MOST_SAMPLES ? n_frames / MOST_SAMPLES : 1;
    double *rows = memory_new(features->stride, 2 * DESCRIPTOR_BLOCK * sizeof *rows), *v = NULL;
    double n_pairs = 0, spent = 0;
    size_t capacity = 0;
    *seconds = 0;
    if (!rows) return status_no_memory(error, 32 * features->stride * sizeof *rows, "a forecast");
    mlsoap_status status = feature_worker_new(&worker, features, error);
    for (size_t c = 0; c < n_frames && !status && spent < LONG_ENOUGH; c += step) {
        status = feature_worker_begin(&worker, &frames[c].source->structure, error);
        if (status) break;
        size_t n = (size_t)worker.list.first[worker.list.n_centers];
        if (!MEMORY_RESERVE(&v, &capacity, 3 * n)) status = status_no_memory(error, 3 * n * sizeof *v, "a forecast");
        if (!status) status = feature_worker_reserve(&worker, n, error);
        double began = clock_thread_seconds();
        if (!status) evaluate_pairs(&worker, rows, rows + DESCRIPTOR_BLOCK * features->stride, v, &n_pairs);
        spent += clock_thread_seconds() - began;
    }
    feature_worker_release(&worker);
    memory_free(rows);
    memory_free(v);
    *seconds = spent / fmax(n_pairs, 1);
    return status;
}

/* -------------------------------------------------------------------------------------------------------- products */

double product_time_measure(size_t rows, size_t k, size_t n)
{
    double *A = memory_new(rows, k * sizeof *A), *B = memory_new(k, n * sizeof *B),
           *C = memory_new(rows, n * sizeof *C);
    double operations = 0, spent = 0;
    if (A && B && C) {
        cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)rows, (int)n, (int)k, 1, A, (int)k, B, (int)n, 0, C,
                    (int)n);
        for (double began = clock_thread_seconds(); spent < LONG_ENOUGH; spent = clock_thread_seconds() - began) {
            cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)rows, (int)n, (int)k, 1, A, (int)k, B, (int)n,
                        0, C, (int)n);
            operations += (double)rows * (double)k * (double)n;
        }
    }
    memory_free(A);
    memory_free(B);
    memory_free(C);
    return operations > 0 ? spent / operations : 0;
}
