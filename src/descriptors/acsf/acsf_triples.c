/* SPDX-License-Identifier: BSD-3-Clause */
/* Triples of a center in batches: for each pair of neighbor species, those with r_jk within reach of the narrow
 * functions, and (where there are wide functions) the others. Each pair {j, k} is taken once. */
#include "descriptors/acsf/acsf.h"

#include <string.h>

/** Triples that wait for their batch to be full: [0] near, [1] far. */
typedef struct pending {
    int n;
    int j[ACSF_BATCH], k[ACSF_BATCH];
} pending;

static void gather_windows(const descriptor_workspace *w, const acsf_family *family, size_t row, acsf_batch *b)
{
    const double *value = w->w + (size_t)family->window * w->capacity;
    const double *slope = w->dw + (size_t)family->window * w->capacity;
    double *wa = b->wa + row * ACSF_BATCH, *wb = b->wb + row * ACSF_BATCH;
    double *dwa = b->dwa + row * ACSF_BATCH, *dwb = b->dwb + row * ACSF_BATCH;
    for (int i = 0; i < b->n; i++) {
        wa[i] = value[b->j[i]];
        wb[i] = value[b->k[i]];
        dwa[i] = slope[b->j[i]];
        dwb[i] = slope[b->k[i]];
    }
    for (int i = b->n; i < b->n_padded; i++) wa[i] = wb[i] = dwa[i] = dwb[i] = 0;
}

static void gather(const acsf_triples *t, const descriptor_workspace *w, const pending *from, acsf_batch *b)
{
    b->n = from->n;
    b->n_padded = (from->n + LANES - 1) / LANES * LANES;
    memcpy(b->j, from->j, sizeof b->j);
    memcpy(b->k, from->k, sizeof b->k);
    for (int i = 0; i < b->n; i++) {
        size_t j = (size_t)b->j[i], k = (size_t)b->k[i];
        b->a[i] = w->r[j];
        b->b[i] = w->r[k];
        b->inverse_a[i] = w->inverse_r[j];
        b->inverse_b[i] = w->inverse_r[k];
        b->cosine[i] =
            (w->x[j] * w->x[k] + w->y[j] * w->y[k] + w->z[j] * w->z[k]) * (w->inverse_r[j] * w->inverse_r[k]);
        b->x[i] = w->x[k] - w->x[j];
        b->y[i] = w->y[k] - w->y[j];
        b->z[i] = w->z[k] - w->z[j];
    }
    for (int i = b->n; i < b->n_padded; i++) {
        b->a[i] = b->b[i] = b->inverse_a[i] = b->inverse_b[i] = b->x[i] = 1;
        b->cosine[i] = b->y[i] = b->z[i] = 0;
    }
    for (int f = b->first_family; f < t->n_families; f++) gather_windows(w, &t->families[f], (size_t)f, b);
}

/** What a visit needs, and the two batches being filled. */
typedef struct visit_state {
    const acsf *s;
    descriptor_workspace *w;
    const acsf_triples *t;
    int derivatives;
    acsf_visitor visit;
    void *context;
    pending waiting[2];
} visit_state;

static void flush(visit_state *v, int far)
{
    acsf_batch *b = &v->w->batch;
    if (v->waiting[far].n == 0) return;
    b->first_family = far ? v->t->n_narrow_families : 0;
    b->first_group = far ? v->t->n_narrow_groups : 0;
    gather(v->t, v->w, &v->waiting[far], b);
    v->s->kernels->acsf_factors(v->t, v->s->windows, b, v->derivatives);
    v->visit(v->s, v->w, v->t, v->context);
    v->waiting[far].n = 0;
}

/* Neighbors k of one j. */
static void visit_row(visit_state *v, size_t j, size_t first, size_t end)
{
    const descriptor_workspace *w = v->w;
    int n[2];
    v->s->kernels->acsf_split(w->x, w->y, w->z, (int)j, (int)first, (int)end, v->t->near, w->row, n);
    if (v->t->n_narrow_families == v->t->n_families) n[1] = 0;
    for (int far = 0; far < 2; far++)
        for (int taken = 0; taken < n[far];) {
            pending *to = &v->waiting[far];
            int free = ACSF_BATCH - to->n, count = n[far] - taken < free ? n[far] - taken : free;
            for (int i = 0; i < count; i++) to->j[to->n + i] = (int)j;
            memcpy(to->k + to->n, w->row[far] + taken, (size_t)count * sizeof(int));
            to->n += count;
            taken += count;
            if (to->n == ACSF_BATCH) flush(v, far);
        }
}

void acsf_visit_triples(const acsf *s, descriptor_workspace *w, int i_center, int derivatives, acsf_visitor prepare,
                        acsf_visitor visit, void *context)
{
    const acsf_center *center = &w->centers[i_center];
    const acsf_bucket *buckets = &w->buckets[i_center * s->base.n_species];
    if (!center->plan || center->broken) return;
    visit_state v = {.s = s, .w = w, .derivatives = derivatives, .visit = visit, .context = context};
    for (int sb = 0; sb < s->base.n_species; sb++)
        for (int sa = 0; sa <= sb; sa++) {
            const acsf_bucket *a = &buckets[sa], *b = &buckets[sb];
            v.t = &center->plan->triples[sb * (sb + 1) / 2 + sa];
            if (v.t->n_terms == 0 || a->n == 0 || b->n == 0) continue;
            if (prepare) prepare(s, w, v.t, context);
            for (size_t j = a->first; j < a->first + (size_t)a->n; j++)
                visit_row(&v, j, sa == sb ? j + 1 : b->first, b->first + (size_t)b->n);
            flush(&v, 0);
            flush(&v, 1);
        }
}
