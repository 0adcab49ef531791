/* SPDX-License-Identifier: BSD-3-Clause */
/** @file describer.h
 *  What describe_frames.h works with, its parts too: the descriptors and the rows that come out. */
#ifndef MLSOAP_DESCRIBER_H
#define MLSOAP_DESCRIBER_H

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

#endif
