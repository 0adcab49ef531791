/* SPDX-License-Identifier: BSD-3-Clause */
/** @file vector.h
 *  Vectors of doubles as wide as the registers of the instruction set that a kernels_<isa>.c is compiled for. The GNU
 *  vector extension gives +, -, *, broadcasting of scalars and permutations on every machine; nothing else is needed.
 *  Arrays are padded to multiples of LANES = 8 doubles (kernels.h), a multiple of every register width. */
#ifndef MLSOAP_VECTOR_H
#define MLSOAP_VECTOR_H

#if defined(__AVX512F__)
enum { WIDTH = 8, REGISTERS = 32 };
#elif defined(__AVX__)
enum { WIDTH = 4, REGISTERS = 16 };
#elif defined(__ARM_NEON)
enum { WIDTH = 2, REGISTERS = 32 };
#else
enum { WIDTH = 2, REGISTERS = 16 };
#endif

typedef double vec __attribute__((vector_size(WIDTH * sizeof(double)), may_alias));

/** Aligned load and store of WIDTH doubles. */
static inline vec load(const double *p)
{
    return *(const vec *)(const void *)p;
}
static inline void store(double *p, vec v)
{
    *(vec *)(void *)p = v;
}

/** The same at any address. */
typedef double vec_anywhere __attribute__((vector_size(WIDTH * sizeof(double)), aligned(sizeof(double)), may_alias));
static inline vec load_anywhere(const double *p)
{
    return *(const vec_anywhere *)(const void *)p;
}
static inline void store_anywhere(double *p, vec v)
{
    *(vec_anywhere *)(void *)p = v;
}

typedef long mask __attribute__((vector_size(WIDTH * sizeof(double)), may_alias));

/** Lane by lane: condition ? a : b, for the result of a comparison of vecs. */
static inline vec choose(mask condition, vec a, vec b)
{
    return (vec)((condition & (mask)a) | (~condition & (mask)b));
}

static inline double sum_lanes(vec v)
{
    double s = 0;
    for (int i = 0; i < WIDTH; i++) s += v[i];
    return s;
}

/** Columns of a tile: as many as half of the registers hold twice. */
enum { TILE = WIDTH == 8 ? 8 : 4 };

/** columns[c] = {rows[0][c], rows[1][c], ...}: TILE columns of WIDTH rows, rows aligned to TILE doubles.
 *  Halves of two rows that stand side by side in a register are read as such, which saves a third of the permutations.
 */
#if defined(__AVX512F__)
typedef double half_vec __attribute__((vector_size(4 * sizeof(double)), may_alias));
typedef double half_vec_anywhere __attribute__((vector_size(4 * sizeof(double)), aligned(sizeof(double)), may_alias));
static inline void store_half_anywhere(double *p, half_vec v)
{
    *(half_vec_anywhere *)(void *)p = v;
}
static inline __attribute__((always_inline)) vec two_halves(const double *low, const double *high)
{
    return __builtin_shufflevector(*(const half_vec *)(const void *)low, *(const half_vec *)(const void *)high, 0, 1, 2,
                                   3, 4, 5, 6, 7);
}
static inline __attribute__((always_inline)) void load_rows(const double *const rows[8], vec *columns)
{
#pragma GCC unroll 2
    for (int k = 0; k < 8; k += 4) {
        vec a = two_halves(rows[0] + k, rows[2] + k), b = two_halves(rows[1] + k, rows[3] + k);
        vec c = two_halves(rows[4] + k, rows[6] + k), d = two_halves(rows[5] + k, rows[7] + k);
        vec even = __builtin_shufflevector(a, b, 0, 8, 2, 10, 4, 12, 6, 14);
        vec odd = __builtin_shufflevector(a, b, 1, 9, 3, 11, 5, 13, 7, 15);
        vec even2 = __builtin_shufflevector(c, d, 0, 8, 2, 10, 4, 12, 6, 14);
        vec odd2 = __builtin_shufflevector(c, d, 1, 9, 3, 11, 5, 13, 7, 15);
        columns[k] = __builtin_shufflevector(even, even2, 0, 1, 4, 5, 8, 9, 12, 13);
        columns[k + 1] = __builtin_shufflevector(odd, odd2, 0, 1, 4, 5, 8, 9, 12, 13);
        columns[k + 2] = __builtin_shufflevector(even, even2, 2, 3, 6, 7, 10, 11, 14, 15);
        columns[k + 3] = __builtin_shufflevector(odd, odd2, 2, 3, 6, 7, 10, 11, 14, 15);
    }
}
#elif defined(__AVX__)
typedef double half_vec __attribute__((vector_size(2 * sizeof(double)), may_alias));
static inline __attribute__((always_inline)) vec two_halves(const double *low, const double *high)
{
    return __builtin_shufflevector(*(const half_vec *)(const void *)low, *(const half_vec *)(const void *)high, 0, 1, 2,
                                   3);
}
static inline __attribute__((always_inline)) void load_rows(const double *const rows[4], vec *columns)
{
#pragma GCC unroll 2
    for (int k = 0; k < 4; k += 2) {
        vec a = two_halves(rows[0] + k, rows[2] + k), b = two_halves(rows[1] + k, rows[3] + k);
        columns[k] = __builtin_shufflevector(a, b, 0, 4, 2, 6);
        columns[k + 1] = __builtin_shufflevector(a, b, 1, 5, 3, 7);
    }
}
#else
static inline __attribute__((always_inline)) void load_rows(const double *const rows[2], vec *columns)
{
#pragma GCC unroll 2
    for (int k = 0; k < 4; k += 2) {
        vec a = load(rows[0] + k), b = load(rows[1] + k);
        columns[k] = __builtin_shufflevector(a, b, 0, 2);
        columns[k + 1] = __builtin_shufflevector(a, b, 1, 3);
    }
}
#endif

