/* SPDX-License-Identifier: BSD-3-Clause */
/** @file potential_parts.h
 *  What the files of this folder share: the parts of a potential that is being built, and the workspace. */
#ifndef MLSOAP_POTENTIAL_PARTS_H
#define MLSOAP_POTENTIAL_PARTS_H

#include "core/elements.h"
#include "potential/potential.h"

/** What tensors of the golden frames are named; they, tensors that follow from others, and three keys of the
 *  description are outside the identity. */
#define GOLDEN_PREFIX  "golden."
#define DERIVED_SUFFIX ".square_sum"
enum { GOLDEN_ATOMS_MAX = 64 };

/* ---------------------------------------------------------------------------------------------- description.c */

/** Check the root of a description against its schema and complete it. */
mlsoap_status description_complete(json_t *description, const schema_source *source, mlsoap_error *error);
/** The same for one entry of `terms`, of the `species` of a term, of `golden`, of `uncertainty`. */
mlsoap_status description_complete_term(json_t *term, const char *path, const schema_source *source,
                                        mlsoap_error *error);
mlsoap_status description_complete_species(json_t *species, const char *path, const schema_source *source,
                                           mlsoap_error *error);
mlsoap_status description_complete_golden(json_t *frame, const char *path, const schema_source *source,
                                          mlsoap_error *error);
mlsoap_status description_complete_uncertainty(json_t *entry, const char *path, const schema_source *source,
                                               mlsoap_error *error);
/** Canonical JSON text (keys sorted, no spaces, reals with 17 digits); memory_free it. NULL: no memory. */
char *description_dump(const json_t *description);
/** SHA-256 over the canonical text without provenance, errors and golden, followed by the bytes of the tensors that are
 *  not golden and not derived, in their order. MLSOAP_ERROR_MEMORY. */
mlsoap_status description_identity(const json_t *description, const tensor_set *tensors, char identity[65],
                                   mlsoap_error *error);

/* ------------------------------------------------------------------------------------------------ potential.c */

/** potential_new for a description that was read from a file: it is kept as it stands, though defaults complete it for
 *  use, and so is its identity (NULL: computed). `source` names the file in messages. */
mlsoap_status potential_build(json_t *description, tensor_set *tensors, const char *stored_identity,
                              const schema_source *source, mlsoap_potential **out, mlsoap_error *error);
/** Sort the tensors by name: the order of the file, of which the identity depends. */
void potential_sort_tensors(mlsoap_potential *p);
/** Replace a key of the description (NULL value: remove it) and renew its text. Steals the value. */
mlsoap_status potential_set_key(mlsoap_potential *p, const char *key, json_t *value, mlsoap_error *error);

/* ----------------------------------------------------------------------------------------------------- term.c */

/** Build one term from its description; the shifts of isolated atoms remain NAN for potential_set_shifts. */
mlsoap_status potential_term_build(const mlsoap_potential *p, json_t *settings, const char *path,
                                   const schema_source *source, potential_term *term, mlsoap_error *error);
void potential_term_release(const mlsoap_potential *p, potential_term *term);

/* ------------------------------------------------------------------------------------------------- evaluate.c */

/** Fill in the shifts that are NAN with the energies of isolated atoms. */
mlsoap_status potential_set_shifts(mlsoap_potential *p, mlsoap_error *error);

/* ------------------------------------------------------------------------------------------------ uncertainty.c */

/** Read the calibrations of the description, which must be there exactly where a model stores an uncertainty. */
mlsoap_status uncertainty_read(mlsoap_potential *p, json_t *calibrations, const schema_source *source,
                               mlsoap_error *error);

/* --------------------------------------------------------------------------------------------------- golden.c */

/** Check form and tensors of the golden frames in the description. */
mlsoap_status golden_validate(const mlsoap_potential *p, json_t *frames, const schema_source *source,
                              mlsoap_error *error);

/* ------------------------------------------------------------------------------------------------ workspace.c */

/** A block of centers of one element, gathered where its centers are not neighbors in the input. */
typedef struct evaluation_block {
    mlsoap_environments view;
    int center_species[DESCRIPTOR_BLOCK], first[DESCRIPTOR_BLOCK + 1];
    int *species;         /**< [capacity] gathered */
    double *dx, *dy, *dz; /**< [capacity] gathered */
    double *dE_dr;        /**< [capacity_derivatives][3], of the pairs of the block */
    double energies[DESCRIPTOR_BLOCK];
    size_t capacity, capacity_derivatives;
} evaluation_block;

struct mlsoap_workspace {
    const mlsoap_potential *potential;
    descriptor_workspace **descriptors; /**< [n_descriptors] */
    double *D, *g;                      /**< [DESCRIPTOR_BLOCK][largest stride of a term] */
    double *scratch;                    /**< of the model with the largest need */
    evaluation_block block;
    int *order; /**< [capacity_order] centers sorted by element */
    size_t capacity_order;
    neighbor_list list;  /**< of potential_evaluate */
    double (*points)[3]; /**< [capacity_points] centers in space */
    double *energies;    /**< [capacity_energies] per center */
    size_t capacity_points, capacity_energies;
};

/** Make room for a block of n_pairs pairs; `gathered` when they are to be copied. */
mlsoap_status workspace_reserve_block(mlsoap_workspace *w, size_t n_pairs, int gathered, mlsoap_error *error);

/* --------------------------------------------------------------------------------------------------- blocks.c */

/** Symbol of an element, or "not an element": for messages. */
const char *element_name_or_not(int number);
/** Check the arguments of an evaluation of environments; `results` is the array per center. */
mlsoap_status workspace_check(const mlsoap_potential *p, const mlsoap_workspace *w, const mlsoap_environments *e,
                              const double *results, mlsoap_error *error);
/** Centers sorted by element, in their order within an element, into w->order; starts[i] is where element i begins. */
mlsoap_status workspace_sort(mlsoap_workspace *w, int n_centers, const int *species, int starts[ELEMENT_MAX + 2],
                             mlsoap_error *error);
/** Number of centers of the block that begins at `start`. */
static inline int block_length(int start, int end)
{
    return end - start < DESCRIPTOR_BLOCK ? end - start : DESCRIPTOR_BLOCK;
}
/** Make the view of the block of centers order[0 ... n-1], and room for its descriptors and derivatives. */
mlsoap_status workspace_gather(mlsoap_workspace *w, const mlsoap_environments *e, const int *order, int n,
                               mlsoap_error *error);
/** Joint features of the block for a term into w->D. */
void workspace_features(mlsoap_workspace *w, const potential_term *term);
/** Check the species of a structure and build its neighbor list around the centers of the potential, in w->list; room
 *  for w->energies. */
mlsoap_status workspace_build_list(mlsoap_workspace *w, const structure *s, mlsoap_error *error);
/** Check the arguments of an evaluation of a structure. `s` borrows the arrays of the caller, which nothing writes to.
 */
mlsoap_status structure_of_view(const mlsoap_potential *p, const mlsoap_workspace *w, const mlsoap_structure_view *view,
                                structure *s, mlsoap_error *error);

#endif
