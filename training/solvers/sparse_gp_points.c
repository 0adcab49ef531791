/* SPDX-License-Identifier: BSD-3-Clause */
/* Kernels and points of the terms of a fit; see sparse_gp_state.h. */
#include "core/elements.h"
#include "core/memory.h"
#include "solvers/kernel_state.h"
#include "solvers/sparse_gp_state.h"

#include <string.h>

static mlsoap_status read_linear(sparse_gp_fit *f, size_t i, mlsoap_error *error)
{
    const feature_set *features = &f->base.problem->terms[i].features;
    gp_term *t = &f->terms[i];
    kernel_term *basis = &f->basis.terms[i];
    t->linear = true;
    t->plain = *features;
    t->plain.weights = MEMORY_NEW(double, features->stride);
    basis->unit = MEMORY_NEW(int, features->stride);
    if (!t->plain.weights || !basis->unit)
        return status_no_memory(error, features->stride * sizeof(double), "feature weights");
    for (size_t k = 0; k < features->stride; k++) {
        t->plain.weights[k] = features->weights[k] != 0;
        if (features->weights[k] != 0) basis->unit[t->n_sparse++] = (int)k;
    }
    basis->features = &t->plain;
    basis->settings = (sparse_gp_settings){
        .zeta = 1, .normalized = schema_boolean(t->keys, "normalized"), .delta = schema_real(t->keys, "delta")};
    return MLSOAP_SUCCESS;
}

mlsoap_status sparse_gp_read_term(sparse_gp_fit *f, size_t i, mlsoap_error *error)
{
    gp_term *t = &f->terms[i];
    kernel_term *basis = &f->basis.terms[i];
    const json_t *constant = json_object_get(t->keys, "constant");
    if (strcmp(schema_text(t->keys, "type"), "linear") == 0) return read_linear(f, i, error);
    basis->features = &f->base.problem->terms[i].features;
    basis->settings = (sparse_gp_settings){.zeta = (int)schema_integer(t->keys, "zeta"),
                                           .normalized = schema_boolean(t->keys, "normalized"),
                                           .constant = json_is_number(constant) ? json_number_value(constant) : 0,
                                           .delta = schema_real(t->keys, "delta")};
    t->n_sparse = (size_t)schema_integer(t->keys, "n_sparse");
    const json_t *rank = json_object_get(t->keys, "rank");
    t->rank = json_is_integer(rank)          ? (size_t)json_integer_value(rank)
              : schema_is_text(rank, "full") ? LEADING_POINTS_NONE
                                             : LEADING_POINTS_AUTO;
    if (json_is_integer(rank) && (json_is_string(constant) || !leading_points_serve(&basis->settings))) {
        const config *c = f->base.problem->config;
        char path[CONFIG_TERM_PATH];
        config_term_path(c->root, i, path);
        return schema_fail(&c->source, path, "rank", error,
                           "is for zeta 2 without constant, whose energy is a quadratic form; leave it away, or set "
                           "zeta: 2 and constant: 0");
    }
    return MLSOAP_SUCCESS;
}

/* Centers of this kind have columns that the potential which is trained further has, in the new data or not. */
static bool is_stored(const fit_problem *p, const feature_set *features, int z)
{
    return p->from && element_position(p->elements, p->n_elements, z) >= 0 && feature_set_serves(features, z);
}

static mlsoap_status count_term(sparse_gp_fit *f, size_t i, mlsoap_error *error)
{
    const fit_problem *p = f->base.problem;
    const feature_set *features = &p->terms[i].features;
    gp_term *t = &f->terms[i];
    mlsoap_status status = environments_count(features, &p->data->train, &t->counts, error);
    for (int z = 0; z < KERNEL_KINDS && !status; z++) {
        bool stored = is_stored(p, features, z);
        bool all = stored || (t->linear && t->counts.n[z] > 0) || t->counts.n[z] > t->n_sparse;
        t->n_most[z] = all ? t->n_sparse : t->counts.n[z];
    }
    return status;
}

