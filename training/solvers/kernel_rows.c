/* SPDX-License-Identifier: BSD-3-Clause */
/* Rows of K_NM; see kernel_rows.h. Per center one matrix product of the directional derivatives with all sparse points;
 * images of one atom are merged before it. */
#include "solvers/kernel_rows.h"

#include "core/memory.h"

#include <cblas.h>
#include <math.h>
#include <string.h>

static const size_t strain_a[6] = {0, 1, 2, 0, 0, 1}, strain_b[6] = {0, 1, 2, 1, 2, 2};

void kernel_basis_release(kernel_basis *basis)
{
    for (int z = 0; z < KERNEL_KINDS; z++) {
        memory_free(basis->points[z]);
        memory_free(basis->isolated_x[z]);
        memory_free(basis->isolated[z]);
    }
    memory_free(basis->unit);
    memset(basis, 0, sizeof *basis);
}

/* k(x, x_s) of one row of features. */
static void kernel_of(const kernel_basis *basis, int kind, const double *x, double *k)
{
    int m = (int)basis->n_points[kind], d = (int)basis->features->stride;
    cblas_dgemv(CblasRowMajor, CblasNoTrans, m, d, 1.0, basis->points[kind], d, x, 1, 0.0, k, 1);
    sparse_gp_kernel(&basis->settings, (size_t)m, k, k, NULL);
}

mlsoap_status kernel_basis_finish(kernel_basis *basis, mlsoap_error *error)
{
    const feature_set *set = basis->features;
    feature_worker worker;
    mlsoap_status status = feature_worker_new(&worker, set, error);
    if (status) return status;
    basis->n_columns = 0;
    for (int z = 0; z < KERNEL_KINDS && !status; z++) {
        if (basis->n_points[z] == 0) continue;
        basis->first_column[z] = basis->n_columns;
        basis->n_columns += basis->n_points[z];
        double *x = basis->isolated_x[z] = MEMORY_NEW(double, set->stride);
        basis->isolated[z] = MEMORY_NEW(double, basis->n_points[z]);
        if (!x || !basis->isolated[z])
            status = status_no_memory(error, (set->stride + basis->n_points[z]) * sizeof *x, "an isolated atom");
        if (status || z == 0) continue;
        status = feature_worker_isolated(&worker, z, x, error);
        sparse_gp_transform(&basis->settings, set->stride, set->weights, x, x);
        kernel_of(basis, z, x, basis->isolated[z]);
        basis->isolated_self[z] = cblas_ddot((int)set->stride, x, 1, x, 1);
        sparse_gp_kernel(&basis->settings, 1, &basis->isolated_self[z], &basis->isolated_self[z], NULL);
    }
    feature_worker_release(&worker);
    return status;
}

void kernel_basis_row(const kernel_basis *basis, size_t i, double *row)
{
    for (int z = 0; z < KERNEL_KINDS; z++) {
        size_t first = basis->first_column[z], stride = basis->features->stride;
        if (basis->n_points[z] > 0 && i >= first && i - first < basis->n_points[z])
            kernel_of(basis, z, basis->points[z] + (i - first) * stride, row + first);
    }
}

void kernel_basis_matrix(const kernel_basis *basis, double *K)
{
    memset(K, 0, basis->n_columns * basis->n_columns * sizeof *K);
    for (size_t i = 0; i < basis->n_columns; i++) kernel_basis_row(basis, i, K + i * basis->n_columns);
    for (size_t i = 0; i < basis->n_columns; i++) /* symmetric to the last bit */
        for (size_t j = 0; j < i; j++) K[j * basis->n_columns + i] = K[i * basis->n_columns + j];
}

mlsoap_status kernel_rows_new(kernel_rows *rows, const kernel_basis *basis, mlsoap_error *error)
{
    memset(rows, 0, sizeof *rows);
    rows->basis = basis;
    rows->row_size = basis->n_columns + 1;
    mlsoap_status status = feature_worker_new(&rows->worker, basis->features, error);
    if (status) return status;
    rows->energy = MEMORY_NEW(double, rows->row_size);
    rows->virial = MEMORY_NEW(double, 6 * rows->row_size);
    rows->slope = MEMORY_NEW(double, basis->n_columns);
    rows->k = MEMORY_NEW(double, basis->n_columns);
    rows->D = MEMORY_NEW(double, basis->features->stride);
    rows->x = MEMORY_NEW(double, basis->features->stride);
    if (rows->energy && rows->virial && rows->slope && rows->k && rows->D && rows->x) return MLSOAP_SUCCESS;
    kernel_rows_release(rows);
    return status_no_memory(error, 8 * (basis->n_columns + 1) * sizeof(double), "rows of the kernel matrix");
}

void kernel_rows_release(kernel_rows *rows)
{
    if (rows->worker.set) feature_worker_release(&rows->worker);
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
    const neighbor_list *list = &rows->worker.list;
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
    size_t stride = rows->basis->features->stride, n_rows = 3 * rows->n_moving + 7;
    int kind = list->center_species[i_center];
    if (!MEMORY_RESERVE(&rows->jacobian, &rows->capacity_jacobian, 3 * (last - first) * stride) ||
        !MEMORY_RESERVE(&rows->directions, &rows->capacity_directions, n_rows * stride) ||
        !MEMORY_RESERVE(&rows->products, &rows->capacity_products, n_rows * rows->basis->n_points[kind]))
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
    const neighbor_list *list = &rows->worker.list;
    const feature_set *set = rows->basis->features;
    size_t stride = set->stride, n_atom_rows = 3 * rows->n_moving, first = (size_t)list->first[i_center];
    static const double origin[3];
    bool fixed = !set->centers_are_atoms && !set->centers_are_midpoints; /* strain moves the atoms, not the point */
    const double *point = fixed ? rows->worker.points[i_center] : origin;
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
        sparse_gp_transform_tangent(&rows->basis->settings, stride, set->weights, rows->x, inverse_norm, row, row);
    }
}

