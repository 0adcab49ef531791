/* SPDX-License-Identifier: BSD-3-Clause */
/** @file poscar.h
 *  POSCAR and CONTCAR of VASP 4 and 5: comment, scaling factor (one, or three; one negative = volume of the cell),
 *  lattice vectors, names of the species (VASP 5; VASP 4: symbols in the comment), numbers of atoms, `Selective
 *  dynamics` (its flags are not used), `Direct` or `Cartesian`, positions. Velocities behind them are not read.
 * Angstrom; periodic in all directions. Other modules use io.h. */
#ifndef MLSOAP_POSCAR_H
#define MLSOAP_POSCAR_H

#include "io/io.h"
#include "io/text_lines.h"

bool poscar_recognizes(const char *bytes, size_t n_bytes);

/** POSCAR, CONTCAR, POSCAR_relaxed, relaxed.POSCAR, Si.vasp ... */
bool poscar_has_name(const char *base_name);

mlsoap_status poscar_read(const char *bytes, size_t n_bytes, const char *name, const read_options *options,
                          frame_set *set, mlsoap_error *error);

/** One frame, periodic in all directions, in Cartesian coordinates and in its order of atoms: reading gives the same
 *  bits. Targets are not written. Errors: MLSOAP_ERROR_VALUE (several frames, not periodic), those of the writer. */
mlsoap_status poscar_write(const char *path, const frame *const *frames, size_t n_frames, mlsoap_error *error);

/** Atoms of one element that stand one behind the other. */
typedef struct poscar_species {
    int atomic_number;
    size_t n_atoms;
} poscar_species;

/** The lines up to the numbers of atoms, shared with XDATCAR; zero-initialize before the first use. */
typedef struct poscar_head {
    double cell[3][3]; /**< scaled */
    double scale[3];   /**< of Cartesian components */
    poscar_species *species;
    size_t n_species, capacity_species;
    size_t n_atoms; /**< at least 1; so many lines fit into the rest of the file */
    long line;      /**< of the comment */
} poscar_head;

/** Read the head whose comment is the line that was read last. Errors: those of frames_read. */
mlsoap_status poscar_head_read(poscar_head *head, text_reader *r, text_slice comment, mlsoap_error *error);
void poscar_head_release(poscar_head *head);

/** Does the content begin like such a head? @param[out] behind the first line behind it */
bool poscar_head_recognizes(const char *bytes, size_t n_bytes, text_slice *behind);

/** Read the positions of the next frame and append it. `line` is that of its beginning. */
mlsoap_status poscar_atoms_read(const poscar_head *head, text_reader *r, bool cartesian, long line, frame_set *set,
                                mlsoap_error *error);

#endif
