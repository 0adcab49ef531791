/* SPDX-License-Identifier: BSD-3-Clause */
/* Checks of what the files hold; see data_checks.h. */
#include "app/doctor/data_checks.h"
#include "core/elements.h"
#include "core/memory.h"
#include "core/sorting.h"
#include "structure/neighbor_list.h"

#include <math.h>
#include <stdlib.h>

/* Nearest neighbor over the sum of covalent radii, median: about 1, up to 1.2 in metals. */
static const double UNITS_SHORT = 0.65, UNITS_LONG = 1.6, UNITS_REACH = 7; /* the last: Angstrom */
enum { UNITS_SAMPLE = 10000, UNITS_FEWEST = 8, FEW_ATOMS = 2 };            /* atoms of a file that are looked at */

static const char *const target_names[N_FRAME_TARGETS] = {"energy", "forces", "virial"};

static mlsoap_status check_unused(const frame_set *set, check_list *list, mlsoap_error *error)
{
    for (size_t k = 0; k < set->n_files; k++) {
        const frame_file *file = &set->files[k];
        for (size_t i = 0; file->unused_keys && file->unused_keys[i]; i++) {
            mlsoap_status status =
                check_add(list, "unused_target", CHECK_ERROR, 1, error,
                          "%s: the key `%s` looks like a target and is not used; name it in data.keys, or list it in "
                          "data.ignore",
                          file->path, file->unused_keys[i]);
            if (status) return status;
        }
    }
    return MLSOAP_SUCCESS;
}

/* Nearest neighbor of every atom of a frame over the sum of covalent radii, appended to ratios. Rare gases, whose atoms
 * touch without a bond, say nothing. */
static mlsoap_status add_ratios(const structure *s, neighbor_list *list, double **ratios, size_t *n, size_t *capacity,
                                mlsoap_error *error)
{
    mlsoap_status status = neighbor_list_build(list, s, UNITS_REACH, NULL, error);
    if (!status && !MEMORY_RESERVE(ratios, capacity, *n + s->n_atoms))
        status = status_no_memory(error, (*n + s->n_atoms) * sizeof(double), "the check of units");
    /* dimers are pulled apart on purpose */
    for (size_t i = 0; i < s->n_atoms && s->n_atoms > FEW_ATOMS && !status; i++) {
        double nearest = INFINITY;
        for (int p = list->first[i]; p < list->first[i + 1]; p++) {
            double r = sqrt(list->dx[p] * list->dx[p] + list->dy[p] * list->dy[p] + list->dz[p] * list->dz[p]);
            double bond = element_bond_length(s->species[i], list->species[p]);
            nearest = fmin(nearest, r / bond);
        }
        if (isfinite(nearest) && element_group(s->species[i]) != 18) (*ratios)[(*n)++] = nearest;
    }
    return status;
}

static mlsoap_status add_length_finding(const frame_file *file, double ratio, size_t n, check_list *list,
                                        mlsoap_error *error)
{
    if (file->length_unit)
        return check_add(
            list, "units", CHECK_ERROR, n, error,
            "%s: the file states no units, and its lengths were taken in %s: nearest neighbors are then "
            "%.2f times as far apart as bonds are (median); set data.units, such as {length: %s, energy: %s}",
            file->path, file->length_unit, ratio, ratio > 1 ? "bohr" : "angstrom", ratio > 1 ? "hartree" : "eV");
    return check_add(
        list, "units", CHECK_ERROR, n, error,
        "%s: nearest neighbors are %.2f times as far apart as bonds are (median; about 1 is expected): %s; "
        "mlsoap reads this format in angstrom, eV and eV/angstrom: convert the file",
        file->path, ratio,
        ratio > 1 ? "the positions look like bohr (1 bohr = 0.529177 angstrom), and energies and forces may "
                    "be in hartree and hartree/bohr"
                  : "the positions look like nanometers, or like angstrom that were converted twice");
}

