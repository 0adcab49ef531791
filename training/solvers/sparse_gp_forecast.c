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
static double points_bytes(const sparse_gp_fit *f, size_t i, double n)
{
    const sparse_gp_settings *s = &f->basis.terms[i].settings;
    size_t stride = f->basis.terms[i].features->stride, n_points = (size_t)n, n_terms = n_points;
    size_t rank = f->terms[i].rank;
    double stored = n;
    if (rank == LEADING_POINTS_AUTO && LEADING_POINTS_USUAL < leading_points_limit(n_points, stride))
        rank = LEADING_POINTS_USUAL;
    if (leading_points_serve(s) && rank != LEADING_POINTS_AUTO && rank < n_points) {
        n_terms = rank;
        stored = (double)n_terms + fmin(n, (double)f->base.problem->n_uncertainty);
    }
    double bytes = 8 * stored * (double)(stride + 1);
    if (square_sum_serves(s, n_terms, stride)) bytes += 4 * (double)stride * (double)(stride + 1);
    return bytes;
}

/* Sparse points and their coefficients (of a linear model one for each feature), and the uncertainty. */
static double term_bytes(const sparse_gp_fit *f, size_t i)
{
    const gp_term *t = &f->terms[i];
    double stride = (double)f->basis.terms[i].features->stride, bytes = 0,
           n_uncertainty = (double)f->base.problem->n_uncertainty;
    for (int z = 0; z < KERNEL_KINDS; z++) {
        double n = (double)t->n_most[z]; /* of a linear model: features, without those that fill the stride */
        if (t->n_most[z] == 0) continue;
        bytes += t->linear ? 8 * stride : points_bytes(f, i, n);
        if (n_uncertainty > 0) bytes += 8 * stride + uncertainty_bytes(t->linear ? n : fmin(n, n_uncertainty));
    }
    return bytes;
}

/* What the terms need: points and columns of all of them, candidates and rows of the largest. */
typedef struct term_sizes {
    double columns, points, candidates, rows, atoms, leading;
} term_sizes;

static term_sizes sizes_of(const sparse_gp_fit *f)
{
    term_sizes s = {0};
    for (size_t i = 0; i < f->n_terms; i++)
        for (int z = 0; z < KERNEL_KINDS; z++) s.columns += (double)f->terms[i].n_most[z];
    for (size_t i = 0; i < f->n_terms; i++) {
        const environment_counts *c = &f->terms[i].counts;
        size_t stride = f->basis.terms[i].features->stride;
        double candidates = 0;
        for (int z = 0; z < KERNEL_KINDS; z++) {
            s.points += 8 * (double)f->terms[i].n_most[z] * (double)stride;
            candidates += 8 * (double)sparse_candidates(c->n[z], stride, f->terms[i].n_sparse) * (double)stride;
        }
        s.candidates = fmax(s.candidates, candidates / parallel_size(f->base.problem->ranks));
        s.rows = fmax(s.rows,
                      kernel_rows_bytes(s.columns, (double)stride, (double)c->largest_atoms, (double)c->largest_pairs));
        s.atoms = fmax(s.atoms, (double)c->largest_atoms);
        if (leading_points_serve(&f->basis.terms[i].settings) && f->terms[i].rank < f->terms[i].n_sparse)
            s.leading = fmax(s.leading, leading_points_bytes((double)f->terms[i].n_sparse, (double)stride));
    }
    return s;
}

