/* SPDX-License-Identifier: BSD-3-Clause */
/* Checks of the environments of a caller; see environments.h. */
#include "structure/environments.h"

mlsoap_status environments_check(const mlsoap_environments *e, mlsoap_error *error)
{
    if (e->size < sizeof *e || e->n_centers < 0)
        return status_fail(error, MLSOAP_ERROR_ARGUMENT,
                           "mlsoap_environments: size is %zu and n_centers %d; set size to sizeof(mlsoap_environments) "
                           "= %zu and n_centers to 0 or more",
                           e->size, e->n_centers, sizeof *e);
    if (e->n_centers == 0) return MLSOAP_SUCCESS;
    if (!e->center_species || !e->first)
        return status_fail(error, MLSOAP_ERROR_ARGUMENT, "mlsoap_environments: an array is NULL");
    for (int i = 0; i < e->n_centers; i++)
        if (e->first[0] != 0 || e->first[i + 1] < e->first[i])
            return status_fail(error, MLSOAP_ERROR_ARGUMENT,
                               "mlsoap_environments.first must begin with 0 and ascend; entry %d is %d after %d", i + 1,
                               e->first[i + 1], e->first[i]);
    if (e->first[e->n_centers] > 0 && (!e->species || !e->dx || !e->dy || !e->dz))
        return status_fail(error, MLSOAP_ERROR_ARGUMENT, "mlsoap_environments: an array of neighbors is NULL");
    return MLSOAP_SUCCESS;
}
