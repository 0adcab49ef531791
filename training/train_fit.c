/* SPDX-License-Identifier: BSD-3-Clause */
/* Fits of a training run and their errors; see train_state.h. */
#include "train_state.h"

#include "app/reliability.h"
#include "calibration.h"
#include "core/clock.h"
#include "core/memory.h"
#include "learning_curve.h"
#include "scan_point.h"
#include "shared_prediction.h"

static mlsoap_status solve(train_state *s, fit_stage stage, fit_result *result, mlsoap_error *error)
{
    core_baseline_apply(&s->baseline, true);
    mlsoap_status status = s->fit->method->solve(s->fit, stage, result, error);
    core_baseline_apply(&s->baseline, false);
    return status;
}

/* Copies of the validation frames, so that their predictions are not those of the final model. */
static mlsoap_status copy_validation(train_state *s, mlsoap_error *error)
{
    const dataset *d = &s->data;
    const frame_set *origin = d->validation_files.n_frames ? &d->validation_files : &d->train;
    s->validation = (frame_set){.frames = MEMORY_NEW(frame, d->n_validation),
                                .n_frames = d->n_validation,
                                .files = origin->files,
                                .n_files = origin->n_files};
    if (!s->validation.frames) {
        s->validation.n_frames = 0;
        return status_no_memory(error, d->n_validation * sizeof(frame), "the validation frames");
    }
    for (size_t i = 0; i < d->n_validation; i++) {
        s->validation.frames[i] = *d->validation[i].source;
        s->validation.frames[i].predicted_forces = NULL;
        s->validation.frames[i].predicted_uncertainty = NULL;
        s->validation.frames[i].has_prediction = false;
    }
    return MLSOAP_SUCCESS;
}

/* Predictions of a set by a potential, and their table. */
static mlsoap_status evaluate_part(train_state *s, const mlsoap_potential *potential, frame_set *set, report_part part,
                                   const char *what, mlsoap_error *error)
{
    if (set->n_frames == 0) return MLSOAP_SUCCESS;
    mlsoap_status status = checkpoint_poll(s->checkpoint, error);
    if (!status) status = shared_prediction(s->options->ranks, potential, set, what, s->log, error);
    if (!status) status = error_table_new(set, &s->output.tables[part], error);
    if (!status) s->output.sets[part] = set;
    return status;
}

/* Calibrate by the predictions in `set`, which are those of a potential that is not calibrated. */
static mlsoap_status calibrate(train_state *s, frame_set *set, report_part part, mlsoap_error *error)
{
    mlsoap_status status = calibration_find(set, s->data.elements, s->data.n_elements, &s->calibrations, error);
    if (status) return status;
    status = calibration_apply(s->calibrations, set, error);
    if (status) return status;
    s->output.calibrated_on = report_part_names[part];
    training_log_text(s->log, "uncertainty: calibrated on the %s frames", report_part_names[part]);
    return MLSOAP_SUCCESS;
}

baselines train_baselines_of(const train_state *s, const frame_set *set)
{
    return baselines_find(set, s->data.elements, s->data.n_elements, s->offsets, baselines_mean_energy(&s->data.train));
}

/* What a scan asks of the fit for validation. */
static mlsoap_status measure_point(train_state *s, const mlsoap_potential *potential, mlsoap_error *error)
{
    scan_point *point = s->options->point;
    baselines base = train_baselines_of(s, &s->validation);
    point->seconds = clock_seconds() - s->fit_began;
    point->baseline[0] = base.composition[TARGET_ENERGY].rmse;
    point->baseline[1] = base.composition[TARGET_FORCES].rmse;
    return scan_point_measure(point, potential, &s->output.tables[REPORT_VALIDATION], &s->data.train, error);
}

mlsoap_status train_fit_validation(train_state *s, mlsoap_error *error)
{
    fit_result result;
    mlsoap_potential *partial = NULL;
    mlsoap_status status = solve(s, FIT_VALIDATION, &result, error);
    if (status) return status;
    status = train_potential(&s->problem, &result, &partial, error);
    fit_result_release(&result);
    if (!status && !s->validation.frames) status = copy_validation(s, error);
    if (!status) status = evaluate_part(s, partial, &s->validation, REPORT_VALIDATION, "validation", error);
    if (!status && s->options->point)
        status = measure_point(s, partial, error);
    else if (!status && mlsoap_potential_has_uncertainty(partial))
        status = calibrate(s, &s->validation, REPORT_VALIDATION, error);
    mlsoap_potential_free(partial);
    return status;
}

