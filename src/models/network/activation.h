/* SPDX-License-Identifier: BSD-3-Clause */
/** @file activation.h
 *  The activation functions that networks have, by name; their formulas are in kernels/activation_kernels_impl.h. */
#ifndef MLSOAP_ACTIVATION_H
#define MLSOAP_ACTIVATION_H

#include "kernels/activation_kernels.h"

#include <stddef.h>

typedef struct activation {
    const char *name;
    char letter;   /**< in files of n2p2 and RuNNer; 0 = they do not have it */
    int is_smooth; /**< twice continuously differentiable: forces are smooth */
    activation_shape shape;
} activation;

/** The row of the table with this name or, for a text of one character, this letter; NULL where there is none. */
const activation *activation_find(const char *name);
/** NULL-terminated names of all. */
const char *const *activation_names(void);
/** s(u), and where not NULL s'(u) and s''(u), of n (multiple of 8) numbers by the kernels of this machine; arrays
 * aligned to 64 bytes; h may be u. Thread-safe. */
void activation_evaluate(const activation *a, size_t n, const double *u, double *h, double *slope, double *curvature);

#endif
