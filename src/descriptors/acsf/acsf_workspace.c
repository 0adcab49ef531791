/* SPDX-License-Identifier: BSD-3-Clause */
/* The workspace of symmetry functions: arrays of neighbors that grow with the blocks, and the batches of triples. */
#include "core/memory.h"
#include "descriptors/acsf/acsf.h"

#include <string.h>

/** The largest numbers of a pair of species, and of functions of two atoms of a species. */
typedef struct largest {
    size_t families, narrow_families, groups, angles, terms, pairs;
} largest;

static void raise_to(size_t *most, int n)
{
    if ((size_t)n > *most) *most = (size_t)n;
}

static largest largest_counts(const acsf *s)
{
    int n = s->base.n_species;
    largest most = {0};
    for (int i = 0; i < s->n_plans; i++) {
        for (int k = 0; k < n * (n + 1) / 2; k++) {
            const acsf_triples *t = &s->plans[i].triples[k];
            raise_to(&most.families, t->n_families);
            raise_to(&most.narrow_families, t->n_narrow_families);
            raise_to(&most.groups, t->n_groups);
            raise_to(&most.angles, t->n_angles);
            raise_to(&most.terms, t->n_terms);
        }
        for (int k = 0; k < n; k++) raise_to(&most.pairs, s->plans[i].n_pairs[k]);
    }
    return most;
}

static int memory_create(acsf_memory *memory, const largest *most)
{
    memory->n_families = most->narrow_families;
    memory->n_rows = 1 + 2 * most->narrow_families + most->groups;
    size_t bytes = ACSF_BATCH * (memory->n_rows * sizeof(double) + 2 * sizeof(int));
    memory->capacity = (int)(ACSF_MEMORY_BYTES / bytes);
    size_t places = (size_t)memory->capacity + 1;
    memory->batches = MEMORY_NEW(acsf_kept, places);
    memory->pairs = MEMORY_NEW(int, places * 2 * ACSF_BATCH);
    memory->rows = MEMORY_NEW(double, places * memory->n_rows * ACSF_BATCH);
    return memory->batches && memory->pairs && memory->rows;
}

void acsf_batch_bind(const acsf_memory *memory, int place, acsf_batch *b)
{
    double *rows = memory->rows + (size_t)place * memory->n_rows * ACSF_BATCH;
    b->j = memory->pairs + (size_t)place * 2 * ACSF_BATCH;
    b->k = b->j + ACSF_BATCH;
    b->c = rows;
    b->wc = rows + ACSF_BATCH;
    b->dwc = b->wc + memory->n_families * ACSF_BATCH;
    b->exponential = b->dwc + memory->n_families * ACSF_BATCH;
}

static int batch_create(acsf_batch *b, const largest *most)
{
    struct {
        double **array;
        size_t count;
    } arrays[] = {{&b->wa, most->families},
                  {&b->wb, most->families},
                  {&b->dwa, most->families},
                  {&b->dwb, most->families},
                  {&b->W, most->groups},
                  {&b->Wa, most->groups},
                  {&b->Wb, most->groups},
                  {&b->Wc, most->groups},
                  {&b->P, most->angles},
                  {&b->dP, most->angles},
                  {&b->a, 1},
                  {&b->b, 1},
                  {&b->inverse_a, 1},
                  {&b->inverse_b, 1},
                  {&b->cosine, 1},
                  {&b->x, 1},
                  {&b->y, 1},
                  {&b->z, 1}};
    int ok = 1;
    for (size_t i = 0; ok && i < sizeof arrays / sizeof *arrays; i++) {
        *arrays[i].array = MEMORY_NEW(double, arrays[i].count *ACSF_BATCH);
        ok = *arrays[i].array != NULL;
    }
    return ok;
}

