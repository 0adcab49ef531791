/* SPDX-License-Identifier: BSD-3-Clause */
/* The keys of the descriptor `acsf` and its functions from them (keys: design section 10; spec acsf.md 1, 2 and 5). */
#include "core/elements.h"
#include "core/memory.h"
#include "descriptors/acsf/acsf.h"
#include "descriptors/pooling.h"
#include "descriptors/species_list.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const mode_names[] = {"runner", "dscribe", NULL};
static const char *const type_names[] = {"acsf", NULL};
static const char *const average_names[] = {"none", "outer", NULL};

static const schema_key cutoff_schema[] = {
    {"type", SCHEMA_INTEGER, "1", NULL, 0, 8, NULL, NULL,
     "cutoff function: 0 hard, 1 cos, 2 tanhu, 3 tanh, 4 exp, 5 to 8 poly1 to poly4"},
    {"alpha", SCHEMA_REAL, "0", NULL, 0, 0.99, NULL, NULL, "1 below alpha rc (types 2 and 3: not used)"},
    {NULL, 0, NULL, NULL, 1, 0, NULL, NULL, NULL}};

const schema_key acsf_schema[] = {
    {"name", SCHEMA_TEXT, "\"acsf\"", NULL, 1, 0, NULL, NULL, "name that terms of the model refer to"},
    {"type", SCHEMA_TEXT, "\"acsf\"", NULL, 1, 0, type_names, NULL, "kind of descriptor"},
    {"mode", SCHEMA_TEXT, "\"runner\"", NULL, 1, 0, mode_names, NULL,
     "runner (functions of RuNNer and n2p2) or dscribe (G1 to G5 for all species)"},
    {"species", SCHEMA_LIST, NULL, NULL, 1, 0, NULL, NULL, "elements of the neighbors"},
    {"centers", SCHEMA_TEXT | SCHEMA_LIST, "\"atoms\"", NULL, 1, 0, NULL, NULL, "atoms, or a list of central elements"},
    {"functions", SCHEMA_LIST, "", "angstrom", 1, 0, NULL, NULL,
     "runner: lines of input.nn without the keyword, \"Si 2 Si 3.5 0.0 6.0\"; * is every center"},
    {"cutoff", SCHEMA_OBJECT, "", NULL, 1, 0, NULL, cutoff_schema, "runner: cutoff function of all functions"},
    {"r_cut", SCHEMA_REAL, "", "angstrom", 1e-3, 100, NULL, NULL, "dscribe: cutoff"},
    {"g2", SCHEMA_LIST, "", NULL, 1, 0, NULL, NULL, "dscribe: [[eta, r_s], ...]"},
    {"g3", SCHEMA_LIST, "", NULL, 1, 0, NULL, NULL, "dscribe: [kappa, ...]"},
    {"g4", SCHEMA_LIST, "", NULL, 1, 0, NULL, NULL, "dscribe: [[eta, zeta, lambda], ...]"},
    {"g5", SCHEMA_LIST, "", NULL, 1, 0, NULL, NULL, "dscribe: [[eta, zeta, lambda], ...], without r_jk"},
    {"average", SCHEMA_TEXT | SCHEMA_NULL, "\"none\"", NULL, 1, 0, average_names, NULL,
     "describe: one row per structure, the mean of the features (outer)"},
    POOLING_KEY,
    {NULL, 0, NULL, NULL, 1, 0, NULL, NULL, NULL}};

/** Where messages point to. */
typedef struct place {
    const char *path;
    const schema_source *source;
    mlsoap_error *error;
} place;

static mlsoap_status read_centers(acsf *s, const json_t *settings, place at)
{
    const json_t *centers = json_object_get(settings, "centers");
    const char *word = json_string_value(centers);
    s->base.centers_are_atoms = 1;
    s->base.center_species = s->species;
    s->base.n_center_species = s->base.n_species;
    if (word && strcmp(word, "atoms") == 0) return MLSOAP_SUCCESS;
    if (word || !json_is_string(json_array_get(centers, 0)))
        return schema_fail(at.source, at.path, "centers", at.error,
                           "symmetry functions have atoms as centers; it must be atoms, or a list of elements [Si]");
    mlsoap_status status = species_list_read(centers, at.path, "centers", 0, at.source, &s->center_species,
                                             &s->base.n_center_species, at.error);
    s->base.center_species = s->center_species;
    return status;
}

