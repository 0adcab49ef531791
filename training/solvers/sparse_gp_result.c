/* SPDX-License-Identifier: BSD-3-Clause */
/* From the solution of a fit to the terms of a potential; see sparse_gp_state.h. */
#include "core/elements.h"
#include "core/memory.h"
#include "models/linear.h"
#include "models/model_tensors.h"
#include "solvers/sparse_gp_state.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { PREFIX_SIZE = 64 };

/* Names of the tensors of a kind of center begin with this. */
static void make_prefix(char prefix[PREFIX_SIZE], size_t i_term, int z)
{
    snprintf(prefix, PREFIX_SIZE, "terms.%zu.%s", i_term, element_symbol(z));
}

static json_t *species_json(const sparse_gp_fit *f, size_t i)
{
    const kernel_term *basis = &f->basis.terms[i];
    json_t *species = json_object();
    for (int z = 0; z < KERNEL_KINDS; z++) {
        char prefix[PREFIX_SIZE];
        if (basis->n_points[z] == 0) continue;
        make_prefix(prefix, i, z);
        json_t *entry = json_pack("{s:s}", "tensors", prefix);
        if (!f->terms[i].linear)
            json_object_set_new(entry, "n_sparse", json_integer((json_int_t)f->terms[i].n_stored[z]));
        json_object_set_new(species, element_symbol(z), entry);
    }
    return species;
}

static json_t *term_json(const sparse_gp_fit *f, size_t i)
{
    const sparse_gp_settings *s = &f->basis.terms[i].settings;
    json_t *names = f->base.problem->terms[i].descriptor_names, *species = species_json(f, i);
    if (f->terms[i].linear)
        return json_pack("{s:O, s:{s:s, s:b}, s:o}", "descriptors", names, "model", "type", "linear", "normalized",
                         s->normalized, "species", species);
    return json_pack("{s:O, s:{s:s, s:i, s:b, s:f, s:f}, s:o}", "descriptors", names, "model", "type", "sparse_gp",
                     "zeta", s->zeta, "normalized", s->normalized, "constant", s->constant, "delta", s->delta,
                     "species", species);
}

static json_t *terms_json(const sparse_gp_fit *f)
{
    json_t *terms = json_array();
    for (size_t i = 0; i < f->n_terms && terms; i++)
        if (json_array_append_new(terms, term_json(f, i))) {
            json_decref(terms);
            terms = NULL;
        }
    return terms;
}

/* ----------------------------------------------------------------------------------------------------- uncertainty */

/* The noise of the uncertainty: the error on data that the model has not seen. The sigma that the search finds is only
 * a part of it, as the rest of the error is what the features cannot tell. */
static mlsoap_status uncertainty_weights(sparse_gp_fit *f, const hyperparameters *h, const double *alpha,
                                         mlsoap_error *error)
{
    const regression *r = &f->regression;
    double unseen[N_FRAME_TARGETS], seen[N_FRAME_TARGETS], *weight = f->uncertainty_weight;
    hyperparameters_weights(h, f->search.scale, weight);
    mlsoap_status status = regression_rmse(r, &r->validation, alpha, unseen, error);
    if (!status) status = regression_rmse(r, &r->fit, alpha, seen, error);
    for (int t = 0; t < N_FRAME_TARGETS && !status; t++) {
        double rmse = unseen[t] > 0 ? unseen[t] : seen[t];
        if (rmse > 0) weight[t] = fmin(weight[t], 1 / (rmse * rmse));
    }
    return status;
}

/* The triangle of all rows at that noise, and the points, which are chosen where there are none yet. */
static mlsoap_status uncertainty_triangle(sparse_gp_fit *f, const hyperparameters *h, const double *U,
                                          const double *alpha, bool with_validation, double **R, mlsoap_error *error)
{
    const regression *r = &f->regression;
    mlsoap_status status = MLSOAP_SUCCESS;
    bool first = !f->uncertainty_known;
    *R = NULL;
    if (first) status = uncertainty_weights(f, h, alpha, error);
    if (!status) status = regression_triangle(r, f->uncertainty_weight, U, with_validation, R, error);
    if (!status && first && !f->terms[0].linear)
        status = uncertainty_points_choose(&f->uncertainty, &f->basis.terms[0], *R, r->K,
                                           regression_shift(r, 0, h->jitter), f->base.problem->n_uncertainty, error);
    f->uncertainty_known = !status;
    return status;
}

/* G [m][m] of the columns of a kind, times delta^2 that of its weights -> [stride][stride], zero where features are
 * padding. */
