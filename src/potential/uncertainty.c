/* SPDX-License-Identifier: BSD-3-Clause */
/* Uncertainty of atoms: environments -> descriptors -> variances of the models -> calibration. The terms of a potential
 * are taken as independent: their variances add. */
#include "core/memory.h"
#include "potential/potential_parts.h"

#include <math.h>
#include <stdio.h>

enum { PATH_SIZE = 64 };

static int models_have_uncertainty(const mlsoap_potential *p)
{
    int any = 0;
    for (int t = 0; t < p->n_terms; t++)
        for (int i = 0; i < p->n_elements; i++)
            if (p->terms[t].models[i]) any |= p->terms[t].models[i]->has_uncertainty;
    return any;
}

/* One knot: two numbers above 0 and above those of the knot before. */
static int read_knot(const json_t *pair, const double *before, double knot[2])
{
    if (json_array_size(pair) != 2) return 0;
    for (size_t k = 0; k < 2; k++) {
        const json_t *value = json_array_get(pair, k);
        if (!json_is_number(value)) return 0;
        knot[k] = json_number_value(value);
        if (!(knot[k] > (before ? before[k] : 0)) || !(knot[k] <= 1e30)) return 0;
    }
    return 1;
}

mlsoap_status uncertainty_calibration_read(json_t *entry, const char *path, const schema_source *source,
                                           uncertainty_calibration *c, mlsoap_error *error)
{
    mlsoap_status status = description_complete_uncertainty(entry, path, source, error);
    if (status) return status;
    const json_t *knots = json_object_get(entry, "forces");
    size_t n = json_array_size(knots);
    *c = (uncertainty_calibration){.energy = schema_real(entry, "energy"), .n_knots = (int)n};
    if (n < 1 || n > UNCERTAINTY_KNOTS_MAX)
        return schema_fail(source, path, "forces", error, "%zu pairs of numbers; there must be 1 to %d", n,
                           UNCERTAINTY_KNOTS_MAX);
    for (size_t i = 0; i < n; i++)
        if (!read_knot(json_array_get(knots, i), i ? c->knots[i - 1] : NULL, c->knots[i]))
            return schema_fail(source, path, "forces", error,
                               "pair %zu is not [s, error], two numbers above 0 and above those of the pair before", i);
    return MLSOAP_SUCCESS;
}

double calibrated_force(const uncertainty_calibration *c, double s)
{
    const double(*k)[2] = c->knots;
    int i = 0, last = c->n_knots - 1;
    while (i < last && s > k[i + 1][0]) i++;
    if (s <= k[0][0]) return k[0][1] * (s / k[0][0]);
    if (s >= k[last][0]) return k[last][1] * (s / k[last][0]);
    return k[i][1] + (k[i + 1][1] - k[i][1]) * ((s - k[i][0]) / (k[i + 1][0] - k[i][0]));
}

mlsoap_status uncertainty_read(mlsoap_potential *p, json_t *calibrations, const schema_source *source,
                               mlsoap_error *error)
{
    if (models_have_uncertainty(p) != (calibrations != NULL))
        return schema_fail(source, "", "uncertainty", error,
                           calibrations ? "no model of the potential has an uncertainty that it could calibrate"
                                        : "is missing, but a model has an uncertainty, which it would calibrate");
    if (!calibrations) return MLSOAP_SUCCESS;
    if (!p->centers_are_atoms)
        return schema_fail(source, "", "uncertainty", error, "centers that are points in space have none");
    p->calibrations = MEMORY_NEW(uncertainty_calibration, (size_t)p->n_elements);
    if (!p->calibrations)
        return status_no_memory(error, (size_t)p->n_elements * sizeof *p->calibrations, "calibrations");
    for (int i = 0; i < p->n_elements; i++) {
        const char *symbol = element_symbol(p->elements[i]);
        json_t *entry = json_object_get(calibrations, symbol);
        char path[PATH_SIZE];
        snprintf(path, sizeof path, "uncertainty.%s", symbol);
        if (!json_is_object(entry))
            return schema_fail(source, "uncertainty", symbol, error, "there is no calibration for this element");
        mlsoap_status status = uncertainty_calibration_read(entry, path, source, &p->calibrations[i], error);
        if (status) return status;
    }
    if (json_object_size(calibrations) == (size_t)p->n_elements) return MLSOAP_SUCCESS;
    return schema_fail(source, "", "uncertainty", error, "has %zu entries, but there are %d elements",
                       json_object_size(calibrations), p->n_elements);
}

