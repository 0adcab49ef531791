/* SPDX-License-Identifier: BSD-3-Clause */
/* Checks of the data; see data_checks.h. */
#include "data_checks.h"

#include "core/elements.h"
#include "core/memory.h"
#include "frame_match.h"
#include "offsets.h"
#include "structure/neighbor_list.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double NET_FORCE = 0.05;         /* eV/Angstrom per frame */
static const double OUTLIER_ENERGY = 8;       /* standard deviations of E/N after the offsets */
static const double OUTLIER_FORCE = 20;       /* standard deviations of the force components */
static const double EQUIVALENT_ENERGY = 1e-6; /* eV/atom */
static const double EQUIVALENT_FORCE = 1e-4;  /* eV/Angstrom */
/* Nearest neighbor over the sum of covalent radii, median: about 1, up to 1.2 in metals. */
static const double UNITS_SHORT = 0.65, UNITS_LONG = 1.6, UNITS_REACH = 7; /* the last: Angstrom */
enum { UNITS_SAMPLE = 10000 };                                             /* atoms of a file that are looked at */
static const char *const target_names[N_FRAME_TARGETS] = {"energy", "forces", "virial"};

const char *const check_error_names[] = {"units", "unused_target", "no_forces", "virial", "train_test", NULL};

mlsoap_status check_add(check_list *list, const char *name, check_severity severity, size_t count, mlsoap_error *error,
                        const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    check_finding added = {name, severity, false, count, memory_copy_text(text)};
    for (size_t k = 0; severity == CHECK_ERROR && list->allow && list->allow[k]; k++)
        added.allowed |= strcmp(list->allow[k], name) == 0;
    if (!added.text || !MEMORY_RESERVE(&list->items, &list->capacity, list->n + 1)) {
        memory_free(added.text);
        return status_no_memory(error, sizeof text, "the checks of the data");
    }
    list->items[list->n++] = added;
    return MLSOAP_SUCCESS;
}

void check_list_release(check_list *list)
{
    for (size_t i = 0; i < list->n; i++) memory_free(list->items[i].text);
    memory_free(list->items);
    list->items = NULL;
    list->n = list->capacity = 0;
}

mlsoap_status check_list_verdict(const check_list *list, mlsoap_error *error)
{
    const check_finding *first = NULL;
    size_t n_errors = 0;
    for (size_t i = 0; i < list->n; i++) {
        if (list->items[i].severity != CHECK_ERROR || list->items[i].allowed) continue;
        if (!first) first = &list->items[i];
        n_errors++;
    }
    if (!first) return MLSOAP_SUCCESS;
    char more[64] = "";
    if (n_errors > 1) snprintf(more, sizeof more, " (and %zu more errors)", n_errors - 1);
    return status_fail(error, MLSOAP_ERROR_VALUE, "%s; to train all the same: --allow %s%s", first->text, first->name,
                       more);
}

/* ------------------------------------------------------------------------------------------------ errors of the data
 */

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

