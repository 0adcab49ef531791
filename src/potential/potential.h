/* SPDX-License-Identifier: BSD-3-Clause */
/** @file potential.h
 *  A potential: E = sum_i [ e0(Z_i) + sum over terms eps_Zi(D_i) - eps of an isolated atom ] + pair terms, as a sum of
 *  terms, each with its descriptors and one model per central species (design: section 3; FORMAT.md: the description).
 */
#ifndef MLSOAP_POTENTIAL_H
#define MLSOAP_POTENTIAL_H

#include "descriptors/descriptor.h"
#include "models/model.h"
#include "potential/pair_core.h"
#include "structure/neighbor_list.h"

/** One term: descriptors side by side (features concatenated, each padded to its stride) and a model per element. */
typedef struct potential_term {
    int n_descriptors;
    int *i_descriptors; /**< into potential.descriptors */
    size_t stride;      /**< of the joint feature vector: sum of the descriptors' strides */
    size_t n_features;  /**< = stride for n_descriptors > 1 (padding has weight 0) */
    double *weights;    /**< [stride] joint feature weights */
    model **models;     /**< [n_elements], NULL where the term has no model for this central element */
    double *shifts;     /**< [n_elements] eps of an isolated atom, subtracted */
} potential_term;

enum { UNCERTAINTY_KNOTS_MAX = 16 };

/** What turns the standard deviation s (eV) of the models of an element into what is reported. */
typedef struct uncertainty_calibration {
    double energy; /**< eV: energy * s */
    int n_knots;   /**< >= 1 */
    /** (s in eV, error of a force in eV/Angstrom), ascending in both; linear between knots, proportional to s below the
     *  first and beyond the last */
    double knots[UNCERTAINTY_KNOTS_MAX][2];
} uncertainty_calibration;

/** Error of a force that belongs to a standard deviation s. Increases with s. */
double calibrated_force(const uncertainty_calibration *c, double s);
/** Read one calibration, {"energy": ..., "forces": [[s, error], ...]}; `path` and `source` are for messages. */
mlsoap_status uncertainty_calibration_read(json_t *entry, const char *path, const schema_source *source,
                                           uncertainty_calibration *c, mlsoap_error *error);

struct mlsoap_potential {
    json_t *description; /**< the whole, canonical when dumped with sorted keys */
    char *description_text;
    char identity[65];
    tensor_set tensors;
    int n_elements;
    int *elements;          /**< ascending atomic numbers */
    int element_index[119]; /**< by atomic number, -1 = unknown */
    double *offsets;        /**< [n_elements] e0, eV */
    double r_cut;
    int n_descriptors;
    descriptor **descriptors;
    int n_terms;
    potential_term *terms;
    int centers_are_atoms;
    pair_core core;                        /**< repulsion of nuclei */
    char *warning;                         /**< about dynamics, NULL = none */
    uncertainty_calibration *calibrations; /**< [n_elements]; NULL: no uncertainty */
};

/** Build a potential from a description (FORMAT.md) and its tensors, both taken over (also on failure): used by the
 *  file reader and by the trainer, so that what is fitted is what is evaluated. Validates everything; computes the
 *  identity. The description needs: units, elements, offsets, descriptors, terms; may have pair_terms, uncertainty,
 * provenance, errors, golden. */
mlsoap_status potential_new(json_t *description, tensor_set *tensors, mlsoap_potential **out, mlsoap_error *error);

/** Replace provenance and errors (not part of the identity) after the fit. Steals both references; NULL leaves one. */
mlsoap_status potential_set_provenance(mlsoap_potential *p, json_t *provenance, json_t *errors, mlsoap_error *error);

/** Replace the calibration of the uncertainty ({"Si": {"energy", "forces"}, ...}), and with it
 *  the identity. Steals the reference. Errors: MLSOAP_ERROR_VALUE (an element is missing, a value out of range),
 *  _MEMORY. */
mlsoap_status potential_set_calibrations(mlsoap_potential *p, json_t *calibrations, mlsoap_error *error);

/** Choose golden frames (at most 64 atoms in all), compute their energies, forces and virials with this potential and
 *  store them in it. Structures of more than 64 atoms are passed over; where all are larger, the potential gets
 *  frames of its own making (an atom, a dimer and a small rattled cell of its elements). */
mlsoap_status potential_set_golden(mlsoap_potential *p, const structure *const *structures, size_t n_structures,
                                   mlsoap_error *error);

/** Energy, forces, virial of a structure with centers of any kind; as mlsoap_evaluate_structure, whose body it is. */
mlsoap_status potential_evaluate(const mlsoap_potential *p, mlsoap_workspace *w, const structure *s, double *energy,
                                 double *energies, double (*forces)[3], double virial[6], mlsoap_error *error);

#endif
