/* SPDX-License-Identifier: BSD-3-Clause */
/** @file vector.h
 *  Vectors of doubles as wide as the registers of the instruction set that a kernels_<isa>.c is compiled for. The GNU
 *  vector extension gives +, -, * and broadcasting of scalars on every machine; nothing else is needed.
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

#endif
