/* SPDX-License-Identifier: BSD-3-Clause */
/** @file fit_method.h
 *  The interface of every way to fit a model: frames and descriptors in, terms of a potential and their tensors out. A
 * new model is one file and one row in the table of fit_method.c. */
#ifndef MLSOAP_FIT_METHOD_H
#define MLSOAP_FIT_METHOD_H

#include "checkpoint.h"
#include "dataset.h"
#include "feature_set.h"
#include "models/model.h"
#include "origin.h"
#include "parallel/parallel.h"
#include "training_log.h"

/** What a term of the model acts on; its keys are those of config_term. */
typedef struct fit_term {
    feature_set features;
    json_t *descriptor_names; /**< for its description */
} fit_term;

/** Everything that a fit is made from; not owned, constant. */
typedef struct fit_problem {
    const config *config; /**< completed, elements and descriptors known */
    const dataset *data;
    const fit_term *terms; /**< [n_terms] in the order of the configuration */
    size_t n_terms;
    const int *elements; /**< of the potential, ascending */
    int n_elements;
    const double *offsets;  /**< [n_elements] eV */
    json_t *pair_terms;     /**< repulsive core of the potential, already out of the targets; NULL: none */
    size_t memory;          /**< bytes that may be used */
    double process_memory;  /**< bytes that the process held before the fit (process_memory.h) */
    size_t n_uncertainty;   /**< most points of the uncertainty of a GP; 0: none is wanted, of any kind of model */
    parallel *ranks;        /**< that make the fit together; NULL: this process alone */
    training_log *log;      /**< NULL: the fit is silent */
    const fit_origin *from; /**< what the fit goes on from; NULL: nothing */
    checkpoint *checkpoint; /**< holds the state of prepare and solve, which poll it; NULL: none */
} fit_problem;

/** What a fit gives. */
typedef struct fit_result {
    json_t *terms; /**< list for `terms` of the description (potentials/FORMAT.md) */
    tensor_set tensors;
    json_t *loss;         /**< what was minimized: variances, weights, noise */
    json_t *summary;      /**< for provenance and report */
    bool has_uncertainty; /**< the tensors hold an uncertainty, which the trainer calibrates */
} fit_result;

void fit_result_release(fit_result *result);

typedef struct fit fit;

typedef struct fit_forecast {
    double bytes;      /**< most memory in use, the process as it is now included */
    double file_bytes; /**< of the potential */
} fit_forecast;

/** `memory` must hold this many times the forecast: forecasts are up to a tenth too low. */
#define FORECAST_MARGIN 1.1
/** Bytes of a potential beside its tensors: description, configuration, provenance, golden frames. */
#define POTENTIAL_TEXT_BYTES 2.2e4
/** Bytes of the uncertainty of one kind of center from n points (models/sparse_gp/dtc_variance.h). */
static inline double uncertainty_bytes(double n)
{
    return n > 0 ? 4 * n * (n + 15) : 0;
}

/** Which model is asked for, in this order. */
typedef enum fit_stage {
    FIT_VALIDATION, /**< the best by validation, which has not seen the validation frames: for honest errors on them */
    FIT_FINAL       /**< the same from all training frames */
} fit_stage;

typedef struct fit_method {
    /** Look at the sizes of the data, nothing more. Errors: MLSOAP_ERROR_VALUE (no environment to fit), _UNSUPPORTED.
     */
    mlsoap_status (*create)(const fit_problem *problem, fit **out, mlsoap_error *error);
    void (*forecast)(const fit *f, fit_forecast *forecast);
    /** Seconds that the fit will take on this machine where nothing else runs, from samples of its work, which take a
     *  tenth of a second or two. Errors: those of evaluation; MLSOAP_ERROR_MEMORY. */
    mlsoap_status (*duration)(fit *f, double *seconds, mlsoap_error *error);
    /** Go through the data. Errors: those of evaluation, with file and frame; MLSOAP_ERROR_CAPACITY where the forecast
     *  exceeds problem->memory (with the numbers). */
    mlsoap_status (*prepare)(fit *f, mlsoap_error *error);
    /** A model. Errors: MLSOAP_ERROR_NUMERICS, _MEMORY. Both can be MLSOAP_ERROR_INTERRUPTED (checkpoint_poll). */
    mlsoap_status (*solve)(fit *f, fit_stage stage, fit_result *result, mlsoap_error *error);
    /** Hold in `file` what a later fit folds new data into, until f is freed. NULL: this kind of model has no such
     *  thing. Error: MLSOAP_ERROR_MEMORY. */
    mlsoap_status (*hold)(fit *f, checkpoint *file, mlsoap_error *error);
    void (*free)(fit *f); /* NULL-safe */
} fit_method;

struct fit {
    const fit_method *method;
    const fit_problem *problem;
};

/** The error of a term whose descriptors have no center in the training data: MLSOAP_ERROR_VALUE. */
mlsoap_status fit_fail_centers(const fit_problem *problem, size_t i_term, mlsoap_error *error);

/** The way to fit a model of this type (config key model.type); NULL where there is none. */
const fit_method *fit_method_find(const char *type);
/** The way to fit the model of a completed configuration: all of its terms have the same. */
const fit_method *fit_method_of(const config *c);

#endif
