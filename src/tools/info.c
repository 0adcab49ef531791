/* SPDX-License-Identifier: BSD-3-Clause */
/* `mlsoap info`: what a potential file holds, as text or JSON. */
#include "app/arguments.h"
#include "app/console.h"
#include "app/reliability.h"
#include "app/yaml_document.h"
#include "core/elements.h"
#include "core/memory.h"
#include "potential/potential_file.h"
#include "tools/tools.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const option_row options[] = {{"json", 0, OPTION_FLAG, NULL, "print JSON"}, {0}};

static const command_description command = {
    .name = "mlsoap info",
    .synopsis = "POT.mlsoap",
    .summary = "Prints what a potential file holds: elements, cutoff, descriptors, models, errors and provenance.",
    .options = options,
    .n_min = 1,
    .n_max = 1,
    .example = "mlsoap info Si.mlsoap --json"};

/* What the models of a potential hold, all together. */
typedef struct model_counts {
    size_t parameters;         /* of the energy */
    size_t uncertainty_points; /* that serve the uncertainty alone */
} model_counts;

static model_counts count_models(const mlsoap_potential *p)
{
    model_counts n = {0};
    for (int t = 0; t < p->n_terms; t++)
        for (int i = 0; i < p->n_elements; i++) {
            const model *m = p->terms[t].models[i];
            if (!m) continue;
            n.parameters += m->n_parameters;
            n.uncertainty_points += m->n_uncertainty;
        }
    return n;
}

/* A copy of a part of the description; null where the file has none. */
static json_t *part(const mlsoap_potential *p, const char *key)
{
    json_t *value = json_object_get(p->description, key);
    return value ? json_incref(value) : json_null();
}

/* Errors with all three data sets, null where one was not used. */
static json_t *errors_json(const mlsoap_potential *p)
{
    static const char *const sets[] = {"train", "validation", "test"};
    json_t *errors = json_object();
    for (size_t i = 0; errors && i < sizeof sets / sizeof *sets; i++) {
        json_t *set = json_object_get(json_object_get(p->description, "errors"), sets[i]);
        if (json_object_set(errors, sets[i], set ? set : json_null())) return NULL;
    }
    return errors;
}

static json_t *info_json(const char *path, const mlsoap_potential *p)
{
    model_counts n = count_models(p);
    return json_pack("{s:s,s:i,s:s,s:o,s:f,s:o,s:o,s:o,s:o,s:I,s:I,s:o,s:o,s:o,s:o}", "file", path, "format_version",
                     POTENTIAL_FORMAT_VERSION, "sha256", mlsoap_potential_identity(p), "elements", part(p, "elements"),
                     "r_cut", mlsoap_potential_cutoff(p), "units", part(p, "units"), "offsets", part(p, "offsets"),
                     "descriptors", part(p, "descriptors"), "models", part(p, "terms"), "n_parameters",
                     (json_int_t)n.parameters, "n_uncertainty_points", (json_int_t)n.uncertainty_points, "errors",
                     errors_json(p), "provenance", part(p, "provenance"), "uncertainty", part(p, "uncertainty"),
                     "pair_terms", part(p, "pair_terms"));
}

static mlsoap_status print_json(const char *path, const mlsoap_potential *p, mlsoap_error *error)
{
    json_t *root = info_json(path, p);
    char *text = root ? json_dumps(root, JSON_INDENT(2)) : NULL;
    json_decref(root);
    if (!text) return status_no_memory(error, sizeof(void *), "the description");
    puts(text);
    free(text);
    return MLSOAP_SUCCESS;
}

/* A part of the description as YAML under a title; nothing where there is none. */
static mlsoap_status print_part(const mlsoap_potential *p, const char *title, const char *key, mlsoap_error *error)
{
    const json_t *value = json_object_get(p->description, key);
    if (!value) return MLSOAP_SUCCESS;
    json_t *titled = json_pack("{s:O}", title, value);
    char *text = titled ? yaml_text(titled) : NULL;
    json_decref(titled);
    if (!text) return status_no_memory(error, sizeof(void *), "the description");
    printf("\n%s", text);
    memory_free(text);
    return MLSOAP_SUCCESS;
}

static void print_measure(const json_t *total, const char *name, const char *unit, int digits)
{
    const json_t *measure = json_object_get(total, name);
    const json_t *mae = json_object_get(measure, "mae"), *rmse = json_object_get(measure, "rmse");
    if (json_is_number(mae) && json_is_number(rmse))
        printf("  %s %.*f / %.*f %s", name, digits, json_number_value(mae), digits, json_number_value(rmse), unit);
}

