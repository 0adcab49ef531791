/* SPDX-License-Identifier: BSD-3-Clause */
/* Virials of slabs, wires and molecules that their own forces refute; see data_checks.h. */
#include "app/config.h"
#include "app/doctor/data_checks.h"
#include "app/doctor/vacuum_virial.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double VACUUM_VIRIAL = 0.02; /* eV/atom: published sets that obey the law do so to 0.015 */
enum { LONGEST_OPTION = 400, ADVICE_SIZE = LONGEST_OPTION + 128 };

typedef struct refuted {
    size_t n, n_isolated;
    double largest; /* eV/atom */
    const frame *worst;
    json_t *option; /* {config_type: {virial: 0}} of all that were found */
} refuted;

static bool virial_counts(const json_t *loss, const frame *f)
{
    const json_t *factor = json_object_get(loss, "virial");
    if (json_is_number(factor) && json_number_value(factor) == 0) return false;
    return config_loss_factor(loss, f->config_type, "virial") != 0;
}

static mlsoap_status find_refuted(const frame_set *set, const json_t *loss, refuted *r, mlsoap_error *error)
{
    mlsoap_status status = MLSOAP_SUCCESS;
    for (size_t c = 0; c < set->n_frames && !status; c++) {
        const frame *f = &set->frames[c];
        double difference;
        if (!virial_counts(loss, f)) continue;
        status = vacuum_virial_difference(f, &difference, error);
        difference /= (double)f->structure.n_atoms;
        if (status || difference < 0) continue;
        r->n_isolated++;
        if (difference <= VACUUM_VIRIAL) continue;
        r->n++;
        json_object_set_new(r->option, f->config_type, json_pack("{s:i}", "virial", 0));
        if (!(difference <= r->largest)) {
            r->largest = difference;
            r->worst = f;
        }
    }
    return status;
}

/* What to do about virials that a fit uses; of those of test frames there is only to say what they are worth. The
 * words are for the shell, of JSON, which YAML reads; where they would be long, or end the quotes, the key alone. */
static void put_advice(const refuted *r, bool fitted, char text[ADVICE_SIZE])
{
    char *option = json_dumps(r->option, 0);
    bool shown = option && strlen(option) < LONGEST_OPTION && !strchr(option, '\'');
    if (!fitted)
        snprintf(text, ADVICE_SIZE, "their errors say nothing about a potential");
    else
        snprintf(
            text, ADVICE_SIZE,
            "no potential can give them and the forces: mend them, or leave them out with --loss.config_type%s%s%s",
            shown ? "='" : "", shown ? option : "", shown ? "'" : "");
    free(option);
}

static mlsoap_status check_set(const frame_set *set, const json_t *loss, const char *role, bool fitted,
                               check_list *list, mlsoap_error *error)
{
    refuted r = {.option = json_object()};
    char advice[ADVICE_SIZE];
    mlsoap_status status = set ? find_refuted(set, loss, &r, error) : MLSOAP_SUCCESS;
    if (!status && r.n > 0) {
        put_advice(&r, fitted, advice);
        status = check_add(list, "vacuum_virial", CHECK_WARNING, r.n, error,
                           "%zu of %zu %s frames with a vacuum have virials that are not derivatives of the energy "
                           "(Pulay stress?): across it they must equal sum f r, and differ by up to %.0f meV/atom "
                           "(config_type %s, frame %zu of %s); %s",
                           r.n, r.n_isolated, role, 1000 * r.largest, r.worst->config_type, r.worst->index,
                           set->files[r.worst->i_file].path, advice);
    }
    json_decref(r.option);
    return status;
}

mlsoap_status data_checks_virials(const checked_data *data, check_list *list, mlsoap_error *error)
{
    mlsoap_status status = check_set(data->train, data->loss, "training", true, list, error);
    if (!status) status = check_set(data->validation, data->loss, "validation", true, list, error);
    return status ? status : check_set(data->test, NULL, "test", false, list, error);
}
