/* SPDX-License-Identifier: BSD-3-Clause */
/* `mlsoap eval`: errors of a potential on a data set, per config_type and in total. */
#include "app/arguments.h"
#include "app/console.h"
#include "app/data_reading.h"
#include "app/eval_output.h"
#include "app/predict.h"
#include "app/reliability.h"
#include "tools/tools.h"

#include <stdio.h>
#include <string.h>

static const option_row options[] = {
    {"json", 0, OPTION_VALUE, "FILE", "write the table as JSON"},
    {"csv", 0, OPTION_VALUE, "FILE", "write references and predictions (energies and virials per atom)"},
    {"predictions", 0, OPTION_VALUE, "FILE.xyz",
     "write the frames with mlsoap_energy, mlsoap_forces, mlsoap_virial, mlsoap_uncertainty"},
    {0}};

static const command_description command = {
    .name = "mlsoap eval",
    .synopsis = "POT.mlsoap DATA",
    .summary =
        "Predicts energies, forces and virials of the frames of DATA and prints the errors against the targets\n"
        "in it, per config_type and in total: N, MAE, RMSE and maximum of energies (meV/atom), force components\n"
        "(eV/angstrom) and the six components of the virial (meV/atom). DATA need not carry any target.\n"
        "Where the potential stores an uncertainty, its reliability: errors of atoms by ascending "
        "uncertainty.\n" DATA_READING_KEYS_HELP,
    .options = options,
    .n_min = 2,
    .n_max = 2,
    .takes_keys = true,
    .example = "mlsoap eval Si.mlsoap test.xyz --json errors.json --predictions predicted.xyz"};

/* Everything that one run holds. */
typedef struct evaluation {
    data_reading data;
    mlsoap_potential *potential;
    error_table table;
    reliability reliability;
} evaluation;

static void print_head(const evaluation *e, const char *potential_file)
{
    static const char *const names[N_FRAME_TARGETS] = {"energies", "force components", "virial components"};
    const frame_file *file = &e->data.set.files[0];
    printf("potential  %s\nidentity   %s\ndata       %s: %zu frames, %zu atoms\n", potential_file,
           mlsoap_potential_identity(e->potential), file->path, file->n_frames, file->n_atoms);
    for (int t = 0; t < N_FRAME_TARGETS; t++)
        if (file->targets[t].key)
            printf("           %zu %s from `%s`\n", file->targets[t].n_numbers, names[t], file->targets[t].key);
    if (file->length_unit)
        printf("           lengths in %s and energies in %s (the file states no units: data.units)\n",
               file->length_unit, file->energy_unit);
    printf("\n");
    for (char **key = file->unused_keys; key && *key; key++)
        console_warn(command.name, "%s: the key `%s` looks like a target and is not used; choose it by --data.keys",
                     file->path, *key);
}

static mlsoap_status evaluate(evaluation *e, const arguments *a, mlsoap_error *error)
{
    mlsoap_status status = data_reading_open(&e->data, "eval", a, error);
    if (!status) status = mlsoap_potential_read_file(a->positional[0], &e->potential, error);
    if (!status) status = data_reading_file(&e->data, a->positional[1], &e->data.set, error);
    if (status) return status;
    progress *bar = progress_begin("evaluating", e->data.set.n_frames);
    status = predict_frames(e->potential, &e->data.set, bar, error);
    progress_end(bar);
    if (!status) status = error_table_new(&e->data.set, &e->table, error);
    return status ? status : reliability_find(&e->data.set, &e->reliability, error);
}

static mlsoap_status write_files(const evaluation *e, const arguments *a, mlsoap_error *error)
{
    const char *json = arguments_value(a, "json"), *csv = arguments_value(a, "csv");
    const char *predictions = arguments_value(a, "predictions");
    mlsoap_status status = MLSOAP_SUCCESS;
    if (json)
        status = eval_write_json(json, a->positional[0], e->potential, &e->data.set, &e->table, &e->reliability, error);
    if (!status && csv) status = eval_write_csv(csv, &e->data.set, error);
    if (!status && predictions) status = eval_write_predictions(predictions, &e->data.set, error);
    return status;
}

int eval_command(int argc, char **argv)
{
    arguments a;
    evaluation e = {0};
    mlsoap_error error = {0};
    int code = arguments_parse(&command, argc, argv, &a);
    if (code >= 0) return code;
    if (!strcmp(a.positional[1], "-")) {
        arguments_release(&a);
        return console_usage(command.name, "data from standard input (-) is not supported; give the name of a file");
    }
    mlsoap_status status = evaluate(&e, &a, &error);
    if (!status) {
        print_head(&e, a.positional[0]);
        error_table_print(&e.table, stdout);
        reliability_print(&e.reliability, stdout);
        status = write_files(&e, &a, &error);
    }
    code = status ? console_fail(command.name, &error) : EXIT_GOOD;
    error_table_release(&e.table);
    reliability_release(&e.reliability);
    mlsoap_potential_free(e.potential);
    data_reading_close(&e.data);
    arguments_release(&a);
    return console_finish(command.name, code);
}
