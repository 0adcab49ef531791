/* SPDX-License-Identifier: BSD-3-Clause */
/** @file vasprun.h
 *  vasprun.xml of VASP 4 to 6, streamed: every <calculation> (ionic step) is a frame, periodic in all directions. Read
 *  are the elements (<array name="atoms">), basis and positions (fractional) of the step's <structure>, <varray
 *  name="forces">, <varray name="stress"> (kbar, positive under compression, 3x3) and the energy e_fr_energy of its
 *  last <energy> (vasp_step.h says why this one). A step with NELM or more <scstep> is not converged: it is read and
 *  counted; a last step that is not complete, and steps predicted by a machine-learned force field of VASP (ML_LMLFF
 *  and no <scstep>), are counted and left out: frame_file. Other modules use io.h. */
#ifndef MLSOAP_VASPRUN_H
#define MLSOAP_VASPRUN_H

#include "io/io.h"

bool vasprun_recognizes(const char *bytes, size_t n_bytes);
/** vasprun..., ....vasprun.xml */
bool vasprun_has_name(const char *base_name);

/** Errors: those of frames_read. */
mlsoap_status vasprun_read(const char *bytes, size_t n_bytes, const char *name, const read_options *options,
                           frame_set *set, mlsoap_error *error);

#endif
