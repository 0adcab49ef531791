/* SPDX-License-Identifier: BSD-3-Clause */
/* Checks of single frames and of frames that are equal; see data_checks.h. */
#include "app/doctor/data_checks.h"
#include "app/doctor/frame_match.h"
#include "app/doctor/frame_twins.h"
#include "app/doctor/offsets.h"
#include "app/doctor/training_domain.h"
#include "core/elements.h"
#include "core/memory.h"
#include "core/sorting.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const double NET_FORCE = 0.05;          /* eV/Angstrom per frame */
static const double OUTLIER_ENERGY = 15;       /* usual spreads of E/N after the offsets: published sets stay below 8 */
static const double OUTLIER_DEVIATION = 3;     /* standard deviations, besides */
static const double NORMAL_DEVIATION = 1.4826; /* of a normal distribution over its median distance */
static const double OUTLIER_FORCE = 20;        /* standard deviations of the force components */
static const double CONTRADICTION = 2e-3;      /* eV/atom between frames of one structure */
static const double SHORT_DISTANCE = 0.45;     /* of the sum of covalent radii */

/* Frames in one list. */
typedef struct frame_list {
    const frame_set *set;
    const frame **frames;
    size_t n;
} frame_list;

static bool list_frames(const frame_set *set, const frame_set *more, frame_list *l)
{
    l->set = set;
    l->n = set->n_frames + (more ? more->n_frames : 0);
    l->frames = MEMORY_NEW(const frame *, l->n);
    for (size_t i = 0; l->frames && i < l->n; i++)
        l->frames[i] = i < set->n_frames ? &set->frames[i] : &more->frames[i - set->n_frames];
    return l->frames != NULL;
}

static const char *frame_path(const frame_set *set, const frame *f)
{
    return set->files[f->i_file].path;
}

static mlsoap_status check_overlap(const frame_list *train, const frame_set *other, const char *role, check_list *list,
                                   mlsoap_error *error)
{
    frame_pair *pairs = NULL;
    size_t n_pairs = 0, n = other ? other->n_frames : 0;
    if (n == 0) return MLSOAP_SUCCESS;
    const frame **frames = MEMORY_NEW(const frame *, n);
    if (!frames) return status_no_memory(error, n * sizeof *frames, "the test frames");
    for (size_t i = 0; i < n; i++) frames[i] = &other->frames[i];
    mlsoap_status status = frames_match(train->frames, train->n, frames, n, &pairs, &n_pairs, error);
    size_t n_shared = 0;
    for (size_t k = 0; k < n_pairs; k++) n_shared += k == 0 || pairs[k].b != pairs[k - 1].b;
    if (!status && n_shared > 0) {
        const frame *a = train->frames[pairs[0].a], *b = frames[pairs[0].b];
        status = check_add(list, "train_test", CHECK_ERROR, n_shared, error,
                           "%zu %s frames are also in the training data (same cell and positions to 1e-4 angstrom): "
                           "first frame %zu of %s = frame %zu of %s; remove them from one of the two",
                           n_shared, role, b->index, frame_path(other, b), a->index, frame_path(train->set, a));
    }
    memory_free(pairs);
    memory_free(frames);
    return status;
}

/* --------------------------------------------------------------------------------------------- the same structure
 */

/* Energies of the same structure that differ. */
static size_t count_contradictions(const frame_list *l, const frame_pair *pairs, size_t n_pairs, frame_pair *first)
{
    size_t n = 0;
    for (size_t k = 0; k < n_pairs; k++) {
        const frame *a = l->frames[pairs[k].a], *b = l->frames[pairs[k].b];
        if (!a->has_energy || !b->has_energy) continue;
        if (fabs(a->energy - b->energy) <= CONTRADICTION * (double)a->structure.n_atoms) continue;
        if (n++ == 0) *first = pairs[k];
    }
    return n;
}

