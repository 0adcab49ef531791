/* SPDX-License-Identifier: BSD-3-Clause */
/* Energy offsets; see offsets.h. */
#include "app/doctor/offsets.h"

#include "core/elements.h"
#include "core/memory.h"
#include "core/parse.h"

#include <lapacke.h>
#include <math.h>
#include <string.h>

static const double LARGEST_REST = 50;         /* eV/atom that a model may have to explain */
static const double ISOLATED_TOLERANCE = 1e-3; /* eV between two frames of the same isolated atom */
static const double RANK_TOLERANCE = 1e-10;    /* singular values relative to the largest */

double offsets_energy(const structure *s, const int *elements, int n_elements, const double *offsets)
{
    double sum = 0;
    for (size_t i = 0; i < s->n_atoms; i++) {
        int e = element_position(elements, n_elements, s->species[i]);
        if (e >= 0) sum += offsets[e];
    }
    return sum;
}

/* The shortest distance to an image: the shortest lattice vector among small combinations of the periodic ones. */
static double nearest_image(const structure *s)
{
    double nearest = INFINITY;
    int range[3];
    for (int k = 0; k < 3; k++) range[k] = s->pbc[k] ? 2 : 0;
    for (int a = -range[0]; a <= range[0]; a++)
        for (int b = -range[1]; b <= range[1]; b++)
            for (int c = -range[2]; c <= range[2]; c++) {
                if (!a && !b && !c) continue;
                double d2 = 0;
                for (int k = 0; k < 3; k++) {
                    double x = a * s->cell[0][k] + b * s->cell[1][k] + c * s->cell[2][k];
                    d2 += x * x;
                }
                if (d2 < nearest) nearest = d2;
            }
    return sqrt(nearest);
}

bool frame_is_isolated_atom(const frame *f, double r_cut)
{
    static const char *const names[] = {"IsolatedAtom", "isolated_atom", "isolated", "single_atom"};
    if (f->structure.n_atoms != 1) return false;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (text_equal_no_case(f->config_type, names[i])) return true;
    return r_cut > 0 && nearest_image(&f->structure) > 2 * r_cut;
}

/* Energies of isolated atoms; *n_found of the elements have one. */
static mlsoap_status find_isolated(const frame *const *frames, size_t n_frames, const int *elements, int n_elements,
                                   double r_cut, double *offsets, int *n_found, mlsoap_error *error)
{
    const frame *seen[ELEMENT_MAX + 1] = {NULL};
    *n_found = 0;
    for (size_t c = 0; c < n_frames; c++) {
        const frame *f = frames[c];
        if (!f->has_energy || !frame_is_isolated_atom(f, r_cut)) continue;
        int e = element_position(elements, n_elements, f->structure.species[0]);
        if (e < 0) continue;
        if (seen[e] && fabs(seen[e]->energy - f->energy) > ISOLATED_TOLERANCE)
            return status_fail(error, MLSOAP_ERROR_VALUE,
                               "two isolated %s atoms have different energies: %.6f eV (line %ld) and %.6f eV (line "
                               "%ld); keep one, or set offsets yourself",
                               element_symbol(elements[e]), seen[e]->energy, seen[e]->line, f->energy, f->line);
        if (seen[e]) continue;
        seen[e] = f;
        offsets[e] = f->energy;
        ++*n_found;
    }
    return MLSOAP_SUCCESS;
}

/* Minimum-norm least squares of E/N on the fractions of the elements: every frame counts the same. */
static mlsoap_status least_squares(const frame *const *frames, size_t n_frames, const int *elements, int n_elements,
                                   double *offsets, int *rank, mlsoap_error *error)
{
    size_t n = (size_t)n_elements, m = 0, rows = n_frames > n ? n_frames : n;
    double *A = MEMORY_NEW(double, rows *n), *b = MEMORY_NEW(double, rows), *values = MEMORY_NEW(double, n);
    mlsoap_status status = MLSOAP_SUCCESS;
    if (!A || !b || !values) {
        status = status_no_memory(error, rows * (n + 1) * sizeof *A, "the fit of the offsets");
        goto cleanup;
    }
    for (size_t c = 0; c < n_frames; c++) {
        const structure *s = &frames[c]->structure;
        if (!frames[c]->has_energy) continue;
        double weight = 1 / (double)s->n_atoms;
        for (size_t i = 0; i < s->n_atoms; i++) {
            int e = element_position(elements, n_elements, s->species[i]);
            if (e >= 0) A[m * n + (size_t)e] += weight;
        }
        b[m++] = frames[c]->energy * weight;
    }
    int info =
        LAPACKE_dgelsd(LAPACK_ROW_MAJOR, (int)m, n_elements, 1, A, n_elements, b, 1, values, RANK_TOLERANCE, rank);
    if (info) status = status_fail(error, MLSOAP_ERROR_NUMERICS, "the fit of the offsets failed (dgelsd: %d)", info);
    for (size_t e = 0; e < n && !status; e++) offsets[e] = b[e];
cleanup:
    memory_free(A);
    memory_free(b);
    memory_free(values);
    return status;
}

