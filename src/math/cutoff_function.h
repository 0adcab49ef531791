/* SPDX-License-Identifier: BSD-3-Clause */
/** @file cutoff_function.h
 *  The weight w(r) of a neighbor in the density: cutoff function times radial scaling (spec soap.md 4 and 5). */
#ifndef MLSOAP_CUTOFF_FUNCTION_H
#define MLSOAP_CUTOFF_FUNCTION_H

typedef enum cutoff_type {
    CUTOFF_COSINE,         /**< (cos(pi r/r_cut) + 1)/2 */
    CUTOFF_SHIFTED_COSINE, /**< 1 up to r_cut - width, then the cosine over the width */
    CUTOFF_POLY,           /**< c (1 + 2x^3 - 3x^2)^m, x = r/r0, 0 beyond r0 */
    CUTOFF_POW,            /**< c/(d + (r/r0)^m): ends abruptly at r_cut */
    CUTOFF_EXP,            /**< c/(d + exp(-r/r0)): grows with r, as DScribe defines it; ends abruptly at r_cut */
    CUTOFF_NONE            /**< 1: ends abruptly at r_cut */
} cutoff_type;

typedef struct cutoff_function {
    cutoff_type type;
    double r_cut;       /**< Angstrom; 0 from there on */
    double width;       /**< shifted cosine, Angstrom */
    double r0, m, c, d; /**< poly, pow, exp; r0 in Angstrom */
    double scaling_r0;  /**< w /= 1 + (r/scaling_r0)^scaling_m; 0 = none */
    double scaling_m;
} cutoff_function;

/** w(r) and dw/dr; both 0 for r >= r_cut. `derivative` may be NULL. */
double cutoff_function_evaluate(const cutoff_function *f, double r, double *derivative);

#endif