mlsoap_status acsf_workspace_new(const descriptor *d, descriptor_workspace **out, mlsoap_error *error)
{
    largest most = largest_counts((const acsf *)d);
    descriptor_workspace *w = MEMORY_NEW(descriptor_workspace, 1);
    *out = NULL;
    if (!w) return status_no_memory(error, sizeof *w, "a workspace of symmetry functions");
    int ok = batch_create(&w->batch, &most) && memory_create(&w->memory, &most);
    for (int far = 0; far < 2; far++) {
        w->pending[far].list.j = w->pending[far].j;
        w->pending[far].list.k = w->pending[far].k;
    }
    w->n_slopes = most.pairs;
    w->g = MEMORY_NEW(double, most.terms);
    w->sums = MEMORY_NEW(double, most.terms *LANES);
    w->buckets = MEMORY_NEW(acsf_bucket, DESCRIPTOR_BLOCK * (size_t)d->n_species);
    if (!ok || !w->g || !w->sums || !w->buckets) {
        acsf_workspace_free(w);
        return status_no_memory(error, ACSF_MEMORY_BYTES, "a workspace of symmetry functions");
    }
    *out = w;
    return MLSOAP_SUCCESS;
}

void acsf_workspace_free(descriptor_workspace *w)
{
    if (!w) return;
    acsf_batch *b = &w->batch;
    void *arrays[] = {b->wa,
                      b->wb,
                      b->dwa,
                      b->dwb,
                      b->W,
                      b->Wa,
                      b->Wb,
                      b->Wc,
                      b->P,
                      b->dP,
                      b->a,
                      b->b,
                      b->x,
                      b->y,
                      b->z,
                      b->inverse_a,
                      b->inverse_b,
                      b->cosine,
                      w->g,
                      w->sums,
                      w->buckets,
                      w->r,
                      w->inverse_r,
                      w->x,
                      w->y,
                      w->z,
                      w->pair,
                      w->w,
                      w->dw,
                      w->records,
                      w->value,
                      w->slopes,
                      w->fx,
                      w->fy,
                      w->fz,
                      w->forces,
                      w->memory.pairs,
                      w->memory.batches,
                      w->memory.rows,
                      w->along,
                      w->order};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) memory_free(arrays[i]);
    memory_free(w);
}

static int reserve_slots(const acsf *s, descriptor_workspace *w, size_t n)
{
    size_t n_windows = (size_t)s->n_windows;
    struct {
        double **array;
        size_t width;
    } arrays[] = {{&w->r, 1},
                  {&w->inverse_r, 1},
                  {&w->x, 1},
                  {&w->y, 1},
                  {&w->z, 1},
                  {&w->fx, 1},
                  {&w->fy, 1},
                  {&w->fz, 1},
                  {&w->along, 1},
                  {&w->value, 1},
                  {&w->w, n_windows},
                  {&w->dw, n_windows},
                  {&w->slopes, w->n_slopes},
                  {&w->records, ACSF_RECORD},
                  {&w->forces, ACSF_FORCE}};
    int ok = 1;
    w->capacity = 0; /* until all arrays have grown */
    for (size_t i = 0; ok && i < sizeof arrays / sizeof *arrays; i++) {
        size_t count;
        memory_free(*arrays[i].array);
        *arrays[i].array = size_multiply(n, arrays[i].width, &count) ? MEMORY_NEW(double, count) : NULL;
        ok = *arrays[i].array != NULL;
    }
    memory_free(w->pair);
    w->pair = ok ? MEMORY_NEW(int, n) : NULL;
    if (!w->pair) return 0;
    w->capacity = n;
    return 1;
}

mlsoap_status acsf_workspace_reserve(const descriptor *d, descriptor_workspace *w, size_t n_pairs, mlsoap_error *error)
{
    const acsf *s = (const acsf *)d;
    size_t n = LANES + n_pairs + DESCRIPTOR_BLOCK * (size_t)d->n_species * (LANES - 1);
    n = (n + LANES - 1) / LANES * LANES;
    bool ok = MEMORY_RESERVE(&w->order, &w->capacity_order, n_pairs);
    if (ok && w->capacity < n) {
        n += n / 4 / LANES * LANES;
        ok = reserve_slots(s, w, n);
    }
    size_t row = 2 * (size_t)s->n_windows + w->n_slopes + ACSF_RECORD + ACSF_FORCE + 10;
    return ok ? MLSOAP_SUCCESS : status_no_memory(error, n * row * sizeof(double), "a workspace of symmetry functions");
}
