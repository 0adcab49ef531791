/* SPDX-License-Identifier: BSD-3-Clause */
/** @file cost.h
 *  What an evaluation costs on the machine at hand: wall time on one thread, for reports and for the choice between
 *  settings. It depends on the load of the machine; nothing that has an identity may depend on it. */
#ifndef MLSOAP_COST_H
#define MLSOAP_COST_H

#include "io/frame.h"
#include "potential/potential.h"

typedef struct evaluation_cost {
    double us_per_atom;   /**< microseconds per atom: fastest of n_evaluations; 0: not measured (no frame) */
    size_t n_atoms;       /**< of the frame that was timed */
    size_t n_evaluations; /**< repetitions */
    char machine[96];     /**< name of the processor */
} evaluation_cost;

/** Time energy, forces and virial, neighbor list included, of the frame with the most atoms (of those with at most 500,
 *  or the smallest) on one thread: once to warm up, then for a third of a second and at least three times.
 *  @param[out] cost  all zero where there is no frame
 *  Errors: those of mlsoap_evaluate_structure. */
mlsoap_status cost_measure(const mlsoap_potential *potential, const frame_set *set, evaluation_cost *cost,
                           mlsoap_error *error);

enum { COST_TEXT_SIZE = 320 };
/** "12.3 us/atom: wall time of energy, forces and virial of 64 atoms on one thread of ..." @return text */
const char *cost_text(const evaluation_cost *cost, char text[COST_TEXT_SIZE]);

#endif
