/* SPDX-License-Identifier: BSD-3-Clause */
/** @file cif.h
 *  Crystallographic information files (CIF 1.1: S. R. Hall, F. H. Allen, I. D. Brown, Acta Cryst. A47, 655 (1991),
 *  doi:10.1107/S010876739101067X). Every data block with atomic positions is a frame; the sites are multiplied by the
 *  symmetry operations that the block lists, a site on a special position once. a lies along x, b in the plane xy.
 *  Tags, without regard to case, `.` as `_`:
 *
 *      _cell_length_a _b _c, _cell_angle_alpha _beta _gamma (without cell: a molecule in Cartesian coordinates)
 *      _space_group_symop_operation_xyz, _symmetry_equiv_pos_as_xyz (without them the space group must be P1)
 *      _atom_site_fract_x _y _z or _atom_site_Cartn_x _y _z, _atom_site_type_symbol or _atom_site_label,
 *      _atom_site_occupancy (must be 1), _atom_site_calc_flag (dum: not an atom)
 *
 *  Other modules use io.h. */
#ifndef MLSOAP_CIF_H
#define MLSOAP_CIF_H

#include "io/io.h"

bool cif_recognizes(const char *bytes, size_t n_bytes);
bool cif_has_name(const char *base_name);

/** Errors: those of frames_read. */
mlsoap_status cif_read(const char *bytes, size_t n_bytes, const char *name, const read_options *options, frame_set *set,
                       mlsoap_error *error);

#endif
