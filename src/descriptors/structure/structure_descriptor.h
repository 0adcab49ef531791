/* SPDX-License-Identifier: BSD-3-Clause */
/** @file structure_descriptor.h
 *  Descriptors of whole structures (spec structure-descriptors.md 1 to 3): functions of a structure, not of
 *  environments, so that potentials cannot use them; `mlsoap describe` does. All are symmetric matrices M [n][n] over
 *  the atoms, made independent of the order of the atoms in one of these ways and padded with zeros:
 *
 *      none            as it is, flattened row by row
 *      sorted_l2       rows and columns in the order of decreasing 2-norm of the rows, ties in input order
 *      random          the same with Gaussian noise of width sigma added to the norms
 *      eigenspectrum   eigenvalues by decreasing absolute value
 *
 *  A new one is a file with its matrix and a row in the table of structure_descriptor.c.
 *  Rupp et al. 2012, doi:10.1103/PhysRevLett.108.058301; Faber et al. 2015, doi:10.1002/qua.24917. */
#ifndef MLSOAP_STRUCTURE_DESCRIPTOR_H
#define MLSOAP_STRUCTURE_DESCRIPTOR_H

#include "core/schema.h"
#include "structure/structure.h"

#include <stdint.h>

typedef enum matrix_permutation {
    PERMUTATION_NONE,
    PERMUTATION_SORTED_L2,
    PERMUTATION_EIGENSPECTRUM,
    PERMUTATION_RANDOM
} matrix_permutation;

typedef struct structure_descriptor structure_descriptor;

/** What a kind provides. */
typedef struct structure_descriptor_class {
    const char *type;         /**< config key `type` */
    const schema_key *schema; /**< keys */
    int is_periodic;          /**< it needs a cell that is periodic in three directions */
    /** M [n_atoms][n_atoms], all of it. The structure is valid, and its atoms are apart. */
    mlsoap_status (*matrix)(const structure_descriptor *d, const structure *s, double *M, mlsoap_error *error);
} structure_descriptor_class;

struct structure_descriptor {
    const structure_descriptor_class *class_;
    json_t *settings; /**< completed; owned */
    size_t n_atoms_max, n_features;
    matrix_permutation permutation;
    double sigma;               /**< of the norms, random */
    uint64_t seed;              /**< random */
    double accuracy, screening; /**< Ewald sum: relative; 1/Angstrom, 0 = by the density of the atoms */
    int n_species, *species;    /**< atoms that may be there; none: all */
};

/** True where `type` is that of a descriptor of whole structures. */
int structure_descriptor_is(const char *type);

/** Build from `settings` (completed in place and a reference kept) of such a type.
 *  Errors: MLSOAP_ERROR_VALUE (with the place of the key), MLSOAP_ERROR_MEMORY. */
mlsoap_status structure_descriptor_new(json_t *settings, const char *path, const schema_source *source,
                                       structure_descriptor **out, mlsoap_error *error);
void structure_descriptor_free(structure_descriptor *d); /* NULL-safe */

/** Features of a structure, row[n_features]. Thread-safe. The noise of `random` comes from the seed and the positions:
 *  the same for the same structure wherever it stands.
 *  Errors: those of structure_validate; MLSOAP_ERROR_CAPACITY (more than n_atoms_max atoms, or an Ewald sum of too many
 *  terms); MLSOAP_ERROR_SPECIES; MLSOAP_ERROR_VALUE (no cell, coinciding atoms: names both); MLSOAP_ERROR_MEMORY. */
mlsoap_status structure_descriptor_values(const structure_descriptor *d, const structure *s, double *row,
                                          mlsoap_error *error);

/** "M 1 2" (rows and columns from 1) or "eigenvalue 1". */
void structure_descriptor_feature_name(const structure_descriptor *d, size_t i_feature, char *text, size_t size);

/* The kinds, each in its file. */
extern const structure_descriptor_class coulomb_matrix_class, sine_matrix_class, ewald_sum_matrix_class;

/** Cell of a periodic structure: its volume and what turns positions into fractions, f_k = position . inverse[k]. */
typedef struct structure_lattice {
    double volume;        /**< Angstrom^3 */
    double inverse[3][3]; /**< 1/Angstrom; times 2 pi: the reciprocal lattice vectors */
} structure_lattice;
structure_lattice structure_lattice_of(const structure *s);
/** R_j - R_i in fractions of the lattice vectors. */
void structure_lattice_difference(const structure_lattice *lattice, const structure *s, size_t i, size_t j,
                                  double fraction[3]);

#endif
