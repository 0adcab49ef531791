/* SPDX-License-Identifier: BSD-3-Clause */
/* Reading vasprun.xml; see vasprun.h. Elements are told apart by their path, names of attributes included:
 * "modeling/calculation/varray=forces/v". The numbers of a <varray> are collected until it ends. */
#include "io/vasprun.h"

#include "core/memory.h"
#include "core/parse.h"
#include "io/plain_frame.h"
#include "io/vasp_step.h"

#include <expat.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

enum { PATH_MAX_LENGTH = 512, DEPTH_MAX = 40, TEXT_MAX = 4096, CHUNK = 1 << 20 };

static const char *const names[N_FRAME_TARGETS] = {"e_fr_energy", "forces", "stress"};

/** Numbers, three in a row. */
typedef struct row_list {
    double (*rows)[3];
    size_t n, capacity;
    bool complete; /**< of this step */
} row_list;

typedef struct vasprun_reader {
    XML_Parser parser;
    frame_set *set;
    text_place place;
    mlsoap_status status;
    mlsoap_error *error;
    bool take[N_FRAME_TARGETS];
    char path[PATH_MAX_LENGTH];
    size_t ends[DEPTH_MAX]; /**< length of the path outside of each open element */
    int depth;
    char text[TEXT_MAX]; /**< of the innermost element */
    size_t n_text;
    bool text_too_long;
    int *species;
    size_t n_species, capacity_species, i_column;
    long n_scf_max;
    bool is_predicting; /**< ML_LMLFF */
    /* of the step at hand */
    row_list basis, positions, forces, stress;
    vasp_step step;
    long n_scf, line;
    bool in_step;
} vasprun_reader;

static void stop(vasprun_reader *r, mlsoap_status status)
{
    r->status = status;
    XML_StopParser(r->parser, XML_FALSE);
}

static bool path_is(const vasprun_reader *r, const char *path)
{
    return strcmp(r->path, path) == 0;
}

static row_list *rows_of_path(vasprun_reader *r)
{
    if (path_is(r, "modeling/calculation/structure/crystal/varray=basis")) return &r->basis;
    if (path_is(r, "modeling/calculation/structure/varray=positions")) return &r->positions;
    if (path_is(r, "modeling/calculation/varray=forces")) return &r->forces;
    return path_is(r, "modeling/calculation/varray=stress") ? &r->stress : NULL;
}

/* ------------------------------------------------------------------------------------------------ a step */

static void begin_step(vasprun_reader *r)
{
    row_list *const lists[] = {&r->basis, &r->positions, &r->forces, &r->stress};
    for (int k = 0; k < 4; k++) {
        lists[k]->n = 0;
        lists[k]->complete = false;
    }
    r->step = (vasp_step){0};
    r->n_scf = 0;
    r->line = r->place.line;
    r->in_step = true;
}

static mlsoap_status fail_rows(const vasprun_reader *r, const char *what, size_t n, size_t wanted)
{
    return status_fail_at(r->error, MLSOAP_ERROR_FORMAT, r->place.file, r->place.line,
                          "frame %zu: the step has %zu rows of %s; %zu are needed", r->place.frame, n, what, wanted);
}

static mlsoap_status fill_frame(vasprun_reader *r, frame *f)
{
    structure *s = &f->structure;
    memcpy(s->cell, r->basis.rows, sizeof s->cell);
    for (size_t i = 0; i < s->n_atoms; i++) {
        s->species[i] = r->species[i];
        fractional_to_cartesian(s->cell, r->positions.rows[i], s->positions[i]);
    }
    for (int k = 0; k < 3; k++) s->pbc[k] = 1;
    if (r->forces.complete) {
        f->forces = memory_new(s->n_atoms, sizeof *f->forces);
        if (!f->forces) return status_no_memory(r->error, s->n_atoms * sizeof *f->forces, "the forces of a step");
        memcpy(f->forces, r->forces.rows, s->n_atoms * sizeof *f->forces);
    }
    if (r->stress.complete) {
        const double(*m)[3] = (const double(*)[3])r->stress.rows;
        const double kbar[6] = {
            m[0][0], m[1][1], m[2][2], 0.5 * (m[0][1] + m[1][0]), 0.5 * (m[0][2] + m[2][0]), 0.5 * (m[1][2] + m[2][1])};
        memcpy(r->step.kbar, kbar, sizeof kbar);
        r->step.has_stress = true;
    }
    return vasp_step_finish(&r->step, names, r->take, f, &r->set->files[r->set->n_files - 1], &r->place, r->error);
}

