/* SPDX-License-Identifier: BSD-3-Clause */
/* Frames of a training run; see dataset.h. */
#include "dataset.h"

#include "app/doctor/frame_match.h"
#include "app/doctor/offsets.h"
#include "app/reading.h"
#include "core/elements.h"
#include "core/memory.h"
#include "core/random_numbers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double SMALLEST_VARIANCE = 1e-12; /* of the largest square */
static const char *const target_names[N_FRAME_TARGETS] = {"energy", "forces", "virial"};

double structure_force_weight(const structure *s, size_t i_atom)
{
    if (s->masks && s->masks[i_atom]) return 0;
    return s->atom_weights ? s->atom_weights[i_atom] : 1;
}

/* ---------------------------------------------------------------------------------------------------------- reading */

static mlsoap_status read_files(frame_set *set, const json_t *list, const read_options *options, mlsoap_error *error)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        mlsoap_status status = frames_read(json_string_value(json_array_get(list, i)), options, set, error);
        if (status) return status;
    }
    return MLSOAP_SUCCESS;
}

static mlsoap_status find_elements(dataset *data, mlsoap_error *error)
{
    bool present[ELEMENT_MAX + 1] = {false};
    for (size_t c = 0; c < data->train.n_frames; c++)
        for (size_t i = 0; i < data->train.frames[c].structure.n_atoms; i++)
            present[data->train.frames[c].structure.species[i]] = true;
    data->elements = MEMORY_NEW(int, ELEMENT_MAX + 1);
    if (!data->elements) return status_no_memory(error, (ELEMENT_MAX + 1) * sizeof(int), "the elements");
    for (int z = 1; z <= ELEMENT_MAX; z++)
        if (present[z]) data->elements[data->n_elements++] = z;
    return MLSOAP_SUCCESS;
}

/* Squares of targets are summed: one that no calculation gives would make a fit of NaN far from its cause. */
static const double LARGEST_TARGET = 1e12;

static bool too_large(const double *x, size_t n, double *found)
{
    for (size_t i = 0; i < n; i++) {
        *found = x[i];
        if (!(fabs(x[i]) <= LARGEST_TARGET)) return true;
    }
    return false;
}

static mlsoap_status check_targets(const frame_set *set, mlsoap_error *error)
{
    for (size_t c = 0; c < set->n_frames; c++) {
        const frame *f = &set->frames[c];
        const char *what = NULL;
        double found;
        if (f->has_energy && too_large(&f->energy, 1, &found)) what = "energy";
        if (!what && f->has_forces && too_large(f->forces[0], 3 * f->structure.n_atoms, &found)) what = "force";
        if (!what && f->has_virial && too_large(f->virial, 6, &found)) what = "virial";
        if (what)
            return status_fail_at(error, MLSOAP_ERROR_VALUE, set->files[f->i_file].path, f->line,
                                  "frame %zu: a %s of %g is no number of eV and angstrom; at most %g is taken",
                                  f->index, what, found, LARGEST_TARGET);
    }
    return MLSOAP_SUCCESS;
}

mlsoap_status dataset_read(dataset *data, const config *c, mlsoap_error *error)
{
    memset(data, 0, sizeof *data);
    json_t *section = json_object_get(c->root, "data"), *validation = json_object_get(section, "validation");
    reading r;
    mlsoap_status status = reading_of_config(c, &r, error);
    if (!status && json_array_size(json_object_get(section, "train")) == 0)
        status =
            status_fail(error, MLSOAP_ERROR_VALUE, "no training data: name a file (mlsoap train FILE) or data.train");
    if (!status) status = read_files(&data->train, json_object_get(section, "train"), &r.options, error);
    if (!status && json_is_array(validation))
        status = read_files(&data->validation_files, validation, &r.options, error);
    if (!status) status = read_files(&data->test, json_object_get(section, "test"), &r.options, error);
    reading_release(&r);
    if (!status && data->train.n_frames == 0)
        status = status_fail(error, MLSOAP_ERROR_VALUE, "the training files hold no frame");
    const frame_set *sets[] = {&data->train, &data->validation_files, &data->test};
    for (int k = 0; k < 3 && !status; k++) status = check_targets(sets[k], error);
    return status ? status : find_elements(data, error);
}

