/* SPDX-License-Identifier: BSD-3-Clause */
/* `mlsoap data`: finds its subcommand. */
#include "app/arguments.h"
#include "app/console.h"
#include "core/parse.h"
#include "tools/tools.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *summary;
} commands[] = {
    {"check", data_check_command, "what data files hold and what is wrong with them"},
    {"convert", data_convert_command, "write the frames of data files in another format"},
};
enum { N_COMMANDS = sizeof commands / sizeof *commands };

static void print_help(FILE *file)
{
    fprintf(file, "usage: mlsoap data COMMAND FILE ...\n\nData files: what is in them and what is wrong with them.\n"
                  "Formats that are read: extxyz, POSCAR, XDATCAR, CIF, OUTCAR, vasprun.xml, RuNNer input.data; all of "
                  "them also .gz.\n\ncommands:\n");
    for (int i = 0; i < N_COMMANDS; i++) fprintf(file, "  %-10s %s\n", commands[i].name, commands[i].summary);
    fprintf(file, "\nexample:\n  mlsoap data check train.xyz --test test.xyz --html check.html\n  mlsoap data convert "
                  "OUTCAR -o train.xyz\n");
}

int data_command(int argc, char **argv)
{
    if (argc < 2) {
        print_help(stderr);
        return EXIT_USAGE;
    }
    if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
        print_help(stdout);
        return console_finish("mlsoap data", EXIT_GOOD);
    }
    if (!strcmp(argv[1], "--version")) {
        printf("mlsoap %s\n", mlsoap_version());
        return console_finish("mlsoap data", EXIT_GOOD);
    }
    const char *names[N_COMMANDS + 1] = {NULL};
    for (int i = 0; i < N_COMMANDS; i++) {
        if (!strcmp(argv[1], commands[i].name)) return commands[i].run(argc - 1, argv + 1);
        names[i] = commands[i].name;
    }
    const char *nearest = parse_nearest(argv[1], names);
    return nearest ? console_usage("mlsoap data", "unknown command `%s`; did you mean `%s`?", argv[1], nearest)
                   : console_usage("mlsoap data", "unknown command `%s`", argv[1]);
}
