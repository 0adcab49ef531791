/* SPDX-License-Identifier: BSD-3-Clause */
/* Reading OUTCAR; see outcar.h. One pass: what a step consists of is kept until its energy, the last of it, is read. */
#define _GNU_SOURCE /* memmem */
#include "io/outcar.h"

#include "core/memory.h"
#include "core/parse.h"
#include "io/plain_frame.h"
#include "io/vasp_step.h"

#include <limits.h>
#include <string.h>

enum { SPECIES_MAX = 200, SHORTEST_ATOM = 12 }; /* "0 0 0 0 0 0" and the end of the line */

static const char *const target_names[N_FRAME_TARGETS] = {"TOTEN", "TOTAL-FORCE", "in kB"};

typedef struct outcar_reader {
    text_reader text;
    frame_set *set;
    bool take[N_FRAME_TARGETS];
    int elements[SPECIES_MAX], titles[SPECIES_MAX]; /**< by VRHFIN, by TITEL */
    long counts[SPECIES_MAX];
    size_t n_elements, n_titles, n_counts, n_atoms;
    double cell[3][3];
    bool has_cell;
    /* of the step at hand */
    vasp_step step;
    bool iterated, converged;
    frame *pending; /**< behind the frames of the set; positions and forces are known, the energy is not */
} outcar_reader;

static mlsoap_status fail(const outcar_reader *r, const char *what, text_slice found, mlsoap_error *error)
{
    char shown[48];
    return status_fail_at(error, MLSOAP_ERROR_FORMAT, r->text.place.file, r->text.place.line,
                          "frame %zu: %s; found '%s'", r->text.place.frame, what, slice_show(found, shown));
}

/* Every line of VASP has an end: one without it was cut off with the file. */
static bool next_line(outcar_reader *r, text_slice *line)
{
    return text_next_line(&r->text, line) && (r->text.position < r->text.end || r->text.end[-1] == '\n');
}

/* ------------------------------------------------------------------------------------------------ head of the file */

/* `text` somewhere in the line: what stands behind it; NULL where it is not there. */
static const char *find_text(text_slice line, const char *text)
{
    const char *found = memmem(line.text, line.n, text, strlen(text));
    return found ? found + strlen(text) : NULL;
}

static mlsoap_status add_species(outcar_reader *r, int *list, size_t *n, text_slice word, mlsoap_error *error)
{
    int Z = vasp_element(word);
    if (Z == 0) return fail(r, "a chemical element is needed behind 'VRHFIN =' and 'TITEL  ='", word, error);
    if (*n == SPECIES_MAX) return fail(r, "the file has more than 200 species", word, error);
    list[(*n)++] = Z;
    return MLSOAP_SUCCESS;
}

/* "   TITEL  = PAW_PBE Si_pv 05Jan2001" */
static mlsoap_status read_title(outcar_reader *r, const char *p, const char *end, mlsoap_error *error)
{
    text_slice functional, word = {end, 0};
    if (slice_next_word(&p, end, &functional)) slice_next_word(&p, end, &word);
    return add_species(r, r->titles, &r->n_titles, word, error);
}

static mlsoap_status read_counts(outcar_reader *r, const char *p, const char *end, mlsoap_error *error)
{
    text_slice word;
    long room = (long)((r->text.end - r->text.position) / SHORTEST_ATOM) + 1;
    r->n_counts = r->n_atoms = 0;
    while (slice_next_word(&p, end, &word)) {
        long n;
        if (r->n_counts == SPECIES_MAX || parse_integer(word.text, word.n, 1, LONG_MAX, &n) != PARSE_OK)
            return fail(r, "numbers of atoms, one for each species, are needed behind 'ions per type ='", word, error);
        if (n > room || (long)r->n_atoms + n > room)
            return fail(r, "so many atoms cannot stand in the rest of the file: it is truncated", word, error);
        r->counts[r->n_counts++] = n;
        r->n_atoms += (size_t)n;
    }
    return MLSOAP_SUCCESS;
}

