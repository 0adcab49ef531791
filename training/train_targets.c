/* SPDX-License-Identifier: BSD-3-Clause */
/* Targets of a training run without core and offsets; see train_state.h. */
#include "train_state.h"

#include "app/doctor/offsets.h"
#include "core/memory.h"
#include "core_range.h"

#include <math.h>
#include <string.h>

static const char *const method_names[] = {"auto", "isolated", "least_squares", "mean"}; /* offsets_method */

/* The repulsive core, and the targets that it takes a part of. */
mlsoap_status train_choose_core(train_state *s, mlsoap_error *error)
{
    dataset *d = &s->data;
    const json_t *zbl = json_object_get(s->c->root, "zbl");
    mlsoap_status status =
        training_domain_find(d->training, d->train.n_frames, d->elements, d->n_elements, &s->domain, error);
    if (status) return status;
    if (!s->terms[0].features.centers_are_atoms && json_is_object(zbl))
        return schema_fail(&s->c->source, "", "zbl", error, "needs centers that are atoms; use `zbl: none`");
    const json_t *before = s->from.path ? json_object_get(s->from.potential->description, "pair_terms") : NULL;
    if (!s->terms[0].features.centers_are_atoms || s->from.path)
        s->pair_terms = before ? json_deep_copy(before) : json_array();
    else
        status = core_range_choose(zbl, &s->domain, d->elements, d->n_elements, s->log, &s->pair_terms, error);
    for (int z = 0; z <= ELEMENT_MAX; z++) s->element_index[z] = -1;
    for (int e = 0; e < d->n_elements; e++) s->element_index[d->elements[e]] = e;
    if (!status)
        status =
            pair_core_read(&s->core, s->pair_terms, d->elements, d->n_elements, s->element_index, &s->c->source, error);
    if (!status) status = core_baseline_add(&s->baseline, &s->core, &d->train, error);
    if (!status) status = core_baseline_add(&s->baseline, &s->core, &d->validation_files, error);
    if (!status && s->baseline.n > 0)
        training_log_text(s->log, "core: it reaches %zu frames, whose targets are fitted without it", s->baseline.n);
    return status;
}

static double longest_cutoff(const train_state *s)
{
    double r_cut = 0;
    for (size_t i = 0; i < s->n_terms; i++) r_cut = fmax(r_cut, s->terms[i].features.r_cut);
    return r_cut;
}

mlsoap_status train_find_offsets(train_state *s, mlsoap_error *error)
{
    const dataset *d = &s->data;
    const json_t *value = json_object_get(s->c->root, "offsets");
    offsets_result result = {0};
    mlsoap_status status = MLSOAP_SUCCESS;
    s->offsets = MEMORY_NEW(double, (size_t)d->n_elements);
    if (!s->offsets) return status_no_memory(error, 1024, "the offsets");
    if (json_is_object(value)) {
        for (int e = 0; e < d->n_elements; e++) {
            const json_t *number = json_object_get(value, element_symbol(d->elements[e]));
            if (!json_is_number(number))
                return schema_fail(&s->c->source, "", "offsets", error, "there is no value for %s",
                                   element_symbol(d->elements[e]));
            s->offsets[e] = json_number_value(number);
        }
        status = offsets_check(d->training, d->train.n_frames, d->elements, d->n_elements, s->offsets, &result, error);
    } else {
        offsets_method method = OFFSETS_AUTO;
        for (int k = 0; k < 4; k++)
            if (strcmp(method_names[k], json_string_value(value)) == 0) method = (offsets_method)k;
        status = offsets_find(d->training, d->train.n_frames, d->elements, d->n_elements, method, longest_cutoff(s),
                              s->offsets, &result, error);
    }
    if (status) return status;
    for (int e = 0; e < d->n_elements; e++)
        training_log_text(s->log, "offset: %s %.6f eV (%s)", element_symbol(d->elements[e]), s->offsets[e],
                          json_is_object(value)               ? "as given"
                          : result.method == OFFSETS_ISOLATED ? "isolated atom"
                          : result.method == OFFSETS_MEAN     ? "mean energy per atom"
                          : result.rank < d->n_elements
                              ? "least squares, minimum norm: compositions do not determine it"
                              : "least squares");
    training_log_text(s->log, "        energies after the offsets: RMS %.4f eV/atom", result.rms);
    return MLSOAP_SUCCESS;
}
