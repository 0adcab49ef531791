/* SPDX-License-Identifier: BSD-3-Clause */
/* `mlsoap check`: is a potential file whole, and does it give the numbers that it was written with? */
#include "app/arguments.h"
#include "app/console.h"
#include "potential/potential.h"
#include "tools/tools.h"

#include <stdio.h>

static const option_row options[] = {{0}};

static const command_description command = {
    .name = "mlsoap check",
    .synopsis = "POT.mlsoap",
    .summary =
        "Verifies a potential file: form, checksums, identity (SHA-256), and the energies, forces and virials of\n"
        "the golden frames stored in it. Exit code 1 where anything deviates.",
    .options = options,
    .n_min = 1,
    .n_max = 1,
    .example = "mlsoap check Si.mlsoap"};

static mlsoap_status check_potential(const char *path, mlsoap_error *error)
{
    mlsoap_potential *potential;
    double force = 0;
    mlsoap_status status = mlsoap_potential_read_file(path, &potential, error);
    if (status) return status;
    status = mlsoap_potential_check(potential, &force, error);
    if (status)
        status_prefix(error, status, "%s", path);
    else
        printf("%s: good\n  identity       %s\n  golden frames  %zu, forces within %.1e eV/angstrom\n", path,
               mlsoap_potential_identity(potential), json_array_size(json_object_get(potential->description, "golden")),
               force);
    mlsoap_potential_free(potential);
    return status;
}

int check_command(int argc, char **argv)
{
    arguments a;
    mlsoap_error error = {0};
    int code = arguments_parse(&command, argc, argv, &a);
    if (code >= 0) return code;
    code = check_potential(a.positional[0], &error) ? console_fail(command.name, &error) : EXIT_GOOD;
    arguments_release(&a);
    return console_finish(command.name, code);
}
