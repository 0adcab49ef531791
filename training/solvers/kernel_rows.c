/* SPDX-License-Identifier: BSD-3-Clause */
/* Rows of K_NM; see kernel_rows.h. Per center one matrix product of the directional derivatives with all sparse points;
 * images of one atom are merged before it. */
#include "solvers/kernel_rows.h"

#include "core/memory.h"

#include <cblas.h>
#include <math.h>
#include <string.h>

static const size_t strain_a[6] = {0, 1, 2, 0, 0, 1}, strain_b[6] = {0, 1, 2, 1, 2, 2};

mlsoap_status kernel_basis_new(kernel_basis *basis, size_t n_terms, mlsoap_error *error)
{
    *basis = (kernel_basis){.terms = MEMORY_NEW(kernel_term, n_terms), .n_terms = n_terms};
    if (basis->terms) return MLSOAP_SUCCESS;
    basis->n_terms = 0;
    return status_no_memory(error, n_terms * sizeof *basis->terms, "the terms of a model");
}

void kernel_basis_release(kernel_basis *basis)
{
    for (size_t i = 0; i < basis->n_terms; i++) {
        kernel_term *term = &basis->terms[i];
        for (int z = 0; z < KERNEL_KINDS; z++) {
            memory_free(term->points[z]);
            memory_free(term->isolated_x[z]);
            memory_free(term->isolated[z]);
        }
        memory_free(term->unit);
    }
    memory_free(basis->terms);
    memset(basis, 0, sizeof *basis);
}

/* k(x, x_s) of one row of features, and dk/d(x . x_s); slope NULL: not wanted. */
static void kernel_of(const kernel_term *term, int kind, const double *x, double *k, double *slope)
{
    int m = (int)term->n_points[kind], d = (int)term->features->stride;
    cblas_dgemv(CblasRowMajor, CblasNoTrans, m, d, 1.0, term->points[kind], d, x, 1, 0.0, k, 1);
    sparse_gp_kernel(&term->settings, (size_t)m, k, k, slope);
}

static mlsoap_status finish_term(kernel_term *term, size_t first_column, mlsoap_error *error)
{
    const feature_set *set = term->features;
    feature_worker worker;
    mlsoap_status status = feature_worker_new(&worker, set, error);
    if (status) return status;
    term->n_columns = 0;
    for (int z = 0; z < KERNEL_KINDS && !status; z++) {
        if (term->n_points[z] == 0) continue;
        term->first_column[z] = first_column + term->n_columns;
        term->n_columns += term->n_points[z];
        double *x = term->isolated_x[z] = MEMORY_NEW(double, set->stride);
        term->isolated[z] = MEMORY_NEW(double, term->n_points[z]);
        if (!x || !term->isolated[z])
            status = status_no_memory(error, (set->stride + term->n_points[z]) * sizeof *x, "an isolated atom");
        if (status || z == 0) continue;
        status = feature_worker_isolated(&worker, z, x, error);
        sparse_gp_transform(&term->settings, set->stride, set->weights, x, x);
        kernel_of(term, z, x, term->isolated[z], NULL);
        term->isolated_self[z] = cblas_ddot((int)set->stride, x, 1, x, 1);
        sparse_gp_kernel(&term->settings, 1, &term->isolated_self[z], &term->isolated_self[z], NULL);
    }
    feature_worker_release(&worker);
    return status;
}

mlsoap_status kernel_basis_finish(kernel_basis *basis, mlsoap_error *error)
{
    mlsoap_status status = MLSOAP_SUCCESS;
    basis->n_columns = 0;
    for (size_t i = 0; i < basis->n_terms && !status; basis->n_columns += basis->terms[i++].n_columns)
        status = finish_term(&basis->terms[i], basis->n_columns, error);
    return status;
}

void kernel_basis_row(const kernel_basis *basis, size_t i, double *row)
{
    for (size_t t = 0; t < basis->n_terms; t++) {
        const kernel_term *term = &basis->terms[t];
        for (int z = 0; z < KERNEL_KINDS; z++) {
            size_t first = term->first_column[z], stride = term->features->stride;
            if (term->n_points[z] > 0 && i >= first && i - first < term->n_points[z])
                kernel_of(term, z, term->points[z] + (i - first) * stride, row + first, NULL);
        }
    }
}

