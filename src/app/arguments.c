/* SPDX-License-Identifier: BSD-3-Clause */
/* The command line; see arguments.h. */
#include "app/arguments.h"

#include "app/console.h"
#include "core/memory.h"
#include "core/parse.h"

#include <stdio.h>
#include <string.h>

enum { OPTIONS_MAX = 64, NAME_SIZE = 128 };

static void print_option(const option_row *row)
{
    char left[NAME_SIZE];
    bool has_value = row->kind != OPTION_FLAG;
    if (!row->name[0] || (row->letter && !row->name[1]))
        snprintf(left, sizeof left, "-%c%s%s", row->letter, has_value ? " " : "", has_value ? row->value : "");
    else if (row->letter)
        snprintf(left, sizeof left, "-%c, --%s%s%s", row->letter, row->name, has_value ? " " : "",
                 has_value ? row->value : "");
    else
        snprintf(left, sizeof left, "--%s%s%s", row->name, has_value ? " " : "", has_value ? row->value : "");
    if (strlen(left) > 28) printf("  %s\n", left); /* the meaning goes to a line of its own */
    printf("  %-28s %s%s\n", strlen(left) > 28 ? "" : left, row->meaning,
           row->kind == OPTION_REPEATED ? " (may be repeated)" : "");
}

static void print_help(const command_description *c)
{
    printf("usage: %s %s [options]%s\n\n%s\n\noptions:\n", c->name, c->synopsis,
           c->takes_keys ? " [--path.to.key=VALUE ...]" : "", c->summary);
    for (const option_row *row = c->options; row->name; row++) print_option(row);
    if (c->takes_keys) printf("  %-28s %s\n", "--path.to.key=VALUE", "a key of the configuration, VALUE as in YAML");
    printf("  %-28s %s\n  %-28s %s\n\nexample:\n  %s\n", "-h, --help", "print this", "--version", "print the version",
           c->example);
}

static bool append(const char ***list, size_t *n, const char *text)
{
    size_t capacity = *n;
    if (!MEMORY_RESERVE(list, &capacity, *n + 1)) return false;
    (*list)[(*n)++] = text;
    return true;
}

static bool append_option(arguments *a, const option_row *row, const char *value)
{
    size_t n_rows = a->n_options, capacity = a->n_options;
    if (!MEMORY_RESERVE(&a->rows, &capacity, n_rows + 1)) return false;
    a->rows[n_rows] = row;
    return append(&a->values, &a->n_options, value);
}

static const option_row *find_option(const command_description *c, const char *name, size_t n)
{
    for (const option_row *row = c->options; row->name; row++)
        if (strlen(row->name) == n && !memcmp(row->name, name, n)) return row;
    return NULL;
}

static int no_memory(const arguments *a)
{
    mlsoap_error error;
    status_no_memory(&error, sizeof(void *), "the command line");
    return console_fail(a->command->name, &error);
}

/* Options that are given once only, and values that look like a forgotten value. */
static int take_option(arguments *a, const option_row *row, const char *shown, const char *value, bool is_attached)
{
    const char *name = a->command->name;
    if (row->kind == OPTION_FLAG && is_attached) return console_usage(name, "%s takes no value", shown);
    if (row->kind != OPTION_FLAG && (!value || !value[0] || (!is_attached && !strncmp(value, "--", 2))))
        return console_usage(name, "%s needs a value: %s %s", shown, shown, row->value);
    if (row->kind == OPTION_VALUE && arguments_count(a, row->name) > 0)
        return console_usage(name, "%s is given twice", shown);
    return append_option(a, row, row->kind == OPTION_FLAG ? NULL : value) ? -1 : no_memory(a);
}

static int unknown_option(const arguments *a, const char *text, size_t n)
{
    const command_description *c = a->command;
    const char *names[OPTIONS_MAX + 3] = {"help", "version"};
    char name[NAME_SIZE];
    size_t n_names = 2;
    for (const option_row *row = c->options; row->name && n_names < OPTIONS_MAX + 2; row++)
        names[n_names++] = row->name;
    snprintf(name, sizeof name, "%.*s", (int)(n < NAME_SIZE ? n : NAME_SIZE), text);
    const char *nearest = parse_nearest(name, names);
    if (nearest) return console_usage(c->name, "unknown option --%s; did you mean --%s?", name, nearest);
    if (c->takes_keys)
        return console_usage(c->name, "unknown option --%s; keys of the configuration are given as --%s=VALUE", name,
                             name);
    return console_usage(c->name, "unknown option --%s", name);
}