/* Keys of the other mode make no sense; `required` has its own of this mode, or is an error. */
static mlsoap_status check_mode(json_t *settings, int dscribe, place at)
{
    static const char *const runner_keys[] = {"functions", "cutoff", NULL};
    static const char *const dscribe_keys[] = {"r_cut", "g2", "g3", "g4", "g5", NULL};
    const char *const *wrong = dscribe ? runner_keys : dscribe_keys, *required = dscribe ? "r_cut" : "functions";
    for (; *wrong; wrong++)
        if (json_object_get(settings, *wrong))
            return schema_fail(at.source, at.path, *wrong, at.error, "makes no sense with mode %s",
                               dscribe ? "dscribe" : "runner");
    if (json_object_get(settings, required)) return MLSOAP_SUCCESS;
    return schema_fail(at.source, at.path, required, at.error, "missing; mode %s needs it%s",
                       dscribe ? "dscribe" : "runner",
                       dscribe ? " (angstrom)" : ": lines such as \"Si 2 Si 3.5 0.0 6.0\", lengths in angstrom");
}

static mlsoap_status check_species(const acsf *s, const acsf_function *f, const char *text, const char *key, place at)
{
    const int elements[3] = {f->center, f->species[0], f->species[1]};
    for (int i = 0; i < 3; i++)
        if (elements[i] && s->species_index[elements[i]] < 0)
            return schema_fail(at.source, at.path, key, at.error, "'%.80s': %s is not in `species`", text,
                               element_symbol(elements[i]));
    return MLSOAP_SUCCESS;
}

static mlsoap_status read_lines(acsf *s, const json_t *settings, place at)
{
    const json_t *lines = json_object_get(settings, "functions");
    s->functions = MEMORY_NEW(acsf_function, json_array_size(lines));
    if (!s->functions) return status_no_memory(at.error, json_array_size(lines) * sizeof *s->functions, "functions");
    for (size_t i = 0; i < json_array_size(lines); i++) {
        char key[48];
        snprintf(key, sizeof key, "functions.%zu", i);
        const char *text = json_string_value(json_array_get(lines, i));
        if (!text)
            return schema_fail(at.source, at.path, key, at.error,
                               "is not a text; write such as \"Si 2 Si 3.5 0.0 6.0\"");
        acsf_function *f = &s->functions[s->n_functions++];
        mlsoap_status status = acsf_function_parse(text, at.path, key, at.source, f, at.error);
        if (!status) status = check_species(s, f, text, key, at);
        if (status) return status;
        f->line = i;
    }
    qsort(s->functions, s->n_functions, sizeof *s->functions, acsf_function_compare);
    for (size_t i = 1; i < s->n_functions; i++)
        if (acsf_function_compare(&s->functions[i - 1], &s->functions[i]) == 0)
            return schema_fail(at.source, at.path, "functions", at.error, "'%.80s' is listed twice",
                               json_string_value(json_array_get(lines, s->functions[i].line)));
    return MLSOAP_SUCCESS;
}

static mlsoap_status read_runner(acsf *s, json_t *settings, place at)
{
    json_t *cutoff = json_object_get(settings, "cutoff");
    if (!cutoff) {
        cutoff = json_object();
        if (json_object_set_new(settings, "cutoff", cutoff)) return status_no_memory(at.error, 64, "cutoff");
        mlsoap_status status = schema_complete(cutoff, cutoff_schema, at.path, at.source, at.error);
        if (status) return status;
    }
    s->cutoff_type = (int)schema_integer(cutoff, "type");
    s->cutoff_alpha = schema_real(cutoff, "alpha");
    mlsoap_status status = read_lines(s, settings, at);
    for (size_t i = 0; i < s->n_functions; i++) s->base.r_cut = fmax(s->base.r_cut, s->functions[i].rc);
    return status;
}

/* Numbers of the lists g2 to g5: `width` in a row (0: the row is the number). */
static mlsoap_status read_row(const json_t *row, size_t width, const char *key, const char *wanted, double *numbers,
                              place at)
{
    int good = width == 0 || json_array_size(row) == width;
    for (size_t k = 0; good && k < (width ? width : 1); k++) {
        const json_t *number = width ? json_array_get(row, k) : row;
        numbers[k] = json_number_value(number);
        good = json_is_number(number) && isfinite(numbers[k]);
    }
    return good ? MLSOAP_SUCCESS : schema_fail(at.source, at.path, key, at.error, "must be %s", wanted);
}

