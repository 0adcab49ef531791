/* SPDX-License-Identifier: BSD-3-Clause */
/* POSCAR and CONTCAR; see poscar.h. */
#include "io/poscar.h"

#include "core/elements.h"
#include "core/file.h"
#include "core/parse.h"
#include "io/plain_frame.h"

#include <string.h>

/* VASP looks at the first letter only. */
static char first_letter(text_slice line)
{
    text_slice word = {line.text, 0};
    const char *p = line.text;
    if (!slice_next_word(&p, line.text + line.n, &word)) return '\0';
    char c = *word.text;
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* `Selective dynamics` where it stands, and the kind of the coordinates. */
static mlsoap_status read_mode(text_reader *r, bool *cartesian, mlsoap_error *error)
{
    text_slice line = {r->end, 0};
    char shown[48];
    bool found = text_next_line(r, &line);
    if (found && first_letter(line) == 's') found = text_next_line(r, &line);
    char letter = found ? first_letter(line) : '\0';
    *cartesian = letter == 'c' || letter == 'k';
    if (*cartesian || letter == 'd' || letter == 'f') return MLSOAP_SUCCESS;
    return status_fail_at(error, MLSOAP_ERROR_FORMAT, r->place.file, r->place.line,
                          "frame %zu: the line above the positions must begin with Direct or Cartesian; found '%s'",
                          r->place.frame, found ? slice_show(line, shown) : "the end of the file");
}

/* Behind the positions there may be velocities, below a line that is blank or begins with a word. */
static mlsoap_status check_end(text_reader *r, size_t n_atoms, mlsoap_error *error)
{
    text_slice line, word;
    double value;
    if (!text_next_line(r, &line)) return MLSOAP_SUCCESS;
    const char *p = line.text;
    if (!slice_next_word(&p, line.text + line.n, &word) || parse_real(word.text, word.n, &value) != PARSE_OK)
        return MLSOAP_SUCCESS;
    return status_fail_at(error, MLSOAP_ERROR_FORMAT, r->place.file, r->place.line,
                          "frame %zu: another position follows the %zu that the numbers of atoms announce",
                          r->place.frame, n_atoms);
}

mlsoap_status poscar_read(const char *bytes, size_t n_bytes, const char *name, const read_options *options,
                          frame_set *set, mlsoap_error *error)
{
    static const char *const no_targets[N_FRAME_TARGETS] = {NULL};
    text_reader r = text_reader_new(bytes, n_bytes, name);
    text_slice comment = {bytes, 0};
    poscar_head head = {0};
    bool cartesian, take[N_FRAME_TARGETS];
    mlsoap_status status = plain_targets(options, no_targets, "POSCAR", name, take, error);
    text_next_line(&r, &comment);
    if (!status) status = poscar_head_read(&head, &r, comment, error);
    if (!status) status = read_mode(&r, &cartesian, error);
    if (!status) status = poscar_atoms_read(&head, &r, cartesian, head.line, set, error);
    if (!status) status = check_end(&r, head.n_atoms, error);
    poscar_head_release(&head);
    return status;
}

bool poscar_recognizes(const char *bytes, size_t n_bytes)
{
    text_slice behind;
    return poscar_head_recognizes(bytes, n_bytes, &behind);
}

bool poscar_has_name(const char *base_name)
{
    static const char *const names[] = {"POSCAR", "CONTCAR", NULL}, *const suffixes[] = {".vasp", ".poscar", NULL};
    size_t n = strlen(base_name);
    for (const char *const *name = names; *name; name++) {
        size_t m = strlen(*name);
        if (strncmp(base_name, *name, m) == 0 || (n > m && strcmp(base_name + n - m, *name) == 0)) return true;
    }
    for (const char *const *suffix = suffixes; *suffix; suffix++) {
        size_t m = strlen(*suffix);
        if (n > m && strcmp(base_name + n - m, *suffix) == 0) return true;
    }
    return false;
}

static mlsoap_status put_rows(file_writer *w, const double (*rows)[3], size_t n, mlsoap_error *error)
{
    mlsoap_status status = MLSOAP_SUCCESS;
    char x[32], y[32], z[32];
    for (size_t i = 0; i < n && !status; i++)
        status = file_writer_print(w, error, "%s %s %s\n", format_real(rows[i][0], x), format_real(rows[i][1], y),
                                   format_real(rows[i][2], z));
    return status;
}

/* Symbols or numbers of the runs of equal species; as the comment for VASP 4 too. */
static mlsoap_status put_runs(file_writer *w, const structure *s, bool symbols, mlsoap_error *error)
{
    mlsoap_status status = MLSOAP_SUCCESS;
    for (size_t i = 0, end; i < s->n_atoms && !status; i = end) {
        for (end = i + 1; end < s->n_atoms && s->species[end] == s->species[i]; end++) continue;
        const char *blank = i > 0 ? " " : "";
        status = symbols ? file_writer_print(w, error, "%s%s", blank, element_symbol(s->species[i]))
                         : file_writer_print(w, error, "%s%zu", blank, end - i);
    }
    return status ? status : file_writer_print(w, error, "\n");
}

static mlsoap_status put_structure(file_writer *w, const structure *s, mlsoap_error *error)
{
    mlsoap_status status = put_runs(w, s, true, error);
    if (!status) status = file_writer_print(w, error, "1.0\n");
    if (!status) status = put_rows(w, s->cell, 3, error);
    if (!status) status = put_runs(w, s, true, error);
    if (!status) status = put_runs(w, s, false, error);
    if (!status) status = file_writer_print(w, error, "Cartesian\n");
    return status ? status : put_rows(w, s->positions, s->n_atoms, error);
}

mlsoap_status poscar_write(const char *path, const frame *const *frames, size_t n_frames, mlsoap_error *error)
{
    file_writer *w = NULL;
    if (n_frames != 1)
        return status_fail(error, MLSOAP_ERROR_VALUE,
                           "%s: a POSCAR holds one frame, but there are %zu: choose a name that ends in .xyz", path,
                           n_frames);
    const structure *s = &frames[0]->structure;
    mlsoap_status status = structure_validate(s, error);
    if (status) return status_prefix(error, status, "%s cannot be written", path);
    if (s->n_atoms == 0 || !s->pbc[0] || !s->pbc[1] || !s->pbc[2])
        return status_fail(
            error, MLSOAP_ERROR_VALUE,
            "%s: a POSCAR is periodic in all directions and has atoms, but this frame is not so: choose a "
            "name that ends in .xyz",
            path);
    status = file_writer_open(path, &w, error);
    if (status) return status;
    status = put_structure(w, s, error);
    if (!status) return file_writer_commit(w, error);
    file_writer_discard(w);
    return status;
}
