/* SPDX-License-Identifier: BSD-3-Clause */
/* Triples of a center in batches: for each pair of neighbor species, those with r_jk within reach of the narrow
 * functions, and (where there are wide functions) the others. Each pair {j, k} is taken once. */
#include "descriptors/acsf/acsf.h"

#include <string.h>

enum { PIECE = 256 }; /* of a row of neighbors, a multiple of LANES */

/** Triples that wait for their batch to be full: [0] near, [1] far. */
typedef struct pending {
    int n;
    int j[ACSF_BATCH + PIECE], k[ACSF_BATCH + PIECE + LANES];
} pending;

static void gather_windows(const descriptor_workspace *w, const acsf_family *family, size_t row, int derivatives,
                           acsf_batch *b)
{
    const double *value = w->w + (size_t)family->window * w->capacity;
    const double *slope = w->dw + (size_t)family->window * w->capacity;
    double *wa = b->wa + row * ACSF_BATCH, *wb = b->wb + row * ACSF_BATCH;
    double *dwa = b->dwa + row * ACSF_BATCH, *dwb = b->dwb + row * ACSF_BATCH;
    for (int i = 0; i < b->n; i++) {
        wa[i] = value[b->j[i]];
        wb[i] = value[b->k[i]];
    }
    for (int i = 0; derivatives && i < b->n; i++) {
        dwa[i] = slope[b->j[i]];
        dwb[i] = slope[b->k[i]];
    }
    for (int i = b->n; i < b->n_padded; i++) wa[i] = wb[i] = dwa[i] = dwb[i] = 0;
}

static void gather(const acsf_triples *t, const descriptor_workspace *w, int n, const int *first_j, const int *first_k,
                   int derivatives, acsf_batch *b)
{
    b->n = n;
    b->n_padded = (n + LANES - 1) / LANES * LANES;
    memcpy(b->j, first_j, sizeof b->j);
    memcpy(b->k, first_k, sizeof b->k);
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
    for (int f = b->first_family; f < t->n_families; f++) gather_windows(w, &t->families[f], (size_t)f, derivatives, b);
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

/* Visit n waiting triples from `first` on. */
static void visit_batch(visit_state *v, int far, int first, int n)
{
    acsf_batch *b = &v->w->batch;
    b->first_family = far ? v->t->n_narrow_families : 0;
    b->first_group = far ? v->t->n_narrow_groups : 0;
    gather(v->t, v->w, n, v->waiting[far].j + first, v->waiting[far].k + first, v->derivatives, b);
    v->s->kernels->acsf_factors(v->t, v->s->windows, b, v->derivatives);
    v->visit(v->s, v->w, v->t, v->context);
}

/* Visit full batches and, where `all`, what is left. */
static void flush(visit_state *v, int far, int all)
{
    pending *waiting = &v->waiting[far];
    int first = 0;
    for (; waiting->n - first >= ACSF_BATCH; first += ACSF_BATCH) visit_batch(v, far, first, ACSF_BATCH);
    waiting->n -= first;
    if (all && waiting->n > 0) visit_batch(v, far, first, waiting->n);
    if (all) waiting->n = 0;
    if (first == 0) return;
    memmove(waiting->j, waiting->j + first, (size_t)waiting->n * sizeof(int));
    memmove(waiting->k, waiting->k + first, (size_t)waiting->n * sizeof(int));
}

/* Neighbors k of one j. */
static void visit_row(visit_state *v, size_t j, size_t first, size_t end)
{
    const descriptor_workspace *w = v->w;
    int n_lists = v->t->n_narrow_families == v->t->n_families ? 1 : 2;
    for (size_t next; first < end; first = next) {
        next = (first / LANES * LANES) + PIECE < end ? first / LANES * LANES + PIECE : end;
        int n[2], *far_list = v->waiting[1].k + v->waiting[1].n;
        int *lists[2] = {v->waiting[0].k + v->waiting[0].n, n_lists == 1 ? NULL : far_list};
        v->s->kernels->acsf_split(w->x, w->y, w->z, (int)j, (int)first, (int)next, v->t->near, lists, n);
        for (int far = 0; far < n_lists; far++) {
            pending *to = &v->waiting[far];
            for (int i = 0; i < n[far]; i++) to->j[to->n + i] = (int)j;
            to->n += n[far];
            if (to->n >= ACSF_BATCH) flush(v, far, 0);
        }
    }
}

void acsf_visit_triples(const acsf *s, descriptor_workspace *w, int i_center, int derivatives, acsf_visitor prepare,
                        acsf_visitor visit, void *context)
{
    const acsf_center *center = &w->centers[i_center];
    const acsf_bucket *buckets = &w->buckets[i_center * s->base.n_species];
    if (!center->plan || center->broken) return;
    visit_state v;
    v.s = s;
    v.w = w;
    v.derivatives = derivatives;
    v.visit = visit;
    v.context = context;
    v.waiting[0].n = v.waiting[1].n = 0;
    for (int sb = 0; sb < s->base.n_species; sb++)
        for (int sa = 0; sa <= sb; sa++) {
            const acsf_bucket *a = &buckets[sa], *b = &buckets[sb];
            v.t = &center->plan->triples[sb * (sb + 1) / 2 + sa];
            if (v.t->n_terms == 0 || a->n == 0 || b->n == 0) continue;
            if (prepare) prepare(s, w, v.t, context);
            for (size_t j = a->first; j < a->first + (size_t)a->n; j++)
                visit_row(&v, j, sa == sb ? j + 1 : b->first, b->first + (size_t)b->n);
            flush(&v, 0, 1);
            flush(&v, 1, 1);
        }
}
