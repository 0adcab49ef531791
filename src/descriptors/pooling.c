/* SPDX-License-Identifier: BSD-3-Clause */
/* Pooling; see pooling.h. */
#include "descriptors/pooling.h"

#include "core/elements.h"
#include "core/memory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const pooling_none[] = {"none", NULL};
static const char *const type_names[] = {"mean", "sum", "max", "histogram", NULL}; /* from POOLING_MEAN on */

enum { BINS_MAX = 10000 };

const schema_key pooling_schema[] = {
    {"type", SCHEMA_TEXT, NULL, NULL, 1, 0, type_names, NULL, "mean, sum, max (by components) or histogram"},
    {"per_species", SCHEMA_BOOLEAN, "false", NULL, 1, 0, NULL, NULL,
     "a block for the centers of each element, by ascending atomic numbers"},
    {"bins", SCHEMA_INTEGER | SCHEMA_LIST, "", NULL, 1, BINS_MAX, NULL, NULL,
     "histogram: number of equal bins (20), or a list of their edges"},
    {"range", SCHEMA_LIST, "", NULL, 1, 0, NULL, NULL,
     "histogram: [low, high] of the equal bins; default: the range of each feature in the data"},
    {NULL, 0, NULL, NULL, 1, 0, NULL, NULL, NULL}};

/** Where messages point to. */
typedef struct place {
    const char *path;
    const schema_source *source;
    mlsoap_error *error;
} place;

static int compare_integers(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

/* ---------------------------------------------------------------------------------------------------- settings */

/* A list of ascending numbers; NULL with an error where it is none. */
static mlsoap_status read_edges(const json_t *list, const char *key, double *edges, place at)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *number = json_array_get(list, i);
        edges[i] = json_number_value(number);
        if (!json_is_number(number) || !isfinite(edges[i]) || (i > 0 && !(edges[i] > edges[i - 1])))
            return schema_fail(at.source, at.path, key, at.error, "item %zu is not a number above the one before", i);
    }
    return MLSOAP_SUCCESS;
}

static mlsoap_status read_range(pooling *p, const json_t *range, place at)
{
    double limits[2] = {0};
    p->low = MEMORY_NEW(double, p->n_features);
    p->high = MEMORY_NEW(double, p->n_features);
    if (!p->low || !p->high) return status_no_memory(at.error, p->n_features * sizeof(double), "bins");
    p->is_open = !range;
    if (range && json_array_size(range) != 2)
        return schema_fail(at.source, at.path, "pooling.range", at.error, "must be two numbers, [low, high]");
    mlsoap_status status = range ? read_edges(range, "pooling.range", limits, at) : MLSOAP_SUCCESS;
    for (size_t f = 0; f < p->n_features; f++) {
        p->low[f] = range ? limits[0] : INFINITY;
        p->high[f] = range ? limits[1] : -INFINITY;
    }
    return status;
}

static mlsoap_status read_bins(pooling *p, json_t *settings, place at)
{
    const json_t *range = json_object_get(settings, "range");
    json_t *bins = json_object_get(settings, "bins");
    if (!bins && json_object_set_new(settings, "bins", bins = json_integer(20)))
        return status_no_memory(at.error, 64, "bins");
    if (json_is_integer(bins)) {
        p->n_bins = (size_t)json_integer_value(bins);
        return read_range(p, range, at);
    }
    if (range)
        return schema_fail(at.source, at.path, "pooling.range", at.error, "makes no sense beside a list of edges");
    size_t n = json_array_size(bins);
    if (n < 2 || n > BINS_MAX + 1)
        return schema_fail(at.source, at.path, "pooling.bins", at.error, "%zu edges; give 2 to %d", n, BINS_MAX + 1);
    p->edges = MEMORY_NEW(double, n);
    if (!p->edges) return status_no_memory(at.error, n * sizeof *p->edges, "bins");
    p->n_bins = n - 1;
    return read_edges(bins, "pooling.bins", p->edges, at);
}

static mlsoap_status read_species(pooling *p, const descriptor *d, place at)
{
    if (!d->centers_are_atoms)
        return schema_fail(at.source, at.path, "pooling.per_species", at.error,
                           "the centers are points, which have no species");
    p->n_species = d->n_center_species;
    p->species = MEMORY_NEW(int, (size_t)p->n_species);
    if (!p->species) return status_no_memory(at.error, (size_t)p->n_species * sizeof(int), "species");
    memcpy(p->species, d->center_species, (size_t)p->n_species * sizeof *p->species);
    qsort(p->species, (size_t)p->n_species, sizeof *p->species, compare_integers);
    return MLSOAP_SUCCESS;
}

static mlsoap_status read_pooling(pooling *p, const descriptor *d, json_t *settings, place at)
{
    const char *name = schema_text(settings, "type");
    for (int i = 0; type_names[i]; i++)
        if (strcmp(type_names[i], name) == 0) p->type = (pooling_type)(POOLING_MEAN + i);
    for (int i = 0; i < 2 && p->type != POOLING_HISTOGRAM; i++) {
        static const char *const only_histogram[] = {"bins", "range"};
        char key[32];
        snprintf(key, sizeof key, "pooling.%s", only_histogram[i]);
        if (json_object_get(settings, only_histogram[i]))
            return schema_fail(at.source, at.path, key, at.error, "makes no sense with type %s", name);
    }
    mlsoap_status status = p->type == POOLING_HISTOGRAM ? read_bins(p, settings, at) : MLSOAP_SUCCESS;
    if (!status && schema_boolean(settings, "per_species")) status = read_species(p, d, at);
    return status;
}