void dataset_release(dataset *data)
{
    frame_set_release(&data->train);
    frame_set_release(&data->validation_files);
    frame_set_release(&data->test);
    memory_free(data->fit);
    memory_free(data->validation);
    memory_free(data->training);
    memory_free(data->elements);
    memset(data, 0, sizeof *data);
}

/* ------------------------------------------------------------------------------------------------------- splitting */

typedef struct group_member {
    const char *name;
    size_t index;
} group_member;

static int compare_members(const void *a, const void *b)
{
    const group_member *x = a, *y = b;
    int order = strcmp(x->name, y->name);
    return order ? order : (x->index > y->index) - (x->index < y->index);
}

/* Choose `take` of the n members of a group: the first of a random order. */
static void choose_from_group(group_member *group, size_t n, size_t take, uint64_t *state, bool *chosen)
{
    for (size_t k = 0; k < take; k++) {
        size_t other = k + (size_t)(random_bits(state) % (n - k));
        group_member swapped = group[k];
        group[k] = group[other];
        group[other] = swapped;
        chosen[group[k].index] = true;
    }
}

mlsoap_status dataset_choose_validation(const training_frame *frames, size_t n, double fraction, uint64_t seed,
                                        bool *chosen, mlsoap_error *error)
{
    group_member *members = MEMORY_NEW(group_member, n);
    if (!members) return status_no_memory(error, n * sizeof *members, "the validation split");
    size_t n_members = 0, n_chosen = 0;
    for (size_t i = 0; i < n; i++) {
        chosen[i] = false;
        if (frames[i].repeated || frame_is_isolated_atom(frames[i].source, 0)) continue;
        members[n_members++] = (group_member){frames[i].source->config_type, i};
    }
    qsort(members, n_members, sizeof *members, compare_members);
    uint64_t state = seed;
    double due = 0; /* what rounding owes: groups of a few frames get their share together */
    for (size_t first = 0, last; first < n_members; first = last) {
        for (last = first + 1; last < n_members && !strcmp(members[last].name, members[first].name);) last++;
        due += fraction * (double)(last - first);
        size_t take = (size_t)floor(due + 0.5 + 1e-9);
        if (due < 0.5 - 1e-9) take = 0;
        if (take > last - first - 1) take = last - first - 1;
        choose_from_group(members + first, last - first, take, &state, chosen);
        due -= (double)take;
        n_chosen += take;
    }
    if (n_chosen == 0 && n_members >= 2 && fraction > 0) choose_from_group(members, n_members, 1, &state, chosen);
    memory_free(members);
    return MLSOAP_SUCCESS;
}

static training_frame weighted_frame(frame *f, const json_t *loss)
{
    bool has[N_FRAME_TARGETS] = {f->has_energy, f->has_forces, f->has_virial};
    training_frame result = {.source = f};
    for (int t = 0; t < N_FRAME_TARGETS; t++)
        result.weight[t] = has[t] ? f->weight * config_loss_factor(loss, f->config_type, target_names[t]) : 0;
    return result;
}

/* Frames whose geometry occurs before them. */
static mlsoap_status mark_repeats(dataset *data, training_frame *frames, mlsoap_error *error)
{
    size_t n = data->train.n_frames, n_pairs = 0;
    frame_pair *pairs = NULL;
    mlsoap_status status = frames_match(data->training, n, NULL, 0, &pairs, &n_pairs, error);
    for (size_t k = 0; k < n_pairs && !status; k++) {
        if (!frames[pairs[k].b].repeated) data->n_repeated++;
        frames[pairs[k].b].repeated = true;
    }
    memory_free(pairs);
    return status;
}

static mlsoap_status add_validation_files(dataset *data, const json_t *loss, mlsoap_error *error)
{
    size_t n = data->validation_files.n_frames;
    memory_free(data->validation);
    data->validation = MEMORY_NEW(training_frame, n);
    if (!data->validation) return status_no_memory(error, n * sizeof *data->validation, "the validation frames");
    for (data->n_validation = 0; data->n_validation < n; data->n_validation++)
        data->validation[data->n_validation] = weighted_frame(&data->validation_files.frames[data->n_validation], loss);
    return MLSOAP_SUCCESS;
}

