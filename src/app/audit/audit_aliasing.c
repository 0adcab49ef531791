/* SPDX-License-Identifier: BSD-3-Clause */
/* Different structures that the descriptor can hardly tell apart; see audit_parts.h. The kernel of two structures is
 * the product of their mean descriptors at unit length. */
#include "app/audit/audit_parts.h"
#include "app/describe_frames.h"
#include "app/doctor/frame_match.h"
#include "core/memory.h"
#include "core/sorting.h"

#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_FRAMES = 400 };
static const double KERNEL = 0.999, DIFFERENT = 0.01; /* the second: eV/atom */
static const double ERRORS = 6;                       /* median errors of the potential that a difference must exceed */

/* Mean rows at unit length of the frames with energies. */
typedef struct alias_rows {
    const frame *frames[MOST_FRAMES];
    double *X;
    size_t n, n_features;
    double unexplained; /* eV/atom: errors of a difference below are nothing special */
} alias_rows;

static mlsoap_status make_describer(const mlsoap_potential *p, describer *d, mlsoap_error *error)
{
    json_t *list = json_deep_copy(json_object_get(p->description, "descriptors"));
    size_t i;
    json_t *settings;
    json_array_foreach(list, i, settings)
    {
        json_object_set_new(settings, "average", json_string("outer"));
    }
    if (!list) return status_no_memory(error, 1024, "the descriptors of the audit");
    mlsoap_status status = describer_new(list, NULL, d, error);
    json_decref(list);
    return status;
}

static mlsoap_status describe(const audit *a, describer *d, alias_rows *rows, mlsoap_error *error)
{
    description_rows out = {0};
    size_t n_with = 0, seen = 0;
    for (size_t i = 0; i < a->data->n_frames; i++) n_with += a->data->frames[i].has_energy;
    size_t wanted = n_with < MOST_FRAMES ? n_with : MOST_FRAMES;
    rows->n_features = d->n_features;
    rows->X = MEMORY_NEW(double, wanted * d->n_features);
    mlsoap_status status = rows->X ? MLSOAP_SUCCESS : status_no_memory(error, wanted, "rows of the audit");
    for (size_t i = 0; i < a->data->n_frames && rows->n < wanted && !status; i++) {
        const frame *f = &a->data->frames[i];
        if (!f->has_energy || seen++ != rows->n * n_with / wanted) continue;
        status = describe_structure(d, &f->structure, DESCRIBE_VALUES, &out, error);
        if (status) break;
        double *x = rows->X + rows->n * d->n_features, norm = cblas_dnrm2((int)d->n_features, out.values, 1);
        for (size_t k = 0; k < d->n_features; k++) x[k] = norm > 0 ? out.values[k] / norm : 0;
        rows->frames[rows->n++] = f;
    }
    description_rows_release(&out);
    return status;
}

static bool same_composition(const structure *s, const structure *t)
{
    double counts[119] = {0};
    for (size_t i = 0; i < s->n_atoms; i++) counts[s->species[i]] += 1 / (double)s->n_atoms;
    for (size_t i = 0; i < t->n_atoms; i++) counts[t->species[i]] -= 1 / (double)t->n_atoms;
    for (int z = 0; z < 119; z++)
        if (fabs(counts[z]) > 1e-9) return false;
    return true;
}

/* Energies per atom that differ although the kernel is nearly 1, and of whose difference the potential misses more than
 * half, and more than its usual errors. */
static bool is_alias(const alias_rows *rows, size_t i, size_t j, double *kernel, double gap[2])
{
    const frame *f = rows->frames[i], *g = rows->frames[j];
    double n = (double)f->structure.n_atoms, m = (double)g->structure.n_atoms;
    *kernel = cblas_ddot((int)rows->n_features, rows->X + i * rows->n_features, 1, rows->X + j * rows->n_features, 1);
    gap[0] = f->energy / n - g->energy / m;
    gap[1] = f->predicted_energy / n - g->predicted_energy / m;
    return *kernel > KERNEL && fabs(gap[0]) > DIFFERENT &&
           fabs(gap[0] - gap[1]) > fmax(rows->unexplained, 0.5 * fabs(gap[0])) &&
           same_composition(&f->structure, &g->structure) && !structures_match(&f->structure, &g->structure);
}

static void find_unexplained(alias_rows *rows)
{
    double errors[MOST_FRAMES];
    for (size_t i = 0; i < rows->n; i++)
        errors[i] = fabs(rows->frames[i]->energy - rows->frames[i]->predicted_energy) /
                    (double)rows->frames[i]->structure.n_atoms;
    sort_reals(errors, rows->n);
    rows->unexplained = fmax(DIFFERENT, ERRORS * errors[rows->n / 2]);
}

static mlsoap_status judge(audit *a, const alias_rows *rows, mlsoap_error *error)
{
    size_t n_found = 0, n_near = 0, worst[2] = {0};
    double worst_gap[2] = {0}, worst_kernel = 0;
    for (size_t i = 0; i < rows->n; i++)
        for (size_t j = i + 1; j < rows->n; j++) {
            double kernel, gap[2];
            bool alias = is_alias(rows, i, j, &kernel, gap);
            n_near += kernel > KERNEL;
            if (!alias) continue;
            n_found++;
            if (fabs(gap[0]) <= fabs(worst_gap[0])) continue;
            memcpy(worst_gap, gap, sizeof gap);
            worst_kernel = kernel;
            worst[0] = i;
            worst[1] = j;
        }
    if (n_found == 0)
        return audit_report_add(
            a->report, "aliasing", 0, 0, "pairs", AUDIT_FAIL, error,
            "%zu frames, %zu pairs with a kernel above %.3f: the potential tells all of them apart whose "
            "energies differ, to %.0f meV/atom",
            rows->n, n_near, KERNEL, 1000 * rows->unexplained);
    const frame *f = rows->frames[worst[0]], *g = rows->frames[worst[1]];
    return audit_report_add(
        a->report, "aliasing", (double)n_found, 0, "pairs", AUDIT_FAIL, error,
        "%zu frames, %zu pairs with a kernel above %.3f: energies that differ are given alike; worst: lines "
        "%ld and %ld, kernel %.5f, %.1f meV/atom apart, %.1f predicted",
        rows->n, n_near, KERNEL, f->line, g->line, worst_kernel, 1000 * worst_gap[0], 1000 * worst_gap[1]);
}

mlsoap_status audit_aliasing(audit *a, mlsoap_error *error)
{
    describer d = {0};
    alias_rows rows = {0};
    size_t n_with = 0;
    for (size_t i = 0; a->data && i < a->data->n_frames; i++) n_with += a->data->frames[i].has_energy;
    if (n_with < 2)
        return audit_report_say(a->report, "aliasing", AUDIT_SKIPPED, error,
                                "needs DATA with energies of at least two frames");
    mlsoap_status status = make_describer(a->potential, &d, error);
    if (status) return status;
    status = describe(a, &d, &rows, error);
    describer_release(&d);
    if (!status) {
        find_unexplained(&rows);
        status = judge(a, &rows, error);
    }
    memory_free(rows.X);
    return status;
}
