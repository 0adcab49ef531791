/* SPDX-License-Identifier: BSD-3-Clause */
/* Reading extxyz; see extxyz.h. The file is passed twice: first the comment lines, to decide which key feeds a target
 * and that every frame is complete, then everything. */
#include "core/elements.h"
#include "core/memory.h"
#include "core/parse.h"
#include "io/extxyz.h"
#include "io/extxyz_targets.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

enum { OTHERS_MAX = 1000 };

/** What to do with a column of the atom lines. */
typedef enum column_use { COLUMN_SKIPPED, COLUMN_SPECIES, COLUMN_POSITION, COLUMN_FORCES, COLUMN_COMPARED } column_use;

typedef struct column_plan {
    column_use use;
    int n_columns;
    target_key *key;
    text_slice name;
} column_plan;

/** Texts, each once, and a NULL behind them. */
typedef struct text_list {
    char **items;
    size_t n, capacity;
} text_list;

typedef struct extxyz_reader {
    text_reader text;
    long frame_line; /**< of the line with the number of atoms */
    const read_options *options;
    extxyz_comment comment;
    column_plan *plan;
    size_t n_plan, capacity_plan;
    target_keys keys;
    text_list others;       /**< keys and columns without a meaning */
    text_slice last_symbol; /**< most atoms repeat the species of the one before */
    int last_species;
} extxyz_reader;

/* ------------------------------------------------------------------------------------------------ lines */

static mlsoap_status parse_count(extxyz_reader *r, text_slice line, size_t *n_atoms, mlsoap_error *error)
{
    const char *p = line.text, *end = line.text + line.n;
    text_slice word = {p, 0}, more;
    long count = 0;
    char shown[48];
    bool alone = slice_next_word(&p, end, &word) && !slice_next_word(&p, end, &more);
    parse_result result = alone ? parse_integer(word.text, word.n, 1, LONG_MAX, &count) : PARSE_NOT_A_NUMBER;
    *n_atoms = (size_t)count;
    if (result == PARSE_OK) return MLSOAP_SUCCESS;
    if (result == PARSE_OUT_OF_RANGE)
        return status_fail_at(error, MLSOAP_ERROR_VALUE, r->text.place.file, r->text.place.line,
                              "frame %zu: the number of atoms is %s; it must be a positive number", r->text.place.frame,
                              slice_show(word, shown));
    return status_fail_at(error, MLSOAP_ERROR_FORMAT, r->text.place.file, r->text.place.line,
                          "frame %zu must begin with a line that holds its number of atoms alone; found '%s'%s",
                          r->text.place.frame, slice_show(line, shown),
                          r->text.place.frame > 0 ? " (has the frame before it more atoms than it says?)" : "");
}

static mlsoap_status fail_truncated(const extxyz_reader *r, size_t n_atoms, size_t found, mlsoap_error *error)
{
    return status_fail_at(
        error, MLSOAP_ERROR_FORMAT, r->text.place.file, r->text.place.line,
        "frame %zu, which begins in line %ld, says %zu atoms, but the file ends after %zu of them: it is "
        "truncated or the number is wrong",
        r->text.place.frame, r->frame_line, n_atoms, found);
}

/* The number of atoms and the comment line of the next frame; *n_atoms = 0 at the end of the file. */
static mlsoap_status read_header(extxyz_reader *r, size_t *n_atoms, mlsoap_error *error)
{
    text_slice line;
    *n_atoms = 0;
    if (!text_next_filled_line(&r->text, &line)) return MLSOAP_SUCCESS;
    r->frame_line = r->text.place.line;
    mlsoap_status status = parse_count(r, line, n_atoms, error);
    if (status) return status;
    if (!text_next_line(&r->text, &line)) return fail_truncated(r, *n_atoms, 0, error);
    return comment_parse(&r->comment, line.text, line.n, &r->text.place, error);
}

/* ------------------------------------------------------------------------------------------------ first pass */

