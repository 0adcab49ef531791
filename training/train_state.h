/* SPDX-License-Identifier: BSD-3-Clause */
/** @file train_state.h
 *  What a training run holds, and its stages in the order of train_run.c: data, descriptors, targets, checkpoint, fits.
 * Each adds to the state and says on the log what it chose; errors are those of what it calls. */
#ifndef MLSOAP_TRAIN_STATE_H
#define MLSOAP_TRAIN_STATE_H

#include "baselines.h"
#include "core/elements.h"
#include "core/hash.h"
#include "core_baseline.h"
#include "origin.h"
#include "train_output.h"
#include "train_run.h"

/* Everything that a run holds. */
typedef struct train_state {
    config *c;
    const train_options *options;
    training_log *log;
    dataset data;
    descriptor **descriptors;
    size_t n_descriptors;
    bool *learned;         /* [n_descriptors] the mixing of species is to be learned */
    fit_term *terms;       /* [n_terms] of the model */
    descriptor ***of_term; /* [n_terms] the descriptors of each, into `descriptors` */
    size_t n_terms;
    training_domain domain;
    json_t *pair_terms; /* of the potential */
    int element_index[ELEMENT_MAX + 1];
    pair_core core;
    core_baseline baseline; /* applied where a fit or its offsets look at the targets */
    double *offsets;
    check_list checks;
    checkpoint *checkpoint;
    char point_name[HASH_HEX_SIZE]; /* of a point of a scan in its checkpoint */
    fit_origin from;                /* path NULL: none */
    fit_problem problem;
    fit *fit;
    mlsoap_potential *potential;
    frame_set validation; /* shallow copies of the validation frames with predictions of their own */
    json_t *learning;     /* curve, array; NULL: none is wanted */
    json_t *calibrations; /* of the uncertainty; NULL: none */
    train_output output;
    double fit_began; /* by clock_seconds */
} train_state;

/* train_data.c */
mlsoap_status train_read_data(train_state *s, mlsoap_error *error);
mlsoap_status train_check_files(train_state *s, mlsoap_error *error);
/** What would stop a fit, or spoil it; findings from `first` on are reported, those of the descriptors among them. */
mlsoap_status train_check_frames(train_state *s, size_t first, mlsoap_error *error);

/* train_descriptors.c */
mlsoap_status train_build_descriptors(train_state *s, mlsoap_error *error);
/** Mixings of species by validation, then the descriptors anew with what was found. */
mlsoap_status train_learn_mixings(train_state *s, mlsoap_error *error);

/* train_terms.c */
/** The descriptors that `on` of every term names, all where it is absent, and the defaults of its kernel. */
mlsoap_status train_choose_terms(train_state *s, mlsoap_error *error);
void train_release_terms(train_state *s);

/* train_targets.c */
/** The repulsive core, and the targets that it takes a part of. */
mlsoap_status train_choose_core(train_state *s, mlsoap_error *error);
mlsoap_status train_find_offsets(train_state *s, mlsoap_error *error);

/* train_resume.c */
/** The checkpoint of the run, read where it is to be resumed. */
mlsoap_status train_open_checkpoint(train_state *s, mlsoap_error *error);
/** The numbers of a point of a scan that is resumed, by all that they follow from; *found false: it is to be fitted.
 *  From here on a signal stops the run: MLSOAP_ERROR_INTERRUPTED. */
mlsoap_status train_find_point(train_state *s, bool *found, mlsoap_error *error);
/** Write them into X.scan.ckpt. */
mlsoap_status train_keep_point(const train_state *s, mlsoap_error *error);

/* train_fit.c */
/** A fit without the validation frames, and its errors and uncertainties on them. */
mlsoap_status train_fit_validation(train_state *s, mlsoap_error *error);
/** Fits to fewer frames, before the one to all of them: its predictions stay. */
mlsoap_status train_learn_from_fewer(train_state *s, mlsoap_error *error);
/** The potential, and its errors on every set. */
mlsoap_status train_fit_and_evaluate(train_state *s, mlsoap_error *error);
/** Errors of a set without any model. */
baselines train_baselines_of(const train_state *s, const frame_set *set);

#endif
