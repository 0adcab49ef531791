/* SPDX-License-Identifier: BSD-3-Clause */
/* The data doctor; see doctor.h. Everything that is shown is first put into one JSON value. */
#include "app/doctor/doctor.h"

#include "app/doctor/offsets.h"
#include "core/elements.h"
#include "core/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double ISOLATED_CUTOFF = 6; /* Angstrom: an atom alone within twice this is isolated */
static const char *const target_names[N_FRAME_TARGETS] = {"energy", "forces", "virial"};

/* What is worked with. */
typedef struct doctor {
    const checked_data *data;
    const frame **frames; /* of the training data */
    int elements[ELEMENT_MAX];
    int n_elements;
    double offsets[ELEMENT_MAX];
    doctor_report *report;
} doctor;

/* json_real refuses numbers that are not finite. */
static json_t *number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

/* ------------------------------------------------------------------------------------------------ files */

static json_t *text_list(char *const *texts)
{
    json_t *list = json_array();
    for (; texts && *texts; texts++) json_array_append_new(list, json_string(*texts));
    return list;
}

static json_t *describe_file(const frame_file *f, const char *role)
{
    json_t *targets = json_object();
    for (int t = 0; t < N_FRAME_TARGETS; t++) {
        const frame_key_use *use = &f->targets[t];
        if (!use->key) continue;
        json_object_set_new(targets, target_names[t],
                            json_pack("{s:s, s:I, s:I, s:o, s:o}", "key", use->key, "frames", (json_int_t)use->n_frames,
                                      "numbers", (json_int_t)use->n_numbers, "min", number(use->min), "max",
                                      number(use->max)));
    }
    json_t *file = json_pack("{s:s, s:s, s:I, s:I, s:s, s:o, s:o, s:o}", "file", f->path, "role", role, "frames",
                             (json_int_t)f->n_frames, "atoms", (json_int_t)f->n_atoms, "sha256", f->sha256, "targets",
                             targets, "unused_keys", text_list(f->unused_keys), "other_keys", text_list(f->other_keys));
    if (f->length_unit)
        json_object_set_new(file, "assumed_units",
                            json_pack("{s:s, s:s}", "length", f->length_unit, "energy", f->energy_unit));
    return file;
}

static json_t *describe_files(const checked_data *data)
{
    static const char *const roles[] = {"train", "validation", "test"};
    const frame_set *const sets[] = {data->train, data->validation, data->test};
    json_t *list = json_array();
    for (int i = 0; i < 3; i++)
        for (size_t k = 0; sets[i] && k < sets[i]->n_files; k++)
            json_array_append_new(list, describe_file(&sets[i]->files[k], roles[i]));
    return list;
}

/* ------------------------------------------------------------------------------------------------ config_types */

static int compare_types(const void *a, const void *b)
{
    return strcmp((*(const frame *const *)a)->config_type, (*(const frame *const *)b)->config_type);
}

/* Counts and energies above the offsets of frames of one config_type. */
static json_t *describe_type(const doctor *d, const frame *const *frames, size_t n)
{
    size_t n_atoms = 0, counts[N_FRAME_TARGETS] = {0};
    double low = INFINITY, high = -INFINITY, sum = 0, force_squares = 0, largest = 0;
    for (size_t c = 0; c < n; c++) {
        const frame *f = frames[c];
        size_t m = f->structure.n_atoms;
        n_atoms += m;
        counts[TARGET_ENERGY] += f->has_energy;
        counts[TARGET_VIRIAL] += f->has_virial;
        if (f->has_energy) {
            double e = (f->energy - offsets_energy(&f->structure, d->elements, d->n_elements, d->offsets)) / (double)m;
            low = fmin(low, e);
            high = fmax(high, e);
            sum += e;
        }
        for (size_t i = 0; f->has_forces && i < 3 * m; i++) {
            double x = f->forces[i / 3][i % 3];
            force_squares += x * x;
            largest = fmax(largest, fabs(x));
        }
        counts[TARGET_FORCES] += f->has_forces ? 3 * m : 0;
    }
    bool energies = counts[TARGET_ENERGY] > 0, forces = counts[TARGET_FORCES] > 0;
    return json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:o}", "name", frames[0]->config_type,
                     "frames", (json_int_t)n, "atoms", (json_int_t)n_atoms, "energies",
                     (json_int_t)counts[TARGET_ENERGY], "force_components", (json_int_t)counts[TARGET_FORCES],
                     "virials", (json_int_t)counts[TARGET_VIRIAL], "energy_min", number(low), "energy_max",
                     number(high), "energy_mean", number(energies ? sum / (double)counts[TARGET_ENERGY] : NAN),
                     "force_rms", number(forces ? sqrt(force_squares / (double)counts[TARGET_FORCES]) : NAN),
                     "force_max", number(forces ? largest : NAN));
}

