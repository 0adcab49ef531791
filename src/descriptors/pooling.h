/* SPDX-License-Identifier: BSD-3-Clause */
/** @file pooling.h
 *  Many rows into one: the keys `average` and `pooling` of a descriptor, one row per structure (spec
 *  structure-descriptors.md 4, soap.md 6). With N centers and their rows D_i:
 *
 *      mean   (1/N) sum_i D_i          sum   sum_i D_i          max   max_i D_if
 *      histogram   (1/N) #{i: D_if in bin b}, bins [e_b, e_b+1), the last one closed; the end bins take what is outside
 *      average outer = mean;  average inner: features of the mean density (1/N) sum_i c_i
 *
 *  Per species: the same for the centers of each element, side by side by ascending atomic numbers; zeros for an
 *  absent one. */
#ifndef MLSOAP_POOLING_H
#define MLSOAP_POOLING_H

#include "descriptors/descriptor.h"

typedef enum pooling_type {
    POOLING_NONE,
    POOLING_MEAN,
    POOLING_SUM,
    POOLING_MAX,
    POOLING_HISTOGRAM,
    POOLING_DENSITY /**< average inner: the descriptor's own work, on one environment that holds all centers */
} pooling_type;

typedef struct pooling {
    pooling_type type;
    size_t n_features;  /**< of the rows that come in */
    int n_species;      /**< blocks; 1 where not per species */
    int *species;       /**< [n_species] ascending; NULL: all centers are one block */
    size_t n_bins;      /**< 1 but for histograms */
    double *edges;      /**< [n_bins + 1] of every feature; NULL: those of `low` and `high` */
    double *low, *high; /**< [n_features] equal bins between them; grown by pooling_survey where not given */
    int is_open;        /**< 1: the range comes from the data, by pooling_survey */
    size_t n_columns;   /**< of the row that comes out */
} pooling;

/** The row `pooling` of a descriptor's schema, and its children. */
extern const schema_key pooling_schema[];
extern const char *const pooling_none[];
#define POOLING_KEY                                                                                                    \
    {                                                                                                                  \
        "pooling", SCHEMA_OBJECT | SCHEMA_TEXT | SCHEMA_NULL, "\"none\"", NULL, 1, 0, pooling_none, pooling_schema,    \
            "describe: one row per structure, from the rows of its centers"                                            \
    }

/** Pooling of a descriptor by its completed settings. Errors: MLSOAP_ERROR_VALUE (average and pooling together; per
 *  species where centers are points; bins that do not ascend), MLSOAP_ERROR_MEMORY. Release it in any case. */
mlsoap_status pooling_read(const descriptor *d, const char *path, const schema_source *source, pooling *p,
                           mlsoap_error *error);
void pooling_release(pooling *p);

/** MLSOAP_ERROR_VALUE where the settings ask for one row per structure, which a potential has no use for. */
mlsoap_status pooling_refuse(const descriptor *d, const char *path, const schema_source *source, mlsoap_error *error);

/** True where dD_out = sum_i factor_i dD_i: mean, sum, and the mean density in its own way. */
int pooling_is_linear(const pooling *p);

/** Widen the open range of a histogram by a row. */
void pooling_survey(pooling *p, const double *D);

/** Block of a center of this element, -1: none. */
int pooling_block(const pooling *p, int species);

/** Pool rows into out[n_columns], in their order.
 *  @param[in] D  [n_rows][stride]   @param[in] blocks  [n_rows] block of each row, -1 = leave it out */
void pooling_apply(const pooling *p, const double *D, size_t n_rows, size_t stride, const int *blocks, double *out);

/** "Si: mean " of a column, and the feature that it comes from; the bin "in [0.1, 0.2)" after its name. */
size_t pooling_column_name(const pooling *p, size_t column, char *prefix, size_t prefix_size, char *suffix,
                           size_t suffix_size);

#endif