static mlsoap_status check_repeats(const frame_list *train, check_list *list, mlsoap_error *error)
{
    frame_pair *pairs = NULL, worst = {0};
    size_t n_pairs = 0, n = 0;
    mlsoap_status status = frames_match(train->frames, train->n, NULL, 0, &pairs, &n_pairs, error);
    for (size_t k = 0; k < n_pairs; k++) n += k == 0 || pairs[k].b != pairs[k - 1].b;
    if (!status && n > 0) {
        const frame *a = train->frames[pairs[0].a], *b = train->frames[pairs[0].b];
        status = check_add(list, "repeats", CHECK_WARNING, n, error,
                           "%zu training frames repeat an earlier one (same cell and positions): first frame %zu of %s "
                           "= frame %zu of %s; they are kept for the fit and out of the validation split",
                           n, b->index, frame_path(train->set, b), a->index, frame_path(train->set, a));
    }
    size_t n_worst = status ? 0 : count_contradictions(train, pairs, n_pairs, &worst);
    if (n_worst > 0) {
        const frame *a = train->frames[worst.a], *b = train->frames[worst.b];
        status = check_add(list, "contradiction", CHECK_WARNING, n_worst, error,
                           "%zu pairs of equal structures have energies that differ by more than %.0f meV/atom: first "
                           "frames %zu (%.6f eV) and %zu (%.6f eV) of %s",
                           n_worst, 1000 * CONTRADICTION, a->index, a->energy, b->index, b->energy,
                           frame_path(train->set, b));
    }
    memory_free(pairs);
    return status;
}

static mlsoap_status add_twins(const checked_data *data, const frame_list *all, const frame_pair *pairs, size_t n_pairs,
                               check_list *list, mlsoap_error *error)
{
    size_t n_train = data->train->n_frames, n_shared = 0, n_inside = 0, first_shared = 0, first_inside = 0;
    mlsoap_status status = MLSOAP_SUCCESS;
    for (size_t k = 0; k < n_pairs; k++) {
        bool shared = pairs[k].b >= n_train && pairs[k].a < n_train, inside = pairs[k].b < n_train;
        if (shared && n_shared++ == 0) first_shared = k;
        if (inside && n_inside++ == 0) first_inside = k;
    }
    if (n_shared > 0) {
        const frame *a = all->frames[pairs[first_shared].a], *b = all->frames[pairs[first_shared].b];
        status = check_add(list, "symmetry_equivalent", CHECK_WARNING, n_shared, error,
                           "%zu test frames are symmetry equivalents (rotated, reflected, shifted or renumbered) of "
                           "training frames: first frame %zu of %s, frame %zu of %s",
                           n_shared, b->index, frame_path(data->test, b), a->index, frame_path(data->train, a));
    }
    if (n_inside > 0 && !status) {
        const frame *a = all->frames[pairs[first_inside].a], *b = all->frames[pairs[first_inside].b];
        status = check_add(list, "equivalents", CHECK_WARNING, n_inside, error,
                           "%zu training frames are symmetry equivalents of earlier ones: first frame %zu of %s, frame "
                           "%zu of %s; a validation split among them is too kind",
                           n_inside, b->index, frame_path(data->train, b), a->index, frame_path(data->train, a));
    }
    return status;
}

static mlsoap_status check_twins(const checked_data *data, check_list *list, mlsoap_error *error)
{
    frame_list all = {0};
    frame_pair *pairs = NULL;
    size_t n_pairs = 0;
    if (!list_frames(data->train, data->test, &all)) return status_no_memory(error, 1, "the search for equal frames");
    mlsoap_status status = frame_twins_find(all.frames, all.n, &pairs, &n_pairs, error);
    if (!status) status = add_twins(data, &all, pairs, n_pairs, list, error);
    memory_free(pairs);
    memory_free(all.frames);
    return status;
}

/* -------------------------------------------------------------------------------------------------------- numbers */

static mlsoap_status check_net_forces(const frame_set *set, check_list *list, mlsoap_error *error)
{
    size_t n_found = 0;
    double largest = 0;
    const frame *worst = NULL;
    for (size_t c = 0; c < set->n_frames; c++) {
        const frame *f = &set->frames[c];
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
                     n_found, NET_FORCE, largest, worst->index, frame_path(set, worst));
}

