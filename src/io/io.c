/* SPDX-License-Identifier: BSD-3-Clause */
/* Reading data files of any known format; see io.h. A new format is a row of `formats`. */
#include "io/io.h"

#include "core/file.h"
#include "core/hash.h"
#include "core/memory.h"
#include "io/cif.h"
#include "io/extxyz.h"
#include "io/outcar.h"
#include "io/poscar.h"
#include "io/runner.h"
#include "io/vasprun.h"
#include "io/xdatcar.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

typedef struct file_format {
    const char *name; /**< for messages */
    bool (*recognizes)(const char *bytes, size_t n_bytes);
    bool (*has_name)(const char *base_name); /**< NULL: any */
    mlsoap_status (*read)(const char *bytes, size_t n_bytes, const char *name, const read_options *options,
                          frame_set *set, mlsoap_error *error);
    mlsoap_status (*write)(const char *path, const frame *const *frames, size_t n_frames, mlsoap_error *error);
    unsigned holds; /**< frame_content that is written */
} file_format;

/* The first that recognizes the content reads it; the last, extxyz, is what is written under any other name. */
static const file_format formats[] = {
    {"XDATCAR", xdatcar_recognizes, xdatcar_has_name, xdatcar_read, NULL, 0},
    {"POSCAR", poscar_recognizes, poscar_has_name, poscar_read, poscar_write, 0},
    {"CIF", cif_recognizes, cif_has_name, cif_read, NULL, 0},
    {"VASP OUTCAR", outcar_recognizes, outcar_has_name, outcar_read, NULL, 0},
    {"VASP vasprun.xml", vasprun_recognizes, vasprun_has_name, vasprun_read, NULL, 0},
    {"RuNNer input.data", runner_recognizes, runner_has_name, runner_read, runner_write, FRAME_ENERGY | FRAME_FORCES},
    {"extxyz (begins with the number of atoms in a line of its own)", extxyz_recognizes, NULL, extxyz_read,
     extxyz_write, FRAME_EVERYTHING},
};
enum { N_FORMATS = sizeof formats / sizeof *formats };

/* The format whose files have such names; NULL: none. */
static const file_format *format_of_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    for (const file_format *format = formats; format < formats + N_FORMATS; format++)
        if (format->has_name && format->has_name(slash ? slash + 1 : path)) return format;
    return NULL;
}

static const file_format *format_of_content(const char *bytes, size_t n_bytes, const char *name)
{
    for (const file_format *format = formats; format < formats + N_FORMATS; format++)
        if (format->recognizes(bytes, n_bytes)) return format;
    return n_bytes > 0 ? format_of_name(name) : NULL;
}

static mlsoap_status fail_unknown_format(const char *bytes, size_t n_bytes, const char *name, mlsoap_error *error)
{
    char line[48], known[240] = "";
    size_t n = 0, used = 0;
    for (; n < n_bytes && n < 40 && bytes[n] != '\n'; n++)
        line[n] = bytes[n] >= ' ' && bytes[n] <= '~' ? bytes[n] : '?';
    line[n] = '\0';
    for (size_t i = 0; i < N_FORMATS && used < sizeof known; i++)
        used += (size_t)snprintf(known + used, sizeof known - used, "%s%s", i > 0 ? ", " : "", formats[i].name);
    return status_fail_at(error, MLSOAP_ERROR_FORMAT, name, n_bytes > 0 ? 1 : 0, "%s%s%s; formats that are read: %s",
                          n_bytes > 0 ? "the content is of no known format: it begins with '" : "the file is empty",
                          line, n_bytes > 0 ? "'" : "", known);
}

static mlsoap_status add_file(frame_set *set, const char *path, mlsoap_error *error)
{
    if (set->n_files >= INT_MAX || !MEMORY_RESERVE(&set->files, &set->capacity_files, set->n_files + 1))
        return status_no_memory(error, (set->n_files + 1) * sizeof *set->files, "the record of a file");
    frame_file *file = &set->files[set->n_files];
    memset(file, 0, sizeof *file);
    file->path = memory_copy_text(path);
    if (!file->path) return status_no_memory(error, strlen(path) + 1, "the name of a file");
    set->n_files++;
    return MLSOAP_SUCCESS;
}

/* Take back what a failed reader appended. */
static void take_back(frame_set *set, size_t n_frames, size_t n_files)
{
    while (set->n_frames > n_frames) frame_release(&set->frames[--set->n_frames]);
    while (set->n_files > n_files) frame_file_release(&set->files[--set->n_files]);
}

mlsoap_status frames_parse(const char *bytes, size_t n_bytes, const char *name, const read_options *options,
                           frame_set *set, mlsoap_error *error)
{
    static const read_options defaults = {0};
    size_t n_frames = set->n_frames, n_files = set->n_files;
    const file_format *format = format_of_content(bytes, n_bytes, name);
    if (!format) return fail_unknown_format(bytes, n_bytes, name, error);
    mlsoap_status status = add_file(set, name, error);
    if (!status) status = format->read(bytes, n_bytes, name, options ? options : &defaults, set, error);
    if (status) take_back(set, n_frames, n_files);
    return status;
}

mlsoap_status frames_read(const char *path, const read_options *options, frame_set *set, mlsoap_error *error)
{
    char *bytes, hex[HASH_HEX_SIZE];
    size_t n_bytes;
    mlsoap_status status = file_read(path, false, &bytes, &n_bytes, error);
    if (status) return status;
    status = hash_bytes(bytes, n_bytes, hex, error);
    if (!status) status = file_unpack(path, &bytes, &n_bytes, error);
    if (!status) status = frames_parse(bytes, n_bytes, path, options, set, error);
    if (!status) memcpy(set->files[set->n_files - 1].sha256, hex, sizeof hex);
    memory_free(bytes);
    return status;
}

/* Any other name is that of an extxyz. */
static const file_format *format_to_write(const char *path)
{
    const file_format *format = format_of_name(path);
    return format ? format : &formats[N_FORMATS - 1];
}

unsigned frames_write_holds(const char *path)
{
    return format_to_write(path)->holds;
}

mlsoap_status frames_write(const char *path, const frame *const *frames, size_t n_frames, mlsoap_error *error)
{
    const file_format *format = format_to_write(path);
    if (format->write) return format->write(path, frames, n_frames, error);
    return status_fail(error, MLSOAP_ERROR_UNSUPPORTED,
                       "%s: %s is a format that can only be read; choose a name that ends in .xyz", path, format->name);
}
