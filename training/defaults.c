/* SPDX-License-Identifier: BSD-3-Clause */
/* Default descriptor from the data; see defaults.h. */
#include "defaults.h"

#include "core/elements.h"
#include "core/memory.h"
#include "core/sorting.h"
#include "structure/neighbor_list.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SAMPLE = 20000 };
static const double FAR = 10;                                   /* Angstrom, the largest first shell looked for */
static const double CUTOFF_FACTOR = 2.65, SEVERAL_FACTOR = 2.3; /* r_cut by first shell */
static const double SEVERAL_LARGEST = 7;     /* Angstrom: like atoms of a molecule can be far apart */
static const double SHORT = 2.2, LONG = 2.9; /* cutoffs by a: widths shrink below, more radial functions above */

typedef struct distances {
    double *values;
    size_t n, capacity;
} distances;

static double median(distances *d)
{
    if (d->n == 0) return 0;
    sort_reals(d->values, d->n);
    return d->n % 2 ? d->values[d->n / 2] : 0.5 * (d->values[d->n / 2 - 1] + d->values[d->n / 2]);
}

/* Nearest neighbor of each element around one center, into the lists of its pairs. */
static mlsoap_status add_center(const neighbor_list *list, size_t i, const int *elements, int n, double *nearest,
                                distances *pairs, mlsoap_error *error)
{
    int center = element_position(elements, n, list->center_species[i]);
    if (center < 0) return MLSOAP_SUCCESS;
    for (int e = 0; e < n; e++) nearest[e] = INFINITY;
    for (int p = list->first[i]; p < list->first[i + 1]; p++) {
        int e = element_position(elements, n, list->species[p]);
        double r = sqrt(list->dx[p] * list->dx[p] + list->dy[p] * list->dy[p] + list->dz[p] * list->dz[p]);
        if (e >= 0 && r < nearest[e]) nearest[e] = r;
    }
    for (int e = 0; e < n; e++) {
        if (!isfinite(nearest[e])) continue;
        distances *d = &pairs[center < e ? center * n + e : e * n + center];
        if (!MEMORY_RESERVE(&d->values, &d->capacity, d->n + 1))
            return status_no_memory(error, d->n * sizeof(double), "neighbor distances");
        d->values[d->n++] = nearest[e];
    }
    return MLSOAP_SUCCESS;
}

/* A frame is looked at with the smallest of 3, 5 and 10 Angstrom in which all its atoms find neighbors of every element
 * that it holds, so that dense frames cost little. */
static mlsoap_status add_frame(const structure *s, neighbor_list *list, const int *elements, int n, double *nearest,
                               distances *pairs, mlsoap_error *error)
{
    static const double radii[] = {3, 5, 10};
    bool present[ELEMENT_MAX + 1] = {false};
    int n_present = 0;
    for (size_t i = 0; i < s->n_atoms; i++) {
        n_present += !present[s->species[i]];
        present[s->species[i]] = true;
    }
    for (int k = 0; k < 3; k++) {
        neighbor_centers atoms = {0};
        mlsoap_status status = neighbor_list_build(list, s, radii[k], &atoms, error);
        if (status) return status;
        bool complete = true;
        for (size_t i = 0; i < list->n_centers && complete; i++) {
            bool seen[ELEMENT_MAX + 1] = {false};
            int n_seen = 0;
            for (int p = list->first[i]; p < list->first[i + 1]; p++) {
                n_seen += !seen[list->species[p]];
                seen[list->species[p]] = true;
            }
            complete = n_seen >= n_present;
        }
        if (complete) break;
    }
    for (size_t i = 0; i < list->n_centers; i++) {
        mlsoap_status status = add_center(list, i, elements, n, nearest, pairs, error);
        if (status) return status;
    }
    return MLSOAP_SUCCESS;
}

