/* SPDX-License-Identifier: BSD-3-Clause */
/** @file outcar.h
 *  OUTCAR of VASP 4 to 6: every ionic step is a frame, periodic in all directions. Read are
 *
 *      VRHFIN =Si: ... (or TITEL = PAW_PBE Si ...)   the elements in the order of the POTCAR, `ions per type` of each
 *      direct lattice vectors                         of the step
 *      in kB  XX YY ZZ XY YZ ZX                       stress, kbar, positive under compression; absent with ISIF = 0
 *      POSITION  TOTAL-FORCE (eV/Angst)               5 digits behind the point: vasprun.xml has more
 *      free  energy   TOTEN  =                        vasp_step.h says why this one
 *
 *  A step whose electrons did not converge (no `aborting loop because EDIFF is reached`) is read and counted, a last
 *  step that is not complete (a run that was killed) and steps predicted by a machine-learned force field of VASP are
 *  counted and left out: frame_file. Other modules use io.h. */
#ifndef MLSOAP_OUTCAR_H
#define MLSOAP_OUTCAR_H

#include "io/io.h"

bool outcar_recognizes(const char *bytes, size_t n_bytes);
/** OUTCAR..., ....OUTCAR */
bool outcar_has_name(const char *base_name);

/** Errors: those of frames_read. */
mlsoap_status outcar_read(const char *bytes, size_t n_bytes, const char *name, const read_options *options,
                          frame_set *set, mlsoap_error *error);

#endif