/* One of the lists g2 to g5 into s->functions, neighbor species left open. */
static mlsoap_status read_list(acsf *s, const json_t *settings, int type, place at)
{
    static const char *const keys[] = {"g2", "g3", "g4", "g5"};
    static const char *const wanted[] = {"[eta, r_s]", "a number, kappa", "[eta, zeta, lambda]", "[eta, zeta, lambda]"};
    static const size_t widths[] = {2, 0, 3, 3};
    const json_t *list = json_object_get(settings, keys[type - 2]);
    for (size_t i = 0; i < json_array_size(list); i++) {
        char key[32];
        double x[3] = {0};
        snprintf(key, sizeof key, "%s.%zu", keys[type - 2], i);
        mlsoap_status status = read_row(json_array_get(list, i), widths[type - 2], key, wanted[type - 2], x, at);
        if (status) return status;
        acsf_function f = {.type = type, .n_neighbors = type < 4 ? 1 : 2, .narrow = type == 4, .rc = s->base.r_cut};
        if (type == 3)
            f.kappa = x[0];
        else
            f.eta = x[0];
        if (type == 2) f.rs = x[1];
        if (f.eta < 0) return schema_fail(at.source, at.path, key, at.error, "eta = %g must not be negative", f.eta);
        if (type >= 4) {
            f.zeta = x[1];
            f.lambda = x[2];
            if (!(f.zeta > 0 && f.zeta <= 1024) || fabs(f.lambda) != 1)
                return schema_fail(at.source, at.path, key, at.error,
                                   "zeta = %g, lambda = %g; zeta must be above 0 and at most 1024, lambda 1 or -1",
                                   f.zeta, f.lambda);
        }
        s->functions[s->n_functions++] = f;
    }
    return MLSOAP_SUCCESS;
}

/* G1 to G3 of each species, then G4, G5 of each pair (t1, t2 <= t1). */
static mlsoap_status read_dscribe(acsf *s, const json_t *settings, place at)
{
    static const char *const keys[] = {"g2", "g3", "g4", "g5"};
    size_t n_rows = 1, n = (size_t)s->base.n_species, total;
    for (size_t k = 0; k < 4; k++) n_rows += json_array_size(json_object_get(settings, keys[k]));
    s->base.r_cut = schema_real(settings, "r_cut");
    s->cutoff_type = ACSF_COSINE;
    acsf_function *all = size_multiply(n_rows, n * (n + 1) / 2 + n, &total) ? MEMORY_NEW(acsf_function, total) : NULL;
    s->functions = MEMORY_NEW(acsf_function, n_rows);
    if (!all || !s->functions) {
        memory_free(all);
        return status_no_memory(at.error, n_rows * n * n * sizeof *all, "symmetry functions");
    }
    s->functions[s->n_functions++] = (acsf_function){.type = 1, .n_neighbors = 1, .rc = s->base.r_cut};
    mlsoap_status status = MLSOAP_SUCCESS;
    for (int type = 2; !status && type <= 5; type++) status = read_list(s, settings, type, at);
    total = 0;
    for (int n_neighbors = 1; !status && n_neighbors <= 2; n_neighbors++)
        for (size_t t1 = 0; t1 < n; t1++)
            for (size_t t2 = 0; t2 <= (n_neighbors == 1 ? 0 : t1); t2++)
                for (size_t i = 0; i < s->n_functions; i++) {
                    if (s->functions[i].n_neighbors != n_neighbors) continue;
                    acsf_function *f = &all[total++];
                    *f = s->functions[i];
                    f->species[0] = s->species[n_neighbors == 1 ? t1 : t2];
                    f->species[1] = n_neighbors == 1 ? 0 : s->species[t1];
                }
    memory_free(s->functions);
    s->functions = all;
    s->n_functions = total;
    return status;
}

/* The windows of all functions, equal ones once. */
static mlsoap_status set_windows(acsf *s, place at)
{
    s->windows = MEMORY_NEW(acsf_window, s->n_functions);
    if (!s->windows) return status_no_memory(at.error, s->n_functions * sizeof *s->windows, "cutoff functions");
    for (size_t i = 0; i < s->n_functions; i++) {
        acsf_function *f = &s->functions[i];
        acsf_window w = f->sub[0] ? acsf_compact_window(f->sub, f->rl, f->rc)
                                  : acsf_cutoff_window(s->cutoff_type, s->cutoff_alpha, f->rc);
        int k = 0;
        while (k < s->n_windows &&
               !(s->windows[k].shape == w.shape && s->windows[k].one_sided == w.one_sided &&
                 s->windows[k].bent == w.bent && s->windows[k].low == w.low && s->windows[k].high == w.high))
            k++;
        if (k == s->n_windows) s->windows[s->n_windows++] = w;
        f->window = k;
        if (w.shape == ACSF_HARD) s->base.edge = DESCRIPTOR_FULL_JUMP;
    }
    return MLSOAP_SUCCESS;
}

