/* SPDX-License-Identifier: BSD-3-Clause */
/* What the functions of a central species share, found once when the descriptor is built: for each neighbor species its
 * functions of two atoms; for each pair of neighbor species families (window and rs), groups (eta) and angles. */
#include "core/memory.h"
#include "descriptors/acsf/acsf.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/** A function of three atoms and its place among the features, while a plan is made. */
typedef struct candidate {
    const acsf_function *f;
    int feature;
} candidate;

static int has_center(const acsf_function *f, int center)
{
    return f->center == 0 || f->center == center;
}

static int has_neighbors(const acsf_function *f, int a, int b)
{
    return f->species[0] == 0 || (f->species[0] == a && f->species[1] == b) ||
           (f->species[0] == b && f->species[1] == a);
}

static mlsoap_status plan_pairs(const acsf *s, int center, int species, acsf_pair_term **terms, int *n,
                                mlsoap_error *error)
{
    int z = s->species[species];
    *terms = MEMORY_NEW(acsf_pair_term, s->n_functions);
    if (!*terms) return status_no_memory(error, s->n_functions * sizeof **terms, "symmetry functions");
    for (size_t i = 0; i < s->n_functions; i++) {
        const acsf_function *f = &s->functions[i];
        if (f->n_neighbors != 1 || !has_center(f, center) || (f->species[0] && f->species[0] != z)) continue;
        (*terms)[(*n)++] =
            (acsf_pair_term){(int)i, f->window, {f->eta, f->rs, f->kappa}, f->type == 12 || f->type == 23 ? z : 1};
    }
    return MLSOAP_SUCCESS;
}

static int compare_candidates(const void *a, const void *b)
{
    const candidate *x = a, *y = b;
    if (x->f->narrow != y->f->narrow) return y->f->narrow - x->f->narrow;
    if (x->f->window != y->f->window) return x->f->window - y->f->window;
    if (x->f->rs != y->f->rs) return x->f->rs < y->f->rs ? -1 : 1;
    if (x->f->eta != y->f->eta) return x->f->eta < y->f->eta ? -1 : 1;
    return x->feature - y->feature;
}

static int find_angle(acsf_triples *t, acsf_angle angle)
{
    for (int a = 0; a < t->n_angles; a++) {
        const acsf_angle *other = &t->angles[a];
        if (angle.lambda == other->lambda && angle.zeta == other->zeta && angle.window.shape == other->window.shape &&
            angle.window.low == other->window.low && angle.window.high == other->window.high)
            return a;
    }
    for (int step = 0; step < ACSF_LADDER; step++)
        if (angle.zeta == 1 << step) {
            t->ladders[angle.lambda > 0][step] = t->n_angles;
            angle.on_ladder = 1;
        }
    t->angles[t->n_angles] = angle;
    return t->n_angles++;
}

/* A group of the family whose exponential, raised to a small whole power, is that of `eta`. */
static void find_base(const acsf_triples *t, const acsf_family *family, acsf_group *group)
{
    group->base = -1;
    for (int g = family->first_group; g < t->n_groups; g++) {
        double ratio = t->groups[g].eta > 0 ? group->eta / t->groups[g].eta : 0;
        int power = ratio < 9 ? (int)lround(ratio) : 0;
        if (power < 2 || fabs(ratio - power) > 1e-15 * power) continue;
        group->base = g;
        group->power = power;
    }
}

static void add_candidate(const acsf *s, acsf_triples *t, const candidate *c, const candidate *previous, double weight)
{
    const acsf_function *f = c->f, *p = previous ? previous->f : NULL;
    int new_family = !p || p->narrow != f->narrow || p->window != f->window || p->rs != f->rs;
    if (new_family) t->families[t->n_families++] = (acsf_family){f->window, f->narrow, f->rs, t->n_groups, 0};
    acsf_family *family = &t->families[t->n_families - 1];
    if (new_family || p->eta != f->eta) {
        acsf_group group = {.eta = f->eta, .first_term = t->n_terms};
        find_base(t, family, &group);
        t->groups[t->n_groups++] = group;
        family->n_groups++;
    }
    t->groups[t->n_groups - 1].n_terms++;
    t->terms[t->n_terms++] = (acsf_term){c->feature, find_angle(t, acsf_function_angle(f)), f->species[0] ? 1 : weight};
    if (!f->narrow) return;
    t->n_narrow_families = t->n_families;
    t->n_narrow_groups = t->n_groups;
    t->near = fmax(t->near, s->windows[f->window].high);
}