static json_t *describe_types(const doctor *d)
{
    size_t n = d->data->train->n_frames;
    const frame **sorted = MEMORY_NEW(const frame *, n);
    json_t *list = json_array();
    if (!sorted) return list;
    memcpy(sorted, d->frames, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, compare_types);
    for (size_t first = 0, last; first < n; first = last) {
        for (last = first + 1; last < n && compare_types(&sorted[first], &sorted[last]) == 0;) last++;
        json_array_append_new(list, describe_type(d, sorted + first, last - first));
    }
    memory_free(sorted);
    return list;
}

/* ------------------------------------------------------------------------------------------------ elements */

static void find_elements(doctor *d)
{
    bool present[ELEMENT_MAX + 1] = {false};
    for (size_t c = 0; c < d->data->train->n_frames; c++)
        for (size_t i = 0; i < d->frames[c]->structure.n_atoms; i++) present[d->frames[c]->structure.species[i]] = true;
    for (int z = 1; z <= ELEMENT_MAX; z++)
        if (present[z]) d->elements[d->n_elements++] = z;
}

/* Offsets as the trainer would choose them; where it could not, that is a finding. */
static mlsoap_status find_offsets(doctor *d, json_t *summary, mlsoap_error *error)
{
    mlsoap_error wrong = {0};
    offsets_result result = {0};
    size_t n = d->data->train->n_frames;
    mlsoap_status status = offsets_find(d->frames, n, d->elements, d->n_elements, OFFSETS_AUTO, ISOLATED_CUTOFF,
                                        d->offsets, &result, &wrong);
    if (status == MLSOAP_ERROR_VALUE)
        return check_add(&d->report->checks, "offsets", CHECK_ERROR, 1, error, "%s", wrong.message);
    if (status) {
        if (error) *error = wrong;
        return status;
    }
    json_t *offsets = json_object();
    for (int e = 0; e < d->n_elements; e++)
        json_object_set_new(offsets, element_symbol(d->elements[e]), number(d->offsets[e]));
    json_object_set_new(offsets, "method",
                        json_string(result.method == OFFSETS_ISOLATED ? "isolated atoms"
                                    : result.rank < d->n_elements
                                        ? "least squares, minimum norm: compositions do not determine them"
                                        : "least squares"));
    json_object_set_new(offsets, "rms", number(result.rms));
    json_object_set_new(summary, "offsets", offsets);
    return MLSOAP_SUCCESS;
}

static json_t *describe_isolated(const doctor *d)
{
    json_t *found = json_object();
    for (int e = 0; e < d->n_elements; e++) {
        json_int_t n = 0;
        for (size_t c = 0; c < d->data->train->n_frames; c++)
            n += d->frames[c]->structure.species[0] == d->elements[e] &&
                 frame_is_isolated_atom(d->frames[c], ISOLATED_CUTOFF);
        json_object_set_new(found, element_symbol(d->elements[e]), json_integer(n));
    }
    return found;
}

static mlsoap_status describe_distances(const doctor *d, json_t **list, mlsoap_error *error)
{
    training_domain domain;
    mlsoap_status status =
        training_domain_find(d->frames, d->data->train->n_frames, d->elements, d->n_elements, &domain, error);
    *list = json_array();
    for (int a = 0; a < d->n_elements && !status; a++)
        for (int b = a; b < d->n_elements; b++) {
            double bond = element_bond_length(d->elements[a], d->elements[b]);
            json_array_append_new(*list, json_pack("{s:[s, s], s:o, s:f}", "pair", element_symbol(d->elements[a]),
                                                   element_symbol(d->elements[b]), "distance",
                                                   number(domain.shortest[a * d->n_elements + b]), "bond", bond));
        }
    training_domain_release(&domain);
    return status;
}

/* ------------------------------------------------------------------------------------------------ consistency */

static json_t *describe_slope(double slope, double correlation, size_t n)
{
    return json_pack("{s:o, s:o, s:I}", "slope", number(slope), "correlation", number(correlation), "n", (json_int_t)n);
}