/* `--name`, `--name=VALUE`, `--name VALUE`, `--path.to.key=VALUE`. *used counts the arguments taken. */
static int take_long(arguments *a, int n_left, char **left, int *used)
{
    const char *text = left[0] + 2, *equals = strchr(text, '=');
    size_t n = equals ? (size_t)(equals - text) : strlen(text);
    char shown[NAME_SIZE];
    const option_row *row = find_option(a->command, text, n);
    *used = 1;
    if (!row && equals && a->command->takes_keys) return append(&a->keys, &a->n_keys, text) ? -1 : no_memory(a);
    if (!row) return unknown_option(a, text, n);
    snprintf(shown, sizeof shown, "--%s", row->name);
    if (equals) return take_option(a, row, shown, equals + 1, true);
    if (row->kind != OPTION_FLAG) *used = 2;
    return take_option(a, row, shown, n_left > 1 ? left[1] : NULL, false);
}

/* `-o VALUE`, `-oVALUE`, `-f`. */
static int take_short(arguments *a, int n_left, char **left, int *used)
{
    const char *text = left[0] + 1;
    char shown[3] = {'-', text[0], '\0'};
    *used = 1;
    for (const option_row *row = a->command->options; row->name; row++) {
        if (!row->letter || row->letter != text[0]) continue;
        if (text[1]) return take_option(a, row, shown, text + 1, true);
        if (row->kind != OPTION_FLAG) *used = 2;
        return take_option(a, row, shown, n_left > 1 ? left[1] : NULL, false);
    }
    return console_usage(a->command->name, "unknown option %s", shown);
}

static int parse_all(arguments *a, int argc, char **argv)
{
    bool options_end = false;
    for (int i = 1, used; i < argc; i += used) {
        int code = -1;
        used = 1;
        if (!options_end && !strcmp(argv[i], "--")) {
            options_end = true;
        } else if (!options_end && !strncmp(argv[i], "--", 2)) {
            code = take_long(a, argc - i, argv + i, &used);
        } else if (!options_end && argv[i][0] == '-' && argv[i][1]) {
            code = take_short(a, argc - i, argv + i, &used);
        } else if (!append(&a->positional, &a->n_positional, argv[i])) {
            code = no_memory(a);
        }
        if (code >= 0) return code;
    }
    const command_description *c = a->command;
    if (a->n_positional < c->n_min) return console_usage(c->name, "too few arguments; it takes %s", c->synopsis);
    if (a->n_positional > c->n_max)
        return console_usage(c->name, "unexpected argument `%s`; it takes %s", a->positional[c->n_max], c->synopsis);
    return -1;
}

/* Help and version are served whatever else is wrong with the line. */
static bool asks_for(int argc, char **argv, const char *long_name, const char *short_name)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--"); i++)
        if (!strcmp(argv[i], long_name) || (short_name && !strcmp(argv[i], short_name))) return true;
    return false;
}

int arguments_parse(const command_description *command, int argc, char **argv, arguments *a)
{
    *a = (arguments){.command = command};
    if (asks_for(argc, argv, "--help", "-h")) {
        print_help(command);
        return console_finish(command->name, EXIT_GOOD);
    }
    if (asks_for(argc, argv, "--version", NULL)) {
        printf("mlsoap %s\n", mlsoap_version());
        return console_finish(command->name, EXIT_GOOD);
    }
    int code = parse_all(a, argc, argv);
    if (code >= 0) arguments_release(a);
    return code;
}

void arguments_release(arguments *a)
{
    memory_free(a->positional);
    memory_free(a->keys);
    memory_free(a->rows);
    memory_free(a->values);
    *a = (arguments){0};
}

size_t arguments_count(const arguments *a, const char *name)
{
    size_t n = 0;
    for (size_t i = 0; i < a->n_options; i++)
        if (!strcmp(a->rows[i]->name, name)) n++;
    return n;
}

const char *arguments_value_at(const arguments *a, const char *name, size_t i)
{
    for (size_t k = 0; k < a->n_options; k++)
        if (!strcmp(a->rows[k]->name, name) && i-- == 0) return a->values[k];
    return NULL;
}

const char *arguments_value(const arguments *a, const char *name)
{
    size_t n = arguments_count(a, name);
    return n > 0 ? arguments_value_at(a, name, n - 1) : NULL;
}
