/* SPDX-License-Identifier: BSD-3-Clause */
/** @file describe_frames.h
 *  Structures -> rows of features and their derivatives with respect to the atoms, for `mlsoap describe`: descriptors
 *  side by side, columns in their order; one row per center, or one per structure where all descriptors are averaged,
 *  pooled or functions of the whole structure. OpenMP over centers; the numbers do not depend on the number of
 *  threads. */
#ifndef MLSOAP_DESCRIBE_FRAMES_H
#define MLSOAP_DESCRIBE_FRAMES_H

#include "app/describer.h"

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