static const char *const species_names[] = {"species", "symbol",  "symbols",       "element",        "elements",
                                            "z",       "numbers", "atomic_number", "atomic_numbers", NULL};
static const char *const position_names[] = {"pos", "positions", NULL};
static const char *const structure_keys[] = {"Lattice", "Properties",    "pbc", "config_type",
                                             "weight",  "config_weight", NULL};

static bool is_one_of(text_slice name, const char *const *names)
{
    for (; *names; names++)
        if (slice_equal_no_case(name, *names)) return true;
    return false;
}

static mlsoap_status add_other(text_list *list, text_slice name, mlsoap_error *error)
{
    for (size_t i = 0; i < list->n; i++)
        if (strlen(list->items[i]) == name.n && memcmp(list->items[i], name.text, name.n) == 0) return MLSOAP_SUCCESS;
    if (list->n == OTHERS_MAX) return MLSOAP_SUCCESS;
    char *copy = MEMORY_NEW(char, name.n + 1);
    if (!copy || !MEMORY_RESERVE(&list->items, &list->capacity, list->n + 2)) {
        memory_free(copy);
        return status_no_memory(error, name.n + 1, "the name of a key");
    }
    memcpy(copy, name.text, name.n);
    list->items[list->n++] = copy;
    list->items[list->n] = NULL;
    return MLSOAP_SUCCESS;
}

/* Keys that are none of a structure and none that looks like a target. */
static mlsoap_status collect_others(extxyz_reader *r, mlsoap_error *error)
{
    const extxyz_comment *c = &r->comment;
    mlsoap_status status = MLSOAP_SUCCESS;
    for (size_t i = 0; i < c->n_entries && !status; i++)
        if (c->entries[i].has_value && !is_one_of(c->entries[i].key, structure_keys) &&
            !target_keys_find(&r->keys, c->entries[i].key, false))
            status = add_other(&r->others, c->entries[i].key, error);
    for (size_t i = 0; i < c->n_columns && !status; i++)
        if (!is_one_of(c->columns[i].name, species_names) && !is_one_of(c->columns[i].name, position_names) &&
            !target_keys_find(&r->keys, c->columns[i].name, true))
            status = add_other(&r->others, c->columns[i].name, error);
    return status;
}

static mlsoap_status survey_frame(extxyz_reader *r, size_t n_atoms, mlsoap_error *error)
{
    mlsoap_status status = MLSOAP_SUCCESS;
    if (!r->options->structures_only) {
        if (r->comment.n_values == 0)
            return status_fail_at(error, MLSOAP_ERROR_FORMAT, r->text.place.file, r->text.place.line,
                                  "frame %zu: the comment line has no key=value pair, so that no energy can be found; "
                                  "extxyz needs Lattice=\"...\" Properties=species:S:1:pos:R:3:forces:R:3 energy=...",
                                  r->text.place.frame);
        status = target_keys_add(&r->keys, &r->comment, r->options, &r->text.place, error);
    }
    if (!status) status = collect_others(r, error);
    text_slice line;
    for (size_t i = 0; !status && i < n_atoms; i++)
        if (!text_next_line(&r->text, &line)) status = fail_truncated(r, n_atoms, i, error);
    return status;
}

static mlsoap_status survey(extxyz_reader *r, mlsoap_error *error)
{
    size_t n_atoms;
    for (;; r->text.place.frame++) {
        mlsoap_status status = read_header(r, &n_atoms, error);
        if (status) return status;
        if (n_atoms == 0) break;
        status = survey_frame(r, n_atoms, error);
        if (status) return status;
    }
    if (r->text.place.frame == 0)
        return status_fail_at(error, MLSOAP_ERROR_FORMAT, r->text.place.file, 0, "the file holds no frame");
    return target_keys_decide(&r->keys, r->options, r->text.place.file, error);
}

/* ------------------------------------------------------------------------------------------------ columns */

