/* SPDX-License-Identifier: BSD-3-Clause */
/** @file species_mixing.h
 *  Fixed mixing of the species' densities into a few channels, so that many species cost what a few cost: elements that
 *  are alike in the periodic table get nearly the same column (spec soap.md 6). */
#ifndef MLSOAP_SPECIES_MIXING_H
#define MLSOAP_SPECIES_MIXING_H

#include "core/status.h"

/** U [n_channels][n_species], columns of length 1 (n_channels 1: 1 + 0.3 z, z in -1 ... 1 by group): each element is a
 *  vector (period/1.5, group/1.5, covalent radius/0.15 Angstrom), the Gram matrix is exp(-d^2/4), and the channels are
 *  its leading eigenvectors times the square roots of their eigenvalues, signs such that each row's largest entry is
 *  positive.
 *  @param[in] species [n_species] atomic numbers, ascending   @return MLSOAP_SUCCESS; MLSOAP_ERROR_CAPACITY for more
 *  than 16 species. */
mlsoap_status species_mixing(int n_channels, int n_species, const int *species, double *U, mlsoap_error *error);

#endif
