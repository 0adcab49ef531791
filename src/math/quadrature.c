/* SPDX-License-Identifier: BSD-3-Clause */
/* Gauss-Legendre rules; see quadrature.h. */
#include "math/quadrature.h"

/* P_n(x) and P_n'(x) by the three-term recursion, |x| < 1. */
static quad legendre(int n, quad x, quad *derivative)
{
    quad previous = 1, value = x;
    for (int k = 2; k <= n; ++k) {
        quad next = ((2 * k - 1) * x * value - (k - 1) * previous) / k;
        previous = value;
        value = next;
    }
    *derivative = n * (x * value - previous) / (x * x - 1);
    return value;
}

/* The same in double, to come near the root cheaply. */
static double refine_double(int n, double x)
{
    for (int step = 0; step < 3; ++step) {
        double previous = 1, value = x;
        for (int k = 2; k <= n; ++k) {
            double next = ((2 * k - 1) * x * value - (k - 1) * previous) / k;
            previous = value;
            value = next;
        }
        x -= value * (x * x - 1) / (n * (x * value - previous));
    }
    return x;
}

void gauss_legendre(int n, quad *nodes, quad *weights)
{
    const double pi = 3.14159265358979323846;
    for (int i = 0; i < (n + 1) / 2; ++i) {
        quad slope, x = refine_double(n, cos(pi * (i + 0.75) / (n + 0.5)));
        for (int step = 0; step < 2; ++step) {
            quad value = legendre(n, x, &slope);
            x -= value / slope;
        }
        legendre(n, x, &slope);
        nodes[n - 1 - i] = x;
        nodes[i] = -x;
        weights[i] = weights[n - 1 - i] = 2 / ((1 - x * x) * slope * slope);
    }
}
