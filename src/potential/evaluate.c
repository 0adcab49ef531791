/* SPDX-License-Identifier: BSD-3-Clause */
/* Energy, forces and virial: environments -> descriptors -> models -> adjoint -> sums (spec virial-and-units.md).
 * Centers are taken in blocks of one element, because a model serves one element. Every sum has a fixed order. */
#include "core/elements.h"
#include "core/memory.h"
#include "potential/potential_parts.h"

#include <limits.h>
#include <math.h>
#include <string.h>

/* Add a term to the energies of the block and, where dE_dr is not NULL, to its derivatives. */
static void term_evaluate(mlsoap_workspace *w, const potential_term *term, int i_element, double *energies,
                          double *dE_dr)
{
    const mlsoap_potential *p = w->potential;
    const model *m = term->models[i_element];
    const mlsoap_environments *view = &w->block.view;
    double eps[DESCRIPTOR_BLOCK], *g = dE_dr ? w->g : NULL;
    if (!m) return;
    workspace_features(w, term);
    m->class_->evaluate(m, w->scratch, view->n_centers, w->D, eps, g);
    for (int i = 0; i < view->n_centers; i++) energies[i] += eps[i] - term->shifts[i_element];
    for (int i = 0; g && i < term->n_descriptors; i++) {
        const descriptor *d = p->descriptors[term->i_descriptors[i]];
        d->class_->adjoint(d, w->descriptors[term->i_descriptors[i]], view, g, term->stride, dE_dr);
        g += d->stride;
    }
}

/* Infinity and NaN survive the product with 0. */
static int all_finite(size_t n, const double *x)
{
    double sum[4] = {0};
    size_t i = 0;
    for (; i + 4 <= n; i += 4)
        for (size_t k = 0; k < 4; k++) sum[k] += 0.0 * x[i + k];
    for (; i < n; i++) sum[0] += 0.0 * x[i];
    return sum[0] + sum[1] + sum[2] + sum[3] == 0;
}

/* Energies and derivatives of one block, left in w->block. */
static mlsoap_status block_evaluate(mlsoap_workspace *w, const mlsoap_environments *e, const int *order, int n,
                                    int i_element, int derivatives, mlsoap_error *error)
{
    const mlsoap_potential *p = w->potential;
    evaluation_block *b = &w->block;
    mlsoap_status status = workspace_gather(w, e, order, n, error);
    if (status) return status;
    size_t n_pairs = (size_t)b->first[n];
    memset(b->energies, 0, sizeof b->energies);
    if (derivatives && n_pairs) memset(b->dE_dr, 0, 3 * n_pairs * sizeof(double));
    for (int t = 0; t < p->n_terms; t++)
        term_evaluate(w, &p->terms[t], i_element, b->energies, derivatives ? b->dE_dr : NULL);
    pair_core_add(&p->core, &b->view, b->energies, derivatives ? b->dE_dr : NULL);
    for (int i = 0; i < n; i++) {
        size_t from = 3 * (size_t)b->first[i], count = 3 * (size_t)b->first[i + 1] - from;
        if (isfinite(b->energies[i]) && (!derivatives || count == 0 || all_finite(count, b->dE_dr + from))) continue;
        return status_fail(error, MLSOAP_ERROR_NUMERICS,
                           "the energy of center %d (%s) is %g and its forces may not be finite; look for coinciding "
                           "atoms or positions that are not numbers",
                           order[i], element_name_or_not(b->center_species[i]), b->energies[i]);
    }
    return MLSOAP_SUCCESS;
}