static mlsoap_status read_cell(outcar_reader *r, mlsoap_error *error)
{
    static const char *const names[3] = {"lattice vector a", "lattice vector b", "lattice vector c"};
    text_slice line;
    for (int k = 0; k < 3; k++) {
        if (!next_line(r, &line)) return MLSOAP_SUCCESS; /* a truncated file: no step follows */
        const char *p = line.text;
        mlsoap_status status = vasp_reals(&r->text.place, &p, line.text + line.n, names[k], r->cell[k], 3, error);
        if (status) return status;
    }
    r->has_cell = true;
    return MLSOAP_SUCCESS;
}

/* ------------------------------------------------------------------------------------------------ steps */

static mlsoap_status read_stress(outcar_reader *r, const char *p, const char *end, mlsoap_error *error)
{
    double v[6];
    mlsoap_status status = vasp_reals(&r->text.place, &p, end, "the stress", v, 6, error);
    const double ordered[6] = {v[0], v[1], v[2], v[3], v[5], v[4]}; /* XX YY ZZ XY YZ ZX */
    if (status) return status;
    memcpy(r->step.kbar, ordered, sizeof ordered);
    r->step.has_stress = true;
    return MLSOAP_SUCCESS;
}

/* The elements are those of VRHFIN; files without POTCAR headers may still have TITEL. */
static mlsoap_status fill_species(outcar_reader *r, structure *s, mlsoap_error *error)
{
    const int *elements = r->n_elements > 0 ? r->elements : r->titles;
    size_t n = r->n_elements > 0 ? r->n_elements : r->n_titles, i = 0;
    if (n != r->n_counts)
        return status_fail_at(error, MLSOAP_ERROR_FORMAT, r->text.place.file, r->text.place.line,
                              "frame %zu: %zu species are named (VRHFIN, TITEL), but 'ions per type' has %zu numbers; "
                              "they must be as many",
                              r->text.place.frame, n, r->n_counts);
    for (size_t k = 0; k < n; k++)
        for (long c = 0; c < r->counts[k]; c++) s->species[i++] = elements[k];
    return MLSOAP_SUCCESS;
}

static void drop_pending(outcar_reader *r)
{
    if (!r->pending) return;
    frame_set_end(r->set, MLSOAP_ERROR_FORMAT);
    r->set->files[r->set->n_files - 1].n_incomplete++;
    r->pending = NULL;
}

/* The lines of the atoms; *complete is false where the file ends within them. */
static mlsoap_status read_atoms(outcar_reader *r, frame *f, bool *complete, mlsoap_error *error)
{
    text_slice line;
    *complete = false;
    if (!next_line(r, &line)) return MLSOAP_SUCCESS; /* dashes */
    for (size_t i = 0; i < f->structure.n_atoms; i++) {
        double v[6];
        if (!next_line(r, &line)) return MLSOAP_SUCCESS;
        const char *p = line.text;
        mlsoap_status status =
            vasp_reals(&r->text.place, &p, line.text + line.n, "a position and a force", v, 6, error);
        if (status) return status;
        memcpy(f->structure.positions[i], v, sizeof f->structure.positions[i]);
        memcpy(f->forces[i], v + 3, sizeof f->forces[i]);
    }
    *complete = true;
    return MLSOAP_SUCCESS;
}

static mlsoap_status begin_step(outcar_reader *r, mlsoap_error *error)
{
    if (r->n_atoms == 0 || !r->has_cell)
        return status_fail_at(error, MLSOAP_ERROR_FORMAT, r->text.place.file, r->text.place.line,
                              "frame %zu: %s must stand above the positions", r->text.place.frame,
                              r->n_atoms == 0 ? "'ions per type ='" : "'direct lattice vectors'");
    drop_pending(r);
    frame *f = plain_frame_begin(r->set, r->n_atoms, &r->text.place, r->text.place.line, error);
    if (!f) return MLSOAP_ERROR_MEMORY;
    r->pending = f;
    bool complete = false;
    memcpy(f->structure.cell, r->cell, sizeof r->cell);
    for (int k = 0; k < 3; k++) f->structure.pbc[k] = 1;
    mlsoap_status status = fill_species(r, &f->structure, error);
    f->forces = status ? NULL : memory_new(r->n_atoms, sizeof *f->forces);
    if (!status && !f->forces) status = status_no_memory(error, r->n_atoms * sizeof *f->forces, "the forces of a step");
    if (!status) status = read_atoms(r, f, &complete, error);
    if (status) {
        frame_set_end(r->set, status);
        r->pending = NULL;
    } else if (!complete) {
        drop_pending(r);
    }
    return status;
}

