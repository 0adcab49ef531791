/* SPDX-License-Identifier: BSD-3-Clause */
/* Reading input.data; see runner.h. */
#include "core/elements.h"
#include "core/memory.h"
#include "core/parse.h"
#include "core/units.h"
#include "io/extxyz_targets.h"
#include "io/plain_frame.h"
#include "io/runner.h"

#include <math.h>
#include <string.h>

enum { N_COLUMNS_PLAIN = 4, N_COLUMNS_FULL = 9, N_COLUMNS_MAX = 1000 }; /* of an atom line, without the keyword */

typedef struct runner_reader {
    text_reader text;
    bool take[N_FRAME_TARGETS];
    const unit *length, *energy;
    double raw_energy;
    /* of the frame at hand */
    size_t i_atom;
    int n_lattice;
    int n_columns; /**< of the atom lines, without the keyword; 0: not known yet */
    int i_forces;  /**< the column of the first component; 0: there is none */
    bool has_energy;
    long first_line;
} runner_reader;

static mlsoap_status find_units(runner_reader *r, const read_options *options, mlsoap_error *error)
{
    const char *length = options->length_unit ? options->length_unit : "angstrom";
    const char *energy = options->energy_unit ? options->energy_unit : "eV";
    r->length = unit_of_length(length);
    r->energy = unit_of_energy(energy);
    if (!r->length)
        return status_fail(error, MLSOAP_ERROR_VALUE, "data.units.length is '%.40s'; it must be angstrom or bohr",
                           length);
    if (!r->energy)
        return status_fail(error, MLSOAP_ERROR_VALUE, "data.units.energy is '%.40s'; it must be eV or hartree", energy);
    return MLSOAP_SUCCESS;
}

static mlsoap_status fail_format(const runner_reader *r, const char *what, text_slice found, mlsoap_error *error)
{
    char shown[48];
    return status_fail_at(error, MLSOAP_ERROR_FORMAT, r->text.place.file, r->text.place.line,
                          "frame %zu: %s; found '%s'", r->text.place.frame, what, slice_show(found, shown));
}

/* ------------------------------------------------------------------------------------------------ lines */

static mlsoap_status fail_columns(const runner_reader *r, int n, mlsoap_error *error)
{
    if (r->n_columns == 0)
        return status_fail_at(error, MLSOAP_ERROR_FORMAT, r->text.place.file, r->text.place.line,
                              "frame %zu, atom %zu: the line has %d columns behind 'atom'; they must be x y z element "
                              "charge energy fx fy fz, or the first four",
                              r->text.place.frame, r->i_atom, n);
    return status_fail_at(error, MLSOAP_ERROR_FORMAT, r->text.place.file, r->text.place.line,
                          "frame %zu, atom %zu: the line has %d columns behind 'atom'; the lines before it ask for %d",
                          r->text.place.frame, r->i_atom, n, r->n_columns);
}

/* What the line `begin` does not declare, the first atom line decides. */
static mlsoap_status check_columns(runner_reader *r, text_slice line, const char *p, mlsoap_error *error)
{
    text_slice word;
    int n = 0;
    while (slice_next_word(&p, line.text + line.n, &word)) n++;
    bool wrong = r->n_columns == 0 ? n != N_COLUMNS_PLAIN && n != N_COLUMNS_FULL : n != r->n_columns;
    if (wrong) return fail_columns(r, n, error);
    if (r->n_columns == 0 && n == N_COLUMNS_FULL) r->i_forces = N_COLUMNS_FULL - 3;
    r->n_columns = n;
    return MLSOAP_SUCCESS;
}