static mlsoap_status add_padded_triangle(const sparse_gp_fit *f, const char *prefix, const double *G, const double *x,
                                         tensor_set *tensors, mlsoap_error *error)
{
    const gp_term *t = &f->terms[0];
    size_t stride = t->plain.stride, m = t->n_sparse, row = 0;
    double delta = f->basis.terms[0].settings.delta, *full = MEMORY_NEW(double, stride *stride);
    if (!full) return status_no_memory(error, stride * stride * sizeof *full, "the uncertainty");
    for (size_t i = 0; i < stride; i++) {
        if (t->plain.weights[i] == 0) continue;
        for (size_t j = 0, column = 0; j <= i; j++)
            if (t->plain.weights[j] != 0) full[i * stride + j] = delta * delta * G[row * m + column++];
        row++;
    }
    mlsoap_status status = model_uncertainty_add(tensors, prefix, stride, full, stride, stride, x, error);
    memory_free(full);
    return status;
}

/* Triangles of the uncertainty and features of isolated atoms as tensors. */
static mlsoap_status add_uncertainty(const sparse_gp_fit *f, const double *R, double shift, fit_result *result,
                                     mlsoap_error *error)
{
    const kernel_term *basis = &f->basis.terms[0];
    const uncertainty_points *points = &f->uncertainty;
    bool linear = f->terms[0].linear;
    gp_uncertainty u = {{0}};
    mlsoap_status status = linear ? linear_uncertainty_new(&u, basis, R, error)
                                  : gp_uncertainty_new(&u, points, basis, R, f->regression.K, shift, error);
    for (int z = 1; z < KERNEL_KINDS && !status; z++) {
        char prefix[PREFIX_SIZE];
        size_t n = points->n[z], stride = basis->features->stride;
        const double *x = basis->isolated_x[z];
        if (basis->n_points[z] == 0) continue;
        make_prefix(prefix, 0, z);
        status = linear ? add_padded_triangle(f, prefix, u.G[z], x, &result->tensors, error)
                        : model_uncertainty_add(&result->tensors, prefix, n + 1, u.G[z], n + 1, stride, x, error);
    }
    gp_uncertainty_release(&u);
    result->has_uncertainty = !status;
    return status;
}

/* --------------------------------------------------------------------------------------------------------- weights */

/* The weights of a kind of a linear model as tensors: k(x, e_i) = delta^2 x_i. */
static mlsoap_status add_weights(const sparse_gp_fit *f, size_t i_term, int z, const double *alpha, tensor_set *tensors,
                                 mlsoap_error *error)
{
    const gp_term *t = &f->terms[i_term];
    const kernel_term *basis = &f->basis.terms[i_term];
    size_t stride = t->plain.stride, column = basis->first_column[z];
    double delta = basis->settings.delta, *w = MEMORY_NEW(double, stride);
    char prefix[PREFIX_SIZE];
    if (!w) return status_no_memory(error, stride * sizeof *w, "the weights");
    for (size_t k = 0; k < stride; k++)
        if (t->plain.weights[k] != 0) w[k] = delta * delta * alpha[column++];
    make_prefix(prefix, i_term, z);
    mlsoap_status status = linear_add_tensors(tensors, prefix, stride, w, 0, error);
    memory_free(w);
    return status;
}

/* Sparse points and their alpha on the way into the potential. */
typedef struct point_list {
    double *points;  /* [n][stride] */
    double *weights; /* [n] */
    size_t n, capacity_points, capacity_weights;
} point_list;

static mlsoap_status reserve_points(point_list *list, size_t n, size_t stride, mlsoap_error *error)
{
    if (MEMORY_RESERVE(&list->points, &list->capacity_points, n * stride) &&
        MEMORY_RESERVE(&list->weights, &list->capacity_weights, n))
        return MLSOAP_SUCCESS;
    return status_no_memory(error, n * (stride + 1) * sizeof(double), "sparse points");
}

/* All M sparse points of a kind, those of the uncertainty first. */
static mlsoap_status order_points(const sparse_gp_fit *f, size_t i_term, int z, const double *alpha, point_list *list,
                                  mlsoap_error *error)
{
    const kernel_term *basis = &f->basis.terms[i_term];
    size_t m = basis->n_points[z], stride = basis->features->stride, n = f->uncertainty.n[z];
    bool *taken = MEMORY_NEW(bool, m);
    mlsoap_status status =
        taken ? reserve_points(list, m, stride, error) : status_no_memory(error, m * sizeof *taken, "sparse points");
    for (size_t k = 0; k < n + m && !status; k++) {
        size_t s = k < n ? f->uncertainty.index[z][k] : k - n;
        if (taken[s]) continue;
        taken[s] = true;
        memcpy(list->points + list->n * stride, basis->points[z] + s * stride, stride * sizeof(double));
        list->weights[list->n++] = alpha[basis->first_column[z] + s];
    }
    memory_free(taken);
    return status;
}

