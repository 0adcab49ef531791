/* SPDX-License-Identifier: BSD-3-Clause */
/* The public functions on descriptors (mlsoap.h): checks, blocks of DESCRIPTOR_BLOCK centers, and rows without the
 * padding that the descriptors use inside. */
#include "core/elements.h"
#include "core/memory.h"
#include "descriptors/pooling.h"
#include "structure/environments.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

struct mlsoap_descriptor {
    descriptor *inside;
    char is_neighbor[ELEMENT_MAX + 1], is_center[ELEMENT_MAX + 1]; /* by atomic number */
};

struct mlsoap_descriptor_workspace {
    const mlsoap_descriptor *descriptor;
    descriptor_workspace *inside;
    double *rows;                    /* [DESCRIPTOR_BLOCK][stride] */
    int first[DESCRIPTOR_BLOCK + 1]; /* of the block at hand */
    mlsoap_environments block;
};

/* ------------------------------------------------------------------------------------------------- construction */

static mlsoap_status build(json_t *settings, mlsoap_descriptor *d, mlsoap_error *error)
{
    mlsoap_status status = descriptor_new(settings, "", NULL, &d->inside, error);
    if (!status) status = pooling_refuse(d->inside, "", NULL, error);
    if (status) return status;
    for (int i = 0; i < d->inside->n_species; i++) d->is_neighbor[d->inside->species[i]] = 1;
    for (int i = 0; i < d->inside->n_center_species; i++) /* also where its kind is in no density */
        d->is_center[d->inside->center_species[i]] = d->is_neighbor[d->inside->center_species[i]] = 1;
    return MLSOAP_SUCCESS;
}

mlsoap_status mlsoap_descriptor_new(const char *settings, mlsoap_descriptor **out, mlsoap_error *error)
{
    json_error_t place;
    if (!settings || !out)
        return status_fail(error, MLSOAP_ERROR_ARGUMENT, "mlsoap_descriptor_new: an argument is NULL");
    *out = NULL;
    json_t *document = json_loads(settings, JSON_REJECT_DUPLICATES, &place);
    if (!document)
        return status_fail(error, MLSOAP_ERROR_FORMAT,
                           "the settings of the descriptor are not JSON: line %d, column %d: %s", place.line,
                           place.column, place.text);
    mlsoap_descriptor *d = MEMORY_NEW(mlsoap_descriptor, 1);
    mlsoap_status status = d ? build(document, d, error) : status_no_memory(error, sizeof *d, "a descriptor");
    json_decref(document);
    if (status) {
        mlsoap_descriptor_free(d);
        return status;
    }
    *out = d;
    return MLSOAP_SUCCESS;
}

void mlsoap_descriptor_free(mlsoap_descriptor *d)
{
    if (!d) return;
    descriptor_free(d->inside);
    memory_free(d);
}

double mlsoap_descriptor_cutoff(const mlsoap_descriptor *d)
{
    return d->inside->r_cut;
}

size_t mlsoap_descriptor_n_features(const mlsoap_descriptor *d)
{
    return d->inside->n_features;
}

void mlsoap_descriptor_feature_name(const mlsoap_descriptor *d, size_t i_feature, char *text, size_t size)
{
    if (size == 0) return;
    text[0] = '\0';
    if (i_feature < d->inside->n_features) d->inside->class_->feature_name(d->inside, i_feature, text, size);
}

mlsoap_status mlsoap_descriptor_workspace_new(const mlsoap_descriptor *d, mlsoap_descriptor_workspace **out,
                                              mlsoap_error *error)
{
    if (!d || !out)
        return status_fail(error, MLSOAP_ERROR_ARGUMENT, "mlsoap_descriptor_workspace_new: an argument is NULL");
    *out = NULL;
    mlsoap_descriptor_workspace *w = MEMORY_NEW(mlsoap_descriptor_workspace, 1);
    if (!w) return status_no_memory(error, sizeof *w, "the workspace of a descriptor");
    w->descriptor = d;
    w->rows = memory_new(d->inside->stride, DESCRIPTOR_BLOCK * sizeof *w->rows);
    mlsoap_status status =
        w->rows ? d->inside->class_->workspace_new(d->inside, &w->inside, error)
                : status_no_memory(error, d->inside->stride * DESCRIPTOR_BLOCK * sizeof *w->rows, "features");
    if (status) {
        mlsoap_descriptor_workspace_free(w);
        return status;
    }
    *out = w;
    return MLSOAP_SUCCESS;
}

void mlsoap_descriptor_workspace_free(mlsoap_descriptor_workspace *w)
{
    if (!w) return;
    if (w->inside) w->descriptor->inside->class_->workspace_free(w->inside);
    memory_free(w->rows);
    memory_free(w);
}

/* ------------------------------------------------------------------------------------------------------- checks */

static int is_in(const char listed[ELEMENT_MAX + 1], int number)
{
    return number >= 1 && number <= ELEMENT_MAX && listed[number];
}

static mlsoap_status fail_element(const char *what, int i, int number, mlsoap_error *error)
{
    const char *symbol = element_symbol(number);
    return status_fail(
        error, MLSOAP_ERROR_SPECIES,
        "%s %d has atomic number %d (%s), which the settings of the descriptor do not list; add it there "
        "or leave the atom out",
        what, i, number, symbol ? symbol : "not an element");
}