static mlsoap_status read_forces(runner_reader *r, const char *p, const char *end, frame *f, mlsoap_error *error)
{
    mlsoap_status status = MLSOAP_SUCCESS;
    double ignored;
    if (!f->forces) {
        f->forces = memory_new(f->structure.n_atoms, sizeof *f->forces);
        if (!f->forces)
            return status_no_memory(error, f->structure.n_atoms * sizeof *f->forces, "the forces of a frame");
        f->has_forces = true;
    }
    for (int k = N_COLUMNS_PLAIN; k < r->i_forces && !status; k++)
        status = text_reals(&r->text.place, &p, end, "a column before the force", &ignored, 1, error);
    return status ? status : text_reals(&r->text.place, &p, end, "a force", f->forces[r->i_atom], 3, error);
}

static mlsoap_status read_atom(runner_reader *r, text_slice line, const char *p, frame *f, mlsoap_error *error)
{
    const char *end = line.text + line.n;
    text_slice symbol;
    char shown[48];
    mlsoap_status status = check_columns(r, line, p, error);
    if (!status)
        status = text_reals(&r->text.place, &p, end, "a position", f->structure.positions[r->i_atom], 3, error);
    if (status) return status;
    slice_next_word(&p, end, &symbol);
    int species = element_from_symbol(symbol.text, symbol.n);
    if (species <= 0)
        return status_fail_at(error, MLSOAP_ERROR_SPECIES, r->text.place.file, r->text.place.line,
                              "frame %zu, atom %zu: '%s' is no chemical element; a symbol such as Si is needed",
                              r->text.place.frame, r->i_atom, slice_show(symbol, shown));
    f->structure.species[r->i_atom] = species;
    if (r->i_forces > 0 && r->take[TARGET_FORCES]) status = read_forces(r, p, end, f, error);
    r->i_atom++;
    return status;
}

static mlsoap_status read_number(runner_reader *r, text_slice line, const char *p, const char *what, double *value,
                                 mlsoap_error *error)
{
    text_slice more;
    mlsoap_status status = text_reals(&r->text.place, &p, line.text + line.n, what, value, 1, error);
    if (!status && slice_next_word(&p, line.text + line.n, &more))
        status = fail_format(r, "the line holds one number", line, error);
    return status;
}

static mlsoap_status read_lattice(runner_reader *r, text_slice line, const char *p, frame *f, mlsoap_error *error)
{
    if (r->n_lattice >= 3) return fail_format(r, "a frame has three lattice vectors at most", line, error);
    return text_reals(&r->text.place, &p, line.text + line.n, "a lattice vector", f->structure.cell[r->n_lattice++], 3,
                      error);
}

static mlsoap_status read_energy(runner_reader *r, text_slice line, const char *p, mlsoap_error *error)
{
    if (r->has_energy) return fail_format(r, "the frame has a second energy", line, error);
    r->has_energy = true;
    return read_number(r, line, p, "the energy", &r->raw_energy, error);
}

static mlsoap_status read_line(runner_reader *r, text_slice line, frame *f, mlsoap_error *error)
{
    const char *p = line.text;
    text_slice word = {line.text, 0};
    double ignored;
    if (!slice_next_word(&p, line.text + line.n, &word) || slice_equal_no_case(word, "comment")) return MLSOAP_SUCCESS;
    if (slice_equal_no_case(word, "atom")) return read_atom(r, line, p, f, error);
    if (slice_equal_no_case(word, "lattice")) return read_lattice(r, line, p, f, error);
    if (slice_equal_no_case(word, "energy")) return read_energy(r, line, p, error);
    if (slice_equal_no_case(word, "charge")) return read_number(r, line, p, "the charge", &ignored, error);
    return fail_format(r, "a line begins with comment, lattice, atom, energy, charge or end", word, error);
}

/* ------------------------------------------------------------------------------------------------ frames */

static text_slice first_word(text_slice line)
{
    text_slice word = {line.text, 0};
    const char *p = line.text;
    slice_next_word(&p, line.text + line.n, &word);
    return word;
}