void kernel_basis_matrix(const kernel_basis *basis, double *K)
{
    memset(K, 0, basis->n_columns * basis->n_columns * sizeof *K);
    for (size_t i = 0; i < basis->n_columns; i++) kernel_basis_row(basis, i, K + i * basis->n_columns);
    for (size_t i = 0; i < basis->n_columns; i++) /* symmetric to the last bit */
        for (size_t j = 0; j < i; j++) K[j * basis->n_columns + i] = K[i * basis->n_columns + j];
}

static mlsoap_status new_workers(kernel_rows *rows, size_t *stride, mlsoap_error *error)
{
    const kernel_basis *basis = rows->basis;
    rows->workers = MEMORY_NEW(feature_worker, basis->n_terms);
    if (!rows->workers) return status_no_memory(error, basis->n_terms * sizeof *rows->workers, "rows");
    mlsoap_status status = MLSOAP_SUCCESS;
    for (size_t i = 0; i < basis->n_terms && !status; i++) {
        const feature_set *set = basis->terms[i].features;
        if (set->stride > *stride) *stride = set->stride;
        status = feature_worker_new(&rows->workers[i], set, error);
    }
    return status;
}

mlsoap_status kernel_rows_new(kernel_rows *rows, const kernel_basis *basis, mlsoap_error *error)
{
    size_t stride = 0;
    memset(rows, 0, sizeof *rows);
    rows->basis = basis;
    rows->row_size = basis->n_columns + 1;
    mlsoap_status status = new_workers(rows, &stride, error);
    if (!status) {
        rows->energy = MEMORY_NEW(double, rows->row_size);
        rows->virial = MEMORY_NEW(double, 6 * rows->row_size);
        rows->slope = MEMORY_NEW(double, basis->n_columns);
        rows->k = MEMORY_NEW(double, basis->n_columns);
        rows->D = MEMORY_NEW(double, stride);
        rows->x = MEMORY_NEW(double, stride);
        if (!rows->energy || !rows->virial || !rows->slope || !rows->k || !rows->D || !rows->x)
            status = status_no_memory(error, 8 * (basis->n_columns + 1) * sizeof(double), "rows of the kernel matrix");
    }
    if (status) kernel_rows_release(rows);
    return status;
}

void kernel_rows_release(kernel_rows *rows)
{
    for (size_t i = 0; rows->workers && i < rows->basis->n_terms; i++)
        if (rows->workers[i].set) feature_worker_release(&rows->workers[i]);
    memory_free(rows->workers);
    memory_free(rows->energy);
    memory_free(rows->forces);
    memory_free(rows->virial);
    memory_free(rows->D);
    memory_free(rows->x);
    memory_free(rows->jacobian);
    memory_free(rows->directions);
    memory_free(rows->products);
    memory_free(rows->slope);
    memory_free(rows->k);
    memory_free(rows->moving);
    memory_free(rows->slot_of_atom);
    memset(rows, 0, sizeof *rows);
}

double kernel_rows_bytes(double n_columns, double stride, double n_atoms, double n_neighbors)
{
    return 8 * ((3 * n_atoms + 7) * (n_columns + 1) + 6 * n_neighbors * stride +
                (3 * n_neighbors + 7) * (stride + n_columns));
}

/* The atoms that move relative to this center: a neighbor that is an image of the central atom itself does not. */
static mlsoap_status find_moving(kernel_rows *rows, size_t i_center, mlsoap_error *error)
{
    const neighbor_list *list = &rows->worker->list;
    size_t first = (size_t)list->first[i_center], last = (size_t)list->first[i_center + 1];
    rows->n_moving = 0;
    if (!MEMORY_RESERVE(&rows->moving, &rows->capacity_moving, last - first + 1))
        return status_no_memory(error, (last - first) * sizeof(int), "the neighbors of a center");
    for (size_t p = first; p < last; p++) {
        int atom = list->atom[p];
        if (atom == list->center_atom[i_center] || rows->slot_of_atom[atom] >= 0) continue;
        rows->slot_of_atom[atom] = (int)rows->n_moving;
        rows->moving[rows->n_moving++] = atom;
    }
    size_t stride = rows->term->features->stride, n_rows = 3 * rows->n_moving + 7;
    int kind = list->center_species[i_center];
    if (!MEMORY_RESERVE(&rows->jacobian, &rows->capacity_jacobian, 3 * (last - first) * stride) ||
        !MEMORY_RESERVE(&rows->directions, &rows->capacity_directions, n_rows * stride) ||
        !MEMORY_RESERVE(&rows->products, &rows->capacity_products, n_rows * rows->term->n_points[kind]))
        return status_no_memory(error, n_rows * stride * sizeof(double), "derivatives of a descriptor");
    return MLSOAP_SUCCESS;
}

