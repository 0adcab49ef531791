/* SPDX-License-Identifier: BSD-3-Clause */
/** @file vasp_step.h
 *  What OUTCAR and vasprun.xml share: an ionic step of VASP as a frame.
 *
 *  Energy: the free energy of the electrons (TOTEN, e_fr_energy), whose derivatives the forces and the stress of VASP
 *  are; "energy without entropy" and "energy(sigma->0)" are not. Stress: kbar, positive under compression, so that
 *
 *      W = stress * volume / 1602.1766208 */
#ifndef MLSOAP_VASP_STEP_H
#define MLSOAP_VASP_STEP_H

#include "io/io.h"
#include "io/text_lines.h"

/** The targets of one step as they stand in the file. */
typedef struct vasp_step {
    bool has_energy, has_stress;
    double energy;  /**< eV */
    double kbar[6]; /**< xx yy zz xy xz yz */
    bool unconverged;
} vasp_step;

/** Fill energy and virial of a frame whose cell and forces are known, drop the forces where they are not to be taken,
 *  and count everything in `file` under the names of the format.
 *  Errors: MLSOAP_ERROR_VALUE (a virial that is not finite), MLSOAP_ERROR_MEMORY. */
mlsoap_status vasp_step_finish(const vasp_step *step, const char *const names[N_FRAME_TARGETS],
                               const bool take[N_FRAME_TARGETS], frame *f, frame_file *file, const text_place *place,
                               mlsoap_error *error);

/** The next n numbers. Fortran leaves no blank before the minus of a number that fills its field: "1.0-2.0" is two.
 *  Errors: as text_reals; MLSOAP_ERROR_VALUE names a field of asterisks (the number did not fit). */
mlsoap_status vasp_reals(const text_place *place, const char **position, const char *end, const char *what,
                         double *values, int n, mlsoap_error *error);

/** The element of "Si", "Si_pv", "H.75", "r " (a misprint of VASP for Zr); 0 where there is none. */
int vasp_element(text_slice word);

/** "OUTCAR", "OUTCAR.gz", "run1.OUTCAR" ... for the word OUTCAR: does `base_name` begin or end (before .gz) with it? */
bool vasp_has_name(const char *base_name, const char *word);

#endif
