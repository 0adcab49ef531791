/* SPDX-License-Identifier: BSD-3-Clause */
/* The program mlsoap: finds the subcommand. */
#include "app/arguments.h"
#include "app/console.h"
#include "core/parse.h"
#include "tools/tools.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *summary;
} commands[] = {
    {"train", train_command, "fit a potential to energies, forces and virials"},
    {"eval", eval_command, "errors of a potential on a data set"},
    {"info", info_command, "what a potential file holds"},
    {"check", check_command, "verify a potential file"},
    {"audit", audit_command, "laws that a potential must obey, and its behavior in dynamics"},
    {"data", data_command, "check data files, convert them"},
    {"describe", describe_command, "descriptors of structures, and their derivatives"},
    {"select", select_command, "structures or environments that differ most"},
};
enum { N_COMMANDS = sizeof commands / sizeof *commands };

static void print_help(FILE *file)
{
    fprintf(file,
            "usage: mlsoap COMMAND ...\n\nMachine-learned interatomic potentials: train, judge and inspect them.\n"
            "Energies in eV, lengths in angstrom.\n\ncommands:\n");
    for (int i = 0; i < N_COMMANDS; i++) fprintf(file, "  %-10s %s\n", commands[i].name, commands[i].summary);
    fprintf(file,
            "\n`mlsoap COMMAND --help` tells more. Exit codes: 0 good, 1 bad input or failed check, 2 wrong usage,\n"
            "3 interrupted with a checkpoint.\n\nexample:\n  mlsoap train data.xyz -o Si.mlsoap && mlsoap eval "
            "Si.mlsoap test.xyz\n");
}

static int unknown_command(const char *name)
{
    const char *names[N_COMMANDS + 1] = {NULL};
    for (int i = 0; i < N_COMMANDS; i++) names[i] = commands[i].name;
    const char *nearest = parse_nearest(name, names);
    if (nearest) return console_usage("mlsoap", "unknown command `%s`; did you mean `%s`?", name, nearest);
    return console_usage("mlsoap", "unknown command `%s`", name);
}

int main(int argc, char **argv)
{
    signal(SIGXFSZ, SIG_IGN); /* a limit on file sizes is then an error of the write, as a full disk is */
    if (argc < 2) {
        print_help(stderr);
        return EXIT_USAGE;
    }
    if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
        print_help(stdout);
        return console_finish("mlsoap", EXIT_GOOD);
    }
    if (!strcmp(argv[1], "--version")) {
        printf("mlsoap %s\n", mlsoap_version());
        return console_finish("mlsoap", EXIT_GOOD);
    }
    for (int i = 0; i < N_COMMANDS; i++)
        if (!strcmp(argv[1], commands[i].name)) return commands[i].run(argc - 1, argv + 1);
    return unknown_command(argv[1]);
}
