/* SPDX-License-Identifier: BSD-3-Clause */
/* A training run; see train_run.h. */
#include "train_run.h"

#include "app/config_terms.h"
#include "core/clock.h"
#include "core/memory.h"
#include "process_memory.h"
#include "train_state.h"

#include <omp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static void state_release(train_state *s)
{
    core_baseline_release(&s->baseline);
    pair_core_release(&s->core);
    json_decref(s->pair_terms);
    training_domain_release(&s->domain);
    for (int part = 0; part < N_REPORT_PARTS; part++) {
        if (s->output.sets[part]) error_table_release(&s->output.tables[part]);
        reliability_release(&s->output.reliability[part]);
    }
    for (size_t i = 0; i < s->validation.n_frames; i++) {
        memory_free(s->validation.frames[i].predicted_forces);
        memory_free(s->validation.frames[i].predicted_uncertainty);
    }
    json_decref(s->learning);
    json_decref(s->calibrations);
    memory_free(s->validation.frames);
    json_decref((json_t *)(uintptr_t)s->output.loss);
    json_decref((json_t *)(uintptr_t)s->output.summary);
    mlsoap_potential_free(s->potential);
    if (s->fit) s->fit->method->free(s->fit);
    checkpoint_free(s->checkpoint);
    origin_release(&s->from);
    check_list_release(&s->checks);
    memory_free(s->offsets);
    train_release_terms(s);
    for (size_t i = 0; s->descriptors && i < s->n_descriptors; i++) descriptor_free(s->descriptors[i]);
    memory_free(s->descriptors);
    memory_free(s->learned);
    dataset_release(&s->data);
    training_log_free(s->log);
}

enum { UNCERTAINTY_POINTS = 300 }; /* of `uncertainty: auto` */

/* The posteriors of several terms are correlated, often strongly and with opposite signs: the sum of their variances,
 * which is all that a potential can store, would not be that of the sum. */
static mlsoap_status uncertainty_points(const train_state *s, size_t *n, mlsoap_error *error)
{
    const json_t *root = s->c->root, *value = json_object_get(root, "uncertainty");
    bool possible = s->n_terms == 1;
    *n = 0;
    if (json_is_object(value) && !possible)
        return schema_fail(&s->c->source, "", "uncertainty", error,
                           "a model of several terms has none: their errors are correlated, and a potential stores the "
                           "variance of each alone; use `uncertainty: none`, or one term");
    if (json_is_object(value))
        *n = (size_t)schema_integer(value, "n_points");
    else if (!schema_is_none(root, "uncertainty"))
        *n = possible ? UNCERTAINTY_POINTS : 0;
    if (!possible && !schema_is_none(root, "uncertainty"))
        training_log_text(s->log, "uncertainty: none, because the errors of several terms are correlated");
    return MLSOAP_SUCCESS;
}

static mlsoap_status make_problem(train_state *s, mlsoap_error *error)
{
    s->problem = (fit_problem){.config = s->c,
                               .data = &s->data,
                               .terms = s->terms,
                               .n_terms = s->n_terms,
                               .elements = s->data.elements,
                               .n_elements = s->data.n_elements,
                               .offsets = s->offsets,
                               .pair_terms = s->pair_terms,
                               .ranks = s->options->ranks,
                               .from = s->from.path ? &s->from : NULL,
                               .log = s->log};
    s->problem.process_memory = process_memory(parallel_size(s->options->ranks));
    mlsoap_status status = config_memory(s->c, &s->problem.memory, error);
    if (!status) status = uncertainty_points(s, &s->problem.n_uncertainty, error);
    return status ? status : fit_method_of(s->c)->create(&s->problem, &s->fit, error);
}