static mlsoap_status fail_column(const extxyz_reader *r, const extxyz_column *column, const char *what,
                                 mlsoap_error *error)
{
    char shown[48];
    return status_fail_at(error, MLSOAP_ERROR_FORMAT, r->text.place.file, r->text.place.line,
                          "frame %zu: Properties says %s:%c:%d; %s", r->text.place.frame,
                          slice_show(column->name, shown), column->type, column->n_columns, what);
}

static bool has_use(const extxyz_reader *r, column_use use)
{
    for (size_t i = 0; i < r->n_plan; i++)
        if (r->plan[i].use == use) return true;
    return false;
}

static mlsoap_status plan_column(extxyz_reader *r, const extxyz_column *column, column_plan *plan, mlsoap_error *error)
{
    bool three_numbers = column->n_columns == 3 && (column->type == 'R' || column->type == 'I');
    if (is_one_of(column->name, species_names) && !has_use(r, COLUMN_SPECIES)) {
        plan->use = COLUMN_SPECIES;
        if (column->n_columns != 1) return fail_column(r, column, "a species is one column", error);
    } else if (is_one_of(column->name, position_names) && !has_use(r, COLUMN_POSITION)) {
        plan->use = COLUMN_POSITION;
        if (!three_numbers) return fail_column(r, column, "a position is three numbers: R:3", error);
    } else if (plan->key && (plan->key->role == KEY_CHOSEN || plan->key->role == KEY_COMPARED)) {
        plan->use = plan->key->role == KEY_CHOSEN && !has_use(r, COLUMN_FORCES) ? COLUMN_FORCES : COLUMN_COMPARED;
        if (!three_numbers) return fail_column(r, column, "a force is three numbers: R:3", error);
    } else if (plan->key && plan->key->role == KEY_LOOKALIKE && three_numbers) {
        plan->use = COLUMN_COMPARED;
    }
    return MLSOAP_SUCCESS;
}

/* Keys of frames that lack the chosen one cannot be compared: they are reported. */
static void report_unused_columns(extxyz_reader *r)
{
    if (has_use(r, COLUMN_FORCES)) return;
    for (size_t i = 0; i < r->n_plan; i++) {
        if (r->plan[i].use != COLUMN_COMPARED) continue;
        r->plan[i].use = COLUMN_SKIPPED;
        r->plan[i].key->role = KEY_UNUSED;
    }
}

static mlsoap_status plan_columns(extxyz_reader *r, mlsoap_error *error)
{
    const extxyz_comment *c = &r->comment;
    r->n_plan = 0;
    if (!MEMORY_RESERVE(&r->plan, &r->capacity_plan, c->n_columns))
        return status_no_memory(error, c->n_columns * sizeof *r->plan, "the columns of a frame");
    for (size_t i = 0; i < c->n_columns; i++) {
        column_plan plan = {COLUMN_SKIPPED, c->columns[i].n_columns, NULL, c->columns[i].name};
        plan.key = target_keys_find(&r->keys, c->columns[i].name, true);
        mlsoap_status status = plan_column(r, &c->columns[i], &plan, error);
        if (status) return status;
        r->plan[r->n_plan++] = plan;
    }
    report_unused_columns(r);
    if (has_use(r, COLUMN_SPECIES) && has_use(r, COLUMN_POSITION)) return MLSOAP_SUCCESS;
    return status_fail_at(error, MLSOAP_ERROR_FORMAT, r->text.place.file, r->text.place.line,
                          "frame %zu: Properties lacks %s", r->text.place.frame,
                          has_use(r, COLUMN_SPECIES) ? "pos:R:3" : "species:S:1");
}

/* ------------------------------------------------------------------------------------------------ atom lines */

