/* SPDX-License-Identifier: BSD-3-Clause */
/* Files of `mlsoap eval`; see eval_output.h. */
#include "app/eval_output.h"

#include "core/file.h"
#include "core/memory.h"
#include "core/parse.h"
#include "io/io.h"

#include <stdlib.h>
#include <string.h>

static json_t *eval_json(const char *potential_file, const mlsoap_potential *potential, const frame_set *set,
                         const error_table *table, const reliability *uncertainty)
{
    json_t *root = json_pack("{s:{s:s,s:s},s:{s:s,s:I,s:I},s:{s:s,s:s,s:s}}", "potential", "file", potential_file,
                             "sha256", mlsoap_potential_identity(potential), "data", "file", set->files[0].path,
                             "frames", (json_int_t)table->total.n_frames, "atoms", (json_int_t)table->total.n_atoms,
                             "units", "energy", "meV/atom", "forces", "eV/angstrom", "virial", "meV/atom");
    json_t *errors = error_table_json(table);
    if (errors && mlsoap_potential_has_uncertainty(potential))
        json_object_set_new(errors, "uncertainty", reliability_json(uncertainty));
    if (root && errors && !json_object_update(root, errors)) {
        json_decref(errors);
        return root;
    }
    json_decref(root);
    json_decref(errors);
    return NULL;
}

mlsoap_status eval_write_json(const char *path, const char *potential_file, const mlsoap_potential *potential,
                              const frame_set *set, const error_table *table, const reliability *uncertainty,
                              mlsoap_error *error)
{
    json_t *root = eval_json(potential_file, potential, set, table, uncertainty);
    char *text = root ? json_dumps(root, JSON_INDENT(2)) : NULL;
    json_decref(root);
    if (!text) return status_no_memory(error, sizeof(void *), path);
    size_t n = strlen(text);
    text[n] = '\n'; /* in place of the zero: the length is passed */
    mlsoap_status status = file_write(path, text, n + 1, error);
    free(text);
    return status;
}

/* A CSV field: quoted where it holds a comma, a quote or a line break. memory_free it. */
static char *csv_text(const char *text)
{
    char *field = MEMORY_NEW(char, 2 * strlen(text) + 3);
    if (!field) return NULL;
    if (!strpbrk(text, ",\"\r\n")) return strcpy(field, text);
    char *to = field;
    *to++ = '"';
    for (; *text; text++) {
        if (*text == '"') *to++ = '"';
        *to++ = *text;
    }
    *to = '"';
    return field;
}

static mlsoap_status csv_line(file_writer *writer, const frame *f, const char *config_type, const char *quantity,
                              const char *atom, const char *component, double reference, double prediction,
                              mlsoap_error *error)
{
    char first[32], second[32];
    return file_writer_print(writer, error, "%zu,%s,%s,%s,%s,%s,%s\n", f->index, config_type, quantity, atom, component,
                             format_real(reference, first), format_real(prediction, second));
}

static mlsoap_status csv_frame(file_writer *writer, const frame *f, const char *config_type, mlsoap_error *error)
{
    static const char *const axes[3] = {"x", "y", "z"};
    static const char *const pairs[6] = {"xx", "yy", "zz", "xy", "xz", "yz"};
    double n_atoms = (double)f->structure.n_atoms;
    mlsoap_status status = MLSOAP_SUCCESS;
    if (f->has_energy)
        status = csv_line(writer, f, config_type, "energy", "", "", f->energy / n_atoms, f->predicted_energy / n_atoms,
                          error);
    for (size_t i = 0; f->has_forces && i < f->structure.n_atoms; i++)
        for (int a = 0; a < 3 && !status; a++) {
            char atom[24];
            snprintf(atom, sizeof atom, "%zu", i);
            status = csv_line(writer, f, config_type, "force", atom, axes[a], f->forces[i][a],
                              f->predicted_forces[i][a], error);
        }
    for (int a = 0; f->has_virial && a < 6 && !status; a++)
        status = csv_line(writer, f, config_type, "virial", "", pairs[a], f->virial[a] / n_atoms,
                          f->predicted_virial[a] / n_atoms, error);
    return status;
}

mlsoap_status eval_write_csv(const char *path, const frame_set *set, mlsoap_error *error)
{
    file_writer *writer;
    mlsoap_status status = file_writer_open(path, &writer, error);
    if (status) return status;
    status = file_writer_print(writer, error, "frame,config_type,quantity,atom,component,reference,prediction\n");
    for (size_t i = 0; i < set->n_frames && !status; i++) {
        char *config_type = csv_text(set->frames[i].config_type);
        status = config_type ? csv_frame(writer, &set->frames[i], config_type, error)
                             : status_no_memory(error, strlen(set->frames[i].config_type), path);
        memory_free(config_type);
    }
    if (!status) return file_writer_commit(writer, error);
    file_writer_discard(writer);
    return status;
}

mlsoap_status eval_write_predictions(const char *path, const frame_set *set, mlsoap_error *error)
{
    const frame **frames = MEMORY_NEW(const frame *, set->n_frames);
    if (!frames) return status_no_memory(error, set->n_frames * sizeof *frames, path);
    for (size_t i = 0; i < set->n_frames; i++) frames[i] = &set->frames[i];
    mlsoap_status status = frames_write(path, frames, set->n_frames, error);
    memory_free(frames);
    return status;
}