mlsoap_status potential_set_calibrations(mlsoap_potential *p, json_t *calibrations, mlsoap_error *error)
{
    uncertainty_calibration *before = p->calibrations;
    mlsoap_status status = uncertainty_read(p, calibrations, NULL, error);
    if (before != p->calibrations) memory_free(before);
    if (status) {
        json_decref(calibrations);
        return status;
    }
    status = potential_set_key(p, "uncertainty", calibrations, error);
    return status ? status : description_identity(p->description, &p->tensors, p->identity, error);
}

int mlsoap_potential_has_uncertainty(const mlsoap_potential *p)
{
    return p && p->calibrations;
}

static mlsoap_status require_uncertainty(const mlsoap_potential *p, mlsoap_error *error)
{
    if (!p || p->calibrations) return MLSOAP_SUCCESS; /* NULL is refused with the other arguments */
    return status_fail(error, MLSOAP_ERROR_UNSUPPORTED,
                       "the potential stores no uncertainty; train it with `uncertainty: auto`");
}

/* Sum over terms of the variances of the block in w. */
static mlsoap_status block_variance(mlsoap_workspace *w, int i_element, double variance[DESCRIPTOR_BLOCK],
                                    mlsoap_error *error)
{
    const mlsoap_potential *p = w->potential;
    const evaluation_block *b = &w->block;
    double of_term[DESCRIPTOR_BLOCK];
    for (int i = 0; i < DESCRIPTOR_BLOCK; i++) variance[i] = 0;
    for (int t = 0; t < p->n_terms; t++) {
        const model *m = p->terms[t].models[i_element];
        if (!m || !m->has_uncertainty) continue;
        workspace_features(w, &p->terms[t]);
        m->class_->variance(m, w->scratch, b->view.n_centers, w->D, of_term);
        for (int i = 0; i < b->view.n_centers; i++) variance[i] += of_term[i];
    }
    for (int i = 0; i < b->view.n_centers; i++)
        if (!isfinite(variance[i]))
            return status_fail(error, MLSOAP_ERROR_NUMERICS,
                               "the uncertainty of a %s atom is %g; look for positions that are not numbers",
                               element_name_or_not(b->center_species[i]), variance[i]);
    return MLSOAP_SUCCESS;
}

static void calibrate(const uncertainty_calibration *c, double variance, double *energy, double *force)
{
    double s = sqrt(variance);
    *energy = c->energy * s;
    if (force) *force = calibrated_force(c, s);
}

static mlsoap_status evaluate(mlsoap_workspace *w, const mlsoap_environments *e, double *uncertainties,
                              double *force_uncertainties, mlsoap_error *error)
{
    const mlsoap_potential *p = w->potential;
    int starts[ELEMENT_MAX + 2];
    mlsoap_status status = workspace_sort(w, e->n_centers, e->center_species, starts, error);
    for (int z = 0; z < p->n_elements && !status; z++)
        for (int start = starts[z]; start < starts[z + 1]; start += DESCRIPTOR_BLOCK) {
            const int *order = w->order + start;
            int n = block_length(start, starts[z + 1]);
            double variance[DESCRIPTOR_BLOCK];
            status = workspace_gather(w, e, order, n, error);
            if (!status) status = block_variance(w, z, variance, error);
            if (status) return status;
            for (int i = 0; i < n; i++)
                calibrate(&p->calibrations[z], variance[i], &uncertainties[order[i]],
                          force_uncertainties ? &force_uncertainties[order[i]] : NULL);
        }
    return status;
}

mlsoap_status mlsoap_uncertainty_environments(const mlsoap_potential *potential, mlsoap_workspace *workspace,
                                              const mlsoap_environments *environments, double *uncertainties,
                                              double *force_uncertainties, mlsoap_error *error)
{
    mlsoap_status status = require_uncertainty(potential, error);
    if (!status) status = workspace_check(potential, workspace, environments, uncertainties, error);
    return status ? status : evaluate(workspace, environments, uncertainties, force_uncertainties, error);
}

mlsoap_status mlsoap_uncertainty_structure(const mlsoap_potential *potential, mlsoap_workspace *workspace,
                                           const mlsoap_structure_view *view, double *uncertainties,
                                           double *force_uncertainties, mlsoap_error *error)
{
    structure s;
    mlsoap_status status = require_uncertainty(potential, error);
    if (!status) status = structure_of_view(potential, workspace, view, &s, error);
    if (!status && view->n_atoms > 0 && !uncertainties)
        status = status_fail(error, MLSOAP_ERROR_ARGUMENT, "the array of uncertainties is NULL");
    if (!status) status = workspace_build_list(workspace, &s, error);
    if (status) return status;
    const neighbor_list *list = &workspace->list;
    mlsoap_environments e = {
        sizeof e, (int)list->n_centers, list->center_species, list->first, list->species, list->dx, list->dy, list->dz};
    return evaluate(workspace, &e, uncertainties, force_uncertainties, error);
}