/* One line per data set: MAE / RMSE of the totals. */
static void print_errors(const mlsoap_potential *p)
{
    static const char *const sets[] = {"train", "validation", "test"};
    const json_t *errors = json_object_get(p->description, "errors");
    if (json_object_size(errors) > 0) printf("\nerrors (MAE / RMSE):\n");
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        const json_t *total = json_object_get(json_object_get(errors, sets[i]), "total");
        if (!total) continue;
        printf("  %-11s", sets[i]);
        print_measure(total, "energy", "meV/atom", 3);
        print_measure(total, "forces", "eV/angstrom", 4);
        print_measure(total, "virial", "meV/atom", 3);
        printf("\n");
    }
}

static void print_core(const mlsoap_potential *p)
{
    size_t n = (size_t)p->n_elements;
    printf("core            %s\n", p->core.pairs ? "ZBL" : "none");
    for (size_t i = 0; i < n && p->core.pairs; i++)
        for (size_t j = i; j < n; j++)
            if (p->core.pairs[i * n + j].r_outer > 0)
                printf("  %s-%s from %.4g to %.4g angstrom\n", element_symbol(p->elements[i]),
                       element_symbol(p->elements[j]), p->core.pairs[i * n + j].r_inner,
                       p->core.pairs[i * n + j].r_outer);
}

/* How well the uncertainties rank the errors of frames that the fit had not seen. */
static void print_rank_correlation(const mlsoap_potential *p)
{
    const json_t *known = json_object_get(json_object_get(p->description, "provenance"), "uncertainty");
    const json_t *validation = json_object_get(known, "validation"), *n = json_object_get(validation, "n"),
                 *value = json_object_get(validation, "spearman");
    if (!p->calibrations || !json_is_integer(n) || !json_is_number(value)) return;
    double spearman = json_number_value(value);
    const char *remark = json_integer_value(n) > 0 ? reliability_remark((size_t)json_integer_value(n), spearman) : NULL;
    printf("  validation    rank correlation (Spearman) with the errors of forces %.2f over %lld atoms%s%s\n", spearman,
           (long long)json_integer_value(n), remark ? ", " : "", remark ? remark : "");
}

static void print_uncertainty(const mlsoap_potential *p)
{
    printf("uncertainty     %s\n", p->calibrations ? "per atom" : "none");
    for (int i = 0; i < p->n_elements && p->calibrations; i++) {
        const uncertainty_calibration *c = &p->calibrations[i];
        printf("  %-2s            energy %.4g s; force", element_symbol(p->elements[i]), c->energy);
        for (int k = 0; k < c->n_knots; k++) printf(" %.3g", c->knots[k][1]);
        printf(" eV/angstrom at s =");
        for (int k = 0; k < c->n_knots; k++) printf(" %.3g", c->knots[k][0]);
        printf(" eV\n");
    }
    print_rank_correlation(p);
}

static mlsoap_status print_text(const char *path, const mlsoap_potential *p, mlsoap_error *error)
{
    model_counts n = count_models(p);
    printf("file            %s (format version %d)\nidentity        %s\nelements       ", path,
           POTENTIAL_FORMAT_VERSION, mlsoap_potential_identity(p));
    for (int i = 0; i < p->n_elements; i++)
        printf(" %s (offset %.10g eV)", element_symbol(p->elements[i]), p->offsets[i]);
    printf("\nr_cut           %g angstrom\nunits           eV, angstrom\ncenters         %s\nparameters      %zu\n",
           mlsoap_potential_cutoff(p), p->centers_are_atoms ? "atoms" : "points in space (not for MD)", n.parameters);
    if (n.uncertainty_points)
        printf("                and %zu sparse points of the uncertainty alone\n", n.uncertainty_points);
    if (mlsoap_potential_warning(p)) printf("warning         %s\n", mlsoap_potential_warning(p));
    for (int k = 0; k < p->n_descriptors; k++) {
        const char *name = json_string_value(json_object_get(p->descriptors[k]->settings, "name"));
        printf("features        %zu of %s\n", p->descriptors[k]->n_features, name ? name : "a descriptor");
    }
    print_core(p);
    print_uncertainty(p);
    print_errors(p);
    mlsoap_status status = print_part(p, "descriptors", "descriptors", error);
    if (!status) status = print_part(p, "models", "terms", error);
    return status ? status : print_part(p, "provenance", "provenance", error);
}

int info_command(int argc, char **argv)
{
    arguments a;
    mlsoap_potential *p = NULL;
    mlsoap_error error = {0};
    int code = arguments_parse(&command, argc, argv, &a);
    if (code >= 0) return code;
    mlsoap_status status = mlsoap_potential_read_file(a.positional[0], &p, &error);
    if (!status)
        status = arguments_count(&a, "json") ? print_json(a.positional[0], p, &error)
                                             : print_text(a.positional[0], p, &error);
    code = status ? console_fail(command.name, &error) : EXIT_GOOD;
    mlsoap_potential_free(p);
    arguments_release(&a);
    return console_finish(command.name, code);
}
