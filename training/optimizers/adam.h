/* SPDX-License-Identifier: BSD-3-Clause */
/** @file adam.h
 *  Adam with decoupled weight decay (Kingma, Ba 2015; Loshchilov, Hutter 2019) and a running average of the parameters.
 *  It knows a vector and a gradient. */
#ifndef MLSOAP_ADAM_H
#define MLSOAP_ADAM_H

#include "core/status.h"

#include <stddef.h>

typedef struct adam {
    size_t n, step;
    double decay;     /**< weight decay: theta shrinks by rate times this in a step */
    double averaging; /**< of `average`: 0.99 = over some 100 steps; 0 = none */
    double *m, *v;    /**< [n] moments of the gradient; owned */
    double *average;  /**< [n] averaged parameters; owned */
} adam;

/** Begin at theta. Errors: MLSOAP_ERROR_MEMORY. Release with adam_release. */
mlsoap_status adam_new(adam *a, size_t n, const double *theta, double decay, double averaging, mlsoap_error *error);
void adam_release(adam *a);
/** One step with learning rate `rate`. */
void adam_step(adam *a, double rate, const double *gradient, double *theta);
/** The rate of step i of n: a linear rise over `warm_up` steps, then half a cosine down to 0. */
double adam_schedule(double rate, size_t i, size_t n, size_t warm_up);

#endif