/* The time only where that is the question: its samples would stay in the memory of the fit. */
static mlsoap_status print_forecast(const train_state *s, mlsoap_error *error)
{
    const double GiB = 1024.0 * 1024 * 1024;
    fit_forecast forecast;
    char time[32] = "";
    int n_ranks = parallel_size(s->options->ranks);
    s->fit->method->forecast(s->fit, &forecast);
    if (s->options->dry_run && forecast.bytes <= (double)s->problem.memory) {
        double seconds;
        mlsoap_status status = s->fit->method->duration(s->fit, &seconds, error);
        if (status) return status;
        snprintf(time, sizeof time, " some %.*f s,", seconds < 10, seconds);
    }
    training_log_text(
        s->log,
        "forecast: %.3g GiB of memory%s (cap %.3g GiB),%s a potential of %.2g MB; %zu frames to fit, %zu to "
        "validate",
        forecast.bytes / GiB, n_ranks > 1 ? " on each rank" : "", (double)s->problem.memory / GiB, time,
        1e-6 * forecast.file_bytes, s->data.n_fit, s->data.n_validation);
    if (n_ranks > 1) training_log_text(s->log, "ranks: %d, each with up to %d threads", n_ranks, omp_get_max_threads());
    return MLSOAP_SUCCESS;
}

static void print_baselines(train_state *s, report_part part)
{
    char text[BASELINES_TEXT];
    baselines base = train_baselines_of(s, s->output.sets[part]);
    printf("without a model (MAE): %s\n", baselines_text(&base, text));
    training_log_event(s->log, "baselines",
                       json_pack("{s:s, s:f, s:f, s:f, s:f}", "set", report_part_names[part], "energy_composition",
                                 base.composition[TARGET_ENERGY].mae, "energy_mean", base.mean_energy.mae, "forces",
                                 base.composition[TARGET_FORCES].mae, "virial", base.composition[TARGET_VIRIAL].mae));
}

/* X.triangles, of this potential. */
static mlsoap_status write_triangles(train_state *s, mlsoap_error *error)
{
    const fit_method *method = s->fit->method;
    checkpoint *file = NULL;
    const char *identity = mlsoap_potential_identity(s->potential);
    const checkpoint_part part = {(void *)(uintptr_t)identity, strlen(identity)};
    if (!method->hold || !schema_boolean(config_term(s->c->root, 0), "keep_triangles")) return MLSOAP_SUCCESS;
    mlsoap_status status = origin_triangles(schema_text(s->c->root, "output"), s->potential->description, &file, error);
    if (!status) status = method->hold(s->fit, file, error);
    if (!status) status = checkpoint_keep(file, "identity", &part, 1, error);
    if (!status) status = checkpoint_write(file, error);
    if (!status) training_log_text(s->log, "written: %s (for --from)", checkpoint_path(file));
    checkpoint_free(file);
    return status;
}

/* A warning where the uncertainties do not rank the errors of frames that the fit has not seen. */
static mlsoap_status check_uncertainty(train_state *s, mlsoap_error *error)
{
    const reliability *r = &s->output.reliability[REPORT_VALIDATION];
    const char *remark = reliability_remark(r->n, r->spearman);
    if (!remark) return MLSOAP_SUCCESS;
    mlsoap_status status =
        check_add(&s->checks, "uncertainty", CHECK_WARNING, 1, error,
                  "the rank correlation (Spearman) of uncertainties and errors of forces on the validation frames is "
                  "%.2f, %s",
                  r->spearman, remark);
    if (!status) training_log_text(s->log, "warning (uncertainty): %s", s->checks.items[s->checks.n - 1].text);
    return status;
}

