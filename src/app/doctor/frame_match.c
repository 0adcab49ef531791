/* SPDX-License-Identifier: BSD-3-Clause */
/* Equal frames; see frame_match.h. Candidates are found by one number that neither wrapping nor the order of the atoms
 * changes, sum_i Z_i cos(phase of the fractional coordinates), and then compared atom by atom. */
#include "app/doctor/frame_match.h"

#include "core/memory.h"
#include "structure/cell.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A cell whose rows along free directions are unit vectors, and its inverse. */
typedef struct lattice {
    double rows[3][3], inverse[3][3]; /* fractional s_k = sum_a r_a inverse[a][k] */
} lattice;

static lattice complete_lattice(const structure *s)
{
    lattice l;
    cell_complete(s->cell, s->pbc, l.rows);
    cell_inverse((const double(*)[3])l.rows, l.inverse);
    return l;
}

static bool atoms_meet(const lattice *l, const int pbc[3], const double a[3], const double b[3])
{
    double d[3], s[3], left[3] = {0};
    for (int k = 0; k < 3; k++) d[k] = b[k] - a[k];
    for (int k = 0; k < 3; k++) {
        s[k] = d[0] * l->inverse[0][k] + d[1] * l->inverse[1][k] + d[2] * l->inverse[2][k];
        if (pbc[k]) s[k] -= rint(s[k]);
    }
    for (int k = 0; k < 3; k++)
        for (int i = 0; i < 3; i++) left[i] += s[k] * l->rows[k][i];
    return vector_dot(left, left) <= FRAME_MATCH_TOLERANCE * FRAME_MATCH_TOLERANCE;
}

bool structures_match(const structure *a, const structure *b)
{
    if (a->n_atoms != b->n_atoms) return false;
    for (int k = 0; k < 3; k++) {
        if (!a->pbc[k] != !b->pbc[k]) return false;
        for (int i = 0; i < 3 && a->pbc[k]; i++)
            if (!(fabs(a->cell[k][i] - b->cell[k][i]) <= FRAME_MATCH_TOLERANCE)) return false;
    }
    lattice l = complete_lattice(a);
    size_t n = a->n_atoms, n_met = 0;
    unsigned char *met = MEMORY_NEW(unsigned char, n);
    if (!met) return false;
    for (size_t i = 0; i < n && n_met == i; i++)
        for (size_t k = 0; k < n; k++) {
            size_t j = (i + k) % n; /* mostly the same order: the first try meets */
            if (met[j] || a->species[i] != b->species[j] || !atoms_meet(&l, a->pbc, a->positions[i], b->positions[j]))
                continue;
            met[j] = 1;
            n_met++;
            break;
        }
    memory_free(met);
    return n_met == n;
}

typedef struct keyed_frame {
    double key, tolerance;
    const structure *s;
    size_t index;
    int from_b;
} keyed_frame;

static keyed_frame key_of(const structure *s, size_t index, int from_b)
{
    static const double wave[3] = {1, 2, 3};
    lattice l = complete_lattice(s);
    double gradient[3] = {0}, sum = 0, charge = 0;
    for (int a = 0; a < 3; a++)
        for (int k = 0; k < 3; k++) gradient[a] += 2 * M_PI * wave[k] * l.inverse[a][k];
    for (size_t i = 0; i < s->n_atoms; i++) {
        sum += s->species[i] * cos(vector_dot(gradient, s->positions[i]));
        charge += s->species[i];
    }
    /* positions move by the tolerance, and each cell vector by as much, seen from up to the whole cell */
    double tolerance = 10 * charge * FRAME_MATCH_TOLERANCE * (sqrt(vector_dot(gradient, gradient)) + 1);
    return (keyed_frame){sum, tolerance, s, index, from_b};
}

static int compare_keys(const void *a, const void *b)
{
    const keyed_frame *x = a, *y = b;
    if (x->key != y->key) return x->key < y->key ? -1 : 1;
    if (x->from_b != y->from_b) return x->from_b - y->from_b;
    return (x->index > y->index) - (x->index < y->index);
}

static int compare_pairs(const void *a, const void *b)
{
    const frame_pair *x = a, *y = b;
    if (x->b != y->b) return x->b < y->b ? -1 : 1;
    return (x->a > y->a) - (x->a < y->a);
}

mlsoap_status frames_match(const frame *const *a, size_t n_a, const frame *const *b, size_t n_b, frame_pair **pairs,
                           size_t *n_pairs, mlsoap_error *error)
{
    size_t n = n_a + n_b, capacity = 0;
    keyed_frame *keys = MEMORY_NEW(keyed_frame, n);
    *pairs = NULL;
    *n_pairs = 0;
    if (!keys) return status_no_memory(error, n * sizeof *keys, "the search for equal frames");
    for (size_t i = 0; i < n; i++)
        keys[i] = i < n_a ? key_of(&a[i]->structure, i, 0) : key_of(&b[i - n_a]->structure, i - n_a, 1);
    qsort(keys, n, sizeof *keys, compare_keys);
    for (size_t i = 0; i < n; i++)
        for (size_t j = i + 1; j < n && keys[j].key - keys[i].key <= keys[i].tolerance; j++) {
            const keyed_frame *x = &keys[i], *y = &keys[j];
            if ((n_b > 0 && x->from_b == y->from_b) || !structures_match(x->s, y->s)) continue;
            if (!MEMORY_RESERVE(pairs, &capacity, *n_pairs + 1)) {
                memory_free(keys);
                memory_free(*pairs);
                *pairs = NULL;
                return status_no_memory(error, *n_pairs * sizeof **pairs, "pairs of equal frames");
            }
            bool swap = n_b > 0 ? x->from_b : x->index > y->index;
            (*pairs)[(*n_pairs)++] = swap ? (frame_pair){y->index, x->index} : (frame_pair){x->index, y->index};
        }
    memory_free(keys);
    if (*n_pairs) qsort(*pairs, *n_pairs, sizeof **pairs, compare_pairs);
    return MLSOAP_SUCCESS;
}
