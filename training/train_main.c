/* SPDX-License-Identifier: BSD-3-Clause */
/* The program mlsoap-train, also reached as `mlsoap train`: from DFT data to a potential. */
#include "app/arguments.h"
#include "app/console.h"
#include "app/doctor/data_checks.h"
#include "core/file.h"
#include "core/memory.h"
#include "core/parse.h"
#include "preset.h"
#include "scan.h"
#include "train_init.h"
#include "train_run.h"

#include <cblas.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const option_row options[] = {
    {"output", 'o', OPTION_VALUE, "X.mlsoap", "potential to write (default: the elements, such as Si.mlsoap)"},
    {"test", 0, OPTION_REPEATED, "FILE", "frames to test on, read once, at the end"},
    {"validation", 0, OPTION_VALUE, "FILE|FRACTION",
     "frames, or the fraction of the training frames, to validate on (0.1)"},
    {"preset", 0, OPTION_VALUE, "fast|accurate",
     "the wanted end of the plot of error over cost; keys that are given come first"},
    {"scan", 0, OPTION_REPEATED, "key=a,b,c",
     "fit each value (several: each combination), judge by validation; X.scan.html"},
    {"from", 0, OPTION_VALUE, "X.mlsoap",
     "train X further on DATA: networks from their weights, others by folding DATA into X.triangles"},
    {"allow", 0, OPTION_REPEATED, "NAME",
     "go on in spite of an error of the data: unused_target, no_forces, virial, train_test"},
    {"dry-run", 0, OPTION_FLAG, NULL, "read and check the data, forecast memory and time, write nothing"},
    {"init", 0, OPTION_FLAG, NULL,
     "write a commented configuration, with a descriptor chosen from DATA, to train.yaml, and nothing else"},
    {"resume", 0, OPTION_FLAG, NULL,
     "go on from X.ckpt (--scan: X.scan.ckpt) of a stopped or killed run, to the same potential; begin without one"},
    {0}};

static const command_description command = {
    .name = "mlsoap train",
    .synopsis = "DATA ... | CONFIG.yaml",
    .summary = "Fits a potential to energies, forces and virials. DATA are extxyz files (also .gz); without a\n"
               "configuration all settings are chosen from the data and written to X.config.yaml.\n"
               "Writes X.mlsoap (the potential), X.report.html, X.parity.csv, X.log.jsonl and X.config.yaml.\n"
               "SIGINT (Ctrl-C), SIGTERM: write X.ckpt and stop with exit code 3 (once more: stop at once);\n"
               "SIGUSR1: write X.ckpt and go on. The same command with --resume goes on from it.\n"
               "--scan: X.scan.ckpt gets every fit as it is done; SIGINT, SIGTERM stop it, SIGUSR1 does nothing.\n"
               "Threads: OMP_NUM_THREADS; ranks: mpirun -np N mlsoap train ... (the result depends on neither).",
    .options = options,
    .n_min = 0,
    .n_max = 1000000,
    .takes_keys = true,
    .example = "mlsoap train train.xyz --test test.xyz -o Si.mlsoap --model.n_sparse=2000"};

/* What the signals have asked for. */
static volatile sig_atomic_t stop_wanted, n_checkpoints_wanted;

/* The second signal to stop ends the program as if nobody caught it. */
static void catch_signal(int number)
{
    if (number == SIGUSR1) {
        n_checkpoints_wanted++;
        return;
    }
    stop_wanted = 1;
    signal(number, SIG_DFL);
}

static void catch_signals(void)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGUSR1};
    struct sigaction action = {.sa_handler = catch_signal, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) sigaction(numbers[i], &action, NULL);
    signal(SIGXFSZ, SIG_IGN); /* a limit on file sizes is then an error of the write, as a full disk is */
}

static long checkpoints_wanted(void *context)
{
    (void)context;
    return stop_wanted ? -1 : n_checkpoints_wanted;
}

static bool is_config_file(const char *path)
{
    const char *dot = strrchr(path, '.');
    return dot && (text_equal_no_case(dot, ".yaml") || text_equal_no_case(dot, ".yml"));
}

