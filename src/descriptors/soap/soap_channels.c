/* SPDX-License-Identifier: BSD-3-Clause */
/* Channels of the density, products of channels, and the features that they give: number, order, weights, names (spec
 * soap.md 5, 6 and 8). */
#include "core/elements.h"
#include "core/memory.h"
#include "descriptors/soap/soap_settings.h"
#include "descriptors/soap/species_mixing.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* U of a mix: the matrix in the settings, where a potential brings it, else made and written there. */
static mlsoap_status read_mixing(soap *s, json_t *compression, soap_place at)
{
    size_t n = (size_t)s->base.n_species, n_channels = (size_t)s->n_channels;
    json_t *rows = json_object_get(compression, "matrix");
    if (!rows && strcmp(schema_text(compression, "mixing"), "learned") == 0)
        return schema_fail(
            at.source, at.path, "compression.matrix", at.error,
            "is missing: mixing learned takes it from training data; use a potential that `mlsoap train` "
            "made, copy the matrix from its config.yaml, or use mixing: fixed");
    if (!rows) {
        mlsoap_status status = species_mixing(s->n_channels, s->base.n_species, s->species, s->mixing, at.error);
        if (status) return status_prefix(at.error, status, "%s.compression", at.path);
        rows = json_array();
        for (size_t k = 0; k < n_channels; k++) {
            json_t *row = json_array();
            for (size_t z = 0; z < n; z++) json_array_append_new(row, json_real(s->mixing[k * n + z]));
            json_array_append_new(rows, row);
        }
        if (json_object_set_new(compression, "matrix", rows))
            return status_no_memory(at.error, n * 16, "a mixing matrix");
    }
    for (size_t k = 0; k < n_channels * n; k++) {
        const json_t *row = json_array_get(rows, k / n), *value = json_array_get(row, k % n);
        if (json_array_size(rows) != n_channels || json_array_size(row) != n || !json_is_number(value))
            return schema_fail(at.source, at.path, "compression.matrix", at.error,
                               "must have %zu rows of %zu numbers (channels, species)", n_channels, n);
        s->mixing[k] = json_number_value(value);
    }
    return MLSOAP_SUCCESS;
}

/* Channels: the species themselves, the species and their sum, the sum, or a mix (spec soap.md 6). */
static mlsoap_status read_channels(soap *s, json_t *settings, soap_place at)
{
    json_t *compression = json_object_get(settings, "compression");
    const char *name = json_string_value(compression);
    int n = s->base.n_species;
    if (name && strcmp(name, "mix") == 0) {
        compression = json_object();
        mlsoap_status status = schema_complete(compression, soap_compression_schema, at.path, at.source, at.error);
        if (status || json_object_set_new(settings, "compression", compression))
            return status ? status : status_no_memory(at.error, 64, "compression");
        name = NULL;
    }
    s->compression = SOAP_ALL_PRODUCTS;
    s->n_channels = n;
    if (!name) {
        s->n_channels = (int)schema_integer(compression, "channels");
        if (s->n_channels > n)
            return schema_fail(at.source, at.path, "compression.channels", at.error,
                               "%d channels for %d species; at most one for each species makes sense", s->n_channels,
                               n);
    } else if (strcmp(name, "crossover") == 0) {
        s->compression = SOAP_CROSSOVER;
    } else if (strcmp(name, "mu2") == 0) {
        s->n_channels = 1;
    } else if (strcmp(name, "mu1nu1") == 0) {
        s->compression = SOAP_MU1NU1;
        s->n_channels = n + 1;
    }
    s->mixing = MEMORY_NEW(double, (size_t)s->n_channels *(size_t)n);
    if (!s->mixing) return status_no_memory(at.error, (size_t)(n * n) * 8, "the channels of the density");
    if (!name) return read_mixing(s, compression, at);
    s->channels_are_species = s->n_channels == n;
    for (int k = 0; k < s->n_channels; k++)
        for (int z = 0; z < n; z++) s->mixing[k * n + z] = s->n_channels == 1 || k == n || k == z;
    return MLSOAP_SUCCESS;
}

/* Products of channels, outermost to innermost as the features are ordered. */
static mlsoap_status list_products(soap *s, soap_place at)
{
    int n = s->compression == SOAP_MU1NU1 ? s->n_channels - 1 : s->n_channels;
    s->products = MEMORY_NEW(soap_product, (size_t)n * (size_t)(n + 1) / 2);
    if (!s->products) return status_no_memory(at.error, (size_t)(n * n) * 16, "the products of channels");
    for (int a = 0; a < n; a++)
        for (int b = a; b < n; b++) {
            if (s->compression != SOAP_ALL_PRODUCTS && b > a) break;
            s->products[s->n_products++] =
                s->compression == SOAP_MU1NU1 ? (soap_product){a, n, 0, 0} : (soap_product){a, b, a == b, 0};
        }
    return MLSOAP_SUCCESS;
}

