/* SPDX-License-Identifier: BSD-3-Clause */
/* Residuals and Jacobian; see network_residuals.h. Every center has one row of inputs for its energy and one for each
 * direction (pair, axis); a pass over these rows gives eps, f_ij = g . dz/dr_ij and their gradients q. */
#include "solvers/network/network_residuals.h"

#include "core/memory.h"
#include "solvers/tall_qr.h"

#include <cblas.h>
#include <math.h>
#include <string.h>

/* The rows of one center. */
typedef struct center {
    int kind;
    size_t n_rows;   /* 1 + 3 pairs, or 1 */
    double *z, *x;   /* [stride] z - b, [K] P^T (z - b) */
    double *dz, *dx; /* [n_rows - 1][stride], [n_rows - 1][K] */
    double *share;   /* [n_rows] of the isolated atom, and its derivatives */
} center;

typedef struct item {
    const network_frame *f;
    center *centers; /* [n_centers] */
    bool with_derivatives;
} item;

struct network_residuals {
    const network_form *form;
    double lambda[N_FRAME_TARGETS];
    item *items;
    size_t n;
    center isolated[NETWORK_KINDS];
    network_folded folded[NETWORK_KINDS];
    network_rows rows;  /* of one center */
    double *q;          /* [largest n_rows][n_parameters] gradients of one center */
    double *value;      /* [largest n_rows] eps, then f */
    double *J;          /* [1 + 3 n_atoms + 6][n_parameters + 1] of one frame */
    double *isolated_q; /* [n_kinds][n_parameters] */
    double isolated_eps[NETWORK_KINDS];
    size_t largest_rows, largest_atoms;
};

static void center_release(center *c)
{
    memory_free(c->z);
    memory_free(c->x);
    memory_free(c->dz);
    memory_free(c->dx);
    memory_free(c->share);
}

void network_residuals_free(network_residuals *r)
{
    if (!r) return;
    for (size_t i = 0; i < r->n; i++) {
        for (size_t k = 0; k < r->items[i].f->n_centers && r->items[i].centers; k++)
            center_release(&r->items[i].centers[k]);
        memory_free(r->items[i].centers);
    }
    for (int z = 0; z < NETWORK_KINDS; z++) center_release(&r->isolated[z]);
    memory_free(r->items);
    network_folded_release(r->folded);
    network_rows_release(&r->rows);
    memory_free(r->q);
    memory_free(r->value);
    memory_free(r->J);
    memory_free(r->isolated_q);
    memory_free(r);
}

/* ---------------------------------------------------------------------------------------------------------- inputs */

/* x = P^T z of n rows */
static void project(const network_kind *k, size_t n, size_t stride, const double *z, double *x)
{
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)n, (int)k->n_inputs, (int)stride, 1, z, (int)stride,
                k->P, (int)k->n_inputs, 0, x, (int)k->n_inputs);
}

static mlsoap_status allocate_center(const network_form *form, center *c, mlsoap_error *error)
{
    size_t stride = form->features->stride, K = form->kinds[c->kind].n_inputs, n = c->n_rows - 1;
    c->z = MEMORY_NEW(double, stride);
    c->x = MEMORY_NEW(double, K);
    c->dz = memory_new(n, stride * sizeof(double));
    c->dx = memory_new(n, K * sizeof(double));
    c->share = MEMORY_NEW(double, c->n_rows);
    if (c->z && c->x && c->dz && c->dx && c->share) return MLSOAP_SUCCESS;
    return status_no_memory(error, n * (stride + K) * sizeof(double), "the inputs of a network");
}

static mlsoap_status fill_center(const network_form *form, feature_worker *w, const network_frame *f, size_t i,
                                 bool with_derivatives, center *c, mlsoap_error *error)
{
    size_t stride = form->features->stride, start = (size_t)f->first[i], n_pairs = (size_t)f->first[i + 1] - start;
    const network_kind *k = &form->kinds[f->center_species[i]];
    int first[2] = {0, (int)n_pairs};
    mlsoap_environments view = {
        sizeof view, 1, f->center_species + i, first, f->species + start, f->dx + start, f->dy + start, f->dz + start};
    *c = (center){.kind = f->center_species[i], .n_rows = 1 + (with_derivatives ? 3 * n_pairs : 0)};
    mlsoap_status status = allocate_center(form, c, error);
    if (!status) status = feature_worker_reserve(w, n_pairs, error);
    if (status) return status;
    w->block = view;
    w->block.first = w->block_first;
    w->block_first[0] = 0;
    w->block_first[1] = (int)n_pairs;
    feature_block_values(w, &w->block, c->z);
    double inverse = sparse_gp_transform(&form->transform, stride, form->features->weights, c->z, c->z);
    if (with_derivatives) status = feature_worker_jacobian(w, c->dz, error);
    for (size_t d = 0; d + 1 < c->n_rows && !status; d++) {
        double *row = c->dz + d * stride;
        sparse_gp_transform_tangent(&form->transform, stride, form->features->weights, c->z, inverse, row, row);
    }
    for (size_t g = 0; g < stride; g++) c->z[g] -= k->mean[g];
    project(k, 1, stride, c->z, c->x);
    project(k, c->n_rows - 1, stride, c->dz, c->dx);
    c->share[0] = network_share(form, c->kind, c->z);
    for (size_t d = 0; d + 1 < c->n_rows; d++) c->share[d + 1] = network_share_slope(form, c->kind, c->dz + d * stride);
    return status;
}

