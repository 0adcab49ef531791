/* SPDX-License-Identifier: BSD-3-Clause */
/* Two atoms alone; see dimer.h. */
#include "app/dimer.h"

mlsoap_status dimer_scan(const mlsoap_potential *potential, mlsoap_workspace *workspace, const int species[2], size_t n,
                         const double *r, double *energies, double *forces, mlsoap_error *error)
{
    structure s;
    double both[2][3], virial[6];
    mlsoap_status status = structure_new(&s, 2, error);
    if (status) return status;
    s.species[0] = species[0];
    s.species[1] = species[1];
    for (size_t k = 0; k < n && !status; k++) {
        s.positions[1][0] = r[k];
        status = potential_evaluate(potential, workspace, &s, &energies[k], NULL, both, virial, error);
        forces[k] = both[1][0];
    }
    structure_release(&s);
    return status;
}