static mlsoap_status end_step(vasprun_reader *r)
{
    frame_file *file = &r->set->files[r->set->n_files - 1];
    size_t n = r->n_species;
    r->in_step = false;
    if (r->is_predicting && r->n_scf == 0) {
        file->n_predicted++;
        return MLSOAP_SUCCESS;
    }
    if (n == 0)
        return status_fail_at(r->error, MLSOAP_ERROR_FORMAT, r->place.file, r->place.line,
                              "frame %zu: <array name=\"atoms\"> must stand above the first step", r->place.frame);
    if (r->basis.n != 3) return fail_rows(r, "basis", r->basis.n, 3);
    if (r->positions.n != n) return fail_rows(r, "positions", r->positions.n, n);
    if (r->forces.complete && r->forces.n != n) return fail_rows(r, "forces", r->forces.n, n);
    if (r->stress.complete && r->stress.n != 3) return fail_rows(r, "stress", r->stress.n, 3);
    r->step.unconverged = r->n_scf_max > 0 && r->n_scf >= r->n_scf_max;
    text_place place = r->place;
    frame *f = plain_frame_begin(r->set, n, &place, r->line, r->error);
    if (!f) return MLSOAP_ERROR_MEMORY;
    mlsoap_status status = plain_frame_end(r->set, fill_frame(r, f), &place, r->error);
    r->place.frame++;
    return status;
}

/* ------------------------------------------------------------------------------------------------ elements */

static mlsoap_status add_row(vasprun_reader *r, row_list *list)
{
    const char *p = r->text;
    if (!MEMORY_RESERVE(&list->rows, &list->capacity, list->n + 1))
        return status_no_memory(r->error, (list->n + 1) * sizeof *list->rows, "the numbers of a step");
    return vasp_reals(&r->place, &p, r->text + r->n_text, "a row of numbers", list->rows[list->n++], 3, r->error);
}

static mlsoap_status add_species(vasprun_reader *r)
{
    char shown[48];
    text_slice word = {r->text, r->n_text};
    int Z = vasp_element(word);
    if (Z == 0)
        return status_fail_at(r->error, MLSOAP_ERROR_SPECIES, r->place.file, r->place.line,
                              "'%s' is no chemical element", slice_show(word, shown));
    if (!MEMORY_RESERVE(&r->species, &r->capacity_species, r->n_species + 1))
        return status_no_memory(r->error, (r->n_species + 1) * sizeof *r->species, "the species");
    r->species[r->n_species++] = Z;
    return MLSOAP_SUCCESS;
}

static mlsoap_status read_energy(vasprun_reader *r)
{
    const char *p = r->text;
    r->step.has_energy = true;
    return vasp_reals(&r->place, &p, r->text + r->n_text, "e_fr_energy", &r->step.energy, 1, r->error);
}

/* <i type="int" name="NELM"> 60</i> and ML_LMLFF, somewhere in <incar> or <parameters>. */
static void read_parameter(vasprun_reader *r)
{
    const char *slash = strrchr(r->path, '/'), *p = r->text;
    text_slice word;
    long n;
    if (!slash || !slice_next_word(&p, r->text + r->n_text, &word)) return;
    if (strcmp(slash, "/i=NELM") == 0 && parse_integer(word.text, word.n, 1, INT_MAX, &n) == PARSE_OK) r->n_scf_max = n;
    if (strcmp(slash, "/i=ML_LMLFF") == 0) r->is_predicting = slice_equal_no_case(word, "T");
}

/* The text of the element is complete. */
static mlsoap_status take_element(vasprun_reader *r, const char *element)
{
    if (strcmp(element, "i") == 0 &&
        (strncmp(r->path, "modeling/incar/", 15) == 0 || strncmp(r->path, "modeling/parameters/", 20) == 0))
        read_parameter(r);
    if (strcmp(element, "c") == 0 && path_is(r, "modeling/atominfo/array=atoms/set/rc/c") && r->i_column++ == 0)
        return add_species(r);
    if (path_is(r, "modeling/calculation/energy/i=e_fr_energy")) return read_energy(r);
    if (path_is(r, "modeling/calculation/scstep")) r->n_scf++;
    if (strcmp(element, "calculation") == 0 && path_is(r, "modeling/calculation")) return end_step(r);
    if (strcmp(element, "varray") == 0) {
        row_list *list = rows_of_path(r);
        if (list) list->complete = true;
    }
    return MLSOAP_SUCCESS;
}

static void XMLCALL on_start(void *data, const XML_Char *element, const XML_Char **attributes)
{
    vasprun_reader *r = data;
    const char *name = NULL;
    if (r->status) return;
    for (; *attributes; attributes += 2)
        if (strcmp(attributes[0], "name") == 0) name = attributes[1];
    r->place.line = (long)XML_GetCurrentLineNumber(r->parser);
    size_t used = strlen(r->path);
    int n = r->depth < DEPTH_MAX ? snprintf(r->path + used, sizeof r->path - used, "%s%s%s%s", r->depth > 0 ? "/" : "",
                                            element, name ? "=" : "", name ? name : "")
                                 : -1;
    if (n < 0 || (size_t)n >= sizeof r->path - used) {
        stop(r, status_fail_at(r->error, MLSOAP_ERROR_FORMAT, r->place.file, r->place.line,
                               "elements are nested too deep, or their names are too long, for a file of VASP"));
        return;
    }
    r->ends[r->depth++] = used;
    r->n_text = 0;
    r->text_too_long = false;
    if (path_is(r, "modeling/calculation")) begin_step(r);
    if (path_is(r, "modeling/atominfo/array=atoms/set/rc")) r->i_column = 0;
}

