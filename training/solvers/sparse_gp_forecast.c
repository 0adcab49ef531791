/* SPDX-License-Identifier: BSD-3-Clause */
/* Memory, time and file of a sparse GP before it is fitted; see sparse_gp_state.h. */
#include "core/memory.h"
#include "models/sparse_gp/square_sum.h"
#include "solvers/distributed_pass.h"
#include "solvers/fit_speed.h"
#include "solvers/sparse_gp_state.h"

#include <math.h>
#include <omp.h>
#include <string.h>

enum { LEADING_POINTS_USUAL = 56 };             /* at 100 to 1000 features */
enum { TRIALS_OF_AXIS = 17 };                   /* of the search of weights, on the sets of Zuo et al. 2020 */
static const double DISTANCES_PER_SECOND = 1e9; /* of the selection of farthest points, numbers that are compared */

/* Points of a kind in the file of n sparse points, and their square sum where the model collapses. */
static double points_bytes(const sparse_gp_fit *f, double n)
{
    size_t stride = f->basis.features->stride, n_points = (size_t)n, n_terms = n_points, rank = f->rank;
    if (rank == LEADING_POINTS_AUTO && LEADING_POINTS_USUAL <= leading_points_limit(n_points, stride))
        rank = LEADING_POINTS_USUAL;
    double stored = n;
    if (leading_points_serve(&f->basis.settings) && rank != LEADING_POINTS_AUTO && rank < n_points) {
        n_terms = rank;
        stored = (double)n_terms + fmin(n, (double)f->base.problem->n_uncertainty);
    }
    double bytes = 8 * stored * (double)(stride + 1);
    if (square_sum_serves(&f->basis.settings, n_terms, stride)) bytes += 4 * (double)stride * (double)(stride + 1);
    return bytes;
}

/* Sparse points and their coefficients (of a linear model one for each feature), and the uncertainty. */
static double file_bytes(const sparse_gp_fit *f)
{
    double stride = (double)f->basis.features->stride, bytes = POTENTIAL_TEXT_BYTES;
    for (int z = 0; z < KERNEL_KINDS; z++) {
        double n = fmin((double)f->counts.n[z], f->linear ? stride : (double)f->n_sparse);
        if (n == 0) continue;
        bytes += f->linear ? 8 * stride : points_bytes(f, n);
        if (f->base.problem->n_uncertainty > 0)
            bytes += 8 * stride + uncertainty_bytes(f->linear ? n : fmin(n, (double)f->base.problem->n_uncertainty));
    }
    return bytes;
}

static void forecast_of(const sparse_gp_fit *f, bool over_ranks, fit_forecast *forecast)
{
    const environment_counts *c = &f->counts;
    double stride = (double)f->basis.features->stride, n_threads = omp_get_max_threads();
    double n_ranks = parallel_size(f->base.problem->ranks), candidates = 0, columns = 0;
    for (int z = 0; z < KERNEL_KINDS; z++) {
        double rows = (double)sparse_candidates(c->n[z], f->basis.features->stride, f->n_sparse);
        double m = c->n[z] < f->n_sparse ? (double)c->n[z] : (double)f->n_sparse;
        candidates += 8 * rows * stride / n_ranks;
        columns += m;
    }
    double triangle = 8 * (columns + 1) * (columns + 1), points = 8 * columns * stride;
    double rows = n_threads * kernel_rows_bytes(columns, stride, (double)c->largest_atoms, (double)c->largest_pairs);
    if (over_ranks)
        rows += distributed_pass_bytes(columns, (double)c->largest_atoms, (int)n_ranks);
    else
        rows += kernel_triangles_bytes(columns, (double)c->n_centers, N_FRAME_TARGETS, (int)n_threads);
    double solve = over_ranks ? 0 : (2 * N_FRAME_TARGETS + 4 + 2 * n_threads) * triangle;
    if (!f->linear && leading_points_serve(&f->basis.settings))
        solve += leading_points_bytes((double)f->n_sparse, stride);
    forecast->bytes = f->base.problem->process_memory + points + fmax(candidates, fmax(rows, solve));
    forecast->file_bytes = file_bytes(f);
}

void sparse_gp_forecast(const fit *base, fit_forecast *forecast)
{
    const sparse_gp_fit *f = (const sparse_gp_fit *)base;
    forecast_of(f, f->distributed, forecast);
}

static void report_factorization(const sparse_gp_fit *f, const char *why)
{
    const fit_problem *p = f->base.problem;
    training_log_text(p->log, "factorization: over all ranks (%s)%s", why,
                      p->n_uncertainty > 0 ? ", so there is no uncertainty" : "");
}