mlsoap_status potential_set_shifts(mlsoap_potential *p, mlsoap_error *error)
{
    mlsoap_workspace *w = NULL;
    mlsoap_status status = mlsoap_workspace_new(p, &w, error);
    int missing = 0, first[2] = {0, 0};
    double nothing = 0;
    for (int t = 0; t < p->n_terms; t++)
        for (int i = 0; i < p->n_elements; i++) missing += isnan(p->terms[t].shifts[i]);
    for (int i = 0; !status && missing && i < p->n_elements; i++) {
        mlsoap_environments alone = {sizeof alone, 1, &p->elements[i], first, first, &nothing, &nothing, &nothing};
        w->block.view = alone;
        for (int d = 0; !status && d < p->n_descriptors; d++)
            status = p->descriptors[d]->class_->workspace_reserve(p->descriptors[d], w->descriptors[d], 0, error);
        for (int t = 0; !status && t < p->n_terms; t++) {
            double *shift = &p->terms[t].shifts[i], energy = 0;
            if (!isnan(*shift)) continue;
            *shift = 0;
            term_evaluate(w, &p->terms[t], i, &energy, NULL);
            *shift = energy;
            if (!isfinite(energy))
                status = status_fail(error, MLSOAP_ERROR_NUMERICS, "term %d: the energy of an isolated %s atom is %g",
                                     t, element_symbol(p->elements[i]), energy);
        }
    }
    mlsoap_workspace_free(w);
    return status;
}

mlsoap_status mlsoap_evaluate_environments(const mlsoap_potential *p, mlsoap_workspace *w, const mlsoap_environments *e,
                                           double *energies, double *dE_dr, mlsoap_error *error)
{
    int starts[ELEMENT_MAX + 2];
    mlsoap_status status = workspace_check(p, w, e, energies, error);
    if (!status) status = workspace_sort(w, e->n_centers, e->center_species, starts, error);
    if (status) return status;
    for (int z = 0; z < p->n_elements; z++)
        for (int start = starts[z]; start < starts[z + 1]; start += DESCRIPTOR_BLOCK) {
            const int *order = w->order + start;
            int n = block_length(start, starts[z + 1]);
            status = block_evaluate(w, e, order, n, z, dE_dr != NULL, error);
            if (status) return status;
            for (int i = 0; i < n; i++) {
                const evaluation_block *b = &w->block;
                energies[order[i]] = p->offsets[z] + b->energies[i];
                if (dE_dr && b->first[i + 1] > b->first[i])
                    memcpy(dE_dr + 3 * (size_t)e->first[order[i]], b->dE_dr + 3 * (size_t)b->first[i],
                           3 * (size_t)(b->first[i + 1] - b->first[i]) * sizeof(double));
            }
        }
    return MLSOAP_SUCCESS;
}

/* ------------------------------------------------------------------------------------------- whole structures */

/* What the pairs of a structure add up to. */
typedef struct structure_sums {
    double (*forces)[3]; /* NULL = not wanted */
    double virial[3][3];
} structure_sums;

/* F_i += f_ij, F_j -= f_ij, W -= r (x) f for the neighbors of one center. Points in space: `shift` is the position of
 * a fixed point (strain moves the atoms and not the point, so that R_j takes the place of r_ij); of a midpoint the
 * force is shared by all atoms, which *center_force collects. */
static void add_center(const neighbor_list *list, size_t center, const double *f, const double shift[3],
                       structure_sums *sums, double center_force[3])
{
    for (int j = list->first[center]; j < list->first[center + 1]; j++, f += 3) {
        double r[3] = {list->dx[j] + shift[0], list->dy[j] + shift[1], list->dz[j] + shift[2]};
        for (int a = 0; a < 3; a++) {
            if (sums->forces) sums->forces[list->atom[j]][a] -= f[a];
            center_force[a] += f[a];
            for (int c = 0; c < 3; c++) sums->virial[a][c] -= r[a] * f[c];
        }
    }
}

static void add_block(const mlsoap_workspace *w, const structure *s, const int *order, structure_sums *sums)
{
    const mlsoap_potential *p = w->potential;
    const neighbor_list *list = &w->list;
    int fixed = !p->centers_are_atoms && json_is_array(json_object_get(p->descriptors[0]->settings, "centers"));
    for (int i = 0; i < w->block.view.n_centers; i++) {
        size_t center = (size_t)order[i];
        double zero[3] = {0}, center_force[3] = {0};
        if (list->first[center] == list->first[center + 1]) continue; /* alone: no force, and perhaps no derivatives */
        add_center(list, center, w->block.dE_dr + 3 * (size_t)w->block.first[i], fixed ? w->points[center] : zero, sums,
                   center_force);
        if (!sums->forces || fixed) continue;
        if (p->centers_are_atoms) {
            for (int a = 0; a < 3; a++) sums->forces[list->center_atom[center]][a] += center_force[a];
        } else {
            for (size_t k = 0; k < s->n_atoms; k++)
                for (int a = 0; a < 3; a++) sums->forces[k][a] += center_force[a] / (double)s->n_atoms;
        }
    }
}

