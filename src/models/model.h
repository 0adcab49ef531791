/* SPDX-License-Identifier: BSD-3-Clause */
/** @file model.h
 *  The interface of every model: features D in, eps and g = d eps/dD out, for a block of centers of one central
 * species. Models know nothing of atoms or descriptors. A new model is a folder and a row in the table of model.c. */
#ifndef MLSOAP_MODEL_H
#define MLSOAP_MODEL_H

#include "core/schema.h"

#include <stdbool.h>
#include <stddef.h>

enum { TENSOR_DIMENSIONS = 4 };

/** A named tensor, row-major, little-endian float64: how models and potentials exchange parameters. */
typedef struct tensor {
    char *name;
    int n_dimensions;
    size_t shape[TENSOR_DIMENSIONS];
    double *data;    /**< owned by the tensor_set */
    bool in_storage; /**< data lie in the storage of the set */
} tensor;

typedef struct tensor_set {
    tensor *items;
    size_t n, capacity;
    void *storage; /**< the contents of a file, which tensors may lie in; owned, freed with the set */
} tensor_set;

size_t tensor_size(const tensor *t);
const tensor *tensor_find(const tensor_set *set, const char *name);
/** Add a tensor of zeros (or a copy of data) under a new name. `out` (NULL allowed) is good until the next call that
 * adds or removes. Errors: MLSOAP_ERROR_VALUE (number of dimensions, a dimension of 0, the name is taken), _MEMORY. */
mlsoap_status tensor_add(tensor_set *set, const char *name, int n_dimensions, const size_t *shape, const double *data,
                         tensor **out, mlsoap_error *error);
/** Add a tensor whose numbers are where they are: inside set->storage, aligned for SIMD. Errors: as above. */
mlsoap_status tensor_add_stored(tensor_set *set, const char *name, int n_dimensions, const size_t *shape, double *data,
                                mlsoap_error *error);
/** Remove every tensor whose name begins with prefix. */
void tensor_remove(tensor_set *set, const char *prefix);
void tensor_set_release(tensor_set *set);

typedef struct model model;

/** What a kind of model provides. Rows of D and g have `stride` doubles. */
typedef struct model_class {
    const char *type;              /**< config key `type` */
    const schema_key *settings;    /**< the keys it has in a term of the potential's description, `type` among them */
    const char *const *parameters; /**< NULL-terminated names of its tensors, without the prefix */
    /** Build the model of one central species.
     *  @param[in] settings     completed by `settings` above
     *  @param[in] tensors      of the potential; @param[in] prefix  names are "<prefix>.<parameter>"
     *  @param[in] n_features, stride, weights  of the (joint) feature vector: a_f of soap.md 5; 0 marks padding
     *  Errors: MLSOAP_ERROR_FORMAT (a tensor is missing or has another shape), _VALUE (not finite, not 0 in the
     *  padding, ...), _MEMORY. */
    mlsoap_status (*create)(const json_t *settings, const tensor_set *tensors, const char *prefix, size_t n_features,
                            size_t stride, const double *weights, model **out, mlsoap_error *error);
    void (*free)(model *m);
    /** Doubles of scratch memory for a block of n_rows, for `evaluate` and `variance` alike. */
    size_t (*workspace_size)(const model *m, int n_rows);
    /** eps[n_rows] and, where g is not NULL, g[n_rows][stride] = d eps/dD. */
    void (*evaluate)(const model *m, double *workspace, int n_rows, const double *D, double *eps, double *g);
    /** Predictive variance of eps minus that of an isolated atom, eV^2, never negative, NaN only where D has one: of a
     *  Gaussian process its DTC variance, of a committee the spread of its members. Called where m->has_uncertainty;
     *  NULL for a kind of model that never has one. */
    void (*variance)(const model *m, double *workspace, int n_rows, const double *D, double *variance);
} model_class;

struct model {
    const model_class *class_;
    size_t n_features, stride;
    int is_discontinuous; /**< 1: d eps/dD jumps: no dynamics */
    size_t n_parameters;  /**< fitted numbers of the energy */
    size_t n_uncertainty; /**< sparse points that serve the uncertainty alone */
    double magnitude;     /**< eV, size of the numbers that cancel in eps: its rounding error is some 1e-16 of this */
    int has_uncertainty;  /**< `variance` may be called */
};

/** The row of the table with this type; NULL where there is none. */
const model_class *model_class_find(const char *type);
/** NULL-terminated names of all types. */
const char *const *model_class_names(void);
void model_free(model *m); /* NULL-safe */

#endif
