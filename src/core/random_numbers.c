/* SPDX-License-Identifier: BSD-3-Clause */
/* Random numbers; see random_numbers.h. */
#include "core/random_numbers.h"

#include <math.h>

uint64_t random_bits(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* In (0, 1): the middle of one of 2^53 intervals. */
static double uniform(uint64_t *state)
{
    return ((double)(random_bits(state) >> 11) + 0.5) / 9007199254740992.0;
}

/* Box and Muller 1958, doi:10.1214/aoms/1177706645. */
double random_normal(uint64_t *state)
{
    double radius = sqrt(-2 * log(uniform(state)));
    return radius * cos(2 * 3.14159265358979323846 * uniform(state));
}

void random_shuffle(size_t *numbers, size_t n, uint64_t *state)
{
    for (size_t i = n; i > 1; i--) {
        size_t k = (size_t)(random_bits(state) % i), swap = numbers[i - 1];
        numbers[i - 1] = numbers[k];
        numbers[k] = swap;
    }
}