mlsoap_status offsets_check(const frame *const *frames, size_t n_frames, const int *elements, int n_elements,
                            const double *offsets, offsets_result *result, mlsoap_error *error)
{
    double sum = 0;
    size_t n = 0;
    for (size_t c = 0; c < n_frames; c++) {
        const frame *f = frames[c];
        if (!f->has_energy) continue;
        double rest =
            (f->energy - offsets_energy(&f->structure, elements, n_elements, offsets)) / (double)f->structure.n_atoms;
        if (!(fabs(rest) <= LARGEST_REST))
            return status_fail(error, MLSOAP_ERROR_VALUE,
                               "the energy of the frame at line %ld is %.3f eV/atom away from the sum of the offsets "
                               "(at most %.0f is allowed): set `offsets: least_squares`, or correct the offsets or the "
                               "unit of the energy",
                               f->line, rest, LARGEST_REST);
        sum += rest * rest;
        n++;
    }
    result->rms = n ? sqrt(sum / (double)n) : 0;
    return MLSOAP_SUCCESS;
}

static size_t mean_energy(const frame *const *frames, size_t n_frames, double *mean)
{
    size_t n = 0;
    double sum = 0;
    for (size_t c = 0; c < n_frames; c++)
        if (frames[c]->has_energy) {
            sum += frames[c]->energy / (double)frames[c]->structure.n_atoms;
            n++;
        }
    *mean = n ? sum / (double)n : 0;
    return n;
}

static mlsoap_status missing_isolated(const int *elements, int n_elements, int n_found, mlsoap_error *error)
{
    return status_fail(error, MLSOAP_ERROR_VALUE,
                       "offsets: isolated needs the energy of one isolated atom of each of the %d elements (%s%s), "
                       "found %d; add frames of one atom with config_type=IsolatedAtom, or use least_squares",
                       n_elements, element_symbol(elements[0]), n_elements > 1 ? ", ..." : "", n_found);
}

mlsoap_status offsets_find(const frame *const *frames, size_t n_frames, const int *elements, int n_elements,
                           offsets_method method, double r_cut, double *offsets, offsets_result *result,
                           mlsoap_error *error)
{
    double mean;
    int n_found = 0;
    if (mean_energy(frames, n_frames, &mean) == 0)
        return status_fail(error, MLSOAP_ERROR_VALUE,
                           "no frame has an energy: offsets cannot be found; give them as "
                           "`offsets: {Si: ...}`");
    mlsoap_status status = MLSOAP_SUCCESS;
    result->rank = n_elements;
    result->method = method;
    if (method == OFFSETS_AUTO || method == OFFSETS_ISOLATED)
        status = find_isolated(frames, n_frames, elements, n_elements, r_cut, offsets, &n_found, error);
    if (status) return status;
    if (method == OFFSETS_ISOLATED && n_found < n_elements)
        return missing_isolated(elements, n_elements, n_found, error);
    if (method == OFFSETS_AUTO) result->method = n_found == n_elements ? OFFSETS_ISOLATED : OFFSETS_LEAST_SQUARES;
    if (result->method == OFFSETS_LEAST_SQUARES)
        status = least_squares(frames, n_frames, elements, n_elements, offsets, &result->rank, error);
    if (result->method == OFFSETS_MEAN)
        for (int e = 0; e < n_elements; e++) offsets[e] = mean;
    return status ? status : offsets_check(frames, n_frames, elements, n_elements, offsets, result, error);
}
