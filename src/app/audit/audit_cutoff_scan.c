/* SPDX-License-Identifier: BSD-3-Clause */
/* Would another cutoff explain the forces of the data better? A small linear model is fitted to half of a sample of the
 * frames at cutoffs around that of the potential; the error on the other half tells what lies beyond a cutoff. The best
 * such models are still crude, so that this is advice and never a failure. See audit_parts.h. */
#include "app/audit/audit_parts.h"
#include "app/doctor/data_probe.h"
#include "core/memory.h"

#include <math.h>

static const double FACTORS[] = {0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.25, 1.4}; /* of the cutoff of the potential */
enum { N_FACTORS = sizeof FACTORS / sizeof *FACTORS, OWN = 5 };
static const double SHORTEST = 2.5, LONGEST = 9; /* Angstrom */
static const double GAIN = 0.1;                  /* of the error: what a longer cutoff may gain */
static const double ENOUGH = 0.03;               /* of the error: a cutoff with no more than this above is as good */

typedef struct scan {
    double r[N_FACTORS], rmse[N_FACTORS], n_neighbors[N_FACTORS];
    size_t n, own, n_atoms; /* own: index of the cutoff of the potential */
} scan;

static mlsoap_status run_scan(const audit *a, const frame *const *frames, scan *s, mlsoap_error *error)
{
    for (size_t k = 0; k < N_FACTORS; k++) {
        double r = FACTORS[k] * a->potential->r_cut;
        probe_forces found;
        if (k != OWN && (r < SHORTEST || r > LONGEST)) continue;
        mlsoap_status status = data_probe_forces(frames, a->data->n_frames, r, &found, error);
        if (status || found.n_atoms == 0) return status;
        if (k == OWN) s->own = s->n;
        s->n_atoms = found.n_atoms;
        s->r[s->n] = r;
        s->rmse[s->n] = found.rmse;
        s->n_neighbors[s->n++] = found.n_neighbors;
    }
    return MLSOAP_SUCCESS;
}

static mlsoap_status judge(audit *a, const scan *s, mlsoap_error *error)
{
    size_t best = s->own, enough = s->own;
    for (size_t k = s->own; k < s->n; k++)
        if (s->rmse[k] < s->rmse[best]) best = k;
    for (size_t k = s->own; k-- > 0 && s->rmse[k] <= (1 + ENOUGH) * s->rmse[s->own];) enough = k;
    double gain = 1 - s->rmse[best] / s->rmse[s->own];
    mlsoap_status status =
        audit_report_add_curve(a->report, "cutoff scan", "held-out frames", s->r, s->rmse, s->n, error);
    if (status) return status;
    return audit_report_add(
        a->report, "cutoff scan", gain, GAIN, "of error", AUDIT_WARN, error,
        "forces by a linear model, %zu atoms it has not seen: %.3g eV/angstrom at the cutoff of %.2f angstrom (%.0f "
        "neighbors), %.3g at best with a longer one (%.2f angstrom, %.0f neighbors); %.2f angstrom would be as good "
        "(%.0f neighbors)",
        s->n_atoms, s->rmse[s->own], s->r[s->own], s->n_neighbors[s->own], s->rmse[best], s->r[best],
        s->n_neighbors[best], s->r[enough], s->n_neighbors[enough]);
}

mlsoap_status audit_cutoff_scan(audit *a, mlsoap_error *error)
{
    scan s = {0};
    if (!a->data) return audit_report_say(a->report, "cutoff scan", AUDIT_SKIPPED, error, "needs DATA with forces");
    const frame **frames = MEMORY_NEW(const frame *, a->data->n_frames);
    if (!frames) return status_no_memory(error, a->data->n_frames * sizeof *frames, "the frames of the audit");
    for (size_t c = 0; c < a->data->n_frames; c++) frames[c] = &a->data->frames[c];
    mlsoap_status status = run_scan(a, frames, &s, error);
    memory_free(frames);
    if (status) return status;
    if (s.n == 0)
        return audit_report_say(a->report, "cutoff scan", AUDIT_SKIPPED, error,
                                "needs DATA with forces of at least three frames of two atoms or more");
    return judge(a, &s, error);
}
