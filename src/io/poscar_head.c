/* SPDX-License-Identifier: BSD-3-Clause */
/* The head and the positions that POSCAR and XDATCAR share; see poscar.h. */
#include "core/elements.h"
#include "core/memory.h"
#include "core/parse.h"
#include "io/plain_frame.h"
#include "io/poscar.h"
#include "structure/cell.h"

#include <limits.h>
#include <math.h>
#include <string.h>

enum { SHORTEST_POSITION = 6 }; /* "0 0 0" and the end of the line */

/* Words of a line up to a comment. */
static bool next_word(const char **p, const char *end, text_slice *word)
{
    return slice_next_word(p, end, word) && *word->text != '!' && *word->text != '#';
}

/* At the end of the file the line is empty. */
static mlsoap_status need_line(text_reader *r, const char *what, text_slice *line, mlsoap_error *error)
{
    if (text_next_line(r, line)) return MLSOAP_SUCCESS;
    *line = (text_slice){r->end, 0};
    return status_fail_at(error, MLSOAP_ERROR_FORMAT, r->place.file, r->place.line,
                          "frame %zu: the file ends before %s: it is truncated", r->place.frame, what);
}

/* One factor, three, or one that is minus the volume: told apart when the lattice vectors are known. */
static mlsoap_status read_scale(poscar_head *head, text_reader *r, mlsoap_error *error)
{
    text_slice line, word;
    double ignored;
    mlsoap_status status = need_line(r, "the scaling factor", &line, error);
    const char *p = line.text, *end = line.text + line.n;
    if (!status) status = text_reals(&r->place, &p, end, "the scaling factor", head->scale, 1, error);
    if (status) return status;
    const char *rest = p;
    bool three = next_word(&rest, end, &word) && parse_real(word.text, word.n, &ignored) == PARSE_OK;
    head->scale[1] = head->scale[2] = head->scale[0];
    if (three)
        status = text_reals(&r->place, &p, end, "the scaling factor (one number, or three)", head->scale + 1, 2, error);
    if (status) return status;
    for (int k = 0; k < 3; k++)
        if (head->scale[k] == 0.0 || (three && head->scale[k] < 0.0))
            return status_fail_at(error, MLSOAP_ERROR_VALUE, r->place.file, r->place.line,
                                  "frame %zu: a scaling factor is %g; it must be > 0, or one number < 0 that is minus "
                                  "the volume of the cell",
                                  r->place.frame, head->scale[k]);
    return MLSOAP_SUCCESS;
}

static mlsoap_status read_cell(poscar_head *head, text_reader *r, mlsoap_error *error)
{
    static const char *const names[3] = {"lattice vector a", "lattice vector b", "lattice vector c"};
    text_slice line;
    for (int i = 0; i < 3; i++) {
        mlsoap_status status = need_line(r, names[i], &line, error);
        const char *p = line.text;
        if (!status) status = text_reals(&r->place, &p, line.text + line.n, names[i], head->cell[i], 3, error);
        if (status) return status;
    }
    if (head->scale[0] < 0.0) {
        double volume = fabs(cell_volume(head->cell));
        if (!(volume > 0.0 && isfinite(volume)))
            return status_fail_at(error, MLSOAP_ERROR_VALUE, r->place.file, r->place.line,
                                  "frame %zu: the lattice vectors span no volume (%g), which a negative scaling factor "
                                  "needs",
                                  r->place.frame, volume);
        head->scale[0] = head->scale[1] = head->scale[2] = cbrt(-head->scale[0] / volume);
    }
    for (int i = 0; i < 9; i++) head->cell[i / 3][i % 3] *= head->scale[i % 3];
    return MLSOAP_SUCCESS;
}

/* "Si", or "Si_pv" and "Si/1a2b3c" as newer versions of VASP write. */
static int element_of(text_slice word)
{
    size_t n = 0;
    while (n < word.n && word.text[n] != '_' && word.text[n] != '/') n++;
    return element_from_symbol(word.text, n);
}

static mlsoap_status read_names(poscar_head *head, text_reader *r, text_slice line, mlsoap_error *error)
{
    const char *p = line.text, *end = line.text + line.n;
    text_slice word;
    char shown[48];
    while (next_word(&p, end, &word)) {
        int atomic_number = element_of(word);
        if (atomic_number <= 0)
            return status_fail_at(error, MLSOAP_ERROR_SPECIES, r->place.file, r->place.line,
                                  "frame %zu: '%s' is no chemical element; the line above the numbers of atoms holds "
                                  "the symbols of the species, such as Si O",
                                  r->place.frame, slice_show(word, shown));
        if (!MEMORY_RESERVE(&head->species, &head->capacity_species, head->n_species + 1))
            return status_no_memory(error, (head->n_species + 1) * sizeof *head->species, "the species of a file");
        head->species[head->n_species++] = (poscar_species){atomic_number, 0};
    }
    return MLSOAP_SUCCESS;
}

/* VASP 4: as many symbols at the beginning of the comment as there are numbers of atoms. */
static mlsoap_status names_of_comment(poscar_head *head, text_reader *r, text_slice comment, text_slice counts,
                                      mlsoap_error *error)
{
    const char *p = comment.text, *q = counts.text;
    text_slice word, count;
    long n;
    size_t n_good = 0;
    while (next_word(&q, counts.text + counts.n, &count) &&
           parse_integer(count.text, count.n, 0, LONG_MAX, &n) == PARSE_OK) {
        if (!next_word(&p, comment.text + comment.n, &word) || element_of(word) <= 0)
            return status_fail_at(
                error, MLSOAP_ERROR_SPECIES, r->place.file, r->place.line,
                "frame %zu: the file names no species (as files of VASP 4 do), and its comment does not "
                "begin with their symbols: insert a line such as 'Si O' above the numbers of atoms",
                r->place.frame);
        n_good++;
    }
    if (n_good > 0) comment.n = (size_t)(p - comment.text);
    return n_good > 0 ? read_names(head, r, comment, error) : MLSOAP_SUCCESS;
}