/* The energy ends a step. */
static mlsoap_status end_step(outcar_reader *r, const char *p, const char *end, mlsoap_error *error)
{
    if (!r->pending) return MLSOAP_SUCCESS;
    mlsoap_status status = vasp_reals(&r->text.place, &p, end, "the free energy TOTEN", &r->step.energy, 1, error);
    r->step.has_energy = true;
    r->step.unconverged = r->iterated && !r->converged;
    if (!status)
        status = vasp_step_finish(&r->step, target_names, r->take, r->pending, &r->set->files[r->set->n_files - 1],
                                  &r->text.place, error);
    status = plain_frame_end(r->set, status, &r->text.place, error);
    r->pending = NULL;
    r->step = (vasp_step){0};
    r->iterated = r->converged = false;
    r->text.place.frame++;
    return status;
}

static mlsoap_status read_line(outcar_reader *r, text_slice line, mlsoap_error *error)
{
    const char *end = line.text + line.n, *p;
    if ((p = find_text(line, "VRHFIN =")))
        return add_species(r, r->elements, &r->n_elements, (text_slice){p, (size_t)(end - p)}, error);
    if ((p = find_text(line, "TITEL  ="))) return read_title(r, p, end, error);
    if ((p = find_text(line, "ions per type ="))) return read_counts(r, p, end, error);
    if (find_text(line, "direct lattice vectors")) return read_cell(r, error);
    if (find_text(line, "- Iteration")) r->iterated = true;
    if (find_text(line, "aborting loop because EDIFF is reached")) r->converged = true;
    if ((p = find_text(line, "  in kB "))) return read_stress(r, p, end, error);
    if ((p = find_text(line, "TOTAL-FORCE (eV/Angst)"))) {
        if (!find_text(line, "(ML)")) return begin_step(r, error);
        drop_pending(r);
        r->step = (vasp_step){0};
        r->set->files[r->set->n_files - 1].n_predicted++;
        return MLSOAP_SUCCESS;
    }
    p = find_text(line, "free  energy   TOTEN  =");
    return p ? end_step(r, p, end, error) : MLSOAP_SUCCESS;
}

mlsoap_status outcar_read(const char *bytes, size_t n_bytes, const char *name, const read_options *options,
                          frame_set *set, mlsoap_error *error)
{
    outcar_reader r = {.text = text_reader_new(bytes, n_bytes, name), .set = set};
    text_slice line;
    mlsoap_status status = plain_targets(options, target_names, "OUTCAR", name, r.take, error);
    while (!status && next_line(&r, &line)) status = read_line(&r, line, error);
    const frame_file *file = &set->files[set->n_files - 1];
    if (status) {
        if (r.pending) frame_set_end(set, status);
        return status;
    }
    drop_pending(&r);
    if (r.text.place.frame > 0) return MLSOAP_SUCCESS;
    return status_fail_at(error, MLSOAP_ERROR_FORMAT, name, 0,
                          "the file holds no complete ionic step (lattice, TOTAL-FORCE, TOTEN)%s",
                          file->n_predicted > 0 ? " but those that a force field of VASP predicted" : "");
}

bool outcar_recognizes(const char *bytes, size_t n_bytes)
{
    text_reader r = text_reader_new(bytes, n_bytes, "");
    text_slice line, word;
    if (!text_next_filled_line(&r, &line)) return false;
    const char *p = line.text;
    return slice_next_word(&p, line.text + line.n, &word) && word.n > 5 && memcmp(word.text, "vasp.", 5) == 0;
}

bool outcar_has_name(const char *base_name)
{
    return vasp_has_name(base_name, "OUTCAR");
}
