/* SPDX-License-Identifier: BSD-3-Clause */
/* Symmetry-equivalent frames; see frame_twins.h. The mean power spectrum x of a frame is kept as its products with a
 * few fixed random directions: a difference of length d changes them by about d each. Frames are sorted by the first
 * one; those that agree in all are compared further. */
#include "app/doctor/frame_twins.h"

#include "app/describe_frames.h"
#include "app/doctor/probe_cutoff.h"
#include "core/elements.h"
#include "core/memory.h"
#include "core/random_numbers.h"
#include "core/sorting.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

enum { N_DIRECTIONS = 16 };
static const double TOLERANCE = 1e-5;       /* of |x| */
static const double FORCE_TOLERANCE = 0.02; /* eV/Angstrom: symmetry as DFT keeps it */

typedef struct fingerprint {
    double products[N_DIRECTIONS], tolerance;
    size_t index;
} fingerprint;

static int compare_fingerprints(const void *a, const void *b)
{
    const fingerprint *x = a, *y = b;
    if (x->products[0] != y->products[0]) return x->products[0] < y->products[0] ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

static mlsoap_status make_describer(const frame *const *frames, size_t n, describer *d, mlsoap_error *error)
{
    bool present[ELEMENT_MAX + 1] = {false};
    double r_cut;
    mlsoap_status status = probe_cutoff(frames, n, &r_cut, error);
    if (status) return status;
    for (size_t c = 0; c < n; c++)
        for (size_t i = 0; i < frames[c]->structure.n_atoms; i++) present[frames[c]->structure.species[i]] = true;
    json_t *species = json_array();
    for (int z = 1; z <= ELEMENT_MAX; z++)
        if (present[z]) json_array_append_new(species, json_string(element_symbol(z)));
    json_t *settings = json_pack("[{s:s, s:s, s:f, s:i, s:i, s:f, s:s, s:{s:s, s:f}, s:s, s:{s:s, s:b}, s:o}]", "name",
                                 "twins", "type", "soap", "r_cut", r_cut, "n_max", 4, "l_max", 3, "sigma", 0.12 * r_cut,
                                 "basis", "gaussians", "cutoff", "function", "shifted_cosine", "width", 0.25 * r_cut,
                                 "compression", json_array_size(species) > 2 ? "mu1nu1" : "none", "pooling", "type",
                                 "mean", "per_species", json_array_size(species) > 1, "species", species);
    if (!settings) return status_no_memory(error, 1024, "the search for equivalent frames");
    int n_threads = omp_get_max_threads();
    omp_set_num_threads(1); /* some microseconds per atom: threads would wait for each other longer than they work */
    status = describer_new(settings, NULL, d, error);
    omp_set_num_threads(n_threads);
    json_decref(settings);
    return status;
}

/* x . direction for every direction; standard normal numbers, the same in every run. */
static void project(const double *x, size_t n, fingerprint *f)
{
    uint64_t state = 1;
    double square = 0;
    memset(f->products, 0, sizeof f->products);
    for (size_t i = 0; i < n; i++) {
        square += x[i] * x[i];
        for (int k = 0; k < N_DIRECTIONS; k++) /* +1 or -1 does as well as normal numbers */
            f->products[k] += random_bits(&state) & 1024 ? x[i] : -x[i];
    }
    f->tolerance = TOLERANCE * sqrt(square);
}

static mlsoap_status find_fingerprints(describer *d, const frame *const *frames, size_t n, fingerprint *prints,
                                       size_t *n_prints, mlsoap_error *error)
{
    description_rows rows = {0};
    mlsoap_status status = MLSOAP_SUCCESS;
    *n_prints = 0;
    for (size_t c = 0; c < n && !status; c++) {
        if (frames[c]->structure.n_atoms < 2) continue;
        status = describe_structure(d, &frames[c]->structure, DESCRIBE_VALUES, &rows, error);
        if (status) {
            status_prefix(error, status, "frame %zu", frames[c]->index);
            break;
        }
        prints[*n_prints].index = c;
        project(rows.values, d->n_features, &prints[(*n_prints)++]);
    }
    description_rows_release(&rows);
    return status;
}

static void force_norms(const frame *f, double *norms)
{
    for (size_t i = 0; i < f->structure.n_atoms; i++)
        norms[i] = sqrt(f->forces[i][0] * f->forces[i][0] + f->forces[i][1] * f->forces[i][1] +
                        f->forces[i][2] * f->forces[i][2]);
    sort_reals(norms, f->structure.n_atoms);
}

static bool forces_agree(const frame *a, const frame *b)
{
    size_t n = a->structure.n_atoms;
    if (!a->has_forces || !b->has_forces) return true;
    double *norms = MEMORY_NEW(double, 2 * n);
    if (!norms) return false;
    force_norms(a, norms);
    force_norms(b, norms + n);
    bool agree = true;
    for (size_t i = 0; i < n && agree; i++) agree = fabs(norms[i] - norms[n + i]) <= FORCE_TOLERANCE;
    memory_free(norms);
    return agree;
}

static bool are_twins(const frame *a, const frame *b, const fingerprint *x, const fingerprint *y)
{
    if (a->structure.n_atoms != b->structure.n_atoms) return false;
    for (int k = 0; k < N_DIRECTIONS; k++)
        if (!(fabs(x->products[k] - y->products[k]) <= x->tolerance)) return false;
    return forces_agree(a, b) && !structures_match(&a->structure, &b->structure);
}

static int compare_pairs(const void *a, const void *b)
{
    const frame_pair *x = a, *y = b;
    return (x->b > y->b) - (x->b < y->b);
}

/* The first twin of each frame among those whose first product is near. */
static size_t pair_up(const frame *const *frames, const fingerprint *prints, size_t n, size_t *first, frame_pair *pairs)
{
    size_t n_pairs = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = i + 1; j < n && prints[j].products[0] - prints[i].products[0] <= prints[i].tolerance; j++) {
            size_t a = prints[i].index, b = prints[j].index, low = a < b ? a : b, high = a < b ? b : a;
            if (low >= first[high] || !are_twins(frames[a], frames[b], &prints[i], &prints[j])) continue;
            first[high] = low;
        }
    for (size_t i = 0; i < n; i++)
        if (first[prints[i].index] != SIZE_MAX)
            pairs[n_pairs++] = (frame_pair){first[prints[i].index], prints[i].index};
    qsort(pairs, n_pairs, sizeof *pairs, compare_pairs);
    return n_pairs;
}