/* A point of the learning curve: RMSE on the validation frames. */
static mlsoap_status add_learning_point(train_state *s, size_t n_frames, const error_table *table, mlsoap_error *error)
{
    const error_measure *measures = table->total.measures;
    training_log_text(s->log, "learning curve: %4zu frames: energy %.3g meV/atom, forces %.4f eV/angstrom (RMSE)",
                      n_frames, measures[TARGET_ENERGY].rmse, measures[TARGET_FORCES].rmse);
    json_t *point = json_pack("{s:I, s:f, s:f}", "frames", (json_int_t)n_frames, "energy", measures[TARGET_ENERGY].rmse,
                              "forces", measures[TARGET_FORCES].rmse);
    return point && !json_array_append_new(s->learning, point) ? MLSOAP_SUCCESS
                                                               : status_no_memory(error, 256, "the learning curve");
}

enum { MOST_HALVINGS = 12 };

/* Fits to fewer frames, before the one to all of them: its predictions stay. */
mlsoap_status train_learn_from_fewer(train_state *s, mlsoap_error *error)
{
    learning_point points[MOST_HALVINGS] = {{0, NULL}};
    size_t n = 0;
    long wanted = schema_integer(json_object_get(s->c->root, "report"), "learning_curve");
    if (wanted == 0 || s->options->point) return MLSOAP_SUCCESS;
    if (s->data.n_validation == 0)
        return schema_fail(&s->c->source, "report", "learning_curve", error,
                           "needs validation frames: set data.validation, such as 0.1");
    s->learning = json_array();
    core_baseline_apply(&s->baseline, true);
    mlsoap_status status =
        learning_curve_fit(&s->problem, wanted < MOST_HALVINGS ? (int)wanted : MOST_HALVINGS, points, &n, error);
    core_baseline_apply(&s->baseline, false);
    if (!status) status = copy_validation(s, error);
    for (size_t i = 0; i < n && !status; i++) {
        error_table table = {0};
        status =
            shared_prediction(s->options->ranks, points[i].potential, &s->validation, "learning curve", s->log, error);
        if (!status) status = error_table_new(&s->validation, &table, error);
        if (!status) status = add_learning_point(s, points[i].n_frames, &table, error);
        error_table_release(&table);
    }
    for (size_t i = 0; i < n; i++) mlsoap_potential_free(points[i].potential);
    training_log_stage(s->log, "learning curve");
    return status;
}

mlsoap_status train_fit_and_evaluate(train_state *s, mlsoap_error *error)
{
    fit_result result;
    mlsoap_status status = s->data.n_validation > 0 ? train_fit_validation(s, error) : MLSOAP_SUCCESS;
    if (!status && s->learning)
        status = add_learning_point(s, s->data.n_fit, &s->output.tables[REPORT_VALIDATION], error);
    if (!status) status = solve(s, FIT_FINAL, &result, error);
    if (status) return status;
    status = train_potential(&s->problem, &result, &s->potential, error);
    s->output.loss = json_incref(result.loss);
    if (s->learning) json_object_set(result.summary, "learning_curve", s->learning);
    s->output.summary = json_incref(result.summary);
    fit_result_release(&result);
    training_log_stage(s->log, "solution");
    if (!status && s->calibrations)
        status = potential_set_calibrations(s->potential, json_incref(s->calibrations), error);
    if (!status) status = evaluate_part(s, s->potential, &s->data.train, REPORT_TRAIN, "training errors", error);
    if (!status && !s->calibrations && mlsoap_potential_has_uncertainty(s->potential)) { /* nothing was held back */
        status = calibrate(s, &s->data.train, REPORT_TRAIN, error);
        if (!status) status = potential_set_calibrations(s->potential, json_incref(s->calibrations), error);
    }
    if (!status) status = evaluate_part(s, s->potential, &s->data.test, REPORT_TEST, "test errors", error);
    training_log_stage(s->log, "evaluation");
    return status;
}
