/* SPDX-License-Identifier: BSD-3-Clause */
/* `mlsoap data check`: the data doctor. */
#include "app/arguments.h"
#include "app/console.h"
#include "app/data_reading.h"
#include "app/doctor/doctor.h"
#include "app/json_file.h"
#include "core/memory.h"
#include "core/parse.h"
#include "tools/tools.h"

#include <cblas.h>
#include <stdio.h>
#include <string.h>

static const option_row options[] = {
    {"test", 0, OPTION_REPEATED, "FILE", "frames to test on: what they share with the FILES is an error"},
    {"allow", 0, OPTION_REPEATED, "NAME", "an error of this name does not count (as mlsoap train takes it)"},
    {"json", 0, OPTION_VALUE, "FILE", "write everything as JSON"},
    {"html", 0, OPTION_VALUE, "FILE", "write a page to look at (self-contained; plots by gnuplot)"},
    {0}};

static const command_description command = {
    .name = "mlsoap data check",
    .synopsis = "FILE ...",
    .summary =
        "Says what the FILES (training data) hold and what is wrong with them: targets that are not used, units,\n"
        "sign and order of the virials, repeats and symmetry equivalents, net forces, outliers, energies that\n"
        "contradict forces or virials. The same checks run before every training. Exit code 1 where there is an\n"
        "error, 0 where there are only warnings. " DATA_READING_KEYS_HELP,
    .options = options,
    .n_min = 1,
    .n_max = 1000000,
    .takes_keys = true,
    .example = "mlsoap data check train.xyz --test test.xyz --html check.html"};

static void print_files(const frame_set *set, const char *role)
{
    for (size_t k = 0; k < set->n_files; k++) {
        const frame_file *file = &set->files[k];
        printf("%s: %s, %zu frames, %zu atoms\n", role, file->path, file->n_frames, file->n_atoms);
        reading_print(file, reading_put_line, stdout);
    }
}

static mlsoap_status check(data_reading *data, frame_set *test, const arguments *a, doctor_report *report,
                           mlsoap_error *error)
{
    const char *json = arguments_value(a, "json"), *html = arguments_value(a, "html");
    mlsoap_status status = data_reading_open(data, command.name, a, error);
    for (size_t i = 0; i < a->n_positional && !status; i++)
        status = data_reading_file(data, a->positional[i], &data->set, error);
    for (size_t i = 0; i < arguments_count(a, "test") && !status; i++)
        status = data_reading_file(data, arguments_value_at(a, "test", i), test, error);
    if (status) return status;
    const checked_data checked = {.train = &data->set, .test = test};
    print_files(&data->set, "train");
    print_files(test, "test");
    status = doctor_examine(&checked, report, error);
    if (status) return status;
    doctor_print(report, stdout);
    if (json) status = json_file_write(json, report->summary, JSON_REAL_PRECISION(15), "the JSON of the check", error);
    if (html && !status) status = doctor_write_page(report, &checked, html, error);
    return status;
}

static int run(const arguments *a, mlsoap_error *error)
{
    data_reading data = {0};
    frame_set test = {0};
    doctor_report report = {0};
    size_t n = arguments_count(a, "allow");
    const char **allow = MEMORY_NEW(const char *, n + 1);
    mlsoap_status status = allow ? MLSOAP_SUCCESS : status_no_memory(error, n * sizeof *allow, "the command line");
    for (size_t i = 0; i < n && allow; i++) allow[i] = arguments_value_at(a, "allow", i);
    report.checks.allow = allow;
    if (!status) status = check(&data, &test, a, &report, error);
    int code = status ? console_fail(command.name, error) : EXIT_GOOD;
    if (!status && check_list_verdict(&report.checks, NULL)) code = EXIT_BAD_INPUT;
    doctor_report_release(&report);
    frame_set_release(&test);
    data_reading_close(&data);
    memory_free(allow);
    return code;
}

int data_check_command(int argc, char **argv)
{
    arguments a;
    mlsoap_error error = {0};
    int code = arguments_parse(&command, argc, argv, &a);
    if (code >= 0) return code;
    openblas_set_num_threads(1); /* threads are ours: one BLAS call each */
    for (size_t i = 0; i < arguments_count(&a, "allow"); i++) {
        const char *name = arguments_value_at(&a, "allow", i), *nearest = parse_nearest(name, check_error_names);
        bool known = false;
        for (size_t k = 0; check_error_names[k]; k++) known |= strcmp(check_error_names[k], name) == 0;
        if (known) continue;
        arguments_release(&a);
        return console_usage(command.name, "--allow %s: there is no error of this name%s%s", name,
                             nearest ? "; did you mean " : "", nearest ? nearest : "");
    }
    code = run(&a, &error);
    arguments_release(&a);
    return console_finish(command.name, code);
}