static mlsoap_status fill_isolated(network_residuals *r, mlsoap_error *error)
{
    const network_form *form = r->form;
    for (int i = 0; i < form->n_kinds; i++) {
        int z = form->present[i];
        const network_kind *k = &form->kinds[z];
        center *c = &r->isolated[z];
        if (!k->isolated) continue;
        *c = (center){.kind = z, .n_rows = 1};
        mlsoap_status status = allocate_center(form, c, error);
        if (status) return status;
        memcpy(c->z, k->isolated, form->features->stride * sizeof(double));
        project(k, 1, form->features->stride, c->z, c->x);
    }
    return MLSOAP_SUCCESS;
}

static mlsoap_status fill_frames(network_residuals *r, const network_frames *frames, const size_t *chosen, size_t n,
                                 mlsoap_error *error)
{
    feature_worker w;
    mlsoap_status status = feature_worker_new(&w, r->form->features, error);
    if (status) return status;
    for (size_t i = 0; i < n && !status; i++) {
        const network_frame *f = &frames->items[chosen ? chosen[i] : i];
        item *it = &r->items[r->n++];
        const double *c = f->coefficient;
        *it = (item){.f = f, .centers = MEMORY_NEW(center, f->n_centers)};
        it->with_derivatives =
            r->lambda[TARGET_FORCES] * c[TARGET_FORCES] > 0 || r->lambda[TARGET_VIRIAL] * c[TARGET_VIRIAL] > 0;
        if (!it->centers) status = status_no_memory(error, f->n_centers * sizeof(center), "the inputs of a network");
        for (size_t k = 0; k < f->n_centers && !status; k++) {
            status = fill_center(r->form, &w, f, k, it->with_derivatives, &it->centers[k], error);
            if (it->centers[k].n_rows > r->largest_rows) r->largest_rows = it->centers[k].n_rows;
        }
        if (f->n_atoms > r->largest_atoms) r->largest_atoms = f->n_atoms;
    }
    feature_worker_release(&w);
    return status;
}

mlsoap_status network_residuals_new(const network_form *form, const network_frames *frames, const size_t *chosen,
                                    size_t n, const double lambda[N_FRAME_TARGETS], network_residuals **out,
                                    mlsoap_error *error)
{
    *out = NULL;
    network_residuals *r = MEMORY_NEW(network_residuals, 1);
    if (!r) return status_no_memory(error, sizeof *r, "residuals");
    *r = (network_residuals){.form = form, .items = MEMORY_NEW(item, n), .largest_rows = 1};
    memcpy(r->lambda, lambda, sizeof r->lambda);
    mlsoap_status status = r->items ? MLSOAP_SUCCESS : status_no_memory(error, n * sizeof(item), "residuals");
    if (!status) status = fill_frames(r, frames, chosen, n, error);
    if (!status) status = fill_isolated(r, error);
    if (!status) status = network_folded_new(form, r->folded, error);
    if (!status) status = network_rows_new(form, r->largest_rows, &r->rows, error);
    size_t m = form->n_parameters;
    r->q = memory_new(r->largest_rows, m * sizeof(double));
    r->value = MEMORY_NEW(double, r->largest_rows);
    r->J = memory_new(7 + 3 * r->largest_atoms, (m + 1) * sizeof(double));
    r->isolated_q = memory_new((size_t)form->n_kinds, m * sizeof(double));
    if (!status && (!r->q || !r->value || !r->J || !r->isolated_q))
        status = status_no_memory(error, r->largest_rows * m * sizeof(double), "residuals");
    if (status)
        network_residuals_free(r);
    else
        *out = r;
    return status;
}

void network_residuals_cost(const network_form *form, const network_frames *frames, double *bytes, double *products)
{
    double directions = 0, rows = 0, m = (double)form->n_parameters;
    for (size_t c = 0; c < frames->n; c++) {
        const network_frame *f = &frames->items[c];
        directions += 3.0 * f->first[f->n_centers] + (double)f->n_centers;
        rows += 7 + 3 * (double)f->n_atoms;
    }
    *bytes = 16 * directions * (double)form->features->stride;
    *products = directions * m * 10 + rows * m * m * 2;
}

