/* SPDX-License-Identifier: BSD-3-Clause */
/** @file target_slopes.h
 *  Slopes of the data against numbers that are right by construction, and what they say of sign, unit and order. */
#ifndef MLSOAP_TARGET_SLOPES_H
#define MLSOAP_TARGET_SLOPES_H

#include <stdbool.h>
#include <stddef.h>

typedef struct target_slope {
    size_t n;                  /**< numbers; 0: unknown */
    double slope, correlation; /**< about 0 */
} target_slope;

/** data against expected: the geometric mean of both regressions, which noise in either does not pull to 0. */
void target_slope_find(const double *data, const double *expected, size_t n, target_slope *slope);

typedef struct virial_slopes {
    size_t n_frames;
    /** Of the diagonal components, and of the others. slope: the median of |data|/|model| over frames, with the sign in
     * which most frames agree; same_sign: the share of frames with a positive product; volume_power: 1
     * where the data are the model over the volume (a stress given as virial), -1 where they are the model times the
     * volume, else 0. */
    double slope[2], correlation[2], same_sign[2];
    int volume_power[2];
    double permuted[3][3]; /**< correlation of data component a with model component b of xy, xz, yz */
} virial_slopes;

/** From pairs of virials per atom [n][6] (xx yy zz xy xz yz). @param[in] volumes  [n], Angstrom^3; NULL: unknown */
void virial_slopes_find(const double (*data)[6], const double (*fitted)[6], const double *volumes, size_t n,
                        virial_slopes *slopes);

/** What is wrong, in words, with the likely cause; false where nothing is, or where the model says too little (a
 *  correlation below 0.8). */
bool virial_slopes_verdict(const virial_slopes *slopes, char *text, size_t size);

/** The same for energies against a model of the forces. @param[in] n_atoms  of a frame, on average */
bool energy_slope_verdict(const target_slope *slope, double n_atoms, char *text, size_t size);

#endif
