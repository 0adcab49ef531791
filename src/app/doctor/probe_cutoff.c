/* SPDX-License-Identifier: BSD-3-Clause */
/* A cutoff; see probe_cutoff.h. */
#include "app/doctor/probe_cutoff.h"

#include "structure/neighbor_list.h"

enum { NEIGHBORS = 30, SAMPLE = 6 };
static const double SHORTEST = 3, LONGEST = 8, STEP = 0.5; /* Angstrom */

mlsoap_status probe_cutoff(const frame *const *frames, size_t n_frames, double *r_cut, mlsoap_error *error)
{
    neighbor_list list = {0};
    neighbor_centers atoms = {0};
    mlsoap_status status = MLSOAP_SUCCESS;
    for (*r_cut = SHORTEST; *r_cut < LONGEST; *r_cut += STEP) {
        size_t n_pairs = 0, n_atoms = 0;
        for (size_t c = 0; c < n_frames && !status; c += 1 + n_frames / SAMPLE) {
            if (frames[c]->structure.n_atoms < 2) continue;
            status = neighbor_list_build(&list, &frames[c]->structure, *r_cut, &atoms, error);
            if (status) break;
            n_pairs += (size_t)list.first[list.n_centers];
            n_atoms += list.n_centers;
        }
        if (status || n_pairs >= NEIGHBORS * n_atoms) break;
    }
    neighbor_list_release(&list);
    return status;
}