static mlsoap_status parse_species(extxyz_reader *r, text_slice word, size_t i_atom, int *species, mlsoap_error *error)
{
    if (word.n == r->last_symbol.n && word.n > 0 && memcmp(word.text, r->last_symbol.text, word.n) == 0) {
        *species = r->last_species;
        return MLSOAP_SUCCESS;
    }
    long number = element_from_symbol(word.text, word.n);
    if (number <= 0 && parse_integer(word.text, word.n, 1, ELEMENT_MAX, &number) != PARSE_OK) {
        char shown[48];
        return status_fail_at(
            error, MLSOAP_ERROR_SPECIES, r->text.place.file, r->text.place.line,
            "frame %zu, atom %zu: '%s' is no chemical element; a symbol such as Si or an atomic number "
            "1 ... %d is needed",
            r->text.place.frame, i_atom, slice_show(word, shown), ELEMENT_MAX);
    }
    r->last_symbol = word;
    *species = r->last_species = (int)number;
    return MLSOAP_SUCCESS;
}

static mlsoap_status fail_number(const extxyz_reader *r, text_slice word, const column_plan *plan, size_t i_atom,
                                 parse_result result, mlsoap_error *error)
{
    char name[48], shown[48];
    return status_fail_at(error, MLSOAP_ERROR_VALUE, r->text.place.file, r->text.place.line,
                          "frame %zu, atom %zu: '%s' holds '%s', which is not %s; a finite number is needed",
                          r->text.place.frame, i_atom, slice_show(plan->name, name), slice_show(word, shown),
                          parse_result_text(result));
}

static mlsoap_status fail_ragged(const extxyz_reader *r, text_slice line, size_t i_atom, mlsoap_error *error)
{
    const char *p = line.text;
    text_slice word;
    int wanted = 0, found = 0;
    for (size_t i = 0; i < r->n_plan; i++) wanted += r->plan[i].n_columns;
    while (slice_next_word(&p, line.text + line.n, &word)) found++;
    return status_fail_at(
        error, MLSOAP_ERROR_FORMAT, r->text.place.file, r->text.place.line,
        "frame %zu, atom %zu: the line has %d columns; Properties asks for %d (is the line cut off, or the "
        "number of atoms wrong?)",
        r->text.place.frame, i_atom, found, wanted);
}

static mlsoap_status fail_conflict(const extxyz_reader *r, const target_key *a, double value_a, const target_key *b,
                                   double value_b, size_t i_atom, mlsoap_error *error)
{
    char where[32];
    snprintf(where, sizeof where, ", atom %zu", i_atom);
    return targets_fail_conflict(a, value_a, b, value_b, where, &r->text.place, error);
}

/* Compare the other force columns of an atom line that has been read with the chosen one. */
static mlsoap_status compare_forces(extxyz_reader *r, text_slice line, const frame *f, size_t i_atom,
                                    mlsoap_error *error)
{
    const char *p = line.text, *end = line.text + line.n;
    const column_plan *chosen = NULL;
    text_slice word;
    for (size_t i = 0; i < r->n_plan; i++)
        if (r->plan[i].use == COLUMN_FORCES) chosen = &r->plan[i];
    for (size_t i = 0; i < r->n_plan; i++) {
        column_plan *plan = &r->plan[i];
        for (int k = 0; k < plan->n_columns; k++) {
            slice_next_word(&p, end, &word);
            if (plan->use != COLUMN_COMPARED) continue;
            double value;
            parse_result result = parse_real(word.text, word.n, &value);
            bool lookalike = plan->key->role == KEY_LOOKALIKE || plan->key->role == KEY_UNUSED;
            if (result != PARSE_OK && !lookalike) return fail_number(r, word, plan, i_atom, result, error);
            if (result == PARSE_OK && targets_agree_forces(value, f->forces[i_atom][k])) continue;
            if (!lookalike) return fail_conflict(r, chosen->key, f->forces[i_atom][k], plan->key, value, i_atom, error);
            plan->key->role = KEY_UNUSED;
        }
    }
    return MLSOAP_SUCCESS;
}

