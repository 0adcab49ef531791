/* SPDX-License-Identifier: BSD-3-Clause */
/* From settings to the engine: the three modes (spec soap.md 4, 5 and 8) differ by the weight of a neighbor, the radial
 * basis, the reach of the neighbor list and the arrangement of the features. */
#include "descriptors/soap/soap_settings.h"
#include "core/elements.h"
#include "core/memory.h"
#include "descriptors/species_list.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int has(const json_t *settings, const char *key)
{
    return json_object_get(settings, key) != NULL;
}

static void set_default(json_t *settings, const char *key, json_t *value)
{
    if (has(settings, key))
        json_decref(value);
    else
        json_object_set_new(settings, key, value);
}

static int index_of(const char *const *names, const char *name)
{
    int i = 0;
    while (strcmp(names[i], name) != 0) i++;
    return i;
}

static mlsoap_status check_points(const json_t *points, soap_place at)
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

static mlsoap_status read_centers(soap *s, const json_t *settings, soap_place at)
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
    mlsoap_status status = species_list_read(centers, at.path, "centers", 0, at.source, &s->center_species,
                                             &s->base.n_center_species, at.error);
    s->base.center_species = s->center_species;
    return status;
}

/* Cutoff function of the modes smooth and quip. */
static mlsoap_status read_cutoff(soap *s, json_t *settings, double default_width, soap_place at)
{
    cutoff_function *f = &s->cutoff;
    json_t *cutoff = json_object_get(settings, "cutoff");
    if (!cutoff) {
        cutoff = json_pack("{s:s}", "function", "shifted_cosine");
        if (!cutoff || json_object_set_new(settings, "cutoff", cutoff))
            return status_no_memory(at.error, 64, "the cutoff");
    }
    const char *function = schema_text(cutoff, "function");
    f->type = (cutoff_type)index_of(soap_cutoff_names, function);
    if (has(cutoff, "width") && f->type != CUTOFF_SHIFTED_COSINE)
        return schema_fail(at.source, at.path, "cutoff.width", at.error, "makes no sense with function %s", function);
    if (has(cutoff, "m") && f->type != CUTOFF_POLY)
        return schema_fail(at.source, at.path, "cutoff.m", at.error, "makes no sense with function %s", function);
    if (f->type == CUTOFF_SHIFTED_COSINE) set_default(cutoff, "width", json_real(fmin(default_width, f->r_cut)));
    if (f->type == CUTOFF_POLY) set_default(cutoff, "m", json_real(2));
    f->width = f->type == CUTOFF_SHIFTED_COSINE ? schema_real(cutoff, "width") : f->r_cut;
    f->m = f->type == CUTOFF_POLY ? schema_real(cutoff, "m") : 0;
    f->r0 = f->r_cut;
    f->c = 1;
    if (f->width > f->r_cut)
        return schema_fail(at.source, at.path, "cutoff.width", at.error, "%g exceeds r_cut = %g", f->width, f->r_cut);
    return MLSOAP_SUCCESS;
}

static mlsoap_status require_r_cut(soap *s, const json_t *settings, soap_place at)
{
    if (!has(settings, "r_cut"))
        return schema_fail(at.source, at.path, "r_cut", at.error, "is required: give the cutoff in angstrom");
    s->basis_r_cut = s->cutoff.r_cut = s->base.r_cut = schema_real(settings, "r_cut");
    return MLSOAP_SUCCESS;
}

static mlsoap_status read_smooth(soap *s, json_t *settings, soap_place at)
{
    mlsoap_status status = require_r_cut(s, settings, at);
    if (!status) status = read_cutoff(s, settings, 1.0, at);
    if (status) return status;
    set_default(settings, "basis", json_string("gaussians"));
    set_default(settings, "w0", json_real(1));
    set_default(settings, "radial_scaling", json_string("none"));
    set_default(settings, "normalize", json_false());
    s->w0 = schema_real(settings, "w0");
    const json_t *scaling = json_object_get(settings, "radial_scaling");
    if (json_is_object(scaling)) {
        s->cutoff.scaling_r0 = schema_real(scaling, "r0");
        s->cutoff.scaling_m = schema_real(scaling, "m");
    }
    return MLSOAP_SUCCESS;
}

/* r_cut where only the weight is given: where it falls to the threshold (exp: as DScribe computes it). */
static double weighting_r_cut(const cutoff_function *f, double threshold)
{
    if (f->type == CUTOFF_POLY) return f->r0;
    double x = f->c / threshold - f->d;
    return x <= 0 ? 0 : f->type == CUTOFF_POW ? f->r0 * pow(x, 1 / f->m) : f->r0 * log(x);
}