static void add_scaled_row(double *to, double factor, const double *from, size_t n)
{
    for (size_t f = 0; f < n; f++) to[f] += factor * from[f];
}

/* directions = dD along each moving atom and each strain (with the sign of the virial), then dx. */
static void build_directions(kernel_rows *rows, size_t i_center, double inverse_norm)
{
    const neighbor_list *list = &rows->worker->list;
    const feature_set *set = rows->term->features;
    size_t stride = set->stride, n_atom_rows = 3 * rows->n_moving, first = (size_t)list->first[i_center];
    static const double origin[3];
    bool fixed = !set->centers_are_atoms && !set->centers_are_midpoints; /* strain moves the atoms, not the point */
    const double *point = fixed ? rows->worker->points[i_center] : origin;
    double *strains = rows->directions + n_atom_rows * stride;
    memset(rows->directions, 0, (n_atom_rows + 6) * stride * sizeof(double));
    for (size_t p = first; p < (size_t)list->first[i_center + 1]; p++) {
        const double *J = rows->jacobian + 3 * (p - first) * stride;
        double r[3] = {list->dx[p] + point[0], list->dy[p] + point[1], list->dz[p] + point[2]};
        int slot = rows->slot_of_atom[list->atom[p]];
        if (slot >= 0) add_scaled_row(rows->directions + 3 * (size_t)slot * stride, 1, J, 3 * stride);
        for (size_t c = 0; c < 6; c++) { /* both triangles, as the potential averages them */
            size_t a = strain_a[c], b = strain_b[c];
            add_scaled_row(strains + c * stride, -0.5 * r[a], J + b * stride, stride);
            add_scaled_row(strains + c * stride, -0.5 * r[b], J + a * stride, stride);
        }
    }
    for (size_t k = 0; k < n_atom_rows + 6; k++) {
        double *row = rows->directions + k * stride;
        sparse_gp_transform_tangent(&rows->term->settings, stride, set->weights, rows->x, inverse_norm, row, row);
    }
}

/* Add what the center contributes to the rows of the forces: products[k] are dk/dr of moving atoms, times slope. */
static void scatter_forces(kernel_rows *rows, size_t i_center, size_t n_atoms)
{
    const kernel_term *term = rows->term;
    const neighbor_list *list = &rows->worker->list;
    int kind = list->center_species[i_center], center_atom = list->center_atom[i_center];
    size_t m = term->n_points[kind], column = term->first_column[kind];
    double *total = rows->products; /* row 0 */
    for (size_t alpha = 0; alpha < 3; alpha++) {
        memset(total, 0, m * sizeof *total);
        for (size_t k = 0; k < rows->n_moving; k++) {
            const double *product = rows->products + (1 + 3 * k + alpha) * m;
            double *row = rows->forces + (3 * (size_t)rows->moving[k] + alpha) * rows->row_size + column;
            for (size_t s = 0; s < m; s++) {
                double force = rows->slope[s] * product[s];
                row[s] -= force;
                total[s] += force;
            }
        }
        if (center_atom >= 0)
            add_scaled_row(rows->forces + (3 * (size_t)center_atom + alpha) * rows->row_size + column, 1, total, m);
        else if (term->features->centers_are_midpoints)
            for (size_t atom = 0; atom < n_atoms; atom++)
                add_scaled_row(rows->forces + (3 * atom + alpha) * rows->row_size + column, 1 / (double)n_atoms, total,
                               m);
    }
}

/* products [n_rows][M] of rows [n_rows][stride] with the points of a kind. */
static void multiply_points(const kernel_term *term, int kind, const double *rows, size_t n_rows, double *products)
{
    size_t m = term->n_points[kind], d = term->features->stride;
    if (!term->unit) {
        cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)n_rows, (int)m, (int)d, 1.0, rows, (int)d,
                    term->points[kind], (int)d, 0.0, products, (int)m);
        return;
    }
    for (size_t k = 0; k < n_rows; k++)
        for (size_t s = 0; s < m; s++) products[k * m + s] = rows[k * d + (size_t)term->unit[s]];
}

