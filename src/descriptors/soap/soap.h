/* SPDX-License-Identifier: BSD-3-Clause */
/** @file soap.h
 *  Smooth overlap of atomic positions: the one engine of every flavor. A flavor is a table of radial functions, a
 * weight w(r), a set of density channels and a list of products of channels (spec soap.md 1, 5, 6; Bartok, Kondor,
 * Csanyi 2013, doi:10.1103/PhysRevB.87.184115).
 *
 *  Stations: neighbors -> weights, harmonics, radial functions (density_expansion.c) -> density c^Z_nlm of each species
 *  -> channels c^k = sum_Z U_kZ c^Z -> power spectrum (power_spectrum.c); back by soap_adjoint.c, forward derivatives
 * by soap_tangent.c. */
#ifndef MLSOAP_SOAP_H
#define MLSOAP_SOAP_H

#include "descriptors/descriptor.h"
#include "descriptors/soap/bispectrum.h"
#include "kernels/kernels.h"

extern const descriptor_class soap_class;
extern const schema_key soap_schema[];

/** One product of two channels: features [l][n][n'], n' >= n where packed. */
typedef struct soap_product {
    int a, b, packed;
    size_t first_feature;
} soap_product;

/** Conventions of spec soap.md: S, D and Q. In the order of soap_mode_names. */
typedef enum soap_mode { SOAP_SMOOTH, SOAP_DSCRIBE, SOAP_QUIP } soap_mode;

/** Which products of channels are features. */
typedef enum soap_compression {
    SOAP_ALL_PRODUCTS, /**< every pair: none, mu2 and mix differ by their channels */
    SOAP_CROSSOVER,    /**< each channel with itself */
    SOAP_MU1NU1        /**< each species with the sum of all */
} soap_compression;

typedef struct soap {
    descriptor base;
    const kernels *kernels;
    soap_mode mode;
    int n_max, l_max, n_padded;
    size_t n_lm, n_coefficients; /**< (l_max + 1)^2; of one channel: n_lm * n_padded */
    radial_table *table;
    double basis_r_cut; /**< Angstrom, of the radial basis; the density may reach farther, to base.r_cut */
    cutoff_function cutoff;
    double w0;               /**< weight of the central atom */
    int center_in_all;       /**< the central atom counts in the density of every species */
    int merged;              /**< average inner: one environment holds all centers as neighbors at r = 0 */
    double *species_weights; /**< [n_species] */
    int species_index[119];  /**< by atomic number; -1 = not in the density */
    harmonics_recursion recursion;
    int n_entries;
    gradient_entry *entries; /**< gradient of the solid harmonics */
    soap_compression compression;
    int n_channels;
    int channels_are_species; /**< U is the identity */
    double *mixing;           /**< U [n_channels][n_species] */
    int n_products;
    soap_product *products;
    double *prefactors;       /**< [l_max + 1] pi sqrt(8/(2l+1)); quip: 1/sqrt(2l+1) */
    bispectrum *block;        /**< NULL = none */
    size_t n_power;           /**< features of the products; those of the block follow */
    size_t n_raw, raw_stride; /**< all features, before they are arranged */
    size_t *arrangement;      /**< [n_raw] feature f is raw feature arrangement[f] times factors[f]; NULL = as it is */
    double *factors;
    int normalize;           /**< power spectrum of unit length, then joined with the block (soap_arrangement.c) */
    double *metric;          /**< [n_power] squared weights of the length; NULL = 1 */
    double joint_factor;     /**< of normalized features: 1/sqrt(1 + w_B^2) */
    double sigma0;           /**< quip: the last feature */
    double *feature_weights; /**< base.weights */
    int *species, *center_species;
} soap;

/** Neighbors of one center and one species: slots first ... first + 8 n_chunks - 1 of the block's arrays. */
typedef struct soap_bucket {
    int species;  /**< index */
    size_t first; /**< slot, a multiple of 8 */
    int n_neighbors, n_chunks;
} soap_bucket;

typedef struct soap_center {
    int first_bucket, n_buckets;
    int broken; /**< a neighbor vector is not finite, or an atom sits on this one: its features are NaN */
} soap_center;

/** Neighbors that the tangent takes at a time. */
enum { SOAP_TANGENT_SLOTS = 64 };

