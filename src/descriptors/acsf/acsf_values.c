/* SPDX-License-Identifier: BSD-3-Clause */
/* Neighbors -> features, and backwards dE/dG -> f_ij = dE_i/dr_ij (spec acsf.md 4): functions of two atoms give
 * g f'(r) along r_ij; a triple gives alpha along r_ij, beta along r_ik and gamma along v = r_ik - r_ij. */
#include "descriptors/acsf/acsf.h"

#include <math.h>
#include <string.h>

/* Functions of two atoms of a bucket into the features; their slopes are kept. */
static void add_pair_values(const acsf *s, descriptor_workspace *w, const acsf_plan *plan, int species,
                            const acsf_bucket *bucket, double *row)
{
    for (int k = 0; bucket->n > 0 && k < plan->n_pairs[species]; k++) {
        const acsf_pair_term *term = &plan->pairs[species][k];
        size_t o = (size_t)term->window * w->capacity + bucket->first;
        double sum = 0;
        s->kernels->acsf_pairs(&term->radial, bucket->n_padded, w->r + bucket->first, w->w + o, w->dw + o, w->value,
                               w->slopes + (size_t)k * w->capacity + bucket->first);
        for (int j = 0; j < bucket->n; j++) sum += w->value[j];
        row[term->feature] += term->weight * sum;
    }
}

static void sum_batch(const acsf *s, descriptor_workspace *w, const acsf_triples *t, void *context)
{
    (void)context;
    s->kernels->acsf_sum(t, &w->batch, w->sums);
}

static void add_sums(const acsf *s, descriptor_workspace *w, const acsf_triples *t, void *context)
{
    s->kernels->acsf_features(t, w->sums, context);
}

void acsf_values(const descriptor *d, descriptor_workspace *w, const mlsoap_environments *block, double *D,
                 size_t stride)
{
    const acsf *s = (const acsf *)d;
    acsf_sort_neighbors(s, w, block);
    for (int i = 0; i < block->n_centers; i++) {
        double *row = D + (size_t)i * stride;
        const acsf_center *center = &w->centers[i];
        memset(row, 0, stride * sizeof *row);
        for (size_t f = 0; center->broken && f < d->n_features; f++) row[f] = NAN;
        if (!center->plan || center->broken) continue;
        for (int species = 0; species < d->n_species; species++)
            add_pair_values(s, w, center->plan, species, &w->buckets[i * d->n_species + species], row);
        acsf_visit_triples(s, w, i, &(acsf_visit){.batch = sum_batch, .after = add_sums, .context = row});
    }
}

/** dE/dG of a center. */
typedef struct adjoint_context {
    const double *g;
} adjoint_context;

/* dE/dG with the weights of the terms, once for all batches of a pair of species. */
static void weigh_terms(const acsf *s, descriptor_workspace *w, const acsf_triples *t, void *context)
{
    const double *g = ((const adjoint_context *)context)->g;
    (void)s;
    for (int q = 0; q < t->n_terms; q++) w->g[q] = t->terms[q].weight * g[t->terms[q].feature];
}

static void scatter_batch(const acsf *s, descriptor_workspace *w, const acsf_triples *t, void *context)
{
    (void)context;
    s->kernels->acsf_slopes(t, &w->batch, w->g, w->forces);
}

static void pair_adjoint(descriptor_workspace *w, const acsf_plan *plan, int species, const acsf_bucket *bucket,
                         const double *g)
{
    for (int k = 0; bucket->n > 0 && k < plan->n_pairs[species]; k++) {
        const acsf_pair_term *term = &plan->pairs[species][k];
        const double *slopes = acsf_pair_slopes(w, k, bucket);
        double weight = term->weight * g[term->feature], *along = w->along + bucket->first;
        for (int j = 0; j < bucket->n; j++) along[j] += weight * slopes[j];
    }
}

/* What has come together for the neighbors of a center. */
static void add_forces(const descriptor_workspace *w, const acsf_center *center, double *dE_dr)
{
    for (size_t k = center->first; k < center->first + center->n_padded; k++) {
        if (w->pair[k] < 0) continue;
        double *f = dE_dr + 3 * (size_t)w->pair[k], sum[4];
        const double *part = w->forces + k * ACSF_FORCE;
        for (int x = 0; x < 4; x++) sum[x] = part[x] + part[4 + x];
        double along = (w->along[k] + sum[0]) * w->inverse_r[k];
        f[0] += along * w->x[k] + sum[1];
        f[1] += along * w->y[k] + sum[2];
        f[2] += along * w->z[k] + sum[3];
    }
}

void acsf_adjoint(const descriptor *d, descriptor_workspace *w, const mlsoap_environments *block, const double *g,
                  size_t stride, double *dE_dr)
{
    const acsf *s = (const acsf *)d;
    for (int i = 0; i < block->n_centers; i++) {
        const acsf_center *center = &w->centers[i];
        if (!center->plan || center->broken) continue;
        memset(w->along + center->first, 0, center->n_padded * sizeof(double));
        memset(w->forces + center->first * ACSF_FORCE, 0, center->n_padded * ACSF_FORCE * sizeof(double));
        adjoint_context context = {g + (size_t)i * stride};
        for (int species = 0; species < d->n_species; species++)
            pair_adjoint(w, center->plan, species, &w->buckets[i * d->n_species + species], context.g);
        acsf_visit_triples(s, w, i, &(acsf_visit){1, weigh_terms, scatter_batch, NULL, &context});
        add_forces(w, center, dE_dr);
    }
}
