/* SPDX-License-Identifier: BSD-3-Clause */
/* Do energies, forces and virials belong together? See data_checks.h. */
#include "app/doctor/data_checks.h"
#include "core/memory.h"

#include <math.h>

static const double NOISY = 0.6; /* correlation of the forces below which positions do not explain them */
static const double SURE_OF_PAIRS = 0.95;
static const double SURE_OF_A_GROUP = 0.9; /* correlation: a group is small */

static mlsoap_status judge_virials(const data_probe *probe, const char *path, check_list *list, mlsoap_error *error)
{
    char text[900];
    mlsoap_status status = MLSOAP_SUCCESS;
    if (virial_slopes_verdict(&probe->virial, text, sizeof text))
        return check_add(list, "virial", CHECK_ERROR, probe->virial.n_frames, error, "%s: %s", path, text);
    for (size_t g = 0; g < probe->n_groups && !status; g++) {
        const virial_slopes *v = &probe->groups[g].virial;
        bool sure = fabs(v->correlation[0]) >= SURE_OF_A_GROUP && fabs(v->correlation[1]) >= SURE_OF_A_GROUP;
        bool permuted = fabs(v->correlation[0]) >= SURE_OF_A_GROUP && fabs(v->correlation[1]) < 0.5;
        if ((sure || permuted) && virial_slopes_verdict(v, text, sizeof text))
            status = check_add(list, "virial_group", CHECK_WARNING, v->n_frames, error, "%s: config_type %.60s: %s",
                               path, probe->groups[g].config_type, text);
    }
    return status;
}

/* The slope of pairs of near frames, which is exact, in the place of that of the model where it means the same. */
static target_slope refined(const data_consistency *measured)
{
    target_slope slope = measured->probe.energy;
    for (size_t g = 0; g < measured->groups.n; g++) {
        const target_slope *pairs = &measured->groups.items[g].slope;
        double ratio = pairs->slope / slope.slope;
        if (pairs->correlation * slope.slope <= 0 || fabs(pairs->correlation) < SURE_OF_PAIRS || ratio < 0.7 ||
            ratio > 1.4)
            continue;
        slope.slope = pairs->slope;
        break;
    }
    return slope;
}

static mlsoap_status judge_probe(const data_consistency *measured, const char *path, check_list *list,
                                 mlsoap_error *error)
{
    char text[900];
    const data_probe *probe = &measured->probe;
    if (probe->n_frames == 0) return MLSOAP_SUCCESS;
    if (probe->force_correlation < NOISY)
        return check_add(list, "noisy_forces", CHECK_WARNING, probe->n_frames, error,
                         "%s: a linear model fitted to the forces of %zu frames explains little of them (correlation "
                         "%.2f): do forces and positions belong together?",
                         path, probe->n_frames, probe->force_correlation);
    double n_atoms = (double)probe->n_atoms / (double)probe->n_frames;
    const target_slope slope = refined(measured);
    if (energy_slope_verdict(&slope, n_atoms, text, sizeof text))
        return check_add(list, "units", CHECK_ERROR, probe->energy.n, error, "%s: %s", path, text);
    return judge_virials(probe, path, list, error);
}

/* Where a whole kind of target is wrong there is an error already, which explains pairs that contradict each other. */
static bool is_explained(const check_list *list, size_t first)
{
    for (size_t i = first; i < list->n; i++)
        if (list->items[i].severity == CHECK_ERROR) return true;
    return false;
}

static mlsoap_status judge_near_frames(const near_groups *groups, const char *path, check_list *list,
                                       mlsoap_error *error)
{
    char text[600];
    mlsoap_status status = MLSOAP_SUCCESS;
    for (size_t g = 0; g < groups->n && !status; g++)
        if (near_group_verdict(&groups->items[g], text, sizeof text))
            status =
                check_add(list, "near_frames", CHECK_WARNING, groups->items[g].slope.n, error, "%s: %s", path, text);
    return status;
}

mlsoap_status data_checks_consistency(const checked_data *data, check_list *list, data_consistency *measured,
                                      mlsoap_error *error)
{
    size_t n = data->train->n_frames;
    const frame **frames = MEMORY_NEW(const frame *, n);
    if (!frames) return status_no_memory(error, n * sizeof *frames, "the frames");
    for (size_t i = 0; i < n; i++) frames[i] = &data->train->frames[i];
    const char *path = data->train->files[0].path;
    mlsoap_status status = data_probe_run(frames, n, &measured->probe, error);
    size_t first = list->n;
    if (!status) status = near_frames_find(frames, n, &measured->groups, error);
    if (!status) status = judge_probe(measured, path, list, error);
    if (!status && !is_explained(list, first)) status = judge_near_frames(&measured->groups, path, list, error);
    memory_free(frames);
    return status;
}

void data_consistency_release(data_consistency *measured)
{
    data_probe_release(&measured->probe);
    near_groups_release(&measured->groups);
}
