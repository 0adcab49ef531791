/* SPDX-License-Identifier: BSD-3-Clause */
/** @file describe_frames.h
 *  Structures -> rows of features and their derivatives with respect to the atoms, for `mlsoap describe`: descriptors
 *  side by side, columns in their order; one row per center, or one per structure where all descriptors are averaged,
 *  pooled or functions of the whole structure. OpenMP over centers; the numbers do not depend on the number of
 *  threads. */
#ifndef MLSOAP_DESCRIBE_FRAMES_H
#define MLSOAP_DESCRIBE_FRAMES_H

#include "descriptors/pooling.h"
#include "descriptors/structure/structure_descriptor.h"
#include "structure/neighbor_list.h"

/** The columns of one descriptor. */
typedef struct describe_part {
    structure_descriptor *whole; /**< owned; NULL: the descriptor is one of environments */
    pooling pool;                /**< of the rows of the centers */
    size_t column, n_columns;    /**< in the rows that come out */
    size_t center_column;        /**< in the rows of the centers, before they are pooled */
} describe_part;

/** Descriptors with the scratch memory of every thread. Used by one structure at a time. */
typedef struct describer {
    descriptor **descriptors; /**< [n_descriptors] owned; NULL: a descriptor of whole structures */
    describe_part *parts;     /**< [n_descriptors] */
    int n_descriptors;
    size_t n_features;        /**< columns */
    size_t n_center_features; /**< columns of the rows of the centers */
    int is_per_structure;     /**< one row per structure */
    const descriptor *first;  /**< the first descriptor of environments; NULL: none */
    double r_cut;             /**< Angstrom, the largest */
    int centers_are_atoms;
    int centers_are_midpoints; /**< the center moves with the mean of the atoms; given points stay */
    size_t *atoms;             /**< [n_atoms] only these atoms of each structure are centers; owned */
    size_t n_atoms;            /**< 0: all */
    struct describe_worker *workers;
    int n_workers;
    neighbor_list list; /**< of the structure at hand */
    double (*points)[3];
    size_t *rows, n_rows; /**< its centers, as indices into the list */
    size_t capacity_points, capacity_rows;
    struct describe_scratch *scratch; /**< for rows of structures (describe_structures.c) */
} describer;

/** Build from settings of descriptors (a JSON array; completed in place).
 *  Errors: those of descriptor_new, pooling_read and structure_descriptor_new; MLSOAP_ERROR_VALUE (no descriptor, atoms
 *  mixed with points, different points, rows of centers mixed with rows of structures); MLSOAP_ERROR_MEMORY. On failure
 *  there is nothing to release. */
mlsoap_status describer_new(json_t *settings, const schema_source *source, describer *d, mlsoap_error *error);
void describer_release(describer *d);
/** Only these atoms are centers. Errors: MLSOAP_ERROR_VALUE where centers are points; MLSOAP_ERROR_MEMORY. */
mlsoap_status describer_choose_atoms(describer *d, const size_t *atoms, size_t n_atoms, mlsoap_error *error);

/** MLSOAP_ERROR_UNSUPPORTED where the derivative of a descriptor is not defined: max, histogram, whole structures. */
mlsoap_status describer_check_derivatives(const describer *d, mlsoap_error *error);

/** True where histograms take their range from the data: call describer_survey for every structure first. Errors: those
 *  of describe_structure. */
int describer_needs_survey(const describer *d);
mlsoap_status describer_survey(describer *d, const structure *s, mlsoap_error *error);

/** Names of the columns; "soap: Si-Si n1 n1 l0" where there are several descriptors. */
void describer_feature_name(const describer *d, size_t i_feature, char *text, size_t size);

typedef enum describe_what { DESCRIBE_VALUES, DESCRIBE_DENSE, DESCRIBE_SPARSE } describe_what;

/** What a structure gives. Zero-initialize; memory is reused by the next structure. */
typedef struct description_rows {
    size_t n_rows;
    double *values; /**< [n_rows][n_features] */
    double *dense;  /**< [n_rows][n_atoms][3][n_features] dD/dR_atom, all images of the atom together */
    size_t n_entries;
    double *sparse; /**< [n_entries][3][n_features] dD/dR of one image of one atom; rows of centers: the center, then
                       its neighbors; a row of a structure: each image of an atom once */
    int64_t *row, *atom, (*image)[3]; /**< [n_entries]; row counts from 0 in this structure */
    size_t capacities[6], *first_entry, capacity_first;
} description_rows;

/** Number of rows, and of entries of the sparse derivatives (NULL: not asked for). Errors: those of the neighbor list;
 *  MLSOAP_ERROR_SPECIES (an element that no descriptor knows); MLSOAP_ERROR_VALUE (an atom of describer_choose_atoms
 *  that the structure lacks, or that is of an element without a descriptor). */
mlsoap_status describe_count(describer *d, const structure *s, size_t *n_rows, size_t *n_entries, mlsoap_error *error);

/** Values, and the derivatives asked for. The derivative is the physical one: a center that is an atom moves with its
 *  atom, a midpoint with all atoms, a given point stays. Features that the element of a center lacks are 0; pooling
 *  leaves such centers out. Errors: those of describe_count, structure_descriptor_values and
 *  describer_check_derivatives; MLSOAP_ERROR_ARGUMENT (a histogram without its survey). */
mlsoap_status describe_structure(describer *d, const structure *s, describe_what what, description_rows *rows,
                                 mlsoap_error *error);
void description_rows_release(description_rows *rows);

#endif