static mlsoap_status read_counts(poscar_head *head, text_reader *r, text_slice line, mlsoap_error *error)
{
    const char *p = line.text;
    text_slice word;
    char shown[48];
    size_t n_found = 0, room = (size_t)(r->end - r->position) / SHORTEST_POSITION + 1;
    for (; next_word(&p, line.text + line.n, &word); n_found++) {
        long n;
        if (parse_integer(word.text, word.n, 0, LONG_MAX, &n) != PARSE_OK)
            return status_fail_at(error, MLSOAP_ERROR_FORMAT, r->place.file, r->place.line,
                                  "frame %zu: a number of atoms is needed; found '%s'", r->place.frame,
                                  slice_show(word, shown));
        if (n_found >= head->n_species) continue;
        head->species[n_found].n_atoms = (size_t)n;
        if ((size_t)n > room || head->n_atoms + (size_t)n > room)
            return status_fail_at(
                error, MLSOAP_ERROR_FORMAT, r->place.file, r->place.line,
                "frame %zu: %s or more atoms cannot stand in the rest of the file: it is truncated or "
                "a number is wrong",
                r->place.frame, slice_show(word, shown));
        head->n_atoms += (size_t)n;
    }
    if (n_found != head->n_species)
        return status_fail_at(error, MLSOAP_ERROR_FORMAT, r->place.file, r->place.line,
                              "frame %zu: %zu species are named and %zu numbers of atoms given; they must be as many",
                              r->place.frame, head->n_species, n_found);
    if (head->n_atoms > 0) return MLSOAP_SUCCESS;
    return status_fail_at(error, MLSOAP_ERROR_VALUE, r->place.file, r->place.line,
                          "frame %zu has no atoms; the numbers of atoms of the species are needed here",
                          r->place.frame);
}

mlsoap_status poscar_head_read(poscar_head *head, text_reader *r, text_slice comment, mlsoap_error *error)
{
    text_slice line, word;
    long n;
    head->n_species = head->n_atoms = 0;
    head->line = r->place.line;
    mlsoap_status status = read_scale(head, r, error);
    if (!status) status = read_cell(head, r, error);
    if (!status) status = need_line(r, "the species", &line, error);
    if (status) return status;
    const char *p = line.text;
    if (next_word(&p, line.text + line.n, &word) &&
        parse_integer(word.text, word.n, LONG_MIN, LONG_MAX, &n) == PARSE_OK) {
        status = names_of_comment(head, r, comment, line, error);
    } else {
        status = read_names(head, r, line, error);
        if (!status) status = need_line(r, "the numbers of atoms", &line, error);
    }
    return status ? status : read_counts(head, r, line, error);
}

void poscar_head_release(poscar_head *head)
{
    memory_free(head->species);
    memset(head, 0, sizeof *head);
}

static bool begins_with_reals(text_slice line, int n_needed)
{
    const char *p = line.text;
    text_slice word;
    double value;
    for (int i = 0; i < n_needed; i++)
        if (!slice_next_word(&p, line.text + line.n, &word) || parse_real(word.text, word.n, &value) != PARSE_OK)
            return false;
    return true;
}

static bool begins_with_integer(text_slice line)
{
    const char *p = line.text;
    text_slice word;
    long value;
    return slice_next_word(&p, line.text + line.n, &word) &&
           parse_integer(word.text, word.n, 0, LONG_MAX, &value) == PARSE_OK;
}

bool poscar_head_recognizes(const char *bytes, size_t n_bytes, text_slice *behind)
{
    text_reader r = text_reader_new(bytes, n_bytes, "");
    text_slice line;
    if (!text_next_line(&r, &line) || !text_next_line(&r, &line) || !begins_with_reals(line, 1)) return false;
    for (int i = 0; i < 3; i++)
        if (!text_next_line(&r, &line) || !begins_with_reals(line, 3)) return false;
    if (!text_next_line(&r, &line) || slice_is_blank(line)) return false;
    if (!begins_with_integer(line) && (!text_next_line(&r, &line) || !begins_with_integer(line))) return false;
    if (!text_next_line(&r, behind)) *behind = (text_slice){r.end, 0};
    return true;
}

mlsoap_status poscar_atoms_read(const poscar_head *head, text_reader *r, bool cartesian, long line, frame_set *set,
                                mlsoap_error *error)
{
    frame *f = plain_frame_begin(set, head->n_atoms, &r->place, line, error);
    if (!f) return MLSOAP_ERROR_MEMORY;
    structure *s = &f->structure;
    mlsoap_status status = MLSOAP_SUCCESS;
    size_t i = 0;
    memcpy(s->cell, head->cell, sizeof s->cell);
    for (int k = 0; k < 3; k++) s->pbc[k] = 1;
    for (size_t i_species = 0; i_species < head->n_species; i_species++)
        for (size_t k = 0; k < head->species[i_species].n_atoms; k++)
            s->species[i++] = head->species[i_species].atomic_number;
    for (i = 0; i < head->n_atoms && !status; i++) {
        text_slice text;
        double v[3];
        status = need_line(r, "the last position", &text, error);
        const char *p = text.text;
        if (!status) status = text_reals(&r->place, &p, text.text + text.n, "a position", v, 3, error);
        if (status) break;
        fractional_to_cartesian(s->cell, v, s->positions[i]);
        for (int k = 0; k < 3 && cartesian; k++) s->positions[i][k] = v[k] * head->scale[k];
    }
    return plain_frame_end(set, status, &r->place, error);
}