static int compare_reals(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Nearest neighbor of every atom of a frame over the sum of covalent radii, appended to ratios. Rare gases, whose atoms
 * touch without a bond, say nothing. */
static mlsoap_status add_ratios(const structure *s, neighbor_list *list, double **ratios, size_t *n, size_t *capacity,
                                mlsoap_error *error)
{
    mlsoap_status status = neighbor_list_build(list, s, UNITS_REACH, NULL, error);
    if (!status && !MEMORY_RESERVE(ratios, capacity, *n + s->n_atoms))
        status = status_no_memory(error, (*n + s->n_atoms) * sizeof(double), "the check of units");
    for (size_t i = 0; i < s->n_atoms && !status; i++) {
        double nearest = INFINITY;
        for (int p = list->first[i]; p < list->first[i + 1]; p++) {
            double r = sqrt(list->dx[p] * list->dx[p] + list->dy[p] * list->dy[p] + list->dz[p] * list->dz[p]);
            double bond = element_covalent_radius(s->species[i]) + element_covalent_radius(list->species[p]);
            nearest = fmin(nearest, r / bond);
        }
        if (isfinite(nearest) && element_group(s->species[i]) != 18) (*ratios)[(*n)++] = nearest;
    }
    return status;
}

/* Lengths of a file that states no units, against covalent radii: bohr taken as angstrom are 1.9 times too long. */
static mlsoap_status check_units(const frame_set *set, check_list *list, mlsoap_error *error)
{
    neighbor_list neighbors = {0};
    double *ratios = NULL;
    size_t capacity = 0;
    mlsoap_status status = MLSOAP_SUCCESS;
    for (size_t k = 0; k < set->n_files && !status; k++) {
        const frame_file *file = &set->files[k];
        size_t n = 0;
        for (size_t c = 0; c < set->n_frames && file->length_unit && n < UNITS_SAMPLE && !status; c++)
            if (set->frames[c].i_file == (int)k)
                status = add_ratios(&set->frames[c].structure, &neighbors, &ratios, &n, &capacity, error);
        if (status) status_prefix(error, status, "%s", file->path);
        if (n == 0 || status) continue;
        qsort(ratios, n, sizeof *ratios, compare_reals);
        double ratio = ratios[n / 2];
        if (ratio >= UNITS_SHORT && ratio <= UNITS_LONG) continue;
        status = check_add(
            list, "units", CHECK_ERROR, n, error,
            "%s: the file states no units, and its lengths were taken in %s: nearest neighbors are then "
            "%.2f times as far apart as bonds are (median); set data.units, such as {length: %s, energy: "
            "%s}",
            file->path, file->length_unit, ratio, ratio > 1 ? "bohr" : "angstrom", ratio > 1 ? "hartree" : "eV");
    }
    memory_free(ratios);
    neighbor_list_release(&neighbors);
    return status;
}

static bool factor_is_zero(const config *c, const char *target)
{
    const json_t *value = json_object_get(json_object_get(c->root, "loss"), target);
    return json_is_number(value) && json_number_value(value) == 0;
}

static mlsoap_status check_missing(const dataset *data, const config *c, check_list *list, mlsoap_error *error)
{
    size_t n_with[N_FRAME_TARGETS] = {0}, n = data->train.n_frames;
    for (size_t i = 0; i < n; i++) {
        const frame *f = &data->train.frames[i];
        bool alone = f->structure.n_atoms == 1; /* an isolated atom has no force to give */
        n_with[TARGET_ENERGY] += f->has_energy;
        n_with[TARGET_FORCES] += f->has_forces;
        n_with[TARGET_VIRIAL] += f->has_virial || alone;
    }
    mlsoap_status status = MLSOAP_SUCCESS;
    if (n_with[TARGET_FORCES] == 0 && !factor_is_zero(c, "forces"))
        status = check_add(list, "no_forces", CHECK_ERROR, n, error,
                           "%s: no forces were found in the training data; a "
                           "potential without forces is rarely of use: name their key, or set loss.forces: 0",
                           data->train.files[0].path);
    for (int t = 0; t < N_FRAME_TARGETS && !status; t++)
        if (n_with[t] > 0 && n_with[t] < n)
            status = check_add(list, "missing_target", CHECK_WARNING, n - n_with[t], error,
                               "%zu of %zu training frames have no %s; it is used where it is present", n - n_with[t],
                               n, target_names[t]);
    return status;
}

static const char *frame_path(const frame_set *set, const frame *f)
{
    return set->files[f->i_file].path;
}

static mlsoap_status check_overlap(const dataset *data, const frame_set *other, const char *role, check_list *list,
                                   mlsoap_error *error)
{
    frame_pair *pairs = NULL;
    size_t n_pairs = 0, n = other->n_frames;
    if (n == 0) return MLSOAP_SUCCESS;
    const frame **frames = MEMORY_NEW(const frame *, n);
    if (!frames) return status_no_memory(error, n * sizeof *frames, "the test frames");
    for (size_t i = 0; i < n; i++) frames[i] = &other->frames[i];
    mlsoap_status status = frames_match(data->training, data->train.n_frames, frames, n, &pairs, &n_pairs, error);
    size_t n_shared = 0;
    for (size_t k = 0; k < n_pairs; k++) n_shared += k == 0 || pairs[k].b != pairs[k - 1].b;
    if (!status && n_shared > 0) {
        const frame *a = data->training[pairs[0].a], *b = frames[pairs[0].b];
        status = check_add(list, "train_test", CHECK_ERROR, n_shared, error,
                           "%zu %s frames are also in the training data (same cell and positions to 1e-4 angstrom): "
                           "first frame %zu of %s = frame %zu of %s; remove them from one of the two",
                           n_shared, role, b->index, frame_path(other, b), a->index, frame_path(&data->train, a));
    }
    memory_free(pairs);
    memory_free(frames);
    return status;
}

/* -------------------------------------------------------------------------------------------------------- warnings */

/* Sorted |F| of the atoms into norms[n_atoms]. */
static void force_norms(const frame *f, double *norms)
{
    for (size_t i = 0; i < f->structure.n_atoms; i++)
        norms[i] = sqrt(f->forces[i][0] * f->forces[i][0] + f->forces[i][1] * f->forces[i][1] +
                        f->forces[i][2] * f->forces[i][2]);
    qsort(norms, f->structure.n_atoms, sizeof *norms, compare_reals);
}

/* Equal energies per atom and equal sorted |F|: most likely the same structure rotated or reflected. */
static bool equivalent(const frame *a, const frame *b, double *scratch)
{
    size_t n = a->structure.n_atoms;
    if (n != b->structure.n_atoms || !a->has_energy || !b->has_energy || !a->has_forces || !b->has_forces) return false;
    if (!(fabs(a->energy - b->energy) <= EQUIVALENT_ENERGY * (double)n)) return false;
    force_norms(a, scratch);
    force_norms(b, scratch + n);
    for (size_t i = 0; i < n; i++)
        if (!(fabs(scratch[i] - scratch[n + i]) <= EQUIVALENT_FORCE)) return false;
    return true;
}

static mlsoap_status check_equivalents(const dataset *data, check_list *list, mlsoap_error *error)
{
    size_t n_found = 0, largest = 0;
    const frame *first = NULL, *twin = NULL;
    for (size_t i = 0; i < data->test.n_frames; i++)
        if (data->test.frames[i].structure.n_atoms > largest) largest = data->test.frames[i].structure.n_atoms;
    double *scratch = MEMORY_NEW(double, 2 * largest);
    if (!scratch) return status_no_memory(error, 2 * largest * sizeof *scratch, "the test frames");
    for (size_t i = 0; i < data->test.n_frames; i++)
        for (size_t j = 0; j < data->train.n_frames; j++) {
            const frame *test = &data->test.frames[i], *train = &data->train.frames[j];
            if (!equivalent(test, train, scratch) || structures_match(&test->structure, &train->structure)) continue;
            if (!first) {
                first = test;
                twin = train;
            }
            n_found++;
            break;
        }
    memory_free(scratch);
    if (n_found == 0) return MLSOAP_SUCCESS;
    return check_add(list, "symmetry_equivalent", CHECK_WARNING, n_found, error,
                     "%zu test frames look like symmetry equivalents of training frames (equal energy and |F|): first "
                     "frame %zu of the test data, frame %zu of the training data",
                     n_found, first->index, twin->index);
}

static mlsoap_status check_net_forces(const dataset *data, check_list *list, mlsoap_error *error)
{
    size_t n_found = 0;
    double largest = 0;
    const frame *worst = NULL;
    for (size_t c = 0; c < data->train.n_frames; c++) {
        const frame *f = &data->train.frames[c];
        double net[3] = {0};
        if (!f->has_forces) continue;
        for (size_t i = 0; i < f->structure.n_atoms; i++)
            for (int a = 0; a < 3; a++) net[a] += f->forces[i][a];
        double size = sqrt(net[0] * net[0] + net[1] * net[1] + net[2] * net[2]);
        n_found += size > NET_FORCE;
        if (size > largest) {
            largest = size;
            worst = f;
        }
    }
    if (n_found == 0) return MLSOAP_SUCCESS;
    return check_add(list, "net_force", CHECK_WARNING, n_found, error,
                     "%zu frames have a net force above %.2f eV/angstrom (largest %.3f, frame %zu of %s): no potential "
                     "can give it",
                     n_found, NET_FORCE, largest, worst->index, frame_path(&data->train, worst));
}

static mlsoap_status check_outliers(const dataset *data, const double *offsets, check_list *list, mlsoap_error *error)
{
    size_t n = data->train.n_frames, n_energy = 0, n_force = 0;
    double energy_sum = 0, energy_squares = 0, n_energies = 0, force_squares = 0, n_forces = 0;
    const frame *first_energy = NULL, *first_force = NULL;
    double *rest = MEMORY_NEW(double, n);
    if (!rest) return status_no_memory(error, n * sizeof *rest, "the search for outliers");
    for (size_t c = 0; c < n; c++) {
        const frame *f = &data->train.frames[c];
        if (f->has_energy) {
            rest[c] = (f->energy - offsets_energy(&f->structure, data->elements, data->n_elements, offsets)) /
                      (double)f->structure.n_atoms;
            energy_sum += rest[c];
            energy_squares += rest[c] * rest[c];
            n_energies++;
        }
        for (size_t i = 0; f->has_forces && i < f->structure.n_atoms; i++, n_forces += 3)
            for (int a = 0; a < 3; a++) force_squares += f->forces[i][a] * f->forces[i][a];
    }
    double mean = n_energies ? energy_sum / n_energies : 0;
    double deviation = n_energies ? sqrt(fmax(0, energy_squares / n_energies - mean * mean)) : 0;
    double force_size = n_forces ? sqrt(force_squares / n_forces) : 0;
    for (size_t c = 0; c < n; c++) {
        const frame *f = &data->train.frames[c];
        if (f->has_energy && fabs(rest[c] - mean) > OUTLIER_ENERGY * deviation && ++n_energy == 1) first_energy = f;
        for (size_t i = 0; f->has_forces && i < f->structure.n_atoms; i++)
            for (int a = 0; a < 3; a++)
                if (fabs(f->forces[i][a]) > OUTLIER_FORCE * force_size && ++n_force == 1) first_force = f;
    }
    memory_free(rest);
    mlsoap_status status = MLSOAP_SUCCESS;
    if (n_energy)
        status =
            check_add(list, "outlier_energy", CHECK_WARNING, n_energy, error,
                      "%zu energies are more than %.0f standard deviations (%.3f eV/atom) from the mean: first "
                      "frame %zu of %s",
                      n_energy, OUTLIER_ENERGY, deviation, first_energy->index, frame_path(&data->train, first_energy));
    if (!status && n_force)
        status =
            check_add(list, "outlier_force", CHECK_WARNING, n_force, error,
                      "%zu force components are above %.0f times their root mean square (%.3f eV/angstrom): first "
                      "frame %zu of %s",
                      n_force, OUTLIER_FORCE, force_size, first_force->index, frame_path(&data->train, first_force));
    return status;
}

mlsoap_status data_checks_targets(const dataset *data, const config *c, check_list *list, mlsoap_error *error)
{
    mlsoap_status status = check_units(&data->train, list, error);
    if (!status) status = check_units(&data->validation_files, list, error);
    if (!status) status = check_units(&data->test, list, error);
    if (!status) status = check_unused(&data->train, list, error);
    if (!status) status = check_unused(&data->validation_files, list, error);
    if (!status) status = check_unused(&data->test, list, error);
    return status ? status : check_missing(data, c, list, error);
}

mlsoap_status data_checks_frames(const dataset *data, const double *offsets, check_list *list, mlsoap_error *error)
{
    mlsoap_status status = check_overlap(data, &data->test, "test", list, error);
    if (!status) status = check_overlap(data, &data->validation_files, "validation", list, error);
    if (!status) status = check_equivalents(data, list, error);
    if (!status && data->n_repeated)
        status = check_add(list, "repeats", CHECK_WARNING, data->n_repeated, error,
                           "%zu training frames repeat an earlier one (same cell and positions); they are kept for the "
                           "fit and out of the validation split",
                           data->n_repeated);
    if (!status) status = check_net_forces(data, list, error);
    return status ? status : check_outliers(data, offsets, list, error);
}