/** The same for rows `stride` doubles apart. */
static inline __attribute__((always_inline)) void load_columns(const double *p, long stride, vec *columns)
{
    const double *rows[WIDTH];
#pragma GCC unroll 8
    for (int i = 0; i < WIDTH; i++) rows[i] = p + i * stride;
    load_rows(rows, columns);
}

/** rows[i] = {a[i], b[i], c[i], d[i]}. */
typedef double four __attribute__((vector_size(4 * sizeof(double)), may_alias));
static inline __attribute__((always_inline)) void rows_of_four(vec a, vec b, vec c, vec d, four *rows)
{
#if defined(__AVX512F__)
    vec even = __builtin_shufflevector(a, b, 0, 8, 2, 10, 4, 12, 6, 14);
    vec odd = __builtin_shufflevector(a, b, 1, 9, 3, 11, 5, 13, 7, 15);
    vec even2 = __builtin_shufflevector(c, d, 0, 8, 2, 10, 4, 12, 6, 14);
    vec odd2 = __builtin_shufflevector(c, d, 1, 9, 3, 11, 5, 13, 7, 15);
    vec low = __builtin_shufflevector(even, even2, 0, 1, 8, 9, 2, 3, 10, 11);
    vec high = __builtin_shufflevector(even, even2, 4, 5, 12, 13, 6, 7, 14, 15);
    vec low2 = __builtin_shufflevector(odd, odd2, 0, 1, 8, 9, 2, 3, 10, 11);
    vec high2 = __builtin_shufflevector(odd, odd2, 4, 5, 12, 13, 6, 7, 14, 15);
    rows[0] = __builtin_shufflevector(low, low, 0, 1, 2, 3);
    rows[1] = __builtin_shufflevector(low2, low2, 0, 1, 2, 3);
    rows[2] = __builtin_shufflevector(low, low, 4, 5, 6, 7);
    rows[3] = __builtin_shufflevector(low2, low2, 4, 5, 6, 7);
    rows[4] = __builtin_shufflevector(high, high, 0, 1, 2, 3);
    rows[5] = __builtin_shufflevector(high2, high2, 0, 1, 2, 3);
    rows[6] = __builtin_shufflevector(high, high, 4, 5, 6, 7);
    rows[7] = __builtin_shufflevector(high2, high2, 4, 5, 6, 7);
#elif defined(__AVX__)
    vec even = __builtin_shufflevector(a, b, 0, 4, 2, 6), odd = __builtin_shufflevector(a, b, 1, 5, 3, 7);
    vec even2 = __builtin_shufflevector(c, d, 0, 4, 2, 6), odd2 = __builtin_shufflevector(c, d, 1, 5, 3, 7);
    rows[0] = __builtin_shufflevector(even, even2, 0, 1, 4, 5);
    rows[1] = __builtin_shufflevector(odd, odd2, 0, 1, 4, 5);
    rows[2] = __builtin_shufflevector(even, even2, 2, 3, 6, 7);
    rows[3] = __builtin_shufflevector(odd, odd2, 2, 3, 6, 7);
#else
    for (int i = 0; i < WIDTH; i++) rows[i] = (four){a[i], b[i], c[i], d[i]};
#endif
}

#endif
