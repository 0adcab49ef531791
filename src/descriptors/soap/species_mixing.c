/* SPDX-License-Identifier: BSD-3-Clause */
/* Mixing of species by their place in the periodic table; see species_mixing.h. */
#include "descriptors/soap/species_mixing.h"

#include "core/elements.h"
#include "math/quad_linalg.h"

#include <math.h>

/* One channel: 1 + 0.3 z, where z runs from -1 to 1 over the groups that occur. */
static void mix_by_group(int n_species, const int *species, double *U)
{
    int lowest = 18, highest = 1;
    for (int i = 0; i < n_species; i++) {
        int group = element_group(species[i]);
        lowest = group < lowest ? group : lowest;
        highest = group > highest ? group : highest;
    }
    for (int i = 0; i < n_species; i++)
        U[i] = highest == lowest ? 1 : 1 + 0.3 * (2.0 * (element_group(species[i]) - lowest) / (highest - lowest) - 1);
}

static double squared_distance(int a, int b)
{
    double period = (element_period(a) - element_period(b)) / 1.5, group = (element_group(a) - element_group(b)) / 1.5;
    double radius = (element_covalent_radius(a) - element_covalent_radius(b)) / 0.15;
    return period * period + group * group + radius * radius;
}

mlsoap_status species_mixing(int n_channels, int n_species, const int *species, double *U, mlsoap_error *error)
{
    quad gram[QUAD_LINALG_MAX * QUAD_LINALG_MAX] = {0}, values[QUAD_LINALG_MAX],
                                vectors[QUAD_LINALG_MAX * QUAD_LINALG_MAX];
    if (n_species > QUAD_LINALG_MAX)
        return status_fail(error, MLSOAP_ERROR_CAPACITY, "mixing of %d species; at most %d are possible", n_species,
                           QUAD_LINALG_MAX);
    if (n_channels == 1) {
        mix_by_group(n_species, species, U);
        return MLSOAP_SUCCESS;
    }
    for (int i = 0; i < n_species; i++)
        for (int j = 0; j < n_species; j++)
            gram[i * n_species + j] = exp(-squared_distance(species[i], species[j]) / 4);
    quad_eigen(n_species, gram, values, vectors);
    for (int k = 0; k < n_channels; k++) { /* ascending eigenvalues: the last is the leading one */
        int column = n_species - 1 - k, largest = 0;
        for (int i = 0; i < n_species; i++) {
            U[k * n_species + i] = (double)vectors[i * n_species + column] * sqrt(fmax((double)values[column], 0));
            if (fabs(U[k * n_species + i]) > fabs(U[k * n_species + largest]) + 1e-12) largest = i;
        }
        double sign = U[k * n_species + largest] < 0 ? -1 : 1;
        for (int i = 0; i < n_species; i++) U[k * n_species + i] *= sign;
    }
    for (int i = 0; i < n_species; i++) {
        double square = 0;
        for (int k = 0; k < n_channels; k++) square += U[k * n_species + i] * U[k * n_species + i];
        for (int k = 0; k < n_channels && square > 0; k++) U[k * n_species + i] /= sqrt(square);
    }
    return MLSOAP_SUCCESS;
}
