/* SPDX-License-Identifier: BSD-3-Clause */
/** @file defaults.h
 *  The descriptor that a configuration without one gets, chosen from the training frames by one rule: lengths follow
 * the nearest-neighbor distance (found best over many fits of elements, alloys and molecular liquids).
 *
 *      one element       a = median nearest-neighbor distance;  radial scaling r0 = 1.08 a
 *      several elements  a = 2.3/2.65 of the longest of the elements' own (like-like) first shells, at most such that
 *                        2.65 a is 7;  r0 = 1.5 times the shortest first shell of any pair, at most 1.08 a
 *      r_cut = 2.65 a, or what quick fits choose (cutoff_search.h); m = 4, sigma = 0.21 a, cutoff width 0.4 a,
 *      n_max 8, l_max 6; below r_cut = 2.2 a the widths and r0 shrink with it
 *      all metals        n_max 10 (several elements: 8), l_max 5, sigma = 0.19 a
 *      r_cut > 2.9 a     n_max 12 (several elements: 10): a long cutoff needs more radial functions
 *      1 or 2 elements   compression none; 3 or more a mix of 2 channels, fixed by the periodic table
 *      one element, r_cut up to 2.9 a  bispectrum block of 2 channels (networks: 3), l_max 4: forces of Si 8 percent
 *                        better for an eighth of the time (3 channels: 10 percent for a quarter, and longer fits) */
#ifndef MLSOAP_DEFAULTS_H
#define MLSOAP_DEFAULTS_H

#include "feature_set.h"
#include "io/frame.h"

#include <jansson.h>

typedef struct default_lengths {
    double shell;                  /**< the first shell that the others follow from, Angstrom */
    double shortest;               /**< median first-shell distance of the shortest pair of elements */
    int shell_z[2], shortest_z[2]; /**< the pairs of elements that they belong to */
    size_t n_sampled;              /**< atoms looked at */
} default_lengths;

/** Median first-shell distances over at most some 20000 atoms, evenly chosen.
 *  Errors: MLSOAP_ERROR_VALUE (no atom has a neighbor within 10 Angstrom: set descriptors yourself), _MEMORY. */
mlsoap_status default_lengths_find(const frame *const *frames, size_t n_frames, const int *elements, int n_elements,
                                   default_lengths *lengths, mlsoap_error *error);

/** True for metals (radial parts matter more than angles). */
bool element_is_metal(int atomic_number);

enum { DEFAULT_WHY = 640 }; /**< size of the line that explains a choice */

/** r_cut of `factor` times a, Angstrom, rounded as it is written; several elements: at most 7. */
double default_cutoff(const default_lengths *lengths, int n_elements, double factor);

/** Settings of the default descriptor; NULL where there is no memory.
 *  @param[in] r_cut  0: 2.65 a   @param[out] why  one line that explains them */
json_t *default_descriptor(const default_lengths *lengths, const int *elements, int n_elements, double r_cut, char *why,
                           size_t size);

/** True for a SOAP that lacks any of r_cut, n_max, l_max and sigma; one that has these four is taken as it stands. */
bool default_is_wanted(const json_t *settings);

/** Complete the settings of one descriptor with what they lack of the default one (modes dscribe and quip: of those
 * four).
 *  @param[in] r_cut  where they give none; 0: 2.65 a   @param[in] channels  of the bispectrum for one element; 0: none.
 *  Errors: MLSOAP_ERROR_MEMORY. */
mlsoap_status default_complete(json_t *settings, const default_lengths *lengths, const int *elements, int n_elements,
                               double r_cut, int channels, char *why, size_t size, mlsoap_error *error);

/** Complete `descriptors` of a configuration: an empty list gets the default descriptor, entries what they lack.
 *  @param[in] r_cut as in default_complete   @param[out] why  "" where nothing was chosen. Errors: those of
 * default_lengths_find. */
mlsoap_status default_descriptors(json_t *root, const frame *const *frames, size_t n_frames, const int *elements,
                                  int n_elements, double r_cut, char *why, size_t size, mlsoap_error *error);

/** Complete `normalized` and `constant` of a term of the model where they are absent: true and 0; but false and auto
 * where an atom without neighbors has no features at all (ACSF; SOAP with w0 = 0). Features of unit length, and with
 * them the energy, would jump where the last neighbor leaves; and powers of such features alone, without lower orders,
 * fit badly (ACSF on Si: 54 instead of 3 meV/atom). A model that says `normalized` itself has constant 0. Error:
 * MLSOAP_ERROR_MEMORY. */
mlsoap_status default_kernel(json_t *model, const feature_set *features, const int *elements, int n_elements,
                             mlsoap_error *error);

#endif
