/* SPDX-License-Identifier: BSD-3-Clause */
/* Keys of targets; see target_keys.h. */
#include "io/target_keys.h"

#include "core/memory.h"
#include "core/parse.h"

#include <stdio.h>
#include <string.h>

enum { ROWS_MAX = 6, NAMES_MAX = 2 };

/* First row first; see target_keys.h. */
static const char *const rows[N_FRAME_TARGETS][ROWS_MAX][NAMES_MAX] = {
    [TARGET_ENERGY] = {{"ref_energy"}, {"dft_energy"}, {"energy"}, {"free_energy"}, {"total_energy"}},
    [TARGET_FORCES] = {{"ref_forces", "ref_force"}, {"dft_forces", "dft_force"}, {"forces"}, {"force"}},
    [TARGET_VIRIAL] = {{"ref_virial", "ref_virials"},
                       {"ref_stress"},
                       {"dft_virial", "dft_virials"},
                       {"dft_stress"},
                       {"virial", "virials"},
                       {"stress"}},
};

static const char *const predictions[] = {"mlsoap_", "mace_", "gap_", "xtb_", "nep_", NULL};
static const char *const never[] = {"potential_energy", "kinetic_energy", "energies", "stresses", NULL};
static const char *const kinds[] = {"energy", "force", "virial", "stress", "hessian", NULL};
static const char *const weights[] = {"_sigma", "_weight", "_mask", NULL};
static const char *const bare_forces[] = {"f", "fx", "fy", "fz", NULL};

const char *target_name(frame_target target)
{
    static const char *const names[] = {"energy", "forces", "virial"};
    return target < N_FRAME_TARGETS ? names[target] : "weights";
}

/* ------------------------------------------------------------------------------------------------ classification */

static bool contains(text_slice name, const char *part)
{
    size_t n = strlen(part);
    for (size_t i = 0; i + n <= name.n; i++)
        if (slice_equal_no_case((text_slice){name.text + i, n}, part)) return true;
    return false;
}

static bool contains_any(text_slice name, const char *const *parts)
{
    for (; *parts; parts++)
        if (contains(name, *parts)) return true;
    return false;
}

static bool equals_any(text_slice name, const char *const *texts)
{
    for (; *texts; texts++)
        if (slice_equal_no_case(name, *texts)) return true;
    return false;
}

static bool ends_with_any(text_slice name, const char *const *ends)
{
    for (; *ends; ends++) {
        size_t n = strlen(*ends);
        if (name.n >= n && slice_equal_no_case((text_slice){name.text + name.n - n, n}, *ends)) return true;
    }
    return false;
}

static bool begins_with_any(text_slice name, const char *const *beginnings)
{
    for (; *beginnings; beginnings++) {
        size_t n = strlen(*beginnings);
        if (name.n >= n && slice_equal_no_case((text_slice){name.text, n}, *beginnings)) return true;
    }
    return false;
}

static int find_row(frame_target target, text_slice name)
{
    for (int row = 0; row < ROWS_MAX; row++)
        for (int i = 0; i < NAMES_MAX; i++)
            if (rows[target][row][i] && slice_equal_no_case(name, rows[target][row][i])) return row;
    return -1;
}

static bool equals_auto(const char *text)
{
    return !text || text_equal_no_case(text, "auto");
}

static bool equals_none(const char *text)
{
    return text && (text_equal_no_case(text, "none") || text_equal_no_case(text, "off"));
}

/* The target for which the caller named this key; N_FRAME_TARGETS where none. */
static frame_target named_target(text_slice name, bool is_column, const read_options *options)
{
    for (int t = 0; t < N_FRAME_TARGETS; t++) {
        bool columns = t == TARGET_FORCES;
        const char *named = options->keys[t];
        if (columns == is_column && !equals_auto(named) && !equals_none(named) && slice_equal_no_case(name, named))
            return (frame_target)t;
    }
    return N_FRAME_TARGETS;
}

/* How many finite numbers a value consists of; -1 where it is something else. */
static int count_numbers(const comment_entry *entry)
{
    double numbers[9];
    int n;
    text_place nowhere = {"", 0, 0};
    return entry_numbers(entry, numbers, 9, &n, &nowhere, NULL) == MLSOAP_SUCCESS ? n : -1;
}

