/* SPDX-License-Identifier: BSD-3-Clause */
/* Symmetry operations of CIF; see cif_symmetry.h. */
#include "io/cif_symmetry.h"

#include "core/parse.h"
#include "io/plain_frame.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double SAME_PLACE = 0.05; /* angstrom: coordinates such as 0.333 are rounded */
static const double METRIC = 0.01;     /* relative: so are cells */

enum { COMPONENT_LONGEST = 40 };

static mlsoap_status fail_operation(const text_place *place, text_slice text, const char *what, mlsoap_error *error)
{
    char shown[48];
    return status_fail_at(error, MLSOAP_ERROR_VALUE, place->file, place->line,
                          "frame %zu: the symmetry operation '%s' %s; it must be such as '-x+1/2, y, z+1/2'",
                          place->frame, slice_show(text, shown), what);
}

/* One term of a component: [+-] number, fraction or x y z with an optional integer factor. Returns its length, 0 where
 * it is none. `sign_needed`: for every term but the first. */
static size_t parse_term(const char *p, bool sign_needed, int rotation[3], double *translation)
{
    const char *start = p;
    double value = 1.0, divisor = 1.0;
    bool negative = *p == '-', has_number = false;
    if (*p == '+' || *p == '-')
        p++;
    else if (sign_needed)
        return 0;
    size_t n = strspn(p, "0123456789.");
    if (n > 0) {
        has_number = true;
        if (parse_real(p, n, &value) != PARSE_OK) return 0;
        p += n;
        if (*p == '/') {
            n = strspn(++p, "0123456789.");
            if (parse_real(p, n, &divisor) != PARSE_OK || divisor == 0.0) return 0;
            p += n;
        }
        if (*p == '*') p++;
    }
    value = (negative ? -value : value) / divisor;
    const char *axis = *p ? strchr("xyz", *p) : NULL;
    if (!axis) {
        *translation += value;
        return has_number && p[-1] != '*' ? (size_t)(p - start) : 0;
    }
    if (value != rint(value) || fabs(value) > 9.0) return 0;
    rotation[*p - 'x'] += (int)value;
    return (size_t)(p + 1 - start);
}

static bool parse_component(text_slice text, int rotation[3], double *translation)
{
    char compact[COMPONENT_LONGEST + 1];
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.text[i];
        if (c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '_') continue;
        if (n >= COMPONENT_LONGEST || c == '\0') return false;
        compact[n++] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    compact[n] = '\0';
    if (n == 0) return false;
    for (size_t i = 0, step; i < n; i += step) {
        step = parse_term(compact + i, i > 0, rotation, translation);
        if (step == 0) return false;
    }
    return isfinite(*translation);
}

static long determinant(const int m[3][3])
{
    return (long)m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1]) -
           (long)m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0]) +
           (long)m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0]);
}

mlsoap_status symmetry_parse(const text_place *place, text_slice text, symmetry_operation *operation,
                             mlsoap_error *error)
{
    const char *p = text.text, *end = text.text + text.n;
    memset(operation, 0, sizeof *operation);
    for (int i = 0; i < 3; i++) {
        const char *comma = p < end ? memchr(p, ',', (size_t)(end - p)) : NULL;
        if (!comma && i < 2) return fail_operation(place, text, "does not have three components", error);
        text_slice component = {p, (size_t)((i < 2 ? comma : end) - p)};
        if (!parse_component(component, operation->rotation[i], &operation->translation[i]))
            return fail_operation(place, text, "cannot be understood", error);
        if (i < 2) p = comma + 1;
    }
    if (labs(determinant(operation->rotation)) != 1) return fail_operation(place, text, "is no rotation", error);
    return MLSOAP_SUCCESS;
}

bool symmetry_is_identity(const symmetry_operation *o)
{
    for (int i = 0; i < 3; i++) {
        if (o->translation[i] != rint(o->translation[i])) return false;
        for (int j = 0; j < 3; j++)
            if (o->rotation[i][j] != (i == j)) return false;
    }
    return true;
}

bool symmetry_fits_cell(const symmetry_operation *o, const double cell[3][3])
{
    double g[3][3] = {{0}}, largest = 0.0;
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            for (int k = 0; k < 3; k++) g[i][j] += cell[i][k] * cell[j][k];
    for (int i = 0; i < 3; i++) largest = fmax(largest, g[i][i]);
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) {
            double rotated = 0.0;
            for (int k = 0; k < 3; k++)
                for (int l = 0; l < 3; l++) rotated += o->rotation[k][i] * g[k][l] * o->rotation[l][j];
            if (!(fabs(rotated - g[i][j]) <= METRIC * largest)) return false;
        }
    return true;
}

bool symmetry_same_place(const double cell[3][3], const double a[3], const double b[3])
{
    double difference[3], r[3];
    for (int k = 0; k < 3; k++) {
        difference[k] = a[k] - b[k];
        difference[k] -= rint(difference[k]);
    }
    fractional_to_cartesian(cell, difference, r);
    return r[0] * r[0] + r[1] * r[1] + r[2] * r[2] <= SAME_PLACE * SAME_PLACE;
}

/* Into [0, 1), also where a tiny negative number would be rounded to 1. */
static double wrap(double x)
{
    x -= floor(x);
    return x < 1.0 ? x : 0.0;
}

size_t symmetry_orbit(const symmetry_operation *operations, size_t n_operations, const double cell[3][3],
                      const double site[3], double (*orbit)[3])
{
    size_t n = 1;
    memcpy(orbit[0], site, sizeof *orbit);
    for (size_t o = 0; o < n_operations; o++) {
        bool is_new = true;
        for (int i = 0; i < 3; i++) {
            double x = operations[o].translation[i];
            for (int j = 0; j < 3; j++) x += operations[o].rotation[i][j] * site[j];
            orbit[n][i] = wrap(x);
        }
        for (size_t k = 0; k < n && is_new; k++) is_new = !symmetry_same_place(cell, orbit[k], orbit[n]);
        n += is_new;
    }
    return n;
}