static mlsoap_status parse_atom(extxyz_reader *r, text_slice line, frame *f, size_t i_atom, mlsoap_error *error)
{
    const char *p = line.text, *end = line.text + line.n;
    text_slice word;
    bool compare = false;
    for (size_t i = 0; i < r->n_plan; i++) {
        const column_plan *plan = &r->plan[i];
        double *target = plan->use == COLUMN_POSITION ? f->structure.positions[i_atom]
                         : plan->use == COLUMN_FORCES ? f->forces[i_atom]
                                                      : NULL;
        compare |= plan->use == COLUMN_COMPARED;
        for (int k = 0; k < plan->n_columns; k++) {
            if (!slice_next_word(&p, end, &word)) return fail_ragged(r, line, i_atom, error);
            if (target) {
                parse_result result = parse_real(word.text, word.n, &target[k]);
                if (result != PARSE_OK) return fail_number(r, word, plan, i_atom, result, error);
            } else if (plan->use == COLUMN_SPECIES) {
                mlsoap_status status = parse_species(r, word, i_atom, &f->structure.species[i_atom], error);
                if (status) return status;
            }
        }
    }
    if (slice_next_word(&p, end, &word)) return fail_ragged(r, line, i_atom, error);
    return compare ? compare_forces(r, line, f, i_atom, error) : MLSOAP_SUCCESS;
}

/* ------------------------------------------------------------------------------------------------ frames */

static mlsoap_status read_cell(const extxyz_reader *r, structure *s, mlsoap_error *error)
{
    const comment_entry *lattice = comment_find(&r->comment, "Lattice"), *pbc = comment_find(&r->comment, "pbc");
    if (lattice) {
        int n;
        mlsoap_status status = entry_numbers(lattice, &s->cell[0][0], 9, &n, &r->text.place, error);
        if (status) return status;
        if (n != 9)
            return status_fail_at(error, MLSOAP_ERROR_FORMAT, r->text.place.file, r->text.place.line,
                                  "frame %zu: Lattice has %d numbers; it needs 9: the vectors a, b and c",
                                  r->text.place.frame, n);
    }
    for (int k = 0; k < 3; k++) s->pbc[k] = lattice != NULL;
    return pbc ? entry_truths(pbc, s->pbc, &r->text.place, error) : MLSOAP_SUCCESS;
}

static mlsoap_status read_weight(const extxyz_reader *r, frame *f, mlsoap_error *error)
{
    static const char *const keys[] = {"weight", "config_weight"};
    bool found = false;
    f->weight = 1.0;
    for (int i = 0; i < 2; i++) {
        const comment_entry *entry = comment_find(&r->comment, keys[i]);
        double weight;
        int n;
        if (!entry) continue;
        mlsoap_status status = entry_numbers(entry, &weight, 1, &n, &r->text.place, error);
        if (status) return status;
        if (n != 1 || !(weight >= 0.0))
            return status_fail_at(error, MLSOAP_ERROR_VALUE, r->text.place.file, r->text.place.line,
                                  "frame %zu: %s must be one number >= 0", r->text.place.frame, keys[i]);
        if (found && weight != f->weight)
            return status_fail_at(error, MLSOAP_ERROR_VALUE, r->text.place.file, r->text.place.line,
                                  "frame %zu: weight is %g and config_weight is %g; remove one", r->text.place.frame,
                                  f->weight, weight);
        f->weight = weight;
        found = true;
    }
    return MLSOAP_SUCCESS;
}

static mlsoap_status new_frame(extxyz_reader *r, size_t n_atoms, frame *f, mlsoap_error *error)
{
    mlsoap_status status = structure_new(&f->structure, n_atoms, error);
    if (status) return status;
    const comment_entry *type = comment_find(&r->comment, "config_type");
    f->config_type = type && type->value.n > 0 ? entry_text(type) : memory_copy_text("default");
    if (!f->config_type) return status_no_memory(error, 1, "the config_type of a frame");
    f->index = r->text.place.frame;
    f->line = r->frame_line;
    status = read_cell(r, &f->structure, error);
    if (!status) status = read_weight(r, f, error);
    if (!status) status = plan_columns(r, error);
    if (status || !has_use(r, COLUMN_FORCES)) return status;
    f->has_forces = true;
    f->forces = memory_new(n_atoms, sizeof *f->forces);
    return f->forces ? status : status_no_memory(error, n_atoms * sizeof *f->forces, "the forces of a frame");
}

