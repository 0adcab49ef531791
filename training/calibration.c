/* SPDX-License-Identifier: BSD-3-Clause */
/* Calibration of uncertainties; see calibration.h. */
#include "calibration.h"

#include "app/reliability.h"
#include "core/elements.h"
#include "core/memory.h"
#include "core/sorting.h"
#include "potential/potential.h"

#include <math.h>
#include <string.h>

static const double LEVEL = 1e-6;
enum { FEWEST_ATOMS = 50, ATOMS_OF_BIN = 25, MOST_BINS = 12 }; /* fewer atoms of an element: those of all count */

/* A bin of atoms, or several joined. */
typedef struct pool {
    double n, error2;       /* number, and sum */
    double lowest, highest; /* root mean square s of its first and its last bin */
} pool;

/* Uncertainties of the atoms of the element (0: of any), sorted by size, and their force errors in the order of the
 * data; NULL `sorted`: only their number. */
static size_t collect(const frame_set *set, int element, ranked_real *sorted, double *errors)
{
    size_t n = 0;
    for (size_t c = 0; c < set->n_frames; c++) {
        const frame *f = &set->frames[c];
        for (size_t i = 0; i < f->structure.n_atoms && reliability_has_forces(f); i++) {
            if (element && f->structure.species[i] != element) continue;
            if (sorted) {
                sorted[n] = (ranked_real){f->predicted_uncertainty[i][0], n};
                errors[n] = reliability_force_error(f, i);
            }
            n++;
        }
    }
    if (sorted) sort_ranked(sorted, n);
    return n;
}

/* True where b does not lie above a in both s and error. */
static bool violates(const pool *a, const pool *b)
{
    return !(b->lowest > a->highest) || !(b->error2 / b->n > a->error2 / a->n);
}

/* Atoms [first, last) of those sorted. */
static pool make_bin(const ranked_real *sorted, const double *errors, size_t first, size_t last)
{
    pool bin = {.n = (double)(last - first)};
    for (size_t k = first; k < last; k++) {
        double s = sorted[k].value, error = errors[sorted[k].index];
        bin.lowest += s * s / bin.n;
        bin.error2 += error * error;
    }
    bin.lowest = bin.highest = sqrt(bin.lowest);
    return bin;
}

static int make_pools(const ranked_real *sorted, const double *errors, size_t n, pool pools[MOST_BINS])
{
    size_t n_bins = n / ATOMS_OF_BIN < MOST_BINS ? n / ATOMS_OF_BIN : MOST_BINS;
    int n_pools = 0;
    if (n_bins == 0) n_bins = 1;
    for (size_t b = 0; b < n_bins; b++) {
        pools[n_pools++] = make_bin(sorted, errors, b * n / n_bins, (b + 1) * n / n_bins);
        while (n_pools > 1 && violates(&pools[n_pools - 2], &pools[n_pools - 1])) {
            pool *below = &pools[n_pools - 2], *above = &pools[--n_pools];
            below->n += above->n;
            below->error2 += above->error2;
            below->highest = above->highest;
        }
    }
    return n_pools;
}

/* Knots of a pool: one error for all of its s, from the lowest bin to the highest, but for LEVEL, as knots ascend. Bins
 * of exact forces, or of s = 0, lie on the line from 0 to the first knot. */
static void append_knots(json_t *map, const pool *p)
{
    double error = sqrt(p->error2 / p->n), before = 0;
    json_t *last = json_array_get(map, json_array_size(map) - 1);
    if (last) before = json_number_value(json_array_get(last, 1));
    if (!(error > 0) || !(p->highest > 0)) return;
    if (p->lowest > 0 && p->lowest < p->highest && (1 - LEVEL) * error > before)
        json_array_append_new(map, json_pack("[f, f]", p->lowest, (1 - LEVEL) * error));
    json_array_append_new(map, json_pack("[f, f]", p->highest, error));
}

/* [[s, error], ...] of one element; NULL: no memory. */
static json_t *find_map(const frame_set *set, int element)
{
    size_t n = collect(set, element, NULL, NULL);
    if (element && n < FEWEST_ATOMS) return find_map(set, 0);
    ranked_real *sorted = MEMORY_NEW(ranked_real, n);
    double *errors = MEMORY_NEW(double, n);
    pool pools[MOST_BINS];
    int n_pools = 0;
    bool enough = sorted && errors;
    json_t *map = json_array();
    if (enough && n > 0) {
        collect(set, element, sorted, errors);
        n_pools = make_pools(sorted, errors, n, pools);
    }
    for (int i = 0; i < n_pools; i++) append_knots(map, &pools[i]);
    if (json_array_size(map) == 0) json_array_append_new(map, json_pack("[f, f]", 1.0, 1.0));
    memory_free(sorted);
    memory_free(errors);
    if (enough) return map;
    json_decref(map);
    return NULL;
}

static double energy_factor(const frame_set *set)
{
    reliability r = {0};
    reliability_energies(set, &r);
    return r.energy_predicted > 0 && r.energy_error > 0 ? r.energy_error / r.energy_predicted : 1;
}

mlsoap_status calibration_find(const frame_set *set, const int *elements, int n_elements, json_t **calibrations,
                               mlsoap_error *error)
{
    double energy = energy_factor(set);
    *calibrations = json_object();
    for (int e = 0; e < n_elements; e++) {
        json_t *map = find_map(set, elements[e]);
        json_t *entry = map ? json_pack("{s:f, s:o}", "energy", energy, "forces", map) : NULL;
        if (!entry || json_object_set_new(*calibrations, element_symbol(elements[e]), entry)) {
            json_decref(*calibrations);
            *calibrations = NULL;
            return status_no_memory(error, 1024, "the calibration of the uncertainty");
        }
    }
    return MLSOAP_SUCCESS;
}

mlsoap_status calibration_apply(json_t *calibrations, frame_set *set, mlsoap_error *error)
{
    uncertainty_calibration by_number[ELEMENT_MAX + 1] = {{0}};
    json_t *entry;
    const char *symbol;
    json_object_foreach(calibrations, symbol, entry)
    {
        int number = element_from_symbol(symbol, strlen(symbol));
        if (number < 1) continue;
        mlsoap_status status = uncertainty_calibration_read(entry, symbol, NULL, &by_number[number], error);
        if (status) return status;
    }
    for (size_t c = 0; c < set->n_frames; c++) {
        const frame *f = &set->frames[c];
        for (size_t i = 0; i < f->structure.n_atoms && f->predicted_uncertainty; i++) {
            const uncertainty_calibration *map = &by_number[f->structure.species[i]];
            double s = f->predicted_uncertainty[i][0];
            f->predicted_uncertainty[i][0] = map->energy * s;
            f->predicted_uncertainty[i][1] = calibrated_force(map, s);
        }
    }
    return MLSOAP_SUCCESS;
}
