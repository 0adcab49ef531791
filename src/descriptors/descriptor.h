/* SPDX-License-Identifier: BSD-3-Clause */
/** @file descriptor.h
 *  The interface of every descriptor: environments in, features out, and the three operations of the design: values,
 *  adjoint and tangent (with the Jacobian of one center for linear fits, `describe` and tests).
 *  A new descriptor is a folder and a row in the table of descriptor.c. */
#ifndef MLSOAP_DESCRIPTOR_H
#define MLSOAP_DESCRIPTOR_H

#include "core/schema.h"
#include "mlsoap.h"

/** Most centers that one call takes. Blocks of 8 to 16 stay in the L2 cache. */
enum { DESCRIPTOR_BLOCK = 16 };

/** What the features of a descriptor do where a neighbor crosses the end of its list. */
typedef enum descriptor_edge {
    DESCRIPTOR_SMOOTH,     /**< nothing: energies and forces are continuous */
    DESCRIPTOR_SMALL_JUMP, /**< jump by the tail of the density that is left there (mode dscribe) */
    DESCRIPTOR_FULL_JUMP   /**< jump by their own size (hard cutoff): no dynamics */
} descriptor_edge;

struct structure;
typedef struct descriptor descriptor;
typedef struct descriptor_workspace descriptor_workspace;

/** What a kind of descriptor provides. `D`, `g` have rows of `stride` doubles (a multiple of 8, >= n_features; entries
 *  beyond n_features are written as 0 and read as anything). */
typedef struct descriptor_class {
    const char *type; /**< config key `type` */
    /** Check and complete `settings` (in place) and build. */
    mlsoap_status (*create)(json_t *settings, const char *path, const schema_source *source, descriptor **out,
                            mlsoap_error *error);
    /** Complete settings by what is taken from data, before create; NULL where there is nothing. */
    mlsoap_status (*fit)(json_t *settings, const char *path, const schema_source *source,
                         const struct structure *const *structures, size_t n_structures, mlsoap_error *error);
    void (*free)(descriptor *d);
    mlsoap_status (*workspace_new)(const descriptor *d, descriptor_workspace **out, mlsoap_error *error);
    void (*workspace_free)(descriptor_workspace *w);
    /** Grow the workspace for environments of so many pairs in one block (does nothing when it fits). */
    mlsoap_status (*workspace_reserve)(const descriptor *d, descriptor_workspace *w, size_t n_pairs,
                                       mlsoap_error *error);
    /** D_i of each center. Intermediates stay in w for adjoint, tangent and jacobian on the same block. */
    void (*values)(const descriptor *d, descriptor_workspace *w, const mlsoap_environments *block, double *D,
                   size_t stride);
    /** dE_dr[pair][3] += sum_f g_f dD_f/dr_pair. After values() on the same block. */
    void (*adjoint)(const descriptor *d, descriptor_workspace *w, const mlsoap_environments *block, const double *g,
                    size_t stride, double *dE_dr);
    /** dD[center] = sum_pairs dD/dr_pair . v_pair, v[pair][3]. After values() on the same block. */
    void (*tangent)(const descriptor *d, descriptor_workspace *w, const mlsoap_environments *block, const double *v,
                    double *dD, size_t stride);
    /** dD/dr of one center of the block: jacobian[n_neighbors of the center][3][stride], at any address and with any
     * stride
     *  >= n_features. After values() on it. */
    void (*jacobian)(const descriptor *d, descriptor_workspace *w, const mlsoap_environments *block, int i_center,
                     double *jacobian, size_t stride);
    /** Name of a feature, such as "Si-O n1 n2 l3" (1-based n), into text[size]. */
    void (*feature_name)(const descriptor *d, size_t i_feature, char *text, size_t size);
} descriptor_class;

/** What all descriptors have; the kinds embed it as their first member. */
struct descriptor {
    const descriptor_class *class_;
    json_t *settings; /**< completed; owned */
    double r_cut;     /**< Angstrom, of the neighbor list that it needs */
    size_t n_features, stride;
    const double
        *weights; /**< [stride] feature weights a_f of the kernels (spec soap.md 5), 0 beyond n_features; owned */
    int centers_are_atoms; /**< 0: centers are points in space */
    descriptor_edge edge;
    int n_species; /**< neighbor species it knows, ascending atomic numbers */
    const int *species;
    int n_center_species; /**< central species it serves; equals species unless `centers` restricts it */
    const int *center_species;
};

/** Build the descriptor that `settings` describe (its key `type` names the class; default soap). `settings` is
 * completed in place and a reference kept.
 *  @param[in] path   place of the settings in their document, "descriptors.0"   @param[in] source NULL allowed */
mlsoap_status descriptor_new(json_t *settings, const char *path, const schema_source *source, descriptor **out,
                             mlsoap_error *error);
void descriptor_free(descriptor *d); /* NULL-safe */

/** True, with one line of text, where dynamics with this descriptor needs a warning or is refused (edge). */
int descriptor_warning(const descriptor *d, char *text, size_t size);

/** Before descriptor_new, with the training (or described) structures: completes settings whose values are taken from
 *  data (the channels and scales of a bispectrum); settings that have them stay as they are. */
mlsoap_status descriptor_fit(json_t *settings, const char *path, const schema_source *source,
                             const struct structure *const *structures, size_t n_structures, mlsoap_error *error);

/** Points in space for a structure's centers where centers_are_atoms is 0 (midpoint: the mean of the positions;
 *  or the given points). points[capacity][3]; *n_points is what is needed (call with capacity 0 to ask). */
mlsoap_status descriptor_centers(const descriptor *d, size_t n_atoms, const double (*positions)[3], size_t capacity,
                                 double (*points)[3], size_t *n_points, mlsoap_error *error);

#endif