static void XMLCALL on_text(void *data, const XML_Char *text, int n)
{
    vasprun_reader *r = data;
    if (r->n_text + (size_t)n > sizeof r->text) {
        r->text_too_long = true;
        return;
    }
    memcpy(r->text + r->n_text, text, (size_t)n);
    for (size_t i = r->n_text; i < r->n_text + (size_t)n; i++)
        if (r->text[i] == '\n') r->text[i] = ' ';
    r->n_text += (size_t)n;
}

static void XMLCALL on_end(void *data, const XML_Char *element)
{
    vasprun_reader *r = data;
    if (r->status || r->depth == 0) return;
    r->place.line = (long)XML_GetCurrentLineNumber(r->parser);
    if (r->text_too_long) r->n_text = 0; /* no element that is read is so long */
    mlsoap_status status = MLSOAP_SUCCESS;
    if (strcmp(element, "v") == 0) {
        r->path[r->ends[r->depth - 1]] = '\0'; /* the path of the <varray> */
        row_list *list = rows_of_path(r);
        if (list && !list->complete) status = add_row(r, list);
    } else {
        status = take_element(r, element);
    }
    r->path[r->ends[--r->depth]] = '\0';
    r->n_text = 0;
    if (status) stop(r, status);
}

/* ------------------------------------------------------------------------------------------------ file */

static mlsoap_status parse(vasprun_reader *r, const char *bytes, size_t n_bytes)
{
    enum XML_Status result = XML_STATUS_OK;
    for (size_t done = 0; done < n_bytes && result == XML_STATUS_OK;) {
        size_t n = n_bytes - done < CHUNK ? n_bytes - done : CHUNK;
        result = XML_Parse(r->parser, bytes + done, (int)n, done + n == n_bytes);
        done += n;
    }
    if (r->status || result == XML_STATUS_OK) return r->status;
    enum XML_Error code = XML_GetErrorCode(r->parser);
    bool truncated = code == XML_ERROR_NO_ELEMENTS || code == XML_ERROR_UNCLOSED_TOKEN ||
                     code == XML_ERROR_PARTIAL_CHAR || code == XML_ERROR_UNCLOSED_CDATA_SECTION;
    if (truncated && r->depth > 0) { /* a run that was killed: its complete steps are good */
        r->set->files[r->set->n_files - 1].n_incomplete += r->in_step;
        return MLSOAP_SUCCESS;
    }
    if (code == XML_ERROR_NO_MEMORY) return status_no_memory(r->error, CHUNK, "the parser of XML");
    return status_fail_at(r->error, MLSOAP_ERROR_FORMAT, r->place.file, (long)XML_GetCurrentLineNumber(r->parser),
                          "the XML is broken: %s", XML_ErrorString(code));
}

mlsoap_status vasprun_read(const char *bytes, size_t n_bytes, const char *name, const read_options *options,
                           frame_set *set, mlsoap_error *error)
{
    vasprun_reader *r = MEMORY_NEW(vasprun_reader, 1);
    if (!r) return status_no_memory(error, sizeof *r, "the reader of vasprun.xml");
    r->set = set;
    r->place.file = name;
    r->error = error;
    mlsoap_status status = plain_targets(options, names, "vasprun.xml", name, r->take, error);
    if (!status && !(r->parser = XML_ParserCreate(NULL))) status = status_no_memory(error, CHUNK, "the parser of XML");
    if (!status) {
        XML_SetUserData(r->parser, r);
        XML_SetElementHandler(r->parser, on_start, on_end);
        XML_SetCharacterDataHandler(r->parser, on_text);
        status = parse(r, bytes, n_bytes);
    }
    if (!status && r->place.frame == 0)
        status = status_fail_at(
            error, MLSOAP_ERROR_FORMAT, name, 0, "the file holds no complete <calculation>%s",
            set->files[set->n_files - 1].n_predicted > 0 ? " but those that a force field of VASP predicted" : "");
    if (r->parser) XML_ParserFree(r->parser);
    memory_free(r->species);
    row_list *const lists[] = {&r->basis, &r->positions, &r->forces, &r->stress};
    for (int k = 0; k < 4; k++) memory_free(lists[k]->rows);
    memory_free(r);
    return status;
}

bool vasprun_recognizes(const char *bytes, size_t n_bytes)
{
    static const char tag[] = "<modeling";
    size_t n = n_bytes < 4096 ? n_bytes : 4096;
    size_t skip = n >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0; /* a byte order mark */
    while (skip < n && strchr(" \t\r\n", bytes[skip]) && bytes[skip]) skip++;
    if (skip == n || bytes[skip] != '<') return false;
    for (; skip + sizeof tag - 1 <= n; skip++)
        if (memcmp(bytes + skip, tag, sizeof tag - 1) == 0) return true;
    return false;
}

bool vasprun_has_name(const char *base_name)
{
    return vasp_has_name(base_name, "vasprun");
}