/* The block's density: the only species, or all of them mixed into one more channel (spec bispectrum.md 1). */
static mlsoap_status add_block_channel(soap *s, soap_place at)
{
    size_t n = (size_t)s->base.n_species, size = (size_t)s->n_channels * n;
    if (n == 1) return MLSOAP_SUCCESS; /* channel 0 */
    double *larger = MEMORY_NEW(double, size + n);
    if (!larger) return status_no_memory(at.error, (size + n) * sizeof(double), "the channels of the density");
    memcpy(larger, s->mixing, size * sizeof(double));
    memory_free(s->mixing);
    s->mixing = larger;
    s->channels_are_species = 0;
    s->block->density = s->n_channels++;
    return species_mixing(1, s->base.n_species, s->species, s->mixing + size, at.error);
}

static mlsoap_status read_block_matrix(const soap *s, const json_t *settings, int A, int L, double *U, soap_place at)
{
    const json_t *matrix = json_object_get(settings, "matrix");
    if (!matrix || !json_object_get(settings, "scale") || !json_object_get(settings, "weight"))
        return schema_fail(at.source, at.path, "bispectrum", at.error,
                           "needs matrix, scale and weight, which mlsoap takes from data (train, describe)");
    for (size_t l = 0, u = 0; l < (size_t)L; l++)
        for (size_t a = 0; a < (size_t)A; a++)
            for (size_t n = 0; n < (size_t)s->n_max; n++) {
                const json_t *rows = json_array_get(matrix, l), *row = json_array_get(rows, a),
                             *x = json_array_get(row, n);
                if (json_array_size(matrix) != (size_t)L || json_array_size(rows) != (size_t)A ||
                    json_array_size(row) != (size_t)s->n_max || !json_is_number(x))
                    return schema_fail(at.source, at.path, "bispectrum.matrix", at.error,
                                       "must be %d times %d rows of %d numbers (degree, channel, n)", L, A, s->n_max);
                U[u++] = json_number_value(x);
            }
    return MLSOAP_SUCCESS;
}

static mlsoap_status read_block(soap *s, const json_t *settings, soap_place at)
{
    const json_t *block = json_object_get(settings, "bispectrum");
    if (!json_is_object(block)) return MLSOAP_SUCCESS;
    int A = (int)schema_integer(block, "channels"), L = (int)schema_integer(block, "l_max");
    if (s->mode == SOAP_QUIP || A > s->n_max || L > s->l_max)
        return schema_fail(at.source, at.path, "bispectrum", at.error,
                           s->mode == SOAP_QUIP ? "makes no sense in mode quip"
                                                : "has more channels than n_max = %d or a larger l_max than %d",
                           s->n_max, s->l_max);
    double *U = MEMORY_NEW(double, (size_t)(A * L * s->n_max));
    if (!U) return status_no_memory(at.error, (size_t)(A * L * s->n_max) * 8, "the bispectrum");
    mlsoap_status status = read_block_matrix(s, block, A, L, U, at);
    if (!status) status = bispectrum_new(A, L, s->n_max, U, &s->block, at.error);
    memory_free(U);
    if (status) return status;
    s->block->weight = schema_real(block, "weight");
    bispectrum_set_factor(s->block, s->block->weight / schema_real(block, "scale"));
    return add_block_channel(s, at);
}

/* Length of the power spectrum in a normalized joint vector: that of the weighted features. */
static mlsoap_status set_metric(soap *s, soap_place at)
{
    if (!s->block || !s->normalize) return MLSOAP_SUCCESS;
    s->joint_factor = 1 / sqrt(1 + s->block->weight * s->block->weight);
    s->metric = MEMORY_NEW(double, s->n_power);
    if (!s->metric) return status_no_memory(at.error, s->n_power * sizeof(double), "feature weights");
    for (size_t f = 0; f < s->n_power; f++) s->metric[f] = s->feature_weights[f] * s->feature_weights[f];
    return MLSOAP_SUCCESS;
}

static mlsoap_status count_features(soap *s, soap_place at)
{
    size_t n = (size_t)s->n_max, degrees = (size_t)s->l_max + 1;
    for (int k = 0; k < s->n_products; k++) {
        s->products[k].first_feature = s->n_raw;
        s->n_raw += (s->products[k].packed ? n * (n + 1) / 2 : n * n) * degrees;
    }
    s->n_power = s->n_raw;
    if (s->block) s->n_raw += s->block->n_features;
    s->raw_stride = (s->n_raw + LANES - 1) / LANES * LANES;
    s->base.n_features = s->n_raw + (s->mode == SOAP_QUIP);
    s->base.stride = (s->base.n_features + LANES - 1) / LANES * LANES;
    s->feature_weights = MEMORY_NEW(double, s->base.stride);
    if (!s->feature_weights) return status_no_memory(at.error, s->n_raw * sizeof(double), "feature weights");
    s->base.weights = s->feature_weights;
    return MLSOAP_SUCCESS;
}

