/* SPDX-License-Identifier: BSD-3-Clause */
/** @file audit_parts.h
 *  The parts of the audit and the structures that they work on. Each part adds its items to the report. */
#ifndef MLSOAP_AUDIT_PARTS_H
#define MLSOAP_AUDIT_PARTS_H

#include "app/audit/audit_report.h"
#include "io/frame.h"
#include "potential/potential.h"

/** What is at work. */
typedef struct audit {
    const mlsoap_potential *potential;
    mlsoap_workspace *workspace;
    structure *samples; /**< [n_samples] of the data, or made */
    size_t n_samples;
    frame_set *data; /**< with predictions; NULL: none */
    audit_report *report;
} audit;

/* ---- audit_samples.c ---- */

/** Structures to audit with: of the data, or crystals of its own making. */
mlsoap_status audit_samples(audit *a, mlsoap_error *error);
/** Energy, and where not NULL forces and virial, of a structure. */
mlsoap_status audit_evaluate(audit *a, const structure *s, double *energy, double (*forces)[3], double *virial,
                             mlsoap_error *error);
/** Positions and cell times a factor. */
void audit_scale(structure *s, double factor);
/** Energy of a structure whose lengths are scaled; the structure itself stays. */
mlsoap_status audit_evaluate_scaled(audit *a, const structure *s, double factor, double *energy, mlsoap_error *error);
/** n1 x n2 x n3 copies of a structure; image 0 of all atoms first. Release with structure_release. */
mlsoap_status audit_replicate(const structure *s, const int n[3], structure *out, mlsoap_error *error);

/* ---- the parts, one file each ---- */

mlsoap_status audit_symmetry(audit *a, mlsoap_error *error); /**< rotation, permutation, supercell */
mlsoap_status audit_derivatives(audit *a,
                                mlsoap_error *error);         /**< forces and virial against differences of energies */
mlsoap_status audit_distances(audit *a, mlsoap_error *error); /**< cutoff, dimers, compression */
mlsoap_status audit_dynamics(audit *a, mlsoap_error *error);  /**< drift at constant energy */
mlsoap_status audit_aliasing(audit *a, mlsoap_error *error);  /**< different structures with nearly equal descriptors */
mlsoap_status audit_cutoff_scan(audit *a, mlsoap_error *error); /**< would another cutoff explain the forces better? */

#endif
