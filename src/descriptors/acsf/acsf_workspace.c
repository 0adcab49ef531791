/* SPDX-License-Identifier: BSD-3-Clause */
/* The workspace of symmetry functions: arrays of neighbors that grow with the blocks, and the batches of triples. */
#include "core/memory.h"
#include "descriptors/acsf/acsf.h"

#include <stddef.h>
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

/** How many items an array has: of a workspace for good, or for each slot of the neighbors. */
typedef enum extent {
    FAMILIES, /* those of a batch: times ACSF_BATCH */
    GROUPS,
    ANGLES,
    TRIPLES,
    TERMS,
    TERM_LANES,
    BUCKETS,
    PLACES, /* of the memory of batches */
    PLACE_PAIRS,
    PLACE_ROWS,
    N_FIXED,
    SLOT = N_FIXED,
    SLOT_WINDOWS,
    SLOT_SLOPES,
    SLOT_RECORD,
    SLOT_FORCE,
    N_EXTENTS,
    GROWING = N_EXTENTS /* by acsf_workspace_reserve itself */
} extent;

/* clang-format off */
#define OWNED(member, extent) {offsetof(descriptor_workspace, member), sizeof *((descriptor_workspace *)0)->member, extent}
/** All arrays that a workspace owns. */
static const struct {
    size_t place, item; /* bytes */
    extent extent;
} owned[] = {
    OWNED(batch.wa, FAMILIES), OWNED(batch.wb, FAMILIES), OWNED(batch.dwa, FAMILIES), OWNED(batch.dwb, FAMILIES),
    OWNED(batch.W, GROUPS), OWNED(batch.Wa, GROUPS), OWNED(batch.Wb, GROUPS), OWNED(batch.Wc, GROUPS),
    OWNED(batch.P, ANGLES), OWNED(batch.dP, ANGLES),
    OWNED(batch.a, TRIPLES), OWNED(batch.b, TRIPLES), OWNED(batch.inverse_a, TRIPLES), OWNED(batch.inverse_b, TRIPLES),
    OWNED(batch.cosine, TRIPLES), OWNED(batch.x, TRIPLES), OWNED(batch.y, TRIPLES), OWNED(batch.z, TRIPLES),
    OWNED(memory.batches, PLACES), OWNED(memory.pairs, PLACE_PAIRS), OWNED(memory.rows, PLACE_ROWS),
    OWNED(g, TERMS), OWNED(sums, TERM_LANES), OWNED(buckets, BUCKETS),
    OWNED(r, SLOT), OWNED(inverse_r, SLOT), OWNED(x, SLOT), OWNED(y, SLOT), OWNED(z, SLOT), OWNED(pair, SLOT),
    OWNED(fx, SLOT), OWNED(fy, SLOT), OWNED(fz, SLOT), OWNED(along, SLOT), OWNED(value, SLOT),
    OWNED(w, SLOT_WINDOWS), OWNED(dw, SLOT_WINDOWS), OWNED(slopes, SLOT_SLOPES),
    OWNED(records, SLOT_RECORD), OWNED(forces, SLOT_FORCE),
    OWNED(order, GROWING)};
/* clang-format on */
enum { N_OWNED = sizeof owned / sizeof *owned };

/* Free array i; put another in its place. */
static void replace(descriptor_workspace *w, size_t i, void *array)
{
    void *old;
    memcpy(&old, (char *)w + owned[i].place, sizeof old);
    memory_free(old);
    memcpy((char *)w + owned[i].place, &array, sizeof array);
}

/* New arrays of the extents from `first` to before `end`, of n times counts[extent] items. */
static bool renew(descriptor_workspace *w, extent first, extent end, size_t n, const size_t counts[N_EXTENTS])
{
    bool ok = true;
    for (size_t i = 0; ok && i < N_OWNED; i++) {
        extent e = owned[i].extent;
        size_t count;
        if (e < first || e >= end) continue;
        replace(w, i, NULL); /* first: else old and new are there together */
        void *array = size_multiply(n, counts[e], &count) ? memory_new(count, owned[i].item) : NULL;
        replace(w, i, array);
        ok = array != NULL;
    }
    return ok;
}

/* The form of the memory of batches. */
static void memory_plan(acsf_memory *memory, const largest *most)
{
    memory->n_families = most->narrow_families;
    memory->n_rows = 1 + 2 * most->narrow_families + most->groups;
    size_t bytes = ACSF_BATCH * (memory->n_rows * sizeof(double) + 2 * sizeof(int));
    memory->capacity = (int)(ACSF_MEMORY_BYTES / bytes);
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

mlsoap_status acsf_workspace_new(const descriptor *d, descriptor_workspace **out, mlsoap_error *error)
{
    largest most = largest_counts((const acsf *)d);
    descriptor_workspace *w = MEMORY_NEW(descriptor_workspace, 1);
    *out = NULL;
    if (!w) return status_no_memory(error, sizeof *w, "a workspace of symmetry functions");
    memory_plan(&w->memory, &most);
    size_t places = (size_t)w->memory.capacity + 1;
    const size_t counts[N_EXTENTS] = {[FAMILIES] = most.families * ACSF_BATCH,
                                      [GROUPS] = most.groups * ACSF_BATCH,
                                      [ANGLES] = most.angles * ACSF_BATCH,
                                      [TRIPLES] = ACSF_BATCH,
                                      [TERMS] = most.terms,
                                      [TERM_LANES] = most.terms * LANES,
                                      [BUCKETS] = DESCRIPTOR_BLOCK * (size_t)d->n_species,
                                      [PLACES] = places,
                                      [PLACE_PAIRS] = places * 2 * ACSF_BATCH,
                                      [PLACE_ROWS] = places * w->memory.n_rows * ACSF_BATCH};
    for (int far = 0; far < 2; far++) {
        w->pending[far].list.j = w->pending[far].j;
        w->pending[far].list.k = w->pending[far].k;
    }
    w->n_slopes = most.pairs;
    if (!renew(w, 0, N_FIXED, 1, counts)) {
        acsf_workspace_free(w);
        return status_no_memory(error, ACSF_MEMORY_BYTES, "a workspace of symmetry functions");
    }
    *out = w;
    return MLSOAP_SUCCESS;
}

void acsf_workspace_free(descriptor_workspace *w)
{
    for (size_t i = 0; w && i < N_OWNED; i++) replace(w, i, NULL);
    memory_free(w);
}

static bool reserve_slots(const acsf *s, descriptor_workspace *w, size_t n)
{
    const size_t counts[N_EXTENTS] = {[SLOT] = 1,
                                      [SLOT_WINDOWS] = (size_t)s->n_windows,
                                      [SLOT_SLOPES] = w->n_slopes,
                                      [SLOT_RECORD] = ACSF_RECORD,
                                      [SLOT_FORCE] = ACSF_FORCE};
    w->capacity = 0; /* until all arrays have grown */
    bool ok = renew(w, SLOT, N_EXTENTS, n, counts);
    if (ok) w->capacity = n;
    return ok;
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