static mlsoap_status plan_triples(const acsf *s, int center, int a, int b, acsf_triples *t, mlsoap_error *error)
{
    int za = s->species[a], zb = s->species[b];
    size_t n = 0;
    candidate *candidates = MEMORY_NEW(candidate, s->n_functions);
    for (size_t i = 0; candidates && i < s->n_functions; i++) {
        const acsf_function *f = &s->functions[i];
        if (f->n_neighbors == 2 && has_center(f, center) && has_neighbors(f, za, zb))
            candidates[n++] = (candidate){f, (int)i};
    }
    t->families = MEMORY_NEW(acsf_family, n);
    t->groups = MEMORY_NEW(acsf_group, n);
    t->terms = MEMORY_NEW(acsf_term, n);
    t->angles = MEMORY_NEW(acsf_angle, n);
    memset(t->ladders, -1, sizeof t->ladders);
    int ok = candidates && t->families && t->groups && t->terms && t->angles;
    if (ok) {
        qsort(candidates, n, sizeof *candidates, compare_candidates);
        for (size_t i = 0; i < n; i++)
            add_candidate(s, t, &candidates[i], i > 0 ? &candidates[i - 1] : NULL, (double)za * zb);
    }
    memory_free(candidates);
    return ok ? MLSOAP_SUCCESS : status_no_memory(error, n * sizeof(acsf_term), "symmetry functions");
}

static mlsoap_status plan_build(const acsf *s, int center, acsf_plan *plan, mlsoap_error *error)
{
    size_t n = (size_t)s->base.n_species;
    mlsoap_status status = MLSOAP_SUCCESS;
    plan->pairs = MEMORY_NEW(acsf_pair_term *, n);
    plan->n_pairs = MEMORY_NEW(int, n);
    plan->triples = MEMORY_NEW(acsf_triples, n * (n + 1) / 2);
    if (!plan->pairs || !plan->n_pairs || !plan->triples) return status_no_memory(error, n * n * 64, "species pairs");
    for (int b = 0; !status && b < (int)n; b++) {
        status = plan_pairs(s, center, b, &plan->pairs[b], &plan->n_pairs[b], error);
        for (int a = 0; !status && a <= b; a++)
            status = plan_triples(s, center, a, b, &plan->triples[b * (b + 1) / 2 + a], error);
    }
    return status;
}

mlsoap_status acsf_plans_new(acsf *s, mlsoap_error *error)
{
    int shared = 1; /* no function asks for its center: one plan serves all */
    for (size_t i = 0; i < s->n_functions; i++) shared = shared && s->functions[i].center == 0;
    int n_plans = shared ? 1 : s->base.n_center_species;
    s->plans = MEMORY_NEW(acsf_plan, (size_t)n_plans);
    if (!s->plans) return status_no_memory(error, sizeof *s->plans, "symmetry functions");
    s->n_plans = n_plans;
    memset(s->plan_index, -1, sizeof s->plan_index);
    for (int i = 0; i < s->base.n_center_species; i++) {
        int center = s->base.center_species[i];
        s->plan_index[center] = shared ? 0 : i;
        if (shared && i > 0) continue;
        mlsoap_status status = plan_build(s, center, &s->plans[i], error);
        if (status) return status;
    }
    return MLSOAP_SUCCESS;
}

void acsf_plans_free(acsf *s)
{
    for (int i = 0; i < s->n_plans; i++) {
        acsf_plan *plan = &s->plans[i];
        int n = s->base.n_species;
        for (int k = 0; plan->pairs && k < n; k++) memory_free(plan->pairs[k]);
        for (int k = 0; plan->triples && k < n * (n + 1) / 2; k++) {
            memory_free(plan->triples[k].families);
            memory_free(plan->triples[k].groups);
            memory_free(plan->triples[k].terms);
            memory_free(plan->triples[k].angles);
        }
        memory_free(plan->pairs);
        memory_free(plan->n_pairs);
        memory_free(plan->triples);
    }
    memory_free(s->plans);
}