/* Rows of forces and virial of a center. */
static mlsoap_status add_derivatives(kernel_rows *rows, size_t i_center, size_t n_atoms, double inverse_norm,
                                     mlsoap_error *error)
{
    const kernel_term *term = rows->term;
    int kind = rows->worker->list.center_species[i_center];
    size_t m = term->n_points[kind];
    mlsoap_status status = find_moving(rows, i_center, error);
    if (!status) status = feature_worker_jacobian(rows->worker, rows->jacobian, error);
    if (status) return status;
    size_t n_atom_rows = 3 * rows->n_moving;
    build_directions(rows, i_center, inverse_norm);
    for (size_t k = 0; k < rows->n_moving; k++) rows->slot_of_atom[rows->moving[k]] = -1;
    multiply_points(term, kind, rows->directions, n_atom_rows + 6, rows->products + m);
    for (size_t c = 0; c < 6; c++) {
        const double *product = rows->products + (1 + n_atom_rows + c) * m;
        double *row = rows->virial + c * rows->row_size + term->first_column[kind];
        for (size_t s = 0; s < m; s++) row[s] += rows->slope[s] * product[s];
    }
    scatter_forces(rows, i_center, n_atoms);
    return MLSOAP_SUCCESS;
}

static mlsoap_status add_center(kernel_rows *rows, size_t i_center, size_t n_atoms, bool with_derivatives,
                                mlsoap_error *error)
{
    const kernel_term *term = rows->term;
    const feature_set *set = term->features;
    int kind = rows->worker->list.center_species[i_center];
    size_t m = term->n_points[kind];
    if (m == 0) return MLSOAP_SUCCESS;
    mlsoap_status status = feature_worker_values(rows->worker, i_center, rows->D, error);
    if (status) return status;
    double inverse_norm = sparse_gp_transform(&term->settings, set->stride, set->weights, rows->D, rows->x);
    kernel_of(term, kind, rows->x, rows->k, rows->slope);
    double *row = rows->energy + term->first_column[kind];
    for (size_t s = 0; s < m; s++) row[s] += rows->k[s] - term->isolated[kind][s];
    return with_derivatives ? add_derivatives(rows, i_center, n_atoms, inverse_norm, error) : MLSOAP_SUCCESS;
}

/* Add the rows of one term. */
static mlsoap_status add_term(kernel_rows *rows, size_t i_term, const structure *s, bool with_derivatives,
                              mlsoap_error *error)
{
    rows->term = &rows->basis->terms[i_term];
    rows->worker = &rows->workers[i_term];
    mlsoap_status status = feature_worker_begin(rows->worker, s, error);
    for (size_t i = 0; !status && i < rows->worker->list.n_centers; i++)
        status = add_center(rows, i, s->n_atoms, with_derivatives, error);
    return status;
}

mlsoap_status kernel_rows_fill(kernel_rows *rows, const structure *s, bool with_derivatives, mlsoap_error *error)
{
    size_t n = rows->row_size, n_atoms = s->n_atoms;
    if (with_derivatives && (!MEMORY_RESERVE(&rows->forces, &rows->capacity_forces, 3 * n_atoms * n) ||
                             !MEMORY_RESERVE(&rows->slot_of_atom, &rows->capacity_atoms, n_atoms)))
        return status_no_memory(error, 3 * n_atoms * n * sizeof(double), "the force rows of a structure");
    memset(rows->energy, 0, n * sizeof(double));
    if (with_derivatives) {
        memset(rows->forces, 0, 3 * n_atoms * n * sizeof(double));
        memset(rows->virial, 0, 6 * n * sizeof(double));
        for (size_t i = 0; i < n_atoms; i++) rows->slot_of_atom[i] = -1;
    }
    mlsoap_status status = MLSOAP_SUCCESS;
    for (size_t t = 0; t < rows->basis->n_terms && !status; t++) status = add_term(rows, t, s, with_derivatives, error);
    double sum = 0; /* NaN and infinity stay in it */
    for (size_t k = 0; k < n && !status; k++) sum += rows->energy[k];
    for (size_t k = 0; k < 6 * n && with_derivatives && !status; k++) sum += rows->virial[k];
    if (!status && !isfinite(sum))
        status = status_fail(error, MLSOAP_ERROR_NUMERICS, "a descriptor is not finite: look for coinciding atoms");
    return status;
}