/* Energies of all centers into w->energies, without offsets, and the sums over pairs. */
static mlsoap_status evaluate_list(mlsoap_workspace *w, const structure *s, structure_sums *sums, int derivatives,
                                   mlsoap_error *error)
{
    const mlsoap_potential *p = w->potential;
    const neighbor_list *list = &w->list;
    mlsoap_environments e = {
        sizeof e, (int)list->n_centers, list->center_species, list->first, list->species, list->dx, list->dy, list->dz};
    int starts[ELEMENT_MAX + 2] = {0, e.n_centers};
    mlsoap_status status = MLSOAP_SUCCESS;
    if (p->centers_are_atoms)
        status = workspace_sort(w, e.n_centers, e.center_species, starts, error);
    else if (!MEMORY_RESERVE(&w->order, &w->capacity_order, list->n_centers))
        status = status_no_memory(error, list->n_centers * sizeof(int), "the order of centers");
    for (int i = 0; !status && !p->centers_are_atoms && i < e.n_centers; i++) w->order[i] = i;
    for (int z = 0; z < (p->centers_are_atoms ? p->n_elements : 1); z++)
        for (int start = starts[z]; !status && start < starts[z + 1]; start += DESCRIPTOR_BLOCK) {
            const int *order = w->order + start;
            int n = block_length(start, starts[z + 1]);
            status = block_evaluate(w, &e, order, n, z, derivatives, error);
            for (int i = 0; !status && i < n; i++) w->energies[order[i]] = w->block.energies[i];
            if (!status && derivatives) add_block(w, s, order, sums);
        }
    return status;
}

/* Offsets and, where the centers are points, equal shares of their energy. */
static void sum_energies(const mlsoap_workspace *w, const structure *s, double *energy, double *energies)
{
    const mlsoap_potential *p = w->potential;
    double centers = 0, total = 0;
    for (size_t i = 0; i < w->list.n_centers; i++) centers += w->energies[i];
    for (size_t i = 0; i < s->n_atoms; i++) {
        double own = p->centers_are_atoms ? w->energies[i] : centers / (double)s->n_atoms;
        double e = p->offsets[p->element_index[s->species[i]]] + own;
        if (energies) energies[i] = e;
        total += e;
    }
    if (energy) *energy = total;
}

mlsoap_status potential_evaluate(const mlsoap_potential *p, mlsoap_workspace *w, const structure *s, double *energy,
                                 double *energies, double (*forces)[3], double virial[6], mlsoap_error *error)
{
    static const int rows[6] = {0, 1, 2, 0, 0, 1}, columns[6] = {0, 1, 2, 1, 2, 2};
    structure_sums sums = {.forces = forces};
    if (w->potential != p)
        return status_fail(error, MLSOAP_ERROR_ARGUMENT, "the workspace belongs to another potential");
    mlsoap_status status = workspace_build_list(w, s, error);
    if (status) return status;
    if (forces) memset(forces, 0, s->n_atoms * sizeof *forces);
    status = evaluate_list(w, s, &sums, forces || virial, error);
    if (status) return status;
    sum_energies(w, s, energy, energies);
    for (int k = 0; virial && k < 6; k++)
        virial[k] = 0.5 * (sums.virial[rows[k]][columns[k]] + sums.virial[columns[k]][rows[k]]);
    return MLSOAP_SUCCESS;
}

mlsoap_status mlsoap_evaluate_structure(const mlsoap_potential *potential, mlsoap_workspace *workspace,
                                        const mlsoap_structure_view *view, double *energy, double *energies,
                                        double *forces, double *virial, mlsoap_error *error)
{
    structure s;
    mlsoap_status status = structure_of_view(potential, workspace, view, &s, error);
    if (status) return status;
    return potential_evaluate(potential, workspace, &s, energy, energies, (double(*)[3])forces, virial, error);
}