/* An entry of the comment line; false where it is no concern of ours. */
static bool classify_entry(const comment_entry *entry, target_key *key)
{
    text_slice name = entry->key;
    key->row = find_row(TARGET_ENERGY, name);
    key->target = TARGET_ENERGY;
    if (key->row >= 0) return true;
    key->row = find_row(TARGET_VIRIAL, name);
    key->target = TARGET_VIRIAL;
    if (key->row >= 0) return true;
    if (equals_any(name, never) || begins_with_any(name, predictions)) return false;
    key->target = N_FRAME_TARGETS;
    if (contains_any(name, kinds) && ends_with_any(name, weights)) return true;
    int n = count_numbers(entry);
    if (n == 1 && contains(name, "energy")) key->target = TARGET_ENERGY;
    if ((n == 6 || n == 9) && (contains(name, "virial") || contains(name, "stress"))) key->target = TARGET_VIRIAL;
    return key->target != N_FRAME_TARGETS;
}

/* A column of the atom lines. */
static bool classify_column(const extxyz_column *column, target_key *key)
{
    text_slice name = column->name;
    key->row = find_row(TARGET_FORCES, name);
    key->target = TARGET_FORCES;
    if (key->row >= 0) return true;
    if (begins_with_any(name, predictions)) return false;
    key->target = N_FRAME_TARGETS;
    if (contains_any(name, kinds) && ends_with_any(name, weights)) return true;
    if (column->type != 'R' || (!contains(name, "force") && !equals_any(name, bare_forces))) return false;
    if (column->n_columns == 3) key->target = TARGET_FORCES;
    return column->n_columns == 3 || column->n_columns == 1;
}

/* ------------------------------------------------------------------------------------------------ collection */

target_key *target_keys_find(target_keys *keys, text_slice name, bool is_column)
{
    for (size_t i = 0; i < keys->n; i++) {
        target_key *key = &keys->items[i];
        if (key->is_column == is_column && strlen(key->name) == name.n && memcmp(key->name, name.text, name.n) == 0)
            return key;
    }
    return NULL;
}

static bool is_ignored(text_slice name, const read_options *options)
{
    return options->ignore && equals_any(name, options->ignore);
}

static mlsoap_status add(target_keys *keys, text_slice name, target_key key, const text_place *place,
                         mlsoap_error *error)
{
    char shown[48];
    if (keys->n == TARGET_KEYS_MAX)
        return status_fail_at(error, MLSOAP_ERROR_CAPACITY, place->file, place->line,
                              "frame %zu: '%s' is one of more than %d keys that look like targets; remove some",
                              place->frame, slice_show(name, shown), TARGET_KEYS_MAX);
    key.name = MEMORY_NEW(char, name.n + 1);
    if (!key.name) return status_no_memory(error, name.n + 1, "the name of a key");
    memcpy(key.name, name.text, name.n);
    keys->items[keys->n++] = key;
    return MLSOAP_SUCCESS;
}

static mlsoap_status add_entry(target_keys *keys, const comment_entry *entry, const read_options *options,
                               const text_place *place, mlsoap_error *error)
{
    target_key key = {0};
    if (slice_equal_no_case(entry->key, "potential_energy")) keys->lammps_dump = true;
    if (target_keys_find(keys, entry->key, false)) return MLSOAP_SUCCESS;
    frame_target named = named_target(entry->key, false, options);
    if (named == N_FRAME_TARGETS && is_ignored(entry->key, options)) return MLSOAP_SUCCESS;
    bool known = classify_entry(entry, &key);
    if (named != N_FRAME_TARGETS) {
        key.row = key.target == named ? key.row : -1;
        key.target = named;
    } else if (!known) {
        return MLSOAP_SUCCESS;
    }
    key.is_stress = key.target == TARGET_VIRIAL && contains(entry->key, "stress");
    key.is_named = named != N_FRAME_TARGETS;
    return add(keys, entry->key, key, place, error);
}

static mlsoap_status add_column(target_keys *keys, const extxyz_column *column, const read_options *options,
                                const text_place *place, mlsoap_error *error)
{
    target_key key = {.is_column = true};
    if (target_keys_find(keys, column->name, true)) return MLSOAP_SUCCESS;
    key.is_named = named_target(column->name, true, options) != N_FRAME_TARGETS;
    if (!key.is_named && is_ignored(column->name, options)) return MLSOAP_SUCCESS;
    if (!classify_column(column, &key) && !key.is_named) return MLSOAP_SUCCESS;
    if (key.is_named) key.target = TARGET_FORCES;
    return add(keys, column->name, key, place, error);
}

mlsoap_status target_keys_add(target_keys *keys, const extxyz_comment *c, const read_options *options,
                              const text_place *place, mlsoap_error *error)
{
    mlsoap_status status = MLSOAP_SUCCESS;
    for (size_t i = 0; !status && i < c->n_entries; i++)
        if (c->entries[i].has_value) status = add_entry(keys, &c->entries[i], options, place, error);
    for (size_t i = 0; !status && i < c->n_columns; i++)
        status = add_column(keys, &c->columns[i], options, place, error);
    return status;
}