mlsoap_status pooling_read(const descriptor *d, const char *path, const schema_source *source, pooling *p,
                           mlsoap_error *error)
{
    place at = {path, source, error};
    json_t *settings = json_object_get(d->settings, "pooling");
    const char *average = schema_text(d->settings, "average");
    int averages = average && strcmp(average, "none") != 0;
    *p = (pooling){.n_features = d->n_features, .n_species = 1, .n_bins = 1};
    if (averages && json_is_object(settings))
        return schema_fail(source, path, "average", error, "makes no sense beside `pooling`; choose one of them");
    if (averages) p->type = strcmp(average, "inner") == 0 ? POOLING_DENSITY : POOLING_MEAN;
    mlsoap_status status = json_is_object(settings) ? read_pooling(p, d, settings, at) : MLSOAP_SUCCESS;
    if (status) return status;
    if (!size_multiply(p->n_features, p->n_bins, &p->n_columns) ||
        !size_multiply(p->n_columns, (size_t)p->n_species, &p->n_columns))
        return status_no_memory(error, SIZE_MAX, "the columns of a pooled descriptor");
    return MLSOAP_SUCCESS;
}

void pooling_release(pooling *p)
{
    memory_free(p->species);
    memory_free(p->edges);
    memory_free(p->low);
    memory_free(p->high);
    *p = (pooling){0};
}

mlsoap_status pooling_refuse(const descriptor *d, const char *path, const schema_source *source, mlsoap_error *error)
{
    static const char *const keys[] = {"average", "pooling"};
    for (int i = 0; i < 2; i++)
        if (json_object_get(d->settings, keys[i]) && !schema_is_none(d->settings, keys[i]))
            return schema_fail(source, path, keys[i], error,
                               "gives one row per structure, which is for `mlsoap describe`; the energy of a potential "
                               "is a sum over atoms: leave the key away");
    return MLSOAP_SUCCESS;
}

/* ------------------------------------------------------------------------------------------------------- pooling */

int pooling_is_linear(const pooling *p)
{
    return p->type == POOLING_MEAN || p->type == POOLING_SUM || p->type == POOLING_DENSITY;
}

void pooling_survey(pooling *p, const double *D)
{
    for (size_t f = 0; p->is_open && f < p->n_features; f++) {
        p->low[f] = fmin(p->low[f], D[f]);
        p->high[f] = fmax(p->high[f], D[f]);
    }
}

int pooling_block(const pooling *p, int species)
{
    if (!p->species) return 0;
    for (int i = 0; i < p->n_species; i++)
        if (p->species[i] == species) return i;
    return -1;
}

/* Lower edge of a bin. A range of one value is widened by 1/2 on each side. */
static double edge(const pooling *p, size_t feature, size_t bin)
{
    if (p->edges) return p->edges[bin];
    double low = p->low[feature], high = p->high[feature];
    if (!(high > low)) {
        low -= 0.5;
        high += 0.5;
    }
    return bin == p->n_bins ? high : low + (high - low) * ((double)bin / (double)p->n_bins);
}

/* The last bin whose lower edge is not above x; the first one where all are. */
static size_t bin_of(const pooling *p, size_t feature, double x)
{
    size_t first = 0, end = p->n_bins;
    while (end - first > 1) {
        size_t middle = first + (end - first) / 2;
        if (x >= edge(p, feature, middle))
            first = middle;
        else
            end = middle;
    }
    return first;
}

static void add_row(const pooling *p, const double *D, int is_first, double *out)
{
    for (size_t f = 0; f < p->n_features; f++) {
        if (p->type == POOLING_HISTOGRAM)
            out[f * p->n_bins + bin_of(p, f, D[f])] += 1;
        else if (p->type == POOLING_MAX)
            out[f] = is_first ? D[f] : fmax(out[f], D[f]);
        else
            out[f] += D[f];
    }
}

void pooling_apply(const pooling *p, const double *D, size_t n_rows, size_t stride, const int *blocks, double *out)
{
    size_t width = p->n_features * p->n_bins;
    for (int b = 0; b < p->n_species; b++) {
        double *block = out + (size_t)b * width;
        size_t n = 0;
        memset(block, 0, width * sizeof *block);
        for (size_t i = 0; i < n_rows; i++)
            if (blocks[i] == b) add_row(p, D + i * stride, n++ == 0, block);
        if (n == 0 || p->type == POOLING_SUM || p->type == POOLING_MAX) continue;
        for (size_t k = 0; k < width; k++) block[k] /= (double)n;
    }
}

size_t pooling_column_name(const pooling *p, size_t column, char *prefix, size_t prefix_size, char *suffix,
                           size_t suffix_size)
{
    size_t width = p->n_features * p->n_bins, block = column / width, feature = column % width / p->n_bins;
    size_t bin = column % p->n_bins;
    prefix[0] = suffix[0] = '\0';
    if (p->type == POOLING_HISTOGRAM)
        snprintf(suffix, suffix_size, " in [%.6g, %.6g%c", edge(p, feature, bin), edge(p, feature, bin + 1),
                 bin + 1 == p->n_bins ? ']' : ')');
    if (p->species) snprintf(prefix, prefix_size, "%s: ", element_symbol(p->species[block]));
    return feature;
}
