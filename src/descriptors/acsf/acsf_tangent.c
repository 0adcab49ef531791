/* SPDX-License-Identifier: BSD-3-Clause */
/* Forward derivatives (spec acsf.md 4): with da, db, dc the changes of the three distances and
 *   dcos = (1/b - cos/a) da + (1/a - cos/b) db - c/(a b) dc,
 * d(W P) = P (W_a da + W_b db + W_c dc) + W P' dcos. The tangent sums over triples; the Jacobian keeps, for each
 * function, its coefficients of r_ij/a, r_ik/b and v as the adjoint does for a sum of functions. */
#include "descriptors/acsf/acsf.h"

#include <string.h>

/** The changes of a batch's distances and cosines. */
typedef struct triple_changes {
    double a[ACSF_BATCH], b[ACSF_BATCH], c[ACSF_BATCH], cosine[ACSF_BATCH];
} triple_changes;

static void batch_changes(const descriptor_workspace *w, const acsf_batch *b, triple_changes *change)
{
    for (int i = 0; i < b->n; i++) {
        size_t j = (size_t)b->j[i], k = (size_t)b->k[i];
        double dc = b->x[i] * (w->fx[k] - w->fx[j]) + b->y[i] * (w->fy[k] - w->fy[j]) +
                    b->z[i] * (w->fz[k] - w->fz[j]); /* c dc */
        double ia = b->inverse_a[i], ib = b->inverse_b[i];
        change->a[i] = w->along[j];
        change->b[i] = w->along[k];
        change->c[i] = dc / b->c[i];
        change->cosine[i] =
            (ib - b->cosine[i] * ia) * change->a[i] + (ia - b->cosine[i] * ib) * change->b[i] - dc * ia * ib;
    }
}

static void tangent_batch(const acsf *s, descriptor_workspace *w, const acsf_triples *t, void *context)
{
    acsf_batch *b = &w->batch;
    double *dD = context, dW[ACSF_BATCH], Wdcos[ACSF_BATCH];
    triple_changes change;
    s->kernels->acsf_products(t, b);
    batch_changes(w, b, &change);
    for (size_t g = (size_t)b->first_group; g < (size_t)t->n_groups; g++) {
        const double *W = b->W + g * ACSF_BATCH, *Wa = b->Wa + g * ACSF_BATCH, *Wb = b->Wb + g * ACSF_BATCH;
        const double *Wc = b->Wc + g * ACSF_BATCH;
        for (int i = 0; i < b->n; i++) {
            dW[i] = Wa[i] * change.a[i] + Wb[i] * change.b[i] + Wc[i] * change.c[i];
            Wdcos[i] = W[i] * change.cosine[i];
        }
        const acsf_term *term = t->terms + t->groups[g].first_term, *end = term + t->groups[g].n_terms;
        for (; term < end; term++) {
            const double *P = b->P + (size_t)term->angle * ACSF_BATCH, *dP = b->dP + (size_t)term->angle * ACSF_BATCH;
            double sum = 0;
            for (int i = 0; i < b->n; i++) sum += dW[i] * P[i] + Wdcos[i] * dP[i];
            dD[term->feature] += term->weight * sum;
        }
    }
}

/* Directions of the neighbors of a center into fx, fy, fz and their part along r_ij. */
static void read_directions(descriptor_workspace *w, const acsf_center *center, const double *v)
{
    for (size_t k = center->first; k < center->first + center->n_padded; k++) {
        if (w->pair[k] < 0) continue;
        const double *direction = v + 3 * (size_t)w->pair[k];
        w->fx[k] = direction[0];
        w->fy[k] = direction[1];
        w->fz[k] = direction[2];
        w->along[k] = (w->x[k] * w->fx[k] + w->y[k] * w->fy[k] + w->z[k] * w->fz[k]) * w->inverse_r[k];
    }
}