static mlsoap_status set_features(acsf *s, place at)
{
    s->base.n_features = s->n_functions;
    s->base.stride = (s->n_functions + LANES - 1) / LANES * LANES;
    s->feature_weights = MEMORY_NEW(double, s->base.stride);
    if (!s->feature_weights) return status_no_memory(at.error, s->base.stride * sizeof(double), "feature weights");
    for (size_t f = 0; f < s->n_functions; f++) s->feature_weights[f] = 1;
    s->base.weights = s->feature_weights;
    return MLSOAP_SUCCESS;
}

static mlsoap_status acsf_build(acsf *s, json_t *settings, place at)
{
    mlsoap_status status = schema_complete(settings, acsf_schema, at.path, at.source, at.error);
    if (status) return status;
    int dscribe = strcmp(schema_text(settings, "mode"), "dscribe") == 0;
    s->kernels = kernels_active();
    s->base.settings = json_incref(settings);
    if ((status = check_mode(settings, dscribe, at))) return status;
    if ((status = species_list_read(json_object_get(settings, "species"), at.path, "species", 0, at.source, &s->species,
                                    &s->base.n_species, at.error)))
        return status;
    s->base.species = s->species;
    memset(s->species_index, -1, sizeof s->species_index);
    for (int i = 0; i < s->base.n_species; i++) s->species_index[s->species[i]] = i;
    if ((status = read_centers(s, settings, at))) return status;
    status = dscribe ? read_dscribe(s, settings, at) : read_runner(s, settings, at);
    if (status) return status;
    if (s->n_functions == 0) return schema_fail(at.source, at.path, "functions", at.error, "is empty");
    if ((status = set_windows(s, at))) return status;
    if ((status = set_features(s, at))) return status;
    return acsf_plans_new(s, at.error);
}

static void acsf_free(descriptor *d)
{
    acsf *s = (acsf *)d;
    json_decref(d->settings);
    acsf_plans_free(s);
    memory_free(s->functions);
    memory_free(s->windows);
    memory_free(s->species);
    memory_free(s->center_species);
    memory_free(s->feature_weights);
    memory_free(s);
}

static mlsoap_status acsf_create(json_t *settings, const char *path, const schema_source *source, descriptor **out,
                                 mlsoap_error *error)
{
    acsf *s = MEMORY_NEW(acsf, 1);
    if (!s) return status_no_memory(error, sizeof *s, "symmetry functions");
    s->base.class_ = &acsf_class;
    mlsoap_status status = acsf_build(s, settings, (place){path, source, error});
    if (status)
        acsf_free(&s->base);
    else
        *out = &s->base;
    return status;
}

/* Mode runner: the line. Mode dscribe: "G2 Si 1 0", "G4 O-H 0.1 2 1". */
static void acsf_feature_name(const descriptor *d, size_t i_feature, char *text, size_t size)
{
    const acsf *s = (const acsf *)d;
    const acsf_function *f = &s->functions[i_feature];
    const json_t *lines = json_object_get(d->settings, "functions");
    const char *first = element_symbol(f->species[0]), *second = element_symbol(f->species[1]);
    if (lines)
        snprintf(text, size, "%s", json_string_value(json_array_get(lines, f->line)));
    else if (f->type == 1)
        snprintf(text, size, "G1 %s", first);
    else if (f->type == 2)
        snprintf(text, size, "G2 %s %.10g %.10g", first, f->eta, f->rs);
    else if (f->type == 3)
        snprintf(text, size, "G3 %s %.10g", first, f->kappa);
    else
        snprintf(text, size, "G%d %s-%s %.10g %.10g %.10g", f->type, second, first, f->eta, f->zeta, f->lambda);
}

const descriptor_class acsf_class = {
    .type = "acsf",
    .create = acsf_create,
    .free = acsf_free,
    .workspace_new = acsf_workspace_new,
    .workspace_free = acsf_workspace_free,
    .workspace_reserve = acsf_workspace_reserve,
    .values = acsf_values,
    .adjoint = acsf_adjoint,
    .tangent = acsf_tangent,
    .jacobian = acsf_jacobian,
    .feature_name = acsf_feature_name,
};