/* Mode dscribe: weight, and a density that reaches beyond r_cut by the width at which a Gaussian falls to 1e-3. */
static mlsoap_status read_dscribe(soap *s, json_t *settings, soap_place at)
{
    static const cutoff_type types[] = {CUTOFF_NONE, CUTOFF_POLY, CUTOFF_POW, CUTOFF_EXP};
    cutoff_function *f = &s->cutoff;
    set_default(settings, "basis", json_string("gto"));
    set_default(settings, "normalize", json_false());
    set_default(settings, "weighting", json_string("none"));
    json_t *weighting = json_object_get(settings, "weighting");
    int given = json_is_object(weighting);
    f->type = given ? types[index_of(soap_weighting_names, schema_text(weighting, "function"))] : CUTOFF_NONE;
    if (f->type != CUTOFF_NONE) {
        if (!has(weighting, "r0"))
            return schema_fail(at.source, at.path, "weighting.r0", at.error, "is required by function %s",
                               schema_text(weighting, "function"));
        f->r0 = schema_real(weighting, "r0");
        f->c = schema_real(weighting, "c");
        f->d = schema_real(weighting, "d");
        f->m = schema_real(weighting, "m");
        double r_cut = weighting_r_cut(f, schema_real(weighting, "threshold"));
        if (r_cut > 0) set_default(settings, "r_cut", json_real(r_cut));
    }
    mlsoap_status status = require_r_cut(s, settings, at);
    if (status) return status;
    f->r_cut = INFINITY; /* the weight at the center; the reach of the list ends the rest */
    s->w0 = given && has(weighting, "w0") ? schema_real(weighting, "w0") : cutoff_function_evaluate(f, 0, NULL);
    s->base.r_cut = s->basis_r_cut + schema_real(settings, "sigma") * sqrt(-2 * log(1e-3));
    s->base.edge = cutoff_function_evaluate(f, s->base.r_cut, NULL) != 0 ? DESCRIPTOR_SMALL_JUMP : DESCRIPTOR_SMOOTH;
    f->r_cut = s->base.r_cut;
    return MLSOAP_SUCCESS;
}

static mlsoap_status read_quip(soap *s, json_t *settings, soap_place at)
{
    mlsoap_status status = require_r_cut(s, settings, at);
    if (!status) status = read_cutoff(s, settings, 0.5, at);
    if (status) return status;
    set_default(settings, "basis", json_string("gaussians"));
    set_default(settings, "projection", json_string("collocation"));
    set_default(settings, "basis_error_exponent", json_real(10));
    set_default(settings, "w0", json_real(1));
    set_default(settings, "normalize", json_true());
    set_default(settings, "covariance_sigma0", json_real(0));
    set_default(settings, "central_reference_all_species", json_boolean(s->base.n_species == 1));
    struct {
        const char *key, *only;
    } fixed[] = {{"basis", "gaussians"}, {"projection", "collocation"}, {"compression", "none"}};
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++) {
        const char *value = json_string_value(json_object_get(settings, fixed[i].key));
        if (!value || strcmp(value, fixed[i].only) != 0)
            return schema_fail(at.source, at.path, fixed[i].key, at.error, "mode quip knows only %s", fixed[i].only);
    }
    if (s->cutoff.type != CUTOFF_SHIFTED_COSINE)
        return schema_fail(at.source, at.path, "cutoff", at.error, "mode quip knows only shifted_cosine");
    s->w0 = schema_real(settings, "w0");
    s->sigma0 = schema_real(settings, "covariance_sigma0");
    s->center_in_all = schema_boolean(settings, "central_reference_all_species");
    return MLSOAP_SUCCESS;
}

/* What a mode reads, and the keys that make no sense in it. */
typedef struct mode_row {
    mlsoap_status (*read)(soap *s, json_t *settings, soap_place at);
    const char *foreign[8];
} mode_row;

static const mode_row mode_rows[] = {
    [SOAP_SMOOTH] = {read_smooth, {"weighting", "central_reference_all_species", "covariance_sigma0"}},
    [SOAP_DSCRIBE] = {read_dscribe,
                      {"cutoff", "radial_scaling", "w0", "central_reference_all_species", "covariance_sigma0"}},
    [SOAP_QUIP] = {read_quip, {"weighting", "radial_scaling"}},
};

