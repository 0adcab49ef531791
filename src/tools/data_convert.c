/* SPDX-License-Identifier: BSD-3-Clause */
/* `mlsoap data convert`: frames in another format, and what that format cannot hold. */
#include "app/arguments.h"
#include "app/console.h"
#include "app/data_reading.h"
#include "core/memory.h"
#include "tools/tools.h"

#include <stdio.h>
#include <string.h>

static const option_row options[] = {
    {"output", 'o', OPTION_VALUE, "OUT",
     "file to write: POSCAR or *.vasp, *input.data (RuNNer, in eV and angstrom), else extxyz (required)"},
    {0}};

static const command_description command = {
    .name = "mlsoap data convert",
    .synopsis = "FILE ... -o OUT",
    .summary = "Writes all frames of the FILEs, with their targets, in the format that the name of OUT says. What the\n"
               "format cannot hold, and what of the files is not written, is listed. " DATA_READING_KEYS_HELP,
    .options = options,
    .n_min = 1,
    .n_max = 1000000,
    .takes_keys = true,
    .example = "mlsoap data convert run1/OUTCAR run2/vasprun.xml -o train.xyz"};

static mlsoap_status write_frames(const frame_set *set, const char *path, mlsoap_error *error)
{
    const frame **frames = MEMORY_NEW(const frame *, set->n_frames);
    if (!frames) return status_no_memory(error, set->n_frames * sizeof *frames, "the frames");
    for (size_t i = 0; i < set->n_frames; i++) frames[i] = &set->frames[i];
    mlsoap_status status = frames_write(path, frames, set->n_frames, error);
    memory_free(frames);
    return status;
}

/* What of the frames the format has no place for. */
static void warn_lost(const frame_set *set, const char *path)
{
    unsigned holds = frames_write_holds(path);
    size_t n[N_FRAME_TARGETS] = {0}, n_types = 0, n_weights = 0;
    static const char *const names[N_FRAME_TARGETS] = {"energies", "forces", "virials"};
    static const frame_content contents[N_FRAME_TARGETS] = {FRAME_ENERGY, FRAME_FORCES, FRAME_VIRIAL};
    for (size_t i = 0; i < set->n_frames; i++) {
        const frame *f = &set->frames[i];
        n[TARGET_ENERGY] += f->has_energy;
        n[TARGET_FORCES] += f->has_forces;
        n[TARGET_VIRIAL] += f->has_virial;
        n_types += strcmp(f->config_type, "default") != 0;
        n_weights += f->weight != 1;
    }
    for (int t = 0; t < N_FRAME_TARGETS; t++)
        if (n[t] > 0 && !(holds & contents[t]))
            console_warn(command.name, "%s: the format has no place for the %s of %zu frames: they are lost", path,
                         names[t], n[t]);
    if (n_types > 0 && !(holds & FRAME_CONFIG_TYPE))
        console_warn(command.name, "%s: the format has no place for the config_type of %zu frames: it is lost", path,
                     n_types);
    if (n_weights > 0 && !(holds & FRAME_CONFIG_TYPE))
        console_warn(command.name, "%s: the format has no place for the weight of %zu frames: it is lost", path,
                     n_weights);
}

/* What of the files was not read. */
static void warn_not_read(const frame_set *set)
{
    for (size_t k = 0; k < set->n_files; k++) {
        const frame_file *file = &set->files[k];
        for (char **key = file->unused_keys; key && *key; key++)
            console_warn(command.name,
                         "%s: `%s` looks like a target, is not used and not written; choose it by --data.keys",
                         file->path, *key);
        for (char **key = file->other_keys; key && *key; key++)
            console_warn(command.name, "%s: `%s` is not written: mlsoap has no use for it", file->path, *key);
    }
}

static mlsoap_status convert(data_reading *data, const arguments *a, const char *output, mlsoap_error *error)
{
    mlsoap_status status = data_reading_open(data, command.name, a, error);
    for (size_t i = 0; i < a->n_positional && !status; i++)
        status = data_reading_file(data, a->positional[i], &data->set, error);
    if (status) return status;
    for (size_t k = 0; k < data->set.n_files; k++) {
        const frame_file *file = &data->set.files[k];
        printf("%s: %zu frames, %zu atoms\n", file->path, file->n_frames, file->n_atoms);
        reading_print(file, reading_put_line, stdout);
    }
    status = write_frames(&data->set, output, error);
    if (status) return status;
    printf("%s: %zu frames\n", output, data->set.n_frames);
    warn_not_read(&data->set);
    warn_lost(&data->set, output);
    return MLSOAP_SUCCESS;
}

int data_convert_command(int argc, char **argv)
{
    arguments a;
    data_reading data = {0};
    mlsoap_error error = {0};
    int code = arguments_parse(&command, argc, argv, &a);
    if (code >= 0) return code;
    const char *output = arguments_value(&a, "output");
    size_t n = output ? strlen(output) : 0;
    if (!output)
        code = console_usage(command.name, "-o OUT is required");
    else if (n > 3 && !strcmp(output + n - 3, ".gz"))
        code = console_usage(command.name, "-o %s: packed files are read, not written; write without .gz", output);
    else
        code = convert(&data, &a, output, &error) ? console_fail(command.name, &error) : EXIT_GOOD;
    data_reading_close(&data);
    arguments_release(&a);
    return console_finish(command.name, code);
}