mlsoap_status sparse_gp_count_centers(sparse_gp_fit *f, mlsoap_error *error)
{
    const fit_problem *p = f->base.problem;
    mlsoap_status status = MLSOAP_SUCCESS;
    char path[CONFIG_TERM_PATH];
    for (size_t i = 0; i < f->n_terms && !status; i++) status = count_term(f, i, error);
    for (size_t i = 0; i < f->n_terms && !status; i++) {
        if (f->terms[i].counts.n_centers > 0) continue;
        if (!p->from || sparse_gp_most_centers(f) == 0) return fit_fail_centers(p, i, error);
        config_term_path(p->config->root, i, path);
        training_log_text(p->log, "%s: the new data hold no center of its descriptors: it rests on the data of %s",
                          path, p->from->path);
    }
    return status;
}

size_t sparse_gp_most_centers(const sparse_gp_fit *f)
{
    size_t n = 0;
    for (size_t i = 0; i < f->n_terms; i++)
        if (f->terms[i].counts.n_centers > n) n = f->terms[i].counts.n_centers;
    return n;
}

/* Unit vectors: the columns are the features of each kind of center. */
static mlsoap_status unit_points(sparse_gp_fit *f, size_t i, mlsoap_error *error)
{
    const fit_problem *p = f->base.problem;
    const gp_term *t = &f->terms[i];
    kernel_term *basis = &f->basis.terms[i];
    size_t stride = t->plain.stride;
    for (int z = 0; z < KERNEL_KINDS; z++) {
        if (t->counts.n[z] == 0 && !is_stored(p, &t->plain, z)) continue;
        basis->points[z] = memory_new(t->n_sparse, stride * sizeof(double));
        if (!basis->points[z]) return status_no_memory(error, t->n_sparse * stride * sizeof(double), "the unknowns");
        for (size_t k = 0; k < stride; k++)
            if (t->plain.weights[k] != 0) basis->points[z][basis->n_points[z]++ * stride + k] = 1;
        training_log_text(p->log, "linear: %s %zu features in %zu environments", element_symbol(z), t->n_sparse,
                          t->counts.n[z]);
    }
    return MLSOAP_SUCCESS;
}

static mlsoap_status select_points(sparse_gp_fit *f, size_t i, mlsoap_error *error)
{
    const fit_problem *p = f->base.problem;
    const gp_term *t = &f->terms[i];
    kernel_term *basis = &f->basis.terms[i];
    const char *method = schema_text(t->keys, "selection");
    progress *bar = training_log_progress(p->log, "descriptors", t->counts.n_centers / (size_t)parallel_size(p->ranks));
    mlsoap_status status =
        sparse_points_choose(basis, &p->data->train, &t->counts, method, t->n_sparse,
                             json_is_string(json_object_get(t->keys, "constant")), p->ranks, bar, error);
    progress_end(bar);
    for (int z = 0; z < KERNEL_KINDS && !status; z++)
        if (t->counts.n[z])
            training_log_text(p->log, "sparse points: %s %zu of %zu environments (%s)%s", element_symbol(z),
                              basis->n_points[z], t->counts.n[z], method,
                              basis->n_points[z] < t->n_sparse && basis->n_points[z] < t->counts.n[z]
                                  ? "; all others repeat these"
                                  : "");
    return status;
}

/* Of the terms that are GPs, where no checkpoint has them. */
static mlsoap_status new_points(sparse_gp_fit *f, mlsoap_error *error)
{
    const fit_problem *p = f->base.problem;
    mlsoap_status status = MLSOAP_SUCCESS;
    bool any = false;
    for (size_t i = 0; i < f->n_terms; i++) any |= !f->terms[i].linear;
    if (any && (p->from || json_object_get(f->terms[0].keys, "sparse_points")))
        return fold_points(p, schema_text(f->terms[0].keys, "sparse_points"), &f->basis, error);
    for (size_t i = 0; i < f->n_terms && !status; i++)
        if (!f->terms[i].linear) status = select_points(f, i, error);
    if (any) training_log_stage(p->log, "sparse points");
    return status;
}

mlsoap_status sparse_gp_choose_points(sparse_gp_fit *f, mlsoap_error *error)
{
    bool found;
    checkpoint *c = f->base.problem->checkpoint;
    mlsoap_status status = points_restore(c, &f->basis, &found, error);
    if (!status && !found) status = new_points(f, error);
    for (size_t i = 0; i < f->n_terms && !status; i++)
        if (f->terms[i].linear) status = unit_points(f, i, error);
    if (!status) status = kernel_basis_finish(&f->basis, error);
    if (!status) status = points_hold(c, &f->basis, error);
    return status ? status : checkpoint_poll(c, error);
}