static void choose_lengths(distances *pairs, const int *elements, int n, default_lengths *lengths)
{
    double longest_unlike = 0;
    int unlike[2] = {0, 0};
    for (int a = 0; a < n; a++)
        for (int b = a; b < n; b++) {
            double r = median(&pairs[a * n + b]);
            if (!(r > 0)) continue;
            if (a == b && r > lengths->shell) {
                lengths->shell = r;
                lengths->shell_z[0] = lengths->shell_z[1] = elements[a];
            }
            if (a != b && r > longest_unlike) {
                longest_unlike = r;
                unlike[0] = elements[a];
                unlike[1] = elements[b];
            }
            if (lengths->shortest == 0 || r < lengths->shortest) {
                lengths->shortest = r;
                lengths->shortest_z[0] = elements[a];
                lengths->shortest_z[1] = elements[b];
            }
        }
    if (lengths->shell > 0) return;
    lengths->shell = longest_unlike; /* no atom has a neighbor of its own element */
    memcpy(lengths->shell_z, unlike, sizeof unlike);
}

mlsoap_status default_lengths_find(const frame *const *frames, size_t n_frames, const int *elements, int n_elements,
                                   default_lengths *lengths, mlsoap_error *error)
{
    size_t n = (size_t)n_elements, n_atoms = 0, step = 1;
    memset(lengths, 0, sizeof *lengths);
    neighbor_list list = {0};
    distances *pairs = MEMORY_NEW(distances, n * n);
    double *nearest = MEMORY_NEW(double, n);
    mlsoap_status status = MLSOAP_SUCCESS;
    if (!pairs || !nearest) status = status_no_memory(error, n * n * sizeof *pairs, "neighbor distances");
    for (size_t c = 0; c < n_frames; c++) n_atoms += frames[c]->structure.n_atoms;
    if (n_atoms > SAMPLE) step = (n_atoms + SAMPLE - 1) / SAMPLE;
    for (size_t c = 0; c < n_frames && !status; c += step) {
        status = add_frame(&frames[c]->structure, &list, elements, n_elements, nearest, pairs, error);
        if (status) status_prefix(error, status, "frame %zu of the training data", c);
        lengths->n_sampled += frames[c]->structure.n_atoms;
    }
    if (!status) choose_lengths(pairs, elements, n_elements, lengths);
    if (!status && !(lengths->shell > 0))
        status =
            status_fail(error, MLSOAP_ERROR_VALUE,
                        "no atom has a neighbor within %.0f angstrom, so no descriptor can be chosen from the data: "
                        "give `descriptors` with r_cut, n_max, l_max and sigma",
                        FAR);
    for (size_t k = 0; pairs && k < n * n; k++) memory_free(pairs[k].values);
    memory_free(pairs);
    memory_free(nearest);
    neighbor_list_release(&list);
    return status;
}

bool element_is_metal(int z)
{
    static const int others[] = {1,  2,  5,  6,  7,  8,  9,  10, 14, 15, 16, 17,  18, 32,
                                 33, 34, 35, 36, 51, 52, 53, 54, 84, 85, 86, 117, 118};
    return element_position(others, (int)(sizeof others / sizeof *others), z) < 0;
}

static double rounded(double x)
{
    return rint(x * 1000) / 1000;
}

/* a of the rule. */
static double rule_length(const default_lengths *l, int n_elements)
{
    double r_cut = (n_elements > 1 ? SEVERAL_FACTOR : CUTOFF_FACTOR) * l->shell;
    return (n_elements > 1 ? fmin(r_cut, SEVERAL_LARGEST) : r_cut) / CUTOFF_FACTOR;
}

double default_cutoff(const default_lengths *l, int n_elements, double factor)
{
    double r_cut = factor * rule_length(l, n_elements);
    return rounded(n_elements > 1 ? fmin(r_cut, SEVERAL_LARGEST) : r_cut);
}

