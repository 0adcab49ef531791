/* SPDX-License-Identifier: BSD-3-Clause */
/** @file origin.h
 *  What `--from X.mlsoap` goes on from: a potential, whose descriptors, elements, offsets, repulsive core and model the
 *  new one takes over, and of models that are linear in their unknowns X.triangles, the triangles of all rows that were
 *  fitted before (kernel_state.h). */
#ifndef MLSOAP_ORIGIN_H
#define MLSOAP_ORIGIN_H

#include "app/config.h"
#include "checkpoint.h"
#include "potential/potential.h"

typedef struct fit_origin {
    char *path; /**< of the potential */
    mlsoap_potential *potential;
    checkpoint *triangles; /**< states of X.triangles; NULL for networks */
} fit_origin;

/** Read them, and complete `c`, which is what the user said, by the settings of the potential. Release also on failure.
 *  Errors: those of reading; MLSOAP_ERROR_VALUE (settings that must stay as they are, no provenance; X.triangles is
 *  missing, or of another potential). */
mlsoap_status origin_read(const char *path, config *c, fit_origin *o, mlsoap_error *error);
void origin_release(fit_origin *o);

/** The elements of the data become those of the potential. Error: MLSOAP_ERROR_SPECIES (it lacks one of the data). */
mlsoap_status origin_elements(const fit_origin *o, int **elements, int *n_elements, mlsoap_error *error);
/** {"file", "identity", "data", "from"}: the data that went before, for provenance; a new reference. */
json_t *origin_json(const fit_origin *o);

/** The name of X.triangles of `path` = X.mlsoap or X.triangles, to be freed with memory_free; NULL: no memory. */
char *origin_triangles_path(const char *path);
/** X.triangles of `path` = X.mlsoap or X.triangles, for a fit with the elements, descriptors and the model of this
 *  description (FORMAT.md), to be written or read; nothing is read yet. Errors: MLSOAP_ERROR_MEMORY. */
mlsoap_status origin_triangles(const char *path, const json_t *description, checkpoint **out, mlsoap_error *error);

#endif
