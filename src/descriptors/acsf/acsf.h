/* SPDX-License-Identifier: BSD-3-Clause */
/** @file acsf.h
 *  Atom-centered symmetry functions (spec acsf.md; Behler 2011, doi:10.1063/1.3553717; compact ones: Bircher,
 * Singraber, Dellago 2021, doi:10.1088/2632-2153/abf817; weighted ones: Gastegger et al. 2018, doi:10.1063/1.5019667):
 * those of RuNNer and n2p2 (mode runner) and of DScribe (mode dscribe).
 *
 *  Stations: settings -> functions (acsf_settings.c, acsf_functions.c) -> for each central species a plan of what its
 *  functions share (acsf_plan.c); neighbors -> windows (acsf_neighbors.c, memory: acsf_workspace.c) -> functions of two
 *  atoms, and batches of triples (acsf_triples.c) -> values and adjoint (acsf_values.c), tangent and Jacobian
 *  (acsf_tangent.c). Values keep the batches and what is dear in them for the derivatives.
 *  The loops over neighbors and triples are kernels (kernels/acsf_kernels.h). */
#ifndef MLSOAP_ACSF_H
#define MLSOAP_ACSF_H

#include "descriptors/descriptor.h"
#include "kernels/kernels.h"

extern const descriptor_class acsf_class;
extern const schema_key acsf_schema[];

/** One feature. */
typedef struct acsf_function {
    int center;      /**< atomic number; 0 = every center */
    int type;        /**< n2p2's number; mode dscribe: 1 to 5 for G1 to G5 */
    int n_neighbors; /**< 1 or 2 */
    int narrow;      /**< with the factors of r_jk */
    int species[2];  /**< e1 <= e2, atomic numbers; 0 = every neighbor, weighted by its atomic number */
    double eta, rs, kappa, lambda, zeta, rl, rc, left, right;
    char sub[4]; /**< shape of a compact function, "" where there is a cutoff function */
    int window;  /**< index into the windows of the descriptor */
    size_t line; /**< mode runner: index of its line in the settings */
} acsf_function;

/** weight sum_j f(r_ij) over one species. */
typedef struct acsf_pair_term {
    int feature, window;
    acsf_radial radial;
    double weight;
} acsf_pair_term;

/** The functions of one central species. */
typedef struct acsf_plan {
    acsf_pair_term **pairs; /**< [n_species] */
    int *n_pairs;
    acsf_triples *triples; /**< [n_species (n_species + 1)/2], of a <= b at b (b + 1)/2 + a */
} acsf_plan;

typedef struct acsf {
    descriptor base;
    const kernels *kernels;
    size_t n_functions;
    acsf_function *functions; /**< in the order of the features */
    int cutoff_type;
    double cutoff_alpha;
    int n_windows;
    acsf_window *windows;
    int species_index[119]; /**< by atomic number; -1 = not a neighbor */
    int plan_index[119];    /**< by atomic number of the center; -1 = no features */
    int n_plans;
    acsf_plan *plans;
    double *feature_weights; /**< base.weights: 1 */
    int *species, *center_species;
} acsf;

/** Neighbors of one center and one species: slots first ... first + n - 1, padded to a multiple of LANES. */
typedef struct acsf_bucket {
    size_t first;
    int n, n_padded;
} acsf_bucket;

typedef struct acsf_center {
    size_t first, n_padded; /**< slots */
    const acsf_plan *plan;  /**< NULL: no features */
    int first_kept, n_kept; /**< batches; n_kept < 0: there was no room for all, derivatives make them again */
    int broken;             /**< a neighbor vector is zero or not finite: its features are NaN */
} acsf_center;

/** A batch whose factors are kept: its place is its index. */
typedef struct acsf_kept {
    const acsf_triples *t;
    int n, far;
} acsf_kept;

/** Kept batches of a block: each has two rows of integers (j, k) and `n_rows` rows of numbers (c, wc, dwc,
 * exponentials), ACSF_BATCH in each. One place more than `capacity` is for batches that are not kept. */
typedef struct acsf_memory {
    int n, capacity;
    size_t n_families, n_rows; /**< narrow families */
    acsf_kept *batches;
    int *pairs;
    double *rows;
} acsf_memory;

/** Batches that are kept take no more than this: half of a usual L2 cache. */
enum { ACSF_MEMORY_BYTES = 512 * 1024 };

/** Triples that wait for their batch to be full. */
typedef struct acsf_pending {
    acsf_pairs_list list;
    int j[ACSF_BATCH + ACSF_PIECE + LANES], k[ACSF_BATCH + ACSF_PIECE + LANES];
} acsf_pending;

