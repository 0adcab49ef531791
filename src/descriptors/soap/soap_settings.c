/* SPDX-License-Identifier: BSD-3-Clause */
/* The keys of the descriptor `soap` and the construction of the engine from them (spec soap.md 4 to 6; keys: design
 * section 10). */
#include "core/elements.h"
#include "core/memory.h"
#include "descriptors/soap/soap.h"
#include "descriptors/soap/species_mixing.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const basis_names[] = {"gaussians", "gto", "polynomial", NULL};
static const char *const projection_names[] = {"exact", "collocation", NULL};
static const char *const cutoff_names[] = {"cosine", "shifted_cosine", "poly", NULL}; /* in the order of cutoff_type */
static const char *const compression_names[] = {"none", "mu2", "mu1nu1", "crossover", "mix", NULL};
static const char *const mixing_names[] = {"fixed", NULL};
static const char *const mode_names[] = {"smooth", NULL};
static const char *const type_names[] = {"soap", NULL};
static const char *const none_names[] = {"none", NULL};

static const schema_key cutoff_schema[] = {
    {"function", SCHEMA_TEXT, "\"shifted_cosine\"", NULL, 1, 0, cutoff_names, NULL,
     "cutoff function: cosine, shifted_cosine or poly"},
    {"width", SCHEMA_REAL, "", "angstrom", 1e-3, 1e3, NULL, NULL, "shifted_cosine: width of the transition (1)"},
    {"m", SCHEMA_REAL, "", NULL, 1, 32, NULL, NULL, "poly: exponent (2)"},
    {NULL, 0, NULL, NULL, 1, 0, NULL, NULL, NULL}};

static const schema_key scaling_schema[] = {
    {"r0", SCHEMA_REAL, NULL, "angstrom", 1e-3, 1e3, NULL, NULL, "distance at which the weight is one half"},
    {"m", SCHEMA_REAL, "4", NULL, 2, 32, NULL, NULL, "exponent"},
    {NULL, 0, NULL, NULL, 1, 0, NULL, NULL, NULL}};

static const schema_key compression_schema[] = {
    {"type", SCHEMA_TEXT, "\"mix\"", NULL, 1, 0, compression_names + 4, NULL, "mix"},
    {"channels", SCHEMA_INTEGER, "2", NULL, 1, 16, NULL, NULL, "mix: number of density channels"},
    {"mixing", SCHEMA_TEXT, "\"fixed\"", NULL, 1, 0, mixing_names, NULL, "mix: fixed (by the periodic table)"},
    {"matrix", SCHEMA_LIST, "", NULL, 1, 0, NULL, NULL, "mix: U [channels][species], set by mlsoap"},
    {NULL, 0, NULL, NULL, 1, 0, NULL, NULL, NULL}};

