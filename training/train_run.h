/* SPDX-License-Identifier: BSD-3-Clause */
/** @file train_run.h
 *  A training run from configuration to files: read, choose defaults, check, fit, evaluate, write. */
#ifndef MLSOAP_TRAIN_RUN_H
#define MLSOAP_TRAIN_RUN_H

#include "app/config.h"
#include "checkpoint.h"
#include "parallel/parallel.h"
#include "scan_point.h"
#include "training_log.h"

#include <stdbool.h>

typedef struct train_options {
    const char *const *allow; /**< names of --allow, NULL-terminated; NULL = none */
    const char *command_line; /**< for provenance and report */
    bool choose_only;   /**< read the data, choose what the configuration leaves open, and write nothing (--init) */
    bool dry_run;       /**< forecast of memory and time, and nothing written */
    const char *from;   /**< potential to train further; NULL: none */
    bool resume;        /**< go on from X.ckpt where there is one */
    checkpoint_ask ask; /**< what the user wants written, or that the run stops; NULL: nobody asks */
    void *ask_context;
    parallel *ranks;       /**< that run together: the first writes; NULL: this process alone */
    scan_point *point;     /**< NULL: a full run; else only the fit for validation is made, measured, and
                                     nothing written or printed */
    checkpoint **finished; /**< where there is a point: X.scan.ckpt, with the points that are done; *finished NULL:
                              it is opened, with `resume` from what a stopped scan has left. To be freed */
} train_options;

/** Run. `c` is what file and command line say; it is completed in place. Writes X.mlsoap, X.config.yaml, X.parity.csv,
 *  X.log.jsonl and X.report.html, none of them before the fit has succeeded but the log, which begins when the data
 * have passed their checks, and X.ckpt, which is there until the run is complete. Errors: of every stage;
 * MLSOAP_ERROR_INTERRUPTED: stopped as asked, X.ckpt is written (where there is a point: nothing is). */
mlsoap_status train_run(config *c, const train_options *options, mlsoap_error *error);

#endif
