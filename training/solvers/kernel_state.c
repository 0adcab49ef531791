/* SPDX-License-Identifier: BSD-3-Clause */
/* States of linear fits; see kernel_state.h. */
#include "solvers/kernel_state.h"

#include "core/memory.h"

#include <string.h>

static const char POINTS[] = "points", TRIANGLES[] = "triangles";
enum { HEAD_PARTS = 2, PART_NUMBERS = 2 * N_FRAME_TARGETS };

static mlsoap_status fail_size(const char *name, size_t found, size_t wanted, mlsoap_error *error)
{
    return status_fail(error, MLSOAP_ERROR_FORMAT,
                       "the state `%s` has %zu bytes and this fit needs %zu: it is of another fit, or another version "
                       "of this program",
                       name, found, wanted);
}

/* ---------------------------------------------------------------------------------------------------------- points */

static bool has_chosen_points(const kernel_term *term)
{
    return !term->unit;
}

mlsoap_status points_hold(checkpoint *c, kernel_basis *basis, mlsoap_error *error)
{
    checkpoint_part *parts = MEMORY_NEW(checkpoint_part, basis->n_terms * (HEAD_PARTS + KERNEL_KINDS));
    size_t n = 0;
    if (!parts) return status_no_memory(error, basis->n_terms * KERNEL_KINDS * sizeof *parts, "the checkpoint");
    for (size_t i = 0; i < basis->n_terms; i++) {
        kernel_term *term = &basis->terms[i];
        size_t row = term->features->stride * sizeof(double);
        if (!has_chosen_points(term)) continue;
        parts[n++] = (checkpoint_part){&term->settings, sizeof term->settings};
        parts[n++] = (checkpoint_part){term->n_points, sizeof term->n_points};
        for (int z = 0; z < KERNEL_KINDS; z++) parts[n++] = (checkpoint_part){term->points[z], term->n_points[z] * row};
    }
    mlsoap_status status = n > 0 ? checkpoint_hold(c, POINTS, parts, n, NULL, error) : MLSOAP_SUCCESS;
    memory_free(parts);
    return status;
}

/* The points of a term from the bytes at *at. */
static mlsoap_status read_term(kernel_term *term, const char *bytes, size_t n_bytes, size_t *at, mlsoap_error *error)
{
    const size_t head = sizeof term->settings + sizeof term->n_points;
    size_t row = term->features->stride * sizeof(double), wanted = *at + head;
    if (n_bytes < wanted) return fail_size(POINTS, n_bytes, wanted, error);
    memcpy(&term->settings, bytes + *at, sizeof term->settings);
    memcpy(term->n_points, bytes + *at + sizeof term->settings, sizeof term->n_points);
    for (int z = 0; z < KERNEL_KINDS; z++) wanted += term->n_points[z] * row;
    if (n_bytes < wanted) return fail_size(POINTS, n_bytes, wanted, error);
    bytes += *at + head;
    for (int z = 0; z < KERNEL_KINDS; bytes += term->n_points[z++] * row) {
        if (term->n_points[z] == 0) continue;
        term->points[z] = memory_new(term->n_points[z], row);
        if (!term->points[z]) return status_no_memory(error, term->n_points[z] * row, "sparse points");
        memcpy(term->points[z], bytes, term->n_points[z] * row);
    }
    *at = wanted;
    return MLSOAP_SUCCESS;
}

static mlsoap_status read_points(kernel_basis *basis, const char *bytes, size_t n_bytes, mlsoap_error *error)
{
    size_t at = 0;
    mlsoap_status status = MLSOAP_SUCCESS;
    for (size_t i = 0; i < basis->n_terms && !status; i++)
        if (has_chosen_points(&basis->terms[i])) status = read_term(&basis->terms[i], bytes, n_bytes, &at, error);
    return !status && at != n_bytes ? fail_size(POINTS, n_bytes, at, error) : status;
}

mlsoap_status points_restore(checkpoint *c, kernel_basis *basis, bool *found, mlsoap_error *error)
{
    size_t n = 0;
    const char *bytes = checkpoint_find(c, POINTS, &n);
    *found = bytes != NULL;
    mlsoap_status status = bytes ? read_points(basis, bytes, n, error) : MLSOAP_SUCCESS;
    if (bytes) checkpoint_drop(c, POINTS);
    return status;
}

