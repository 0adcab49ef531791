/* SPDX-License-Identifier: BSD-3-Clause */
/** @file data_probe.h
 *  Do energies, forces and virials of a data set belong together? A small linear model (power spectrum of a few radial
 *  and angular functions, one set of weights per element) is fitted to a sample of the frames. What it was not fitted
 * to it predicts with the right sign and unit by construction: energies follow from forces, virials from energies and
 *  forces, so that the data against the model must have the slope 1. */
#ifndef MLSOAP_DATA_PROBE_H
#define MLSOAP_DATA_PROBE_H

#include "app/doctor/target_slopes.h"
#include "io/frame.h"

/** Virials of one config_type. */
typedef struct probe_group {
    const char *config_type; /**< that of a frame */
    virial_slopes virial;
} probe_group;

typedef struct data_probe {
    size_t n_frames, n_atoms; /**< of the sample; 0: the data do not allow a fit (no forces, too few frames) */
    double r_cut;             /**< Angstrom */
    double force_correlation; /**< of the forces fitted to forces alone with those of the data */
    target_slope energy;      /**< data against a model of the forces: E/N without what the composition explains */
    virial_slopes virial;     /**< data against a model of energies and forces (of forces, where those disagree) */
    probe_group *groups;      /**< [n_groups] config_types of at least 4 frames of the sample */
    size_t n_groups;
    /** Energies per atom without what the composition explains, data and model [n_energies]; virials per atom, data and
     * model [n_virials][6]: for plots. */
    double *energy_data, *energy_model, (*virial_data)[6], (*virial_model)[6];
    size_t n_energies, n_virials;
} data_probe;

/** Take up to some 200 frames, spread evenly, and fit. The result does not depend on the number of threads.
 *  Errors: those of neighbor_list_build and descriptor_new, MLSOAP_ERROR_MEMORY. A fit that fails is no error. Release
 * in any case. */
mlsoap_status data_probe_run(const frame *const *frames, size_t n_frames, data_probe *probe, mlsoap_error *error);
void data_probe_release(data_probe *probe);

/** What such a model of the forces makes of frames that it has not seen. */
typedef struct probe_forces {
    size_t n_atoms;     /**< that were predicted; 0: the data do not allow a fit */
    double rmse;        /**< of the force components, eV/Angstrom */
    double n_neighbors; /**< of an atom, on average */
} probe_forces;

/** Fit the forces of every other frame of a sample with a given cutoff (Angstrom), at a resolution that does not depend
 *  on it, and predict those of the others. Errors as data_probe_run. */
mlsoap_status data_probe_forces(const frame *const *frames, size_t n_frames, double r_cut, probe_forces *result,
                                mlsoap_error *error);

#endif
