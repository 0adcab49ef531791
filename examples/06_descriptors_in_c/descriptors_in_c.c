/* SPDX-License-Identifier: BSD-3-Clause */
/* Descriptors in one page: the features of the atoms of a water molecule, their derivatives, and the force on each atom
 * of a made-up energy E = 1/2 sum_i |D_i|^2, once by the derivatives and once by the adjoint.
 * usage: descriptors_in_c ['SETTINGS']   (JSON text: one entry of the section `descriptors` of a configuration file) */
#include <mlsoap.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { N_ATOMS = 3, N_PAIRS = N_ATOMS * (N_ATOMS - 1) };

static const int species[N_ATOMS] = {8, 1, 1};
static const double positions[N_ATOMS][3] = {{0, 0, 0}, {0.757, 0.586, 0}, {-0.757, 0.586, 0}}; /* angstrom */

static const char *const standard =
    "{\"type\": \"soap\", \"species\": [\"H\", \"O\"], \"r_cut\": 4, \"n_max\": 4, \"l_max\": 3, \"sigma\": 0.4}";

/* Neighbors of each atom, here all other atoms: a molecular dynamics program has such a list already. */
typedef struct neighbors {
    int first[N_ATOMS + 1], atom[N_PAIRS], species[N_PAIRS];
    double dx[N_PAIRS], dy[N_PAIRS], dz[N_PAIRS];
} neighbors;

static void find_neighbors(neighbors *list)
{
    int n = 0;
    for (int i = 0; i < N_ATOMS; i++) {
        list->first[i] = n;
        for (int j = 0; j < N_ATOMS; j++) {
            if (j == i) continue;
            list->atom[n] = j;
            list->species[n] = species[j];
            list->dx[n] = positions[j][0] - positions[i][0];
            list->dy[n] = positions[j][1] - positions[i][1];
            list->dz[n++] = positions[j][2] - positions[i][2];
        }
    }
    list->first[N_ATOMS] = n;
}

/* F_i += dE_i/dr_ij, F_j -= dE_i/dr_ij. */
static void add_force(double forces[N_ATOMS][3], int i, int j, int axis, double dE_dr)
{
    forces[i][axis] += dE_dr;
    forces[j][axis] -= dE_dr;
}

int main(int argc, char **argv)
{
    mlsoap_error error = {0};
    mlsoap_descriptor *descriptor = NULL;
    mlsoap_descriptor_workspace *workspace = NULL;
    double *values = NULL, *derivatives = NULL, dE_dr[N_PAIRS][3];
    double by_derivatives[N_ATOMS][3] = {{0}}, by_adjoint[N_ATOMS][3] = {{0}}, difference = 0;
    neighbors list;
    mlsoap_status status = mlsoap_descriptor_new(argc > 1 ? argv[1] : standard, &descriptor, &error);
    if (status) goto cleanup;
    status = mlsoap_descriptor_workspace_new(descriptor, &workspace, &error);
    if (status) goto cleanup;

    const size_t n = mlsoap_descriptor_n_features(descriptor);
    values = malloc(N_ATOMS * n * sizeof *values);
    derivatives = malloc(N_PAIRS * 3 * n * sizeof *derivatives);
    if (!values || !derivatives) {
        status = MLSOAP_ERROR_MEMORY;
        goto cleanup;
    }
    find_neighbors(&list);
    const mlsoap_environments environments = {sizeof environments, N_ATOMS, species, list.first,
                                              list.species,        list.dx, list.dy, list.dz};
    status = mlsoap_describe_environments(descriptor, workspace, &environments, values, derivatives, &error);
    if (status) goto cleanup;
    status =
        mlsoap_describe_adjoint(descriptor, workspace, &environments, values, &dE_dr[0][0], &error); /* dE/dD = D */
    if (status) goto cleanup;

    printf("%zu features, neighbors up to %g angstrom\n", n, mlsoap_descriptor_cutoff(descriptor));
    printf("%-20s %14s %14s %14s\n", "feature", "O", "H", "H");
    for (size_t f = 0; f < n && f < 5; f++) {
        char name[64];
        mlsoap_descriptor_feature_name(descriptor, f, name, sizeof name);
        printf("%-20s %14.6g %14.6g %14.6g\n", name, values[f], values[n + f], values[2 * n + f]);
    }
    for (int i = 0; i < N_ATOMS; i++)
        for (int p = list.first[i]; p < list.first[i + 1]; p++)
            for (int axis = 0; axis < 3; axis++) {
                double sum = 0;
                for (size_t f = 0; f < n; f++)
                    sum += values[(size_t)i * n + f] * derivatives[((size_t)p * 3 + (size_t)axis) * n + f];
                add_force(by_derivatives, i, list.atom[p], axis, sum);
                add_force(by_adjoint, i, list.atom[p], axis, dE_dr[p][axis]);
            }
    for (int i = 0; i < N_ATOMS; i++) {
        printf("force on atom %d      %14.6g %14.6g %14.6g\n", i, by_adjoint[i][0], by_adjoint[i][1], by_adjoint[i][2]);
        for (int axis = 0; axis < 3; axis++)
            difference = fmax(difference, fabs(by_adjoint[i][axis] - by_derivatives[i][axis]) / fabs(by_adjoint[0][1]));
    }
    printf("both ways agree to %s\n", difference < 1e-12 ? "1e-12" : "less than 1e-12: something is wrong");
    status = difference < 1e-12 ? MLSOAP_SUCCESS : MLSOAP_ERROR_INTERNAL;
cleanup:
    if (status) fprintf(stderr, "%s: %s\n", mlsoap_status_text(status), error.message);
    free(derivatives);
    free(values);
    mlsoap_descriptor_workspace_free(workspace);
    mlsoap_descriptor_free(descriptor);
    return status ? 1 : 0;
}