/* -------------------------------------------------------------------------------------------------------- Jacobian */

/* value[0] = eps, value[1 + d] = d eps along direction d, and the gradients q of all. */
static void evaluate_center(network_residuals *r, const double *theta, const center *c, bool gradients)
{
    const network_form *form = r->form;
    const network_kind *k = &form->kinds[c->kind];
    network_rows *rows = &r->rows;
    size_t stride = form->features->stride, m = form->n_parameters, n1 = (size_t)form->n_hidden[0], K = k->n_inputs;
    int top = form->n_layers - 1;
    size_t width_1 = (n1 + 7) / 8 * 8, width = ((size_t)form->n_hidden[top] + 7) / 8 * 8;
    for (size_t i = 0; i < c->n_rows; i++) memcpy(rows->z + i * stride, c->z, stride * sizeof(double));
    memset(rows->dz, 0, stride * sizeof(double));
    memcpy(rows->dz + stride, c->dz, (c->n_rows - 1) * stride * sizeof(double));
    network_forward(form, c->kind, theta, &r->folded[c->kind], rows, 0, c->n_rows, true, NULL);
    for (size_t i = 0; i < c->n_rows; i++) rows->e[i] = i == 0;
    network_tangent(form, c->kind, theta, &r->folded[c->kind], rows, 0, c->n_rows, true);
    for (size_t i = 0; i < c->n_rows; i++) {
        const double *dx = i > 0 ? c->dx + (i - 1) * K : NULL;
        double sum = cblas_ddot(form->n_hidden[top], rows->hdot[top] + i * width, 1, theta + k->output, 1);
        if (dx && form->linear_skip) sum += cblas_ddot((int)K, dx, 1, theta + k->skip, 1);
        r->value[i] = i == 0 ? rows->eps[0] : form->scale * sum;
        if (!gradients) continue;
        double *q = r->q + i * m;
        memset(q, 0, m * sizeof *q);
        network_gradient_rest(form, c->kind, rows, i, i + 1, q);
        const double *ubar = rows->ubar[0] + i * width_1, *d = rows->d[0] + i * width_1;
        for (size_t f = 0; f < K; f++) {
            for (size_t j = 0; j < n1; j++) q[k->weights[0] + f * n1 + j] = c->x[f] * ubar[j] + (dx ? dx[f] * d[j] : 0);
            if (form->linear_skip) q[k->skip + f] = form->scale * (i == 0 ? c->x[f] : dx[f]);
        }
    }
}

/* Subtract the shares of the isolated atom from what evaluate_center gave. */
static void subtract_isolated(network_residuals *r, const center *c, bool gradients)
{
    size_t m = r->form->n_parameters, which = 0;
    if (!r->form->kinds[c->kind].isolated) return;
    while (r->form->present[which] != c->kind) which++;
    for (size_t i = 0; i < c->n_rows; i++) {
        r->value[i] -= c->share[i] * r->isolated_eps[c->kind];
        if (gradients) cblas_daxpy((int)m, -c->share[i], r->isolated_q + which * m, 1, r->q + i * m, 1);
    }
}

/* Rows of a frame in J: energy, forces, virial; the last column is the prediction. */
typedef struct frame_rows {
    double *energy, *forces, *virial;
    size_t size;
} frame_rows;

static void add_row(const network_residuals *r, double *row, double factor, size_t i, bool gradients)
{
    size_t m = r->form->n_parameters;
    row[m] += factor * r->value[i];
    for (size_t p = 0; p < m && gradients; p++) row[p] += factor * r->q[i * m + p];
}

static void add_center(network_residuals *r, const network_frame *f, size_t i_center, frame_rows *rows, bool gradients)
{
    static const int strain_a[6] = {0, 1, 2, 0, 0, 1}, strain_b[6] = {0, 1, 2, 1, 2, 2};
    int atom = f->center_atom[i_center];
    for (int j = f->first[i_center]; j < f->first[i_center + 1]; j++) {
        double x[3] = {f->dx[j], f->dy[j], f->dz[j]};
        for (int a = 0; a < 3 && f->points; a++) x[a] += f->points[i_center][a];
        for (int a = 0; a < 3; a++) {
            size_t i = 1 + 3 * (size_t)(j - f->first[i_center]) + (size_t)a, alpha = (size_t)a;
            add_row(r, rows->forces + (3 * (size_t)f->atom[j] + alpha) * rows->size, -1, i, gradients);
            if (atom >= 0)
                add_row(r, rows->forces + (3 * (size_t)atom + alpha) * rows->size, 1, i, gradients);
            else if (!f->points)
                for (size_t k = 0; k < f->n_atoms; k++)
                    add_row(r, rows->forces + (3 * k + alpha) * rows->size, 1 / (double)f->n_atoms, i, gradients);
            for (int k = 0; k < 6; k++) {
                double factor = 0;
                if (strain_b[k] == a) factor -= 0.5 * x[strain_a[k]];
                if (strain_a[k] == a) factor -= 0.5 * x[strain_b[k]];
                if (factor != 0) add_row(r, rows->virial + (size_t)k * rows->size, factor, i, gradients);
            }
        }
    }
}