static void forecast_of(const sparse_gp_fit *f, bool over_ranks, fit_forecast *forecast)
{
    const term_sizes s = sizes_of(f);
    int n_threads = omp_get_max_threads(), n_ranks = parallel_size(f->base.problem->ranks);
    double triangle = 8 * (s.columns + 1) * (s.columns + 1), rows = n_threads * s.rows;
    if (over_ranks)
        rows += distributed_pass_bytes(s.columns, s.atoms, n_ranks);
    else
        rows += kernel_triangles_bytes(s.columns, (double)sparse_gp_most_centers(f), N_FRAME_TARGETS, n_threads);
    double solve = s.leading + (over_ranks ? 0 : (2 * N_FRAME_TARGETS + 4 + 2 * n_threads) * triangle);
    forecast->bytes = f->base.problem->process_memory + s.points + fmax(s.candidates, fmax(rows, solve));
    forecast->file_bytes = POTENTIAL_TEXT_BYTES;
    for (size_t i = 0; i < f->n_terms; i++) forecast->file_bytes += term_bytes(f, i);
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
    const char *wanted = json_string_value(json_object_get(shared_keys(f), "factorization")); /* NULL: auto */
    fit_forecast local, over_ranks;
    char path[CONFIG_TERM_PATH];
    config_term_path(p->config->root, 0, path);
    bool folds = p->from || schema_boolean(shared_keys(f), "keep_triangles");
    f->distributed = wanted && strcmp(wanted, "distributed") == 0;
    if (folds && f->distributed)
        return schema_fail(&p->config->source, path, "factorization", error,
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
        "the fit needs about %.2f GiB (%.0f unknowns, %d threads), and memory is %.2f GiB: raise `memory`, lower "
        "model.n_sparse or OMP_NUM_THREADS, or start more ranks by mpirun",
        FORECAST_MARGIN * forecast.bytes / GiB, sizes_of(f).columns, omp_get_max_threads(),
        (double)f->base.problem->memory / GiB);
}

/* ------------------------------------------------------------------------------------------------------------ time */

/* Points that take as long as those that will be chosen. */
static mlsoap_status stand_in_points(const sparse_gp_fit *f, kernel_basis *basis, mlsoap_error *error)
{
    mlsoap_status status = kernel_basis_new(basis, f->n_terms, error);
    for (size_t i = 0; i < f->n_terms && !status; i++) {
        const kernel_term *own = &f->basis.terms[i];
        kernel_term *term = &basis->terms[i];
        size_t stride = own->features->stride;
        *term = (kernel_term){.features = own->features, .settings = own->settings, .unit = own->unit /* lent */};
        for (int z = 0; z < KERNEL_KINDS && !status; z++) {
            size_t m = f->terms[i].n_most[z];
            if (m == 0) continue;
            term->points[z] = memory_new(m, stride * sizeof(double));
            if (!term->points[z]) status = status_no_memory(error, m * stride * sizeof(double), "a forecast");
            if (status) break;
            term->n_points[z] = m;
            for (size_t k = 0; k < m * stride && !own->unit; k++) term->points[z][k] = 1 / sqrt((double)stride);
        }
    }
    return status ? status : kernel_basis_finish(basis, error);
}

/* Numbers that the selections compare. */
static double count_distances(const sparse_gp_fit *f)
{
    double n = 0;
    for (size_t i = 0; i < f->n_terms; i++) {
        const gp_term *t = &f->terms[i];
        size_t stride = f->basis.terms[i].features->stride;
        for (int z = 0; z < KERNEL_KINDS && !t->linear; z++)
            n += (double)sparse_candidates(t->counts.n[z], stride, t->n_sparse) * (double)stride * (double)t->n_most[z];
    }
    return n;
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
    int n_axes = !json_is_number(json_object_get(shared_keys(f), "noise"));
    n_axes += !json_is_number(json_object_get(loss, "energy"));
    n_axes += !json_is_number(json_object_get(loss, "virial"));
    if (f->explicit_sigma || f->base.problem->data->n_validation == 0) n_axes = 0;
    return (double)pass->leaves + of_trial * (2 + TRIALS_OF_AXIS * n_axes);
}

mlsoap_status sparse_gp_duration(fit *base, double *seconds, mlsoap_error *error)
{
    const sparse_gp_fit *f = (const sparse_gp_fit *)base;
    const fit_problem *p = base->problem;
    double processors = omp_get_max_threads() * parallel_size(p->ranks), distances = count_distances(f);
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
    double again = merges(f, &pass, basis.n_columns) * pass.merge;
    *seconds = (pass.frames + again + distances / DISTANCES_PER_SECOND) / processors;
    for (size_t i = 0; i < basis.n_terms; i++) basis.terms[i].unit = NULL;
    kernel_basis_release(&basis);
    return status;
}
