/* SPDX-License-Identifier: BSD-3-Clause */
/** @file quadrature.h
 *  Gauss-Legendre quadrature with 113 bits. */
#ifndef MLSOAP_QUADRATURE_H
#define MLSOAP_QUADRATURE_H

#include "math/quad.h"

/** Nodes (ascending) and weights of the n-point rule on [-1, 1], [n] each, n >= 1: exact for polynomials up to degree
 *  2n - 1. Newton's method on the Legendre polynomial. */
void gauss_legendre(int n, quad *nodes, quad *weights);

#endif
