/* SPDX-License-Identifier: BSD-3-Clause */
/** @file target_keys.h
 *  Which key of a file feeds a target. Keys are found by this table, first row first, without regard to case:
 *
 *  | target | keys |
 *  |---|---|
 *  | energy, eV | REF_energy; DFT_energy; energy; free_energy; total_energy |
 *  | forces, eV/angstrom | REF_forces, REF_force; DFT_forces, DFT_force; forces; force |
 *  | virial, eV, or stress, eV/angstrom^3 | REF_virial(s); REF_stress; DFT_virial(s); DFT_stress; virial(s); stress |
 *
 *  The choice is made once per file. Other keys of the table are compared with the chosen one: they must agree. Keys
 * that only look like a target (a number whose name contains "energy"; three columns whose name contains "force" ...),
 * that weight targets (energy_sigma, force_mask ...) or that stand in frames without the chosen key are reported as
 * unused. Predictions (mlsoap_*, MACE_*, gap_*, xtb_*, nep_*), Potential_energy and Kinetic_energy are never taken and
 * never reported. A file with Potential_energy and no energy is a dump of LAMMPS: nothing of it is taken by itself. */
#ifndef MLSOAP_TARGET_KEYS_H
#define MLSOAP_TARGET_KEYS_H

#include "io/extxyz_comment.h"
#include "io/io.h"

/** What a reader does with a key. */
typedef enum key_role {
    KEY_IGNORED,   /**< nothing; not reported */
    KEY_UNUSED,    /**< nothing; reported */
    KEY_CHOSEN,    /**< feeds the target */
    KEY_COMPARED,  /**< of the table: must agree with the chosen key of its frame */
    KEY_LOOKALIKE, /**< not of the table: reported unless it agrees everywhere */
} key_role;

/** A key of the file that is or looks like a target. */
typedef struct target_key {
    char *name;          /**< as spelled in the file */
    frame_target target; /**< N_FRAME_TARGETS for keys that are only reported */
    int row;             /**< of the table of the target, -1 where it only looks like one */
    bool is_column;      /**< of the atom lines; else of the comment line */
    bool is_stress;      /**< eV/angstrom^3, tensile positive */
    bool is_named;       /**< by the caller */
    key_role role;
} target_key;

enum { TARGET_KEYS_MAX = 64 };

/** The target-like keys of one file; zero-initialize. */
typedef struct target_keys {
    target_key items[TARGET_KEYS_MAX];
    size_t n;
    bool lammps_dump; /**< has Potential_energy */
} target_keys;

/** Register the keys of one frame. Errors: MLSOAP_ERROR_MEMORY; MLSOAP_ERROR_CAPACITY (more than TARGET_KEYS_MAX). */
mlsoap_status target_keys_add(target_keys *keys, const extxyz_comment *c, const read_options *options,
                              const text_place *place, mlsoap_error *error);

/** After all frames: give every key its role. MLSOAP_ERROR_VALUE: a key named by the caller is not in the file, or is
 *  one that mlsoap itself writes for predictions. */
mlsoap_status target_keys_decide(target_keys *keys, const read_options *options, const char *file, mlsoap_error *error);

/** The key of an entry or column, NULL where it is none. */
target_key *target_keys_find(target_keys *keys, text_slice name, bool is_column);

/** The names of all unused keys, NULL-terminated, each to be freed with memory_free as is the list; NULL: no memory. */
char **target_keys_unused(const target_keys *keys);

void target_keys_release(target_keys *keys);

/** "energy", "forces", "virial": the name of a target in `data.keys`. */
const char *target_name(frame_target target);

#endif
