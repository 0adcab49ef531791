/* SPDX-License-Identifier: BSD-3-Clause */
/* Energy and virial of extxyz frames; see extxyz_targets.h. */
#include "io/extxyz_targets.h"

#include "core/memory.h"
#include "core/parse.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Keys that mean the same agree to this; energies and virials per atom. */
static const double ENERGY_TOLERANCE = 1e-4; /* eV/atom */
static const double FORCE_TOLERANCE = 1e-6;  /* eV/angstrom */
/* W_ab and W_ba may differ by this part of the largest component, besides ENERGY_TOLERANCE per atom. */
static const double ASYMMETRY = 1e-3;

/** A value as it stands in the file and in our form. */
typedef struct target_value {
    double raw[9];
    int n_raw;
    double value[6]; /**< energy, or W xx yy zz xy xz yz */
    int n;
} target_value;

bool targets_agree_forces(double a, double b)
{
    return fabs(a - b) <= FORCE_TOLERANCE;
}

mlsoap_status targets_fail_conflict(const target_key *a, double value_a, const target_key *b, double value_b,
                                    const char *where, const text_place *place, mlsoap_error *error)
{
    bool smeared = text_equal_no_case(a->name, "energy") && text_equal_no_case(b->name, "free_energy");
    return status_fail_at(
        error, MLSOAP_ERROR_VALUE, place->file, place->line,
        "frame %zu%s: '%.40s' gives %.10g and '%.40s' gives %.10g for the same %s: name the key to use in "
        "data.keys.%s, or the other in data.ignore%s",
        place->frame, where, a->name, value_a, b->name, value_b, target_name(a->target), target_name(a->target),
        smeared ? " (ASE writes both for electrons at a temperature: forces are derivatives of free_energy)" : "");
}

mlsoap_status targets_count(frame_key_use *use, const target_key *key, const double *numbers, size_t n,
                            size_t n_counted, mlsoap_error *error)
{
    if (!use->key) {
        use->key = memory_copy_text(key->name);
        if (!use->key) return status_no_memory(error, strlen(key->name) + 1, "the name of a key");
        use->min = HUGE_VAL;
        use->max = -HUGE_VAL;
    }
    for (size_t i = 0; i < n; i++) {
        if (numbers[i] < use->min) use->min = numbers[i];
        if (numbers[i] > use->max) use->max = numbers[i];
    }
    use->n_frames++;
    use->n_numbers += n_counted;
    return MLSOAP_SUCCESS;
}

static mlsoap_status fail_count(const comment_entry *entry, int n, const char *wanted, const text_place *place,
                                mlsoap_error *error)
{
    char shown[48];
    return status_fail_at(error, MLSOAP_ERROR_FORMAT, place->file, place->line,
                          "frame %zu: '%s' has %d numbers; it needs %s", place->frame, slice_show(entry->key, shown), n,
                          wanted);
}

/* Nine numbers in rows, or six in the order xx yy zz yz xz xy, to xx yy zz xy xz yz. */
static mlsoap_status order_virial(const comment_entry *entry, target_value *v, double tolerance,
                                  const text_place *place, mlsoap_error *error)
{
    const double *m = v->raw;
    if (v->n_raw == 6) {
        const double ordered[6] = {m[0], m[1], m[2], m[5], m[4], m[3]};
        memcpy(v->value, ordered, sizeof ordered);
        return MLSOAP_SUCCESS;
    }
    double largest = 0.0;
    for (int i = 0; i < 9; i++) largest = fmax(largest, fabs(m[i]));
    const int pairs[3][2] = {{1, 3}, {2, 6}, {5, 7}};
    for (int i = 0; i < 3; i++) {
        double a = m[pairs[i][0]], b = m[pairs[i][1]];
        char shown[48];
        if (!(fabs(a - b) <= tolerance + ASYMMETRY * largest))
            return status_fail_at(
                error, MLSOAP_ERROR_VALUE, place->file, place->line,
                "frame %zu: '%s' is not symmetric: its %s components are %.10g and %.10g; nine numbers must "
                "be a symmetric 3x3 matrix",
                place->frame, slice_show(entry->key, shown),
                i == 0   ? "xy and yx"
                : i == 1 ? "xz and zx"
                         : "yz and zy",
                a, b);
        v->value[3 + i] = 0.5 * (a + b);
    }
    for (int i = 0; i < 3; i++) v->value[i] = m[4 * i];
    return MLSOAP_SUCCESS;
}