struct descriptor_workspace {
    size_t capacity_slots, capacity_buckets;
    /* one entry per slot; padding slots have weight 0 */
    double *r, *inverse_r, *ux, *uy, *uz, *w, *dw;
    int *pair;      /**< index into the block's pairs, -1 = padding */
    double *Y;      /**< [slots of one bucket / 8][n_lm][8] (kernels.h) */
    double *R, *dR; /**< [slots][(l_max + 1) n_padded] */
    double *forces; /**< [3][slots of one bucket] */
    soap_bucket *buckets;
    soap_center centers[DESCRIPTOR_BLOCK];
    double *c;            /**< [DESCRIPTOR_BLOCK][n_species][n_coefficients]; these three and 8 readable rows */
    double *channels;     /**< [DESCRIPTOR_BLOCK][n_channels][n_coefficients]; = c where channels are species */
    double *cbar;         /**< [n_channels][n_coefficients], of one center */
    double *cbar_species; /**< [n_coefficients], of one species */
    double *harmonics;    /**< [n_lm][8] of the chunk at hand, without weight */
    /** [DESCRIPTOR_BLOCK][n_species + n_channels][n_coefficients] derivatives of c and of the channels */
    double *tangent;
    double *tangent_Y, *tangent_X; /**< [SOAP_TANGENT_SLOTS / 8][n_lm][8], [SOAP_TANGENT_SLOTS][(l_max + 1) n_padded] */
    double *tangent_fields;        /**< [3][n_coefficients] */
    double *tangent_d, *tangent_T; /**< as d and T below */
    double *harmonics_gradient;    /**< [3][n_lm] of one neighbor */
    double *slopes;         /**< [2][(l_max + 1) n_padded] Q, S of one neighbor; then [n_channels][3][2][same]; + 8 */
    double *channel_fields; /**< [n_channels][3][l_max^2][n_padded] fields of each channel of one center */
    double *features;       /**< [l_max + 1][n_max][n_max], scratch of one product */
    double *raw;            /**< [raw_stride] one row before it is arranged */
    double *unit;           /**< [DESCRIPTOR_BLOCK][raw_stride] normalized rows */
    double norms[DESCRIPTOR_BLOCK];
    /* bispectrum block: [rows][DESCRIPTOR_BLOCK], one lane per center */
    double *d, *dbar, *T, *B, *g;
    double *block_jacobian; /**< [n_features][n_coefficients] dB/dd of one center */
    double *dd;             /**< [n_coefficients] tangent of d */
    int *order;             /**< scratch of the bucket sort */
    size_t capacity_order;
    int *by_distance; /**< [slots] */
    int *n_before;    /**< [intervals of the radial table + 1] scratch of that sort */
};

/* density_expansion.c */
mlsoap_status soap_workspace_new(const descriptor *d, descriptor_workspace **out, mlsoap_error *error);
void soap_workspace_free(descriptor_workspace *w);
mlsoap_status soap_workspace_reserve(const descriptor *d, descriptor_workspace *w, size_t n_pairs, mlsoap_error *error);
/** Fill the workspace for a block up to the channels. */
void soap_expand(const soap *s, descriptor_workspace *w, const mlsoap_environments *block);

/* power_spectrum.c */
void soap_values(const descriptor *d, descriptor_workspace *w, const mlsoap_environments *block, double *D,
                 size_t stride);

/* soap_adjoint.c */
void soap_adjoint(const descriptor *d, descriptor_workspace *w, const mlsoap_environments *block, const double *g,
                  size_t stride, double *dE_dr);

/* soap_tangent.c */
void soap_tangent(const descriptor *d, descriptor_workspace *w, const mlsoap_environments *block, const double *v,
                  double *dD, size_t stride);

/** Q = dS/dr - (l/r) S and S = w R of a neighbor into w->slopes, and, at the first slot of a chunk, its harmonics into
 *  w->harmonics: slots of a bucket are opened in order. */
void soap_open_slot(const soap *s, descriptor_workspace *w, size_t slot);
/** dB/dd of one center into the workspace, where there is a block. */
void soap_block_prepare(const soap *s, descriptor_workspace *w, int i_center);
/** Derivatives of the block's features along an axis with respect to the neighbor of the open slot, into the end of
 *  the raw row; after soap_block_prepare, axis 0 first. */
void soap_block_slopes(const soap *s, descriptor_workspace *w, size_t slot, int species, size_t axis, double *raw);

/* soap_jacobian.c */
void soap_jacobian(const descriptor *d, descriptor_workspace *w, const mlsoap_environments *block, int i_center,
                   double *jacobian, size_t stride);

/* soap_arrangement.c: between the raw features of the products and those that the caller sees (order, factors, length,
 * last feature). Raw rows are w->raw where features are arranged, else the caller's own row. */
/** Where to put the raw features of a row that ends in `row`. */
double *soap_raw_row(const soap *s, descriptor_workspace *w, double *row);
void soap_arrange(const soap *s, descriptor_workspace *w, int i_center, const double *raw, double *row);
/** g = dE/d(row) -> dE/d(raw); the result is w->raw or g itself. */
const double *soap_arrange_adjoint(const soap *s, descriptor_workspace *w, int i_center, const double *g);
/** d(raw) -> d(row). */
void soap_arrange_tangent(const soap *s, descriptor_workspace *w, int i_center, const double *raw, double *row);

/* bispectrum_fit.c */
mlsoap_status soap_fit(json_t *settings, const char *path, const schema_source *source,
                       const struct structure *const *structures, size_t n_structures, mlsoap_error *error);

/* soap_channels.c */
void soap_feature_name(const descriptor *d, size_t i_feature, char *text, size_t size);

/* soap_settings.c */
void soap_free(descriptor *d);

#endif