/* The number of atoms up to the line `end`. */
static mlsoap_status count_atoms(const runner_reader *r, size_t *n_atoms, mlsoap_error *error)
{
    text_reader ahead = r->text;
    text_slice line;
    *n_atoms = 0;
    while (text_next_line(&ahead, &line)) {
        text_slice word = first_word(line);
        if (slice_equal_no_case(word, "begin")) break;
        if (slice_equal_no_case(word, "atom")) ++*n_atoms;
        if (!slice_equal_no_case(word, "end")) continue;
        if (*n_atoms > 0) return MLSOAP_SUCCESS;
        return status_fail_at(error, MLSOAP_ERROR_VALUE, r->text.place.file, r->first_line, "frame %zu has no atoms",
                              r->text.place.frame);
    }
    return status_fail_at(
        error, MLSOAP_ERROR_FORMAT, r->text.place.file, r->first_line,
        "frame %zu, which begins here, has no line 'end': the file is truncated or the line is missing",
        r->text.place.frame);
}

static mlsoap_status fail_overflow(const runner_reader *r, mlsoap_error *error)
{
    return status_fail_at(error, MLSOAP_ERROR_VALUE, r->text.place.file, r->first_line,
                          "frame %zu: an energy or a force is not finite in eV and angstrom", r->text.place.frame);
}

static mlsoap_status convert_forces(const runner_reader *r, frame *f, frame_file *file, mlsoap_error *error)
{
    char name[] = "forces";
    const target_key key = {.name = name, .target = TARGET_FORCES};
    const double factor = r->energy->value / r->length->value;
    size_t n = 3 * f->structure.n_atoms;
    mlsoap_status status = targets_count(&file->targets[TARGET_FORCES], &key, &f->forces[0][0], n, n, error);
    bool finite = true;
    for (size_t i = 0; i < n; i++) finite &= isfinite(f->forces[i / 3][i % 3] *= factor);
    return status || finite ? status : fail_overflow(r, error);
}

/* Cell and units of a frame whose lines have been read. */
static mlsoap_status finish_frame(runner_reader *r, frame *f, frame_file *file, mlsoap_error *error)
{
    structure *s = &f->structure;
    char name[] = "energy";
    const target_key key = {.name = name, .target = TARGET_ENERGY};
    mlsoap_status status = MLSOAP_SUCCESS;
    if (r->n_lattice != 0 && r->n_lattice != 3)
        return status_fail_at(error, MLSOAP_ERROR_FORMAT, r->text.place.file, r->first_line,
                              "frame %zu has %d lattice vectors; it must have three, or none", r->text.place.frame,
                              r->n_lattice);
    for (int k = 0; k < 3; k++) s->pbc[k] = r->n_lattice == 3;
    for (int k = 0; k < 9; k++) s->cell[k / 3][k % 3] *= r->length->value;
    for (size_t i = 0; i < 3 * s->n_atoms; i++) s->positions[i / 3][i % 3] *= r->length->value;
    f->has_energy = r->has_energy && r->take[TARGET_ENERGY];
    if (f->has_energy) {
        f->energy = r->raw_energy * r->energy->value;
        if (!isfinite(f->energy)) return fail_overflow(r, error);
        status = targets_count(&file->targets[TARGET_ENERGY], &key, &r->raw_energy, 1, 1, error);
    }
    return status || !f->has_forces ? status : convert_forces(r, f, file, error);
}

/* "forces(3)" -> 3, "charge" -> 1; 0 where it is not such. */
static long width_of(text_slice word, text_slice *name)
{
    const char *bracket = memchr(word.text, '(', word.n);
    long n = 1;
    *name = (text_slice){word.text, bracket ? (size_t)(bracket - word.text) : word.n};
    if (!bracket) return n;
    size_t n_digits = word.n - name->n - 1;
    if (n_digits < 2 || word.text[word.n - 1] != ')') return 0;
    return parse_integer(bracket + 1, n_digits - 1, 1, N_COLUMNS_MAX, &n) == PARSE_OK ? n : 0;
}

