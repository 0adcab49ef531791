/* SPDX-License-Identifier: BSD-3-Clause */
/* Weights w(r) of spec soap.md 4 and 5; see cutoff_function.h. The functions are written in the distance to the cutoff
 * (r_cut - r), so that small values near r_cut keep their digits. */
#include "math/cutoff_function.h"

#include <math.h>
#include <stddef.h>

static const double pi = 3.14159265358979323846;

/* (cos(pi (r - r_cut + d)/d) + 1)/2 = sin^2(pi (r_cut - r)/(2 d)), 1 for r <= r_cut - d. */
static double shifted_cosine(double r_cut, double width, double r, double *derivative)
{
    *derivative = 0;
    if (r <= r_cut - width) return 1;
    double phase = pi / 2 * (r_cut - r) / width, s = sin(phase);
    *derivative = -(pi / width) * s * cos(phase);
    return s * s;
}

static double cosine_weight(const cutoff_function *f, double r, double *derivative)
{
    return shifted_cosine(f->r_cut, f->r_cut, r, derivative);
}

static double shifted_cosine_weight(const cutoff_function *f, double r, double *derivative)
{
    return shifted_cosine(f->r_cut, f->width, r, derivative);
}

/* b = 1 + 2x^3 - 3x^2 = (1-x)^2 (1+2x),   w = c b^m. */
static double poly_weight(const cutoff_function *f, double r, double *derivative)
{
    *derivative = 0;
    if (r >= f->r0) return 0;
    double x = r / f->r0, y = (f->r0 - r) / f->r0, b = y * y * (1 + 2 * x);
    *derivative = -6 * x * y / f->r0 * f->c * f->m * pow(b, f->m - 1);
    return f->c * pow(b, f->m);
}

static double pow_weight(const cutoff_function *f, double r, double *derivative)
{
    double x = r / f->r0, below = f->d + pow(x, f->m);
    *derivative = -f->c * f->m * pow(x, f->m - 1) / (f->r0 * below * below);
    return f->c / below;
}

static double exp_weight(const cutoff_function *f, double r, double *derivative)
{
    double e = exp(-r / f->r0), below = f->d + e;
    *derivative = f->c * e / (f->r0 * below * below);
    return f->c / below;
}

static double no_weight(const cutoff_function *f, double r, double *derivative)
{
    (void)f;
    (void)r;
    *derivative = 0;
    return 1;
}

typedef double (*weight_function)(const cutoff_function *f, double r, double *derivative);

static const weight_function weight_functions[] = {
    [CUTOFF_COSINE] = cosine_weight, [CUTOFF_SHIFTED_COSINE] = shifted_cosine_weight,
    [CUTOFF_POLY] = poly_weight,     [CUTOFF_POW] = pow_weight,
    [CUTOFF_EXP] = exp_weight,       [CUTOFF_NONE] = no_weight};

double cutoff_function_evaluate(const cutoff_function *f, double r, double *derivative)
{
    double weight = 0, slope = 0;
    if (r < f->r_cut) {
        weight = weight_functions[f->type](f, r, &slope);
        if (f->scaling_r0 > 0) {
            double u = pow(r / f->scaling_r0, f->scaling_m);
            double du = f->scaling_m / f->scaling_r0 * pow(r / f->scaling_r0, f->scaling_m - 1);
            slope = (slope - weight * du / (1 + u)) / (1 + u);
            weight /= 1 + u;
        }
    }
    if (derivative) *derivative = slope;
    return weight;
}