const schema_key soap_schema[] = {
    {"name", SCHEMA_TEXT, "\"soap\"", NULL, 1, 0, NULL, NULL, "name that terms of the model refer to"},
    {"type", SCHEMA_TEXT, "\"soap\"", NULL, 1, 0, type_names, NULL, "kind of descriptor"},
    {"mode", SCHEMA_TEXT, "\"smooth\"", NULL, 1, 0, mode_names, NULL,
     "convention: smooth (cutoff function in the density; the one for molecular dynamics)"},
    {"species", SCHEMA_LIST, NULL, NULL, 1, 0, NULL, NULL, "elements in the density"},
    {"centers", SCHEMA_TEXT | SCHEMA_LIST, "\"atoms\"", NULL, 1, 0, NULL, NULL,
     "atoms, a list of central elements, midpoint, or a list of points [[x, y, z], ...]"},
    {"r_cut", SCHEMA_REAL, NULL, "angstrom", 1e-3, 100, NULL, NULL, "cutoff"},
    {"n_max", SCHEMA_INTEGER, NULL, NULL, 1, 16, NULL, NULL, "number of radial functions (polynomial: at most 10)"},
    {"l_max", SCHEMA_INTEGER, NULL, NULL, 0, 20, NULL, NULL, "largest degree of the spherical harmonics"},
    {"sigma", SCHEMA_REAL, NULL, "angstrom", 1e-2, 10, NULL, NULL, "width of the atomic density"},
    {"basis", SCHEMA_TEXT, "\"gaussians\"", NULL, 1, 0, basis_names, NULL,
     "radial basis: gaussians (equispaced), gto or polynomial"},
    {"projection", SCHEMA_TEXT, "", NULL, 1, 0, projection_names, NULL,
     "gaussians: exact (default) or collocation (as QUIP)"},
    {"basis_error_exponent", SCHEMA_REAL, "", NULL, 0, 100, NULL, NULL,
     "gaussians: the basis reaches beyond r_cut by sigma sqrt(2 e ln 10), as QUIP's (10 there); default: up to r_cut"},
    {"bispectrum", SCHEMA_TEXT | SCHEMA_NULL, "\"none\"", NULL, 1, 0, none_names, NULL, "four-body block"},
    {"cutoff", SCHEMA_OBJECT, "{}", NULL, 1, 0, NULL, cutoff_schema, "cutoff function of the density"},
    {"radial_scaling", SCHEMA_OBJECT | SCHEMA_TEXT | SCHEMA_NULL, "\"none\"", NULL, 1, 0, none_names, scaling_schema,
     "density weight 1/(1 + (r/r0)^m), or none"},
    {"w0", SCHEMA_REAL, "1", NULL, 0, 1e6, NULL, NULL, "weight of the central atom"},
    {"species_weights", SCHEMA_OBJECT, "{}", NULL, 1, 0, NULL, NULL, "weight of each element in the density (1)"},
    {"compression", SCHEMA_TEXT | SCHEMA_OBJECT | SCHEMA_NULL, "\"none\"", NULL, 1, 0, compression_names,
     compression_schema,
     "which products of species enter: none (all), crossover, mu2, mu1nu1, or mixed channels (mix)"},
    {"average", SCHEMA_TEXT | SCHEMA_NULL, "\"none\"", NULL, 1, 0, none_names, NULL, "average over centers"},
    {"pooling", SCHEMA_TEXT | SCHEMA_NULL, "\"none\"", NULL, 1, 0, none_names, NULL, "pooling over centers"},
    {"normalize", SCHEMA_BOOLEAN, "false", NULL, 1, 0, NULL, NULL,
     "describe: rows of unit length (models have their own switch)"},
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

/* A list of element symbols -> ascending atomic numbers (new array). */
static mlsoap_status read_species(const json_t *list, const char *key, place at, int **species, int *n)
{
    size_t count = json_array_size(list);
    *n = (int)count;
    if (count == 0 || count > ELEMENT_MAX)
        return schema_fail(at.source, at.path, key, at.error, "%zu elements; list one or more, such as [Si, C]", count);
    *species = MEMORY_NEW(int, count);
    if (!*species) return status_no_memory(at.error, count * sizeof(int), key);
    for (size_t i = 0; i < count; i++) {
        const char *symbol = json_string_value(json_array_get(list, i));
        (*species)[i] = symbol ? element_from_symbol(symbol, strlen(symbol)) : -1;
        if ((*species)[i] < 1)
            return schema_fail(at.source, at.path, key, at.error, "'%s' is not the symbol of an element",
                               symbol ? symbol : "(not a text)");
    }
    qsort(*species, count, sizeof **species, compare_integers);
    for (size_t i = 1; i < count; i++)
        if ((*species)[i] == (*species)[i - 1])
            return schema_fail(at.source, at.path, key, at.error, "%s is listed twice", element_symbol((*species)[i]));
    return MLSOAP_SUCCESS;
}

static mlsoap_status check_points(const json_t *points, place at)
{
    for (size_t i = 0; i < json_array_size(points); i++) {
        const json_t *point = json_array_get(points, i);
        int good = json_array_size(point) == 3;
        for (size_t a = 0; good && a < 3; a++) good = json_is_number(json_array_get(point, a));
        if (!good)
            return schema_fail(at.source, at.path, "centers", at.error, "point %zu is not a list of three numbers", i);
    }
    return MLSOAP_SUCCESS;
}

static mlsoap_status read_centers(soap *s, const json_t *settings, place at)
{
    const json_t *centers = json_object_get(settings, "centers");
    const char *word = json_string_value(centers);
    s->base.centers_are_atoms = 1;
    s->base.center_species = s->species;
    s->base.n_center_species = s->base.n_species;
    if (word && strcmp(word, "atoms") == 0) return MLSOAP_SUCCESS;
    if (word && strcmp(word, "midpoint") == 0) {
        s->base.centers_are_atoms = 0;
        return MLSOAP_SUCCESS;
    }
    if (word || json_array_size(centers) == 0)
        return schema_fail(at.source, at.path, "centers", at.error,
                           "'%s' is none of: atoms, midpoint, a list of elements [Si], a list of points [[x, y, z]]",
                           word ? word : "[]");
    if (json_is_array(json_array_get(centers, 0))) {
        s->base.centers_are_atoms = 0;
        return check_points(centers, at);
    }
    mlsoap_status status = read_species(centers, "centers", at, &s->center_species, &s->base.n_center_species);
    s->base.center_species = s->center_species;
    return status;
}

static mlsoap_status read_cutoff(soap *s, json_t *settings, place at)
{
    json_t *cutoff = json_object_get(settings, "cutoff");
    const char *function = schema_text(cutoff, "function");
    s->cutoff.r_cut = s->base.r_cut;
    for (int i = 0; cutoff_names[i]; i++)
        if (strcmp(cutoff_names[i], function) == 0) s->cutoff.type = (cutoff_type)i;
    int has_width = json_object_get(cutoff, "width") != NULL, has_m = json_object_get(cutoff, "m") != NULL;
    if (has_width && s->cutoff.type != CUTOFF_SHIFTED_COSINE)
        return schema_fail(at.source, at.path, "cutoff.width", at.error, "makes no sense with function %s", function);
    if (has_m && s->cutoff.type != CUTOFF_POLY)
        return schema_fail(at.source, at.path, "cutoff.m", at.error, "makes no sense with function %s", function);
    if (s->cutoff.type == CUTOFF_SHIFTED_COSINE && !has_width)
        json_object_set_new(cutoff, "width", json_real(fmin(1.0, s->base.r_cut)));
    if (s->cutoff.type == CUTOFF_POLY && !has_m) json_object_set_new(cutoff, "m", json_real(2));
    if (s->cutoff.type == CUTOFF_SHIFTED_COSINE) s->cutoff.width = schema_real(cutoff, "width");
    if (s->cutoff.type == CUTOFF_POLY) s->cutoff.m = schema_real(cutoff, "m");
    if (s->cutoff.width > s->base.r_cut)
        return schema_fail(at.source, at.path, "cutoff.width", at.error, "%g exceeds r_cut = %g", s->cutoff.width,
                           s->base.r_cut);
    const json_t *scaling = json_object_get(settings, "radial_scaling");
    if (json_is_object(scaling)) {
        s->cutoff.scaling_r0 = schema_real(scaling, "r0");
        s->cutoff.scaling_m = schema_real(scaling, "m");
    }
    return MLSOAP_SUCCESS;
}

static mlsoap_status read_species_weights(soap *s, json_t *settings, place at)
{
    json_t *weights = json_object_get(settings, "species_weights");
    const char *symbol;
    json_t *value;
    s->species_weights = MEMORY_NEW(double, (size_t)s->base.n_species);
    if (!s->species_weights) return status_no_memory(at.error, 64, "species_weights");
    json_object_foreach(weights, symbol, value)
    {
        int number = element_from_symbol(symbol, strlen(symbol));
        if (number < 1 || s->species_index[number] < 0 || !json_is_number(value) || !isfinite(json_number_value(value)))
            return schema_fail(at.source, at.path, "species_weights", at.error,
                               "'%s' must be one of `species`, with a number", symbol);
    }
    for (int i = 0; i < s->base.n_species; i++) {
        symbol = element_symbol(s->species[i]);
        if (!json_object_get(weights, symbol)) json_object_set_new(weights, symbol, json_real(1));
        s->species_weights[i] = json_number_value(json_object_get(weights, symbol));
    }
    return MLSOAP_SUCCESS;
}

static mlsoap_status read_basis(soap *s, json_t *settings, place at)
{
    const char *basis = schema_text(settings, "basis");
    int gaussians = strcmp(basis, "gaussians") == 0;
    if (!gaussians && json_object_get(settings, "projection"))
        return schema_fail(at.source, at.path, "projection", at.error, "makes no sense with basis %s", basis);
    const json_t *exponent = json_object_get(settings, "basis_error_exponent");
    if (!gaussians && exponent)
        return schema_fail(at.source, at.path, "basis_error_exponent", at.error, "makes no sense with basis %s", basis);
    if (gaussians && !json_object_get(settings, "projection"))
        json_object_set_new(settings, "projection", json_string("exact"));
    radial_settings radial = {.r_cut = s->base.r_cut,
                              .n_max = s->n_max,
                              .l_max = s->l_max,
                              .sigma = schema_real(settings, "sigma"),
                              .basis_error_exponent = exponent ? json_number_value(exponent) : NAN,
                              .r_max = s->base.r_cut};
    if (gaussians)
        radial.basis = strcmp(schema_text(settings, "projection"), "exact") == 0 ? RADIAL_GAUSSIANS_EXACT
                                                                                 : RADIAL_GAUSSIANS_COLLOCATION;
    else
        radial.basis = strcmp(basis, "gto") == 0 ? RADIAL_GTO : RADIAL_POLYNOMIAL;
    mlsoap_status status = radial_table_new(&radial, &s->table, at.error);
    if (status) return status_prefix(at.error, status, "%s: radial basis %s", at.path, basis);
    s->n_padded = s->table->n_padded;
    s->n_coefficients = s->n_lm * (size_t)s->n_padded;
    return MLSOAP_SUCCESS;
}

/* U of a mix: the matrix in the settings, where a potential brings it, else made and written there. */
static mlsoap_status read_mixing(soap *s, json_t *compression, place at)
{
    size_t n = (size_t)s->base.n_species, n_channels = (size_t)s->n_channels;
    json_t *rows = json_object_get(compression, "matrix");
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
static mlsoap_status read_channels(soap *s, json_t *settings, place at)
{
    json_t *compression = json_object_get(settings, "compression");
    const char *name = json_string_value(compression);
    int n = s->base.n_species;
    if (name && strcmp(name, "mix") == 0) {
        compression = json_object();
        mlsoap_status status = schema_complete(compression, compression_schema, at.path, at.source, at.error);
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
static mlsoap_status list_products(soap *s, place at)
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

static mlsoap_status count_features(soap *s, place at)
{
    size_t n = (size_t)s->n_max, degrees = (size_t)s->l_max + 1, full = n * n * degrees;
    size_t packed = n * (n + 1) / 2 * degrees, total = 0;
    for (int k = 0; k < s->n_products; k++) {
        s->products[k].first_feature = total;
        total += s->products[k].packed ? packed : full;
    }
    s->base.n_features = total;
    s->base.stride = (total + LANES - 1) / LANES * LANES;
    s->feature_weights = MEMORY_NEW(double, s->base.stride);
    if (!s->feature_weights) return status_no_memory(at.error, total * sizeof(double), "feature weights");
    double *weight = s->feature_weights;
    for (int k = 0; k < s->n_products; k++)
        for (size_t l = 0; l < degrees; l++)
            for (size_t i = 0; i < n; i++)
                for (size_t j = s->products[k].packed ? i : 0; j < n; j++)
                    *weight++ = s->compression == SOAP_MU1NU1 || (s->products[k].packed && i == j) ? 1 : sqrt(2.0);
    s->base.weights = s->feature_weights;
    return MLSOAP_SUCCESS;
}

/* Recursion of the normalized Legendre functions (spec soap.md 1 with N_lm folded in). */
static void set_recursion(harmonics_recursion *h, int l_max)
{
    h->l_max = l_max;
    double diagonal = sqrt(1 / (4 * M_PI));
    for (int m = 0; m <= l_max; m++) {
        h->diagonal[m] = m == 0 ? diagonal : diagonal * M_SQRT2;
        diagonal *= sqrt((2.0 * m + 3) / (2.0 * m + 2));
        for (int l = m + 1; l <= l_max; l++) {
            double l2 = (double)l * l, m2 = (double)m * m;
            h->a[l][m] = sqrt((4 * l2 - 1) / (l2 - m2));
            h->b[l][m] =
                l == m + 1 ? 0 : -sqrt(((l - 1.0) * (l - 1.0) - m2) * (2.0 * l + 1) / ((2.0 * l - 3) * (l2 - m2)));
        }
    }
}

/* N_lm of spec soap.md 1. */
static double harmonics_norm(int l, int m)
{
    return sqrt((2 * l + 1) / (4 * M_PI) * exp(lgamma(l - m + 1) - lgamma(l + m + 1))) * (m ? M_SQRT2 : 1);
}

static void add_entry(soap *s, int alpha, int l, int m, int lower_m, double coefficient)
{
    s->entries[s->n_entries++] = (gradient_entry){alpha * s->l_max * s->l_max + (l - 1) * (l - 1) + (l - 1) + lower_m,
                                                  l * l + l + m, coefficient};
}

/* Gradient of R_lm in harmonics of degree l - 1, from dQ, dA, dB of spec soap.md 1:
 *   d/dz (Q_lm A_m) = (l+m) Q_(l-1)m A_m,
 *   d/dx (Q_lm A_m) = [ -Q_(l-1)(m+1) A_(m+1) + (l+m)(l+m-1) Q_(l-1)(m-1) A_(m-1) ] / 2   (m = 0: -Q_(l-1)1 A_1),
 * and so on for y and B; `sign` +1 is A (m > 0 or 0), -1 is B. */
static void add_gradient(soap *s, int l, int m, int sign)
{
    double norm = harmonics_norm(l, m);
    int lm = sign * m;
    if (m <= l - 1) add_entry(s, 2, l, lm, lm, (l + m) * norm / harmonics_norm(l - 1, m));
    if (m + 1 <= l - 1) {
        double up = norm / harmonics_norm(l - 1, m + 1) * (m ? 0.5 : 1);
        add_entry(s, 0, l, lm, sign * (m + 1), -up);         /* x: A -> A, B -> B */
        add_entry(s, 1, l, lm, -sign * (m + 1), -sign * up); /* y: A -> -B, B -> +A */
    }
    if (m >= 1) {
        double down = 0.5 * (l + m) * (l + m - 1) * norm / harmonics_norm(l - 1, m - 1);
        if (m > 1 || sign > 0) add_entry(s, 0, l, lm, sign * (m - 1), down); /* B_0 = 0 */
        if (m > 1 || sign < 0) add_entry(s, 1, l, lm, -sign * (m - 1), -sign * down);
    }
}

static mlsoap_status set_harmonics(soap *s, place at)
{
    set_recursion(&s->recursion, s->l_max);
    s->entries = MEMORY_NEW(gradient_entry, 5 * s->n_lm);
    s->prefactors = MEMORY_NEW(double, (size_t)s->l_max + 1);
    if (!s->entries || !s->prefactors) return status_no_memory(at.error, 80 * s->n_lm, "spherical harmonics");
    for (int l = 0; l <= s->l_max; l++) {
        s->prefactors[l] = M_PI * sqrt(8.0 / (2 * l + 1));
        for (int m = 0; l > 0 && m <= l; m++) {
            add_gradient(s, l, m, 1);
            if (m > 0) add_gradient(s, l, m, -1);
        }
    }
    return MLSOAP_SUCCESS;
}

static mlsoap_status soap_build(soap *s, json_t *settings, place at)
{
    mlsoap_status status = schema_complete(settings, soap_schema, at.path, at.source, at.error);
    if (status) return status;
    s->kernels = kernels_active();
    s->base.settings = json_incref(settings);
    s->base.r_cut = schema_real(settings, "r_cut");
    s->n_max = (int)schema_integer(settings, "n_max");
    s->l_max = (int)schema_integer(settings, "l_max");
    s->n_lm = (size_t)((s->l_max + 1) * (s->l_max + 1));
    s->w0 = schema_real(settings, "w0");
    if ((status = read_species(json_object_get(settings, "species"), "species", at, &s->species, &s->base.n_species)))
        return status;
    s->base.species = s->species;
    for (int z = 0; z <= ELEMENT_MAX; z++) s->species_index[z] = -1;
    for (int i = 0; i < s->base.n_species; i++) s->species_index[s->species[i]] = i;
    if ((status = read_centers(s, settings, at))) return status;
    if ((status = read_cutoff(s, settings, at))) return status;
    if ((status = read_species_weights(s, settings, at))) return status;
    if ((status = read_basis(s, settings, at))) return status;
    if ((status = read_channels(s, settings, at))) return status;
    if ((status = list_products(s, at))) return status;
    if ((status = count_features(s, at))) return status;
    return set_harmonics(s, at);
}

static mlsoap_status soap_create(json_t *settings, const char *path, const schema_source *source, descriptor **out,
                                 mlsoap_error *error)
{
    soap *s = MEMORY_NEW(soap, 1);
    if (!s) return status_no_memory(error, sizeof *s, "a SOAP descriptor");
    s->base.class_ = &soap_class;
    mlsoap_status status = soap_build(s, settings, (place){path, source, error});
    if (status)
        soap_free(&s->base);
    else
        *out = &s->base;
    return status;
}

void soap_free(descriptor *d)
{
    soap *s = (soap *)d;
    json_decref(d->settings);
    radial_table_free(s->table);
    memory_free(s->species);
    memory_free(s->center_species);
    memory_free(s->species_weights);
    memory_free(s->entries);
    memory_free(s->mixing);
    memory_free(s->products);
    memory_free(s->prefactors);
    memory_free(s->feature_weights);
    memory_free(s);
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

static void soap_feature_name(const descriptor *d, size_t i_feature, char *text, size_t size)
{
    const soap *s = (const soap *)d;
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

const descriptor_class soap_class = {
    .type = "soap",
    .create = soap_create,
    .free = soap_free,
    .workspace_new = soap_workspace_new,
    .workspace_free = soap_workspace_free,
    .workspace_reserve = soap_workspace_reserve,
    .values = soap_values,
    .adjoint = soap_adjoint,
    .tangent = soap_tangent,
    .jacobian = soap_jacobian,
    .feature_name = soap_feature_name,
};
