/* SPDX-License-Identifier: BSD-3-Clause */
/* Errors without a model; see baselines.h. */
#include "baselines.h"

#include "app/doctor/offsets.h"

#include <stdio.h>

baselines baselines_find(const frame_set *set, const int *elements, int n_elements, const double *offsets, double mean)
{
    baselines b = {0};
    for (size_t c = 0; c < set->n_frames; c++) {
        const frame *f = &set->frames[c];
        double n = (double)f->structure.n_atoms;
        if (f->has_energy) {
            error_measure_add(&b.composition[TARGET_ENERGY],
                              1e3 * (f->energy - offsets_energy(&f->structure, elements, n_elements, offsets)) / n);
            error_measure_add(&b.mean_energy, 1e3 * (f->energy / n - mean));
        }
        for (size_t k = 0; f->has_forces && k < 3 * f->structure.n_atoms; k++)
            error_measure_add(&b.composition[TARGET_FORCES], f->forces[k / 3][k % 3]);
        for (size_t k = 0; f->has_virial && k < 6; k++)
            error_measure_add(&b.composition[TARGET_VIRIAL], 1e3 * f->virial[k] / n);
    }
    for (int t = 0; t < N_FRAME_TARGETS; t++) error_measure_finish(&b.composition[t]);
    error_measure_finish(&b.mean_energy);
    return b;
}

double baselines_mean_energy(const frame_set *set)
{
    double sum = 0;
    size_t n = 0;
    for (size_t c = 0; c < set->n_frames; c++) {
        if (!set->frames[c].has_energy) continue;
        sum += set->frames[c].energy / (double)set->frames[c].structure.n_atoms;
        n++;
    }
    return n ? sum / (double)n : 0;
}

const char *baselines_text(const baselines *b, char text[BASELINES_TEXT])
{
    snprintf(
        text, BASELINES_TEXT,
        "energy %.4g meV/atom by composition, %.4g by the mean of the training; forces %.4g eV/angstrom and virial "
        "%.4g meV/atom if all were 0",
        b->composition[TARGET_ENERGY].mae, b->mean_energy.mae, b->composition[TARGET_FORCES].mae,
        b->composition[TARGET_VIRIAL].mae);
    return text;
}
