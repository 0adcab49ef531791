/* SPDX-License-Identifier: BSD-3-Clause */
/* Neighbors -> features, and backwards dE/dG -> f_ij = dE_i/dr_ij (spec acsf.md 4): functions of two atoms give
 * g f'(r) along r_ij; a triple gives alpha along r_ij, beta along r_ik and gamma along v = r_ik - r_ij. */
#include "descriptors/acsf/acsf.h"

#include <math.h>
#include <string.h>

void acsf_pair_values(const acsf *s, descriptor_workspace *w, const acsf_pair_term *term, const acsf_bucket *bucket)
{
    size_t o = (size_t)term->window * w->capacity + bucket->first;
    s->kernels->acsf_pairs(&term->radial, bucket->n_padded, w->r + bucket->first, w->w + o, w->dw + o, w->value,
                           w->slope);
}

static void sum_batch(const acsf *s, descriptor_workspace *w, const acsf_triples *t, void *context)
{
    s->kernels->acsf_sum(t, &w->batch, context);
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
        for (int species = 0; species < d->n_species; species++) {
            const acsf_bucket *bucket = &w->buckets[i * d->n_species + species];
            for (int k = 0; bucket->n > 0 && k < center->plan->n_pairs[species]; k++) {
                const acsf_pair_term *term = &center->plan->pairs[species][k];
                double sum = 0;
                acsf_pair_values(s, w, term, bucket);
                for (int j = 0; j < bucket->n; j++) sum += w->value[j];
                row[term->feature] += term->weight * sum;
            }
        }
        acsf_visit_triples(s, w, i, 0, NULL, sum_batch, row);
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
    acsf_batch *b = &w->batch;
    (void)context;
    s->kernels->acsf_slopes(t, b, w->g);
    for (int i = 0; i < b->n; i++) {
        size_t j = (size_t)b->j[i], k = (size_t)b->k[i];
        double gx = b->gamma[i] * b->x[i], gy = b->gamma[i] * b->y[i], gz = b->gamma[i] * b->z[i];
        w->along[j] += b->alpha[i];
        w->along[k] += b->beta[i];
        w->fx[j] += gx;
        w->fy[j] += gy;
        w->fz[j] += gz;
        w->fx[k] -= gx;
        w->fy[k] -= gy;
        w->fz[k] -= gz;
    }
}

static void pair_adjoint(const acsf *s, descriptor_workspace *w, const acsf_plan *plan, int species,
                         const acsf_bucket *bucket, const double *g)
{
    for (int k = 0; bucket->n > 0 && k < plan->n_pairs[species]; k++) {
        const acsf_pair_term *term = &plan->pairs[species][k];
        double weight = term->weight * g[term->feature];
        acsf_pair_values(s, w, term, bucket);
        for (int j = 0; j < bucket->n; j++) w->along[bucket->first + (size_t)j] += weight * w->slope[j];
    }
}

void acsf_adjoint(const descriptor *d, descriptor_workspace *w, const mlsoap_environments *block, const double *g,
                  size_t stride, double *dE_dr)
{
    const acsf *s = (const acsf *)d;
    for (int i = 0; i < block->n_centers; i++) {
        const acsf_center *center = &w->centers[i];
        if (!center->plan || center->broken) continue;
        double *arrays[] = {w->along, w->fx, w->fy, w->fz};
        for (int k = 0; k < 4; k++) memset(arrays[k] + center->first, 0, center->n_padded * sizeof(double));
        adjoint_context context = {g + (size_t)i * stride};
        for (int species = 0; species < d->n_species; species++)
            pair_adjoint(s, w, center->plan, species, &w->buckets[i * d->n_species + species], context.g);
        acsf_visit_triples(s, w, i, 1, weigh_terms, scatter_batch, &context);
        for (size_t k = center->first; k < center->first + center->n_padded; k++) {
            if (w->pair[k] < 0) continue;
            double *f = dE_dr + 3 * (size_t)w->pair[k], along = w->along[k] * w->inverse_r[k];
            f[0] += along * w->x[k] + w->fx[k];
            f[1] += along * w->y[k] + w->fy[k];
            f[2] += along * w->z[k] + w->fz[k];
        }
    }
}
