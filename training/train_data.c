/* SPDX-License-Identifier: BSD-3-Clause */
/* Data of a training run and what is wrong with them; see train_state.h. */
#include "train_state.h"

#include "app/reading.h"
#include <string.h>

static void put_log_line(void *log, const char *line)
{
    training_log_text(log, "%s", line);
}

static void print_files(training_log *log, const frame_set *set, const char *role)
{
    for (size_t k = 0; k < set->n_files; k++) {
        const frame_file *f = &set->files[k];
        training_log_text(log, "%s: %s, %zu frames, %zu atoms", role, f->path, f->n_frames, f->n_atoms);
        reading_print(f, put_log_line, log);
    }
}

/* The elements of the configuration, or those of the data: the two must be the same set. */
static mlsoap_status settle_elements(train_state *s, mlsoap_error *error)
{
    const json_t *given = json_object_get(s->c->root, "elements");
    dataset *d = &s->data;
    if (s->from.path) {
        mlsoap_status status = origin_elements(&s->from, &d->elements, &d->n_elements, error);
        if (status) return status;
    }
    for (int e = 0; e < d->n_elements && given; e++) {
        bool found = false;
        for (size_t i = 0; i < json_array_size(given); i++)
            found |= strcmp(json_string_value(json_array_get(given, i)), element_symbol(d->elements[e])) == 0;
        if (!found)
            return schema_fail(&s->c->source, "", "elements", error, "the training data hold %s, which is not listed",
                               element_symbol(d->elements[e]));
    }
    if (given && json_array_size(given) > (size_t)d->n_elements)
        return schema_fail(&s->c->source, "", "elements", error,
                           "%zu elements are listed and the training data hold %d: nothing could be fitted for the "
                           "others",
                           json_array_size(given), d->n_elements);
    for (size_t c = 0; c < d->test.n_frames; c++)
        for (size_t i = 0; i < d->test.frames[c].structure.n_atoms; i++) {
            if (element_position(d->elements, d->n_elements, d->test.frames[c].structure.species[i]) < 0)
                return status_fail(error, MLSOAP_ERROR_SPECIES,
                                   "%s: frame %zu holds %s, which is not in the training data",
                                   d->test.files[d->test.frames[c].i_file].path, d->test.frames[c].index,
                                   element_symbol(d->test.frames[c].structure.species[i]));
        }
    return MLSOAP_SUCCESS;
}

/* "SiC.mlsoap" where no output is named. */
static mlsoap_status settle_output(train_state *s, mlsoap_error *error)
{
    char name[3 * (ELEMENT_MAX + 1) + 16] = "";
    if (json_object_get(s->c->root, "output")) return MLSOAP_SUCCESS;
    for (int e = 0; e < s->data.n_elements; e++) strcat(name, element_symbol(s->data.elements[e]));
    strcat(name, ".mlsoap");
    if (json_object_set_new(s->c->root, "output", json_string(name)))
        return status_no_memory(error, sizeof name, "the name of the output");
    return MLSOAP_SUCCESS;
}

mlsoap_status train_read_data(train_state *s, mlsoap_error *error)
{
    mlsoap_status status = MLSOAP_SUCCESS;
    if (s->options->from) status = origin_read(s->options->from, s->c, &s->from, error);
    if (!status) status = config_complete(s->c, error);
    if (!status) status = dataset_read(&s->data, s->c, error);
    if (status) return status;
    print_files(s->log, &s->data.train, "train");
    print_files(s->log, &s->data.validation_files, "validation");
    print_files(s->log, &s->data.test, "test");
    status = settle_elements(s, error);
    if (!status) status = settle_output(s, error);
    if (!status) status = dataset_split(&s->data, s->c, error);
    if (!status && s->data.n_fit == 0)
        status = status_fail(error, MLSOAP_ERROR_VALUE, "no frame is left for the fit: lower data.validation");
    if (!status && s->data.n_validation == 0 && s->options->point)
        status =
            status_fail(error, MLSOAP_ERROR_VALUE,
                        "a scan judges by validation frames, and there are none: set data.validation, such as 0.1");
    training_log_stage(s->log, "data");
    return status;
}

static mlsoap_status report_checks(train_state *s, size_t first, mlsoap_error *error)
{
    for (size_t i = first; i < s->checks.n; i++) {
        const check_finding *f = &s->checks.items[i];
        if (f->severity == CHECK_WARNING || f->allowed)
            training_log_text(s->log, "%s (%s): %s", f->allowed ? "allowed" : "warning", f->name, f->text);
    }
    return check_list_verdict(&s->checks, error);
}

mlsoap_status train_check_files(train_state *s, mlsoap_error *error)
{
    const checked_data data = {.train = &s->data.train, .validation = &s->data.validation_files, .test = &s->data.test};
    const json_t *factor = json_object_get(json_object_get(s->c->root, "loss"), "forces");
    bool wanted = !(json_is_number(factor) && json_number_value(factor) == 0);
    mlsoap_status status = data_checks_files(&data, wanted, &s->checks, error);
    return status ? status : report_checks(s, 0, error);
}

/* What would stop a fit, or spoil it; findings from `first` on are reported, those of the descriptors among them. */
mlsoap_status train_check_frames(train_state *s, size_t first, mlsoap_error *error)
{
    const dataset *d = &s->data;
    const checked_data data = {&d->train, &d->validation_files, &d->test, json_object_get(s->c->root, "loss")};
    data_consistency measured = {0};
    mlsoap_status status = data_checks_frames(&data, d->elements, d->n_elements, s->offsets, &s->checks, error);
    if (!status) status = data_checks_consistency(&data, &s->checks, &measured, error);
    data_consistency_release(&measured);
    return status ? status : report_checks(s, first, error);
}