/* The columns that RuNNer 2 declares: `begin position(3) element charge forces(3)`. */
static mlsoap_status read_layout(runner_reader *r, text_slice line, mlsoap_error *error)
{
    const char *p = line.text, *end = line.text + line.n;
    text_slice word, name;
    r->n_columns = r->i_forces = 0;
    slice_next_word(&p, end, &word);
    for (int i_word = 0; slice_next_word(&p, end, &word); i_word++) {
        long width = width_of(word, &name);
        bool good = i_word == 0   ? slice_begins_no_case(name, "position") && width == 3
                    : i_word == 1 ? slice_begins_no_case(name, "element") && width == 1
                                  : width > 0 && r->n_columns + width <= N_COLUMNS_MAX;
        if (!good)
            return fail_format(r, "behind 'begin' stands nothing, or columns such as 'position(3) element forces(3)'",
                               line, error);
        if (width == 3 && (slice_equal_no_case(name, "forces") || slice_equal_no_case(name, "force")))
            r->i_forces = r->n_columns;
        r->n_columns += (int)width;
    }
    if (r->n_columns == 0 || r->n_columns >= N_COLUMNS_PLAIN) return MLSOAP_SUCCESS;
    return fail_format(r, "the columns lack 'element'", line, error);
}

static mlsoap_status read_frame(runner_reader *r, text_slice begin, frame_set *set, mlsoap_error *error)
{
    size_t n_atoms;
    text_slice line;
    r->first_line = r->text.place.line;
    r->i_atom = 0;
    r->n_lattice = 0;
    r->has_energy = false;
    mlsoap_status status = read_layout(r, begin, error);
    if (!status) status = count_atoms(r, &n_atoms, error);
    if (status) return status;
    frame *f = plain_frame_begin(set, n_atoms, &r->text.place, r->first_line, error);
    if (!f) return MLSOAP_ERROR_MEMORY;
    while (!status && text_next_line(&r->text, &line) && !slice_equal_no_case(first_word(line), "end"))
        status = read_line(r, line, f, error);
    if (!status) status = finish_frame(r, f, &set->files[set->n_files - 1], error);
    return plain_frame_end(set, status, &r->text.place, error);
}

mlsoap_status runner_read(const char *bytes, size_t n_bytes, const char *name, const read_options *options,
                          frame_set *set, mlsoap_error *error)
{
    static const char *const targets[N_FRAME_TARGETS] = {"energy", "forces", NULL};
    runner_reader r = {.text = text_reader_new(bytes, n_bytes, name)};
    text_slice line;
    mlsoap_status status = find_units(&r, options, error);
    if (!status) status = plain_targets(options, targets, "RuNNer input.data", name, r.take, error);
    for (; !status && text_next_filled_line(&r.text, &line); r.text.place.frame++) {
        if (slice_equal_no_case(first_word(line), "begin"))
            status = read_frame(&r, line, set, error);
        else
            status = fail_format(&r, "a frame begins with the line 'begin'", line, error);
    }
    if (status) return status;
    if (r.text.place.frame == 0) return status_fail_at(error, MLSOAP_ERROR_FORMAT, name, 0, "the file holds no frame");
    set->files[set->n_files - 1].length_unit = r.length->name;
    set->files[set->n_files - 1].energy_unit = r.energy->name;
    return MLSOAP_SUCCESS;
}

bool runner_recognizes(const char *bytes, size_t n_bytes)
{
    text_reader r = text_reader_new(bytes, n_bytes, "");
    text_slice line, word;
    if (!text_next_filled_line(&r, &line) || !slice_equal_no_case(first_word(line), "begin")) return false;
    const char *p = line.text;
    slice_next_word(&p, line.text + line.n, &word);
    return !slice_next_word(&p, line.text + line.n, &word) || slice_begins_no_case(word, "position");
}

bool runner_has_name(const char *base_name)
{
    static const char suffix[] = "input.data";
    size_t n = strlen(base_name), m = sizeof suffix - 1;
    return n >= m && strcmp(base_name + n - m, suffix) == 0;
}
