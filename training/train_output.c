/* SPDX-License-Identifier: BSD-3-Clause */
/* From a fit to files; see train_output.h. */
#include "train_output.h"

#include "app/doctor/training_domain.h"
#include "core/elements.h"
#include "core/file.h"
#include "core/memory.h"
#include "potential/potential_file.h"
#include "train_report.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static const char *const target_names[N_FRAME_TARGETS] = {"energy", "forces", "virial"};

/* Standard deviations as they are: the calibration of a potential whose uncertainty is yet to be calibrated. */
static json_t *no_calibration(const fit_problem *problem)
{
    json_t *calibrations = json_object();
    for (int e = 0; e < problem->n_elements; e++)
        json_object_set_new(calibrations, element_symbol(problem->elements[e]),
                            json_pack("{s:f, s:[[f, f]]}", "energy", 1.0, "forces", 1.0, 1.0));
    return calibrations;
}

mlsoap_status train_potential(const fit_problem *problem, fit_result *result, mlsoap_potential **out,
                              mlsoap_error *error)
{
    json_t *elements = json_array(), *offsets = json_object();
    for (int e = 0; e < problem->n_elements; e++) {
        const char *symbol = element_symbol(problem->elements[e]);
        json_array_append_new(elements, json_string(symbol));
        json_object_set_new(offsets, symbol, json_real(problem->offsets[e]));
    }
    json_t *description =
        json_pack("{s:{s:s, s:s}, s:o, s:o, s:o, s:O}", "units", "energy", "eV", "length", "angstrom", "elements",
                  elements, "offsets", offsets, "descriptors",
                  json_deep_copy(json_object_get(problem->config->root, "descriptors")), "terms", result->terms);
    *out = NULL;
    if (!description) return status_no_memory(error, 1024, "the description of the potential");
    if (result->loss) json_object_set(description, "loss", result->loss);
    if (problem->pair_terms) json_object_set_new(description, "pair_terms", json_deep_copy(problem->pair_terms));
    if (result->has_uncertainty) json_object_set_new(description, "uncertainty", no_calibration(problem));
    tensor_set tensors = result->tensors;
    memset(&result->tensors, 0, sizeof result->tensors);
    return potential_new(description, &tensors, out, error);
}

char *train_output_path(const config *c, const char *ending)
{
    static const char suffix[] = ".mlsoap";
    const char *output = schema_text(c->root, "output");
    size_t n = strlen(output), n_suffix = sizeof suffix - 1;
    if (n > n_suffix && strcmp(output + n - n_suffix, suffix) == 0) n -= n_suffix;
    char *path = MEMORY_NEW(char, n + strlen(ending) + 1);
    if (path) snprintf(path, n + strlen(ending) + 1, "%.*s%s", (int)n, output, ending);
    return path;
}

/* ------------------------------------------------------------------------------------------------------ provenance */

static void add_files(json_t *list, const frame_set *set, const char *role)
{
    for (size_t k = 0; k < set->n_files; k++) {
        const frame_file *f = &set->files[k];
        json_t *targets = json_object();
        for (int t = 0; t < N_FRAME_TARGETS; t++)
            if (f->targets[t].key)
                json_object_set_new(targets, target_names[t],
                                    json_pack("{s:s, s:I, s:I}", "key", f->targets[t].key, "frames",
                                              (json_int_t)f->targets[t].n_frames, "numbers",
                                              (json_int_t)f->targets[t].n_numbers));
        json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:I, s:I, s:o}", "file", f->path, "role", role, "sha256",
                                              f->sha256, "frames", (json_int_t)f->n_frames, "atoms",
                                              (json_int_t)f->n_atoms, "targets", targets));
    }
}

static json_t *count_targets(const training_frame *frames, size_t n)
{
    size_t count[N_FRAME_TARGETS] = {0};
    for (size_t c = 0; c < n; c++)
        for (int t = 0; t < N_FRAME_TARGETS; t++)
            if (frames[c].weight[t] > 0)
                count[t] += t == TARGET_ENERGY ? 1 : t == TARGET_FORCES ? 3 * frames[c].source->structure.n_atoms : 6;
    return json_pack("{s:I, s:I, s:I, s:I}", "frames", (json_int_t)n, "energy", (json_int_t)count[0], "forces",
                     (json_int_t)count[1], "virial", (json_int_t)count[2]);
}

/* {"density": [min, max], "shortest_distances": {"Si-Si": 2.1}}; pairs that never come close are left out. */
static json_t *domain_json(const training_domain *domain, const int *elements, int n)
{
    char name[16];
    json_t *distances = json_object();
    for (int a = 0; a < n && distances; a++)
        for (int b = a; b < n; b++) {
            if (!isfinite(domain->shortest[a * n + b])) continue;
            snprintf(name, sizeof name, "%s-%s", element_symbol(elements[a]), element_symbol(elements[b]));
            json_object_set_new(distances, name, json_real(domain->shortest[a * n + b]));
        }
    return json_pack("{s:[f, f], s:o}", "density", domain->density[0], domain->density[1], "shortest_distances",
                     distances);
}

