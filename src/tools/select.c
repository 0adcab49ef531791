/* SPDX-License-Identifier: BSD-3-Clause */
/* `mlsoap select`: structures or environments that differ most from each other. */
#include "app/arguments.h"
#include "app/console.h"
#include "app/describe_session.h"
#include "app/select_rows.h"
#include "core/elements.h"
#include "core/parse.h"
#include "tools/tools.h"

#include <cblas.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

static const option_row options[] = {
    {"method", 0, OPTION_VALUE, "fps|cur", "farthest point sampling, or CUR (required)"},
    {"level", 0, OPTION_VALUE, "structure|environment", "what is chosen (required)"},
    {"number", 'n', OPTION_VALUE, "N", "how many; of environments: of each central element (required)"},
    {"output", 'o', OPTION_VALUE, "FILE",
     ".xyz: the chosen frames; .txt: zero-based `frame` or `frame atom` (required)"},
    {0}};

static const command_description command = {
    .name = "mlsoap select",
    .synopsis = "CONFIG.yaml|POT.mlsoap DATA --method METHOD --level LEVEL -n N -o FILE",
    .summary =
        "Chooses the most different structures of DATA, by their mean descriptor at unit length, or environments,\n"
        "by their descriptors at unit length, in order of choice. fps starts with the first one and takes the\n"
        "farthest from all before; cur takes the one with the largest weight in the leading singular vector of\n"
        "what is left. Repeats of a chosen one are never taken. Of a configuration only `elements`, `descriptors`\n"
        "and `data` (keys, ignore, units) are read; frames are written with their targets.",
    .options = options,
    .n_min = 2,
    .n_max = 2,
    .takes_keys = true,
    .example = "mlsoap select train.yaml pool.xyz --method fps --level structure -n 50 -o chosen.xyz"};

static bool is_one_of(const char *text, const char *first, const char *second)
{
    return text && (!strcmp(text, first) || !strcmp(text, second));
}

/* What is wrong with the options themselves; NULL: nothing. */
static const char *usage_fault(const arguments *a, size_t *n)
{
    const char *number = arguments_value(a, "number"), *output = arguments_value(a, "output");
    long value = 0;
    if (!is_one_of(arguments_value(a, "method"), "fps", "cur")) return "--method fps or --method cur is required";
    if (!is_one_of(arguments_value(a, "level"), "structure", "environment"))
        return "--level structure or --level environment is required";
    if (!number || parse_integer(number, strlen(number), 1, LONG_MAX, &value) != PARSE_OK)
        return "-n N is required, a whole number of 1 or more";
    if (!output || (!describe_ends_in(output, ".xyz") && !describe_ends_in(output, ".txt")))
        return "-o FILE.xyz or -o FILE.txt is required";
    if (!strcmp(a->positional[1], "-")) return "data from standard input (-) is not supported; give the name of a file";
    *n = (size_t)value;
    return NULL;
}

static void print_choice(const selected_rows *rows, const char *path, size_t n)
{
    for (int g = 0; g < rows->n_groups; g++) {
        const select_group *group = &rows->groups[g];
        if (group->n == 0) continue;
        const char *what = rows->environments ? "environments of " : "structures";
        const char *symbol = rows->environments ? element_symbol(group->species) : "";
        printf("%s: %zu of %zu %s%s\n", path, group->n_chosen, group->n, what, symbol);
        if (group->n_chosen < n)
            console_warn(command.name, "only %zu of the %zu %s%s asked for: %s", group->n_chosen, n, what, symbol,
                         group->n_chosen < group->n ? "the others repeat them" : "there are no more");
    }
}

static mlsoap_status run(describe_session *session, const arguments *a, size_t n, mlsoap_error *error)
{
    const char *output = arguments_value(a, "output");
    int environments = !strcmp(arguments_value(a, "level"), "environment");
    describe_request request = {.settings = a->positional[0],
                                .data = a->positional[1],
                                .keys = a->keys,
                                .n_keys = a->n_keys,
                                .structures_only = !describe_ends_in(output, ".xyz"),
                                .one_row_per_structure = !environments};
    selected_rows rows = {0};
    mlsoap_status status = describe_session_open(session, &request, error);
    if (status) return status;
    progress *bar = progress_begin("describing", session->set.n_frames);
    status = select_rows(&session->d, &session->set, arguments_value(a, "method"), environments, n, bar, &rows, error);
    progress_end(bar);
    if (!status) status = selected_rows_write(&rows, &session->set, output, error);
    if (!status) print_choice(&rows, output, n);
    selected_rows_release(&rows);
    return status;
}

int select_command(int argc, char **argv)
{
    arguments a;
    describe_session session = {0};
    mlsoap_error error = {0};
    size_t n = 0;
    int code = arguments_parse(&command, argc, argv, &a);
    if (code >= 0) return code;
    openblas_set_num_threads(1); /* threads are ours: one BLAS call each */
    const char *fault = usage_fault(&a, &n);
    if (fault)
        code = console_usage(command.name, "%s", fault);
    else
        code = run(&session, &a, n, &error) ? console_fail(command.name, &error) : EXIT_GOOD;
    describe_session_close(&session);
    arguments_release(&a);
    return console_finish(command.name, code);
}