static mlsoap_status read_virial(const frame *f, const target_key *key, const comment_entry *entry, target_value *v,
                                 const text_place *place, mlsoap_error *error)
{
    double volume = structure_volume(&f->structure), scale = key->is_stress ? -volume : 1.0;
    if (v->n_raw != 6 && v->n_raw != 9)
        return fail_count(entry, v->n_raw, "6 (xx yy zz yz xz xy) or 9 (rows of a 3x3 matrix)", place, error);
    if (key->is_stress && !(volume > 0.0))
        return status_fail_at(
            error, MLSOAP_ERROR_VALUE, place->file, place->line,
            "frame %zu: '%.40s' needs the volume of a cell, but the frame has none; give Lattice, or the "
            "virial in eV",
            place->frame, key->name);
    double tolerance = ENERGY_TOLERANCE * (double)f->structure.n_atoms / fabs(scale);
    mlsoap_status status = order_virial(entry, v, tolerance, place, error);
    for (int i = 0; i < 6; i++) v->value[i] *= scale;
    v->n = 6;
    return status;
}

static mlsoap_status read_value(const frame *f, const target_key *key, const comment_entry *entry, target_value *v,
                                const text_place *place, mlsoap_error *error)
{
    mlsoap_status status = entry_numbers(entry, v->raw, 9, &v->n_raw, place, error);
    if (status) return status;
    if (key->target == TARGET_VIRIAL) return read_virial(f, key, entry, v, place, error);
    if (v->n_raw != 1) return fail_count(entry, v->n_raw, "one", place, error);
    v->value[0] = v->raw[0];
    v->n = 1;
    return MLSOAP_SUCCESS;
}

/* Compare another key of the frame with the chosen one. */
static mlsoap_status compare(const frame *f, const target_key *chosen, const target_value *v, target_key *other,
                             const comment_entry *entry, const text_place *place, mlsoap_error *error)
{
    bool lookalike = other->role == KEY_LOOKALIKE;
    target_value o = {0};
    mlsoap_status status = read_value(f, other, entry, &o, place, lookalike ? NULL : error);
    if (status && !lookalike) return status;
    double tolerance = ENERGY_TOLERANCE * (double)f->structure.n_atoms;
    for (int i = 0; i < v->n; i++) {
        if (!status && fabs(o.value[i] - v->value[i]) <= tolerance) continue;
        if (!lookalike) return targets_fail_conflict(chosen, v->value[i], other, o.value[i], "", place, error);
        other->role = KEY_UNUSED;
        break;
    }
    return MLSOAP_SUCCESS;
}

/* The first entry that may feed the target. */
static const comment_entry *find_chosen(target_keys *keys, const extxyz_comment *c, frame_target target)
{
    for (size_t i = 0; i < c->n_entries; i++) {
        const target_key *key = c->entries[i].has_value ? target_keys_find(keys, c->entries[i].key, false) : NULL;
        if (key && key->target == target && key->role == KEY_CHOSEN) return &c->entries[i];
    }
    return NULL;
}

static mlsoap_status read_target(frame *f, frame_file *file, target_keys *keys, const extxyz_comment *c,
                                 frame_target target, target_value *v, bool *found, const text_place *place,
                                 mlsoap_error *error)
{
    const comment_entry *entry = find_chosen(keys, c, target);
    target_key *chosen = entry ? target_keys_find(keys, entry->key, false) : NULL;
    mlsoap_status status = MLSOAP_SUCCESS;
    *found = entry != NULL;
    if (entry) status = read_value(f, chosen, entry, v, place, error);
    if (entry && !status)
        status = targets_count(&file->targets[target], chosen, v->raw, (size_t)v->n_raw, (size_t)v->n, error);
    for (size_t i = 0; !status && i < c->n_entries; i++) {
        target_key *other = c->entries[i].has_value ? target_keys_find(keys, c->entries[i].key, false) : NULL;
        if (!other || other == chosen || other->target != target || other->role < KEY_CHOSEN) continue;
        if (entry)
            status = compare(f, chosen, v, other, &c->entries[i], place, error);
        else
            other->role = KEY_UNUSED;
    }
    return status;
}

mlsoap_status targets_read(frame *f, frame_file *file, target_keys *keys, const extxyz_comment *c,
                           const text_place *place, mlsoap_error *error)
{
    target_value v = {0};
    mlsoap_status status = read_target(f, file, keys, c, TARGET_ENERGY, &v, &f->has_energy, place, error);
    if (status) return status;
    f->energy = v.value[0];
    status = read_target(f, file, keys, c, TARGET_VIRIAL, &v, &f->has_virial, place, error);
    if (!status && f->has_virial) memcpy(f->virial, v.value, sizeof f->virial);
    return status;
}