struct descriptor_workspace {
    size_t capacity; /**< slots */
    /* one entry per slot; x, y, z = r_ij; padding slots are at r_cut, where all windows are 0, and so are the first
     * LANES, which fill up batches */
    double *r, *inverse_r, *x, *y, *z;
    int *pair;                    /**< index into the block's pairs, -1 = padding */
    double *w, *dw;               /**< [n_windows][capacity] */
    double *records;              /**< [capacity][ACSF_RECORD] */
    double *value;                /**< [capacity] of one function of two atoms */
    double *slopes;               /**< [n_slopes][capacity] df/dr of the functions of two atoms */
    size_t n_slopes;              /**< most functions of two atoms of a plan */
    double *forces;               /**< [capacity][ACSF_FORCE] of one center */
    double *along, *fx, *fy, *fz; /**< [capacity] derivatives along r_ij of one center; directions */
    int *order;
    size_t capacity_order;
    acsf_center centers[DESCRIPTOR_BLOCK];
    acsf_bucket *buckets; /**< [DESCRIPTOR_BLOCK][n_species] */
    acsf_batch batch;
    acsf_memory memory;
    acsf_pending pending[2]; /**< near, far */
    double *g, *sums;        /**< [most terms of a plan], [most terms of a plan][LANES] */
};

/** What is to be done with each batch of triples, and before and after those of a pair of species; `context` is the
 *  caller's. */
typedef void (*acsf_visitor)(const acsf *s, descriptor_workspace *w, const acsf_triples *t, void *context);
typedef struct acsf_visit {
    int derivatives; /**< 0: batches are put into the memory; 1: dP wanted, and batches taken from it where it has them
                      */
    acsf_visitor before, batch, after; /**< before and after: NULL allowed */
    void *context;
} acsf_visit;

/* acsf_functions.c */
/** One line of mode runner. `text` is NULL-terminated; at `path`.functions.`i_line` of its document. */
mlsoap_status acsf_function_parse(const char *text, const char *path, const char *key, const schema_source *source,
                                  acsf_function *f, mlsoap_error *error);
/** Order of the features: by center (every center last), then the order of n2p2 (spec acsf.md 3). */
int acsf_function_compare(const void *a, const void *b);
/** The window of a function on distances; on angles for sub functions of two neighbors. */
acsf_window acsf_cutoff_window(int type, double alpha, double rc);
acsf_window acsf_compact_window(const char *sub, double low, double high);
acsf_angle acsf_function_angle(const acsf_function *f);

/* acsf_plan.c */
mlsoap_status acsf_plans_new(acsf *s, mlsoap_error *error);
void acsf_plans_free(acsf *s);

/* acsf_workspace.c */
mlsoap_status acsf_workspace_new(const descriptor *d, descriptor_workspace **out, mlsoap_error *error);
void acsf_workspace_free(descriptor_workspace *w);
mlsoap_status acsf_workspace_reserve(const descriptor *d, descriptor_workspace *w, size_t n_pairs, mlsoap_error *error);
/** The batch at `place` of the memory. */
void acsf_batch_bind(const acsf_memory *memory, int place, acsf_batch *b);

/* acsf_neighbors.c */
/** Fill the workspace for a block: buckets of neighbors, their windows and records; nothing kept. */
void acsf_sort_neighbors(const acsf *s, descriptor_workspace *w, const mlsoap_environments *block);

/* acsf_triples.c */
/** All triples of a center, in batches with their factors, pair of species by pair of species. */
void acsf_visit_triples(const acsf *s, descriptor_workspace *w, int i_center, const acsf_visit *visit);

/* acsf_values.c */
void acsf_values(const descriptor *d, descriptor_workspace *w, const mlsoap_environments *block, double *D,
                 size_t stride);
void acsf_adjoint(const descriptor *d, descriptor_workspace *w, const mlsoap_environments *block, const double *g,
                  size_t stride, double *dE_dr);
/** df/dr of function `i` of two atoms over a bucket, kept by acsf_values. */
static inline const double *acsf_pair_slopes(const descriptor_workspace *w, int i, const acsf_bucket *bucket)
{
    return w->slopes + (size_t)i * w->capacity + bucket->first;
}

/* acsf_tangent.c */
void acsf_tangent(const descriptor *d, descriptor_workspace *w, const mlsoap_environments *block, const double *v,
                  double *dD, size_t stride);
void acsf_jacobian(const descriptor *d, descriptor_workspace *w, const mlsoap_environments *block, int i_center,
                   double *jacobian, size_t stride);

#endif