/* What the calibration of the uncertainty rests on, and how well it holds; null where there is none. */
static json_t *uncertainty_json(const train_output *o)
{
    if (!o->calibrated_on) return json_null();
    json_t *value = json_pack("{s:s}", "calibrated_on", o->calibrated_on);
    for (int part = 0; part < N_REPORT_PARTS && value; part++)
        if (o->reliability[part].n)
            json_object_set_new(value, report_part_names[part], reliability_json(&o->reliability[part]));
    return value;
}

static json_t *make_provenance(const train_output *o)
{
    const dataset *data = o->problem->data;
    json_t *files = json_array(), *warnings = json_array();
    char date[32];
    time_t seconds = time(NULL);
    struct tm utc;
    add_files(files, &data->train, "train");
    add_files(files, &data->validation_files, "validation");
    add_files(files, &data->test, "test");
    for (size_t i = 0; i < o->checks->n; i++) json_array_append_new(warnings, json_string(o->checks->items[i].text));
    strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&seconds, &utc));
    json_t *from = o->problem->from ? origin_json(o->problem->from) : NULL;
    return json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:O?, s:I, s:o, s:o, s:o*}", "program", "mlsoap",
                     "version", mlsoap_version(), "date", date, "data", files, "fit",
                     count_targets(data->fit, data->n_fit), "validation",
                     count_targets(data->validation, data->n_validation), "warnings", warnings, "config",
                     json_deep_copy(o->problem->config->root), "result", o->summary, "seed",
                     (json_int_t)schema_integer(o->problem->config->root, "seed"), "uncertainty", uncertainty_json(o),
                     "domain", domain_json(o->domain, data->elements, data->n_elements), "from", from);
}

static json_t *make_errors(const train_output *o)
{
    json_t *errors =
        json_pack("{s:{s:s, s:s, s:s}}", "units", "energy", "meV/atom", "forces", "eV/angstrom", "virial", "meV/atom");
    for (int part = 0; part < N_REPORT_PARTS && errors; part++)
        if (o->sets[part]) json_object_set_new(errors, report_part_names[part], error_table_json(&o->tables[part]));
    return errors;
}

mlsoap_status train_output_describe(const train_output *o, mlsoap_error *error)
{
    const frame_set *set = &o->problem->data->train;
    const structure **structures = MEMORY_NEW(const structure *, set->n_frames);
    if (!structures) return status_no_memory(error, set->n_frames * sizeof *structures, "the golden frames");
    for (size_t i = 0; i < set->n_frames; i++) structures[i] = &set->frames[i].structure;
    mlsoap_status status = potential_set_golden(o->potential, structures, set->n_frames, error);
    memory_free(structures);
    if (status) return status;
    json_t *provenance = make_provenance(o), *errors = make_errors(o);
    if (provenance && errors) return potential_set_provenance(o->potential, provenance, errors, error);
    json_decref(provenance);
    json_decref(errors);
    return status_no_memory(error, 1024, "the provenance of the potential");
}

/* ----------------------------------------------------------------------------------------------------------- files */

static mlsoap_status write_config(const config *c, const char *path, mlsoap_error *error)
{
    char *text = config_text(c);
    if (!text) return status_no_memory(error, 1024, "the configuration");
    mlsoap_status status = file_write(path, text, strlen(text), error);
    memory_free(text);
    return status;
}

mlsoap_status train_output_write(const train_output *o, mlsoap_error *error)
{
    const config *c = o->problem->config;
    report_set sets[N_REPORT_PARTS] = {{.frames = NULL}};
    for (int part = 0; part < N_REPORT_PARTS; part++)
        if (o->sets[part])
            sets[part] =
                (report_set){.frames = o->sets[part], .errors = &o->tables[part], .uncertainty = &o->reliability[part]};
    char *potential = train_output_path(c, ".mlsoap"), *yaml = train_output_path(c, ".config.yaml"),
         *csv = train_output_path(c, ".parity.csv"), *report = train_output_path(c, ".report.html");
    mlsoap_status status = MLSOAP_SUCCESS;
    if (!potential || !yaml || !csv || !report) status = status_no_memory(error, 1024, "file names");
    if (!status) status = potential_write_file(o->potential, potential, error);
    if (!status) status = write_config(c, yaml, error);
    if (!status) status = parity_csv_write(csv, sets, error);
    if (!status) status = train_report_write(o, report, sets, error);
    if (!status)
        training_log_text(o->problem->log, "\nwritten: %s (potential), %s (open it in a browser), %s, %s", potential,
                          report, csv, yaml);
    memory_free(potential);
    memory_free(yaml);
    memory_free(csv);
    memory_free(report);
    return status;
}