/* ------------------------------------------------------------------------------------------------------- triangles */

void triangle_parts(double *R, size_t n, checkpoint_part *parts)
{
    for (size_t j = 0; j < n; j++) parts[j] = (checkpoint_part){R + j * n, (j + 1) * sizeof *R};
}

size_t triangle_bytes(size_t n)
{
    return n * (n + 1) / 2 * sizeof(double);
}

double *triangle_new(const char *bytes, size_t n)
{
    double *R = MEMORY_NEW(double, n *n);
    for (size_t j = 0; R && j < n; bytes += (j + 1) * sizeof *R, j++) memcpy(R + j * n, bytes, (j + 1) * sizeof *R);
    return R;
}

mlsoap_status triangles_hold(checkpoint *c, regression *r, mlsoap_error *error)
{
    regression_part *both[2] = {&r->fit, &r->validation};
    size_t m = r->n + 1, n = 0;
    checkpoint_part *parts = MEMORY_NEW(checkpoint_part, 1 + 2 * (2 + N_FRAME_TARGETS * m));
    if (!parts) return status_no_memory(error, 2 * N_FRAME_TARGETS * m * sizeof *parts, "the checkpoint");
    parts[n++] = (checkpoint_part){&r->n, sizeof r->n};
    for (int p = 0; p < 2; p++) {
        parts[n++] = (checkpoint_part){both[p]->n_rows, sizeof both[p]->n_rows};
        parts[n++] = (checkpoint_part){both[p]->weight, sizeof both[p]->weight};
    }
    for (int p = 0; p < 2; p++)
        for (int t = 0; t < N_FRAME_TARGETS; t++) {
            if (!both[p]->R[t]) continue;
            triangle_parts(both[p]->R[t], m, parts + n);
            n += m;
        }
    mlsoap_status status = checkpoint_hold(c, TRIANGLES, parts, n, NULL, error);
    memory_free(parts);
    return status;
}

static mlsoap_status read_triangles(regression *r, const char *bytes, size_t n_bytes, mlsoap_error *error)
{
    regression_part *both[2] = {&r->fit, &r->validation};
    const size_t head = sizeof r->n + 2 * (sizeof r->fit.n_rows + sizeof r->fit.weight);
    size_t n, m = r->n + 1, wanted = head;
    if (n_bytes < head) return fail_size(TRIANGLES, n_bytes, head, error);
    memcpy(&n, bytes, sizeof n);
    bytes += sizeof n;
    for (int p = 0; p < 2; p++) {
        memcpy(both[p]->n_rows, bytes, sizeof both[p]->n_rows);
        bytes += sizeof both[p]->n_rows;
        memcpy(both[p]->weight, bytes, sizeof both[p]->weight);
        bytes += sizeof both[p]->weight;
        for (int t = 0; t < N_FRAME_TARGETS; t++) wanted += both[p]->n_rows[t] ? triangle_bytes(m) : 0;
    }
    if (n != r->n || n_bytes != wanted) return fail_size(TRIANGLES, n_bytes, wanted, error);
    for (int p = 0; p < 2; p++)
        for (int t = 0; t < N_FRAME_TARGETS; t++) {
            if (!both[p]->n_rows[t]) continue;
            if (!(both[p]->R[t] = triangle_new(bytes, m)))
                return status_no_memory(error, m * m * sizeof(double), "a triangle");
            bytes += triangle_bytes(m);
        }
    return MLSOAP_SUCCESS;
}

mlsoap_status triangles_restore(checkpoint *c, regression *r, bool *found, mlsoap_error *error)
{
    size_t n = 0;
    const char *bytes = checkpoint_find(c, TRIANGLES, &n);
    *found = bytes != NULL;
    mlsoap_status status = bytes ? read_triangles(r, bytes, n, error) : MLSOAP_SUCCESS;
    if (bytes) checkpoint_drop(c, TRIANGLES);
    return status;
}