mlsoap_status dataset_split(dataset *data, const config *c, mlsoap_error *error)
{
    size_t n = data->train.n_frames;
    const json_t *validation = json_object_get(json_object_get(c->root, "data"), "validation");
    const json_t *loss = json_object_get(c->root, "loss");
    double fraction = json_is_number(validation) ? json_number_value(validation) : 0;
    data->training = MEMORY_NEW(const frame *, n);
    data->fit = MEMORY_NEW(training_frame, n);
    data->validation = MEMORY_NEW(training_frame, n);
    training_frame *all = MEMORY_NEW(training_frame, n);
    bool *chosen = MEMORY_NEW(bool, n);
    mlsoap_status status = MLSOAP_SUCCESS;
    if (!data->training || !data->fit || !data->validation || !all || !chosen) {
        status = status_no_memory(error, n * sizeof *all, "the frames");
        goto cleanup;
    }
    for (size_t i = 0; i < n; i++) {
        data->training[i] = &data->train.frames[i];
        all[i] = weighted_frame(&data->train.frames[i], loss);
    }
    status = mark_repeats(data, all, error);
    if (!status)
        status = dataset_choose_validation(all, n, fraction, (uint64_t)schema_integer(c->root, "seed"), chosen, error);
    if (status) goto cleanup;
    for (size_t i = 0; i < n; i++) {
        if (chosen[i])
            data->validation[data->n_validation++] = all[i];
        else
            data->fit[data->n_fit++] = all[i];
    }
    if (json_is_array(validation)) status = add_validation_files(data, loss, error);
cleanup:
    memory_free(all);
    memory_free(chosen);
    return status;
}

/* ------------------------------------------------------------------------------------------------------ statistics */

typedef struct moments {
    double weight, sum, squares, largest;
    size_t n;
} moments;

static void add_number(moments *m, double weight, double value, double center)
{
    if (weight <= 0) return;
    m->weight += weight;
    m->sum += weight * (value - center);
    m->squares += weight * (value - center) * (value - center);
    if (fabs(value) > m->largest) m->largest = fabs(value);
    m->n++;
}

/* One pass over all numbers of all targets, taken from `center`. */
static void add_frames(const training_frame *frames, size_t n, const int *elements, int n_elements,
                       const double *offsets, const double *center, moments m[N_FRAME_TARGETS])
{
    for (size_t c = 0; c < n; c++) {
        const frame *f = frames[c].source;
        const structure *s = &f->structure;
        const double *w = frames[c].weight;
        double n_atoms = (double)s->n_atoms;
        if (w[TARGET_ENERGY] > 0)
            add_number(&m[TARGET_ENERGY], w[TARGET_ENERGY],
                       (f->energy - offsets_energy(s, elements, n_elements, offsets)) / n_atoms, center[TARGET_ENERGY]);
        for (size_t i = 0; i < s->n_atoms && w[TARGET_FORCES] > 0; i++)
            for (int a = 0; a < 3; a++)
                add_number(&m[TARGET_FORCES], w[TARGET_FORCES] * structure_force_weight(s, i), f->forces[i][a],
                           center[TARGET_FORCES]);
        for (int k = 0; k < 6 && w[TARGET_VIRIAL] > 0; k++)
            add_number(&m[TARGET_VIRIAL], w[TARGET_VIRIAL], f->virial[k] / n_atoms, center[TARGET_VIRIAL]);
    }
}

void dataset_statistics(const training_frame *frames, size_t n, const int *elements, int n_elements,
                        const double *offsets, loss_statistics *statistics)
{
    moments first[N_FRAME_TARGETS] = {{0}}, second[N_FRAME_TARGETS] = {{0}};
    double center[N_FRAME_TARGETS] = {0};
    add_frames(frames, n, elements, n_elements, offsets, center, first);
    for (int t = 0; t < N_FRAME_TARGETS; t++) center[t] = first[t].weight > 0 ? first[t].sum / first[t].weight : 0;
    add_frames(frames, n, elements, n_elements, offsets, center, second);
    for (int t = 0; t < N_FRAME_TARGETS; t++) {
        double variance = second[t].weight > 0 ? second[t].squares / second[t].weight : 0;
        double largest = second[t].largest * second[t].largest;
        statistics->vanishes[t] = second[t].n > 0 && !(variance > SMALLEST_VARIANCE * largest);
        statistics->variance[t] = variance > SMALLEST_VARIANCE * largest ? variance : 1;
        statistics->weight[t] = second[t].weight;
        statistics->n[t] = second[t].n;
    }
}
