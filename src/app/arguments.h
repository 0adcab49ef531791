/* SPDX-License-Identifier: BSD-3-Clause */
/** @file arguments.h
 *  The command line of every program: options, `--path.to.key=VALUE` assignments of the configuration, positional
 *  arguments, --help, --version. Options and positional arguments mix; `--` ends the options. */
#ifndef MLSOAP_ARGUMENTS_H
#define MLSOAP_ARGUMENTS_H

#include <stdbool.h>
#include <stddef.h>

/** Exit codes of every program (design: section 10). */
enum { EXIT_GOOD = 0, EXIT_BAD_INPUT = 1, EXIT_USAGE = 2, EXIT_INTERRUPTED = 3 };

typedef enum option_kind {
    OPTION_FLAG,    /**< no value */
    OPTION_VALUE,   /**< one value, at most once: `--name VALUE`, `--name=VALUE`, `-n VALUE` */
    OPTION_REPEATED /**< one value each time */
} option_kind;

typedef struct option_row {
    const char *name; /**< "json" for --json; NULL ends a table */
    char letter;      /**< 'o' for -o; 0 = none */
    option_kind kind;
    const char *value;   /**< how help names the value, "FILE" */
    const char *meaning; /**< one line for help */
} option_row;

/** What a command takes; everything that --help prints. */
typedef struct command_description {
    const char *name;     /**< "mlsoap eval" */
    const char *synopsis; /**< "POT.mlsoap DATA", the positional arguments */
    const char *summary;  /**< what it does, whole lines */
    const option_row *options;
    size_t n_min, n_max; /**< positional arguments */
    bool takes_keys;     /**< --path.to.key=VALUE */
    const char *example; /**< "mlsoap eval Si.mlsoap test.xyz" */
} command_description;

/** A parsed command line; points into argv. */
typedef struct arguments {
    const command_description *command;
    const char **positional;
    size_t n_positional;
    const char **keys; /**< "path.to.key=VALUE", in order */
    size_t n_keys;
    const option_row **rows; /**< the options given, in order */
    const char **values;     /**< their values, NULL for flags */
    size_t n_options;
} arguments;

/** Parse argv[1] ... argv[argc - 1].
 *  @return -1 to go on; else the exit code of the program: EXIT_GOOD after --help or --version (printed to stdout),
 *          EXIT_USAGE after a usage error, EXIT_BAD_INPUT without memory (both printed to stderr). Nothing to release
 * then. */
int arguments_parse(const command_description *command, int argc, char **argv, arguments *a);
void arguments_release(arguments *a);

/** The (last) value of an option; NULL where it was not given. */
const char *arguments_value(const arguments *a, const char *name);
/** How often an option was given. */
size_t arguments_count(const arguments *a, const char *name);
/** Its i-th value, i < arguments_count. */
const char *arguments_value_at(const arguments *a, const char *name, size_t i);

#endif