json_t *default_descriptor(const default_lengths *l, const int *elements, int n_elements, double r_cut, char *why,
                           size_t size)
{
    bool metals = true, several = n_elements > 1;
    for (int e = 0; e < n_elements; e++) metals &= element_is_metal(elements[e]);
    double a = rule_length(l, n_elements);
    if (!(r_cut > 0)) r_cut = default_cutoff(l, n_elements, CUTOFF_FACTOR);
    bool longer = r_cut > LONG * a;
    a = fmin(a, r_cut / SHORT);
    double r0 = 1.08 * a, sigma = (metals ? 0.19 : 0.21) * a;
    bool short_bond = several && 1.5 * l->shortest < r0;
    if (short_bond) r0 = 1.5 * l->shortest;
    int n_max = several ? (longer ? 10 : 8) : longer ? 12 : metals ? 10 : 8, l_max = metals ? 5 : 6;
    bool mixed = n_elements > 2;
    snprintf(why, size,
             "chosen from the data: median nearest %s-%s distance %.3f angstrom; r_cut %.3f (%.2f times); sigma %.3f, "
             "cutoff width %.3f; radial scaling r0 = %.3f (%s); %sn_max %d, l_max %d; compression %s for %d element%s",
             element_symbol(l->shell_z[0]), element_symbol(l->shell_z[1]), l->shell, r_cut, r_cut / l->shell, sigma,
             0.4 * a, r0, short_bond ? "1.5 times the shortest bond" : "just beyond the first shell",
             metals ? "metal: " : "", n_max, l_max, mixed ? "mix of 2 channels" : "none", n_elements,
             several ? "s" : "");
    return json_pack("{s:s, s:f, s:i, s:i, s:f, s:s, s:{s:s, s:f}, s:{s:f, s:f}, s:o}", "type", "soap", "r_cut",
                     rounded(r_cut), "n_max", n_max, "l_max", l_max, "sigma", rounded(sigma), "basis", "gaussians",
                     "cutoff", "function", "shifted_cosine", "width", rounded(0.4 * a), "radial_scaling", "r0",
                     rounded(r0), "m", 4.0, "compression",
                     mixed ? json_pack("{s:s, s:i}", "type", "mix", "channels", 2) : json_string("none"));
}

static bool has_text(const json_t *settings, const char *key, const char *text)
{
    const char *value = json_string_value(json_object_get(settings, key));
    return value && strcmp(value, text) == 0;
}

bool default_is_wanted(const json_t *settings)
{
    if (json_object_get(settings, "type") && !has_text(settings, "type", "soap")) return false;
    return !json_object_get(settings, "r_cut") || !json_object_get(settings, "n_max") ||
           !json_object_get(settings, "l_max") || !json_object_get(settings, "sigma");
}

/* The four-body block within what the user gave of the descriptor. */
static void add_block(json_t *settings, const json_t *given, int channels, char *why, size_t size)
{
    const json_t *n_max = json_object_get(given, "n_max"), *l_max = json_object_get(given, "l_max");
    int L = 4;
    size_t n = strlen(why);
    if (json_is_integer(n_max) && json_integer_value(n_max) < channels) channels = (int)json_integer_value(n_max);
    if (json_is_integer(l_max) && json_integer_value(l_max) < L) L = (int)json_integer_value(l_max);
    if (channels < 1 || L < 1) return;
    json_object_set_new(settings, "bispectrum", json_pack("{s:i, s:i}", "channels", channels, "l_max", L));
    if (n < size) snprintf(why + n, size - n, "; bispectrum of %d channels, l_max %d", channels, L);
}

/* What the user gave in place of a choice. */
static void note_given(const json_t *settings, const json_t *chosen, char *why, size_t size)
{
    static const char *const keys[] = {"n_max", "l_max", "sigma", "cutoff", "radial_scaling", "compression"};
    for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
        const json_t *given = json_object_get(settings, keys[k]);
        size_t n = strlen(why);
        if (given && n < size && !json_equal(given, json_object_get(chosen, keys[k])))
            snprintf(why + n, size - n, "; %s as given", keys[k]);
    }
}

