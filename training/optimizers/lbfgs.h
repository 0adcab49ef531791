/* SPDX-License-Identifier: BSD-3-Clause */
/** @file lbfgs.h
 *  Limited-memory quasi-Newton minimization (Liu, Nocedal 1989, doi:10.1007/BF01589116) with a backtracking line search
 *  that keeps the curvature condition. It knows a vector, a function and its gradient. */
#ifndef MLSOAP_LBFGS_H
#define MLSOAP_LBFGS_H

#include "checkpoint.h"

#include <stddef.h>

/** Value and gradient[n] at theta. */
typedef mlsoap_status (*minimize_function)(void *context, const double *theta, double *value, double *gradient,
                                           mlsoap_error *error);
/** Called after each step; a status other than success ends the run with it. */
typedef mlsoap_status (*minimize_watch)(void *context, size_t i_step, const double *theta, mlsoap_error *error);

typedef struct minimization {
    size_t n;
    minimize_function evaluate;
    minimize_watch watch; /**< NULL allowed */
    void *context;
    size_t n_steps;         /**< most steps */
    checkpoint *checkpoint; /**< holds the state under "lbfgs"; polled before each step; NULL allowed */
} minimization;

/** From theta [n] to a minimum: until the value falls by less than 1e-9 of itself in 20 steps, no step helps, or
 *  n_steps. Errors: those of the functions and of checkpoint_poll; MLSOAP_ERROR_MEMORY. */
mlsoap_status lbfgs(const minimization *problem, double *theta, double *value, mlsoap_error *error);

#endif