/* Lengths of a file against covalent radii: bohr taken as angstrom are 1.9 times too long. */
static mlsoap_status check_units(const frame_set *set, check_list *list, mlsoap_error *error)
{
    neighbor_list neighbors = {0};
    double *ratios = NULL;
    size_t capacity = 0;
    mlsoap_status status = MLSOAP_SUCCESS;
    for (size_t k = 0; k < set->n_files && !status; k++) {
        const frame_file *file = &set->files[k];
        size_t n = 0;
        for (size_t c = 0; c < set->n_frames && n < UNITS_SAMPLE && !status; c++) {
            if (set->frames[c].i_file != (int)k) continue;
            status = add_ratios(&set->frames[c].structure, &neighbors, &ratios, &n, &capacity, error);
            if (status) status_prefix(error, status, "%s: frame %zu", file->path, set->frames[c].index);
        }
        if (n < UNITS_FEWEST || status) continue;
        sort_reals(ratios, n);
        double ratio = ratios[n / 2];
        if (ratio >= UNITS_SHORT && ratio <= UNITS_LONG) continue;
        status = add_length_finding(file, ratio, n, list, error);
    }
    memory_free(ratios);
    neighbor_list_release(&neighbors);
    return status;
}

static mlsoap_status check_missing(const frame_set *set, bool forces_wanted, check_list *list, mlsoap_error *error)
{
    size_t n_with[N_FRAME_TARGETS] = {0}, n = set->n_frames;
    for (size_t i = 0; i < n; i++) {
        const frame *f = &set->frames[i];
        bool alone = f->structure.n_atoms == 1; /* an isolated atom has no force to give */
        n_with[TARGET_ENERGY] += f->has_energy;
        n_with[TARGET_FORCES] += f->has_forces;
        n_with[TARGET_VIRIAL] += f->has_virial || alone;
    }
    mlsoap_status status = MLSOAP_SUCCESS;
    if (n_with[TARGET_FORCES] == 0 && forces_wanted)
        status = check_add(list, "no_forces", CHECK_ERROR, n, error,
                           "%s: no forces were found in the training data; a potential without forces is rarely of "
                           "use: name their key, or set loss.forces: 0",
                           set->files[0].path);
    for (int t = 0; t < N_FRAME_TARGETS && !status; t++)
        if (n_with[t] > 0 && n_with[t] < n)
            status = check_add(list, "missing_target", CHECK_WARNING, n - n_with[t], error,
                               "%zu of %zu training frames have no %s; it is used where it is present", n - n_with[t],
                               n, target_names[t]);
    return status;
}

/* Ionic steps of VASP. */
static mlsoap_status check_steps(const frame_set *set, check_list *list, mlsoap_error *error)
{
    mlsoap_status status = MLSOAP_SUCCESS;
    for (size_t k = 0; k < set->n_files && !status; k++) {
        const frame_file *file = &set->files[k];
        if (file->n_unconverged > 0)
            status = check_add(list, "unconverged", CHECK_WARNING, file->n_unconverged, error,
                               "%s: the electrons of %zu of %zu steps did not converge; they are used all the same",
                               file->path, file->n_unconverged, file->n_frames);
        if (file->n_incomplete + file->n_predicted > 0 && !status)
            status =
                check_add(list, "left_out", CHECK_WARNING, file->n_incomplete + file->n_predicted, error,
                          "%s: %zu steps are left out: %zu that are not complete and %zu that a force field of "
                          "VASP predicted",
                          file->path, file->n_incomplete + file->n_predicted, file->n_incomplete, file->n_predicted);
    }
    return status;
}

mlsoap_status data_checks_files(const checked_data *data, bool forces_wanted, check_list *list, mlsoap_error *error)
{
    const frame_set *const sets[] = {data->train, data->validation, data->test};
    mlsoap_status status = MLSOAP_SUCCESS;
    for (int i = 0; i < 3 && !status; i++) {
        if (!sets[i]) continue;
        status = check_unused(sets[i], list, error);
        if (!status) status = check_units(sets[i], list, error);
        if (!status) status = check_steps(sets[i], list, error);
    }
    return status ? status : check_missing(data->train, forces_wanted, list, error);
}
