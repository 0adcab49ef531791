/* SPDX-License-Identifier: BSD-3-Clause */
/* `mlsoap audit`: laws that a potential must obey, behavior that dynamics needs. */
#include "app/arguments.h"
#include "app/audit/audit.h"
#include "app/console.h"
#include "app/data_reading.h"
#include "app/json_file.h"
#include "tools/tools.h"

#include <cblas.h>
#include <string.h>

static const option_row options[] = {
    {"json", 0, OPTION_VALUE, "FILE", "write the verdicts as JSON"},
    {"html", 0, OPTION_VALUE, "FILE", "write a page to look at (self-contained; plots by gnuplot)"},
    {0}};

static const command_description command = {
    .name = "mlsoap audit",
    .synopsis = "POT.mlsoap [DATA]",
    .summary =
        "Tests a potential on some frames of DATA, or on crystals of its own making: energies under rotations,\n"
        "renumbering and in supercells, forces and virial against differences of energies, smoothness at the\n"
        "cutoff, repulsion of dimers and of compressed cells, drift in a short run at constant energy, and (with\n"
        "DATA) different structures that the descriptor cannot tell apart and a scan of cutoffs: would another one\n"
        "explain the forces better? Each gets a figure, a limit and pass, warn or fail; exit code 1 where any\n"
        "fails. " DATA_READING_KEYS_HELP,
    .options = options,
    .n_min = 1,
    .n_max = 2,
    .takes_keys = true,
    .example = "mlsoap audit Si.mlsoap test.xyz --html audit.html"};

static mlsoap_status write_json(const char *path, const audit_report *report, mlsoap_error *error)
{
    json_t *json = audit_report_json(report);
    mlsoap_status status = json_file_write(path, json, 0, "the JSON of the audit", error);
    json_decref(json);
    return status;
}

static mlsoap_status run(const arguments *a, data_reading *data, mlsoap_potential **potential, audit_report *report,
                         mlsoap_error *error)
{
    const char *file = a->positional[0], *json = arguments_value(a, "json"), *html = arguments_value(a, "html");
    bool has_data = a->n_positional > 1;
    mlsoap_status status = data_reading_open(data, command.name, a, error);
    if (!status) status = mlsoap_potential_read_file(file, potential, error);
    if (!status && has_data) status = data_reading_file(data, a->positional[1], &data->set, error);
    if (!status) status = audit_run(*potential, has_data ? &data->set : NULL, report, error);
    if (status) return status;
    printf("potential  %s\nidentity   %s\n\n", file, mlsoap_potential_identity(*potential));
    audit_report_print(report, stdout);
    printf("\nverdict: %s\n", audit_verdict_name(audit_report_verdict(report)));
    if (json) status = write_json(json, report, error);
    return html && !status ? audit_write_page(report, *potential, file, html, error) : status;
}

int audit_command(int argc, char **argv)
{
    arguments a;
    data_reading data = {0};
    mlsoap_potential *potential = NULL;
    audit_report report = {0};
    mlsoap_error error = {0};
    int code = arguments_parse(&command, argc, argv, &a);
    if (code >= 0) return code;
    openblas_set_num_threads(1); /* threads are ours: one BLAS call each */
    if (run(&a, &data, &potential, &report, &error))
        code = console_fail(command.name, &error);
    else
        code = audit_report_verdict(&report) == AUDIT_FAIL ? EXIT_BAD_INPUT : EXIT_GOOD;
    audit_report_release(&report);
    mlsoap_potential_free(potential);
    data_reading_close(&data);
    arguments_release(&a);
    return console_finish(command.name, code);
}