static mlsoap_status write_all(train_state *s, mlsoap_error *error)
{
    static const char *const titles[N_REPORT_PARTS] = {"Training", "Validation (by the fit without these frames)",
                                                       "Test"};
    s->output.problem = &s->problem;
    s->output.potential = s->potential;
    s->output.checks = &s->checks;
    s->output.domain = &s->domain;
    s->output.command_line = s->options->command_line;
    for (int part = 0; part < N_REPORT_PARTS; part++) {
        if (!s->output.sets[part]) continue;
        json_t *table = error_table_json(&s->output.tables[part]);
        training_log_event(s->log, "errors", json_pack("{s:s, s:o}", "set", report_part_names[part], "table", table));
        printf("\n%s errors\n", titles[part]);
        error_table_print(&s->output.tables[part], stdout);
        print_baselines(s, (report_part)part);
    }
    mlsoap_status status = MLSOAP_SUCCESS;
    for (int part = 0; part < N_REPORT_PARTS && !status; part++) {
        if (!s->output.sets[part]) continue;
        status = reliability_find(s->output.sets[part], &s->output.reliability[part], error);
        if (status || part == REPORT_TRAIN || s->output.reliability[part].n == 0) continue;
        printf("\n%s\n", titles[part]);
        reliability_print(&s->output.reliability[part], stdout);
    }
    bool first_rank = parallel_rank(s->options->ranks) == 0;
    if (!status) status = check_uncertainty(s, error);
    if (!status && first_rank) status = train_output_describe(&s->output, error);
    if (!status && first_rank) status = train_output_write(&s->output, error);
    if (!status && first_rank) status = write_triangles(s, error);
    if (!status) training_log_text(s->log, "identity: %s", mlsoap_potential_identity(s->potential));
    training_log_stage(s->log, "output");
    return status;
}

static void print_times(const train_state *s)
{
    json_t *stages = training_log_stages(s->log), *seconds;
    const char *name;
    double total = 0;
    char line[512] = "";
    size_t at = 0;
    json_object_foreach(stages, name, seconds)
    {
        total += json_real_value(seconds);
        if (at < sizeof line)
            at += (size_t)snprintf(line + at, sizeof line - at, ", %s %.1f", name, json_real_value(seconds));
    }
    training_log_text(s->log, "time: %.1f s%s", total, line);
    json_decref(stages);
}

static mlsoap_status run_stages(train_state *s, mlsoap_error *error)
{
    mlsoap_status status = train_read_data(s, error);
    if (!status) status = train_check_files(s, error);
    size_t n_checks = s->checks.n;
    if (!status) status = train_build_descriptors(s, error);
    if (status || s->options->choose_only) return status;
    if (!status) status = train_choose_terms(s, error);
    if (!status) status = train_choose_core(s, error);
    core_baseline_apply(&s->baseline, true);
    if (!status) status = train_find_offsets(s, error);
    core_baseline_apply(&s->baseline, false);
    if (!status) status = train_check_frames(s, n_checks, error);
    if (!status) status = make_problem(s, error);
    if (!status) status = print_forecast(s, error);
    training_log_stage(s->log, "checks");
    if (status || s->options->dry_run) return status;
    bool found = false;
    status = s->options->point ? train_find_point(s, &found, error) : train_open_checkpoint(s, error);
    if (status || found) return status;
    s->fit_began = clock_seconds();
    core_baseline_apply(&s->baseline, true);
    status = train_learn_mixings(s, error);
    core_baseline_apply(&s->baseline, false);
    if (!status) status = train_learn_from_fewer(s, error);
    core_baseline_apply(&s->baseline, true);
    if (!status) status = s->fit->method->prepare(s->fit, error);
    core_baseline_apply(&s->baseline, false);
    if (!status && s->options->point) {
        status = train_fit_validation(s, error);
        return status ? status : train_keep_point(s, error);
    }
    if (!status) status = train_fit_and_evaluate(s, error);
    if (!status) status = write_all(s, error);
    if (status) return status;
    if (parallel_rank(s->options->ranks) == 0) checkpoint_remove(s->checkpoint);
    print_times(s);
    return status;
}

mlsoap_status train_run(config *c, const train_options *options, mlsoap_error *error)
{
    train_state s = {.c = c, .options = options, .checks = {.allow = options->allow}};
    s.log = options->point ? NULL : training_log_new(); /* NULL: silent */
    if (!s.log && !options->point) return status_no_memory(error, 1024, "the log");
    mlsoap_status status = run_stages(&s, error);
    if (status && error) training_log_event(s.log, "error", json_pack("{s:s}", "message", error->message));
    state_release(&s);
    return status;
}