/* Leading points take the place of all in the energy; those n_uncertainty of the uncertainty stay, with alpha 0. */
static mlsoap_status replace_points(point_list *list, const leading_points *leading, size_t n_uncertainty,
                                    size_t stride, mlsoap_error *error)
{
    mlsoap_status status = reserve_points(list, n_uncertainty + leading->n, stride, error);
    if (status) return status;
    memset(list->weights, 0, n_uncertainty * sizeof(double));
    memcpy(list->weights + n_uncertainty, leading->alpha, leading->n * sizeof(double));
    memcpy(list->points + n_uncertainty * stride, leading->points, leading->n * stride * sizeof(double));
    list->n = n_uncertainty + leading->n;
    return MLSOAP_SUCCESS;
}

/* What the potential stores of a kind of a sparse GP, as tensors. */
static mlsoap_status add_points(sparse_gp_fit *f, size_t i_term, int z, const double *alpha, tensor_set *tensors,
                                mlsoap_error *error)
{
    const kernel_term *basis = &f->basis.terms[i_term];
    gp_term *t = &f->terms[i_term];
    size_t stride = basis->features->stride;
    point_list list = {0};
    leading_points leading = {0};
    char prefix[PREFIX_SIZE];
    mlsoap_status status = order_points(f, i_term, z, alpha, &list, error);
    if (!status)
        status = leading_points_find(&basis->settings, list.n, stride, list.points, list.weights, basis->isolated_x[z],
                                     t->rank, &leading, error);
    if (!status && leading.n > 0) status = replace_points(&list, &leading, f->uncertainty.n[z], stride, error);
    t->n_stored[z] = list.n;
    t->left_out[z] = leading.n > 0 ? leading.left_out : -1;
    leading_points_release(&leading);
    make_prefix(prefix, i_term, z);
    if (!status) status = sparse_gp_add_tensors(tensors, prefix, list.n, stride, list.points, list.weights, error);
    if (!status) status = sparse_gp_add_square_sum(tensors, prefix, &basis->settings, error);
    memory_free(list.points);
    memory_free(list.weights);
    return status;
}

static mlsoap_status add_terms(sparse_gp_fit *f, const double *alpha, tensor_set *tensors, mlsoap_error *error)
{
    mlsoap_status status = MLSOAP_SUCCESS;
    for (size_t i = 0; i < f->n_terms; i++)
        for (int z = 0; z < KERNEL_KINDS && !status; z++)
            if (f->basis.terms[i].n_points[z])
                status = f->terms[i].linear ? add_weights(f, i, z, alpha, tensors, error)
                                            : add_points(f, i, z, alpha, tensors, error);
    return status;
}

mlsoap_status sparse_gp_make_result(sparse_gp_fit *f, const hyperparameters *h, bool with_validation,
                                    bool with_uncertainty, fit_result *result, mlsoap_error *error)
{
    const regression *r = &f->regression;
    double weight[N_FRAME_TARGETS], *U = NULL, *R = NULL, *alpha = MEMORY_NEW(double, r->n);
    memset(result, 0, sizeof *result);
    hyperparameters_weights(h, f->search.scale, weight);
    mlsoap_status status = alpha ? MLSOAP_SUCCESS : status_no_memory(error, r->n * sizeof *alpha, "the solution");
    if (!status) status = regression_prior(r, h->jitter, &U, error);
    if (!status) status = regression_triangle(r, weight, U, with_validation, &R, error);
    if (!status) status = regression_solve(r, R, alpha, error);
    memory_free(R);
    R = NULL;
    if (!status && with_uncertainty) status = uncertainty_triangle(f, h, U, alpha, with_validation, &R, error);
    if (!status) status = add_terms(f, alpha, &result->tensors, error);
    if (!status && with_uncertainty) status = add_uncertainty(f, R, regression_shift(r, 0, h->jitter), result, error);
    if (!status && !(result->terms = terms_json(f)))
        status = status_no_memory(error, 1024, "the description of the fit");
    memory_free(U);
    memory_free(R);
    memory_free(alpha);
    if (status) fit_result_release(result);
    return status;
}