mlsoap_status sparse_gp_choose_factorization(sparse_gp_fit *f, mlsoap_error *error)
{
    const fit_problem *p = f->base.problem;
    const char *wanted = json_string_value(json_object_get(model_keys(f), "factorization")); /* NULL: auto */
    fit_forecast local, over_ranks;
    bool folds = p->from || schema_boolean(model_keys(f), "keep_triangles");
    f->distributed = wanted && strcmp(wanted, "distributed") == 0;
    if (folds && f->distributed)
        return schema_fail(&p->config->source, "model", "factorization", error,
                           "--from and model.keep_triangles need the triangles on each rank; use local");
    if (folds) return MLSOAP_SUCCESS;
    if (f->distributed) {
        mlsoap_status status = distributed_check(p->ranks, error);
        if (!status) report_factorization(f, "as asked for");
        return status;
    }
    if ((wanted && strcmp(wanted, "local") == 0) || distributed_check(p->ranks, NULL)) return MLSOAP_SUCCESS;
    forecast_of(f, false, &local);
    forecast_of(f, true, &over_ranks);
    f->distributed = FORECAST_MARGIN * local.bytes > (double)p->memory && over_ranks.bytes < local.bytes;
    if (f->distributed) report_factorization(f, "one rank would need more memory than `memory`");
    return MLSOAP_SUCCESS;
}

mlsoap_status sparse_gp_check_memory(const sparse_gp_fit *f, mlsoap_error *error)
{
    fit_forecast forecast;
    const double GiB = 1024.0 * 1024 * 1024;
    sparse_gp_forecast(&f->base, &forecast);
    if (FORECAST_MARGIN * forecast.bytes <= (double)f->base.problem->memory) return MLSOAP_SUCCESS;
    return status_fail(
        error, MLSOAP_ERROR_CAPACITY,
        "the fit needs about %.2f GiB (%zu sparse points per element, %zu features, %d threads), and "
        "memory is %.2f GiB: raise `memory`, lower model.n_sparse or OMP_NUM_THREADS, or start more ranks by mpirun",
        FORECAST_MARGIN * forecast.bytes / GiB, f->n_sparse, f->basis.features->stride, omp_get_max_threads(),
        (double)f->base.problem->memory / GiB);
}

/* ------------------------------------------------------------------------------------------------------------ time */

/* Points that take as long as those that will be chosen. */
static mlsoap_status stand_in_points(const sparse_gp_fit *f, kernel_basis *basis, mlsoap_error *error)
{
    size_t stride = f->basis.features->stride;
    *basis = (kernel_basis){.features = f->basis.features, .settings = f->basis.settings};
    for (int z = 0; z < KERNEL_KINDS; z++) {
        size_t m = f->linear || f->counts.n[z] > f->n_sparse ? f->n_sparse : f->counts.n[z];
        if (f->counts.n[z] == 0) continue;
        basis->points[z] = memory_new(m, stride * sizeof(double));
        if (!basis->points[z]) return status_no_memory(error, m * stride * sizeof(double), "a forecast");
        basis->n_points[z] = m;
        for (size_t i = 0; i < m && !f->linear; i++)
            for (size_t k = 0; k < stride; k++) basis->points[z][i * stride + k] = 1 / sqrt((double)stride);
    }
    basis->unit = f->basis.unit; /* lent */
    return kernel_basis_finish(basis, error);
}

/* Full merges: of the tree, and in the trials of the search, where the triangle of each kind of target joins the prior;
 * one of few rows costs little. */
static double merges(const sparse_gp_fit *f, const pass_time *pass, size_t n_columns)
{
    regression_part rows = {.n_rows = {0}};
    double of_trial = 0;
    kernel_count_rows(f->base.problem->data->fit, f->base.problem->data->n_fit, &rows);
    for (int t = 0; t < N_FRAME_TARGETS; t++) of_trial += fmin(1, (double)rows.n_rows[t] / (double)n_columns);
    const json_t *loss = json_object_get(f->base.problem->config->root, "loss");
    int n_axes = !json_is_number(json_object_get(model_keys(f), "noise"));
    n_axes += !json_is_number(json_object_get(loss, "energy"));
    n_axes += !json_is_number(json_object_get(loss, "virial"));
    if (f->explicit_sigma || f->base.problem->data->n_validation == 0) n_axes = 0;
    return (double)pass->leaves + of_trial * (2 + TRIALS_OF_AXIS * n_axes);
}

mlsoap_status sparse_gp_duration(fit *base, double *seconds, mlsoap_error *error)
{
    const sparse_gp_fit *f = (const sparse_gp_fit *)base;
    const fit_problem *p = base->problem;
    double processors = omp_get_max_threads() * parallel_size(p->ranks), distances = 0;
    kernel_basis basis;
    pass_time pass = {0};
    mlsoap_status status = stand_in_points(f, &basis, error);
    const triangle_problem triangles = {.basis = &basis,
                                        .frames = {p->data->fit, p->data->validation},
                                        .n_frames = {p->data->n_fit, p->data->n_validation},
                                        .elements = p->elements,
                                        .n_elements = p->n_elements,
                                        .offsets = p->offsets,
                                        .ranks = p->ranks};
    if (!status) status = pass_time_measure(&triangles, &pass, error);
    for (int z = 0; z < KERNEL_KINDS && !f->linear; z++)
        distances += (double)sparse_candidates(f->counts.n[z], basis.features->stride, f->n_sparse) *
                     (double)basis.features->stride * (double)basis.n_points[z];
    double again = merges(f, &pass, basis.n_columns) * pass.merge;
    *seconds = (pass.frames + again + distances / DISTANCES_PER_SECOND) / processors;
    basis.unit = NULL;
    kernel_basis_release(&basis);
    return status;
}