/* ------------------------------------------------------------------------------------------------ decision */

static void list_keys(const target_keys *keys, frame_target target, char *list, size_t size)
{
    size_t used = 0;
    list[0] = '\0';
    for (size_t i = 0; i < keys->n && used < size; i++)
        if (keys->items[i].target == target && !keys->items[i].is_named)
            used += (size_t)snprintf(list + used, size - used, "%s%s", used ? ", " : "", keys->items[i].name);
    if (!used) snprintf(list, size, "none");
}

/* The caller named a key: of its spellings the exact one where the file has it. All others are settled by that. */
static mlsoap_status decide_named(target_keys *keys, frame_target target, const char *named, const char *file,
                                  mlsoap_error *error)
{
    bool exact = false, found = false;
    for (size_t i = 0; i < keys->n; i++)
        if (keys->items[i].target == target && strcmp(keys->items[i].name, named) == 0) exact = true;
    for (size_t i = 0; i < keys->n; i++) {
        target_key *key = &keys->items[i];
        if (key->target != target) continue;
        key->role = key->is_named && (!exact || strcmp(key->name, named) == 0) ? KEY_CHOSEN : KEY_IGNORED;
        if (key->role == KEY_CHOSEN) found = true;
    }
    if (found) return MLSOAP_SUCCESS;
    char list[256];
    list_keys(keys, target, list, sizeof list);
    return status_fail_at(
        error, MLSOAP_ERROR_VALUE, file, 0,
        "the key '%s', named in data.keys.%s, is in no frame of the file (keys that look like it: %s)", named,
        target_name(target), list);
}

/* The first row of the table that the file has. */
static void decide_auto(target_keys *keys, frame_target target, bool take_none)
{
    int best = ROWS_MAX;
    for (size_t i = 0; i < keys->n; i++)
        if (keys->items[i].target == target && keys->items[i].row >= 0 && keys->items[i].row < best)
            best = keys->items[i].row;
    for (size_t i = 0; i < keys->n; i++) {
        target_key *key = &keys->items[i];
        if (key->target != target) continue;
        if (take_none || best == ROWS_MAX)
            key->role = KEY_UNUSED;
        else if (key->row == best)
            key->role = KEY_CHOSEN;
        else
            key->role = key->row >= 0 ? KEY_COMPARED : KEY_LOOKALIKE;
    }
}

static bool has_known_energy(const target_keys *keys)
{
    for (size_t i = 0; i < keys->n; i++)
        if (keys->items[i].target == TARGET_ENERGY && keys->items[i].row >= 0) return true;
    return false;
}

mlsoap_status target_keys_decide(target_keys *keys, const read_options *options, const char *file, mlsoap_error *error)
{
    bool take_none = keys->lammps_dump && !has_known_energy(keys);
    for (size_t i = 0; i < keys->n; i++)
        if (keys->items[i].target == N_FRAME_TARGETS) keys->items[i].role = KEY_UNUSED;
    for (int t = 0; t < N_FRAME_TARGETS; t++) {
        const char *named = options->keys[t];
        frame_target target = (frame_target)t;
        if (equals_auto(named)) {
            decide_auto(keys, target, take_none);
        } else if (equals_none(named)) {
            for (size_t i = 0; i < keys->n; i++)
                if (keys->items[i].target == target) keys->items[i].role = KEY_IGNORED;
        } else if (begins_with_any((text_slice){named, strlen(named)}, (const char *const[]){"mlsoap_", NULL})) {
            return status_fail_at(error, MLSOAP_ERROR_VALUE, file, 0,
                                  "data.keys.%s is '%s': mlsoap writes its predictions there; they are no target",
                                  target_name(target), named);
        } else {
            mlsoap_status status = decide_named(keys, target, named, file, error);
            if (status) return status;
        }
    }
    return MLSOAP_SUCCESS;
}

char **target_keys_unused(const target_keys *keys)
{
    char **names = MEMORY_NEW(char *, keys->n + 1);
    size_t n = 0;
    for (size_t i = 0; names && i < keys->n; i++) {
        if (keys->items[i].role != KEY_UNUSED) continue;
        names[n] = memory_copy_text(keys->items[i].name);
        if (names[n++]) continue;
        for (n = 0; names[n]; n++) memory_free(names[n]);
        memory_free(names);
        return NULL;
    }
    return names;
}

void target_keys_release(target_keys *keys)
{
    for (size_t i = 0; i < keys->n; i++) memory_free(keys->items[i].name);
    memset(keys, 0, sizeof *keys);
}
