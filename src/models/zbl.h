/* SPDX-License-Identifier: BSD-3-Clause */
/** @file zbl.h
 *  Universal repulsion of nuclei (Ziegler, Biersack, Littmark 1985, The Stopping and Range of Ions in Solids), switched
 * off between two radii as LAMMPS's pair style zbl does it (spec models.md 7):
 *
 *      E(r) = q Z_i Z_j/r phi(r/a) + S(r),   a = 0.46850/(Z_i^0.23 + Z_j^0.23) Angstrom,   q = 14.399645 eV Angstrom
 *      S = C below r_inner, (A/3)(r - r_inner)^3 + (B/4)(r - r_inner)^4 + C up to r_outer; E = 0 beyond
 *
 *  with A, B, C such that E and its first two derivatives vanish at r_outer and E is twice differentiable at r_inner.
 */
#ifndef MLSOAP_ZBL_H
#define MLSOAP_ZBL_H

typedef struct zbl_pair {
    double r_inner, r_outer;  /**< Angstrom, 0 < r_inner < r_outer; r_outer = 0: no repulsion */
    double charge;            /**< q Z_i Z_j, eV Angstrom */
    double inverse_length;    /**< 1/a */
    double cubic, quartic, C; /**< A/3, B/4, C */
} zbl_pair;

zbl_pair zbl_pair_new(int z_i, int z_j, double r_inner, double r_outer);

/** Energy of the pair, eV, and its derivative, eV/Angstrom, at r > 0; 0 from r_outer on. */
double zbl_pair_energy(const zbl_pair *pair, double r, double *dE_dr);

#endif