static mlsoap_status read_mode(soap *s, json_t *settings, soap_place at)
{
    const char *name = schema_text(settings, "mode");
    s->mode = (soap_mode)index_of(soap_mode_names, name);
    const mode_row *row = &mode_rows[s->mode];
    for (int i = 0; row->foreign[i]; i++)
        if (has(settings, row->foreign[i]))
            return schema_fail(at.source, at.path, row->foreign[i], at.error, "makes no sense in mode %s", name);
    return row->read(s, settings, at);
}

static mlsoap_status read_species_weights(soap *s, json_t *settings, soap_place at)
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
        set_default(weights, symbol, json_real(1));
        s->species_weights[i] = json_number_value(json_object_get(weights, symbol));
    }
    return MLSOAP_SUCCESS;
}

static mlsoap_status read_basis(soap *s, json_t *settings, soap_place at)
{
    const char *basis = schema_text(settings, "basis");
    int gaussians = strcmp(basis, "gaussians") == 0;
    const char *only_gaussians[] = {"projection", "basis_error_exponent"};
    for (int i = 0; i < 2 && !gaussians; i++)
        if (has(settings, only_gaussians[i]))
            return schema_fail(at.source, at.path, only_gaussians[i], at.error, "makes no sense with basis %s", basis);
    if (gaussians && s->mode == SOAP_DSCRIBE)
        return schema_fail(at.source, at.path, "basis", at.error, "mode dscribe knows gto and polynomial");
    if (gaussians) set_default(settings, "projection", json_string("exact"));
    const json_t *exponent = json_object_get(settings, "basis_error_exponent");
    radial_settings radial = {.r_cut = s->basis_r_cut,
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

/* The mean density scales features of second order by 1/C^2; QUIP's center in all densities has no part in it. */
static mlsoap_status read_average(soap *s, const json_t *settings, soap_place at)
{
    s->merged = strcmp(schema_text(settings, "average"), "inner") == 0;
    if (s->merged && (s->mode == SOAP_QUIP || !schema_is_none(settings, "bispectrum")))
        return schema_fail(at.source, at.path, "average", at.error, "inner is not defined %s; use outer",
                           s->mode == SOAP_QUIP ? "in mode quip" : "for a bispectrum");
    return MLSOAP_SUCCESS;
}

static mlsoap_status soap_build(soap *s, json_t *settings, soap_place at)
{
    mlsoap_status status = schema_complete(settings, soap_schema, at.path, at.source, at.error);
    if (status) return status;
    s->kernels = kernels_active();
    s->base.settings = json_incref(settings);
    s->n_max = (int)schema_integer(settings, "n_max");
    s->l_max = (int)schema_integer(settings, "l_max");
    s->n_lm = (size_t)((s->l_max + 1) * (s->l_max + 1));
    int keep_order = strcmp(schema_text(settings, "mode"), soap_mode_names[SOAP_QUIP]) == 0;
    if ((status = species_list_read(json_object_get(settings, "species"), at.path, "species", keep_order, at.source,
                                    &s->species, &s->base.n_species, at.error)))
        return status;
    s->base.species = s->species;
    for (int z = 0; z <= ELEMENT_MAX; z++) s->species_index[z] = -1;
    for (int i = 0; i < s->base.n_species; i++) s->species_index[s->species[i]] = i;
    if ((status = read_centers(s, settings, at))) return status;
    if ((status = read_mode(s, settings, at))) return status;
    if ((status = read_species_weights(s, settings, at))) return status;
    if ((status = read_basis(s, settings, at))) return status;
    s->normalize = schema_boolean(settings, "normalize");
    if ((status = soap_set_channels(s, settings, at))) return status;
    if ((status = read_average(s, settings, at))) return status;
    return soap_set_harmonics(s, at.error);
}

static mlsoap_status soap_create(json_t *settings, const char *path, const schema_source *source, descriptor **out,
                                 mlsoap_error *error)
{
    soap *s = MEMORY_NEW(soap, 1);
    if (!s) return status_no_memory(error, sizeof *s, "a SOAP descriptor");
    s->base.class_ = &soap_class;
    mlsoap_status status = soap_build(s, settings, (soap_place){path, source, error});
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
    memory_free(s->arrangement);
    memory_free(s->factors);
    memory_free(s->metric);
    bispectrum_free(s->block);
    memory_free(s);
}

const descriptor_class soap_class = {
    .type = "soap",
    .create = soap_create,
    .fit = soap_fit,
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