/* Median and median distance from it, as a standard deviation; one wild energy moves neither. Sorts `sorted`. */
static void find_middle(double *sorted, size_t n, double *median, double *spread)
{
    sort_reals(sorted, n);
    *median = sorted[n / 2];
    for (size_t i = 0; i < n; i++) sorted[i] = fabs(sorted[i] - *median);
    sort_reals(sorted, n);
    *spread = NORMAL_DEVIATION * sorted[n / 2];
}

/* Energies that are far from the median, and from the mean too (where more than half of them are equal, the median
 * distance is 0). Isolated atoms are far away by nature. */
static mlsoap_status check_energies(const frame_set *set, const int *elements, int n_elements, const double *offsets,
                                    check_list *list, mlsoap_error *error)
{
    size_t n = 0, n_found = 0;
    double sum = 0, squares = 0, median = 0, spread = 0;
    const frame *first = NULL;
    double *rest = MEMORY_NEW(double, 2 * set->n_frames), *sorted = rest ? rest + set->n_frames : NULL;
    if (!rest) return status_no_memory(error, 2 * set->n_frames * sizeof *rest, "the search for outliers");
    for (size_t c = 0; c < set->n_frames; c++) {
        const frame *f = &set->frames[c];
        rest[c] = NAN;
        if (!f->has_energy || f->structure.n_atoms < 2) continue;
        rest[c] =
            (f->energy - offsets_energy(&f->structure, elements, n_elements, offsets)) / (double)f->structure.n_atoms;
        sorted[n++] = rest[c];
        sum += rest[c];
        squares += rest[c] * rest[c];
    }
    if (n > 0) find_middle(sorted, n, &median, &spread);
    double mean = n ? sum / (double)n : 0, deviation = n ? sqrt(fmax(0, squares / (double)n - mean * mean)) : 0;
    for (size_t c = 0; c < set->n_frames; c++)
        if (fabs(rest[c] - median) > OUTLIER_ENERGY * spread && fabs(rest[c] - mean) > OUTLIER_DEVIATION * deviation &&
            ++n_found == 1)
            first = &set->frames[c];
    memory_free(rest);
    if (n_found == 0) return MLSOAP_SUCCESS;
    return check_add(list, "outlier_energy", CHECK_WARNING, n_found, error,
                     "%zu energies are more than %.0f times the usual spread (%.3f eV/atom) from the median: first "
                     "frame %zu of %s",
                     n_found, OUTLIER_ENERGY, spread, first->index, frame_path(set, first));
}

static mlsoap_status check_forces(const frame_set *set, check_list *list, mlsoap_error *error)
{
    size_t n_found = 0;
    double squares = 0, n = 0;
    const frame *first = NULL;
    for (size_t c = 0; c < set->n_frames; c++)
        for (size_t i = 0; set->frames[c].has_forces && i < 3 * set->frames[c].structure.n_atoms; i++, n++)
            squares += set->frames[c].forces[i / 3][i % 3] * set->frames[c].forces[i / 3][i % 3];
    double size = n > 0 ? sqrt(squares / n) : 0;
    for (size_t c = 0; c < set->n_frames; c++)
        for (size_t i = 0; set->frames[c].has_forces && i < 3 * set->frames[c].structure.n_atoms; i++)
            if (fabs(set->frames[c].forces[i / 3][i % 3]) > OUTLIER_FORCE * size && ++n_found == 1)
                first = &set->frames[c];
    if (n_found == 0) return MLSOAP_SUCCESS;
    return check_add(list, "outlier_force", CHECK_WARNING, n_found, error,
                     "%zu force components are above %.0f times their root mean square (%.3f eV/angstrom): first frame "
                     "%zu of %s",
                     n_found, OUTLIER_FORCE, size, first->index, frame_path(set, first));
}

