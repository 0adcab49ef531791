/* SPDX-License-Identifier: BSD-3-Clause */
/** @file levenberg_marquardt.h
 *  Least squares of a nonlinear model by damped Gauss-Newton steps (Levenberg 1944; Marquardt 1963; the damping of
 *  Nielsen 1999), from the triangle of its Jacobian: the normal equations are never formed. It knows a vector,
 * residuals r(theta) and their Jacobian J:
 *
 *      minimize |r|^2:   step d of  min |J d + r|^2 + mu |d|^2,   mu falls after a good step, rises after a bad one */
#ifndef MLSOAP_LEVENBERG_MARQUARDT_H
#define MLSOAP_LEVENBERG_MARQUARDT_H

#include "checkpoint.h"

#include <stddef.h>

/** |r|^2 at theta and, where not NULL, the triangle R [n+1][n+1] of [J | r] (column-major, tall_qr.h). */
typedef mlsoap_status (*least_squares_function)(void *context, const double *theta, double *square, double *R,
                                                mlsoap_error *error);
/** Called after each accepted step; a status other than success ends the run with it. */
typedef mlsoap_status (*least_squares_watch)(void *context, size_t i_step, const double *theta, double square,
                                             mlsoap_error *error);

typedef struct least_squares {
    size_t n; /**< unknowns */
    least_squares_function evaluate;
    least_squares_watch watch; /**< NULL allowed */
    void *context;
    size_t n_steps;         /**< most steps */
    double enough;          /**< end where |r|^2 is below this */
    checkpoint *checkpoint; /**< holds the state under "levenberg_marquardt"; polled before each step; NULL allowed */
} least_squares;

/** From theta to a minimum: until the square is small enough or falls by less than 1e-9 of itself in 20 steps, no step
 *  helps, or n_steps.
 *  @param[in,out] theta [n]   @param[out] square  |r|^2 at the end
 *  Errors: those of the functions and of checkpoint_poll; MLSOAP_ERROR_MEMORY. */
mlsoap_status levenberg_marquardt(const least_squares *problem, double *theta, double *square, mlsoap_error *error);

#endif