/* Add what the center contributes to the rows of the forces: products[k] are dk/dr of moving atoms, times slope. */
static void scatter_forces(kernel_rows *rows, size_t i_center, size_t n_atoms)
{
    const kernel_basis *basis = rows->basis;
    const neighbor_list *list = &rows->worker.list;
    int kind = list->center_species[i_center], center_atom = list->center_atom[i_center];
    size_t m = basis->n_points[kind], column = basis->first_column[kind];
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
        else if (basis->features->centers_are_midpoints)
            for (size_t atom = 0; atom < n_atoms; atom++)
                add_scaled_row(rows->forces + (3 * atom + alpha) * rows->row_size + column, 1 / (double)n_atoms, total,
                               m);
    }
}

/* products [n_rows][M] of rows [n_rows][stride] with the points of a kind. */
static void multiply_points(const kernel_basis *basis, int kind, const double *rows, size_t n_rows, double *products)
{
    size_t m = basis->n_points[kind], d = basis->features->stride;
    if (!basis->unit) {
        cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)n_rows, (int)m, (int)d, 1.0, rows, (int)d,
                    basis->points[kind], (int)d, 0.0, products, (int)m);
        return;
    }
    for (size_t k = 0; k < n_rows; k++)
        for (size_t s = 0; s < m; s++) products[k * m + s] = rows[k * d + (size_t)basis->unit[s]];
}

/* Rows of forces and virial of a center. */
static mlsoap_status add_derivatives(kernel_rows *rows, size_t i_center, size_t n_atoms, double inverse_norm,
                                     mlsoap_error *error)
{
    const kernel_basis *basis = rows->basis;
    int kind = rows->worker.list.center_species[i_center];
    size_t m = basis->n_points[kind];
    mlsoap_status status = find_moving(rows, i_center, error);
    if (!status) status = feature_worker_jacobian(&rows->worker, rows->jacobian, error);
    if (status) return status;
    size_t n_atom_rows = 3 * rows->n_moving;
    build_directions(rows, i_center, inverse_norm);
    for (size_t k = 0; k < rows->n_moving; k++) rows->slot_of_atom[rows->moving[k]] = -1;
    multiply_points(basis, kind, rows->directions, n_atom_rows + 6, rows->products + m);
    for (size_t c = 0; c < 6; c++) {
        const double *product = rows->products + (1 + n_atom_rows + c) * m;
        double *row = rows->virial + c * rows->row_size + basis->first_column[kind];
        for (size_t s = 0; s < m; s++) row[s] += rows->slope[s] * product[s];
    }
    scatter_forces(rows, i_center, n_atoms);
    return MLSOAP_SUCCESS;
}

static mlsoap_status add_center(kernel_rows *rows, size_t i_center, size_t n_atoms, bool with_derivatives,
                                mlsoap_error *error)
{
    const kernel_basis *basis = rows->basis;
    const feature_set *set = basis->features;
    int kind = rows->worker.list.center_species[i_center], d = (int)set->stride;
    size_t m = basis->n_points[kind];
    if (m == 0) return MLSOAP_SUCCESS;
    mlsoap_status status = feature_worker_values(&rows->worker, i_center, rows->D, error);
    if (status) return status;
    double inverse_norm = sparse_gp_transform(&basis->settings, set->stride, set->weights, rows->D, rows->x);
    cblas_dgemv(CblasRowMajor, CblasNoTrans, (int)m, d, 1.0, basis->points[kind], d, rows->x, 1, 0.0, rows->k, 1);
    sparse_gp_kernel(&basis->settings, m, rows->k, rows->k, rows->slope);
    double *row = rows->energy + basis->first_column[kind];
    for (size_t s = 0; s < m; s++) row[s] += rows->k[s] - basis->isolated[kind][s];
    return with_derivatives ? add_derivatives(rows, i_center, n_atoms, inverse_norm, error) : MLSOAP_SUCCESS;
}

mlsoap_status kernel_rows_fill(kernel_rows *rows, const structure *s, bool with_derivatives, mlsoap_error *error)
{
    size_t n = rows->row_size, n_atoms = s->n_atoms;
    if (with_derivatives && (!MEMORY_RESERVE(&rows->forces, &rows->capacity_forces, 3 * n_atoms * n) ||
                             !MEMORY_RESERVE(&rows->slot_of_atom, &rows->capacity_atoms, n_atoms)))
        return status_no_memory(error, 3 * n_atoms * n * sizeof(double), "the force rows of a structure");
    mlsoap_status status = feature_worker_begin(&rows->worker, s, error);
    if (status) return status;
    memset(rows->energy, 0, n * sizeof(double));
    if (with_derivatives) {
        memset(rows->forces, 0, 3 * n_atoms * n * sizeof(double));
        memset(rows->virial, 0, 6 * n * sizeof(double));
        for (size_t i = 0; i < n_atoms; i++) rows->slot_of_atom[i] = -1;
    }
    for (size_t i = 0; i < rows->worker.list.n_centers && !status; i++)
        status = add_center(rows, i, n_atoms, with_derivatives, error);
    double sum = 0; /* NaN and infinity stay in it */
    for (size_t k = 0; k < n && !status; k++) sum += rows->energy[k];
    for (size_t k = 0; k < 6 * n && with_derivatives && !status; k++) sum += rows->virial[k];
    if (!status && !isfinite(sum))
        status = status_fail(error, MLSOAP_ERROR_NUMERICS, "a descriptor is not finite: look for coinciding atoms");
    return status;
}