void acsf_tangent(const descriptor *d, descriptor_workspace *w, const mlsoap_environments *block, const double *v,
                  double *dD, size_t stride)
{
    const acsf *s = (const acsf *)d;
    for (int i = 0; i < block->n_centers; i++) {
        const acsf_center *center = &w->centers[i];
        double *row = dD + (size_t)i * stride;
        memset(row, 0, stride * sizeof *row);
        if (!center->plan || center->broken) continue;
        read_directions(w, center, v);
        for (int species = 0; species < d->n_species; species++) {
            const acsf_bucket *bucket = &w->buckets[i * d->n_species + species];
            for (int k = 0; bucket->n > 0 && k < center->plan->n_pairs[species]; k++) {
                const acsf_pair_term *term = &center->plan->pairs[species][k];
                double sum = 0;
                const double *slopes = acsf_pair_slopes(w, k, bucket);
                for (int j = 0; j < bucket->n; j++) sum += slopes[j] * w->along[bucket->first + (size_t)j];
                row[term->feature] += term->weight * sum;
            }
        }
        acsf_visit_triples(s, w, i, &(acsf_visit){.derivatives = 1, .batch = tangent_batch, .context = row});
    }
}

/** Where the Jacobian of a center goes. */
typedef struct jacobian_rows {
    double *rows; /**< [n_neighbors][3][stride] */
    size_t stride;
    int first; /**< pair of row 0 */
} jacobian_rows;

/* row[3] of one feature += scale (x, y, z). */
static void add_vector(const jacobian_rows *to, int pair, int feature, double scale, double x, double y, double z)
{
    double *row = to->rows + (size_t)(pair - to->first) * 3 * to->stride + (size_t)feature;
    row[0] += scale * x;
    row[to->stride] += scale * y;
    row[2 * to->stride] += scale * z;
}

static void jacobian_batch(const acsf *s, descriptor_workspace *w, const acsf_triples *t, void *context)
{
    acsf_batch *b = &w->batch;
    const jacobian_rows *to = context;
    s->kernels->acsf_products(t, b);
    for (size_t g = (size_t)b->first_group; g < (size_t)t->n_groups; g++)
        for (int q = t->groups[g].first_term; q < t->groups[g].first_term + t->groups[g].n_terms; q++) {
            const acsf_term *term = &t->terms[q];
            const double *P = b->P + (size_t)term->angle * ACSF_BATCH, *dP = b->dP + (size_t)term->angle * ACSF_BATCH;
            for (int i = 0; i < b->n; i++) {
                size_t o = g * ACSF_BATCH + (size_t)i, j = (size_t)b->j[i], k = (size_t)b->k[i];
                double ia = b->inverse_a[i], ib = b->inverse_b[i], p = term->weight * P[i];
                double dcos = term->weight * dP[i] * b->W[o];
                double alpha = p * b->Wa[o] + dcos * (ib - b->cosine[i] * ia);
                double beta = p * b->Wb[o] + dcos * (ia - b->cosine[i] * ib);
                double gamma = dcos * ia * ib - p * b->Wc[o] / b->c[i];
                add_vector(to, w->pair[j], term->feature, alpha * ia, w->x[j], w->y[j], w->z[j]);
                add_vector(to, w->pair[k], term->feature, beta * ib, w->x[k], w->y[k], w->z[k]);
                add_vector(to, w->pair[j], term->feature, gamma, b->x[i], b->y[i], b->z[i]);
                add_vector(to, w->pair[k], term->feature, -gamma, b->x[i], b->y[i], b->z[i]);
            }
        }
}

void acsf_jacobian(const descriptor *d, descriptor_workspace *w, const mlsoap_environments *block, int i_center,
                   double *jacobian, size_t stride)
{
    const acsf *s = (const acsf *)d;
    const acsf_center *center = &w->centers[i_center];
    jacobian_rows to = {jacobian, stride, block->first[i_center]};
    memset(jacobian, 0, (size_t)(block->first[i_center + 1] - to.first) * 3 * stride * sizeof *jacobian);
    if (!center->plan || center->broken) return;
    for (int species = 0; species < d->n_species; species++) {
        const acsf_bucket *bucket = &w->buckets[i_center * d->n_species + species];
        for (int k = 0; bucket->n > 0 && k < center->plan->n_pairs[species]; k++) {
            const acsf_pair_term *term = &center->plan->pairs[species][k];
            const double *slopes = acsf_pair_slopes(w, k, bucket);
            for (int j = 0; j < bucket->n; j++) {
                size_t slot = bucket->first + (size_t)j;
                add_vector(&to, w->pair[slot], term->feature, term->weight * slopes[j] * w->inverse_r[slot], w->x[slot],
                           w->y[slot], w->z[slot]);
            }
        }
    }
    acsf_visit_triples(s, w, i_center, &(acsf_visit){.derivatives = 1, .batch = jacobian_batch, .context = &to});
}