mlsoap_status frame_twins_find(const frame *const *frames, size_t n_frames, frame_pair **pairs, size_t *n_pairs,
                               mlsoap_error *error)
{
    describer d = {0};
    fingerprint *prints = MEMORY_NEW(fingerprint, n_frames);
    size_t *first = MEMORY_NEW(size_t, n_frames), n = 0;
    *pairs = MEMORY_NEW(frame_pair, n_frames);
    *n_pairs = 0;
    mlsoap_status status = MLSOAP_SUCCESS;
    if (!prints || !first || !*pairs)
        status = status_no_memory(error, n_frames * sizeof *prints, "the search for equivalent frames");
    if (!status) status = make_describer(frames, n_frames, &d, error);
    if (!status) {
        status = find_fingerprints(&d, frames, n_frames, prints, &n, error);
        describer_release(&d);
    }
    if (!status) {
        qsort(prints, n, sizeof *prints, compare_fingerprints);
        for (size_t i = 0; i < n_frames; i++) first[i] = SIZE_MAX;
        *n_pairs = pair_up(frames, prints, n, first, *pairs);
    }
    memory_free(prints);
    memory_free(first);
    if (!status) return MLSOAP_SUCCESS;
    memory_free(*pairs);
    *pairs = NULL;
    return status;
}
