/* SPDX-License-Identifier: BSD-3-Clause */
/** @file frame.h
 *  A frame: a structure with its reference targets, as read from a data file. eV, Angstrom. */
#ifndef MLSOAP_FRAME_H
#define MLSOAP_FRAME_H

#include "structure/structure.h"

#include <stdbool.h>

typedef struct frame {
    structure structure;
    bool has_energy, has_forces, has_virial;
    double energy;                      /**< eV, total */
    double (*forces)[3];                /**< [n_atoms][3] eV/Angstrom, NULL where absent */
    double virial[6];                   /**< eV, xx yy zz xy xz yz, W = -dE/d strain */
    char *config_type;                  /**< never NULL; "default" where the file has none */
    double weight;                      /**< per-frame weight, 1 where the file has none */
    double (*predicted_forces)[3];      /**< written by `eval --predictions`, NULL otherwise */
    double (*predicted_uncertainty)[2]; /**< [n_atoms] of the energy in eV and of the force in eV/Angstrom; NULL where
                                           the potential has none */
    double predicted_energy, predicted_virial[6];
    bool has_prediction;
    size_t index; /**< zero-based, in its file */
    long line;    /**< line of the file at which the frame starts */
    int i_file;   /**< index into frame_set.files */
} frame;

/** Which key of the file fed a target. */
typedef enum frame_target { TARGET_ENERGY, TARGET_FORCES, TARGET_VIRIAL, N_FRAME_TARGETS } frame_target;

typedef struct frame_key_use {
    char *key;        /**< as spelled in the file; NULL where the target is absent; "stress" feeds the virial */
    size_t n_frames;  /**< frames in which it was found */
    size_t n_numbers; /**< energies, force components, virial components */
    double min, max;  /**< range of the numbers as read */
} frame_key_use;

typedef struct frame_file {
    char *path;
    char sha256[65]; /**< of the file's bytes as stored */
    size_t n_frames, n_atoms;
    frame_key_use targets[N_FRAME_TARGETS];
    char **unused_keys; /**< keys that look like targets and were not used (NULL-terminated); NULL = none */
    char *
        *other_keys; /**< extxyz: keys and columns without a meaning to mlsoap, in order (NULL-terminated); NULL = none
                      */
    /** Units that were taken because the format states none (read_options); NULL where it does. Constant texts. */
    const char *length_unit, *energy_unit;
    /** VASP: frames that are in the set although their electrons did not converge; ionic steps that are not in it,
     * because the file ends within them or because a machine-learned force field predicted them. */
    size_t n_unconverged, n_incomplete, n_predicted;
} frame_file;

typedef struct frame_set {
    frame *frames;
    size_t n_frames, capacity;
    frame_file *files;
    size_t n_files, capacity_files;
} frame_set;

/** For readers: a zeroed frame behind the last one of the set, which frame_set_end adds to it and to the last file
 * where `status` is success and releases otherwise. NULL: MLSOAP_ERROR_MEMORY. @return status */
frame *frame_set_begin(frame_set *set, mlsoap_error *error);
mlsoap_status frame_set_end(frame_set *set, mlsoap_status status);

/** Free what a frame, a file record or a set holds, and zero it. NULL-safe. */
void frame_release(frame *f);
void frame_file_release(frame_file *file);
void frame_set_release(frame_set *set);

#endif