mlsoap_status default_complete(json_t *settings, const default_lengths *lengths, const int *elements, int n_elements,
                               double r_cut, int channels, char *why, size_t size, mlsoap_error *error)
{
    static const char *const smooth_keys[] = {"basis", "cutoff", "radial_scaling", "compression", "bispectrum"};
    const json_t *given = json_object_get(settings, "r_cut");
    if (json_is_number(given)) r_cut = json_number_value(given);
    json_t *chosen = default_descriptor(lengths, elements, n_elements, r_cut, why, size);
    bool longer = json_number_value(json_object_get(chosen, "r_cut")) > LONG * rule_length(lengths, n_elements);
    if (chosen && channels > 0 && n_elements == 1 && !longer) add_block(chosen, settings, channels, why, size);
    if (json_object_get(settings, "mode") && !has_text(settings, "mode", "smooth")) /* has other weights and bases */
        for (size_t k = 0; k < sizeof smooth_keys / sizeof *smooth_keys; k++) json_object_del(chosen, smooth_keys[k]);
    note_given(settings, chosen, why, size);
    mlsoap_status status = MLSOAP_SUCCESS;
    if (!chosen || json_object_update_missing(settings, chosen))
        status = status_no_memory(error, 1024, "the default descriptor");
    json_decref(chosen);
    return status;
}

mlsoap_status default_descriptors(json_t *root, const frame *const *frames, size_t n_frames, const int *elements,
                                  int n_elements, double r_cut, char *why, size_t size, mlsoap_error *error)
{
    int channels = has_text(json_object_get(root, "model"), "type", "network") ? 3 : 2;
    json_t *list = json_object_get(root, "descriptors");
    default_lengths lengths;
    bool needed = json_array_size(list) == 0;
    why[0] = '\0';
    for (size_t i = 0; i < json_array_size(list); i++) needed |= default_is_wanted(json_array_get(list, i));
    if (!needed) return MLSOAP_SUCCESS;
    mlsoap_status status = default_lengths_find(frames, n_frames, elements, n_elements, &lengths, error);
    if (!status && json_array_size(list) == 0 && json_object_set_new(root, "descriptors", list = json_pack("[{}]")))
        status = status_no_memory(error, 1024, "the default descriptor");
    for (size_t i = 0; i < json_array_size(list) && !status; i++) {
        json_t *settings = json_array_get(list, i);
        if (default_is_wanted(settings))
            status = default_complete(settings, &lengths, elements, n_elements, r_cut, channels, why, size, error);
    }
    return status;
}

mlsoap_status default_kernel(json_t *model, const feature_set *features, const int *elements, int n_elements,
                             mlsoap_error *error)
{
    bool given = json_object_get(model, "normalized") != NULL;
    feature_worker worker;
    bool vanishes = false;
    double *D = MEMORY_NEW(double, features->stride);
    mlsoap_status status = feature_worker_new(&worker, features, error);
    if (!status && !D) status = status_no_memory(error, features->stride * sizeof(double), "features");
    for (int e = 0; e < n_elements && !status && features->centers_are_atoms; e++) {
        if (!feature_set_serves(features, elements[e])) continue;
        status = feature_worker_isolated(&worker, elements[e], D, error);
        double largest = 0;
        for (size_t f = 0; f < features->stride && !status; f++)
            largest = fmax(largest, fabs(features->weights[f] * D[f]));
        vanishes |= largest == 0;
    }
    json_t *defaults = json_pack("{s:b}", "normalized", !vanishes);
    if (strcmp(schema_text(model, "type"), "sparse_gp") == 0)
        json_object_set_new(defaults, "constant", vanishes && !given ? json_string("auto") : json_integer(0));
    if (!status && json_object_update_missing(model, defaults))
        status = status_no_memory(error, 64, "the configuration");
    json_decref(defaults);
    feature_worker_release(&worker);
    memory_free(D);
    return status;
}
