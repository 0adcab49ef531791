/* SPDX-License-Identifier: BSD-3-Clause */
/** @file random_numbers.h
 *  Random numbers that depend on nothing but their seed: splitmix64 (Steele, Lea, Flood 2014,
 *  doi:10.1145/2714064.2660195). The state is the caller's; any value is a seed. */
#ifndef MLSOAP_RANDOM_NUMBERS_H
#define MLSOAP_RANDOM_NUMBERS_H

#include <stddef.h>
#include <stdint.h>

/** 64 random bits. */
uint64_t random_bits(uint64_t *state);
/** Normal distribution of mean 0 and variance 1. */
double random_normal(uint64_t *state);
/** Bring n numbers into a random order (Fisher and Yates, from the end). */
void random_shuffle(size_t *numbers, size_t n, uint64_t *state);

#endif
