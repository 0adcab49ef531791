/* SPDX-License-Identifier: BSD-3-Clause */
/* Triples of a center in batches: for each pair of neighbor species, those with r_jk within reach of the narrow
 * functions, and (where there are wide functions) the others. Each pair {j, k} is taken once. What a batch costs is
 * finding its triples and their factors; values keep both for the derivatives as far as there is room. */
#include "descriptors/acsf/acsf.h"

#include <string.h>

/** What a visit needs. */
typedef struct visit_state {
    const acsf *s;
    descriptor_workspace *w;
    acsf_center *center;
    const acsf_triples *t;
    const acsf_visit *visit;
} visit_state;

static void call(const visit_state *v, acsf_visitor visitor)
{
    if (visitor) visitor(v->s, v->w, v->t, v->visit->context);
}

/* What a batch of n triples, whose j and k stand at `place`, needs of its neighbors. */
static void begin_batch(const visit_state *v, int place, int far, int n)
{
    descriptor_workspace *w = v->w;
    acsf_batch *b = &w->batch;
    const acsf_neighbors neighbors = {w->records, w->w, w->dw, (long)w->capacity};
    acsf_batch_bind(&w->memory, place, b);
    b->first_family = far ? v->t->n_narrow_families : 0;
    b->first_group = far ? v->t->n_narrow_groups : 0;
    b->n = n;
    b->n_padded = (n + ACSF_PADDING - 1) / ACSF_PADDING * ACSF_PADDING;
    for (int i = n; i < b->n_padded; i++) {
        b->j[i] = 0;
        b->k[i] = 1;
    }
    v->s->kernels->acsf_gather(v->t, &neighbors, b);
}

static void end_batch(const visit_state *v)
{
    v->s->kernels->acsf_angles(v->t, &v->w->batch, v->visit->derivatives);
    call(v, v->visit->batch);
}

/* The place of a new batch: among those that are kept, or the last, where values find no room or derivatives make a
 * batch again. */
static int new_place(const visit_state *v, int far, int n)
{
    acsf_memory *memory = &v->w->memory;
    if (v->visit->derivatives || v->center->n_kept < 0) return memory->capacity;
    if (memory->n == memory->capacity) {
        memory->n = v->center->first_kept;
        v->center->n_kept = -1;
        return memory->capacity;
    }
    memory->batches[memory->n] = (acsf_kept){v->t, n, far};
    v->center->n_kept++;
    return memory->n++;
}

/* Visit n waiting triples from `first` on. */
static void visit_batch(const visit_state *v, int far, int first, int n)
{
    descriptor_workspace *w = v->w;
    const acsf_pairs_list *list = &w->pending[far].list;
    int place = new_place(v, far, n);
    acsf_batch_bind(&w->memory, place, &w->batch);
    memcpy(w->batch.j, list->j + first, (size_t)n * sizeof(int));
    memcpy(w->batch.k, list->k + first, (size_t)n * sizeof(int));
    begin_batch(v, place, far, n);
    v->s->kernels->acsf_factors(v->t, v->s->windows, &w->batch);
    end_batch(v);
}

/* Visit full batches and, where `all`, what is left. */
static void flush(const visit_state *v, int far, int all)
{
    acsf_pairs_list *list = &v->w->pending[far].list;
    int first = 0;
    for (; list->n - first >= ACSF_BATCH; first += ACSF_BATCH) visit_batch(v, far, first, ACSF_BATCH);
    list->n -= first;
    if (all && list->n > 0) visit_batch(v, far, first, list->n);
    if (all) list->n = 0;
    if (first == 0) return;
    memmove(list->j, list->j + first, (size_t)list->n * sizeof(int));
    memmove(list->k, list->k + first, (size_t)list->n * sizeof(int));
}

/* All pairs of a neighbor in bucket a and one in bucket b (the same: of two in it). */
static void visit_buckets(const visit_state *v, const acsf_bucket *a, const acsf_bucket *b)
{
    descriptor_workspace *w = v->w;
    acsf_pairs_list *near = &w->pending[0].list;
    acsf_pairs_list *far = v->t->n_narrow_families == v->t->n_families ? NULL : &w->pending[1].list;
    int j = (int)a->first, k = (int)b->first;
    acsf_cursor at = {j, j + a->n, a == b ? j + 1 : k, a == b ? -1 : k, k + b->n};
    while (at.j < at.end_j) {
        v->s->kernels->acsf_split(w->x, w->y, w->z, v->t->near, &at, near, far);
        flush(v, 0, at.j == at.end_j);
        flush(v, 1, at.j == at.end_j);
    }
}

/* The batches of a center that values have kept. */
static void visit_kept(visit_state *v)
{
    for (int k = 0; k < v->center->n_kept; k++) {
        int place = v->center->first_kept + k;
        const acsf_kept *kept = &v->w->memory.batches[place];
        if (k == 0 || kept->t != v->t) {
            if (k > 0) call(v, v->visit->after);
            v->t = kept->t;
            call(v, v->visit->before);
        }
        begin_batch(v, place, kept->far, kept->n);
        end_batch(v);
    }
    if (v->center->n_kept > 0) call(v, v->visit->after);
}

static void visit_all(visit_state *v, const acsf_bucket *buckets)
{
    for (int sb = 0; sb < v->s->base.n_species; sb++)
        for (int sa = 0; sa <= sb; sa++) {
            const acsf_bucket *a = &buckets[sa], *b = &buckets[sb];
            v->t = &v->center->plan->triples[sb * (sb + 1) / 2 + sa];
            if (v->t->n_terms == 0 || a->n == 0 || b->n == 0) continue;
            call(v, v->visit->before);
            visit_buckets(v, a, b);
            call(v, v->visit->after);
        }
}

void acsf_visit_triples(const acsf *s, descriptor_workspace *w, int i_center, const acsf_visit *visit)
{
    acsf_center *center = &w->centers[i_center];
    if (!center->plan || center->broken) return;
    visit_state v = {s, w, center, NULL, visit};
    if (visit->derivatives && center->n_kept >= 0) {
        visit_kept(&v);
        return;
    }
    if (!visit->derivatives) {
        center->first_kept = w->memory.n;
        center->n_kept = 0;
    }
    visit_all(&v, &w->buckets[i_center * s->base.n_species]);
}