static mlsoap_status check(const mlsoap_descriptor *d, const mlsoap_descriptor_workspace *w,
                           const mlsoap_environments *e, const void *in_or_out, mlsoap_error *error)
{
    if (!d || !w || !e || (!in_or_out && e->n_centers > 0))
        return status_fail(error, MLSOAP_ERROR_ARGUMENT, "describing environments: an argument is NULL");
    if (w->descriptor != d)
        return status_fail(error, MLSOAP_ERROR_ARGUMENT, "the workspace belongs to another descriptor");
    mlsoap_status status = environments_check(e, error);
    if (status) return status;
    for (int i = 0; i < e->n_centers && d->inside->centers_are_atoms; i++)
        if (!is_in(d->is_center, e->center_species[i])) return fail_element("center", i, e->center_species[i], error);
    for (int i = 0; e->n_centers > 0 && i < e->first[e->n_centers]; i++)
        if (!is_in(d->is_neighbor, e->species[i])) return fail_element("neighbor", i, e->species[i], error);
    return MLSOAP_SUCCESS;
}

/* ------------------------------------------------------------------------------------------------------- blocks */

/* Centers i ... of e into w->block, and their features into w->rows. */
static mlsoap_status describe_block(mlsoap_descriptor_workspace *w, const mlsoap_environments *e, int i,
                                    mlsoap_error *error)
{
    const descriptor *d = w->descriptor->inside;
    int n = e->n_centers - i < DESCRIPTOR_BLOCK ? e->n_centers - i : DESCRIPTOR_BLOCK, start = e->first[i];
    for (int k = 0; k <= n; k++) w->first[k] = e->first[i + k] - start;
    int any = w->first[n] > 0; /* arrays of no neighbors may be NULL */
    w->block = (mlsoap_environments){.size = sizeof w->block,
                                     .n_centers = n,
                                     .center_species = e->center_species + i,
                                     .first = w->first,
                                     .species = any ? e->species + start : NULL,
                                     .dx = any ? e->dx + start : NULL,
                                     .dy = any ? e->dy + start : NULL,
                                     .dz = any ? e->dz + start : NULL};
    mlsoap_status status = d->class_->workspace_reserve(d, w->inside, (size_t)w->first[n], error);
    if (status) return status;
    d->class_->values(d, w->inside, &w->block, w->rows, d->stride);
    for (int k = 0; k < n; k++)
        for (size_t f = 0; f < d->n_features; f++)
            if (!isfinite(w->rows[(size_t)k * d->stride + f]))
                return status_fail(error, MLSOAP_ERROR_NUMERICS,
                                   "feature %zu of center %d is %g; look for positions that are not numbers", f, i + k,
                                   w->rows[(size_t)k * d->stride + f]);
    return MLSOAP_SUCCESS;
}

mlsoap_status mlsoap_describe_environments(const mlsoap_descriptor *d, mlsoap_descriptor_workspace *w,
                                           const mlsoap_environments *e, double *values, double *derivatives,
                                           mlsoap_error *error)
{
    mlsoap_status status = check(d, w, e, values, error);
    for (int i = 0; !status && i < e->n_centers; i += DESCRIPTOR_BLOCK) {
        const descriptor *own = d->inside;
        size_t n = own->n_features;
        status = describe_block(w, e, i, error);
        for (int k = 0; !status && k < w->block.n_centers; k++) {
            memcpy(values + (size_t)(i + k) * n, w->rows + (size_t)k * own->stride, n * sizeof *values);
            if (derivatives)
                own->class_->jacobian(own, w->inside, &w->block, k, derivatives + 3 * (size_t)e->first[i + k] * n, n);
        }
    }
    return status;
}

mlsoap_status mlsoap_describe_adjoint(const mlsoap_descriptor *d, mlsoap_descriptor_workspace *w,
                                      const mlsoap_environments *e, const double *dE_dD, double *dE_dr,
                                      mlsoap_error *error)
{
    mlsoap_status status = check(d, w, e, dE_dD, error);
    if (!status && e->n_centers > 0 && e->first[e->n_centers] > 0 && !dE_dr)
        status = status_fail(error, MLSOAP_ERROR_ARGUMENT, "mlsoap_describe_adjoint: dE_dr is NULL");
    for (int i = 0; !status && i < e->n_centers; i += DESCRIPTOR_BLOCK) {
        const descriptor *own = d->inside;
        size_t n = own->n_features, n_pairs;
        status = describe_block(w, e, i, error);
        if (status) break;
        n_pairs = (size_t)w->first[w->block.n_centers];
        for (size_t k = 0; k < (size_t)w->block.n_centers; k++)
            memcpy(w->rows + k * own->stride, dE_dD + ((size_t)i + k) * n, n * sizeof *dE_dD);
        if (n_pairs == 0) continue;
        double *to = dE_dr + 3 * (size_t)e->first[i];
        memset(to, 0, 3 * n_pairs * sizeof *to);
        own->class_->adjoint(own, w->inside, &w->block, w->rows, own->stride, to);
    }
    return status;
}