/* Set data.KEY, making `data` where it is absent. */
static mlsoap_status set_data(config *c, const char *key, json_t *value, mlsoap_error *error)
{
    json_t *data = json_object_get(c->root, "data");
    if (!data && !json_object_set_new(c->root, "data", json_object())) data = json_object_get(c->root, "data");
    if (data && !json_is_object(data)) {
        json_decref(value);
        return schema_fail(&c->source, "", "data", error, "data must be a mapping");
    }
    if (!data || !value || json_object_set_new(data, key, value))
        return status_no_memory(error, 256, "the configuration");
    return MLSOAP_SUCCESS;
}

static json_t *text_list(const char *const *texts, size_t n)
{
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++) json_array_append_new(list, json_string(texts[i]));
    return list;
}

static mlsoap_status set_validation(config *c, const char *text, mlsoap_error *error)
{
    double fraction;
    bool number = parse_real(text, strlen(text), &fraction) == PARSE_OK;
    return set_data(c, "validation", number ? json_real(fraction) : text_list(&text, 1), error);
}

/* Configuration = file, then data of the command line, then its keys, then those of a point of a scan; the preset fills
 * what is left. */
static mlsoap_status make_config(const void *context, const char *const *assignments, size_t n, config *c,
                                 mlsoap_error *error)
{
    const arguments *a = context;
    bool from_file = a->n_positional == 1 && is_config_file(a->positional[0]);
    size_t n_test = arguments_count(a, "test");
    const char *validation = arguments_value(a, "validation"), *output = arguments_value(a, "output"),
               *preset = arguments_value(a, "preset");
    mlsoap_status status = config_read(from_file ? a->positional[0] : NULL, c, error);
    if (!status && !from_file && a->n_positional > 0)
        status = set_data(c, "train", text_list(a->positional, a->n_positional), error);
    if (!status && n_test > 0) {
        json_t *list = json_array();
        for (size_t i = 0; i < n_test; i++) json_array_append_new(list, json_string(arguments_value_at(a, "test", i)));
        status = set_data(c, "test", list, error);
    }
    if (!status && validation) status = set_validation(c, validation, error);
    if (!status && output && json_object_set_new(c->root, "output", json_string(output)))
        status = status_no_memory(error, 256, "the configuration");
    for (size_t i = 0; i < a->n_keys && !status; i++) status = config_set(c, a->keys[i], error);
    for (size_t i = 0; i < n && !status; i++) status = config_set(c, assignments[i], error);
    return preset && !status ? preset_apply(c->root, preset, error) : status;
}

static int check_usage(const arguments *a)
{
    for (size_t i = 0; i < arguments_count(a, "allow"); i++) {
        const char *name = arguments_value_at(a, "allow", i), *near = parse_nearest(name, check_error_names);
        bool known = false;
        for (size_t k = 0; check_error_names[k]; k++) known |= strcmp(check_error_names[k], name) == 0;
        if (!known)
            return console_usage(command.name,
                                 "--allow %s: there is no error of this name%s%s; there are units, unused_target, "
                                 "no_forces, virial, train_test",
                                 name, near ? "; did you mean " : "", near ? near : "");
    }
    if (arguments_value(a, "from") && arguments_count(a, "scan"))
        return console_usage(command.name, "--scan compares fits that begin anew; leave --from away");
    for (size_t i = 0; i < a->n_positional; i++)
        if (is_config_file(a->positional[i]) && a->n_positional > 1)
            return console_usage(command.name, "a configuration (%s) stands alone: name the data inside it",
                                 a->positional[i]);
    const char *preset = arguments_value(a, "preset");
    if (preset && !preset_is_known(preset))
        return console_usage(command.name, "--preset %s: there are fast and accurate", preset);
    if (arguments_count(a, "scan") && (arguments_count(a, "init") || arguments_count(a, "dry-run")))
        return console_usage(command.name, "--scan stands alone: without --init and --dry-run");
    if (a->n_positional == 0 && !arguments_count(a, "init"))
        return console_usage(command.name, "name the data or a configuration");
    return EXIT_GOOD;
}

/* What the data decide, beside what the user said: descriptors, elements, output. */
static mlsoap_status choose_settings(config *c, const train_options *run_options, json_t *said, mlsoap_error *error)
{
    static const char *const chosen[] = {"elements", "descriptors", "output"};
    mlsoap_status status = train_run(c, run_options, error);
    for (int i = 0; i < 3 && !status; i++)
        if (json_object_set(said, chosen[i], json_object_get(c->root, chosen[i])))
            status = status_no_memory(error, 256, "the configuration");
    return status;
}