/* Predictions and gradients of a frame become weighted residuals. */
static void weigh(const network_residuals *r, const item *it, frame_rows *rows)
{
    const network_frame *f = it->f;
    const frame *target = f->source->source;
    size_t y = rows->size - 1;
    double scale = sqrt(r->lambda[TARGET_ENERGY] * f->coefficient[TARGET_ENERGY]);
    rows->energy[y] -= scale > 0 ? f->energy : 0;
    cblas_dscal((int)rows->size, scale, rows->energy, 1);
    if (!it->with_derivatives) return;
    for (size_t i = 0; i < f->n_atoms; i++)
        for (size_t a = 0; a < 3; a++) {
            double *row = rows->forces + (3 * i + a) * rows->size;
            scale = sqrt(r->lambda[TARGET_FORCES] * f->coefficient[TARGET_FORCES] *
                         structure_force_weight(&target->structure, i));
            row[y] -= scale > 0 ? target->forces[i][a] : 0;
            cblas_dscal((int)rows->size, scale, row, 1);
        }
    scale = sqrt(r->lambda[TARGET_VIRIAL] * f->coefficient[TARGET_VIRIAL]);
    for (size_t k = 0; k < 6; k++) {
        rows->virial[k * rows->size + y] -= scale > 0 ? target->virial[k] : 0;
        cblas_dscal((int)rows->size, scale, rows->virial + k * rows->size, 1);
    }
}

static size_t evaluate_frame(network_residuals *r, const double *theta, const item *it, bool gradients)
{
    const network_frame *f = it->f;
    size_t m = r->form->n_parameters, n_rows = it->with_derivatives ? 7 + 3 * f->n_atoms : 1;
    frame_rows rows = {r->J, r->J + 7 * (m + 1), r->J + (m + 1), m + 1};
    memset(r->J, 0, n_rows * (m + 1) * sizeof *r->J);
    for (size_t i = 0; i < f->n_centers; i++) {
        const center *c = &it->centers[i];
        evaluate_center(r, theta, c, gradients);
        subtract_isolated(r, c, gradients);
        add_row(r, rows.energy, 1, 0, gradients);
        if (it->with_derivatives) add_center(r, f, i, &rows, gradients);
    }
    weigh(r, it, &rows);
    return n_rows;
}

mlsoap_status network_residuals_evaluate(network_residuals *r, const double *theta, double *square, double *R,
                                         mlsoap_error *error)
{
    const network_form *form = r->form;
    size_t m = form->n_parameters;
    tall_qr *qr = NULL;
    double *triangle = NULL;
    mlsoap_status status = R ? tall_qr_new(m + 1, &qr, error) : MLSOAP_SUCCESS;
    *square = 0;
    for (int i = 0; i < form->n_kinds && !status; i++) {
        int z = form->present[i];
        network_fold(form, z, theta, 0, form->features->stride, &r->folded[z]);
        if (!form->kinds[z].isolated) continue;
        evaluate_center(r, theta, &r->isolated[z], R != NULL);
        r->isolated_eps[z] = r->value[0];
        memcpy(r->isolated_q + (size_t)i * m, r->q, m * sizeof(double));
    }
    for (size_t c = 0; c < r->n && !status; c++) {
        const frame *source = r->items[c].f->source->source;
        size_t n = evaluate_frame(r, theta, &r->items[c], R != NULL);
        for (size_t i = 0; i < n; i++) *square += r->J[i * (m + 1) + m] * r->J[i * (m + 1) + m];
        if (!isfinite(*square))
            status = status_fail(error, MLSOAP_ERROR_NUMERICS,
                                 "%s: frame %zu (line %ld): the loss is not a finite number: look for coinciding atoms",
                                 r->items[c].f->set->files[source->i_file].path, source->index, source->line);
        else if (R)
            status = tall_qr_add(qr, r->J, n, m + 1, 1, error);
    }
    if (!status && R) status = tall_qr_take(qr, &triangle, error);
    if (!status && R) memcpy(R, triangle, (m + 1) * (m + 1) * sizeof *R);
    memory_free(triangle);
    tall_qr_free(qr);
    return status;
}