/* Total energies grow with the number of atoms; energies per atom do not. */
static mlsoap_status check_extensive(const frame_set *set, check_list *list, mlsoap_error *error)
{
    double sums[2] = {0}, squares[2] = {0}, n = 0;
    size_t fewest = SIZE_MAX, most = 0;
    for (size_t c = 0; c < set->n_frames; c++) {
        const frame *f = &set->frames[c];
        if (!f->has_energy) continue;
        const double values[2] = {f->energy, f->energy / (double)f->structure.n_atoms};
        for (int k = 0; k < 2; k++) {
            sums[k] += values[k];
            squares[k] += values[k] * values[k];
        }
        n++;
        if (f->structure.n_atoms < fewest) fewest = f->structure.n_atoms;
        if (f->structure.n_atoms > most) most = f->structure.n_atoms;
    }
    if (n < 8 || most < 2 * fewest) return MLSOAP_SUCCESS;
    double spread[2];
    for (int k = 0; k < 2; k++)
        spread[k] = sqrt(fmax(0, squares[k] / n - sums[k] * sums[k] / (n * n))) / fabs(sums[k] / n);
    if (!(spread[0] < 0.1 && spread[1] > 3 * spread[0])) return MLSOAP_SUCCESS;
    return check_add(
        list, "units", CHECK_ERROR, (size_t)n, error,
        "%s: the energies look like energies per atom (%.3f eV +- %.0f %% for frames of %zu to %zu atoms); "
        "mlsoap needs those of the whole frame",
        set->files[0].path, sums[0] / n, 100 * spread[0], fewest, most);
}

static mlsoap_status check_distances(const frame_list *train, const int *elements, int n_elements, check_list *list,
                                     mlsoap_error *error)
{
    training_domain domain;
    mlsoap_status status = training_domain_find(train->frames, train->n, elements, n_elements, &domain, error);
    for (int a = 0; a < n_elements && !status; a++)
        for (int b = a; b < n_elements && !status; b++) {
            double r = domain.shortest[a * n_elements + b];
            double bond = element_bond_length(elements[a], elements[b]);
            if (r < SHORT_DISTANCE * bond)
                status = check_add(list, "short_distance", CHECK_WARNING, 1, error,
                                   "%s and %s come as close as %.3f angstrom (a bond has some %.2f)",
                                   element_symbol(elements[a]), element_symbol(elements[b]), r, bond);
        }
    training_domain_release(&domain);
    return status;
}

/* Of an element that is there once, nothing can be learned but one number. */
static mlsoap_status check_environments(const frame_set *set, const int *elements, int n_elements, check_list *list,
                                        mlsoap_error *error)
{
    mlsoap_status status = MLSOAP_SUCCESS;
    for (int e = 0; e < n_elements && !status; e++) {
        size_t n = 0;
        const frame *holder = NULL;
        for (size_t c = 0; c < set->n_frames; c++)
            for (size_t i = 0; i < set->frames[c].structure.n_atoms; i++)
                if (set->frames[c].structure.species[i] == elements[e] && ++n == 1) holder = &set->frames[c];
        if (n == 1)
            status = check_add(
                list, "single_environment", CHECK_WARNING, 1, error,
                "the training data hold a single atom of %s, in frame %zu of %s: its surroundings cannot "
                "be learned from one environment; add frames with %s, or leave this one out",
                element_symbol(elements[e]), holder->index, frame_path(set, holder), element_symbol(elements[e]));
    }
    return status;
}

mlsoap_status data_checks_frames(const checked_data *data, const int *elements, int n_elements, const double *offsets,
                                 check_list *list, mlsoap_error *error)
{
    frame_list train = {0};
    if (!list_frames(data->train, NULL, &train)) return status_no_memory(error, 1, "the checks of the data");
    mlsoap_status status = check_overlap(&train, data->test, "test", list, error);
    if (!status) status = check_overlap(&train, data->validation, "validation", list, error);
    if (!status) status = check_repeats(&train, list, error);
    if (!status) status = check_twins(data, list, error);
    if (!status) status = check_net_forces(data->train, list, error);
    if (!status) status = data_checks_virials(data, list, error);
    if (!status) status = check_energies(data->train, elements, n_elements, offsets, list, error);
    if (!status) status = check_forces(data->train, list, error);
    if (!status) status = check_extensive(data->train, list, error);
    if (!status) status = check_environments(data->train, elements, n_elements, list, error);
    if (!status) status = check_distances(&train, elements, n_elements, list, error);
    memory_free(train.frames);
    return status;
}
