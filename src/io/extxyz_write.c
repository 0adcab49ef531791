/* SPDX-License-Identifier: BSD-3-Clause */
/* Writing extxyz; see extxyz.h. */
#include "core/elements.h"
#include "core/file.h"
#include "core/memory.h"
#include "core/parse.h"
#include "io/extxyz.h"

#include <math.h>
#include <string.h>

/** A file and the first error: after one, the functions below do nothing. */
typedef struct extxyz_writer {
    file_writer *file;
    size_t i_frame;
    mlsoap_status status;
    mlsoap_error *error;
} extxyz_writer;

static void put_text(extxyz_writer *w, const char *text)
{
    if (!w->status) w->status = file_writer_write(w->file, text, strlen(text), w->error);
}

static void put_number(extxyz_writer *w, double value, const char *what)
{
    char text[32];
    if (w->status) return;
    if (!isfinite(value))
        w->status = status_fail(w->error, MLSOAP_ERROR_VALUE,
                                "frame %zu cannot be written: its %s is %g; every number of a file must be finite",
                                w->i_frame, what, value);
    else
        put_text(w, format_real(value, text));
}

static void put_numbers(extxyz_writer *w, const double *values, int n, const char *what)
{
    for (int i = 0; i < n; i++) {
        if (i > 0) put_text(w, " ");
        put_number(w, values[i], what);
    }
}

static void put_matrix(extxyz_writer *w, const char *key, const double v[6])
{
    const double rows[9] = {v[0], v[3], v[4], v[3], v[1], v[5], v[4], v[5], v[2]};
    put_text(w, " ");
    put_text(w, key);
    put_text(w, "=\"");
    put_numbers(w, rows, 9, key);
    put_text(w, "\"");
}

static void put_named(extxyz_writer *w, const char *key, double value)
{
    put_text(w, " ");
    put_text(w, key);
    put_text(w, "=");
    put_number(w, value, key);
}

/* Quoted, unless it is a plain word. */
static void put_quoted(extxyz_writer *w, const char *text)
{
    bool plain = *text && !strpbrk(text, " \t\r\n\"'\\{}[]=,");
    if (!plain) put_text(w, "\"");
    for (; *text; text++) {
        char letter[2] = {*text == '\n' || *text == '\r' ? ' ' : *text, '\0'}; /* the comment is one line */
        if (*text == '"' || *text == '\\') put_text(w, "\\");
        put_text(w, letter);
    }
    if (!plain) put_text(w, "\"");
}

static bool has_cell(const structure *s)
{
    for (int i = 0; i < 9; i++)
        if (s->cell[i / 3][i % 3] != 0.0) return true;
    return false;
}

static void put_comment(extxyz_writer *w, const frame *f)
{
    const structure *s = &f->structure;
    if (has_cell(s)) {
        put_text(w, "Lattice=\"");
        put_numbers(w, &s->cell[0][0], 9, "Lattice");
        put_text(w, "\" ");
    }
    put_text(w, "Properties=species:S:1:pos:R:3");
    if (f->has_forces) put_text(w, ":forces:R:3");
    if (f->has_prediction && f->predicted_forces) put_text(w, ":mlsoap_forces:R:3");
    if (f->has_prediction && f->predicted_uncertainty)
        put_text(w, ":mlsoap_uncertainty:R:1:mlsoap_force_uncertainty:R:1");
    if (f->has_energy) put_named(w, "energy", f->energy);
    if (f->has_virial) put_matrix(w, "virial", f->virial);
    if (f->has_prediction) {
        put_named(w, "mlsoap_energy", f->predicted_energy);
        put_matrix(w, "mlsoap_virial", f->predicted_virial);
    }
    if (f->config_type && strcmp(f->config_type, "default") != 0) {
        put_text(w, " config_type=");
        put_quoted(w, f->config_type);
    }
    if (f->weight != 1.0) put_named(w, "weight", f->weight);
    put_text(w, " pbc=\"");
    for (int k = 0; k < 3; k++) put_text(w, s->pbc[k] ? (k < 2 ? "T " : "T") : (k < 2 ? "F " : "F"));
    put_text(w, "\"\n");
}

static void put_atom(extxyz_writer *w, const frame *f, size_t i)
{
    put_text(w, element_symbol(f->structure.species[i]));
    put_text(w, " ");
    put_numbers(w, f->structure.positions[i], 3, "position");
    if (f->has_forces) {
        put_text(w, " ");
        put_numbers(w, f->forces[i], 3, "force");
    }
    if (f->has_prediction && f->predicted_forces) {
        put_text(w, " ");
        put_numbers(w, f->predicted_forces[i], 3, "predicted force");
    }
    if (f->has_prediction && f->predicted_uncertainty) {
        put_text(w, " ");
        put_numbers(w, f->predicted_uncertainty[i], 2, "uncertainty");
    }
    put_text(w, "\n");
}

static mlsoap_status put_frame(extxyz_writer *w, const frame *f)
{
    const structure *s = &f->structure;
    mlsoap_status status = structure_validate(s, w->error);
    if (status) return status_prefix(w->error, status, "frame %zu cannot be written", w->i_frame);
    if (s->n_atoms == 0)
        return status_fail(w->error, MLSOAP_ERROR_VALUE, "frame %zu cannot be written: it has no atoms", w->i_frame);
    w->status = file_writer_print(w->file, w->error, "%zu\n", s->n_atoms);
    put_comment(w, f);
    for (size_t i = 0; !w->status && i < s->n_atoms; i++) put_atom(w, f, i);
    return w->status;
}

mlsoap_status extxyz_write(const char *path, const frame *const *frames, size_t n_frames, mlsoap_error *error)
{
    extxyz_writer w = {.error = error};
    mlsoap_status status = file_writer_open(path, &w.file, error);
    if (status) return status;
    for (; !status && w.i_frame < n_frames; w.i_frame++) status = put_frame(&w, frames[w.i_frame]);
    if (!status) return file_writer_commit(w.file, error);
    file_writer_discard(w.file);
    return status;
}
