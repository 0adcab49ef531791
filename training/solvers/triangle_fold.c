/* SPDX-License-Identifier: BSD-3-Clause */
/* Going on from stored triangles; see triangle_fold.h. */
#include "solvers/triangle_fold.h"

#include "core/elements.h"
#include "solvers/tall_qr.h"

static const char WEIGHTS[] = "weights";

/* X.triangles of a sparse GP with the descriptors of this fit. */
static mlsoap_status open_points(const fit_problem *p, const char *path, checkpoint **file, mlsoap_error *error)
{
    json_t *elements = json_array();
    for (int e = 0; e < p->n_elements; e++)
        json_array_append_new(elements, json_string(element_symbol(p->elements[e])));
    json_t *description = json_pack("{s:o, s:O, s:[{s:{s:s}, s:O}]}", "elements", elements, "descriptors",
                                    json_object_get(p->config->root, "descriptors"), "terms", "model", "type",
                                    "sparse_gp", "descriptors", p->terms[0].descriptor_names);
    mlsoap_status status = description ? origin_triangles(path, description, file, error)
                                       : status_no_memory(error, 4096, "the sparse points");
    json_decref(description);
    return status;
}

static size_t count_points(const kernel_basis *basis)
{
    size_t n = 0;
    for (size_t i = 0; i < basis->n_terms; i++)
        for (int z = 0; z < KERNEL_KINDS; z++) n += basis->terms[i].n_points[z];
    return n;
}

mlsoap_status fold_points(const fit_problem *p, const char *path, kernel_basis *basis, mlsoap_error *error)
{
    checkpoint *file = NULL;
    bool found = false;
    mlsoap_status status = MLSOAP_SUCCESS;
    if (p->from) {
        status = points_restore(p->from->triangles, basis, &found, error);
    } else {
        status = open_points(p, path, &file, error);
        if (!status) status = checkpoint_resume(file, &found, error);
        if (!status && found) status = points_restore(file, basis, &found, error);
    }
    checkpoint_free(file);
    if (!status && !found)
        status = status_fail_at(error, MLSOAP_ERROR_VALUE, p->from ? p->from->path : path, 0,
                                "there are no sparse points: X.triangles of a sparse GP is needed "
                                "(model.keep_triangles)");
    if (!status) training_log_text(p->log, "sparse points: %zu as given", count_points(basis));
    return status;
}

/* Rows of another part into the triangles of this one; `from` is used up. */
static mlsoap_status fold_part(regression_part *into, regression_part *from, size_t n, mlsoap_error *error)
{
    mlsoap_status status = MLSOAP_SUCCESS;
    for (int t = 0; t < N_FRAME_TARGETS && !status; t++) {
        if (!from->R[t]) continue;
        if (into->R[t]) {
            status = r_merge(into->R[t], from->R[t], n + 1, error);
        } else {
            into->R[t] = from->R[t];
            from->R[t] = NULL;
        }
        into->n_rows[t] += from->n_rows[t];
        into->weight[t] += from->weight[t];
    }
    return status;
}

mlsoap_status fold_rows(const fit_origin *from, regression *r, fold_weights *old, mlsoap_error *error)
{
    const checkpoint_part part = {old, sizeof *old};
    regression before = {.n = r->n};
    bool found;
    mlsoap_status status = checkpoint_read(from->triangles, WEIGHTS, &part, 1, &found, error);
    if (!status && found) status = triangles_restore(from->triangles, &before, &found, error);
    if (!status && !found)
        status = status_fail_at(error, MLSOAP_ERROR_FORMAT, checkpoint_path(from->triangles), 0,
                                "there are no triangles in it");
    if (!status) status = fold_part(&r->fit, &before.fit, r->n, error);
    if (!status && old->with_validation) status = fold_part(&r->fit, &before.validation, r->n, error);
    regression_release(&before);
    return status;
}

mlsoap_status fold_hold(checkpoint *file, regression *r, fold_weights *weights, mlsoap_error *error)
{
    const checkpoint_part part = {weights, sizeof *weights};
    mlsoap_status status = triangles_hold(file, r, error);
    return status ? status : checkpoint_hold(file, WEIGHTS, &part, 1, NULL, error);
}