static mlsoap_status count_forces(const extxyz_reader *r, const frame *f, frame_file *file, mlsoap_error *error)
{
    size_t n = 3 * f->structure.n_atoms;
    for (size_t i = 0; i < r->n_plan; i++)
        if (r->plan[i].use == COLUMN_FORCES)
            return targets_count(&file->targets[TARGET_FORCES], r->plan[i].key, &f->forces[0][0], n, n, error);
    return MLSOAP_SUCCESS;
}

static mlsoap_status read_frame(extxyz_reader *r, size_t n_atoms, frame *f, frame_file *file, mlsoap_error *error)
{
    text_place comment_place = r->text.place;
    mlsoap_status status = new_frame(r, n_atoms, f, error);
    for (size_t i = 0; !status && i < n_atoms; i++) {
        text_slice line;
        if (!text_next_line(&r->text, &line)) return fail_truncated(r, n_atoms, i, error);
        status = parse_atom(r, line, f, i, error);
    }
    if (status) return status;
    mlsoap_error wrong;
    status = structure_validate(&f->structure, &wrong);
    if (status)
        return status_fail_at(error, status, r->text.place.file, comment_place.line, "frame %zu: %s",
                              r->text.place.frame, wrong.message);
    if (r->options->structures_only) return MLSOAP_SUCCESS;
    status = count_forces(r, f, file, error);
    return status ? status : targets_read(f, file, &r->keys, &r->comment, &comment_place, error);
}

static mlsoap_status append_frame(extxyz_reader *r, size_t n_atoms, frame_set *set, mlsoap_error *error)
{
    frame *f = frame_set_begin(set, error);
    if (!f) return MLSOAP_ERROR_MEMORY;
    return frame_set_end(set, read_frame(r, n_atoms, f, &set->files[set->n_files - 1], error));
}

static mlsoap_status read_frames(extxyz_reader *r, frame_set *set, mlsoap_error *error)
{
    for (;; r->text.place.frame++) {
        size_t n_atoms;
        mlsoap_status status = read_header(r, &n_atoms, error);
        if (status || n_atoms == 0) return status;
        status = append_frame(r, n_atoms, set, error);
        if (status) return status;
    }
}

mlsoap_status extxyz_read(const char *bytes, size_t n_bytes, const char *name, const read_options *options,
                          frame_set *set, mlsoap_error *error)
{
    extxyz_reader r = {.text = text_reader_new(bytes, n_bytes, name), .options = options};
    mlsoap_status status = survey(&r, error);
    r.text = text_reader_new(bytes, n_bytes, name);
    if (!status) status = read_frames(&r, set, error);
    if (!status) {
        frame_file *file = &set->files[set->n_files - 1];
        file->unused_keys = target_keys_unused(&r.keys);
        if (!file->unused_keys) status = status_no_memory(error, sizeof(char *), "the names of unused keys");
        file->other_keys = r.others.items;
        r.others.items = NULL;
    }
    for (size_t i = 0; r.others.items && i < r.others.n; i++) memory_free(r.others.items[i]);
    memory_free(r.others.items);
    comment_release(&r.comment);
    memory_free(r.plan);
    target_keys_release(&r.keys);
    return status;
}

bool extxyz_recognizes(const char *bytes, size_t n_bytes)
{
    const char *p = bytes, *end = bytes + n_bytes;
    text_slice word;
    while (p < end && (*p == '\n' || *p == '\r' || *p == ' ' || *p == '\t')) p++;
    const char *newline = p < end ? memchr(p, '\n', (size_t)(end - p)) : NULL;
    end = newline ? newline : end;
    if (!slice_next_word(&p, end, &word) || slice_next_word(&p, end, &(text_slice){0})) return false;
    return strchr("+-0123456789", *word.text) != NULL && *word.text;
}
