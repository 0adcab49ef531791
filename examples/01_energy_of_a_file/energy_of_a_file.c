/* SPDX-License-Identifier: BSD-3-Clause */
/* The C API in one page: load a potential, describe a structure, print energy, forces and virial.
 * usage: energy_of_a_file POTENTIAL.mlsoap   (two atoms of the potential's first element, 2.5 angstrom apart, in a box)
 */
#include <mlsoap.h>

#include <stdio.h>

int main(int argc, char **argv)
{
    mlsoap_error error = {0};
    mlsoap_potential *potential = NULL;
    mlsoap_workspace *workspace = NULL;
    double energy = 0, energies[2], forces[2][3], virial[6];
    if (argc != 2) {
        fprintf(stderr, "usage: %s POTENTIAL.mlsoap\n", argv[0]);
        return 2;
    }
    mlsoap_status status = mlsoap_potential_read_file(argv[1], &potential, &error);
    if (status) goto cleanup;
    status = mlsoap_workspace_new(potential, &workspace, &error);
    if (status) goto cleanup;

    /* Positions in angstrom, rows of the cell are the lattice vectors; the library builds the neighbor list. */
    const int element = mlsoap_potential_element(potential, 0);
    const int species[2] = {element, element}, pbc[3] = {1, 1, 1};
    const double positions[2][3] = {{0, 0, 0}, {2.5, 0, 0}};
    const double cell[3][3] = {{12, 0, 0}, {0, 12, 0}, {0, 0, 12}};
    const mlsoap_structure_view structure = {sizeof structure, 2, species, &positions[0][0], &cell[0][0], pbc};
    status =
        mlsoap_evaluate_structure(potential, workspace, &structure, &energy, energies, &forces[0][0], virial, &error);
    if (status) goto cleanup;

    printf("potential %.16s..., cutoff %g angstrom\n", mlsoap_potential_identity(potential),
           mlsoap_potential_cutoff(potential));
    printf("energy    %.6f eV = %.6f + %.6f\n", energy, energies[0], energies[1]);
    for (int i = 0; i < 2; i++)
        printf("force %d   %10.6f %10.6f %10.6f eV/angstrom\n", i, forces[i][0], forces[i][1], forces[i][2]);
    printf("virial    %.6f %.6f %.6f %.6f %.6f %.6f eV (xx yy zz xy xz yz)\n", virial[0], virial[1], virial[2],
           virial[3], virial[4], virial[5]);
cleanup:
    if (status) fprintf(stderr, "%s: %s\n", mlsoap_status_text(status), error.message);
    mlsoap_workspace_free(workspace);
    mlsoap_potential_free(potential);
    return status ? 1 : 0;
}