/* a_f = sqrt 2 for the products of which the full matrix has two (none in mu1nu1, where both orders are stored). */
static void set_feature_weights(soap *s)
{
    size_t n = (size_t)s->n_max;
    double *weight = s->feature_weights;
    for (int k = 0; k < s->n_products; k++)
        for (size_t l = 0; l <= (size_t)s->l_max; l++)
            for (size_t i = 0; i < n; i++)
                for (size_t j = s->products[k].packed ? i : 0; j < n; j++)
                    *weight++ = s->compression == SOAP_MU1NU1 || (s->products[k].packed && i == j) ? 1 : sqrt(2.0);
    while (weight < s->feature_weights + s->n_raw) *weight++ = 1; /* the block has its multiplicities */
}

/* QUIP's order and factors: compound indices A = (species, n) and B <= A, then l; sqrt 2 where A != B is in the
 * features, so that the weights are 1. */
static mlsoap_status arrange_as_quip(soap *s, soap_place at)
{
    size_t n = (size_t)s->n_max, n_compound = n * (size_t)s->base.n_species, degrees = (size_t)s->l_max + 1, f = 0;
    s->arrangement = MEMORY_NEW(size_t, s->n_raw);
    s->factors = MEMORY_NEW(double, s->n_raw);
    if (!s->arrangement || !s->factors) return status_no_memory(at.error, s->n_raw * 16, "the order of features");
    for (size_t A = 0; A < n_compound; A++)
        for (size_t B = 0; B <= A; B++)
            for (size_t l = 0; l < degrees; l++, f++) {
                size_t a = B / n, b = A / n, i = B % n, j = A % n; /* species a <= b, functions i and j */
                size_t k = a * (size_t)s->base.n_species - a * (a + 1) / 2 + b;
                size_t within =
                    s->products[k].packed ? l * (n * (n + 1) / 2) + i * n - i * (i + 1) / 2 + j : l * n * n + i * n + j;
                s->arrangement[f] = s->products[k].first_feature + within;
                s->factors[f] = A == B ? 1 : sqrt(2.0);
            }
    for (f = 0; f < s->base.n_features; f++) s->feature_weights[f] = 1;
    return MLSOAP_SUCCESS;
}

mlsoap_status soap_set_channels(soap *s, json_t *settings, soap_place at)
{
    mlsoap_status status = read_channels(s, settings, at);
    if (!status) status = list_products(s, at);
    if (!status) status = read_block(s, settings, at);
    if (!status) status = count_features(s, at);
    s->joint_factor = 1;
    if (!status && s->mode == SOAP_QUIP) return arrange_as_quip(s, at);
    if (status) return status;
    set_feature_weights(s);
    return set_metric(s, at);
}

/* The species that is a channel, "all" for their sum, "mix2" for the second of a mix. */
static void channel_name(const soap *s, int k, char text[16])
{
    int total = s->compression == SOAP_MU1NU1 ? k == s->base.n_species : 0;
    if (total || (s->n_channels == 1 && s->base.n_species > 1))
        snprintf(text, 16, "all");
    else if (s->channels_are_species || s->compression == SOAP_MU1NU1)
        snprintf(text, 16, "%s", element_symbol(s->species[k]));
    else
        snprintf(text, 16, "mix%d", k + 1);
}

void soap_feature_name(const descriptor *d, size_t i_feature, char *text, size_t size)
{
    const soap *s = (const soap *)d;
    if (i_feature == s->n_raw) {
        snprintf(text, size, "sigma0");
        return;
    }
    if (i_feature >= s->n_power) {
        const int *t = s->block->triples[i_feature - s->n_power];
        snprintf(text, size, "B l%d a%d l%d a%d l%d a%d", t[0], t[1] + 1, t[2], t[3] + 1, t[4], t[5] + 1);
        return;
    }
    if (s->arrangement) i_feature = s->arrangement[i_feature];
    int k = s->n_products - 1;
    while (s->products[k].first_feature > i_feature) k--;
    size_t f = i_feature - s->products[k].first_feature, n_max = (size_t)s->n_max;
    size_t per_degree = s->products[k].packed ? n_max * (n_max + 1) / 2 : n_max * n_max, l = f / per_degree, n = 0;
    f %= per_degree;
    while (s->products[k].packed && f >= n_max - n) f -= n_max - n++;
    size_t n1 = s->products[k].packed ? n : f / n_max, n2 = s->products[k].packed ? n + f : f % n_max;
    char a[16], b[16];
    channel_name(s, s->products[k].a, a);
    channel_name(s, s->products[k].b, b);
    snprintf(text, size, "%s-%s n%zu n%zu l%zu", a, b, n1 + 1, n2 + 1, l);
}