static json_t *describe_consistency(const data_consistency *measured)
{
    static const char *const kinds[N_NEAR_KINDS] = {"moved", "stretched", "sheared"};
    const data_probe *p = &measured->probe;
    json_t *result = json_object(), *pairs = json_array();
    if (p->n_frames > 0) {
        json_t *probe = json_pack("{s:I, s:I, s:f, s:f}", "frames", (json_int_t)p->n_frames, "atoms",
                                  (json_int_t)p->n_atoms, "r_cut", p->r_cut, "force_correlation", p->force_correlation);
        if (p->energy.n > 0)
            json_object_set_new(probe, "energy", describe_slope(p->energy.slope, p->energy.correlation, p->energy.n));
        const virial_slopes *v = &p->virial;
        if (v->n_frames > 0) {
            json_object_set_new(probe, "virial_diagonal", describe_slope(v->slope[0], v->correlation[0], v->n_frames));
            json_object_set_new(probe, "virial_off_diagonal",
                                describe_slope(v->slope[1], v->correlation[1], v->n_frames));
        }
        json_object_set_new(result, "probe", probe);
    }
    for (size_t g = 0; g < measured->groups.n; g++) {
        const near_group *group = &measured->groups.items[g];
        json_array_append_new(pairs, json_pack("{s:s, s:s, s:I, s:o, s:o, s:o}", "config_type", group->config_type,
                                               "kind", kinds[group->kind], "pairs", (json_int_t)group->slope.n, "slope",
                                               number(group->slope.slope), "correlation",
                                               number(group->slope.correlation), "size", number(group->size)));
    }
    json_object_set_new(result, "near_frames", pairs);
    return result;
}

static void describe_findings(const check_list *list, json_t *summary)
{
    json_t *findings = json_array();
    json_int_t n_errors = 0, n_warnings = 0;
    for (size_t i = 0; i < list->n; i++) {
        const check_finding *f = &list->items[i];
        const char *severity = f->severity == CHECK_WARNING ? "warning" : f->allowed ? "allowed" : "error";
        n_errors += f->severity == CHECK_ERROR && !f->allowed;
        n_warnings += f->severity == CHECK_WARNING || f->allowed;
        json_array_append_new(findings, json_pack("{s:s, s:s, s:I, s:s}", "name", f->name, "severity", severity,
                                                  "count", (json_int_t)f->count, "text", f->text));
    }
    json_object_set_new(summary, "findings", findings);
    json_object_set_new(summary, "errors", json_integer(n_errors));
    json_object_set_new(summary, "warnings", json_integer(n_warnings));
}

/* ------------------------------------------------------------------------------------------------ all */

static mlsoap_status examine(doctor *d, mlsoap_error *error)
{
    doctor_report *report = d->report;
    json_t *summary = report->summary, *elements = json_array(), *distances = NULL;
    json_object_set_new(summary, "files", describe_files(d->data));
    for (int e = 0; e < d->n_elements; e++)
        json_array_append_new(elements, json_string(element_symbol(d->elements[e])));
    json_object_set_new(summary, "elements", elements);
    mlsoap_status status = data_checks_files(d->data, true, &report->checks, error);
    if (!status) status = find_offsets(d, summary, error);
    if (!status) status = data_checks_frames(d->data, d->elements, d->n_elements, d->offsets, &report->checks, error);
    if (!status) status = data_checks_consistency(d->data, &report->checks, &report->consistency, error);
    if (!status) status = describe_distances(d, &distances, error);
    json_object_set_new(summary, "config_types", describe_types(d));
    json_object_set_new(summary, "isolated_atoms", describe_isolated(d));
    json_object_set_new(summary, "shortest", distances ? distances : json_array());
    json_object_set_new(summary, "consistency", describe_consistency(&report->consistency));
    describe_findings(&report->checks, summary);
    return status;
}

mlsoap_status doctor_examine(const checked_data *data, doctor_report *report, mlsoap_error *error)
{
    size_t n = data->train->n_frames;
    doctor d = {.data = data, .report = report, .frames = MEMORY_NEW(const frame *, n)};
    report->summary = json_object();
    mlsoap_status status = MLSOAP_SUCCESS;
    if (!d.frames || !report->summary) {
        status = status_no_memory(error, n * sizeof *d.frames, "the check of the data");
    } else {
        for (size_t i = 0; i < n; i++) d.frames[i] = &data->train->frames[i];
        find_elements(&d);
        status = examine(&d, error);
    }
    memory_free(d.frames);
    return status;
}

void doctor_report_release(doctor_report *report)
{
    check_list_release(&report->checks);
    data_consistency_release(&report->consistency);
    json_decref(report->summary);
    report->summary = NULL;
}