static mlsoap_status write_init(config *c, const train_options *run_options, mlsoap_error *error)
{
    static const char path[] = "train.yaml";
    if (access(path, F_OK) == 0)
        return status_fail_at(error, MLSOAP_ERROR_FILE, path, 0, "the file exists; remove it first");
    config said = {.root = json_deep_copy(c->root)};
    mlsoap_status status = said.root ? MLSOAP_SUCCESS : status_no_memory(error, 4096, "the configuration");
    if (!status && json_object_get(json_object_get(c->root, "data"), "train"))
        status = choose_settings(c, run_options, said.root, error);
    char *text = status ? NULL : train_init_text(&said);
    json_decref(said.root);
    if (!status && !text) status = status_no_memory(error, 4096, "the configuration");
    if (!status) status = file_write(path, text, strlen(text), error);
    memory_free(text);
    if (!status) printf("%s: written; edit it, then run: mlsoap train %s\n", path, path);
    return status;
}

/* The command line as one text, for provenance. */
static char *join_command_line(int argc, char **argv)
{
    size_t n = sizeof "mlsoap train";
    for (int i = 1; i < argc; i++) n += strlen(argv[i]) + 1;
    char *text = MEMORY_NEW(char, n);
    if (!text) return NULL;
    strcpy(text, "mlsoap train");
    for (int i = 1; i < argc; i++) strcat(strcat(text, " "), argv[i]);
    return text;
}

static mlsoap_status run_scan(const arguments *a, const train_options *run_options, mlsoap_error *error)
{
    size_t n = arguments_count(a, "scan");
    const char **scans = MEMORY_NEW(const char *, n);
    for (size_t i = 0; i < n && scans; i++) scans[i] = arguments_value_at(a, "scan", i);
    mlsoap_status status = scans ? scan_run(scans, n, make_config, a, run_options, error)
                                 : status_no_memory(error, n * sizeof *scans, "a scan");
    memory_free(scans);
    return status;
}

static mlsoap_status run(const arguments *a, int argc, char **argv, parallel *ranks, mlsoap_error *error)
{
    config c = {0};
    size_t n_allowed = arguments_count(a, "allow");
    const char **allow = MEMORY_NEW(const char *, n_allowed + 1);
    char *command_line = join_command_line(argc, argv);
    mlsoap_status status = MLSOAP_SUCCESS;
    if (!allow || !command_line) status = status_no_memory(error, 256, "the command line");
    for (size_t i = 0; i < n_allowed && !status; i++) allow[i] = arguments_value_at(a, "allow", i);
    size_t n_scans = arguments_count(a, "scan");
    bool init = arguments_count(a, "init") > 0;
    if (!status && n_scans == 0) status = make_config(a, NULL, 0, &c, error);
    train_options run_options = {.allow = allow,
                                 .command_line = command_line,
                                 .choose_only = init,
                                 .dry_run = arguments_count(a, "dry-run") > 0,
                                 .from = arguments_value(a, "from"),
                                 .resume = arguments_count(a, "resume") > 0,
                                 .ask = checkpoints_wanted,
                                 .ranks = init ? NULL : ranks}; /* one rank writes the file of --init */
    if (!init && !run_options.dry_run) catch_signals();
    if (!status && n_scans)
        status = run_scan(a, &run_options, error);
    else if (!status && !init)
        status = train_run(&c, &run_options, error);
    else if (!status && parallel_rank(ranks) == 0)
        status = write_init(&c, &run_options, error);
    config_release(&c);
    memory_free(allow);
    memory_free(command_line);
    return status;
}

int main(int argc, char **argv)
{
    arguments a;
    mlsoap_error error = {0};
    parallel *ranks;
    openblas_set_num_threads(1); /* threads are ours: one BLAS call each */
    if (parallel_start(&ranks, &error)) return console_fail(command.name, &error);
    int code = arguments_parse(&command, argc, argv, &a);
    if (code < 0) {
        code = check_usage(&a);
        if (code == EXIT_GOOD && parallel_meet(ranks, run(&a, argc, argv, ranks, &error), &error))
            code = console_fail(command.name, &error);
        arguments_release(&a);
    }
    code = console_finish(command.name, code);
    parallel_end(ranks);
    return code;
}
