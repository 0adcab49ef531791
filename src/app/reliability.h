/* SPDX-License-Identifier: BSD-3-Clause */
/** @file reliability.h
 *  How well the predicted uncertainties tell the true errors of the forces: rank correlation over atoms, and the errors
 *  of atoms sorted by their uncertainty into bins of equal numbers, and by config_type. */
#ifndef MLSOAP_RELIABILITY_H
#define MLSOAP_RELIABILITY_H

#include "io/frame.h"

#include <jansson.h>
#include <stdio.h>

enum { RELIABILITY_BINS = 10 };

typedef struct reliability_bin {
    size_t n;         /**< atoms */
    double predicted; /**< root mean square of the force uncertainties, eV/Angstrom */
    double error;     /**< root mean square length of the force errors */
    double within;    /**< share of atoms whose error is below their uncertainty */
} reliability_bin;

/** Atoms of one config_type. */
typedef struct reliability_row {
    const char *name; /**< of the frames, not owned */
    reliability_bin atoms;
    double spearman; /**< as that of all */
} reliability_row;

typedef struct reliability {
    size_t n;        /**< atoms with forces, a prediction and an uncertainty; 0: there is nothing to tell */
    double spearman; /**< rank correlation of uncertainty and length of the force error; NaN where it has no meaning */
    reliability_bin total, bins[RELIABILITY_BINS]; /**< bins by ascending uncertainty; n = 0 for a few atoms */
    reliability_row *rows;                         /**< [n_rows] in order of name; owned */
    size_t n_rows;
    size_t n_energies;       /**< frames with an energy and uncertainties */
    double energy_predicted; /**< root mean square over frames of the mean uncertainty of their atoms, eV */
    double energy_error;     /**< root mean square error of E/N, eV */
} reliability;

/** Of all frames with predictions, uncertainties and targets, which must live as long. Error: MLSOAP_ERROR_MEMORY.
 *  Release with reliability_release, also on failure. */
mlsoap_status reliability_find(const frame_set *set, reliability *r, mlsoap_error *error);
void reliability_release(reliability *r);
/** What to know where the rank correlation over n atoms is below 0.3, for users to read behind that number; NULL where
 *  it is not, where it is NaN, and for fewer than 100 atoms. */
const char *reliability_remark(size_t n, double spearman);
/** Its three numbers of energies alone, into a reliability of zeros. */
void reliability_energies(const frame_set *set, reliability *r);
/** True where the forces of a frame count: it has them, a prediction and uncertainties. */
bool reliability_has_forces(const frame *f);
/** Length of the force error of an atom, eV/Angstrom. */
double reliability_force_error(const frame *f, size_t i);
/** Nothing where n = 0. */
void reliability_print(const reliability *r, FILE *file);
/** {"n", "spearman", "energy": {...}, "forces": {...}, "bins": [...], "by_config_type": {...}}; null where n = 0, NULL
 *  where there is no memory. */
json_t *reliability_json(const reliability *r);

/** Spearman's rank correlation of two columns; ties share their mean rank. NaN for fewer than two or equal values.
 *  Error: MLSOAP_ERROR_MEMORY. */
mlsoap_status rank_correlation(size_t n, const double *x, const double *y, double *correlation, mlsoap_error *error);

#endif
